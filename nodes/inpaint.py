"""Who paints: any checkpoint that ComfyUI's own sampler runs, handed to the Edit Executor as one INPAINTER."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import comfy.samplers
from comfy_api.latest import io

from .internal.expand_sampler import Drawing, Sampling
from .internal.families import family
from .painters import check_fill
from .sockets import INPAINTER, advanced, must

if TYPE_CHECKING:
    from ..cielr.region import Region


@dataclass(frozen=True)
class Checkpoint:
    """A model with its settings, as it travels on the INPAINTER socket.

    The Edit Executor expands it into ComfyUI's own nodes, so it is never called itself.
    """

    model: Any = field(repr=False)
    clip: Any = field(repr=False)
    vae: Any = field(repr=False)
    steps: int
    cfg: float
    sampler: str
    scheduler: str
    denoise: float
    grow: int
    feather: int
    size: int
    colour_match: bool
    fill: Any = field(default=None, repr=False)


def sampling(checkpoint: Checkpoint) -> Sampling:
    """What all regions share, with the model's own size and guidance."""
    kind = family(checkpoint.model)
    return Sampling(
        steps=checkpoint.steps,
        cfg=checkpoint.cfg,
        sampler=checkpoint.sampler,
        scheduler=checkpoint.scheduler,
        size=checkpoint.size or kind.size,
        multiple=kind.multiple,
        guidance=kind.guidance,
        differential=not kind.inpaints,
        own_fill=checkpoint.fill is not None,
        colour_match=checkpoint.colour_match,
    )


def drawing(region: Region, checkpoint: Checkpoint | None) -> Drawing | None:
    """What a region asks of the checkpoint; None where code alone carries it out, or no checkpoint is there."""
    from ..cielr.region import hole_region

    if checkpoint is None or (need := region.action.needs) == "code":
        return None
    return Drawing(
        positive=region.prompt,
        negative=region.negative_prompt,
        seed=region.seed,
        denoise=round(region.strength * checkpoint.denoise, 4),
        fill=need == "fill",
        hole=hole_region(region).to_json() if region.hole is not None else "",
    )


def wanted(region: Region, checkpoint: Checkpoint | None) -> Region:
    """The region as a painter wants it; None is one that takes regions as they are."""
    return region if checkpoint is None else adjusted(region, checkpoint)


def adjusted(region: Region, checkpoint: Checkpoint) -> Region:
    """The region with the checkpoint's own growth and feather, where it is the checkpoint that paints it."""
    from ..cielr.region import with_support

    if region.pastes or region.action.needs == "code":
        return region
    if checkpoint.grow:
        region = with_support(region, region.support.grow(checkpoint.grow))
    return region if checkpoint.feather < 0 else region.model_copy(update={"feather": checkpoint.feather})


class CheckpointInpainter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CheckpointInpainter",
            display_name="Checkpoint Inpainter",
            category="CIELR/4 edit",
            description=(
                "Lets any checkpoint paint: inpainting and ordinary ones, SD, SDXL, SD3, Flux, Flux Fill. "
                "Swap the checkpoint, and nothing else has to change. LoRAs and model patches go before it."
            ),
            inputs=[
                io.Model.Input("model", tooltip="From any loader, with any LoRA or patch on it."),
                io.Clip.Input("clip", tooltip="The model's text encoder."),
                io.Vae.Input("vae", tooltip="The model's VAE."),
                io.Int.Input("steps", default=20, min=1, max=10000, tooltip="Sampling steps for each region."),
                io.Float.Input(
                    "cfg",
                    default=7.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip="How strictly the prompt is followed. 1 for Flux, 4 to 5 for SD3, 5 to 8 for SD and SDXL.",
                ),
                io.Combo.Input(
                    "sampler_name", options=comfy.samplers.KSampler.SAMPLERS, default="euler", tooltip="The sampler."
                ),
                io.Combo.Input(
                    "scheduler", options=comfy.samplers.KSampler.SCHEDULERS, default="normal", tooltip="The scheduler."
                ),
                io.Float.Input(
                    "denoise",
                    default=1.0,
                    min=0.05,
                    max=1.0,
                    step=0.01,
                    tooltip="Multiplies each action's own strength: 1 draws removed and replaced things from scratch.",
                ),
                advanced(
                    io.Int.Input(
                        "grow", default=0, min=0, max=512, tooltip="How many pixels a region that is drawn grows by."
                    )
                ),
                advanced(
                    io.Int.Input(
                        "feather",
                        default=-1,
                        min=-1,
                        max=256,
                        tooltip="Width in pixels of the soft edge inside a region; -1: the region's own.",
                    )
                ),
                advanced(
                    io.Int.Input(
                        "size",
                        default=0,
                        min=0,
                        max=4096,
                        step=64,
                        tooltip="Longer side at which a region is drawn. 0: the model's own (512 for SD 1.5, "
                        "else 1024).",
                    )
                ),
                advanced(
                    io.Boolean.Input(
                        "colour_match",
                        default=True,
                        tooltip="Undoes the colour shift that the model causes in what it should have left alone.",
                    )
                ),
                INPAINTER.Input(
                    "fill",
                    optional=True,
                    tooltip=(
                        "From Load Inpaint Model: fills what is removed before this model draws "
                        "over it. Not connected: the built-in fill."
                    ),
                ),
            ],
            outputs=[INPAINTER.Output(display_name="inpainter", tooltip="For the Edit Executor.")],
        )

    @classmethod
    def validate_inputs(cls, sampler_name="euler", scheduler="normal"):
        # V3 combos are not checked by the server; None is what comes by link
        if sampler_name is not None and sampler_name not in comfy.samplers.KSampler.SAMPLERS:
            return f"There is no sampler '{sampler_name}'."
        if scheduler is not None and scheduler not in comfy.samplers.KSampler.SCHEDULERS:
            return f"There is no scheduler '{scheduler}'."
        return True

    @classmethod
    def execute(
        cls,
        model,
        clip,
        vae,
        steps,
        cfg,
        sampler_name,
        scheduler,
        denoise,
        grow=0,
        feather=-1,
        size=0,
        colour_match=True,
        fill=None,
    ) -> io.NodeOutput:
        check_fill(fill)
        must(cls.validate_inputs(sampler_name, scheduler))
        return io.NodeOutput(
            Checkpoint(
                model, clip, vae, steps, cfg, sampler_name, scheduler, denoise, grow, feather, size, colour_match, fill
            )
        )
