"""A flow as one node: the form of ComfyUI's subgraph blueprints, which newer versions list from `subgraphs/`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_forms import Flow, Node, canvas_node, layout, sockets_of

INSIDE, OUTSIDE = -10, -20
"""The ids that the canvas gives to a subgraph's own inputs and outputs."""
NAMESPACE = uuid.UUID("5d0c1e1a-0000-4000-8000-000000000000")
SLOT = 20
"""Canvas pixels between two slots."""


@dataclass
class Blueprint:
    """A flow without its photo and its saving.

    Attributes:
        inputs: name on the outside -> the inputs that it feeds, "node.input"; outputs: name -> "node.output".
    """

    name: str
    description: str
    flow: Flow
    inputs: Mapping[str, Sequence[str]]
    outputs: Mapping[str, str]

    def node(self, place: str) -> tuple[Node, str]:
        """The node of "node.input", and the input's name."""
        name, _, slot = place.partition(".")
        return next(node for node in self.flow.nodes if node.name == name), slot

    def fact(self, name: str) -> dict[str, Any]:
        """What the first input that an outer one feeds is."""
        node, slot = self.node(self.inputs[name][0])
        return node.signature["inputs"][slot]


def blueprint_form(one: Blueprint) -> dict[str, Any]:
    """A workflow of one node, with the definition of what is in it."""
    own = str(uuid.uuid5(NAMESPACE, one.name))
    definition = _definition(one, own)
    inputs: list[dict[str, Any]] = []
    values = []
    for name, places in one.inputs.items():
        node, slot = one.node(places[0])
        inputs.append({"name": name, "type": one.fact(name)["type"], "link": None})
        if "default" in one.fact(name):
            inputs[-1]["widget"] = {"name": name}
            values.append(node.widgets.get(slot, one.fact(name)["default"]))
    outer = {
        "id": 1,
        "type": own,
        "pos": [0, 0],
        "size": [340, 120 + 24 * len(inputs)],
        "flags": {},
        "order": 0,
        "mode": 0,
        "inputs": inputs,
        "outputs": [{"name": made["name"], "type": made["type"], "links": []} for made in definition["outputs"]],
        "title": one.name,
        "properties": {},
        "widgets_values": values,
    }
    return {
        "id": str(uuid.uuid5(NAMESPACE, one.name + " workflow")),
        "revision": 0,
        "last_node_id": 1,
        "last_link_id": 0,
        "nodes": [outer],
        "links": [],
        "groups": [],
        "definitions": {"subgraphs": [definition]},
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _definition(one: Blueprint, own: str) -> dict[str, Any]:
    for places in one.inputs.values():
        for place in places:
            # what is fed from outside has a socket
            node, slot = one.node(place)
            node.links.setdefault(slot, "")
    numbers = {node.name: number for number, node in enumerate(one.flow.nodes, start=1)}
    boxes = layout(one.flow).nodes
    rows = _rows(one, numbers)
    left = min(x for x, _, _, _ in boxes.values())
    right = max(x + width for x, _, width, _ in boxes.values())
    return {
        "id": own,
        "version": 1,
        "state": {"lastGroupId": 0, "lastNodeId": len(numbers), "lastLinkId": len(rows), "lastRerouteId": 0},
        "revision": 0,
        "config": {},
        "name": one.name,
        "description": one.description,
        "inputNode": {"id": INSIDE, "bounding": [left - 260, 0, 160, 40 + SLOT * len(one.inputs)]},
        "outputNode": {"id": OUTSIDE, "bounding": [right + 100, 0, 160, 40 + SLOT * len(one.outputs)]},
        "inputs": [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{one.name} in {name}")),
                "name": name,
                "type": one.fact(name)["type"],
                "linkIds": [row[0] for row in rows if row[1:3] == [INSIDE, number]],
                "pos": [left - 120, 20 + SLOT * number],
            }
            for number, name in enumerate(one.inputs)
        ],
        "outputs": [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{one.name} out {name}")),
                "name": name,
                "type": next(row[5] for row in rows if row[3:5] == [OUTSIDE, number]),
                "linkIds": [row[0] for row in rows if row[3:5] == [OUTSIDE, number]],
                "pos": [right + 120, 20 + SLOT * number],
            }
            for number, name in enumerate(one.outputs)
        ],
        "widgets": [],
        "nodes": [canvas_node(node, numbers[node.name], boxes[node.name], rows) for node in one.flow.nodes],
        "groups": [],
        "links": [
            dict(zip(("id", "origin_id", "origin_slot", "target_id", "target_slot", "type"), row, strict=True))
            for row in rows
        ],
        "extra": {},
    }


def _rows(one: Blueprint, numbers: Mapping[str, int]) -> list[list[Any]]:
    """[id, origin, its slot, target, its slot, type] of every link, those from and to the outside included."""
    outer = {place: number for number, places in enumerate(one.inputs.values()) for place in places}
    rows: list[list[Any]] = []
    for node in one.flow.nodes:
        names = [name for name, _ in sockets_of(node)]
        for name, link in node.links.items():
            begin = _begin(one, numbers, link) if link else [INSIDE, outer[f"{node.name}.{name}"]]
            rows.append([len(rows) + 1, *begin, numbers[node.name], names.index(name), _type(node, name)])
    for number, link in enumerate(one.outputs.values()):
        node, output = one.node(link)
        kind = dict(node.signature["outputs"])[output]
        rows.append([len(rows) + 1, *_begin(one, numbers, link), OUTSIDE, number, kind])
    return rows


def _begin(one: Blueprint, numbers: Mapping[str, int], link: str) -> list[int]:
    node, output = one.node(link)
    return [numbers[node.name], [name for name, _ in node.signature["outputs"]].index(output)]


def _type(node: Node, name: str) -> str:
    return node.signature["inputs"][name]["type"]
