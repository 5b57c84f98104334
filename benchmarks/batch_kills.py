"""kill -9, twenty times in one batch, at moments made up at random: the results are those of an unbroken one, byte for
byte. Prints what was done how often; exits with 1 where a byte differs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _measure  # noqa: F401 - finds what the tests share
import numpy as np
from batches import command, photo_folder, result_of
from cli_help import environment

KILLS, PHOTOS = 20, 60


def journal(out: Path) -> int:
    """Lines of the ledger."""
    files = [out / "cielr-batch" / name for name in ("journal.jsonl", "results.jsonl")]
    return max(file.read_bytes().count(b"\n") if file.exists() else 0 for file in files)


def killed(photos: Path, out: Path, wanted: int, seconds: float) -> bool:
    """Starts the batch and kills it when the ledger has so many lines, and a moment later; whether it still ran."""
    process = subprocess.Popen(command(photos, out, "-w", "2"), env=environment(), stderr=subprocess.DEVNULL)
    while process.poll() is None and journal(out) < wanted:
        time.sleep(0.002)
    time.sleep(seconds)
    is_alive = process.poll() is None
    process.kill()
    process.wait()
    return is_alive


def main() -> int:
    random = np.random.default_rng(17)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = photo_folder(folder / "photos", PHOTOS)
        subprocess.run(command(photos, folder / "whole"), env=environment(), check=True)
        kills = 0
        for number in range(KILLS):
            wanted = round((number + 0.5) * PHOTOS / KILLS)
            kills += killed(photos, folder / "broken", wanted, float(random.uniform(0, 0.25)))
        subprocess.run(command(photos, folder / "broken"), env=environment(), check=True)
        whole, broken = result_of(folder / "whole"), result_of(folder / "broken")
        differ = sorted(name for name in {*whole, *broken} if whole.get(name) != broken.get(name))
        times = (folder / "broken" / "cielr-batch" / "timings.jsonl").read_bytes().count(b"\n")
        print(f"{kills} kills; {PHOTOS} photos edited {times} times as the ledger has it; {len(differ)} files differ")
        for path in differ:
            print(f"  {path}")
        return int(bool(differ) or kills < KILLS // 2)


if __name__ == "__main__":
    sys.exit(main())
