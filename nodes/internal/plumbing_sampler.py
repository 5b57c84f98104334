"""Children of the Edit Executor's graph where a checkpoint paints. Not for hand-built graphs; marked experimental."""

from __future__ import annotations

import torch
from comfy_api.latest import io

from ..sockets import INPAINTER, MODEL_PATCH, REGION, to_arrays, to_image
from .schema import internal


class UnpackInpainter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_UnpackInpainter",
            "The model, text encoder and VAE of a Checkpoint Inpainter, for core nodes.",
            [
                INPAINTER.Input("inpainter", tooltip="From Checkpoint Inpainter."),
                io.String.Input("of", default="", optional=True, tooltip="Which of two painters."),
            ],
            [
                io.Model.Output(display_name="model", tooltip="The model."),
                io.Clip.Output(display_name="clip", tooltip="Its text encoder."),
                io.Vae.Output(display_name="vae", tooltip="Its VAE."),
                INPAINTER.Output(display_name="fill", tooltip="What fills holes before the model draws, if any."),
                INPAINTER.Output(display_name="painter", tooltip="The painter itself."),
            ],
        )

    @classmethod
    def execute(cls, inpainter, of="") -> io.NodeOutput:
        painter = getattr(inpainter, of) if of else inpainter
        held = [getattr(painter, name, None) for name in ("model", "clip", "vae", "fill")]
        return io.NodeOutput(*held, painter)


class UnpackControl(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_UnpackControl",
            "A control of a Checkpoint Inpainter, for core nodes.",
            [
                INPAINTER.Input("inpainter", tooltip="From Inpainter Control."),
                io.Int.Input("index", default=0, min=0, tooltip="Which of its controls."),
                io.Image.Input("like", optional=True, tooltip="The photo, to whose size the picture is scaled."),
            ],
            [
                io.ControlNet.Output(display_name="control_net", tooltip="The control net, if it is one."),
                MODEL_PATCH.Output(display_name="model_patch", tooltip="The model patch, if it is one."),
                io.Image.Output(display_name="image", tooltip="The whole picture that came with it, if any."),
            ],
        )

    @classmethod
    def execute(cls, inpainter, index=0, like=None) -> io.NodeOutput:
        from ...cielr.core.arrays import resized

        control = inpainter.controls[index]
        picture = control.image
        if like is not None and picture is not None:
            height, width = like.shape[1:3]
            picture = to_image([resized(to_arrays(picture)[0], width, height)])
        return io.NodeOutput(control.net, control.patch, picture)


class ReferenceCrop(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_ReferenceCrop",
            "A region with its context, as a model that follows instructions is shown it.",
            [
                io.Image.Input("image", tooltip="A batch of one."),
                REGION.Input("region", tooltip="Where."),
                io.Int.Input("size", default=1024, min=64, max=4096, tooltip="Side of a square of as many pixels."),
                io.Int.Input("multiple", default=16, min=1, max=128, tooltip="Sides are multiples of this."),
            ],
            [
                io.Image.Output(display_name="crop", tooltip="The crop."),
                io.Mask.Output(display_name="mask", tooltip="What is to be changed, within the crop."),
                REGION.Output(display_name="region", tooltip="With the crop as it was taken."),
            ],
        )

    @classmethod
    def execute(cls, image, region, size=1024, multiple=16) -> io.NodeOutput:
        from ...cielr.editing.crop import reference_crop

        crop, mask, wider = reference_crop(to_arrays(image)[0], region, size, multiple)
        return io.NodeOutput(to_image([crop]), torch.from_numpy(mask[None]), wider)


class Align(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_Align",
            "Undoes the drift, by some pixels, of a model that drew the whole crop anew.",
            [
                io.Image.Input("image", tooltip="The whole image before painting."),
                REGION.Input("region", tooltip="Where."),
                io.Image.Input("painted", tooltip="The crop, painted."),
            ],
            [io.Image.Output(display_name="painted", tooltip="The crop at its own size, in its place.")],
        )

    @classmethod
    def execute(cls, image, region, painted) -> io.NodeOutput:
        from ...cielr.editing.align import aligned
        from ...cielr.editing.crop import check_drawn, crop_region

        drawn = check_drawn(to_arrays(painted, "painted crop")[0])
        return io.NodeOutput(to_image([aligned(drawn, crop_region(to_arrays(image)[0], region), region)]))


class ColourMatch(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_ColourMatch",
            "Undoes the colour shift that a model caused around what it painted.",
            [
                io.Image.Input("image", tooltip="The whole image before painting."),
                REGION.Input("region", tooltip="Where."),
                io.Image.Input("painted", tooltip="The crop, painted."),
            ],
            [io.Image.Output(display_name="painted", tooltip="The crop at its own size, matched.")],
        )

    @classmethod
    def execute(cls, image, region, painted) -> io.NodeOutput:
        from ...cielr.editing.crop import crop_region
        from ...cielr.editing.match import colour_matched

        crop = crop_region(to_arrays(image)[0], region)
        return io.NodeOutput(to_image([colour_matched(to_arrays(painted)[0], crop, region)]))


class PasteThing(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return internal(
            "CIELR_PasteThing",
            "Puts a moved or resized thing, as it was, onto ground that a model has filled.",
            [
                io.Image.Input("before", tooltip="The whole image with the thing in its old place."),
                io.Image.Input("ground", tooltip="The whole image with the hole filled."),
                REGION.Input("region", tooltip="Of the move or the resize."),
            ],
            [io.Image.Output(display_name="painted", tooltip="The crop with the thing in its new place.")],
        )

    @classmethod
    def execute(cls, before, ground, region) -> io.NodeOutput:
        from ...cielr.editing.crop import crop_region
        from ...cielr.editing.paste import with_thing

        old, new = (crop_region(to_arrays(image)[0], region) for image in (before, ground))
        return io.NodeOutput(to_image([with_thing(new, old, region)]))
