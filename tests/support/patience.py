"""Bounds of time with a cause: a busy machine is slow, but it does not take as long as the fault would."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_waiting(seconds: float) -> Iterator[None]:
    """What runs inside ends by itself, and not because something that takes `seconds` came to its end."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took < seconds / 2, f"took {took:.1f} s, as if it had waited for what takes {seconds:g} s"
