"""What every family of sentences is read with: selections, wishes, and remarks that are left out."""

from __future__ import annotations

from dataclasses import replace

from ....core.inflection import singular
from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words.tokens import Clause
from ..words.vocabulary import PhraseTable, word_set
from .goals import Goals
from .texts import (
    GROWING,
    NATURE,
    PATCHES,
    SCENERY,
    STATES,
    head_place,
    is_setting,
    states,
)
from .wishes import Misread, Wish

_TAILS = word_set(
    """making ensuring keeping leaving preserving maintaining including focusing blending revealing creating giving
    letting allowing filling restoring showing while so separating isolating capturing highlighting"""
)
_PURPOSES = word_set("make create restore match blend give achieve show let reveal keep get have allow")
"""Verbs that say what for: "to create a bokeh effect"."""


class SentenceParts:
    """Reads parts of one clause; `labels` are what the scene calls its things."""

    def __init__(self, clause: Clause, labels: PhraseTable[str]) -> None:
        self.clause = clause
        self.words = clause.words
        self.np = NounPhrases(clause, labels)
        self.goals = Goals(clause, self.np)
        self.end = len(clause)

    def _wish(self, kind, **fields) -> Wish:
        return Wish(kind=kind, clause=self.clause, **fields)

    def _doing(self, verb: str, start: int, degree: str = "") -> list[Wish]:
        """What a verb of a family asks for by the words from a place on.

        Raises:
            Misread: where it is no sentence.
        """
        raise NotImplementedError

    def _selection(
        self, start: int, end: int | None = None, stops: frozenset[str] = frozenset()
    ) -> tuple[Selection, int]:
        end = self.end if end is None else end
        read = self.np.selection(start, end, stops)
        if read is None:
            raise Misread(start if start < end else None)
        return read

    def _whole(self, start: int, end: int) -> Selection | None:
        """The selection that takes all the words, or None."""
        read = self.np.selection(start, end) if start < end else None
        return read[0] if read is not None and read[1] == end else None

    def _all_of(self, start: int, end: int) -> Selection:
        """The selection that takes all the words.

        Raises:
            Misread: where they are none.
        """
        whole = self._whole(start, end)
        if whole is None:
            raise Misread(start)
        return whole

    def _finished(self, place: int, wishes: list[Wish]) -> list[Wish]:
        """The wishes, where nothing is left but a remark on how to do it.

        Raises:
            Misread: where words are left.
        """
        if place >= self.end:
            return wishes
        if self._is_tail(place):
            return [replace(wish, tail=True, free=(*wish.free, (place, self.end))) for wish in wishes]
        raise Misread(place)

    def _ends_at(self, place: int) -> bool:
        return place >= self.end or self._is_tail(place)

    def _freed(self, start: int) -> list[Wish] | None:
        """ "clear the picture of snow" removes the snow; None for anything else."""
        whole = self.np.phrase(start, self.end)
        of = self.np.phrase(start, self.end, frozenset({"of"})) if self.words[start - 1] in ("clear", "rid") else None
        if of is not None and of[1] + 1 < self.end and self.words[of[1]] == "of":
            # "clear the rug of the cat"
            selection, after = self._selection(of[1] + 1)
            return self._finished(after, [self._wish("remove", targets=selection)])
        if whole is None or whole[0].special not in ("picture", "background"):
            return None
        place = whole[1]
        if place + 1 >= self.end or self.words[place] not in ("of", "from"):
            return None
        selection, after = self._selection(place + 1)
        return self._finished(after, [self._wish("remove", targets=selection)])

    def _is_tail(self, place: int) -> bool:
        """Whether a remark begins there: ", leaving only the grass", "while keeping the rest", "so that …"."""
        after = place + 1 if self.words[place] in (",", "and") else place
        if after >= self.end:
            return False
        purpose = self.words[after] == "to" and after + 1 < self.end and self.words[after + 1] in _PURPOSES
        without = self.words[after] == "without" and self.words[after + 1 : after + 2] != ()
        without = without and self.words[after + 1].endswith("ing")
        if purpose or without or self.words[after] in _TAILS or self.words[after : after + 2] == ("instead", "of"):
            return True
        return self.words[place] == "," and self.words[after].endswith("ing") and self.words[after] not in STATES

    def _is_scenery(self, phrase: Phrase, text: tuple[int, int]) -> bool:
        """Whether a change is about what is all around: of the forest, of the background's trees, or to a setting."""
        if is_setting(self.clause, *text):
            return True
        if states(self.clause, *text):
            # "the ocean should have waves"
            return False
        if self._is_in_scene(phrase) or not phrase.noun:
            return False
        goal = self.words[head_place(self.clause, *text)]
        is_scenery = phrase.head in SCENERY and phrase.head not in PATCHES
        if is_scenery or (phrase.head in NATURE | PATCHES and goal in SCENERY):
            return True
        if singular(goal) == singular(phrase.head):
            # "the trees at the back into palm trees"
            return False
        deep = any(post.kind == "spot" and post.sides == ("back",) for post in phrase.posts)
        return deep and goal in SCENERY | {"mountains", "trees", "countertop", "wall", "sky", "design", "fabric"}

    def _is_in_scene(self, phrase: Phrase) -> bool:
        return bool(phrase.noun) and self.np.labels.at(phrase.name, 0) is not None

    def _only_coloured(self, spared: Selection) -> Wish:
        """All but some things in grey."""
        rest = Phrase(special="everything", words=f"everything except {spared.words}")
        return self._wish("look", targets=Selection((rest,), spared=spared, words=rest.words), text="desaturate 100%")

    def _modified(self, selection: Selection, text: tuple[int, int], outline="keep", change: str = "") -> Wish:
        """A change of look that needs a painter; of the background or the picture as a whole, those."""
        if text[0] + 1 < text[1] and self.words[text[0]] == "be":
            text = (text[0] + 1, text[1])
            outline = "free" if states(self.clause, *text) else "keep"
            change = change.removeprefix("be ")
        said = change or self.clause.raw(*text)
        said = said.removesuffix(" instead")
        first = next((k for k in range(*text) if self.words[k] in ("with", "of", "covered", "in")), text[1])
        outline = "free" if GROWING & set(self.words[text[0] : first]) else outline
        only = selection.only
        if only is not None and only.special == "picture":
            return self._painted("style", text, text=said)
        if only is not None and only.special == "background":
            return self._painted("background", text, text=said)
        return self._painted("modify", text, targets=selection, text=said, outline=outline)

    def _painted(self, kind, span: tuple[int, int], **fields) -> Wish:
        return self._wish(kind, paints=True, free=(span,), **fields)

    def _new(self, start: int, end: int) -> Phrase | None:
        """What a text makes, as a phrase that later words may speak of."""
        read = self.np.phrase(start, head_place(self.clause, start, end) + 1)
        return None if read is None else read[0]


def is_all(selection: Selection) -> bool:
    return selection.only is not None and selection.only.special in ("picture", "everything")
