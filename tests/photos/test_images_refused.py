"""Files and arrays that are no photo: each is refused in one sentence that says why."""

import ast
import os
import subprocess
import sys
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from image_help import chunk, colours, refused, small_png
from PIL import Image

from cielr.errors import ImageError
from cielr.photos.decode import EIGHT_BITS, SIXTEEN_BITS
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import write_photo

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "There is no file"), ("", "0 bytes"), ("certainly not an image", "not an image")]
)
def test_files_that_hold_no_image(tmp_path, content, words):
    if content is not None:
        (tmp_path / "a.png").write_text(content)
    assert words in refused(read_photo, tmp_path / "a.png")


def test_a_folder(tmp_path):
    assert "is a folder" in refused(read_photo, tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="needs a device file")
def test_a_device():
    assert "regular file" in refused(read_photo, "/dev/zero")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator reads everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = write_photo(tmp_path / "a.png", colours())
    path.chmod(0)
    assert "cannot be read" in refused(read_photo, path)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".bmp"])
@pytest.mark.parametrize("share", [0.03, 0.4, 0.9])
def test_truncated_files(tmp_path, suffix, share):
    data = write_photo(tmp_path / f"a{suffix}", colours(120, 120)).read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(data[: max(12, int(len(data) * share))])
    assert "damaged" in refused(read_photo, cut)


def test_flipped_bytes_never_raise_anything_else(tmp_path):
    rng = np.random.default_rng(1)
    warnings.simplefilter("error")
    for suffix in (".png", ".jpg", ".tif", ".webp"):
        data = np.frombuffer(write_photo(tmp_path / f"a{suffix}", colours(40, 40)).read_bytes(), np.uint8)
        for _ in range(60):
            broken = data.copy()
            broken[rng.integers(0, min(400, len(data)), 6)] = rng.integers(0, 256, 6)
            (tmp_path / "b").write_bytes(broken.tobytes())
            with suppress(ImageError):
                read_photo(tmp_path / "b")


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.gif", "animation of 3"), ("a.webp", "animation of 3"), ("a.png", "animation of 3"), ("a.tif", "3 pages")],
)
def test_files_of_several_pictures(tmp_path, name, words):
    frames = [Image.fromarray(colours(seed=i)) for i in range(3)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert words in refused(read_photo, tmp_path / name)


def test_one_pixel(tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png")
    assert "1 x 1 pixels" in refused(read_photo, tmp_path / "a.png")
    assert "1 x 1 pixels" in refused(read_photo, np.zeros((1, 1, 3), np.uint8))


def test_the_pixel_limit_names_itself_and_its_flag(tmp_path):
    Image.new("L", (1000, 300)).save(tmp_path / "a.png")
    sentence = refused(read_photo, tmp_path / "a.png", max_pixels=200_000)
    assert "0.2" in sentence
    assert "--max-pixels 300000" in sentence
    assert read_photo(tmp_path / "a.png", max_pixels=300_000).width == 1000


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path):
    (tmp_path / "bomb.png").write_bytes(small_png(60_000, 60_000))
    assert "3600.0 megapixels" in refused(read_photo, tmp_path / "bomb.png")


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_a_small_file_that_unpacks_to_gigabytes_is_refused_before_it_is_decoded(tmp_path, mode):
    # 97 kB that would take more than a gigabyte
    Image.new(mode, (9999, 9999)).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size < 1_000_000
    assert "GB of memory" in refused(read_photo, tmp_path / "a.png")


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's measure of memory")
@pytest.mark.parametrize(("name", "most"), [("a.png", EIGHT_BITS), ("b.png", SIXTEEN_BITS), ("c.tif", EIGHT_BITS)])
def test_reading_takes_no_more_memory_for_a_pixel_than_is_said(tmp_path, name, most):
    pixels = np.tile(colours(500, 500), (5, 5, 1))
    if most == SIXTEEN_BITS:
        write_photo(tmp_path / name, pixels.astype(np.float32) / 255, Photo(pixels, depth=16))
    else:
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(pixels).save(tmp_path / name, exif=exif, **({"compress_level": 1} if "png" in name else {}))
    write_photo(tmp_path / "small.png", colours())
    code = f"""
from pathlib import Path
from cielr.photos import photo
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
photo.read_photo({str(tmp_path / "small.png")!r})
Path("/proc/self/clear_refs").write_text("5")
before = peak()
photo.read_photo({str(tmp_path / name)!r})
print((peak() - before) / 6_250_000)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    print(ran.stdout)
    assert 3 < float(ran.stdout) < most, ran.stderr


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_texts_and_profiles_that_unpack_without_end_are_refused_in_plain_words(tmp_path, kind):
    (tmp_path / "bomb.png").write_bytes(small_png(40, 40, chunk(kind, b"x\0\0" + zlib.compress(bytes(300_000_000), 9))))
    said = refused(read_photo, tmp_path / "bomb.png")
    assert "its texts or its colour profile unpack to more than 256 MB" in said
    assert "MAX_TEXT" not in said


def test_sizes_that_no_memory_holds_are_no_matter_of_a_limit(tmp_path):
    (tmp_path / "vast.png").write_bytes(small_png(2**31 - 1, 2**31 - 1))
    said = refused(read_photo, tmp_path / "vast.png")
    assert "2147483647 x 2147483647 pixels, which no memory holds" in said
    assert "--max-pixels" not in said


def test_files_are_given_to_readers_by_name():
    # without names Pillow tries every reader that it has
    for path in [*(ROOT / "cielr").rglob("*.py"), *(ROOT / "nodes").rglob("*.py")]:
        for call in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]:
            name = ast.unparse(call.func)
            if name in ("Image.open", "pil.open", "PIL.Image.open"):
                assert any(keyword.arg == "formats" for keyword in call.keywords), f"{path}:{call.lineno}"


@pytest.mark.skipif(os.name != "posix", reason="needs a program made of a script")
@pytest.mark.parametrize("name", ["holiday.png", "holiday.jpg", "holiday.eps"])
def test_a_photo_that_is_postscript_inside_starts_no_program(tmp_path, monkeypatch, name):
    (tmp_path / "gs").write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
    (tmp_path / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / name).write_bytes(POSTSCRIPT)
    code = f"from cielr.photos.photo import read_photo; read_photo({str(tmp_path / name)!r})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "is not an image that can be read" in ran.stderr
    assert not (tmp_path / "started").exists()
    # the trap works: without names Pillow runs the program
    code = f"from PIL import Image; Image.open({str(tmp_path / name)!r}).load()"
    subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT)
    assert (tmp_path / "started").exists()


POSTSCRIPT = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 100 100
%%EndComments
showpage
%%EOF
"""


def test_pillows_own_limit_is_left_as_it_was(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    read_photo(write_photo(tmp_path / "a.png", colours()))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((2, 4, 4, 3), np.uint8), "shape"),
        (np.zeros((4, 4, 3), np.float64), "float64"),
        (np.zeros((4, 4, 3), np.int32), "int32"),
        (np.full((4, 4, 3), np.nan, np.float32), "NaN"),
        (np.full((4, 4, 3), np.inf, np.float32), "infinite"),
        (np.full((4, 4, 3), 200, np.float32), "divide it by 255"),
        (np.full((4, 4, 3), -0.5, np.float32), "-0.5"),
        (np.zeros((0, 4, 3), np.uint8), "4 x 0 pixels"),
    ],
)
def test_arrays_that_are_no_images(array, words):
    assert words in refused(read_photo, array)


def test_anything_else():
    assert "not as int" in refused(read_photo, 3)
