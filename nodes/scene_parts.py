"""SCENE -> masks, boxes, segments: what other nodes go on with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from comfy_api.latest import io

from .from_masks import BOXES, SEGS, knows_boxes, knows_segs
from .sockets import SCENE


def _which() -> io.String.Input:
    return io.String.Input(
        "which",
        default="",
        placeholder="coin_1, cup",
        tooltip="Ids or labels, with commas between; empty: all objects.",
    )


def chosen(scenes: Sequence[Any], which: str) -> list[list[Any]]:
    """For each image the objects that ids or labels name, in the scene's order; all where nothing is named.

    Raises:
        ValueError: for a name that no image holds.
    """
    from ..cielr.perception.labels import as_labels

    names = {name.lower() for name in as_labels(which) or ()}
    if not names:
        return [list(scene.objects) for scene in scenes]
    chosen = [[thing for thing in scene.objects if _names_of(thing) & names] for scene in scenes]
    lacking = sorted(names.difference(*(_names_of(thing) for things in chosen for thing in things)))
    if lacking:
        there = ", ".join(thing.id for thing in scenes[0].objects[:12]) or "nothing"
        raise ValueError(f"The scene has no {', '.join(lacking)}; there is {there}.")
    return chosen


def _names_of(thing: Any) -> set[str]:
    return {thing.id.lower(), thing.label.lower()}


class SceneToMasks(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneToMasks",
            display_name="Scene to Masks",
            category="CIELR/1 perceive",
            description="Gives the objects of a scene as masks, for any other node.",
            inputs=[SCENE.Input("scene", tooltip="From Scene Parse, Scene from Masks or Reason."), _which()],
            outputs=[
                io.Mask.Output(
                    display_name="masks",
                    tooltip="One for each object, those of the first image first; an empty one where there is none.",
                ),
                io.String.Output(display_name="labels", tooltip="Their names in the same order, with commas between."),
            ],
        )

    @classmethod
    def execute(cls, scene, which="") -> io.NodeOutput:
        things = [thing for things in chosen(scene, which) for thing in things]
        masks = [torch.from_numpy(thing.mask.to_array().astype(np.float32)) for thing in things]
        if not masks:
            masks = [torch.zeros(scene[0].height, scene[0].width)]
        return io.NodeOutput(torch.stack(masks), ", ".join(thing.label for thing in things))


class SceneToBoxes(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneToBoxes",
            display_name="Scene to Boxes",
            category="CIELR/1 perceive",
            description="Gives the objects of a scene as bounding boxes, for ComfyUI's own nodes.",
            inputs=[SCENE.Input("scene", tooltip="From Scene Parse, Scene from Masks or Reason."), _which()],
            outputs=[
                BOXES.Output(
                    display_name="boxes", tooltip="For each image its boxes in pixels, with labels and scores."
                )
            ],
        )

    @classmethod
    def execute(cls, scene, which="") -> io.NodeOutput:
        from .internal.boxes import boxes_of

        return io.NodeOutput([boxes_of(things) for things in chosen(scene, which)])


class SceneToSEGS(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneToSEGS",
            display_name="Scene to SEGS",
            category="CIELR/1 perceive",
            description="Gives the objects of a scene as segments, for the nodes of the Impact pack.",
            inputs=[
                SCENE.Input("scene", tooltip="From Scene Parse, Scene from Masks or Reason; of one image."),
                _which(),
            ],
            outputs=[SEGS.Output(display_name="segs", tooltip="One segment for each object, with name and score.")],
        )

    @classmethod
    def execute(cls, scene, which="") -> io.NodeOutput:
        from .internal.boxes import segs_of

        if len(scene) != 1:
            raise ValueError(f"SEGS belong to one image, and this is a batch of {len(scene)}: give one at a time.")
        return io.NodeOutput(segs_of(scene[0], chosen(scene, which)[0]))


def offered() -> list[type[io.ComfyNode]]:
    """Masks go everywhere; boxes and segments only where some node takes them."""
    return [SceneToMasks, *([SceneToBoxes] if knows_boxes() else []), *([SceneToSEGS] if knows_segs() else [])]


__all__ = ["SceneToBoxes", "SceneToMasks", "SceneToSEGS", "offered"]
