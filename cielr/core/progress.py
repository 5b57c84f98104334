"""Progress of long work, and of its parts, told to whoever listens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from .scene import OnStep

T = TypeVar("T")


def in_steps(items: Sequence[T], on_step: OnStep | None, before: int = 0, total: int | None = None) -> Iterator[T]:
    """The items one after the other; before each of them `on_step` is told how many are done.

    Args:
        before, total: steps that were done before these, and all steps, where there are others than these.

    What `on_step` raises passes through.
    """
    for number, item in enumerate(items, start=before):
        if on_step is not None:
            on_step(number, len(items) if total is None else total)
        yield item


def part_of_work(on_step: OnStep | None, first: float, last: float, total: int = 100) -> OnStep | None:
    """A listener for a part of the work, which tells `on_step` of the whole as (first … last) of `total`.

    None where that is None. What `on_step` raises passes through.
    """
    if on_step is None:
        return None
    return lambda done, of: on_step(round(first + (last - first) * (min(done, of) / of if of else 1)), total)


def share_of(on_step: OnStep | None, number: int, count: int, until: float = 1.0) -> OnStep | None:
    """A listener for part `number` of `count` equal ones; None where `on_step` is None.

    Args:
        until: the share of its part that is told as done at the end; the rest is for what follows.
    """
    return part_of_work(on_step, 100 * number, 100 * (number + until), 100 * count)
