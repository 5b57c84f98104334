"""Batches: photos a second with one and two processes beside a shell loop of `cielr edit`, what a photo costs besides
its edit, and the memory of the process that hands out the work for a manifest of a million lines.

The photos are rendered, of 480 x 360 pixels; the edit is a removal with built-in eyes and fill. The three ways take
turns within each round, so that whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _measure import ROOT, table
from PIL import Image

from cielr.batch import BatchSettings, Outcome, Task, run_batch
from cielr.batch.places import Goal
from cielr.batch.processes import ProcessCrew
from cielr.batch.source import Source

PHOTOS = 24
LOOPED = 4
"""Of them, by `cielr edit`: each start takes a second."""
ROUNDS = 3
INSTANT = 3000
LINES = 1_000_000
WORDS = "remove the largest disc"


def photos(folder: Path) -> Path:
    folder.mkdir()
    y, x = np.mgrid[:360, :480]
    for number in range(PHOTOS):
        random = np.random.default_rng(number)
        image = np.full((360, 480, 3), (40, 90, 60), np.uint8) + random.integers(0, 9, (360, 480, 3), np.uint8)
        for k in range(3):
            radius = 30 + 12 * k + int(random.integers(0, 6))
            image[(x - 90 - 145 * k) ** 2 + (y - 180) ** 2 <= radius**2] = random.integers(100, 255, 3)
        Image.fromarray(image).save(folder / f"{number:03d}.png")
    return folder


def cielr(*words: object) -> float:
    """Seconds of a command."""
    began = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "cielr", *map(str, words), "--quiet"], check=True, env=environment)
    return time.perf_counter() - began


def batch_rate(folder: Path, out: Path, workers: int) -> tuple[float, float]:
    """(photos a second from the first one that came to its end to the last, since a start is paid once; seconds of
    processors that a photo cost with all starts, which other programs on the machine change little)."""
    shutil.rmtree(out, ignore_errors=True)
    script = (
        "import resource, sys, time\n"
        "from cielr.batch.run import run_batch\n"
        "import cielr.cli.batch as command, cielr.batch\n"
        "times = []\n"
        "real = cielr.batch.run_batch\n"
        "def timed(settings, crew, on_progress):\n"
        "    return real(settings, crew, lambda progress, outcome: outcome and times.append(time.perf_counter()))\n"
        "cielr.batch.run_batch = timed\n"
        "from cielr.cli.main import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(times[-1] - times[0], len(times) - 1, used.ru_utime + used.ru_stime)\n"
    )
    words = ["batch", folder, WORDS, "-l", "disc", "-o", out, "-w", workers, "--sheet", 0, "--quiet"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", script, *map(str, words)], check=True, env=environment, capture_output=True, text=True
    )
    took, count, used = ran.stdout.split()
    return int(count) / float(took), float(used) / (int(count) + 1)


def loop_rate(folder: Path, out: Path) -> float:
    """Photos a second by one `cielr edit` after the other, as a shell does it."""
    out.mkdir(exist_ok=True)
    names = sorted(folder.iterdir())[:LOOPED]
    took = sum(cielr("edit", name, WORDS, "-l", "disc", "-o", out / name.name, "--overwrite") for name in names)
    return LOOPED / took


def instant():
    """A worker that edits nothing."""
    return _instant


def _instant(task: Task) -> Outcome:
    return Outcome(image=task.item.image, status="done", output=task.output)


def settings(source: Path, out: Path) -> BatchSettings:
    home = out / "cielr-batch"
    return BatchSettings(Source((str(source),)), Goal(str(out), str(home / "parts")), home, {}, on_sheet=0)


def manifest(path: Path, lines: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            file.write(f'{{"image":"photos/{number % 1000:03d}/{number:07d}.jpg","instruction":"{WORDS}"}}\n')
    return path


class Nobody:
    """A crew that takes no time at all: what is left is the hand-out and the ledger."""

    def run(self, tasks):
        from cielr.batch.crew import Ended

        for task in tasks:
            yield Ended(task, _instant(task), 0.0, "")


def overhead(folder: Path) -> float:
    """Milliseconds that a photo costs besides its edit, with two processes."""
    source = manifest(folder / "instant.jsonl", INSTANT)
    times: list[float] = []
    run_batch(
        settings(source, folder / "instant"),
        ProcessCrew(instant, 2),
        lambda progress, outcome: times.append(time.perf_counter()),
    )
    return 1000 * (times[-1] - times[1]) / (len(times) - 2)


def memory(folder: Path) -> tuple[float, float]:
    """(peak megabytes, seconds) of a process that goes through a manifest of a million lines and its ledger."""
    source = manifest(folder / "million.jsonl", LINES)
    began = time.perf_counter()
    code = "import batch, sys; from pathlib import Path; batch.go(*map(Path, sys.argv[1:]))"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(source), str(folder / "million")],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return float(ran.stdout), time.perf_counter() - began


def go(source: Path, out: Path) -> None:
    """Runs the batch of a manifest and prints this process's peak megabytes."""
    summary = run_batch(settings(source, out), Nobody())
    assert summary.done == LINES
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = photos(folder / "photos")
        rates: dict[str, list[float]] = {"loop": [], "1": [], "2": []}
        work: dict[str, list[float]] = {"1": [], "2": []}
        for _ in range(ROUNDS):
            rates["loop"].append(loop_rate(source, folder / "loop"))
            for workers in (1, 2):
                rate, used = batch_rate(source, folder / "out", workers)
                rates[str(workers)].append(rate)
                work[str(workers)].append(used)
        best = {way: max(several) for way, several in rates.items()}
        efficiency = sorted(b / (2 * a) for a, b in zip(rates["1"], rates["2"], strict=True))[ROUNDS // 2]
        rows = [
            ("cielr edit, one after the other", f"{best['loop']:.2f}", "1.0"),
            ("cielr batch, 1 process", f"{best['1']:.2f}", f"{best['1'] / best['loop']:.1f}"),
            ("cielr batch, 2 processes", f"{best['2']:.2f}", f"{best['2'] / best['loop']:.1f}"),
        ]
        table(f"{PHOTOS} photos of 480 x 360, a removal", ("way", "photos/s", "times the loop"), rows)
        print(
            f"  efficiency of the second process (median of {ROUNDS}): {efficiency:.2f}; where other programs share the"
        )
        print(f"  cores, see the work of a photo: {min(work['1']):.2f} s with one, {min(work['2']):.2f} s with two")
        print(f"\nBesides its edit a photo costs {overhead(folder):.2f} ms, with two processes and the ledger.")
        peak, took = memory(folder)
        print(f"A manifest of {LINES:,} lines takes {peak:.0f} MB at most, {took:.0f} s with its ledger.")


if __name__ == "__main__":
    main()
