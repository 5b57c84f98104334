"""Shared by the benchmarks: where the project is, best of several runs, peak memory above the start, and a table."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# whoever measures imports this first: the project as it lies here, and what its tests share
sys.path[:0] = [str(folder) for folder in (ROOT, ROOT / "tests", ROOT / "tests" / "support")]


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """The shortest of several runs: the rest is the machine's own doing."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def megabytes(work: Callable[[], object]) -> float:
    """The most resident memory that the work took above what was there before it, sampled every millisecond."""
    gc.collect()
    before = most = _resident()
    stop = threading.Event()

    def watch() -> None:
        nonlocal most
        while not stop.is_set():
            most = max(most, _resident())
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        stop.set()
        watcher.join()
    return (most - before) / 1e6


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def process(*command: str) -> tuple[float, float]:
    """(seconds, peak megabytes) of a whole process, which must succeed."""
    script = (
        "import resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, *command], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    took, peak = out.split()[-2:]
    return float(took), float(peak)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a table with its columns aligned."""
    cells = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    print(f"\n{title}")
    for number, row in enumerate(cells):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
