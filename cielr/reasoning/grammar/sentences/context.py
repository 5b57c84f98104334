"""Sentences that say how the picture is, and ask for nothing: "There is a stain on the shirt. Remove it."."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Selection
from ..words.tokens import Clause
from ..words.vocabulary import ARTICLES, PRONOUNS, TASTE, VERBS, PhraseTable, word_set
from .wishes import Wish

_SPEAKERS = frozenset({"i", "we"})
_PREAMBLES = frozenset({"this", "these", "here", "here's", "i'm", "i", "we", "hope"})
_THESE = frozenset({"this", "these"})
_FEELINGS = word_set("like love hate dislike enjoy think know see believe adore")
_IS = word_set("is are was were has have had looks look seems seem appears appear")
_DULL = frozenset({"boring", "empty", "dull", "plain", "bland", "bare", "lonely"})
_SEEMS = frozenset({"is", "are", "looks", "look", "seems", "so", "very", "too", "quite", "rather"})
_SPOKEN_OF = PRONOUNS | word_set("its his her their one ones")
_PREFERENCES = word_set("really don't dont do not also still")


def context_of(clause: Clause, following: Sequence[Clause], labels: PhraseTable[str]) -> list[Wish] | None:
    """What a sentence speaks of that only says how it is, for "it" to mean; None where it asks for something.

    It counts as that where a wish follows that speaks of it, or where it is a complaint or a feeling.
    """
    if not any(map(_asks, following)) or VERBS.at(clause.words, 0) is not None:
        return None
    words = clause.words
    refers = bool(set(following[0].words) & _SPOKEN_OF)
    demands = {"want", "should", "must", "need", "needs"} & set(words) or clause.is_wanted
    if words[0] in ("since", "because"):
        # "since it's a birthday, add balloons"
        return None if demands else _mentioned(clause, labels, 1, _IS) if refers else []
    feeling = next((k for k in range(1, min(4, len(words))) if words[k] in _FEELINGS), None)
    if words[0] in _SPEAKERS and feeling is not None and set(words[1:feeling]) <= _PREFERENCES:
        felt = _mentioned(clause, labels, feeling + 1, frozenset())
        return felt if felt is not None or refers else []
    if words[0] in _PREAMBLES and (words[0] not in _THESE or words[1:2] in (("is",), ("are",))):
        if refers:
            # "This is my dog. Turn it into a cat."
            return _mentioned(clause, labels, 2, frozenset()) if words[0] in _THESE else None
        return None if {"need", "want", "should", "don't"} & set(words) else []
    beside = set(following[0].words) & {"him", "her", "he", "she", "his"}
    if not _asks(following[0]):
        return None
    if words[0] in ("it's", "that's"):
        return [] if "too" in words or TASTE & set(words) else None
    dull = any(word in _DULL and before in _SEEMS for before, word in pairwise(words))
    if dull and not refers and not demands and words[-1] in _DULL:
        # "the room is boring, put a plant in the corner"
        return []
    complains = "too" in words or bool(TASTE & set(words))
    if not complains and not refers:
        return None
    if words[:2] in (("there", "is"), ("there", "are")) or words[0] == "there's":
        there = _mentioned(clause, labels, 1 + (words[0] == "there"), frozenset())
        placed = any(item.posts for wish in there or () for item in (wish.targets.items if wish.targets else ()))
        return None if beside and placed else there
    had = _had(clause, labels) if set(following[0].words) & {"it", "them", "its"} else None
    return had if had is not None else _mentioned(clause, labels, 0, _IS)


def _had(clause: Clause, labels: PhraseTable[str]) -> list[Wish] | None:
    """The graffiti of "the sign has graffiti", the shirt of "the man is wearing a blue shirt"; None for other texts."""
    read = NounPhrases(clause, labels).selection(0, len(clause), _IS)
    if read is None or read[1] + 1 >= len(clause) or clause.words[read[1]] not in _IS:
        return None
    place = read[1] + 1
    has = clause.words[read[1]] in ("has", "have", "had")
    place += clause.words[place] in ("wearing", "holding", "carrying", "riding")
    if not has and place == read[1] + 1:
        return None
    thing = NounPhrases(clause, labels).selection(place, len(clause))
    if thing is None or thing[1] < len(clause) or any(item.special or not item.noun for item in thing[0].items):
        return None
    there = tuple(item.definite() for item in thing[0].items)
    return [Wish("mention", clause, targets=Selection(there, words=thing[0].words))]


def _asks(clause: Clause) -> bool:
    """Whether a sentence asks for something: "make it red", "I want it red", "it should be red"."""
    demands = clause.words[0] in PRONOUNS and {"should", "must"} & set(clause.words)
    return VERBS.at(clause.words, 0) is not None or clause.is_wanted or bool(demands)


def _mentioned(clause: Clause, labels: PhraseTable[str], start: int, stops: frozenset[str]) -> list[Wish] | None:
    """The things that are spoken of from a token on, up to a word that says how they are; none for the picture."""
    read = NounPhrases(clause, labels).selection(start, len(clause), stops) if start < len(clause) else None
    if read is None:
        return None
    selection, end = read
    if stops and (end + 1 >= len(clause) or clause.words[end] not in stops or clause.words[end + 1] == "to"):
        return None
    if not stops and end < len(clause):
        return None
    if stops and ARTICLES & set(clause.words[end + 1 :]):
        # "the woman has a hat": whether she or the hat is spoken of is not said
        return None
    if any(item.special in ("picture", "background", "everything", "pronoun") for item in selection.items):
        return []
    there = tuple(item.definite() for item in selection.items)
    return [Wish("mention", clause, targets=Selection(there, words=selection.words))]
