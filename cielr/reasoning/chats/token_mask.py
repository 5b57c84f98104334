"""Which tokens a model may say next so that its answer follows a JSON schema: decoding bound by a grammar.

Whoever samples the tokens themselves, as a language model within ComfyUI does, asks for the mask before each token and
tells which one was taken. The grammar is `llguidance`'s, an optional package of three megabytes without dependencies of
its own; it knows a tokenizer by nothing but the bytes of its tokens.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import LLMError, MissingDependency

STRING = 600
"""Characters of a text that has no bound of its own: a model that runs wild ends there, and its JSON goes on."""
ITEMS = 50
"""Items of a list that has no bound of its own; a plan has at most as many actions."""
SPECIAL = b"\xff"
"""Before the name of a token that is no text."""


def is_available() -> bool:
    """Whether the package for it is installed."""
    import importlib.util

    return importlib.util.find_spec("llguidance") is not None


class TokenGrammar:
    """A tokenizer as the grammar sees it; made once for a tokenizer, which takes a second or two.

    Args:
        vocabulary: the bytes of each token by its id; None for one that is no text, such as the end of a turn.
        tokenize: a text's ids without any added ones: what a schema leaves no choice in is spelled as the model would.
        size: of the model's logits; ids beyond the vocabulary are never allowed. None takes the vocabulary's.

    Raises:
        MissingDependency: without `llguidance`.
    """

    def __init__(
        self,
        vocabulary: Sequence[bytes | None],
        tokenize: Callable[[str], Sequence[int]],
        size: int | None = None,
    ) -> None:
        if not is_available():
            raise MissingDependency("llguidance", "core")
        from llguidance import LLTokenizer, TokenizerWrapper

        size = max(size or 0, len(vocabulary))
        tokens = [SPECIAL + b"<%d>" % number if text is None else text for number, text in enumerate(vocabulary)]
        # one id more than there are is the end: an answer is over where its JSON is, not where a model says so
        tokens += [SPECIAL + b"<%d>" % number for number in range(len(tokens), size)]
        special = [number for number, token in enumerate(tokens) if token.startswith(SPECIAL)]
        if not special:
            special = [len(tokens)]
            tokens.append(SPECIAL + b"<end>")
        self.size = size
        self._special = special
        self._tokenizer = LLTokenizer(
            TokenizerWrapper(_Spelled(tokens, special, tokenize)), n_vocab=len(tokens), eos_token=special[-1]
        )

    def mask(self, schema: Mapping[str, Any]) -> TokenMask:
        """The mask of one answer.

        Raises:
            LLMError: for a schema that the grammar cannot hold to.
        """
        from llguidance import LLMatcher

        form: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
        grammar = LLMatcher.grammar_from_json_schema(bounded(schema), defaults=form)
        matcher = LLMatcher(self._tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise LLMError(f"The answer's schema cannot be held to: {matcher.get_error()[:300]}")
        return TokenMask(matcher, self.size, self._special)


class TokenMask:
    """What may come next in one answer."""

    def __init__(self, matcher: Any, size: int, special: Collection[int]) -> None:
        self._matcher = matcher
        self._size = size
        self._special = list(special)
        self._bits = np.zeros((1, (max(size, max(special) + 1) + 31) // 32), np.int32)

    @property
    def is_whole(self) -> bool:
        """Whether the JSON is complete."""
        return self._matcher.is_accepting()

    def allowed(self) -> np.ndarray:
        """bool [size]: the ids that may come next; at least one, while the JSON is not whole.

        Raises:
            LLMError: where the grammar gave up.
        """
        from llguidance.numpy import fill_next_token_bitmask

        fill_next_token_bitmask(self._matcher, self._bits)
        allowed = np.unpackbits(self._bits.view(np.uint8)[0], bitorder="little").astype(bool)
        allowed[self._special] = False
        allowed = allowed[: self._size]
        if self._matcher.is_error() or not (allowed.any() or self.is_whole):
            reason = self._matcher.get_error() or "no token of the model's goes on with it"
            raise LLMError(f"The answer could not be held to its schema: {reason[:300]}")
        return allowed

    def take(self, token: int) -> None:
        """The model said this id.

        Raises:
            LLMError: for one that is not allowed.
        """
        if not self._matcher.consume_token(int(token)):
            raise LLMError(f"The answer left its schema: {self._matcher.get_error()[:300]}")


class _Spelled:
    """A tokenizer in the form that the grammar asks for."""

    bos_token_id = None

    def __init__(
        self, tokens: Sequence[bytes], special: Sequence[int], tokenize: Callable[[str], Sequence[int]]
    ) -> None:
        self.tokens = tokens
        self.special_token_ids = list(special)
        self.eos_token_id = special[-1]
        self._tokenize = tokenize

    def __call__(self, text: str) -> list[int]:
        if not isinstance(text, str):
            raise TypeError("texts alone")
        return [int(token) for token in self._tokenize(text)]


def bounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a bound for every text and list that has none: an answer by it ends."""
    return _bounded(copy.deepcopy(dict(schema)))


def _bounded(part: Any) -> Any:
    if isinstance(part, list):
        return [_bounded(item) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string" and "enum" not in part and "const" not in part:
        part.setdefault("maxLength", STRING)
    if part.get("type") == "array":
        part.setdefault("maxItems", ITEMS)
    # what an enum lists are values, no schemas
    return {name: value if name in ("enum", "const") else _bounded(value) for name, value in part.items()}


__all__ = ["TokenGrammar", "TokenMask", "bounded", "is_available"]
