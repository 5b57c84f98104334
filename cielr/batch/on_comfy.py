"""A crew of ComfyUI servers: each photo is a run of a workflow, shared out by `cielr.comfy.run_many`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ..comfy import ComfyClient, Done, Job, Limits, ServerLacks, ServerUnreachable, Workflow, run_many
from ..comfy.failures import no_output
from ..comfy.workflow import is_link
from ..errors import CielrError, ComfyError
from ..photos.photo import read_photo
from ..photos.write import photo_bytes
from .crew import Ended
from .items import Task
from .outcome import Outcome, failed
from .places import is_url, joined, local, read_bytes
from .work import Work, thumbnail_bytes

if TYPE_CHECKING:
    from ..comfy import Output

EACH = 2
"""Photos that a server has at most: one at work, and the next, so that it never waits for a file to travel."""
INTERRUPTIONS = 3
"""How often a photo is put back that somebody interrupted on the server."""


class ComfyCrew:
    """ComfyUI servers; a `Crew`.

    Args:
        urls: their addresses; workflow: what they run for each photo; work: how, of which its models, plan and cache
            are not for servers, and its limit is with the time in the queue.
        on_passed_on: told (photo, why) where a server could not do one that another now gets.

    Raises:
        CielrError: for what is no address; MissingDependency: without httpx or websockets.
    """

    def __init__(
        self,
        urls: Sequence[str],
        workflow: Workflow,
        work: Work,
        limits: Limits | None = None,
        on_passed_on: Callable[[str, str], None] | None = None,
    ) -> None:
        self.workflow = workflow
        self.work = work
        limits = limits or Limits()
        limits = replace(limits, total=work.limit) if work.limit else limits
        self.clients = [ComfyClient(url, limits=limits) for url in urls]
        self.on_passed_on = on_passed_on

    def run(self, tasks: Iterator[Task]) -> Iterator[Ended]:
        ready: list[Ended] = []
        at_work: dict[int, Task] = {}
        with tempfile.TemporaryDirectory(prefix="cielr-") as folder:

            def jobs() -> Iterator[Job]:
                for task in tasks:
                    try:
                        job = self._job(task, Path(folder))
                    except CielrError as error:
                        ready.append(Ended(task, failed(task, type(error).__name__, str(error)), 0.0, ""))
                        continue
                    at_work[id(job)] = task
                    yield job

            def passed_on(job: Job, error: ComfyError) -> None:
                if self.on_passed_on is not None:
                    self.on_passed_on(at_work[id(job)].item.image, str(error))

            try:
                runs = run_many(jobs(), self.clients, on_passed_on=passed_on, each=EACH, interruptions=INTERRUPTIONS)
                for done in runs:
                    yield from _taken(ready)
                    yield self._ended(at_work.pop(id(done.job)), done)
                    if Path(folder) in Path(str(done.job.image)).parents:
                        Path(str(done.job.image)).unlink(missing_ok=True)
                yield from _taken(ready)
            finally:
                for client in self.clients:
                    client.close()

    def _job(self, task: Task, folder: Path) -> Job:
        """The run of a photo.

        Raises:
            CielrError: where the photo cannot be had, or a workflow does not take what is to be done.
        """
        item, work = task.item, self.work
        if item.plan or item.scene or item.masks:
            raise ComfyError(
                "A ComfyUI server takes nothing but an instruction; leave out this photo's plan, scene "
                "and masks, or --comfy."
            )
        place = joined(task.base, item.image)
        if is_url(place):
            path = folder / f"{task.number}-{PurePosixPath(place).name}"
            path.write_bytes(read_bytes(place))
        else:
            path = Path(local(place))
            if not path.is_file():
                raise ComfyError(f"There is no file {path}.")
        labels = item.labels if item.labels is not None else work.labels
        return Job(
            self.workflow,
            path,
            item.instruction or work.instruction or None,
            ", ".join(labels) if labels else None,
            seed_settings(self.workflow, item.seed if item.seed is not None else work.seed),
        )

    def _ended(self, task: Task, done: Done) -> Ended:
        seconds = done.result.seconds if done.result is not None else 0.0
        return Ended(task, self._outcome(task, done), seconds, done.server)

    def _outcome(self, task: Task, done: Done) -> Outcome:
        if isinstance(done.error, ServerLacks) or (isinstance(done.error, ServerUnreachable) and not self._any_left()):
            raise CielrError(f"{done.error} No server is left; the same command goes on with what is.") from done.error
        try:
            if done.error is not None:
                raise done.error
            assert done.result is not None
            if not done.result.outputs:
                raise no_output(done.result)
            return self._written(task, done.result.outputs[0])
        except CielrError as error:
            kind = getattr(error, "kind", "") or type(error).__name__
            return failed(task, kind, str(error), self.work.instruction)

    def _written(self, task: Task, output: Output) -> Outcome:
        """The outcome of a photo whose result is written under its name."""
        data, work = output.data, self.work
        photo = None
        if PurePosixPath(task.output).suffix.lower() != output.suffix or task.thumbnail:
            photo = read_photo(data, name=f"What the server saved of {task.item.image}")
        if PurePosixPath(task.output).suffix.lower() != output.suffix and photo is not None:
            data = photo_bytes(task.output, photo.pixels, photo, work.quality)
        work.goal.write(task.output, data)
        thumbnail = self._thumbnail(task, photo.pixels) if task.thumbnail and photo is not None else ""
        return Outcome(
            image=task.item.image,
            instruction=task.item.instruction or work.instruction,
            status="done",
            output=task.output,
            seed=task.item.seed if task.item.seed is not None else work.seed,
            thumbnail=thumbnail,
        )

    def _thumbnail(self, task: Task, after: np.ndarray) -> str:
        """The name of a picture for the contact sheet; "" where before and after are not of one size."""
        place = joined(task.base, task.item.image)
        before = read_photo(read_bytes(place) if is_url(place) else local(place)).pixels
        if before.shape != after.shape or before.dtype != after.dtype:
            return ""
        name = f"{task.number + 1:06d}.jpg"
        self.work.thumbnails.write(name, thumbnail_bytes(before, after, (before != after).any(axis=2)))
        return name

    def _any_left(self) -> bool:
        for client in self.clients:
            with suppress(ComfyError):
                client.server.queue()
                return True
        return False


def seed_settings(workflow: Workflow, seed: int) -> dict[str, Any]:
    """The settings that give a seed to every node of ours that takes one."""
    return {
        f"{node}.seed": seed
        for node, values in workflow.prompt.items()
        if values["class_type"].startswith("CIELR_")
        and "seed" in values["inputs"]
        and not is_link(values["inputs"]["seed"])
    }


def _taken(ready: list[Ended]) -> Iterator[Ended]:
    while ready:
        yield ready.pop(0)
