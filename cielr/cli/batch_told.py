"""How a batch is told: as it goes, and at its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from .terminal import CANCELLED, FAILED, bars, complain, line, print_json_line, table

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from ..batch import BatchSettings, Outcome, Summary
    from ..batch.run import OnProgress, Progress

SECONDS = 30.0
"""Between two lines on how far a batch is, where nobody sits at a terminal."""


@contextmanager
def told(as_json: bool, quiet: bool) -> Iterator[OnProgress | None]:
    """How a batch is told as it goes: JSON lines, a bar, or a line now and then."""
    if as_json:
        yield _as_json_line
    elif quiet:
        yield None
    else:
        with bars(False, "BarColumn", "words") as shown:
            yield _in_a_bar(shown) if shown is not None else _Sometimes()


def _as_json_line(progress: Progress, outcome: Outcome | None) -> None:
    if outcome is not None:
        print_json_line(outcome.model_dump(mode="json"))


class _Sometimes:
    """A line on the standard error every half minute."""

    def __init__(self) -> None:
        self.told = time.monotonic()

    def __call__(self, progress: Progress, outcome: Outcome | None) -> None:
        if time.monotonic() - self.told >= SECONDS:
            self.told = time.monotonic()
            complain(_progress_words(progress))


def _in_a_bar(shown: Bars) -> OnProgress:
    from ..core.text import plain

    task = shown.add_task("Starting", total=None)

    def tell(progress: Progress, outcome: Outcome | None) -> None:
        ended = progress.before + progress.done + progress.failed
        shown.update(task, total=progress.total, completed=ended, description=_progress_words(progress))
        if outcome is not None and outcome.status == "failed":
            shown.console.print(plain(f"{outcome.image}: {outcome.reason}"), markup=False, highlight=False)

    return tell


def _progress_words(progress: Progress) -> str:
    """ "1,200 of 10,000, 3 failed, 4.1 photos/s, 36 min left"."""
    ended = progress.before + progress.done + progress.failed
    words = [f"{ended:,} of {progress.total:,}" if progress.total is not None else f"{ended:,}"]
    words += [f"{progress.failed:,} failed"] if progress.failed else []
    words += [f"{progress.rate:.2g} photos/s"] if progress.rate else []
    if progress.left is not None:
        words.append(f"{_duration(progress.left)} left")
    return ", ".join(words)


def _duration(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"


def tell_summary(summary: Summary, settings: BatchSettings, silent: bool) -> None:
    """Prints what became of a batch, and ends the command with its exit code."""
    if not silent:
        rows = [
            ("edited", f"{summary.done:,}"),
            *((f"failed: {kind}", f"{n:,}") for kind, n in summary.reasons.items()),
        ]
        rows += [("in this run", f"{summary.edited:,}, {_duration(summary.seconds)}")]
        table(rows)
        for outcome in summary.examples:
            line("Failed", f"{outcome.image}: {outcome.reason}")
        if summary.failed > len(summary.examples):
            line("", f"and {summary.failed - len(summary.examples):,} more, in {settings.ledger}")
        if summary.sheet is not None:
            line("Written", f"{settings.goal.place}, with {summary.sheet}")
    if not summary.is_whole:
        complain("Stopped; the same command goes on with what is left.")
        raise typer.Exit(CANCELLED)
    if summary.failed:
        raise typer.Exit(FAILED)
