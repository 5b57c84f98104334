"""image -> SCENE: what is in the picture."""

from __future__ import annotations

import numpy as np
from comfy_api.latest import io

from .internal.conversation import conversation
from .internal.show import Teller, as_ui, scene_view
from .sockets import (
    DEPTH,
    DETECTOR,
    LLM,
    PERCEPTION,
    PREVIEW,
    SCENE,
    SEGMENTER,
    PerImage,
    advanced,
    alphas,
    extra_channels,
    frame_mask,
    is_see_through,
    must,
    part,
    preview,
    says_nothing,
    stepper,
    thumbnail,
    to_arrays,
    to_image,
    to_masks,
    watch,
)

AUTOMATIC, EACH, ALL, SHARED = "automatic", "one for each image", "all for every image", "as many for each image"
PAIRINGS = [AUTOMATIC, EACH, ALL, SHARED]
"""How the masks of a batch belong to the images of a batch."""


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
                    "what llm proposes; without one, things are named by how they look.",
                ),
                DETECTOR.Input(
                    "detector", optional=True, tooltip="Finds objects by their label. Not connected: the built-in way."
                ),
                SEGMENTER.Input(
                    "segmenter", optional=True, tooltip="Draws their outlines. Not connected: the built-in way."
                ),
                DEPTH.Input(
                    "depth", optional=True, tooltip="Says what is near and what is far. Not connected: a guess."
                ),
                LLM.Input(
                    "llm",
                    optional=True,
                    tooltip="A language model that takes pictures: where labels is empty, it proposes what the "
                    "detector should look for. Not connected: everyday things.",
                ),
            ],
            outputs=[
                SCENE.Output(
                    display_name="scene", tooltip="The objects of each image: label, mask, depth, appearance."
                ),
                PERCEPTION.Output(
                    display_name="perception", tooltip="Lets Reason look at this image again and ask for more."
                ),
                io.Image.Output(display_name="overlay", tooltip="The image with an outline and an id for each object."),
                io.String.Output(display_name="json", tooltip="The scene as text."),
            ],
        )

    @classmethod
    def execute(cls, image, labels="", detector=None, segmenter=None, depth=None, llm=None) -> io.NodeOutput:
        from ..cielr.perception.labels import as_labels, attentive
        from ..cielr.perception.transparency import TransparencyParser
        from ..cielr.telling.overlay import overlay

        parser, on_step = _parser(detector, segmenter, depth), stepper()
        arrays, wanted = to_arrays(image), as_labels(labels)
        proposals, said = _proposals(parser, arrays, wanted, llm, on_step)
        if any(map(is_see_through, alphas(image))):
            said = [*said, "What the fourth channel makes transparent is not seen."]
        elif extra_channels(image):
            said = [*said, "The fourth channel of the image is not looked at."]
        scenes, eyes, overlays, views = [], [], [], []
        for number, (array, alpha, proposed) in enumerate(zip(arrays, alphas(image), proposals, strict=True)):
            seeing = TransparencyParser(parser, alpha) if alpha is not None and is_see_through(alpha) else parser
            looker = attentive(seeing, proposed=proposed) if proposed else seeing
            scene = looker.parse(array, wanted, on_step=part(on_step, number, len(arrays)))
            eyes.append(seeing.perception(array))
            overlays.append(overlay(array, scene, on_step=watch))
            views.append(scene_view(scene, array))
            scenes.append(scene)
        said = [*said, *_captions(scenes)]
        text = "\n".join(scene.to_json() for scene in scenes)
        ui = preview([thumbnail(drawn, PREVIEW) for drawn in overlays], cls) | as_ui(views)
        ui |= {"said": said} if said else {}
        return io.NodeOutput(PerImage(scenes), PerImage(eyes), to_image(overlays), text, ui=ui)


