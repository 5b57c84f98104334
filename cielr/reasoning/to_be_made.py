"""What an instruction speaks of only because it is to be made: nobody needs to look for it."""

from __future__ import annotations

import re

from ..core.inflection import singular

_SOME = r"(?:an?|some|another|more|one|two|three|four|five|several|a few|a pair of|one more)"
_END = (
    r"(?=\s+(?:to|on|onto|in|into|inside|at|next|beside|between|behind|under|beneath|over|above|below|left|right|near"
    r"|around|by|for|with|and|then|instead|of the|from|where|that|which)\b|[,.;:!?\n]|$)"
)
_PHRASE = rf"{_SOME}\s+[^,.;:!?\n]+?"
_NEW = re.compile(
    rf"\b(?:add|insert|draw|place|put|paint|plant|hang|lay|set|give \w+(?: \w+)?)\s+(?P<added>{_PHRASE}){_END}"
    rf"|\b(?:with|for|by|into|to be|become|becomes)\s+(?P<instead>{_PHRASE}){_END}",
    re.IGNORECASE,
)
_BECOMES = re.compile(
    r"\b(?:replace|swap|exchange|substitute|trade|turn|change|transform|make|have|become)", re.IGNORECASE
)


def is_to_be_made(label: str, instruction: str) -> bool:
    """Whether an English instruction names a thing of that label only as something new: "a cat" in "add a cat"."""
    head = _head(label)
    if not head:
        return False
    becomes = _BECOMES.search(instruction) is not None
    new = [match["added"] or match["instead"] for match in _NEW.finditer(instruction) if match["added"] or becomes]
    made = sum(_words(phrase).count(head) for phrase in new)
    return made > 0 and _words(instruction).count(head) == made


def _head(label: str) -> str:
    words = _words(label)
    return words[-1] if words else ""


def _words(text: str) -> list[str]:
    return [singular(word) for word in re.findall(r"[^\W\d_]+", text.lower())]


__all__ = ["is_to_be_made"]
