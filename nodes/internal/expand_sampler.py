"""One region drawn by ComfyUI's own sampler: crop -> encode -> sample -> decode -> stitch, as core nodes.

Pure, like `expand.py`: it needs no ComfyUI and no tensors. Model, CLIP and VAE come by link from a small node that
unpacks the inpainter, so that a LoRA upstream works and a swapped checkpoint runs the chains again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .graph import Expansion, Link


@dataclass(frozen=True)
class Sampling:
    """What all regions of one checkpoint share.

    Attributes:
        size, multiple: the working crop's longer side in pixels, and what its sides are divisible by.
        guidance: for models that take it as conditioning, else None.
        differential: soft masks by differential diffusion, for models that were not trained to inpaint.
        own_fill: the inpainter brings what fills holes before the model draws; else the built-in fill does.
    """

    steps: int
    cfg: float
    sampler: str
    scheduler: str
    size: int
    multiple: int
    guidance: float | None
    differential: bool
    colour_match: bool
    own_fill: bool = False


@dataclass(frozen=True)
class Drawing:
    """What one region asks of the sampler.

    Attributes:
        positive, negative: prompts; seed: of this region; denoise: in (0, 1].
        fill: what is to be removed is filled first, so that no ghost of it leads the model astray.
        hole: for a thing that is moved or resized, the region of the hole as JSON: that is drawn, the thing is pasted.
    """

    positive: str
    negative: str
    seed: int
    denoise: float
    fill: bool = False
    hole: str = ""


def unpacked(graph: Expansion, inpainter: Link, sampling: Sampling) -> tuple[Link, Link, Link]:
    """Links to (MODEL, CLIP, VAE), shared by all chains."""
    key = graph.add("checkpoint", "CIELR_UnpackInpainter", inpainter=inpainter)
    model: Link = [key, 0]
    if sampling.differential:
        model = [graph.add("differential", "DifferentialDiffusion", model=model), 0]
    return model, [key, 1], [key, 2]


def drawn(
    graph: Expansion,
    name: str,
    image: Link,
    json: str,
    drawing: Drawing,
    sampling: Sampling,
    checkpoint: tuple[Link, Link, Link],
) -> Link:
    """Adds the chain of one region, given as JSON; gives the link to the whole image with the region drawn."""
    model, clip, vae = checkpoint

    def node(part: str, class_type: str, **inputs: Any) -> Link:
        return [graph.add(f"{name}.{part}", class_type, **inputs), 0]

    if drawing.hole:
        ground = drawn(graph, f"{name}.hole", image, drawing.hole, replace(drawing, hole=""), sampling, checkpoint)
        region = node("region", "CIELR_RegionLiteral", json=json)
        pasted = node("paste", "CIELR_PasteThing", before=image, ground=ground, region=region)
        return node("stitch", "CIELR_PutBack", image=ground, region=region, painted=pasted)
    region = node("region", "CIELR_RegionLiteral", json=json)
    start = image
    if drawing.fill:
        cut = node("cut", "CIELR_CutOut", image=image, region=region)
        # the last thing that the unpacked inpainter gives
        more = {"inpainter": [vae[0], 3]} if sampling.own_fill else {}
        filled = node("fill", "CIELR_PaintRegion", crop=cut, region=region, **more)
        start = node("filled", "CIELR_PutBack", image=image, region=region, painted=filled)
    crop = node("crop", "CIELR_CropRegion", image=start, region=region, size=sampling.size, multiple=sampling.multiple)
    mask, wider = [crop[0], 1], [crop[0], 2]
    positive = node("positive", "CLIPTextEncode", clip=clip, text=drawing.positive)
    negative = node("negative", "CLIPTextEncode", clip=clip, text=drawing.negative)
    if sampling.guidance is not None:
        positive = node("guidance", "FluxGuidance", conditioning=positive, guidance=sampling.guidance)
    encode = node(
        "encode",
        "InpaintModelConditioning",
        positive=positive,
        negative=negative,
        vae=vae,
        pixels=crop,
        mask=mask,
        noise_mask=True,
    )
    sample = node(
        "sample",
        "KSampler",
        model=model,
        positive=[encode[0], 0],
        negative=[encode[0], 1],
        latent_image=[encode[0], 2],
        seed=drawing.seed,
        steps=sampling.steps,
        cfg=sampling.cfg,
        sampler_name=sampling.sampler,
        scheduler=sampling.scheduler,
        denoise=drawing.denoise,
    )
    painted = node("decode", "VAEDecode", samples=sample, vae=vae)
    if sampling.colour_match:
        painted = node("match", "CIELR_ColourMatch", image=start, region=wider, painted=painted)
    return node("stitch", "CIELR_PutBack", image=image, region=wider, painted=painted)
