"""Changes that code carries out exactly: "the red cup blue and the blue cup red", "the spoon bigger and golden"."""

from __future__ import annotations

from ..nouns.phrases import Selection
from ..words import amounts
from ..words.synonyms import BEASTS, PEOPLE
from ..words.tokens import colour_size
from ..words.vocabulary import ARTICLES, GREYSCALE, LIGHTS, PRAISE
from .attributes import attribute_of
from .texts import FINISHES, colour_at, colour_text, is_adjective
from .turning import Turning
from .wishes import Wish
from .writing import Writing

_SOFT = frozenset({"outer", "inner", "soft", "faint", "warm", "golden", "vintage", "the", "a"})
_BEFORE_A_LOOK = frozenset({"to", "in"})
_BUT_FOR = frozenset({"only", "rest", "but", "except"})
_GLOWING = frozenset({"glow", "shine", "sparkle", "flash", "blink", "look", "turn", "become", "appear"})
"""Verbs before a colour: a sign that is to glow pink is not painted so."""


class ExactChanges(Turning, Writing):
    """Reads colours, light, sizes and sharpness, and what is to have them."""

    def _made(self, start: int, end: int) -> list[Wish]:
        """ "the red cup blue and the blue cup red", "the spoon bigger and golden": exact changes; else []."""
        wishes: list[Wish] = []
        first, current = start, None
        for begin, close in self._segments(start, end):
            change = self._exact_change(begin, close)
            if change is not None and current is not None and first == begin:
                wishes.append(self._exact(current, change))
                first = self._next_segment(close, end)
                continue
            read = self._changed_things(first, begin, close)
            if read is None:
                continue
            current = read[0]
            wishes.append(self._exact(current, read[1]))
            first = self._next_segment(close, end)
        return wishes if first >= end and not any(map(_are_two_colours, wishes, wishes[1:])) else []

    def _segments(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts between "and"s and commas begin and end; "black and white" is one."""
        segments, begin, place = [], start, start
        while place < end:
            grey = GREYSCALE.at(self.words, place, end)
            if grey is not None:
                place += grey[1]
                continue
            if self.words[place] in ("and", ",", "&"):
                segments.append((begin, place))
                begin = place + 1
                if begin < end and self.words[begin] in ("and", "&"):
                    begin += 1
                place = begin
                continue
            place += 1
        return [pair for pair in [*segments, (begin, end)] if pair[0] < pair[1]]

    def _next_segment(self, close: int, end: int) -> int:
        place = close
        while place < end and self.words[place] in ("and", ",", "&"):
            place += 1
        return place

    def _exact_change(self, start: int, end: int) -> tuple[str, float | str] | None:
        """A colour, light, size or sharpness that takes all the words."""
        colour = colour_at(self.clause, start, end)
        if colour is not None and colour[1] == end:
            return "look", colour[0]
        change = amounts.change_at(self.clause, start, end)
        return change[0] if change is not None and change[1] == end else None

    def _changed_things(self, first: int, begin: int, close: int) -> tuple[Selection, tuple[str, float | str]] | None:
        nameless = None
        for place in range(max(begin, first + 1, close - 7), close):
            change = self._exact_change(place, close)
            if change is None:
                continue
            if colour_size(self.words, place - 1, close) > 1 and self._is_named(first, place - 1):
                # "navy blue" is one colour
                continue
            before = place - 1 if place > first + 1 and self.words[place - 1] in _BEFORE_A_LOOK else place
            if self._is_told_otherwise(first, before, place) or self._says_a_look(first, begin):
                # "matte black" is no plain black; "the shirt plaid and the pants khaki" are two looks
                return None
            selection = self._whole(first, before)
            if selection is not None and all(item.has_noun or item.special for item in selection.items):
                return selection, change
            # "make the grey sky blue" is about the sky
            nameless = nameless or (None if selection is None else (selection, change))
        return nameless

    def _is_told_otherwise(self, first: int, before: int, place: int) -> bool:
        """Whether a colour is part of a longer look, as "matte black" and "glow pink", or what somebody wears."""
        named = self._whole(first, before)
        if before < place and self.words[before] == "in":
            somebody = named is None or any(item.head in PEOPLE | BEASTS for item in named.items)
            return somebody or self.words[before - 1] in _GLOWING or bool(_BUT_FOR & set(self.words))
        word, adjective = (
            self.words[before - 1],
            self.words[before - 2] in _SOFT or is_adjective(self.words[before - 2]),
        )
        finished = word in FINISHES or (word in _GLOWING and not adjective)
        return finished and self._is_named(first, before - 1)

    def _is_named(self, first: int, last: int) -> bool:
        """Whether a thing is named before a place, and before an "in" or a "to" there."""
        if self.words[last] == "light" and self.words[last - 1] in LIGHTS:
            # "the traffic light green"
            return False
        last -= self.words[last - 1] in _BEFORE_A_LOOK
        named = self._whole(first, last)
        return named is not None and all(item.has_noun or item.special for item in named.items)

    def _says_a_look(self, first: int, begin: int) -> bool:
        """Whether the words before an "and" say how a thing is to look: "the shirt plaid and …"."""
        last = begin - 2
        if last <= first or not is_adjective(self.words[last]):
            return False
        named = self._whole(first, last)
        return named is not None and all(item.has_noun or item.special for item in named.items)

    def _exact(self, selection: Selection, change: tuple[str, float | str]) -> Wish:
        about = attribute_of(selection.only) if selection.only is not None else None
        if about is not None and about[0] in ("colour", "brightness") and about[2] is not None:
            # "the wall colour a little darker"
            selection = about[2]
        if change[0] == "resize":
            return self._wish("resize", targets=selection, value=float(change[1]))
        return self._wish("look", targets=selection, text=str(change[1]))

    def _exact_text(self, selection: Selection, text: tuple[int, int]) -> list[Wish]:
        if colour := colour_text(self.clause, *text):
            return [self._wish("look", targets=selection, text=colour, free=((text[0], self._past_praise(text)),))]
        change = self._exact_change(*text)
        return [self._exact(selection, change)] if change is not None else []

    def _past_praise(self, text: tuple[int, int]) -> int:
        """Past "a nice", which says nothing of a colour."""
        place = text[0]
        while place + 1 < text[1] and (self.words[place] in ARTICLES or self.words[place] in PRAISE):
            place += 1
        return place


def _are_two_colours(first: Wish, second: Wish) -> bool:
    """Whether one thing is to be "red and white": a pattern that code does not make."""
    both = first.text.startswith("colour ") and second.text.startswith("colour ")
    return both and first.targets is not None and first.targets == second.targets
