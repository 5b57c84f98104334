"""Photos out of files, with all that belongs to them: orientation, colour profile, EXIF, resolution, alpha, metadata.

What is kept, and where it ends:

- 8-bit files come as uint8, files of 16 bits a channel (grey or colour, PNG and TIFF) as float32 in steps of 1 / 65535.
  A 16-bit photo is written with 16 bits as PNG or TIFF, with 8 in the other formats.
- PNG, TIFF and BMP hold every pixel exactly, WebP does at quality 100. JPEG, HEIC and AVIF recompress the whole
  picture: there only the edit is exact, not the file.
- Palette pictures become RGB. CMYK and Lab become sRGB, by the embedded profile where there is one. Grey stays grey as
  long as the result has no colour.
- EXIF is kept without its thumbnail, which would show the picture before the edit; its orientation is 1 afterwards.
  XMP, IPTC, comments and PNG's texts are kept where the format has a place for them (`metadata`, `write.left_out`).
- Reading takes at most 12 bytes for each pixel of an 8-bit file, 40 of a 16-bit one, and a small file that would unpack
  to more than a gigabyte is refused.
"""

from __future__ import annotations

import io
import os
import re
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ..core.scene import MAX_PIXELS
from ..errors import ImageError, MissingDependency
from .decode import (
    EIGHT_BITS,
    ORIENTATION,
    SIXTEEN_BITS,
    check_range,
    decoded,
    is_deep,
    kept_exif,
    opened,
    resolution,
    upright,
)
from .metadata import Metadata, metadata

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_UNPACKED, PACKED = 1_000_000_000, 1000
"""A file that takes more bytes than that to read, and so many times its own size, is nothing but flat colour."""
MOST_ANYWHERE = 10_000_000_000
"""Pixels from which a size is a fault of the file, or an attack."""
MOST_TEXT = 256_000_000
"""Bytes of a PNG file's texts, unpacked; Pillow's own limits are for a picture that a browser shows."""

_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"II*\0", b"MM\0*", b"GIF8", b"BM")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_pillow = threading.Lock()


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo, upright, and what belongs to it besides its pixels.

    Attributes:
        pixels: uint8[H, W, 3], or float32[H, W, 3] in [0, 1] for 16-bit files and float arrays. RGB.
        alpha: of the same dtype, [H, W], or None where there is no transparency.
        icc: the colour profile that the pixels are in, or None (then sRGB is meant).
        exif: as Pillow writes it, orientation 1, or None.
        dpi: (horizontal, vertical), or None.
        format: of the file: "JPEG", "PNG", …; "" for an array.
        depth: bits a channel of the file: 8 or 16.
        grey: whether the file has one channel of brightness only.
        metadata: what else the file says: XMP, IPTC, texts.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    format: str = ""
    depth: int = 8
    grey: bool = False
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    @property
    def is_see_through(self) -> bool:
        """Whether any pixel is not quite opaque."""
        if self.alpha is None:
            return False
        return bool((self.alpha < (255 if self.alpha.dtype == np.uint8 else 1)).any())

    def __repr__(self) -> str:
        return f"Photo({self.width}x{self.height}, {self.format or 'array'}, {self.depth} bit)"


# ---------------------------------------------------------------------------------------------------------- reading


def read_photo(source: Any, max_pixels: int = MAX_PIXELS, name: str = "The image") -> Photo:
    """The photo in a file, a PIL image or an array.

    Args:
        source: a path; the bytes of a file; a PIL image (one of 16-bit colour comes with 8 bits, as Pillow has it); an
            array uint8 [0, 255] or float32 [0, 1], [H, W, 3], [H, W, 4] or [H, W]; or a `Photo`, which is given back.
        max_pixels: refuse a larger file or PIL image, before it is decoded.
        name: what sentences call a source that has no name of its own.

    Raises:
        ImageError: one sentence on what is wrong with it; MissingDependency: for HEIC without pillow-heif.
    """
    from PIL import Image

    if isinstance(source, Photo):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_pil(source, getattr(source, "filename", "") or name, max_pixels, None)
    if isinstance(source, (str, os.PathLike)):
        return _from_file(Path(os.fspath(source)), max_pixels)
    if isinstance(source, bytes):
        return _from_stream(io.BytesIO(source), name, len(source), max_pixels)
    raise ImageError(f"An image is given as a path, a PIL image or an array, not as {type(source).__name__}.")


def _from_array(array: np.ndarray) -> Photo:
    grey = array.ndim == 2
    if not grey and (array.ndim != 3 or array.shape[2] not in (3, 4)):
        raise ImageError(f"An image array has the shape [H, W, 3], not {list(array.shape)}.")
    if array.dtype not in (np.uint8, np.float32):
        raise ImageError(
            f"An image array is uint8 (0 to 255) or float32 (0 to 1), not {array.dtype}; convert it first."
        )
    # an array is in memory already: the limit, which is against files that unpack into too much, is not for it
    _check_size("The image", array.shape[1], array.shape[0], array.size)
    if array.dtype == np.float32:
        check_range("The image", array)
    if grey:
        return Photo(np.repeat(array[..., None], 3, axis=2), grey=True)
    alpha = np.ascontiguousarray(array[..., 3]) if array.shape[2] == 4 else None
    return Photo(array if alpha is None else np.ascontiguousarray(array[..., :3]), alpha)


