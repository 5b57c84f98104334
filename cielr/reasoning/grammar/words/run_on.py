"""Where a wish begins without a stop before it: "change the smile to a frown Add tears"."""

from __future__ import annotations

from collections.abc import Sequence

from ....core.inflection import is_plural
from .tokens import Token, colour_size
from .vocabulary import (
    ARTICLES,
    BACKGROUND_WORDS,
    NUMBERS,
    PERSONAL,
    PICTURES,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    RELATIONS,
    TELLING,
    VERBS,
    word_set,
)

_ALWAYS = word_set(
    """add remove replace insert delete erase eliminate include brighten darken lighten sharpen desaturate crop zoom
    leave keep"""
)
"""Verbs that are no nouns and seldom said of anybody in a picture."""
_CAPITAL_TOO = word_set(
    """make change put place give increase decrease reduce move rotate resize turn fill paint color colour blur move
    enlarge shrink enhance raise lower cut crop flip take get draw create set swap adjust fix clean paste smooth
    straighten whiten soften deepen close"""
)
"""Verbs that begin a wish within a text where a capital says so, or a word that only a wish has after it."""
_NOT_BEFORE = (
    ARTICLES
    | POSSESSIVES
    | NUMBERS.keys()
    | word_set(
        """to and or not don't dont never then that which who i you we they he she let let's can could will would
    should must may might as like of with without for from by in on at into onto if than so but also first second
    have has had help wants want trying about very more less 's , : ( - +"""
    )
)
"""Words before a verb that does not begin a wish."""
_LETS = frozenset({"make", "have", "let", "get", "assure", "write"})
"""Families after which a verb says what somebody is to do, or a text goes on."""
_AFTER_MAKE = word_set("it them him her the his her their its my our this these all background image picture photo")


def begins_run_on(text: str, begun: Sequence[Token], tokens: Sequence[Token], place: int) -> bool:
    """Whether a wish begins at a place though nothing stands before it.

    Args:
        begun: what has been read of the wish before.
    """
    token = tokens[place]
    words = [other.word for other in begun]
    if token.kind != "word" or len(begun) < 2 or place + 1 >= len(tokens) or words[-1] in _NOT_BEFORE:
        return False
    verb, first = VERBS.at([other.word for other in tokens], place), _family(words)
    if verb is None or first is None or begun[-1].kind == "mark":
        return False
    if RELATIONS.at(words, len(words) - 1) is not None and words[-1] not in ("behind", "around", "above", "below"):
        return False
    follows = tokens[place + verb[1]] if place + verb[1] < len(tokens) else None
    if follows is None or follows.kind == "mark" or follows.word in ("of", "and", "is", "are", "to", "or"):
        return token.word in ("crop",) and follows is None
    raised = _is_raised(text, begun, token)
    if raised:
        return token.word in _ALWAYS or (token.word in _CAPITAL_TOO and _can_follow(follows, raised))
    if (TELLING | {"that", "which", "who"}) & set(words) or (text[token.start].isupper() and not _shouts(text)):
        # "make the sign say please add salt", "Add Russian Flag Change"
        return False
    if verb[1] > 1 and verb[0] == "remove" and first not in _LETS - {"make"}:
        # "make the image brighter edit out the leash"
        return True
    about = {other.word for other in tokens[place + 1 : place + 3]}
    if token.word == "change" and first == "make" and about & (BACKGROUND_WORDS | PICTURES):
        return True
    if token.word == "make":
        return first not in _LETS and follows.word in _AFTER_MAKE
    if token.word in _ALWAYS:
        return first != "write" and (first not in _LETS or _can_follow(follows, False))
    return token.word in _CAPITAL_TOO and first not in _LETS and follows.word in _AFTER_MAKE | {"a", "an"}


def _family(words: Sequence[str]) -> str | None:
    """The family of the verb with which a wish began, past a word of degree."""
    for place in range(min(2, len(words))):
        if (verb := VERBS.at(words, place)) is not None:
            return verb[0]
    return None


def _is_raised(text: str, begun: Sequence[Token], token: Token) -> bool:
    """Whether a word has a capital, and the words around it have none."""
    if not text[token.start].isupper() or text[token.start : token.end].isupper():
        return False
    following = text[token.end :].lstrip()
    if text[: token.start].endswith("  ") or following.startswith(_PLAIN):
        return True
    inner = [text[other.start] for other in begun[1:] if other.kind == "word"]
    return sum(letter.isupper() for letter in inner[-3:]) < 2 or 2 * sum(map(str.isupper, inner)) < len(inner)


_PLAIN = ("the ", "a ", "an ", "his ", "her ", "its ", "their ", "some ", "all ")


def _shouts(text: str) -> bool:
    """Whether a text is in capitals throughout."""
    return not any(letter.islower() for letter in text)


def _can_follow(token: Token, raised: bool) -> bool:
    """Whether a thing, a look or the picture may begin with a word."""
    word = token.word
    known = word in ARTICLES or word in POSSESSIVES or word in PRONOUNS or word in PICTURES or word in NUMBERS
    known = known or word in PERSONAL or QUANTIFIERS.at((word,), 0) is not None
    return known or raised or token.is_letters or is_plural(word) or colour_size((word,), 0) > 0
