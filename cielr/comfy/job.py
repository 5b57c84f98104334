"""A job on a server, from its place in the queue to its entry in the history."""

from __future__ import annotations

import time
from typing import Any

from .limits import Limits, TimedOut, Watch
from .progress import Following
from .server import Server, ServerUnreachable
from .socket import Listener

SOON, SELDOM = 0.25, 3.0
"""Seconds between looks at the history: near the end or without a websocket, and beside one that tells everything."""
UNKNOWN_MOST = 8
"""Looks in a row at which neither queue nor history know the job, before it counts as lost: it may be between them."""


class RunningJob:
    """Follows one job by what the server tells on its websocket, and by looking at its queue and history."""

    def __init__(self, server: Server, following: Following, listener: Listener, watch: Watch, limits: Limits):
        self.server = server
        self.following = following
        self.listener = listener
        self.watch = watch
        self.limits = limits
        self._next_look = 0.0
        self._away_since: float | None = None
        self._unknown = 0
        self._heard_at = time.monotonic()
        self._heard_on = listener.connections

    def entry(self) -> dict[str, Any]:
        """The history's entry of the job, once it came to its end.

        Raises:
            ServerUnreachable: where the server goes away, or no longer knows the job.
            TimedOut: where it is silent for too long. Whatever `watch` raises passes through.
        """
        self.watch.tell(self.following.progress)
        while True:
            self.watch.check()
            message = self.listener.get(0.2)
            if message is not None:
                self._take(*message)
                if not self.following.ended:
                    continue
                self._next_look = min(self._next_look, time.monotonic())
            if time.monotonic() >= self._next_look:
                entry = self._look()
                if entry is not None:
                    self._hear_out()
                    return entry
            self._check_silence()

    def _take(self, kind: str, data: dict[str, Any]) -> None:
        if self.following.take(kind, data):
            self.watch.tell(self.following.progress)
        if data.get("prompt_id") == self.following.prompt_id:
            self._hear()

    def _look(self) -> dict[str, Any] | None:
        """The history's entry where there is one; else the place in the queue is told."""
        now = time.monotonic()
        self._next_look = now + (SELDOM if self.listener.connected.is_set() and not self.following.ended else SOON)
        try:
            entry = self.server.history(self.following.prompt_id)
            ahead = None if entry is not None else self._ahead()
        except ServerUnreachable as error:
            self._away(now, error)
            return None
        self._away_since = None
        if entry is None and ahead is None:
            self._next_look = now + SOON
            self._unknown += 1
            if self._unknown > UNKNOWN_MOST:
                raise ServerUnreachable(
                    f"{self.server.url} knows nothing more of the run of {self.following.workflow.name}: it was "
                    "started anew, or the job was taken from its queue or history."
                )
        elif ahead is not None:
            self._unknown = 0
            if self.following.waits(ahead):
                self.watch.tell(self.following.progress)
        return entry

    def _ahead(self) -> int | None:
        """How many jobs are before this one: -1 where it runs, None where it is in no queue."""
        running, waiting = self.server.queue()
        if self.following.prompt_id in running:
            return -1
        return len(running) + waiting.index(self.following.prompt_id) if self.following.prompt_id in waiting else None

    def _away(self, now: float, error: ServerUnreachable) -> None:
        self._away_since = self._away_since or now
        if now - self._away_since > self.limits.lost:
            raise ServerUnreachable(
                f"{self.server.url} went away during the run of {self.following.workflow.name} and did not come back "
                f"within {self.limits.lost:g} s."
            ) from error

    def _hear(self) -> None:
        self._heard_at, self._heard_on = time.monotonic(), self.listener.connections

    def _check_silence(self) -> None:
        # on a new line the server may send nothing to us: its silence says nothing
        same_line = self.listener.connected.is_set() and self._heard_on == self.listener.connections
        if not (same_line and self.following.started):
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > self.limits.idle:
            where = f", at '{self.following.progress.node}'" if self.following.progress.node else ""
            raise TimedOut(
                f"{self.following.workflow.name} gave no sign of life for {self.limits.idle:g} s on {self.server.url}"
                f"{where}, and was cancelled."
            )

    def _hear_out(self) -> None:
        """Takes what was said before the end and is still on its way, such as why a node was held up."""
        until = time.monotonic() + 1.0
        while not self.following.ended and self.listener.connected.is_set() and (left := until - time.monotonic()) > 0:
            message = self.listener.get(left)
            if message is not None:
                self.following.take(*message)
