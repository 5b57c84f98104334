"""SCENE + PLAN -> REGIONS: where each action may change the image."""

from __future__ import annotations

import numpy as np
import torch
from comfy_api.latest import io

from .sockets import PLAN, REGION, REGIONS, SCENE, PerImage, advanced, painted, preview, to_image


class ActionToMask(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_ActionToMask",
            display_name="Action to Mask",
            category="CIELR/3 region",
            description="Turns each action of the plan into a region: a mask, a crop, and a prompt.",
            inputs=[
                SCENE.Input("scene", tooltip="The scene that the plan is for."),
                PLAN.Input("plan", tooltip="From Reason, Edit Plan, Action or Load Plan."),
                io.Mask.Input("only", optional=True, tooltip="Painted by hand: nothing outside it changes."),
                io.Mask.Input("never", optional=True, tooltip="Painted by hand: nothing inside it changes."),
            ],
            outputs=[
                REGIONS.Output(display_name="regions", tooltip="One or more regions for each action, in their order."),
                io.Mask.Output(display_name="masks", tooltip="The mask of each region, soft at its edge."),
                io.String.Output(display_name="prompts", tooltip="What each region is to look like, one a line."),
            ],
        )

    @classmethod
    def execute(cls, scene, plan, only=None, never=None) -> io.NodeOutput:
        from ..cielr.region import regions
        from ..cielr.telling.wording import idle_words

        count = max(len(scene), len(plan))
        found, masks, prompts, notices = [], [], [], []
        scenes, plans = scene.spread(count, "scenes"), plan.spread(count, "plans")
        height, width = scenes[0].height, scenes[0].width
        onlys, nevers = painted(only, count, height, width), painted(never, count, height, width)
        for one, todo, inside, outside in zip(scenes, plans, onlys, nevers, strict=True):
            here = regions(todo, one, only=inside, never=outside)
            found.append(tuple(here))
            masks += [frame_alpha(region) for region in here]
            prompts += [region.prompt for region in here]
            notices += [words for words in idle_words(todo, here) if words not in notices]
        batch = torch.from_numpy(np.stack(masks)) if masks else torch.zeros((1, height, width))
        shown = to_image([np.repeat(mask[..., None], 3, axis=-1) for mask in batch.numpy()])
        told = "\n".join(notices + prompts)
        return io.NodeOutput(PerImage(found), batch, "\n".join(prompts), ui=preview(shown, cls, text=told))


class PickRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_PickRegion",
            display_name="Pick Region",
            category="CIELR/3 region",
            description="One region of the plan, so that any sampler graph can paint it.",
            inputs=[
                REGIONS.Input("regions", tooltip="From Action to Mask."),
                io.Int.Input("index", default=0, min=0, max=9999, tooltip="Which region, counted from 0."),
                advanced(
                    io.Int.Input("image", default=0, min=0, max=9999, tooltip="Of which image of the batch, from 0.")
                ),
            ],
            outputs=[
                REGION.Output(display_name="region", tooltip="For Crop Region and Stitch Region."),
                io.Mask.Output(display_name="mask", tooltip="Its mask in the whole frame, soft at its edge."),
                io.String.Output(display_name="prompt", tooltip="What it is to look like."),
                io.String.Output(display_name="negative_prompt", tooltip="What must not appear there."),
            ],
        )

    @classmethod
    def execute(cls, regions, index=0, image=0) -> io.NodeOutput:
        if image >= len(regions):
            raise ValueError(f"There is no image {image}: the regions are for {len(regions)}, counted from 0.")
        if index >= len(regions[image]):
            raise ValueError(f"There is no region {index}: the plan gives {len(regions[image])}, counted from 0.")
        region = regions[image][index]
        mask = torch.from_numpy(frame_alpha(region)).unsqueeze(0)
        told = "\n\n".join(text for text in (region.prompt, region.negative_prompt) if text)
        return io.NodeOutput(region, mask, region.prompt, region.negative_prompt, ui={"text": [told]})


def frame_alpha(region) -> np.ndarray:
    """float32 [H, W]: the region's soft mask in the whole frame."""
    alpha = np.zeros((region.support.height, region.support.width), dtype=np.float32)
    alpha[region.crop.slices] = region.alpha()
    return alpha
