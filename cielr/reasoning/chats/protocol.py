"""What the reasoner needs of a language model, whoever serves it; `catalogue.chat_from` gets one by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

Message = Mapping[str, str]
"""{"role": "system" | "user" | "assistant", "content": text}."""
OnToken = Callable[[str], None]
"""Told every piece of the answer as it comes; what it raises breaks the answer off and passes through."""
IsCancelled = Callable[[], bool]

SIDE_TOKENS = 1500
"""What one picture of about 1000 px costs at most in the context of common vision models."""


class Chat(Protocol):
    """One conversation partner.

    Where a chat has it, `weigh(messages, cancelled)` gives the first token of an answer with its probabilities. Where a
    chat has them, `temperature` is that of its sampling, `last` tells what the last answer cost, `reading` how much of
    the prompt has been read, as (tokens, of tokens), and `billions` how large the model is.
    """

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
class AnswerLimits:
    """How long and how much of an answer is waited for; seconds and characters.

    Attributes:
        connect: until the server takes the connection.
        first: without a sign of life before the first token, for a model to be loaded from disk.
        reading: that each token of the prompt adds to `first` and `total`: a CPU reads ten to fifty in a second.
        gap: between one token and the next.
        total: for one answer, with its retries.
        size: characters of the answer, and of the thinking before it.
        raw: bytes of one HTTP answer, whatever it holds.
    """

    connect: float = 5.0
    first: float = 300.0
    reading: float = 0.1
    gap: float = 60.0
    total: float = 900.0
    size: int = 1_000_000
    raw: int = 64_000_000

    def for_prompt(self, tokens: int) -> AnswerLimits:
        """The limits for a prompt of so many tokens."""
        longer = self.reading * tokens
        return replace(self, first=self.first + longer, total=self.total + longer)


@dataclass(frozen=True)
class Reply:
    """One answer and what it cost; token counts are None where the server does not tell.

    `cut` says that the server stopped at a limit of tokens; `mode` how the schema was enforced; `cached_tokens` how
    much of the prompt came from the server's cache; `first` the probabilities of the likeliest tokens at the beginning,
    where they were asked for and the server tells them.
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
    cached_tokens: int | None = None
    first: Mapping[str, float] | None = None


def count_tokens(text: str) -> int:
    """A cautious guess of a text's tokens: some tokenizers take every digit apart.

    The truth lies between 0.5 and 1.1 of it for common models.
    """
    return len(re.findall(r"[A-Za-z]{1,4}|[^\sA-Za-z]", text)) + text.count("\n")


def prompt_tokens(messages: Sequence[Message], images: Sequence[bytes] = ()) -> int:
    """`count_tokens` of a conversation, with what roles and pictures add."""
    return sum(count_tokens(message["content"]) + 8 for message in messages) + SIDE_TOKENS * len(images)


ANSWER = 1024
"""Tokens that an answer may take by itself; a plan takes two to four hundred."""
ANSWER_PER_ID = 6
"""Tokens more for each object that a plan may name."""
PLAIN = 512
"""Tokens of an answer in free text, which is one sentence."""


def answer_tokens(schema: Mapping[str, Any] | None) -> int:
    """The most tokens that an answer by a schema may take: a model that runs wild ends there."""
    if schema is None:
        return PLAIN
    return ANSWER + ANSWER_PER_ID * len(schema.get("$defs", {}).get("id", {}).get("enum", ()))


LIKELIEST = 10
"""Tokens whose probabilities are asked for."""


def shares(tokens: Any) -> dict[str, float] | None:
    """Token -> probability, from a list of tokens with their log probabilities as both kinds of servers write them."""
    probabilities: dict[str, float] = {}
    for item in tokens if isinstance(tokens, (list, tuple)) else ():
        token = item.get("token") if isinstance(item, Mapping) else getattr(item, "token", None)
        value = item.get("logprob") if isinstance(item, Mapping) else getattr(item, "logprob", None)
        if isinstance(token, str) and isinstance(value, (int, float)):
            probabilities[token] = probabilities.get(token, 0.0) + math.exp(min(0.0, value))
    return probabilities or None


AGAIN = 0.7
"""Temperature at which a model is asked again that has repeated itself."""


@contextmanager
def at_temperature(chat: Chat, temperature: float | None) -> Iterator[None]:
    """Within the block the innermost chat answers at that temperature, where it has one; None leaves it as it is."""
    sampler: Any = chat
    while hasattr(sampler, "inner"):
        sampler = sampler.inner
    before = getattr(sampler, "temperature", None)
    if temperature is None or not isinstance(before, (int, float)):
        yield
        return
    sampler.temperature = max(before, temperature)
    try:
        yield
    finally:
        sampler.temperature = before


_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])", re.IGNORECASE)


def billions_of(chat: Chat, cancelled: IsCancelled | None = None) -> float | None:
    """How many billion parameters a chat's model has: as the server says, or as its name says; None where neither does.

    Raises:
        LLMError: where the server cannot be reached; Cancelled.
    """
    ask = getattr(chat, "billions", None)
    size = ask(cancelled) if callable(ask) else None
    return size if isinstance(size, (int, float)) else billions_in(chat.name)


def billions_in(name: str) -> float | None:
    """7.0 in "qwen2.5:7b", 0.135 in "smollm2:135m", 47.0 and more in "mixtral:8x7b"; None where no size is named."""
    sizes = _SIZE.findall(name.replace("_", "-"))
    if not sizes:
        return None
    return max(float(times or 1) * float(size) / (1 if unit in "bB" else 1000) for times, size, unit in sizes)


__all__ = [
    "AGAIN",
    "AnswerLimits",
    "Chat",
    "Message",
    "Reply",
    "answer_tokens",
    "at_temperature",
    "billions_in",
    "billions_of",
    "count_tokens",
    "prompt_tokens",
    "shares",
]
