"""What every painter on torch needs: progress that can cancel, and what libraries say in a sentence."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..core.torch_models import before_each
from ..errors import MissingDependency

if TYPE_CHECKING:
    from ..core.scene import OnStep

TICK = 0.2
"""Seconds between two looks at whether the user wants to stop, within a step."""


class Progress:
    """Tells a listener of steps, and within long ones that they go on; remembers what the listener raised."""

    def __init__(self, on_step: OnStep | None) -> None:
        self.on_step = on_step
        self.raised: BaseException | None = None
        self._told, self._time = (0, 1), 0.0

    def tell(self, done: int, total: int) -> None:
        """The listener's own exception passes through."""
        if self.on_step is None:
            return
        self._told, self._time = (done, total), time.monotonic()
        try:
            self.on_step(done, total)
        except BaseException as error:
            self.raised = error
            raise

    def watching(self, networks: Iterable[Any]) -> AbstractContextManager[None]:
        """Asks the listener before any layer, but no oftener than each TICK: a step may last longer than patience."""
        asking = networks if self.on_step is not None else ()
        return before_each((layer for part in asking for layer in part.modules()), self._ask)

    def _ask(self, *_: Any) -> None:
        if time.monotonic() - self._time > TICK:
            self.tell(*self._told)


def need(*packages: str) -> None:
    """Raises MissingDependency for the first of these packages that is not installed; imports none."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise MissingDependency(package, "models")


def first_line(error: BaseException) -> str:
    """What an exception of a library says, short enough for a sentence and without its end."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
