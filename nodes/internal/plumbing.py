"""Children of the Edit Executor's expanded graph. Not for hand-built graphs; marked experimental."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from comfy_api.latest import io

from ..edit import stitched
from ..painters import how
from ..sockets import INPAINTER, REGION, alphas, stepper, to_arrays, to_image
from .graph import in_order
from .memo import key_of, remembered
from .schema import internal
from .show import as_ui, change_line, compared, of_image, part_of
from .variants import variants_told


class RegionLiteral(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_RegionLiteral",
            "A region as a constant text without ancestors: a plan that comes out the same is cached.",
            [io.String.Input("json", tooltip="The region as canonical JSON.")],
            [REGION.Output(display_name="region", tooltip="The region.")],
        )

    @classmethod
    def execute(cls, json) -> io.NodeOutput:
        from ...cielr.region import Region

        return io.NodeOutput(Region.from_json(json))


class PickImage(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_PickImage",
            "One image of a batch in a list of batches.",
            [
                io.Image.Input("image", tooltip="The list."),
                io.Int.Input("list_index", tooltip="Which batch; the last one where there are fewer."),
                io.Int.Input("index", tooltip="Which image of the batch."),
            ],
            [io.Image.Output(display_name="image", tooltip="A batch of one.")],
            is_input_list=True,
        )

    @classmethod
    def execute(cls, image, list_index, index) -> io.NodeOutput:
        batch = image[min(list_index[0], len(image) - 1)]
        # further channels go along; what paints looks at the first three
        return io.NodeOutput(batch[index[0] : index[0] + 1].detach().to("cpu", torch.float32))


class CutOut(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_CutOut",
            "What the painter of a region sees, pixel for pixel.",
            [
                io.Image.Input("image", tooltip="A batch of one."),
                REGION.Input("region", tooltip="Where."),
            ],
            [io.Image.Output(display_name="crop", tooltip="The region with its context.")],
        )

    @classmethod
    def execute(cls, image, region) -> io.NodeOutput:
        from ...cielr.editing.crop import crop_region

        return io.NodeOutput(to_image([crop_region(to_arrays(image)[0], region)]))


class PaintRegion(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_PaintRegion",
            "Carries out one action on its crop.",
            [
                io.Image.Input("crop", tooltip="From Cut Out."),
                REGION.Input("region", tooltip="What is to be done."),
                INPAINTER.Input("inpainter", optional=True, tooltip="Not connected: the built-in fill."),
                io.String.Input("painter", default="", optional=True, tooltip="Its signature; none: nothing is kept."),
            ],
            [
                io.Image.Output(display_name="painted", tooltip="The crop, painted."),
                io.String.Output(
                    display_name="note", tooltip="Whether it was painted before, and what its painter says of it."
                ),
            ],
        )

    @classmethod
    def execute(cls, crop, region, inpainter=None, painter="") -> io.NodeOutput:
        from ...cielr.editing.executor import paint_region
        from ...cielr.editing.painters import take_remarks

        on_step, array = stepper(), to_arrays(crop)[0]
        painted, note = remembered(
            key_of(painter, array, region),
            lambda: paint_region(array, region, inpainter, on_step, **how(inpainter)),
            lambda: take_remarks(inpainter),
        )
        on_step(1, 1)
        return io.NodeOutput(to_image([painted]), note)


class PutBack(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_PutBack",
            "Puts a painted crop back; outside the region nothing changes.",
            [
                io.Image.Input("image", tooltip="A batch of one."),
                REGION.Input("region", tooltip="Where."),
                io.Image.Input("painted", tooltip="From Paint Region."),
            ],
            [io.Image.Output(display_name="image", tooltip="The whole image.")],
        )

    @classmethod
    def execute(cls, image, region, painted) -> io.NodeOutput:
        return io.NodeOutput(stitched(image, region, to_arrays(painted, "painted crop")))


class CollectImages(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_CollectImages",
            "One batch from any number of images of one size.",
            [],
            [io.Image.Output(display_name="images", tooltip="In the order of their names.")],
        )

    @classmethod
    def execute(cls, **images) -> io.NodeOutput:
        return io.NodeOutput(torch.cat([images[name] for name in sorted(images)]))


class CollectSteps(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_CollectSteps",
            "The images after each region as one batch; tells what each region changed.",
            [
                io.String.Input("notice", optional=True, tooltip="What is told besides."),
                io.String.Input("owners", optional=True, tooltip="Of a batch: each step's image, from 1."),
                io.Boolean.Input("stack", default=True, optional=True, tooltip="Off: nobody wants the images."),
            ],
            [
                io.Image.Output(display_name="steps", tooltip="In the order of their names."),
                io.String.Output(display_name="told", tooltip="What is shown."),
            ],
        )

    @classmethod
    def execute(cls, notice="", owners="", stack=True, **given) -> io.NodeOutput:
        """Takes links named image_0000, before_0000, region_0000, image_0001 and so on; of an action that was looked
        at, told_0000 is what is to be said, in the place of the two in the middle; note_0000 goes with a change."""
        from ...cielr.editing.crop import crop_region
        from ...cielr.editing.executor import measured

        names = sorted(name.removeprefix("image_") for name in given if name.startswith("image_"))
        lines = [notice] if notice else []
        for name, owner in zip(names, owners.split() or [""] * len(names), strict=True):
            if f"told_{name}" in given:
                lines += [of_image(line, owner) for line in given[f"told_{name}"].splitlines()]
                continue
            region = given[f"region_{name}"]
            before, after = (to_arrays(given[f"{kind}_{name}"])[0] for kind in ("before", "image"))
            change = measured(crop_region(before, region), after, region)
            lines.append(change_line(change, owner, given.get(f"note_{name}", "")))
        images = [given[f"image_{name}"] for name in names]
        # a batch of large frames is another copy of each
        return io.NodeOutput(torch.cat(images) if stack else images[-1], "\n".join(lines))


LOOKS = io.Custom("CIELR_LOOKS")
"""What there is to choose from: pairs of what is told of a region, and whole images, one for each of its variants."""


def _looks(looks: str, given: Mapping[str, torch.Tensor]) -> list[tuple[dict[str, Any], list[torch.Tensor]]]:
    """As LOOKS: what is told of all as JSON, and links named look_0000_0000, look_0000_0001 and so on."""
    return [(look, in_order(f"look_{n:04d}", given)) for n, look in enumerate(json.loads(looks))]


class CollectLooks(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_CollectLooks",
            "The variants of regions that waited, to be shown with those of the others.",
            [io.String.Input("looks", tooltip="What there is to choose from, as JSON.")],
            [LOOKS.Output(display_name="looks", tooltip="With their pictures.")],
        )

    @classmethod
    def execute(cls, looks, **given) -> io.NodeOutput:
        """Takes links named look_0000_0000, look_0000_0001 and so on, whole images."""
        return io.NodeOutput(_looks(looks, given))


class ShowEdit(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_ShowEdit",
            "Shows each image before and after the edit, and tells what was changed.",
            [
                io.String.Input("told", default="", optional=True, tooltip="What is told."),
                io.String.Input("looks", default="[]", optional=True, tooltip="What there is to choose from, as JSON."),
            ],
            [],
            # what ends a graph tells what it shows from the cache as well; a node in the middle would be silent
            is_output_node=True,
        )

    @classmethod
    def execute(cls, told="", looks="[]", **given) -> io.NodeOutput:
        """Takes links named before_0000, after_0000, before_0001 and so on, a batch of one each, of the variants of
        regions look_0000_0000, look_0000_0001 and so on, whole images, and more_0000 and so on, of those that waited.
        """
        views = []
        for before, after in zip(in_order("before", given), in_order("after", given), strict=True):
            pixels, planes = (to_arrays(before)[0], to_arrays(after)[0]), (alphas(before)[0], alphas(after)[0])
            views.append(compared(*pixels, *planes))
        choices = sum(in_order("more", given), start=_looks(looks, given))
        for look, images in choices:
            pictures = [part_of(to_arrays(image)[0], look["box"]) for image in images]
            views[look["image"] - 1].setdefault("variants", []).append(look | {"pictures": pictures})
        lines = "\n".join(filter(None, [told, *variants_told([look for look, _ in choices], len(views) > 1)]))
        return io.NodeOutput(ui={"text": [lines], **as_ui(views)})
