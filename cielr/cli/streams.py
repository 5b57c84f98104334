"""The standard streams as files: `-` is the standard input where something is read, the standard output where it is
written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import ImageError, PlanError, SceneError

if TYPE_CHECKING:
    from ..actions import Plan
    from ..core.scene import Scene
    from ..photos.photo import Photo

STREAM = Path("-")
MOST_BYTES = 2_000_000_000
"""Of a photo on the standard input; a text has its own, smaller limits."""


def is_stream(path: Path | None) -> bool:
    return path == STREAM


def check_streams(**inputs: Path | None) -> None:
    """Raises BadParameter where two inputs, named as the user knows them, are to be the standard input."""
    taken = [name for name, path in inputs.items() if is_stream(path)]
    if len(taken) > 1:
        raise typer.BadParameter(f"{' and '.join(taken)} cannot both be the standard input (-).")


def photo_from(path: Path, max_pixels: int) -> Photo:
    """The photo of a path, or on the standard input.

    Raises:
        ImageError: as `read_photo`.
    """
    from ..photos.photo import read_photo

    if not is_stream(path):
        return read_photo(path, max_pixels)
    return read_photo(_standard_input(MOST_BYTES), max_pixels, "The photo on the standard input")


def photo_of_scene(path: Path, scene: Scene, max_pixels: int) -> Photo:
    """As `photo_from`; SceneError where the photo is of another size than the scene."""
    photo = photo_from(path, max_pixels)
    if (photo.width, photo.height) != (scene.width, scene.height):
        raise SceneError(
            f"{path} is {photo.width} x {photo.height} pixels and the scene {scene.width} x {scene.height}; "
            "name the photo that the scene was made of."
        )
    return photo


def scene_from(path: Path, max_pixels: int) -> Scene:
    """The scene of a path, or on the standard input.

    Raises:
        SceneError: as `Scene.load`.
    """
    from ..core.scene import MOST_BYTES as MOST
    from ..core.scene import Scene

    if not is_stream(path):
        return Scene.load(path, max_pixels)
    try:
        return Scene.from_json(_text(MOST), max_pixels)
    except (ValueError, SceneError) as error:
        raise SceneError(f"No scene can be read from the standard input: {_clause(error)}") from error


def plan_from(path: Path) -> Plan:
    """The plan of a path, or on the standard input.

    Raises:
        PlanError: as `Plan.load`.
    """
    from ..actions import Plan
    from ..actions.plan import MOST_BYTES as MOST

    if not is_stream(path):
        return Plan.load(path)
    try:
        return Plan.from_json(_text(MOST))
    except (ValueError, PlanError) as error:
        raise PlanError(f"No plan can be read from the standard input: {_clause(error)}") from error


def write_bytes_out(data: bytes) -> None:
    """A file's bytes on the standard output, and nothing else there."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def suffix_for(photo: Photo, wanted: str | None) -> str:
    """The suffix of a photo that is written without a name: as the user wants it, or as the photo's own format.

    Raises:
        ImageError: where no photo can be written so.
    """
    from ..photos.write import FORMATS

    if wanted is not None:
        suffix = f".{wanted.lower().lstrip('.')}"
        if suffix not in FORMATS:
            raise ImageError(f"'{wanted}' is not an image format that can be written; use one of {', '.join(FORMATS)}.")
        return suffix
    return next((suffix for suffix, kind in FORMATS.items() if kind == photo.format), ".png")


def _standard_input(most: int) -> bytes:
    if sys.stdin.isatty():
        raise typer.BadParameter("- is the standard input, and nothing is piped into it.")
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ImageError(f"There are more than {most / 1e6:,.0f} MB on the standard input; name the file instead.")
    return data


def _text(most: int) -> str:
    try:
        return _standard_input(most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not text in UTF-8.") from error


def _clause(error: Exception) -> str:
    return str(error).replace("This", "this", 1)
