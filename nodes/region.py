"""SCENE + PLAN -> REGIONS: where each action may change the image."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from comfy_api.latest import io

from .sockets import (
    PLAN,
    PREVIEW,
    REGION,
    REGIONS,
    SCENE,
    Painted,
    PerImage,
    advanced,
    painted,
    preview,
    thumbnail,
    told_when_cached,
    watch,
)


class ActionToMask(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        schema = io.Schema(
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
                io.String.Output(display_name="prompts", tooltip="What each region is to look like, one per line."),
            ],
        )
        return told_when_cached(schema)

    @classmethod
    def execute(cls, scene, plan, only=None, never=None) -> io.NodeOutput:
        from ..cielr.region import regions
        from ..cielr.telling.wording import idle_words
        from .internal.staged import StagedRegions

        count = max(len(scene), len(plan))
        scenes, plans = scene.spread(count, "scenes"), plan.spread(count, "plans")
        height, width = scenes[0].height, scenes[0].width
        onlys, nevers = painted(only, count, height, width), painted(never, count, height, width)
        made: list[tuple[Any, ...]] = []
        notices = [*_unpainted(onlys, "only", count), *_unpainted(nevers, "never", count)]
        for number, (known, todo) in enumerate(zip(scenes, plans, strict=True)):
            watch()
            only_here, never_here = onlys.masks[number], nevers.masks[number]
            kept = StagedRegions.of(regions(todo, known, only_here, never_here), todo, known, only_here, never_here)
            made.append(kept)
            place = f"Image {number + 1}: " if count > 1 else ""
            notices += [place + words for words in idle_words(todo, kept)]
        batch, shown = _drawn([region for kept in made for region in kept], height, width)
        prompts = [region.prompt for kept in made for region in kept]
        ui = preview(shown, cls, text="\n".join([*notices, *prompts]))
        return io.NodeOutput(PerImage(made), batch, "\n".join(prompts), ui=ui)


UNPAINTED = {"only": "nothing may change", "never": "it protects nothing"}
"""What a mask at a socket means in which nothing is painted."""


def _unpainted(mask: Painted, socket: str, count: int) -> list[str]:
    """A sentence where a mask is connected in which nothing is painted, for it is not the same as none."""
    if not mask.empty:
        return []
    where = f" for image {', '.join(map(str, mask.empty))}" if count > 1 else ""
    values = f"no value over {mask.strongest:.2g}, and 0.5 or more counts" if mask.strongest else "no painted pixel"
    return [f"The mask at '{socket}' has {values}{where}: {UNPAINTED[socket]}."]


def _drawn(regions: Sequence[Any], height: int, width: int) -> tuple[torch.Tensor, list[np.ndarray]]:
    """(MASK [B, H, W] of the regions' soft masks, one empty mask where there is none; the same as small pictures)."""
    batch = torch.zeros((max(1, len(regions)), height, width))
    masks = batch.numpy()
    shown = []
    for mask, region in zip_longest(masks, regions):
        watch()
        if region is not None:
            mask[region.crop.slices] = region.alpha()
        shown.append(thumbnail(np.broadcast_to(mask[..., None], (height, width, 3)), PREVIEW // 2))
    return batch, shown


class PickRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        schema = io.Schema(
            node_id="CIELR_PickRegion",
            display_name="Pick Region",
            category="CIELR/3 region",
            description="One region of the plan, so that any sampler graph can paint it.",
            inputs=[
                REGIONS.Input("regions", tooltip="From Action to Mask."),
                io.Int.Input("index", default=0, min=0, max=9999, tooltip="Which region, counted from 0."),
                advanced(
                    io.Int.Input(
                        "image", default=0, min=0, max=9999, tooltip="Which image of the batch, counted from 0."
                    )
                ),
            ],
            outputs=[
                REGION.Output(display_name="region", tooltip="For Crop Region and Stitch Region."),
                io.Mask.Output(display_name="mask", tooltip="Its mask in the whole frame, soft at its edge."),
                io.String.Output(display_name="prompt", tooltip="What it is to look like."),
                io.String.Output(display_name="negative_prompt", tooltip="What must not appear there."),
            ],
        )
        return told_when_cached(schema)

    @classmethod
    def execute(cls, regions, index=0, image=0) -> io.NodeOutput:
        if image >= len(regions):
            raise ValueError(f"There is no image {image}: the regions are for {len(regions)}, counted from 0.")
        if index >= len(regions[image]):
            raise ValueError(f"There is no region {index}: the plan gives {len(regions[image])}, counted from 0.")
        region = regions[image][index]
        mask = torch.from_numpy(frame_alpha(region)).unsqueeze(0)
        prompts = "\n\n".join(text for text in (region.prompt, region.negative_prompt) if text)
        return io.NodeOutput(region, mask, region.prompt, region.negative_prompt, ui={"text": [prompts]})


def frame_alpha(region) -> np.ndarray:
    """float32 [H, W]: the region's soft mask in the whole frame."""
    alpha = np.zeros((region.support.height, region.support.width), dtype=np.float32)
    alpha[region.crop.slices] = region.alpha()
    return alpha


def changed_mask(array: np.ndarray, chain) -> np.ndarray:
    """float32 [H, W]: the most that any region's soft mask lets through."""
    changed = np.zeros(array.shape[:2], dtype=np.float32)
    for region in chain:
        part = changed[region.crop.slices]
        np.maximum(part, region.alpha(), out=part)
    return changed
