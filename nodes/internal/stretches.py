"""What of a plan waits until something is painted: looked at again, worked out, and expanded in its turn."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..region import changed_mask
from ..sockets import INPAINTER, LLM, PERCEPTION, SCENE, PerImage, to_arrays
from .graph import in_order
from .plumbing import LOOKS
from .running import own_inputs
from .schema import expanding, internal
from .variants import Variants


class Stretch(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return expanding(
            "CIELR_Stretch",
            "Actions that refer to what was painted: looked at again, and carried out.",
            [
                io.Image.Input("image", tooltip="A batch of one, as painted so far."),
                io.String.Input("json", tooltip="The actions as canonical JSON."),
                io.Int.Input("seed", min=0, max=0xFFFFFFFFFFFFFFFF, tooltip="The Edit Executor's."),
                io.Int.Input("index", default=0, min=0, tooltip="Which image of the batch it is."),
                io.Boolean.Input("stack", default=True, optional=True, tooltip="Off: nobody wants the images."),
                io.String.Input("notice", default="", optional=True, tooltip="What was told before."),
                SCENE.Input("scene", optional=True, tooltip="As the stretch before left it."),
                INPAINTER.Input("inpainter", optional=True, tooltip="Not connected: the built-in fill."),
                PERCEPTION.Input("perception", optional=True, tooltip="Not connected: regions stand for things."),
                io.Int.Input("attempts", default=1, min=1, optional=True, tooltip="At each action, at most."),
                LLM.Input("llm", optional=True, tooltip="Asked whether an action did what it should."),
                io.String.Input("painter", default="", optional=True, tooltip="The inpainter's signature."),
                io.Int.Input("variants", default=1, min=1, optional=True, tooltip="Of each region."),
                io.String.Input("choice", default="", optional=True, tooltip="The seeds of those that are kept."),
            ],
            [
                io.Image.Output(display_name="image", tooltip="The image after it."),
                SCENE.Output(display_name="scene", tooltip="The scene after it."),
                io.Mask.Output(display_name="changed", tooltip="Where it may have changed the image."),
                io.String.Output(display_name="told", tooltip="What was told so far."),
                io.Image.Output(display_name="steps", tooltip="The image after each region."),
                LOOKS.Output(display_name="looks", tooltip="What there is to choose from."),
            ],
        )

    @classmethod
    def execute(
        cls,
        image,
        json,
        seed,
        index=0,
        stack=True,
        notice="",
        scene=None,
        inpainter=None,
        perception=None,
        attempts=1,
        llm=None,
        painter="",
        variants=1,
        choice="",
    ) -> io.NodeOutput:
        from comfy_execution.graph_utils import GraphBuilder

        from .choice import wanted
        from .expand import Eyes, expand
        from .staged import eyes_of, worked_out

        array = to_arrays(image)[0]
        known = scene[0] if scene is not None else None
        eyes = eyes_of(perception, index)
        part = worked_out(json, known, array, eyes, seed, lambda region: wanted(region, inpainter))
        changed = torch.from_numpy(changed_mask(array, part.regions)[None])
        notices = "\n".join(filter(None, [notice, *part.notices]))
        after = PerImage([part.scene])
        if not part.regions:
            return io.NodeOutput(image, after, changed, notices, image, [], expand={})
        links = own_inputs(cls)
        graph = expand(
            links["image"],
            [Variants.of(variants, choice).pieces(part.regions, part.setting, attempts, inpainter, index + 1)],
            links.get("inpainter"),
            0,
            GraphBuilder.alloc_prefix(),
            notices,
            stack=stack,
            eyes=Eyes(links.get("perception"), links.get("llm"), index),
            signature=painter,
        )
        looks = graph.looks[0] if graph.looks else []
        return io.NodeOutput(
            graph.result, after, graph.changed or changed, graph.told, graph.steps, looks, expand=graph.nodes
        )


class ChangedMask(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_ChangedMask",
            "Where an image may differ after regions and stretches.",
            [io.Image.Input("image", tooltip="A batch of one, for its size.")],
            [io.Mask.Output(display_name="changed", tooltip="The most that any of them lets through.")],
        )

    @classmethod
    def execute(cls, image, **given) -> io.NodeOutput:
        """Takes links named region_0000 and mask_0000 and so on."""
        own = torch.from_numpy(changed_mask(to_arrays(image)[0], in_order("region", given))[None])
        return io.NodeOutput(torch.stack([own, *in_order("mask", given)]).amax(dim=0))
