"""What a workflow is made of, where it lies on the canvas, and its two forms: the canvas's own and that of /prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

SIGNATURES = Path(__file__).with_name("node_signatures.json")

TITLE = 30
"""Canvas pixels of a node's title bar, above its position."""
HEAD = 54
"""From a group's upper edge to the first node: the group's title and the node's."""
PAD = 20
"""Around the nodes of a group."""
GAP = 30
"""Between two nodes one above the other, title bars left out."""
BESIDE = 40
"""Between two columns of one group."""
APART = 56
"""Between the nodes of neighbouring groups."""
NOTE = 330
"""The width of the note."""

WIDTHS = {"LoadImage": 280, "CIELR_Reason": 340, "CIELR_SceneParse": 320, "CIELR_EditPlan": 340}
WIDTH = 290
PREVIEWS = {
    "LoadImage": 270,
    "LoadImageMask": 270,
    "SaveImage": 300,
    "CIELR_SceneParse": 300,
    "CIELR_SceneFromMasks": 280,
    "CIELR_Reason": 420,
    "CIELR_EditPlan": 130,
    "CIELR_ActionToMask": 250,
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
    """A coloured group: columns of nodes, from left to right."""

    title: str
    colour: str
    columns: Sequence[Sequence[Node]]


@dataclass
class Flow:
    """A workflow: what the note at its left says (Markdown), and its stages in the order in which data flows."""

    name: str
    title: str
    note: str
    stages: Sequence[Stage]

    @property
    def nodes(self) -> list[Node]:
        return [node for stage in self.stages for column in stage.columns for node in column]


@dataclass
class Layout:
    """Boxes (x, y, width, height) in canvas pixels: of each node without its title bar, of groups, of the note."""

    nodes: dict[str, tuple[int, int, int, int]]
    groups: list[tuple[str, str, tuple[int, int, int, int]]]
    note: tuple[int, int, int, int]


def layout(flow: Flow) -> Layout:
    """The note, then stages side by side, columns in them, nodes in columns from the top; groups of one height."""
    boxes, edges, x, tallest = {}, [], NOTE + APART, 0
    for stage in flow.stages:
        left = x
        for column in stage.columns:
            y, widest = 0, 0
            for node in column:
                width, height = node.size
                boxes[node.name] = (x, y, width, height)
                y += height + TITLE + GAP
                widest = max(widest, width)
            tallest = max(tallest, y - TITLE - GAP)
            x += widest + BESIDE
        edges.append((stage.title, stage.colour, left, x - BESIDE))
        x += APART - BESIDE
    groups = [
        (title, colour, (a - PAD, -HEAD - TITLE, b - a + 2 * PAD, tallest + HEAD + TITLE + PAD))
        for title, colour, a, b in [("Read me first", "#bfa060", 0, NOTE), *edges]
    ]
    return Layout(boxes, groups, (0, 0, NOTE, tallest))


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
        "widgets_values": [f"## {flow.title}\n\n{flow.note}"],
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
