"""SCENE + instruction -> SCENE, PLAN: what is to be done to which objects."""

from __future__ import annotations

from comfy_api.latest import io

from .sockets import LLM, PERCEPTION, PLAN, SCENE, PerImage, part, preview, stepper, to_image

KINDS = ["remove", "replace", "modify", "move", "resize", "add", "background", "global"]
RELATIONS = [
    "by",
    "at",
    "left_of",
    "right_of",
    "above",
    "below",
    "next_to",
    "on",
    "inside",
    "between",
    "in_front_of",
    "behind",
]


class Reason(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_Reason",
            display_name="LLM Reason & Refine",
            category="CIELR/2 reason",
            description="Turns the instruction into a plan of simple actions on the objects of the scene.",
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
        )

    @classmethod
    def execute(cls, scene, instruction="", llm=None, perception=None) -> io.NodeOutput:
        from ..cielr.overlay import overlay

        on_step = stepper()
        eyes = perception.spread(len(scene), "perceptions") if perception is not None else [None] * len(scene)
        scenes, plans, pictures, words = [], [], [], []
        for number, (one, eye) in enumerate(zip(scene, eyes, strict=True)):
            known, plan, told = _reasoned(one, instruction, llm, eye, part(on_step, number, len(scene)))
            chosen = {name for action in plan.actions for name in action.objects}
            scenes.append(known)
            plans.append(plan)
            pictures.append(overlay(getattr(eye, "image", None), known, chosen))
            words.append("\n".join([*told, in_words(plan)]))
        text = "\n\n".join(words)
        shown = to_image(pictures)
        return io.NodeOutput(PerImage(scenes), PerImage(plans), shown, text, ui=preview(shown, cls, text=text))


class EditPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_EditPlan",
            display_name="Edit Plan",
            category="CIELR/2 reason",
            description="A plan written or corrected by hand. With an empty text the incoming plan goes through.",
            inputs=[
                io.String.Input(
                    "text",
                    default="",
                    multiline=True,
                    placeholder='{"actions": [{"kind": "remove", "targets": ["coin_2"]}]}',
                    tooltip="The plan as JSON, as the second output of this node shows it. Empty: the incoming plan.",
                ),
                PLAN.Input("plan", optional=True, tooltip="The plan to correct; used where the text is empty."),
                SCENE.Input("scene", optional=True, tooltip="Where it is connected, the plan is held against it."),
            ],
            outputs=[
                PLAN.Output(display_name="plan", tooltip="The plan that counts."),
                io.String.Output(display_name="text", tooltip="The plan as JSON, to copy and to correct."),
            ],
        )

    @classmethod
    def execute(cls, text="", plan=None, scene=None) -> io.NodeOutput:
        from ..cielr.plan import Plan

        if text.strip():
            plans = PerImage([Plan.from_json(text)])
        elif plan is not None:
            plans = plan
        else:
            raise ValueError("Edit Plan has neither a text nor a plan: type one, or connect a plan.")
        if scene is not None:
            count = max(len(plans), len(scene))
            for one, known in zip(plans.spread(count, "plans"), scene.spread(count, "scenes"), strict=True):
                one.check(known)
        written = "\n".join(one.to_json() for one in plans)
        return io.NodeOutput(plans, written, ui={"text": [written]})


