"""Sentences that make something else of a thing: another look, another thing, another setting."""

from __future__ import annotations

import re
from dataclasses import replace

from ....core.inflection import is_plural, singular
from ..nouns.before import NO_HEADS
from ..nouns.phrases import Phrase, Selection
from ..words.doings import DOINGS
from ..words.known import closed_words
from ..words.spelling import likely_words
from ..words.synonyms import CLOTHES
from ..words.tokens import Clause, refusal
from ..words.vocabulary import ARTICLES, DEGREES, PART_NOUNS, RELATIONS, word_set
from .attributes import attribute_of
from .parts import is_all
from .texts import SCENERY, colour_text, head_place, is_adjectival, is_adjective, is_lettering, is_style, states
from .transforming import Transforming, picture
from .wishes import Misread, Wish

_OPENERS = word_set("half into look looks appear more less out as to a an in made lit covered filled painted")
_PERSISTS = frozenset({"to", "into", "as", "for", "like"})
_TASTES = (("pop",), ("shine",), ("work",), ("stand", "out"), ("more",), ("less",))
"""What something is to do by somebody's taste, or more of what is not said."""
_PLACES_OF = frozenset(("the", word, "of") for word in ("places", "positions", "locations"))
BODY_PARTS = word_set(
    """face head eye ear nose mouth tail arm leg hand body hair skin neck chest back cheek chin lip forehead shoulder
    finger knee foot wrist beard eyebrow tooth"""
)
_GAZES = (("at",), ("to",), ("left",), ("right",), ("up",), ("down",), ("away",), ("towards",))
_INTO = frozenset({"turn", "transform", "convert"})
_MADE_WITH = frozenset({"with", "from", "in", "out", "of", "using"})
_BECOMES = frozenset({"into", "like"})
_LIKE_A_LOOK = re.compile(r".{3,}(al|ic|ing|ed|ish|ian|esque|less|like|style|shaped|themed|ous|ful|ive|able|y)$")
"""Endings of words that say how something looks, where no noun is expected."""
CANDIDATES = 8
"""Places at which "make the …" may go on to what it is to become, that are tried."""


