"""PNG and TIFF files as they are written: quickly or small, exact either way, and read by others."""

import sys
import zlib

import numpy as np
import pytest
from image_help import colours
from PIL import Image

from cielr.photos.encode import fast_compressor, png, tiff
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import write_photo


def smooth(dtype=np.uint8, channels=3):
    """A picture that compresses: each filter is the best one of some of its rows."""
    y, x = np.mgrid[:600, :80]
    top = np.iinfo(dtype).max
    ramps = [x * 3, y * 5, x * y, (x + y) * 2, (x * x + y) // 3]
    picture = np.concatenate([ramp[120 * k : 120 * (k + 1)] for k, ramp in enumerate(ramps)])
    return np.repeat(picture[..., None] % top, channels, axis=2).astype(dtype)


@pytest.fixture(params=["isal", "zlib"])
def deflate(request, monkeypatch):
    if request.param == "isal":
        pytest.importorskip("isal")
    else:
        monkeypatch.setitem(sys.modules, "isal", None)
    return request.param


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("make", [smooth, lambda dtype, channels: colours(600, 17, channels, dtype)])
def test_every_kind_of_picture_comes_back_exactly(tmp_path, deflate, make, dtype, channels, small):
    samples = make(dtype, channels)
    for encoder, name in ((png, "a.png"), (tiff, "a.tif")):
        if name == "a.tif" and (dtype, channels) == (np.uint16, 2):
            continue  # a kind that Pillow does not read, and that is never written
        (tmp_path / name).write_bytes(encoder(samples, small=small))
        photo = read_photo(tmp_path / name)
        top = 255 if dtype == np.uint8 else 65535
        planes = [photo.pixels] if photo.alpha is None else [photo.pixels, photo.alpha[..., None]]
        read = np.concatenate([np.rint(p * (1 if dtype == np.uint8 else top)).astype(dtype) for p in planes], axis=2)
        assert (read == (samples if channels > 2 else samples[..., [0, 0, 0, 1][: read.shape[2]]])).all()
        assert photo.grey == (channels < 3)


def test_what_is_written_small_is_smaller_and_uses_every_filter(tmp_path):
    quick, small = png(smooth()), png(smooth(), small=True)
    assert len(small) < 0.85 * len(quick)
    place = small.index(b"IDAT")
    length = int.from_bytes(small[place - 4 : place], "big")
    rows = np.frombuffer(zlib.decompress(small[place + 4 : place + 4 + length]), np.uint8).reshape(600, -1)
    assert len(set(rows[:, 0].tolist())) >= 4
    sizes = [
        write_photo(tmp_path / f"{is_small}.tif", smooth(), small=is_small).stat().st_size for is_small in (True, False)
    ]
    assert sizes[0] < sizes[1]


def test_what_is_written_small_is_smaller_of_a_photo_with_grain_too():
    rng = np.random.default_rng(0)
    grain = np.clip(smooth().astype(int) // 4 + 90 + rng.normal(0, 3, (600, 80, 3)), 0, 255).astype(np.uint8)
    for encoder in (png, tiff):
        assert len(encoder(grain, small=True)) < 0.95 * len(encoder(grain))


def test_the_compressor_is_the_fast_one_where_it_is_installed(deflate):
    assert type(fast_compressor()).__module__.startswith("isal" if deflate == "isal" else "zlib")


def test_a_sixteen_bit_grey_photo_with_alpha_can_be_opened_as_tiff(tmp_path):
    samples = colours(20, 30, 2, np.uint16).astype(np.float32) / np.float32(65535)
    pixels = np.repeat(samples[..., :1], 3, axis=2)
    like = Photo(pixels, np.ascontiguousarray(samples[..., 1]), depth=16, grey=True)
    photo = read_photo(write_photo(tmp_path / "a.tif", pixels, like))
    assert photo.pixels.tobytes() == pixels.tobytes()
    assert photo.alpha.tobytes() == like.alpha.tobytes()
    with Image.open(tmp_path / "a.tif") as image:
        assert image.mode == "RGBA"
