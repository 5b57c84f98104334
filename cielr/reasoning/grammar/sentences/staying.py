"""A remark at the end of a wish on what stays as it is: ", while keeping the road", "leaving the bicycle unchanged"."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words.tokens import Clause
from ..words.vocabulary import PhraseTable, word_set
from .attributes import attribute_of
from .wishes import Wish

_KEEPING = word_set("keeping preserving maintaining retaining leaving")
_BEFORE = frozenset({"while", "and", "but", ",", "still"})
_OF_THE_SUBJECT = frozenset({"identity", "face", "expression", "pose", "gesture", "proportion"})
MANNERS = _OF_THE_SUBJECT | {"composition", "layout", "rest", "scene", "perspective", "framing", "shadow"}
"""What a painter is often told to keep, and which no action here takes away."""
_DRAWN = frozenset({"replace", "add", "background"})


def stays_from(clause: Clause, labels: PhraseTable[str]) -> tuple[int, Selection] | None:
    """(where a remark begins, what it keeps); None where there is none, and for what is told to the painter: "keeping
    the same pose"."""
    end = len(clause)
    for place in range(3, end - 1):
        if clause.words[place] not in _KEEPING or clause.words[place - 1] not in _BEFORE:
            continue
        kept = NounPhrases(clause, labels).selection(place + 1, end)
        if kept is None or clause.words[place + 1] == "only" or any(map(_is_of_the_subject, kept[0].items)):
            return None
        while clause.words[place - 1] in _BEFORE:
            place -= 1
        return place, kept[0]
    return None


def _is_of_the_subject(phrase: Phrase) -> bool:
    """Whether a painter has to know what is kept: the pose of what is replaced, and not the light of the picture."""
    attribute = attribute_of(phrase)
    return phrase.head in _OF_THE_SUBJECT or (attribute is not None and attribute[0] not in ("brightness", "picture"))


def with_remark(wish: Wish, clause: Clause, place: int, stays: Selection) -> Wish:
    """A wish that was read without the remark at a place, with it."""
    return replace(wish, clause=clause, stays=stays, tail=True, free=(*wish.free, (place, len(clause))))


def may_keep(wish: Wish) -> bool:
    """Whether nothing but what is new is drawn, so that what stays need not be told."""
    return wish.kind in _DRAWN
