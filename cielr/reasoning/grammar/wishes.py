"""What a clause asks for, before anybody has looked at the scene."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .phrases import Phrase, Selection
from .tokens import Clause


class Misread(Exception):
    """Words that are no sentence of the grammar; `place` is the token where reading gave up, None at the end."""

    def __init__(self, place: int | None) -> None:
        self.place = place
        super().__init__(place)


@dataclass(frozen=True)
class Goal:
    """Where something goes: in a relation to phrases, at a spot of the picture, or by pixels.

    Attributes:
        kind: "relation", "between", "spot", "by", "direction" (no distance said), "somewhere", "instead" (where
            what was removed last stood).
        relation: of the vocabulary's RELATIONS. sides: of the spot; named: whether a side or corner is named.
        dx, dy: pixels. words: as said.
    """

    kind: Literal["relation", "between", "spot", "by", "direction", "somewhere", "instead"]
    relation: str = ""
    anchors: tuple[Phrase, ...] = ()
    sides: tuple[str, ...] = ()
    named: bool = True
    dx: float = 0.0
    dy: float = 0.0
    words: str = ""


Kind = Literal[
    "remove",
    "keep",
    "look",
    "resize",
    "move",
    "replace",
    "modify",
    "add",
    "background",
    "style",
    "extract",
    "duplicate",
    "swap",
    "turn",
]


@dataclass(frozen=True)
class Wish:
    """One thing that is to be done.

    Attributes:
        kind: what kind of change. "look" is a change of look that code carries out exactly.
        clause: the words; free: spans of tokens that are the painter's own text.
        targets: what it is done to; for "swap" a second selection is `other`.
        text: of the change, of what is new, of the background or the style.
        new: what "add" and "replace" make, as a phrase; None where it has no noun.
        goal: where to. value: a scale, or degrees. flip: "left_right" or "upside_down".
        outline: "free" where the thing needs room around it. ground: of an extract.
        paints: whether only a painter can do it. tail: whether a remark on how to do it was left out.
    """

    kind: Kind
    clause: Clause
    targets: Selection | None = None
    other: Selection | None = None
    text: str = ""
    prompt: str = ""
    new: Phrase | None = None
    goal: Goal | None = None
    value: float = 0.0
    flip: str = ""
    outline: Literal["keep", "free"] = "keep"
    ground: str = "transparent"
    paints: bool = False
    tail: bool = False
    free: tuple[tuple[int, int], ...] = ()

    def phrases(self) -> list[Phrase]:
        """All phrases about things that are there: targets, and what places and parts refer to."""
        found = [phrase for part in (self.targets, self.other) if part is not None for phrase in part.walk()]
        if self.goal is not None:
            found += [phrase for anchor in self.goal.anchors for phrase in anchor.walk()]
        return found

    def grounded(self) -> Wish:
        """With "him" and "her" as the man and the woman in the picture, where nobody was named before."""
        targets = None if self.targets is None else _grounded(self.targets)
        other = None if self.other is None else _grounded(self.other)
        goal = self.goal and replace(self.goal, anchors=tuple(_plain(anchor) for anchor in self.goal.anchors))
        return replace(self, targets=targets, other=other, goal=goal)


def _grounded(selection: Selection) -> Selection:
    return replace(selection, items=tuple(_plain(item) for item in selection.items))


def _plain(phrase: Phrase) -> Phrase:
    """A pronoun that says whom it may speak of, as that; its possessions, as theirs."""
    if phrase.special == "pronoun" and phrase.noun:
        return replace(phrase, special="", words=f"the {phrase.noun[-1]}", determiners=frozenset({"the"}))
    return phrase if phrase.owner is None else replace(phrase, owner=_plain(phrase.owner))
