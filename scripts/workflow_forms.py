"""What a workflow is made of, where it lies on the canvas, and its two forms: the canvas's own and that of /prompt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

SIGNATURES = Path(__file__).with_name("node_signatures.json")

TITLE = 30
"""Canvas pixels of a node's title bar, above its position."""
HEAD = 54
"""From a group's upper edge to the first node: the group's title and the node's."""
PAD = 18
"""Around the nodes of a group."""
GAP = 24
"""Between two nodes one above the other, title bars left out."""
BESIDE = 30
"""Between two columns of one group."""
APART = 44
"""Between the nodes of neighbouring groups."""
CLIMB = 62
"""The same, where links climb from a group that lies beneath another."""
FAR = 74
"""The same, where the photo's links climb from beneath the note."""
BELOW = PAD + 8 + HEAD + TITLE
"""Between the nodes of two groups one above the other."""
LETTERS = {"# ": (21, 23), "## ": (30, 18), "- ": (38, 12), "": (46, 12)}
"""How a line of the note begins -> how many letters the note is wide, and canvas pixels from line to line."""
LANE = 60
"""How far down nodes begin that leave a lane above them, for the links that pass by."""
NEAR = 18
"""How far right of a column links are led past the next."""
SOCKET = 14
"""From a node's position down to its first socket."""

WIDTHS = {
    "CLIPTextEncode": 220,
    "DifferentialDiffusion": 220,
    "LoadImage": 280,
    "CIELR_Reason": 320,
    "CIELR_SceneParse": 300,
    "CIELR_EditPlan": 320,
}
WIDTH = 260
PREVIEWS = {
    "LoadImage": 240,
    "LoadImageMask": 240,
    "SaveImage": 250,
    "CIELR_SceneParse": 300,
    "CIELR_SceneFromMasks": 280,
    "CIELR_Reason": 420,
    "CIELR_EditPlan": 370,
    "CIELR_ActionToMask": 294,
    "CIELR_PickRegion": 130,
    "CIELR_EditExecutor": 80,
}
"""Room for what a node shows once it has run."""


@lru_cache
def signatures() -> dict[str, Any]:
    return json.loads(SIGNATURES.read_text(encoding="utf-8"))


@dataclass
class Node:
    """One node on the canvas.

    Attributes:
        name: within the workflow; kind: its class.
        links: input -> "node.output"; widgets: input -> value, where it is not the node's default.
    """

    name: str
    kind: str
    links: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Any] = field(default_factory=dict)
    title: str = ""

    @property
    def signature(self) -> dict[str, Any]:
        return signatures()[self.kind]

    @property
    def size(self) -> tuple[int, int]:
        inputs = self.signature["inputs"].values()
        sockets = [one for one in inputs if "default" not in one and not one.get("socketless")]
        rows = max(len(sockets), len(self.signature["outputs"]))
        widgets = sum(88 if one.get("multiline") else 24 for one in inputs if "default" in one)
        widgets += 24 * sum(one.get("control_after_generate", False) + one.get("image_upload", False) for one in inputs)
        return WIDTHS.get(self.kind, WIDTH), 16 + 20 * rows + widgets + PREVIEWS.get(self.kind, 0)

    def values(self) -> dict[str, Any]:
        """Every widget's value, in the order of the canvas; what only the canvas knows has a name with a dot."""
        unknown = set(self.widgets) - set(self.signature["inputs"])
        if unknown:
            raise KeyError(f"{self.kind} has no {', '.join(sorted(unknown))}.")
        told: dict[str, Any] = {}
        uploads = False
        for name, one in self.signature["inputs"].items():
            if "default" not in one or name in self.links:
                continue
            told[name] = self.widgets.get(name, one["default"])
            if told[name] is None:
                raise KeyError(f"{self.kind} of '{self.name}' needs a value for '{name}'.")
            if one.get("control_after_generate"):
                told[".control_after_generate"] = "fixed"
            uploads |= one.get("image_upload", False)
        return told | ({".upload": "image"} if uploads else {})


@dataclass
class Stage:
    """A coloured group: columns of nodes, from left to right.

    Attributes:
        drops: how far down each column begins, or all of them.
        under: it lies beneath the stage before it.
        beside: between its columns.
    """

    title: str
    colour: str
    columns: Sequence[Sequence[Node]]
    drops: int | Sequence[int] = LANE
    under: bool = False
    beside: int = BESIDE

    def drop(self, number: int) -> int:
        return self.drops if isinstance(self.drops, int) else self.drops[number]


