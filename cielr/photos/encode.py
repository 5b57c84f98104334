"""PNG and TIFF files that Pillow cannot write: 16 bits a channel in colour, and compressed TIFF with whole EXIF."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

LEVEL = 6
"""Of zlib; higher is slower and hardly smaller on photos."""
BAND = 256
"""Rows that are compressed at a time, so that a large photo needs no second copy."""


def png16(
    samples: np.ndarray, icc: bytes | None = None, exif: bytes | None = None, dpi: tuple[float, float] | None = None
) -> bytes:
    """A PNG file of samples uint16[H, W, 1 … 4]: grey, grey and alpha, RGB, or RGBA.

    Source: W3C, Portable Network Graphics (Third Edition).
    """
    height, width, channels = samples.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0))]
    if icc:
        parts.append(_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc)))
    if dpi:
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", *(round(value / 0.0254) for value in dpi), 1)))
    if exif:
        parts.append(_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0")))
    parts += [_chunk(b"IDAT", data) for data in _compressed(_filtered(samples))]
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def tiff(
    samples: np.ndarray, icc: bytes | None = None, exif: bytes | None = None, dpi: tuple[float, float] | None = None
) -> bytes:
    """A TIFF file of samples uint8 or uint16[H, W, 1 … 4]: grey, grey and alpha, RGB, or RGBA.

    Source: TIFF Revision 6.0, Adobe 1992, and its Technical Note on Deflate.
    """
    from PIL.Image import Exif
    from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

    height, width, channels = samples.shape
    data = b"".join(_compressed(_differences(samples)))
    directory = ImageFileDirectory_v2(ifh=b"II*\0\0\0\0\0")
    values: dict[int, Any] = {
        256: width,
        257: height,
        258: (samples.dtype.itemsize * 8,) * channels,
        259: 8,  # Deflate
        262: 1 if channels < 3 else 2,  # black is zero, or RGB
        273: 0,  # Pillow writes the offset of what follows the directory
        277: channels,
        278: height,
        279: len(data),
        284: 1,
        296: 2,
        317: 2,  # each sample as its difference to the one on its left
    }
    if channels in (2, 4):
        values[338] = 2  # alpha that the colours are not multiplied by
    values |= {282 + i: IFDRational(round(value * 1000), 1000) for i, value in enumerate(dpi or (72, 72))}
    if exif:
        tags = Exif()
        tags.load(exif)
        values |= {tag: value for tag, value in tags.items() if tag not in values}
        values |= {tag: tags.get_ifd(tag) for tag in (0x8769, 0x8825) if tag in tags}
    for tag, value in values.items():
        directory[tag] = value
    directory.tagtype[273] = directory.tagtype[279] = 4
    if icc:
        directory.tagtype[34675] = 7
        directory[34675] = icc
    memory = io.BytesIO()
    directory.save(memory)
    memory.write(data)
    return memory.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _bands(samples: np.ndarray) -> Iterator[np.ndarray]:
    for top in range(0, samples.shape[0], BAND):
        yield samples[top : top + BAND]


def _differences(samples: np.ndarray) -> Iterator[bytes]:
    """Rows as TIFF's horizontal predictor wants them, in the byte order that the file's header names."""
    order = samples.dtype.newbyteorder("<")
    for band in _bands(samples):
        left = np.zeros_like(band)
        left[:, 1:] = band[:, :-1]
        yield (band - left).astype(order).tobytes()


def _filtered(samples: np.ndarray) -> Iterator[bytes]:
    """Rows with PNG's filter "up" (2), the difference to the row above: photos compress far better so."""
    above = np.zeros((1, samples.shape[1] * samples.shape[2] * 2), dtype=np.uint8)
    for band in _bands(samples):
        rows = np.ascontiguousarray(band.astype(">u2")).view(np.uint8).reshape(len(band), -1)
        difference = rows - np.concatenate([above, rows[:-1]])
        above = rows[-1:]
        yield np.concatenate([np.full((len(rows), 1), 2, dtype=np.uint8), difference], axis=1).tobytes()


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    squeezer = zlib.compressobj(LEVEL)
    for piece in pieces:
        if data := squeezer.compress(piece):
            yield data
    yield squeezer.flush()
