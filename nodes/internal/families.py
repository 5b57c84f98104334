"""What a loaded diffusion model wants: its native size, its settings, the ways in which it paints. No torch needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Editing:
    """How a model is told what to change in a picture that it is shown.

    Attributes:
        reads: the core node that encodes the instruction; those of Qwen show the picture to the text encoder too.
        guidance: as conditioning, or None; cfg, steps: where nobody says otherwise.
        method: how the reference is set beside what is drawn, where the model does not know it itself.
        normed: the guided prediction is scaled to the length of the unguided one (CFGNorm).
        asked: where nobody says which way: "always", for "changes" of look and style alone, or "never", as the same
            class of model is more often one that draws inside a mask.
    """

    reads: str = "CLIPTextEncode"
    guidance: float | None = None
    cfg: float = 1.0
    steps: int = 20
    method: str = ""
    normed: bool = False
    asked: str = "never"


@dataclass(frozen=True)
class Family:
    """Numbers of one family of models.

    Attributes:
        size: the side in pixels that it was trained on; multiple: what its sides must be divisible by.
        steps, cfg: where nobody says otherwise.
        guidance: of models that take guidance as conditioning (FluxGuidance), else None.
        shift: of the noise schedule, for models whose own is another than ComfyUI's default for them; else None.
        sigmas: the core node that makes its noise schedule from the size; "" is KSampler's.
        inpaints: it takes the masked image as extra channels; others get differential diffusion.
        editing: how it follows an instruction, or None.
    """

    size: int = 1024
    multiple: int = 16
    steps: int = 20
    cfg: float = 7.0
    guidance: float | None = None
    shift: float | None = None
    sigmas: str = ""
    inpaints: bool = False
    editing: Editing | None = None


QWEN = Editing("TextEncodeQwenImageEditPlus", cfg=4.0, steps=20, normed=True)
FAMILIES = {
    "SD15": Family(512, 8),
    "SD20": Family(768, 8),
    "SDXL": Family(),
    "SD3": Family(steps=28, cfg=4.5),
    # Fill was distilled near 30, dev at 3.5 and Kontext at 2.5; Schnell is not guided at all
    "FluxInpaint": Family(cfg=1.0, guidance=30.0, inpaints=True),
    "FluxSchnell": Family(steps=4, cfg=1.0),
    "Flux2": Family(cfg=5.0, sigmas="Flux2Scheduler", editing=Editing(cfg=5.0, asked="changes")),
    "Flux": Family(cfg=1.0, guidance=3.5, editing=Editing(guidance=2.5)),
    "LongCatImage": Family(
        steps=50, cfg=4.5, guidance=4.5, editing=Editing("TextEncodeQwenImageEdit", 4.5, 4.5, 50, method="index")
    ),
    "QwenImage": Family(cfg=4.0, shift=3.1, editing=QWEN),
    "ZImage": Family(steps=8, cfg=1.0),
    "Lumina2": Family(steps=30, cfg=4.0),
    "Chroma": Family(steps=26, cfg=4.0),
    "HiDream": Family(steps=30, cfg=5.0),
    "Omnigen2": Family(cfg=5.0, editing=Editing(cfg=5.0, asked="always")),
    "HunyuanImage21": Family(2048, 32, cfg=3.5),
    "ErnieImage": Family(cfg=4.0),
    "Anima": Family(steps=30, cfg=4.0),
}
"""By ComfyUI's own class of the model, or of an ancestor of it."""
DISTILLED = Family(cfg=1.0, guidance=4.0, sigmas="Flux2Scheduler", editing=Editing(guidance=4.0, asked="changes"))
"""Flux.2 dev, which has its guidance built in; Klein, of the same class, has not."""
PLAIN = Family()
"""Any other: what most are made for."""


def family(model: Any) -> Family:
    """The family of a ComfyUI MODEL; what a patch upstream already set is left to it."""
    base = model.model
    names = [kind.__name__ for kind in type(base.model_config).__mro__]
    kind = next((FAMILIES[name] for name in names if name in FAMILIES), PLAIN)
    unet = getattr(base.model_config, "unet_config", None) or {}
    if "Flux2" in names and unet.get("guidance_embed"):
        kind = DISTILLED
    changes: dict[str, Any] = {}
    if getattr(base, "concat_keys", ()):
        changes["inpaints"] = True
    cell = getattr(getattr(base, "latent_format", None), "spacial_downscale_ratio", 8)
    changes["multiple"] = max(kind.multiple, cell)
    if "model_sampling" in getattr(model, "object_patches", {}):
        changes["shift"] = None
    return replace(kind, **changes)
