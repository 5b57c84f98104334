"""Canonical JSON and safe files: the same value gives the same bytes, and a file is whole or not there."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of the domain types: immutable, unknown fields refused, JSON by alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def canonical(value: Any, indent: int | None = None) -> str:
    """JSON with sorted keys and no choice left open; compact without `indent`."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(value, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False, allow_nan=False)


def write_text(path: Path, text: str) -> None:
    """As `write_bytes`, in UTF-8; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Writes beside the goal and renames, so that a crash or a full disk leaves the old file or none.

    Raises:
        OSError: as the file system says.
    """
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        # not mkstemp, which would leave a file that only its owner may read
        with temporary.open("xb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def sentences(error: Exception) -> str:
    """What a pydantic validation error says, as plain sentences without its links and types, "; " between them."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    parts = []
    items = error.errors(include_url=False)
    # a list of which an item is wrong counts as too short as well
    inner = {item["loc"][:end] for item in items for end in range(len(item["loc"]))}
    for item in items:
        if item["type"] == "too_short" and item["loc"] in inner:
            continue
        steps = [step for step in item["loc"] if not str(step).endswith(")")]
        if item["type"] in _ABOUT_FIELD and steps:
            steps.pop()
        place = _place(steps) or ("" if item["type"] in _ABOUT_FIELD else "the whole")
        parts.append(f"{place}: {_words(item)}" if place else _words(item))
    return "; ".join(parts)


def json_sentence(text: str, error: Exception) -> str:
    """Where and why a text is no JSON, as a clause: "line 3, column 8: a comma is missing"."""
    if not isinstance(error, json.JSONDecodeError):
        return "it is nested too deep" if isinstance(error, RecursionError) else str(error)
    if not text.strip():
        return "it is empty"
    if text.lstrip()[0] not in "{[":
        return f"it begins with '{text.split()[0][:40]}' and not with a brace"
    words = next((words for start, words in _JSON_WORDS.items() if error.msg.startswith(start)), error.msg.lower())
    return f"line {error.lineno}, column {error.colno}: {words}"


_JSON_WORDS = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name": "a name in double quotes is missing, or there is a comma too many before it",
    "Illegal trailing comma": "there is a comma too many",
    "Extra data": "something follows after the end",
    "Unterminated string": "a quotation mark is missing",
    "Invalid control character": "a text goes over several lines",
}
_ABOUT_FIELD = ("missing", "extra_forbidden")
"""Kinds of errors whose sentence names the field itself."""
_TAKES = {
    "string_type": "takes a text in double quotes",
    "tuple_type": "takes a list in brackets",
    "list_type": "takes a list in brackets",
    "too_short": "is empty",
    "string_too_short": "is empty",
    "float_type": "takes a number",
    "float_parsing": "takes a number",
    "int_type": "takes a whole number",
    "int_parsing": "takes a whole number",
    "int_from_float": "takes a whole number",
    "finite_number": "takes a number that is finite",
    "model_type": "takes names and values in braces",
    "model_attributes_type": "takes names and values in braces",
    "dict_type": "takes names and values in braces",
}


def _place(steps: list[Any]) -> str:
    """ "Action 1 (remove), targets" for ("actions", 0, "remove", "targets")."""
    words: list[str] = []
    for k, step in enumerate(steps):
        if isinstance(step, int):
            one = words.pop().removesuffix("s") if words and words[-1].endswith("s") else "item"
            one = one if words else one.capitalize()
            words.append(f"{one} {step + 1}")
        elif k and isinstance(steps[k - 1], int) and steps[k - 2] == "actions":
            # which of the kinds of actions it was taken for
            words[-1] += f" ({step})"
        else:
            words.append(str(step))
    return ", ".join(words)


def _words(item: Any) -> str:
    kind, given, context = item["type"], item["input"], item.get("ctx", {})
    last = str(item["loc"][-1]) if item["loc"] else ""
    if kind == "missing":
        return f"'{last}' is missing"
    if kind == "extra_forbidden":
        return f"'{last[:40]}' is nothing that belongs there"
    if kind == "union_tag_invalid":
        known = context["expected_tags"].replace("'", "")
        what = "kind of action" if "actions" in item["loc"] else str(context["discriminator"]).strip("'")
        return f"'{str(context['tag'])[:40]}' is no {what}; there are {known}"
    if kind == "union_tag_not_found":
        return f"{context['discriminator']} is missing"
    if kind == "literal_error":
        return f"'{str(given)[:40]}' is not {context['expected']}"
    if kind in _TAKES:
        return _TAKES[kind]
    return item["msg"].removeprefix("Value error, ").replace("Input should be", "is to be").rstrip(".")
