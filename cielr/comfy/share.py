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
    job: Job
    tried: set[int] = field(default_factory=set)
    lost: int = 0


class _Pool:
    """The jobs that wait, and who may take which. Everything under one lock."""

    def __init__(self, jobs: Iterable[Job], servers: int):
        self.waiting = [_Waiting(job) for job in jobs]
        self.live = set(range(servers))
        self.running = 0
        self.changed = threading.Condition()

    def take(self, server: int, stop: threading.Event) -> _Waiting | None:
        """The next job for a server, or None where none will come any more."""
        with self.changed:
            while server in self.live and not stop.is_set():
                for waiting in self.waiting:
                    if server not in waiting.tried:
                        self.waiting.remove(waiting)
                        self.running += 1
                        return waiting
                if not self.running:
                    return None
                # what runs elsewhere may come back
                self.changed.wait(0.2)
        return None

    def ended(self) -> None:
        with self.changed:
            self.running -= 1
            self.changed.notify_all()

    def back(self, returned: _Waiting, server: int, away: bool) -> list[_Waiting]:
        """Puts a job back after a server could not do it; gives the jobs that no server is left for."""
        with self.changed:
            self.running -= 1
            returned.tried.add(server)
            returned.lost += away
            if away:
                self.live.discard(server)
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
) -> Iterator[Done]:
    """Runs jobs on all servers at once and gives each as it ends, in any order.

    A server that goes away gets no more jobs, and what it had goes to another; so does a job that a server lacks
    something for. A job that fails is told as such and does not stop the others. Where the caller stops listening
    (or Ctrl-C comes), the jobs on the servers are cancelled.

    Args:
        on_progress: told (job, server, progress), from threads of their own.
        on_passed_on: told (job, why) where a server could not do a job that another one now gets.
    """
    if not clients:
        raise ComfyError("There is no server to run on.")
    crew = _Crew(_Pool(jobs, len(clients)), previews, on_progress, on_passed_on)
    threads = [
        threading.Thread(target=crew.work, args=pair, name="cielr-comfy-server", daemon=True)
        for pair in enumerate(clients)
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
    ):
        self.pool = pool
        self.previews = previews
        self.on_progress = on_progress
        self.on_passed_on = on_passed_on
        self.stop = threading.Event()
        self.done: queue.Queue[Done | BaseException | None] = queue.Queue()

    def work(self, number: int, client: ComfyClient) -> None:
        """Takes jobs for one server until none is left; puts None at the end."""
        try:
            while (waiting := self.pool.take(number, self.stop)) is not None:
                self._run(waiting, number, client)
        except BaseException as error:
            # a mistake of ours or of the caller's `on_progress`: told where the caller is
            self.pool.ended()
            self.done.put(error)
        finally:
            self.done.put(None)

    def _run(self, waiting: _Waiting, number: int, client: ComfyClient) -> None:
        job = waiting.job

        def tell(progress: Progress) -> None:
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
                stop=self.stop.is_set,
            )
            self.done.put(Done(job, client.url, result))
        except (ServerUnreachable, ServerLacks) as error:
            self._pass_on(waiting, number, client, error)
            return
        except Cancelled:
            if not self.stop.is_set():
                raise
        except CielrError as error:
            self.done.put(Done(job, client.url, error=error))
        self.pool.ended()

    def _pass_on(self, waiting: _Waiting, number: int, client: ComfyClient, error: ComfyError) -> None:
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
                continue
            if done is None:
                workers -= 1
            elif isinstance(done, BaseException):
                raise done
            else:
                yield done
