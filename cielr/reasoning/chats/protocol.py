"""What the reasoner needs of a language model, whoever serves it: `Chat`, and `chat_from` to get one by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...errors import LLMError

Message = Mapping[str, str]
"""{"role": "system" | "user" | "assistant", "content": text}."""
OnToken = Callable[[str], None]
"""Told every piece of the answer as it comes; what it raises breaks the answer off and passes through."""
IsCancelled = Callable[[], bool]

SIDE_TOKENS = 1500
"""What one picture of about 1000 px costs at most in the context of common vision models."""


class Chat(Protocol):
    """One conversation partner. `last`, where a chat has it, tells what the last answer cost."""

    @property
    def name(self) -> str:
        """For people and records: "ollama/qwen3:8b". Never an address with credentials."""
        ...

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        """Whether the model takes pictures."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The model's answer, without its thinking.

        Args:
            messages: the whole conversation; its beginning should be what was sent before, byte for byte, so that the
                server's cache of prefixes serves it.
            schema: JSON schema that the answer is to follow, enforced where the server can; None is free text.
            images: PNG or JPEG files, shown with the first message of the user.
            on_token: told the answer as it comes.
            cancelled: asked at least every 0.3 s, also while the server is silent.

        Raises:
            LLMError: where no answer can be had, saying why and what to do; Cancelled.
        """
        ...

    def release(self) -> None:
        """Gives the model's memory back, where the server lets us. Takes a second at most and never raises."""
        ...


@dataclass(frozen=True)
class Limits:
    """How long and how much is waited for; seconds and characters.

    Attributes:
        connect: until the server takes the connection.
        first: until the first token; a model may have to be loaded from disk.
        gap: between one token and the next.
        total: for one answer, with its retries.
        size: characters of the answer, and of the thinking before it.
        raw: bytes of one HTTP answer, whatever it holds.
    """

    connect: float = 5.0
    first: float = 300.0
    gap: float = 60.0
    total: float = 900.0
    size: int = 1_000_000
    raw: int = 64_000_000


@dataclass(frozen=True)
class Reply:
    """One answer and what it cost; token counts are None where the server does not tell.

    `cut` says that the server stopped at a limit of tokens; `mode` how the schema was enforced.
    """

    text: str
    thinking: str = ""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    seconds: float = 0.0
    retries: int = 0
    cut: bool = False
    mode: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def count_tokens(text: str) -> int:
    """A cautious guess of a text's tokens: some tokenizers take every digit apart.

    The truth lies between 0.5 and 1.1 of it for common models.
    """
    return len(re.findall(r"[A-Za-z]{1,4}|[^\sA-Za-z]", text)) + text.count("\n")


def prompt_tokens(messages: Sequence[Message], images: Sequence[bytes] = ()) -> int:
    """`count_tokens` of a conversation, with what roles and pictures add."""
    return sum(count_tokens(message["content"]) + 8 for message in messages) + SIDE_TOKENS * len(images)


def chat_from(spec: str, **options: Any) -> Chat:
    """The chat that a short text names.

    "ollama/MODEL", "ollama/MODEL@HOST", "openai/MODEL", "openai/MODEL@URL" (any server that speaks OpenAI's chat
    completions; the URL ends in /v1 as a rule), "replay/FILE" (a recording).

    Args:
        options: passed on to the chat: `limits`, `seed`, `think`, `context`, `vision`, ….

    Raises:
        LLMError: for a text that names none; MissingDependency: where the package for it is not installed.
    """
    kind, _, rest = spec.strip().partition("/")
    if kind == "replay" and rest:
        from .recording import ReplayChat

        return ReplayChat(rest)
    model, _, address = rest.partition("@")
    if model and kind == "ollama":
        from .ollama_chat import OllamaChat

        return OllamaChat(model, address or None, **options)
    if model and kind == "openai":
        from .openai_chat import OpenAIChat

        return OpenAIChat(model, address or None, **options)
    raise LLMError(
        f"'{spec[:80]}' names no language model: write ollama/MODEL, openai/MODEL@URL or replay/FILE, "
        "such as ollama/qwen3:8b."
    )


__all__ = ["Chat", "Limits", "Message", "Reply", "chat_from", "count_tokens", "prompt_tokens"]
