"""Whether a server has read the whole prompt: some cut what is too long for them without a word."""

from __future__ import annotations

from collections.abc import Sequence

from .protocol import Message, count_tokens

LEAST = 0.4
"""Share of `count_tokens` that the tokenizers of all common models reach on prompts such as ours."""
HALF = 8
"""Tokens around half of a context that tell a prompt which was cut to that."""


class PromptWatch:
    """Holds a server's counts of tokens against what was sent to it, answer by answer."""

    def __init__(self) -> None:
        self._sent: list[Message] = []
        self._counted = 0

    def cut(self, messages: Sequence[Message], counted: int | None, context: int | None = None) -> str:
        """How the prompt was cut, as a clause; "" where nothing speaks for that.

        Args:
            counted: tokens of the prompt, as the server says; None or 0 where it does not.
            context: tokens that the server was told to make room for.
        """
        if not counted:
            return ""
        before, known = self._sent, self._counted
        self._sent, self._counted = list(messages), counted
        guess = sum(count_tokens(message["content"]) for message in messages)
        if context and counted >= context - 1:
            return f"the prompt fills the whole context of {context} tokens"
        if context and abs(counted - context // 2) <= HALF and guess > 0.9 * context:
            return f"only {counted} tokens of the prompt were read, half of the context"
        if counted < LEAST * guess:
            return f"only {counted} of at least {round(LEAST * guess)} tokens of the prompt were read"
        # a conversation only grows: whoever counts fewer has left out its beginning
        if before and list(messages[: len(before)]) == before and counted < known:
            return f"only {counted} tokens of a conversation were read that had {known} before"
        return ""


__all__ = ["PromptWatch"]
