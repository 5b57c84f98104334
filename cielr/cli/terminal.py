"""How a command talks: lines, JSON, a progress bar, questions, and failures as one sentence with an exit code."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import typer

from ..errors import (
    Ambiguous,
    Cancelled,
    CielrError,
    ClarificationNeeded,
    EditError,
    ImageError,
    NotUnderstood,
    PlanError,
    SceneError,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..telling.trace import Event

DONE, FAILED, USAGE, IMAGE, INSTRUCTION, PLAN, CANCELLED = 0, 1, 2, 3, 4, 5, 130

EXIT_CODES = (
    "Exit codes: 0 done · 1 another failure · 2 wrong usage · 3 the image (or scene) cannot be used, or the output "
    "cannot be written · 4 the instruction is not understood, is ambiguous, nothing matches it, or leaves a question · "
    "5 the plan cannot be carried out · 130 cancelled."
)
HOW = "Say it with --answer, or let the model decide with --assume."
"""Where a question is answered, unless the error has a `how` of its own."""
QUESTIONS = 3
"""That the language model may put to the user; after them it has to decide."""


def say(text: str, error: bool = False) -> None:
    """Prints a text; the only way by which a command does.

    Control characters, which could steer the terminal, become spaces: texts come from files, models and servers too.
    """
    from ..core.text import plain

    print("\n".join(map(plain, text.split("\n"))), file=sys.stderr if error else sys.stdout)


def complain(text: str) -> None:
    """Prints a sentence on the standard error, on one line."""
    say(" ".join(text.splitlines()), error=True)


def count(done: int, total: int) -> None:
    """How many of how many are done, over what was said of that before; nothing where nobody would see it."""
    if sys.stderr.isatty():
        print(f"\r{done}/{total} ", end="", file=sys.stderr, flush=True)


def line(head: str, text: str) -> None:
    """One line of a summary."""
    say(f"{head:<9}{' '.join(text.splitlines())}")


def table(rows: Iterable[Sequence[str]], apart: int = 2) -> None:
    """Rows of equal length in columns as wide as they need; nothing is cut or wrapped, so that they can be piped."""
    from ..core.text import plain

    shown = [[plain(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        say((" " * apart).join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def lines(head: str, texts: Iterable[str]) -> None:
    """Lines of a summary, the first one with the head."""
    for text in texts:
        line(head, text)
        head = ""


def print_json(value: Any) -> None:
    """The value as JSON; only ASCII, so that no terminal's encoding can spoil it."""
    print(json.dumps(value, indent=1, allow_nan=False))


def print_json_line(value: Any) -> None:
    """The value as JSON on one line, at once: another program may be reading along."""
    print(json.dumps(value, allow_nan=False), flush=True)


def print_json_text(text: str) -> None:
    """A JSON text as it is, but for characters that could steer a terminal, which are escaped."""
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text), end="")


@contextmanager
def bars(silent: bool, *columns: str) -> Iterator[Progress | None]:
    """Bars on the terminal, gone when the work is done; None where nobody would see them.

    Args:
        columns: names of rich's, which takes long to import, and "words" for what a bar is about.
    """
    if silent or not sys.stderr.isatty():
        yield None
        return
    from rich import progress
    from rich.console import Console

    words = progress.TextColumn("{task.description}", markup=False)
    made = [words if name == "words" else getattr(progress, name)() for name in columns]
    with progress.Progress(*made, console=Console(stderr=True), transient=True) as shown:
        yield shown


@contextmanager
def progress(silent: bool) -> Iterator[Callable[[Event], None] | None]:
    """Tells a bar of events; None where nobody would see it."""
    from ..core.text import plain

    with bars(silent, "words", "BarColumn", "TimeElapsedColumn") as shown:
        if shown is None:
            yield None
            return
        task = shown.add_task("Starting", total=1.0)
        yield lambda event: shown.update(task, description=plain(event.message), completed=event.fraction)


def asking(run: Callable[[dict[str, Any]], Any], words: dict[str, Any], interactive: bool) -> Any:
    """What `run` gives; a question of the language model is put to the user, where one sits at the terminal."""
    from ..core.text import plain

    for _ in range(QUESTIONS):
        try:
            return run(words)
        except ClarificationNeeded as error:
            if not (interactive and sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            choices = f" ({' / '.join(error.choices)})" if error.choices else ""
            said = typer.prompt(plain(f"{error.question}{choices}"), err=True)
            words = words | {"answer": error.answered(said, words.get("answer"))}
    return run(words | {"assume": True})


@contextmanager
def reporting(as_json: bool, debug: bool) -> Iterator[None]:
    """Turns whatever goes wrong into one sentence on stderr and an exit code."""
    try:
        yield
    except (CielrError, KeyboardInterrupt) as error:
        cancelled = isinstance(error, (Cancelled, KeyboardInterrupt))
        _fail(error, "Cancelled." if cancelled else str(error), as_json)
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise
    except MemoryError as error:
        _fail(error, "There is not enough memory for this photo; a smaller copy of it would do.", as_json)
    except OSError as error:
        # names that a file system does not take, a disk that fails: rare, and the system's own words are the best
        if debug:
            traceback.print_exc()
        from ..core.serial import why_not_written

        place = f"{error.filename}: " if error.filename else ""
        _fail(error, f"The system refuses: {place}{why_not_written(error)}.", as_json)
    except Exception as error:
        if debug:
            traceback.print_exc()
        what = " ".join(str(error).split())[:300].rstrip(".")
        hint = "" if debug else "; --debug shows where, please report it"
        _fail(error, f"Unexpected failure, {type(error).__name__}: {what or 'no message'}{hint}.", as_json)


def _code(error: BaseException) -> int:
    for kinds, code in (
        ((Cancelled, KeyboardInterrupt), CANCELLED),
        ((ImageError, SceneError), IMAGE),
        ((NotUnderstood, ClarificationNeeded), INSTRUCTION),
        ((PlanError, EditError), PLAN),
    ):
        if isinstance(error, kinds):
            return code
    return FAILED


def _fail(error: BaseException, sentence: str, as_json: bool) -> None:
    code = _code(error)
    # a person who is asked in a script or a pipe has no prompt to answer at
    how = f" {error.how or HOW}" if isinstance(error, ClarificationNeeded) else ""
    complain(sentence + how)
    if as_json:
        details: dict[str, Any] = {"kind": type(error).__name__, "message": sentence}
        if isinstance(error, Ambiguous):
            details["candidates"] = list(error.candidates)
        if isinstance(error, PlanError):
            details["problems"] = list(error.problems)
        if isinstance(error, ClarificationNeeded):
            details |= {"question": error.question, "choices": list(error.choices)}
        # where nothing more can be printed, that may be what failed
        with suppress(OSError):
            print_json({"error": details, "exit_code": code})
    raise typer.Exit(code)
