"""From words to noun phrases, by recursive descent: each word is read once, so the cost grows with the length.

Closed classes take a phrase apart; whatever stands between them is the noun, and nobody asks what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ...core.inflection import is_plural, singular
from .phrases import Look, Phrase, Post, Rank, Selection
from .tokens import Clause, colour_size, refusal, spelled
from .vocabulary import (
    ARTICLES,
    AS_BIG,
    BACKGROUND_WORDS,
    COMPARATIVES,
    CONDITIONS,
    CONTAINERS,
    DEGREES,
    DIRECTIONS,
    DIRECTLY,
    EVERYTHING,
    EXCEPTIONS,
    LAST,
    MEASURES,
    NEGATIONS,
    NOUNS_IN_ED,
    NOUNS_IN_ING,
    NUMBER_OF_TIMES,
    NUMBERS,
    ORDINALS,
    PARTICIPLES,
    PICTURE_WORDS,
    PICTURES,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    RELATIONS,
    ROWS,
    SHAPE_NOUNS,
    SHAPES,
    SIDE_NOUNS,
    SIDES,
    SIZES,
    SUPERLATIVES,
    TONES,
    WHICH,
    PhraseTable,
    word_set,
)

DEEPEST = 8
"""Phrases within phrases; what is said more deeply nested is a riddle to people, too."""
IDLE = word_set(
    """new current original existing entire whole single only very exact specific particular main visible newly added
    remaining extreme surrounding"""
)
"""Words before a noun that pick nothing."""
_ENDS = (
    word_set(
        """, and & to into as for than so ( ) 's of : is are was were be that which should must needs who whom
    whose where plus while separating isolating revealing restoring highlighting capturing making ensuring
    keeping leaving preserving maintaining including focusing blending adding such in-order"""
    )
    | CONDITIONS
    | NEGATIONS
    | frozenset(NUMBER_OF_TIMES)
    | frozenset(DIRECTIONS)
    | frozenset(COMPARATIVES)
    | frozenset({"%", "percent", ";", "=", "-", "+", "up", "away", "!", "?", "out", "then"})
) - {"upper", "lower", "double", "triple"}
_OF_PICTURE = frozenset({"of", "in", "from", "within", "inside", "on", "across", "throughout", "at"})
_JOINTS = ("and", "&", "plus")
_INNER_SIDES = frozenset({"front", "back", "top", "bottom", "rear"})
"""Sides that may stand within a name: the motorcycle's front fork, a kitchen back door."""
_FIGURES = frozenset({"number", "digit", "letter", "year", "date", "numeral", "text", "word"})
"""Nouns before a number that is written there, and no name of a thing."""
_DISTANT = {"near": "front", "far": "back", "distant": "back"}
_PICKING = frozenset({"all", "every", "both", "other"})
"""Determiners that say which things are meant without a noun."""
_SURFACES = frozenset({"left", "right"})
COLOUR_THINGS = word_set(
    """orange rose salmon gold silver olive plum chocolate coral lime wheat tomato peach violet snow linen orchid
    lavender ivory sienna peru"""
)
"""Colours that are things as well: where no noun follows, the thing is meant."""


