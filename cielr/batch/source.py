"""The items of a batch, one after the other: out of folders, globs, JSONL or CSV manifests; never all at once."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.serial import json_sentence
from ..errors import CielrError
from ..photos.write import FORMATS
from .items import BadItem, Item, Placed, item_of
from .places import is_url, local, matching, open_binary, photos_below

PHOTOS = (*FORMATS, ".gif")
MANIFESTS = (".jsonl", ".ndjson", ".csv")
MOST_LINE = 1_000_000
"""Bytes of one line of a manifest."""


@dataclass(frozen=True)
class Source:
    """Where a batch's photos come from.

    Attributes:
        places: folders, globs, photos or manifests, or their addresses.
        results: the folder of the results, which is no part of it.
    """

    places: tuple[str, ...]
    results: str = ""

    @property
    def words(self) -> str:
        """Names it in a run's settings, wherever the command is started."""
        words = " ".join(place if is_url(place) else os.path.abspath(local(place)) for place in self.places)
        # systems allow names that are no text
        return words.encode("utf-8", "backslashreplace").decode("utf-8")

    @property
    def says_what_to_do(self) -> bool:
        """Whether it holds manifests, which may have instructions."""
        return any(os.path.splitext(place)[1].lower() in MANIFESTS for place in self.places)

    def check(self) -> None:
        """Raises CielrError for a place that is not there."""
        if not self.places:
            raise CielrError("Name a folder, a glob or a manifest of photos.")
        for place in self.places:
            if not (is_url(place) or _is_glob(place) or os.path.exists(local(place))):
                raise CielrError(f"There is no file or folder {place} to take photos from.")

    def items(self) -> Iterator[Placed | BadItem]:
        """All items, in an order that does not change.

        Raises:
            CielrError: where a place cannot be read, or holds no photo at all.
        """
        for place in self.places:
            empty = True
            for item in _items(place, self.results):
                empty = False
                yield item
            if empty:
                what = f"photos are files such as {', '.join(PHOTOS[:4])}"
                if os.path.splitext(place)[1].lower() in MANIFESTS:
                    what = 'each of its lines names a photo, such as {"image": "a.png"}, or a.png in a .csv'
                raise CielrError(f"{place} holds nothing to edit: {what}.")

    def count(self) -> int | None:
        """How many items there are, for the time that is left; None where counting would cost as much as the work."""
        if any(is_url(place) for place in self.places):
            return None
        return sum(_count(place, self.results) for place in self.places)


def _is_glob(place: str) -> bool:
    return any(sign in place for sign in "*?[") and not os.path.exists(local(place))


def _items(place: str, results: str) -> Iterator[Placed | BadItem]:
    suffix = os.path.splitext(place)[1].lower()
    if _is_glob(place):
        for base, name in matching(place, PHOTOS):
            yield _photo(name, base)
    elif suffix in MANIFESTS and not os.path.isdir(local(place)):
        base = place.rpartition("/")[0] if is_url(place) else str(Path(local(place)).parent)
        read = _csv_items if suffix == ".csv" else _json_items
        with open_binary(place) as file:
            for item in read(io.BufferedReader(file) if not hasattr(file, "readline") else file, place):  # pyright: ignore
                yield Placed(item, base) if isinstance(item, Item) else item
    elif suffix in PHOTOS and not os.path.isdir(local(place)):
        base, _, name = place.rpartition("/") if is_url(place) else ("", "", "")
        path = Path(local(place))
        yield _photo(name or path.name, base or str(path.parent))
    elif suffix and not is_url(place) and os.path.isfile(local(place)):
        raise CielrError(
            f"{place} is neither a photo nor a manifest; manifests are {', '.join(MANIFESTS[:1] + MANIFESTS[2:])}."
        )
    else:
        for name in photos_below(place, PHOTOS, results):
            yield _photo(name, place if is_url(place) else local(place))


def _photo(name: str, base: str) -> Placed | BadItem:
    """A photo with nothing said about it; systems allow names that are no text, which no ledger can hold."""
    if any("\ud800" <= sign <= "\udfff" for sign in name):
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return BadItem(shown, "The file's name is not text in UTF-8; give it another one.")
    return Placed(Item(image=name), base)


def _json_items(file: io.BufferedIOBase, place: str) -> Iterator[Item | BadItem]:
    number = 0
    while line := file.readline(MOST_LINE + 1):
        number += 1
        where = f"{_file_name(place)}, line {number}"
        if len(line) > MOST_LINE:
            raise CielrError(f"{where} is longer than a million bytes; a manifest has one JSON object a line.")
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace")
        if not text.strip():
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield BadItem(where, f"The line is not JSON: {json_sentence(text, error)}.")
            continue
        if isinstance(value, dict):
            yield item_of(value, where)
        else:
            yield BadItem(where, "The line is not names and values in braces.")


def _csv_items(file: io.BufferedIOBase, place: str) -> Iterator[Item | BadItem]:
    reader = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""))  # pyright: ignore
    heading = [name or "" for name in reader.fieldnames or ()]
    known = {"image", "photo", "file", "file_name"}
    if not known & {name.strip().lower() for name in heading}:
        raise CielrError(f"The first line of {place} is its heading and names no column 'image'.")
    for row in _rows(reader, place):
        where = f"{_file_name(place)}, line {reader.line_num}"
        if None in row:
            yield BadItem(where, "The line has more fields than the heading.")
            continue
        yield item_of({str(name).strip().lower(): (value or "").strip() for name, value in row.items()}, where)


def _rows(reader: csv.DictReader[str], place: str) -> Iterator[dict[Any, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        line = f"{_file_name(place)}, line {reader.line_num}"
        raise CielrError(f"{line} is not read as columns ({error}); look at its quotation marks.") from error


def _count(place: str, results: str) -> int:
    suffix = os.path.splitext(place)[1].lower()
    if _is_glob(place) or not os.path.isfile(local(place)):
        return sum(1 for _ in _items(place, results))
    if suffix not in MANIFESTS:
        return 1
    with open_binary(place) as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return lines - (suffix == ".csv")


def instructed(places: Sequence[str], has_plan: bool) -> tuple[tuple[str, ...], str]:
    """(sources, instruction) of a command's words: the last of several is the instruction, unless a plan is given.

    Raises:
        CielrError: where the last is a file, as a shell leaves it that unfolds a glob.
    """
    if has_plan or len(places) < 2:
        return tuple(places), ""
    *sources, last = places
    if os.path.exists(last):
        raise CielrError(f"{last} is a file; after the photos comes the instruction, in quotes.")
    return tuple(sources), last


def _file_name(place: str) -> str:
    """Of a manifest, wherever the command is started."""
    return os.path.basename(place.rstrip("/"))
