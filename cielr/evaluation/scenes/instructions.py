"""Instructions on a rendered scene, in the groups that reasoners are measured by, with what a right plan does.

Every instruction has one meaning by what is in the scene: "the largest" is larger by a quarter, "left of" is clear of
doubt, and what only the user can decide is in the group "must ask".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

import numpy as np

from ...core.geometry import relations
from ...core.scene import Scene, SceneObject
from ..reason_cases import GROUPS, Step
from .layout import Stage
from .things import ROOM, TABLE

NEW_COLOURS = ("red", "yellow", "green", "blue", "purple", "pink")
CLEAR = 0.05
"""Of the picture's width: centres less apart than this are in no order."""
ORDINALS = ("first", "second", "third")


@dataclass(frozen=True)
class Told:
    """One instruction.

    Attributes:
        text: the words; group: one of `reason_cases.GROUPS`.
        do: what a right plan does; none where a question is due.
        removed: ids; painted: (id, new colour): what the true picture shows.
    """

    text: str
    do: tuple[Step, ...] = ()
    removed: tuple[str, ...] = ()
    painted: tuple[tuple[str, str], ...] = ()
    group: str = ""


@dataclass
class Teller:
    """Makes instructions on one scene.

    Attributes:
        stage, scene: the same things, in the same order; names: id -> index of the thing.
    """

    stage: Stage
    scene: Scene
    rng: np.random.Generator
    names: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        things = [thing for thing in self.scene.objects if thing.effect_of is None]
        self.objects = things
        self.names = {thing.id: number for number, thing in enumerate(things)}

    def all(self) -> dict[str, list[Told]]:
        """By group, in an order made by chance; groups of which the scene allows nothing are empty."""
        makers: dict[str, Callable[[], list[Told]]] = {
            "label": self._by_label,
            "attribute": self._by_attribute,
            "order": self._by_order,
            "relation": self._by_relation,
            "count and negation": self._by_count,
            "function": partial(self._by_what_is_known, "use"),
            "world knowledge": partial(self._by_what_is_known, "fact"),
            "several steps": self._several,
            "must ask": self._must_ask,
        }
        assert set(makers) == set(GROUPS)
        made = {group: [replace(edit, group=group) for edit in make()] for group, make in makers.items()}
        return {group: [edits[k] for k in self.rng.permutation(len(edits))] for group, edits in made.items()}

    # --------------------------------------------------------------------------------------------------------- groups

    def _by_label(self) -> list[Told]:
        return [edit for thing in self._single() for edit in self._edits(thing, f"the {thing.label}")]

    def _by_attribute(self) -> list[Told]:
        return [
            edit
            for things in self._several_of_a_kind()
            for thing in things
            if sum(_colour(other) == _colour(thing) for other in things) == 1
            for edit in self._edits(thing, f"the {_colour(thing)} {thing.label}")
        ]

    def _by_order(self) -> list[Told]:
        made = []
        for things in self._several_of_a_kind():
            label = things[0].label
            row = relations.left_to_right(things)
            if all(_gap(a, b, 0) >= CLEAR * self.scene.width for a, b in pairwise(row)):
                made += self._edits(row[0], f"the leftmost {label}")
                made += self._edits(row[-1], f"the rightmost {label}")
                made += [
                    edit
                    for number, thing in enumerate(row[:3])
                    for edit in self._edits(thing, f"the {ORDINALS[number]} {label} from the left")
                ]
            sizes = relations.large_to_small(things)
            if sizes[0].mask.area >= 1.25 * sizes[1].mask.area:
                made += self._edits(sizes[0], f"the largest {label}")
            if sizes[-2].mask.area >= 1.25 * sizes[-1].mask.area:
                made += self._edits(sizes[-1], f"the smallest {label}")
        return made

    def _by_relation(self) -> list[Told]:
        made = []
        for things in self._several_of_a_kind():
            label = things[0].label
            for anchor in self._single():
                left = [thing for thing in things if relations.left_of(thing, anchor)]
                right = [thing for thing in things if relations.right_of(thing, anchor)]
                if len(left) + len(right) != len(things):
                    continue
                if len(left) == 1:
                    made += self._edits(left[0], f"the {label} to the left of the {anchor.label}")
                if len(right) == 1:
                    made += self._edits(right[0], f"the {label} to the right of the {anchor.label}")
        return made

    def _by_count(self) -> list[Told]:
        made = []
        for things in self._several_of_a_kind():
            label = things[0].label
            made.append(self._removal(things, f"remove all {_plural(label)}"))
            for thing in things:
                if sum(_colour(other) == _colour(thing) for other in things) == 1:
                    others = [other for other in things if other is not thing]
                    words = f"remove all {_plural(label)} except the {_colour(thing)} one"
                    made.append(self._removal(others, words))
            if len(things) == 3:
                row = relations.left_to_right(things)
                if all(_gap(a, b, 0) >= CLEAR * self.scene.width for a, b in pairwise(row)):
                    words = f"remove the two leftmost {_plural(label)}"
                    made.append(self._removal(row[:2], words))
        return made

    def _by_what_is_known(self, what: str) -> list[Told]:
        kinds = TABLE if self.stage.kind == "still life" else ROOM
        made = []
        for thing in self._single():
            words = getattr(kinds[thing.label], what)
            rivals = [other for other in self.objects if getattr(kinds[other.label], what) == words]
            if words and len(rivals) == 1:
                made.append(self._removal([thing], f"remove the {words}"))
        return made

    def _several(self) -> list[Told]:
        made = []
        single = self._single()
        for first, second in pairwise(single):
            colour = self._new_colour(second)
            take = Step(kind="remove", targets=first.id)
            paint = Step(kind="modify", targets=second.id, says=colour)
            words = f"remove the {first.label} and make the {second.label} {colour}"
            made.append(Told(words, (take, paint), (first.id,), ((second.id, colour),)))
            words = f"remove the {first.label} and the {second.label}"
            made.append(self._removal([first, second], words))
        return made

    def _must_ask(self) -> list[Told]:
        return [Told(f"remove the {things[0].label}") for things in self._several_of_a_kind()]

    # -------------------------------------------------------------------------------------------------------- helpers

    def _edits(self, thing: SceneObject, name: str) -> list[Told]:
        """Ways to edit one thing, of which a removal is twice as likely to come first."""
        colour = self._new_colour(thing)
        paint = Step(kind="modify", targets=thing.id, says=colour)
        grow = Step(kind="resize", targets=thing.id, scale="up")
        ways = [
            self._removal([thing], f"remove {name}"),
            self._removal([thing], f"take {name} out of the picture"),
            Told(f"make {name} {colour}", (paint,), (), ((thing.id, colour),)),
            Told(f"make {name} 30% larger", (grow,)),
        ]
        return [ways[int(self.rng.integers(len(ways)))]]

    def _removal(self, things: list[SceneObject], words: str) -> Told:
        names = tuple(thing.id for thing in things)
        return Told(words, (Step(kind="remove", targets=" ".join(names)),), names)

    def _new_colour(self, thing: SceneObject) -> str:
        used = {_colour(other) for other in self.objects if other.label == thing.label}
        free = [colour for colour in NEW_COLOURS if colour not in used]
        return str(self.rng.choice(free))

    def _single(self) -> list[SceneObject]:
        """Things that are the only ones of their label."""
        labels = [thing.label for thing in self.objects]
        return [thing for thing in self.objects if labels.count(thing.label) == 1]

    def _several_of_a_kind(self) -> list[list[SceneObject]]:
        labels = dict.fromkeys(thing.label for thing in self.objects)
        groups = [[thing for thing in self.objects if thing.label == label] for label in labels]
        return [things for things in groups if len(things) > 1]


def _colour(thing: SceneObject) -> str:
    return thing.attributes.get("colour", "")


def _gap(a: SceneObject, b: SceneObject, axis: int) -> float:
    """How far b's centre lies beyond a's, in pixels."""
    return b.box.center[axis] - a.box.center[axis]


def _plural(label: str) -> str:
    return f"{label}es" if label.endswith(("x", "s", "ch")) else f"{label}s"
