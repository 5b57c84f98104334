"""The language model and the fill that a command's options name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EditError

if TYPE_CHECKING:
    from ..editing.painters import Filler
    from ..reasoning.chats.protocol import Chat

LLM_VARIABLE = "CIELR_LLM"
"""Names the language model that `auto` falls back on."""


def named_chat(spec: str, record: Path | None = None, **options: Any) -> Chat | None:
    """The chat for "builtin", "auto" or a model's name; None is the grammar alone.

    "auto" is the grammar first, and the model that $CIELR_LLM names for what it refuses; without that variable it is
    the grammar alone.

    Args:
        record: every exchange is appended to this file, to be replayed as "replay/FILE".

    Raises:
        LLMError: where the text names no model; MissingDependency: where its package is missing.
    """
    name = os.environ.get(LLM_VARIABLE, "builtin") if spec == "auto" else spec
    if name in ("builtin", "auto", ""):
        return None
    from ..reasoning.chats.catalogue import chat_from

    chat = chat_from(name, **options)
    if record is not None:
        from ..reasoning.chats.recording import RecordingChat

        chat = RecordingChat(chat, record)
    return chat


def named_fill(name: str, device: str | None = None) -> Filler:
    """Who fills holes: "auto", "smooth", "exemplar" (built in), or the file of a LaMa or MAT model.

    Raises:
        EditError: where it is none of them; MissingDependency: where a package is missing.
    """
    from ..editing.painters import BuiltinFill

    if name == "auto" or name == "smooth" or name == "exemplar":
        return BuiltinFill(name)
    from ..core.weight_files import FILL_SUFFIXES
    from ..editing.fill.network import SpandrelFill

    if Path(name).suffix.lower() not in FILL_SUFFIXES:
        raise EditError(f"There is no fill '{name}'; use auto, smooth, exemplar, or a LaMa or MAT file.")
    return SpandrelFill(name, device)
