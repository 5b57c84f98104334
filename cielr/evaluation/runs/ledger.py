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

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from ...core.journal import append_line, claim, close_cut_line, file_stem, locked, read_claim, whole_lines
from ...core.serial import Frozen, sentences, write_bytes
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
            with locked(self.folder):
                claim(self.folder / "run.json", self.settings.model_dump(mode="json"), self.results)
                close_cut_line(self.results)
                close_cut_line(self.folder / "timings.jsonl")
                for left in self.folder.glob("*/.*.part"):
                    # what a kill left of a picture
                    left.unlink()
                yield {line.case: line for line in read_lines(self.results)}
        except OSError as error:
            raise CielrError(f"The run cannot be kept in {self.folder}: {error.strerror or error}.") from error

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
        return Settings.model_validate(read_claim(folder / "run.json"))
    except ValidationError as error:
        raise CielrError(f"{folder}/run.json does not hold a run's settings: {sentences(error)}.") from error


def read_lines(path: Path) -> list[Line]:
    """The lines of a ledger; one that is cut off at the end is left out.

    Raises:
        CielrError: for a line that is none.
    """
    lines = []
    for number, _, text in whole_lines(path):
        try:
            lines.append(Line.model_validate(json.loads(text)))
        except (ValueError, RecursionError) as error:
            raise CielrError(f"Line {number} of {path} is not a result of a run; the file was changed.") from error
    return lines


def read_seconds(folder: Path) -> dict[str, float]:
    """Seconds by case."""
    values = [json.loads(text) for _, _, text in whole_lines(folder / "timings.jsonl")]
    return {value["case"]: value["seconds"] for value in values}


def jsonable(scores: dict[str, float]) -> dict[str, float | str]:
    """Scores as a line has them: JSON knows no infinity, and NaN says that there was nothing to measure."""
    kept = {name: value for name, value in scores.items() if not np.isnan(value)}
    return {name: round(value, 8) if np.isfinite(value) else "inf" for name, value in kept.items()}
