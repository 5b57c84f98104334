"""The ledger of a run: one JSON line a case, on the disk before the next case begins.

    folder/
        run.json         the settings; a run with others is refused
        results.jsonl    a `Line` a case, in the order in which they were run
        timings.jsonl    seconds a case; apart, so that equal runs have equal results
        pictures/ traces/

Whatever moment a run is killed at, a line is there whole or not at all: what a kill cut off is taken away when the run
goes on, and that case is run again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ...core.serial import Frozen, canonical, sentences, write_bytes, write_text
from ...errors import CielrError
from ..scenes.make import png

Outcome = Literal["done", "asked", "refused", "failed", "no picture"]
"""How far a case came: "asked" a question; "refused" by a rule of the engine (an instruction not understood, no painter
for what has to be drawn); "failed" in any other way."""


class Settings(Frozen):
    """What a run is made with. Two runs with equal settings give equal results.

    Attributes:
        dataset: its name; cases: how many; fingerprint: of the cases and their files' sizes.
        stage: how far each case goes; scenes: "given" (the true ones) or "perceived".
        turns: "independent" or "iterative", where cases build on one another.
        mode: of the metrics; llm, perception, inpainter, fill: as they were named; prompts: hash of what a language
            model is told, "" without one; auto: the grammar was asked before it.
        attempts: at each action, at most; 1 looks at nothing.
        version: of cielr.
    """

    dataset: str
    cases: int
    fingerprint: str
    stage: str
    scenes: str
    turns: str = "independent"
    mode: str = "fixed"
    llm: str = "builtin"
    prompts: str = ""
    auto: bool = False
    perception: str = "builtin"
    inpainter: str = "none"
    fill: str = "auto"
    attempts: int = 1
    seed: int = 0
    version: str = ""


class Line(Frozen):
    """How one case went.

    Attributes:
        right: whether the plan is; None where the truth is not known.
        detail: why it is wrong or how it ended, in words.
        scores: by column; "inf" where PSNR has nothing to measure. idle: the same of the untouched picture.
        plan: as JSON; picture: its file, below the run's folder, or "".
    """

    case: str
    group: str
    outcome: Outcome
    right: bool | None = None
    detail: str = ""
    scores: dict[str, float | str] = Field(default_factory=dict)
    idle: dict[str, float | str] = Field(default_factory=dict)
    plan: dict[str, Any] | None = None
    picture: str = ""


class Ledger:
    """A run's folder.

    Raises:
        CielrError: where the folder is another run's, or another process is at it.
    """

    def __init__(self, folder: str | Path, settings: Settings) -> None:
        self.folder = Path(folder)
        self.settings = settings
        self.results = self.folder / "results.jsonl"

    @contextmanager
    def opened(self) -> Iterator[dict[str, Line]]:
        """Claims the folder and gives what it holds already, by case."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _locked(self.folder):
                self._claim()
                close_cut_line(self.results)
                close_cut_line(self.folder / "timings.jsonl")
                for left in self.folder.glob("*/.*.part"):
                    # what a kill left of a picture
                    left.unlink()
                yield {line.case: line for line in read_lines(self.results)}
        except OSError as error:
            raise CielrError(f"The run cannot be kept in {self.folder}: {error.strerror or error}.") from error

    def _claim(self) -> None:
        path = self.folder / "run.json"
        if not path.exists():
            if self.results.exists():
                raise CielrError(f"{self.folder} holds results without their settings; name a new folder.")
            write_text(path, canonical(self.settings.model_dump(mode="json"), indent=1) + "\n")
            return
        before = read_settings(self.folder).model_dump()
        now = self.settings.model_dump()
        changed = [name for name in now if now[name] != before[name]]
        if changed:
            words = "; ".join(f"{name} was {before[name]!r} and is {now[name]!r} now" for name in changed)
            raise CielrError(
                f"{self.folder} was begun with other settings ({words}). "
                "Results do not mix: name a new folder, or go on as before."
            )

    def write(self, line: Line, seconds: float) -> None:
        """The line, on the disk when this returns."""
        append_line(self.folder / "timings.jsonl", {"case": line.case, "seconds": round(seconds, 3)})
        append_line(self.results, line.model_dump(mode="json"))

    def save_picture(self, case: str, pixels: np.ndarray) -> str:
        """Its file, below the folder."""
        name = f"pictures/{file_stem(case)}.png"
        (self.folder / "pictures").mkdir(exist_ok=True)
        write_bytes(self.folder / name, png(pixels))
        return name


def read_settings(folder: Path) -> Settings:
    """Raises CielrError where the folder holds no run."""
    try:
        return Settings.model_validate(json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except OSError as error:
        raise CielrError(f"{folder} holds no run: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        words = sentences(error) if isinstance(error, ValidationError) else str(error)
        raise CielrError(f"{folder}/run.json does not hold a run's settings: {words}.") from error


def read_lines(path: Path) -> list[Line]:
    """The lines of a ledger; one that is cut off at the end is left out.

    Raises:
        CielrError: for a line that is none.
    """
    if not path.exists():
        return []
    lines = []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    for number, text in enumerate(whole.split(b"\n"), start=1):
        if not text:
            continue
        try:
            lines.append(Line.model_validate(json.loads(text)))
        except (ValueError, RecursionError) as error:
            raise CielrError(f"Line {number} of {path} is no result of a run; the file was changed.") from error
    return lines


def read_seconds(folder: Path) -> dict[str, float]:
    """Seconds by case."""
    path = folder / "timings.jsonl"
    if not path.exists():
        return {}
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    values = [json.loads(text) for text in whole.split(b"\n") if text]
    return {value["case"]: value["seconds"] for value in values}


def file_stem(case: str) -> str:
    """A file's name for a case's id: readable, and its own."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", case)[:80]
    return plain if plain == case else f"{plain}-{hashlib.sha256(case.encode()).hexdigest()[:8]}"


def jsonable(scores: dict[str, float]) -> dict[str, float | str]:
    """Scores as a line has them: JSON knows no infinity, and NaN says that there was nothing to measure."""
    kept = {name: value for name, value in scores.items() if not np.isnan(value)}
    return {name: round(value, 8) if np.isfinite(value) else "inf" for name, value in kept.items()}


def append_line(path: Path, value: dict[str, Any]) -> None:
    """A line of JSON, on the disk when this returns."""
    with path.open("ab") as file:
        file.write(canonical(value).encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def close_cut_line(path: Path) -> None:
    """Takes away a last line that a kill cut off."""
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps a second process out; the system gives the lock back when a process is killed."""
    with (folder / ".lock").open("ab") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            # Windows: a byte of the file
            import msvcrt

            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
            except OSError as error:
                raise CielrError(f"Another process is at the run in {folder}; wait for it, or stop it.") from error
        except BlockingIOError as error:
            raise CielrError(f"Another process is at the run in {folder}; wait for it, or stop it.") from error
        yield
