"""The fields of a kind of action as a form, a schema or a page needs them; read off its class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_origin

from .action import ActionBase, choices_of, json_name, own_fields, without_none
from .place import Place

FieldType = Literal["ids", "text", "number", "place", "choice"]


@dataclass(frozen=True)
class FormField:
    """One field of a kind of action.

    Attributes:
        name: in JSON; titles: language -> what stands beside it; help: a sentence in English; example: or "".
        least: of the type "ids": how many there must be.
        choices: of the type "choice"; optional: whether it may be null; has_default: whether it may be left out, and
            then it is `default`.
    """

    name: str
    type: FieldType
    titles: dict[str, str]
    help: str
    example: str
    choices: tuple[str, ...]
    optional: bool
    has_default: bool
    default: Any
    least: int = 0


def form_of(kind: type[ActionBase]) -> list[FormField]:
    """The fields that make a kind what it is, targets first; the shared ones (`keep`, `prompt`, …) are left out."""
    return [_field(kind, name) for name in own_fields(kind)]


def _field(kind: type[ActionBase], name: str) -> FormField:
    info = kind.model_fields[name]
    annotation, choices = without_none(info.annotation), choices_of(kind, json_name(kind, name))
    more = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    english = info.title or name
    return FormField(
        name=json_name(kind, name),
        type="choice" if choices else _TYPES.get(annotation, "ids" if get_origin(annotation) is tuple else "text"),
        titles={"en": english, "zh": str(more.get("zh", english))},
        help=info.description or "",
        example=str(info.examples[0]) if info.examples else "",
        choices=choices,
        optional=annotation is not info.annotation,
        has_default=not info.is_required(),
        default=None if info.is_required() else info.default,
        least=max((getattr(rule, "min_length", 0) or 0 for rule in info.metadata), default=0),
    )


_TYPES: dict[Any, FieldType] = {float: "number", Place: "place", str: "text"}
