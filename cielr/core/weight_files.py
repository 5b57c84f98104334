"""Files of models that strangers made, read within bounds: what a header claims is checked before room is made."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

MOST_JSON = 16 << 20
"""Bytes of a config, an index or a list that is read; real ones have some hundred kilobytes."""
MOST_HEADER = 100_000_000
"""Bytes of a safetensors header, as the format itself has it."""
MODEL_SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".sft", ".onnx", ".pkl")
"""Of files that hold a model of any kind."""
FILL_SUFFIXES = (".safetensors", ".pt", ".pth", ".ckpt")
"""Of files that may hold a network which fills holes."""
SPARSE = 0.1
"""Share of a file's bytes below which what lies on the disk is mostly holes; weights hardly compress."""


def small_json(file: Path) -> Any:
    """What a JSON file says.

    Raises:
        ValueError: where it is too large, no JSON, or nested without end; OSError: where it cannot be read.
    """
    with file.open("rb") as source:
        data = source.read(MOST_JSON + 1)
    if len(data) > MOST_JSON:
        raise ValueError(f"{file} has more than {MOST_JSON >> 20} MB, which no such file has.")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError(f"{file} is nested without end.") from error


def tensors_problem(file: Path) -> str:
    """What is wrong with a safetensors file as far as its header tells, "" where nothing is: "is cut short"."""
    try:
        with file.open("rb") as source:
            size = file.stat().st_size
            (length,) = struct.unpack("<Q", source.read(8))
            if length > size - 8:
                return "is cut short"
            if length > MOST_HEADER:
                return f"has a header of {length:,} bytes, over the format's limit"
            header = json.loads(source.read(length))
        end = max((_end(entry) for name, entry in header.items() if name != "__metadata__"), default=0)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except struct.error:
        return "is cut short"
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return "has a header that is not a safetensors header"
    if size < 8 + length + end:
        return "is cut short"
    return "is sparse: most of its bytes are holes, not weights" if is_sparse(file) else ""


def _end(entry: dict[str, Any]) -> int:
    first, last = entry["data_offsets"]
    if type(first) is not int or type(last) is not int or not 0 <= first <= last:
        raise ValueError("These are no offsets.")
    return last


def is_sparse(file: Path) -> bool:
    """Whether most of a file is holes, which take no room until they are read."""
    facts = file.stat()
    # not every system tells, and some tell 0
    blocks = getattr(facts, "st_blocks", 0)
    return facts.st_size > 1 << 20 and 0 < 512 * blocks < SPARSE * facts.st_size
