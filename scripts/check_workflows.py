"""Checks the bundled workflows, which are saved from ComfyUI: links, widgets, layout, and the form that /prompt takes.

python scripts/check_workflows.py     (prints what is wrong, one line each, and ends with 1)

`workflows/NN Title.json` is Save: the template browser shows that very name. Export (API)
is `workflows/api/title.json`, the name for commands. The real front end is asked in tests/comfyui.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TITLE = 30
"""Canvas pixels of a node's title bar, above its position."""
FOOT = 32
"""What newer front ends put below a node whose file is missing."""
BARE = ("CheckpointLoaderSimple", "VAELoader")
"""Nodes of files without a foot of their own, in which that would have its place."""
CANVAS = 1536, 822
"""What ComfyUI 0.3.64's front end leaves between its bars in a window of 1600 x 900."""
READABLE = 8 / 14
"""Words of 14 px are drawn from 8 px on."""
Box = tuple[float, float, float, float]


def problems(name: str) -> list[str]:
    """Everything that is wrong with a bundled workflow, one sentence each."""
    flow, prompt = load(flows()[name]), load(ROOT / "workflows" / "api" / f"{name}.json")
    return [f"{name}: {words}" for words in wrong(flow, prompt)]


def wrong(flow: dict[str, Any], prompt: dict[str, Any]) -> list[str]:
    """The same of a workflow in both its forms."""
    of_canvas = [*links_wrong(flow), *layout_wrong(flow), *view_wrong(flow), *origins_wrong(flow)]
    return [*of_canvas, *prompt_wrong(flow, prompt), *inputs_wrong(prompt)]


