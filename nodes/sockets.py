"""Socket types, and the way between ComfyUI's tensors and the engine's arrays.

Scenes, plans and regions travel as `PerImage`: one entry for each image of the batch that they were made from.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
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
MODEL_PATCH = io.Custom("MODEL_PATCH")
"""A core socket that 0.3.64 has no name for in its schemas."""

PREVIEW = 1280
"""Longer side of the pictures that a node shows, in pixels; of masks the half."""

T = TypeVar("T")


def advanced(widget: Any) -> Any:
    """A widget's input, folded away by front ends that fold; 0.3.64's schemas have no argument for it."""
    widget.extra_dict = {**widget.extra_dict, "advanced": True}
    return widget


def told_when_cached(schema: Any) -> Any:
    """A schema of a node in the middle that shows something: a newer ComfyUI then tells it from its cache as well.

    0.3.64's schemas have no argument for it; it does so for every node.
    """
    schema.has_intermediate_output = True
    return schema


def among(value: Any, choices: Container[Any], otherwise: str) -> bool | str:
    """For `validate_inputs`: True where a value is one of the choices, else the sentence that says that it is not.

    The server does not check the combos of V3 nodes. None, which is what comes by link, is not known yet.
    """
    return value is None or value in choices or otherwise


def first_wrong(*answers: bool | str) -> bool | str:
    """The first sentence among answers; True where there is none."""
    return next((answer for answer in answers if isinstance(answer, str)), True)


def must(answer: bool | str) -> None:
    """Raises ValueError with what a node's `validate_inputs` has against values; those by link come after its check."""
    if isinstance(answer, str):
        raise ValueError(answer)


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


def to_arrays(image: torch.Tensor, what: str = "image") -> list[np.ndarray]:
    """IMAGE [B, H, W, C] -> B arrays float32 [H, W, 3] (views where they can be); a fourth channel is not among them.

    Args:
        what: it is called in errors.

    Raises:
        ValueError: where it is no batch of RGB images, or holds samples that are no numbers.
    """
    if image.ndim == 3:
        image = image.unsqueeze(0)
    if image.ndim != 4 or image.shape[-1] < 3 or 0 in image.shape:
        raise ValueError(f"The {what} is not a batch of RGB images: its shape is {list(image.shape)}.")
    rgb = image[..., :3].detach().to("cpu", torch.float32)
    # one number tells of all samples without a copy of them; a sum of huge ones may overflow by itself
    if not torch.isfinite(rgb.sum()) and not torch.isfinite(rgb).all():
        bad = int((~torch.isfinite(rgb)).sum())
        raise ValueError(
            f"{bad:,} samples of the {what} are NaN or infinite: check the node that it comes from (a VAE in half "
            f"precision gives such samples)."
        )
    return list(rgb.numpy())


def to_image(arrays: Sequence[np.ndarray]) -> torch.Tensor:
    """Arrays [H, W, 3], uint8 or float32, of one size -> IMAGE [B, H, W, 3]."""
    # pictures of PIL cannot be written to, which torch warns of
    tensors = [torch.from_numpy(np.require(array, requirements=["C", "W"])) for array in arrays]
    if len(arrays) == 1 and arrays[0].dtype == np.float32 and arrays[0].base is None:
        # made for this, not a view of somebody else's: one copy of a large frame less
        return tensors[0].unsqueeze(0)
    image = torch.empty((len(tensors), *tensors[0].shape))
    # in its place: of a large frame each copy more takes as long as the work
    for picture, tensor in zip(image, tensors, strict=True):
        picture.copy_(tensor)
        if tensor.dtype == torch.uint8:
            picture.div_(255)
    return image


def extra_channels(image: torch.Tensor) -> int:
    """How many channels an IMAGE has besides red, green and blue."""
    return max(0, image.shape[-1] - 3)


