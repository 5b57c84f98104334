"""SCENE + instruction -> SCENE, PLAN: what is to be done to which objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comfy_api.latest import io

from .internal.conversation import conversation
from .internal.running import running
from .internal.show import Teller, as_ui, scene_view
from .internal.steps import as_lines, for_people, reason_for, steps_of
from .llm import loop_settings
from .sockets import (
    LLM,
    PERCEPTION,
    PLAN,
    PREVIEW,
    SCENE,
    PerImage,
    part,
    preview,
    stepper,
    thumbnail,
    to_image,
    watch,
)

STAYS = "it stays as it is."
"""How a sentence ends on an image of a batch that goes through unchanged."""


class Reason(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_Reason",
            display_name="LLM Reason & Refine",
            category="CIELR/2 reason",
            description="Turns the instruction into a plan of simple actions on the objects of the scene.",
            # a graph may end here: to see what is in a picture is a result
            is_output_node=True,
            inputs=[
                SCENE.Input("scene", tooltip="From Scene Parse, Scene from Masks or Load Scene."),
                io.String.Input(
                    "instruction",
                    default="",
                    multiline=True,
                    placeholder="remove the second coin from the left in the top row",
                    tooltip="What is to be done, in plain English. Steps can be joined with 'then'.",
                ),
                LLM.Input(
                    "llm",
                    optional=True,
                    tooltip=(
                        "A language model, for instructions in your own words. Not connected: "
                        "the built-in grammar, for explicit ones."
                    ),
                ),
                io.String.Input(
                    "answer",
                    default="",
                    optional=True,
                    tooltip="Your answer, where the language model asked something.",
                ),
                PERCEPTION.Input(
                    "perception",
                    optional=True,
                    tooltip="From Scene Parse: lets the reasoner look again, and puts the picture under the overlay.",
                ),
            ],
            outputs=[
                SCENE.Output(display_name="scene", tooltip="The scene, with what was found out on the way."),
                PLAN.Output(display_name="plan", tooltip="The actions, in their order."),
                io.Image.Output(display_name="overlay", tooltip="The picture with the chosen objects filled."),
                io.String.Output(display_name="trace", tooltip="What was understood and why, as text."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls,
        scene,
        instruction="",
        answer="",
        llm=None,
        perception=None,
    ) -> io.NodeOutput:
        from ..cielr.errors import CielrError, ClarificationNeeded, NothingMatches
        from ..cielr.telling.overlay import overlay

        node, count = str(cls.hidden.unique_id), len(scene)
        eyes = perception.spread(count, "perceptions") if perception is not None else [None] * count
        images = [getattr(eye, "image", None) for eye in eyes]
        on_step, tell = stepper(), Teller(node)
        lacking: list[NothingMatches] = []
        scenes, plans, overlays, words, views, notices = [], [], [], [], [], []
        with conversation(llm) as chat:
            task = Task(instruction, answer, chat, loop_settings(llm), tell, node)
            for number, (known, eye) in enumerate(zip(scene, eyes, strict=True)):
                try:
                    outcome = _reasoned(known, eye, task, part(on_step, number, count))
                except ClarificationNeeded as error:
                    views = [scene_view(*each) for each in zip(scene, images, strict=True)]
                    views[number]["told"] = steps_of(getattr(error, "trace", None))
                    return _asked(error, instruction, number if count > 1 else None, views)
                except NothingMatches as error:
                    if count == 1:
                        raise _named(error, _list_place()) from None
                    lacking.append(error)
                    outcome = _passed(known, error, number)
                    notices.append(outcome.text)
                except CielrError as error:
                    raise _named(error, f"Image {number + 1}" if count > 1 else _list_place()) from None
                scenes.append(outcome.scene)
                plans.append(outcome.plan)
                words.append(outcome.text)
                chosen = {name for action in outcome.plan.actions for name in action.objects}
                overlays.append(overlay(images[number], outcome.scene, chosen, on_step=watch))
                views.append(scene_view(outcome.scene, images[number], outcome.plan, outcome.told, outcome.why))
        if len(lacking) == count:
            # one image without the thing is an exception, all of them are not
            raise _named(lacking[0], "Image 1")
        text = "\n\n".join(words)
        ui = preview([thumbnail(drawn, PREVIEW) for drawn in overlays], cls, text=text) | as_ui(views, notices)
        return io.NodeOutput(PerImage(scenes), PerImage(plans), to_image(overlays), text, ui=ui)


@dataclass(frozen=True)
class Task:
    """What is asked of each image of a batch, and of whom; `chat` is None for the built-in grammar."""

    instruction: str
    answer: str
    chat: Any
    settings: dict[str, Any]
    tell: Teller
    node: str


@dataclass(frozen=True)
class Outcome:
    """What came of one image: the scene as extended, the plan, and what is told of both."""

    scene: Any
    plan: Any
    text: str
    told: list[dict[str, Any]]
    why: str = ""


def _passed(scene, error, number: int) -> Outcome:
    """An image of a batch that does not have what is asked for: it goes through unchanged, and that is said."""
    from ..cielr.actions import Plan

    words = f"Image {number + 1}: {str(error).rstrip('.')}; {STAYS}"
    return Outcome(scene, Plan(summary=words), words, [{"kind": "passed", "text": words}])


def _named(error, place: str):
    """The error with the image that it is about; its kind stays what it is."""
    from .internal.hosts import HostNotAllowed

    if place and not isinstance(error, HostNotAllowed):
        error.args = (f"{place}: {error}",)
    return error


def _list_place() -> str:
    """Which image of a list this run of the node is about; "" where there is no list."""
    index = running().list_index
    return f"Image {index + 1} of the list" if index else ""


ASKED: dict[str, tuple[str, str]] = {}
"""Node -> (instruction, what was asked about it and answered, with an open question at its end)."""


def _asked(error, instruction: str, number: int | None, views) -> io.NodeOutput:
    """The run stops here, without an error, until the question is answered; `number` is the image's in a batch."""
    from comfy_execution.graph_utils import ExecutionBlocker

    image = "" if number is None else f"Image {number + 1}: "
    asked = {"text": image + error.question, "choices": list(error.choices), "instruction": instruction}
    # a blocker without a message stops what follows and is no error
    stop = ExecutionBlocker(None)
    ui = {"text": [f"The language model asks: {image}{error}"], "question": [asked]} | as_ui(views)
    return io.NodeOutput(stop, stop, stop, stop, ui=ui)


