"""What a file says besides its picture is kept, or said to be left out."""

import io
import struct
import zlib

import numpy as np
import pytest
from image_help import SRGB, colours
from PIL import Image, IptcImagePlugin, PngImagePlugin

from cielr.photos.encode import Belongings, png
from cielr.photos.metadata import Metadata, jpeg_segments
from cielr.photos.photo import Photo, read_photo
from cielr.photos.write import left_out, write_photo

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" dc:title="A cup"/></x:xmpmeta>'
UPRIGHT = XMP.replace(b'"6"', b'"1"')
IPTC = b"\x1c\x02\x50\x00\x07Someone\x1c\x02\x78\x00\x05A cup"
GAMMA = (b"gAMA", struct.pack(">I", 100_000))
PRIMARIES = (b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
CODES = (b"cICP", bytes([9, 16, 0, 1]))


def edited(tmp_path, source, goal):
    """The photo, and what another program reads in its edited copy."""
    photo = read_photo(tmp_path / source)
    with Image.open(write_photo(tmp_path / goal, photo.pixels, photo, overwrite=True)) as image:
        image.load()
        return photo, image


def chunks(path):
    data, place = path.read_bytes(), 8
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        yield name, data[place + 8 : place + 8 + length]
        place += length + 12


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_texts_of_a_png_are_there_as_before(tmp_path, dtype):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cup, steps 20")
    info.add_text("workflow", "{}" * 5000, zip=True)
    info.add_itxt("Title", "Käfer", lang="de")
    with io.BytesIO() as memory:
        Image.fromarray(colours()).save(memory, "PNG", pnginfo=info)
        (tmp_path / "a.png").write_bytes(memory.getvalue())
    if dtype == np.uint16:
        texts = tuple((name, data) for name, data in chunks(tmp_path / "a.png") if name.endswith(b"Xt"))
        (tmp_path / "a.png").write_bytes(png(colours(dtype=dtype), Belongings(metadata=Metadata(texts=texts))))
    photo, image = edited(tmp_path, "a.png", "b.png")
    assert image.text == {"parameters": "a cup, steps 20", "workflow": "{}" * 5000, "Title": "Käfer"}
    assert left_out("b.png", photo) == ""
    assert "PNG texts (parameters, workflow, Title)" in left_out("b.jpg", photo)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_png_with_a_megabyte_of_text_is_a_photo(tmp_path, zipped):
    info = PngImagePlugin.PngInfo()
    info.add_text("workflow", "abcdefgh" * 160_000, zip=zipped)
    Image.fromarray(colours()).save(tmp_path / "a.png", pnginfo=info)
    photo = read_photo(tmp_path / "a.png")
    assert (photo.pixels == colours()).all()
    again = read_photo(write_photo(tmp_path / "b.png", photo.pixels, photo))
    assert again.metadata.texts == photo.metadata.texts
    assert len(photo.metadata.texts) == 1


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("source", ["png", "jpg", "tif", "webp"])
def test_xmp_is_kept_and_says_that_the_photo_is_upright(tmp_path, source, suffix):
    if source == "png":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        Image.fromarray(colours()).save(tmp_path / "a.png", pnginfo=info)
    elif source == "tif":
        Image.fromarray(colours()).save(tmp_path / "a.tif", tiffinfo={700: XMP})
    else:
        Image.fromarray(colours()).save(tmp_path / f"a.{source}", xmp=XMP)
    photo, image = edited(tmp_path, f"a.{source}", f"b{suffix}")
    # Pillow turns a TIFF file itself, and takes the mark out
    assert image.info["xmp"] in (UPRIGHT, UPRIGHT.replace(b'tiff:Orientation="1"', b""))
    assert left_out(f"b{suffix}", photo) == ""
    assert "XMP" in left_out("b.bmp", photo)


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
@pytest.mark.parametrize("source", ["jpg", "tif"])
def test_iptc_is_kept(tmp_path, source, suffix):
    if source == "jpg":
        segment = jpeg_segments(Metadata(iptc=IPTC))
        Image.fromarray(colours()).save(tmp_path / "a.jpg", extra=segment, comment=b"A comment")
    else:
        write_photo(tmp_path / "a.tif", colours(), Photo(colours(), metadata=Metadata(iptc=IPTC)))
    photo, image = edited(tmp_path, f"a.{source}", f"b{suffix}")
    said = IptcImagePlugin.getiptcinfo(image)
    assert (said[(2, 80)], said[(2, 120)]) == (b"Someone", b"A cup")
    assert "IPTC" in left_out("b.png", photo)
    if source == "jpg":
        assert "the JPEG comment" in left_out("b.tif", photo)
        assert "the JPEG comment" not in left_out("b.png", photo)


def test_a_comment_is_kept(tmp_path):
    Image.fromarray(colours()).save(tmp_path / "a.jpg", comment=b"Made by hand")
    assert edited(tmp_path, "a.jpg", "b.jpg")[1].info["comment"] == b"Made by hand"
    assert edited(tmp_path, "a.jpg", "b.png")[1].text == {"Comment": "Made by hand"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_pngs_notes_on_colour_are_kept_before_the_picture(tmp_path, dtype):
    notes = Metadata(colour=(GAMMA, PRIMARIES, CODES))
    (tmp_path / "a.png").write_bytes(png(colours(dtype=dtype), Belongings(metadata=notes)))
    photo, _ = edited(tmp_path, "a.png", "b.png")
    written = list(chunks(tmp_path / "b.png"))
    assert [chunk for chunk in written if chunk in (GAMMA, PRIMARIES, CODES)] == [GAMMA, PRIMARIES, CODES]
    names = [name for name, _ in written]
    assert names.index(b"cICP") < names.index(b"IDAT")
    assert "notes on colour (gAMA, cHRM, cICP)" in left_out("b.jpg", photo)


def test_notes_that_say_no_more_than_srgb_are_not_missed(tmp_path):
    notes = Metadata(colour=((b"gAMA", struct.pack(">I", 45455)), PRIMARIES, (b"sRGB", b"\0")))
    (tmp_path / "a.png").write_bytes(png(colours(), Belongings(metadata=notes)))
    assert left_out("b.jpg", read_photo(tmp_path / "a.png")) == ""


def test_a_second_picture_is_said_to_be_left_out(tmp_path):
    first, second = Image.fromarray(colours()), Image.fromarray(colours(seed=1))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    photo, image = edited(tmp_path, "a.jpg", "b.jpg")
    assert image.format == "JPEG"
    assert "further pictures in the file" in left_out("b.jpg", photo)


def test_a_gain_map_and_a_video_are_named_and_no_longer_pointed_at(tmp_path):
    directory = b"<Container:Directory><rdf:Seq><rdf:li/></rdf:Seq></Container:Directory>"
    for mark, words in ((b"hdrgm:Version", "the gain map"), (b"GCamera:MotionPhoto", "the video of a motion photo")):
        xmp = b"<x:xmpmeta><rdf:Description " + mark + b'="1" a="2">' + directory + b"</rdf:Description></x:xmpmeta>"
        first, second = Image.fromarray(colours()), Image.fromarray(colours(seed=1))
        first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second], xmp=xmp)
        photo, image = edited(tmp_path, "a.jpg", "b.jpg")
        assert words in left_out("b.jpg", photo)
        assert image.info["xmp"] == b'<x:xmpmeta><rdf:Description a="2"></rdf:Description></x:xmpmeta>'


