"""What reads well and may mean two things, or no thing: it is asked about, and never guessed."""

from __future__ import annotations

from itertools import pairwise

from ....core.inflection import singular
from ..nouns.phrases import Phrase
from ..words.synonyms import PEOPLE
from ..words.tokens import refusal
from ..words.vocabulary import PhraseTable
from .becoming import BODY_PARTS
from .wishes import Wish

_OF_THE_PICTURE = frozenset({"side", "edge", "half", "corner", "border", "third", "quarter"})
_PARTS = frozenset({"portion", "part", "section", "region"})
_OFF = frozenset({"from_", "on", "in_", "inside"})
_DOING = frozenset({"darken", "brighten", "lighten", "saturate", "desaturate", "sharpen", "leave", "delete"})
"""Verbs that name no thing."""
_BESIDE = frozenset({"next_to", "behind", "in_front_of", "left_of", "right_of", "above", "below"})


def check_targets(wish: Wish, labels: PhraseTable[str]) -> None:
    """That a wish is about things, and it is clear which.

    Raises:
        NotUnderstood: for "the right side of the image", "the tree background" that is to go, "the people around the
            man and the woman", and "remove the people instead of the two men".
    """
    if wish.targets is None or wish.kind == "mention":
        return
    for item in wish.targets.items:
        _check_is_a_thing(item, wish, labels)
    if wish.kind == "remove":
        _check_spares_nobody(wish)
        for first, second in pairwise(wish.targets.items):
            _check_goes_as_well(first, second, wish)


def _check_is_a_thing(item: Phrase, wish: Wish, labels: PhraseTable[str]) -> None:
    """Raises NotUnderstood for "here", for a side of the picture, and for a kind of background that is to go."""
    quoted = {token.word for token in wish.clause.tokens if token.kind == "quoted"}
    if item.head in {"here", "there"} - quoted:
        raise refusal(f"Where '{item.head}' is in '{wish.clause.spelled()}' was not understood")
    if item.head in _DOING - quoted:
        raise refusal(f"'{item.head}' was not understood in '{wish.clause.spelled()}'")
    if labels.at(item.name, 0) is not None:
        return
    if _is_of_the_picture(item):
        raise refusal(f"'{item.words}' is a part of the picture, and no thing in it; name what is there")
    ground = item.head == "background" and not item.special and len(item.noun) > 1 and item.owner is None
    if ground and wish.kind == "remove":
        raise refusal(f"What is to be kept, or to be there instead of '{item.words}', is not said")


def _check_spares_nobody(wish: Wish) -> None:
    """Raises NotUnderstood for "the people instead of the man", which may spare him."""
    words = wish.clause.words
    items = wish.targets.items if wish.targets is not None else ()
    starts = [start for start, _ in wish.free if words[start : start + 2] == ("instead", "of")]
    somebody = any(PEOPLE & {singular(word) for word in words[start + 2 : start + 6]} for start in starts)
    if somebody and any(singular(item.head) in ("person", "human") for item in items):
        raise refusal(f"What 'instead' says in '{wish.clause.spelled()}' was not understood")


def _check_goes_as_well(first: Phrase, second: Phrase, wish: Wish) -> None:
    """Raises NotUnderstood for "the people behind the man and the woman", who may stand before them or go with them,
    and for "the shadows from their faces and neck"."""
    off = next((post.anchors[-1] for post in first.posts if post.relation in _OFF and post.anchors), None)
    bare = not (second.determiners or second.owner or second.looks) and singular(second.head) in BODY_PARTS
    if bare and off is not None and singular(off.head) in BODY_PARTS:
        raise refusal(f"Whether '{second.words}' is to go is not clear; say '{off.words} and the {second.words}'")
    beside = next((post.anchors[-1] for post in first.posts if post.relation in _BESIDE and post.anchors), None)
    if beside is None or beside.head not in PEOPLE or second.head not in PEOPLE:
        return
    plain = not (second.posts or second.looks) or second.head == beside.head
    if plain and not {"also", "too"} & set(wish.clause.words):
        raise refusal(f"Whether '{second.words}' is to go as well is not said; name it first")


def _is_of_the_picture(item: Phrase) -> bool:
    """Whether a phrase is a side or a corner of the whole picture."""
    alone = len(item.noun) == 1 and item.owner is None and not item.special and not item.looks
    of_picture = bool(item.posts) and all(post.kind == "whole" for post in item.posts)
    named = item.head in _OF_THE_PICTURE and bool(item.ranks) and (of_picture or not item.posts)
    return alone and "frame" not in item.words and (named or (item.head in _PARTS and of_picture))
