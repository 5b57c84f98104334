"""Canonical JSON and safe files: the same value gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the domain types: immutable, unknown fields refused, JSON by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def canonical(value: Any, indent: int | None = None) -> str:
    """JSON with sorted keys and no choice left open; compact without `indent`."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(value, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False)


def write_text(path: Path, text: str) -> None:
    """Writes beside the goal and renames, so that a crash or a full disk leaves the old file or none.

    Raises:
        OSError: as the file system says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sentences(error: Exception) -> str:
    """What a pydantic validation error says, as plain sentences without its links and types."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    parts = []
    for item in error.errors(include_url=False):
        place = ".".join(str(step) for step in item["loc"] if not str(step).endswith(")")) or "the whole"
        parts.append(f"{place}: {item['msg'].removeprefix('Value error, ')}")
    return "; ".join(parts)
