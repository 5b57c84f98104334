"""What of a prompt a model's text encoders never see: CLIP takes 77 tokens and drops the rest without a word."""

from __future__ import annotations

from typing import Any

ENDLESS = 1_000_000
"""Tokenizers that have no limit say some number beyond this."""


def words_cut_off(tokenizers: list[Any], prompt: str) -> str:
    """The end of a prompt that none of the tokenizers takes whole; "" where one of them does."""
    tails = [_tail(tokenizer, prompt) for tokenizer in tokenizers]
    return min(tails, key=len, default="")


def tokenizers_of(pipe: Any) -> list[Any]:
    """The tokenizers of a diffusers pipeline, in their order."""
    named = (getattr(pipe, name, None) for name in ("tokenizer", "tokenizer_2", "tokenizer_3"))
    return [tokenizer for tokenizer in named if tokenizer is not None]


def _tail(tokenizer: Any, prompt: str) -> str:
    most = getattr(tokenizer, "model_max_length", ENDLESS)
    if most >= ENDLESS:
        return ""
    ids = tokenizer(prompt, truncation=False, add_special_tokens=False)["input_ids"]
    # a beginning and an end are put around it
    return tokenizer.decode(ids[most - 2 :]).strip() if len(ids) > most - 2 else ""
