"""Which painter draws a region, in which way, and with which settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..inpaint import Checkpoint, TwoPainters
from .expand import Chain
from .expand_sampler import Control, Drawing, Sampling
from .families import family

if TYPE_CHECKING:
    from ...cielr.region import Region

CHANGES = ("modify", "global")
"""Kinds of actions on what stays what it is: a look, a pose, a style. They are what edit models do best."""


def is_sampled(inpainter: Any) -> bool:
    """Whether some of what it paints is sampled by ComfyUI's own nodes, and cannot be had by calling it."""
    if isinstance(inpainter, TwoPainters):
        return is_sampled(inpainter.inpaint) or is_sampled(inpainter.instruct)
    return isinstance(inpainter, Checkpoint)


def painter_of(region: Region, inpainter: Any) -> tuple[Any, str]:
    """(who paints a region, which of two that is: "" where there is only one)."""
    if not isinstance(inpainter, TwoPainters):
        return inpainter, ""
    of = inpainter.of(region.action.kind)
    return getattr(inpainter, of), of


def wanted(region: Region, inpainter: Any) -> Region:
    """The region as its painter wants it, with a checkpoint's own growth, feather and context."""
    from ...cielr.region import with_context_by, with_support

    painter, _ = painter_of(region, inpainter)
    if not isinstance(painter, Checkpoint) or region.pastes or region.action.needs == "code":
        return region
    if painter.grow:
        region = with_support(region, region.support.grow(painter.grow))
    if painter.context != 1.0:
        region = with_context_by(region, painter.context)
    return region if painter.feather < 0 else region.model_copy(update={"feather": painter.feather})


def chain_of(region: Region, inpainter: Any) -> Chain:
    """The region as a piece of the Executor's graph."""
    painter, of = painter_of(region, inpainter)
    if isinstance(painter, Checkpoint):
        return Chain(region.to_json(), drawing(region, painter, of), None)
    return Chain(region.to_json(), None, of)


def drawing(region: Region, checkpoint: Checkpoint, of: str = "") -> Drawing | None:
    """What a region asks of the checkpoint; None where code alone carries it out."""
    from ...cielr.region import hole_region

    need = region.action.needs
    if need == "code":
        return None
    setting = sampling(checkpoint, way_of(region, checkpoint), of)
    instructed = bool(setting.reads)
    # an edit model sees what is there anyway: it always draws anew, and needs the thing that it is to remove
    strength = 1.0 if instructed else region.strength
    return Drawing(
        positive=_joined(region.instruction if instructed else region.prompt, checkpoint.positive),
        negative=_joined("" if instructed else region.negative_prompt, checkpoint.negative),
        seed=region.seed,
        denoise=round(strength * checkpoint.denoise, 4),
        sampling=setting,
        fill=need == "fill" and not instructed,
        hole=hole_region(region).to_json() if region.hole is not None else "",
    )


def way_of(region: Region, checkpoint: Checkpoint) -> str:
    """ "inpaint" or "instruct"; where nobody says, edit models are instructed what to change, and draw all else."""
    if checkpoint.way != "auto":
        return checkpoint.way
    editing = family(checkpoint.model).editing
    asked = editing.asked if editing is not None else "never"
    return "instruct" if asked == "always" or (asked == "changes" and region.action.kind in CHANGES) else "inpaint"


def sampling(checkpoint: Checkpoint, way: str, of: str = "") -> Sampling:
    """What all regions that it draws in one way share, with the model's own numbers where none are set.

    Raises:
        ValueError: where it is to be instructed and cannot be.
    """
    kind = family(checkpoint.model)
    editing = kind.editing if way == "instruct" else None
    if way == "instruct" and editing is None:
        raise ValueError(
            "This model cannot be instructed: connect one that takes a reference picture (Flux Kontext, Flux.2, "
            "Qwen-Image-Edit, OmniGen2, LongCat), or set 'way' to 'inpaint'."
        )
    own = editing or kind
    return Sampling(
        steps=checkpoint.steps or own.steps,
        cfg=checkpoint.cfg or own.cfg,
        sampler=checkpoint.sampler,
        scheduler=checkpoint.scheduler,
        size=checkpoint.size or kind.size,
        multiple=kind.multiple,
        guidance=own.guidance,
        differential=editing is None and not kind.inpaints,
        own_fill=checkpoint.fill is not None,
        colour_match=checkpoint.colour_match,
        shift=kind.shift,
        sigmas=kind.sigmas,
        reads=editing.reads if editing else "",
        method=editing.method if editing else "",
        normed=editing.normed if editing else False,
        controls=tuple(
            Control(index, control.sees, control.strength, control.patch is not None, control.start, control.end)
            for index, control in enumerate(checkpoint.controls)
        ),
        of=of,
    )


def _joined(words: str, more: str) -> str:
    return f"{words.rstrip(' ,')}, {more.strip()}" if words.strip() and more.strip() else words or more.strip()
