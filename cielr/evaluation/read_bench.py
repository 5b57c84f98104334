"""How well the grammar reads instructions that somebody else wrote: put to it with eyes that find whatever it asks for.

report = read_bench("instructions.jsonl")
print(report.table())
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from ..core.geometry import Box, Mask
from ..core.inflection import singular
from ..core.scene import Request, Scene, SceneObject, SceneUpdate, new_id
from ..core.serial import Frozen, sentences
from ..errors import CielrError
from ..pipeline import reason
from .runs.ledger import Ledger, Line
from .text_runs import case_name, columns, opened, read_settings_of

EVERYDAY = Path(__file__).with_name("everyday.jsonl")
"""Instructions of our own: chains, new kinds, possessives, parts, settings and styles."""
WIDTH, HEIGHT = 800, 600
SIDE = 70
"""Of the picture that nobody took, and of each thing in it, in pixels."""
_PLACES = {
    "left": (0.15, 0.5),
    "right": (0.85, 0.5),
    "top": (0.5, 0.12),
    "upper": (0.5, 0.12),
    "bottom": (0.5, 0.85),
    "lower": (0.5, 0.85),
    "front": (0.5, 0.7),
    "foreground": (0.5, 0.7),
    "back": (0.5, 0.35),
    "background": (0.5, 0.35),
    "middle": (0.5, 0.5),
    "center": (0.5, 0.5),
    "centre": (0.5, 0.5),
}
_COUNTS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5}
_BEFORE = 4
"""So many words before a name are looked at for a side or a count."""


class ReadCase(Frozen):
    """One line of a file of instructions.

    Attributes:
        text: what was asked. kinds: of the actions, in order; several with "|" between where more than one is right.
        targets: for each action the labels of what it is done to; empty where that is not judged.
        group: what it is counted under.
    """

    text: str = Field(min_length=1)
    kinds: tuple[str, ...] = Field(min_length=1)
    targets: tuple[tuple[str, ...], ...] = ()
    group: str = "all"


@dataclass(frozen=True)
class Reading:
    """How one case went: outcome "right", "wrong" or "refused", and in a sentence why not right."""

    case: ReadCase
    outcome: str
    detail: str = ""
    plan: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"text": self.case.text, "group": self.case.group, "outcome": self.outcome, "detail": self.detail}


@dataclass(frozen=True)
class ReadReport:
    """All readings, in the order of the file."""

    readings: tuple[Reading, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """Heading, one row a group in the order of the file, and the whole."""
        groups = list(dict.fromkeys(reading.case.group for reading in self.readings))
        rows = [("group", "cases", "planned", "right", "wrong", "refused", "right %", "wrong %")]
        rows += [_row(name, [r for r in self.readings if r.case.group == name]) for name in groups]
        return rows if groups == ["all"] else [*rows, _row("all", self.readings)]

    def table(self) -> str:
        """The rows as text, in columns."""
        return "\n".join(columns(self.rows()))


def _row(name: str, readings: Sequence[Reading]) -> tuple[str, ...]:
    counts = {outcome: sum(r.outcome == outcome for r in readings) for outcome in ("right", "wrong", "refused")}
    total = max(len(readings), 1)
    planned = counts["right"] + counts["wrong"]
    shares = (f"{100 * counts[outcome] / total:.1f}" for outcome in ("right", "wrong"))
    return (name, *(str(n) for n in (len(readings), planned, *counts.values())), *shares)


class AllSeeing:
    """`Perception` that finds whatever is asked for: one thing a label, or as many as the text tells apart.

    Parts lie within their owner; what the text calls left or upper stands there.
    """

    def __init__(self, text: str) -> None:
        self.words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower().replace("-", " "))
        self.given = 0

    def answer(self, scene: Scene, request: Request) -> SceneUpdate:
        added: list[SceneObject] = []
        for label, centre in self._wanted(scene, request):
            box = _box(centre)
            name = new_id(label, (*scene.used_ids, *(thing.id for thing in added)))
            owner = getattr(request, "object", None)
            added.append(
                SceneObject(
                    id=name,
                    label=label,
                    box=box,
                    mask=Mask.from_box(box, HEIGHT, WIDTH),
                    part_of=owner if request.kind == "parts" else None,
                    effect_of=owner if request.kind == "effects" else None,
                )
            )
        return SceneUpdate(request=request, added=tuple(added), source="all-seeing")

    def _wanted(self, scene: Scene, request: Request) -> Iterator[tuple[str, tuple[float, float]]]:
        if request.kind == "effects":
            yield "shadow", self._anywhere()
        elif request.kind == "parts":
            for label in request.labels:
                yield label, scene[request.object].box.center
        elif request.kind == "detect":
            for label in request.labels:
                for centre in self._places(label):
                    yield label, centre

    def _places(self, label: str) -> list[tuple[float, float]]:
        """Where the things of a label stand: at each side that the text gives one, and as many as it counts."""
        head = singular(label.split()[-1])
        sides: list[tuple[str, ...]] = []
        count = 1
        for place, word in enumerate(self.words):
            if singular(word) != head:
                continue
            before = list(self.words[max(0, place - _BEFORE) : place])
            for stop in ("the", "a", "an", "and"):
                while stop in before:
                    before = before[before.index(stop) + 1 :]
            count = max([count, *(_COUNTS[word] for word in before if word in _COUNTS)])
            said = tuple(sorted(word for word in before if word in _PLACES))
            if said and said not in sides:
                sides.append(said)
        others = [side for side in (("left",), ("right",), ("top",), ("bottom",)) if side not in sides]
        while count > 1 and len(sides) < count and others:
            sides.append(others.pop(0))
        return [_centre(side) for side in sides] or [self._anywhere()]

    def _anywhere(self) -> tuple[float, float]:
        """A place near the middle that nobody has yet."""
        self.given += 1
        return WIDTH * (0.42 + 0.02 * (self.given % 7)), HEIGHT * (0.42 + 0.02 * (self.given // 7 % 7))


def _centre(sides: Sequence[str]) -> tuple[float, float]:
    across = [_PLACES[side][0] for side in sides if _PLACES[side][0] != 0.5]
    down = [_PLACES[side][1] for side in sides if _PLACES[side][1] != 0.5]
    return WIDTH * (across or [0.5])[0], HEIGHT * (down or [0.5])[0]


def _box(centre: tuple[float, float]) -> Box:
    x, y = round(centre[0] - SIDE / 2), round(centre[1] - SIDE / 2)
    return Box(x, y, x + SIDE, y + SIDE).clip(WIDTH, HEIGHT)


def load_readings(path: str | Path) -> list[ReadCase]:
    """The cases of a JSON Lines file; empty lines are passed over.

    Raises:
        CielrError: where it cannot be read, or a line is not a case; the line is named.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CielrError(
            f"The instructions {path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(ReadCase.model_validate(json.loads(line)))
        except ValidationError as error:
            raise CielrError(f"Line {number} of {path} is not a case: {sentences(error)}.") from error
        except (ValueError, RecursionError) as error:
            raise CielrError(f"Line {number} of {path} is not JSON: {error}.") from error
    if not cases:
        raise CielrError(f"{path} holds no instruction.")
    return cases


def read_bench(path: str | Path | None = None, folder: str | Path | None = None) -> ReadReport:
    """Puts every instruction of a file to the grammar, with a painter and with eyes that find whatever it asks for.

    Args:
        path: None is the file that comes with the package.
        folder: a run's folder, as `runs.ledger` has it; a run that was cut off goes on there. None keeps nothing.

    Raises:
        CielrError: where the file cannot be read, or the folder cannot be written, or is a run with other settings.
    """
    cases = load_readings(path or EVERYDAY)
    ledger = None if folder is None else Ledger(folder, read_settings_of(cases))
    readings = []
    with opened(ledger) as done:
        for number, case in enumerate(cases, start=1):
            name = case_name(number)
            line = done.get(name)
            if line is not None:
                outcome = "right" if line.right else "refused" if line.outcome == "refused" else "wrong"
                readings.append(Reading(case, outcome, line.detail, line.plan))
                continue
            began = time.perf_counter()
            reading = reading_of(case)
            readings.append(reading)
            if ledger is not None:
                ledger.write(_line(name, reading), time.perf_counter() - began)
    return ReadReport(tuple(readings))


def _line(name: str, reading: Reading) -> Line:
    return Line(
        case=name,
        group=reading.case.group,
        outcome="refused" if reading.outcome == "refused" else "done",
        right=reading.outcome == "right",
        detail=reading.detail,
        plan=reading.plan,
    )


def reading_of(case: ReadCase) -> Reading:
    """How one instruction is read."""
    empty = Scene(width=WIDTH, height=HEIGHT)
    try:
        scene, plan, _ = reason(empty, case.text, perception=AllSeeing(case.text), painter=True)
    except CielrError as error:
        return Reading(case, "refused", str(error))
    made = plan.model_dump(mode="json", by_alias=True)
    kinds = [action.kind for action in plan.actions]
    if len(kinds) != len(case.kinds) or any(k not in w.split("|") for k, w in zip(kinds, case.kinds, strict=False)):
        wanted = ", ".join(case.kinds)
        return Reading(case, "wrong", f"It plans {', '.join(kinds)} where {wanted} is wanted.", made)
    labels = {thing.id: thing.label for thing in scene.objects}
    for action, meant in zip(plan.actions, case.targets, strict=False):
        # what the plan makes is known by its id alone, which has the head of its name
        said = {labels.get(name, name.rpartition("_")[0]) for name in action.objects}
        # "the open text" is a text, and who wrote the case may have named either
        if meant and set(meant) not in (said, _heads(said)) and said != _heads(meant):
            return Reading(case, "wrong", f"'{action.kind}' is done to {', '.join(sorted(said))}.", made)
    return Reading(case, "right", plan=made)


def _heads(labels: Iterable[str]) -> set[str]:
    return {label.split()[-1] for label in labels}
