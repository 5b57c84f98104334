"""The bytes of each token of a tokenizer, whichever library it is of: SentencePiece, or a vocabulary of byte pairs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
SPACE = "▁"
"""What SentencePiece writes for a space."""


def token_bytes(tokenizer: Any) -> list[bytes | None]:
    """The bytes of each token by its id; None for one that is no text, such as the end of a turn.

    Args:
        tokenizer: of `sentencepiece` (or what holds one as `tokenizer`), `transformers` or `tokenizers`.
    """
    pieces = _sentencepiece(tokenizer)
    if pieces is not None:
        return _bytes_of_pieces(pieces)
    return _bytes_of_vocabulary(tokenizer.get_vocab(), _added(tokenizer))


def _sentencepiece(tokenizer: Any) -> Any:
    for candidate in (tokenizer, getattr(tokenizer, "tokenizer", None)):
        if hasattr(candidate, "id_to_piece"):
            return candidate
    return None


def _bytes_of_pieces(pieces: Any) -> list[bytes | None]:
    texts: list[bytes | None] = []
    for number in range(pieces.get_piece_size()):
        piece = pieces.id_to_piece(number)
        if pieces.is_byte(number):
            texts.append(bytes.fromhex(piece[3:5]))
        elif pieces.is_control(number) or pieces.is_unknown(number) or pieces.is_unused(number) or _is_mark(piece):
            texts.append(None)
        else:
            texts.append(piece.replace(SPACE, " ").encode())
    return texts


def _is_mark(piece: str) -> bool:
    """Whether a token that was defined by hand is no text: "<end_of_turn>", and such as "<unused42>"."""
    return len(piece) > 3 and piece[0] + piece[-1] in ("<>", "[]") and " " not in piece


def _added(tokenizer: Any) -> set[int]:
    """The ids that were added to a vocabulary: marks of turns, of thinking, of pictures."""
    inner = getattr(tokenizer, "tokenizer", None)
    for candidate in (tokenizer, inner):
        ask = getattr(candidate, "get_added_tokens_decoder", dict)
        added = getattr(candidate, "added_tokens_decoder", None) or ask()
        if added:
            return {int(number) for number in added}
    return set()


def _bytes_of_vocabulary(vocabulary: Mapping[str, int], added: Collection[int]) -> list[bytes | None]:
    size = max(vocabulary.values()) + 1
    texts: list[bytes | None] = [None] * size
    letters = _letters()
    # such vocabularies write every byte as a visible letter: a space is Ġ
    is_bytes = "Ġ" in vocabulary or not any(token.startswith(SPACE) for token in vocabulary)
    for token, number in vocabulary.items():
        if number in added:
            continue
        if is_bytes:
            texts[number] = bytes(map(letters.__getitem__, token)) if letters.keys() >= set(token) else None
        elif match := BYTE.fullmatch(token):
            texts[number] = bytes.fromhex(match.group(1))
        else:
            texts[number] = token.replace(SPACE, " ").encode()
    return texts


@cache
def _letters() -> dict[str, int]:
    """Letter -> byte, as vocabularies of byte pairs write them since GPT-2."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + place): byte for place, byte in enumerate(others)}


__all__ = ["token_bytes"]
