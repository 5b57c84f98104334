"""A chat by its name, as people write it on a command line."""

from __future__ import annotations

from typing import Any

from ...errors import LLMError
from .protocol import Chat


def chat_from(spec: str, **options: Any) -> Chat:
    """The chat that a short text names.

    "ollama/MODEL", "ollama/MODEL@HOST", "openai/MODEL", "openai/MODEL@URL" (any server that speaks OpenAI's chat
    completions; the URL ends in /v1 as a rule), "local/NAME" (a GGUF file of this machine, by its name or its absolute
    path), "replay/FILE" (a recording).

    Args:
        options: passed on to the chat: `limits`, `seed`, `think`, `context`, `vision`, ….

    Raises:
        LLMError: for a text that names none; MissingDependency: where the package for it is not installed.
    """
    kind, _, rest = spec.strip().partition("/")
    if kind == "replay" and rest:
        from .recording import ReplayChat

        return ReplayChat(rest)
    if kind == "local" and rest:
        from .local_chat import LocalChat

        return LocalChat(rest, **options)
    model, _, address = rest.partition("@")
    if model and kind == "ollama":
        from .ollama_chat import OllamaChat

        return OllamaChat(model, address or None, **options)
    if model and kind == "openai":
        from .openai_chat import OpenAIChat

        return OpenAIChat(model, address or None, **options)
    raise LLMError(
        f"'{spec[:80]}' names no language model: write ollama/MODEL, openai/MODEL@URL, local/NAME or "
        "replay/FILE, such as ollama/qwen3:8b."
    )


__all__ = ["chat_from"]
