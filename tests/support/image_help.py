"""Shared by the tests of reading and writing photos."""

import struct
import zlib

import numpy as np
import pytest
from PIL import ImageCms

from cielr.errors import ImageError

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def colours(height=24, width=31, channels=3, dtype=np.uint8, seed=0):
    top = 256 if dtype == np.uint8 else 65536
    return np.random.default_rng(seed).integers(0, top, (height, width, channels), dtype=dtype)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def small_png(width: int, height: int, *more: bytes, bits: int = 8) -> bytes:
    """A PNG file of few bytes that says that it is so large."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    rows = zlib.compress((b"\0" + bytes(3 * 40)) * 40)
    return b"\x89PNG\r\n\x1a\n" + b"".join((head, *more, chunk(b"IDAT", rows), chunk(b"IEND", b"")))


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(ImageError) as caught:
        call(*args, **kwargs)
    sentence = str(caught.value)
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence
