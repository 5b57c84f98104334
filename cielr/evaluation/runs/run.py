"""Runs a benchmark: case by case through the pipeline, each scored and on the disk before the next begins."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ... import __version__
from ...core.journal import file_stem
from ...core.scene import Scene
from ...core.serial import canonical, write_text
from ...errors import CielrError
from ...photos.photo import read_photo
from ...reasoning.prompts import system_text
from ..datasets.case import Case, Dataset
from ..metrics import Mode, Networks
from .ledger import Ledger, Line, Settings, jsonable
from .scoring import check_scores, judged_plan, picture_scores, region_scores, seen_scores
from .stages import STAGES, Course, Models, Stage, run_stages

BROKEN = 5
"""So many cases in a row that no answer could be had for end the run; it can be gone on with."""


def run_settings(
    dataset: Dataset, stage: Stage = "edit", scenes: str = "auto", llm: str = "builtin", **named: str | int
) -> Settings:
    """The settings of a run on a dataset.

    Args:
        scenes: "given", "perceived", or "auto": where the dataset has true scenes, those, except to "perceive" and
            where eyes are named for an "edit".
        named: as in `Settings`.

    Raises:
        CielrError: where the dataset lacks what the stage or `scenes` takes.
    """
    has_truth = any(case.scene or case.shapes for case in dataset.cases)
    if scenes == "auto":
        # the built-in eyes know no names: with them an edit would measure nothing but that
        blind = stage == "edit" and named.get("perception", "builtin") == "builtin"
        scenes = "given" if (stage in ("reason", "region") or blind) and has_truth else "perceived"
    if scenes not in ("given", "perceived"):
        raise CielrError(f"Scenes are 'given', 'perceived' or 'auto', not '{scenes}'.")
    if scenes == "given" and (not has_truth or stage == "perceive"):
        why = "looking is what is measured" if stage == "perceive" else f"{dataset.name} has none"
        raise CielrError(f"True scenes cannot be given: {why}. Use --scenes perceived.")
    for name, allowed in (("turns", ("independent", "iterative")), ("mode", ("fixed", "official"))):
        if named.get(name, allowed[0]) not in allowed:
            raise CielrError(f"'{named[name]}' is not one of {' and '.join(allowed)}.")
    return Settings.model_validate(
        {
            "dataset": dataset.name,
            "cases": len(dataset.cases),
            "fingerprint": fingerprint(dataset),
            "stage": stage,
            "scenes": scenes,
            "llm": llm,
            "prompts": _prompts() if llm != "builtin" else "",
            "version": __version__,
        }
        | named
    )


def checked_stage(name: str) -> Stage:
    """The stage of that name.

    Raises:
        CielrError: where there is none.
    """
    if name in STAGES:
        return name
    raise CielrError(f"There is no stage '{name}'; there are {', '.join(STAGES)}.")


def fingerprint(dataset: Dataset) -> str:
    """Of the cases and of how large their files are: another set, or a picture that was exchanged, shows."""
    parts = [case.model_dump(mode="json", exclude_defaults=True) for case in dataset.cases]
    files = sorted({name for case in dataset.cases for name in case.files})
    sizes = [[name, (dataset.root / name).stat().st_size] for name in files]
    return hashlib.sha256(canonical([parts, sizes]).encode("utf-8")).hexdigest()[:16]


def run_benchmark(
    dataset: Dataset,
    folder: str | Path,
    settings: Settings,
    models: Models | None = None,
    networks: Networks | None = None,
    on_case: Callable[[int, int, Line], None] | None = None,
) -> list[Line]:
    """Runs what the folder does not hold yet; the lines of all cases, in their order.

    Args:
        on_case: told (done, total, line) after each case; what it raises ends the run, which can be gone on with.

    Raises:
        CielrError: where the folder is another run's or cannot be written, or no case gets an answer any more.
    """
    ledger = Ledger(folder, settings)
    models, networks = models or Models(), networks or Networks()
    lines: list[Line] = []
    silent = 0
    with ledger.opened() as done:
        for number, case in enumerate(dataset.cases, start=1):
            line = done.get(case.id)
            if line is None:
                line = _run_case(dataset, case, ledger, models, networks)
                silent = silent + 1 if line.outcome == "failed" else 0
            done[case.id] = line
            lines.append(line)
            if on_case is not None:
                on_case(number, len(dataset.cases), line)
            if silent >= BROKEN and models.chat is not None:
                raise CielrError(
                    f"{BROKEN} cases in a row failed, the last with: {line.detail} "
                    "The same command goes on where this run stopped."
                )
    return lines


def _run_case(dataset: Dataset, case: Case, ledger: Ledger, models: Models, networks: Networks) -> Line:
    began = time.perf_counter()
    settings = ledger.settings
    if not case.image:
        line = Line(case=case.id, group=case.group, outcome="no picture", detail="The dataset brings no picture.")
        ledger.write(line, 0.0)
        return line
    image = _input(dataset, case, ledger)
    truth = _true_scene(dataset, case, image)
    given = truth if settings.scenes == "given" else None
    # what the run's folder says is what is done
    models = replace(models, loop={**models.loop, "auto": settings.auto})
    course = run_stages(image, case.instruction, given, checked_stage(settings.stage), models, settings.seed)
    line = _scored(dataset, case, ledger, course, truth, image, networks)
    if course.traces:
        texts = ",".join(trace.to_json().strip() for trace in course.traces)
        write_text(ledger.folder / "traces" / f"{file_stem(case.id)}.json", f"[{texts}]\n")
    ledger.write(line, time.perf_counter() - began)
    return line


def _input(dataset: Dataset, case: Case, ledger: Ledger) -> np.ndarray:
    """The case's picture; in an iterative run the result of the turn before, where there is one."""
    if case.after is not None and ledger.settings.turns == "iterative":
        before = ledger.folder / "pictures" / f"{file_stem(case.after)}.png"
        if before.exists():
            return read_photo(before).pixels
    return dataset.picture(case.image)


