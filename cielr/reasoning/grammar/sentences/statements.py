"""Sentences that say how something is to be: "the door should be red", "let there be snow"."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from ....core.inflection import is_plural
from ..nouns.phrases import Selection
from ..words.doings import DOINGS, STATES
from ..words.synonyms import BEASTS, PEOPLE
from ..words.tokens import refusal
from ..words.vocabulary import (
    ARTICLES,
    DEGREES,
    NEGATIONS,
    POSSESSIVES,
    RELATIONS,
    TASTE,
    TELLING,
    VERBS,
    verb_of,
    word_set,
)
from .attributes import ATTRIBUTES
from .newcomers import ASKING, MODALS
from .placing import Placing
from .texts import STYLE_WORDS, TIMES, colour_text, head_place, is_adjectival, is_adjective, states
from .transforming import MADE_OF, it
from .wishes import Goal, Misread, Wish

_STATES_OF = frozenset({"be", "become", "look", "have", "wear", "get", "turn", "appear", "disappear", "vanish", "say"})
_GONE = word_set("gone disappear vanish invisible absent go")
_TO_REMOVE = word_set("removed deleted erased eliminated gone cropped eradicated expunged discarded omitted excluded")
_TO_ADD = word_set("added inserted placed put drawn introduced situated located positioned included set")
_TO_BECOME = word_set("changed turned transformed replaced converted swapped substituted made altered switched")
_TO_COLOUR = word_set("painted coloured colored dyed recoloured recolored tinted")
_SPEAKERS = frozenset({"i", "we", "you", "they"})
_IS = word_set(
    """is are was were has have had wore held becomes become turns turn wears wear holds hold carries carry looks look
    appears"""
)
_PAST = frozenset({"was", "were", "had", "wore", "held", "looks", "look", "appears"})
_OF_NOW = word_set("already still currently but should want i too favourite favorite called missing because lying")
"""Words with which a sentence says how things are, and not how they are to be."""
_NOW = {"wore": "wearing", "held": "holding"}
_ELSEWHERE = frozenset({"i", "we", "you", "this", "these", "that", "those"})
"""Subjects of sentences that say nothing of how the picture is to be."""
_SUPPOSED = re.compile(r"\b(what if|(love|like|prefer) it if|(nice|great) if|i wish)\b")
"""Before a sentence in the past that says how things are to be."""
_IMAGINED = frozenset({"imagine", "envision", "pretend", "suppose"})
_OUT = frozenset({"out", "up", "down", "open", "closed", "ginger", "tabby", "brindle"})
_SAYS = frozenset({"said", "says", "read", "reads"})
_WAS = ("was", "were")
_NOT_THERE = frozenset({"shouldn't", "mustn't", "shouldnt", "mustnt"})
_NO_NUMBER = frozenset({"only", "fewer", "less", "nothing", "something", "everything", "anything", "more"})
_MENDING = frozenset({"fix", "remove", "mend", "repair", "change", "clean", "delete", "erase"})
_STAYS = frozenset({"is", "are", "stays", "stay"})
_LINKS = frozenset({"to", "into", "with", "by", "for", "as", "in"})


class Statements(Placing):
    """ "the background should be a beach", "there should be no car", "make sure the sheep is red"."""

    def _make(self, start: int) -> list[Wish]:
        if self.words[start] == "there":
            return self._there(start + 1)
        if self.words[start:] in (("it", "snow"), ("it", "rain")):
            return [self._painted("style", (start + 1, self.end), text=f"{self.words[start + 1]} falling")]
        if acts := self._acting(start):
            return acts
        asks = self.words[start - 1] in ("let", "have")
        return (self._newcomer(start) if asks else []) or self._turning(start) or super()._make(start)

    def _acting(self, start: int) -> list[Wish]:
        """ "have the woman add sugar to the tea": somebody does what is a verb of editing elsewhere; else nothing."""
        for place in range(start + 2, self.end - 1):
            verb = VERBS.at(self.words, place, self.end)
            if TELLING & set(self.words[start:place]):
                # "make the shirt say Kids Draw Animals"
                return []
            if verb is None or self.words[place] in DOINGS or self.words[place - 1] in ARTICLES:
                continue
            after = self.words[place + verb[1] : place + verb[1] + 1]
            acts = after != () and (
                after[0] in ARTICLES | POSSESSIVES or self.words[place] in ("add", "remove", "draw")
            )
            who = self._whole(start, place) if acts else None
            only = who.only if who is not None else None
            if who is not None and only is not None and only.head in PEOPLE | BEASTS and not only.is_indefinite:
                return [self._modified(who, (place, self.end), "free")]
        return []

    def _turning(self, start: int) -> list[Wish]:
        """ "let the van turn black", "make the mirror turn into a window"; nothing for "turn to the camera"."""
        turn = next((k for k in range(start + 1, self.end - 1) if self.words[k] == "turn"), None)
        things = self._whole(start, turn) if turn is not None else None
        if turn is None or things is None:
            return []
        if self.words[turn + 1] in ("into", "to") and self.words[turn + 2 : turn + 3] in (("a",), ("an",)):
            return self._to_text(things, turn + 2)
        colour = colour_text(self.clause, turn + 1, self.end)
        return [self._wish("look", targets=things, text=colour)] if colour else []

    def _become(self, selection: Selection, place: int) -> list[Wish]:
        """ "have the tulips be daisies", "let the sign be moved up", "have them be in a jungle"."""
        if self.words[place] not in ("be", "become") or place + 1 >= self.end:
            return super()._become(selection, place)
        verb = VERBS.at(self.words, 0)
        if done := self._passive(selection, verb[1] if verb else 0, place, place + 1):
            return done
        goal = self.goals.goal_at(place + 1)
        if goal is not None and goal[1] >= self.end and _is_within(goal[0]):
            anchor = self.goals.last_place
            return [self._painted("background", (anchor, self.end), text=self.clause.raw(anchor, self.end))]
        text = (place + 1, self.end)
        if self.words[text[0]].endswith("ing") and self.words[text[0]] in STATES:
            return [self._modified(selection, text, "free")]
        if self.words[text[0]] in ("different", "same") or self.words[self.end - 1] in ATTRIBUTES:
            # "have the umbrellas be different colours"
            return [self._modified(selection, text, "keep")]
        is_thing = self.words[text[0]] in ARTICLES or is_plural(self.words[head_place(self.clause, *text)])
        if is_thing or self.clause.raw(*text)[:1].isupper() or self._exact_text(selection, text):
            return self._to_text(selection, place)
        return super()._become(selection, place)

    def _change(self, start: int) -> list[Wish]:
        if (
            self.words[start - 1] in ("set", "edit")
            and (read := self.np.phrase(start, self.end))
            and read[0].is_indefinite
        ):
            return self._add(start)
        return super()._change(start)

    def _should(self, start: int) -> list[Wish]:
        """ "the background should be a beach", "the car to be blue": no verb but that it is to be so.

        Raises:
            Misread: where it says nothing of the kind.
        """
        if start >= self.end:
            raise Misread(None)
        asks = self.words[start] in ASKING and start + 1 < self.end
        start += asks
        if self.words[start] in ("there", "there's") and start + 1 < self.end:
            return self._there(start + 1, self.words[start] == "there's")
        if described := self._alone(start) or self._gone(start) or self._needed(start) or self._indicative(start):
            return described
        if self.clause.is_wanted and (wanted := self._made(start, self.end)):
            return wanted
        if self.clause.is_wanted and (complement := self._complement(start)) is not None:
            # "I want him white"
            return self._complemented(*complement)
        return self._awaited(start) or self._to_be(start, asks)

    def _to_be(self, start: int, asks: bool) -> list[Wish]:
        """ "the lamp should be taller"; asks: as in "can the lamp be taller?".

        Raises:
            Misread: where it says nothing of the kind; NotUnderstood: where nobody knows what "it" is.
        """
        modals = _STATES_OF | _GONE | DOINGS if asks else MODALS
        read = self.np.selection(start, self.end, modals)
        if read is None:
            raise Misread(start)
        selection, place = read
        modal = place < self.end and self.words[place] in modals
        after = place + 1 if modal and not asks and self.words[place] != "to" else place
        after += after < self.end and self.words[after] == "to"
        if not modal or after >= self.end or self.words[after] not in _STATES_OF | DOINGS | _GONE:
            raise Misread(start)
        at = self.goals.goal_at(after + 1) if self.words[after] == "be" else None
        if at is not None and at[1] >= self.end and not selection.items[0].is_indefinite:
            # "the man should be on the right"
            return [self._wish("move", targets=selection, goal=at[0])]
        if self.words[after] in _GONE:
            return self._finished(after + 1, [self._wish("remove", targets=selection)])
        if self.words[place : after + 1] == ("could", "use"):
            # "the man could use a beard"
            raise Misread(start)
        does = self.words[after] in DOINGS - _STATES_OF - {"say", "read", "being", "show", "contain"}
        if does and "where" not in self.words[after:]:
            # "the man should push the bicycle"
            return [self._modified(selection, (after, self.end), "free")]
        if after + 1 >= self.end:
            raise Misread(start)
        if self.words[after] in ("be", "get") and (done := self._passive(selection, start, place, after + 1)):
            return done
        if self.words[after] in ("say", "read") and self.clause.tokens[after + 1].kind == "quoted":
            return [self._says(selection, (after + 1, self.end), self._letters_alone((after + 1, self.end)))]
        if self.words[after] == "be" and self._is_a_look(after + 1):
            return [self._modified(selection, (after, self.end), "free" if self.words[after + 1] in _OUT else "keep")]
        only, new = selection.only, self.words[after + 1] in ("a", "an")
        if new and only is not None and only.words == "it" and self.goals.of_new(after + 1)[0].kind != "somewhere":
            # "it should be a pizza on the tray": there should be one
            if self.clause.is_all:
                return self._add(after + 1)
            raise refusal(f"What 'it' is was not understood in '{self.clause.spelled()}'")
        return self._to_text(selection, after + (self.words[after] == "turn"))

    def _is_a_look(self, place: int) -> bool:
        """Whether what something should be is a look of it: "ginger", "more dramatic", "out"; no other thing."""
        word = self.words[place]
        if colour_text(self.clause, place, self.end) or self._exact_change(place, self.end) is not None:
            return False
        alone = place + 1 == self.end and (is_adjective(word) or word in _OUT)
        degree = DEGREES.at(self.words, place, self.end)
        said = {"than", "of", "to"} & set(self.words[place:])
        return alone or (not said and (word in ("more", "less", "very") or degree is not None))

    def _add(self, start: int) -> list[Wish]:
        """ "imagine the dog is a lion" describes how it is to be."""
        supposes = self.words[start - 1] in _IMAGINED
        imagined = self._indicative(start) if supposes else []
        if supposes and not imagined and _IS & set(self.words[start:]):
            raise Misread(start)
        return imagined or super()._add(start)

    def _is_wish(self) -> bool:
        """Whether a description may say how the picture is to be, and not how it is."""
        typed = set(re.findall(r"[\w']+|[?]", self.clause.text.lower()))
        if (TASTE | _OF_NOW) & set(self.words) or {"want", "but"} & typed:
            return False
        if _SUPPOSED.search(self.clause.text[: self.clause.tokens[0].start].lower()):
            return True
        if not self.clause.is_all:
            return False
        if "?" in typed and not {"what", "how"} & typed:
            # "the sofa is grey?"
            return False
        return not _PAST & set(self.words)

    def _indicative(self, start: int) -> list[Wish]:
        """ "the stars are made of fire", "she has tattoos", "the crab becomes a turtle": so it is to be, where nothing
        else is said; nothing for other texts."""
        if not self._is_wish():
            return []
        if self.words[start] == "it's" and self.words[start + 1 : start + 2] != ("time",):
            return self._to_text(it(), start + 1)
        says = next(
            (k for k in range(start + 1, self.end - 1) if self.words[k] in ("said", "says", "read", "reads")), None
        )
        sign = self._whole(start, says) if says is not None and self.clause.tokens[says + 1].kind == "quoted" else None
        if says is not None and sign is not None:
            return [self._says(sign, (says + 1, self.end), self._letters_alone((says + 1, self.end)))]
        if self.words[start].endswith("ed"):
            # "placed by the door is a man" says what is there
            return []
        read = self.np.selection(start, self.end, _IS)
        if read is None or read[1] + 1 >= self.end or self.words[read[1]] not in _IS or self.words[start] in _ELSEWHERE:
            return []
        selection, place = read
        verb, after = self.words[place], place + 1
        if verb in ("has", "have", "had") and self.words[after] == "to":
            return []
        while after + 1 < self.end and self.words[after] in ("all", "both", "been", "now", "being", "to", "be"):
            after += 1
        if self.words[after : after + 3] == ("no", "longer", "there") or self.words[after] in _GONE:
            return [self._wish("remove", targets=selection, free=((place, self.end),))]
        if "too" in self.words[after:] or NEGATIONS & set(self.words[after:]):
            return []
        if verb in ("becomes", "become", "turns", "turn"):
            return self._complemented(selection, after + (self.words[after] in ("into", "to")))
        if verb not in ("is", "are", "was", "were", "has", "have", "had"):
            said = f"{_NOW.get(verb, verb)} {self.clause.raw(place + 1, self.end)}"
            return [self._modified(selection, (place, self.end), "free", said)]
        if done := self._passive(selection, start, place, after):
            return done
        return self._is_now(selection, verb, place, after)

    def _is_now(self, selection: Selection, verb: str, place: int, after: int) -> list[Wish]:
        """What somebody is or has by a sentence: "he is taller", "she has tattoos", "the man was standing"."""
        if self.words[after:] == ("on", "fire"):
            return [self._modified(selection, (after, self.end), "free")]
        where = RELATIONS.at(self.words, after, self.end)
        if (where is not None and where[0] != "with_") or set(self.words[after:]) & {"is", "are"}:
            return []
        if verb in ("has", "have", "had") and self.words[place + 1] != "been":
            return self._given(selection, (after, self.end))
        if states(self.clause, after, self.end) and not selection.items[0].special:
            return [self._modified(selection, (after, self.end), "free")]
        return self._complemented(selection, after)

    def _so_that(self) -> list[Wish]:
        """ "make it so that the man is smiling", "edit the hair so it is red": how it is to be; nothing for others."""
        so = next((k for k in range(2, self.end - 2) if self.words[k] == "so"), None)
        verb = VERBS.at(self.words, 0)
        if so is None or verb is None or verb[0] not in ("make", "change", "adjust"):
            return []
        place = so + 1 + (self.words[so + 1] == "that")
        if self.words[:so] == (self.words[0], "it"):
            return self._indicative(place)
        changed = self._whole(verb[1], so)
        stands = self.words[place] in ("it", "they", "he", "she")
        stands = stands and self.words[place + 1 : place + 2] in (("is",), ("are",))
        short = self.words[place] in ("it's", "they're", "he's", "she's")
        after = place + 2 if stands else place + 1 if short else self.end
        how = self.words[after : after + 1]
        if how and (how[0] in NEGATIONS | {"gone"} or (short and RELATIONS.at(self.words, after) is not None)):
            return []
        return self._complemented(changed, after) if changed is not None and after < self.end else []

    def _needed(self, start: int) -> list[Wish]:
        """ "the wall needs a painting", "it needs more trees"; nothing for other texts."""
        read = self.np.selection(start, self.end, frozenset({"needs", "need"}))
        new = read[1] + 1 if read is not None else self.end
        if read is None or new >= self.end or self.words[read[1]] not in ("needs", "need"):
            return []
        if self.words[new] not in ("a", "an", "some", "more", "another"):
            return []
        only = read[0].only
        if only is not None and (only.special == "picture" or (only.special == "pronoun" and not only.noun)):
            return self._add(new)
        return self._put_on_each(read[0], (new, self.end))

    def _gone(self, start: int) -> list[Wish]:
        """ "I need the dog gone"; nothing for other texts."""
        gone = self._whole(start, self.end - 1) if self.words[-1] == "gone" else None
        return [] if gone is None else [self._wish("remove", targets=gone)]

    def _alone(self, start: int) -> list[Wish]:
        """ "only the dog should be in colour": all else loses its own; nothing for other texts."""
        if self.words[start] != "only" or self.words[-2:] not in (("in", "colour"), ("in", "color")):
            return []
        read = self.np.selection(start + 1, self.end - 2, MODALS | _STAYS)
        if read is None or not set(self.words[read[1] : self.end - 2]) <= {*MODALS, *_STAYS, "be"}:
            return []
        return [self._only_coloured(read[0])]

    def _passive(self, selection: Selection, start: int, end: int, place: int) -> list[Wish]:
        """ "… be removed", "… be placed on the table", "… be painted red"; nothing where it is no verb of editing.

        Raises:
            NotUnderstood: for a verb of which nobody here knows what it does to the thing.
        """
        word, after = self.words[place], place + 1
        if word in _TO_REMOVE or verb_of(word, "ed") == "remove":
            after = self.np.past_picture(after, self.end)
            return self._finished(after, [self._wish("remove", targets=selection)])
        if word in _TO_ADD:
            return self._be_placed(selection, start, end, after)
        if word in _TO_BECOME and after < self.end and self.words[place : place + 2] not in MADE_OF:
            return self._to_text(selection, after + (self.words[after] in _LINKS))
        if word in _TO_COLOUR and (colour := colour_text(self.clause, after, self.end)):
            return [self._wish("look", targets=selection, text=colour)]
        if word == "moved" and (goal := self.goals.goal_at(after)) is not None:
            return self._finished(goal[1], [self._wish("move", targets=selection, goal=goal[0])])
        is_verb = word.endswith("ed") and not is_adjectival(self.clause, place, self.end)
        if is_verb and self.words[after : after + 1] in (("from",), ("out",), ("off",)):
            raise refusal(f"what '{word}' is to do was not understood in '{self.clause.spelled()}'")
        if is_verb and self.words[after : after + 1] in (("in",), ("with",), ("by",), ("as",)):
            return [self._modified(selection, (place, self.end), "free")]
        return []

    def _be_placed(self, selection: Selection, start: int, end: int, place: int) -> list[Wish]:
        """ "a bird should be added to the left of the lamp", "the cup should be placed on the shelf"."""
        goal = self.goals.goal_at(place) or self.goals.new_at(place)
        if goal is None:
            raise Misread(place if place < self.end else None)
        only = selection.only
        if only is None or not (only.is_indefinite or any(rank.kind == "number" for rank in only.ranks)):
            return self._finished(goal[1], [self._wish("move", targets=selection, goal=goal[0])])
        said = self.clause.raw(start, end)
        new = self._new(start, end)
        wish = self._wish("add", paints=True, free=((start, end),), text=said, new=new, goal=goal[0])
        return self._finished(goal[1], [wish])

    def _there(self, start: int, said: bool = False) -> list[Wish]:
        """What there should be is added, and what there should not be is removed.

        Args:
            said: whether "there's" has said that it is.

        Raises:
            Misread: where no such thing is said.
        """
        negated = self.words[start] in _NOT_THERE
        place = start + negated
        supposed = _SUPPOSED.search(self.clause.text[: self.clause.tokens[0].start].lower()) is not None
        while place < self.end and self.words[place] in (*MODALS, "be", "is", "are", "also", *_WAS[: 2 * supposed]):
            place += 1
        if (place == start and not said) or place >= self.end:
            raise Misread(start)
        self._check_there(place)
        there = self.np.phrase(place, self.end) if said or self.words[start] in ("is", "are") else None
        if there is not None and self._is_in_scene(there[0]):
            # it is there already
            raise Misread(start)
        if not self.clause.is_all and (said or self.words[start] in ("is", "are")):
            # with other sentences beside it, it may say what is there
            raise Misread(start)
        # "there are three seagulls, I only want one": what somebody goes on to say is nothing to be drawn
        for comma, after in pairwise(range(place, self.end)):
            if self.words[comma] == "," and self.words[after] in _SPEAKERS:
                raise Misread(after)
        if negated or self.words[place] in ("no", "not"):
            place += self.words[place] in ("no", "not")
            while place + 1 < self.end and self.words[place] in ("be", "any", "a", "more", "longer"):
                place += 1
            selection, after = self._selection(place)
            wishes = self._finished(after, [self._wish("remove", targets=selection)])
            return [replace(wish, free=(*wish.free, (start, place))) for wish in wishes]
        return self._add(place)

    def _check_there(self, place: int) -> None:
        """That something new is said to be there.

        Raises:
            NotUnderstood: where it is another number of what is there, or nothing that has a name.
        """
        read = self.np.phrase(place, self.end)
        counted = read is not None and any(rank.kind == "number" for rank in read[0].ranks)
        if counted and read is not None and self._is_in_scene(read[0]):
            raise refusal(
                f"'{read[0].words}' is another number of them; say which are to go, or how many are to be added"
            )
        if any(self.words[k] == "," and self.words[k + 1] in _MENDING for k in range(place, self.end - 1)):
            raise Misread(place)
        if self.words[place] in _NO_NUMBER or "too" in self.words[place:]:
            raise refusal(f"'{self.clause.raw(place, self.end)}' does not say what is to be there")

    def _assure(self, start: int) -> list[Wish]:
        """How well something is to be done, which is always done as well as can be; "make sure the door is red" asks
        for what code can do."""
        start += self.words[start] == "that"
        verb = VERBS.at(self.words, start + 1, self.end) if self.words[start] == "to" else None
        if verb is not None:
            # "make sure to remove the lamp, too"
            return self._doing(verb[0], start + 1 + verb[1])
        if start + 1 < self.end and self.words[start] in ("there", "there's"):
            return self._there(start + 1, self.words[start] == "there's")
        read = self.np.selection(start, self.end, frozenset({"is", "are"})) if start < self.end else None
        if read is None or read[1] >= self.end or self.words[read[1]] not in ("is", "are"):
            return []
        colour = colour_text(self.clause, read[1] + 1, self.end)
        return [self._wish("look", targets=read[0], text=colour)] if colour else []


def _is_within(goal: Goal) -> bool:
    """Whether somebody is put there by another picture around him: in outer space, at an amusement park."""
    if goal.kind != "relation" or goal.relation not in ("in_", "inside", "at"):
        return False
    anchor = goal.anchors[0]
    if anchor.special or not anchor.noun or anchor.noun[-1] in TIMES | STYLE_WORDS:
        return False
    return anchor.is_indefinite or not (anchor.determiners or anchor.owner)