class Becoming(Transforming):
    """ "make the cup blue", "change the cat to a dog", "swap the cup for a glass"."""

    # ---------------------------------------------------------------------------------------------------------- look

    def _adjectives(self, start: int) -> list[Wish]:
        """ "make the table wooden", "turn the man's hair curly".

        Raises:
            Misread: where no look is said.
        """
        # "in" is tried last: it says where the thing is far more often than what it becomes
        for place in sorted(self._openings(start, adjectives=True), key=lambda place: self.words[place] == "in"):
            selection = self._whole(start, place)
            # "the fat" of "the fat smiling man" is nobody
            goes_on = self.words[place].endswith("ing") and self.words[place - 1] in NO_HEADS
            if selection is not None and any(map(_ends_in_a_look, selection.items[:-1])):
                # "the shirt plaid and the pants khaki"
                raise Misread(place)
            noun = place + 1 == self.end and self.words[place] == "face" and self.words[0] in ("change", "replace")
            if selection is not None and not (goes_on or noun) and self._may_do(selection, start, place):
                return self._become(selection, place)
        if (complement := self._complement(start)) is not None:
            return self._complemented(*complement)
        selection, place = self._selection(start)
        raise Misread(place if place < self.end else None)

    def _may_do(self, selection: Selection, start: int, place: int) -> bool:
        """Whether a word there may be a verb: of "the red bow" it is a noun."""
        last = selection.items[-1]
        becomes = (k for k in range(place + 3, self.end) if self.words[k] in ("a", "an"))
        if self.words[place].endswith("ing") and any(self._whole(start, k) is not None for k in becomes):
            # "the paper hanging on the wall a mirror"
            return False
        return self.words[place] not in DOINGS or last.has_noun or bool(last.special or last.number or last.of)

    def _complement(self, start: int) -> tuple[Selection, int] | None:
        """(a thing, where what it is to become begins) in "make them monsters", "make the mountains rocky": what is
        said of a pronoun, or a last word that is no part of the thing's name."""
        read = self.np.selection(start, self.end)
        if read is None or read[0].only is None:
            return None
        if read[0].only.special == "pronoun":
            return None if read[1] >= self.end else read
        last = self.end - 1
        before = self._whole(start, last)
        if read[1] < self.end or before is None or before.only is None or self.clause.tokens[last].kind != "word":
            return None
        word, names = self.words[last], before.only.noun
        looks = _LIKE_A_LOOK.search(word) is not None or is_adjective(word) or self.clause.raw(last, self.end).istitle()
        if not (looks or (names and is_plural(names[-1]))) or likely_words(word, closed_words()):
            return None
        return before, last

    def _complemented(self, selection: Selection, place: int) -> list[Wish]:
        text = (place, self.end)
        head = self.words[head_place(self.clause, *text)]
        if self.words[place : self.end] in _TASTES:
            raise Misread(place)
        if self.words[place : place + 2] == ("to", "be") and place + 2 < self.end:
            return self._to_text(selection, place + 2)
        first = self.words[place]
        if place + 1 == self.end and singular(first) in BODY_PARTS and self.words[0] in ("change", "replace", "edit"):
            # "change the creatures eye"
            raise refusal(f"What '{self.clause.raw(1, self.end)}' is to become is not said")
        if first not in ARTICLES and singular(head) in PART_NOUNS and not states(self.clause, *text):
            # "make them leather jackets", "make him red hair"
            return [self._modified(selection, text, "free", f"with {self.clause.raw(*text)}")]
        if first not in ARTICLES and not self._exact_text(selection, text):
            does = self.words[0] in ("have", "let") or first.endswith("ed")
            does = does or RELATIONS.at(self.words, place) is not None
            alone = place + 1 == self.end and not is_plural(head) and not self.clause.raw(*text).istitle()
            if does or alone or first in ("like", "of") or not is_plural(head):
                return [self._modified(selection, text, "free" if does else "keep")]
        return self._to_text(selection, place)

    def _make(self, start: int) -> list[Wish]:
        if self._is_vanishing():
            selection, place = self._selection(start, self.end - self._vanishing_size())
            if place == self.end - self._vanishing_size():
                return [self._wish("remove", targets=selection)]
        change = self._exact_change(start, self.end)
        if change is not None and change[0] == "look" and not str(change[1]).startswith("colour"):
            # "make slightly darker"
            return [self._exact(picture(), change)]
        if made := self._of_attribute(start) or self._saying(start) or self._out_of(start):
            return made
        return self._made(start, self.end) or self._adjectives(start)

    def _out_of(self, start: int) -> list[Wish]:
        """ "make a swan out of the duck"; nothing for other texts."""
        out = next((k for k in range(start + 1, self.end - 2) if self.words[k : k + 2] == ("out", "of")), None)
        old = self._whole(out + 2, self.end) if out is not None and self.words[start] in ("a", "an") else None
        if out is None or old is None or old.items[0].is_indefinite or DOINGS & set(self.words[start:out]):
            return []
        new = (start, out)
        return [self._painted("replace", new, targets=old, text=self.clause.raw(*new), new=self._new(*new))]

    def _is_vanishing(self) -> bool:
        return self._vanishing_size() > 0

    def _vanishing_size(self) -> int:
        if self.words[-1] in ("disappear", "vanish", "invisible"):
            return 1
        return 2 if self.words[-2:] == ("go", "away") else 0

    def _of_attribute(self, start: int) -> list[Wish]:
        """ "make the colour of the spoon red"; nothing where no attribute is named."""
        read = self.np.selection(start, self.end)
        if read is None or read[0].only is None:
            return []
        for place in range(max(start + 1, self.end - 4), self.end):
            selection = self._whole(start, place)
            attribute = attribute_of(selection.only) if selection is not None and selection.only is not None else None
            if attribute is not None and attribute[2] is not None:
                text = (place + (self.words[place] == "to"), self.end)
                if attribute[0] == "colour" and (colour := colour_text(self.clause, *text)):
                    return [self._wish("look", targets=attribute[2], text=colour)]
        return []

    # ------------------------------------------------------------------------------------- becoming something else

    def _openings(self, start: int, adjectives: bool = False) -> list[int]:
        """Places at which what something is to become may begin."""
        openings = []
        for place in range(start + 1, self.end):
            word = self.words[place]
            degree = DEGREES.at(self.words, place, self.end) is not None and self.words[place - 1] not in ARTICLES
            opens = (word in _OPENERS or word in DOINGS or degree) and not self.np.past_picture(place, self.end) > place
            looks = is_adjectival(self.clause, place, self.end) if place >= self.end - 5 else False
            looks = looks or self._is_patterned((place, self.end))
            # "ornate with carvings"
            looks = looks or (is_adjective(word) and self.words[place + 1 : place + 2] in (("with",), ("like",)))
            vague = DEGREES.at(self.words, self.end - 1, self.end) is not None and place + 2 == self.end
            if opens or (adjectives and looks and not vague and word not in ("and", ",")):
                openings.append(place)
        return openings[:CANDIDATES]

    def _become(self, selection: Selection, place: int) -> list[Wish]:
        """What "make the cat …" goes on with: into a dog, a dog, look like a tiger, smile, wooden."""
        word = self.words[place]
        for_somebody = selection.only is not None and selection.only.words in ("me", "us") and word in ("a", "an")
        if self.words[place : self.end] in _TASTES or for_somebody:
            # "make me a sandwich" is no wish to become one
            raise Misread(place)
        if (whole := self._of_the_whole(selection)) and word not in ("into", "to"):
            return [self._of_the_picture(whole, (place, self.end))]
        if word == "as" and self.words[place + 2 : place + 3] == ("as",):
            return self._as_large(selection, place)
        quotes = place + 1 < self.end and self.clause.tokens[place + 1].kind == "quoted"
        quotes = quotes or (place + 1 < self.end and is_lettering(self.clause.raw(place + 1, self.end)))
        if word in ("read", "reads", "say", "says") and quotes:
            return [self._says(selection, (place + 1, self.end), self._letters_alone((place + 1, self.end)))]
        if DEGREES.at(self.words, place, self.end) is not None:
            # "a little older"
            return [self._modified(selection, (place, self.end))]
        if word in ("into", "to", "a", "an", "as"):
            return self._to_text(selection, place + (word in ("into", "to", "as")))
        within = self.np.phrase(place + 1, self.end) if word == "in" and self.words[0] in _INTO else None
        if within is not None and within[0].is_indefinite and within[0].head not in CLOTHES:
            # "turn the mountain in a waterfall"
            return self._to_text(selection, place + 1)
        if word == "in" and not is_style(self.clause, place, self.end):
            return [self._modified(selection, (place, self.end), "free")]
        gazes = word == "look" and self.words[place + 1 : place + 2] in _GAZES
        outline = "free" if gazes or (word in DOINGS and word not in ("look", "appear", "get", "become")) else "keep"
        return [self._modified(selection, (place, self.end), outline)]

    def _as_large(self, selection: Selection, place: int) -> list[Wish]:
        """ "make the woman as tall as the man".

        Raises:
            NotUnderstood: for other comparisons.
        """
        model = self._whole(place + 3, self.end)
        if self.words[place + 1] not in ("tall", "big", "large", "small", "wide", "high", "long") or model is None:
            raise refusal(f"'{self.clause.raw(place, self.end)}' is a comparison that was not understood")
        return [self._wish("resize", targets=selection, other=model)]

    def _of_the_whole(self, selection: Selection) -> str:
        """ "colours" of "make the colours softer", which is said of the whole picture; "" for anything else."""
        only = selection.only
        attribute = attribute_of(only) if only is not None and not self._is_in_scene(only) else None
        if attribute is None or attribute[2] is not None or attribute[0] not in ("colour", "brightness", "picture"):
            return ""
        return attribute[1]

    def _change(self, start: int) -> list[Wish]:
        if (turned := self._turned(start)) is not None:
            return turned
        if read_apart := self._other_figures(start) or self._moved_of(start):
            return read_apart
        if read_apart := self._from_doing(start) or self._set_in(start):
            return read_apart
        if other := self._swapped_or_gone(start) or self._and_another(start):
            return other
        if self.words[start] in ("to", "into", "in") and is_style(self.clause, start + 1, self.end):
            # "convert to a watercolour style"
            return [self._painted("style", (start + 1, self.end), text=self.clause.raw(start + 1, self.end))]
        read = self.np.selection(start, self.end, _BECOMES)
        if read is not None:
            selection, place = read
            place = self._past_whereabouts(selection, place)
            if (before := self._past_from(start, place)) > place:
                wishes = self._to_text(selection, before + 1)
                return [replace(wish, free=(*wish.free, (place, before))) for wish in wishes]
            selection, setting = _without_from(selection)
            if setting and place < self.end and self.words[place] in _PERSISTS:
                return [self._painted("background", (place + 1, self.end), text=self.clause.raw(place + 1, self.end))]
            for_whom = self.words[start - 1] == "set" and self.words[place : place + 1] == ("for",)
            if (
                place < self.end
                and not for_whom
                and (self.words[place] in _PERSISTS or (self.words[place] == "in" and is_all(selection)))
            ):
                return self._to_text(selection, place + 1)
            rest = DEGREES.at(self.words, place, self.end)
            is_over = place >= self.end or (rest is not None and place + rest[1] >= self.end)
            attribute = attribute_of(selection.items[0]) if is_over else None
            if attribute is not None:
                raise refusal(f"What '{selection.words}' is to become is not said")
        split = self.np.selection(start, self.end, frozenset({"with", "by"}))
        if (
            self.words[start - 1] == "switch"
            and split is not None
            and self.words[split[1] : split[1] + 2] == ("with", "the")
        ):
            return [self._wish("swap", targets=split[0], other=self._all_of(split[1] + 1, self.end))]
        if split is not None and split[1] < self.end and self.words[split[1]] in ("with", "by"):
            return self._to_text(split[0], split[1] + 1)
        return self._made(start, self.end) or self._adjectives(start)

    _adjust = _change

    def _swapped_or_gone(self, start: int) -> list[Wish]:
        """ "change the places of the two tables" swaps, "edit the dog out" removes; nothing for other texts."""
        if self.words[start : start + 3] in _PLACES_OF:
            return [self._wish("swap", targets=self._all_of(start + 3, self.end))]
        out = self.words[start - 1] == "edit" and self.words[-1] == "out"
        gone = self._whole(start, self.end - 1) if out else None
        return [self._wish("remove", targets=gone)] if gone is not None else []

    def _remake(self, start: int) -> list[Wish]:
        """ "rebuild the wall with bricks", "remake the bench in marble": of what it is to be made."""
        read = self.np.selection(start, self.end, _MADE_WITH)
        if read is not None and (is_all(read[0]) or self.words[read[1] + 1 : read[1] + 2] == ("the",)):
            return self._change(start)
        if read is None or read[1] + 1 >= self.end or self.words[read[1]] not in _MADE_WITH:
            return self._change(start)
        text = (read[1] + 1 + (self.words[read[1]] == "out"), self.end)
        return [self._modified(read[0], text, "keep", f"made of {self.clause.raw(*text)}")]

    def _and_another(self, start: int) -> list[Wish]:
        """ "change the wings to blue and the beak to yellow" is two; nothing where it is one."""
        goals = [k for k in range(start + 1, self.end - 1) if self.words[k] in ("to", "into")]
        if len(goals) != 2 or self.words[goals[0]] != self.words[goals[1]]:
            return []
        joint = next((k for k in range(goals[1] - 1, goals[0] + 1, -1) if self.words[k] in ("and", ",")), None)
        second = self._whole(joint + 1, goals[1]) if joint is not None else None
        first = self.np.selection(start, goals[0])
        if joint is None or second is None or first is None or first[1] != goals[0]:
            return []
        wishes = type(self)(Clause(self.clause.text, self.clause.tokens[:joint]), self.np.labels)._change(start)
        attribute = attribute_of(first[0].items[0])
        text = (goals[1] + 1, self.end)
        colour = colour_text(self.clause, *text) if attribute is not None and attribute[0] == "colour" else ""
        more = [self._wish("look", targets=second, text=colour)] if colour else self._to_text(second, text[0])
        return [*(replace(wish, clause=self.clause) for wish in wishes), *more]

    def _set_in(self, start: int) -> list[Wish]:
        """ "set the scene in a medieval village"; nothing for other texts."""
        read = self.np.selection(start, self.end, frozenset({"in"})) if self.words[start - 1] == "set" else None
        if read is None or self.words[read[1] : read[1] + 1] != ("in",) or read[1] + 1 >= self.end:
            return []
        text = (read[1] + 1, self.end)
        scenery = self.words[text[0]] in ("a", "an", "the") and self.words[self.end - 1] in SCENERY
        place = self.words[text[0]] in ("a", "an") and not is_style(self.clause, *text)
        if not (scenery or (place and is_all(read[0]))):
            return []
        return [self._painted("background", text, text=self.clause.raw(*text))]

    def _from_doing(self, start: int) -> list[Wish]:
        """ "from using a fork to eating with his hands": what somebody does now, and then; nothing for other texts."""
        now = next((k for k in range(start + 1, self.end - 3) if self.words[k] == "from"), None)
        then = next((k for k in range((now or self.end) + 2, self.end - 1) if self.words[k] == "to"), None)
        who = self._whole(start, now) if now is not None else None
        if now is None or then is None or who is None or not self.words[now + 1].endswith("ing"):
            return []
        wishes = self._to_text(who, then + 1)
        return [replace(wish, free=(*wish.free, (now, then))) for wish in wishes]

    def _past_from(self, start: int, place: int) -> int:
        """Past "from the snow", "from a historic or vintage room", which says what it is now."""
        begins = place < self.end and self.words[place] == "from"
        goes_on = place < self.end and self.words[place] in ("or", ",") and "from" in self.words[start:place]
        if not begins and not goes_on:
            return place
        return next((k for k in range(place, self.end) if self.words[k] in ("to", "into")), place)


def _ends_in_a_look(phrase: Phrase) -> bool:
    """Whether a phrase ends in how it is to look, and not in a noun."""
    return len(phrase.noun) > 1 and is_adjective(phrase.noun[-1]) and not phrase.posts


def _without_from(selection: Selection) -> tuple[Selection, bool]:
    """The selection without "from the forest", which says what it is now; and whether that is a setting."""
    only = selection.only
    if only is None:
        return selection, False
    owner = only.owner
    if owner is not None and any(post.relation == "from_" for post in owner.posts):
        # "the colour of the wall from white"
        kept = replace(owner, posts=tuple(post for post in owner.posts if post.relation != "from_"))
        return replace(selection, items=(replace(only, owner=kept),)), False
    before = [post for post in only.posts if post.kind == "relation" and post.relation == "from_"]
    if not before:
        return selection, False
    kept = replace(only, posts=tuple(post for post in only.posts if post not in before))
    return replace(selection, items=(kept,)), any(anchor.head in SCENERY for post in before for anchor in post.anchors)