def alphas(image: torch.Tensor) -> list[np.ndarray | None]:
    """The fourth channel of an IMAGE [B, H, W, 4] as float32 [H, W] each, how opaque it is; None where there is none.

    Raises:
        ValueError: where it holds samples that are no numbers.
    """
    if image.ndim != 4 or image.shape[-1] != 4:
        return [None] * (image.shape[0] if image.ndim == 4 else 1)
    planes = image[..., 3].detach().to("cpu", torch.float32)
    if not torch.isfinite(planes).all():
        raise ValueError("The fourth channel of the image holds samples that are NaN or infinite.")
    return [np.ascontiguousarray(plane) for plane in planes.numpy()]


def is_see_through(alpha: np.ndarray | None) -> bool:
    """Whether any pixel is not quite opaque."""
    return alpha is not None and bool((alpha < 1).any())


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
        raise ValueError(f"This is not a batch of masks: its shape is {list(mask.shape)}.")
    return list(mask.detach().to("cpu", torch.float32).numpy())


@dataclass(frozen=True)
class Painted:
    """A MASK painted by hand, for each image of a batch.

    Attributes:
        masks: of the frame's size; None: no mask at all, an empty one: there is a mask, and nothing in it is painted.
        empty: numbers of the images, from 1, whose mask has no painted pixel; strongest: the highest value of those.
    """

    masks: tuple[Mask | None, ...]
    empty: tuple[int, ...] = ()
    strongest: float = 0.0


def painted(mask: torch.Tensor | None, count: int, height: int, width: int) -> Painted:
    """A painted MASK as one engine mask for each of `count` images (1 = painted, from one half on).

    One mask serves all images. LoadImage's 64 x 64 zeros for a picture without alpha are no mask; any other mask is
    one, though nothing in it may be painted: a detector that found nothing gives such. A mask of another size is
    scaled, nearest neighbour.
    """
    if mask is None:
        return Painted((None,) * count)
    arrays = PerImage(to_masks(mask)).spread(count, "masks")
    masks = [None if says_nothing(array) else frame_mask(array, height, width) for array in arrays]
    empty = [number for number, drawn in enumerate(masks, start=1) if drawn is not None and drawn.is_empty]
    strongest = max((float(arrays[number - 1].max()) for number in empty), default=0.0)
    return Painted(tuple(masks), tuple(empty), strongest)


def says_nothing(array: np.ndarray) -> bool:
    """Whether a mask [h, w] is what LoadImage gives for a picture without alpha."""
    return array.shape == (64, 64) and not array.any()


def frame_mask(array: np.ndarray, height: int, width: int) -> Mask:
    """A mask array [h, w], set from one half on, as an engine mask of the frame's size (nearest neighbour)."""
    from ..cielr.core.geometry import Mask

    return Mask.from_array(nearest(array, height, width) >= 0.5)


def nearest(array: np.ndarray, height: int, width: int) -> np.ndarray:
    """A plane [h, w] as [H, W], nearest neighbour; itself where it has that size."""
    if array.shape == (height, width):
        return array
    rows = ((np.arange(height) + 0.5) * array.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * array.shape[1] / width).astype(int)
    return array[np.ix_(rows, columns)]


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


def watch(*_: Any) -> None:
    """Raises where the user pressed cancel; as an `on_step`, for work that has no progress of its own."""
    import comfy.model_management

    comfy.model_management.throw_exception_if_processing_interrupted()


def part(on_step, number: int, count: int):
    """Progress of one image among several, as progress of the whole."""
    return lambda done, total: on_step(number * total + done, count * total)


def preview(pictures: Sequence[np.ndarray], cls: type[io.ComfyNode], **more: Any) -> dict[str, Any]:
    """The `ui` part of an output: pictures [h, w, 3] of one size, and whatever else is to be shown, as lists."""
    return ui.PreviewImage(to_image(pictures), cls=cls).as_dict() | {name: [value] for name, value in more.items()}


def thumbnail(array: np.ndarray, side: int) -> np.ndarray:
    """uint8 [h, w, 3] of a picture [H, W, 3], uint8 or float32, no longer than `side`: previews cost what they show."""
    from PIL import Image

    step = max(1, max(array.shape[:2]) // (2 * side))
    # a large frame is thinned out before it is turned into bytes
    small = array[::step, ::step, :3]
    if small.dtype != np.uint8:
        small = (np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(small))
    picture.thumbnail((side, side))
    return np.asarray(picture)
