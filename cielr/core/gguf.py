"""The header of a GGUF file, which a stranger may have made: what it claims is checked before room is made for it."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

MOST_HEADER = 100_000_000
"""Bytes of a header; real ones have up to ten million, most of them the tokenizer's words."""
MOST_PAIRS = 10_000
MOST_TENSORS = 100_000
LONGEST_KEY = 65_535
"""Bytes of a key, as the format itself has it."""
LONGEST_KEPT = 10_000
"""Bytes of a text that is kept; templates of chats are longer, and of no use here."""
MOST_DIMENSIONS = 4

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Type of a value -> its form in `struct`."""
_TEXT, _ARRAY = 8, 9
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    20: (32, 18),
    23: (256, 136),
    30: (1, 2),
}
"""Kind of numbers -> (numbers, bytes) of a block: floats, the classic quantisations, the k ones, the common i ones."""


class NotGguf(ValueError):
    """A file that is no whole GGUF file; the text says why, as the end of a sentence: "is cut short"."""


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself.

    Attributes:
        values: numbers and short texts by their keys, such as "general.architecture".
        arrays: key -> how many entries an array has; they are not kept.
        parameters: numbers in all tensors.
    """

    values: dict[str, str | int | float | bool] = field(default_factory=dict)
    arrays: dict[str, int] = field(default_factory=dict)
    parameters: int = 0

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    @property
    def context(self) -> int | None:
        """Tokens that the model was made for; None where it does not say."""
        length = self.values.get(f"{self.architecture}.context_length")
        return length if isinstance(length, int) and length > 0 else None

    @property
    def speaks(self) -> bool:
        """Whether it is a language model: others come as GGUF too, painters and the eyes of language models."""
        return self.context is not None and self.arrays.get("tokenizer.ggml.tokens", 0) > 0


def gguf_header(file: Path) -> GgufHeader:
    """The header of a GGUF file.

    Raises:
        NotGguf: where it is none, is cut short, or claims what no such file has; OSError: where it cannot be read.
    """
    with file.open("rb") as source:
        return _Reader(source, file.stat().st_size).header()


def gguf_problem(file: Path) -> str:
    """What is wrong with a GGUF file as far as its header tells, "" where nothing is: "is cut short"."""
    try:
        gguf_header(file)
    except NotGguf as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    return ""


class _Reader:
    """Reads numbers and texts one after the other, and never past the header's bound."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source = source
        self._size = size
        self._left = min(size, MOST_HEADER)
        self._order = "<"

    def header(self) -> GgufHeader:
        if self._bytes(4) != b"GGUF":
            raise NotGguf("is no GGUF file")
        version = self._number("I")
        if version & 0xFFFF == 0:
            # of a machine that writes numbers the other way round
            self._order, version = ">", struct.unpack(">I", struct.pack("<I", version))[0]
        if version not in (2, 3):
            raise NotGguf(f"is of version {version} of the format, which is not known here")
        tensors, pairs = self._number("Q"), self._number("Q")
        if tensors > MOST_TENSORS or pairs > MOST_PAIRS:
            raise NotGguf(f"claims {tensors:,} tensors and {pairs:,} values, more than any such file has")
        values, arrays = self._pairs(pairs)
        numbers, ends = 0, [0]
        for count, end in self._tensors(tensors):
            numbers += count
            ends.append(end)
        alignment = values.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise NotGguf("has tensors at places that no such file has")
        data = -(-self._source.tell() // alignment) * alignment
        if data + max(ends) > self._size:
            raise NotGguf("is cut short")
        return GgufHeader(values, arrays, numbers)

    def _pairs(self, count: int) -> tuple[dict[str, str | int | float | bool], dict[str, int]]:
        values: dict[str, str | int | float | bool] = {}
        arrays: dict[str, int] = {}
        for _ in range(count):
            key = self._text(LONGEST_KEY)
            kind = self._number("I")
            if kind == _ARRAY:
                arrays[key] = self._skip_array()
            elif kind == _TEXT:
                text = self._text(self._left, LONGEST_KEPT)
                values[key] = text
            else:
                values[key] = self._number(self._form(kind))
        return values, arrays

    def _skip_array(self) -> int:
        kind, count = self._number("I"), self._number("Q")
        if kind == _TEXT:
            # each has eight bytes at least, so that the header's bound is theirs
            for _ in range(count):
                self._skip(self._number("Q"))
        else:
            # arrays of arrays are allowed by the format, and used by nobody
            self._skip(count * struct.calcsize("<" + self._form(kind)))
        return count

    def _tensors(self, count: int) -> Iterator[tuple[int, int]]:
        """(numbers, end in bytes from the beginning of the data) of each tensor."""
        for _ in range(count):
            self._text(LONGEST_KEY)
            dimensions = self._number("I")
            if dimensions > MOST_DIMENSIONS:
                raise NotGguf(f"has a tensor of {dimensions:,} dimensions, more than any such file has")
            numbers = math.prod(self._number("Q") for _ in range(dimensions))
            per_block, block = _BLOCKS.get(self._number("I"), (0, 0))
            # of a kind that is not known here the size is not known either
            taken = -(-numbers // per_block) * block if per_block else 0
            yield numbers, self._number("Q") + taken

    def _form(self, kind: int) -> str:
        if kind not in _NUMBERS:
            raise NotGguf("has a value of a kind that no such file has")
        return _NUMBERS[kind]

    def _number(self, form: str) -> int:
        data = self._bytes(struct.calcsize("<" + form))
        return struct.unpack(self._order + form, data)[0]

    def _text(self, longest: int, kept: int | None = None) -> str:
        length = self._number("Q")
        if length > min(longest, self._left):
            raise self._too_much()
        data = self._bytes(length if kept is None else min(length, kept))
        self._skip(length - len(data))
        return data.decode("utf-8", "replace")

    def _bytes(self, count: int) -> bytes:
        if count > self._left:
            raise self._too_much()
        data = self._source.read(count)
        self._left -= count
        if len(data) < count:
            raise NotGguf("is cut short")
        return data

    def _skip(self, count: int) -> None:
        if count > self._left:
            raise self._too_much()
        self._left -= count
        self._source.seek(count, 1)

    def _too_much(self) -> NotGguf:
        if self._size <= MOST_HEADER:
            return NotGguf("is cut short")
        return NotGguf(f"has a header of more than {MOST_HEADER // 1_000_000} MB, which no such file has")


__all__ = ["GgufHeader", "NotGguf", "gguf_header", "gguf_problem"]
