"""From wishes to actions, one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ....actions import Global
from ....errors import NotUnderstood
from ..meaning.naming import label_words
from ..nouns.phrases import Phrase, Selection
from ..sentences.texts import is_adjective
from ..sentences.wishes import Wish
from ..words.synonyms import PEOPLE
from ..words.tokens import refusal
from ..words.vocabulary import ARTICLES, GREYSCALE, PICTURE_WORDS
from .aftermath import after
from .looks import Looks
from .new_things import NewThings


@dataclass(frozen=True)
class Planner(Looks, NewThings):
    """Plans one wish after the other; see `State`."""

    def then(self, wish: Wish) -> Planner:
        """With the actions of one more wish.

        Raises:
            NotUnderstood, NothingMatches, Ambiguous: as their names say.
        """
        if wish.kind == "mention" and wish.targets is not None:
            ids = self.selector.targets(wish.targets).ids
            return replace(self, last=ids, mentioned=tuple(dict.fromkeys((*self.mentioned, *ids))))
        planner, wish = self, self._of_copies(wish)
        if wish.goal is not None and wish.goal.kind == "instead":
            if self.before is None or self.before[1].kind != "remove":
                raise refusal(f"In place of what '{wish.text}' is to stand is not said")
            planner, removal = self.before
            wish = _named_as(replace(wish, kind="replace", targets=removal.targets, goal=None))
        elif self._puts_back(wish) and self.before is not None:
            # "take the book off the table and put it on the chair"
            planner, removal = self.before
            wish = replace(wish, targets=removal.targets)
        elif self.before is not None and self._is_in_grey() and _spares(wish):
            # "make it black and white, keep the cat in colour"
            planner = self.before[0]
        elif _spares(wish) and self.actions and self.actions[-1].kind == "global":
            raise refusal(f"How '{wish.clause.spelled()}' goes with what was asked before was not understood")
        return replace(planner._then(wish), before=(planner, wish))

    def _of_copies(self, wish: Wish) -> Wish:
        """A wish with "the copy" as what the last copying made."""
        if not self.copies:
            return wish

        def copied(phrase: Phrase) -> Phrase:
            plain = not (phrase.special or phrase.posts or phrase.looks or phrase.ranks or phrase.owner)
            if not plain or " ".join(phrase.noun) not in _COPIES:
                return phrase
            made, *others = self.copies
            if others:
                raise refusal(f"Which of the copies '{phrase.words}' is was not said")
            return Phrase(special="id", words=made, raw=phrase.raw)

        targets = wish.targets and replace(wish.targets, items=tuple(map(copied, wish.targets.items)))
        goal = wish.goal and replace(wish.goal, anchors=tuple(map(copied, wish.goal.anchors)))
        return replace(wish, targets=targets, goal=goal)

    def _puts_back(self, wish: Wish) -> bool:
        """Whether what was taken away by the last wish is put somewhere else by this one."""
        only = wish.targets.only if wish.targets is not None else None
        taken = self.before is not None and self.before[1].kind == "remove"
        if not taken or self.before is None or only is None or only.words not in ("it", "them"):
            return False
        gone = self.before[1].targets.only if self.before[1].targets is not None else None
        if gone is None or (only.words == "it" and gone.is_plural):
            return False
        # "remove the rider from the horse and turn it into a unicorn" is about the horse
        of_another = gone.owner is not None or any(post.relation == "from_" for post in gone.posts)
        puts = wish.clause.words[0] in _PUTS
        return (wish.kind == "move" and (puts or not of_another)) or (wish.kind == "replace" and puts)

    def at_once(self, wishes: Sequence[Wish]) -> list[Wish]:
        """Wishes of one breath: "turn the man into a woman and the woman into a man" speaks of those who are there."""
        if len(wishes) < 2 or any(wish.kind != "replace" or wish.targets is None for wish in wishes):
            return list(wishes)
        resolved = []
        for wish in wishes:
            items = tuple(Phrase(special="id", words=name, raw=name) for name in self._targets(wish).ids)
            resolved.append(replace(wish, targets=Selection(items, words=" and ".join(item.words for item in items))))
        return resolved

    def _is_in_grey(self) -> bool:
        """Whether the last action takes all colour from the picture."""
        last = self.actions[-1] if self.actions else None
        return isinstance(last, Global) and (last.style.startswith("desaturate") or _is_grey(last.style))

    def _then(self, wish: Wish) -> Planner:
        planner = self
        for action, makes in getattr(self, f"_{wish.kind}")(wish):
            names = tuple(name for name, _ in makes)
            last = names or action.objects or planner.last
            now = after(planner.now, action, makes)
            new = tuple(thing.id for thing in now.objects if planner.now.get(thing.id) is None)
            planner = replace(
                planner,
                now=now,
                last=last,
                copies=new if action.kind == "duplicate" else planner.copies,
                mentioned=tuple(dict.fromkeys((*planner.mentioned, *action.objects, *names))),
                made=(*planner.made, *names),
                actions=(*planner.actions, action),
            )
        return replace(planner, last=self._owners_of(wish, planner) or planner.last)

    def _owners_of(self, wish: Wish, done: Planner) -> tuple[str, ...]:
        """Whose things went: after "remove the car's roof rack" the next "it" is the car; nobody is "it"."""
        if wish.kind != "remove" or wish.targets is None or wish.targets.only is None:
            return ()
        only = wish.targets.only
        off = next((post.anchors[0] for post in only.posts if post.relation == "from_" and post.anchors), None)
        owner = only.owner or off
        if owner is not None and owner.special == "pronoun":
            # "remove its roof rack"
            whose = [thing for name in self.last if (thing := done.now.get(name)) is not None]
            return tuple(thing.id for thing in whose if not PEOPLE & set(label_words(thing)))
        if owner is None or not owner.has_noun or owner.special or owner.head in PEOPLE:
            return ()
        try:
            ids = self.selector.phrase(owner).ids
        except NotUnderstood:
            return ()
        return ids if all(done.now.get(name) is not None for name in ids) else ()


_COPIES = frozenset({"copy", "duplicate", "clone"})
_PUTS = frozenset({"put", "place", "set", "lay", "hang", "give", "replace", "add", "stick", "position", "seat"})
"""Verbs that say where something is to be, or what is to be there."""


def _named_as(wish: Wish) -> Wish:
    """ "a new one" in the place of a sofa as a new sofa."""
    old = wish.targets.items[0] if wish.targets is not None else None
    if old is None or not old.has_noun or wish.new is None or wish.new.has_noun:
        return wish
    if old.is_plural and re.search(r"\bone\b", wish.text):
        raise refusal(f"How many '{wish.text}' is in the place of '{old.words}' was not understood")
    plain_words = [word for word in old.noun if word == old.noun[-1] or not is_adjective(word)]
    name = " ".join(old.noun if "of" in old.noun else plain_words)
    plain = Phrase(words=f"a {name}", determiners=frozenset({"a"}), noun=tuple(name.split()), raw=name)
    return replace(wish, text=re.sub(r"\bones?\b", name, wish.text, count=1), new=plain)


def _spares(wish: Wish) -> bool:
    """Whether a wish takes the colour from all but some things."""
    return wish.text.startswith("desaturate") and wish.targets is not None and wish.targets.spared is not None


def _is_grey(style: str) -> bool:
    """Whether a style is "black and white", or a picture in it, and nothing more."""
    words = [word for word in style.lower().replace("-", " ").split() if word not in ARTICLES | PICTURE_WORDS | {"in"}]
    return GREYSCALE.at(words, 0) == ("grey", len(words))
