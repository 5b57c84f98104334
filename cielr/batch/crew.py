"""Who does the work: a crew takes tasks one after the other, as it has hands free, and gives outcomes as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from .items import Task
from .outcome import Outcome


class Ended(NamedTuple):
    """A task that came to its end: how, in how many seconds, and which worker or server had it."""

    task: Task
    outcome: Outcome
    seconds: float
    where: str


class Crew(Protocol):
    """Workers on this machine, on a Ray cluster, or ComfyUI servers."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended]:
        """Every task's end, in any order; takes a task only when a worker will soon be free for it.

        Where the caller stops listening, what runs is stopped.

        Raises:
            CielrError: where no worker can work at all.
        """
        ...
