"""What a language model may say: requests, a plan, or a question, each with a short reason.

    {"reason": "…", "turn": {"kind": "requests", "requests": […]}}
    {"reason": "…", "turn": {"kind": "plan", "actions": […], "summary": "…"}}
    {"reason": "…", "turn": {"kind": "question", "question": "…", "choices": […]}}

`turn_schema` says so as a JSON schema for the scene at hand: ids and kinds are enums, so that a model whose output is
bound to the schema cannot name what is not there. The schema stays within what grammars enforce (no minima, no
maxima, no recursion; every property required); `parse_turn` checks the rest. Places are in thousandths of the image.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from ..actions import KINDS, Action, Plan
from ..actions.form import FormField, form_of
from ..actions.place import ANCHORS, Relation
from ..core.scene import Request, Scene
from ..core.serial import Frozen, sentences
from .answer_json import TurnError, last_object
from .tidy import tidy_action, tidy_turn

TURNS = ("requests", "plan", "question")
REQUESTS = ("detect", "parts", "describe", "relate", "effects")
LABELS = 12
WORDS = 2000
"""Characters of one text field."""


class RequestsTurn(Frozen):
    """The model lacks something and asks for it."""

    kind: Literal["requests"] = "requests"
    reason: str = ""
    requests: tuple[Request, ...] = Field(min_length=1)


class PlanTurn(Frozen):
    """The model knows what is to be done; `tidied` says what code has put right in its answer."""

    kind: Literal["plan"] = "plan"
    reason: str = ""
    plan: Plan
    tidied: tuple[str, ...] = ()


class QuestionTurn(Frozen):
    """Only the user can tell."""

    kind: Literal["question"] = "question"
    reason: str = ""
    question: str = Field(min_length=1, max_length=WORDS)
    choices: tuple[str, ...] = ()


Turn = RequestsTurn | PlanTurn | QuestionTurn


# ------------------------------------------------------------------------------------------------------- the schema


def turn_schema(scene: Scene, allow: Collection[str] = TURNS, requests: Collection[str] = REQUESTS) -> dict[str, Any]:
    """The JSON schema of a turn about that scene.

    Args:
        allow: which turns, of TURNS.
        requests: which requests, of REQUESTS; those about objects fall away where the scene has none.

    Raises:
        ValueError: where nothing is allowed.
    """
    ids = bool(scene.objects)
    asks = [_REQUESTS[kind](ids) for kind in REQUESTS if kind in requests and (ids or kind == "detect")]
    turns: list[dict[str, Any]] = []
    if "requests" in allow and asks:
        turns.append(_object(kind=_word("requests"), requests=_list(_any(asks))))
    if "plan" in allow:
        turns.append(_object(kind=_word("plan"), actions=_list(_any(_actions(ids))), summary=TEXT))
    if "question" in allow:
        turns.append(_object(kind=_word("question"), question=TEXT, choices=_list(TEXT)))
    if not turns:
        raise ValueError("A turn schema must allow something.")
    schema = _object(reason=TEXT, turn=_any(turns))
    if ids:
        # once, and referred to: two hundred ids in every action would pass the limits of hosted servers
        schema["$defs"] = {"id": {"type": "string", "enum": list(scene.ids)}}
    return schema


TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
ID: dict[str, Any] = {"$ref": "#/$defs/id"}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    # "with" is a word of Python
    named = {name.rstrip("_"): value for name, value in properties.items()}
    return {"type": "object", "properties": named, "required": list(named), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _word(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _any(options: list[dict[str, Any]]) -> dict[str, Any]:
    return options[0] if len(options) == 1 else {"anyOf": options}


_REQUESTS = {
    "detect": lambda ids: _object(
        kind=_word("detect"), labels=_list(TEXT), **({"within": _any([ID, {"type": "null"}])} if ids else {})
    ),
    "parts": lambda ids: _object(kind=_word("parts"), object=ID, labels=_list(TEXT)),
    "describe": lambda ids: _object(kind=_word("describe"), object=ID, question=TEXT),
    "relate": lambda ids: _object(kind=_word("relate"), objects=_list(ID)),
    "effects": lambda ids: _object(kind=_word("effects"), object=ID),
}


def _actions(ids: bool) -> list[dict[str, Any]]:
    points = _object(relation=_word("by", "at"), x=NUMBER, y=NUMBER)
    relations = [word for word in get_args(Relation) if word not in ("by", "at")]
    beside = _object(relation=_word(*relations), anchors=_list(ID))
    place = _any([beside, points]) if ids else points
    schemas = []
    for kind, action in KINDS.items():
        fields = form_of(action)
        if not ids and any(field.type == "ids" for field in fields):
            continue
        own = {field.name: _field(field, place) for field in fields}
        rest = {"prompt": TEXT, "negative_prompt": TEXT} | ({"keep": _list(ID)} if ids else {})
        # the reason comes first, so that a model thinks before it chooses
        schemas.append(_object(reason=TEXT, kind=_word(kind), **own, **rest))
    return schemas


def _field(field: FormField, place: dict[str, Any]) -> dict[str, Any]:
    if field.type == "choice":
        return _any([_word(*field.choices), *([{"type": "null"}] if field.optional else [])])
    return {"ids": _list(ID), "text": TEXT, "number": NUMBER, "place": place}[field.type]


# ------------------------------------------------------------------------------------------------------- the answer


class _Said(Frozen):
    """The outer form; what a plan's actions hold is read by `Action`."""

    reason: str = Field(default="", max_length=WORDS)
    turn: Annotated[_SaidRequests | _SaidPlan | _SaidQuestion, Field(discriminator="kind")]


