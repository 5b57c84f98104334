"""What a model's image side computed, kept by the image's content: the dear half of every detector and segmenter.

One cache serves all models. It is bounded by bytes, not by entries, and forgets what was used longest ago. Values lie
in main memory, whatever device computed them, so that a kept embedding never holds a GPU's.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

MAX_BYTES = 1 << 30
"""An image costs 4 MB (SAM) to some 70 MB (GroundingDINO at 1333 pixels)."""


class EncodeCache:
    """Values by (owner, key), forgotten in the order of their last use once they hold more than `max_bytes`."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[tuple[int, Hashable], tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, owner: int, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value under the key, made where it is missing; what `make` raises passes through, and nothing is kept."""
        with self._lock:
            entry = self._entries.get((owner, key))
            if entry is not None:
                self._entries.move_to_end((owner, key))
                return entry[0]
        value = make()
        self._put((owner, key), value)
        return value

    def _put(self, key: tuple[int, Hashable], value: Any) -> None:
        size = byte_size(value)
        with self._lock:
            if key in self._entries:
                self._bytes -= self._entries.pop(key)[1]
            if size > self.max_bytes:
                return
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self.max_bytes:
                self._bytes -= self._entries.popitem(last=False)[1][1]

    def forget(self, owner: int | None = None) -> None:
        """Drops what belongs to one model; None drops all."""
        with self._lock:
            for key in [key for key in self._entries if owner is None or key[0] == owner]:
                self._bytes -= self._entries.pop(key)[1]

    @property
    def bytes(self) -> int:
        """Held now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)


SHARED = EncodeCache()
"""The cache of every model that is given none of its own."""

_numbers = itertools.count(1)


def new_owner() -> int:
    """A number that no other model of this process has; `id()` would come back after a model is gone."""
    return next(_numbers)


def content_key(image: np.ndarray) -> str:
    """A fingerprint of an image's samples, shape and type; equal pictures have equal ones."""
    digest = hashlib.blake2b(f"{image.dtype} {image.shape}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def byte_size(value: Any) -> int:
    """Bytes of all arrays and tensors in nested tuples, lists and dicts."""
    if isinstance(value, dict):
        return sum(byte_size(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return sum(byte_size(part) for part in value)
    return int(getattr(value, "nbytes", 0))
