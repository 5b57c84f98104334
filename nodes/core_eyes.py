"""ComfyUI's own perception models for Scene Parse, offered where ComfyUI has them: no second copy on the disk."""

from __future__ import annotations

import importlib.util

from comfy_api.latest import io

from .loaders import threshold_input
from .sockets import DEPTH, DETECTOR, SEGMENTER, to_arrays

DEPTH_MODEL = "DA3_MODEL,MOGE_MODEL"
"""What Load Depth Anything 3 and Load MoGe Model give."""


def _has(module: str) -> bool:
    """Whether this ComfyUI's own code has a model; nothing of it is imported but folders."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


class CoreSAM3(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CoreSAM3",
            display_name="Core SAM 3",
            category="CIELR/0 models",
            description="ComfyUI's own SAM 3 for Scene Parse: finds things by any words, and draws their outlines.",
            inputs=[
                io.Model.Input("model", tooltip="A SAM 3 or SAM 3.1 checkpoint, from Load Checkpoint."),
                io.Clip.Input("clip", tooltip="Of the same checkpoint: it reads the labels."),
                threshold_input(0.4),
            ],
            outputs=[
                DETECTOR.Output(display_name="detector", tooltip="For Scene Parse."),
                SEGMENTER.Output(display_name="segmenter", tooltip="For Scene Parse; the same model."),
            ],
        )

    @classmethod
    def execute(cls, model, clip, threshold=0.4) -> io.NodeOutput:
        from .internal.core_eyes import CoreSam3

        network = getattr(model.model, "diffusion_model", None)
        if not hasattr(network, "forward_segment"):
            raise ValueError(f"This model is not a SAM 3 but {type(model.model).__name__}: load a SAM 3 checkpoint.")
        if clip is None or not hasattr(clip.cond_stage_model, "sam3_clip"):
            raise ValueError("This CLIP does not read SAM 3's labels: connect the one of the same checkpoint.")
        eyes = CoreSam3(model, clip, threshold)
        return io.NodeOutput(eyes, eyes)


class CoreRTDETR(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CoreRTDETR",
            display_name="Core RT-DETR",
            category="CIELR/0 models",
            description="ComfyUI's own RT-DETR for Scene Parse: quick, for the eighty kinds of things that it knows.",
            inputs=[
                io.Model.Input("model", tooltip="An RT-DETR v4 model, from Load Diffusion Model."),
                threshold_input(0.4),
            ],
            outputs=[DETECTOR.Output(display_name="detector", tooltip="For Scene Parse.")],
        )

    @classmethod
    def execute(cls, model, threshold=0.4) -> io.NodeOutput:
        from .internal.core_eyes import CoreRtdetr

        if type(model.model).__name__ != "RT_DETR_v4":
            raise ValueError(
                f"This model is not an RT-DETR but {type(model.model).__name__}: load an RT-DETR v4 model."
            )
        return io.NodeOutput(CoreRtdetr(model, threshold))


class CoreDepthNode(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_CoreDepth",
            display_name="Core Depth",
            category="CIELR/0 models",
            description="Depth for Scene Parse: of a depth picture, or by ComfyUI's Depth Anything 3 or MoGe.",
            inputs=[
                io.Image.Input(
                    "picture",
                    optional=True,
                    tooltip="A depth picture of the photo, bright is near (as depth nodes give it): one for all "
                    "photos, or one for each.",
                ),
                io.Custom(DEPTH_MODEL).Input(
                    "model",
                    optional=True,
                    tooltip="From Load Depth Anything 3 or Load MoGe Model. It looks at the photo when it is asked.",
                ),
            ],
            outputs=[DEPTH.Output(display_name="depth", tooltip="For Scene Parse.")],
        )

    @classmethod
    def execute(cls, picture=None, model=None) -> io.NodeOutput:
        from .internal.core_eyes import CoreDepth, PictureDepth

        if (picture is None) == (model is None):
            raise ValueError("Connect either a depth picture or a depth model.")
        if picture is not None:
            return io.NodeOutput(PictureDepth(to_arrays(picture, "depth picture")))
        return io.NodeOutput(CoreDepth(model))


def offered() -> list[type[io.ComfyNode]]:
    """The nodes whose models this ComfyUI has."""
    models = {
        "comfy.ldm.sam3.detector": CoreSAM3,
        "comfy.ldm.rt_detr.rtdetr_v4": CoreRTDETR,
        "comfy.ldm.depth_anything_3.model": CoreDepthNode,
    }
    return [node for module, node in models.items() if _has(module)]


__all__ = ["CoreDepthNode", "CoreRTDETR", "CoreSAM3", "offered"]
