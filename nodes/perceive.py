"""image -> SCENE: what is in the picture."""

from __future__ import annotations

from comfy_api.latest import io

from .internal.conversation import conversation
from .internal.running import running
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
    alphas,
    extra_channels,
    is_see_through,
    part,
    preview,
    stepper,
    thumbnail,
    to_arrays,
    to_image,
    watch,
)


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
            of_photo = getattr(depth, "of", None)
            if of_photo is not None:
                # depth pictures belong to photos, one to each
                parser = _parser(detector, segmenter, of_photo(number, len(arrays)))
            seeing = TransparencyParser(parser, alpha) if alpha is not None and is_see_through(alpha) else parser
            looker = attentive(seeing, proposed=proposed) if proposed else seeing
            scene = looker.parse(array, wanted, on_step=part(on_step, number, len(arrays)))
            eyes.append(seeing.perception(array))
            overlays.append(overlay(array, scene, on_step=watch))
            views.append(scene_view(scene, array))
            scenes.append(scene)
        said = [*said, *_captions(scenes)]
        text = "\n".join(scene.to_json() for scene in scenes)
        ui = preview([thumbnail(drawn, PREVIEW) for drawn in overlays], cls) | as_ui(views, said)
        return io.NodeOutput(PerImage(scenes), PerImage(eyes), to_image(overlays), text, ui=ui)


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
    tell = Teller(running().node_id)

    def on_event(event) -> None:
        on_step(0, 100)
        tell.step(event.message)

    with conversation(llm) as chat:
        proposed = [proposal(array, chat, on_event=on_event) for array in arrays]
    words = list(dict.fromkeys(given.words for given in proposed))
    if len(words) > 1:
        words = [f"Image {number}: {given.words}" for number, given in enumerate(proposed, start=1)]
    return [given.labels for given in proposed], words
