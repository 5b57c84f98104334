"""The names of results: readable, safe on every system, and no two the same."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from ..photos.write import FORMATS
from .index import Index
from .items import Item
from .places import is_url

LEDGER = "cielr-batch"
"""The folder of the ledger, below the results; no result is put there."""
LONGEST = 200
"""Bytes of one name; file systems take 255, and numbers come to it."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def wished_name(item: Item, suffix: str = "") -> str:
    """The name that an item's result would have if it were alone: the image's own, below the same folders.

    Args:
        suffix: of every result; "" is that of the image, or .png where such cannot be written.
    """
    given = item.output or (item.image.partition("://")[2] if is_url(item.image) else item.image)
    path = PurePosixPath(given.replace("\\", "/"))
    # a path that leaves the folder is not followed: only its name is taken
    outside = path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", given) is not None
    parts = [safe_part(part) for part in ([path.name] if outside else path.parts) if part not in ("", ".")]
    if not parts:
        parts = ["photo"]
    if parts[0].casefold() == LEDGER and len(parts) > 1:
        parts[0] += "-2"
    stem, own = _split(parts[-1])
    end = suffix or (own if own.lower() in FORMATS else ".png")
    return "/".join([*parts[:-1], f"{stem}{end}"])


def safe_part(name: str) -> str:
    """A folder's or file's name that every system takes, as near to the given one as that allows."""
    safe = _UNSAFE.sub("_", name).rstrip(". ") or "_"
    if _DEVICES.fullmatch(safe) or safe.startswith("-"):
        safe = f"_{safe}"
    if len(safe.encode("utf-8")) <= LONGEST:
        return safe
    stem, suffix = _split(safe)
    mark = f"~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    room = LONGEST - len((mark + suffix).encode("utf-8"))
    return stem.encode("utf-8")[:room].decode("utf-8", "ignore") + mark + suffix


def own_name(wished: str, names: Index) -> str:
    """The name, with a number where it is taken or differs by capitals alone; it is taken from now on."""
    folder, slash, file = wished.rpartition("/")
    stem, suffix = _split(file)
    number, name = 1, wished
    while not names.take(name.casefold()):
        number += 1
        name = f"{folder}{slash}{stem}-{number}{suffix}"
    return name


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix) <= 10 else (name, "")
