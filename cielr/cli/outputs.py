"""The files that commands write: names checked before the work, whole or not there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CielrError, ImageError

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..telling.trace import Trace


def beside(image: Path) -> Path:
    """Where an edited photo goes that was given no name: NAME-edited, in the photo's format if it can be written."""
    from ..photos.photo import FORMATS

    suffix = image.suffix if image.suffix.lower() in FORMATS else ".png"
    return image.with_name(f"{image.stem}-edited{suffix}")


def text_goal(output: Path | None, name: str, overwrite: bool) -> Path | None:
    """The file that a scene or a plan is to be written to, checked before the work."""
    if output is None:
        return None
    goal = output if output.suffix.lower() == ".json" else output / name
    if goal.exists() and not overwrite:
        raise ImageError(f"{goal} exists already; choose another name, or allow it with --overwrite.")
    return goal


def write_text(path: Path, text: str) -> None:
    """Writes a scene or a plan; ImageError where that cannot be done."""
    from ..core import serial

    try:
        serial.write_text(path, text)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from error


def save_trace(trace: Trace, folder: Path, photo: Photo) -> None:
    try:
        trace.save(folder, original=photo.pixels)
    except CielrError as error:
        # to the caller it is one more output that cannot be written
        raise ImageError(str(error)) from error


def save_broken_trace(error: Exception, folder: Path | None, photo: Photo) -> None:
    """How far it came, where a trace was asked for; the failure itself stays the news."""
    from ..telling.trace import error_trace

    found = error_trace(error)
    if folder is None or found is None:
        return
    try:
        found.save(folder, original=photo.pixels)
    except CielrError as second:
        print(second, file=sys.stderr)
