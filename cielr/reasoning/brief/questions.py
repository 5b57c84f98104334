"""The small questions that a small model is asked, each with its rules and examples as turns of a conversation.

The beginning of a question is the same each time, so that the server's cache serves all but the last line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..chats.protocol import Message

FITS = "You know what things are for and what they are made of. Answer with yes or no."
_FITS = (
    ("food with the most vitamin C", "guava", "yes"),
    ("what keeps the rain off", "hammer", "no"),
    ("what keeps the rain off", "umbrella", "yes"),
    ("animals that one can ride", "fence", "no"),
    ("animals that one can ride", "horse", "yes"),
    ("everything that one can eat", "lamp", "no"),
)
CHOICE = (
    "You know what things are for and what they are made of. You get a list of things and a riddle. Answer with the "
    "one thing from the list that the riddle means."
)
_CHOICES = (
    ("bread, guava, hammer, banana", "the food with the most vitamin C", "guava"),
    ("bench, woman, umbrella, handbag", "what keeps the rain off", "umbrella"),
    ("goat, barn, fence, horse", "animals that one can ride", "horse"),
    ("jar of rice, jar of sugar, spoon", "the jar with what makes tea sweet", "jar of sugar"),
)


def fits_question(words: str, thing: str, other_way: bool = False) -> list[Message]:
    """Whether words mean a thing, to be answered with yes or no; in other words on demand, for a second opinion."""
    form = _is_meant if other_way else _fits
    return _conversation(FITS, [(form(*example[:2]), example[2]) for example in _FITS], form(words, thing))


def choice_question(words: str, things: Sequence[str]) -> tuple[list[Message], dict[str, Any]]:
    """Which one of some things words mean, and the schema of the answer: {"is": thing}."""
    examples = [(_choice(riddle, listed), json.dumps({"is": answer})) for listed, riddle, answer in _CHOICES]
    schema = flat_schema({"is": {"type": "string", "enum": list(things)}})
    return _conversation(CHOICE, examples, _choice(words, ", ".join(things))), schema


def flat_schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A schema of an object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _fits(words: str, thing: str) -> str:
    return f"Words: {words}\nThing: {thing}\nDo the words mean it?"


def _is_meant(words: str, thing: str) -> str:
    return f"Somebody points at a {thing} and says: {words}. Is that right?"


def _choice(words: str, listed: str) -> str:
    return f"List: {listed}\nRiddle: {words}"


def _conversation(system: str, examples: Sequence[tuple[str, str]], asked: str) -> list[Message]:
    turns = [
        {"role": role, "content": text}
        for question, answer in examples
        for role, text in (("user", question), ("assistant", answer))
    ]
    return [{"role": "system", "content": system}, *turns, {"role": "user", "content": asked}]


__all__ = ["choice_question", "fits_question", "flat_schema"]
