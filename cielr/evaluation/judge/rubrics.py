"""The marks of RISEBench (arXiv 2504.02826) and KRIS-Bench (arXiv 2505.16707), from 1 to 5, with their questions put in
our own words: marks of another judge and other words than theirs, to be compared among our own runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field, create_model

from ...core.serial import Frozen
from .difference import ask, check_sees, shrunk_png

if TYPE_CHECKING:
    from ...reasoning.chats.protocol import Chat


@dataclass(frozen=True)
class Question:
    """Attributes: name of the mark; asks: what it is about; best, worst: what 5 and 1 mean."""

    name: str
    asks: str
    best: str
    worst: str


CONSISTENCY = Question(
    "consistency",
    "Is everything that the instruction does not speak of as it was: things, people, style, background?",
    "nothing else has changed that one can see",
    "it is another picture",
)
LOOKS = "Could the result be a real picture of its kind: sharp, without seams, smears or impossible shapes?"
RUBRICS: dict[str, tuple[Question, ...]] = {
    "risebench": (
        Question(
            "reasoning",
            "Does the result show what the instruction leads to, once it is thought through, as the reference says?",
            "all of it, and exactly",
            "nothing of it",
        ),
        CONSISTENCY,
        Question("plausibility", LOOKS, "without a flaw", "broken"),
    ),
    "kris-bench": (
        CONSISTENCY,
        Question("quality", LOOKS, "without a flaw", "broken"),
        Question("instruction", "Is every part of the instruction carried out?", "all parts", "none"),
        Question(
            "knowledge",
            "Is what changed true to the world: physics, nature, culture, logic, as the explanation says?",
            "as an expert would have it",
            "against all knowledge",
        ),
    ),
}
"""By benchmark."""


@dataclass(frozen=True)
class Marks:
    """Attributes: marks: 1 to 5 by question; solved: whether all are 5, which RISEBench counts as accuracy; reason."""

    marks: dict[str, int]
    solved: bool
    reason: str


def give_marks(
    chat: Chat,
    rubric: str,
    before: np.ndarray,
    after: np.ndarray,
    instruction: str,
    reference: str = "",
    reference_image: np.ndarray | None = None,
) -> Marks:
    """The marks of one edit.

    Args:
        rubric: of RUBRICS; before, after, reference_image: uint8[H, W, 3].

    Raises:
        LLMError: where the model takes no pictures, or gives no answer that can be used.
    """
    check_sees(chat)
    questions = RUBRICS[rubric]
    lines = [f"- {question.name}: {question.asks} 5: {question.best}; 1: {question.worst}." for question in questions]
    pictures = ["the first picture is before, the second after"]
    if reference_image is not None:
        pictures.append("the third shows what is right")
    right = f"\nWhat is right: {reference}" if reference else ""
    text = (
        f"A photo was edited; {', '.join(pictures)}.\nInstruction: {instruction}{right}\n"
        "Give a whole mark from 1 to 5 to each of these, and one sentence of reason first:\n" + "\n".join(lines)
    )
    fields: dict[str, Any] = {"reason": (str, "")} | {question.name: (int, Field(ge=1, le=5)) for question in questions}
    images = [shrunk_png(picture) for picture in (before, after, reference_image) if picture is not None]
    answer = ask(chat, [{"role": "user", "content": text}], images, create_model("Marks", __base__=Frozen, **fields))
    marks = {question.name: getattr(answer, question.name) for question in questions}
    return Marks(marks, all(mark == 5 for mark in marks.values()), answer.reason)
