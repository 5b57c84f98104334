"""Photos in and out of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ImageError

MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class Photo:
    """A photo and what belongs to it besides its pixels."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    format: str = ""


def read_photo(source: Any, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo in a file, a PIL image or an array."""
    from PIL import Image

    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] != 3 or source.dtype not in (np.uint8, np.float32):
            raise ImageError(f"An image is an array uint8 or float32 [H, W, 3]; this is {source.dtype}{source.shape}.")
        return Photo(source)
    try:
        image = source if isinstance(source, Image.Image) else Image.open(source)
        return Photo(np.asarray(image.convert("RGB")), format=image.format or "")
    except OSError as error:
        raise ImageError(f"{source} cannot be read as an image: {error}.") from error


def write_photo(
    path: str | Path, pixels: np.ndarray, like: Photo | None = None, overwrite: bool = False, quality: int | None = None
) -> Path:
    """Writes pixels to a file."""
    from PIL import Image

    path = Path(path)
    if path.exists() and not overwrite:
        raise ImageError(f"{path} exists.")
    eight = pixels if pixels.dtype == np.uint8 else (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
    Image.fromarray(eight).save(path)
    return path
