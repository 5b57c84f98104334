"""Files and arrays that are no photo: each is refused in one sentence that says why."""

import os
import warnings
from contextlib import suppress

import numpy as np
import pytest
from image_help import colours, refused
from PIL import Image

from cielr.errors import ImageError
from cielr.photos.photo import read_photo, write_photo


def test_a_missing_file(tmp_path):
    assert refused(read_photo, tmp_path / "no.png").startswith("There is no file")


def test_a_folder(tmp_path):
    assert "is a folder" in refused(read_photo, tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.png").touch()
    assert "0 bytes" in refused(read_photo, tmp_path / "a.png")


def test_a_file_that_is_no_image(tmp_path):
    (tmp_path / "a.png").write_text("certainly not an image, but long enough to be looked at")
    assert "not an image" in refused(read_photo, tmp_path / "a.png")


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


@pytest.mark.parametrize(("kind", "suffix"), [("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png")])
def test_animations(tmp_path, kind, suffix):
    frames = [Image.fromarray(colours(seed=i)) for i in range(3)]
    frames[0].save(tmp_path / f"a.{suffix}", format=kind, save_all=True, append_images=frames[1:])
    assert "animation of 3 frames" in refused(read_photo, tmp_path / f"a.{suffix}")


def test_files_of_several_pages(tmp_path):
    frames = [Image.fromarray(colours(seed=i)) for i in range(2)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert "2 pages" in refused(read_photo, tmp_path / "a.tif")


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
    import zlib

    def chunk(name, data):
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = (60000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    assert "3600.0 megapixels" in refused(read_photo, tmp_path / "bomb.png")


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
