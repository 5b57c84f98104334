"""The work of one worker: a photo is read, edited, written, and told of."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..actions import Plan
from ..core.arrays import as_dtype
from ..core.geometry import Mask
from ..core.scene import MAX_PIXELS, Scene
from ..errors import Cancelled, CielrError, NotUnderstood
from ..photos.photo import read_photo
from ..photos.write import check_format, photo_bytes
from ..telling.wording import change_words, plan_words
from .items import Task
from .outcome import Outcome, failed
from .places import Goal, is_url, joined, local, read_bytes

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..pipeline import EditRequest, EditResult

MakeModels = Callable[[], dict[str, Any]]
"""Loads the models of one worker and gives them as fields of `EditRequest`; picklable."""
TILE = 240
"""Pixels of the longer side of each picture on the contact sheet."""


class TimeUp(Cancelled):
    """One photo took longer than it may."""


@dataclass(frozen=True)
class Work:
    """How every photo of a batch is edited; picklable, and the same on every machine.

    Attributes:
        goal: where results go; thumbnails: where pictures for the contact sheet go.
        models: loads the models, once a worker.
        instruction, labels, seed, plan: of items that bring none of their own.
        quality: of lossy formats; small: compress PNG and TIFF hard.
        max_pixels: larger photos are refused; limit: seconds for one photo.
        cache: a folder where scenes and plans are kept for the next batch, or "".
    """

    goal: Goal
    thumbnails: Goal
    models: MakeModels
    instruction: str = ""
    labels: tuple[str, ...] | None = None
    seed: int = 0
    plan: Plan | None = None
    quality: int | None = None
    small: bool = False
    max_pixels: int = MAX_PIXELS
    limit: float | None = None
    cache: str = ""

    def start(self) -> Editor:
        """A worker with its models loaded.

        Raises:
            CielrError: where they cannot be.
        """
        return Editor(self, self.models())


class Editor:
    """One worker: edits photo after photo with the same models."""

    def __init__(self, work: Work, models: dict[str, Any]) -> None:
        self.work = work
        self.models = models

    def __call__(self, task: Task) -> Outcome:
        """The outcome of a photo; never raises for what is wrong with that one."""
        try:
            return self._edited(task)
        except TimeUp:
            limit = self.work.limit or 0
            return failed(task, "TimeUp", f"It took more than {limit:g} seconds.", self.work.instruction)
        except CielrError as error:
            return failed(task, type(error).__name__, str(error), self.work.instruction)
        except MemoryError:
            return failed(task, "MemoryError", "There is not enough memory for this photo.", self.work.instruction)
        except Exception as error:
            words = f"Unexpected failure, {type(error).__name__}: {error}"[:300]
            return failed(task, type(error).__name__, words, self.work.instruction)

    def _edited(self, task: Task) -> Outcome:
        work, item = self.work, task.item
        photo = self._photo(task)
        check_format(Path(task.output), photo, work.quality)
        request = self._request(task, photo)
        result = self._carried_out(photo, request, self._deadline())
        like = replace(photo, alpha=result.alpha)
        work.goal.write(task.output, photo_bytes(task.output, result.image, like, work.quality, work.small))
        thumbnail = ""
        if task.thumbnail:
            thumbnail = f"{task.number + 1:06d}.jpg"
            mask = Mask.union([region.support for region in result.regions], photo.height, photo.width)
            work.thumbnails.write(thumbnail, thumbnail_bytes(photo.pixels, result.image, mask.to_array()))
        return Outcome(
            image=item.image,
            instruction=request.instruction,
            status="done",
            output=task.output,
            seed=request.seed,
            plan=tuple(plan_words(result.plan)),
            regions=len(result.regions),
            changed=sum(change.pixels for change in result.changes),
            notices=tuple(_notices(result)),
            thumbnail=thumbnail,
        )

    def _photo(self, task: Task) -> Photo:
        place = joined(task.base, task.item.image)
        if is_url(place):
            return read_photo(read_bytes(place), self.work.max_pixels, place)
        return read_photo(local(place), self.work.max_pixels)

    def _request(self, task: Task, photo: Photo) -> EditRequest:
        from ..pipeline import EditRequest

        work, item = self.work, task.item
        plan = _plan_of(item.plan, task.base) if item.plan else work.plan if not item.instruction else None
        scene = _text_of(joined(task.base, item.scene), Scene.load, Scene.from_json) if item.scene else None
        if plan is None and not (item.instruction or work.instruction).strip():
            raise NotUnderstood("Neither the batch nor its manifest says what is to change in this photo.")
        labels = item.labels if item.labels is not None else work.labels
        if item.masks:
            from ..perception.given.scene import scene_of_masks

            scene = scene_of_masks(photo.pixels, local(joined(task.base, item.masks)), Path(item.image).name, labels)
        return EditRequest(
            "" if plan is not None else item.instruction or work.instruction,
            seed=item.seed if item.seed is not None else work.seed,
            plan=plan,
            scene=scene,
            labels=None if scene is not None or labels is None else list(labels),
            **self.models,
        )

    def _carried_out(self, photo: Photo, request: EditRequest, on_event: Callable[[Any], None] | None) -> EditResult:
        from ..pipeline import carry_out

        if not self.work.cache:
            return carry_out(photo, request, on_event)
        from .cache import carry_out_cached

        return carry_out_cached(Path(self.work.cache), photo, request, on_event)

    def _deadline(self) -> Callable[[Any], None] | None:
        """Ends the edit of a photo from within, so that the worker keeps its models."""
        if self.work.limit is None:
            return None
        until = time.monotonic() + self.work.limit

        def check(_: Any) -> None:
            if time.monotonic() > until:
                raise TimeUp("The time for this photo is up.")

        return check


def thumbnail_bytes(before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> bytes:
    """A JPEG with three tiles side by side: the photo, its edit (both [H, W, 3]), and a mask bool[H, W]."""
    from PIL import Image

    height, width = before.shape[:2]
    scale = min(1.0, TILE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    sheet = Image.new("RGB", (3 * size[0], size[1]))
    for place, pixels in enumerate((before, after, np.repeat(mask[..., None], 3, axis=2).astype(np.float32))):
        picture = Image.fromarray(as_dtype(pixels, np.dtype(np.uint8)))
        sheet.paste(picture.resize(size, Image.Resampling.BOX), (place * size[0], 0))
    memory = io.BytesIO()
    sheet.save(memory, "JPEG", quality=85)
    return memory.getvalue()


def _notices(result: EditResult) -> list[str]:
    seen = [result.scene.caption] if result.scene.caption else []
    return [*seen, *result.notices, *(change_words(change) for change in result.changes if not change.is_seen)]


def _plan_of(plan: Any, base: str) -> Plan:
    if isinstance(plan, dict):
        return Plan.from_json(json.dumps(plan))
    return _text_of(joined(base, plan), Plan.load, Plan.from_json)


def _text_of(place: str, load: Callable[[str], Any], parse: Callable[[str], Any]) -> Any:
    """What a file of this machine or of a store holds."""
    if not is_url(place):
        return load(local(place))
    return parse(read_bytes(place).decode("utf-8-sig", errors="replace"))


def core_count() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
