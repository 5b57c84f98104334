"""ComfyUI as a library, for the scripts that write tiny models: their arguments are COMFY_DIR OUT_DIR [name ...]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def as_library(usage: str | None) -> tuple[Path, Path, list[str]]:
    """(the checkout, which can be imported from now on; the folder of models to write to; the names asked for)."""
    if len(sys.argv) < 3:
        sys.exit(usage)
    checkout, out, *names = sys.argv[1:]
    # ComfyUI parses them too
    sys.argv = sys.argv[:1]
    sys.path[:0] = [str(Path(checkout).resolve()), str(Path(__file__).resolve().parent / "node_pack")]
    import comfy.options

    comfy.options.enable_args_parsing(False)
    from comfy.cli_args import args

    args.cpu = True
    return Path(checkout).resolve(), Path(out).resolve() / "models", names


def write(path: Path, weights: Any) -> None:
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(weights, path)
    print(path.name, path.stat().st_size)
