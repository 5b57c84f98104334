"""What the pack adds to ComfyUI's start: its own log line, and a finer clock beside ComfyUI's own extra nodes.

Needs the checkout and the venv of `make comfyui-test`; says so where they are missing.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from _measure import ROOT, table

from cielr.weights.folders import find_comfyui

PYTHON = ROOT / ".venv-comfyui" / "bin" / "python"
RUNS = 5

CLOCK = """
import asyncio, sys, time
import comfy.options
comfy.options.enable_args_parsing()
import nodes
asyncio.run(nodes.load_custom_node("comfy_extras/nodes_mask.py", module_parent="comfy_extras"))
for path in {paths!r}:
    start = time.perf_counter()
    assert asyncio.run(nodes.load_custom_node(path)), path
    print("took", time.perf_counter() - start)
"""
"""Loads each path as ComfyUI does; what all packs share is loaded before the clock runs."""


def seconds(comfy: Path, paths: list[str]) -> list[float]:
    """Loading each path, in a fresh process."""
    command = [str(PYTHON), "-c", CLOCK.format(paths=paths), "--cpu"]
    output = subprocess.run(command, cwd=comfy, capture_output=True, text=True, check=True).stdout
    return [float(line.split()[1]) for line in output.splitlines() if line.startswith("took")]


def log_line(comfy: Path, pack: Path) -> str:
    with tempfile.TemporaryDirectory() as base:
        nodes = Path(base) / "custom_nodes"
        nodes.mkdir()
        (nodes / "cielr").symlink_to(pack)
        command = [str(PYTHON), "main.py", "--cpu", "--quick-test-for-ci", "--base-directory", base]
        command += ["--database-url", "sqlite:///:memory:", "--disable-api-nodes"]
        command += ["--disable-all-custom-nodes", "--whitelist-custom-nodes", "cielr"]
        done = subprocess.run(command, cwd=comfy, capture_output=True, text=True)
    line = re.search(r"^.*seconds.*cielr$", done.stdout + done.stderr, re.MULTILINE)
    return re.sub(r": /.*", ": cielr", line[0].strip()) if line else "ComfyUI's log says nothing of the pack."


def main() -> None:
    comfy = find_comfyui()
    if comfy is None or not PYTHON.exists():
        print("Skipped: there is no ComfyUI with its venv; 'make comfyui-test' sets it up.")
        return
    print(f"ComfyUI's log: {log_line(comfy, ROOT)}")
    beside = ["comfy_extras/nodes_post_processing.py", "comfy_extras/nodes_lt.py"]
    times = list(zip(*(seconds(comfy, [*beside, str(ROOT)]) for _ in range(RUNS)), strict=True))
    rows = [*(Path(path).name + " (ComfyUI's own)" for path in beside), "this pack"]
    middles = [statistics.median(values) for values in times]
    cells = [(name, f"{took:.3f} s", f"{middles[-1] / took:.1f}") for name, took in zip(rows, middles, strict=True)]
    table("Loading", ("pack", "seconds", "ratio"), cells)


if __name__ == "__main__":
    sys.exit(main())