class SceneFromMasks(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneFromMasks",
            display_name="Scene from Masks",
            category="CIELR/1 perceive",
            description="Makes a scene from masks that any other node found, so that any node pack can do the seeing.",
            # a graph may end here: to see what is in a picture is a result
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="The image that the masks belong to, or a batch."),
                io.Mask.Input(
                    "masks",
                    tooltip="One mask for each object. Of a batch of as many images and masks, each image has its own.",
                ),
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
                advanced(
                    io.Combo.Input(
                        "pairing",
                        options=PAIRINGS,
                        default=AUTOMATIC,
                        optional=True,
                        tooltip="Of several images, which masks belong to which. Automatic: one for each where there "
                        "are as many, a single one for all; otherwise you are asked.",
                    )
                ),
            ],
            outputs=[SCENE.Output(display_name="scene", tooltip="One object for each mask that is not empty.")],
        )

    @classmethod
    def validate_inputs(cls, pairing=AUTOMATIC):
        # V3 combos are not checked by the server; what comes by link is not known yet
        known = pairing is None or pairing in PAIRINGS
        return known or f"There is no pairing '{pairing}'; there are {', '.join(PAIRINGS)}."

    @classmethod
    def execute(cls, image, masks, labels="", depth=None, pairing=AUTOMATIC) -> io.NodeOutput:
        from ..cielr.perception.assemble import scene_from_masks
        from ..cielr.perception.labels import as_labels
        from ..cielr.telling.overlay import overlay

        must(cls.validate_inputs(pairing))
        arrays, given, on_step = to_arrays(image), to_masks(masks), stepper()
        height, width = arrays[0].shape[:2]
        owned, said = paired(len(arrays), len(given), pairing)
        named = _names(as_labels(labels) or [], owned, len(given))
        near = (
            PerImage(to_arrays(depth, "depth picture")).spread(len(arrays), "depth pictures")
            if depth is not None
            else ()
        )
        scenes, overlays, views = [], [], []
        for number, (array, numbers) in enumerate(zip(arrays, owned, strict=True)):
            told = part(on_step, number, len(arrays))
            cut = []
            for mask in numbers:
                watch()
                cut.append(frame_mask(given[mask], height, width))
            far = _depth(near[number], height, width) if near else None
            scene = scene_from_masks(array, cut, named[number], far, on_step=told)
            overlays.append(thumbnail(overlay(array, scene, on_step=watch), PREVIEW))
            views.append(scene_view(scene, array))
            scenes.append(scene)
        said = [*said, *_empty_words(given)]
        ui = preview(overlays, cls) | as_ui(views) | ({"said": said} if said else {})
        return io.NodeOutput(PerImage(scenes), ui=ui)


def paired(images: int, masks: int, pairing: str) -> tuple[list[range], list[str]]:
    """(for each image the numbers of its masks, from 0; what is to be said about it).

    Raises:
        ValueError: where it is unclear, or cannot be so.
    """
    every = [range(masks)] * images
    if images == 1 or pairing == ALL or (pairing == AUTOMATIC and masks == 1):
        return every, []
    share, rest = divmod(masks, images)
    if masks == images and pairing != SHARED:
        return [range(number, number + 1) for number in range(images)], ["Each image has the mask of its own number."]
    if pairing == SHARED and share and not rest:
        return [range(number * share, (number + 1) * share) for number in range(images)], []
    there = f"There are {images} images and {masks} masks"
    if pairing == AUTOMATIC:
        raise ValueError(
            f"{there}, so it is not clear which mask belongs to which image: choose that in 'pairing' of this node."
        )
    raise ValueError(
        f"{there}, which does not go with the pairing '{pairing}': choose another, or connect other masks."
    )


def _names(labels: list[str], owned: list[range], masks: int) -> list[list[str]]:
    """The labels of each image's masks: one serves all; else they count through the masks of each image, or of all."""
    if len(labels) <= 1:
        return [labels] * len(owned)
    if len(labels) <= max(map(len, owned)):
        return [labels] * len(owned)
    if len(labels) == masks:
        return [[labels[mask] for mask in numbers] for numbers in owned]
    raise ValueError(f"There are {len(labels)} labels and {masks} masks: name each mask, or give one name for all.")


def _empty_words(masks: list[np.ndarray]) -> list[str]:
    """A sentence on the masks in which nothing is painted."""
    empty = [number for number, mask in enumerate(masks, start=1) if not (mask >= 0.5).any()]
    if not empty:
        return []
    if len(masks) == 1 and says_nothing(masks[0]):
        return ["The mask is empty, as Load Image gives it for a picture without transparency: there is no object."]
    which = ", ".join(map(str, empty[:6])) + (" …" if len(empty) > 6 else "")
    head = f"Mask {which} of {len(masks)} has" if len(empty) == 1 else f"Masks {which} of {len(masks)} have"
    return [f"{head} no pixel of 0.5 or more: left out."]


def _captions(scenes) -> list[str]:
    """What the eyes say of each scene, such as that the built-in ones cannot tell two labels apart."""
    captions = [scene.caption for scene in scenes]
    if len(set(captions)) > 1:
        captions = [words and f"Image {number}: {words}" for number, words in enumerate(captions, start=1)]
    return list(dict.fromkeys(words for words in captions if words))


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
    from ..cielr.perception.labels import why_not_asked
    from ..cielr.reasoning.propose import proposal

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

    with conversation(llm) as chat:
        proposed = [proposal(array, chat, on_event=on_event) for array in arrays]
    words = list(dict.fromkeys(given.words for given in proposed))
    if len(words) > 1:
        words = [f"Image {number}: {given.words}" for number, given in enumerate(proposed, start=1)]
    return [given.labels for given in proposed], words


def _depth(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """float32 [H, W], 0 nearest … 1 farthest, from a picture in which bright is near; flat pictures are all near."""
    grey = picture.mean(axis=-1)
    if grey.shape != (height, width):
        rows = ((np.arange(height) + 0.5) * grey.shape[0] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * grey.shape[1] / width).astype(int)
        grey = grey[np.ix_(rows, columns)]
    low, high = float(grey.min()), float(grey.max())
    return (high - grey) / (high - low) if high > low else np.zeros_like(grey)
