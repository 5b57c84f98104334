"""What a clause asks for, before anybody has looked at the scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..nouns.phrases import Phrase, Selection
from ..words.tokens import Clause
from ..words.vocabulary import PERSONAL


class Misread(Exception):
    """Words that are no sentence of the grammar; `place` is the token where reading gave up, None at the end."""

    def __init__(self, place: int | None) -> None:
        self.place = place
        super().__init__(place)


@dataclass(frozen=True)
class Goal:
    """Where something goes: in a relation to phrases, at a spot of the picture, or by pixels.

    Attributes:
        kind: "relation", "between", "spot", "by", "nudge" (a little), "direction" (no distance said), "somewhere",
            "instead" (where what was removed last stood).
        relation: of the vocabulary's RELATIONS. sides: of the spot; named: whether a side or corner is named.
        dx, dy: pixels; of a nudge shares of the picture's width and height. words: as said.
    """

    kind: Literal["relation", "between", "spot", "by", "nudge", "direction", "somewhere", "instead"]
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
    "mention",
]


@dataclass(frozen=True)
class Wish:
    """One thing that is to be done.

    Attributes:
        kind: what kind of change; "mention" is none, and says what "it" is. "look" is a change of look that code
            carries out exactly.
        clause: the words; free: spans of tokens that are the painter's own text.
        targets: what it is done to; for "swap" a second selection is `other`.
        text: of the change, of what is new, of the background or the style.
        new: what "add" and "replace" make, as a phrase; None where it has no noun.
        goal: where to. value: a scale, or degrees. flip: "left_right" or "upside_down".
        outline: "free" where the thing needs room around it. ground: of an extract.
        paints: whether only a painter can do it. tail: whether a remark on how to do it was left out.
        stays: what such a remark says is to stay.
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
    flip: Literal["", "left_right", "upside_down"] = ""
    outline: Literal["keep", "free"] = "keep"
    ground: str = "transparent"
    paints: bool = False
    tail: bool = False
    stays: Selection | None = None
    free: tuple[tuple[int, int], ...] = ()

    def phrases(self) -> list[Phrase]:
        """All phrases about things that are there: targets, and what places and parts refer to."""
        phrases = [phrase for part in (self.targets, self.other) if part is not None for phrase in part.walk()]
        if self.goal is not None:
            phrases += [phrase for anchor in self.goal.anchors for phrase in anchor.walk()]
        return phrases

    def grounded(self, kin: str | None = "") -> Wish:
        """With "him", "her" and "them" as the man, the woman and the people in the picture, where nobody was named
        before. kin: what "them" are instead, where all that is in sight has one name; None where they may be many."""

        def plain(phrase: Phrase) -> Phrase:
            """A pronoun that says whom it may speak of, as that; its possessions, as theirs."""
            if phrase.special != "pronoun" or not phrase.noun:
                return phrase if phrase.owner is None else replace(phrase, owner=plain(phrase.owner))
            if kin is None and phrase.noun == PERSONAL["them"]:
                return phrase
            noun = tuple(kin.split()) if kin and phrase.noun == PERSONAL["them"] else phrase.noun[-1:]
            determiners = frozenset({"the", "all"} if phrase.noun == PERSONAL["them"] else {"the"})
            return replace(phrase, special="", words=f"the {' '.join(noun)}", noun=noun, determiners=determiners)

        def all_plain(selection: Selection | None) -> Selection | None:
            return selection and replace(selection, items=tuple(plain(item) for item in selection.items))

        goal = self.goal and replace(self.goal, anchors=tuple(plain(anchor) for anchor in self.goal.anchors))
        return replace(self, targets=all_plain(self.targets), other=all_plain(self.other), goal=goal)


def owned_by(wish: Wish, spoken: Phrase) -> Wish:
    """A wish with "his backpack" as the backpack of who was spoken of before, or of who has what was spoken of."""
    somebody = spoken
    while somebody.owner is not None:
        somebody = somebody.owner
    if somebody.special == "pronoun":
        return wish.grounded()

    def owned(phrase: Phrase) -> Phrase:
        its = phrase.owner is not None and phrase.owner.special == "pronoun"
        return replace(phrase, owner=somebody.definite()) if its else phrase

    def all_owned(selection: Selection | None) -> Selection | None:
        return selection and replace(selection, items=tuple(map(owned, selection.items)))

    goal = wish.goal and replace(wish.goal, anchors=tuple(map(owned, wish.goal.anchors)))
    return replace(wish, targets=all_owned(wish.targets), other=all_owned(wish.other), goal=goal)


def with_nouns(wishes: Sequence[Wish], spoken: Phrase | None) -> tuple[list[Wish], Phrase | None]:
    """(the wishes, the last phrase that had a noun): "the one on the left" and "the third" speak of what the words
    before them do."""
    lent = []
    made = spoken
    for wish in wishes:
        targets, spoken = _named_by(wish.targets, spoken)
        other, spoken = _named_by(wish.other, spoken)
        # "the left dog into a cat and the right one into a rabbit" speaks of dogs to its end
        made = wish.new if wish.new is not None and wish.new.has_noun else spoken
        goal = wish.goal
        if goal is not None and goal.kind != "between":
            goal = replace(goal, anchors=tuple(_of_noun(anchor, spoken, ("one",)) for anchor in goal.anchors))
        lent.append(replace(wish, targets=targets, other=other, goal=goal))
    return lent, made


def _named_by(selection: Selection | None, spoken: Phrase | None) -> tuple[Selection | None, Phrase | None]:
    if selection is None:
        return None, spoken
    items: list[Phrase] = []
    for number, item in enumerate(selection.items):
        # "the first and the last coin" have theirs still to come
        follows = any(later.has_noun and not later.special for later in selection.items[number + 1 :])
        filled = item if follows and not item.noun else _of_noun(item, spoken, ("one", "ones", ""))
        spoken = filled if filled.has_noun and not filled.special and filled.number is None else spoken
        items.append(filled)
    return replace(selection, items=tuple(items)), spoken


def _of_noun(phrase: Phrase, spoken: Phrase | None, stand_ins: tuple[str, ...]) -> Phrase:
    """The phrase with the noun of what was spoken of, where it has none of its own."""
    said = " ".join(phrase.noun)
    stands_alone = not phrase.special and phrase.of is None and phrase.number is None and said in stand_ins
    picks = phrase.ranks or phrase.looks or phrase.posts or "other" in phrase.determiners
    if spoken is None or not stands_alone or not picks or not spoken.noun:
        return phrase
    determiners = phrase.determiners | {"all"} if said == "ones" else phrase.determiners
    noun = spoken.noun if said == "ones" else (*spoken.noun[: spoken.head_place], spoken.head)
    if said != "ones" and spoken.head_place < len(spoken.noun) - 1:
        noun = (*noun, *spoken.noun[spoken.head_place + 1 :])
    return replace(phrase, noun=noun, determiners=determiners, owner=phrase.owner)
