"""What an OpenAI-compatible server says instead of an answer, and what that means for people."""

from __future__ import annotations

import re

from .streaming import Failure


class Refused(Exception):
    """An HTTP status other than 200, with what the server says about it.

    Args:
        after: seconds after which the server wants to be asked again, where it says so.
    """

    def __init__(self, status: int, text: str, after: float | None = None) -> None:
        self.status = status
        self.text = text
        self.after = after
        super().__init__(f"{status}: {text}")

    @property
    def is_memory(self) -> bool:
        """Whether the model does not fit into memory."""
        pattern = r"out of memory|not enough memory|insufficient memory|\bOOM\b"
        return re.search(pattern, self.text, re.IGNORECASE) is not None

    @property
    def is_context(self) -> bool:
        """Whether the prompt is longer than the model's context."""
        pattern = r"context (length|size|window)|context_length|too many tokens"
        return re.search(pattern, self.text, re.IGNORECASE) is not None


class NoCompletion(Exception):
    """An answer that is no chat completion."""


def failure_of(refused: Refused, where: str, model: str, has_key: bool) -> Failure:
    """A refusal as a sentence, and whether another try may help.

    Args:
        where: the server's address, as it may be shown. has_key: whether a key went with the request.
    """
    status, text = refused.status, refused.text
    if status in (401, 403):
        held = "the key is not accepted" if has_key else "has no key for it"
        return Failure(
            f"The server at {where} refuses access ({status}; {held}): set CIELR_API_KEY, and CIELR_BASE_URL to "
            "its address, or OPENAI_API_KEY for api.openai.com."
        )
    if refused.is_context:
        return Failure(f"The prompt is longer than the context of '{model}' ({text}); take another model.")
    if refused.is_memory:
        return Failure(f"The model '{model}' does not fit into memory ({text}); take a smaller one.")
    if status == 404:
        return Failure(
            f"The server at {where} has no model '{model}', or no chat at this address ({text or status}); "
            "the address ends in /v1 as a rule."
        )
    if 300 <= status < 400:
        return Failure(
            f"The server at {where} redirects elsewhere ({status}), which is not followed; name the address itself."
        )
    if status == 503 and "loading" in text.lower():
        message = f"The server at {where} is still loading '{model}'; try again."
        return Failure(message, again=True, after=refused.after, loading=True)
    if status >= 500 or status == 429:
        message = f"The server at {where} answers with an error ({status}: {text or 'no reason given'})."
        return Failure(message, again=True, after=refused.after)
    return Failure(f"The server at {where} refuses the request ({status}: {text or 'no reason given'}).")


__all__ = ["NoCompletion", "Refused", "failure_of"]