def label_table(labels: Iterable[str]) -> PhraseTable[str]:
    """What the scene's things are called, to be found in singular words."""
    entries = {}
    for label in labels:
        words = [singular(word) for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", label.lower())]
        if words:
            entries[" ".join(words)] = label
    return PhraseTable(entries)


class NounPhrases:
    """Reads the noun phrases of one clause; `steps` counts the places that were looked at."""

    def __init__(self, clause: Clause, labels: PhraseTable[str]) -> None:
        self.clause = clause
        self.words = clause.words
        self.singulars = tuple(singular(word) for word in self.words)
        self.labels = labels
        self.steps = 0
        self.depth = 0

    # ------------------------------------------------------------------------------------------------ lists of them

    def selection(self, start: int, end: int, stops: frozenset[str] = frozenset()) -> tuple[Selection, int] | None:
        """(phrases joined by "and", where they end); None where no phrase begins there."""
        first = self._list(start, end, stops)
        if first is None:
            return None
        items, place = first
        spared = None
        after = place + 1 if self._is(place, end, ",") else place
        if (found := EXCEPTIONS.at(self.words, after, end)) is not None:
            rest = self._list(after + found[1], end, stops)
            if rest is not None:
                spared, place = Selection(rest[0], words=self.clause.spelled(after + found[1], rest[1])), rest[1]
        return Selection(items, spared, self.clause.spelled(start, place)), place

    def _list(self, start: int, end: int, stops: frozenset[str]) -> tuple[tuple[Phrase, ...], int] | None:
        read = self.phrase(start, end, stops)
        if read is None:
            return None
        items, place = [read[0]], read[1]
        while place < end:
            self.steps += 1
            joint = self._joint(place, end)
            if not joint or (place + joint < end and self.words[place + joint] in stops):
                break
            if EXCEPTIONS.at(self.words, place + joint, end) is not None:
                break
            number = self._bare_number(place + joint, end)
            if number is not None and items[0].number is not None:
                items.append(replace(items[0], number=number, words=f"{spelled(items[0].noun)} {number}"))
                place += joint + 1
                continue
            more = self.phrase(place + joint, end, stops)
            if more is None:
                break
            items.append(more[0])
            place = more[1]
        return tuple(items), place

    def _joint(self, place: int, end: int) -> int:
        """How many words there join two phrases: a comma, "and", "as well as", or both."""
        size = 1 if self._is(place, end, ",") else 0
        if place + size < end and self.words[place + size] in _JOINTS:
            return size + 1
        if self.words[place + size : place + size + 3] == ("as", "well", "as"):
            return size + 3
        if self.words[place + size : place + size + 2] in (("along", "with"), ("together", "with")):
            return size + 2
        return size

    def _bare_number(self, place: int, end: int) -> int | None:
        ends = place + 1 >= end or self.words[place + 1] in (",", "and", "&", "to")
        if place < end and ends and self.clause.tokens[place].kind == "number" and self.words[place].isdigit():
            return int(self.words[place])
        return None

    # ---------------------------------------------------------------------------------------------------- one phrase

    def phrase(self, start: int, end: int, stops: frozenset[str] = frozenset()) -> tuple[Phrase, int] | None:
        """(the noun phrase, where it ends); None where none begins there.

        Raises:
            NotUnderstood: where it is nested too deep.
        """
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise refusal(f"'{self.clause.spelled()[:80]}' speaks of one thing by way of too many others")
            return self._phrase(start, end, stops)
        finally:
            self.depth -= 1

    def _phrase(self, start: int, end: int, stops: frozenset[str]) -> tuple[Phrase, int] | None:
        special = self._special(start, end)
        if special is not None:
            phrase, place = special
            if phrase.special == "pronoun" and self._is(place, end, "'s"):
                return self._possessed(phrase, start, place + 1, end, stops)
        else:
            head = self._head(start, end, stops)
            if head is None:
                return None
            phrase, place = head
        if self._is(place, end, "'s"):
            return self._possessed(phrase, start, place + 1, end, stops)
        if phrase.special in ("background", "picture", "pronoun"):
            place = self._past_picture(place, end)
            return replace(phrase, words=self.clause.spelled(start, place)), place
        return self._completed(phrase, start, place, end, stops)

    def _possessed(
        self, owner: Phrase, start: int, place: int, end: int, stops: frozenset[str]
    ) -> tuple[Phrase, int] | None:
        """ "the cup's handle": the handle, of the cup."""
        part = self._head(place, end, stops)
        if part is None:
            return None
        phrase, after = replace(part[0], owner=owner), part[1]
        if not phrase.noun and len(phrase.ranks) == 1 and phrase.ranks[0].kind == "side":
            # "the woman's top" is what she wears
            phrase = replace(phrase, noun=(phrase.ranks[0].word,), ranks=())
        if self._is(after, end, "'s"):
            return self._possessed(phrase, start, after + 1, end, stops)
        return self._completed(phrase, start, after, end, stops)

    def _completed(self, phrase: Phrase, start: int, place: int, end: int, stops: frozenset[str]) -> tuple[Phrase, int]:
        """The phrase with what follows its noun: a number, "of …", and places."""
        if self._is_figure(phrase, place, end):
            # "the number 2010"
            place += 1
        elif phrase.noun and not phrase.special and place < end and self.clause.tokens[place].kind == "number":
            follows = self.words[place + 1] if place + 1 < end else ""
            if self.words[place].isdigit() and follows not in (
                "%",
                "percent",
                "times",
                "x",
                "px",
                "pixels",
                "pixel",
                "degrees",
                "degree",
            ):
                phrase, place = replace(phrase, number=int(self.words[place])), place + 1
        if self._is(place, end, "of"):
            phrase, place = self._of(phrase, place, end, stops)
        posts = []
        while place < end:
            self.steps += 1
            if self._is(place, end, "of") and not phrase.noun and phrase.of is None:
                # "the first from the left of the coins"
                phrase, place = self._of(phrase, place, end, stops)
                if phrase.of is None:
                    break
                continue
            comma = bool(posts or phrase.noun) and self._is(place, end, ",") and self._is_post_next(place + 1, end)
            post = self._post(place + comma, end, stops) if place + comma < end else None
            if post is None:
                break
            posts.append(post[0])
            place = post[1]
        words = self.clause.spelled(start, place)
        if phrase.special == "everything" and any(post.kind == "whole" for post in posts) and len(posts) == 1:
            return Phrase(words=words, special="picture"), place
        return replace(phrase, posts=(*phrase.posts, *posts), words=words), place

    def _is_figure(self, phrase: Phrase, place: int, end: int) -> bool:
        return place < end and phrase.head in _FIGURES and self.clause.tokens[place].kind in ("number", "ordinal")

    def _is_post_next(self, place: int, end: int) -> bool:
        """Whether what follows a comma is said of the same thing: ", next to the fence", ", who is sitting"."""
        if place >= end:
            return False
        return (
            RELATIONS.at(self.words, place, end) is not None
            or WHICH.at(self.words, place, end) is not None
            or self.words[place] in PARTICIPLES
        )

    def _of(self, phrase: Phrase, place: int, end: int, stops: frozenset[str]) -> tuple[Phrase, int]:
        if self._picture_size(place, end) or self._row(place, end) is not None:
            return phrase, place
        following = self.words[place + 1] if place + 1 < end else ""
        if not phrase.noun or phrase.noun in (("one",), ("ones",)):
            inner = self.phrase(place + 1, end, stops)
            if inner is None:
                return phrase, place
            return replace(phrase, of=inner[0], noun=()), inner[1]
        head = singular(phrase.noun[-1])
        joined = head in MEASURES or head in CONTAINERS
        if joined and following not in ARTICLES - {"a", "an", "some"} and following not in POSSESSIVES:
            after = place + 2 if following in ("a", "an", "some") else place + 1
            more, last = self._open_words(after, end, stops, looks_too=True)
            if more:
                noun = (*phrase.noun, "of", *more)
                return replace(phrase, noun=noun, raw=f"{phrase.raw} of {self.clause.raw(after, last)}"), last
        inner = self.phrase(place + 1, end, stops)
        if inner is None:
            return phrase, place
        # "the roof of the red house on the left": what follows is said of the house
        return replace(phrase, owner=inner[0]), inner[1]

    # ------------------------------------------------------------------------------------------- what has its own name

    def _special(self, start: int, end: int) -> tuple[Phrase, int] | None:
        """Everything, the background, the picture, a pronoun, a whole row, an id."""
        if start >= end:
            return None
        token = self.clause.tokens[start]
        if (found := EVERYTHING.at(self.words, start, end)) is not None:
            place = start + found[1]
            return Phrase(special="everything", words=self.clause.spelled(start, place)), place
        if token.word in PRONOUNS and (token.word not in ("this", "these") or self._is_end(start + 1, end)):
            return Phrase(special="pronoun", words=token.word, raw=token.word), start + 1
        place = start
        while place < end and (self.words[place] in ARTICLES or self.words[place] in IDLE):
            place += 1
        if place < end and self.clause.tokens[place].kind == "id" and place - start <= 1:
            return Phrase(special="id", words=self.words[place], raw=self.words[place]), place + 1
        if place >= end or self.labels.at(self.singulars, place, end) is not None:
            return None
        word = self.words[place]
        if word in BACKGROUND_WORDS and (self._is_end(place + 1, end) or self._is(place + 1, end, "of")):
            return Phrase(special="background", words=self.clause.spelled(start, place + 1)), place + 1
        if word in PICTURES and self._is_end(place + 1, end):
            return Phrase(special="picture", words=self.clause.spelled(start, place + 1), noun=(word,)), place + 1
        return self._line(start, end)

    def _line(self, start: int, end: int) -> tuple[Phrase, int] | None:
        """ "the top row": all that stands in it."""
        place = start
        while place < end and self.words[place] in ARTICLES:
            place += 1
        row = self._row_words(place, end)
        if row is None:
            return None
        sides, ranks, across, after = row
        post = Post("row", self.clause.spelled(start, after), sides=sides, ranks=ranks, across=across)
        return Phrase(special="line", words=post.words, posts=(post,)), after

    def _row_words(self, place: int, end: int) -> tuple[tuple[str, ...], tuple[Rank, ...], bool, int] | None:
        """ "top row", "second column", "last row" as (sides, ranks, whether columns, where it ends)."""
        if place + 1 >= end or self.words[place + 1] not in ROWS:
            return None
        word, across = self.words[place], self.words[place + 1].startswith("col")
        if word in SIDES:
            return (SIDES[word],), (), across, place + 2
        rank = self._ordinal(place)
        return None if rank is None else ((), (rank,), across, place + 2)

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
            if self._label_begins(place, end):
                break
            if (found := QUANTIFIERS.at(self.words, place, end)) is not None:
                determiners.add(found[0])
                place += found[1]
            elif word == "far" and place + 1 < end and self.words[place + 1] in SIDES:
                place += 1
            elif word in ARTICLES or word in ("other", "another") or word in IDLE:
                determiners.add(word)
                place += 1
            elif word in POSSESSIVES:
                owner = Phrase(special="pronoun", words=word, raw=word)
                place += 1
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
        noun, place = self._noun(place, end, stops, bool(determiners or ranks or looks))
        if place == start or not (noun or determiners & _PICKING or ranks or looks):
            return None
        raw = self.clause.raw(before, place)
        phrase = Phrase(
            self.clause.spelled(start, place), "", frozenset(determiners), tuple(ranks), tuple(looks), noun, owner
        )
        return replace(phrase, raw=raw), place

    def _noun(self, place: int, end: int, stops: frozenset[str], begun: bool) -> tuple[tuple[str, ...], int]:
        if place < end and self.words[place] in ("one", "ones") and begun:
            return (self.words[place],), place + 1
        return self._open_words(place, end, stops)

    def _open_words(
        self, place: int, end: int, stops: frozenset[str], looks_too: bool = False
    ) -> tuple[tuple[str, ...], int]:
        """The words of no closed class, and names that the scene knows, from a place on."""
        found: list[str] = []
        while place < end and self.words[place] not in stops:
            self.steps += 1
            label = self.labels.at(self.singulars, place, end)
            if label is not None and (label[1] > 1 or self._label_begins(place, end)):
                found += self.words[place : place + label[1]]
                place += label[1]
                continue
            if looks_too and not found and self._look(place, end) is not None:
                found.append(self.words[place])
                place += 1
                continue
            if not self._is_open(place, end, bool(found)):
                break
            found.append(self.words[place])
            place += 1
        return tuple(found), place

    def _is_second_colour(self, place: int, end: int) -> bool:
        """Whether "and white cat" goes on after "black": one thing of two colours; "and blue cups" are other things."""
        size = colour_size(self.words, place, end)
        if not size:
            return False
        noun, after = self._open_words(place + size, end, frozenset())
        return bool(noun) and not is_plural(noun[-1]) and after > place

    def _label_begins(self, place: int, end: int) -> bool:
        """Whether the scene calls something by the words there; one word of a closed class only where it ends."""
        label = self.labels.at(self.singulars, place, end)
        if label is None:
            return False
        return label[1] > 1 or self._is_end(place + 1, end) or self._is_open(place, end, False)

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
        if word in SIDES:
            return begun and word not in _SURFACES and word != "foreground" and self._is_end(place + 1, end)
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
        if word in DIRECTLY:
            return False
        if word.endswith("ly") and len(word) > 5 and word not in ("butterfly", "family", "firefly", "dragonfly"):
            return True
        follows = self.words[place + 1] if place + 1 < end else ""
        ends = RELATIONS.at(self.words, place + 1, end) is not None or follows in ARTICLES or follows in ("to", "out")
        if word.endswith("ing") and singular(word) not in NOUNS_IN_ING and len(word) > 4:
            return ends
        return word.endswith("ed") and word not in NOUNS_IN_ED and len(word) > 4 and ends

    def _is_boundary(self, place: int, end: int) -> bool:
        word = self.words[place]
        if word in _ENDS or word in ARTICLES or word in POSSESSIVES or word in PRONOUNS or word == "between":
            return True
        if word in DIRECTLY and RELATIONS.at(self.words, place + 1, end) is not None:
            return True
        tables = (RELATIONS, WHICH, EXCEPTIONS, DEGREES)
        return any(found.at(self.words, place, end) is not None for found in tables)

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

    def _is_noun_next(self, place: int, end: int) -> bool:
        return place + 1 < end and (self.words[place + 1] == "of" or not self._is_end(place + 1, end))

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
            if word in COLOUR_THINGS and size == 1 and self._is_end(place + 1, end):
                return None
            return Look("colour", spelled(self.words[place : place + size])), size
        kinds = (("tone", TONES), ("size", SIZES), ("shape", SHAPES))
        for kind, words in kinds:
            is_noun = word in SHAPE_NOUNS or word == "light"
            if word in words and not (is_noun and self._is_end(place + 1, end)):
                return Look(kind, word), 1
        return None

    # ------------------------------------------------------------------------------------------------ after the noun

    def _post(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """What is said of the thing at a place, and where that ends."""
        if self.words[place] in stops:
            return None
        if self.clause.tokens[place].kind == "quoted":
            close = next((k for k in range(place, end) if self.clause.tokens[k].kind != "quoted"), end)
            return Post("aside", self.clause.spelled(place, close)), close
        if self.words[place] == "(":
            close = next((k for k in range(place, end) if self.words[k] == ")"), None)
            return None if close is None else (Post("aside", self.clause.spelled(place, close + 1)), close + 1)
        if size := self._picture_size(place, end):
            return Post("whole", self.clause.spelled(place, place + size)), place + size
        for read in (self._row, self._spot, self._counted):
            post = read(place, end)
            if post is not None:
                words = self.clause.spelled(place, post[1])
                return replace(post[0], words=post[0].words or words), post[1]
        post = self._related(place, end, stops)
        if post is None:
            return None
        return replace(post[0], words=post[0].words or self.clause.spelled(place, post[1])), post[1]

    def _past_which(self, place: int, end: int) -> int:
        found = WHICH.at(self.words, place, end)
        return place if found is None else place + found[1]

    def _past_participles(self, place: int, end: int) -> int:
        """Past "is sitting", "standing still", "prominently placed"."""
        while place < end and self._is_participle(place, end):
            self.steps += 1
            place += 1
        return place

    def _picture_size(self, place: int, end: int) -> int:
        """How many words "in the picture", "of the whole image" take there; 0 where none are."""
        if place >= end or self.words[place] not in _OF_PICTURE:
            return 0
        after = place + 1
        while after < end and (self.words[after] in ("the", "this", "my", "whole", "entire", "your")):
            after += 1
        if after >= end or self.words[after] not in PICTURE_WORDS:
            return 0
        if self.labels.at(self.singulars, after, end) is not None or not self._is_end(after + 1, end):
            return 0
        # "the frame of the picture", "the man in the picture on the wall" speak of a thing; "in picture" of all
        return after + 1 - place

    def _past_picture(self, place: int, end: int) -> int:
        size = self._picture_size(place, end)
        return place + size

    def _past_articles(self, place: int, end: int) -> int:
        while place < end and (self.words[place] in ARTICLES or self.words[place] in IDLE):
            place += 1
        return place

    def _row(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "in the top row", "of the last row from the left", "in row 3"."""
        place = self._past_which(place, end)
        if place >= end or self.words[place] not in ("in", "of", "from", "on"):
            return None
        if self._is(place + 1, end, "row", "rows", "column"):
            across = self.words[place + 1] == "column"
            if place + 2 < end and (self.words[place + 2].isdigit() or self.words[place + 2] in NUMBERS):
                word = self.words[place + 2]
                number = int(word) if word.isdigit() else NUMBERS[word]
                return Post("row", ranks=(Rank("number", word, number),), across=across), place + 3
            return None
        row = self._row_words(self._past_articles(place + 1, end), end)
        if row is None:
            return None
        sides, ranks, across, after = row
        if ranks and (found := self._from_side(after, end)) is not None:
            far = {"top", "bottom"} if not across else {"left", "right"}
            if found[0] in far:
                sides, after = (found[0],), found[1]
        return Post("row", sides=sides, ranks=ranks, across=across), after

    def _from_side(self, place: int, end: int) -> tuple[str, int] | None:
        """ "from the left side" as (left, where it ends)."""
        if not self._is(place, end, "from"):
            return None
        after = self._past_articles(place + 1, end)
        if after >= end or self.words[after] not in SIDES or SIDES[self.words[after]] == "middle":
            return None
        if self.words[after] in ("background", "foreground"):
            return None
        side = SIDES[self.words[after]]
        after += 1
        if self._is(after, end, *SIDE_NOUNS):
            after += 1
        if not self._is_end(after, end):
            return None
        return side, after

    def _counted(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "from the left", "second from the right"."""
        place = self._past_which(place, end)
        after = self._past_articles(place, end)
        ranks: tuple[Rank, ...] = ()
        if after < end and (rank := self._ordinal(after)) is not None:
            if after + 1 < end and self.words[after + 1] in ("one", "thing"):
                after += 1
            ranks, place = (rank,), after + 1
        if (found := self._from_side(place, end)) is None:
            return None
        return Post("counted", f"from the {found[0]}", sides=(found[0],), ranks=ranks), self._past_picture(
            found[1], end
        )

    def _spot(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "on the left", "in the top right hand corner of the picture", "in the background"."""
        place = self._past_participles(self._past_which(place, end), end)
        if place >= end or self.words[place] not in ("in", "on", "at", "to", "near", "toward", "towards", "from", "by"):
            return None
        read = self.spot_words(place + 1, end)
        grounds = self.words[read[2] - 1] in ("background", "foreground") if read is not None else False
        if read is None or (self.words[place] == "from" and len(read[0]) < 2 and not grounds):
            return None
        sides, noun, after = read
        if self.words[place] == "to" and not (noun or self._picture_size(after, end)) and not set(sides) <= _SURFACES:
            return None
        size = self._picture_size(after, end)
        if not size and (not self._is_end(after, end) or self._is(after, end, "of", "'s")):
            return None
        return Post("spot", sides=sides), after + size

    def spot_words(self, place: int, end: int) -> tuple[tuple[str, ...], bool, int] | None:
        """ "the far top right hand corner" as (its sides, whether a corner or side is named, where it ends)."""
        after = self._past_articles(place, end)
        after += after < end and self.words[after] in ("far", "very")
        sides: list[str] = []
        noun = False
        while after < end and len(sides) < 4:
            self.steps += 1
            # "the bottom left, foreground", "the center-left"
            parts = self.words[after].split("-")
            if self.words[after] in SIDES or (len(parts) == 2 and all(part in SIDES for part in parts)):
                sides += [SIDES[part] for part in ([self.words[after]] if self.words[after] in SIDES else parts)]
            elif sides and self.words[after] in SIDE_NOUNS:
                noun = True
            elif not (sides and self._is_more_spot(after, end)):
                break
            after += 1
        if not sides:
            return None
        return tuple(sides), noun, after

    def _is_more_spot(self, place: int, end: int) -> bool:
        """Whether a comma there only parts two sides: "in the foreground, lower right"."""
        return (
            self.words[place] == ","
            and place + 1 < end
            and self.words[place + 1] in SIDES
            and self._is_end(place + 2, end)
        )

    def _related(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """Relations, "between", "closest to", "which is red", and what somebody does there."""
        began = place
        place = self._past_which(place, end)
        which = place > began
        after = self._past_participles(place, end)
        doing = after > place
        if doing and (post := self._relation(after, end, stops)) is not None:
            return post
        if not doing and (post := self._relation(place, end, stops)) is not None:
            return post
        if doing:
            spot = self._spot(after, end)
            if (
                spot is None
                and self.words[after - 1].endswith("ing")
                and (done := self._done_to(place, after, end, stops))
            ):
                return done
            return spot if spot is not None else (Post("remark", self.clause.spelled(began, after)), after)
        if which and place < end and (look := self._look(place, end)) is not None:
            return Post("look", look=look[0]), place + look[1]
        return None

    def _done_to(self, place: int, after: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """ "riding the horse": somebody is with what it is done to."""
        anchor = self.phrase(after, end, stops) if after < end else None
        if anchor is None:
            return None
        return Post("relation", self.clause.spelled(place, anchor[1]), "with_", anchors=(anchor[0],)), anchor[1]

    def _relation(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        if place >= end or self.words[place] in stops:
            return None
        directly = (
            self.words[place] in DIRECTLY
            and place + 1 < end
            and (self.words[place] != "right" or RELATIONS.at(self.words, place + 1, end) is not None)
        )
        directly = directly and (RELATIONS.at(self.words, place, end) is None or self.words[place] != "right")
        place += directly
        if self._is(place, end, "between") or self.words[place : place + 2] == ("in", "between"):
            return self._between(place + 1 + (self.words[place] == "in"), end, stops)
        if self.words[place : place + 1] and self.words[place] in SUPERLATIVES and self._is(place + 1, end, "to"):
            rank = Rank("superlative", self.words[place], SUPERLATIVES[self.words[place]])
            anchor = self.phrase(place + 2, end, stops)
            return None if anchor is None else (Post("closest", ranks=(rank,), anchors=(anchor[0],)), anchor[1])
        found = RELATIONS.at(self.words, place, end)
        if found is None or (found[0] == "from_" and "from" in stops):
            return None
        anchor = self.phrase(place + found[1], end, stops)
        if anchor is None and found[0] == "behind" and self._is_end(place + 1, end):
            return Post("spot", sides=("back",)), place + 1
        if anchor is None:
            return None
        words = self.clause.spelled(place, anchor[1])
        anchors, after = [anchor[0]], anchor[1]
        # "with armrests and checkered upholstery" goes on; "with a lid and the lamp" does not
        while found[0] == "with_" and after + 1 < end and self.words[after] == "and":
            if self.words[after + 1] in ARTICLES - {"a", "an"} or self._is_verb_like(after + 1):
                break
            more = self.phrase(after + 1, end, stops)
            if more is None:
                break
            anchors.append(more[0])
            after = more[1]
        return Post("relation", words, found[0], directly, tuple(anchors)), after

    def _is_verb_like(self, place: int) -> bool:
        from .tokens import begins_wish

        return begins_wish(self.words, place)

    def _between(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        first = self.phrase(place, end, stops)
        if first is None:
            return None
        if not self._is(first[1], end, "and", "&"):
            # "between the two cups"
            return Post("between", anchors=(first[0],)), first[1]
        second = self.phrase(first[1] + 1, end, stops)
        if second is None:
            return None
        return Post("between", anchors=(first[0], second[0])), second[1]

    def _is(self, place: int, end: int, *words: str) -> bool:
        return place < end and self.words[place] in words


COLOUR_NOUN_ENDS = frozenset({"light", "gold", "silver"})
"""Words of a look that may end a noun: street light."""
