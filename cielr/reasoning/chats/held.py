"""A chat that several pieces of work share: the model, and the server's cache of the prompt, stay until all is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from .protocol import Chat, IsCancelled, Message, OnToken, Reply


class HeldChat:
    """Passes everything on to a chat but its release, which comes when the block ends.

    with HeldChat(chat) as held:
        for image in batch:
            reason(…, chat=held)
    """

    def __init__(self, inner: Chat) -> None:
        self.inner = inner

    def __enter__(self) -> HeldChat:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inner.release()

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def last(self) -> Reply | None:
        return getattr(self.inner, "last", None)

    @property
    def reading(self) -> tuple[int, int] | None:
        """See `Chat`."""
        return getattr(self.inner, "reading", None)

    def billions(self, cancelled: IsCancelled | None = None) -> float | None:
        """See `protocol.billions_of`."""
        from .protocol import billions_of

        return billions_of(self.inner, cancelled)

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        return self.inner.sees(cancelled)

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        return self.inner.complete(messages, schema, images, on_token, cancelled)

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply | None:
        """See `Chat`; None where the chat has no such thing."""
        weigh = getattr(self.inner, "weigh", None)
        reply = weigh(messages, cancelled) if callable(weigh) else None
        return reply if isinstance(reply, Reply) else None

    def release(self) -> None:
        """Comes when the block ends."""


__all__ = ["HeldChat"]
