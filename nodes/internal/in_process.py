"""All regions one after the other in one node, where ComfyUI cannot expand nodes; the same bytes as the expansion.

Also for pictures of which something is transparent: what is hidden takes a look at all regions at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from comfy_api.latest import io

from ..painters import how
from ..region import changed_mask
from ..sockets import alphas, is_see_through, part, stepper, to_arrays, to_image
from .checking import Asked, attempts_told, witness
from .choice import painter_of
from .memo import key_of, remembered
from .show import as_ui, change_line, compared, of_image
from .staged import eyes_of, worked_out

if TYPE_CHECKING:
    from ...cielr.editing.attempts import Picture
    from ...cielr.region import Region
    from .turns import Setting


@dataclass(frozen=True)
class Edit:
    """What is to be done to each image of a batch.

    Attributes:
        chains: the regions that can be painted at once; settings: what their actions meet, or None.
        staged: the texts of what waits until something is painted.
        seed: of the whole edit; attempts: at each action, at most.
    """

    chains: Sequence[Sequence[Region]]
    settings: Sequence[Setting | None]
    staged: Sequence[Sequence[str]]
    seed: int
    attempts: int


@dataclass(frozen=True)
class Helpers:
    """What came on the sockets of that name; `signature` is the inpainter's, for the memory of what was painted."""

    inpainter: Any
    perception: Any
    llm: Any
    signature: str


def in_process(
    image: torch.Tensor, edit: Edit, helpers: Helpers, changed: torch.Tensor, notices: Sequence[str], keeps: bool
) -> io.NodeOutput:
    """IMAGE [B, H, W, C] with the edit carried out.

    Args:
        changed: MASK [B, H, W] of the regions; grows with those that waited. keeps: somebody wants all steps.
    """
    result = image.detach().to("cpu", torch.float32, copy=True)
    from ...cielr.editing.attempts import Picture

    arrays, planes, on_step = to_arrays(image), alphas(image), stepper()
    lines, steps, views = list(notices), [], []
    with witness(helpers.llm if edit.attempts > 1 else None) as asked:
        lines += asked.remarks
        for number, (array, alpha) in enumerate(zip(arrays, planes, strict=True)):
            eyes = eyes_of(helpers.perception, number)
            told = part(on_step, number, len(arrays))
            start, clear = Picture(array, alpha), is_see_through(alpha)
            painting = _Painting(start, clear, helpers, edit.attempts, eyes, asked, told, keeps)
            painting.carry_out(edit.chains[number], edit.settings[number])
            scene = None
            for text in edit.staged[number]:
                stretch = worked_out(text, scene, painting.picture.pixels, eyes, edit.seed, lambda region: region)
                painting.lines += stretch.notices
                painting.carry_out(stretch.regions, stretch.setting)
                scene = stretch.scene
            result[number, ..., :3] = torch.from_numpy(painting.picture.pixels)
            if alpha is not None and painting.picture.alpha is not None:
                result[number, ..., 3] = torch.from_numpy(painting.picture.alpha)
            views.append(compared(array, painting.picture.pixels, alpha, painting.picture.alpha))
            place = str(number + 1) if len(arrays) > 1 else ""
            lines += [of_image(line, place) for line in painting.lines]
            steps += painting.steps
            changed[number] = torch.from_numpy(painting.changed(array))
    shown = to_image(steps) if steps else result
    return io.NodeOutput(result, changed, shown, ui={"text": ["\n".join(lines)], **as_ui(views)})


@dataclass
class _Painting:
    """One image, as it is painted so far, and what was done to it."""

    picture: Picture
    is_see_through: bool
    helpers: Helpers
    attempts: int
    eyes: Any
    asked: Asked
    on_step: Callable[[int, int], None]
    keeps: bool
    lines: list[str] = field(default_factory=list)
    steps: list[np.ndarray] = field(default_factory=list)
    done: list[Region] = field(default_factory=list)

    def carry_out(self, regions: Sequence[Region], setting: Setting | None) -> None:
        from ...cielr.editing.attempts import attempted

        if self.attempts <= 1 or setting is None:
            self.picture = self._painted(self.picture, regions, self.lines, self.steps)
            self.done += regions
            return
        for turn in setting.turns(regions, self.attempts):
            tries: list[tuple[list[str], list[np.ndarray]]] = []

            def paint(
                picture: Picture, todo: Sequence[Region], tries: list[tuple[list[str], list[np.ndarray]]] = tries
            ) -> Picture:
                tries.append(([], []))
                return self._painted(picture, todo, *tries[-1])

            picture, regions_kept, checks = attempted(
                self.picture,
                turn.action,
                turn.regions,
                turn.scene,
                paint,
                self.attempts,
                self.eyes,
                self.asked.witness,
                room=turn.room,
            )
            kept = next(number for number, check in enumerate(checks) if check.kept)
            self.picture = picture
            self.done += regions_kept
            self.lines += [*tries[kept][0], *attempts_told(checks)]
            self.steps += tries[kept][1]

    def changed(self, before: np.ndarray) -> np.ndarray:
        return changed_mask(before, self.done)

    def _painted(
        self, picture: Picture, regions: Sequence[Region], lines: list[str], steps: list[np.ndarray]
    ) -> Picture:
        from ...cielr.editing.executor import paint_region
        from ...cielr.editing.painters import take_remarks
        from ...cielr.editing.transparency import painted

        inpainter, notes = self.helpers.inpainter, [""]
        kinds = {id(painter_of(region, inpainter)[0]): str(painter_of(region, inpainter)[1]) for region in regions}
        signature = self.helpers.signature

        def paint(crop: np.ndarray, region: Region, painter: Any, *more: Any) -> np.ndarray:
            key = key_of(f"{signature} {kinds[id(painter)]}" if signature else "", crop, region)
            drawn, notes[0] = remembered(
                key, lambda: paint_region(crop, region, painter, *more), lambda: take_remarks(painter)
            )
            return drawn

        # one run for all that one painter does in a row
        for painter, own in groupby(regions, lambda region: painter_of(region, inpainter)[0]):
            picture = painted(
                picture,
                list(own),
                self.is_see_through,
                painter,
                self.on_step,
                on_region=(lambda _, after: steps.append(after)) if self.keeps else None,
                on_change=lambda change: lines.append(change_line(change, note=notes[0])),
                paint=paint,
                **how(painter),
            )
        return picture
