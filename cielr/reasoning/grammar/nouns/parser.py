"""From words to noun phrases, by recursive descent: each word is read once, so the cost grows with the length.

Closed classes take a phrase apart; whatever stands between them is the noun, and nobody asks what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ....core.inflection import singular
from ..words.doings import PARTICIPLES
from ..words.tokens import colour_size, refusal, spelled
from ..words.vocabulary import (
    ARTICLES,
    BACKGROUND_WORDS,
    CONTAINERS,
    EFFECT_NOUNS,
    EVERYBODY,
    EVERYTHING,
    EXCEPTIONS,
    MEASURES,
    PERSONAL,
    PICTURES,
    POSSESSIVES,
    PRONOUNS,
    QUANTIFIERS,
    RELATIONS,
    SIDES,
    WHICH,
    PhraseTable,
)
from .after import NounPosts
from .before import CARRY_LETTERS, IDLE
from .phrases import Phrase, Post, Selection

_JOINTS = ("and", "&", "plus")
_FIGURES = frozenset({"number", "digit", "letter", "year", "date", "numeral", "text", "word"})
"""Nouns before a number that is written there, and no name of a thing."""
_UNITS = frozenset({"%", "percent", "times", "x", "px", "pixels", "pixel", "degrees", "degree", "°"})
_OF_GROUNDS = frozenset(
    {"blurred", "blurry", "plain", "distant", "solid", "dark", "light", "bright", "busy", "cluttered"}
)
_FLAT = frozenset(
    {"sign", "poster", "logo", "label", "banner", "card", "screen", "billboard", "flag", "cover", "page", "sticker"}
    | {"badge", "button", "menu", "plaque", "board", "chart", "diagram", "slide", "text", "title", "emblem", "icon"}
)
"""What has a background of its own."""
DEEPEST = 8
"""Phrases within phrases; what is said more deeply nested is a riddle to people, too."""


def label_table(labels: Iterable[str]) -> PhraseTable[str]:
    """What the scene's things are called, to be found in singular words."""
    entries = {}
    for label in labels:
        words = [singular(word) for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", label.lower())]
        if words:
            entries[" ".join(words)] = label
    return PhraseTable(entries)


def _without_both(phrase: Phrase) -> Phrase:
    """The first of "both the fork and the spoon", which is one thing."""
    return phrase if phrase.is_plural else replace(phrase, determiners=phrase.determiners - {"both"})


class NounPhrases(NounPosts):
    """Reads the noun phrases of one clause, and lists of them."""

    # ------------------------------------------------------------------------------------------------ lists of them

    def selection(self, start: int, end: int, stops: frozenset[str] = frozenset()) -> tuple[Selection, int] | None:
        """(phrases joined by "and", where they end); None where no phrase begins there."""
        first = self._list(start, end, stops)
        if first is None:
            return None
        items, place = first
        spared = None
        after = place + 1 if self._is(place, end, ",") else place
        if (exception := EXCEPTIONS.at(self.words, after, end)) is not None:
            rest = self._list(after + exception[1], end, stops)
            if rest is not None:
                spared, place = Selection(rest[0], words=self.clause.spelled(after + exception[1], rest[1])), rest[1]
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
            items.append(self._of_the_first(items[0], more[0]))
            items[0] = _without_both(items[0])
            place = more[1]
        return tuple(items), place

    @staticmethod
    def _of_the_first(first: Phrase, phrase: Phrase) -> Phrase:
        """ "its branches" beside "the tree" are those of the tree."""
        owner = phrase.owner
        its = owner is not None and owner.special == "pronoun" and owner.words == "its"
        its = its and phrase.head not in EFFECT_NOUNS
        return replace(phrase, owner=first) if its and first.has_noun and not first.special else phrase

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
        elif start < end and self.words[start] in EVERYBODY:
            other = {"other"} if self._is(start + 1, end, "else") else set()
            place = start + 1 + len(other)
            phrase = Phrase(determiners=frozenset({"all", *other}), noun=("people",), raw="people")
        else:
            head = self._head(start, end, stops)
            if head is None:
                return None
            phrase, place = head
        if not phrase.noun and not phrase.special and self._is(place, end, "half", "third", "quarter"):
            words = self.clause.spelled(start, place + 1)
            raise refusal(f"A part such as '{words}' cannot be chosen; name a thing in it")
        if self._is(place, end, "'s"):
            return self._possessed(phrase, start, place + 1, end, stops)
        if (nearest := self._nearest_to(phrase, place, end, stops)) is not None:
            phrase, place = nearest
        if phrase.special in ("background", "picture", "pronoun"):
            place = self.past_picture(place, end)
            owner = self.phrase(place + 1, end, stops) if self._is(place, end, "of") else None
            if owner is not None and phrase.special == "background" and owner[0].head in _FLAT:
                words = self.clause.spelled(start, owner[1])
                return Phrase(words, noun=("background",), owner=owner[0], raw="background"), owner[1]
            if owner is not None and phrase.special == "background":
                # "the background of the suit" is that of the picture
                place = owner[1]
            return replace(phrase, words=self.clause.spelled(start, place)), place
        return self._completed(phrase, start, place, end, stops)

    def _nearest_to(self, phrase: Phrase, place: int, end: int, stops: frozenset[str]) -> tuple[Phrase, int] | None:
        """ "the closest chair to the woman" as the chair closest to the woman; None for other phrases."""
        ranks = [rank for rank in phrase.ranks if rank.kind == "superlative" and rank.value in ("near", "far")]
        if not ranks or not phrase.noun or not self._is(place, end, "to") or "to" in stops:
            return None
        anchor = self.phrase(place + 1, end, stops)
        if anchor is None or self._is(place + 1, end, *SIDES):
            return None
        post = Post("closest", self.clause.spelled(place, anchor[1]), ranks=(ranks[0],), anchors=(anchor[0],))
        others = tuple(rank for rank in phrase.ranks if rank is not ranks[0])
        return replace(phrase, ranks=others, posts=(*phrase.posts, post)), anchor[1]

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
        if place < end and phrase.noun and phrase.noun[-1] in CARRY_LETTERS and self.clause.tokens[place].is_letters:
            # "the word "SALE"" is the sale word
            letters = self._letters(place, place + 1, stops)
            said = letters[0] if letters is not None else ()
            said = said[:-1] if said[-1:] == ("text",) else said
            phrase, place = replace(phrase, noun=(*said, *phrase.noun), written=True), place + 1
        if self._is_figure(phrase, place, end):
            # "the number 2010"
            place += 1
        elif phrase.noun and not phrase.special and place < end and self.clause.tokens[place].kind == "number":
            follows = self.words[place + 1] if place + 1 < end else ""
            if self.words[place].isdigit() and follows not in _UNITS:
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
        if place >= end or phrase.written or phrase.head not in _FIGURES:
            return False
        counts = place + 1 < end and self.words[place + 1] in _UNITS
        return self.clause.tokens[place].kind in ("number", "ordinal") and not counts

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
        if head in ("occurrence", "instance") and (named := self.phrase(place + 1, end, stops)) is not None:
            # "all three instances of the word"
            ranks, determiners = (*phrase.ranks, *named[0].ranks), phrase.determiners | named[0].determiners | {"all"}
            return replace(named[0], ranks=ranks, determiners=determiners), named[1]
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
        if (everything := EVERYTHING.at(self.words, start, end)) is not None:
            place = start + everything[1]
            return Phrase(special="everything", words=self.clause.spelled(start, place)), place
        quantifier = QUANTIFIERS.at(self.words, start, end)
        if quantifier is not None and self._is(start + quantifier[1], end, "them", "us"):
            word = self.words[start + quantifier[1]]
            return Phrase(special="pronoun", words=word, noun=PERSONAL[word], raw=word), start + quantifier[1] + 1
        on_a_side = self._is(start + 1, end, "left", "right") and not self._is_end(start + 2, end)
        if token.word == "her" and self._is_end(start + 1, end) and not on_a_side:
            return Phrase(special="pronoun", words="her", noun=PERSONAL["her"], raw="her"), start + 1
        if token.word in PRONOUNS and (token.word not in ("this", "these") or self._is_end(start + 1, end)):
            noun = PERSONAL.get(token.word, ())
            whole = token.word in ("them", "they") and self._is(start + 1, end, "all", "both")
            return Phrase(special="pronoun", words=token.word, noun=noun, raw=token.word), start + 1 + whole
        place = start
        while place < end and (self.words[place] in ARTICLES or self.words[place] in IDLE):
            place += 1
        if place < end and self.clause.tokens[place].kind == "id" and place - start <= 1:
            return Phrase(special="id", words=self.words[place], raw=self.words[place]), place + 1
        if place >= end or self.labels.at(self.singulars, place, end) is not None:
            return None
        while place + 1 < end and self._says_how_a_background_is(place, start):
            place += 1
        word = self.words[place]
        if word in BACKGROUND_WORDS and (self._is_end(place + 1, end) or self._is(place + 1, end, "of")):
            return Phrase(special="background", words=self.clause.spelled(start, place + 1)), place + 1
        if word in PICTURES and self._is_end(place + 1, end) and self.words[start] not in ("a", "an", "another"):
            return Phrase(special="picture", words=self.clause.spelled(start, place + 1), noun=(word,)), place + 1
        return self._line(start, end)

    def _says_how_a_background_is(self, place: int, start: int) -> bool:
        """Whether a word between "the" and "background" tells nothing of which is meant: a picture has one."""
        after = next(
            (k for k in range(place, min(place + 3, len(self.words))) if self.words[k] in BACKGROUND_WORDS), None
        )
        looks = self.words[place] in _OF_GROUNDS or colour_size(self.words, place, place + 1) == 1
        return after is not None and looks and self.words[start] in ("the", "this", "its")

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
