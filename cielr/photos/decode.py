"""What Pillow knows of a picture, as arrays: colours, alpha, bits, orientation, EXIF, resolution."""

from __future__ import annotations

import io
import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import ImageError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

READERS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "AVIF", "HEIF")
"""Pillow's readers that a photo may be given to, whatever it is called; others would hand a file on to Ghostscript."""
STRIP = 256
"""Rows that are converted at a time: a picture is held once by Pillow and once as an array, and no third time."""
EIGHT_BITS, SIXTEEN_BITS = 12, 40
"""Bytes that reading takes for each pixel of a file at its peak, by the bits of a channel."""
ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x0112, 0x8769, 0x8825
_GREY_AND_ALPHA = "LA;16B"
"""Pillow's word for PNG's samples of 16-bit grey and alpha, which it opens as RGBA of 8 bits."""
_STRUCTURAL = frozenset(
    # of a TIFF file: how it is stored, not what it shows; resolution and profile are kept elsewhere
    (*range(254, 270), 273, *range(277, 305), *range(317, 400), *range(512, 600), 700, 33723, 34377, 34675, 37724)
)


class Planes(NamedTuple):
    """A picture as its file holds it, not yet upright; the fields are those of `images.Photo`."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    icc: bytes | None = None
    depth: int = 8
    grey: bool = False


def opened(file: Any) -> ImageFile:
    """The picture in a file, not yet decoded.

    Raises:
        UnidentifiedImageError: where none of `READERS` knows it; anything else, for a damaged file.
    """
    from PIL import Image as pil

    pil.init()
    return pil.open(file, formats=[name for name in READERS if name in pil.OPEN])


def is_deep(image: Image) -> bool:
    """Whether an opened picture has more than 8 bits a channel."""
    return (
        image.mode in ("I", "F")
        or image.mode.startswith("I;16")
        or any(";16" in _raw_mode(tile) for tile in getattr(image, "tile", None) or ())
    )


def decoded(image: Image, name: str, file: Any) -> Planes:
    """Pixels, alpha, profile, depth and grey; not yet upright."""
    icc = image.info.get("icc_profile") or None
    mode, see_through = image.mode, image.info.get("transparency")
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _one_channel(image, name, icc, see_through)
    if mode in ("RGB", "RGBA"):
        deep = _sixteen_bits(image, name, file)
        if deep is not None:
            grey = [_raw_mode(tile) for tile in getattr(image, "tile", ())] == [_GREY_AND_ALPHA]
            return Planes(deep[..., :3], deep[..., 3] if mode == "RGBA" else None, icc=icc, depth=16, grey=grey)
    if mode in ("CMYK", "LAB"):
        return Planes(_array(_to_srgb(image, icc), "RGB"))
    if mode in ("LA", "La", "PA", "RGBA", "RGBa", "RGBX") or see_through is not None:
        grey = mode in ("L", "1", "LA", "La")
        whole = _array(image, "RGB" if mode == "RGBX" else "RGBA")
        alpha = np.ascontiguousarray(whole[..., 3]) if whole.shape[2] == 4 else None
        return Planes(np.ascontiguousarray(whole[..., :3]), alpha, icc=icc, grey=grey)
    return Planes(_array(image, "RGB"), icc=icc, grey=mode in ("L", "1"))


def _array(image: Image, mode: str) -> np.ndarray:
    """uint8[H, W, bands of the mode], converted strip by strip."""
    image.load()
    array = np.empty((image.height, image.width, len(mode)), dtype=np.uint8)
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
        array[top : top + STRIP] = np.asarray(strip.convert(mode))
    return array


def _one_channel(image: Image, name: str, icc: bytes | None, see_through: Any) -> Planes:
    values = np.asarray(image)
    if getattr(image, "tag_v2", {}).get(262) == 0 and image.mode.startswith("I;16"):
        # TIFF's "white is zero", which Pillow undoes in 8 bits alone
        values = 65535 - values
    if image.mode == "F":
        level = values.astype(np.float32)
        check_range(name, level)
    else:
        if values.min() < 0 or values.max() > 65535:
            raise ImageError(f"{name} has 32-bit values beyond 16 bits; scale it to 16 bits first.")
        level = values.astype(np.float32) / np.float32(65535)
    alpha = None
    if isinstance(see_through, int):
        alpha = (values != see_through).astype(np.float32)
    return Planes(np.repeat(level[..., None], 3, axis=2), alpha, icc=icc, depth=16, grey=True)


def _sixteen_bits(image: Image, name: str, file: Any) -> np.ndarray | None:
    """float32[H, W, 3 or 4] of a 16-bit colour file, or None for any other.

    Pillow has no 16-bit colour and keeps the high byte of each sample. Told that the file has the other byte order, it
    keeps the low byte; the two together are the samples.
    """
    tiles: list[Any] = list(getattr(image, "tile", None) or ())
    if not tiles or image.format not in ("PNG", "TIFF"):
        return None
    planes = [_raw_mode(tile) for tile in tiles]
    if file is not None and planes == [_GREY_AND_ALPHA]:
        return _grey_and_alpha(tiles, file)
    if image.format == "TIFF" and max(_bits(image)) > 8 and not all(";16" in plane for plane in planes):
        raise ImageError(
            f"{name} stores its 16-bit colours plane by plane; save it as 16-bit PNG first, or as TIFF "
            "with interleaved channels."
        )
    other_order = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
    swapped = {f"{image.mode};16{own}": f"{image.mode};16{other}" for own, other in other_order.items()}
    if file is None or any(plane not in swapped for plane in planes):
        return None
    # Pillow turns a TIFF picture upright as it is loaded, both of them alike
    image.load()
    file.seek(0)
    other = opened(file)
    other.tile = [
        tile._replace(
            args=swapped[tile.args] if isinstance(tile.args, str) else (swapped[tile.args[0]], *tile.args[1:])
        )
        for tile in tiles
    ]
    other.load()
    samples = np.empty((image.height, image.width, len(image.mode)), dtype=np.float32)
    for top in range(0, image.height, STRIP):
        strip = (0, top, image.width, min(top + STRIP, image.height))
        high, low = (np.asarray(part.crop(strip)) for part in (image, other))
        samples[top : top + STRIP] = high.astype(np.uint16) << 8 | low
    samples /= np.float32(65535)
    return samples


def _grey_and_alpha(tiles: Any, file: Any) -> np.ndarray:
    """float32[H, W, 4] of a PNG of 16-bit grey and alpha: as RGBA, which has as many bytes, they come as stored."""
    file.seek(0)
    stored = opened(file)
    stored.tile = [tile._replace(args="RGBA") for tile in tiles]
    samples = np.array(stored).view(">u2").astype(np.float32) / np.float32(65535)
    return samples[..., [0, 0, 0, 1]]


def _raw_mode(tile: Any) -> str:
    args = tile.args
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _bits(image: Image) -> tuple[int, ...]:
    bits = getattr(image, "tag_v2", {}).get(258, (8,))
    return bits if isinstance(bits, tuple) else (bits,)


def _to_srgb(image: Image, icc: bytes | None) -> Image:
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    source: Any = None
    if image.mode == "LAB":
        source = ImageCms.createProfile("LAB")
    elif icc:
        with suppress(OSError, ImageCms.PyCMSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    if source is not None:
        with suppress(ImageCms.PyCMSError):
            converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
            if converted is not None:
                return converted
    return image.convert("RGB")


def upright(array: np.ndarray, orientation: int) -> np.ndarray:
    """The array as the EXIF orientation (1 … 8) means it to be seen."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)


