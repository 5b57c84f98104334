"""How large things are, which way they are turned, and where they stand."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import get_args

from ....actions import Background, Duplicate, Extract, Modify, Move, Place, Resize, Swap, Turn
from ....core.geometry import Box
from ....core.place_relations import Relation as PlaceRelation
from ....errors import NothingMatches
from ..meaning.choice import Chosen
from ..nouns.phrases import Phrase, Selection
from ..sentences.wishes import Goal, Wish
from ..words.amounts import plain
from ..words.tokens import refusal
from .free_spot import free_row
from .state import State, Step

_ANCHORED = frozenset(get_args(PlaceRelation))


class Layout(State):
    """How large things are, which way they are turned, and where they stand."""

    def _resize(self, wish: Wish) -> list[Step]:
        if wish.other is not None:
            return self._resize_like(wish, wish.other)
        if not 0.05 <= wish.value <= 20:
            chosen = self._targets(wish)
            raise refusal(f"A factor of {plain(wish.value)} is out of range: from 0.05 to 20 can be done")
        if wish.value == 1:
            raise refusal("A factor of 1 changes nothing")
        chosen = self._targets(wish)
        if part := self._of_part(wish, chosen.ids):
            return [(Modify(targets=chosen.ids, change=part, outline="free", reason=chosen.how), ())]
        return [(Resize(targets=chosen.ids, scale=round(wish.value, 4), reason=chosen.how), ())]

    def _resize_like(self, wish: Wish, other: Selection) -> list[Step]:
        """Each thing as tall or wide as another, whichever of the two is longer there."""
        like = self.selector.targets(other).things
        if len(like) != 1:
            raise refusal(f"'{other.words}' means {len(like)} things, and one gives the size")
        length = max(like[0].box.width, like[0].box.height)
        steps: list[Step] = []
        for thing in self._targets(wish).things:
            factor = round(length / max(thing.box.width, thing.box.height), 4)
            if thing.id != like[0].id and factor != 1 and 0.05 <= factor <= 20:
                steps.append((Resize(targets=(thing.id,), scale=factor, reason=f"as large as {like[0].id}"), ()))
        if not steps:
            raise refusal(f"'{wish.clause.spelled()}' changes nothing: it has that size already")
        return steps

    def _turn(self, wish: Wish) -> list[Step]:
        only = wish.targets.only if wish.targets is not None else None
        if only is not None and only.special == "everything" and not only.posts:
            raise refusal(f"'{only.words}' cannot be turned or mirrored as a whole")
        chosen = self._targets(wish)
        if not wish.flip and wish.value % 360 == 0:
            raise refusal("A turn by 0 degrees changes nothing")
        return [(Turn(targets=chosen.ids, degrees=wish.value, flip=wish.flip or None, reason=chosen.how), ())]

    def _extract(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        last = self.actions[-1] if self.actions else None
        if last is not None and last.kind == "extract" and last.objects == chosen.ids:
            # "extract the cat and isolate it from the background" says it twice
            return []
        return [(Extract(targets=chosen.ids, ground=wish.ground, reason=chosen.how), ())]

    def _swap(self, wish: Wish) -> list[Step]:
        assert wish.targets is not None
        things = self._targets(wish).ids
        if wish.other is not None:
            things += tuple(name for name in self.selector.targets(wish.other).ids if name not in things)
        if len(things) != 2:
            raise refusal(f"Two things can change places, and '{wish.clause.spelled()}' speaks of {len(things)}")
        return [(Swap(targets=things, reason="two things that change places"), ())]

    def _move(self, wish: Wish) -> list[Step]:
        within = wish.goal is not None and wish.goal.relation in ("in_", "inside", "at")
        if self._is_of_the_picture(wish) and wish.goal is not None and within:
            # "put it in a desert"
            setting = wish.goal.words.partition(" ")[2]
            return [(Background(to=setting, reason="the background"), ())]
        chosen = self._targets(wish)
        assert wish.goal is not None
        return [(Move(targets=chosen.ids, to=self._place(wish.goal, chosen), reason=chosen.how), ())]

    def _duplicate(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        if wish.goal is None:
            return self._in_a_row(chosen, max(int(wish.value), 1))
        return [(Duplicate(targets=chosen.ids, to=self._place(wish.goal, chosen, apart=False), reason=chosen.how), ())]

    def _in_a_row(self, chosen: Chosen, count: int) -> list[Step]:
        """Copies side by side, where they cover as little as can be.

        Raises:
            NotUnderstood: where there is no room for them.
        """
        boxes = [thing.box for thing in chosen.things]
        places = free_row(self.now, reduce(Box.union, boxes), chosen.ids, count)
        if not places:
            copies = "a copy beside it" if count == 1 else f"{count} copies side by side"
            raise refusal(f"There is no room for {copies}; say where {'it' if count == 1 else 'each'} goes")
        return [(Duplicate(targets=chosen.ids, to=place, reason=chosen.how), ()) for place in places]

    def _place(self, goal: Goal, chosen: Chosen, apart: bool = True) -> Place:
        """Where things that are there go."""
        if goal.kind == "by":
            if not (goal.dx or goal.dy):
                raise refusal("A move by 0 pixels changes nothing")
            return Place(relation="by", x=goal.dx, y=goal.dy)
        if goal.kind == "nudge":
            x, y = round(goal.dx * self.now.width), round(goal.dy * self.now.height)
            return Place(relation="by", x=float(x), y=float(y))
        if goal.kind in ("relation", "between"):
            return self._anchored(goal, chosen.ids if apart else ())
        if not goal.named:
            sides = " ".join(goal.sides)
            raise refusal(f"How far to the {sides} is not said (such as '50 pixels', or 'to the {sides} edge')")
        box = chosen.things[0].box
        for thing in chosen.things[1:]:
            box = box.union(thing.box)
        x, y = box.center[0] / self.now.width, box.center[1] / self.now.height
        if "middle" in goal.sides:
            x = y = 0.5
        x = 0.0 if "left" in goal.sides else 1.0 if "right" in goal.sides else x
        y = 0.0 if "top" in goal.sides else 1.0 if {"bottom", "front"} & set(goal.sides) else y
        return Place(relation="at", x=min(max(x, 0.0), 1.0), y=min(max(y, 0.0), 1.0))

    def _anchored(self, goal: Goal, targets: tuple[str, ...] = ()) -> Place:
        if goal.kind == "between":
            if len(goal.anchors) == 1:
                things = self.selector.phrase(goal.anchors[0]).things
                if len(things) != 2:
                    raise refusal(f"'{goal.words}' needs two things, and there are {len(things)}")
                return Place(relation="between", anchors=(things[0].id, things[1].id))
            first = self.selector.one(goal.anchors[0], goal.anchors[1])
            return Place(relation="between", anchors=(first.id, self._anchor(goal.anchors[1], ())))
        names = {"on_top": "on", "in_": "inside", "by": "next_to", "at": "next_to", "outside": "next_to"}
        relation = names.get(goal.relation, goal.relation)
        if relation not in _ANCHORED:
            raise refusal(f"'{relation}' is not a place to move to")
        anchor = self._anchor(goal.anchors[0], targets)
        if anchor in targets:
            raise refusal(f"'{anchor}' cannot be moved to a place that it gives itself")
        return Place(relation=relation, anchors=(anchor,))  # type: ignore[arg-type]

    def _anchor(self, phrase: Phrase, targets: tuple[str, ...]) -> str:
        """The one thing that a place refers to; of what the plan makes, a part stands for the whole."""
        selector, lent = self.selector, None
        if phrase.determiners & {"other", "another"} and targets:
            # "the left cup onto the other cup", "one shoe inside the other"
            phrase = replace(phrase, determiners=phrase.determiners - {"another"} | {"other"})
            selector = replace(selector, mentioned=(*self.mentioned, *targets))
            lent = Phrase(noun=tuple(self.now[targets[0]].label.lower().split()))
        try:
            return selector.one(phrase, lent).id
        except NothingMatches:
            part = self._part_of_made(Selection((phrase,)))
            if part is not None and len(part.ids) == 1:
                return part.ids[0]
            if phrase.special or not phrase.posts or not self.looked:
                raise
            # "on the grass to the left of the man" says of the new thing, not of the grass, where it is
            return selector.one(replace(phrase, posts=())).id
