"""Photos as they really come: they are read as they look, and what goes with them is kept."""

import io
import struct
import sys

import numpy as np
import pytest
from image_help import SRGB, colours
from PIL import Image, ImageOps

from cielr.errors import MissingDependency
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import write_photo


def test_arrays_and_pil_images_are_taken_as_they_are():
    array = colours()
    assert read_photo(array).pixels is array
    assert (read_photo(Image.fromarray(array)).pixels == array).all()
    floats = (array / 255).astype(np.float32)
    assert read_photo(floats).pixels is floats


def test_arrays_of_one_or_four_channels_become_rgb_and_alpha():
    array = colours(channels=4)
    photo = read_photo(array)
    assert (photo.pixels == array[..., :3]).all()
    assert (photo.alpha == array[..., 3]).all()
    grey = read_photo(array[..., 0])
    assert grey.grey
    assert (grey.pixels == array[..., :1]).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_applied_and_reset(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0xA002], exif.get_ifd(0x8769)[0xA003] = 31, 24
    Image.fromarray(colours()).save(tmp_path / "in.png", exif=exif, dpi=(300, 150))
    with Image.open(tmp_path / "in.png") as image:
        truth = np.asarray(ImageOps.exif_transpose(image))
    photo = read_photo(tmp_path / "in.png")
    assert (photo.pixels == truth).all()
    write_photo(tmp_path / "out.png", photo.pixels, photo)
    with Image.open(tmp_path / "out.png") as again:
        assert (np.asarray(again) == truth).all()
        tags = again.getexif()
        assert tags[0x0112] == 1
        assert tags[0x010F] == "Maker"
        sizes = tags.get_ifd(0x8769)
        assert (sizes[0xA002], sizes[0xA003]) == again.size
        assert round(again.info["dpi"][0]) == (150 if orientation >= 5 else 300)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".bmp"])
def test_lossless_formats_keep_every_pixel(tmp_path, suffix):
    array = colours()
    path = write_photo(tmp_path / f"a{suffix}", array)
    photo = read_photo(path)
    assert photo.pixels.dtype == np.uint8
    assert (photo.pixels == array).all()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_alpha_is_kept_even_under_full_transparency(tmp_path, suffix):
    array = colours(channels=4)
    array[:5, :, 3] = 0
    Image.fromarray(array).save(tmp_path / "in.png")
    photo = read_photo(tmp_path / "in.png")
    quality = 100 if suffix == ".webp" else None
    again = read_photo(write_photo(tmp_path / f"out{suffix}", photo.pixels, photo, quality=quality))
    assert (again.pixels == array[..., :3]).all()
    assert (again.alpha == array[..., 3]).all()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_profile_exif_and_resolution_are_kept(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x013B] = "Someone"
    exif.get_ifd(0x8769)[0x9003] = "2026:01:02 03:04:05"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 12.5)
    Image.fromarray(colours()).save(tmp_path / "in.jpg", exif=exif, icc_profile=SRGB, dpi=(300, 300))
    photo = read_photo(tmp_path / "in.jpg")
    with Image.open(write_photo(tmp_path / f"out{suffix}", photo.pixels, photo)) as image:
        assert image.info["icc_profile"] == SRGB
        tags = image.getexif()
        assert tags[0x013B] == "Someone"
        assert tags.get_ifd(0x8769)[0x9003] == "2026:01:02 03:04:05"
        assert tags.get_ifd(0x8825)[1] == "N"
        assert [float(v) for v in tags.get_ifd(0x8825)[2]] == [51.0, 30.0, 12.5]
        if suffix != ".webp":  # which has no place for it
            assert [round(float(v)) for v in image.info["dpi"]] == [300, 300]


def test_exif_thumbnail_of_the_picture_before_the_edit_is_not_kept(tmp_path):
    memory = io.BytesIO()
    Image.fromarray(colours(16, 16)).save(memory, "JPEG")
    thumbnail = memory.getvalue()
    # a little-endian TIFF block: IFD0 with one tag, then IFD1 with the thumbnail's place and length
    zero = struct.pack("<HHHIII", 1, 0x0112, 3, 1, 6, 26)
    one = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(thumbnail), 0)
    block = b"Exif\0\0II*\0\x08\0\0\0" + zero + one + thumbnail
    Image.fromarray(colours()).save(tmp_path / "in.jpg", exif=block)
    assert thumbnail in (tmp_path / "in.jpg").read_bytes()
    photo = read_photo(tmp_path / "in.jpg")
    out = write_photo(tmp_path / "out.jpg", photo.pixels, photo)
    assert thumbnail not in out.read_bytes()
    with Image.open(out) as image:
        assert image.getexif()[0x0112] == 1


