"""What a loaded diffusion model wants: its native size, and whether it was trained to inpaint. No torch needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Family:
    """Numbers of one family of models.

    Attributes:
        size: the side in pixels that it was trained on; multiple: what its sides must be divisible by.
        guidance: of models that take guidance as conditioning (FluxGuidance), else None.
        inpaints: it takes the masked image as extra channels; others get differential diffusion.
    """

    size: int = 1024
    multiple: int = 16
    guidance: float | None = None
    inpaints: bool = False


SIZES = {"SD15": (512, 8), "SD20": (768, 8), "SDXL": (1024, 16), "SD3": (1024, 16), "Flux": (1024, 16)}
"""By ComfyUI's own class of the model, or of an ancestor of it; 1024/16 for all others."""
GUIDANCE = {"FluxInpaint": 30.0, "FluxSchnell": None, "Flux": 3.5}
"""Flux Fill wants guidance near 30; Schnell is not guided; 3.5 is Flux dev's own default."""


def family(model: Any) -> Family:
    """The family of a ComfyUI MODEL."""
    base = model.model
    names = [kind.__name__ for kind in type(base.model_config).__mro__]
    size, multiple = next((SIZES[name] for name in names if name in SIZES), (1024, 16))
    guidance = next((GUIDANCE[name] for name in names if name in GUIDANCE), None)
    inpaints = bool(getattr(base, "concat_keys", ())) or "FluxInpaint" in names
    return Family(size, multiple, guidance, inpaints)
