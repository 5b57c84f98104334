"""The fields of a kind of action as a form, a schema or a page needs them; read off its class."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from .action import ActionBase, json_name, own_fields
from .place import Place

FieldType = Literal["ids", "text", "number", "place", "choice"]


@dataclass(frozen=True)
class FormField:
    """One field of a kind of action.

    Attributes:
        name: in JSON; titles: language -> what stands beside it; help: a sentence in English; example: or "".
        choices: of the type "choice"; optional: whether it may be null.
    """

    name: str
    type: FieldType
    titles: dict[str, str]
    help: str
    example: str
    choices: tuple[str, ...]
    optional: bool


def form_of(kind: type[ActionBase]) -> list[FormField]:
    """The fields that make a kind what it is, targets first; the shared ones (`keep`, `prompt`, …) are left out."""
    return [_field(kind, name) for name in own_fields(kind)]


def _field(kind: type[ActionBase], name: str) -> FormField:
    info = kind.model_fields[name]
    optional, annotation = _without_none(info.annotation)
    is_choice = get_origin(annotation) is Literal
    more = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    english = info.title or name
    return FormField(
        name=json_name(kind, name),
        type="choice" if is_choice else _TYPES.get(annotation, "ids" if get_origin(annotation) is tuple else "text"),
        titles={"en": english, "zh": str(more.get("zh", english))},
        help=info.description or "",
        example=str(info.examples[0]) if info.examples else "",
        choices=tuple(map(str, get_args(annotation))) if is_choice else (),
        optional=optional,
    )


_TYPES: dict[Any, FieldType] = {float: "number", Place: "place", str: "text"}


def _without_none(annotation: Any) -> tuple[bool, Any]:
    """(whether it may be None, what it is otherwise)."""
    if get_origin(annotation) in (Union, types.UnionType):
        others = [part for part in get_args(annotation) if part is not type(None)]
        return len(others) < len(get_args(annotation)), others[0]
    return False, annotation
