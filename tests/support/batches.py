"""Batches for tests: small photos of discs, and crews whose work is known."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cli_help import command as cielr_command
from PIL import Image

from cielr.batch import BatchSettings, Outcome, Task
from cielr.batch.crew import Ended
from cielr.batch.places import Goal
from cielr.batch.source import Source

INSTRUCTION = "remove the largest disc"


def disc_photo(number: int) -> np.ndarray:
    """Two discs on even ground; every number another picture."""
    random = np.random.default_rng(number)
    y, x = np.mgrid[:72, :96]
    image = np.full((72, 96, 3), (40, 90, 60), np.uint8)
    shift = int(random.integers(0, 12))
    image[(x - 28 - shift) ** 2 + (y - 36) ** 2 <= 14**2] = random.integers(120, 255, 3)
    image[(x - 74) ** 2 + (y - 20 - shift) ** 2 <= 8**2] = (200, 40, 40)
    return image


def photo_folder(folder: Path, count: int) -> Path:
    """A folder of that many photos, some of them one deeper."""
    (folder / "more").mkdir(parents=True)
    for number in range(count):
        name = f"more/{number:02d}.png" if number % 3 == 2 else f"{number:02d}.png"
        Image.fromarray(disc_photo(number)).save(folder / name)
    return folder


def settings_of(source: Path | str, out: Path, **more) -> BatchSettings:
    home = out / "cielr-batch"
    fields = {"made_with": {"instruction": INSTRUCTION}, "ledger": home} | more
    return BatchSettings(Source((str(source),), str(out)), Goal(str(out), str(home / "parts")), **fields)


def command(source, out, *more) -> list[str]:
    return cielr_command("batch", source, INSTRUCTION, "-l", "disc", "-o", out, *more, "--quiet")


def result_of(out: Path) -> dict[str, bytes]:
    """All that must be equal between equal batches: every file but the times."""
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {
        str(path.relative_to(out)): path.read_bytes() for path in files if path.name not in ("timings.jsonl", ".lock")
    }


class Inline:
    """A crew of one, in this process."""

    def __init__(self, work, most: int | None = None) -> None:
        self.work = work
        self.most = most
        self.tasks: list[Task] = []

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended]:
        for task in tasks:
            if self.most is not None and len(self.tasks) >= self.most:
                raise KeyboardInterrupt
            self.tasks.append(task)
            yield Ended(task, self.work(task), 0.0, "here")


def done(task: Task) -> Outcome:
    """An outcome as if the photo had been edited."""
    return Outcome(image=task.item.image, status="done", output=task.output)


class Recorded:
    """Work that takes a moment, writes a file that tells of its photo alone, and leaves a mark each time it is done."""

    def __init__(self, goal: Goal, marks: Path, seconds: float = 0.0) -> None:
        self.goal = goal
        self.marks = marks
        self.seconds = seconds

    def start(self) -> Recorded:
        return self

    def __call__(self, task: Task) -> Outcome:
        time.sleep(self.seconds)
        with (self.marks / f"{task.number:04d}").open("ab") as file:
            file.write(b"x")
        self.goal.write(task.output, Path(task.base, task.item.image).read_bytes() * 2)
        return done(task)


def marks_of(folder: Path) -> list[int]:
    """How often each photo was worked at, in their order."""
    return [path.stat().st_size for path in sorted(folder.iterdir())]