def test_tags_of_a_tiff_file_do_not_travel_as_exif(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "in.tif", software="Camera", compression="tiff_lzw")
    photo = read_photo(tmp_path / "in.tif")
    with Image.open(write_photo(tmp_path / "out.jpg", photo.pixels, photo)) as image:
        tags = dict(image.getexif())
    assert tags.get(0x0131) == "Camera"
    assert not {256, 257, 259, 273, 279} & set(tags)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "YCbCr"])
def test_other_colour_modes_become_what_they_show(tmp_path, mode):
    image = Image.fromarray(colours()).convert(mode)
    suffix = {"CMYK": "tif", "YCbCr": "tif"}.get(mode, "png")
    image.save(tmp_path / f"in.{suffix}")
    photo = read_photo(tmp_path / f"in.{suffix}")
    with Image.open(tmp_path / f"in.{suffix}") as again:
        assert (photo.pixels == np.asarray(again.convert("RGB"))).all()
    assert photo.grey == (mode in ("1", "L", "LA"))
    out = write_photo(tmp_path / "out.png", photo.pixels, photo)
    assert (read_photo(out).pixels == photo.pixels).all()
    with Image.open(out) as written:
        assert written.mode == {"1": "L", "L": "L", "LA": "LA"}.get(mode, "RGB")


def test_palette_with_transparency_keeps_it(tmp_path):
    image = Image.fromarray(colours()).convert("P")
    image.save(tmp_path / "in.png", transparency=image.getpixel((0, 0)))
    photo = read_photo(tmp_path / "in.png")
    assert photo.alpha[0, 0] == 0
    assert photo.alpha.max() == 255


def test_a_lab_picture_has_its_colours(tmp_path):
    lab = Image.new("LAB", (8, 8), (138, 209, 198))  # sRGB red
    lab.save(tmp_path / "in.tif")
    red = read_photo(tmp_path / "in.tif").pixels[0, 0].astype(int)
    assert red[0] > 240
    assert red[1] < 30
    assert red[2] < 30


def test_a_grey_photo_that_got_colour_is_written_in_colour(tmp_path):
    Image.fromarray(colours()[..., 0]).save(tmp_path / "in.png")
    photo = read_photo(tmp_path / "in.png")
    changed = photo.pixels.copy()
    changed[3, 3] = 255, 0, 0
    again = read_photo(write_photo(tmp_path / "out.png", changed, photo))
    assert not again.grey
    assert (again.pixels == changed).all()


def test_a_profile_for_another_colour_space_is_not_put_on_the_result(tmp_path):
    fake = bytearray(SRGB)
    fake[16:20] = b"GRAY"
    photo = Photo(colours(), icc=bytes(fake))
    assert read_photo(write_photo(tmp_path / "a.png", photo.pixels, photo)).icc is None


def test_webp_is_lossless_at_quality_100_only(tmp_path):
    array = colours()
    assert (read_photo(write_photo(tmp_path / "a.webp", array, quality=100)).pixels == array).all()
    assert (read_photo(write_photo(tmp_path / "b.webp", array, quality=60)).pixels != array).any()


def test_quality_makes_files_smaller(tmp_path):
    sizes = [write_photo(tmp_path / f"{q}.jpg", colours(200, 200), quality=q).stat().st_size for q in (20, 60, 95)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2] / 2


def test_heic_is_read_and_written_where_the_plugin_is_there(tmp_path):
    pytest.importorskip("pillow_heif")
    flat = np.full((64, 64, 3), (200, 40, 90), np.uint8)
    photo = read_photo(write_photo(tmp_path / "a.heic", flat))
    assert photo.format == "HEIF"
    assert abs(photo.pixels.astype(int) - flat).max() < 12


def test_heic_without_the_plugin_names_what_brings_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(MissingDependency, match="pillow-heif"):
        read_photo(tmp_path / "a.heic")


def test_a_phone_photo_with_a_second_picture_in_it_is_read(tmp_path):
    first, second = Image.fromarray(colours()), Image.fromarray(colours(seed=1))
    first.save(tmp_path / "in.jpg", format="MPO", save_all=True, append_images=[second])
    assert read_photo(tmp_path / "in.jpg").format == "JPEG"