class _SaidRequests(Frozen):
    kind: Literal["requests"]
    requests: tuple[Request, ...] = Field(min_length=1)

    @field_validator("requests")
    @classmethod
    def _modest(cls, requests: tuple[Any, ...]) -> tuple[Any, ...]:
        for request in requests:
            labels = getattr(request, "labels", ())
            if len(labels) > LABELS or any(not label.strip() or len(label) > 80 for label in labels):
                raise ValueError(f"labels are 1 to {LABELS} short nouns")
            if len(getattr(request, "question", "")) > WORDS:
                raise ValueError("a question takes one sentence")
        return requests


class _SaidPlan(Frozen):
    kind: Literal["plan"]
    actions: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=50)
    summary: str = Field(default="", max_length=WORDS)


class _SaidQuestion(Frozen):
    kind: Literal["question"]
    question: str = Field(min_length=1, max_length=WORDS)
    choices: tuple[str, ...] = Field(default=(), max_length=20)


_Said.model_rebuild()
_ACTION: TypeAdapter[Any] = TypeAdapter(Action)


def parse_turn(text: str, scene: Scene) -> Turn:
    """The turn that an answer holds.

    It survives what `last_object` and `tidy` put right, and nothing else. Whether a plan fits the scene is left to
    `Plan.check`.

    Raises:
        TurnError: where it holds none, names unknown ids in a request, or ends too early (`truncated`).
    """
    value = last_object(text, lambda value: "turn" in value or value.get("kind") in TURNS)
    if value is None:
        raise TurnError('There is no JSON object in the answer; write one object {"reason": …, "turn": …}.')
    try:
        said = _Said.model_validate(tidy_turn(value, TURNS))
    except ValidationError as error:
        raise TurnError(f"The JSON does not have the form of a turn: {_brief(error)}.") from None
    turn = said.turn
    if isinstance(turn, _SaidRequests):
        _check_ids(turn.requests, scene)
        return RequestsTurn(reason=said.reason, requests=turn.requests)
    if isinstance(turn, _SaidQuestion):
        if not turn.question.strip():
            raise TurnError("The question is empty; say what the user is to decide.")
        choices = tuple(choice.strip() for choice in turn.choices if choice.strip())
        return QuestionTurn(reason=said.reason, question=turn.question.strip(), choices=choices)
    actions, problems, tidied = [], [], []
    for number, raw in enumerate(turn.actions, start=1):
        tidy, notes = tidy_action(raw, scene)
        tidied += notes
        try:
            actions.append(_ACTION.validate_python(_in_pixels(tidy, scene)))
        except ValidationError as error:
            problems.append(f"action {number}: {_brief(error)}")
    if problems:
        raise TurnError(f"The plan is not in the form of the vocabulary: {'; '.join(problems)[:1500]}.")
    plan = Plan(actions=tuple(actions), summary=turn.summary)
    return PlanTurn(reason=said.reason, plan=plan, tidied=tuple(tidied))


def _check_ids(requests: tuple[Any, ...], scene: Scene) -> None:
    named: list[str] = []
    for request in requests:
        named += [name for name in (getattr(request, "object", None), getattr(request, "within", None)) if name]
        named += getattr(request, "objects", ())
    unknown = [name for name in dict.fromkeys(named) if scene.get(name) is None]
    if unknown:
        shown = ", ".join(f"'{name[:80]}'" for name in unknown[:10])
        raise TurnError(f"The scene has no object {shown}; requests can name only ids of the scene.")


def _in_pixels(raw: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """The action with its place as plans have it: offsets in pixels, points in [0, 1]; and without nulls."""
    action = {name: value for name, value in raw.items() if value is not None}
    for name in ("to", "where"):
        place = action.get(name)
        if not isinstance(place, dict):
            continue
        place = dict(place)
        x, y = place.get("x"), place.get("y")
        # an answer that is not bound to the schema may fill in what a relation does not take
        if place.get("relation") in ("by", "at"):
            if not place.get("anchors"):
                place.pop("anchors", None)
            if isinstance(x, (int, float)) and isinstance(y, (int, float)):
                sides = (scene.width, scene.height) if place["relation"] == "by" else (1, 1)
                place |= {"x": x / 1000 * sides[0], "y": y / 1000 * sides[1]}
            else:
                # refused by `Place`: a number in quotation marks would pass for pixels
                place |= {"x": None, "y": None}
        elif str(place.get("relation")) not in ANCHORS and x in (0, None) and y in (0, None):
            place.pop("x", None)
            place.pop("y", None)
        action[name] = place
    return action


def _brief(error: ValidationError) -> str:
    return sentences(error)[:1000].rstrip(".")


__all__ = ["PlanTurn", "QuestionTurn", "RequestsTurn", "Turn", "TurnError", "parse_turn", "turn_schema"]
