"""One photo of a batch and what is to be done to it, from a manifest's line or a folder's file to a worker."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError, field_validator

from ..core.serial import Frozen, canonical, sentences
from ..perception.labels import as_labels

ALIASES = {"photo": "image", "file": "image", "file_name": "image", "prompt": "instruction", "label": "labels"}
"""Other names of a manifest's fields that people use."""


class Item(Frozen):
    """One photo and what is to be done to it. What is left out is as the whole batch has it.

    Attributes:
        image: as its manifest or folder names it, with "/" between folders.
        instruction, labels, seed: as for `cielr.edit`.
        plan, scene, masks: files, as `image` is named; a plan may also stand there itself, as JSON.
        output: the name of its result below the batch's folder; "" is the image's own.
    """

    image: str = Field(min_length=1)
    instruction: str = ""
    labels: tuple[str, ...] | None = None
    seed: int | None = None
    plan: str | dict[str, Any] = ""
    scene: str = ""
    masks: str = ""
    output: str = ""

    @field_validator("labels", mode="before")
    @classmethod
    def _as_written(cls, given: Any) -> Any:
        if isinstance(given, str) or given is None:
            names = as_labels(given)
            return None if names is None else tuple(names)
        return given

    @field_validator("seed", mode="before")
    @classmethod
    def _of_csv(cls, given: Any) -> Any:
        return None if given == "" else given

    def key(self, occurrence: int) -> str:
        """Names this item in a ledger; `occurrence` tells equal ones apart."""
        fields = self.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(canonical([fields, occurrence]).encode("utf-8")).hexdigest()[:32]


@dataclass(frozen=True)
class BadItem:
    """A line of a manifest that is no item: where, and a sentence on why."""

    where: str
    why: str


@dataclass(frozen=True)
class Placed:
    """An item and the folder (or address) that its files lie below."""

    item: Item
    base: str


@dataclass(frozen=True)
class Task:
    """What a worker is given.

    Attributes:
        number: in the batch's order, from 0 on; key: the item's, in the ledger.
        base: the folder or address that the item's files lie below.
        output: the name of the result below the batch's folder; nobody else has it.
        thumbnail: whether it stands on the contact sheet.
    """

    number: int
    key: str
    item: Item
    base: str
    output: str
    thumbnail: bool = False


def item_of(values: Mapping[str, Any], where: str) -> Item | BadItem:
    """The item that a manifest's line describes."""
    fields = {ALIASES.get(str(name), str(name)): value for name, value in values.items() if value not in (None, "")}
    if not fields.get("image"):
        return BadItem(where, "The line names no image.")
    try:
        return Item.model_validate(fields)
    except ValidationError as error:
        return BadItem(where, f"The line is not an item of a batch: {sentences(error)}.")
