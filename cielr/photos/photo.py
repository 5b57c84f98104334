"""Photos in and out of files, with all that belongs to them: orientation, colour profile, EXIF, resolution, alpha.

What is kept, and where it ends:

- 8-bit files come as uint8, files of 16 bits a channel (grey or colour, PNG and TIFF) as float32 in steps of 1 / 65535.
  A 16-bit photo is written with 16 bits as PNG or TIFF, with 8 in the other formats.
- PNG, TIFF and BMP hold every pixel exactly, WebP does at quality 100. JPEG, HEIC and AVIF recompress the whole
  picture: there only the edit is exact, not the file.
- Palette pictures become RGB. CMYK and Lab become sRGB, by the embedded profile where there is one. Grey stays grey as
  long as the result has no colour.
- EXIF is kept without its thumbnail, which would show the picture before the edit; its orientation is 1 afterwards.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.serial import goal_of, write_bytes
from ..errors import ImageError, MissingDependency
from .decode import ORIENTATION, check_range, decoded, kept_exif, resolution, upright

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
"""Of one photo, unless told otherwise: at 100 megapixels a float image alone takes 1.2 GB."""

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
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    format: str = ""
    depth: int = 8
    grey: bool = False

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        return self.pixels.shape[0]

    def __repr__(self) -> str:
        return f"Photo({self.width}x{self.height}, {self.format or 'array'}, {self.depth} bit)"


# ---------------------------------------------------------------------------------------------------------- reading


def read_photo(source: Any, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo in a file, a PIL image or an array.

    Args:
        source: a path; a PIL image (one of 16-bit colour comes with 8 bits, as Pillow has it); or an array uint8
            [0, 255] or float32 [0, 1], [H, W, 3], [H, W, 4] or [H, W].
        max_pixels: refuse a larger file or PIL image, before it is decoded.

    Raises:
        ImageError: one sentence on what is wrong with it; MissingDependency: for HEIC without pillow-heif.
    """
    from PIL import Image

    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_pil(source, getattr(source, "filename", "") or "The image", max_pixels, None)
    if isinstance(source, (str, os.PathLike)):
        return _from_file(Path(os.fspath(source)), max_pixels)
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
    if width * height > max_pixels:
        raise ImageError(
            f"{name} has {width} x {height} = {width * height / 1e6:.1f} megapixels, over the limit of "
            f"{max_pixels / 1e6:g}; raise it with --max-pixels {width * height} (max_pixels= in Python)."
        )


def _from_file(path: Path, max_pixels: int) -> Photo:
    from PIL import Image, UnidentifiedImageError

    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(f"{path} is a folder, not an image.")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(f"{path} is not a regular file.")
        if status.st_size == 0:
            raise ImageError(f"{path} is empty (0 bytes).")
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    with file:
        try:
            start = file.read(16)
            file.seek(0)
        except OSError as error:
            raise ImageError(f"{path} cannot be read: {error.strerror or error}.") from error
        if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
            _need_heif()
        try:
            with _quiet_pillow():
                image = Image.open(file)
        except UnidentifiedImageError as error:
            if start.startswith(_STARTS):
                raise ImageError(
                    f"{path} begins as an image, but is damaged, cut short, or of a kind that is not read (such as "
                    "colours in floats); if it opens elsewhere, save it there as PNG or 16-bit TIFF."
                ) from error
            raise ImageError(f"{path} is not an image that can be read.") from error
        except Exception as error:
            # decoders raise whatever they like on damaged files: SyntaxError, struct.error, ValueError, …
            raise ImageError(f"{path} is damaged and cannot be read: {_reason(error)}.") from error
        return _from_pil(image, str(path), max_pixels, file)


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
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{name} does not fit into memory ({image.width} x {image.height} pixels).") from error
    except Exception as error:
        raise ImageError(f"{name} is damaged or cut short: {_reason(error)}.") from error
    return Photo(
        upright(photo.pixels, orientation),
        None if photo.alpha is None else upright(photo.alpha, orientation),
        icc=photo.icc,
        exif=kept,
        dpi=resolution(image, orientation),
        format="JPEG" if kind == "MPO" else kind,
        depth=photo.depth,
        grey=photo.grey,
    )