def _check_size(name: str, width: int, height: int, max_pixels: int) -> None:
    if width < 2 or height < 2:
        raise ImageError(f"{name} is only {width} x {height} pixels; there is nothing in it to edit.")
    if width * height > MOST_ANYWHERE:
        raise ImageError(
            f"{name} says that it has {width} x {height} pixels, which no memory holds; make it smaller, "
            "or take another copy of it."
        )
    if width * height > max_pixels:
        raise ImageError(
            f"{name} has {width} x {height} = {width * height / 1e6:.1f} megapixels, over the limit of "
            f"{max_pixels / 1e6:g}; raise it with --max-pixels {width * height} (max_pixels= in Python)."
        )


def _from_file(path: Path, max_pixels: int) -> Photo:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(f"{path} is a folder, not an image.")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(f"{path} is not a regular file.")
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    with file:
        return _from_stream(file, str(path), status.st_size, max_pixels)


def _from_stream(file: BinaryIO, name: str, size: int, max_pixels: int) -> Photo:
    """The photo in an open file of that many bytes."""
    from PIL import UnidentifiedImageError

    if size == 0:
        raise ImageError(f"{name} is empty (0 bytes); take another copy of it.")
    try:
        start = file.read(16)
        file.seek(0)
    except OSError as error:
        raise ImageError(f"{name} cannot be read: {error.strerror or error}.") from error
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        need_heif()
    try:
        with _quiet_pillow():
            image = opened(file)
    except UnidentifiedImageError as error:
        if start.startswith(_STARTS):
            raise ImageError(
                f"{name} begins as an image, but is damaged, cut short, or of a kind that is not read (such as "
                "colours in floats); if it opens elsewhere, save it there as PNG or 16-bit TIFF."
            ) from error
        raise ImageError(f"{name} is not an image that can be read; save it as PNG or JPEG first.") from error
    except Exception as error:
        # decoders raise whatever they like on damaged files: SyntaxError, struct.error, ValueError, …
        raise ImageError(
            f"{name} is damaged and cannot be read ({reason_of(error)}); take another copy of it."
        ) from error
    _check_size(name, image.width, image.height, max_pixels)
    _check_packing(name, image, size)
    return _from_pil(image, name, max_pixels, file)


def _check_packing(name: str, image: Image, size: int) -> None:
    """Raises ImageError for a small file that unpacks to more memory than any real photo of its size."""
    need = image.width * image.height * (SIXTEEN_BITS if is_deep(image) else EIGHT_BITS)
    if need > MOST_UNPACKED and need > PACKED * size:
        raise ImageError(
            f"{name} has only {size / 1000:,.0f} kB but {image.width} x {image.height} pixels, which would take "
            f"{need / 1e9:.1f} GB of memory; make it smaller, or save it uncompressed (BMP or TIFF) first."
        )


def _from_pil(image: Image, name: str, max_pixels: int, file: Any) -> Photo:
    kind = image.format or ""
    _check_size(name, image.width, image.height, max_pixels)
    try:
        with _quiet_pillow():
            _check_frames(image, name)
            # before getexif, which decodes a PNG file and forgets how its samples are stored
            photo = decoded(image, name, file)
            exif = image.getexif()
            orientation = exif.get(ORIENTATION, 1)
            kept = kept_exif(exif, orientation)
            # after the decoding, which finds what stands behind the picture
            extras = metadata(image, file)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(
            f"{name} does not fit into memory ({image.width} x {image.height} pixels); a smaller copy of it would."
        ) from error
    except Exception as error:
        raise ImageError(f"{name} is damaged or cut short ({reason_of(error)}); take another copy of it.") from error
    return Photo(
        upright(photo.pixels, orientation),
        None if photo.alpha is None else upright(photo.alpha, orientation),
        icc=photo.icc,
        exif=kept,
        dpi=resolution(image, orientation),
        format="JPEG" if kind == "MPO" else kind,
        depth=photo.depth,
        grey=photo.grey,
        metadata=extras,
    )


def _check_frames(image: Image, name: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in ("GIF", "WEBP", "PNG", "AVIF"):
        raise ImageError(f"{name} is an animation of {frames} frames; take one of them out and edit that.")
    if frames > 1 and image.format == "TIFF":
        raise ImageError(f"{name} holds {frames} pages; take one of them out and edit that.")


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Pillow without warnings, and its own limits off: ours come before any decoding, and can be raised."""
    from PIL import Image, PngImagePlugin

    with _pillow, warnings.catch_warnings():
        # a damaged tag is no reason to write to someone's terminal
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY
        Image.MAX_IMAGE_PIXELS = None
        PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = MOST_TEXT
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.MAX_TEXT_MEMORY = before


def need_heif() -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingDependency("pillow-heif", "heic") from error
    pillow_heif.register_heif_opener()


def reason_of(error: BaseException) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0].rstrip(". ")
    if "MAX_TEXT" in text:
        return f"its texts or its colour profile unpack to more than {MOST_TEXT / 1e6:,.0f} MB"
    # a decoder's own bookkeeping says nothing to anybody else
    return re.sub(r" \(\d+ bytes not processed\)", "", text)[:160]
