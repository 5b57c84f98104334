"""The JSON object in what a model wrote, whatever stands around it.

Of several whole objects the last one counts: those before it are drafts. An answer that ends within an object is cut,
and nothing is made of it: half of a list of targets would be another edit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from ..errors import CielrError
from .chats.cleaning import without_controls_inside
from .chats.thinking import is_unfinished_thinking, split_thinking

LONGEST = 200_000
"""Characters of an answer that are looked at; a turn takes a hundredth of it."""
DEEPEST = 32
MOST = 500
"""Objects at the top of an answer that are looked at."""
_START = re.compile(r'\{[ \t\r\n]{0,1000}["}]')
_MARK = re.compile(r'["{}\[\]]')
_STRING_END = re.compile(r'["\\]')


class TurnError(CielrError):
    """An answer that is no turn; the message tells the model what was wrong. `truncated`: it ended too early."""

    def __init__(self, message: str, truncated: bool = False):
        self.truncated = truncated
        super().__init__(message)


def last_object(text: str, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The last JSON object outside the thinking that is wanted, or else the last one, or None.

    It survives code fences, prose, drafts, raw control characters, trailing commas, and an object as a text in
    quotation marks.

    Raises:
        TurnError: where the text is too long, nested too deeply, or ends within an object or in the thinking.
    """
    if len(text) > LONGEST:
        raise TurnError(f"The answer is longer than {LONGEST} characters; a turn takes a few hundred.")
    _, answer = split_thinking(text)
    answer = _unquoted(answer)
    objects = _objects(answer)
    wanted = [value for value in objects if is_wanted(value)]
    if wanted or objects:
        return (wanted or objects)[-1]
    if is_unfinished_thinking(text):
        raise TurnError("The answer ends in the middle of the thinking; think less and give the JSON.", truncated=True)
    return None


def _objects(text: str) -> list[dict[str, Any]]:
    """All whole objects at the top of a text, in their order."""
    objects, place, tried = [], 0, 0
    while match := _START.search(text, place):
        tried += 1
        if tried > MOST:
            raise TurnError(f"The answer holds more than {MOST} JSON objects; write one.")
        place = _end_of_object(text, match.start())
        value = _load(text[match.start() : place])
        if value is not None:
            objects.append(value)
    return objects


def _unquoted(text: str) -> str:
    """What a model that quotes its whole answer has quoted."""
    stripped = text.strip()
    if not stripped.startswith('"{'):
        return text
    try:
        inner = json.loads(stripped, strict=False)
    except ValueError:
        return text
    return inner if isinstance(inner, str) else text


def _end_of_object(text: str, start: int) -> int:
    """Where the object that begins at `start` ends."""
    depth = 0
    place = start
    while match := _MARK.search(text, place):
        place = match.end()
        mark = match.group()
        if mark == '"':
            place = _end_of_string(text, place)
        elif mark in "{[":
            depth += 1
            if depth > DEEPEST:
                raise TurnError(f"The JSON is nested more than {DEEPEST} deep.")
        else:
            depth -= 1
            if depth == 0:
                return place
    raise TurnError("The answer ends in the middle of the JSON; give the whole object, and shorter.", truncated=True)


def _end_of_string(text: str, place: int) -> int:
    while match := _STRING_END.search(text, place):
        if match.group() == '"':
            return match.end()
        place = match.end() + 1
    raise TurnError("The answer ends in the middle of a text; give the whole object, and shorter.", truncated=True)


def _load(text: str) -> dict[str, Any] | None:
    for attempt in (text, _without_trailing_commas(text)):
        try:
            # strict=False: grammars let raw line feeds into strings
            value = json.loads(attempt, strict=False, parse_constant=_no_constant)
        except ValueError:
            continue
        return without_controls_inside(value) if isinstance(value, dict) else None
    return None


def _without_trailing_commas(text: str) -> str:
    return re.sub(
        r'("(?:[^"\\]|\\.)*")|,(?=[ \t\r\n]*[}\]])', lambda match: match.group(1) or "", text, flags=re.DOTALL
    )


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


__all__ = ["TurnError", "last_object"]