def _check_frames(image: Image, name: str) -> None:
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format in ("GIF", "WEBP", "PNG", "AVIF"):
        raise ImageError(f"{name} is an animation of {frames} frames; take one of them out and edit that.")
    if frames > 1 and image.format == "TIFF":
        raise ImageError(f"{name} holds {frames} pages; take one of them out and edit that.")


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Pillow without warnings, and its own limit off: ours comes before any decoding, and can be raised."""
    from PIL import Image

    with _pillow, warnings.catch_warnings():
        # a damaged tag is no reason to write to someone's terminal
        warnings.simplefilter("ignore")
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _need_heif() -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise MissingDependency("pillow-heif", "heic") from error
    pillow_heif.register_heif_opener()


def _reason(error: BaseException) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0].rstrip(". ")
    return text[:160]


# ---------------------------------------------------------------------------------------------------------- writing


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
    kind = _format(path)
    if os.path.isdir(path):
        raise ImageError(f"{path} is a folder; name a file in it.")
    taken, path = os.path.lexists(path), goal_of(path)
    folder = path.parent
    if not os.path.isdir(folder):
        raise ImageError(f"The folder {folder} for the output does not exist.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImageError(f"The folder {folder} is read-only; nothing can be written there.")
    if taken and not overwrite:
        raise ImageError(f"{path} exists already; choose another name, or allow it with --overwrite (overwrite=True).")
    if quality is not None and kind not in LOSSY:
        raise ImageError(
            f"{path.suffix} keeps every pixel and takes no quality; that is for JPEG, WebP, HEIC and AVIF."
        )
    if quality is not None and not 1 <= quality <= 100:
        raise ImageError(f"The quality is a number from 1 to 100, not {quality}.")
    if like is not None and like.alpha is not None and kind in OPAQUE and bool((like.alpha < _opaque(like)).any()):
        raise ImageError(f"{path.suffix} cannot hold the photo's transparency; choose .png, .webp or .tif.")
    return path


def write_photo(
    path: str | Path,
    pixels: np.ndarray,
    like: Photo | None = None,
    overwrite: bool = False,
    quality: int | None = None,
) -> Path:
    """Writes pixels to a file, in the format of its suffix, with the profile, EXIF, resolution and alpha of `like`.

    The file appears whole or not at all: it is written beside its goal and renamed.

    Args:
        pixels: uint8 or float32 in [0, 1], [H, W, 3].
        like: the photo that they were made from; 16 bits and grey are kept where format and pixels allow.
        quality: 1 … 100 for JPEG, WebP (100: lossless), HEIC and AVIF; 95 where not given.

    Raises:
        ImageError, MissingDependency: as `check_output`, and where the disk is full or the format cannot hold it.
    """
    path = check_output(path, like, overwrite, quality)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype not in (np.uint8, np.float32):
        raise ImageError(f"An image to write is uint8 or float32 [H, W, 3], not {pixels.dtype} {list(pixels.shape)}.")
    if pixels.dtype == np.float32 and not np.isfinite(pixels).all():
        raise ImageError("The edited image holds values that are not numbers, so it was not written.")
    like = like or Photo(pixels)
    if like.alpha is not None and like.alpha.shape != pixels.shape[:2]:
        raise ImageError(f"The image is {pixels.shape[1]} x {pixels.shape[0]} pixels, its alpha is another size.")
    try:
        data = _encoded(path, pixels, like, quality)
    except MemoryError as error:
        raise ImageError(f"{path} cannot be written: there is not enough memory.") from error
    except Exception as error:
        # encoders raise whatever they like where a format cannot hold a picture
        raise ImageError(f"{path} cannot be written in this format: {_reason(error)}.") from error
    _put(path, data)
    return path


def _format(path: Path) -> str:
    from PIL import Image

    kind = FORMATS.get(path.suffix.lower())
    if kind == "HEIF":
        _need_heif()
    if kind == "AVIF":
        Image.init()
    if kind is None or (kind == "AVIF" and "AVIF" not in Image.SAVE):
        named = f"'{path.suffix}' is no image format that can be written" if path.suffix else f"{path} has no suffix"
        raise ImageError(f"{named}; use one of {', '.join(sorted(FORMATS))}.")
    return kind


def _encoded(path: Path, pixels: np.ndarray, like: Photo, quality: int | None) -> bytes:
    from PIL import Image

    from .encode import png16, tiff

    kind = _format(path)
    samples = _samples(pixels, like, kind)
    icc = like.icc if like.icc and _fits(like.icc, samples.shape[2]) else None
    if kind == "TIFF":
        return tiff(samples, icc, like.exif, like.dpi)
    if samples.dtype == np.uint16:
        return png16(samples, icc, like.exif, like.dpi)
    options: dict[str, Any] = {"dpi": like.dpi, "icc_profile": icc, "exif": like.exif}
    options = {name: value for name, value in options.items() if value is not None}
    if kind in LOSSY:
        options["quality"] = QUALITY if quality is None else quality
    if kind == "JPEG":
        options |= {"subsampling": 0} if options["quality"] >= 90 else {}
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
    planes = [_integers(pixels[..., :1] if grey else pixels, deep)]
    if like.alpha is not None and kind not in OPAQUE:
        planes.append(_integers(like.alpha[..., None], deep))
    return planes[0] if len(planes) == 1 else np.concatenate(planes, axis=2)


def _integers(values: np.ndarray, deep: bool) -> np.ndarray:
    if values.dtype == np.uint8:
        return values
    most, kind = (65535, np.uint16) if deep else (255, np.uint8)
    return np.rint(np.clip(values, 0, 1) * np.float32(most)).astype(kind)


def _opaque(photo: Photo) -> float:
    return 255 if photo.pixels.dtype == np.uint8 else 1


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
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            raise ImageError(f"The disk is full: {path} needs {len(data) / 1e6:.1f} MB and was not written.") from error
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from error
