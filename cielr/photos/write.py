"""Photos into files: whole or not at all, with all that belongs to them, and a word on what a format cannot hold."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..core.serial import goal_of, why_not_written, why_unusable, write_bytes
from ..errors import ImageError
from .encode import Belongings, png, tiff
from .metadata import SEGMENT, jpeg_segments, lost, without_lost
from .photo import Photo, need_heif, reason_of

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".avif": "AVIF",
}
"""By the suffix of an output file."""
DEEP = ("PNG", "TIFF")
"""Formats that are written with 16 bits a channel."""
LOSSY = ("JPEG", "WEBP", "HEIF", "AVIF")
OPAQUE = ("JPEG", "BMP")
QUALITY = 95
"""Of a lossy format where none is given: no visible loss, and a third of the size of 100."""


def check_output(
    path: str | Path, like: Photo | None = None, overwrite: bool = False, quality: int | None = None
) -> Path:
    """The file to be written, if a photo can be; asked before the work, so that nobody waits in vain.

    It is the path, or what it leads to where it is a symbolic link: the link itself stays.

    Raises:
        ImageError: for an unknown suffix, a file that exists, a folder that is missing or read-only, transparency that
            the format cannot hold, a quality out of range or for a format without one; MissingDependency: for HEIC
            without pillow-heif.
    """
    path = Path(path)
    check_format(path, like, quality)
    if why := why_unusable(path):
        raise ImageError(f"{path} cannot be written: {why}.")
    if os.path.isdir(path):
        raise ImageError(f"{path} is a folder; name a file in it.")
    taken, path = os.path.lexists(path), goal_of(path)
    folder = path.parent
    if not os.path.isdir(folder):
        raise ImageError(f"The folder {folder} for the output does not exist; make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImageError(f"The folder {folder} is read-only; name another place for the output.")
    if taken and not overwrite:
        raise ImageError(f"{path} exists already; choose another name, or allow it with --overwrite (overwrite=True).")
    return path


def check_format(path: Path, like: Photo | None = None, quality: int | None = None) -> None:
    """Raises what `check_output` does about the format alone, which the path's suffix says."""
    kind = _format(path)
    if quality is not None and kind not in LOSSY:
        raise ImageError(
            f"{path.suffix} keeps every pixel and takes no quality; that is for JPEG, WebP, HEIC and AVIF."
        )
    if quality is not None and not 1 <= quality <= 100:
        raise ImageError(f"The quality is a number from 1 to 100, not {quality}.")
    if like is not None and kind in OPAQUE and like.is_see_through:
        raise ImageError(f"{path.suffix} cannot hold what is transparent in the picture; choose .png, .webp or .tif.")


def write_photo(
    path: str | Path,
    pixels: np.ndarray,
    like: Photo | None = None,
    overwrite: bool = False,
    quality: int | None = None,
    small: bool = False,
) -> Path:
    """Writes pixels to a file, in the format of its suffix, with the profile, EXIF, resolution and alpha of `like`.

    The file appears whole or not at all: it is written beside its goal and renamed. What of `like` it has no place for
    says `left_out`.

    Args:
        pixels: uint8 or float32 in [0, 1], [H, W, 3].
        like: the photo that they were made from; 16 bits and grey are kept where format and pixels allow.
        quality: 1 … 100 for JPEG, WebP (100: lossless), HEIC and AVIF; 95 where not given.
        small: PNG and TIFF are compressed hard, which takes tens of times as long.

    Returns:
        The file that was written, which is not the path where that is a symbolic link.

    Raises:
        ImageError, MissingDependency: as `check_output`, and where the disk is full or the format cannot hold it.
    """
    goal = check_output(path, like, overwrite, quality)
    _put(goal, photo_bytes(path, pixels, like, quality, small))
    return goal


