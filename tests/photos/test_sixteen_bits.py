"""Photos of sixteen bits a colour, ours and others': not one bit is lost."""

import numpy as np
import pytest
import tifffile
from image_help import SRGB, colours, refused
from PIL import Image

from cielr.photos.encode import png
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import write_photo


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_survive_a_round_trip(tmp_path, suffix, channels):
    samples = colours(300, 17, channels, np.uint16)
    floats = np.repeat(samples, 3 // channels, axis=2).astype(np.float32) / np.float32(65535)
    like = Photo(floats, depth=16, grey=channels == 1, icc=SRGB if channels == 3 else None, dpi=(300, 300))
    photo = read_photo(write_photo(tmp_path / f"a{suffix}", floats, like))
    assert photo.depth == 16
    assert photo.grey == (channels == 1)
    assert photo.pixels.dtype == np.float32
    assert (np.rint(photo.pixels * 65535).astype(np.uint16) == samples).all()
    assert photo.pixels.tobytes() == floats.tobytes()
    assert photo.icc == like.icc
    assert round(photo.dpi[0]) == 300


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_alpha_survives(tmp_path, suffix):
    samples = colours(20, 30, 4, np.uint16).astype(np.float32) / np.float32(65535)
    like = Photo(samples[..., :3], np.ascontiguousarray(samples[..., 3]), depth=16)
    photo = read_photo(write_photo(tmp_path / f"a{suffix}", like.pixels, like))
    assert photo.pixels.tobytes() == like.pixels.tobytes()
    assert photo.alpha.tobytes() == like.alpha.tobytes()


@pytest.mark.parametrize(
    "options",
    [{}, {"compression": "zlib", "predictor": True}, {"byteorder": ">"}, {"byteorder": ">", "compression": 8}],
)
def test_sixteen_bit_tiff_files_of_others_are_read_exactly(tmp_path, options):
    samples = colours(40, 33, 3, np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", **options)
    assert (np.rint(read_photo(tmp_path / "a.tif").pixels * 65535) == samples).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_tiff_file_is_applied(tmp_path, orientation, compression, channels, dtype):
    samples = colours(24, 31, channels, dtype)
    tifffile.imwrite(
        tmp_path / "a.tif",
        samples if channels == 3 else samples[..., 0],
        photometric="rgb" if channels == 3 else "minisblack",
        compression=compression,
        extratags=[(274, "H", 1, orientation, True)],
    )
    photo = read_photo(tmp_path / "a.tif")
    turned = samples.swapaxes(0, 1) if orientation >= 5 else samples
    turned = turned[:, ::-1] if orientation in (2, 3, 6, 7) else turned
    turned = turned[::-1] if orientation in (3, 4, 7, 8) else turned
    top = 1 if dtype == np.uint8 else 65535
    assert (np.rint(photo.pixels * top).astype(dtype) == turned).all()


@pytest.mark.parametrize("channels", [3, 4])
def test_others_read_our_tiff_files(tmp_path, channels):
    samples = colours(600, 33, channels)
    photo = read_photo(samples)
    write_photo(tmp_path / "a.tif", photo.pixels, photo)
    assert (tifffile.imread(tmp_path / "a.tif") == samples).all()


def test_others_read_our_sixteen_bit_tiff_files(tmp_path):
    samples = colours(600, 33, 3, np.uint16)
    floats = samples.astype(np.float32) / np.float32(65535)
    exif = Image.Exif()
    exif[0x013B] = "Someone"
    like = Photo(floats, depth=16, exif=exif.tobytes(), icc=SRGB)
    write_photo(tmp_path / "a.tif", floats, like)
    assert (tifffile.imread(tmp_path / "a.tif") == samples).all()
    with Image.open(tmp_path / "a.tif") as image:
        assert image.getexif()[0x013B] == "Someone"
        assert image.info["icc_profile"] == SRGB


def test_a_png_of_sixteen_bit_grey_and_alpha_keeps_both_depths(tmp_path):
    samples = colours(9, 7, 2, np.uint16)
    (tmp_path / "a.png").write_bytes(png(samples))
    photo = read_photo(tmp_path / "a.png")
    assert photo.grey
    assert photo.depth == 16
    assert photo.alpha is not None
    assert np.array_equal(np.rint(photo.pixels[..., 0] * 65535), samples[..., 0])
    assert np.array_equal(np.rint(photo.alpha * 65535), samples[..., 1])
    again = read_photo(write_photo(tmp_path / "b.png", photo.pixels, photo))
    assert np.array_equal(again.pixels, photo.pixels)
    assert np.array_equal(again.alpha, photo.alpha)


def test_sixteen_bit_grey_whose_zero_is_white_is_read_as_it_looks(tmp_path):
    samples = np.arange(63, dtype=np.uint16).reshape(9, 7) * 1000
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="miniswhite")
    photo = read_photo(tmp_path / "a.tif")
    assert np.array_equal(np.rint(photo.pixels[..., 0] * 65535), 65535 - samples.astype(int))
    assert np.array_equal(read_photo(write_photo(tmp_path / "b.tif", photo.pixels, photo)).pixels, photo.pixels)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_tags_of_a_bigtiff_file_fit_the_other_formats(tmp_path, suffix):
    tifffile.imwrite(tmp_path / "a.tif", colours(), photometric="rgb", bigtiff=True, description="a photo")
    photo = read_photo(tmp_path / "a.tif")
    written = write_photo(tmp_path / f"b{suffix}", photo.pixels, photo)
    with Image.open(written) as image:
        assert image.getexif()[0x010E].startswith("a photo")


def test_a_tiff_file_without_a_resolution_gets_none(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "a.tif")
    assert read_photo(tmp_path / "a.tif").dpi is None


def test_colours_in_floats_are_refused_without_calling_the_file_damaged(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", colours().astype(np.float32) / 255, photometric="rgb")
    assert "of a kind that is not read" in refused(read_photo, tmp_path / "a.tif")


def test_sixteen_bit_planes_are_refused_in_words(tmp_path):
    samples = colours(40, 33, 3, np.uint16).transpose(2, 0, 1)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", planarconfig="separate")
    assert "plane by plane" in refused(read_photo, tmp_path / "a.tif")


def test_a_sixteen_bit_grey_png_of_pillow_keeps_its_depth(tmp_path):
    samples = colours(20, 20, 1, np.uint16)[..., 0]
    Image.fromarray(samples).save(tmp_path / "in.png")
    photo = read_photo(tmp_path / "in.png")
    write_photo(tmp_path / "out.png", photo.pixels, photo)
    with Image.open(tmp_path / "out.png") as image:
        assert image.mode == "I;16"
        assert (np.asarray(image) == samples).all()


def test_sixteen_bits_become_eight_where_the_format_has_no_more(tmp_path):
    floats = np.full((16, 16, 3), 0.5, np.float32)
    photo = read_photo(write_photo(tmp_path / "a.jpg", floats, Photo(floats, depth=16)))
    assert photo.pixels.dtype == np.uint8
    assert (photo.pixels == 128).all()
