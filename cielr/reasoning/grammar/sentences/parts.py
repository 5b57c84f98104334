"""What every family of sentences is read with: selections, wishes, and remarks that are left out."""

from __future__ import annotations

from dataclasses import replace

from ....core.inflection import singular
from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words.doings import STATES
from ..words.tokens import Clause, refusal
from ..words.vocabulary import RELATIONS, PhraseTable, word_set
from .attributes import PLACES
from .goals import PURPOSES, Goals
from .texts import GROWING, NATURE, PATCHES, SCENERY, head_place, is_setting, is_style, states
from .wishes import Misread, Wish

_TAILS = word_set(
    """making ensuring keeping leaving preserving maintaining including focusing blending revealing creating giving
    letting allowing filling restoring showing while so separating isolating capturing highlighting bringing pulling"""
)
_AROUND = frozenset({"around", "behind"})
_CLEARING = frozenset({"free", "clear", "purge", "rid", "clean", "cleanse", "strip"})
"""Verbs that take something from the picture: "clear the picture from haze"."""
_SIZES = frozenset({"longer", "taller", "wider", "shorter", "narrower", "bigger", "larger", "smaller"})
FRAME = "do that with another tool, before or after"


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

    def _frame(self, start: int) -> list[Wish]:
        """ "crop the image", "zoom in": about the frame, which no action changes.

        Raises:
            NotUnderstood: always, and says what could be meant.
        """
        out = next((k for k in range(start + 1, self.end - 1) if self.words[k : k + 2] == ("out", "of")), None)
        of_picture = out is not None and self.np.past_picture(out + 1, self.end) == self.end
        gone = self._whole(start, out) if out is not None and of_picture else None
        if gone is not None:
            # "crop the television out of the picture"
            return [self._wish("remove", targets=gone)]
        said = self.clause.spelled()
        named = self.np.phrase(start, self.end) if start < self.end else None
        if named is not None and named[0].has_noun and not named[0].special and self.words[0] == "crop":
            thing = self.clause.raw(start, named[1])
            raise refusal(f"'{said}' would change the frame: say 'extract {thing}' to keep it alone", FRAME)
        raise refusal(f"'{said}' is about the frame, and the picture keeps its size here", FRAME)

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

    def _past_whereabouts(self, selection: Selection, place: int) -> int:
        """Past "behind the kid", which says nothing of which background is meant."""
        only = selection.only
        link = RELATIONS.at(self.words, place, self.end) if place < self.end else None
        if only is None or only.special != "background" or link is None or self.words[place] not in _AROUND:
            return place
        at = self.np.phrase(place + link[1], self.end, frozenset({"to", "with", "into", "by"}))
        return place if at is None else at[1]

    def _past_place_of(self, start: int) -> int:
        """Past "the position of", so that a thing is meant and not where it is."""
        place = start + (self.words[start] == "the")
        named = place + 1 < self.end and self.words[place] in PLACES and self.words[place + 1] == "of"
        return place + 2 if named and place + 2 < self.end else start

    def _moved_of(self, start: int) -> list[Wish]:
        """ "change the position of the lamp to the left side of the room"; nothing where no place is said."""
        place = self._past_place_of(start)
        if place == start:
            return []
        selection, goal, after = self.goals.of_move(place)
        if goal is not None and goal.words.split()[0] in ("in", "on", "at"):
            # "the position of the clouds in the sky" says where they are
            raise refusal("Where to move is not said")
        return [self._wish("move", targets=selection, goal=goal)] if goal is not None and after >= self.end else []

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
        if self.words[place : place + 1] == ("from",) and self.words[start - 1] not in _CLEARING:
            # "remove the background from the girl" leaves the girl alone
            return None
        if place + 1 >= self.end or self.words[place] not in ("of", "from"):
            return None
        selection, after = self._selection(place + 1)
        return self._finished(after, [self._wish("remove", targets=selection)])

    def _is_tail(self, place: int) -> bool:
        """Whether a remark begins there: ", leaving only the grass", "while keeping the rest", "so that …"."""
        after = place + 1 if self.words[place] in (",", "and") else place
        if after >= self.end:
            return False
        purpose = self.words[after] == "to" and after + 1 < self.end and self.words[after + 1] in PURPOSES
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
        whole = only is not None and only.special == "everything" and not only.posts
        if only is not None and only.special == "picture" and said in _SIZES:
            raise refusal(f"'{said}' is about the frame, and the picture keeps its size here", FRAME)
        if only is not None and (only.special == "picture" or (whole and is_style(self.clause, *text))):
            return self._painted("style", text, text=said)
        if only is not None and only.special == "background":
            return self._painted("background", text, text=said)
        return self._painted("modify", text, targets=selection, text=said, outline=outline)

    def _painted(self, kind, span: tuple[int, int], **fields) -> Wish:
        return self._wish(kind, paints=True, free=(span,), **fields)

    def _new(self, start: int, end: int) -> Phrase | None:
        """What a text makes, as a phrase that later words may speak of."""
        head = head_place(self.clause, start, end)
        read = self.np.phrase(start, head + 1)
        if read is None or read[1] > head or self.words[read[1]] != ",":
            return None if read is None else read[0]
        # "a large, round table": a comma ends what is there already, and not what is new
        named = self.np.phrase(head, head + 1)
        return read[0] if named is None else replace(named[0], determiners=read[0].determiners)


def is_all(selection: Selection) -> bool:
    return selection.only is not None and selection.only.special in ("picture", "everything")
