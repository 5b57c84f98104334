"""Somebody new who is told what to do: "let a cat sit on the sofa", "a bird should be flying over the house"."""

from __future__ import annotations

import re
from dataclasses import replace

from ....core.inflection import present_participle
from ..nouns.phrases import Phrase
from ..words.doings import DOINGS, STATES
from ..words.tokens import Clause
from ..words.vocabulary import NEGATIONS, NUMBERS
from .adding import Adding
from .wishes import Goal, Wish

MODALS = frozenset({"should", "must", "needs", "need", "has", "ought", "to", "shall", "will", "could"})
ASKING = frozenset({"could", "can", "should", "may", "would", "will"})
_NO_DOINGS = frozenset(
    {"be", "being", "have", "having", "become", "get", "look", "appear", "seem", "wear", "contain", "turn"}
)
"""What somebody who is there already is to be, to have or to become."""
_PUT = frozenset({"hung", "seated", "perched", "parked", "placed", "seen"})
_DONE_TO = {"rid": "on", "climb": "on", "driv": "inside", "wear": "on"}
"""Where somebody is to whom he does it, by what a verb begins with; beside it for all others."""
_SKY = frozenset({"lightning", "rain", "snow", "hail", "smoke", "fire", "sunlight", "steam"})
"""What comes without an article."""
_WILL = frozenset({"should", "must", "shall", "will", "could"})
_NEW = frozenset({"a", "an", "another", "some"}) | set(NUMBERS) - {"one"}


class Newcomers(Adding):
    """Adds who is not there yet, doing what is said."""

    def _newcomer(self, start: int) -> list[Wish]:
        """Nothing where somebody is spoken of who is there, or where nothing is said of what is done."""
        if start >= self.end or not (self.words[start] in _NEW | _SKY or self._are_coming(start)):
            return []
        doing = next((k for k in range(start + 1, self.end) if self._does(k)), None)
        who = self._whole(start, doing) if doing is not None else None
        phrase = who.only if who is not None else None
        if doing is None or phrase is None or not phrase.noun or phrase.special or self._is_in_scene(phrase):
            return []
        verb = self.words[doing]
        if verb == "be" and self.words[doing + 1 :] == ("the", "background"):
            # "let a forest be the background"
            return [self._painted("background", (start, doing), text=self.clause.raw(start, doing))]
        return [self._coming(wish, start, phrase, doing) for wish in self._add(start)]

    def _does(self, place: int) -> bool:
        """Whether somebody does something there, or is somewhere, and does not only look or become otherwise."""
        word, follows = self.words[place], self.words[place + 1 : place + 2]
        if word == "be":
            there = place + 1 < self.end and self.goals.new_at(place + 1) is not None
            doing = bool(follows) and ((follows[0] in STATES and follows[0].endswith("ing")) or follows[0] in _PUT)
            return there or doing or self.words[place + 1 :] == ("the", "background")
        return word in DOINGS - _NO_DOINGS or (word == "look" and follows == ("at",))

    def _are_coming(self, start: int) -> bool:
        """Whether many are spoken of who are doing something: "birds be flying over the house"."""
        be = next((k for k in range(start + 1, self.end - 1) if self.words[k] == "be"), None)
        who = self._whole(start, be) if be is not None and self.words[be + 1].endswith("ing") else None
        return who is not None and who.only is not None and who.only.is_plural and not who.only.determiners

    def _awaited(self, start: int) -> list[Wish]:
        """ "a cat should be watching the parakeet", "could a dog sit on the rug?": somebody who is not there yet."""
        if any(word in NEGATIONS or word.endswith("n't") for word in self.words[start:]):
            return []
        modal = next((k for k in range(start + 1, self.end) if self.words[k] in _WILL), None)
        if modal is None:
            return self._newcomer(start) if self.words[start - 1 : start] and self.words[start - 1] in ASKING else []
        kept = tuple(token for k, token in enumerate(self.clause.tokens) if k != modal)
        wishes = type(self)(Clause(self.clause.text, kept), self.np.labels)._newcomer(start)
        modal_verb = re.compile(rf"\s+{self.words[modal]}\b")
        return [replace(wish, text=uncapitalized(modal_verb.sub("", wish.text, count=1))) for wish in wishes]

    def _coming(self, wish: Wish, start: int, who: Phrase, doing: int) -> Wish:
        """With what is done as it is said of somebody, and beside what it is done to."""
        if wish.kind != "add":
            return wish
        verb = self.words[doing]
        after = doing + 1 + (verb == "be")
        known = self.words[after : after + 1] in (("the",), ("it",), ("him",), ("her",), ("them",))
        there = self.np.phrase(after, self.end) if known else None
        if there is not None and wish.goal is not None and wish.goal.kind == "somewhere":
            done = _DONE_TO.get(self.words[after - 1].removesuffix("ing").removesuffix("e"), "next_to")
            wish = replace(wish, goal=Goal("relation", done, anchors=(there[0],), words=there[0].words))
            if there[0].special == "pronoun":
                # the painter is not told of "it"
                wish = replace(wish, text=wish.text.removesuffix(f" {there[0].words}"))
        anchors = wish.goal.anchors if wish.goal is not None else ()
        if any(anchor.owner is not None and anchor.owner.special == "pronoun" for anchor in anchors):
            # "on its hind legs" is no place
            text = (start, self.end)
            wish = replace(wish, text=self.clause.raw(*text), free=(text,), goal=Goal("somewhere"))
        return replace(wish, text=_doing(wish.text, verb), new=who)


def uncapitalized(text: str) -> str:
    """ "A dog" as it stands within a sentence."""
    return text[:1].lower() + text[1:]


def _doing(text: str, verb: str) -> str:
    """ "a cat sit" as "a cat sitting", "a cat be sitting" as "a cat sitting", "a cat be" as "a cat"."""
    done = verb.endswith(("ing", "ed")) or verb == "bent"
    gerund = "" if verb == "be" else f" {verb if done else present_participle(verb)}"
    return re.sub(rf"\s+{verb}\b", gerund, text, count=1)
