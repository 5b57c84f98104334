"""Shared by the fuzzers: how many tries, from which seed, and what may come of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cielr.errors import CielrError

TRIES = int(os.environ.get("CIELR_FUZZ", "1"))
"""Multiplies how often everything is tried: `CIELR_FUZZ=10 make fuzz` for a night."""
SEED = int(os.environ.get("CIELR_FUZZ_SEED", "0"))


@pytest.fixture(autouse=True)
def bounded_memory():
    """Four gigabytes of address space: a header that asks for more shows as a MemoryError, not as a dead machine."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * 4096 if os.path.exists("/proc/self/statm") else 0
    resource.setrlimit(resource.RLIMIT_AS, (used + 4_000_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def generator(kind: int) -> np.random.Generator:
    """Random numbers of one kind of test, the same for the same seed."""
    return np.random.default_rng([SEED, kind])


def tried(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a call gives, or None where it refuses in one sentence; any other end is a fault."""
    try:
        return call(*arguments, **options)
    except CielrError as error:
        refusal = error
    sentence = str(refusal)
    assert sentence, f"An empty {type(refusal).__name__}"
    assert "\n" not in sentence, sentence
    assert sentence.rstrip().endswith((".", "?")), sentence
    return None


def mutated(data: bytes, rng: np.random.Generator, most: int = 8) -> bytes:
    """The bytes with a few of them changed, cut out, doubled or cut off."""
    broken = bytearray(data)
    for _ in range(int(rng.integers(1, most + 1))):
        place = int(rng.integers(0, max(1, min(len(broken), 2000 if rng.random() < 0.8 else len(broken)))))
        length = int(rng.integers(1, 40))
        kind = rng.integers(0, 5)
        if kind == 0:
            broken[place : place + 1] = bytes([int(rng.integers(0, 256))])
        elif kind == 1:
            broken[place : place + 4] = rng.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000]).astype(">u4").tobytes()
        elif kind == 2:
            del broken[place : place + length]
        elif kind == 3:
            broken[place:place] = broken[place : place + length]
        else:
            del broken[int(rng.integers(0, len(broken) + 1)) :]
    return bytes(broken)
