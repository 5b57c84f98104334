"""A model that takes pictures says what is to be seen, before a detector looks for it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass

import numpy as np

from ..core.scene import Scene
from ..telling.trace import Event, OnEvent, Step
from .chats.protocol import Chat, IsCancelled, OnToken
from .exchange import NoteTaker, ask
from .prompts import text
from .vision import marked_image

EVERY = 0.3
"""Seconds between two events while the model looks."""
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
        labels = json.loads(said[said.index("{") : said.rindex("}") + 1], strict=False)["labels"]
        labels = labels if isinstance(labels, list) else []
        words = [" ".join(re.findall(r"[\w'-]+", label)) for label in labels if isinstance(label, str)]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(dict.fromkeys(word.lower() for word in words if 0 < len(word) <= LONGEST))[:MOST]


@dataclass(frozen=True)
class Proposal:
    """What a language model that takes pictures says is to be looked for in one.

    Attributes:
        labels: none where it was not asked, or its answer could not be used.
        words: a sentence on that, for people.
    """

    labels: tuple[str, ...] = ()
    words: str = ""


def proposal(
    image: np.ndarray, chat: Chat, instruction: str = "", on_event: OnEvent | None = None, step: Step | None = None
) -> Proposal:
    """The labels that a language model proposes for an image uint8 or float32 [H, W, 3].

    Args:
        on_event: told about progress, also while the model is silent; what it raises cancels.

    Raises:
        LLMError: where no answer can be had.
    """
    began = time.monotonic()
    shown = float("-inf")

    def waiting() -> bool:
        nonlocal shown
        now = time.monotonic()
        if on_event is not None and now - shown >= EVERY:
            shown = now
            message = f"The language model looks at the picture ({now - began:.0f} s)"
            on_event(Event("perceive", message, 0.0))
        return False

    labels: tuple[str, ...] = ()
    words = f"{chat.name} takes no pictures, so it could not say what to look for; everyday things were looked for."
    if chat.sees(waiting):
        labels = propose(chat, image, instruction, cancelled=waiting, step=step)
        words = f"{chat.name} named nothing that can be looked for, so everyday things were."
    if step is not None:
        step.note("proposed", ", ".join(labels) or words, model=chat.name)
    return Proposal(labels, f"{chat.name} proposed to look for: {', '.join(labels)}." if labels else words)
