"""The cases that reasoners are measured by, and what makes a plan right.

`reason_cases.json` holds scenes as boxes, cases in nine groups for everybody, and in four more for a reasoner with a
painter and eyes: chains whose steps build on one another, new kinds, possessives and parts. A case's `do` lists what a
right plan does, nothing more and nothing less; a case without it is one that only the user can decide. Eyes are
scripted too: a scene may have `hidden` objects that a `detect` finds, and `seen` answers for `describe`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from ..actions import Place, Plan
from ..core.geometry import Box, Mask
from ..core.scene import Scene, SceneObject, SceneUpdate
from ..core.serial import Frozen, sentences
from ..errors import CielrError

CASES = Path(__file__).with_name("reason_cases.json")
GROUPS = (
    "label",
    "attribute",
    "order",
    "relation",
    "count and negation",
    "function",
    "world knowledge",
    "several steps",
    "must ask",
)
PAINTED_GROUPS = ("chains", "new kinds", "possessives", "parts")
"""Groups in which a painter is there, and eyes that look for what the text names."""
ALL_GROUPS = (*GROUPS, *PAINTED_GROUPS)


# -------------------------------------------------------------------------------------------------------------- cases


class Step(Frozen):
    """One thing that a right plan does.

    Attributes:
        kind: of the action, or several with "|" between.
        targets: ids with spaces between; a list where several sets are right; None for actions without targets.
        says: words of which its text (change, with, what, to, style) holds one, with "|" between.
        scale: "up" or "down" for resize.
        turn: "left_right", "upside_down" or degrees clockwise.
        makes: what the steps after it call the thing that it makes, whatever the plan calls it.
        to, where: relation, anchors with spaces between, and for "at" ranges of x and y.
    """

    kind: str
    targets: str | tuple[str, ...] | None = None
    says: str = ""
    scale: str = ""
    turn: str = ""
    makes: str = ""
    to: dict[str, Any] | None = None
    where: dict[str, Any] | None = None

    @property
    def sets(self) -> list[frozenset[str]]:
        options = self.targets if isinstance(self.targets, tuple) else (self.targets or "",)
        return [frozenset(option.split()) for option in options]


class Case(Frozen):
    """One instruction; `explicit` says whether the built-in grammar claims it (in its groups)."""

    id: str
    group: str
    scene: str
    instruction: str
    do: tuple[Step, ...] = ()
    explicit: bool = True

    @property
    def painted(self) -> bool:
        """Whether a painter and eyes are there."""
        return self.group in PAINTED_GROUPS


class _File(Frozen):
    scenes: dict[str, dict[str, Any]] = Field(min_length=1)
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Bench:
    """Scenes by name and the cases on them."""

    scenes: dict[str, dict[str, Any]]
    cases: tuple[Case, ...]

    def scene(self, name: str) -> Scene:
        """What perception saw at first."""
        raw = self.scenes[name]
        width, height = raw["size"]
        things = tuple(_thing(key, value, width, height) for key, value in raw["objects"].items())
        return Scene(width=width, height=height, caption=raw.get("caption", ""), objects=things)

    def eyes(self, name: str) -> BenchEyes:
        """What can be seen when one looks again."""
        raw = self.scenes[name]
        hidden = [_thing(key, value, *raw["size"]) for key, value in raw.get("hidden", {}).items()]
        return BenchEyes(hidden, raw.get("seen", {}))


def load_cases(path: str | Path | None = None) -> Bench:
    """The cases of a file; None is the file that comes with the package.

    Raises:
        CielrError: where it cannot be read or is no case file.
    """
    path = Path(path) if path is not None else CASES
    try:
        file = _File.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise CielrError(f"The cases {path} cannot be read: {getattr(error, 'strerror', error)}.") from error
    except ValidationError as error:
        raise CielrError(f"{path} is not a file of cases: {sentences(error)}.") from error
    except (ValueError, RecursionError) as error:
        raise CielrError(f"{path} is not JSON: {error}.") from error
    bench = Bench(file.scenes, file.cases)
    for case in file.cases:
        if case.scene not in file.scenes:
            raise CielrError(f"Case {case.id} of {path} is about the scene '{case.scene}', which is not there.")
    return bench


def _thing(name: str, raw: dict[str, Any], width: int, height: int) -> SceneObject:
    box = Box(*raw["box"])
    plain = {key: raw[key] for key in ("depth", "part_of", "effect_of") if key in raw}
    known = ("box", "label", *plain)
    return SceneObject(
        id=name,
        label=raw.get("label", name.rpartition("_")[0]),
        box=box,
        mask=Mask.from_box(box, height, width),
        attributes={key: value for key, value in raw.items() if key not in known},
        **plain,
    )


class BenchEyes:
    """`Perception` by script: finds hidden objects by label and answers questions from a list."""

    def __init__(self, hidden: Sequence[SceneObject], seen: dict[str, str]) -> None:
        self.hidden = list(hidden)
        self.seen = seen

    def answer(self, scene: Scene, request: Any) -> SceneUpdate:
        if request.kind == "describe":
            said = self.seen.get(request.object, "nothing special can be seen")
            return SceneUpdate(request=request, answer=said, source="script")
        if request.kind not in ("detect", "parts"):
            return SceneUpdate(request=request, answer="nothing found", source="script")
        added, absent = [], []
        for label in request.labels:
            hidden = [thing for thing in self.hidden if _alike(label, thing.label) and thing.id not in scene.used_ids]
            known = [thing.id for thing in scene.objects if _alike(label, thing.label)]
            added += [thing for thing in hidden if thing not in added]
            absent += [] if hidden or known else [label]
        return SceneUpdate(request=request, added=tuple(added), absent=tuple(absent), source="script")


def _alike(a: str, b: str) -> bool:
    return a.strip().lower().removesuffix("s") == b.strip().lower().removesuffix("s")


# ------------------------------------------------------------------------------------------------------------- judging


def misfit(plan: Plan, do: Sequence[Step]) -> str:
    """What is wrong with a plan, in one sentence, or "" where it does all that a case wants (`do`) and nothing else."""
    if not do:
        return "It should have asked, and planned."
    left = list(_in_the_cases_words(plan, do).actions)
    for step in do:
        kinds = step.kind.split("|")
        fitting = [action for action in left if action.kind in kinds and _fits(action, step)]
        if step.targets is None:
            fitting = fitting[:1]
            right = bool(fitting)
        else:
            # several actions of one kind may share the targets
            options = step.sets
            everything = frozenset().union(*options)
            fitting = [action for action in fitting if frozenset(action.objects) <= everything]
            right = frozenset(name for action in fitting for name in action.objects) in options
        if not right:
            wanted = " or ".join(" ".join(sorted(option)) for option in step.sets) or "the picture"
            return f"Nothing does '{step.kind}' to {wanted} as it should."
        left = [action for action in left if action not in fitting]
    if left:
        return f"It also does '{left[0].kind}' to {' '.join(left[0].objects) or 'the picture'}."
    return ""


def _in_the_cases_words(plan: Plan, do: Sequence[Step]) -> Plan:
    """The plan with what it makes called as the case calls it."""
    names: dict[str, str] = {}
    makers = [action for action in plan.actions if getattr(action, "makes", ())]
    for step in do:
        fitting = [action for action in makers if step.makes and action.kind in step.kind.split("|")]
        if fitting:
            makers.remove(fitting[0])
            names[fitting[0].makes[0]] = step.makes  # type: ignore[union-attr]
    return with_names(plan, names) if names else plan


def with_names(plan: Plan, names: Mapping[str, str]) -> Plan:
    """The plan with other ids for some things."""

    def renamed(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {inner: renamed(part, inner) for inner, part in value.items()}
        if isinstance(value, list):
            return [renamed(part, key) for part in value]
        return names.get(value, value) if key in ("targets", "anchors", "keep", "makes") else value

    return Plan.model_validate(renamed(plan.model_dump(mode="json", by_alias=True)))


def _fits(action: Any, step: Step) -> bool:
    if step.says:
        fields = (getattr(action, name, "") for name in ("change", "with_", "what", "to", "style", "ground"))
        text = " ".join(field for field in fields if isinstance(field, str)).lower()
        if not any(word in text for word in step.says.split("|")):
            return False
    if step.scale and step.scale != "up|down" and (action.scale > 1) != (step.scale == "up"):
        return False
    if step.turn and step.turn not in (action.flip, f"{action.degrees:g}"):
        return False
    return all(
        _there(getattr(action, name), wanted) for name, wanted in (("to", step.to), ("where", step.where)) if wanted
    )


def _there(place: Any, wanted: dict[str, Any]) -> bool:
    if not isinstance(place, Place) or place.relation not in wanted["relation"].split("|"):
        return False
    if "anchors" in wanted and set(place.anchors) != set(wanted["anchors"].split()):
        return False
    return all(wanted[axis][0] <= getattr(place, axis) <= wanted[axis][1] for axis in ("x", "y") if axis in wanted)
