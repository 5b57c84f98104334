"""What a file says besides its picture: XMP, IPTC, comments, PNG's texts and notes on colour; what is kept of it where.

Nothing of it is read for its meaning. What would show the photo before the edit (thumbnails, second pictures) or would
be wrong of the edited one (orientation) is taken out.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

TEXTS = (b"tEXt", b"zTXt", b"iTXt")
COLOUR = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi")
MOST_TEXT = 64_000_000
"""Bytes of PNG texts that are kept of one file; workflows have a few hundred thousand."""
SEGMENT = 65_000
"""Bytes that surely fit into one segment of a JPEG file."""

_XMP_KEY = b"XML:com.adobe.xmp\0"
_IPTC_TAG, _PHOTOSHOP_IPTC = 33723, 0x0404
_STALE_XMP = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        # pictures of the photo before the edit
        rb"<(xmp|xap):Thumbnails>.*?</\1:Thumbnails>",
        # directions to pictures and videos behind the first picture, which do not come along
        rb"<Container:Directory>.*?</Container:Directory>",
        rb"\s(?:hdrgm:Version|GCamera:(?:MotionPhoto|MicroVideo)\w*|xmpNote:HasExtendedXMP)=\"[^\"]*\"",
        rb"<xmpNote:HasExtendedXMP>[^<]*</xmpNote:HasExtendedXMP>",
    )
)
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:>|=\"))[1-8]")


@dataclass(frozen=True)
class Metadata:
    """What a file says besides its picture, profile, EXIF and resolution, as bytes that are passed on.

    Attributes:
        xmp, iptc: the packet, the records; None where there are none.
        comment: of a JPEG file.
        texts: of a PNG file, as (name of the chunk, its data).
        colour: a PNG file's notes on the meaning of its samples, the same way.
        left: what of the file is not taken along at all, in words.
    """

    xmp: bytes | None = None
    iptc: bytes | None = None
    comment: bytes | None = None
    texts: tuple[tuple[bytes, bytes], ...] = ()
    colour: tuple[tuple[bytes, bytes], ...] = ()
    left: tuple[str, ...] = ()


def metadata(image: Image, file: Any) -> Metadata:
    """That of an opened picture; `file` is the seekable file that it comes from, or None."""
    xmp = image.info.get("xmp")
    xmp = xmp.encode("utf-8") if isinstance(xmp, str) else xmp if isinstance(xmp, bytes) else None
    comment = image.info.get("comment") if image.format in ("JPEG", "MPO") else None
    known = Metadata(
        xmp=_clean_xmp(xmp) if xmp else None,
        iptc=_iptc(image),
        comment=comment if isinstance(comment, bytes) and comment else None,
        left=tuple(_left(image, xmp or b"")),
    )
    return _with_chunks(known, file) if image.format == "PNG" and file is not None else known


def lost(known: Metadata, kind: str) -> list[str]:
    """What of it a file of a format ("PNG", "JPEG", …) does not get, in words."""
    words, kept = list(known.left), without_lost(known, kind)
    if known.xmp != kept.xmp:
        words.append("XMP")
    if known.iptc != kept.iptc:
        words.append("IPTC")
    if known.comment is not None and kind not in ("JPEG", "PNG"):
        words.append("the JPEG comment")
    if kind != "PNG":
        names = [name for data in known.texts if (name := _keyword(data[1]))]
        if names:
            more = f", {len(names) - 6} more" if len(names) > 6 else ""
            words.append(f"PNG texts ({', '.join(names[:6])}{more})")
        if notes := [name.decode() for name, data in known.colour if _matters(name, data, known)]:
            words.append(f"notes on colour ({', '.join(notes)})")
    return words


def without_lost(known: Metadata, kind: str) -> Metadata:
    """It without the XMP and the IPTC records for which a file of a format has no room."""

    def fits(block: bytes | None, *kinds: str) -> bool:
        return kind in kinds and (kind != "JPEG" or len(block or b"") <= SEGMENT)

    has_xmp = fits(known.xmp, "PNG", "JPEG", "TIFF", "WEBP", "HEIF", "AVIF")
    has_iptc = fits(known.iptc, "JPEG", "TIFF")
    return replace(known, xmp=known.xmp if has_xmp else None, iptc=known.iptc if has_iptc else None)


def png_chunks(known: Metadata) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    """(notes on colour, texts) as chunks for a PNG file."""
    texts = list(known.texts)
    if known.xmp is not None:
        texts.append((b"iTXt", _XMP_KEY + b"\0\0\0\0" + known.xmp))
    if known.comment is not None:
        texts.append((b"tEXt", b"Comment\0" + known.comment.rstrip(b"\0").replace(b"\0", b" ")))
    return list(known.colour), texts


def jpeg_segments(known: Metadata) -> bytes:
    """IPTC records as a JPEG file has them, in a Photoshop segment; b"" where there are none."""
    if known.iptc is None:
        return b""
    records = known.iptc + b"\0" * (len(known.iptc) % 2)
    block = b"8BIM" + struct.pack(">HHI", _PHOTOSHOP_IPTC, 0, len(known.iptc)) + records
    data = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + struct.pack(">H", len(data) + 2) + data


def _clean_xmp(xmp: bytes) -> bytes:
    for pattern in _STALE_XMP:
        xmp = pattern.sub(b"", xmp)
    return _ORIENTATION.sub(rb"\g<1>1", xmp)


def _iptc(image: Image) -> bytes | None:
    """IPTC-IIM records, out of Photoshop's block (JPEG) or their own tag (TIFF)."""
    records: Any = None
    if image.format in ("JPEG", "MPO"):
        blocks = image.info.get("photoshop")
        records = blocks.get(_PHOTOSHOP_IPTC) if isinstance(blocks, dict) else None
    elif image.format == "TIFF":
        records = getattr(image, "tag_v2", {}).get(_IPTC_TAG)
        if isinstance(records, tuple) and all(isinstance(value, int) for value in records):
            # a widespread mistake: the bytes are said to be numbers of 32 bits
            order = ">" if getattr(image.tag_v2, "prefix", b"II") == b"MM" else "<"  # pyright: ignore
            records = struct.pack(f"{order}{len(records)}I", *(value & 0xFFFFFFFF for value in records))
    # each record begins so
    return records if isinstance(records, bytes) and records.startswith(b"\x1c") else None


