"""Files of JSON lines that survive a kill: a line is there whole or not at all, and one process writes at a time."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import CielrError
from .serial import canonical, write_text

_BLOCK = 1 << 16


class Journal:
    """A file that lines are appended to; a context manager.

    Raises:
        OSError: as the file system says.
    """

    def __init__(self, path: Path) -> None:
        close_cut_line(path)
        self._file = path.open("ab")

    def append(self, value: Mapping[str, Any]) -> int:
        """Puts a line at the end; the byte at which it begins. It outlives a kill of this process, but not yet a power
        cut: see `sync`."""
        start = self._file.tell()
        self._file.write(canonical(dict(value)).encode("utf-8") + b"\n")
        self._file.flush()
        return start

    def sync(self) -> None:
        """All lines are on the disk when this returns."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """A line of JSON at the end of a file, on the disk when this returns."""
    with Journal(path) as journal:
        journal.append(value)
        journal.sync()


def close_cut_line(path: Path) -> None:
    """Takes away a last line that a kill cut off."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _BLOCK)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            file.truncate(end)


def whole_lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(number from 1 on, byte at which it begins, text) of every line but empty ones and one that is cut off."""
    if not path.exists():
        return
    start = 0
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.endswith(b"\n"):
                return
            if text.strip():
                yield number, start, text[:-1]
            start += len(text)


def claim(path: Path, settings: Mapping[str, Any], results: Path) -> None:
    """Writes down what a run is made with, or holds it against what is there.

    Args:
        path: of the settings; results: of what a run with settings has made.

    Raises:
        CielrError: where the run was begun with other settings, or its results have none.
    """
    if not path.exists():
        if results.exists():
            raise CielrError(
                f"{path.parent} holds results without the settings that they were made with; name a new folder."
            )
        write_text(path, canonical(dict(settings), indent=1) + "\n")
        return
    before = read_claim(path)
    changed = [name for name in {**before, **settings} if settings.get(name) != before.get(name)]
    if changed:
        words = "; ".join(f"{name} was {before.get(name)!r} and is {settings.get(name)!r} now" for name in changed)
        raise CielrError(
            f"{path.parent} was begun with other settings ({words}). Results do not mix: name a new folder, or go on "
            "as before."
        )


def read_claim(path: Path) -> dict[str, Any]:
    """The settings that `claim` wrote.

    Raises:
        CielrError: where there are none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CielrError(f"{path.parent} holds no run: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise CielrError(f"{path} does not hold a run's settings: {error}.") from error
    if not isinstance(value, dict):
        raise CielrError(f"{path} does not hold a run's settings: names and values in braces are missing.")
    return value


def file_stem(name: str) -> str:
    """A file's name for any text: readable, and its own."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:80]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps a second process out of a run's folder; the system gives the lock back when a process is killed.

    Raises:
        CielrError: where another process has it.
    """
    with (folder / ".lock").open("ab") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            # Windows: a byte of the file
            import msvcrt

            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
            except OSError as error:
                raise CielrError(f"Another process is at the run in {folder}; wait for it, or stop it.") from error
        except BlockingIOError as error:
            raise CielrError(f"Another process is at the run in {folder}; wait for it, or stop it.") from error
        yield
