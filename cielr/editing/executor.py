"""Runs regions one after the other. Each one: crop, paint, stitch; what lies outside stays as it was, bit for bit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..actions.change import Clear
from ..core.arrays import as_dtype
from ..core.geometry import Box, bands
from ..core.progress import share_of
from ..core.scene import OnStep
from ..errors import EditError
from ..region import Region, hole_region
from .crop import BAND, blend_into, check_drawn, crop_region, stitch_into
from .painters import BuiltinFill, Filler, Inpainter
from .pixels import changed

OnRegion = Callable[[Region, np.ndarray], None]
"""Told each region and the whole image after it (a copy)."""
UNSEEN = 0.5 / 255
"""Mean change, of 1, inside a region below which nobody sees that anything was done."""


@dataclass(frozen=True)
class Change:
    """What an edit did to one region, measured.

    Attributes:
        pixels: that differ from what was there before the region; mean: by how much on average over the region's
            support, of 1.
        outside: samples beyond the support that differ; the promise is 0.
        seconds: crop, paint and stitch; 0 where they were not timed.
    """

    action: int
    part: int
    pixels: int
    mean: float
    outside: int
    seconds: float

    @property
    def is_seen(self) -> bool:
        return self.mean >= UNSEEN


def execute(
    image: np.ndarray,
    regions: Sequence[Region],
    inpainter: Inpainter | Filler | None = None,
    on_step: OnStep | None = None,
    on_region: OnRegion | None = None,
    fill: Filler | None = None,
    on_change: Callable[[Change], None] | None = None,
    colour_match: bool = True,
    paint: Callable[..., np.ndarray] | None = None,
) -> np.ndarray:
    """The image with every region carried out, in order; uint8 or float32 [H, W, 3], dtype kept.

    Every sample outside all regions' supports is bit-identical to the input.

    Args:
        inpainter: who paints; None is the built-in fill, which removes and moves but draws nothing new.
        fill: who fills holes, before an inpainter draws over them; None is the built-in fill.
        on_change: told what was measured of each region once it is done.
        colour_match: undo the shift in colour that a diffusion model gives to what it should have left alone.
        paint: does the work of `paint_region`, with its arguments, such as from a memory of what was painted before.
        on_step: told (done, total) over all regions; what it raises cancels and passes through.

    Raises:
        EditError: where a region cannot be carried out.
    """
    result = image.copy()
    for number, region in enumerate(regions):
        started = time.perf_counter()
        on_share = share_of(on_step, number, len(regions), until=0.98)
        crop = crop_region(result, region)
        painted = (paint or paint_region)(crop, region, inpainter, on_share, fill, colour_match)
        # of a large picture each of the two that follow takes a second: between them it can be cancelled
        _still_at(on_step, number, len(regions))
        stitch_into(result, region, painted)
        _still_at(on_step, number, len(regions))
        change = measured(crop, result, region, time.perf_counter() - started)
        if on_change is not None:
            on_change(change)
        if on_region is not None:
            on_region(region, result.copy())
    if on_step is not None and regions:
        on_step(len(regions) * 100, len(regions) * 100)
    return result


def _still_at(on_step: OnStep | None, number: int, count: int) -> None:
    """Tells that a region is nearly done, so that a cancel is heard."""
    if on_step is not None:
        on_step(100 * number + 99, 100 * count)


def paint_region(
    crop: np.ndarray,
    region: Region,
    inpainter: Inpainter | Filler | None = None,
    on_step: OnStep | None = None,
    fill: Filler | None = None,
    colour_match: bool = True,
) -> np.ndarray:
    """A region's crop, painted: same shape and dtype. Only what lies inside the region's support means anything.

    Args:
        fill: who fills holes, before an inpainter draws over them; None is the built-in fill.
        colour_match: as for `execute`.

    Raises:
        EditError: where the action needs a model that draws and there is none.
    """
    action = region.action
    inside = region.inside(region.support)
    if action.exact is not None:
        return changed(crop, inside, action.exact, on_step)
    painter = _Painter(inpainter, fill or BuiltinFill(), colour_match)
    if region.pastes:
        return _relocated(crop, region, painter, on_step)
    if action.needs == "fill":
        return _removed(crop, inside, region, painter, on_step)
    if inpainter is None or isinstance(inpainter, Filler):
        wish = action.wish if len(action.wish) <= 200 else f"{action.wish[:160]} …'"
        raise EditError(
            f"{wish} has to be drawn, and that needs a diffusion model: "
            "connect an inpainter (Checkpoint Inpainter in ComfyUI, --inpainter on the command line)."
        )
    return painter.draw(crop, inside, crop, region, on_step)


def measured(before: np.ndarray, image: np.ndarray, region: Region, seconds: float = 0.0) -> Change:
    """What an edit did to one region; in debug runs of Python it asserts that nothing outside was touched.

    Args:
        before: the region's crop before the edit, uint8 or float32 [crop.height, crop.width, 3]; image: the whole image
            after it, of the same dtype.
    """
    if isinstance(region.action.exact, Clear):
        # the colours stay and nobody sees them any more
        return Change(region.index, region.part, region.support.area, 1.0, 0, seconds)
    after, inside = image[region.crop.slices], region.inside(region.support)
    pixels, total, outside = 0, 0.0, 0
    for band in bands(Box(0, 0, region.crop.width, region.crop.height), BAND):
        old, new, here = before[band.slices], after[band.slices], inside[band.slices]
        differs = (new != old).any(axis=-1)
        inner, outer = differs & here, differs & ~here
        pixels += int(inner.sum())
        total += float(np.abs(new[inner].astype(np.float32) - old[inner].astype(np.float32)).sum())
        outside += int((new[outer] != old[outer]).sum())
    assert outside == 0, f"{region!r} changed samples outside its support."
    top = 255.0 if before.dtype == np.uint8 else 1.0
    mean = total / (3 * top * int(inside.sum())) if pixels else 0.0
    return Change(region.index, region.part, pixels, mean, outside, seconds)


# ----------------------------------------------------------------------------------------------------- kinds of paint


@dataclass(frozen=True)
class _Painter:
    """Who paints a region, and how.

    Attributes:
        inpainter: None is the fill alone; fill: for holes.
    """

    inpainter: Inpainter | Filler | None
    fill: Filler
    colour_match: bool

    def draw(self, start, inside, crop, region: Region, on_step: OnStep | None) -> np.ndarray:
        """What an inpainter makes of the start; the crop is what was there, for the colour."""
        from .match import colour_matched

        assert self.inpainter is not None
        assert not isinstance(self.inpainter, Filler)
        # the whole support is painted; what shows of it, and how softly, is the stitch's affair
        mask = inside.astype(np.float32)
        words = (region.prompt, region.negative_prompt)
        # a copy: whoever paints in place must not paint into what the result is measured against
        drawn = self.inpainter.inpaint(start.copy(), mask, *words, region.strength, region.seed, on_step)
        check_drawn(drawn, inside if drawn.shape[:2] == inside.shape else None)
        return as_dtype(colour_matched(drawn, crop, region), crop.dtype) if self.colour_match else drawn

    def filled(self, filler: Filler, crop, inside, region: Region, on_step: OnStep | None) -> np.ndarray:
        """What a filler makes of the crop; the crop itself where there is no hole."""
        if not inside.any():
            return crop
        filled = filler.fill(crop.copy(), inside.copy(), region.inside(region.avoid), region.seed, on_step)
        if filled.shape != crop.shape:
            raise EditError(f"The fill returned {list(filled.shape)} for a crop of {list(crop.shape)}.")
        return as_dtype(check_drawn(filled, inside), crop.dtype)


def _removed(crop, inside, region: Region, painter: _Painter, on_step: OnStep | None) -> np.ndarray:
    """The crop without what is inside. A model that draws starts from the fill, so that no ghost leads it astray."""
    if painter.inpainter is None or isinstance(painter.inpainter, Filler):
        return painter.filled(painter.inpainter or painter.fill, crop, inside, region, on_step)
    ground = painter.fill.sketch() if isinstance(painter.fill, BuiltinFill) else painter.fill
    filled = painter.filled(ground, crop, inside, region, share_of(on_step, 0, 2))
    return painter.draw(filled, inside, crop, region, share_of(on_step, 1, 2))


def _relocated(crop, region: Region, painter: _Painter, on_step: OnStep | None) -> np.ndarray:
    from .paste import soft, with_thing

    hole = region.inside(region.hole)
    if not hole.any():
        # a copy leaves no hole, and neither does what lay wholly behind other things
        return with_thing(crop, crop, region, on_step)
    if painter.inpainter is None or isinstance(painter.inpainter, Filler):
        filled = _removed(crop, hole, region, painter, share_of(on_step, 0, 2))
    else:
        # a model sees the hole with its own surroundings, not all of the journey
        part = hole_region(region)
        box = part.crop.shift(-region.crop.x0, -region.crop.y0)
        filled = crop.copy()
        filled[box.slices] = _removed(crop[box.slices], hole[box.slices], part, painter, share_of(on_step, 0, 2))
    ground = crop.copy()
    blend_into(ground, filled, soft(hole))
    return with_thing(ground, crop, region, share_of(on_step, 1, 2))
