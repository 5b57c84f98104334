"""The JSON schema of what a language model may say about a scene.

Ids and kinds are enums, so that a model whose output is bound to the schema cannot name what is not there, and every
array and text has an end, so that it cannot go on for ever. What a plan makes is called new_1, new_2, … by the model.
Every property is required and there is no recursion: hosted servers and grammars want that. `turns.parse_turn` checks
the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..actions import KINDS
from ..actions.action import ActionBase
from ..actions.form import FormField, form_of
from ..core.place_relations import RELATIONS
from ..core.scene import Scene

TURNS = ("requests", "plan", "question", "impossible")
REQUESTS = ("detect", "parts", "describe", "relate", "effects")
LABELS = 12
"""Labels of one request."""
LONGEST = 300
"""Characters of one text; a sentence takes half of it."""
MOST_ACTIONS, MOST_REQUESTS, MOST_CHOICES = 20, 6, 8
MOST_RELATED = 12
"""Objects whose relations are told at once."""
MOST_MADE = 8
"""Things that a model can give names to."""
PAINTED = ("add", "replace", "remove")
"""Kinds of actions whose region a caption describes better than code can."""


def turn_schema(scene: Scene, allow: Collection[str] = TURNS, requests: Collection[str] = REQUESTS) -> dict[str, Any]:
    """The JSON schema of a turn about that scene.

    Args:
        allow: which turns, of TURNS.
        requests: which requests, of REQUESTS; those about objects fall away where the scene has none.

    Raises:
        ValueError: where nothing is allowed.
    """
    things = list(scene.ids)
    asks = [_REQUESTS[kind](bool(things)) for kind in REQUESTS if kind in requests and (things or kind == "detect")]
    turns: list[dict[str, Any]] = []
    if "requests" in allow and asks:
        turns.append(_object(kind=_word("requests"), requests=_list(_any(asks), MOST_REQUESTS, 1)))
    if "plan" in allow:
        actions = _list(_any(_actions(bool(things))), MOST_ACTIONS, 1)
        turns.append(_object(kind=_word("plan"), actions=actions, summary=TEXT))
    if "question" in allow:
        turns.append(_object(kind=_word("question"), question=TEXT, choices=_list(TEXT, MOST_CHOICES)))
    if "impossible" in allow:
        turns.append(_object(kind=_word("impossible"), why=TEXT))
    if not turns:
        raise ValueError("A turn schema must allow something.")
    schema = _object(check=CHECK, reason=TEXT, turn=_any(turns))
    # once, and referred to: two hundred ids in every action would pass the limits of hosted servers
    schema["$defs"] = {"text": {"type": "string", "maxLength": LONGEST}, "new": _word(*new_names(scene))}
    if things:
        most = len(things) + MOST_MADE
        schema["$defs"] |= {"id": _word(*things), "thing": _any([ID, NEW])}
        schema["$defs"] |= {"things": _list(THING, most, 1), "kept": _list(THING, most)}
    return _with_used_definitions(schema)


def new_names(scene: Scene) -> list[str]:
    """What a model can call the things that its plan makes."""
    taken = set(scene.used_ids)
    free = (name for number in range(1, len(taken) + MOST_MADE + 1) if (name := f"new_{number}") not in taken)
    return [name for name, _ in zip(free, range(MOST_MADE), strict=False)]


TEXT: dict[str, Any] = {"$ref": "#/$defs/text"}
CHECK: dict[str, Any] = {"type": "string", "maxLength": 8}
"""No enum: it would give away what only the prompt may tell."""
NUMBER: dict[str, Any] = {"type": "number"}
ID: dict[str, Any] = {"$ref": "#/$defs/id"}
NEW: dict[str, Any] = {"$ref": "#/$defs/new"}
THING: dict[str, Any] = {"$ref": "#/$defs/thing"}
"""What is there, or is made before."""
THINGS: dict[str, Any] = {"$ref": "#/$defs/things"}
KEPT: dict[str, Any] = {"$ref": "#/$defs/kept"}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    # "with" is a word of Python
    named = {name.rstrip("_"): value for name, value in properties.items()}
    return {"type": "object", "properties": named, "required": list(named), "additionalProperties": False}


def _list(items: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, **({"minItems": least} if least else {}), "maxItems": most}


def _word(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _any(options: list[dict[str, Any]]) -> dict[str, Any]:
    return options[0] if len(options) == 1 else {"anyOf": options}


_LABELS = _list(TEXT, LABELS, 1)
_REQUESTS = {
    "detect": lambda things: _object(
        kind=_word("detect"), labels=_LABELS, **({"within": _any([ID, {"type": "null"}])} if things else {})
    ),
    "parts": lambda things: _object(kind=_word("parts"), object=ID, labels=_LABELS),
    "describe": lambda things: _object(kind=_word("describe"), object=ID, question=TEXT),
    "relate": lambda things: _object(kind=_word("relate"), objects=_list(ID, MOST_RELATED, 1)),
    "effects": lambda things: _object(kind=_word("effects"), object=ID),
}


def _actions(things: bool) -> list[dict[str, Any]]:
    place = _place()
    schemas = []
    for kind, action in KINDS.items():
        fields = form_of(action)
        if not things and any(field.type == "ids" for field in fields):
            continue
        own = {field.name: _field(field, action, place if things else _POINT) for field in fields}
        own |= {"makes": _list(NEW, MOST_MADE)} if "makes" in action.model_fields else {}
        own |= {"prompt": TEXT} if kind in PAINTED else {}
        schemas.append(_object(kind=_word(kind), **own, **({"keep": KEPT} if things else {})))
    return schemas


_POINT = _object(relation=_word("by", "at"), x=NUMBER, y=NUMBER)


def _place() -> dict[str, Any]:
    single = [word for word in RELATIONS if word not in ("by", "at", "between")]
    beside = _object(relation=_word(*single), anchors=_list(THING, 1, 1))
    between = _object(relation=_word("between"), anchors=_list(THING, 2, 2))
    return _any([beside, between, _POINT])


def _field(field: FormField, action: type[ActionBase], place: dict[str, Any]) -> dict[str, Any]:
    if field.type == "choice":
        return _any([_word(*field.choices), *([{"type": "null"}] if field.optional else [])])
    if field.type == "ids":
        rules = action.model_fields[field.name].metadata
        most = next((rule.max_length for rule in rules if hasattr(rule, "max_length")), None)
        least = next((rule.min_length for rule in rules if hasattr(rule, "min_length")), 1)
        return THINGS if most is None else _list(THING, most, least)
    return {"text": TEXT, "number": NUMBER, "place": place}[field.type]


def _with_used_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Without definitions that nothing refers to: some servers refuse them."""
    used, left = set(), [schema["properties"]]
    while left:
        part = left.pop()
        if isinstance(part, Mapping):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and name not in used:
                used.add(name)
                left.append(schema["$defs"][name])
            left += part.values()
        elif isinstance(part, list):
            left += part
    return {**schema, "$defs": {name: value for name, value in schema["$defs"].items() if name in used}}


__all__ = ["LABELS", "LONGEST", "REQUESTS", "TURNS", "new_names", "turn_schema"]
