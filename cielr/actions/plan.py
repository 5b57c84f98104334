"""The plan: simple explicit actions, in order. One class a kind of action; JSON says `{"kind": "remove", …}`.

Words for `change`, `to` and `style` are free text for a diffusion model. Some need no model at all, because code can
carry them out exactly: "colour dark red", "brighten 30%", "darken 30%", "desaturate 100%", "blur 8px".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ..core.scene import Scene
from ..core.serial import Frozen, canonical, json_sentence, sentences, write_text
from ..core.things import family_of
from ..errors import PlanError

Relation = Literal[
    "by",
    "at",
    "left_of",
    "right_of",
    "above",
    "below",
    "next_to",
    "on",
    "inside",
    "between",
    "in_front_of",
    "behind",
]

ANCHORS: dict[str, int] = {"by": 0, "at": 0, "between": 2}
"""How many anchors a relation takes; 1 where not named."""


class Place(Frozen):
    """Where something goes.

    Attributes:
        relation: "by" an offset, "at" a point of the image, or in a relation to the anchors.
        anchors: ids of the objects that the relation names: two for "between", none for "by" and "at".
        x, y: for "by" pixels to the right and down; for "at" the centre's place, each in [0, 1] of the image.
    """

    relation: Relation
    anchors: tuple[str, ...] = ()
    x: float = Field(default=0.0, allow_inf_nan=False)
    y: float = Field(default=0.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _complete(self) -> Place:
        wanted = ANCHORS.get(self.relation, 1)
        if len(self.anchors) != wanted:
            anchors = "1 anchor" if wanted == 1 else f"{wanted} anchors"
            raise ValueError(f"'{self.relation}' takes {anchors}, not {len(self.anchors)}.")
        if self.relation == "at" and not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise ValueError("'at' takes x and y between 0 and 1.")
        return self


class _Action(Frozen):
    """What every action has.

    Attributes:
        prompt: what the region is to look like afterwards, for the diffusion model; "" lets the recipe write it.
        negative_prompt: what must not appear there.
        keep: ids that must not change.
        reason: why, for people; it changes neither the region nor the seed.
    """

    prompt: str = ""
    negative_prompt: str = ""
    keep: tuple[str, ...] = ()
    reason: str = ""

    @property
    def objects(self) -> tuple[str, ...]:
        """Ids of what the action changes; empty where it is about a place, the background or all."""
        return getattr(self, "targets", ())

    @property
    def anchors(self) -> tuple[str, ...]:
        """Ids of what the action only refers to."""
        place = getattr(self, "where", None) or getattr(self, "to", None)
        return place.anchors if isinstance(place, Place) else ()


class _Targeted(_Action):
    targets: tuple[str, ...] = Field(min_length=1)


class Remove(_Targeted):
    """Take the targets away and show what would be behind them."""

    kind: Literal["remove"] = "remove"


class Replace(_Targeted):
    """Put something else in the targets' place."""

    kind: Literal["replace"] = "replace"
    with_: str = Field(alias="with", min_length=1)


class Modify(_Targeted):
    """Change how the targets look; their outline stays."""

    kind: Literal["modify"] = "modify"
    change: str = Field(min_length=1)


class Add(_Action):
    """Draw something new at a place; `size` is relative to the anchor, or to the image where there is none."""

    kind: Literal["add"] = "add"
    what: str = Field(min_length=1)
    where: Place
    size: Literal["tiny", "small", "medium", "large"] | None = None


class Background(_Action):
    """Change everything that is no object."""

    kind: Literal["background"] = "background"
    to: str = Field(min_length=1)


class Move(_Targeted):
    """Take the targets to another place; the hole is filled."""

    kind: Literal["move"] = "move"
    to: Place


class Resize(_Targeted):
    """Scale the targets about their centres; what they no longer cover is filled."""

    kind: Literal["resize"] = "resize"
    scale: float = Field(gt=0, le=20, allow_inf_nan=False)


class Global(_Action):
    """Change the whole picture."""

    kind: Literal["global"] = "global"
    style: str = Field(min_length=1)


Action = Annotated[Remove | Replace | Modify | Add | Background | Move | Resize | Global, Field(discriminator="kind")]


class Plan(Frozen):
    """Actions in the order in which they are carried out, and one sentence on the whole."""

    actions: tuple[Action, ...] = ()
    summary: str = ""

    def check(self, scene: Scene) -> None:
        """Holds the plan against the scene that it is for.

        Raises:
            PlanError: naming every unknown id, everything that was removed and is used again, and every contradiction.
        """
        problems: list[str] = []
        gone: dict[str, int] = {}
        for number, action in enumerate(self.actions, start=1):
            place = f"Action {number} ({action.kind})"
            for role, names in (("targets", action.objects), ("anchors", action.anchors), ("keeps", action.keep)):
                for name in names:
                    if scene.get(name) is None:
                        problems.append(f"{place} {role} '{name}', which is not in the scene.")
                    elif name in gone and role != "keeps":
                        problems.append(f"{place} {role} '{name}', which action {gone[name]} takes away.")
                if len(set(names)) < len(names):
                    problems.append(f"{place} {role} the same object twice.")
            problems += [f"{place} both changes and keeps '{name}'." for name in action.objects if name in action.keep]
            problems += [
                f"{place} puts '{name}' in a place relative to itself."
                for name in action.objects
                if name in action.anchors
            ]
            if isinstance(action, (Remove, Replace)):
                # what belongs to a thing goes with it
                family = family_of(scene, [name for name in action.objects if scene.get(name) is not None])
                gone |= {name: number for name in family if name not in gone}
        for first, second, name in _contradictions(self.actions):
            problems.append(f"Actions {first} and {second} contradict each other over '{name}'.")
        if problems:
            raise PlanError(problems)

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
            return cls.model_validate(json.loads(text.removeprefix("\ufeff")))
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
            raise PlanError(f"The plan cannot be written to {path}: {error.strerror or error}.") from error
        return path

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """The plan in a JSON file.

        Raises:
            PlanError: where there is none, or it does not read.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(f"No plan can be read from {path}: {getattr(error, 'strerror', None) or error}.") from error
        try:
            return cls.from_json(text)
        except PlanError as error:
            raise PlanError(f"No plan can be read from {path}: {str(error).replace('This', 'this', 1)}") from error

    def __repr__(self) -> str:
        return f"Plan({', '.join(action.kind for action in self.actions) or 'empty'})"

    __str__ = __repr__


def content(action: Any) -> str:
    """Canonical JSON of what an action does, without its reason: equal contents get equal seeds and cache keys."""
    return canonical(action.model_dump(mode="json", by_alias=True, exclude={"reason"}))


def _contradictions(actions: tuple[Any, ...]) -> list[tuple[int, int, str]]:
    """(first, second, id): what one action changes and a later one's `keep` forbade, or two that undo each other."""
    found = []
    for i, first in enumerate(actions, start=1):
        for j, second in enumerate(actions[i:], start=i + 1):
            for name in first.objects:
                if name not in second.objects:
                    continue
                undone = (
                    isinstance(first, Resize)
                    and isinstance(second, Resize)
                    and (first.scale - 1) * (second.scale - 1) < 0
                )
                repainted = (
                    isinstance(first, Modify)
                    and isinstance(second, Modify)
                    and first.change != second.change
                    and first.change.split()[0] == second.change.split()[0] == "colour"
                )
                opposite = (
                    isinstance(first, Modify)
                    and isinstance(second, Modify)
                    and {first.change.split()[0], second.change.split()[0]} == {"brighten", "darken"}
                )
                if undone or repainted or opposite:
                    found.append((i, j, name))
    return found
