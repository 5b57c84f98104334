"""Files that claim to be photos: each is read or refused in a sentence, in bounded memory, and starts no program."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from fuzz_help import TRIES, bounded_memory, generator, mutated, tried  # noqa: F401
from image_help import SRGB, colours, small_png
from PIL import Image

from cielr.photos.encode import Belongings, png, tiff
from cielr.photos.metadata import Metadata
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import FORMATS, left_out, write_photo

ROOT = Path(__file__).parents[2]
XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6" hdrgm:Version="1.0"/></x:xmpmeta>'


def seeds() -> dict[str, bytes]:
    """Whole files of every kind, small, with all that may belong to them."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    files = {}
    for kind, mode in [
        *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1", "I;16")),
        *(("TIFF", mode) for mode in ("RGB", "RGBA", "L", "CMYK", "LAB", "I;16", "F")),
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ("BMP", "RGB"),
        ("GIF", "P"),
        ("MPO", "RGB"),
    ]:
        picture = Image.fromarray(colours(21, 17))
        picture = Image.new(mode, (17, 21)) if mode in ("I;16", "F", "LAB") else picture.convert(mode)
        memory = io.BytesIO()
        more = {"save_all": True, "append_images": [picture]} if kind == "MPO" else {}
        plain = kind in ("BMP", "GIF") or mode in ("I;16", "F", "LAB")
        extras = {} if plain else {"exif": exif, "icc_profile": SRGB, "dpi": (300, 150)}
        picture.save(memory, kind, **extras, **more)
        files[f"{kind} {mode}"] = memory.getvalue()
    texts = (
        (b"tEXt", b"parameters\0a cup"),
        (b"zTXt", b"workflow\0\0" + zlib.compress(b"{}" * 99)),
        (b"iTXt", b"a\0\1"),
    )
    notes = ((b"gAMA", struct.pack(">I", 45455)), (b"cICP", bytes(4)))
    whole = Belongings(SRGB, exif.tobytes(), (72, 300), Metadata(XMP, b"\x1c\2\5\0\1a", b"said", texts, notes))
    for bits in (np.uint8, np.uint16):
        for channels in (1, 2, 3, 4):
            files[f"png {bits.__name__} {channels}"] = png(colours(21, 17, channels, bits), whole)
            files[f"tiff {bits.__name__} {channels}"] = tiff(colours(21, 17, channels, bits), whole)
    return files


@pytest.mark.parametrize("name", seeds())
def test_a_broken_file_is_read_or_refused(tmp_path, name):
    rng, data, read = generator(1), seeds()[name], 0
    for number in range(60 * TRIES):
        path = tmp_path / f"a{rng.choice(list(FORMATS))}"
        path.write_bytes(mutated(data, rng))
        photo = tried(read_photo, path)
        path.unlink()
        if photo is None:
            continue
        read += 1
        assert photo.pixels.shape[2] == 3
        assert photo.pixels.dtype in (np.uint8, np.float32)
        assert photo.alpha is None or photo.alpha.shape == photo.pixels.shape[:2]
        if number % 4 == 0:
            _written_and_read_again(tmp_path, photo, rng)


def _written_and_read_again(tmp_path: Path, photo: Photo, rng: np.random.Generator) -> None:
    suffix = str(rng.choice([".png", ".tif", ".webp", ".jpg", ".bmp"]))
    quality = 100 if suffix == ".webp" else None
    path = tried(write_photo, tmp_path / f"b{suffix}", photo.pixels, photo, quality=quality)
    if path is None:
        return
    again = read_photo(path)
    left_out(path, photo)
    if photo.depth == 16 and suffix in (".png", ".tif"):
        # floats of a TIFF file need not be whole steps of sixteen bits
        assert np.abs(again.pixels - photo.pixels).max() < 1 / 65535
    elif suffix in (".png", ".tif") or (photo.depth == 8 and suffix in (".webp", ".bmp")):
        assert (again.pixels == photo.pixels).all()
    path.unlink()


@pytest.mark.parametrize("name", seeds())
def test_a_file_cut_anywhere_is_read_or_refused(tmp_path, name):
    data = seeds()[name]
    for end in range(0, len(data), max(1, len(data) // (40 * TRIES))):
        (tmp_path / "a").write_bytes(data[:end])
        tried(read_photo, tmp_path / "a")


def test_headers_of_huge_pictures_are_refused_before_they_are_decoded(tmp_path):
    sizes = (0, 1, 2, 9_999, 10_000, 65_535, 100_000, 2**31 - 1, 2**31, 2**32 - 1)
    for width in sizes:
        for height in sizes:
            if width == height == 2:
                continue
            (tmp_path / "a.png").write_bytes(small_png(width, height, bits=16))
            assert tried(read_photo, tmp_path / "a.png") is None
            bmp = b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54)
            bmp += struct.pack("<IiiHHIIiiII", 40, width % 2**31, height % 2**31, 1, 24, 0, 0, 0, 0, 0, 0)
            (tmp_path / "a.bmp").write_bytes(bmp + bytes(100))
            assert tried(read_photo, tmp_path / "a.bmp") is None


def test_no_reader_starts_a_program(tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("gs", "gswin64c", "djpeg", "convert"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    starts = [b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", b"\xc5\xd0\xd3\xc6" + bytes(40)]
    starts += [
        b"P6 9 9 255\n" + bytes(300),
        b"\xd7\xcd\xc6\x9a" + bytes(40),
        b"SIMPLE  =",
        b"qoif",
        b"#define a_width 9\n",
    ]
    names = []
    for number, start in enumerate(starts):
        for suffix in (*FORMATS, ".gif", ".eps", ""):
            names.append(tmp_path / f"{number}{suffix}")
            names[-1].write_bytes(start + b"%%EOF\n")
    code = (
        "import sys\nfrom cielr.errors import ImageError, MissingDependency\n"
        "from cielr.photos.photo import read_photo\n"
        "for name in sys.argv[1:]:\n    try:\n        read_photo(name)\n        print('read', name)\n"
        "    except (ImageError, MissingDependency):\n        pass\n"
    )
    environment = os.environ | {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, names)], capture_output=True, text=True, env=environment
    )
    assert (ran.stdout, ran.stderr) == ("", "")
    assert not (tmp_path / "started").exists()
