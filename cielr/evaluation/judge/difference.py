"""A difference check in two steps, after the idea of the paper's IDCS (arXiv 2510.27335), whose prompts and formula are
not public: this one is ours, and its numbers are no IDCS.

First the model says what differs between the two pictures, without knowing what was asked; then, told the instruction,
whether each difference was asked for, whether all that was asked is done, and whether anything else changed. Both
orders of the pictures are put, since models favour one place, and each several times; agreement says how far to trust
it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from pydantic import Field, ValidationError

from ...core.serial import Frozen, sentences
from ...errors import LLMError
from ..scenes.make import png

if TYPE_CHECKING:
    from ...reasoning.chats.protocol import Chat, Message

SIDE = 1024
"""Pictures are shown no larger."""
TRIES = 2
"""Answers to one question: the second is told what was wrong with the first."""

LOOK = """You compare two versions of one photo. {order}
List every visible difference between the two: what it is, and where. Name added, removed, moved, resized, recoloured
and redrawn things, changes of the background, of light or colour all over, blur, seams and smears. Do not list what is
equal.
An empty list means that the two look the same."""
WEIGH = """The photo was edited by this instruction:
{instruction}
These differences between before and after were seen:
{differences}
Look again at both pictures, and decide: "asked": for each difference, in order, whether the instruction asks for it or
it follows from that (a removed thing's shadow goes with it); "done": whether all that the instruction asks for can be
seen in the version after; "nothing_else": whether everything else was left as it was."""
ORDERS = ("The first picture is before, the second after.", "The first picture is after, the second before.")


class Differences(Frozen):
    """What the model sees. Attributes: differences: each in words, with its place."""

    differences: tuple[str, ...] = Field(max_length=40)


class Verdict(Frozen):
    """What the model makes of it. Attributes: asked: for each difference; reason: in a sentence."""

    reason: str = ""
    asked: tuple[bool, ...] = ()
    done: bool
    nothing_else: bool


@dataclass(frozen=True)
class Judgement:
    """Over both orders and all repeats.

    Attributes:
        done, nothing_else, passed: shares of the verdicts in [0, 1]; passed is both at once.
        agreement: share of the verdicts that say what most of them say on both.
        verdicts: (differences, verdict) of each, in turn.
    """

    done: float
    nothing_else: float
    passed: float
    agreement: float
    verdicts: tuple[tuple[Differences, Verdict], ...]


def check_difference(
    chat: Chat, before: np.ndarray, after: np.ndarray, instruction: str, repeats: int = 2
) -> Judgement:
    """The judgement of an edit.

    Args:
        chat: one that takes pictures; before, after: uint8[H, W, 3].
        repeats: of each order.

    Raises:
        LLMError: where the model takes no pictures, or gives no answer that can be used.
    """
    check_sees(chat)
    shown = [shrunk_png(before), shrunk_png(after)]
    verdicts = []
    for _ in range(repeats):
        for order, images in zip(ORDERS, (shown, shown[::-1]), strict=True):
            look: list[Message] = [{"role": "user", "content": LOOK.format(order=order)}]
            seen = ask(chat, look, images, Differences)
            listed = "\n".join(f"{k}. {words}" for k, words in enumerate(seen.differences, start=1)) or "(none)"
            weigh: list[Message] = [
                {"role": "user", "content": f"{order}\n{WEIGH.format(instruction=instruction, differences=listed)}"}
            ]
            verdicts.append((seen, ask(chat, weigh, images, Verdict)))
    both = [(verdict.done, verdict.nothing_else) for _, verdict in verdicts]
    return Judgement(
        float(np.mean([done for done, _ in both])),
        float(np.mean([only for _, only in both])),
        float(np.mean([done and only for done, only in both])),
        max(both.count(pair) for pair in both) / len(both),
        tuple(verdicts),
    )


def check_sees(chat: Chat) -> None:
    """Raises LLMError where the model takes no pictures."""
    if not chat.sees():
        raise LLMError(f"{chat.name} takes no pictures, so it cannot judge any; name a vision language model.")


def ask(chat: Chat, messages: Sequence[Message], images: Sequence[bytes], kind: type[Any]) -> Any:
    """The model's answer as that kind; one that does not fit is asked for again, with what was wrong.

    Raises:
        LLMError: where it fits no better then.
    """
    conversation = list(messages)
    problem = ""
    for _ in range(TRIES):
        text = chat.complete(conversation, kind.model_json_schema(), images)
        try:
            return kind.model_validate(json.loads(_object(text)))
        except ValidationError as error:
            problem = sentences(error)
        except (ValueError, RecursionError) as error:
            problem = f"this is not JSON: {error}"
        conversation += [
            {"role": "assistant", "content": text},
            {"role": "user", "content": f"That cannot be used: {problem}. Answer again, with the JSON object alone."},
        ]
    raise LLMError(f"{chat.name} gave no judgement that can be used: {problem}.", problems=(problem,))


def shrunk_png(image: np.ndarray) -> bytes:
    """A PNG file of the picture, no side longer than SIDE."""
    picture = Image.fromarray(image)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return png(np.asarray(picture))


def _object(text: str) -> str:
    """What lies between the first brace and the last: models like to fence their JSON."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text
