"""The files that commands write: every name is checked before the work, and each file is whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CielrError, ImageError

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..telling.trace import Trace

MOST_OF_NAME = 255
"""Bytes that a file's name has on most systems."""


def beside(image: Path) -> Path:
    """Where an edited photo goes that was given no name: NAME-edited, in the photo's format if it can be written."""
    from ..photos.write import FORMATS

    if not image.name:
        raise ImageError(f"{image} is a folder, not an image.")
    suffix = image.suffix if image.suffix.lower() in FORMATS else ".png"
    ending = f"-edited{suffix}"
    stem = image.stem
    while len(os.fsencode(stem + ending)) > MOST_OF_NAME:
        stem = stem[:-1]
    return image.with_name(stem + ending)


def text_goal(output: Path | None, name: str, overwrite: bool) -> Path | None:
    """The file that a scene or a plan is to be written to, checked before the work."""
    if output is None:
        return None
    goal = output if output.suffix.lower() == ".json" else output / name
    check_goal(goal, overwrite)
    return goal


def check_goal(goal: Path, overwrite: bool) -> None:
    """Raises ImageError where a file cannot be written there: one that exists, a folder, a place without access.

    Folders that are missing are no hindrance; writing a text makes them.
    """
    from ..core.serial import why_unusable

    if why := why_unusable(goal):
        raise ImageError(f"{goal} cannot be written: {why}.")
    if os.path.isdir(goal):
        raise ImageError(f"{goal} is a folder; name a file in it.")
    if os.path.lexists(goal) and not overwrite:
        raise ImageError(f"{goal} exists already; choose another name, or allow it with --overwrite.")
    folder = goal.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not os.path.isdir(folder):
        raise ImageError(f"{goal} cannot be written: {folder} is a file, not a folder; name another place.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImageError(f"The folder {folder} is read-only; name another place for the output.")


def check_inside(folder: Path, names: Iterable[str], overwrite: bool) -> None:
    """As `check_goal` for files in a folder whose names are ours: a link there may not lead out of it.

    Who names a link as the output means the file that it leads to; who names a folder means that folder.
    """
    for name in names:
        goal = folder / name
        check_goal(goal, overwrite)
        if os.path.islink(goal) and Path(os.path.realpath(folder)) not in Path(os.path.realpath(goal)).parents:
            raise ImageError(
                f"{goal} is a link to {os.path.realpath(goal)}, outside of that folder; remove it, or name another "
                "folder."
            )


def check_trace(folder: Path | None, overwrite: bool) -> None:
    """Raises ImageError where a trace cannot be written into a folder, or one is there already."""
    if folder is None:
        return
    from ..telling.page import FILES

    check_inside(folder, FILES, overwrite)


def check_record(file: Path | None, overwrite: bool) -> None:
    """Raises ImageError where a record cannot be written. One that may be overwritten is begun anew."""
    if file is None:
        return
    check_goal(file, overwrite)
    if file.is_file():
        write_text(file, "")


def check_apart(goals: dict[str, Path | None]) -> None:
    """Raises ImageError where two outputs, named by their options, are one file."""
    taken: dict[str, str] = {}
    for option, goal in goals.items():
        if goal is None:
            continue
        first = taken.setdefault(os.path.realpath(goal), option)
        if first != option:
            raise ImageError(f"{first} and {option} both name {goal}; give each a file of its own.")


def write_text(path: Path, text: str) -> None:
    """Writes a scene or a plan; ImageError where that cannot be done."""
    from ..core import serial

    try:
        serial.write_text(path, text)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {serial.why_not_written(error)}.") from error


@contextmanager
def after(written: Path | None) -> Iterator[None]:
    """Names the file that is written already in the failure of what is written next."""
    try:
        yield
    except CielrError as error:
        if written is None:
            raise
        raise ImageError(f"{written} is written, but what comes with it is not: {error}") from error


def save_trace(trace: Trace, folder: Path, photo: Photo, goal: Path) -> None:
    """Writes the trace of an edit whose photo is written already; ImageError where that cannot be done."""
    from ..telling import page

    try:
        page.save_trace(trace, folder, original=photo.pixels)
    except CielrError as error:
        raise ImageError(f"{goal} is written, but its trace is not: {error}") from error


def save_broken_trace(error: Exception, folder: Path | None, photo: Photo) -> None:
    """How far it came, where a trace was asked for; the failure itself stays the news."""
    from ..telling import page
    from ..telling.trace import error_trace
    from .terminal import complain

    trace = error_trace(error)
    if folder is None or trace is None:
        return
    try:
        page.save_trace(trace, folder, original=photo.pixels)
    except CielrError as second:
        complain(str(second))
