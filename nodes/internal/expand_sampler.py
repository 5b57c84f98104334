"""One region drawn by ComfyUI's own sampler: crop -> encode -> sample -> decode -> stitch, as core nodes.

A model paints in one of two ways: it draws inside a mask what the region is to look like ("inpaint"), or it is shown
the crop and told what to change ("instruct"). Pure, like `expand.py`: it needs no ComfyUI and no tensors. Model, CLIP
and VAE come by link from a small node that unpacks the inpainter, so that a LoRA upstream works and a swapped
checkpoint runs the chains again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .graph import Expansion, Link


@dataclass(frozen=True)
class Control:
    """A control net, or a model patch that does the same, beside the text.

    Attributes:
        index: which of the inpainter's controls; the unpacking node gives it.
        patches: it is a model patch, which goes onto the model; else a control net, which goes into the conditioning.
        sees: what it is shown of the crop: "inpaint" (the crop and the mask), "canny" (its edges), or "picture" (the
            same part of a picture that came with it: a depth map, a pose).
    """

    index: int
    sees: str
    strength: float
    patches: bool = False
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True)
class Sampling:
    """What all regions that a checkpoint draws in one way share.

    Attributes:
        size, multiple: the working crop's longer side in pixels, and what its sides are divisible by.
        guidance: for models that take it as conditioning, else None.
        shift: of the noise schedule, or None; sigmas: the core node that makes it, "" is the sampler's own.
        differential: soft masks by differential diffusion, for models that were not trained to inpaint.
        own_fill: the inpainter brings what fills holes before the model draws; else the built-in fill does.
        reads: the core node that encodes the instruction; "" is for a model that draws inside a mask.
        method: how the reference is set beside what is drawn; "" is the model's own.
        normed: CFGNorm.
        of: which of several painters: the name of its output on the node that unpacks them; "" is the only one.
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
    shift: float | None = None
    sigmas: str = ""
    reads: str = ""
    method: str = ""
    normed: bool = False
    controls: tuple[Control, ...] = ()
    of: str = ""


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
    sampling: Sampling
    fill: bool = False
    hole: str = ""

    def text(self) -> str:
        """As one constant text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> Drawing:
        values = json.loads(text)
        way = values["sampling"]
        controls = tuple(Control(**control) for control in way["controls"])
        return cls(**{**values, "sampling": Sampling(**{**way, "controls": controls})})


@dataclass
class Painters:
    """Links to what the inpainter holds, shared by all chains; nodes are added when the first chain asks."""

    graph: Expansion
    inpainter: Link
    made: dict[tuple, str] = field(default_factory=dict)

    def _node(self, name: str, class_type: str, key: tuple, **inputs: Any) -> str:
        if key not in self.made:
            number = sum(1 for known in self.made if known[0] == key[0])
            self.made[key] = self.graph.add(f"{name}{number}" if number else name, class_type, **inputs)
        return self.made[key]

    def unpacked(self, of: str) -> str:
        """Id of the node whose outputs are MODEL, CLIP, VAE, the fill and the painter itself."""
        more = {"of": of} if of else {}
        return self._node("checkpoint", "CIELR_UnpackInpainter", ("checkpoint", of), inpainter=self.inpainter, **more)

    def model(self, sampling: Sampling) -> Link:
        """The MODEL with the patches of its family."""
        of = sampling.of
        link: Link = [self.unpacked(of), 0]
        if sampling.shift is not None:
            shift = sampling.shift
            link = [self._node("shift", "ModelSamplingAuraFlow", ("shift", of), model=link, shift=shift), 0]
        if sampling.normed and sampling.cfg != 1:
            link = [self._node("normed", "CFGNorm", ("normed", of), model=link, strength=1.0), 0]
        if sampling.differential:
            key = ("differential", of, tuple(link))
            link = [self._node("differential", "DifferentialDiffusion", key, model=link), 0]
        return link

    def control(self, sampling: Sampling, control: Control, image: Link) -> str:
        """Id of the node whose outputs are CONTROL_NET, MODEL_PATCH and its picture at the size of the image."""
        of, index = sampling.of, control.index
        inputs: dict[str, Any] = {"inpainter": [self.unpacked(of), 4], "index": index}
        inputs |= {"like": image} if control.sees == "picture" else {}
        return self._node("control", "CIELR_UnpackControl", ("control", of, index, str(inputs.get("like"))), **inputs)


@dataclass(frozen=True)
class _Chain:
    """The nodes of one region, named alike."""

    graph: Expansion
    name: str = ""

    def node(self, part: str, class_type: str, **inputs: Any) -> Link:
        return [self.graph.add(f"{self.name}.{part}" if self.name else part, class_type, **inputs), 0]


def drawn(
    graph: Expansion, name: str, image: Link, json: str, drawing: Drawing, inpainter: Link, signature: str
) -> tuple[Link, Link]:
    """Adds what draws one region, given as JSON: (link to the whole image with the region drawn, link to a note).

    The node in its middle expands into the sampler's chain (`sampled`), or, where the same was drawn before, into
    nothing.
    """
    chain = _Chain(graph, name)
    region = chain.node("region", "CIELR_RegionLiteral", json=json)
    if drawing.hole:
        bare = replace(drawing, hole="")
        ground, note = drawn(graph, f"{name}.hole", image, drawing.hole, bare, inpainter, signature)
        pasted = chain.node("paste", "CIELR_PasteThing", before=image, ground=ground, region=region)
        return chain.node("stitch", "CIELR_PutBack", image=ground, region=region, painted=pasted), note
    inputs = {"json": json, "drawing": drawing.text(), "painter": signature}
    draw = chain.node("draw", "CIELR_DrawRegion", image=image, inpainter=inpainter, **inputs)
    return chain.node("stitch", "CIELR_PutBack", image=image, region=[draw[0], 1], painted=draw), [draw[0], 2]


def sampled(
    graph: Expansion, image: Link, json: str, drawing: Drawing, painters: Painters, key: str, name: str = ""
) -> tuple[Link, Link]:
    """Adds the sampler's chain of one region: (link to the crop, painted, link to the region as it is to be stitched).

    Args:
        key: under which what was painted is kept; "" where it is not. name: of its nodes.
    """
    chain = _Chain(graph, name)
    region = chain.node("region", "CIELR_RegionLiteral", json=json)
    paint = _instructed if drawing.sampling.reads else _inpainted
    painted, wider = paint(chain, image, region, drawing, painters)
    if key:
        painted = chain.node("keep", "CIELR_KeepPainted", painted=painted, key=key)
    return painted, wider


def _inpainted(chain: _Chain, image: Link, region: Link, drawing: Drawing, painters: Painters) -> tuple[Link, Link]:
    """Drawn inside the mask, from what is there or from a filled hole."""
    sampling = drawing.sampling
    unpacked = painters.unpacked(sampling.of)
    clip, vae = [unpacked, 1], [unpacked, 2]
    start = image
    if drawing.fill:
        cut = chain.node("cut", "CIELR_CutOut", image=image, region=region)
        more = {"inpainter": [unpacked, 3]} if sampling.own_fill else {}
        filled = chain.node("fill", "CIELR_PaintRegion", crop=cut, region=region, **more)
        start = chain.node("filled", "CIELR_PutBack", image=image, region=region, painted=filled)
    size = {"size": sampling.size, "multiple": sampling.multiple}
    crop = chain.node("crop", "CIELR_CropRegion", image=start, region=region, **size)
    mask, wider = [crop[0], 1], [crop[0], 2]
    positive = chain.node("positive", "CLIPTextEncode", clip=clip, text=drawing.positive)
    negative = chain.node("negative", "CLIPTextEncode", clip=clip, text=drawing.negative)
    if sampling.guidance is not None:
        positive = chain.node("guidance", "FluxGuidance", conditioning=positive, guidance=sampling.guidance)
    positive, negative, latent = _masked(chain, positive, negative, vae, crop, mask, sampling)
    seen = _Seen(crop, mask, wider, vae, {"image": start, "region": region, **size})
    words, model = _controlled(chain, (positive, negative), painters, sampling, seen)
    sample = _sampled(chain, model, words, latent, drawing, crop)
    painted = chain.node("decode", "VAEDecode", samples=sample, vae=vae)
    if sampling.colour_match:
        painted = chain.node("match", "CIELR_ColourMatch", image=start, region=wider, painted=painted)
    return painted, wider


def _masked(
    chain: _Chain, positive: Link, negative: Link, vae: Link, crop: Link, mask: Link, sampling: Sampling
) -> tuple[Link, Link, Link]:
    """(positive, negative, LATENT with its mask): inpainting models are shown the masked picture beside it.

    Others are not: some would take it for a reference, and it costs them an encoding.
    """
    if sampling.differential:
        latent = chain.node("encode", "VAEEncode", pixels=crop, vae=vae)
        return positive, negative, chain.node("masked", "SetLatentNoiseMask", samples=latent, mask=mask)
    inputs = {"positive": positive, "negative": negative, "vae": vae, "pixels": crop, "mask": mask, "noise_mask": True}
    encode = chain.node("encode", "InpaintModelConditioning", **inputs)
    return [encode[0], 0], [encode[0], 1], [encode[0], 2]


def _instructed(chain: _Chain, image: Link, region: Link, drawing: Drawing, painters: Painters) -> tuple[Link, Link]:
    """Drawn anew from the crop as reference, then laid over it: what drifted is put right before it is cut out."""
    sampling = drawing.sampling
    unpacked = painters.unpacked(sampling.of)
    clip, vae = [unpacked, 1], [unpacked, 2]
    size = {"size": sampling.size, "multiple": sampling.multiple}
    crop = chain.node("crop", "CIELR_ReferenceCrop", image=image, region=region, **size)
    mask, wider = [crop[0], 1], [crop[0], 2]
    # one latent for all: of another size than what is drawn, the reference would zoom it
    latent = chain.node("reference", "VAEEncode", pixels=crop, vae=vae)
    words = [
        _told(chain, part, text, clip, crop, latent, sampling)
        for part, text in (("positive", drawing.positive), ("negative", drawing.negative))
    ]
    seen = _Seen(crop, mask, wider, vae, {"image": image, "region": region, **size})
    controlled, model = _controlled(chain, (words[0], words[1]), painters, sampling, seen)
    sample = _sampled(chain, model, controlled, latent, drawing, crop)
    painted = chain.node("decode", "VAEDecode", samples=sample, vae=vae)
    painted = chain.node("align", "CIELR_Align", image=image, region=wider, painted=painted)
    if sampling.colour_match:
        painted = chain.node("match", "CIELR_ColourMatch", image=image, region=wider, painted=painted)
    return painted, wider


def _told(chain: _Chain, part: str, text: str, clip: Link, crop: Link, latent: Link, sampling: Sampling) -> Link:
    """The conditioning of an instruction: its words, and the crop as reference."""
    names = {"TextEncodeQwenImageEditPlus": ("prompt", "image1"), "TextEncodeQwenImageEdit": ("prompt", "image")}
    if sampling.reads in names:
        words, picture = names[sampling.reads]
        link = chain.node(part, sampling.reads, clip=clip, **{words: text, picture: crop})
    else:
        link = chain.node(part, sampling.reads, clip=clip, text=text)
    if sampling.guidance is not None:
        link = chain.node(f"{part}_guidance", "FluxGuidance", conditioning=link, guidance=sampling.guidance)
    link = chain.node(f"{part}_reference", "ReferenceLatent", conditioning=link, latent=latent)
    if sampling.method:
        method = {"reference_latents_method": sampling.method}
        link = chain.node(f"{part}_method", "FluxKontextMultiReferenceLatentMethod", conditioning=link, **method)
    return link


@dataclass(frozen=True)
class _Seen:
    """Links to the working crop, its mask, its region and the VAE; and what cuts the same part of another picture."""

    crop: Link
    mask: Link
    wider: Link
    vae: Link
    cut: dict[str, Any]


def _controlled(
    chain: _Chain, words: tuple[Link, Link], painters: Painters, sampling: Sampling, seen: _Seen
) -> tuple[tuple[Link, Link], Link]:
    """((positive, negative), MODEL) with every control on them."""
    model = painters.model(sampling)
    for control in sampling.controls:
        source = painters.control(sampling, control, seen.cut["image"])
        part = f"control{control.index}"
        cropper = "CIELR_ReferenceCrop" if sampling.reads else "CIELR_CropRegion"
        picture = _shown(chain, part, control, source, seen, cropper)
        if control.patches:
            model = _patched(chain, part, model, [source, 1], picture, control, seen)
            continue
        inputs = {"positive": words[0], "negative": words[1], "control_net": [source, 0], "vae": seen.vae}
        inputs |= {"strength": control.strength, "start_percent": control.start, "end_percent": control.end}
        if control.sees == "inpaint":
            applied = chain.node(part, "ControlNetInpaintingAliMamaApply", image=seen.crop, mask=seen.mask, **inputs)
        else:
            applied = chain.node(part, "ControlNetApplyAdvanced", image=picture, **inputs)
        words = [applied[0], 0], [applied[0], 1]
    return words, model


def _shown(chain: _Chain, part: str, control: Control, source: str, seen: _Seen, cropper: str) -> Link:
    """What a control is shown of the working crop."""
    if control.sees == "canny":
        return chain.node(f"{part}.canny", "Canny", image=seen.crop, low_threshold=0.4, high_threshold=0.8)
    if control.sees == "picture":
        return chain.node(f"{part}.crop", cropper, **{**seen.cut, "image": [source, 2]})
    return seen.crop


def _patched(chain: _Chain, part: str, model: Link, patch: Link, picture: Link, control: Control, seen: _Seen) -> Link:
    inputs = {"model": model, "model_patch": patch, "vae": seen.vae, "image": picture, "strength": control.strength}
    if control.sees == "inpaint":
        inputs["mask"] = seen.mask
    return chain.node(part, "QwenImageDiffsynthControlnet", **inputs)


def _sampled(chain: _Chain, model: Link, words: Sequence[Link], latent: Link, drawing: Drawing, crop: Link) -> Link:
    """The LATENT that the sampler makes."""
    sampling = drawing.sampling
    positive, negative = words
    if not sampling.sigmas:
        return chain.node(
            "sample",
            "KSampler",
            model=model,
            positive=positive,
            negative=negative,
            latent_image=latent,
            seed=drawing.seed,
            steps=sampling.steps,
            cfg=sampling.cfg,
            sampler_name=sampling.sampler,
            scheduler=sampling.scheduler,
            denoise=drawing.denoise,
        )
    # as KSampler does it: of a longer schedule the last steps
    steps = max(sampling.steps, int(sampling.steps / drawing.denoise))
    size = chain.node("size", "GetImageSize", image=crop)
    sigmas = chain.node("sigmas", sampling.sigmas, steps=steps, width=size, height=[size[0], 1])
    if steps > sampling.steps:
        sigmas = [chain.node("last", "SplitSigmas", sigmas=sigmas, step=steps - sampling.steps)[0], 1]
    guider = chain.node("guider", "CFGGuider", model=model, positive=positive, negative=negative, cfg=sampling.cfg)
    return chain.node(
        "sample",
        "SamplerCustomAdvanced",
        noise=chain.node("noise", "RandomNoise", noise_seed=drawing.seed),
        guider=guider,
        sampler=chain.node("sampler", "KSamplerSelect", sampler_name=sampling.sampler),
        sigmas=sigmas,
        latent_image=latent,
    )
