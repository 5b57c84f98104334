"""How an instruction is to be understood: the same object from Python, the command line and the nodes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

PROMPTS = ("auto", "full", "brief")


@dataclass(frozen=True)
class ReasonOptions:
    """How an instruction is to be understood.

    Attributes:
        painter: somebody is there to draw what is new; without, the grammar refuses what would have to be drawn.
        auto: the grammar reads first, and an explicit instruction costs no call of the language model; without, the
            model is always asked.
        assume: the language model decides where it would ask the user.
        prompt: "full" puts the whole instruction, with all rules, to the language model; "brief" reads it by code and
            asks small questions; "auto" is brief for models of less than eight billion parameters.
        answer: what the user said to an earlier `ClarificationNeeded`.
        max_rounds: answers of the language model, repairs aside; the last one must be a plan. At least 1.
        max_requests: that are looked up in one round. At least 1.
        seconds, tokens: for the whole, of time and of prompts and answers together.
        max_objects: that the scene's text describes.
    """

    painter: bool = False
    auto: bool = True
    assume: bool = False
    prompt: str = "auto"
    answer: str | None = None
    max_rounds: int = 4
    max_requests: int = 6
    seconds: float = 900.0
    tokens: int = 120_000
    max_objects: int = 120

    def but(self, **changes: Any) -> ReasonOptions:
        """The same with some fields changed.

        Raises:
            TypeError: for a name that is none of the fields.
        """
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                near = get_close_matches(name, [*known, *ARGUMENTS], n=1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(known)}."
                raise TypeError(f"There is no argument '{name}'{hint}")
        return replace(self, **changes)


ARGUMENTS = (
    "labels",
    "perception",
    "chat",
    "inpainter",
    "fill",
    "seed",
    "colour_match",
    "image",
    "on_event",
    "options",
)
"""Arguments of `cielr.edit` and `cielr.reason` that a misspelt one may have meant."""
