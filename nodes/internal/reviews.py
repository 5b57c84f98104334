"""Which plan was stopped for review where, and whether the run that comes by now is the answer to that stop."""

from __future__ import annotations

from dataclasses import dataclass

from .running import running, server

COMMAND = "cielr-command-"
"""How clients are called that live for one run; `cielr comfy run` shows a plan in one and approves it in the next."""


@dataclass(frozen=True)
class Stop:
    """A run that stopped at a plan; runs that were queued already can be no answer to it."""

    plan: str
    queued: frozenset[str]


class Reviews:
    """The last stop of each node of each page. The next run of the same plan, on the same page, approves it.

    Another plan in between takes the approval away: who goes back to the first has seen another one since.

    Attributes:
        stops: how often runs have stopped so far; part of a node's fingerprint, so that nothing that was let through
            before a stop comes out of the cache after it.
    """

    def __init__(self) -> None:
        self.stops = 0
        self._last: dict[tuple[str, str], Stop] = {}

    def is_approved(self, node: str, plan: str) -> bool:
        """Whether the run may go on with a plan; where not, it has stopped here."""
        run, queued, page = _runs()
        stop = self._last.get((page, node))
        if stop is not None and stop.plan == plan and run not in stop.queued:
            return True
        self.stops += 1
        self._last[page, node] = Stop(plan, queued)
        return False


def _runs() -> tuple[str, frozenset[str], str]:
    """(the run that goes on now, those that wait behind it, the page that it came from)."""
    waiting = getattr(getattr(server(), "prompt_queue", None), "queue", ())
    page = str(getattr(server(), "client_id", None) or "")
    if page.startswith(COMMAND):
        page = COMMAND
    return running().prompt_id, frozenset(item[1] for item in list(waiting)), page
