"""What takes the place of things, and what is added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ....actions import Add, Global, Place, Replace
from ....core.geometry import relations as geometry
from ....core.inflection import singular, with_article
from ....core.scene import new_id
from ....errors import NotUnderstood
from ..meaning.choice import Chosen
from ..meaning.naming import label_words
from ..nouns.phrases import Phrase
from ..sentences.texts import names_what_is_in_it
from ..sentences.wishes import Goal, Wish
from ..words.tokens import refusal
from ..words.vocabulary import word_set
from .free_spot import free_spot
from .layout import Layout
from .state import Step

_IN_NUMBERS = word_set(
    """glasses sunglass glass goggle goggles trousers pants jeans shorts shoe boot sock glove earring wing horn ear eye
    antler clothes flower leaf curtain light candle decoration ornament stripe spot freckle feather leg arm hand wheel
    berry tattoo dot"""
)
"""Things of which one has several."""
_IN_THE_SKY = word_set(
    """sun moon star cloud rainbow bird seagull eagle plane airplane aeroplane helicopter balloon kite drone comet ufo
    firework lightning"""
)
SPOTS = {"left": 0.2, "right": 0.8, "top": 0.2, "bottom": 0.8, "middle": 0.5}
"""Where something new stands at a side of the picture: its centre, as a share of width or height."""


class NewThings(Layout):
    """What takes the place of things, and what is added."""

    def _replace(self, wish: Wish) -> list[Step]:
        if self._is_of_the_picture(wish):
            if wish.free and names_what_is_in_it(wish.clause, *wish.free[0]):
                raise refusal(f"What is to become '{wish.text}' was not understood in '{wish.clause.spelled()}'")
            return [(Global(style=wish.text, reason="the whole picture"), ())]
        chosen = self._targets(wish)
        self._check_new(wish)
        if len(chosen.ids) > 1 and len(things := _listed(wish.text)) > 1:
            return self._replace_apart(wish, chosen, things)
        text = _one_of(wish) if len(chosen.ids) > 1 else wish.text
        makes = self._makes(wish, len(chosen.ids))
        names = tuple(name for name, _ in makes)
        return [(Replace(targets=chosen.ids, with_=text, makes=names, reason=chosen.how), makes)]

    def _check_new(self, wish: Wish) -> None:
        """That what takes a place is not in the picture already.

        Raises:
            NotUnderstood: where it is, and may be meant to move.
        """
        new = wish.new
        if new is None or "the" not in new.determiners or new.posts or new.owner is not None or not new.noun:
            return
        try:
            there = self.selector.phrase(new).ids[0]
        except NotUnderstood:
            return
        raise refusal(f"'{wish.text}' is {there}, which is there already; say 'swap', or 'another {new.head}'")

    def _replace_apart(self, wish: Wish, chosen: Chosen, things: Sequence[str]) -> list[Step]:
        """ "replace the two dogs with a cat and a rabbit": one each, from left to right.

        Raises:
            NotUnderstood: where there are not as many new things as old ones.
        """
        if len(things) != len(chosen.ids):
            raise refusal(
                f"'{wish.text}' are {len(things)} things for {len(chosen.ids)}, so which goes where is not said"
            )
        steps: list[Step] = []
        taken = list(self.now.used_ids)
        for old, new in zip(geometry.left_to_right(chosen.things), things, strict=True):
            label = new.split(maxsplit=1)[1]
            name = new_id(label.split()[-1], taken)
            taken.append(name)
            steps.append((Replace(targets=(old.id,), with_=new, makes=(name,), reason=chosen.how), ((name, label),)))
        return steps

    def _add(self, wish: Wish) -> list[Step]:
        assert wish.goal is not None
        goals = self._one_goal_each(wish)
        reason = wish.goal.words or "where there is room"
        steps: list[Step] = []
        for goal, made in zip(goals, self._makes(wish, len(goals)), strict=True):
            where = self._sky(wish, goal) or self._place_of_new(goal)
            text = _one_of(wish) if len(goals) > 1 else wish.text
            steps.append((Add(what=text, where=where, makes=(made[0],), reason=reason), (made,)))
        return steps

    def _sky(self, wish: Wish, goal: Goal) -> Place | None:
        """Where what belongs into the sky goes when nobody says where; None for other things."""
        if goal.kind != "somewhere" or wish.new is None or wish.new.head not in _IN_THE_SKY:
            return None
        skies = [thing.id for thing in self.now.objects if label_words(thing)[-1:] == ("sky",)]
        return Place(relation="inside", anchors=(skies[0],)) if len(skies) == 1 else Place(relation="at", x=0.5, y=0.15)

    def _one_goal_each(self, wish: Wish) -> list[Goal]:
        """ "a vase on each table", "give both dogs a hat", "curtains on the windows": one place for each of them."""
        goal = wish.goal
        assert goal is not None
        anchor = goal.anchors[0] if goal.kind == "relation" else None
        if anchor is None or anchor.special or not anchor.noun:
            return [goal]
        many = wish.new is not None and wish.new.is_plural and anchor.is_plural
        counted = wish.new is not None and any(rank.kind == "number" for rank in wish.new.ranks)
        each = anchor.determiners & {"every", "both", "all"} or (many and not counted)
        if not each:
            return [goal]
        things = self.selector.phrase(anchor, several=bool(anchor.determiners & {"every", "all"})).things
        return [replace(goal, anchors=(Phrase(special="id", words=thing.id, raw=thing.id),)) for thing in things]

    def _makes(self, wish: Wish, count: int) -> tuple[tuple[str, str], ...]:
        """(id, label) of what is made, called as the text calls it."""
        new = wish.new
        words = [] if new is None else [*(look.word for look in new.looks), *new.name]
        label = " ".join(words) or wish.text
        stem = new.head if new is not None and new.head else label
        taken = list(self.now.used_ids)
        made = []
        for _ in range(count):
            name = new_id(stem, taken)
            taken.append(name)
            made.append((name, label))
        return tuple(made)

    def _place_of_new(self, goal: Goal) -> Place:
        if goal.kind in ("relation", "between"):
            anchor = goal.anchors[0]
            if anchor.special == "background":
                return Place(relation="at", x=0.5, y=0.35)
            if anchor.special in ("picture", "everything"):
                return free_spot(self.now)
            return self._anchored(goal)
        if goal.kind == "somewhere":
            return free_spot(self.now)
        x, y = 0.5, 0.5
        for side in goal.sides:
            x = SPOTS[side] if side in ("left", "right") else x
            y = {"front": 0.8, "back": 0.35}.get(side, SPOTS[side] if side in ("top", "bottom") else y)
        return Place(relation="at", x=x, y=y)


def _one_of(wish: Wish) -> str:
    """What one of several is to be: "a horse" where cars become horses; things that come in numbers stay several."""
    new = wish.new
    if new is None or not new.is_plural or new.determiners or new.ranks or new.posts or new.owner is not None:
        return wish.text
    words = wish.text.split()
    if not words or words[-1].lower() != new.noun[-1] or new.head in _IN_NUMBERS:
        return wish.text
    if singular(words[-1]) == words[-1].lower():
        return wish.text
    return with_article(" ".join([*words[:-1], singular(words[-1])]))


def _listed(text: str) -> list[str]:
    """The things of "a cat and a rabbit", "a cat, a rabbit and a fox"; a single one where it is no such list."""
    parts = [part.strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", text)]
    return parts if all(re.match(r"(?:an?|one)\s+\S", part) for part in parts) else [text]
