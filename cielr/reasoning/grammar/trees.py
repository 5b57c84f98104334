"""Reading the grammar's trees: which of their parts say the noun, the place, the rank and the number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lark import Token, Tree

from .lexicon import NUMBERS
from .tokens import Phrase

PLACES = ("related", "is_between", "in_row", "in_row_number", "on_side", "closest")
"""Where a thing is, said after its noun."""


def noun_of(item: Phrase) -> Phrase | None:
    """The phrase of an item that has a noun of its own, which others may borrow."""
    for phrase in item.find_data("phrase"):
        head = phrase.children[0]
        if head.data == "described" and any(child.data == "noun" for child in head.children):
            return phrase
    return None


def head_and_posts(item: Any) -> tuple[Phrase, list[Phrase]] | None:
    """What stands up to the noun, and what is said after it, of an item that is a plain phrase."""
    phrase: Any = item.children[0] if isinstance(item, Tree) else None
    if not isinstance(phrase, Tree) or phrase.data != "phrase":
        return None
    head: Any = phrase.children[0]
    return (head, list(phrase.children[1:])) if head.data == "described" else None


def place_posts(item: Phrase) -> list[Phrase]:
    """What is said after the item's noun of where it is."""
    parts = head_and_posts(item)
    return [post for post in parts[1] if post.data in PLACES] if parts else []


def is_bare(item: Phrase) -> bool:
    """Whether an item has a noun, and nothing after it."""
    parts = head_and_posts(item)
    return bool(parts) and not parts[1] and any(child.data == "noun" for child in parts[0].children)


def is_line(item: Phrase) -> bool:
    """Whether it is a whole row or column."""
    return isinstance(item.children[0], Tree) and item.children[0].data == "line"


def is_spot(phrase: Phrase) -> bool:
    """Whether it only says a side or the middle, as in "on the left": no thing and no row is named."""
    head, *posts = phrase.children
    if any(post.data != "whole" for post in posts):
        return False
    inner = [child for child in getattr(head, "children", ()) if child.data != "determiner"]
    sides = ("LEFT", "RIGHT", "TOP", "BOTTOM", "MIDDLE")
    return (
        head.data == "described"
        and bool(inner)
        and all(child.data == "modifier" and child.children[0].type in sides for child in inner)
    )


def ranks_in_a_place(item: Phrase) -> bool:
    """Whether it is like "the two largest coins in the top row"."""
    parts = head_and_posts(item)
    kinds = ("ORDINAL", "LAST", "SUPERLATIVE", "NUMBER")
    ranked = bool(parts) and any(
        child.data == "modifier" and child.children[0].type in kinds for child in parts[0].children
    )
    return ranked and bool(place_posts(item))


def words_of(trees: Sequence[Phrase]) -> str:
    """What was said there, as a text."""
    return spelled([token for tree in trees for token in tree.scan_values(lambda value: isinstance(value, Token))])


def spelled(words: Sequence[str]) -> str:
    return " ".join(str(word) for word in words)


def number_of(token: Token) -> int:
    """3 for "3", "3rd", "three" and "third"."""
    digits = re.sub(r"\D.*", "", str(token))
    return int(digits) if digits else NUMBERS[str(token)]
