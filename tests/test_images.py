"""Photos as they really come: what is kept, and one sentence for everything that cannot be used."""

import errno
import io
import os
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from cielr.encode import png16
from cielr.errors import ImageError, MissingDependency
from cielr.images import FORMATS, Photo, check_output, read_photo, write_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def colours(height=24, width=31, channels=3, dtype=np.uint8, seed=0):
    top = 256 if dtype == np.uint8 else 65536
    return np.random.default_rng(seed).integers(0, top, (height, width, channels), dtype=dtype)


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(ImageError) as caught:
        call(*args, **kwargs)
    sentence = str(caught.value)
    assert sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


# ---------------------------------------------------------------------------------------------------------- reading


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
    entry = lambda tag, kind, count, value: b"".join(  # noqa: E731
        [
            tag.to_bytes(2, "little"),
            kind.to_bytes(2, "little"),
            count.to_bytes(4, "little"),
            value.to_bytes(4, "little"),
        ]
    )
    zero = b"\1\0" + entry(0x0112, 3, 1, 6) + (26).to_bytes(4, "little")
    one = b"\2\0" + entry(0x0201, 4, 1, 56) + entry(0x0202, 4, 1, len(thumbnail)) + b"\0\0\0\0"
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


# ---------------------------------------------------------------------------------------------------------- 16 bits


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
    tifffile = pytest.importorskip("tifffile")
    samples = colours(40, 33, 3, np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="rgb", **options)
    assert (np.rint(read_photo(tmp_path / "a.tif").pixels * 65535) == samples).all()


@pytest.mark.parametrize("channels", [3, 4])
def test_others_read_our_tiff_files(tmp_path, channels):
    tifffile = pytest.importorskip("tifffile")
    samples = colours(600, 33, channels)
    photo = read_photo(samples)
    write_photo(tmp_path / "a.tif", photo.pixels, photo)
    assert (tifffile.imread(tmp_path / "a.tif") == samples).all()


def test_others_read_our_sixteen_bit_tiff_files(tmp_path):
    tifffile = pytest.importorskip("tifffile")
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
    (tmp_path / "a.png").write_bytes(png16(samples))
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
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", samples, photometric="miniswhite")
    photo = read_photo(tmp_path / "a.tif")
    assert np.array_equal(np.rint(photo.pixels[..., 0] * 65535), 65535 - samples.astype(int))
    assert np.array_equal(read_photo(write_photo(tmp_path / "b.tif", photo.pixels, photo)).pixels, photo.pixels)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_tags_of_a_bigtiff_file_fit_the_other_formats(tmp_path, suffix):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", colours(), photometric="rgb", bigtiff=True, description="a photo")
    photo = read_photo(tmp_path / "a.tif")
    written = write_photo(tmp_path / f"b{suffix}", photo.pixels, photo)
    with Image.open(written) as image:
        assert image.getexif()[0x010E].startswith("a photo")


def test_a_tiff_file_without_a_resolution_gets_none(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "a.tif")
    assert read_photo(tmp_path / "a.tif").dpi is None


def test_colours_in_floats_are_refused_without_calling_the_file_damaged(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", colours().astype(np.float32) / 255, photometric="rgb")
    with pytest.raises(ImageError, match="of a kind that is not read"):
        read_photo(tmp_path / "a.tif")


def test_sixteen_bit_planes_are_refused_in_words(tmp_path):
    tifffile = pytest.importorskip("tifffile")
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


# -------------------------------------------------------------------------------------------------- what is refused


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


# ---------------------------------------------------------------------------------------------------------- writing


def test_an_existing_file_is_replaced_only_when_told(tmp_path):
    path = write_photo(tmp_path / "a.png", colours())
    before = path.read_bytes()
    assert "--overwrite" in refused(write_photo, path, colours(seed=1))
    assert path.read_bytes() == before
    write_photo(path, colours(seed=1), overwrite=True)
    assert path.read_bytes() != before


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.gif"])
def test_an_unknown_suffix(tmp_path, name):
    sentence = refused(check_output, tmp_path / name)
    assert ".png" in sentence
    assert ".webp" in sentence


def test_a_missing_folder(tmp_path):
    assert "does not exist" in refused(write_photo, tmp_path / "no" / "a.png", colours())


def test_a_read_only_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "read-only" in refused(write_photo, tmp_path / "a.png", colours())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator writes everywhere")
def test_a_folder_without_write_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "read-only" in refused(write_photo, tmp_path / "a.png", colours())
    finally:
        tmp_path.chmod(0o700)


def test_a_quality_out_of_range_or_without_meaning(tmp_path):
    assert "1 to 100" in refused(check_output, tmp_path / "a.jpg", quality=0)
    assert "takes no quality" in refused(check_output, tmp_path / "a.png", quality=90)


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_transparency_is_not_dropped_silently(tmp_path, suffix):
    photo = read_photo(colours(channels=4))
    assert "transparency" in refused(write_photo, tmp_path / f"a{suffix}", photo.pixels, photo)
    opaque = Photo(photo.pixels, np.full(photo.alpha.shape, 255, np.uint8))
    assert write_photo(tmp_path / f"a{suffix}", photo.pixels, opaque).exists()


def test_numbers_that_are_none_are_not_written(tmp_path):
    assert "not numbers" in refused(write_photo, tmp_path / "a.png", np.full((4, 4, 3), np.nan, np.float32))


def test_a_picture_that_the_format_cannot_hold(tmp_path):
    sentence = refused(write_photo, tmp_path / "a.webp", np.zeros((2, 20000, 3), np.uint8))
    assert "a.webp" in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("replaces", [False, True])
def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch, replaces):
    if replaces:
        (tmp_path / "a.png").write_text("what was there before")
    opened = Path.open

    def full(self, mode="r", *args, **kwargs):
        file = opened(self, mode, *args, **kwargs)
        if "x" not in mode:
            return file
        file.write(b"half")

        class Full:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def write(self, _):
                raise OSError(errno.ENOSPC, "No space left on device")

        return Full()

    monkeypatch.setattr(Path, "open", full)
    assert "disk is full" in refused(write_photo, tmp_path / "a.png", colours(), overwrite=True)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == (["a.png"] if replaces else [])
    if replaces:
        assert (tmp_path / "a.png").read_text() == "what was there before"


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_limit_of_the_system_on_file_sizes_leaves_no_half_file(tmp_path):
    # a real write that the kernel breaks off, as it does on a full disk
    code = f"""
import resource, signal, numpy as np
from cielr.images import write_photo
from cielr.errors import ImageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_photo({str(tmp_path / "a.bmp")!r}, np.zeros((100, 100, 3), np.uint8))
except ImageError as error:
    print("refused:", error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert ran.stdout.startswith("refused:"), ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_file_gets_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    path = write_photo(tmp_path / "a.png", colours())
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_every_suffix_writes_what_reads_back(tmp_path):
    for suffix in FORMATS:
        flat = np.full((64, 64, 3), 90, np.uint8)
        if suffix in (".avif", ".heic", ".heif"):
            with suppress(ImageError, MissingDependency):
                write_photo(tmp_path / f"a{suffix}", flat)
            if not (tmp_path / f"a{suffix}").exists():
                continue
        path = write_photo(tmp_path / f"a{suffix}", flat, overwrite=True)
        assert abs(read_photo(path).pixels.astype(int) - 90).max() < 8


def test_text_in_a_png_does_not_disturb(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "{}" * 1000)
    Image.fromarray(colours()).save(tmp_path / "a.png", pnginfo=info)
    assert read_photo(tmp_path / "a.png").exif is None
