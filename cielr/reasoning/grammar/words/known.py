"""Words that are known without looking at the sentence: of the grammar, and of a scene."""

from __future__ import annotations

import re
from functools import lru_cache

from ....core.colours import NAMES
from ....core.scene import Scene
from . import synonyms
from . import vocabulary as known
from .vocabulary import PhraseTable


@lru_cache(maxsize=1)
def verbs() -> frozenset[str]:
    """The single words with which a wish may begin."""
    return frozenset(word for word in known.VERBS.words() if len(word) > 2) - {"the", "get", "out", "away", "with"}


@lru_cache(maxsize=1)
def closed_words() -> frozenset[str]:
    """The words of the closed classes, those left out that are known only so as to be refused or dropped."""
    tables = [value for value in vars(known).values() if isinstance(value, PhraseTable)]
    closed = {word for table in tables if table not in (known.FILLERS, known.CONNECTIVES) for word in table.words()}
    for value in (
        *(known.ORDINALS, known.NUMBERS, known.NUMBER_OF_TIMES, known.SUPERLATIVES, known.COMPARATIVES, known.SIDES),
        *(known.ARTICLES, known.LAST, known.SIZES, known.SHAPES, known.TONES, known.COLOURED, known.ROWS),
        *(known.LIGHTER, known.DARKER, known.BIGGER, known.SMALLER, known.DIRECTIONS, known.PIXELS),
        *(known.COLOUR_NOUNS, known.BACKGROUND_WORDS, known.PICTURES),
    ):
        closed |= set(value)
    closed |= {word for names in NAMES for word in names.split()}
    return frozenset(word for word in closed if len(word) > 2) - known.NEGATIONS - known.CONDITIONS - known.TASTE


@lru_cache(maxsize=1)
def lexical_words() -> frozenset[str]:
    """Nouns that the grammar has something to say of."""
    groups = {word for group in synonyms.SYNONYMS for phrase in group for word in phrase.split()}
    return frozenset({*synonyms.SHAPE_NOUNS, *known.ANYTHING, *synonyms.KINDS, *groups})


def scene_words(scene: Scene) -> set[str]:
    """The words of labels and attributes."""
    said = " ".join(" ".join([thing.label, *thing.attributes.values()]) for thing in scene.objects)
    return set(re.findall(r"[^\W_]+", said.lower()))


def known_words(scene: Scene) -> set[str]:
    """Every word that may be meant where one is not understood."""
    return scene_words(scene) | closed_words()
