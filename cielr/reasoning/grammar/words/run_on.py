"""Where a wish begins without a stop before it: "change the smile to a frown Add tears"."""

from __future__ import annotations

from collections.abc import Sequence

from ....core.inflection import is_plural
from .tokens import Token, colour_size
from .vocabulary import (
    ARTICLES,
    BACKGROUND_WORDS,
    BIGGER,
    COMPARED,
    DARKER,
    LIGHTER,
    NUMBERS,
    PERSONAL,
    PICTURES,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    RELATIONS,
    SIDES,
    SIZES,
    SMALLER,
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
    """make change put place give increase decrease reduce rotate resize turn fill paint color colour blur move
    enlarge shrink enhance raise lower cut crop flip take get draw create set swap adjust fix clean paste smooth
    straighten whiten soften deepen close write"""
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
_GOING_ON = word_set("that which who whose where when while as so how because until about")
"""Words after which a verb says what somebody or something does."""
_ANYTHING = frozenset({"add", "remove", "replace", "eliminate"})
"""Verbs that begin a wish before any noun."""
_NO_NOUNS = word_set("change give increase decrease reduce enlarge shrink enhance adjust move swap put create")
"""Verbs that begin a wish in lower case before "the" and "his"."""
_AT_LARGE = word_set(
    "contrast brightness saturation exposure sharpness color colors colour colours text background image picture photo"
)
_STATES = word_set("straight curly wavy blonde bald long short bright clear smooth shiny transparent")
"""How a thing may be said to be, at the end of a wish."""
_PLAIN = ("the ", "a ", "an ", "his ", "her ", "its ", "their ", "some ", "all ")
"""What a capital verb stands before where it begins a sentence."""
_OVER = frozenset({"behind", "around", "above", "below", "outside", "inside"})
"""Where something is that may end a wish."""
_LETS = frozenset({"make", "get", "assure", "write"})
"""Families after which a verb says what somebody is to do, or a text goes on."""
_AFTER_MAKE = word_set("it them him her the his her their its my our this these all background image picture photo")


def begins_run_on(
    text: str, begun: Sequence[Token], tokens: Sequence[Token], all_words: Sequence[str], place: int
) -> bool:
    """Whether a wish begins at a place though nothing stands before it.

    Args:
        begun: what has been read of the wish before. all_words: those of the tokens.
    """
    token, verb = tokens[place], VERBS.at(all_words, place)
    if verb is None or token.kind != "word" or len(begun) < 2 or place + 1 >= len(tokens):
        return False
    words = [other.word for other in begun]
    first = _family(words)
    if first is None or words[-1] in _NOT_BEFORE or begun[-1].kind == "mark":
        return False
    if RELATIONS.at(words, len(words) - 1) is not None and words[-1] not in _OVER:
        return False
    follows = tokens[place + verb[1]] if place + verb[1] < len(tokens) else None
    if follows is None or follows.kind == "mark" or follows.word in ("of", "and", "is", "are", "to", "or"):
        return False
    known = _can_follow(follows) or (token.word == "crop" and follows.word in SIDES)
    if _is_raised(text, begun, token, follows):
        if token.word == words[0] and words[1] == all_words[place + 1]:
            # "Insert text Jungle Insert text Survival"
            return True
        named = text[begun[-1].start].isupper() and not _is_the_picture(tokens, place + verb[1])
        if begun[-1].word in TELLING or (TELLING & set(words) and named):
            # "make the sign say Remove your shoes", "Dogs Turn the Table"
            return False
        return token.word in _ANYTHING or (token.word in _ALWAYS | _CAPITAL_TOO and known)
    if (TELLING | _GOING_ON) & set(words) or (text[token.start].isupper() and not _shouts(text)):
        # "a robot whose arms erase the board", "Add Russian Flag Change"
        return False
    about = {other.word for other in tokens[place + 1 : place + 3]} & (BACKGROUND_WORDS | PICTURES)
    if first in _LETS and not (about or _is_a_look(words[-1])):
        # "make the woman remove her hat"
        return False
    if token.word == "make":
        # "make the hairstyle straight make it brown"
        return follows.word in _AFTER_MAKE or _is_a_look(words[-1])
    if verb[1] > 1 and verb[0] == "remove":
        # "edit out the leash"
        return True
    if token.word in _ANYTHING:
        return True
    begins = follows.word in ARTICLES | POSSESSIVES | PRONOUNS | {"all", "up"} or bool(about)
    return begins and (token.word in _ALWAYS or (token.word in _NO_NOUNS and follows.word not in ("a", "an")))


def _is_the_picture(tokens: Sequence[Token], place: int) -> bool:
    """Whether "the image" or "the background" stands there."""
    words = [token.word for token in tokens[place : place + 2]]
    return len(words) == 2 and words[0] in ARTICLES and words[1] in BACKGROUND_WORDS | PICTURES


def _is_a_look(word: str) -> bool:
    """Whether a word says how something is to be, so that a wish may end there."""
    looks = _STATES | COMPARED | BIGGER | SMALLER | LIGHTER | DARKER | SIZES
    return word in looks or colour_size((word,), 0) > 0


def _family(words: Sequence[str]) -> str | None:
    """The family of the verb with which a wish began, past a word of degree."""
    for place in range(min(2, len(words))):
        if (verb := VERBS.at(words, place)) is not None:
            return verb[0]
    return None


def _is_raised(text: str, begun: Sequence[Token], token: Token, follows: Token) -> bool:
    """Whether a word is set off as a sentence begins: by two spaces, or by a capital that is no name or title."""
    if text[: token.start].endswith("  "):
        return True
    if not text[token.start].isupper() or text[token.start : token.end].isupper():
        return False
    if not text[follows.start].islower() and follows.kind == "word":
        return False
    inner = [text[other.start] for other in begun[1:] if other.kind == "word"]
    return text[token.end :].lstrip().startswith(_PLAIN) or sum(letter.isupper() for letter in inner[-3:]) < 2


def _shouts(text: str) -> bool:
    """Whether a text is in capitals throughout."""
    return not any(letter.islower() for letter in text)


def _can_follow(token: Token) -> bool:
    """Whether a thing, a look or the picture begins with a word."""
    word = token.word
    known = word in ARTICLES or word in POSSESSIVES or word in PRONOUNS or word in NUMBERS or word in PERSONAL
    known = known or word in _AT_LARGE or QUANTIFIERS.at((word,), 0) is not None or word in ("in", "out", "up")
    return known or token.is_letters or is_plural(word)
