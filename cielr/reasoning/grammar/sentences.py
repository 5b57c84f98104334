"""From the words of a clause to what it asks for: one method a family of verbs, one pass over the words."""

from __future__ import annotations

from dataclasses import replace

from . import amounts
from .measuring import Measuring
from .phrases import Phrase, Selection
from .placing import Placing
from .vocabulary import EFFECT_NOUNS, VERBS
from .wishes import Misread, Wish

_WITH_DEGREE = frozenset({"brighten", "darken", "desaturate", "blur", "sharpen", "more", "less", "enlarge", "shrink"})


class Sentences(Measuring, Placing):
    """Reads one clause; `labels` are what the scene calls its things."""

    def wishes(self) -> list[Wish]:
        """What the clause asks for.

        Raises:
            Misread: where it is no sentence of the grammar; NotUnderstood: where an amount is out of range.
        """
        degree, place = amounts.degree_at(self.clause, 0, self.end)
        verb = VERBS.at(self.words, place, self.end)
        if verb is None:
            return self._should(place)
        start = place + verb[1]
        if start >= self.end:
            raise Misread(None)
        read = getattr(self, f"_{verb[0]}")
        return read(start, degree) if verb[0] in _WITH_DEGREE else read(start)

    def _should(self, start: int) -> list[Wish]:
        """ "the background should be a beach", "the car to be blue": no verb but that it is to be so.

        Raises:
            Misread: where it says nothing of the kind.
        """
        stops = frozenset({"should", "must", "needs", "need", "has", "ought", "to"})
        read = self.np.selection(start, self.end, stops)
        if read is None:
            raise Misread(start)
        selection, place = read
        modal = place < self.end and self.words[place] in stops
        after = place + 1 if modal and self.words[place] != "to" else place
        after += after < self.end and self.words[after] == "to"
        if not modal or after + 1 >= self.end or self.words[after] not in ("be", "become", "look", "have", "wear"):
            raise Misread(start)
        if self.words[after : after + 2] in (("be", "removed"), ("be", "gone"), ("be", "deleted")):
            return self._finished(after + 2, [self._wish("remove", targets=selection)])
        return self._to_text(selection, after)

    def _remove(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        only = selection.only
        if only is not None and only.noun in (("colour",), ("color",), ("colours",), ("colors",)):
            whole = next((post.anchors[0] for post in only.posts if post.relation == "from_"), only.owner)
            if whole is not None:
                drained = Selection((whole,), words=whole.words)
                return self._finished(place, [self._wish("look", targets=drained, text="desaturate 100%")])
        return self._finished(place, [self._wish("remove", targets=_without_effects(selection))])

    def _take(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        if place < self.end and self.words[place] in ("away", "out", "off"):
            place += 1
        elif not any(post.relation == "from_" for item in selection.items for post in item.posts):
            raise Misread(place if place < self.end else None)
        place = self.np.past_picture(place, self.end)
        return self._finished(place, [self._wish("remove", targets=selection)])

    def _keep(self, start: int) -> list[Wish]:
        only = self.words[start] == "only"
        selection, place = self._selection(start + only)
        if place < self.end and self.words[place] == "only":
            only, place = True, place + 1
        if not only:
            raise Misread(place if place < self.end else None)
        return self._finished(place, [self._wish("keep", targets=selection)])

    def _only_keep(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        return self._finished(place, [self._wish("keep", targets=selection)])


def _without_effects(selection: Selection) -> Selection:
    """Without "and its shadow": what a thing casts goes with it."""

    def is_effect(item: Phrase) -> bool:
        return item.head in EFFECT_NOUNS and item.owner is not None and item.owner.special == "pronoun"

    items = tuple(item for item in selection.items if not is_effect(item))
    return replace(selection, items=items) if items else selection
