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
                for one in self.waiting:
                    if server not in one.tried:
                        self.waiting.remove(one)
                        self.running += 1
                        return one
                if not self.running:
                    return None
                # what runs elsewhere may come back
                self.changed.wait(0.2)
        return None

    def ended(self) -> None:
        with self.changed:
            self.running -= 1
            self.changed.notify_all()

    def back(self, one: _Waiting, server: int, away: bool) -> list[_Waiting]:
        """Puts a job back after a server could not do it; gives the jobs that no server is left for."""
        with self.changed:
            self.running -= 1
            one.tried.add(server)
            one.lost += away
            if away:
                self.live.discard(server)
            self.waiting.insert(0, one)
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
    pool, stop = _Pool(jobs, len(clients)), threading.Event()
    done: queue.Queue[Done | BaseException | None] = queue.Queue()

    def work(number: int, client: ComfyClient) -> None:
        try:
            while (one := pool.take(number, stop)) is not None:
                _work(one, number, client)
        except BaseException as error:
            # a mistake of ours or of the caller's `on_progress`: told where the caller is
            pool.ended()
            done.put(error)
        finally:
            done.put(None)

    def _work(one: _Waiting, number: int, client: ComfyClient) -> None:
        job = one.job

        def tell(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(job, client.url, progress)

        try:
            result = client.run(
                job.workflow,
                job.image,
                job.instruction,
                job.labels,
                job.settings,
                previews=previews,
                on_progress=tell,
                stop=stop.is_set,
            )
            done.put(Done(job, client.url, result))
        except (ServerUnreachable, ServerLacks) as error:
            hopeless = pool.back(one, number, isinstance(error, ServerUnreachable))
            for lost in hopeless:
                done.put(Done(lost.job, client.url, error=error))
            if on_passed_on is not None and one not in hopeless:
                on_passed_on(job, error)
            return
        except Cancelled:
            if not stop.is_set():
                raise
        except CielrError as error:
            done.put(Done(job, client.url, error=error))
        pool.ended()

    threads = [
        threading.Thread(target=work, args=pair, name="cielr-comfy-server", daemon=True) for pair in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    left = len(threads)
    try:
        while left:
            try:
                # with a limit, so that Ctrl-C comes through on every system
                one = done.get(timeout=0.2)
            except queue.Empty:
                continue
            if one is None:
                left -= 1
            elif isinstance(one, BaseException):
                raise one
            else:
                yield one
    finally:
        stop.set()
        until = time.monotonic() + 6.0
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
