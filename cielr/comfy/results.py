"""What a run left: the files that the server saved, byte for byte, and how they are named here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..core.serial import why_not_written, write_bytes
from ..errors import ImageError


@dataclass(frozen=True)
class File:
    """A file on the server, as an output names it.

    Attributes:
        node: id of the node that wrote it; title: what the artist reads on that node.
        type: "output" for what is saved, "temp" for previews, "input".
    """

    node: str
    title: str
    filename: str
    subfolder: str = ""
    type: str = "output"

    @property
    def suffix(self) -> str:
        """Such as ".png"; "" where the server's name has none that is fit for a file."""
        suffix = PurePosixPath(self.filename).suffix
        return suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", suffix) else ""


@dataclass(frozen=True)
class Output(File):
    """One file that was fetched; `data` is what lies on the server."""

    data: bytes = field(default=b"", repr=False)

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Writes the bytes, whole or not at all.

        Raises:
            ImageError: where there is such a file already, or none can be written.
        """
        return _write(Path(path), self.data, overwrite)


@dataclass(frozen=True)
class Text:
    """A text that a node shows, such as the trace of a reasoner."""

    node: str
    title: str
    text: str


@dataclass(frozen=True)
class Result:
    """One run that came to its end.

    Attributes:
        name: of the workflow; server: its address; prompt_id: the server's name of the job.
        outputs: files in the order of the workflow's nodes; texts: what nodes show as text, in the same order.
        ui: node id -> what the node shows in the browser, as the history holds it (texts, files).
        seconds: from the upload to the last file.
        blocked: what a node said that kept others from running, or "".
        left: files that were not asked for (previews).
    """

    name: str
    server: str
    prompt_id: str
    outputs: tuple[Output, ...]
    texts: tuple[Text, ...]
    ui: Mapping[str, Mapping[str, Any]]
    seconds: float
    blocked: str = ""
    left: tuple[File, ...] = ()

    def save(self, path: str | Path, overwrite: bool = False) -> list[Path]:
        """Writes all outputs: one as `path`, several beside each other under names that `names` gives.

        Where the suffix of the path is another than the server's file has, the server's is put in its place: the bytes
        stay what they are.

        Raises:
            ImageError: where a file is there already, before any is written, or none can be written.
        """
        path = Path(path)
        goals = [path.with_name(name) for name in names(path.stem if path.suffix else path.name, self.outputs)]
        for goal in goals:
            _check_free(goal, overwrite)
        return [output.save(goal, overwrite) for output, goal in zip(self.outputs, goals, strict=True)]


def names(stem: str, files: tuple[File, ...] | tuple[Output, ...]) -> list[str]:
    """A name for each file: the stem; with the node's title where several nodes wrote; with a number where one node
    wrote several. No two are the same, also where a file system does not tell capitals apart."""
    nodes = list(dict.fromkeys(file.node for file in files))
    names: list[str] = []
    for file in files:
        same = [other for other in files if other.node == file.node]
        parts = [stem]
        if len(nodes) > 1:
            parts.append(slug(file.title))
        if len(same) > 1:
            parts.append(str(same.index(file) + 1))
        names.append(unique("-".join(parts), file.suffix, names))
    return names


def unique(stem: str, suffix: str, taken: list[str]) -> str:
    """stem + suffix, with a number where that is taken already."""
    folded = {name.casefold() for name in taken}
    number, name = 1, f"{stem}{suffix}"
    while name.casefold() in folded:
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name


def slug(title: str) -> str:
    """A title as a part of a file's name, in any alphabet."""
    return re.sub(r"[\W_]+", "-", title).strip("-").lower()[:60] or "output"


def _check_free(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise ImageError(f"{path} exists already; choose another name, or allow it with --overwrite (overwrite=True).")


def _write(path: Path, data: bytes, overwrite: bool) -> Path:
    _check_free(path, overwrite)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {why_not_written(error)}.") from error
    return path


def check_folder(folder: Path) -> None:
    """Raises:
    ImageError: where no file can be written into it, or no such folder made.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise ImageError(f"{there} is a file, not a folder for outputs.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ImageError(f"The folder {there} is read-only; name another place for the output.")
