"""A language model that takes pictures says whether an edit did what it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import LLMError
from .chats.protocol import Chat, IsCancelled
from .chats.thinking import split_thinking
from .exchange import NoteTaker, ask
from .prompts import text
from .vision import jpeg

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"first_is_after": {"type": "boolean"}},
    "required": ["first_is_after"],
    "additionalProperties": False,
}


def witness_of(
    chat: Chat, step: NoteTaker | None = None, cancelled: IsCancelled | None = None
) -> Callable[[np.ndarray, np.ndarray, str], bool | None] | None:
    """(before, after, what was to happen) -> whether it is seen; None where the model takes no pictures.

    The model is shown both pictures in both orders and asked which of them shows the thing done: a model that always
    names the first, or cannot tell, contradicts itself, and then nothing is said.

    Args:
        cancelled: asked while the model is silent; what it raises passes through.
    """
    if not chat.sees(cancelled):
        return None

    def says(before: np.ndarray, after: np.ndarray, sentence: str) -> bool | None:
        try:
            right_first = _first_is_after(chat, after, before, sentence, step, cancelled)
            right_second = _first_is_after(chat, before, after, sentence, step, cancelled)
        except LLMError:
            return None
        if right_first is None or right_second is None or right_first == right_second:
            return None
        return right_first

    return says


def _first_is_after(
    chat: Chat,
    first: np.ndarray,
    second: np.ndarray,
    sentence: str,
    step: NoteTaker | None,
    cancelled: IsCancelled | None,
) -> bool | None:
    messages = [
        {"role": "system", "content": text("witness")},
        {"role": "user", "content": f"The change: {sentence}."},
    ]
    pictures = {"the first picture": jpeg(first), "the second picture": jpeg(second)}
    said = ask(chat, messages, SCHEMA, pictures, cancelled=cancelled, step=step)
    try:
        answer = json.loads(split_thinking(said)[1])["first_is_after"]
    except (ValueError, KeyError, TypeError):
        return None
    return answer if isinstance(answer, bool) else None
