"""The words of a noun phrase up to its noun: determiners, ranks, looks, and which words a noun may have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ....core.inflection import is_plural, singular
from ..words.doings import DOING_TO, NOUNS_IN_ED, NOUNS_IN_ING, PARTICIPLES
from ..words.synonyms import SHAPE_NOUNS
from ..words.tokens import Clause, colour_size, spelled
from ..words.vocabulary import (
    ARTICLES,
    AS_BIG,
    BIGGER,
    COMPARATIVES,
    COMPARED,
    CONDITIONS,
    DEGREES,
    DIRECTIONS,
    DIRECTLY,
    EXCEPTIONS,
    LAST,
    LIGHTS,
    NEGATIONS,
    NUMBER_OF_TIMES,
    NUMBERS,
    ORDINALS,
    PERSONAL,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    RELATIONS,
    SHAPES,
    SIDES,
    SIZES,
    SMALLER,
    SUPERLATIVES,
    TONES,
    WHICH,
    PhraseTable,
    word_set,
)
from .phrases import Look, Phrase, Rank

IDLE = word_set(
    """new current original existing entire whole single only very exact specific particular main visible newly added
    remaining extreme surrounding overall"""
)
"""Words before a noun that pick nothing."""
_ENDS = (
    word_set(
        """, and & to into as for than so ( ) 's of : is are was were be that which should must needs who whom
    whose where plus shall while separating isolating revealing restoring highlighting capturing making ensuring
    keeping leaving preserving maintaining including focusing blending adding such in-order me us towards aside
    toward like saying upside upside-down clockwise counterclockwise"""
    )
    | CONDITIONS
    | NEGATIONS
    | frozenset(NUMBER_OF_TIMES)
    | frozenset(DIRECTIONS)
    | frozenset(COMPARATIVES)
    | frozenset({"%", "percent", ";", "=", "-", "+", "up", "away", "!", "?", "out", "then"})
) - {"upper", "lower", "double", "triple"}
_INNER_SIDES = frozenset({"front", "back", "top", "bottom", "rear"})
"""Sides that may stand within a name: the motorcycle's front fork, a kitchen back door."""
_DISTANT = {"near": "front", "far": "back", "distant": "back"}
_PICKING = frozenset({"all", "every", "both", "other"})
"""Determiners that say which things are meant without a noun."""
FLANKS = frozenset({"left", "right"})
COLOUR_THINGS = word_set(
    """orange rose salmon gold silver olive plum chocolate coral lime wheat tomato peach violet snow linen orchid
    lavender ivory sienna peru"""
)
"""Colours that are things as well: where no noun follows, the thing is meant."""
_NO_NOUNS = word_set("more less thx asap wants want love itself himself herself upside saying say says so yours too")
"""Words that no thing is called by, so that nobody looks for them."""
NO_HEADS = word_set("old young tall thin fat cute dirty clean wet wooden metal plastic broken little")
"""Adjectives that no colour, size or shape is: a noun is still to come."""
_TOOLS = frozenset({"cleaner", "thinner"})
COLOUR_NOUN_ENDS = frozenset({"light", "gold", "silver"})
"""Words of a look that may end a noun: street light."""


CARRY_LETTERS = word_set(
    """text texts word words title titles subtitle letter letters lettering phrase sentence caption heading headline
    slogan message number numbers digit digits name label sign logo button banner poster badge plate sticker
    inscription character characters line section paragraph watermark"""
)
"""Nouns that quoted letters may stand beside, and then say which one is meant: the word "SALE"."""


def _worn_top(owner: Phrase | None, noun: tuple[str, ...], ranks: list[Rank]) -> tuple[tuple[str, ...], list[Rank]]:
    """ "her top" is what she wears, and no side."""
    worn = owner is not None and not noun and [rank.word for rank in ranks] == ["top"]
    return (("top",), []) if worn else (noun, ranks)