def test_pictures_of_before_the_edit_in_xmp_are_not_kept(tmp_path):
    inner = b"<xmp:Thumbnails><rdf:Alt>/9j/4AAQ</rdf:Alt></xmp:Thumbnails>"
    Image.fromarray(colours()).save(tmp_path / "a.jpg", xmp=b"<x:xmpmeta>" + inner + b"</x:xmpmeta>")
    assert edited(tmp_path, "a.jpg", "b.png")[1].info["xmp"] == b"<x:xmpmeta></x:xmpmeta>"


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_a_colour_profile_of_two_megabytes_is_read_back(tmp_path, suffix):
    profile = SRGB + np.random.default_rng(0).integers(0, 256, 2_000_000, dtype=np.uint8).tobytes()
    like = Photo(colours(), icc=profile)
    again = read_photo(write_photo(tmp_path / f"a{suffix}", like.pixels, like))
    assert again.icc == profile


def test_what_a_jpeg_has_no_room_for_does_not_stop_it_and_is_said(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "x" * 70_000
    large = Photo(colours(), exif=exif.tobytes(), metadata=Metadata(xmp=b"y" * 70_000, iptc=b"\x1c" + b"z" * 70_000))
    path = write_photo(tmp_path / "a.jpg", large.pixels, large)
    assert read_photo(path).exif is None
    assert left_out(path, large).endswith("EXIF, XMP and IPTC.")
    kept = read_photo(write_photo(tmp_path / "a.tif", large.pixels, large))
    assert kept.metadata == large.metadata


def test_a_bmp_is_said_to_hold_little(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    Image.fromarray(colours()).save(tmp_path / "a.jpg", exif=exif, icc_profile=SRGB)
    assert "the colour profile and EXIF" in left_out("b.bmp", read_photo(tmp_path / "a.jpg"))


def test_texts_of_a_damaged_png_do_not_matter(tmp_path):
    whole = png(colours(), Belongings(metadata=Metadata(texts=((b"tEXt", b"Title\0A cup"),))))
    broken = whole.replace(b"tEXtTitle", b"tEXt" + bytes(5))
    name = broken.index(b"tEXt")
    length = struct.unpack(">I", broken[name - 4 : name])[0]
    crc = zlib.crc32(broken[name : name + 4 + length])
    broken = broken[: name + 4 + length] + struct.pack(">I", crc) + broken[name + 8 + length :]
    (tmp_path / "a.png").write_bytes(broken)
    photo = read_photo(tmp_path / "a.png")
    assert left_out("b.jpg", photo) == ""
    assert (read_photo(write_photo(tmp_path / "b.png", photo.pixels, photo)).pixels == colours()).all()
