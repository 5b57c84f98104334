"""Many jobs on several servers, side by side: each server takes the next job when it is done with one."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Cancelled, CielrError, ComfyError
from .client import ComfyClient
from .failures import INTERRUPTED
from .progress import Progress
from .results import Result
from .server import ServerLacks, ServerUnreachable
from .workflow import Workflow

TRIES = 2
"""Servers that may go away under one job: it may be the reason."""


@dataclass(frozen=True, eq=False)
class Job:
    """What `ComfyClient.run` is given."""

    workflow: str | Path | Mapping[str, Any] | Workflow
    image: str | Path | None = None
    instruction: str | None = None
    labels: str | Sequence[str] | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Done:
    """A job that came to its end: with a result, or with an error. `server` is where."""

    job: Job
    server: str
    result: Result | None = None
    error: CielrError | None = None


@dataclass(eq=False)
class _Waiting:
    """A job, and what became of it so far.

    Attributes:
        tried: servers that could not do it; lost: of those, how many went away; avoid: the one that it was taken from.
        began: whether a node of it ran; taken: set where another server is to have it.
    """

    job: Job
    tried: set[int] = field(default_factory=set)
    lost: int = 0
    interrupted: int = 0
    avoid: int | None = None
    began: bool = False
    taken: threading.Event = field(default_factory=threading.Event)


class _Pool:
    """The jobs that wait, and who may take which. Everything under one lock.

    Jobs come out of an iterator, as they are asked for, so that there may be millions of them.

    Attributes:
        most: jobs that are out at a time: those that wait, run, or ended and are not told yet. Who listens slowly holds
            up the servers, instead of letting results pile up.
    """

    def __init__(self, jobs: Iterable[Job], servers: int, most: int):
        self.source = iter(jobs)
        self.is_empty = False
        self.most = most
        self.out = 0
        self.waiting: list[_Waiting] = []
        self.running: dict[_Waiting, int] = {}
        self.live = set(range(servers))
        self.changed = threading.Condition()

    def top_up(self) -> None:
        """Fetches jobs until enough are out; called by the thread that the jobs come from."""
        while not self.is_empty and self.out < self.most:
            job = next(self.source, None)
            self.out += job is not None
            with self.changed:
                if job is None:
                    self.is_empty = True
                else:
                    self.waiting.append(_Waiting(job))
                self.changed.notify_all()

    def rest(self) -> Iterator[Job]:
        """What nobody took, where no server is left."""
        with self.changed:
            waiting, self.waiting = self.waiting, []
        yield from (each.job for each in waiting)
        yield from self.source

    def take(self, server: int, stop: threading.Event) -> _Waiting | None:
        """The next job for a server, or None where none will come any more."""
        with self.changed:
            while server in self.live and not stop.is_set():
                for waiting in self.waiting:
                    if server not in waiting.tried and (waiting.avoid != server or self.live == {server}):
                        self.waiting.remove(waiting)
                        self.running[waiting] = server
                        return waiting
                if self.is_empty and not self.running:
                    return None
                self._steal(server)
                # what runs elsewhere may come back
                self.changed.wait(0.2)
        return None

    def _steal(self, server: int) -> None:
        """Asks for a job that still waits on a slower server, behind another one of ours."""
        if not self.is_empty or self.waiting:
            return
        slow = [
            other
            for other, place in self.running.items()
            if place != server and not other.began and server not in other.tried and self._is_behind(other, place)
        ]
        if slow:
            slow[-1].taken.set()

    def _is_behind(self, waiting: _Waiting, place: int) -> bool:
        """Whether a job waits on its server for another one of ours: else it is about to begin."""
        return any(other is not waiting and where == place for other, where in self.running.items())

    def ended(self, waiting: _Waiting) -> None:
        with self.changed:
            self.running.pop(waiting, None)
            self.changed.notify_all()

    def given_up(self, waiting: _Waiting, server: int) -> None:
        """Puts a job back that another server is to have."""
        with self.changed:
            self.running.pop(waiting, None)
            waiting.avoid, waiting.began, waiting.taken = server, False, threading.Event()
            self.waiting.insert(0, waiting)
            self.changed.notify_all()

    def back(self, returned: _Waiting, server: int, away: bool) -> list[_Waiting]:
        """Puts a job back after a server could not do it; gives the jobs that no server is left for."""
        with self.changed:
            self.running.pop(returned, None)
            returned.tried.add(server)
            returned.lost += away
            if away:
                self.live.discard(server)
            returned.began, returned.taken = False, threading.Event()
            self.waiting.insert(0, returned)
            hopeless = [job for job in self.waiting if not self.live - job.tried or job.lost >= TRIES]
            self.waiting = [job for job in self.waiting if job not in hopeless]
            self.changed.notify_all()
            return hopeless


def run_many(
    jobs: Iterable[Job],
    clients: Sequence[ComfyClient],
    *,
    previews: bool = False,
    on_progress: Callable[[Job, str, Progress], None] | None = None,
    on_passed_on: Callable[[Job, ComfyError], None] | None = None,
    each: int = 1,
    interruptions: int = 0,
) -> Iterator[Done]:
    """Runs jobs on all servers at once and gives each as it ends, in any order.

    A server that goes away gets no more jobs, and what it had goes to another; so does a job that a server lacks
    something for, and one that waits on a slow server while another has nothing to do. A job that fails is told as such
    and does not stop the others. Where the caller stops listening (or Ctrl-C comes), the jobs on the servers are
    cancelled.

    Args:
        jobs: taken as servers are free for them, in this thread.
        each: jobs that a server has at most; with two, the next one is there when one is done.
        interruptions: how often a job is put back that somebody else interrupted.
        on_progress: told (job, server, progress), from threads of their own.
        on_passed_on: told (job, why) where a server could not do a job that another one now gets.
    """
    if not clients:
        raise ComfyError("There is no server to run on.")
    # as many as can run, and two more for each of them
    pool = _Pool(jobs, len(clients), most=3 * each * len(clients))
    pool.top_up()
    crew = _Crew(pool, previews, on_progress, on_passed_on, interruptions)
    threads = [
        threading.Thread(target=crew.work, args=pair, name="cielr-comfy-server", daemon=True)
        for pair in [*enumerate(clients)] * each
    ]
    for thread in threads:
        thread.start()
    try:
        yield from crew.results(len(threads))
    finally:
        crew.stop.set()
        until = time.monotonic() + 6.0
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


class _Crew:
    """One worker a server; what they have done or what went wrong comes out of one queue."""

    def __init__(
        self,
        pool: _Pool,
        previews: bool,
        on_progress: Callable[[Job, str, Progress], None] | None,
        on_passed_on: Callable[[Job, ComfyError], None] | None,
        interruptions: int = 0,
    ):
        self.interruptions = interruptions
        self.last: tuple[str, CielrError] | None = None
        self.pool = pool
        self.previews = previews
        self.on_progress = on_progress
        self.on_passed_on = on_passed_on
        self.stop = threading.Event()
        self.done: queue.Queue[Done | BaseException | None] = queue.Queue()

    def work(self, number: int, client: ComfyClient) -> None:
        """Takes jobs for one server until none is left; puts None at the end."""
        waiting = None
        try:
            while (waiting := self.pool.take(number, self.stop)) is not None:
                self._run(waiting, number, client)
        except BaseException as error:
            # a mistake of ours or of the caller's `on_progress`: told where the caller is
            if waiting is not None:
                self.pool.ended(waiting)
            self.done.put(error)
        finally:
            self.done.put(None)

    def _run(self, waiting: _Waiting, number: int, client: ComfyClient) -> None:
        job, taken = waiting.job, waiting.taken

        def tell(progress: Progress) -> None:
            waiting.began = waiting.began or progress.stage in ("running", "fetching", "done")
            if self.on_progress is not None:
                self.on_progress(job, client.url, progress)

        try:
            result = client.run(
                job.workflow,
                job.image,
                job.instruction,
                job.labels,
                job.settings,
                previews=self.previews,
                on_progress=tell,
                stop=lambda: self.stop.is_set() or (taken.is_set() and not waiting.began),
            )
            self.done.put(Done(job, client.url, result))
        except (ServerUnreachable, ServerLacks) as error:
            self._pass_on(waiting, number, client, error)
            return
        except Cancelled:
            if self.stop.is_set():
                self.pool.ended(waiting)
                return
            if not taken.is_set():
                raise
            self.pool.given_up(waiting, number)
            return
        except CielrError as error:
            if getattr(error, "kind", "") == INTERRUPTED and waiting.interrupted < self.interruptions:
                waiting.interrupted += 1
                self.pool.given_up(waiting, number)
                return
            self.done.put(Done(job, client.url, error=error))
        self.pool.ended(waiting)

    def _pass_on(self, waiting: _Waiting, number: int, client: ComfyClient, error: ComfyError) -> None:
        self.last = (client.url, error)
        hopeless = self.pool.back(waiting, number, isinstance(error, ServerUnreachable))
        for lost in hopeless:
            self.done.put(Done(lost.job, client.url, error=error))
        if self.on_passed_on is not None and waiting not in hopeless:
            self.on_passed_on(waiting.job, error)

    def results(self, workers: int) -> Iterator[Done]:
        """What is done, as it comes, until that many workers have ended; their mistakes are raised."""
        while workers:
            try:
                # with a limit, so that Ctrl-C comes through on every system
                done = self.done.get(timeout=0.2)
            except queue.Empty:
                self.pool.top_up()
                continue
            if done is None:
                workers -= 1
            elif isinstance(done, BaseException):
                raise done
            else:
                self.pool.out -= 1
                self.pool.top_up()
                yield done
        if self.last is not None:
            # the last server went away with jobs left
            url, error = self.last
            yield from (Done(job, url, error=error) for job in self.pool.rest())
