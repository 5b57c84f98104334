"""Runs without pictures, on the ledger of `runs`: the cases of `reason_bench` and the instructions of `read_bench`.

Their folders are as those of `cielr bench run`: resumed after a kill, refused with other settings, shown by
`cielr bench report`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from .. import __version__
from ..core.serial import canonical
from .datasets.case import Case, Dataset
from .read_bench import EVERYDAY, ReadCase, load_readings
from .reason_cases import Bench, load_cases
from .reason_cases import Case as ReasonCase
from .runs.ledger import Ledger, Line, Settings

REASON, READ = "reason cases", "instructions"
"""What the settings of such runs call their dataset."""


def reason_settings(bench: Bench, cases: Sequence[ReasonCase], llm: str, prompts: str, prompt: str) -> Settings:
    """The settings of a run over cases.

    Args:
        prompts: hash of what a language model is told; prompt: how it is asked; both "" without one.
    """
    parts = [[case.model_dump(mode="json"), bench.scenes[case.scene]] for case in cases]
    asked = f"{prompt} {prompts}".strip()
    return _settings(REASON, len(cases), parts, llm=llm, prompts=asked, scenes="given")


def read_settings_of(cases: Sequence[ReadCase]) -> Settings:
    """The settings of a run over instructions."""
    parts = [case.model_dump(mode="json") for case in cases]
    return _settings(READ, len(cases), parts, scenes="perceived", perception="all-seeing", inpainter="assumed")


def _settings(dataset: str, count: int, parts: Iterable[object], **named: str) -> Settings:
    return Settings.model_validate(
        {
            "dataset": dataset,
            "cases": count,
            "fingerprint": hashlib.sha256(canonical(list(parts)).encode("utf-8")).hexdigest()[:16],
            "stage": "reason",
            "version": __version__,
        }
        | named
    )


def opened(ledger: Ledger | None) -> AbstractContextManager[dict[str, Line]]:
    """What a ledger holds already, by case, with the folder claimed; nothing where there is no ledger."""
    return nullcontext({}) if ledger is None else ledger.opened()


def case_name(number: int) -> str:
    """The id of an instruction by its place in the file, counted from 1."""
    return f"read-{number:05d}"


def is_without_pictures(settings: Settings) -> bool:
    """Whether a run is one of these, so that its cases are no folder."""
    return settings.dataset in (REASON, READ)


def dataset_of(settings: Settings, path: Path | None = None) -> Dataset:
    """The cases of such a run, for its report.

    Args:
        path: the file of instructions; None is the one that comes with the package.

    Raises:
        CielrError: where the file cannot be read.
    """
    if settings.dataset == REASON:
        told = tuple(Case(id=case.id, group=case.group, instruction=case.instruction) for case in load_cases().cases)
        return Dataset(REASON, Path(), told)
    read = tuple(
        Case(id=case_name(number), group=case.group, instruction=case.text, kinds=case.kinds)
        for number, case in enumerate(load_readings(path or EVERYDAY), start=1)
    )
    return Dataset(READ, Path(), read)


__all__ = [
    "READ",
    "REASON",
    "case_name",
    "dataset_of",
    "is_without_pictures",
    "opened",
    "read_settings_of",
    "reason_settings",
]
