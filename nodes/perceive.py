"""image -> SCENE: what is in the picture."""

from __future__ import annotations

import re

import numpy as np
from comfy_api.latest import io

from .internal.show import Teller, as_ui, scene_view
from .llm import ready_chat
from .sockets import (
    DEPTH,
    DETECTOR,
    LLM,
    PERCEPTION,
    SCENE,
    SEGMENTER,
    PerImage,
    frame_mask,
    part,
    preview,
    stepper,
    to_arrays,
    to_image,
    to_masks,
)


def label_list(text: str) -> list[str] | None:
    """Labels from a text, one a line or with commas between; None where there are none."""
    return [label.strip() for label in re.split(r"[,;\n]", text) if label.strip()] or None


class SceneParse(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneParse",
            display_name="Scene Parse",
            category="CIELR/1 perceive",
            description="Finds the objects of each image and writes them down as a scene that Reason can read.",
            # a graph may end here: to see what is in a picture is a result
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="One image, or a batch; each gets a scene of its own."),
                io.String.Input(
                    "labels",
                    default="",
                    multiline=True,
                    placeholder="coin, cup, plate",
                    tooltip="What to look for, with commas between. Left empty: with a detector everyday things, or "
                    "what llm proposes; without one, things are named by their look.",
                ),
                DETECTOR.Input("detector", optional=True, tooltip="Who finds things by their label. Open: built in."),
                SEGMENTER.Input("segmenter", optional=True, tooltip="Who draws their outlines. Open: built in."),
                DEPTH.Input("depth", optional=True, tooltip="Who says what is near and what is far. Open: a guess."),
                LLM.Input(
                    "llm",
                    optional=True,
                    tooltip="A language model that takes pictures: it proposes what the detector looks for, where "
                    "labels is empty. Open: everyday things.",
                ),
            ],
            outputs=[
                SCENE.Output(display_name="scene", tooltip="The objects of each image: label, mask, depth, look."),
                PERCEPTION.Output(
                    display_name="perception", tooltip="Eyes on this image, so that Reason can ask for more."
                ),
                io.Image.Output(display_name="overlay", tooltip="The image with an outline and an id for each object."),
                io.String.Output(display_name="json", tooltip="The scene as text."),
            ],
        )

    @classmethod
    def execute(cls, image, labels="", detector=None, segmenter=None, depth=None, llm=None) -> io.NodeOutput:
        from ..cielr.pipeline import attentive
        from ..cielr.telling.overlay import overlay

        parser, on_step = _parser(detector, segmenter, depth), stepper()
        arrays, wanted = to_arrays(image), label_list(labels)
        proposals, said = _proposals(parser, arrays, wanted, llm, on_step)
        scenes, eyes = [], []
        for number, (array, proposed) in enumerate(zip(arrays, proposals, strict=True)):
            looker = attentive(parser, proposed=proposed) if proposed else parser
            scenes.append(looker.parse(array, wanted, on_step=part(on_step, number, len(arrays))))
            eyes.append(parser.perception(array))
        # such as that the built-in eyes cannot tell two labels apart
        captions = [scene.caption for scene in scenes]
        if len(set(captions)) > 1:
            captions = [words and f"Image {number}: {words}" for number, words in enumerate(captions, start=1)]
        said = [*said, *dict.fromkeys(words for words in captions if words)]
        pictures = to_image([overlay(array, scene) for array, scene in zip(arrays, scenes, strict=True)])
        text = "\n".join(scene.to_json() for scene in scenes)
        views = as_ui([scene_view(scene, array) for scene, array in zip(scenes, arrays, strict=True)])
        ui = preview(pictures, cls) | views | ({"said": said} if said else {})
        return io.NodeOutput(PerImage(scenes), PerImage(eyes), pictures, text, ui=ui)


class SceneFromMasks(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneFromMasks",
            display_name="Scene from Masks",
            category="CIELR/1 perceive",
            description="Makes a scene from masks that any other node found, so that any pack can be the eyes.",
            # a graph may end here: to see what is in a picture is a result
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="The image that the masks belong to."),
                io.Mask.Input("masks", tooltip="One mask for each object. Empty masks are left out."),
                io.String.Input(
                    "labels",
                    default="",
                    multiline=True,
                    placeholder="cat, sofa",
                    tooltip="A name for each mask, in their order, with commas between; one name serves all.",
                ),
                io.Image.Input(
                    "depth",
                    optional=True,
                    tooltip="A depth picture, bright is near (as depth nodes give it). Objects get its median.",
                ),
            ],
            outputs=[SCENE.Output(display_name="scene", tooltip="One object for each mask that is not empty.")],
        )

    @classmethod
    def execute(cls, image, masks, labels="", depth=None) -> io.NodeOutput:
        from ..cielr.perception.assemble import scene_from_masks
        from ..cielr.telling.overlay import overlay

        arrays = to_arrays(image)
        height, width = arrays[0].shape[:2]
        found = [frame_mask(array, height, width) for array in to_masks(masks)]
        near = None
        if depth is not None:
            near = _depth(to_arrays(depth)[0], height, width)
        scene = scene_from_masks(arrays[0], found, label_list(labels) or (), near)
        pictures = to_image([overlay(array, scene) for array in arrays])
        return io.NodeOutput(PerImage([scene]), ui=preview(pictures, cls) | as_ui([scene_view(scene, arrays[0])]))


def _parser(detector, segmenter, depth):
    """Who looks: the models that are connected, and the built-in parser where there are none."""
    if detector is None and segmenter is None and depth is None:
        from ..cielr.perception.builtin.parser import BuiltinParser

        return BuiltinParser()
    from ..cielr.perception.parser import SceneParser

    return SceneParser(detector, segmenter, depth)


def _proposals(parser, arrays, wanted: list[str] | None, llm, on_step) -> tuple[list[tuple[str, ...]], list[str]]:
    """(labels that the language model proposes, for each image; what is to be said about it).

    All images before the first is parsed: then the model's memory is free for the detector.
    """
    from ..cielr.pipeline import proposal, why_not_asked

    nothing = [()] * len(arrays)
    if llm is None:
        return nothing, []
    why = why_not_asked(parser, wanted)
    if why:
        return nothing, [why]
    from comfy_execution.utils import get_executing_context

    context = get_executing_context()
    tell = Teller(context.node_id if context is not None else None)

    def on_event(event) -> None:
        on_step(0, 100)
        tell.step(event.message)

    chat = ready_chat(llm)
    try:
        found = [proposal(array, chat, on_event=on_event) for array in arrays]
    finally:
        chat.release()
    words = list(dict.fromkeys(one.words for one in found))
    if len(words) > 1:
        words = [f"Image {number}: {one.words}" for number, one in enumerate(found, start=1)]
    return [one.labels for one in found], words


def _depth(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """float32 [H, W], 0 nearest … 1 farthest, from a picture in which bright is near; flat pictures are all near."""
    grey = picture.mean(axis=-1)
    if grey.shape != (height, width):
        rows = ((np.arange(height) + 0.5) * grey.shape[0] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * grey.shape[1] / width).astype(int)
        grey = grey[np.ix_(rows, columns)]
    low, high = float(grey.min()), float(grey.max())
    return (high - grey) / (high - low) if high > low else np.zeros_like(grey)
