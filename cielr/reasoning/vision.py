"""Eyes of a language model that takes pictures: the whole photo with marks, and a close look at one object."""

from __future__ import annotations

import io

import numpy as np

from ..core.geometry import Box
from ..core.scene import DescribeRequest, Scene, SceneUpdate
from ..telling.overlay import overlay
from .chats.protocol import Chat, IsCancelled
from .chats.thinking import split_thinking
from .exchange import NoteTaker, ask
from .prompts import text
from .scene_text import quoted

SIDE = 1024
"""Longest side of a picture that is sent: more costs tokens and shows common models nothing."""
SMALL = 384
"""Crops are enlarged to this side at least, so that a small object fills more than one patch."""
CONTEXT = 0.25
"""Share of the object's size that is shown around it."""


def marked_image(image: np.ndarray, scene: Scene) -> bytes:
    """The photo as JPEG with an outline and an id for each object (set-of-mark), so that ids and pixels meet.

    Args:
        image: uint8 or float32 [H, W, 3] of the scene's size.
    """
    return _jpeg(overlay(image, scene), at_least=0)


def describe(
    chat: Chat,
    image: np.ndarray,
    scene: Scene,
    request: DescribeRequest,
    cancelled: IsCancelled | None = None,
    step: NoteTaker | None = None,
) -> SceneUpdate:
    """What a model that takes pictures says about one object, from a crop around it.

    Args:
        image: uint8 or float32 [H, W, 3] of the scene's size.
        step: told every word of it.

    Raises:
        SceneError: for an unknown id; LLMError: where no answer can be had; Cancelled.
    """
    thing = scene[request.object]
    crop = _around(thing.box, scene)
    messages = [
        {"role": "system", "content": text("describe")},
        {"role": "user", "content": f"Object: {thing.id}, {quoted(thing.label)}\nQuestion: {request.question}"},
    ]
    close = {f"the photo around {thing.id}": _jpeg(_uint8(image[crop.slices]), SMALL)}
    said = ask(chat, messages, None, close, cancelled=cancelled, step=step)
    answer = " ".join(split_thinking(said)[1].split())[:400]
    return SceneUpdate(request=request, answer=answer or "no answer", source=chat.name)


def jpeg(image: np.ndarray) -> bytes:
    """A picture uint8 or float32 [H, W, 3] as it is sent to a model."""
    return _jpeg(_uint8(image), at_least=0)


def _around(box: Box, scene: Scene) -> Box:
    margin = max(8, round(CONTEXT * max(box.width, box.height)))
    return box.grow(margin).clip(scene.width, scene.height)


def _uint8(image: np.ndarray) -> np.ndarray:
    return image if image.dtype == np.uint8 else (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _jpeg(image: np.ndarray, at_least: int) -> bytes:
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(image[..., :3]))
    longest = max(picture.size)
    scale = min(SIDE, max(at_least, longest)) / longest
    if scale != 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=90)
    return target.getvalue()


__all__ = ["describe", "jpeg", "marked_image"]