class Action(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_Action",
            display_name="Action",
            category="CIELR/2 reason",
            description="One action, added to a plan or the first of a new one. Several of these make a plan by hand.",
            inputs=[
                io.Combo.Input("kind", options=KINDS, default="remove", tooltip="What is to be done."),
                io.String.Input(
                    "targets",
                    default="",
                    placeholder="coin_2, coin_3",
                    tooltip="Ids as the overlay of Scene Parse shows them. Not used by add, background and global.",
                ),
                io.String.Input(
                    "words",
                    default="",
                    placeholder="an orange",
                    tooltip="replace: with what; modify: the change ('colour dark red', 'brighten 30%', or free words)"
                    "; add: what; background, global: what it becomes. Not used by remove, move and resize.",
                ),
                io.Combo.Input(
                    "relation",
                    options=RELATIONS,
                    default="by",
                    tooltip="move, add: where to. 'by' is an offset of x and y pixels, 'at' a point (x, y from 0 to 1),"
                    " all others stand in relation to the anchors.",
                ),
                io.String.Input("anchors", default="", placeholder="plate_1", tooltip="Ids that the relation names."),
                io.Float.Input(
                    "x", default=0.0, min=-16384, max=16384, step=0.01, tooltip="'by': pixels right; 'at': 0 … 1."
                ),
                io.Float.Input(
                    "y", default=0.0, min=-16384, max=16384, step=0.01, tooltip="'by': pixels down; 'at': 0 … 1."
                ),
                io.Float.Input("scale", default=1.0, min=0.01, max=20, step=0.01, tooltip="resize: by what factor."),
                io.String.Input(
                    "prompt",
                    default="",
                    multiline=True,
                    tooltip="What the region is to look like; empty: written for you.",
                ),
                io.String.Input("negative_prompt", default="", multiline=True, tooltip="What must not appear there."),
                io.String.Input("keep", default="", tooltip="Ids that this action must not change."),
                PLAN.Input("plan", optional=True, tooltip="The actions before this one."),
            ],
            outputs=[PLAN.Output(display_name="plan", tooltip="The plan with this action at its end.")],
        )

    @classmethod
    def validate_inputs(cls, kind, relation):
        if kind not in KINDS:
            return f"'{kind}' is no kind of action; there are {', '.join(KINDS)}."
        if relation not in RELATIONS:
            return f"'{relation}' is no relation; there are {', '.join(RELATIONS)}."
        return True

    @classmethod
    def execute(
        cls,
        kind,
        targets="",
        words="",
        relation="by",
        anchors="",
        x=0.0,
        y=0.0,
        scale=1.0,
        prompt="",
        negative_prompt="",
        keep="",
        plan=None,
    ) -> io.NodeOutput:
        from ..cielr.plan import Plan
        from ..cielr.serial import canonical

        place = {"relation": relation, "anchors": _names(anchors), "x": x, "y": y}
        own = {
            "remove": {},
            "replace": {"with": words},
            "modify": {"change": words},
            "move": {"to": place},
            "resize": {"scale": scale},
            "add": {"what": words, "where": place},
            "background": {"to": words},
            "global": {"style": words},
        }[kind]
        if kind not in ("add", "background", "global"):
            own["targets"] = _names(targets)
        shared = {"kind": kind, "prompt": prompt, "negative_prompt": negative_prompt, "keep": _names(keep)}
        action = Plan.from_json(canonical({"actions": [own | shared]})).actions
        before = plan if plan is not None else PerImage([Plan()])
        plans = PerImage([one.model_copy(update={"actions": one.actions + action}) for one in before])
        return io.NodeOutput(plans)


TOLD = ("missing", "request", "update", "repair", "forced", "question")
"""Kinds of notes that a user of the graph wants to read; prompts and replies belong into a trace."""


def _reasoned(scene, instruction: str, llm, eyes, on_step):
    """(scene as extended, plan, what was asked and found on the way as lines)."""
    from ..cielr.pipeline import reason
    from ..cielr.trace import Trace

    if llm is None:
        known, plan, _ = reason(scene, instruction, perception=eyes)
        return known, plan, []
    from ..cielr.reasoning.reasoner import reason_with_llm

    with Trace().step("reason", instruction=instruction) as step:
        known, plan = reason_with_llm(
            scene,
            instruction,
            llm,
            perception=eyes,
            image=getattr(eyes, "image", None),
            step=step,
            on_event=lambda event: on_step(round(100 * event.fraction), 100),
        )
    return known, plan, [f"{note.kind}: {note.text}" for note in step.notes if note.kind in TOLD]


def in_words(plan) -> str:
    """A plan as a person reads it: the summary and one line for each action with its reason."""
    lines = [plan.summary] if plan.summary else []
    for number, action in enumerate(plan.actions, start=1):
        what = " ".join([action.kind, *action.objects])
        lines.append(f"{number}. {what}" + (f": {action.reason}" if action.reason else ""))
    return "\n".join(lines) or "Nothing to do."


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("\n", ",").split(",") if name.strip()]
