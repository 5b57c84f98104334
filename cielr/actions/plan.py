"""The plan: simple explicit actions, in order. JSON says `{"actions": [{"kind": "remove", …}], "summary": "…"}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from ..core.ids import UsedIds
from ..core.scene import Scene
from ..core.serial import Frozen, canonical, json_sentence, read_text, sentences, why_not_written, write_text
from ..errors import PlanError
from .action import ActionBase
from .kinds import Action
from .made import labels_by_id

MOST_BYTES = 10_000_000
"""Of a plan's file."""
MOST_ACTIONS = 1000
"""Each is held against all the others, and carried out in turn; more belong into several plans."""


class Plan(Frozen):
    """Actions in the order in which they are carried out, and one sentence on the whole."""

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
        labels, used = labels_by_id(scene), UsedIds(scene.used_ids)
        actions: list[Action] = []
        for action in self.actions:
            ids, made = _made_by(action, labels, used)
            labels |= dict(zip(ids, made, strict=False))
            used.add(ids)
            actions.append(action.model_copy(update={"makes": ids}) if ids else action)
        return self.model_copy(update={"actions": tuple(actions)})

    def to_json(self) -> str:
        """Canonical JSON, indented for reading."""
        return canonical(self.model_dump(mode="json", by_alias=True), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that a JSON text describes.

        Raises:
            PlanError: where it is no JSON, or no plan.
        """
        try:
            # some editors begin a file with a byte order mark
            data = json.loads(text.removeprefix("\ufeff"))
            actions = data.get("actions") if isinstance(data, dict) else None
            if isinstance(actions, list) and len(actions) > MOST_ACTIONS:
                raise PlanError(f"This is not a plan that can be used: {_too_long(len(actions))}")
            return cls.model_validate(data)
        except ValidationError as error:
            raise PlanError(f"This is not a plan: {sentences(error)}.") from error
        except (ValueError, RecursionError) as error:
            raise PlanError(f"This is not JSON: {json_sentence(text, error)}.") from error

    def save(self, path: str | Path) -> Path:
        """Writes the plan as JSON.

        Raises:
            PlanError: where it cannot be written.
        """
        path = Path(path)
        try:
            write_text(path, self.to_json())
        except OSError as error:
            raise PlanError(f"The plan cannot be written to {path}: {why_not_written(error)}.") from error
        return path

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """The plan in a JSON file.

        Raises:
            PlanError: where there is none, or it does not read.
        """
        try:
            text = read_text(Path(path), MOST_BYTES)
        except ValueError as error:
            raise PlanError(f"No plan can be read from {path}: {error}.") from error
        try:
            return cls.from_json(text)
        except PlanError as error:
            raise PlanError(f"No plan can be read from {path}: {str(error).replace('This', 'this', 1)}") from error

    def __repr__(self) -> str:
        return f"Plan({', '.join(action.kind for action in self.actions) or 'empty'})"

    __str__ = __repr__


class _Ids:
    """Which ids exist from action to action."""

    def __init__(self, plan: Plan, scene: Scene) -> None:
        self.scene = scene
        self.labels = labels_by_id(scene)
        self.used = UsedIds(scene.used_ids)
        self.gone: dict[str, int] = {}
        self.comes = _first_made(plan, scene)

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
        made, labels = _made_by(action, self.labels, self.used)
        problems = [f"{place} makes '{name}', a name that is taken." for name in made if name in self.used]
        if len(made) != len(labels):
            problems.append(f"{place} makes {len(labels)} and names {len(made)}.")
        for name in action.takes_away(self.scene):
            if self.labels.pop(name, None) is not None:
                self.gone.setdefault(name, number)
        self.labels |= dict(zip(made, labels, strict=False))
        self.used.add(made)
        return problems


def _made_by(action: ActionBase, labels: Mapping[str, str], used: UsedIds) -> tuple[tuple[str, ...], ...]:
    """(ids, labels) of what an action makes, where things of those labels are there and those ids are taken."""
    made = action.makes_labels(labels)
    return getattr(action, "makes", ()) or used.free(made), made


def _first_made(plan: Plan, scene: Scene) -> dict[str, int]:
    """Id of everything that the plan makes -> number of the action that makes it."""
    labels, used = labels_by_id(scene), UsedIds(scene.used_ids)
    comes: dict[str, int] = {}
    for number, action in enumerate(plan.actions, start=1):
        ids, made = _made_by(action, labels, used)
        labels |= dict(zip(ids, made, strict=False))
        used.add(ids)
        comes |= {name: number for name in ids if name not in comes}
    return comes


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