def _reasoned(scene, eyes, task: Task, on_step) -> Outcome:
    """The plan for one image, and the scene as the reasoning extended it."""
    from ..cielr.errors import ClarificationNeeded
    from ..cielr.pipeline import reason

    def on_event(event) -> None:
        on_step(round(100 * event.fraction), 100)
        task.tell.step(for_people(event.message))

    # who paints comes later in the graph, and says there what it cannot draw
    if task.chat is None:
        return _outcome(scene, *reason(scene, task.instruction, perception=eyes, painter=True))
    answer = task.answer.strip()
    about, asked = ASKED.get(task.node, ("", ""))
    if answer and about == task.instruction:
        # "the left one" says little to a model that begins anew and does not know what it asked
        answer = f"{asked}\n{answer}"
    try:
        result = reason(
            scene,
            task.instruction,
            perception=eyes,
            chat=task.chat,
            image=getattr(eyes, "image", None),
            on_event=on_event,
            answer=answer or None,
            painter=True,
            **task.settings,
        )
    except ClarificationNeeded as error:
        ASKED[task.node] = task.instruction, "\n".join(filter(None, (answer, str(error))))
        raise
    return _outcome(scene, *result)


def _outcome(before, scene, plan, trace) -> Outcome:
    why = reason_for(trace, plan)
    text = "\n".join([*as_lines(trace), *([f"why: {why}"] if why else []), in_words(plan)])
    return Outcome(scene, plan, text, steps_of(trace, len(before.updates), scene), why)


def in_words(plan) -> str:
    """A plan as a person reads it: the summary and one line for each action with its reason."""
    lines = [plan.summary] if plan.summary else []
    for number, action in enumerate(plan.actions, start=1):
        what = " ".join([action.kind, *action.objects])
        lines.append(f"{number}. {what}" + (f": {action.reason}" if action.reason else ""))
    return "\n".join(lines) or "Nothing to do."
