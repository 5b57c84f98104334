"""From wishes to actions: what each phrase means in the scene as the steps before leave it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import get_args

from ...actions import Action, Global, Place
from ...core.geometry import Box
from ...core.inflection import is_plural
from ...core.place_relations import Relation as PlaceRelation
from ...core.scene import Scene, new_id
from ...errors import NothingMatches
from . import emission
from .free_spot import free_row, free_spot
from .meaning.choice import Chosen
from .meaning.selection import Selector
from .nouns.phrases import Phrase, Selection
from .sentences.wishes import Goal, Wish
from .words.amounts import plain
from .words.tokens import refusal, spelled
from .words.vocabulary import GREYSCALE

Step = tuple[Action, tuple[tuple[str, str], ...]]
"""An action, and (id, label) of what it makes."""
SPOTS = {"left": 0.2, "right": 0.8, "top": 0.2, "bottom": 0.8, "middle": 0.5}
"""Where something new stands at a side of the picture: its centre, as a share of width or height."""
_ANCHORED = frozenset(get_args(PlaceRelation))


@dataclass(frozen=True)
class Planner:
    """What was planned so far.

    Attributes:
        now: the scene as the actions leave it. last: ids that "it" means.
        mentioned: all that was a target. made: what the actions make.
        looked: whether eyes have looked for what the text names.
        before: the planner before the last wish, and what that asked for.
    """

    now: Scene
    looked: bool = False
    last: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    before: tuple[Planner, Wish] | None = None

    @property
    def selector(self) -> Selector:
        return Selector(self.now, self.last, self.mentioned, self.made, self.looked)

    def then(self, wish: Wish) -> Planner:
        """With the actions of one more wish.

        Raises:
            NotUnderstood, NothingMatches, Ambiguous: as their names say.
        """
        if wish.kind == "mention" and wish.targets is not None:
            ids = self.selector.targets(wish.targets).ids
            return replace(self, last=ids, mentioned=tuple(dict.fromkeys((*self.mentioned, *ids))))
        planner = self
        if wish.goal is not None and wish.goal.kind == "instead":
            if self.before is None or self.before[1].kind != "remove":
                raise refusal(f"In place of what '{wish.text}' is to stand is not said")
            planner, removal = self.before
            wish = replace(wish, kind="replace", targets=removal.targets, goal=None)
        elif self.before is not None and self._is_in_grey() and _spares(wish):
            # "make it black and white, keep the cat in colour"
            planner = self.before[0]
        return replace(planner._then(wish), before=(planner, wish))

    def _is_in_grey(self) -> bool:
        """Whether the last action takes all colour from the picture."""
        last = self.actions[-1] if self.actions else None
        return isinstance(last, Global) and (last.style.startswith("desaturate") or _is_grey(last.style))

    def _then(self, wish: Wish) -> Planner:
        planner = self
        for action, makes in getattr(self, f"_{wish.kind}")(wish):
            names = tuple(name for name, _ in makes)
            last = names or action.objects or planner.last
            planner = replace(
                planner,
                now=emission.after(planner.now, action, makes),
                last=last,
                mentioned=tuple(dict.fromkeys((*planner.mentioned, *action.objects, *names))),
                made=(*planner.made, *names),
                actions=(*planner.actions, action),
            )
        return planner

    def _targets(self, wish: Wish) -> Chosen:
        assert wish.targets is not None
        whole = _whole(wish.targets)
        if whole is not None and not (whole.special == "picture" and self._is_a_thing(whole)):
            verb = {
                "turn": "turned or mirrored as a whole",
                "resize": "resized by itself",
                "move": "moved",
                "remove": "removed by itself",
            }
            raise refusal(f"'{whole.words}' cannot be {verb.get(wish.kind, 'taken for a thing')}")
        try:
            chosen = self.selector.targets(wish.targets)
            if wish.kind == "remove" and (part := _part_said(wish.targets)) and len(chosen.ids) == 1:
                raise refusal(f"'{part}' is a part of {chosen.ids[0]}, and no thing that could be removed")
            return chosen
        except NothingMatches:
            part = self._part_of_made(wish.targets)
            if part is None:
                raise
            return part

    def _is_a_thing(self, phrase: Phrase) -> bool:
        words = set(phrase.noun)
        return any(set(thing.label.lower().split()) & words for thing in self.now.objects)

    def _part_of_made(self, selection: Selection) -> Chosen | None:
        """What a part belongs to, where the plan makes that: nobody can look for the parts of what is not there yet."""
        only = selection.only
        if only is None or only.owner is None:
            return None
        try:
            owners = self.selector.phrase(only.owner)
        except NothingMatches:
            return None
        return owners if all(name in self.made for name in owners.ids) else None

    # ------------------------------------------------------------------------------------------------------- removal

    def _remove(self, wish: Wish) -> list[Step]:
        if self._is_the_background(wish):
            return self._alone()
        chosen = self._targets(wish)
        return [(emission.remove(chosen.ids, chosen.how), ())]

    def _keep(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        rest = tuple(thing.id for thing in self.now.objects if thing.id not in chosen.ids)
        if not rest:
            raise NothingMatches("There is nothing else in the scene that could be removed.")
        return [(emission.remove(rest, f"all but {chosen.how}"), ())]

    # ---------------------------------------------------------------------------------------------------------- look

    def _look(self, wish: Wish) -> list[Step]:
        assert wish.targets is not None
        whole = _whole(wish.targets)
        if self._is_of_the_picture(wish) and not wish.text.startswith("colour"):
            # "make it brighter"
            return [(emission.style(wish.text, "the whole picture"), ())]
        if whole is not None and whole.special == "background":
            return [(emission.background(wish.text, "the background"), ())]
        if whole is not None:
            return [(emission.style(wish.text, "the whole picture"), ())]
        first = wish.targets.items[0]
        if len(wish.targets.items) == 1 and first.special == "everything" and not first.posts:
            return self._all_but(wish.targets, wish.text)
        chosen = self._targets(wish)
        return [(emission.look(chosen.ids, wish.text, chosen.how), ())]

    def _all_but(self, selection: Selection, change: str) -> list[Step]:
        """ "everything" is the whole picture, and "everything except the coins" is the background and all else."""
        if selection.spared is None:
            return [(emission.style(change, "everything"), ())]
        spared = self.selector.targets(selection.spared)
        rest = tuple(thing.id for thing in self.now.objects if thing.id not in spared.ids)
        how = f"everything except {spared.how}"
        others: list[Step] = [(emission.look(rest, change, how), ())] if rest else []
        return [(emission.background(change, how), ()), *others]

    def _modify(self, wish: Wish) -> list[Step]:
        last = self.actions[-1] if self.actions else None
        if _is_clear(wish.text) and last is not None and last.kind == "extract" and last.objects == self.last:
            # "remove the background and make it transparent" says it twice
            return []
        if self._is_of_the_picture(wish):
            return self._style(wish)
        chosen = self._targets(wish)
        change = wish.text
        only = wish.targets.only if wish.targets is not None else None
        if only is not None and only.owner is not None and all(name in self.made for name in chosen.ids):
            change = f"{spelled(only.noun)}: {change}"
        return [(emission.modify(chosen.ids, change, wish.outline, wish.prompt, chosen.how), ())]

    def _background(self, wish: Wish) -> list[Step]:
        if _is_clear(wish.text):
            return self._alone()
        return [(emission.background(wish.text, "the background"), ())]

    def _style(self, wish: Wish) -> list[Step]:
        if _is_clear(wish.text):
            # "give it a transparent background"
            return self._alone()
        return [(emission.style(wish.text, "the whole picture"), ())]

    def _alone(self) -> list[Step]:
        """All things that are known, on nothing: what is left without the background.

        Raises:
            NotUnderstood: where no thing is known.
        """
        things = tuple(thing.id for thing in self.now.objects)
        if not things:
            raise refusal("What is to be kept is not said, as no thing in the picture is known: say 'extract the dog'")
        return [(emission.extract(things, "transparent", "all but the background"), ())]

    def _is_the_background(self, wish: Wish) -> bool:
        only = wish.targets.only if wish.targets is not None else None
        return only is not None and only.special == "background" and not self._is_a_thing(only)

    # -------------------------------------------------------------------------------------------------- size and turn

    def _resize(self, wish: Wish) -> list[Step]:
        if wish.other is not None:
            return self._resize_like(wish, wish.other)
        if not 0.05 <= wish.value <= 20:
            chosen = self._targets(wish)
            raise refusal(f"A factor of {plain(wish.value)} is out of range: from 0.05 to 20 can be done")
        if wish.value == 1:
            raise refusal("A factor of 1 changes nothing")
        chosen = self._targets(wish)
        return [(emission.resize(chosen.ids, wish.value, chosen.how), ())]

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
                steps.append((emission.resize((thing.id,), factor, f"as large as {like[0].id}"), ()))
        if not steps:
            raise refusal(f"'{wish.clause.spelled()}' changes nothing: it has that size already")
        return steps

    def _turn(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        if not wish.flip and wish.value % 360 == 0:
            raise refusal("A turn by 0 degrees changes nothing")
        return [(emission.turn(chosen.ids, wish.value, wish.flip, chosen.how), ())]

    def _extract(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        last = self.actions[-1] if self.actions else None
        if last is not None and last.kind == "extract" and last.objects == chosen.ids:
            # "extract the cat and isolate it from the background" says it twice
            return []
        return [(emission.extract(chosen.ids, wish.ground, chosen.how), ())]

    def _swap(self, wish: Wish) -> list[Step]:
        assert wish.targets is not None
        things = self._targets(wish).ids
        if wish.other is not None:
            things += tuple(name for name in self.selector.targets(wish.other).ids if name not in things)
        if len(things) != 2:
            raise refusal(f"Two things can change places, and '{wish.clause.spelled()}' speaks of {len(things)}")
        return [(emission.swap(things, "two things that change places"), ())]

    # --------------------------------------------------------------------------------------------------------- place

    def _is_of_the_picture(self, wish: Wish) -> bool:
        """Whether "it" is the picture: "make it a cave", said before anything in it was named."""
        only = wish.targets.only if wish.targets is not None else None
        named = only is None or only.special != "pronoun" or only.words not in ("it", "this") or only.noun
        return not named and not self.last

    def _move(self, wish: Wish) -> list[Step]:
        within = wish.goal is not None and wish.goal.relation in ("in_", "inside", "at")
        if self._is_of_the_picture(wish) and wish.goal is not None and within:
            # "put it in a desert"
            setting = wish.goal.words.partition(" ")[2]
            return [(emission.background(setting, "the background"), ())]
        chosen = self._targets(wish)
        assert wish.goal is not None
        return [(emission.move(chosen.ids, self._place(wish.goal, chosen), chosen.how), ())]

    def _duplicate(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        if wish.goal is None:
            return self._in_a_row(chosen, max(int(wish.value), 1))
        return [(emission.duplicate(chosen.ids, self._place(wish.goal, chosen, apart=False), chosen.how), ())]

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
        return [(emission.duplicate(chosen.ids, place, chosen.how), ()) for place in places]

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

    # ------------------------------------------------------------------------------------------------------ new things

    def _replace(self, wish: Wish) -> list[Step]:
        if self._is_of_the_picture(wish):
            return [(emission.style(wish.text, "the whole picture"), ())]
        chosen = self._targets(wish)
        makes = self._makes(wish, len(chosen.ids))
        return [(emission.replace(chosen.ids, wish.text, tuple(name for name, _ in makes), chosen.how), makes)]

    def _add(self, wish: Wish) -> list[Step]:
        assert wish.goal is not None
        goals = self._one_goal_each(wish)
        reason = wish.goal.words or "where there is room"
        steps: list[Step] = []
        for goal, made in zip(goals, self._makes(wish, len(goals)), strict=True):
            steps.append((emission.add(wish.text, self._place_of_new(goal), (made[0],), reason), (made,)))
        return steps

    def _one_goal_each(self, wish: Wish) -> list[Goal]:
        """ "a vase on each table", "give both dogs a hat", "curtains on the windows": one place for each of them."""
        goal = wish.goal
        assert goal is not None
        anchor = goal.anchors[0] if goal.kind == "relation" else None
        if anchor is None or anchor.special or not anchor.noun:
            return [goal]
        many = wish.new is not None and wish.new.is_plural and anchor.is_plural
        each = anchor.determiners & {"every", "both", "all"} or many
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


def _part_said(selection: Selection) -> str:
    """ "the middle of the rug", where a side of one thing is named; "" for anything else."""
    only = selection.only
    sides = only is not None and only.of is not None and only.ranks and all(r.kind == "side" for r in only.ranks)
    one = only is not None and only.of is not None and only.of.noun and not is_plural(only.of.noun[-1])
    return only.words if sides and one and only is not None else ""


def _spares(wish: Wish) -> bool:
    """Whether a wish takes the colour from all but some things."""
    return wish.text.startswith("desaturate") and wish.targets is not None and wish.targets.spared is not None


def _is_grey(style: str) -> bool:
    """Whether a style is "black and white" or the like."""
    words = style.lower().replace("-", " ").split()
    return any(GREYSCALE.at(words, place) is not None for place in range(len(words)))


def _is_clear(text: str) -> bool:
    """Whether nothing is to be there: "transparent", "a transparent one", "transparency"."""
    words = set(text.lower().replace("-", " ").split()) - {"a", "an", "one", "fully", "completely", "background", "be"}
    return words in ({"transparent"}, {"transparency"}, {"see", "through"})


def _whole(selection: Selection) -> Phrase | None:
    """The background or the picture where that is all that is named.

    Raises:
        NotUnderstood: where other things are named beside it.
    """
    wholes = [item for item in selection.items if item.special in ("background", "picture")]
    if wholes and len(selection.items) > 1:
        raise refusal(f"'{wholes[0].words}' and other things take a step each")
    return wholes[0] if wholes else None
