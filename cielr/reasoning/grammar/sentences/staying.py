"""A remark at the end of a wish on what stays as it is: ", while keeping the road", "leaving the bicycle unchanged"."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words.tokens import Clause
from ..words.vocabulary import PART_NOUNS, PhraseTable, word_set
from .attributes import attribute_of
from .wishes import Wish

_KEEPING = word_set("keeping preserving maintaining retaining leaving")
_BEFORE = frozenset({"while", "and", "but", ",", "still"})
_OF_THE_SUBJECT = frozenset({"identity", "face", "expression", "pose", "gesture", "proportion"})
_AS_IT_WAS = word_set("unchanged intact untouched alone is are was were place")
KEPT_MANNERS = _OF_THE_SUBJECT | {"composition", "layout", "rest", "scene", "perspective", "framing", "shadow"}
"""What a painter is often told to keep, and which no action here takes away."""
_APART = frozenset({"replace", "add", "background"})


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
        if clause.words[place] == "leaving" and clause.words[-1] not in _AS_IT_WAS:
            # "leaving a trail of smoke" is done by what is new
            return None
        while clause.words[place - 1] in _BEFORE:
            place -= 1
        return place, kept[0]
    return None


def _is_of_the_subject(phrase: Phrase) -> bool:
    """Whether a painter has to know what is kept: the pose of what is replaced, its fur, or "it"; not the light of the
    picture, and no other thing."""
    if phrase.special == "pronoun" or phrase.owner is not None or phrase.head in PART_NOUNS | {"one", "ones"}:
        return True
    attribute = attribute_of(phrase)
    return phrase.head in _OF_THE_SUBJECT or (attribute is not None and attribute[0] not in ("brightness", "picture"))


def with_remark(wish: Wish, clause: Clause, place: int, stays: Selection) -> Wish:
    """A wish that was read without the remark at a place, with it."""
    return replace(wish, clause=clause, stays=stays, tail=True, free=(*wish.free, (place, len(clause))))


def may_keep(wish: Wish) -> bool:
    """Whether what stays is not drawn anew, and need not be told: things, where one is replaced or another setting put
    behind them."""
    return wish.kind in _APART
