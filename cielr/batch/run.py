"""The batch: items one after the other to a crew, their outcomes into the ledger, until all have come to their end."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .crew import Crew
from .items import BadItem, Item, Placed, Task
from .ledger import Ledger
from .names import own_name, wished_name
from .outcome import Outcome
from .places import Goal, is_url, local
from .sheet import write_sheet
from .source import Source

SHEET = "contact-sheet.html"


@dataclass(frozen=True)
class BatchSettings:
    """What a batch is made of, besides its crew.

    Attributes:
        source: where the photos come from; goal: where the results go; ledger: the folder that tells of them.
        made_with: names and values that results depend on; a batch with others does not go on in the same folder.
        suffix: of every result, such as ".png"; "" is the photo's own.
        on_sheet: so many photos stand on the contact sheet.
        again: what failed in an earlier run is tried again.
    """

    source: Source
    goal: Goal
    ledger: Path
    made_with: dict[str, Any] = field(default_factory=dict)
    suffix: str = ""
    on_sheet: int = 200
    again: bool = False

    @property
    def thumbnails(self) -> Goal:
        return Goal(str(self.ledger / "thumbnails"), self.goal.parts or str(self.ledger / "parts"))


@dataclass
class Progress:
    """How far a batch is.

    Attributes:
        total: of all its items, None where that is not known; before: of those, ended in earlier runs.
        done, failed: ended in this run; seconds: since it began.
    """

    total: int | None = None
    before: int = 0
    done: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Photos a second."""
        return (self.done + self.failed) / self.seconds if self.seconds else 0.0

    @property
    def left(self) -> float | None:
        """Seconds; None where nobody can know."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.before - self.done - self.failed) / self.rate


@dataclass(frozen=True)
class Summary:
    """What became of a batch.

    Attributes:
        done, failed: of all its items, those of earlier runs too; edited: in this run.
        reasons: of failures, by the kind of their error; examples: some of them.
        is_whole: every item came to its end; else the same call goes on.
        sheet: the contact sheet, where the batch is whole.
    """

    done: int
    failed: int
    edited: int
    seconds: float
    reasons: dict[str, int]
    examples: tuple[Outcome, ...]
    is_whole: bool
    results: Path | None = None
    sheet: Path | None = None


OnProgress = Callable[[Progress, Outcome | None], None]
EXAMPLES = 10
"""Failures that a summary names."""


def run_batch(settings: BatchSettings, crew: Crew, on_progress: OnProgress | None = None) -> Summary:
    """Edits what the ledger does not hold yet; what a kill broke off goes on, and ends as an unbroken batch does.

    The first Ctrl-C lets what is at work come to its end and returns; the second one stops it.

    Args:
        on_progress: told (progress, the outcome that came to its end or None) from this thread.

    Raises:
        CielrError: where the source or the goal cannot be used, the ledger is another batch's, or no worker can begin.
    """
    settings.source.check()
    ledger = Ledger(settings.ledger, settings.made_with | {"source": settings.source.words, "suffix": settings.suffix})
    with ledger.opened(settings.again), _interrupts() as stopped:
        settings.goal.prepare()
        settings.thumbnails.prepare()
        began = time.monotonic()
        progress = Progress(settings.source.count())
        tell = on_progress or (lambda progress, outcome: None)
        tell(progress, None)
        for ended in crew.run(_tasks(settings, ledger, progress, stopped, tell)):
            ledger.write(ended.task, ended.outcome, ended.seconds, ended.where)
            progress.done += ended.outcome.status == "done"
            progress.failed += ended.outcome.status == "failed"
            progress.seconds = time.monotonic() - began
            tell(progress, ended.outcome)
        settings.goal.tidy()
        return _summary(settings, ledger, progress, is_whole=not stopped.is_set())


def _tasks(
    settings: BatchSettings, ledger: Ledger, progress: Progress, stopped: threading.Event, tell: OnProgress
) -> Iterator[Task]:
    """The tasks that are left, made as they are asked for: their names and keys come from the order of the batch."""
    for number, placed in enumerate(settings.source.items()):
        if stopped.is_set():
            return
        key = _key(placed, ledger)
        if ledger.known(number, key):
            progress.before += 1
        elif isinstance(placed, BadItem):
            outcome = Outcome(image=placed.where, status="failed", kind="BadItem", reason=placed.why)
            ledger.write(Task(number, key, Item(image=placed.where), "", ""), outcome, 0.0, "")
            progress.failed += 1
            tell(progress, outcome)
        else:
            names = ledger.index
            name = names.name_before(key) or own_name(wished_name(placed.item, settings.suffix), names)
            yield Task(number, key, placed.item, placed.base, name, number < settings.on_sheet)


def _key(placed: Placed | BadItem, ledger: Ledger) -> str:
    """Names it in the ledger."""
    if isinstance(placed, BadItem):
        return hashlib.sha256(f"{placed.where}\n{placed.why}".encode()).hexdigest()[:32]
    key = placed.item.key(0)
    before = ledger.index.occurrence(key)
    return placed.item.key(before) if before else key


def _summary(settings: BatchSettings, ledger: Ledger, progress: Progress, is_whole: bool) -> Summary:
    results = ledger.finish() if is_whole else None
    done, reasons, examples = 0, Counter[str](), []
    for outcome in ledger.outcomes():
        if outcome.status == "done":
            done += 1
            continue
        reasons[outcome.kind] += 1
        if len(examples) < EXAMPLES:
            examples.append(outcome)
    sheet = None
    if results is not None:
        sheet = settings.ledger / SHEET
        write_sheet(sheet, ledger.outcomes(), settings.made_with, _link(settings))
        settings.goal.upload("results.jsonl", results)
    return Summary(
        done=done,
        failed=sum(reasons.values()),
        edited=progress.done + progress.failed,
        seconds=progress.seconds,
        reasons=dict(reasons),
        examples=tuple(examples),
        is_whole=is_whole,
        results=results,
        sheet=sheet,
    )


def _link(settings: BatchSettings) -> str:
    """What leads from the contact sheet to the results, or "" where that is no folder of this machine."""
    if is_url(settings.goal.place):
        return ""
    return Path(os.path.relpath(local(settings.goal.place), settings.ledger)).as_posix()


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second one raises KeyboardInterrupt."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: Any) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
