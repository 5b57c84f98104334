"""One answer of a language model, with every word that went to it and came from it in the trace."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .chats.protocol import Chat, IsCancelled, Message, OnToken, Reply, count_tokens

KEPT = 100_000
"""Characters of one text that a trace keeps; a model that runs wild writes ten times that."""


class NoteTaker(Protocol):
    """What reasoning needs of a trace's step."""

    def note(self, kind: str, text: str, **data: Any) -> None:
        """Takes down a text under a word that groups notes, with values that go with it."""
        ...


def ask(
    chat: Chat,
    messages: Sequence[Message],
    schema: Mapping[str, Any] | None,
    images: Mapping[str, bytes] | None = None,
    on_token: OnToken | None = None,
    cancelled: IsCancelled | None = None,
    step: NoteTaker | None = None,
    known: int = 0,
    **facts: Any,
) -> str:
    """The model's answer to a conversation, as `Chat.complete` gives it.

    Args:
        images: what is shown -> its PNG or JPEG file; a trace gets the name and the size alone.
        step: gets notes of the kinds "system", "prompt", "thinking", "reply", and "unfinished" for an answer that broke
            off in its middle.
        known: so many messages were sent before, and are in the trace.
        facts: that go with the reply, such as the round.

    Raises:
        LLMError: where no answer can be had; Cancelled; and what `on_token` raises.
    """
    images = images or {}
    shown = [picture_words(name, data) for name, data in images.items()] if step is not None else []
    for message in messages[known:]:
        # what the model said itself is there as its reply
        if message["role"] != "assistant":
            kind = "system" if message["role"] == "system" else "prompt"
            pictures = {"pictures": shown} if kind == "prompt" and shown and not known else {}
            note(step, kind, _kept(message["content"]), model=chat.name, **pictures)
    heard: list[str] = []

    def hear(piece: str) -> None:
        heard.append(piece)
        if on_token is not None:
            on_token(piece)

    began = time.monotonic()
    try:
        said = chat.complete(messages, schema, list(images.values()), hear, cancelled)
    except BaseException:
        if heard:
            note(step, "unfinished", _kept("".join(heard)))
        raise
    thinking = getattr(getattr(chat, "last", None), "thinking", "")
    if thinking:
        note(step, "thinking", _kept(thinking))
    note(step, "reply", _kept(said), **facts, seconds=time.monotonic() - began, **cost(chat, messages, said))
    return said


def cost(chat: Chat, messages: Sequence[Message], said: str) -> dict[str, Any]:
    """What the last answer cost: tokens, guessed where the server does not tell, retries, and how it was held to its
    schema; and what came from the server's cache, where it tells."""
    last = getattr(chat, "last", None)
    last = last if isinstance(last, Reply) else Reply(said)
    prompt, spoken = last.prompt_tokens, last.answer_tokens
    if prompt is None:
        prompt = sum(count_tokens(message["content"]) for message in messages)
    if spoken is None:
        spoken = count_tokens(said)
    cached = {} if last.cached_tokens is None else {"cached_tokens": last.cached_tokens}
    return {"prompt_tokens": prompt, "answer_tokens": spoken, "retries": last.retries, "mode": last.mode, **cached}


def note(step: NoteTaker | None, kind: str, text: str, **data: Any) -> None:
    """Takes a note where somebody takes notes."""
    if step is not None:
        step.note(kind, text, **data)


def picture_words(name: str, data: bytes) -> str:
    """What was shown, without its bytes: "the photo: JPEG, 1024 x 683, 81,920 bytes"."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        return f"{name}: {picture.format}, {picture.width} x {picture.height}, {len(data):,} bytes"


def _kept(text: str) -> str:
    over = len(text) - KEPT
    return text if over <= 0 else f"{text[:KEPT]}… ({over:,} more characters)"


__all__ = ["NoteTaker", "ask", "cost", "note", "picture_words"]
