"""How one photo of a batch went: a line of the ledger."""

from __future__ import annotations

from typing import Literal

from ..core.serial import Frozen
from .items import Task


class Outcome(Frozen):
    """How one photo went. Nothing in it changes from run to run.

    Attributes:
        image, instruction: as the batch names them.
        status: "done", or "failed" with the kind of the error and its sentence.
        output: the result's name below the batch's folder, "" where there is none.
        seed: that was used.
        plan: its actions as sentences; regions: how many; changed: pixels.
        notices: sentences that the user should read.
        thumbnail: its picture for the contact sheet, below the ledger's folder, or "".
    """

    image: str
    instruction: str = ""
    status: Literal["done", "failed"]
    output: str = ""
    seed: int = 0
    plan: tuple[str, ...] = ()
    regions: int = 0
    changed: int = 0
    notices: tuple[str, ...] = ()
    kind: str = ""
    reason: str = ""
    thumbnail: str = ""


def failed(task: Task, kind: str, reason: str, instruction: str = "") -> Outcome:
    """The outcome of a photo that could not be edited, with a sentence on why."""
    return Outcome(
        image=task.item.image,
        instruction=task.item.instruction or instruction,
        status="failed",
        kind=kind,
        reason=" ".join(reason.split()),
    )