def blueprint_problems(path: Path) -> list[str]:
    """The same of a subgraph blueprint, as far as it has it."""
    wrong = []
    for graph in load(path)["definitions"]["subgraphs"]:
        rows = [
            [link[key] for key in ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")]
            for link in graph["links"]
        ]
        inner = {node["id"] for node in graph["nodes"]}
        kept = [row for row in rows if row[1] in inner and row[3] in inner]
        wrong += list(links_wrong({"nodes": graph["nodes"], "links": kept}, whole=False))
        boxes = [box_of(node) for node in graph["nodes"]]
        wrong += ["two nodes overlap" for a, b in itertools.combinations(boxes, 2) if meet(a, b)]
    return [f"{path.stem}: {words}" for words in wrong]


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def links_wrong(flow: dict[str, Any], whole: bool = True) -> Iterator[str]:
    """Links that their ends do not know, and ends that know of links that there are not; `whole`: all are given."""
    nodes = {node["id"]: node for node in flow["nodes"]}
    known = set()
    for number, source, out, target, into, kind in flow["links"]:
        known.add(number)
        if source not in nodes or target not in nodes:
            yield f"link {number} leads from or to a node that there is not"
            continue
        outputs, inputs = nodes[source]["outputs"], nodes[target]["inputs"]
        if out >= len(outputs) or number not in (outputs[out]["links"] or ()):
            yield f"link {number} is unknown to the node that it leaves"
        elif into >= len(inputs) or inputs[into]["link"] != number:
            yield f"link {number} is unknown to the node that it enters"
        elif {kind, outputs[out]["type"], inputs[into]["type"]} != {kind}:
            yield f"link {number} joins {outputs[out]['type']} to {inputs[into]['type']}"
    ends = {link for node in nodes.values() for output in node["outputs"] for link in output["links"] or ()}
    ends |= {socket["link"] for node in nodes.values() for socket in node["inputs"] if socket["link"] is not None}
    if whole and ends != known:
        yield f"nodes name links that there are not: {sorted(ends ^ known)}"


def box_of(node: dict[str, Any]) -> Box:
    """(x0, y0, x1, y1) with the title bar."""
    (x, y), (width, height) = node["pos"], node["size"]
    return x, y - TITLE, x + width, y + height


def meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def layout_wrong(flow: dict[str, Any]) -> Iterator[str]:
    """Nodes that overlap or stick out of their group, groups that overlap, links that run back."""
    boxes = {node["id"]: box_of(node) for node in flow["nodes"]}
    groups = [(x, y, x + width, y + height) for x, y, width, height in (group["bounding"] for group in flow["groups"])]
    for (first, a), (second, b) in itertools.combinations(boxes.items(), 2):
        if meet(a, b):
            yield f"nodes {first} and {second} overlap"
    for node in flow["nodes"]:
        x0, y0, x1, y1 = boxes[node["id"]]
        foot = x0, y0, x1, y1 + FOOT
        if node["type"] in BARE and any(meet(foot, box) for name, box in boxes.items() if name != node["id"]):
            yield f"node {node['id']} has no room for the foot that says that its file is missing"
    yield from ("two groups overlap" for a, b in itertools.combinations(groups, 2) if meet(a, b))
    for name, (x0, y0, x1, y1) in boxes.items():
        if not any(g[0] <= x0 and g[1] <= y0 and x1 <= g[2] and y1 <= g[3] for g in groups):
            yield f"node {name} sticks out of its group"
    for number, source, _, target, *_ in flow["links"]:
        if {source, target} <= boxes.keys() and boxes[source][0] > boxes[target][0]:
            yield f"link {number} runs from right to left"


def view_wrong(flow: dict[str, Any]) -> Iterator[str]:
    """A graph that opens at a zoom at which its words are not drawn, or without a note that says what it is."""
    boxes = [box_of(node) for node in flow["nodes"]]
    wide, tall = (max(box[i + 2] for box in boxes) - min(box[i] for box in boxes) + 20 for i in (0, 1))
    # where a graph says itself where to look, newer front ends fit it all the same
    zoom = 0.75 * min(CANVAS[0] / wide, CANVAS[1] / tall)
    if zoom < READABLE:
        yield f"it opens at a zoom of {zoom:.2f}, at which its words cannot be read"
    notes = [node["widgets_values"][0] for node in flow["nodes"] if node["type"] == "MarkdownNote"]
    if len(notes) != 1 or not notes[0].startswith("# ") or len(notes[0]) < 100:
        yield "it has no note that says in a heading and a paragraph what it is"
    if any("`" in note for note in notes):
        yield "its note has inline code, which newer front ends write in blue on the note's olive"
    yield from app_wrong(flow)


def app_wrong(flow: dict[str, Any]) -> Iterator[str]:
    """Without what the front end's app mode shows of it: the photo, the words, the result."""
    kinds = {node["id"]: node["type"] for node in flow["nodes"]}
    if "CIELR_Reason" not in kinds.values():
        return
    shown = flow["extra"].get("linearData", {"inputs": [], "outputs": []})
    inputs = {(kinds.get(node), name) for node, name in shown["inputs"]}
    if not inputs >= {("LoadImage", "image"), ("CIELR_Reason", "instruction")}:
        yield "as an app it does not ask for a photo and an instruction"
    if {kinds.get(node) for node in shown["outputs"]} != {"SaveImage"}:
        yield "as an app it does not show what it saves"


def origins_wrong(flow: dict[str, Any]) -> Iterator[str]:
    """Nodes that do not say which pack they are of, and weights that the browser could not offer to fetch."""
    for node in flow["nodes"]:
        if node["type"] == "MarkdownNote":
            continue
        properties = node["properties"]
        pack = "cielr" if node["type"].startswith("CIELR_") else "comfy-core"
        if properties.get("cnr_id") != pack:
            yield f"node {node['id']} ({node['type']}) does not say that it is of {pack}"
        offered = {model["name"] for model in properties.get("models", []) if model["url"].endswith(model["name"])}
        for value in node.get("widgets_values") or []:
            # the browser fetches nothing that is pickled
            if str(value).endswith(".safetensors") and value not in offered:
                yield f"node {node['id']} ({node['type']}) does not say where {value} comes from"


def prompt_wrong(flow: dict[str, Any], prompt: dict[str, Any]) -> Iterator[str]:
    """Where the form for /prompt says something else than the canvas."""
    nodes = {str(node["id"]): node for node in flow["nodes"] if node["type"] != "MarkdownNote"}
    if set(nodes) != set(prompt):
        yield f"the API form has other nodes: {sorted(set(nodes) ^ set(prompt))}"
        return
    origin = {number: [str(source), out] for number, source, out, *_ in flow["links"]}
    for name, node in nodes.items():
        given = prompt[name]
        linked = {socket["name"]: origin.get(socket["link"]) for socket in node["inputs"] if socket["link"] is not None}
        if (given["class_type"], given["_meta"]["title"]) != (node["type"], node["title"]):
            yield f"node {name} is another one in the API form"
        if {key: value for key, value in given["inputs"].items() if isinstance(value, list)} != linked:
            yield f"node {name} has other links in the API form"
        # what only the canvas knows, such as what a seed does after a run, stands between the values
        values = iter(node["widgets_values"])
        # a list is wrapped, so that it is not taken for a link
        typed = [
            value["__value__"] if isinstance(value, dict) else value
            for value in given["inputs"].values()
            if not isinstance(value, list)
        ]
        if not all(any(type(value) is type(known) and value == known for known in values) for value in typed):
            yield f"node {name} has other values in the API form"


def inputs_wrong(prompt: dict[str, Any]) -> Iterator[str]:
    """Inputs that our nodes do not have, and links from nodes that there are not."""
    signatures = load(ROOT / "locales" / "en" / "nodeDefs.json")
    for name, node in prompt.items():
        if not node["class_type"].startswith("CIELR_"):
            continue
        unknown = set(node["inputs"]) - set(signatures[node["class_type"]]["inputs"])
        if unknown:
            yield f"node {name} has inputs that {node['class_type']} does not have: {', '.join(sorted(unknown))}"
        yield from (
            f"node {name} reads node {value[0]}, which there is not"
            for value in node["inputs"].values()
            if isinstance(value, list) and value[0] not in prompt
        )


def flows() -> dict[str, Path]:
    """Name for commands -> the file that the template browser shows, in the order of their numbers."""
    return {plain(path.stem): path for path in sorted((ROOT / "workflows").glob("*.json"))}


def plain(title: str) -> str:
    """ "08 Flux Fill" -> "flux_fill"."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"^\d+ ", "", title).lower())


def blueprints() -> list[Path]:
    return sorted((ROOT / "subgraphs").glob("*.json"))


if __name__ == "__main__":
    wrong = [words for name in flows() for words in problems(name)]
    wrong += [words for path in blueprints() for words in blueprint_problems(path)]
    print("\n".join(wrong) or f"{len(flows())} workflows and {len(blueprints())} blueprints are as they should be.")
    sys.exit(bool(wrong))
