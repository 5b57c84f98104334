"""How long a run may take, and what ends it before its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Cancelled, ComfyError
from .progress import Progress


@dataclass(frozen=True)
class Limits:
    """Seconds that a run on a server may take.

    Attributes:
        connect: until the server answers for the first time; one that is just starting is waited for.
        request: for one answer.
        idle: without a sign of life of a job that runs (it counts only while the websocket is up, and not while the
            job waits behind others).
        lost: that a server may be away during the run.
        total: for everything, the queue and the downloads included; None is no limit.
    """

    connect: float = 10.0
    request: float = 30.0
    idle: float = 600.0
    lost: float = 60.0
    total: float | None = None

    def __post_init__(self) -> None:
        for name in ("connect", "request", "idle", "lost", "total"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ComfyError(f"The limit '{name}' is a number of seconds above 0, not {value}.")


class TimedOut(ComfyError):
    """A run that was given up because a limit of time was reached; its job on the server is cancelled."""


class Watch:
    """One run's clock: tells its progress, and raises where it has to end.

    Args:
        stop: asked many times a second; the run is cancelled where it says True.
    """

    def __init__(
        self,
        limits: Limits,
        on_progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ):
        self.limits = limits
        self._on_progress = on_progress
        self._stop = stop
        self._begin = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def tell(self, progress: Progress) -> None:
        if self._on_progress is not None:
            self._on_progress(progress)

    def check(self) -> None:
        """Raises:
        Cancelled: where the caller said so; TimedOut: past the limit for everything.
        """
        if self._stop is not None and self._stop():
            raise Cancelled("The run was cancelled.")
        if self.limits.total is not None and self.seconds > self.limits.total:
            raise TimedOut(f"The run was not done within {self.limits.total:g} s and was cancelled.")

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.1))
