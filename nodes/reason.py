"""SCENE + instruction -> SCENE, PLAN: what is to be done to which objects."""

from __future__ import annotations

from contextlib import nullcontext

from comfy_api.latest import io

from .internal.show import Teller, as_ui, scene_view
from .internal.steps import as_lines, for_people, reason_for, told
from .sockets import LLM, PERCEPTION, PLAN, SCENE, PerImage, part, preview, stepper, to_image


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
                    tooltip="A language model for free wording. Open: the built-in grammar, for explicit instructions.",
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
        with _chat_for_all(llm) as chat:
            return cls._reason_all(scene, instruction, answer, llm, chat, perception)

    @classmethod
    def _reason_all(cls, scene, instruction: str, answer: str, llm, chat, perception) -> io.NodeOutput:
        from ..cielr.errors import CielrError, ClarificationNeeded
        from ..cielr.telling.overlay import overlay

        on_step, tell = stepper(), Teller(cls.hidden.unique_id)
        eyes = perception.spread(len(scene), "perceptions") if perception is not None else [None] * len(scene)
        images = [getattr(eye, "image", None) for eye in eyes]
        node = str(cls.hidden.unique_id)
        scenes, plans, pictures, words, views = [], [], [], [], []
        for number, (one, eye) in enumerate(zip(scene, eyes, strict=True)):
            told_step = part(on_step, number, len(scene))
            try:
                known, plan, trace = _reasoned(one, instruction, answer, llm, chat, eye, told_step, tell, node)
            except ClarificationNeeded as error:
                views = [scene_view(*each) for each in zip(scene, images, strict=True)]
                views[number]["told"] = told(getattr(error, "trace", None))
                return _asked(error, instruction, number if len(scene) > 1 else None, views)
            except CielrError as error:
                if len(scene) > 1:
                    # its kind stays what it is
                    error.args = (f"Image {number + 1}: {error}",)
                raise
            chosen = {name for action in plan.actions for name in action.objects}
            why = reason_for(trace, plan)
            scenes.append(known)
            plans.append(plan)
            pictures.append(overlay(images[number], known, chosen))
            words.append("\n".join([*as_lines(trace), *([f"why: {why}"] if why else []), in_words(plan)]))
            views.append(scene_view(known, images[number], plan, told(trace, len(one.updates), known), why))
        text = "\n\n".join(words)
        drawn = to_image(pictures)
        ui = preview(drawn, cls, text=text) | as_ui(views)
        return io.NodeOutput(PerImage(scenes), PerImage(plans), drawn, text, ui=ui)


def _chat_for_all(llm):
    """The language model for a whole batch: it leaves the memory after the last image."""
    if llm is None:
        return nullcontext()
    from ..cielr.reasoning.chats.held import HeldChat
    from .llm import ready_chat

    return HeldChat(ready_chat(llm))


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


def _reasoned(scene, instruction: str, answer: str, llm, chat, eyes, on_step, tell, node: str):
    """(scene as extended, plan, trace)."""
    from ..cielr.errors import ClarificationNeeded
    from ..cielr.pipeline import reason

    if llm is None:
        return reason(scene, instruction, perception=eyes)
    from .llm import loop_settings

    answer = answer.strip()
    about, asked = ASKED.get(node, ("", ""))
    if answer and about == instruction:
        # "the left one" says little to a model that begins anew and does not know what it asked
        answer = f"{asked}\n{answer}"

    def on_event(event) -> None:
        on_step(round(100 * event.fraction), 100)
        tell.step(for_people(event.message))

    try:
        return reason(
            scene,
            instruction,
            perception=eyes,
            chat=chat,
            image=getattr(eyes, "image", None),
            on_event=on_event,
            answer=answer or None,
            **loop_settings(llm),
        )
    except ClarificationNeeded as error:
        ASKED[node] = instruction, "\n".join(filter(None, (answer, str(error))))
        raise


def in_words(plan) -> str:
    """A plan as a person reads it: the summary and one line for each action with its reason."""
    lines = [plan.summary] if plan.summary else []
    for number, action in enumerate(plan.actions, start=1):
        what = " ".join([action.kind, *action.objects])
        lines.append(f"{number}. {what}" + (f": {action.reason}" if action.reason else ""))
    return "\n".join(lines) or "Nothing to do."
