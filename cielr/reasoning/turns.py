"""What a language model may say: requests, a plan, a question, or that it cannot be done; each with a short reason.

    {"check": "ash-4", "reason": "…", "turn": {"kind": "requests", "requests": […]}}
    {"check": "ash-4", "reason": "…", "turn": {"kind": "plan", "actions": […], "summary": "…"}}
    {"check": "ash-4", "reason": "…", "turn": {"kind": "question", "question": "…", "choices": […]}}
    {"check": "ash-4", "reason": "…", "turn": {"kind": "impossible", "why": "…"}}

`turn_schema` says so as a JSON schema; `parse_turn` reads an answer, whether or not the schema was enforced. Places are
in thousandths of the image, and what a plan makes is called new_1, new_2, … until its labels name it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from ..actions import Action, Plan
from ..core.place_relations import ANCHORS
from ..core.scene import Request, Scene
from ..core.serial import Frozen, sentences
from ..errors import PlanError
from .answer_json import TurnError, last_object
from .made_names import named_by_label, with_needed_names
from .tidy import tidy_action, tidy_turn
from .turn_schema import LABELS, TURNS

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


class ImpossibleTurn(Frozen):
    """It is no edit, or none that the actions can do."""

    kind: Literal["impossible"] = "impossible"
    reason: str = ""
    why: str = Field(min_length=1, max_length=WORDS)


Turn = RequestsTurn | PlanTurn | QuestionTurn | ImpossibleTurn


# ------------------------------------------------------------------------------------------------------- the answer


class _Said(Frozen):
    """The outer form; what a plan's actions hold is read by `Action`."""

    reason: str = Field(default="", max_length=WORDS)
    turn: Annotated[_SaidRequests | _SaidPlan | _SaidQuestion | _SaidImpossible, Field(discriminator="kind")]


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


class _SaidImpossible(Frozen):
    kind: Literal["impossible"]
    why: str = Field(min_length=1, max_length=WORDS)


_Said.model_rebuild()
_ACTION: TypeAdapter[Any] = TypeAdapter(Action)


class CheckError(TurnError):
    """An answer with another code or number than the scene's: the model has not read all of it, or is careless."""


def parse_turn(text: str, scene: Scene, check: str | None = None) -> Turn:
    """The turn that an answer holds.

    It survives what `last_object` and `tidy` put right, and nothing else. Whether a plan fits the scene is left to
    `Plan.check`.

    Args:
        check: the code with its number, which only who has read the whole prompt can tell, for answers that have one.

    Raises:
        TurnError: where it holds none, names unknown ids in a request, or ends too early (`truncated`); CheckError.
    """
    value = last_object(text, lambda value: "turn" in value or value.get("kind") in TURNS)
    if value is None:
        raise TurnError('There is no JSON object in the answer; write one object {"reason": …, "turn": …}.')
    tidied_turn = tidy_turn(value, TURNS)
    # a server that holds to the schema makes it a must; who leaves it out was not held to it, and has read the rules
    written = str(tidied_turn.pop("check", check)).strip().lower()
    if check is not None and written != check:
        raise CheckError('"check" is not the scene\'s code with its number, which the first line of the rules tells.')
    try:
        said = _Said.model_validate(tidied_turn)
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
    if isinstance(turn, _SaidImpossible):
        if not turn.why.strip():
            raise TurnError('"why" is empty; say why it cannot be done.')
        return ImpossibleTurn(reason=said.reason, why=turn.why.strip())
    actions, problems, tidied = [], [], []
    for number, raw in enumerate(with_needed_names(turn.actions, scene), start=1):
        tidy, notes = tidy_action(raw, scene)
        tidied += notes
        try:
            actions.append(_ACTION.validate_python(_in_pixels(tidy, scene)))
        except ValidationError as error:
            problems.append(f"action {number}: {_brief(error)}")
    if problems:
        raise TurnError(f"The plan is not in the form of the vocabulary: {'; '.join(problems)[:1500]}.")
    plan = Plan(actions=tuple(actions), summary=turn.summary)
    with suppress(PlanError):
        # what does not fit goes back in the model's own words
        plan.check(scene)
        plan = named_by_label(plan, scene)
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


__all__ = [
    "CheckError",
    "ImpossibleTurn",
    "PlanTurn",
    "QuestionTurn",
    "RequestsTurn",
    "Turn",
    "TurnError",
    "parse_turn",
]
