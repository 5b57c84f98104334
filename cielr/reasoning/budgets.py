"""How long reasoning may go on: rounds, time and tokens; and the progress that people see meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..errors import Cancelled, LLMError
from ..telling.trace import Event
from .chats.protocol import Chat, IsCancelled, Message
from .exchange import cost
from .options import ReasonOptions


class Budget:
    """What one instruction may cost, and what it has cost so far.

    Args:
        options: hold the limits: `max_rounds`, `seconds`, `tokens`.
        on_event: told about progress; what it raises cancels.
        cancelled: asked whether the user has had enough.

    Attributes:
        rounds: the one at hand, counted from 1.
        used: tokens of prompts and answers so far. heard: characters of the answer at hand.
    """

    def __init__(
        self,
        chat: Chat,
        options: ReasonOptions,
        on_event: Callable[[Event], None] | None,
        cancelled: IsCancelled | None,
    ) -> None:
        self.chat = chat
        self.on_event = on_event
        self.cancelled = cancelled
        self.max_rounds = max(1, options.max_rounds)
        self.seconds = options.seconds
        self.tokens = options.tokens
        self.started = time.monotonic()
        self.rounds = 1
        self.used = 0
        self.heard = 0
        self.told_at = 0.0

    def stop(self) -> bool:
        """Asked by the chat while it waits: breaks off by raising, and keeps the progress alive.

        Raises:
            Cancelled: by the user; LLMError: where the time is used up.
        """
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("The work was cancelled while the language model was at it.")
        if self._is_late():
            raise self._too_late()
        now = time.monotonic()
        if self.on_event is not None and now - self.told_at >= 0.3:
            waited = f"{now - self.started:.0f} s"
            read = getattr(self.chat, "reading", None)
            reading = f"{read[0]:,} of {read[1]:,} tokens read, {waited}" if read and read[0] < read[1] else waited
            heard = f"{self.heard} characters, {waited}" if self.heard else reading
            self.tell(f"The language model is at work ({heard})")
        return False

    def _is_late(self) -> bool:
        return time.monotonic() - self.started > self.seconds

    def _too_late(self) -> LLMError:
        message = f"Reasoning with '{self.chat.name}' took longer than {self.seconds:g} s; take a faster model."
        return LLMError(message, problems=("It took too long.",))

    def check_tokens(self) -> None:
        """Raises LLMError where more tokens were used than there are."""
        if self.used > self.tokens:
            raise self.too_many_tokens("It used too many tokens.")

    def too_many_tokens(self, *problems: str) -> LLMError:
        """The error for a budget of tokens that is used up, to be raised."""
        message = f"The language model used more than {self.tokens} tokens without a usable plan."
        return LLMError(message, problems=problems)

    def hear(self, piece: str) -> None:
        """Takes in a piece of the answer at hand."""
        self.heard += len(piece)

    def spend(self, messages: Sequence[Message], said: str) -> None:
        """Adds an answer's tokens to what was used."""
        spent = cost(self.chat, messages, said)
        self.used += spent["prompt_tokens"] + spent["answer_tokens"]

    def tell(self, message: str, fraction: float | None = None) -> None:
        """Tells people how far the work has come: by its rounds, or as a fraction of 0 to 1."""
        self.told_at = time.monotonic()
        if self.on_event is not None:
            so_far = min(0.95, (self.rounds - 1) / self.max_rounds)
            self.on_event(Event("reason", message, so_far if fraction is None else fraction))


__all__ = ["Budget"]
