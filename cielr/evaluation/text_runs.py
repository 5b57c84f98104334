"""Runs without pictures, on the ledger of `runs`: the cases of `reason_bench` and the instructions of `read_bench`.

Their folders are as those of `cielr bench run`: resumed after a kill, refused with other settings, shown by
`cielr bench report`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from .. import __version__
from ..core.serial import Frozen, canonical
from .reason_cases import Bench, Case
from .runs.ledger import Ledger, Line, Settings

REASON, READ = "reason cases", "instructions"
"""What the settings of such runs call their dataset."""


def reason_settings(bench: Bench, cases: Sequence[Case], llm: str, prompts: str, prompt: str) -> Settings:
    """The settings of a run over cases.

    Args:
        prompts: hash of what a language model is told; prompt: how it is asked; both "" without one.
    """
    parts = [[case.model_dump(mode="json"), bench.scenes[case.scene]] for case in cases]
    asked = f"{prompt} {prompts}".strip()
    return _settings(REASON, len(cases), parts, llm=llm, prompts=asked, scenes="given")


def read_settings_of(cases: Sequence[Frozen]) -> Settings:
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


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table as lines of text: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]


def case_name(number: int) -> str:
    """The id of an instruction by its place in the file, counted from 1."""
    return f"read-{number:05d}"
