"""Writes the example workflows from short descriptions: the form that the canvas loads, and what /prompt takes.

python scripts/make_workflows.py [FOLDER]     (workflows/ where none is given)
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

SOCKETS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "LoadImage": ({}, {"IMAGE": "IMAGE", "MASK": "MASK"}),
    "SaveImage": ({"images": "IMAGE"}, {}),
    "CIELR_SceneParse": (
        {
            "image": "IMAGE",
            "detector": "CIELR_DETECTOR",
            "segmenter": "CIELR_SEGMENTER",
            "depth": "CIELR_DEPTH",
        },
        {"scene": "CIELR_SCENE", "perception": "CIELR_PERCEPTION", "overlay": "IMAGE", "json": "STRING"},
    ),
    "CIELR_Reason": (
        {"scene": "CIELR_SCENE", "llm": "CIELR_LLM", "perception": "CIELR_PERCEPTION"},
        {"scene": "CIELR_SCENE", "plan": "CIELR_PLAN", "overlay": "IMAGE", "trace": "STRING"},
    ),
    "CIELR_ActionToMask": (
        {"scene": "CIELR_SCENE", "plan": "CIELR_PLAN", "only": "MASK", "never": "MASK"},
        {"regions": "CIELR_REGIONS", "masks": "MASK", "prompts": "STRING"},
    ),
    "CIELR_EditExecutor": (
        {"image": "IMAGE", "regions": "CIELR_REGIONS", "inpainter": "CIELR_INPAINTER", "masks": "MASK"},
        {"image": "IMAGE", "changed": "MASK", "steps": "IMAGE"},
    ),
}
"""class -> (inputs that are no widgets, outputs), name -> type, in order. A ComfyUI test holds it to the truth."""

UNSENT = ("control_after_generate", "upload")
"""Widgets that only the canvas knows."""


@dataclass
class Node:
    """One node on the canvas.

    Attributes:
        widgets: name -> value, in the order in which the canvas shows them.
        links: input -> (node's name, output's name).
        box: x, y, width, height in canvas pixels, without the title bar (30 pixels above y).
    """

    name: str
    kind: str
    title: str
    box: tuple[int, int, int, int]
    widgets: dict[str, Any] = field(default_factory=dict)
    links: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Group:
    title: str
    colour: str
    box: tuple[int, int, int, int]


@dataclass
class Workflow:
    name: str
    nodes: list[Node]
    groups: list[Group]
    notes: list[tuple[str, str, tuple[int, int, int, int]]] = field(default_factory=list)
    """(title, text in Markdown, box)"""


def columns(widths: list[int], gap: int) -> list[int]:
    """The left edge of each column."""
    edges, x = [], 0
    for width in widths:
        edges.append(x)
        x += width + gap
    return edges


def quickstart() -> Workflow:
    wide = [280, 300, 320, 290, 300]
    gap, pad, head, top, tall = 56, 20, 84, 234, 535
    left = columns(wide, gap)
    stages = [
        ("Photo", "#7d97a3"),
        ("1 Perceive: what is there?", "#c79a4e"),
        ("2 Reason: what is to be done?", "#8794e6"),
        ("3 Region: where?", "#bf7fbf"),
        ("4 Edit: and nothing else", "#5fbd8c"),
    ]
    whole = left[-1] + wide[-1]
    return Workflow(
        "quickstart",
        [
            Node(
                "photo",
                "LoadImage",
                "Load Image",
                (left[0], top, wide[0], 360),
                {"image": "coins.png", "upload": "image"},
            ),
            Node(
                "scene",
                "CIELR_SceneParse",
                "Scene Parse",
                (left[1], top, wide[1], 460),
                {"labels": "coin"},
                {"image": ("photo", "IMAGE")},
            ),
            Node(
                "reason",
                "CIELR_Reason",
                "LLM Reason & Refine",
                (left[2], top, wide[2], 515),
                {"instruction": "remove the second coin from the left in the top row", "answer": ""},
                {"scene": ("scene", "scene"), "perception": ("scene", "perception")},
            ),
            Node(
                "regions",
                "CIELR_ActionToMask",
                "Action to Mask",
                (left[3], top, wide[3], 380),
                {},
                {"scene": ("reason", "scene"), "plan": ("reason", "plan")},
            ),
            Node(
                "edit",
                "CIELR_EditExecutor",
                "Edit Executor",
                (left[4], top, wide[4], 150),
                {"seed": 0, "control_after_generate": "fixed"},
                {"image": ("photo", "IMAGE"), "regions": ("regions", "regions")},
            ),
            Node(
                "save",
                "SaveImage",
                "Save Image",
                (left[4], top + 205, wide[4], tall - 205),
                {"filename_prefix": "cielr/quickstart"},
                {"images": ("edit", "image")},
            ),
        ],
        [
            Group("Edit by instruction", "#bfa060", (left[0] - pad, -head, whole + 2 * pad, 100 + head + pad)),
            *(
                Group(title, colour, (x - pad, top - head, width + 2 * pad, tall + head + pad))
                for (title, colour), x, width in zip(stages, left, wide, strict=True)
            ),
        ],
        [
            (
                "How to use it",
                "## Say what to change. An open socket means *built in*: no weights and no LLM are needed.\n\n"
                "Put `photos/coins.png` of this pack into ComfyUI's `input` folder, press **Run**, then write your "
                "own: *move the largest coin to the right by 20 px*, *make every coin in the bottom row dark red*, "
                "*brighten the leftmost coin then remove the rightmost one*. Each action becomes a chain of its own: "
                "change one, and only that one runs again.",
                (left[0], 0, whole, 100),
            )
        ],
    )


WORKFLOWS = [quickstart]


# ------------------------------------------------------------------------------------------------------------ writing


def ids(flow: Workflow) -> dict[str, int]:
    return {node.name: number for number, node in enumerate(flow.nodes, start=1)}


def api_form(flow: Workflow) -> dict[str, Any]:
    """What /prompt takes: id -> class and inputs, where a link is [id, output index]."""
    number, kinds = ids(flow), {node.name: node.kind for node in flow.nodes}
    told = {}
    for node in flow.nodes:
        inputs = {name: value for name, value in node.widgets.items() if name not in UNSENT}
        for name, (source, output) in node.links.items():
            inputs[name] = [str(number[source]), list(SOCKETS[kinds[source]][1]).index(output)]
        told[str(number[node.name])] = {"inputs": inputs, "class_type": node.kind, "_meta": {"title": node.title}}
    return told


def canvas_form(flow: Workflow) -> dict[str, Any]:
    """What the canvas loads, version 0.4 of LiteGraph's format."""
    number, kinds = ids(flow), {node.name: node.kind for node in flow.nodes}
    links: list[list[Any]] = []
    for node in flow.nodes:
        sockets = list(SOCKETS[node.kind][0])
        for name, (source, output) in node.links.items():
            outputs = SOCKETS[kinds[source]][1]
            row = [number[source], list(outputs).index(output), number[node.name], sockets.index(name), outputs[output]]
            links.append([len(links) + 1, *row])
    nodes = [_canvas_node(node, number[node.name], links) for node in flow.nodes]
    for title, text, (x, y, width, height) in flow.notes:
        nodes.append(
            {
                "id": len(nodes) + 1,
                "type": "MarkdownNote",
                "pos": [x, y],
                "size": [width, height],
                "flags": {},
                "order": len(nodes),
                "mode": 0,
                "inputs": [],
                "outputs": [],
                "title": title,
                "properties": {},
                "widgets_values": [text],
                "color": "#432",
                "bgcolor": "#653",
            }
        )
    groups = [
        {
            "id": i,
            "title": group.title,
            "bounding": list(group.box),
            "color": group.colour,
            "font_size": 22,
            "flags": {},
        }
        for i, group in enumerate(flow.groups, start=1)
    ]
    return {
        "id": "5d0c1e1a-0000-4000-8000-" + flow.name.encode().hex()[:12].ljust(12, "0"),
        "revision": 0,
        "last_node_id": len(nodes),
        "last_link_id": len(links),
        "nodes": nodes,
        "links": links,
        "groups": groups,
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _canvas_node(node: Node, number: int, links: list[list[Any]]) -> dict[str, Any]:
    sockets, outputs = SOCKETS[node.kind]
    x, y, width, height = node.box
    into = {slot: link for link, _, _, target, slot, _ in links if target == number}
    out_of: dict[int, list[int]] = {}
    for link, source, slot, *_ in links:
        if source == number:
            out_of.setdefault(slot, []).append(link)
    told = {
        "id": number,
        "type": node.kind,
        "pos": [x, y],
        "size": [width, height],
        "flags": {},
        "order": number - 1,
        "mode": 0,
        "inputs": [
            {"name": name, "type": kind, "link": into.get(slot)} for slot, (name, kind) in enumerate(sockets.items())
        ],
        "outputs": [
            {"name": name, "type": kind, "links": out_of.get(slot)} for slot, (name, kind) in enumerate(outputs.items())
        ],
        "title": node.title,
        "properties": {"Node name for S&R": node.kind},
        "widgets_values": list(node.widgets.values()),
    }
    return told


def write(folder: Path) -> list[Path]:
    """Both forms of every workflow; returns their paths."""
    (folder / "api").mkdir(parents=True, exist_ok=True)
    written = []
    for make in WORKFLOWS:
        flow = make()
        for path, form in (
            (folder / f"{flow.name}.json", canvas_form(flow)),
            (folder / "api" / f"{flow.name}.json", api_form(flow)),
        ):
            path.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "workflows"):
        print(path)
