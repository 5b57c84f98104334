"""A crew of processes on this machine: models are loaded once in each, and one that dies or hangs is replaced."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from ..errors import CielrError
from .crew import Ended
from .items import Task
from .outcome import Outcome, failed

Start = Callable[[], Callable[[Task], Outcome]]
"""Makes a worker's function in its own process; picklable."""
DEPTH = 2
"""Tasks that a process has at most: the one at work, and one that it can begin at once."""
TRIES = 2
"""Processes that may die over one photo: the first may have died of something else."""
GRACE = 5.0
"""Seconds beyond the limit that a worker has to give a photo up by itself, and keep its models."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""What the libraries of a process take for the number of cores that are theirs."""


@dataclass(eq=False)
class _Member:
    """One process, and the tasks that it has, the one at work first."""

    number: int
    process: Any
    connection: Connection
    hand: deque[Task] = field(default_factory=deque)
    is_ready: bool = False
    began: float = 0.0

    @property
    def where(self) -> str:
        return f"process {self.number}"


class ProcessCrew:
    """Processes of this machine; a `Crew`.

    Args:
        start: makes the function of a worker.
        workers: how many processes.
        limit: seconds for one photo; a process that does not give one up by itself is ended a little later.
    """

    def __init__(self, start: Start, workers: int, limit: float | None = None) -> None:
        self.start = start
        self.workers = workers
        self.limit = limit
        self._members: list[_Member] = []
        self._begun = 0
        self._again: deque[Task] = deque()
        self._deaths: dict[int, int] = {}

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended]:
        try:
            while self._hand_out(tasks):
                connections = {member.connection: member for member in self._members}
                for connection in wait(list(connections), self._patience()):
                    yield from self._hear(connections[connection])  # pyright: ignore[reportArgumentType]
                yield from self._end_hanging()
        finally:
            self._dismiss()

    def _hand_out(self, tasks: Iterator[Task]) -> bool:
        """Gives tasks to whoever has the fewest; False where nothing is at work any more."""
        while True:
            member = min(self._members, key=lambda member: len(member.hand), default=None)
            if member is None or (member.hand and len(self._members) < self.workers):
                member = None
            elif len(member.hand) >= DEPTH:
                return True
            task = self._again.popleft() if self._again else next(tasks, None)
            if task is None:
                return any(member.hand for member in self._members)
            member = member or self._hire()
            self._give(member, task)

    def _give(self, member: _Member, task: Task) -> None:
        if not member.hand:
            member.began = time.monotonic()
        member.hand.append(task)
        # where it has died meanwhile, its silent connection says so at the next look
        with suppress(OSError):
            member.connection.send(task)

    def _hire(self) -> _Member:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self._begun += 1
        process = context.Process(target=_serve, args=(theirs, self.start), daemon=True)
        with _threads(max(1, (os.cpu_count() or 1) // self.workers)), _interrupts_held_back():
            process.start()
        theirs.close()
        member = _Member(self._begun, process, ours)
        self._members.append(member)
        return member

    def _hear(self, member: _Member) -> Iterator[Ended]:
        try:
            said = member.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(member, "The process that edited it ended by itself")
            return
        if said is None:
            member.is_ready, member.began = True, time.monotonic()
            return
        if isinstance(said, BaseException):
            raise said if isinstance(said, CielrError) else CielrError(f"No worker can begin: {said}.")
        outcome, seconds = said
        task = member.hand.popleft()
        member.began = time.monotonic()
        self._deaths.pop(task.number, None)
        yield Ended(task, outcome, seconds, member.where)

    def _bury(self, member: _Member, what: str, tries: int = TRIES) -> Iterator[Ended]:
        """Gives away what a dead process had; what was at work is tried again, unless it may be the reason."""
        member.process.join()
        member.connection.close()
        self._members.remove(member)
        if not member.is_ready:
            raise CielrError(
                f"A worker ended ({_code(member.process.exitcode)}) while it loaded its models; fewer "
                "--workers take less memory."
            )
        tasks = list(member.hand)
        if not tasks:
            return
        self._deaths[tasks[0].number] = self._deaths.get(tasks[0].number, 0) + 1
        if self._deaths[tasks[0].number] < tries:
            self._again.extendleft(reversed(tasks))
            return
        self._again.extendleft(reversed(tasks[1:]))
        reason = f"{what} ({_code(member.process.exitcode)})"
        hint = "; it may have run out of memory" if member.process.exitcode == -9 and tries == TRIES else ""
        yield Ended(tasks[0], failed(tasks[0], "Died", f"{reason}{hint}."), 0.0, member.where)

    def _end_hanging(self) -> Iterator[Ended]:
        if self.limit is None:
            return
        for member in list(self._members):
            if member.hand and member.is_ready and time.monotonic() > member.began + self.limit + GRACE:
                member.process.kill()
                task = member.hand[0]
                for _ in self._bury(member, "", tries=1):
                    reason = f"It took more than {self.limit:g} seconds."
                    yield Ended(task, failed(task, "TimeUp", reason), self.limit, member.where)

    def _patience(self) -> float | None:
        """Seconds until the first process would have to be ended."""
        if self.limit is None:
            return None
        ends = [member.began + self.limit + GRACE for member in self._members if member.hand and member.is_ready]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _dismiss(self) -> None:
        for member in self._members:
            with suppress(OSError):
                member.connection.send(None)
        for member in self._members:
            if member.hand:
                member.process.kill()
            member.process.join(GRACE)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
            member.connection.close()
        self._members.clear()


def _serve(connection: Connection, start: Start) -> None:
    """A process's whole life: begins, says so, and works until nothing comes any more."""
    # on systems where it was not held back before this process began
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work = start()
    except BaseException as error:
        connection.send(error if isinstance(error, CielrError) else CielrError(f"No worker can begin: {error!r}."))
        return
    with suppress(EOFError, OSError):
        # an end of the stream is the end of the process that hands out the work
        connection.send(None)
        while (task := connection.recv()) is not None:
            began = time.perf_counter()
            outcome = work(task)
            connection.send((outcome, time.perf_counter() - began))


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Processes started within keep to so many cores each, unless the user said otherwise."""
    new = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(new, str(number)))
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started within never hear of Ctrl-C, which reaches all of a terminal; this one does, afterwards.

    It decides what becomes of them. What they load takes a second, in which a handler of theirs would come too late.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # begun within, Python's tracker would let them through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _code(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"code {code}"