def _left(image: Image, xmp: bytes) -> Iterator[str]:
    """What lies in the file behind or beside its picture, and shows the photo before the edit."""
    info = image.info
    if image.format == "MPO" or "mp" in info or info.get("aux") or info.get("depth_images"):
        gain = re.search(rb"hdrgm:|GainMap|gainmap", xmp) is not None
        what = "the gain map for HDR screens" if gain else "further pictures in the file, such as a gain map or depth"
        yield what
    if re.search(rb"GCamera:(?:MotionPhoto|MicroVideo)=\"1\"", xmp):
        yield "the video of a motion photo"
    segments = getattr(image, "applist", ())
    if any(data.startswith(b"http://ns.adobe.com/xmp/extension/") for _, data in segments):
        yield "extended XMP"
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    if 37724 in tags:
        yield "Photoshop layers"


# ----------------------------------------------------------------------------------------------------------------- PNG


def _with_chunks(known: Metadata, file: Any) -> Metadata:
    texts, colour, left, size = [], [], list(known.left), 0
    for name, data in _chunks(file):
        if name in COLOUR:
            colour.append((name, data))
            continue
        size += len(data)
        # the picture's XMP and EXIF are known already; the latter would come back with its old orientation
        if data.startswith((_XMP_KEY, b"Raw profile type exif\0", b"Raw profile type APP1\0")):
            continue
        if size > MOST_TEXT:
            left.append(f"PNG texts beyond {MOST_TEXT / 1e6:g} MB")
            break
        texts.append((name, data))
    return replace(known, texts=tuple(texts), colour=tuple(colour), left=tuple(left))


def _chunks(file: Any) -> Iterator[tuple[bytes, bytes]]:
    """(name, data) of the chunks of texts and colour; stops where the file is damaged."""
    place = file.tell()
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            if name == b"IEND":
                return
            if name not in (*TEXTS, *COLOUR) or length > MOST_TEXT:
                file.seek(length + 4, 1)
                continue
            data = file.read(length)
            if len(data) < length:
                return
            file.seek(4, 1)
            yield name, data
    finally:
        file.seek(place)


def _keyword(data: bytes) -> str:
    return data.split(b"\0", 1)[0][:79].decode("latin-1")


def _matters(name: bytes, data: bytes, known: Metadata) -> bool:
    """Whether a note says something else than what every viewer takes for granted: sRGB."""
    if name == b"sRGB" or (name == b"gAMA" and data == struct.pack(">I", 45455)):
        return False
    names = {other for other, _ in known.colour}
    # an sRGB chunk overrules these two, and with the usual gamma the primaries are the usual ones as a rule
    usual = b"sRGB" in names or (b"gAMA", struct.pack(">I", 45455)) in known.colour
    return not (usual and name in (b"gAMA", b"cHRM"))
