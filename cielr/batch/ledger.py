"""The ledger of a batch: one line a photo, there whole or not at all whenever the batch is killed.

folder/
    run.json         what the batch is made with; one with other settings is refused
    journal.jsonl    lines in the order in which photos came to their end; gone when all did
    results.jsonl    the same lines in the order of the batch, written when all came to their end
    timings.jsonl    seconds a photo; apart, so that equal batches have equal results
    thumbnails/      before, after and mask of the photos on the contact sheet
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from ..core.journal import Journal, claim, locked, whole_lines
from ..core.serial import why_not_written
from ..errors import CielrError
from .index import Index
from .items import Task
from .outcome import Outcome

RESULTS, JOURNAL = 0, 1
FILES = ("results.jsonl", "journal.jsonl")
SYNC_SECONDS = 1.0
"""A power cut loses the lines of so long, and their photos are edited again; a kill loses none."""


class Ledger:
    """A batch's folder; open with `opened`.

    Attributes:
        index: what is known of items and names; is_finished: whether the results are written.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self.paths = tuple(folder / name for name in FILES)
        self.index = Index()
        self.is_finished = False
        self._synced = time.monotonic()

    @contextmanager
    def opened(self, again: bool = False) -> Iterator[None]:
        """Claims the folder and reads what it holds.

        Args:
            again: what failed is tried again.

        Raises:
            CielrError: where it is another batch's, another process is at it, or nothing can be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder):
                claim(self.folder / "run.json", self.settings, self.paths[RESULTS])
                with (
                    Journal(self.paths[JOURNAL]) as self._journal,
                    Journal(self.folder / "timings.jsonl") as self._times,
                ):
                    self._read(again)
                    yield
                    if not self.is_finished:
                        self._journal.sync()
        except OSError as error:
            raise CielrError(f"The batch cannot be kept in {self.folder}: {why_not_written(error)}.") from error
        finally:
            self.index.close()

    def _read(self, again: bool) -> None:
        """Takes in the lines of earlier runs, and the names that are theirs."""
        for file, path in enumerate(self.paths):
            for number, start, text in whole_lines(path):
                try:
                    line = json.loads(text)
                    key, name, failed = line["key"], line["name"], line["status"] == "failed"
                except (ValueError, KeyError, TypeError) as error:
                    raise CielrError(
                        f"Line {number} of {path} is not a result of a batch; the file was changed by "
                        "something else. Name a new folder with --out."
                    ) from error
                if name:
                    self.index.take(name.casefold())
                if failed and again:
                    self.index.forget(key, name)
                else:
                    self.index.remember(key, file, start)

    def known(self, number: int, key: str) -> bool:
        """Whether an item came to its end in an earlier run; its line is then the result of that number."""
        line = self.index.line(key)
        if line is None:
            return False
        self.index.place(number, *line)
        return True

    def write(self, task: Task, outcome: Outcome, seconds: float, where: str) -> None:
        """The outcome as a line; `where` says which worker or server had it."""
        values = outcome.model_dump(mode="json", exclude_defaults=True) | {"key": task.key, "name": task.output}
        start = self._journal.append(values)
        self._times.append({"key": task.key, "seconds": round(seconds, 3), "where": where})
        self.index.remember(task.key, JOURNAL, start)
        self.index.place(task.number, JOURNAL, start)
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self._journal.sync()
            self._synced = time.monotonic()

    def outcomes(self) -> Iterator[Outcome]:
        """Of all items that came to their end and belong to the batch as it is now, in its order."""
        if self.is_finished:
            yield from read_outcomes(self.folder)
            return
        with self._opened_files() as files:
            for file, start in self.index.placed():
                yield outcome_of(_line_at(files[file], start))

    def finish(self) -> Path:
        """Writes the results in the order of the batch, when all came to their end; their file."""
        self._journal.sync()
        part = self.folder / ".results.part"
        with self._opened_files() as files, part.open("wb") as results:
            for file, start in self.index.placed():
                results.write(_line_at(files[file], start))
            results.flush()
            os.fsync(results.fileno())
        os.replace(part, self.paths[RESULTS])
        # what a kill leaves here is read as well, and gives the same results
        self._journal.close()
        self.paths[JOURNAL].unlink()
        self.is_finished = True
        return self.paths[RESULTS]

    @contextmanager
    def _opened_files(self) -> Iterator[Mapping[int, BinaryIO]]:
        files = {number: path.open("rb") for number, path in enumerate(self.paths) if path.exists()}
        try:
            yield files
        finally:
            for file in files.values():
                file.close()


def read_outcomes(folder: Path) -> Iterator[Outcome]:
    """Of a batch that came to its end, in its order."""
    for _, _, text in whole_lines(folder / FILES[RESULTS]):
        yield outcome_of(text)


def outcome_of(text: bytes) -> Outcome:
    """The outcome of a ledger's line.

    Raises:
        CielrError: where it is none.
    """
    try:
        values = json.loads(text)
        return Outcome.model_validate({name: value for name, value in values.items() if name not in ("key", "name")})
    except (ValueError, AttributeError, ValidationError) as error:
        raise CielrError(
            "A line of the ledger is not a result of a batch; the file was changed by something else. "
            "Name a new folder with --out."
        ) from error


def _line_at(file: BinaryIO, start: int) -> bytes:
    file.seek(start)
    return file.readline()
