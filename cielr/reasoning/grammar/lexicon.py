"""What words mean without looking: synonyms, shapes, plurals, numbers, and the orders and relations they name."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...core import geometry

SYNONYMS = (
    {"man", "guy", "gentleman"},
    {"woman", "lady"},
    {"child", "kid"},
    {"person", "human"},
    {"picture", "photo", "painting", "poster"},
    {"cup", "mug"},
    {"car", "automobile"},
    {"bike", "bicycle"},
    {"sofa", "couch", "settee"},
    {"tv", "television", "screen", "monitor"},
    {"phone", "telephone", "smartphone", "cellphone"},
    {"plate", "dish", "saucer"},
    {"dog", "puppy"},
    {"cat", "kitten", "kitty"},
    {"bird", "birdie"},
    {"rock", "stone"},
    {"lamp", "light"},
    {"disc", "disk", "circle", "ball", "sphere"},
    {"bag", "handbag", "purse"},
)
"""Words for one thing, used only where the scene has no object of the very word. A dog is no animal here: what needs
knowledge is not read by rule."""
KINDS = {
    "person": {"man", "guy", "gentleman", "woman", "lady", "child", "kid", "boy", "girl"},
    "human": {"man", "guy", "gentleman", "woman", "lady", "child", "kid", "boy", "girl"},
    "child": {"boy", "girl"},
    "kid": {"boy", "girl"},
}
"""What a word takes in besides: a woman is a person. Never the other way: who is a man is not said of a person."""
SHAPES = {
    "circle": "round",
    "disc": "round",
    "disk": "round",
    "square": "square",
    "rectangle": "rectangular",
    "triangle": "triangular",
    "oval": "oval",
    "ellipse": "oval",
}
"""Nouns that say a shape and nothing else."""
IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "knives": "knife",
    "leaves": "leaf",
    "feet": "foot",
    "geese": "goose",
}
COLOURED = {"golden": "gold", "gilded": "gold", "silvery": "silver"}
"""Words that say a colour and may be part of a name, too: a golden retriever."""
ANYTHING = {"object", "thing", "item"}
NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            ("one", "first"),
            ("two", "second", "twice"),
            ("three", "third", "thrice"),
            ("four", "fourth"),
            ("five", "fifth"),
            ("six", "sixth"),
            ("seven", "seventh"),
            ("eight", "eighth"),
            ("nine", "ninth"),
            ("ten", "tenth"),
            ("eleven", "eleventh"),
            ("twelve", "twelfth"),
        ),
        start=1,
    )
    for word in words
}
ORDERS: dict[str, Callable] = {
    "largest": geometry.large_to_small,
    "biggest": geometry.large_to_small,
    "smallest": geometry.small_to_large,
    "tiniest": geometry.small_to_large,
    "leftmost": geometry.left_to_right,
    "left-most": geometry.left_to_right,
    "rightmost": geometry.right_to_left,
    "right-most": geometry.right_to_left,
    "topmost": geometry.top_to_bottom,
    "uppermost": geometry.top_to_bottom,
    "highest": geometry.top_to_bottom,
    "bottommost": geometry.bottom_to_top,
    "lowest": geometry.bottom_to_top,
    "lowermost": geometry.bottom_to_top,
    "nearest": geometry.near_to_far,
    "closest": geometry.near_to_far,
    "foremost": geometry.near_to_far,
    "farthest": geometry.far_to_near,
    "furthest": geometry.far_to_near,
    "tallest": lambda things: sorted(things, key=lambda thing: -thing.box.height),
    "shortest": lambda things: sorted(things, key=lambda thing: thing.box.height),
    "widest": lambda things: sorted(things, key=lambda thing: -thing.box.width),
    "narrowest": lambda things: sorted(things, key=lambda thing: thing.box.width),
}
SIDES: dict[str, Callable] = {
    "left": geometry.left_to_right,
    "right": geometry.right_to_left,
    "top": geometry.top_to_bottom,
    "upper": geometry.top_to_bottom,
    "bottom": geometry.bottom_to_top,
    "lower": geometry.bottom_to_top,
    "front": geometry.near_to_far,
    "back": geometry.far_to_near,
}
RELATIONS: dict[str, Callable] = {
    "LEFT_OF": geometry.left_of,
    "RIGHT_OF": geometry.right_of,
    "ABOVE": geometry.above,
    "BELOW": geometry.below,
    "NEXT_TO": geometry.next_to,
    "BY": geometry.next_to,
    "ON": geometry.on,
    "ON_TOP": geometry.on,
    "IN": geometry.inside,
    "INSIDE": geometry.inside,
    "IN_FRONT_OF": geometry.in_front_of,
    "BEHIND": geometry.behind,
    "TOUCHING": geometry.touching,
    "OVERLAPPING": geometry.overlapping,
}


def singular(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh|to)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2 else word
