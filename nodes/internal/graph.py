"""A graph in ComfyUI's API form, as it is put together. Pure: it needs no ComfyUI and no tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Link = list
"""[node id, output index]"""


def numbered(kind: str, links: Iterable[Link]) -> dict[str, Link]:
    """As inputs of a node that takes any number of them: KIND_0000, KIND_0001 and so on."""
    return {f"{kind}_{number:04d}": link for number, link in enumerate(links)}


def in_order(kind: str, given: Mapping[str, Any]) -> list[Any]:
    """What came in by inputs that are named so."""
    return [value for name, value in sorted(given.items()) if name.startswith(f"{kind}_")]


@dataclass
class Expansion:
    """Nodes in ComfyUI's API form, and the links to what they give.

    Attributes:
        nodes: id -> {"class_type": …, "inputs": …}.
        result: link to the edited batch; steps: link to the batch of all intermediate images.
        looks: links to what there is to choose from of what waited.
        told: link to the text of what each region changed; changed: link to where the images may have changed, one
            mask each; [] where that is known without running.
    """

    prefix: str
    nodes: dict[str, Any] = field(default_factory=dict)
    result: Link = field(default_factory=list)
    steps: Link = field(default_factory=list)
    told: Link = field(default_factory=list)
    changed: Link = field(default_factory=list)
    looks: list[Link] = field(default_factory=list)

    def add(self, name: str, class_type: str, **inputs: Any) -> str:
        key = self.prefix + name
        self.nodes[key] = {"class_type": class_type, "inputs": inputs}
        return key
