"""Canonical JSON and safe files: the same value gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
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
    """As `write_bytes`, in UTF-8; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Writes beside the goal and renames, so that a crash or a full disk leaves the old file or none.

    Raises:
        OSError: as the file system says.
    """
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        # not mkstemp, which would leave a file that only its owner may read
        with temporary.open("xb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
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
