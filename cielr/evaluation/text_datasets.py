"""The cases of runs without pictures as a dataset, for the report."""

from __future__ import annotations

from pathlib import Path

from .datasets.case import Case, Dataset
from .read_bench import EVERYDAY, load_readings
from .reason_cases import load_cases
from .runs.ledger import Settings
from .text_runs import READ, REASON, case_name


def dataset_of(settings: Settings, path: Path | None = None) -> Dataset | None:
    """The cases of such a run, for its report; None for any other run, whose cases are a folder.

    Args:
        path: the file of instructions; None is the one that comes with the package.

    Raises:
        CielrError: where the file cannot be read.
    """
    if settings.dataset == REASON:
        cases = tuple(Case(id=case.id, group=case.group, instruction=case.instruction) for case in load_cases().cases)
        return Dataset(REASON, Path(), cases)
    if settings.dataset != READ:
        return None
    read = tuple(
        Case(id=case_name(number), group=case.group, instruction=case.text, kinds=case.kinds)
        for number, case in enumerate(load_readings(path or EVERYDAY), start=1)
    )
    return Dataset(READ, Path(), read)
