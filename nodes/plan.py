"""Plans written, corrected or held for review by hand."""

from __future__ import annotations

import hashlib

from comfy_api.latest import io

from ..cielr.core.place_relations import RELATIONS
from .internal.kinds import KINDS, OPTIONS
from .internal.reviews import Reviews
from .internal.show import as_ui, plan_view
from .sockets import PLAN, SCENE, PerImage, advanced, among, first_wrong, must

REVIEWS = Reviews()
"""Of all Edit Plan nodes."""
WRITTEN_FOR: dict[str, tuple[str, str]] = {}
"""Node -> (its text, a digest of the plan and scene that came in when that text was first there)."""


class EditPlan(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_EditPlan",
            display_name="Edit Plan",
            category="CIELR/2 reason",
            description=(
                "A plan written, corrected or reviewed by hand. What you type is "
                "used until another plan comes in. With "
                "review on, the run stops here once for each new plan: read it, correct it, run again to go on."
            ),
            inputs=[
                io.String.Input(
                    "text",
                    default="",
                    multiline=True,
                    placeholder='{"actions": [{"kind": "remove", "targets": ["coin_2"]}]}',
                    tooltip="The plan as JSON, as the second output of this node shows it. Empty: the incoming plan.",
                ),
                io.Boolean.Input(
                    "review",
                    default=False,
                    optional=True,
                    tooltip="Stop the run at each new plan until it is run once more.",
                ),
                PLAN.Input("plan", optional=True, tooltip="The plan to correct; used where the text is empty."),
                SCENE.Input("scene", optional=True, tooltip="If connected, the plan is checked against it."),
            ],
            outputs=[
                PLAN.Output(display_name="plan", tooltip="The plan as it will be carried out."),
                io.String.Output(display_name="text", tooltip="The plan as JSON, to copy and to correct."),
            ],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def fingerprint_inputs(cls, text="", review=False, plan=None, scene=None):
        # a run that stopped here must come by again, though none of its inputs has changed
        return REVIEWS.stops if review or review is None else 0

    @classmethod
    def execute(cls, text="", review=False, plan=None, scene=None) -> io.NodeOutput:
        from comfy_execution.graph_utils import ExecutionBlocker

        # ComfyUI fills in what a schema asks for
        node = str(cls.hidden.unique_id)
        plans, said = _counting(node, text, plan, scene)
        if scene is not None:
            count = max(len(plans), len(scene))
            for checked, known in zip(plans.spread(count, "plans"), scene.spread(count, "scenes"), strict=True):
                checked.check(known)
        written = "\n".join(shown.to_json() for shown in plans)
        drawn = as_ui([plan_view(shown) for shown in plans])
        if review and plans is plan and not REVIEWS.is_approved(node, written + _digest(plan, scene)):
            waits = "Waiting: read the plan, correct it where it is wrong, and run again to go on."
            waits = f"{said} {waits}" if text.strip() else waits
            # a blocker without a message stops what follows and is no error
            stop = ExecutionBlocker(None)
            return io.NodeOutput(stop, stop, ui={"text": [written], "said": [waits], "waits": [True]} | drawn)
        return io.NodeOutput(plans, written, ui={"text": [written], "said": [said]} | drawn)


def _counting(node: str, text: str, plan, scene) -> tuple[PerImage, str]:
    """(the plan that counts, what is to be said about it): the typed one, until another plan or scene comes in than it
    was for.

    Raises:
        ValueError: where there is neither; PlanError: where the text is no plan.
    """
    from ..cielr.actions import Plan

    if not text.strip():
        if plan is None:
            raise ValueError("Edit Plan has neither a text nor a plan: type one, or connect a plan.")
        # the same words, typed again later, are for what comes in then
        WRITTEN_FOR.pop(node, None)
        return plan, "The incoming plan goes through."
    if plan is None:
        return PerImage([Plan.from_json(text)]), "The typed plan counts."
    incoming = _digest(plan, scene)
    if WRITTEN_FOR.get(node, ("",))[0] != text:
        WRITTEN_FOR[node] = text, incoming
    if WRITTEN_FOR[node][1] != incoming:
        other = "Another plan or scene has come in than the typed plan was for"
        return plan, f"{other}, so the typed one does not count any more."
    return PerImage([Plan.from_json(text)]), "The typed plan counts, until another plan comes in."


def _digest(plans, scenes) -> str:
    """Of what plans do and to what; their reasons may change, and how long it took to find the things."""
    digest = hashlib.sha256("|".join(action.content() for plan in plans for action in plan.actions).encode())
    for scene in scenes or ():
        digest.update(f"|{scene.width}x{scene.height}".encode())
        for thing in scene.objects:
            digest.update(f"|{thing.id}|{thing.label}|{thing.mask.model_dump_json()}".encode())
    return digest.hexdigest()


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
                    tooltip="Ids as the overlay of Scene Parse shows them; two for swap. Not used by add, background "
                    "and global.",
                ),
                io.String.Input(
                    "words",
                    default="",
                    placeholder="an orange",
                    tooltip="replace: with what; modify: the change ('colour dark red', 'brighten 30%', or free words)"
                    "; add: what; background, global: what it becomes; extract: the ground ('transparent', 'white'). "
                    "Not used by the others.",
                ),
                io.Combo.Input(
                    "relation",
                    options=list(RELATIONS),
                    default="by",
                    tooltip="move, add, duplicate: where to. 'by' is an offset of x and y pixels, 'at' a point (x, y "
                    "from 0 to 1), all others are relative to the anchors.",
                ),
                io.String.Input("anchors", default="", placeholder="plate_1", tooltip="Ids that the relation names."),
                io.Float.Input(
                    "x", default=0.0, min=-16384, max=16384, step=0.01, tooltip="'by': pixels right; 'at': 0 … 1."
                ),
                io.Float.Input(
                    "y", default=0.0, min=-16384, max=16384, step=0.01, tooltip="'by': pixels down; 'at': 0 … 1."
                ),
                io.Float.Input("scale", default=1.0, min=0.01, max=20, step=0.01, tooltip="resize: the factor."),
                io.String.Input(
                    "prompt",
                    default="",
                    multiline=True,
                    tooltip="What the region is to look like; empty: written for you.",
                ),
                advanced(
                    io.String.Input(
                        "negative_prompt", default="", multiline=True, tooltip="What must not appear there."
                    )
                ),
                advanced(io.String.Input("keep", default="", tooltip="Ids that this action must not change.")),
                advanced(
                    io.Float.Input(
                        "degrees",
                        default=0.0,
                        min=-360,
                        max=360,
                        step=0.5,
                        optional=True,
                        tooltip="turn: by how many degrees, clockwise.",
                    )
                ),
                advanced(
                    io.Combo.Input(
                        "option",
                        options=["", *OPTIONS],
                        default="",
                        optional=True,
                        tooltip="add: how large; modify: 'free' where the outline may change, as for a pose; turn: "
                        "which way it is mirrored. Empty: as usual.",
                    )
                ),
                PLAN.Input("plan", optional=True, tooltip="The actions before this one."),
            ],
            outputs=[PLAN.Output(display_name="plan", tooltip="The plan with this action at its end.")],
        )

    @classmethod
    def validate_inputs(cls, kind, relation, option=""):
        return first_wrong(
            among(option, ["", *OPTIONS], f"'{option}' is not an option; there are {', '.join(OPTIONS)}."),
            among(kind, KINDS, f"'{kind}' is not a kind of action; there are {', '.join(KINDS)}."),
            among(relation, RELATIONS, f"'{relation}' is not a relation; there are {', '.join(RELATIONS)}."),
        )

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
        degrees=0.0,
        option="",
        plan=None,
    ) -> io.NodeOutput:
        from ..cielr.actions import KINDS as ALL
        from ..cielr.actions import Plan
        from ..cielr.actions.form import form_of
        from ..cielr.core.serial import canonical

        must(cls.validate_inputs(kind, relation, option))
        place = {"relation": relation, "anchors": _names(anchors), "x": x, "y": y}
        given = {"ids": _names(targets), "place": place, "scale": scale, "degrees": degrees}
        own = {field.name: _given(field, given, words, option) for field in form_of(ALL[kind])}
        own = {name: value for name, value in own.items() if value is not None}
        shared = {"kind": kind, "prompt": prompt, "negative_prompt": negative_prompt, "keep": _names(keep)}
        action = Plan.from_json(canonical({"actions": [own | shared]})).actions
        before = plan if plan is not None else PerImage([Plan()])
        plans = PerImage([earlier.model_copy(update={"actions": earlier.actions + action}) for earlier in before])
        return io.NodeOutput(plans)


def _given(field, given: dict, words: str, option: str):
    """What the node's inputs say of a field of the action; None leaves it at its default.

    Raises:
        ValueError: for an option that this kind does not have.
    """
    if field.type == "choice":
        if option and option not in field.choices:
            raise ValueError(
                f"'{option}' is not an option of this kind of action; there are {', '.join(field.choices)}."
            )
        return option or None
    if field.type in given:
        return given[field.type]
    # a number that has no input of its own is typed as words
    value = given.get(field.name, words)
    return None if value == "" and field.has_default else value


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("\n", ",").split(",") if name.strip()]
