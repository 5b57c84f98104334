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

from ...cielr.editing.variants import variant_of
from ..painters import how
from ..region import changed_mask
from ..sockets import alphas, is_see_through, part, stepper, to_arrays, to_image
from .checking import Asked, witness
from .choice import painter_of
from .memo import key_of, remembered
from .show import as_ui, change_line, compared, of_image, part_of
from .staged import eyes_of, worked_out
from .variants import Variants, reach, turn_variants, variants_told

if TYPE_CHECKING:
    from ...cielr.editing.attempts import Picture
    from ...cielr.region import Region
    from .turns import Setting, Turn


@dataclass(frozen=True)
class Edit:
    """What is to be done to each image of a batch.

    Attributes:
        chains: the regions that can be painted at once, by their first variants; settings: what their actions meet, or
            None.
        staged: the texts of what waits until something is painted.
        seed: of the whole edit; attempts: at each action, at most; variants: of each region.
    """

    chains: Sequence[Sequence[Region]]
    settings: Sequence[Setting | None]
    staged: Sequence[Sequence[str]]
    seed: int
    attempts: int
    variants: Variants


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
            on_share = part(on_step, number, len(arrays))
            start, clear = Picture(array, alpha), is_see_through(alpha)
            painting = _Painting(
                start, clear, helpers, edit.attempts, edit.variants, number + 1, eyes, asked, on_share, keeps
            )
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
            views[-1] |= {"variants": painting.looks} if painting.looks else {}
            place = str(number + 1) if len(arrays) > 1 else ""
            lines += [of_image(line, place) for line in painting.lines]
            steps += painting.steps
            changed[number] = torch.from_numpy(changed_mask(array, painting.done))
    lines += variants_told([look for view in views for look in view.get("variants", ())], len(arrays) > 1)
    shown = to_image(steps) if steps else result
    return io.NodeOutput(result, changed, shown, ui={"text": ["\n".join(lines)], **as_ui(views)})


@dataclass
class _Painting:
    """One image, as it is painted so far, and what was done to it.

    Attributes:
        image: its number in the batch, from 1; looks: what there is to choose from, as the front end takes it.
    """

    picture: Picture
    is_see_through: bool
    helpers: Helpers
    attempts: int
    variants: Variants
    image: int
    eyes: Any
    asked: Asked
    on_step: Callable[[int, int], None]
    keeps: bool
    lines: list[str] = field(default_factory=list)
    steps: list[np.ndarray] = field(default_factory=list)
    done: list[Region] = field(default_factory=list)
    looks: list[dict[str, Any]] = field(default_factory=list)

    def carry_out(self, regions: Sequence[Region], setting: Setting | None) -> None:
        """Carries out regions, as they are seeded, by the variants that are kept."""
        if self.attempts <= 1 or setting is None:
            self._at_once(regions)
            return
        for turn in setting.turns(regions, self.attempts):
            self._looked_at(turn)

    def _at_once(self, regions: Sequence[Region]) -> None:
        before, kept = self.picture, self.variants.choice.keeping(regions, False, self.image)
        self.picture = self._painted(before, kept, self.lines, self.steps)
        self.done += kept
        for place, region in enumerate(regions):
            offer = self.variants.offer(region, self.image)
            if not offer.is_choice:
                continue
            look = offer.look(region, self.image, [region])
            # what alpha hides takes a look at all regions, so each variant is seen among the others as they are kept
            pictures = []
            for n, number in enumerate(offer.numbers):
                varied = [*kept[:place], variant_of(region, number), *kept[place + 1 :]]
                picture = self.picture if n == offer.kept else self._painted(before, varied, [], [])
                pictures.append(_part(picture, look))
            self.looks.append(look | {"pictures": pictures})

    def _looked_at(self, turn: Turn) -> None:
        """One action, painted until it is as it should be, or as often as is allowed; each of its variants so."""
        offer = self.variants.offer(turn.regions[0], self.image)
        look = offer.look(turn.regions[0], self.image, reach(turn))
        before, pictures = self.picture, []
        for number, varied in enumerate(turn_variants(turn, offer)):
            picture = self._attempted(before, varied, number == offer.kept)
            pictures += [_part(picture, look)] if offer.is_choice else []
        self.looks += [look | {"pictures": pictures}] if pictures else []

    def _attempted(self, before: Picture, turn: Turn, is_kept: bool) -> Picture:
        from ...cielr.editing.attempts import attempted
        from ...cielr.telling.wording import attempts_words

        tries: list[tuple[list[str], list[np.ndarray]]] = []

        def paint(picture: Picture, todo: Sequence[Region]) -> Picture:
            tries.append(([], []))
            return self._painted(picture, todo, *tries[-1])

        given = (turn.action, turn.regions, turn.scene, paint, self.attempts, self.eyes, self.asked.witness)
        picture, regions_kept, checks = attempted(before, *given, room=turn.room)
        if is_kept:
            kept = next(number for number, check in enumerate(checks) if check.kept)
            self.picture = picture
            self.done += regions_kept
            self.lines += [*tries[kept][0], *attempts_words(checks)]
            self.steps += tries[kept][1]
        return picture

    def _painted(
        self, picture: Picture, regions: Sequence[Region], lines: list[str], steps: list[np.ndarray]
    ) -> Picture:
        from ...cielr.editing.executor import paint_region
        from ...cielr.editing.painters import take_remarks
        from ...cielr.editing.transparency import painted

        inpainter, notes = self.helpers.inpainter, [""]
        kinds = {id(painter): of for painter, of in (painter_of(region, inpainter) for region in regions)}
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


def _part(picture: Picture, look: dict[str, Any]) -> dict[str, str]:
    """The part of a picture that is shown of a variant."""
    return part_of(picture.pixels, look["box"], picture.alpha)
