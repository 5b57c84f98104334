"""The models that a command's options name: eyes, a language model, a painter, a fill."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EditError

if TYPE_CHECKING:
    from ..core.scene import Parser
    from ..editing.painters import Filler, Inpainter
    from ..reasoning.chats.protocol import Chat

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
    from ..reasoning.chats.catalogue import chat_from

    chat = chat_from(name, **options)
    if record is not None:
        from ..reasoning.chats.recording import RecordingChat

        chat = RecordingChat(chat, record)
    return chat, auto


def named_parser(
    folder: Path | None,
    detector: str | None = None,
    segmenter: str | None = None,
    depth: str | None = None,
    device: str | None = None,
    offload: bool | None = None,
) -> Parser | None:
    """Who looks, from a folder of models or their names; None where nothing is named.

    Args:
        offload: takes the weights off the device after each use; None is what the folder says.

    Raises:
        ModelError: where the folder describes no parser, or a model is not whole; WeightsError: where it is not here;
            MissingDependency: where a package is missing.
    """
    if folder is None and not (detector or segmenter or depth):
        return None
    from ..perception.models.folder import parser_from

    return parser_from(folder, detector, segmenter, depth, device, offload=offload)


def named_inpainter(path: Path | None, offload: str = "none", **options: Any) -> Inpainter | None:
    """Who paints, from a folder that diffusers saved or a single file; None where no path is given.

    Args:
        offload: "none", "model" or "sequential"; options: as for `DiffusersInpainter`.

    Raises:
        EditError: where the path holds no model that paints, or a setting is no good; MissingDependency: where a
            package is missing.
    """
    if path is None:
        return None
    from ..editing.diffusion.diffusers_inpainter import OFFLOADS, DiffusersInpainter, Offload

    placed: Offload | None = next((known for known in OFFLOADS if known == offload), None)
    if placed is None:
        raise EditError(f"'{offload}' is not a way to offload; use {', '.join(OFFLOADS[:-1])} or {OFFLOADS[-1]}.")
    return DiffusersInpainter(path, offload=placed, **options)


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