def photo_bytes(
    path: str | Path, pixels: np.ndarray, like: Photo | None = None, quality: int | None = None, small: bool = False
) -> bytes:
    """What `write_photo` would write to a file of that name.

    Raises:
        ImageError: where the pixels are no image, or the format cannot hold them.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype not in (np.uint8, np.float32):
        raise ImageError(f"An image to write is uint8 or float32 [H, W, 3], not {pixels.dtype} {list(pixels.shape)}.")
    if pixels.dtype == np.float32 and not np.isfinite(pixels).all():
        raise ImageError(
            "The edited image holds values that are not numbers (NaN or infinite), so it was not "
            "written; look at what painted it."
        )
    like = like or Photo(pixels)
    if like.alpha is not None and like.alpha.shape != pixels.shape[:2]:
        raise ImageError(f"The image is {pixels.shape[1]} x {pixels.shape[0]} pixels, its alpha is another size.")
    try:
        return _encoded(_format(Path(path)), pixels, like, quality, small)
    except MemoryError as error:
        raise ImageError(
            f"{path} cannot be written: there is not enough memory; another format, such as BMP, may need less."
        ) from error
    except Exception as error:
        # encoders raise whatever they like where a format cannot hold a picture
        raise ImageError(f"{path} cannot be written in this format: {reason_of(error)}.") from error


def left_out(path: str | Path, like: Photo) -> str:
    """A sentence on what belongs to a photo and does not get into a file of that name; "" where all of it does."""
    kind = _format(Path(path))
    words = ["the colour profile"] if like.icc and kind == "BMP" else []
    if like.exif and (kind == "BMP" or (kind == "JPEG" and len(like.exif) > SEGMENT)):
        words.append("EXIF")
    words += lost(like.metadata, kind)
    if not words:
        return ""
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"Left out of {Path(path).name}, although the photo's file has it: {listed}."


def _format(path: Path) -> str:
    from PIL import Image

    kind = FORMATS.get(path.suffix.lower())
    if kind == "HEIF":
        need_heif()
    if kind == "AVIF":
        Image.init()
    if kind is None or (kind == "AVIF" and "AVIF" not in Image.SAVE):
        named = (
            f"'{path.suffix}' is not an image format that can be written" if path.suffix else f"{path} has no suffix"
        )
        raise ImageError(f"{named}; use one of {', '.join(sorted(FORMATS))}.")
    return kind


def _encoded(kind: str, pixels: np.ndarray, like: Photo, quality: int | None, small: bool) -> bytes:
    from PIL import Image

    samples = _samples(pixels, like, kind)
    icc = like.icc if like.icc and _fits(like.icc, samples.shape[2]) else None
    extras = without_lost(like.metadata, kind)
    if kind in DEEP:
        belongings = Belongings(icc, like.exif, like.dpi, extras)
        return (tiff if kind == "TIFF" else png)(samples, belongings, small)
    exif = None if kind == "JPEG" and len(like.exif or b"") > SEGMENT else like.exif
    options: dict[str, Any] = {"dpi": like.dpi, "icc_profile": icc, "exif": exif, "xmp": extras.xmp}
    options = {name: value for name, value in options.items() if value is not None}
    if kind in LOSSY:
        options["quality"] = QUALITY if quality is None else quality
    if kind == "JPEG":
        options |= {"subsampling": 0} if options["quality"] >= 90 else {}
        options |= {"comment": extras.comment} if extras.comment else {}
        options["extra"] = jpeg_segments(extras)
    if kind == "WEBP":
        options |= {"lossless": True, "exact": True} if options["quality"] == 100 else {}
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[samples.shape[2]]
    # into memory first, so that what a disk says is not lost between an encoder and its file
    memory = io.BytesIO()
    image = Image.fromarray(samples[..., 0] if mode == "L" else samples)
    if mode == "LA" and kind in ("WEBP", "HEIF", "AVIF"):
        image = image.convert("RGBA")
    image.save(memory, format=kind, **options)
    return memory.getvalue()


def _samples(pixels: np.ndarray, like: Photo, kind: str) -> np.ndarray:
    """uint8 or uint16 [H, W, 1 … 4]: brightness or RGB, then alpha where there is one."""
    deep = like.depth == 16 and kind in DEEP and pixels.dtype == np.float32
    grey = like.grey and bool((pixels == pixels[..., :1]).all())
    # grey and alpha of 16 bits is a kind of TIFF that few programs open, Pillow among those that do not
    grey = grey and not (deep and kind == "TIFF" and like.alpha is not None)
    planes = [_integers(pixels[..., :1] if grey else pixels, deep)]
    if like.alpha is not None and kind not in OPAQUE:
        planes.append(_integers(like.alpha[..., None], deep))
    return planes[0] if len(planes) == 1 else np.concatenate(planes, axis=2)


def _integers(values: np.ndarray, deep: bool) -> np.ndarray:
    if values.dtype == np.uint8:
        return values
    most, kind = (65535, np.uint16) if deep else (255, np.uint8)
    return np.rint(np.clip(values, 0, 1) * np.float32(most)).astype(kind)


def _fits(icc: bytes, channels: int) -> bool:
    """Whether a profile is for this many channels: one for grey must not be put on RGB, nor one for CMYK."""
    return icc[16:20] == (b"GRAY" if channels < 3 else b"RGB ")


def _put(path: Path, data: bytes) -> None:
    """The file, whole or not at all.

    Raises:
        ImageError: where the disk is full, or the folder takes no file.
    """
    try:
        write_bytes(path, data)
    except OSError as error:
        size = f" ({len(data) / 1e6:.1f} MB)" if error.errno in (errno.ENOSPC, errno.EFBIG) else ""
        raise ImageError(f"{path}{size} cannot be written: {why_not_written(error)}.") from error
