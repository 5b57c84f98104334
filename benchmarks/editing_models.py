"""What surrounds the model when diffusers paints: scaling, padding, masks, the callbacks, and giving memory back.

Tiny pipelines of the real classes, at their real working size where a processor can bear it. Overhead is the whole of
`inpaint` less the pipeline's own call.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import _measure  # noqa: F401 - finds what the tests share
import conftest  # noqa: F401 - a torchvision that does not fit must not break transformers
import numpy as np
import tiny_pipelines
import torch
from _measure import seconds, table

from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter


def overhead(painter: DiffusersInpainter, image: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """(seconds of inpaint, seconds of it outside the pipeline), the best of three by what is outside."""
    pipe_seconds = 0.0
    painter.inpaint(image, mask, "a cup", "", 1.0, 0)
    kind = type(painter._pipe)
    call = kind.__call__

    def timed(self, *args, **named):
        nonlocal pipe_seconds
        start = time.perf_counter()
        result = call(self, *args, **named)
        pipe_seconds = time.perf_counter() - start
        return result

    best = (float("inf"), float("inf"))
    kind.__call__ = timed
    try:
        for _ in range(3):
            start = time.perf_counter()
            painter.inpaint(image, mask, "a cup", "", 1.0, 0, lambda done, total: None)
            whole = time.perf_counter() - start
            best = min(best, (whole, whole - pipe_seconds), key=lambda pair: pair[1])
    finally:
        kind.__call__ = call
    return best


def main() -> None:
    torch.set_num_threads(2)
    rows, loads = [], []
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("sd15", 512), ("sd15_inpaint", 512), ("sdxl_inpaint", 1024), ("flux_fill", 512)):
            path = Path(tiny_pipelines.save(name, f"{folder}/{name}"))
            painter = DiffusersInpainter(path, device="cpu", steps=2, size=size)
            for side in (512, 1024, 2048):
                image = rng.random((side, side, 3), dtype=np.float32)
                mask = np.zeros((side, side), dtype=np.float32)
                mask[side // 4 : side // 2, side // 4 : side // 2] = 1
                whole, outside = overhead(painter, image, mask)
                rows.append((name, size, f"{side} x {side}", f"{whole:.2f} s", f"{outside * 1000:.0f} ms"))

            def load(path=path) -> None:
                DiffusersInpainter(path, device="cpu")._loaded("none")

            loads.append((name, f"{seconds(load, 3):.2f} s", f"{seconds(painter.release, 1) * 1000:.0f} ms"))
    table(
        "DiffusersInpainter: everything but the pipeline (float32 crops)",
        ("model", "drawn at", "crop", "inpaint", "of it not the pipeline"),
        rows,
    )
    table("Loading a tiny pipeline, and giving it back", ("model", "load", "release"), loads)


if __name__ == "__main__":
    main()
