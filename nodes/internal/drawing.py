"""One region that a checkpoint draws: taken from memory where the same was drawn before, else by the sampler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from comfy_api.latest import io

from ..sockets import INPAINTER, REGION, to_arrays
from .memo import MEMO, NOTE, key_of
from .running import own_inputs
from .schema import expanding, internal

if TYPE_CHECKING:
    from ...cielr.region import Region
    from .expand_sampler import Drawing


class DrawRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return expanding(
            "CIELR_DrawRegion",
            "Has a region drawn by ComfyUI's sampler, unless the same was drawn before.",
            [
                io.Image.Input("image", tooltip="A batch of one."),
                io.String.Input("json", tooltip="The region as canonical JSON."),
                io.String.Input("drawing", tooltip="What it asks of the sampler, as JSON."),
                io.String.Input("painter", tooltip="The inpainter's signature; none: nothing is kept."),
                INPAINTER.Input("inpainter", tooltip="The Checkpoint Inpainter."),
            ],
            [
                io.Image.Output(display_name="painted", tooltip="The crop, painted."),
                REGION.Output(display_name="region", tooltip="For putting it back, with the crop that was painted."),
                io.String.Output(display_name="note", tooltip="Whether it was painted before."),
            ],
        )

    @classmethod
    def execute(cls, image, json, drawing, painter, inpainter) -> io.NodeOutput:
        from comfy_execution.graph_utils import GraphBuilder

        from ...cielr.region import Region
        from .expand_sampler import Drawing, Painters, sampled
        from .graph import Expansion

        asked = Drawing.of_text(drawing)
        array, region = to_arrays(image)[0], Region.from_json(json)
        wider = _wider(region, asked)
        # all that is looked at on the way: a thin region's crop may be smaller than what is filled
        key = key_of(painter, array[region.crop.union(wider.crop).slices], region, asked)
        kept = MEMO.get(key) if key else None
        if kept is not None:
            return io.NodeOutput(torch.from_numpy(kept), wider, NOTE, expand={})
        links, graph = own_inputs(cls), Expansion(GraphBuilder.alloc_prefix())
        painters = Painters(graph, links["inpainter"])
        painted, region = sampled(graph, links["image"], json, asked, painters, key)
        return io.NodeOutput(painted, region, "", expand=graph.nodes)


def _wider(region: Region, asked: Drawing) -> Region:
    """The region with the crop that is painted."""
    from ...cielr.editing.crop import reference_region, working_region

    sampling = asked.sampling
    return reference_region(region) if sampling.reads else working_region(region, sampling.size, sampling.multiple)


class KeepPainted(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_KeepPainted",
            "Keeps what was painted in memory, so that it need not be painted again.",
            [
                io.Image.Input("painted", tooltip="The crop, painted."),
                io.String.Input("key", tooltip="What it was painted from."),
            ],
            [io.Image.Output(display_name="painted", tooltip="The same.")],
        )

    @classmethod
    def execute(cls, painted, key) -> io.NodeOutput:
        MEMO.put(key, painted.detach().to("cpu", torch.float32).numpy())
        return io.NodeOutput(painted)
