"""Sentences that put one thing in the place of another: "replace the cup with a glass", "swap the two lamps"."""

from __future__ import annotations

from ..nouns.before import COLOUR_THINGS
from ..nouns.phrases import Phrase, Selection
from ..words.synonyms import CLOTHES, PEOPLE
from ..words.tokens import Clause, refusal
from ..words.vocabulary import NUMBERS, PART_NOUNS, SIDE_NOUNS
from .attributes import attribute_of
from .becoming import Becoming
from .wishes import Misread, Wish

_NEW = frozenset({"a", "an", "some", "another"}) | set(NUMBERS)
_POSITIONS = frozenset({"position", "positions", "place", "places", "location", "locations"})


class Exchanging(Becoming):
    """ "replace the cup with a glass", "substitute a bell for the spoon", "swap the cat and the dog"."""

    def _replace(self, start: int) -> list[Wish]:
        if self.words[start - 1] == "substitute" and (read := self._for(start)) is not None:
            return read
        if figures := self._other_figures(start):
            return figures
        self._check_measured(start)
        selection, place = self._described(start) or self._selection(start, stops=frozenset({"with", "by"}))
        place = self._past_whereabouts(selection, place)
        if place < self.end and self.words[place] in ("with", "by", "to", "for", "into"):
            if self._is_fruit(place + 1) and attribute_of(selection.items[0]) is None:
                return [self._transformed(selection, (place + 1, self.end))]
            return self._to_text(selection, place + 1)
        raise Misread(place if place < self.end else None)

    def _check_measured(self, start: int) -> None:
        """Whether all words before "with" name the thing: "the food with the most vitamin C with an orange".

        Raises:
            Misread: where one of them needs knowledge.
        """
        joints = [k for k in range(start, self.end) if self.words[k] in ("with", "by")]
        if len(joints) < 2 or self.words[joints[0] + 1] not in ("the", "most", "least"):
            return
        measured = joints[0] + 1 + (self.words[joints[0] + 1] == "the")
        if self.words[measured] in ("most", "least", "highest", "lowest", "best", "worst", "fewest"):
            raise Misread(measured)

    def _described(self, start: int) -> tuple[Selection, int] | None:
        """(what goes, where "with" stands before what comes) in "replace the woman with long hair with a man": the
        first "with" says what somebody has where the next brings something new; None where one "with" does both."""
        joints = [k for k in range(start + 1, self.end - 1) if self.words[k] == "with"]
        first, second = [*joints, 0, 0][:2]
        if not second or self.words[second + 1] not in _NEW or self.words[first + 1 : first + 3] == ("the", "one"):
            return None
        has = self._whole(first + 1, second)
        old = self._whole(start, second)
        if has is None or old is None:
            return None
        of_somebody = has.items[0].head in CLOTHES | PART_NOUNS
        worn = has.items[0].is_indefinite and of_somebody and old.items[0].head in PEOPLE
        brings = has.items[0].is_indefinite or self.words[first + 1] in _NEW
        had = has.items[0].is_plural or of_somebody or "the" in has.items[0].determiners
        return (old, second) if worn or (had and not brings) else None

    def _is_fruit(self, place: int) -> bool:
        """Whether all that follows is a word for a thing that is a colour as well: an orange."""
        place += place < self.end and self.words[place] in ("a", "an")
        return place + 1 == self.end and self.words[place] in COLOUR_THINGS

    def _for(self, start: int) -> list[Wish] | None:
        """ "substitute a bell for the spoon": what is new comes first."""
        place = next((k for k in range(start, self.end) if self.words[k] == "for"), None)
        if place is None:
            return None
        old = self._whole(place + 1, self.end)
        if old is None:
            return None
        text = (start, place)
        return [self._painted("replace", text, targets=old, text=self.clause.raw(*text), new=self._new(*text))]

    _swap_out = _replace

    def _swap(self, start: int) -> list[Wish]:
        """Two things change places; "swap the cup for a glass" is a replacement."""
        if self.words[-1] in _POSITIONS and self.words[-2] == "'s":
            # "the cat's and the dog's places"
            kept = tuple(token for token in self.clause.tokens[:-1] if token.kind != "owner")
            return type(self)(Clause(self.clause.text, kept), self.np.labels)._swap(start)
        at = start + (self.words[start] in ("the", "their"))
        if self.words[at : at + 1] and self.words[at] in _POSITIONS and self.words[at + 1 : at + 2] == ("of",):
            start = min(at + 2, self.end - 1)
        read = self.np.selection(start, self.end, frozenset({"with", "for", "by", "and"}))
        if read is None:
            raise Misread(start)
        first, place = read
        if any(attribute_of(item) is not None for item in first.items):
            raise refusal(f"'{self.clause.spelled()}' swaps looks and not things, which takes a step for each of them")
        if first.items[0].owner is not None and first.items[0].is_plural and len(first.items) > 1:
            raise refusal(
                f"Whose '{first.items[0].noun[-1]}' change places in '{self.clause.spelled()}' was not understood"
            )
        if not any(item.noun or item.special or item.number for item in first.items):
            raise refusal(f"What '{first.words}' are that change places was not understood")
        if place < self.end and self.words[place] in ("out", "around", "round"):
            place += 1
        if place >= self.end:
            return [self._wish("swap", targets=first)]
        if self.words[place] in ("with", "for", "by", "to"):
            second = self._whole(place + 1, self.end)
            plain = second is None or second.only is None or second.only.is_indefinite or not _is_definite(second.only)
            if plain or self.words[place] in ("for", "by", "to"):
                return self._to_text(first, place + 1)
            return [self._wish("swap", targets=first, other=second)]
        if self.words[place] in ("and", "&", ","):
            second = self._whole(place + 1, self.end)
            if second is not None and not any(set(item.noun) <= SIDE_NOUNS | {"sides"} for item in second.items):
                return [self._wish("swap", targets=first, other=second)]
        raise Misread(place)


def _is_definite(phrase: Phrase) -> bool:
    return bool(phrase.special or phrase.owner or phrase.determiners or phrase.ranks or phrase.number)