class NounWords:
    """Reads the words of one clause; `steps` counts the places that were looked at."""

    def __init__(self, clause: Clause, labels: PhraseTable[str]) -> None:
        self.clause = clause
        self.words = clause.words
        self.singulars = tuple(singular(word) for word in self.words)
        self.labels = labels
        self.steps = 0
        self.depth = 0

    # ------------------------------------------------------------------------------------------------ up to the noun

    def _head(self, start: int, end: int, stops: frozenset[str]) -> tuple[Phrase, int] | None:
        """(determiners, ranks, looks and noun, where they end)."""
        determiners: set[str] = set()
        ranks: list[Rank] = []
        looks: list[Look] = []
        owner = None
        place = start
        while place < end and self.words[place] not in stops:
            self.steps += 1
            word = self.words[place]
            if self.clause.tokens[place].kind == "quoted" or self._label_begins(place, end):
                break
            if (quantifier := QUANTIFIERS.at(self.words, place, end)) is not None:
                determiners.add(quantifier[0])
                place += quantifier[1]
            elif word == "far" and place + 1 < end and self.words[place + 1] in SIDES:
                place += 1
            elif word in ARTICLES or word in ("other", "another") or word in IDLE:
                determiners.add(word)
                place += 1
            elif word in POSSESSIVES:
                owner = Phrase(special="pronoun", words=word, noun=PERSONAL.get(word, ()), raw=word)
                place += 1
            elif (behind := self._before_last(place)) is not None:
                ranks.append(behind[0])
                place += behind[1]
            elif self._is_garment(place, end, looks):
                break
            elif (rank := self._rank(place, end)) is not None:
                ranks.append(rank)
                place += 1
            elif word in ("and", "&") and looks and self._is_second_colour(place + 1, end):
                place += 1
            elif (look := self._look(place, end)) is not None:
                looks.append(look[0])
                place += look[1]
            else:
                break
        before = place
        letters = self._letters(place, end, stops)
        noun, place = letters or self._noun(place, end, stops, bool(determiners or ranks or looks))
        noun, ranks = _worn_top(owner, noun, ranks)
        if noun and noun[-1] in _NO_NOUNS and noun[0] not in CARRY_LETTERS:
            return None
        if place == start or not (noun or determiners & _PICKING or ranks or looks):
            return None
        raw = self.clause.raw(before, place)
        phrase = Phrase(
            self.clause.spelled(start, place), "", frozenset(determiners), tuple(ranks), tuple(looks), noun, owner
        )
        return replace(phrase, raw=raw, written=letters is not None and noun[-1] in CARRY_LETTERS), place

    def _letters(self, place: int, end: int, stops: frozenset[str]) -> tuple[tuple[str, ...], int] | None:
        """The text in the picture that quoted letters are, as the words of a noun: "SALE" is the sale text; or what
        bears them: the "MIAMI" uniform."""
        if place >= end or not self.clause.tokens[place].is_letters:
            return None
        said = re.findall(r"[^\W_]+(?:-[^\W_]+)*", self.words[place])
        if self.labels.at([singular(word) for word in said], 0) is not None:
            return tuple(said), place + 1
        bearer, after = self._open_words(place + 1, end, stops)
        return (*said, *(bearer or ("text",))), after

    def _noun(self, place: int, end: int, stops: frozenset[str], begun: bool) -> tuple[tuple[str, ...], int]:
        if place < end and self.words[place] in ("one", "ones") and begun:
            return (self.words[place],), place + 1
        return self._open_words(place, end, stops)

    def _open_words(
        self, place: int, end: int, stops: frozenset[str], looks_too: bool = False
    ) -> tuple[tuple[str, ...], int]:
        """The words of no closed class, and names that the scene knows, from a place on."""
        noun: list[str] = []
        while place < end and self.words[place] not in stops:
            self.steps += 1
            label = self.labels.at(self.singulars, place, end)
            if label is not None and (label[1] > 1 or self._label_begins(place, end)):
                noun += self.words[place : place + label[1]]
                place += label[1]
                continue
            if looks_too and not noun and self._look(place, end) is not None:
                noun.append(self.words[place])
                place += 1
                continue
            if not self._is_open(place, end, bool(noun)) and not (noun and self._goes_on(noun[-1], place, end)):
                break
            noun.append(self.words[place])
            place += 1
        return tuple(noun), place

    def _goes_on(self, word: str, place: int, end: int) -> bool:
        """Whether a noun goes on after an adjective with a word that says what something does: "old running shoes"."""
        more = place + 1 < end and self._is_open(place + 1, end, True)
        return word in NO_HEADS and more and self._is_open(place, end, False)

    def _is_second_colour(self, place: int, end: int) -> bool:
        """Whether "and white cat" goes on after "black": one thing of two colours; "and blue cups" are other things."""
        size = colour_size(self.words, place, end)
        if not size:
            return False
        noun, after = self._open_words(place + size, end, frozenset())
        return bool(noun) and not is_plural(noun[-1]) and after > place

    def _is_garment(self, place: int, end: int, looks: Sequence[Look]) -> bool:
        """Whether "top" is something to wear there: "in a pink top"."""
        if self.words[place] not in ("top", "tops") or not place or not self._noun_ends(place + 1, end):
            return False
        before = self.words[place - 1]
        coloured = any(look.kind == "colour" for look in looks) or colour_size(self.words, place - 1, place) == 1
        return coloured or before in ("a", "an")

    def _label_begins(self, place: int, end: int) -> bool:
        """Whether the scene calls something by the words there; one word of a closed class only where it ends."""
        label = self.labels.at(self.singulars, place, end)
        if label is None:
            return False
        return label[1] > 1 or self._noun_ends(place + 1, end) or self._is_open(place, end, False)

    def _noun_ends(self, place: int, end: int) -> bool:
        """Whether no noun goes on there: at an end, and before "closest to" and "furthest to"."""
        return self._is_end(place, end) or self.is_nearest(place, end) > 0

    def is_nearest(self, place: int, end: int) -> int:
        """How many words "closest to" and "nearest" take there; 0 where nothing follows that something is near to."""
        if not self._is(place, end, *SUPERLATIVES):
            return 0
        if self._is(place + 1, end, "to"):
            return 2
        beside = SUPERLATIVES[self.words[place]] in ("near", "far") and self._is(
            place + 1, end, *ARTICLES, *POSSESSIVES
        )
        return 1 if beside else 0

    def _is_open(self, place: int, end: int, begun: bool) -> bool:
        """Whether the word there may be part of a noun. begun: whether one is before it."""
        word, token = self.words[place], self.clause.tokens[place]
        if token.kind == "quoted":
            return not begun or self.clause.tokens[place - 1].kind == "quoted"
        if token.kind in ("mark", "owner", "id", "hex"):
            return False
        if token.kind in ("number", "ordinal") or word in NUMBERS or word in ORDINALS:
            return False
        if self._is_boundary(place, end):
            return False
        if begun and word in _INNER_SIDES and place + 1 < end and self._is_open(place + 1, end, True):
            return True
        if begun and word in ("light", "lights") and self.words[place - 1] in LIGHTS:
            return True
        if begun and word in (COMPARED | BIGGER | SMALLER) - _TOOLS:
            # "the photo brighter and warmer"
            return False
        if word in SIDES:
            if self._is_garment(place, end, ()):
                return True
            return begun and word not in FLANKS and word != "foreground" and self._is_end(place + 1, end)
        if self._look(place, end) is not None or word in SUPERLATIVES or word in LAST:
            looks = word not in SUPERLATIVES and word not in LAST
            if begun and looks and place + 1 < end and self._is_open(place + 1, end, True):
                # "vintage blue car", "traffic light pole"
                return True
            return begun and (word in SHAPE_NOUNS or word in COLOUR_NOUN_ENDS) and self._is_end(place + 1, end)
        return not (begun and self._is_participle(place, end))

    def _is_participle(self, place: int, end: int) -> bool:
        """Whether a word after a noun says what it does or what is done to it: sitting, parked, worn."""
        word = self.words[place]
        if word in PARTICIPLES:
            return True
        if word in DIRECTLY or DEGREES.at(self.words, place, end) is not None:
            return False
        if word.endswith("ly") and len(word) > 5 and word not in ("butterfly", "family", "firefly", "dragonfly"):
            return True
        follows = self.words[place + 1] if place + 1 < end else ""
        ends = RELATIONS.at(self.words, place + 1, end) is not None or follows in ARTICLES or follows in ("to", "out")
        if word.endswith("ing") and singular(word) not in NOUNS_IN_ING and len(word) > 4:
            headed = word == "heading" and follows in ("away", "towards", "toward", *DIRECTIONS)
            return ends or headed or word in DOING_TO
        return word.endswith("ed") and word not in NOUNS_IN_ED and len(word) > 4 and ends

    def _is_boundary(self, place: int, end: int) -> bool:
        word = self.words[place]
        if word in _ENDS or word in ARTICLES or word in POSSESSIVES or word in PRONOUNS or word == "between":
            return True
        if word in DIRECTLY and RELATIONS.at(self.words, place + 1, end) is not None:
            return True
        tables = (RELATIONS, WHICH, EXCEPTIONS, DEGREES)
        return any(table.at(self.words, place, end) is not None for table in tables)

    def _is_end(self, place: int, end: int) -> bool:
        """Whether no noun goes on there."""
        if place >= end or self.clause.tokens[place].kind in ("mark", "owner", "number"):
            return True
        return (
            self._is_boundary(place, end)
            or self._is_participle(place, end)
            or AS_BIG.at(self.words, place, end) is not None
        )

    def _rank(self, place: int, end: int) -> Rank | None:
        """A number, ordinal, superlative, comparative or side before a noun."""
        word, token = self.words[place], self.clause.tokens[place]
        if token.kind == "number" and word.isdigit():
            return Rank("number", word, int(word))
        if word in NUMBERS:
            if word == "one" and place and not self._is_noun_next(place, end):
                return None
            return Rank("number", word, NUMBERS[word])
        if (rank := self._ordinal(place)) is not None:
            return rank
        if word in SUPERLATIVES:
            return Rank("superlative", word, SUPERLATIVES[word])
        if word in SIDES:
            return Rank("side", word, SIDES[word])
        if word in COMPARATIVES:
            return Rank("comparative", word, COMPARATIVES[word])
        if word in _DISTANT and place and self.words[place - 1] in ("the", "and") and not self._is_end(place + 1, end):
            return Rank("side", word, _DISTANT[word])
        return None

    def _before_last(self, place: int) -> tuple[Rank, int] | None:
        """ "second to last", "next to last", "penultimate": how many from the last, and how many words that takes."""
        word = self.words[place]
        if word == "penultimate":
            return Rank("last", word, 1), 1
        ordinal = 2 if word == "next" else ORDINALS.get(word, 0)
        if ordinal < 2 or self.words[place + 1 : place + 3] not in (("to", "last"), ("from", "last")):
            return None
        return Rank("last", self.clause.spelled(place, place + 3), ordinal - 1), 3

    def _is_noun_next(self, place: int, end: int) -> bool:
        return place + 1 < end and (self.words[place + 1] == "of" or not self._noun_ends(place + 1, end))

    def _ordinal(self, place: int) -> Rank | None:
        word, token = self.words[place], self.clause.tokens[place]
        if word in ORDINALS:
            return Rank("ordinal", word, ORDINALS[word])
        if token.kind == "ordinal":
            return Rank("ordinal", word, int(re.sub(r"\D", "", word)))
        return Rank("last", word) if word in LAST else None

    def _look(self, place: int, end: int) -> tuple[Look, int] | None:
        """A colour, tone, shape or size, and how many words it takes."""
        word = self.words[place]
        if size := colour_size(self.words, place, end):
            if word in COLOUR_THINGS and size == 1 and self._noun_ends(place + 1, end):
                return None
            return Look("colour", spelled(self.words[place : place + size])), size
        kinds = (("tone", TONES), ("size", SIZES), ("shape", SHAPES))
        for kind, words in kinds:
            is_noun = word in SHAPE_NOUNS or word == "light"
            if word in words and not (is_noun and self._is_end(place + 1, end)):
                return Look(kind, word), 1
        return None

    def _is(self, place: int, end: int, *words: str) -> bool:
        return place < end and self.words[place] in words
