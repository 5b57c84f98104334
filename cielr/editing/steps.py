"""Progress of work that has parts."""

from __future__ import annotations

from ..core.scene import OnStep


def share_of(on_step: OnStep | None, number: int, count: int, until: float = 1.0) -> OnStep | None:
    """A listener for part `number` of `count` equal ones, which tells `on_step` of the whole; None where that is None.

    Args:
        until: the share of its part that is told as done at the end; the rest is for what follows.

    What `on_step` raises passes through.
    """
    if on_step is None:
        return None
    return lambda done, total: on_step(round(100 * (number + until * (done / total if total else 1))), 100 * count)