def kept_exif(exif: Any, orientation: int) -> bytes | None:
    if not len(exif):
        return None
    for tag in [tag for tag in exif if tag in _STRUCTURAL]:
        del exif[tag]
    if ORIENTATION in exif:
        exif[ORIENTATION] = 1
    details = exif.get_ifd(_EXIF_IFD)
    if orientation in (5, 6, 7, 8) and 0xA002 in details and 0xA003 in details:
        details[0xA002], details[0xA003] = details[0xA003], details[0xA002]
    exif.get_ifd(_GPS_IFD)
    if not len(exif):
        return None
    # of a BigTIFF file they would be in its layout, which no other format takes
    exif.bigtiff = False
    try:
        return exif.tobytes()
    except Exception:
        # tags that contradict themselves are common; a photo is worth more than its tags
        return None


def resolution(image: Image, orientation: int) -> tuple[float, float] | None:
    try:
        x, y = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    # a TIFF file that gives none has 1 by default
    if not (1 < x <= 1e5 and 1 < y <= 1e5):
        return None
    return (y, x) if orientation in (5, 6, 7, 8) else (x, y)


def check_range(name: str, array: np.ndarray) -> None:
    """Raises ImageError where float values are not in [0, 1]."""
    least, most = float(array.min()), float(array.max())
    if not math.isfinite(least) or not math.isfinite(most):
        raise ImageError(f"{name} holds values that are not numbers (NaN or infinite); replace them first.")
    if least < 0 or most > 1:
        hint = "; divide it by 255" if least >= 0 and 1 < most <= 255 else "; scale it first"
        raise ImageError(f"{name} has float values from {least:g} to {most:g}, but they must lie in 0 to 1{hint}.")
