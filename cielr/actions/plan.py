"""The plan: simple explicit actions, in order. JSON says `{"actions": [{"kind": "remove", …}], "summary": "…"}`."""

from __future__ import annotations

from typing import Any

from ..core.scene import Scene
from ..core.serial import Document
from ..errors import PlanError
from .action import ActionBase
from .kinds import Action
from .made import Names

MOST_BYTES = 10_000_000
"""Of a plan's file."""
MOST_ACTIONS = 1000
"""Each is held against all the others, and carried out in turn; more belong into several plans."""


class Plan(Document):
    """Actions in the order in which they are carried out, and one sentence on the whole."""

    noun = "plan"
    refusal = PlanError
    most_bytes = MOST_BYTES

    actions: tuple[Action, ...] = ()
    summary: str = ""

    def check(self, scene: Scene) -> None:
        """Holds the plan against the scene that it is for.

        Raises:
            PlanError: naming every id that does not exist yet, or any more, and every contradiction.
        """
        if len(self.actions) > MOST_ACTIONS:
            raise PlanError(_too_long(len(self.actions)))
        ids = _Ids(self, scene)
        problems = [
            problem for number, action in enumerate(self.actions, 1) for problem in ids.problems(number, action)
        ]
        problems += [
            f"Action {number} ({action.kind}) {objection}."
            for number, action in enumerate(self.actions, 1)
            for objection in action.objections(scene)
        ]
        problems += [
            f"Actions {first} and {second} contradict each other over '{name}'."
            for first, second, name in _contradictions(self.actions)
        ]
        if problems:
            raise PlanError(problems)

    def named(self, scene: Scene) -> Plan:
        """The plan with a name for everything that it makes, so that ids stay the same however it is cut."""
        names = Names(scene)
        made = [(action, names.take(action)) for action in self.actions]
        actions = tuple(action.model_copy(update={"makes": ids}) if ids else action for action, ids in made)
        return self.model_copy(update={"actions": actions})

    @classmethod
    def _look_over(cls, value: Any) -> None:
        actions = value.get("actions") if isinstance(value, dict) else None
        if isinstance(actions, list) and len(actions) > MOST_ACTIONS:
            raise PlanError(f"This is not a plan that can be used: {_too_long(len(actions))}")

    def __repr__(self) -> str:
        return f"Plan({', '.join(action.kind for action in self.actions) or 'empty'})"


class _Ids(Names):
    """Which ids exist from action to action, and which do not any more, or not yet."""

    def __init__(self, plan: Plan, scene: Scene) -> None:
        super().__init__(scene)
        self.scene = scene
        self.gone: dict[str, int] = {}
        ahead = Names(scene)
        numbers = [(name, number) for number, action in enumerate(plan.actions, 1) for name in ahead.take(action)]
        # of several that make it the first
        self.comes = dict(reversed(numbers))

    def problems(self, number: int, action: ActionBase) -> list[str]:
        """What is wrong with the ids of one action; then the ids are as it leaves them."""
        place = f"Action {number} ({action.kind})"
        problems: list[str] = []
        for role, names in (("targets", action.objects), ("anchors", action.anchors), ("keeps", action.keep)):
            problems += [f"{place} {role} '{name}', {why}." for name in names if (why := self._why_not(name, role))]
            if len(set(names)) < len(names):
                problems.append(f"{place} {role} the same object twice.")
        problems += [f"{place} both changes and keeps '{name}'." for name in action.objects if name in action.keep]
        problems += [
            f"{place} puts '{name}' in a place relative to itself." for name in action.objects if name in action.anchors
        ]
        problems += self._made(place, number, action)
        return problems

    def _why_not(self, name: str, role: str) -> str:
        if name in self.labels or (name in self.gone and role == "keeps"):
            return ""
        if name in self.gone:
            return f"which action {self.gone[name]} takes away"
        return f"which only action {self.comes[name]} makes" if name in self.comes else "which is not in the scene"

    def _made(self, place: str, number: int, action: ActionBase) -> list[str]:
        made, labels = self.made_by(action)
        problems = [f"{place} makes '{name}', a name that is taken." for name in made if name in self.used]
        if len(made) != len(labels):
            problems.append(f"{place} makes {len(labels)} and names {len(made)}.")
        for name in action.takes_away(self.scene):
            if self.labels.pop(name, None) is not None:
                self.gone.setdefault(name, number)
        self.take(action)
        return problems


def _too_long(count: int) -> str:
    return f"It has {count:,} actions, and {MOST_ACTIONS:,} are the most; split it into several plans."


def _contradictions(actions: tuple[ActionBase, ...]) -> list[tuple[int, int, str]]:
    """(first, second, id): two actions that undo each other on an object."""
    return [
        (i, j, name)
        for i, first in enumerate(actions, start=1)
        for j, second in enumerate(actions[i:], start=i + 1)
        if second.undoes(first)
        for name in first.objects
        if name in second.objects
    ]
