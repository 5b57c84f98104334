"""PNG and TIFF files, quickly: 8 or 16 bits a channel, with all that belongs to the photo.

Pillow writes no colour of 16 bits and no compressed TIFF with whole EXIF, and takes seconds where the filter "up" and a
fast deflate take tenths of one. `isal` (Intel's, a small wheel) is used where it is installed, else zlib.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .metadata import Metadata, png_chunks

BAND = 256
"""Rows that are compressed at a time, so that a large photo needs no second copy."""
PIECE = 1 << 30
"""Bytes of one data chunk at most; PNG allows twice as much."""


@dataclass(frozen=True)
class Belongings:
    """What goes into a file beside pixels: colour profile, EXIF as Pillow writes it, dots an inch (x, y), the rest."""

    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    metadata: Metadata = field(default_factory=Metadata)


def png(samples: np.ndarray, with_: Belongings = Belongings(), small: bool = False) -> bytes:
    """A PNG file of samples uint8 or uint16 [H, W, 1 … 4]: grey, grey and alpha, RGB, or RGBA.

    Args:
        small: seeks the best filter for each row and compresses hard: a tenth to a quarter smaller, far slower.

    Source: W3C, Portable Network Graphics (Third Edition).
    """
    height, width, channels = samples.shape
    bits, colour = samples.dtype.itemsize * 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    parts = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))]
    notes, texts = png_chunks(with_.metadata)
    # a file has a profile or says that it is sRGB, not both
    parts += [_chunk(name, data) for name, data in notes if not (with_.icc and name == b"sRGB")]
    if with_.icc:
        parts.append(_chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(with_.icc)))
    if with_.dpi:
        parts.append(_chunk(b"pHYs", struct.pack(">IIB", *(round(value / 0.0254) for value in with_.dpi), 1)))
    if with_.exif:
        parts.append(_chunk(b"eXIf", with_.exif.removeprefix(b"Exif\0\0")))
    parts += [_chunk(name, data) for name, data in texts]
    parts += [_chunk(b"IDAT", data) for data in _compressed(_best(samples) if small else _up(samples), small)]
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def tiff(samples: np.ndarray, with_: Belongings = Belongings(), small: bool = False) -> bytes:
    """A TIFF file of samples uint8 or uint16[H, W, 1 … 4]: grey, grey and alpha, RGB, or RGBA.

    Args:
        small: compresses hard.

    Source: TIFF Revision 6.0, Adobe 1992, and its Technical Note on Deflate.
    """
    from PIL.Image import Exif
    from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

    height, width, channels = samples.shape
    data = b"".join(_compressed(_differences(samples), small))
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
    values |= {282 + i: IFDRational(round(value * 1000), 1000) for i, value in enumerate(with_.dpi or (72, 72))}
    if with_.exif:
        tags = Exif()
        tags.load(with_.exif)
        values |= {tag: value for tag, value in tags.items() if tag not in values}
        values |= {tag: tags.get_ifd(tag) for tag in (0x8769, 0x8825) if tag in tags}
    for tag, value in values.items():
        directory[tag] = value
    directory.tagtype[273] = directory.tagtype[279] = 4
    for tag, kind, block in (
        (700, 1, with_.metadata.xmp),
        (33723, 7, with_.metadata.iptc),
        (34675, 7, with_.icc),
    ):
        if block:
            directory.tagtype[tag] = kind
            directory[tag] = block
    memory = io.BytesIO()
    directory.save(memory)
    memory.write(data)
    return memory.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def _bands(samples: np.ndarray) -> Iterator[np.ndarray]:
    for top in range(0, samples.shape[0], BAND):
        yield samples[top : top + BAND]


def _differences(samples: np.ndarray) -> Iterator[bytes]:
    """Rows as TIFF's horizontal predictor wants them, in the byte order that the file's header names."""
    order = samples.dtype.newbyteorder("<")
    for band in _bands(samples):
        difference = band.astype(order)
        difference[:, 1:] -= band[:, :-1]
        yield difference.tobytes()


def _rows(samples: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows, the row above each) uint8[rows, bytes], band by band."""
    above = np.zeros((1, samples.shape[1] * samples.shape[2] * samples.dtype.itemsize), dtype=np.uint8)
    for band in _bands(samples):
        rows = np.ascontiguousarray(band, dtype=samples.dtype.newbyteorder(">")).view(np.uint8).reshape(len(band), -1)
        yield rows, np.concatenate([above, rows[:-1]])
        above = rows[-1:]


def _up(samples: np.ndarray) -> Iterator[bytes]:
    """Rows with PNG's filter "up" (2), the difference to the row above: photos compress far better so."""
    for rows, above in _rows(samples):
        yield np.concatenate([np.full((len(rows), 1), 2, dtype=np.uint8), rows - above], axis=1).tobytes()


def _best(samples: np.ndarray) -> Iterator[bytes]:
    """Rows with that one of PNG's five filters whose differences are smallest, which is the usual rule of thumb."""
    step = samples.shape[2] * samples.dtype.itemsize
    for rows, above in _rows(samples):
        left, corner = (np.pad(part, ((0, 0), (step, 0)))[:, :-step] for part in (rows, above))
        mean = ((left.astype(np.uint16) + above) // 2).astype(np.uint8)
        filtered = np.stack([rows, rows - left, rows - above, rows - mean, rows - _paeth(left, above, corner)])
        # as signed bytes, so that -1 counts as little as 1
        sums = np.abs(filtered.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
        best = sums.argmin(axis=0)
        chosen = filtered[best, np.arange(len(rows))]
        yield np.concatenate([best.astype(np.uint8)[:, None], chosen], axis=1).tobytes()


def _paeth(left: np.ndarray, above: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """Of the three neighbours the one nearest to left + above - corner; ties in that order."""
    a, b, c = (part.astype(np.int16) for part in (left, above, corner))
    to_left, to_above, to_corner = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    is_left = (to_left <= to_above) & (to_left <= to_corner)
    return np.where(is_left, left, np.where(to_above <= to_corner, above, corner))


def _compressed(pieces: Iterator[bytes], small: bool) -> Sequence[bytes]:
    """One zlib stream, in blocks of at most `PIECE` bytes."""
    # the strategy for differences, of which most are small
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED) if small else fast_compressor()
    blocks, size = [[]], 0
    for data in (*map(squeezer.compress, pieces), squeezer.flush()):
        if size + len(data) > PIECE:
            blocks.append([])
            size = 0
        blocks[-1].append(data)
        size += len(data)
    return [b"".join(block) for block in blocks]


def fast_compressor() -> Any:
    """A zlib compressor that favours speed: `isal`'s where it is installed, else zlib's at its first level."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.compressobj(1)
    return isal_zlib.compressobj(1)
