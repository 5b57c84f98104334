"""Children of the Edit Executor's graph where a checkpoint paints. Not for hand-built graphs; marked experimental."""

from __future__ import annotations

from comfy_api.latest import io

from ..sockets import INPAINTER, REGION, to_arrays, to_image
from . import INTERNAL


class UnpackInpainter(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_UnpackInpainter",
            display_name="Unpack Inpainter",
            category=INTERNAL,
            description="The model, text encoder and VAE of a Checkpoint Inpainter, for core nodes.",
            inputs=[INPAINTER.Input("inpainter", tooltip="From Checkpoint Inpainter.")],
            outputs=[
                io.Model.Output(display_name="model", tooltip="The model."),
                io.Clip.Output(display_name="clip", tooltip="Its text encoder."),
                io.Vae.Output(display_name="vae", tooltip="Its VAE."),
                INPAINTER.Output(display_name="fill", tooltip="What fills holes before the model draws, if any."),
            ],
            is_experimental=True,
        )

    @classmethod
    def execute(cls, inpainter) -> io.NodeOutput:
        return io.NodeOutput(inpainter.model, inpainter.clip, inpainter.vae, inpainter.fill)


class ColourMatch(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_ColourMatch",
            display_name="Colour Match",
            category=INTERNAL,
            description="Undoes the colour shift that a model caused around what it painted.",
            inputs=[
                io.Image.Input("image", tooltip="The whole image before painting."),
                REGION.Input("region", tooltip="Where."),
                io.Image.Input("painted", tooltip="The crop, painted."),
            ],
            outputs=[io.Image.Output(display_name="painted", tooltip="The crop at its own size, matched.")],
            is_experimental=True,
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
        return io.Schema(
            node_id="CIELR_PasteThing",
            display_name="Paste Thing",
            category=INTERNAL,
            description="Puts a moved or resized thing, as it was, onto ground that a model has filled.",
            inputs=[
                io.Image.Input("before", tooltip="The whole image with the thing in its old place."),
                io.Image.Input("ground", tooltip="The whole image with the hole filled."),
                REGION.Input("region", tooltip="Of the move or the resize."),
            ],
            outputs=[io.Image.Output(display_name="painted", tooltip="The crop with the thing in its new place.")],
            is_experimental=True,
        )

    @classmethod
    def execute(cls, before, ground, region) -> io.NodeOutput:
        from ...cielr.editing.crop import crop_region
        from ...cielr.editing.paste import with_thing

        old, new = (crop_region(to_arrays(image)[0], region) for image in (before, ground))
        return io.NodeOutput(to_image([with_thing(new, old, region)]))
