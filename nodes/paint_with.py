"""Between a Checkpoint Inpainter and the Edit Executor: two painters as one, controls beside the words, more words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from comfy_api.latest import io

from .inpaint import Checkpoint, ControlOf, TwoPainters
from .painters import inpainter_output
from .sockets import INPAINTER, MODEL_PATCH, advanced, among, first_wrong, must

WAYS = ["inpaint", "instruct"]
CHOICES = {
    "remove": (
        ("remove", "move", "resize", "swap", "turn"),
        "What is removed, and the holes of what is moved.",
        "inpaint",
    ),
    "replace": (("replace",), "What takes another thing's place.", "inpaint"),
    "add": (("add",), "What is new.", "inpaint"),
    "modify": (("modify",), "Looks, materials, poses, texts.", "instruct"),
    "ground": (("background", "global"), "The background, and the whole picture's style.", "inpaint"),
}
"""Widget -> (kinds of actions, what it says, who does it where nobody says otherwise)."""
SEES = ["inpaint", "canny", "picture"]


class TwoInpainters(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_TwoInpainters",
            display_name="Two Inpainters",
            category="CIELR/4 edit",
            description=(
                "Lets one model draw inside masks and another follow instructions, each what it does best: an "
                "inpainting checkpoint or LaMa removes, an edit model changes looks and poses."
            ),
            inputs=[
                INPAINTER.Input("inpaint", tooltip="Draws inside a mask, or fills: any inpainter."),
                INPAINTER.Input("instruct", tooltip="Checkpoint Inpainter with an edit model, set to instruct."),
                *(
                    io.Combo.Input(name, options=WAYS, default=default, tooltip=words)
                    for name, (_, words, default) in CHOICES.items()
                ),
            ],
            outputs=[inpainter_output()],
        )

    @classmethod
    def validate_inputs(cls, remove="inpaint", replace="inpaint", add="inpaint", modify="instruct", ground="inpaint"):
        there = f"there are {' and '.join(WAYS)}."
        given = (remove, replace, add, modify, ground)
        return first_wrong(*(among(way, WAYS, f"There is no way of painting '{way}'; {there}") for way in given))

    @classmethod
    def execute(cls, inpaint, instruct, **ways) -> io.NodeOutput:
        must(cls.validate_inputs(**ways))
        if isinstance(inpaint, TwoPainters) or isinstance(instruct, TwoPainters):
            raise ValueError("Two Inpainters takes single painters: connect its inputs to those of the other node.")
        kinds = frozenset(kind for name, way in ways.items() if way == "instruct" for kind in CHOICES[name][0])
        return io.NodeOutput(TwoPainters(inpaint, instruct, kinds))


class InpainterControl(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_InpainterControl",
            display_name="Inpainter Control",
            category="CIELR/4 edit",
            description=(
                "A control net or model patch beside the words of a Checkpoint Inpainter: inpainting, edges, depth, "
                "pose. It is shown each region as it is cut out. Chain several one after the other."
            ),
            inputs=[
                INPAINTER.Input("inpainter", tooltip="From Checkpoint Inpainter."),
                io.Combo.Input(
                    "sees",
                    options=SEES,
                    default="inpaint",
                    tooltip=(
                        "What it was trained on. inpaint: the region with its mask; canny: its edges; picture: the "
                        "same part of the picture at 'image', such as a depth map or a pose of the whole photo."
                    ),
                ),
                io.Float.Input("strength", default=1.0, min=0.0, max=10.0, step=0.01, tooltip="How much it counts."),
                _share_of_steps("start", 0.0, "Where it starts to count, as a share of the steps."),
                _share_of_steps("end", 1.0, "Where it stops counting, as a share of the steps."),
                io.ControlNet.Input("control_net", optional=True, tooltip="From Load ControlNet Model."),
                MODEL_PATCH.Input(
                    "model_patch", optional=True, tooltip="From ModelPatchLoader (Qwen-Image's DiffSynth controls)."
                ),
                io.Image.Input("image", optional=True, tooltip="For 'picture': of the whole photo, of any size."),
            ],
            outputs=[inpainter_output(", or the next control")],
        )

    @classmethod
    def validate_inputs(cls, sees="inpaint"):
        return among(sees, SEES, f"A control cannot be shown '{sees}'; it can be shown {', '.join(SEES)}.")

    @classmethod
    def execute(
        cls, inpainter, sees, strength, start=0.0, end=1.0, control_net=None, model_patch=None, image=None
    ) -> io.NodeOutput:
        must(cls.validate_inputs(sees))
        checkpoint = _checkpoint(inpainter, "Inpainter Control")
        if (control_net is None) == (model_patch is None):
            raise ValueError("Connect either a control net or a model patch to Inpainter Control.")
        if (sees == "picture") != (image is not None):
            raise ValueError(
                "Inpainter Control that is shown a picture needs it at 'image'."
                if image is None
                else f"Inpainter Control is set to '{sees}', which needs no image; set 'sees' to 'picture'."
            )
        control = ControlOf(control_net, model_patch, sees, image, strength, start, end)
        return io.NodeOutput(replace(checkpoint, controls=(*checkpoint.controls, control)))


def _share_of_steps(name: str, default: float, tooltip: str) -> Any:
    return advanced(io.Float.Input(name, default=default, optional=True, min=0.0, max=1.0, step=0.01, tooltip=tooltip))


class InpainterWords(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_InpainterWords",
            display_name="Inpainter Words",
            category="CIELR/4 edit",
            description="Words for every region beside its own, and how much of the picture around it the model sees.",
            inputs=[
                INPAINTER.Input("inpainter", tooltip="From Checkpoint Inpainter."),
                io.String.Input("positive", default="", multiline=True, tooltip="Added to each region's prompt."),
                io.String.Input("negative", default="", multiline=True, tooltip="Added to what must not appear."),
                io.Float.Input(
                    "context",
                    default=1.0,
                    min=0.0,
                    max=8.0,
                    step=0.1,
                    tooltip="How much of the picture around a region the model sees; 1 is the region's own.",
                ),
            ],
            outputs=[inpainter_output()],
        )

    @classmethod
    def execute(cls, inpainter, positive="", negative="", context=1.0) -> io.NodeOutput:
        checkpoint = _checkpoint(inpainter, "Inpainter Words")
        return io.NodeOutput(replace(checkpoint, positive=positive, negative=negative, context=context))


def _checkpoint(inpainter: Any, node: str) -> Checkpoint:
    """Raises ValueError where what is connected is not sampled by ComfyUI's own nodes."""
    if not isinstance(inpainter, Checkpoint):
        raise ValueError(f"{node} goes behind Checkpoint Inpainter; other painters take none of it.")
    return inpainter
