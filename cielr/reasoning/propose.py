"""A model that takes pictures says what is to be seen, before a detector looks for it."""

from __future__ import annotations

import json
import re

import numpy as np

from ..core.scene import Scene
from .chats.protocol import Chat, IsCancelled, OnToken
from .exchange import NoteTaker, ask
from .prompts import text
from .vision import marked_image

MOST = 40
"""Labels; a detector's time grows with them."""
LONGEST = 40
"""Characters of a label; what is longer is a sentence."""
SCHEMA = {
    "type": "object",
    "properties": {"labels": {"type": "array", "items": {"type": "string"}, "maxItems": MOST}},
    "required": ["labels"],
    "additionalProperties": False,
}


def propose(
    chat: Chat,
    image: np.ndarray,
    instruction: str = "",
    on_token: OnToken | None = None,
    cancelled: IsCancelled | None = None,
    step: NoteTaker | None = None,
) -> tuple[str, ...]:
    """Labels of what a vision model sees in an image uint8 or float32 [H, W, 3]; none where its answer is unusable.

    Args:
        instruction: what the picture is looked at for; "" where that is not known yet.
        step: told every word of it.

    Raises:
        LLMError: where no answer can be had; Cancelled.
    """
    height, width = image.shape[:2]
    plain = marked_image(image, Scene(width=width, height=height, objects=()))
    asked = json.dumps(instruction) if instruction else "not known yet: name everything that somebody may want to edit."
    messages = [
        {"role": "system", "content": text("propose")},
        {"role": "user", "content": f'Instruction: {asked}\nAnswer with {{"labels": [...]}}.'},
    ]
    return labels_in(ask(chat, messages, SCHEMA, {"the photo": plain}, on_token, cancelled, step))


def labels_in(said: str) -> tuple[str, ...]:
    """The labels in a model's answer; what is no short noun phrase is left out."""
    try:
        found = json.loads(said[said.index("{") : said.rindex("}") + 1], strict=False)["labels"]
        found = found if isinstance(found, list) else []
        words = [" ".join(re.findall(r"[\w'-]+", one)) for one in found if isinstance(one, str)]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(dict.fromkeys(word.lower() for word in words if 0 < len(word) <= LONGEST))[:MOST]