def _true_scene(dataset: Dataset, case: Case, image: np.ndarray) -> Scene | None:
    scene = dataset.scene(case)
    if scene is not None and (scene.height, scene.width) != image.shape[:2]:
        return None
    return scene


def _scored(
    dataset: Dataset,
    case: Case,
    ledger: Ledger,
    course: Course,
    truth: Scene | None,
    image: np.ndarray,
    networks: Networks,
) -> Line:
    settings = ledger.settings
    scores: dict[str, float] = {}
    idle: dict[str, float] = {}
    picture = ""
    if truth is not None and settings.scenes == "perceived" and course.scene is not None:
        scores |= seen_scores(course.scene, truth)
    right, wrong = (None, "") if settings.stage == "perceive" else judged_plan(course, case, truth)
    if settings.stage in ("region", "edit"):
        scores |= region_scores(course, case, dataset, truth)
    if settings.stage == "edit":
        mode: Mode = "official" if settings.mode == "official" else "fixed"
        result = image if course.image is None else course.image
        if course.image is not None:
            picture = ledger.save_picture(case.id, course.image)
            scores["changed outside regions"] = _changed_outside(course, image)
            scores |= check_scores(course.checks)
        # what was refused leaves the picture as it was, and is scored as that
        if image.shape == dataset.picture(case.image).shape:
            idle = picture_scores(image, image, case, dataset, networks, mode)
            scores |= idle if result is image else picture_scores(image, result, case, dataset, networks, mode)
    return Line(
        case=case.id,
        group=case.group,
        outcome=course.outcome,
        right=right,
        detail=(wrong or course.detail)[:600],
        scores=jsonable(scores),
        idle=jsonable(idle),
        plan=course.plan.model_dump(mode="json", by_alias=True) if course.plan is not None else None,
        picture=picture,
    )


def _changed_outside(course: Course, image: np.ndarray) -> float:
    """Pixels beyond every region's support that differ; the promise is 0."""
    assert course.image is not None
    changed = (course.image != image).any(axis=2)
    for region in course.regions:
        changed &= ~region.support.to_array()
    return float(changed.sum())


def _prompts() -> str:
    return hashlib.sha256(system_text().encode("utf-8")).hexdigest()[:16]
