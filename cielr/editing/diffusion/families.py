"""Families of diffusion models: which pipeline paints for each, at which size, and with which settings.

Classes are named, not imported: reading this file loads no model library.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.weight_files import small_json
from ...errors import EditError

LONGEST = 1.5
"""The longer side, in native sides: drawn beyond that, models repeat themselves."""
SHORTEST = 1 / 8
"""The shorter side, in native sides: a UNet halves three times more after the VAE, and needs something to halve."""


@dataclass(frozen=True)
class Family:
    """What models of one kind have in common.

    Attributes:
        name: for people.
        pipelines: classes of diffusers that a folder's `model_index.json` may name; the last one inpaints with the
            components of any of them.
        side: native size: pictures of side x side pixels, where the model does not say otherwise.
        multiple: both sides are multiples of this.
        steps, guidance: where nobody says otherwise.
        guided_by: the argument that takes the guidance.
        negative: whether a negative prompt has any effect.
        flow: whether it is a flow-matching model, which Karras' schedulers do not fit.
    """

    name: str
    pipelines: tuple[str, ...]
    steps: int
    guidance: float
    side: int = 1024
    multiple: int = 16
    guided_by: str = "guidance_scale"
    negative: bool = True
    flow: bool = False

    @property
    def dtype(self) -> str:
        """Of the weights on an accelerator."""
        return "bfloat16" if self.flow else "float16"


FAMILIES = (
    Family(
        "Stable Diffusion 1 and 2",
        ("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
        side=512,
        multiple=8,
        steps=30,
        guidance=7.5,
    ),
    Family(
        "SDXL",
        ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
        steps=30,
        guidance=7.0,
    ),
    Family(
        "Stable Diffusion 3",
        ("StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"),
        steps=28,
        guidance=5.0,
        flow=True,
    ),
    Family(
        "Flux Fill",
        ("FluxFillPipeline",),
        steps=30,
        # distilled guidance, not a ratio of two predictions: 30 is what the model was made for
        guidance=30.0,
        negative=False,
        flow=True,
    ),
    Family(
        "Flux",
        ("FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline"),
        steps=28,
        guidance=3.5,
        negative=False,
        flow=True,
    ),
    Family(
        "Qwen-Image",
        ("QwenImagePipeline", "QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"),
        steps=30,
        guidance=4.0,
        guided_by="true_cfg_scale",
        flow=True,
    ),
)

# -------------------------------------------------------------------------------------------------- what a folder is


def family_of(folder: Path) -> Family:
    """The family of a diffusers folder, from its `model_index.json`; no code of the folder's own is ever accepted.

    Raises:
        EditError: where the folder is missing, is no pipeline, brings code, or is of no supported family.
    """
    if not folder.is_dir():
        raise EditError(f"There is no folder '{folder}'; give the folder of a diffusers pipeline.")
    index = folder / "model_index.json"
    if not index.is_file():
        raise EditError(f"'{folder}' is not a diffusers pipeline: it has no model_index.json.")
    try:
        parts = small_json(index)
        kind = parts["_class_name"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise EditError(f"'{index}' cannot be read as a pipeline's index: {error}.") from error
    if not isinstance(kind, str) or _brings_code(folder, parts):
        raise EditError(f"'{folder}' brings Python code of its own, which is never run; only plain pipelines are read.")
    for family in FAMILIES:
        if kind in family.pipelines:
            return _flux(folder) if family.name.startswith("Flux") else family
    raise EditError(f"'{folder}' is a {kind}; supported are {', '.join(family.name for family in FAMILIES)}.")


def _brings_code(folder: Path, index: dict) -> bool:
    """Whether a component names a Python file that lies in the folder: diffusers would import it."""
    for name, value in index.items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            place = folder / name / f"{value[0]}.py"
            if place.is_file() or "/" in value[0] or "\\" in value[0]:
                return True
    return False


def _flux(folder: Path) -> Family:
    """Fill models take the picture and the mask beside the noise, 384 channels to the 64 of plain ones.

    They are told apart by that, since some are saved under the plain class.
    """
    fill, plain = (next(f for f in FAMILIES if f.name == name) for name in ("Flux Fill", "Flux"))
    try:
        channels = small_json(folder / "transformer" / "config.json")["in_channels"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EditError(f"'{folder}' has no readable transformer/config.json: {error}.") from error
    return fill if channels > 128 else plain


# ----------------------------------------------------------------------------------------------------- sizes to work at


@dataclass(frozen=True)
class Work:
    """At which size a crop is drawn: scaled to `height` x `width` without distortion, then padded.

    Attributes:
        height, width: of the scaled crop.
        top, left: rows and columns of padding before it.
        padded_height, padded_width: of the whole, multiples of the family's.
    """

    height: int
    width: int
    top: int
    left: int
    padded_height: int
    padded_width: int

    @property
    def inside(self) -> tuple[slice, slice]:
        """Rows and columns of the scaled crop within the padded picture."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def pad(self, array: np.ndarray) -> np.ndarray:
        """An array [height, width, …] with its borders repeated up to the padded size."""
        rows = (self.top, self.padded_height - self.height - self.top)
        columns = (self.left, self.padded_width - self.width - self.left)
        return np.pad(array, (rows, columns, *[(0, 0)] * (array.ndim - 2)), mode="edge")


def working_size(height: int, width: int, side: int, multiple: int, thin: int = 0) -> Work:
    """The size at which a crop of height x width is drawn by a model of native size `side`.

    The area becomes the native one as far as the longer side allows; the aspect ratio stays, padding does the rest.

    Args:
        thin: the shorter side of what is painted, in pixels of the crop: it is not shrunk below a useful size as far as
            an area of `crop.MOST` native ones allows. 0 lets it shrink.
    """
    # the nodes' lists are made from this file while ComfyUI starts: regions are loaded with the first crop
    from ..crop import MOST, USEFUL

    scale = side / (height * width) ** 0.5
    most = MOST * scale
    scale = min(scale, LONGEST * side / max(height, width))
    if thin:
        scale = max(scale, min(min(USEFUL, SHORTEST * side) / thin, most, 1.0))
    scaled = [max(1, round(height * scale)), max(1, round(width * scale))]
    least = max(multiple, round(side * SHORTEST))
    padded = [-(-max(length, least) // multiple) * multiple for length in scaled]
    before = [(whole - length) // 2 for whole, length in zip(padded, scaled, strict=True)]
    return Work(scaled[0], scaled[1], before[0], before[1], padded[0], padded[1])


def whole_cells(mask: np.ndarray, cell: int) -> np.ndarray:
    """float32 [H, W], sides multiples of `cell`: 1 in each cell x cell block that the mask touches, else 0.

    A VAE's latent is one number a block, and pipelines read the mask at one pixel of each: a hair would fall through.
    """
    height, width = mask.shape
    touched = (mask > 1e-6).reshape(height // cell, cell, width // cell, cell).any(axis=(1, 3))
    return np.repeat(np.repeat(touched, cell, axis=0), cell, axis=1).astype(np.float32)