@dataclass
class Flow:
    """A workflow: what the note says (Markdown), and its stages in the order in which data flows.

    Attributes:
        note: its first paragraph is set large.
        routes: "node.input" -> the points through which its link runs, each (a node, how far down): that far below
            the graph's upper edge, in the gap left of the node.
        view: where a look at the graph begins, (zoom, x, y of the upper left corner), if it is too large to be read
            as a whole.
    """

    name: str
    title: str
    note: str
    stages: Sequence[Stage]
    routes: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    view: tuple[float, int, int] | None = None

    @property
    def nodes(self) -> list[Node]:
        return [node for stage in self.stages for column in stage.columns for node in column]

    @property
    def note_height(self) -> int:
        """Room for the note's text, reckoned from how long its paragraphs are."""
        height = 40
        for line in filter(None, self.markdown.splitlines()):
            letters, pitch = next(room for begin, room in LETTERS.items() if line.startswith(begin))
            height += 12 + pitch * -(-len(line) // letters)
        return height

    @property
    def markdown(self) -> str:
        return f"# {self.title}\n\n## {self.note}"


Box = tuple[int, int, int, int]


@dataclass
class Layout:
    """Boxes (x, y, width, height) in canvas pixels: of each node without its title bar, of groups, of the note."""

    nodes: dict[str, Box]
    groups: list[tuple[str, str, Box]]
    note: Box

    def before(self, node: str) -> int:
        """Where the column left of a node ends."""
        return max(x + width for x, _, width, _ in self.nodes.values() if x + width <= self.nodes[node][0])


def layout(flow: Flow) -> Layout:
    """Stages side by side or one under the other, columns in them, nodes in columns; the note above the first stage.

    Groups in one row begin at one height, and the last of each row end at one height. What is in a column has one
    width. The first stage lies at the bottom, and the note takes what is left above it.
    """
    stacks: list[list[Stage]] = []
    for stage in flow.stages:
        if stage.under:
            stacks[-1].append(stage)
        else:
            stacks.append([stage])
    heights = [sum(_height(stage) + BELOW for stage in stack) - BELOW for stack in stacks]
    if flow.note:
        heights[0] += flow.note_height + BELOW
    tallest = max(heights)
    boxes: dict[str, Box] = {}
    groups: list[tuple[str, str, Box]] = []
    x = 0
    for place, stack in enumerate(stacks):
        width = max(_width(stage) for stage in stack)
        y = tallest - _height(stack[0]) if place == 0 and flow.note else 0
        if y:
            groups.append(("Read me first", "#bfa060", _group(x, 0, width, y - BELOW)))
        for stage in stack:
            _place(stage, x, y, width, boxes)
            end = tallest if stage is stack[-1] else y + _height(stage)
            groups.append((stage.title, stage.colour, _group(x, y, width, end - y)))
            y = end + BELOW
        x += width + (FAR if place == 0 else CLIMB if len(stack) > 1 else APART)
    photo = boxes[flow.nodes[0].name]
    return Layout(boxes, groups, (0, 0, photo[2], photo[1] - BELOW))


def _group(x: int, y: int, width: int, height: int) -> Box:
    return x - PAD, y - HEAD - TITLE, width + 2 * PAD, height + HEAD + TITLE + PAD


def _widths(stage: Stage) -> list[int]:
    return [max(node.size[0] for node in column) for column in stage.columns]


def _width(stage: Stage) -> int:
    return sum(_widths(stage)) + stage.beside * (len(stage.columns) - 1)


def _height(stage: Stage) -> int:
    return max(
        stage.drop(number) + sum(node.size[1] + TITLE + GAP for node in column) - TITLE - GAP
        for number, column in enumerate(stage.columns)
    )


def _place(stage: Stage, x: int, y: int, width: int, boxes: dict[str, Box]) -> None:
    """A stage's nodes from (x, y) on; the last column takes what is left of the width."""
    right = x + width
    for number, column in enumerate(stage.columns):
        last = number == len(stage.columns) - 1
        wide, top = right - x if last else _widths(stage)[number], y + stage.drop(number)
        for node in column:
            boxes[node.name] = (x, top, wide, node.size[1])
            top += node.size[1] + TITLE + GAP
        x += wide + stage.beside


def api_form(flow: Flow) -> dict[str, Any]:
    """What /prompt takes: id -> class and inputs, where a link is [id, output index]."""
    numbers = _numbers(flow)
    told = {}
    for node in flow.nodes:
        inputs: dict[str, Any] = {name: value for name, value in node.values().items() if not name.startswith(".")}
        for name, link in node.links.items():
            source, slot = _source(flow, link)
            inputs[name] = [str(numbers[source.name]), slot]
        told[str(numbers[node.name])] = {"inputs": inputs, "class_type": node.kind, "_meta": {"title": _title(node)}}
    return told


def canvas_form(flow: Flow) -> dict[str, Any]:
    """What the canvas loads, version 0.4 of LiteGraph's format."""
    numbers, place, links = _numbers(flow), layout(flow), _links(flow)
    nodes = [canvas_node(node, numbers[node.name], place.nodes[node.name], links) for node in flow.nodes]
    nodes.append(_note(flow, len(nodes) + 1, place.note))
    groups = [
        {"id": i, "title": title, "bounding": list(box), "color": colour, "font_size": 22, "flags": {}}
        for i, (title, colour, box) in enumerate(place.groups, start=1)
    ]
    extra = _reroutes(flow, place, links)
    if flow.view:
        zoom, left, top = flow.view
        extra["ds"] = {"scale": zoom, "offset": [-left, -top]}
    return {
        "id": "5d0c1e1a-0000-4000-8000-" + flow.name.encode().hex()[:12].ljust(12, "0"),
        "revision": 0,
        "last_node_id": len(nodes),
        "last_link_id": len(links),
        "nodes": nodes,
        "links": links,
        "groups": groups,
        "config": {},
        "extra": extra,
        "version": 0.4,
    }


def _reroutes(flow: Flow, place: Layout, links: list[list[Any]]) -> dict[str, Any]:
    """The points through which links are led, in the canvas's own form; links of one output share theirs."""
    numbers = {number: name for name, number in _numbers(flow).items()}
    nodes = {node.name: node for node in flow.nodes}
    reroutes: dict[tuple[Any, ...], dict[str, Any]] = {}
    ends = []
    for link, source, slot, target, into, _ in links:
        name = numbers[target]
        path: tuple[Any, ...] = (source, slot)
        for node, y in flow.routes.get(f"{name}.{sockets_of(nodes[name])[into][0]}", ()):
            path = (*path, place.before(node) + NEAR, y)
            one = reroutes.setdefault(path, {"id": len(reroutes) + 1, "pos": list(path[-2:]), "linkIds": []})
            if path[:-2] in reroutes:
                one["parentId"] = reroutes[path[:-2]]["id"]
            one["linkIds"].append(link)
        if path in reroutes:
            ends.append({"id": link, "parentId": reroutes[path]["id"]})
    return {"reroutes": list(reroutes.values()), "linkExtensions": ends} if ends else {}


def canvas_node(node: Node, number: int, box: tuple[int, int, int, int], links: list[list[Any]]) -> dict[str, Any]:
    """One node as the canvas keeps it; links: [id, source, output, target, input, type]."""
    into = {slot: link for link, _, _, target, slot, _ in links if target == number}
    out_of: dict[int, list[int]] = {}
    for link, source, slot, *_ in links:
        if source == number:
            out_of.setdefault(slot, []).append(link)
    sockets = sockets_of(node)
    return {
        "id": number,
        "type": node.kind,
        "pos": list(box[:2]),
        "size": list(box[2:]),
        "flags": {},
        "order": number - 1,
        "mode": 0,
        "inputs": [
            {"name": name, "type": kind, "link": into.get(slot)}
            | ({"widget": {"name": name}} if "default" in node.signature["inputs"][name] else {})
            for slot, (name, kind) in enumerate(sockets)
        ],
        "outputs": [
            {"name": name, "type": kind, "links": out_of.get(slot)}
            for slot, (name, kind) in enumerate(node.signature["outputs"])
        ],
        "title": _title(node),
        "properties": {"Node name for S&R": node.kind},
        "widgets_values": list(node.values().values()),
    }


def _note(flow: Flow, number: int, box: tuple[int, int, int, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "MarkdownNote",
        "pos": list(box[:2]),
        "size": list(box[2:]),
        "flags": {},
        "order": number - 1,
        "mode": 0,
        "inputs": [],
        "outputs": [],
        "title": "How to use it",
        "properties": {},
        "widgets_values": [flow.markdown],
        "color": "#432",
        "bgcolor": "#653",
    }


def _numbers(flow: Flow) -> dict[str, int]:
    return {node.name: number for number, node in enumerate(flow.nodes, start=1)}


def _title(node: Node) -> str:
    return node.title or node.signature["title"]


def sockets_of(node: Node) -> list[tuple[str, str]]:
    """Inputs that show a socket: those that are no widgets, and the widgets that a link feeds."""
    inputs = node.signature["inputs"].items()
    return [
        (name, one["type"])
        for name, one in inputs
        if ("default" not in one or name in node.links) and not one.get("socketless")
    ]


def _source(flow: Flow, link: str) -> tuple[Node, int]:
    name, _, output = link.partition(".")
    node = next(node for node in flow.nodes if node.name == name)
    return node, [given for given, _ in node.signature["outputs"]].index(output)


def _links(flow: Flow) -> list[list[Any]]:
    numbers = _numbers(flow)
    links: list[list[Any]] = []
    for node in flow.nodes:
        names = [name for name, _ in sockets_of(node)]
        for name, link in node.links.items():
            source, slot = _source(flow, link)
            kind = source.signature["outputs"][slot][1]
            row = [numbers[source.name], slot, numbers[node.name], names.index(name), kind]
            links.append([len(links) + 1, *row])
    return links
