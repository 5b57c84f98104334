"""What is on the picture of each node, for `make_help_pictures.py`: nodes in columns, wired as an artist would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

INSTRUCTION = "remove the second coin from the left in the top row, then make the leftmost coin in the top row dark red"


@dataclass
class Node:
    """One node of a picture: its inputs by name, a value for a widget or (node, output) for a link."""

    kind: str
    inputs: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] | None = None
    ghost: bool = False
    """Needed for the run alone; it is taken away before the picture."""


@dataclass
class Picture:
    """Columns of nodes from left to right; `show` is what is run for, (node, output), or None: nothing is run."""

    columns: list[dict[str, Node]]
    show: tuple[str, int] | None = None

    @property
    def nodes(self) -> dict[str, Node]:
        return {name: node for column in self.columns for name, node in column.items()}


def photo(ghost=False, image="coins.png") -> Node:
    return Node("LoadImage", {"image": image}, (290, 310), ghost)


def scene(ghost=False) -> Node:
    return Node("CIELR_LoadScene", {"file": "coins.scene.json [input]"}, (320, 60), ghost)


def plan(ghost=False) -> Node:
    return Node("CIELR_LoadPlan", {"file": "coins.plan.json [input]"}, (320, 60), ghost)


def regions(ghost=False) -> Node:
    return Node("CIELR_ActionToMask", {"scene": ("scene", 0), "plan": ("plan", 0)}, (310, 330), ghost)


def parse(**more: Any) -> Node:
    return Node("CIELR_SceneParse", {"labels": "coin", **more}, (460, 560))


def executor(height: int = 360, **more: Any) -> Node:
    return Node("CIELR_EditExecutor", {"seed": 7, "control_after_generate": "fixed", **more}, (310, height))


def cropped(*columns: dict[str, Node], pick_is_seen: bool = True) -> list[dict[str, Node]]:
    """The photo and one region of it, up to Crop Region, and what comes after."""
    hidden = {"scene": scene(True), "plan": plan(True), "masks": regions(True)}
    pick = Node("CIELR_PickRegion", {"regions": ("masks", 0), "index": 1}, (300, 150), not pick_is_seen)
    crop = Node("CIELR_CropRegion", {"image": ("photo", 0), "region": ("pick", 0), "size": 512}, (300, 130))
    if pick_is_seen:
        return [hidden, {"photo": photo(), "pick": pick}, {"crop": crop}, *columns]
    return [{**hidden, "pick": pick}, {"photo": photo(), "crop": crop}, *columns]


def picture(*columns: dict[str, Node], show: tuple[str, int] | None = None) -> Picture:
    return Picture(list(columns), show)


def look(source: str, size: tuple[int, int] = (320, 310)) -> Node:
    return Node("PreviewImage", {"images": (source, 0)}, size)


def detector() -> Node:
    return Node("CIELR_LoadDetector", {}, (340, 140))


def segmenter() -> Node:
    return Node("CIELR_LoadSegmenter", {}, (340, 120))


def asked(instruction: str) -> Node:
    """Reason with a language model."""
    return Node("CIELR_Reason", {"llm": ("llm", 0), "instruction": instruction}, (420, 420))


def checkpoint(**more: Any) -> Node:
    return Node("CIELR_CheckpointInpainter", more, (330, 330))


PICTURES: dict[str, Picture] = {
    "CIELR_LoadDetector": picture(
        {"photo": photo(image="coffee.jpg"), "detector": Node("CIELR_LoadDetector", {"threshold": 0.25}, (340, 140))},
        {"parse": parse(image=("photo", 0), labels="cup, saucer, spoon", detector=("detector", 0))},
    ),
    "CIELR_LoadSegmenter": picture(
        {"detector": detector(), "segmenter": segmenter()},
        {"parse": parse(labels="cup, saucer, spoon", detector=("detector", 0), segmenter=("segmenter", 0))},
    ),
    "CIELR_LoadDepth": picture(
        {"detector": detector(), "segmenter": segmenter(), "depth": Node("CIELR_LoadDepth", {}, (340, 120))},
        {
            "parse": parse(
                labels="cup, saucer, spoon", detector=("detector", 0), segmenter=("segmenter", 0), depth=("depth", 0)
            )
        },
    ),
    "CIELR_LoadInpaintModel": picture(
        {"fill": Node("CIELR_LoadInpaintModel", {"model": "inpaint/big-lama.pt"}, (320, 70))},
        {"edit": executor(inpainter=("fill", 0))},
    ),
    "CIELR_CoreSAM3": picture(
        {"loader": Node("CheckpointLoaderSimple", {"ckpt_name": "sam3.safetensors"}, (320, 100))},
        {"eyes": Node("CIELR_CoreSAM3", {"model": ("loader", 0), "clip": ("loader", 1)}, (280, 110))},
        {"parse": parse(labels="cup, saucer, spoon", detector=("eyes", 0), segmenter=("eyes", 1))},
    ),
    "CIELR_CoreRTDETR": picture(
        {"loader": Node("UNETLoader", {"unet_name": "rtdetr_v4_x.safetensors"}, (320, 90))},
        {"eyes": Node("CIELR_CoreRTDETR", {"model": ("loader", 0)}, (280, 90))},
        {"parse": parse(labels="cup, bowl, spoon", detector=("eyes", 0))},
    ),
    "CIELR_CoreDepth": picture(
        {"loader": Node("LoadDA3Model", {"model_name": "depth_anything_3_small.safetensors"}, (340, 90))},
        {"depth": Node("CIELR_CoreDepth", {"model": ("loader", 0)}, (240, 70))},
        {"parse": parse(labels="cup, saucer, spoon", depth=("depth", 0))},
    ),
    "CIELR_CoreLLM": picture(
        {
            "clip": Node(
                "CLIPLoader", {"clip_name": "qwen3vl_8b_fp8_scaled.safetensors", "type": "stable_diffusion"}, (360, 110)
            )
        },
        {"llm": Node("CIELR_CoreLLM", {"clip": ("clip", 0), "control_after_generate": "fixed"}, (300, 260))},
        {"reason": asked("the cup on the wet patch should stand on its saucer again")},
    ),
    "CIELR_SceneToMasks": picture(
        {"scene": scene()},
        {"masks": Node("CIELR_SceneToMasks", {"scene": ("scene", 0), "which": "coin_2"}, (280, 90))},
        {"picture": Node("MaskToImage", {"mask": ("masks", 0)}, (180, 40))},
        {"look": look("picture")},
        show=("picture", 0),
    ),
    "CIELR_SceneToBoxes": picture(
        {"photo": photo(), "scene": scene()},
        {"boxes": Node("CIELR_SceneToBoxes", {"scene": ("scene", 0)}, (280, 70))},
        {"draw": Node("DrawBBoxes", {"image": ("photo", 0), "bboxes": ("boxes", 0)}, (200, 60))},
        {"look": look("draw")},
        show=("draw", 0),
    ),
    "CIELR_SceneToSEGS": picture(
        {"photo": photo(), "scene": scene()},
        {"segs": Node("CIELR_SceneToSEGS", {"scene": ("scene", 0), "which": "coin"}, (280, 70))},
        {"known": Node("CIELR_SceneFromMasks", {"image": ("photo", 0), "segs": ("segs", 0), "labels": ""}, (440, 560))},
        show=("known", 0),
    ),
    "CIELR_SceneParse": picture({"photo": photo()}, {"parse": parse(image=("photo", 0))}, show=("parse", 3)),
    "CIELR_SceneFromMasks": picture(
        {"photo": photo(), "mask": Node("LoadImageMask", {"image": "one_coin.png", "channel": "red"}, (300, 320))},
        {
            "known": Node(
                "CIELR_SceneFromMasks", {"image": ("photo", 0), "masks": ("mask", 0), "labels": "coin"}, (440, 560)
            )
        },
        show=("known", 0),
    ),
    "CIELR_OllamaLLM": picture(
        {"llm": Node("CIELR_OllamaLLM", {"other_model": "qwen3:8b", "control_after_generate": "fixed"}, (340, 340))},
        {"reason": asked("the cup on the wet patch should stand on its saucer again")},
    ),
    "CIELR_LocalLLM": picture(
        {"llm": Node("CIELR_LocalLLM", {"control_after_generate": "fixed"}, (340, 300))},
        {"reason": asked("the cup on the wet patch should stand on its saucer again")},
    ),
    "CIELR_OpenAILLM": picture(
        {
            "llm": Node(
                "CIELR_OpenAILLM",
                {"model": "qwen3-8b", "url": "http://127.0.0.1:8080/v1", "control_after_generate": "fixed"},
                (340, 280),
            )
        },
        {"reason": asked("tidy the table up, but leave the flowers")},
    ),
    "CIELR_Reason": picture(
        {"photo": photo(ghost=True)},
        {"parse": parse(image=("photo", 0))},
        {
            "reason": Node(
                "CIELR_Reason",
                {"scene": ("parse", 0), "perception": ("parse", 1), "instruction": INSTRUCTION},
                (460, 620),
            )
        },
        show=("reason", 3),
    ),
    "CIELR_EditPlan": picture(
        {"plan": plan(), "scene": scene()},
        {"edit": Node("CIELR_EditPlan", {"plan": ("plan", 0), "scene": ("scene", 0)}, (440, 460))},
        show=("edit", 1),
    ),
    "CIELR_Action": picture(
        {"one": Node("CIELR_Action", {"kind": "remove", "targets": "coin_2"}, (310, 430))},
        {
            "two": Node(
                "CIELR_Action",
                {"kind": "modify", "targets": "coin_1", "words": "colour dark red", "plan": ("one", 0)},
                (310, 430),
            )
        },
    ),
    "CIELR_ActionToMask": picture({"scene": scene(), "plan": plan()}, {"masks": regions()}, show=("masks", 2)),
    "CIELR_PickRegion": picture(
        {"scene": scene(True), "plan": plan(True)},
        {"masks": regions()},
        {"pick": Node("CIELR_PickRegion", {"regions": ("masks", 0), "index": 1}, (320, 150))},
        show=("pick", 2),
    ),
    "CIELR_EditExecutor": picture(
        {"scene": scene(True), "plan": plan(True)},
        {"photo": photo(), "masks": regions()},
        {"edit": executor(image=("photo", 0), regions=("masks", 0), variants=3, height=580)},
        {"after": look("edit", (380, 340))},
        show=("edit", 0),
    ),
    "CIELR_CheckpointInpainter": picture(
        {
            "loader": Node(
                "CheckpointLoaderSimple", {"ckpt_name": "sd_xl_base_1.0_inpainting_0.1.safetensors"}, (360, 100)
            )
        },
        {"painter": checkpoint(model=("loader", 0), clip=("loader", 1), vae=("loader", 2), scheduler="karras")},
    ),
    "CIELR_TwoInpainters": picture(
        {
            "drawer": Node("CIELR_DiffusersInpainter", {"model": "stable-diffusion-xl-inpainting"}, (330, 200)),
            "editor": checkpoint(steps=0, cfg=0.0, way="instruct"),
        },
        {"painter": Node("CIELR_TwoInpainters", {"inpaint": ("drawer", 0), "instruct": ("editor", 0)}, (300, 200))},
    ),
    "CIELR_InpainterControl": picture(
        {
            "painter": checkpoint(steps=0, cfg=0.0),
            "net": Node(
                "ControlNetLoader", {"control_net_name": "Qwen-Image-InstantX-ControlNet-Inpainting.safetensors"}
            ),
        },
        {
            "control": Node(
                "CIELR_InpainterControl", {"inpainter": ("painter", 0), "control_net": ("net", 0)}, (320, 210)
            )
        },
    ),
    "CIELR_InpainterWords": picture(
        {"painter": checkpoint(steps=0, cfg=0.0)},
        {
            "words": Node(
                "CIELR_InpainterWords",
                {"inpainter": ("painter", 0), "positive": "film grain, soft light", "context": 2.0},
                (300, 230),
            )
        },
    ),
    "CIELR_DiffusersInpainter": picture(
        {"painter": Node("CIELR_DiffusersInpainter", {"model": "stable-diffusion-xl-inpainting"}, (360, 200))},
        {"edit": executor(inpainter=("painter", 0))},
    ),
    "CIELR_CropRegion": picture(*cropped({"look": look("crop", (300, 300))}), show=("crop", 0)),
    "CIELR_StitchRegion": picture(
        *cropped(
            {"painted": Node("ImageInvert", {"image": ("crop", 0)}, (180, 40))},
            {
                "stitch": Node(
                    "CIELR_StitchRegion",
                    {"image": ("photo", 0), "region": ("crop", 2), "painted": ("painted", 0)},
                    (260, 90),
                )
            },
            {"look": look("stitch")},
            pick_is_seen=False,
        ),
        show=("stitch", 0),
    ),
    "CIELR_SaveScene": picture(
        {"photo": photo(ghost=True)},
        {"parse": parse(image=("photo", 0))},
        {"save": Node("CIELR_SaveScene", {"scene": ("parse", 0)}, (320, 90))},
        show=("parse", 3),
    ),
    "CIELR_LoadScene": picture({"scene": scene(), "plan": plan()}, {"masks": regions()}, show=("masks", 2)),
    "CIELR_SavePlan": picture(
        {"one": Node("CIELR_Action", {"kind": "remove", "targets": "coin_2"}, (310, 430))},
        {"save": Node("CIELR_SavePlan", {"plan": ("one", 0)}, (320, 90))},
        show=("one", 0),
    ),
    "CIELR_LoadPlan": picture(
        {"plan": plan()}, {"edit": Node("CIELR_EditPlan", {"plan": ("plan", 0)}, (440, 420))}, show=("edit", 1)
    ),
}
