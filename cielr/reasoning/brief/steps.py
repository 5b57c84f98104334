"""Instructions of no known form: the whole of it is put to the model, as a short list of steps on ids.

The schema is flat and every list and text in it is bounded, so that no model can loop. Two of three differently ordered
scenes must give the same plan: what a model says only by chance leaves no edit behind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from ...actions import Action, Background, Global, Modify, Plan, Remove, Replace
from ...core.scene import Scene, SceneObject
from ...errors import CielrError, ClarificationNeeded, LLMError, PlanError
from ..answer_json import TurnError, last_object
from ..chats.protocol import Message
from ..grammar.reader import plan_explicit
from ..prompts import text
from ..scene_text import plain_scene
from ..tidy import tidy_action
from .frames import listed
from .meaning import Asker
from .questions import flat_schema

DO = ("remove", "replace", "change", "resize", "move", "background", "whole picture", "ask")
PICTURE = "picture"
"""Stands for ids where a step is about no object."""
MOST_STEPS = 4
LONGEST = 120
"""Characters of a text in an answer."""
TRIES = 5
_PLACES = re.compile(r"\d|pixel|\bpx\b|centre|center|corner|position|coordinates|edge", re.IGNORECASE)


def plan_by_vote(scene: Scene, instruction: str, asker: Asker, assume: bool = False) -> Plan:
    """The plan that a model gives for two differently ordered scenes.

    Raises:
        ClarificationNeeded: where it asks, or gives another plan each time; LLMError: where it gives none.
    """
    plans: list[Plan] = []
    problems: list[str] = []
    said = ""
    things = list(scene.objects)
    half = len(things) // 2
    orders = [things, things[::-1], [*things[half:], *things[:half]]]
    for attempt in range(TRIES):
        order = orders[attempt % len(orders)]
        said = asker.put(_question(scene, order, instruction), steps_schema([thing.id for thing in order]))
        try:
            plan = plan_of(said, scene)
            plan.check(scene)
        except (TurnError, PlanError) as error:
            problems.append(str(error))
            continue
        if any(_same(plan, other) for other in plans):
            return plan
        plans.append(plan)
        if len(plans) == len(orders):
            break
    if not plans:
        raise LLMError(
            f"The language model gave no usable plan in {TRIES} tries: {problems[-1]}",
            last_answer=said[:2000],
            problems=tuple(problems[-3:]),
        )
    if assume:
        return plans[0]
    raise ClarificationNeeded(
        "The language model is not sure what is meant; say it step by step, such as 'remove the red cup'.",
        tuple(dict.fromkeys(plan.summary for plan in plans if plan.summary)),
    )


def steps_schema(ids: Sequence[str]) -> dict[str, Any]:
    """The schema of an answer about things with these ids."""
    words = {"type": "string", "maxLength": LONGEST}
    step = flat_schema(
        {
            "do": {"type": "string", "enum": list(DO)},
            "to": {
                "type": "array",
                "items": {"type": "string", "enum": [*ids, PICTURE]},
                "minItems": 1,
                "maxItems": max(1, len(ids)),
            },
            "words": words,
        }
    )
    return flat_schema(
        {"meant": words, "steps": {"type": "array", "items": step, "minItems": 1, "maxItems": MOST_STEPS}}
    )


def plan_of(said: str, scene: Scene) -> Plan:
    """The plan that an answer holds.

    Raises:
        TurnError: where it holds none; ClarificationNeeded: where it asks.
    """
    value = last_object(said, lambda value: "steps" in value)
    steps = (value or {}).get("steps")
    if not isinstance(steps, list) or not steps:
        raise TurnError('There are no steps in the answer; write {"meant": …, "steps": […]}.')
    actions = [action for step in steps[:MOST_STEPS] for action in _actions_of(step, scene)]
    meant = value.get("meant") if value else ""
    return Plan(actions=tuple(actions), summary=meant[:LONGEST] if isinstance(meant, str) else "")


def _actions_of(step: Any, scene: Scene) -> tuple[Action, ...]:
    """The actions of one step; a question in it is put to the user.

    Raises:
        TurnError, ClarificationNeeded.
    """
    do, names, words = (step.get(name) for name in ("do", "to", "words")) if isinstance(step, dict) else (None,) * 3
    if do not in DO or not isinstance(words, str) or not isinstance(names, list):
        raise TurnError("A step has do, to and words.")
    words = words.strip()
    if do == "ask":
        raise ClarificationNeeded(words or "Which one is meant?")
    tidy, _ = tidy_action({"targets": [name for name in names if name != PICTURE]}, scene)
    ids = tuple(tidy["targets"])
    if do in ("background", "whole picture") or not ids:
        return _about_all(do, words)
    if unknown := [name for name in ids if scene.get(name) is None]:
        raise TurnError(f"The scene has no object '{str(unknown[0])[:60]}'.")
    return _about_things(do, ids, words, scene)


def _about_all(do: str, words: str) -> tuple[Action, ...]:
    if do not in ("background", "whole picture", "change") or not words:
        raise TurnError(f"'{do}' needs things that it is done to, or words.")
    return (Background(to=words),) if do == "background" else (Global(style=words),)


def _about_things(do: str, ids: tuple[str, ...], words: str, scene: Scene) -> tuple[Action, ...]:
    if do == "remove":
        return (Remove(targets=ids),)
    if not words:
        raise TurnError(f"'{do}' needs words that say how.")
    if do == "replace":
        return (Replace(targets=ids, with_=words),)
    verb = {"change": "make", "resize": "make", "move": "move"}[do]
    for sentence in (f"{verb} {listed(ids)} {words}", words if words.split()[0] in ("blur", "brighten") else ""):
        try:
            return plan_explicit(scene, sentence, painter=True).actions
        except CielrError:
            continue
    if do == "change":
        return (Modify(targets=ids, change=words),)
    raise TurnError(f"'{do}' does not work with the words '{words[:60]}'.")


def _same(a: Plan, b: Plan) -> bool:
    """Whether two plans do the same to the same things, whatever their words."""

    def what(plan: Plan) -> list[tuple[str, frozenset[str], frozenset[str]]]:
        return [(action.kind, frozenset(action.objects), frozenset(action.anchors)) for action in plan.actions]

    return what(a) == what(b)


def _question(scene: Scene, order: Sequence[SceneObject], instruction: str) -> list[Message]:
    system, *turns = text("brief").split("\n\n---\n\n")
    messages: list[Message] = [{"role": "system", "content": system}]
    for turn in turns:
        asked, answer = turn.rsplit("\n=> ", 1)
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
    # always the same scene, so that the server's cache of prefixes serves it; only the choice below it is reordered
    shown = plain_scene(scene, scene.objects, places=_PLACES.search(instruction) is not None)
    said = " ".join(json.dumps(instruction, ensure_ascii=False)[1:-1].split())
    choice = "" if list(order) == list(scene.objects) else f"\nChoose among: {' '.join(thing.id for thing in order)}"
    return [*messages, {"role": "user", "content": f"{shown}\nInstruction: {said}{choice}"}]


__all__ = ["plan_by_vote", "plan_of", "steps_schema"]
