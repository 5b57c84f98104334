"""Who paints: any checkpoint that ComfyUI's own sampler runs, handed to the Edit Executor as one INPAINTER."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import comfy.samplers
from comfy_api.latest import io

from .painters import check_fill, fill_input, inpainter_output
from .sockets import advanced, among, first_wrong, must

WAYS = ["auto", "inpaint", "instruct"]


@dataclass(frozen=True)
class Checkpoint:
    """A model with its settings, as it travels on the INPAINTER socket.

    The Edit Executor expands it into ComfyUI's own nodes, so it is never called itself.

    Attributes:
        steps, cfg, size: 0 is the model's own.
        way: "inpaint" inside a mask, "instruct" by a sentence and a reference, or "auto".
        positive, negative: words for every region beside its own; context: how much of the picture around a region is
            seen, 1 is the region's own.
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
    way: str = "auto"
    positive: str = ""
    negative: str = ""
    context: float = 1.0
    controls: tuple[ControlOf, ...] = ()


@dataclass(frozen=True)
class ControlOf:
    """What steers a checkpoint beside its words, for `Checkpoint.controls`.

    Attributes:
        net, patch: a CONTROL_NET or a MODEL_PATCH; the other is None.
        sees: "inpaint", "canny" or "picture", as `Control.sees`; image: IMAGE of the whole photo for "picture".
        strength: in [0, 10]; start, end: shares of the steps between which it counts.
    """

    net: Any = field(repr=False)
    patch: Any = field(repr=False)
    sees: str
    image: Any = field(default=None, repr=False)
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class TwoPainters:
    """One painter that draws inside masks and one that is instructed, each for some kinds of actions.

    Attributes:
        instructed: the kinds that the second one paints.
    """

    inpaint: Any
    instruct: Any
    instructed: frozenset[str]

    def of(self, kind: str) -> str:
        """ "inpaint" or "instruct": who paints an action of that kind."""
        return "instruct" if kind in self.instructed else "inpaint"


class CheckpointInpainter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CheckpointInpainter",
            display_name="Checkpoint Inpainter",
            category="CIELR/4 edit",
            description=(
                "Lets any checkpoint paint: inpainting and ordinary ones, and edit models that follow an instruction. "
                "Swap the checkpoint, and nothing else has to change. LoRAs and model patches go before it."
            ),
            inputs=[
                io.Model.Input("model", tooltip="From any loader, with any LoRA or patch on it."),
                io.Clip.Input("clip", tooltip="The model's text encoder."),
                io.Vae.Input("vae", tooltip="The model's VAE."),
                io.Int.Input(
                    "steps", default=20, min=0, max=10000, tooltip="Sampling steps for each region. 0: the model's own."
                ),
                io.Float.Input(
                    "cfg",
                    default=7.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip=(
                        "How strictly the prompt is followed. 1 for Flux, 4 to 5 for SD3, 5 to 8 for SD and SDXL. "
                        "0: the model's own."
                    ),
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
                fill_input(),
                io.Combo.Input(
                    "way",
                    options=WAYS,
                    default="auto",
                    optional=True,
                    tooltip=(
                        "inpaint: draws inside a mask. instruct: is shown the region and told what to change, as Flux "
                        "Kontext, Qwen-Image-Edit, Flux.2 and OmniGen2 want it. auto: instruct where the model is "
                        "known to follow instructions; set it by hand for Kontext and Qwen-Image-Edit."
                    ),
                ),
            ],
            outputs=[inpainter_output()],
        )

    @classmethod
    def validate_inputs(cls, sampler_name="euler", scheduler="normal", way="auto"):
        return first_wrong(
            among(sampler_name, comfy.samplers.KSampler.SAMPLERS, f"There is no sampler '{sampler_name}'."),
            among(scheduler, comfy.samplers.KSampler.SCHEDULERS, f"There is no scheduler '{scheduler}'."),
            among(way, WAYS, f"There is no way of painting '{way}'; there are {', '.join(WAYS)}."),
        )

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
        way="auto",
    ) -> io.NodeOutput:
        check_fill(fill)
        must(cls.validate_inputs(sampler_name, scheduler, way))
        settings = (steps, cfg, sampler_name, scheduler, denoise, grow, feather, size, colour_match)
        return io.NodeOutput(Checkpoint(model, clip, vae, *settings, fill, way))
