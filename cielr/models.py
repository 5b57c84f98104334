"""The models that a command's options name: eyes, a language model, a painter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reasoning.chat import Chat

LLM_VARIABLE = "CIELR_LLM"
"""Names the language model that `auto` falls back on."""


def named_chat(spec: str, record: Path | None = None, **options: Any) -> tuple[Chat | None, bool]:
    """(the chat, whether explicit instructions go to the grammar first) for "builtin", "auto" or a model's name.

    "auto" is the grammar first, and the model that $CIELR_LLM names for what it refuses; without that variable it is
    the grammar alone.

    Args:
        record: every exchange is appended to this file, to be replayed as "replay/FILE".

    Raises:
        LLMError: where the text names no model; MissingDependency: where its package is missing.
    """
    auto = spec == "auto"
    name = os.environ.get(LLM_VARIABLE, "builtin") if auto else spec
    if name in ("builtin", "auto", ""):
        return None, auto
    from .reasoning.chat import chat_from

    chat = chat_from(name, **options)
    if record is not None:
        from .reasoning.recording import RecordingChat

        chat = RecordingChat(chat, record)
    return chat, auto
