"""A crew of Ray actors: one a GPU or every few cores, on however many nodes; the models are loaded once in each.

Ray starts, places and watches the actors. What one had in hand when its node died goes to another, and a new one is
asked for, which works as soon as the cluster has room for it. The nodes need cielr and see the same files: a shared
folder, or an object store.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..errors import CielrError, MissingDependency
from .crew import Ended
from .items import Task
from .outcome import Outcome, failed
from .processes import DEPTH, GRACE, Start

TRIES = 3
"""Actors that may die over one photo; nodes die of other things more often."""
PATIENCE = 600.0
"""Seconds without any actor that works, until the batch is given up: a cluster that grows takes minutes."""
PATIENCE_TO_CONNECT = 5.0
"""Seconds until an address that does not answer is given up."""


class Worker:
    """What runs in an actor."""

    def __init__(self, start: Start, folder: str) -> None:
        # names of photos and models are those of the folder where the command was started
        with suppress(OSError):
            os.chdir(folder)
        self.work = start()
        import ray

        self.where = f"node {ray.get_runtime_context().get_node_id()[:8]}"

    def ready(self) -> str:
        return self.where

    def do(self, task: Task) -> tuple[Outcome, float]:
        began = time.perf_counter()
        outcome = self.work(task)
        return outcome, time.perf_counter() - began


@dataclass(eq=False)
class _Actor:
    """One actor, and the tasks that it has, the one at work first."""

    handle: Any
    where: str = ""
    hand: deque[Task] = field(default_factory=deque)
    began: float = 0.0
    is_late: bool = False


class RayCrew:
    """Actors of a Ray cluster; a `Crew`.

    Args:
        start: makes the function of a worker, on its node.
        address: of the cluster; "auto" is the one that this machine belongs to, "local" a new one on this machine.
        workers: actors at most; None is one a GPU, or one every `cpus` cores where the cluster has no GPU.
        cpus: cores that an actor has to itself.
        limit: seconds for one photo; an actor that does not give one up by itself is ended a little later.

    Raises:
        MissingDependency: without ray.
    """

    def __init__(
        self,
        start: Start,
        address: str = "auto",
        workers: int | None = None,
        cpus: float = 1,
        limit: float | None = None,
    ) -> None:
        try:
            import ray
            import ray.exceptions
        except ImportError as error:
            raise MissingDependency("ray", "scale") from error
        self.ray: Any = ray
        self.start = start
        self.address = address
        self.workers = workers
        self.cpus = cpus
        self.limit = limit
        self._actors: list[_Actor] = []
        self._refs: dict[Any, tuple[_Actor, Task | None]] = {}
        self._again: deque[Task] = deque()
        self._deaths: dict[int, int] = {}
        self._worked = time.monotonic()

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended]:
        connected_here = self._connect()
        try:
            gpus = int(self.ray.cluster_resources().get("GPU", 0))
            for _ in range(self._number(gpus)):
                self._hire(gpus)
            while self._hand_out(tasks):
                ready, _ = self.ray.wait(list(self._refs), num_returns=1, timeout=1.0)
                for ref in ready:
                    yield from self._hear(ref, gpus)
                self._end_hanging()
                self._check_patience()
        finally:
            for actor in self._actors:
                self.ray.kill(actor.handle)
            self._actors.clear()
            self._refs.clear()
            if connected_here:
                self.ray.shutdown()

    def _connect(self) -> bool:
        """Whether this made the connection, which is then closed at the end."""
        if self.ray.is_initialized():
            return False
        _check_answers(self.address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        address = None if self.address == "local" else self.address
        try:
            self.ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=None)
        except (ConnectionError, ValueError, RuntimeError, SystemExit) as error:
            raise _nobody_at(self.address, str(error)) from error
        return True

    def _number(self, gpus: int) -> int:
        room = gpus or int(self.ray.cluster_resources().get("CPU", 0) // self.cpus)
        number = min(self.workers or room, room)
        if number < 1:
            raise CielrError(f"The Ray cluster at {self.address} has no room for a worker of {self.cpus:g} cores.")
        return number

    def _hire(self, gpus: int) -> None:
        kind = self.ray.remote(Worker).options(num_cpus=self.cpus, num_gpus=1 if gpus else 0, max_restarts=0)
        actor = _Actor(kind.remote(self.start, os.getcwd()))
        self._actors.append(actor)
        self._refs[actor.handle.ready.remote()] = (actor, None)

    def _hand_out(self, tasks: Iterator[Task]) -> bool:
        """Gives tasks to whoever has the fewest; False where none is left and nothing is at work."""
        while True:
            able = [actor for actor in self._actors if actor.where and len(actor.hand) < DEPTH]
            actor = min(able, key=lambda actor: len(actor.hand), default=None)
            busy = any(actor.hand for actor in self._actors)
            if actor is None:
                if busy or self._again:
                    return True
                # no actor has begun yet: is it worth the while to wait for one?
                self._again.extend(itertools.islice(tasks, 1))
                return bool(self._again)
            task = self._again.popleft() if self._again else next(tasks, None)
            if task is None:
                return busy
            if not actor.hand:
                actor.began = time.monotonic()
            actor.hand.append(task)
            self._refs[actor.handle.do.remote(task)] = (actor, task)

    def _hear(self, ref: Any, gpus: int) -> Iterator[Ended]:
        actor, task = self._refs.pop(ref, (None, None))
        if actor is None:
            return
        try:
            said = self.ray.get(ref)
        except self.ray.exceptions.RayActorError as error:
            yield from self._bury(actor, error, gpus)
            return
        except self.ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            raise (
                cause if isinstance(cause, CielrError) else CielrError(f"A worker of the cluster broke: {error}.")
            ) from error
        self._worked = time.monotonic()
        if task is None:
            actor.where = said
            return
        outcome, seconds = said
        actor.hand.remove(task)
        actor.began = time.monotonic()
        self._deaths.pop(task.number, None)
        yield Ended(task, outcome, seconds, actor.where)

    def _bury(self, actor: _Actor, error: Exception, gpus: int) -> Iterator[Ended]:
        """Gives away what a dead actor had, and asks for another one."""
        if actor not in self._actors:
            return
        self._actors.remove(actor)
        self._refs = {ref: (other, task) for ref, (other, task) in self._refs.items() if other is not actor}
        cause = _cause(error)
        if not actor.where and cause is not None:
            raise cause
        self._hire(gpus)
        tasks = list(actor.hand)
        if not tasks:
            return
        first, *rest = tasks
        self._again.extendleft(reversed(rest))
        self._deaths[first.number] = self._deaths.get(first.number, 0) + 1
        if actor.is_late:
            reason = f"It took more than {self.limit:g} seconds."
            yield Ended(first, failed(first, "TimeUp", reason), self.limit or 0.0, actor.where)
        elif self._deaths[first.number] >= TRIES:
            reason = f"The worker that edited it died, {TRIES} times; it may have run out of memory."
            yield Ended(first, failed(first, "Died", reason), 0.0, actor.where)
        else:
            self._again.appendleft(first)

    def _end_hanging(self) -> None:
        if self.limit is None:
            return
        for actor in self._actors:
            if actor.hand and time.monotonic() > actor.began + self.limit + GRACE:
                actor.is_late = True
                self.ray.kill(actor.handle)

    def _check_patience(self) -> None:
        if any(actor.where for actor in self._actors):
            self._worked = time.monotonic()
        elif time.monotonic() - self._worked > PATIENCE:
            raise CielrError(
                f"The cluster has had no room for a worker for {PATIENCE / 60:g} minutes; "
                "the same command goes on later."
            )


def _check_answers(address: str) -> None:
    """That somebody listens at "host:port", before Ray tries for two minutes and then ends the process.

    Raises:
        CielrError: where nobody does.
    """
    named = re.fullmatch(r"(?:ray://)?\[?([^\[\]/]+)\]?:(\d+)", address)
    if named is None:
        return
    try:
        socket.create_connection((named[1], int(named[2])), PATIENCE_TO_CONNECT).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise _nobody_at(address, getattr(error, "strerror", None) or str(error)) from error


def _nobody_at(address: str, why: str) -> CielrError:
    said = " ".join(why.split())[:200].rstrip(".")
    return CielrError(f"No Ray cluster is at {address} ({said}); `ray start --head` begins one.")


def _cause(error: Exception) -> CielrError | None:
    """What an actor raised as it began: models that are not there, a package that is missing on its node."""
    cause = getattr(error, "cause", None) or error.__cause__
    if isinstance(cause, CielrError):
        return cause
    text = str(error)
    if "creation task" not in text and "__init__" not in text:
        return None
    line = next((line for line in reversed(text.strip().splitlines()) if line.strip()), "no reason is given")
    return CielrError(f"A worker of the cluster cannot begin: {' '.join(line.split())[:300]}")
