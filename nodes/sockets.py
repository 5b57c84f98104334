"""Socket types, and the way between ComfyUI's tensors and the engine's arrays.

Scenes, plans and regions travel as `PerImage`: one entry for each image of the batch that they were made from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import torch
from comfy_api.latest import io, ui

if TYPE_CHECKING:
    from ..cielr.core.geometry import Mask

SCENE = io.Custom("CIELR_SCENE")
PERCEPTION = io.Custom("CIELR_PERCEPTION")
PLAN = io.Custom("CIELR_PLAN")
REGIONS = io.Custom("CIELR_REGIONS")
REGION = io.Custom("CIELR_REGION")
DETECTOR = io.Custom("CIELR_DETECTOR")
SEGMENTER = io.Custom("CIELR_SEGMENTER")
DEPTH = io.Custom("CIELR_DEPTH")
LLM = io.Custom("CIELR_LLM")
INPAINTER = io.Custom("CIELR_INPAINTER")

T = TypeVar("T")


def advanced(one: Any) -> Any:
    """A widget's input, folded away by front ends that fold; 0.3.64's schemas have no argument for it."""
    one.extra_dict = {**one.extra_dict, "advanced": True}
    return one


class PerImage(Sequence[T], Generic[T]):
    """One value for each image of a batch. Short in words: ComfyUI sends the text of every input to the browser."""

    def __init__(self, items: Sequence[T]) -> None:
        self._items = tuple(items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __repr__(self) -> str:
        first = repr(self._items[0]) if self._items else "nothing"
        return first if len(self) == 1 else f"{len(self)} images: {first}, …"

    __str__ = __repr__

    def spread(self, count: int, what: str) -> PerImage[T]:
        """As many entries as there are images; a single one serves them all.

        Raises:
            ValueError: where neither fits.
        """
        if len(self) == count:
            return self
        if len(self) == 1:
            return PerImage(self._items * count)
        raise ValueError(f"There are {count} images and {len(self)} {what}: connect one for all, or one for each.")


# ---------------------------------------------------------------------------------------------------------- pictures


def to_arrays(image: torch.Tensor) -> list[np.ndarray]:
    """IMAGE [B, H, W, C] -> B arrays float32 [H, W, 3] (views where they can be); an alpha channel is left out.

    Raises:
        ValueError: where it is no batch of RGB images.
    """
    if image.ndim == 3:
        image = image.unsqueeze(0)
    if image.ndim != 4 or image.shape[-1] < 3 or 0 in image.shape:
        raise ValueError(f"This is no batch of RGB images: its shape is {list(image.shape)}.")
    return list(image[..., :3].detach().to("cpu", torch.float32).numpy())


def to_image(arrays: Sequence[np.ndarray]) -> torch.Tensor:
    """Arrays [H, W, 3], uint8 or float32, of one size -> IMAGE [B, H, W, 3]."""
    tensors = [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]
    if len(arrays) == 1 and arrays[0].dtype == np.float32 and arrays[0].base is None:
        # made for this, not a view of somebody else's: one copy of a large frame less
        return tensors[0].unsqueeze(0)
    return torch.stack([t.float() / 255 if t.dtype == torch.uint8 else t for t in tensors])


# ------------------------------------------------------------------------------------------------------------- masks


def to_masks(mask: torch.Tensor) -> list[np.ndarray]:
    """Every mask shape that ComfyUI gives, [H, W], [B, H, W], [B, 1, H, W] or [B, H, W, 1] -> B arrays float32 [H, W].

    Raises:
        ValueError: for any other shape.
    """
    if mask.ndim == 4 and mask.shape[1] == 1:
        mask = mask[:, 0]
    elif mask.ndim == 4 and mask.shape[-1] == 1:
        mask = mask[..., 0]
    elif mask.ndim == 2:
        mask = mask.unsqueeze(0)
    if mask.ndim != 3 or 0 in mask.shape:
        raise ValueError(f"This is no batch of masks: its shape is {list(mask.shape)}.")
    return list(mask.detach().to("cpu", torch.float32).numpy())


def painted(mask: torch.Tensor | None, count: int, height: int, width: int) -> list[Mask | None]:
    """A painted MASK as one engine mask for each of `count` images (1 = painted, from one half on).

    One mask serves all images. A mask without a painted pixel says nothing and becomes None: LoadImage gives 64 x 64
    zeros for a picture without alpha. A mask of another size is scaled, nearest neighbour.
    """
    if mask is None:
        return [None] * count
    arrays = PerImage(to_masks(mask)).spread(count, "masks")
    return [frame_mask(array, height, width) if (array >= 0.5).any() else None for array in arrays]


def frame_mask(array: np.ndarray, height: int, width: int) -> Mask:
    """A mask array [h, w], set from one half on, as an engine mask of the frame's size (nearest neighbour)."""
    from ..cielr.core.geometry import Mask

    if array.shape != (height, width):
        rows = ((np.arange(height) + 0.5) * array.shape[0] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * array.shape[1] / width).astype(int)
        array = array[np.ix_(rows, columns)]
    return Mask.from_array(array >= 0.5)


# ---------------------------------------------------------------------------------------------------------- progress


def stepper():
    """An `on_step` for the engine: moves ComfyUI's progress bar, and raises where the user pressed cancel."""
    import comfy.model_management
    import comfy.utils

    bar = comfy.utils.ProgressBar(100)
    shown = -1

    def on_step(done: int, total: int) -> None:
        nonlocal shown
        comfy.model_management.throw_exception_if_processing_interrupted()
        percent = int(100 * done / total) if total else 100
        # work in several passes counts anew in each; the bar never goes back
        if percent > shown:
            shown = percent
            bar.update_absolute(percent, 100)

    return on_step


def part(on_step, number: int, count: int):
    """Progress of one image among several, as progress of the whole."""
    return lambda done, total: on_step(number * total + done, count * total)


def preview(image: torch.Tensor, cls: type[io.ComfyNode], **more: Any) -> dict[str, Any]:
    """The `ui` part of an output: the pictures, and whatever else is to be shown, as lists."""
    return ui.PreviewImage(image, cls=cls).as_dict() | {name: [value] for name, value in more.items()}
