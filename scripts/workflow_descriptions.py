"""The example workflows, described: what is in them and why. `workflow_forms.py` says where it lies on the canvas."""

from __future__ import annotations

from subgraph_form import Blueprint
from workflow_forms import CLIMB, LANE, SOCKET, Flow, Node, Stage

PHOTO, PERCEIVE, REASON, REGION, EDIT = "#7d97a3", "#c79a4e", "#8794e6", "#bf7fbf", "#5fbd8c"
SEE, THINK, WHERE, PAINT = (
    "1 Perceive: what is there?",
    "2 Reason: what is to be done?",
    "3 Region: where?",
    "4 Edit: and nothing else",
)


# ------------------------------------------------------------------------------------------------- parts of workflows


def photo(file: str = "coins.png") -> Stage:
    return Stage("Photo", PHOTO, [[Node("photo", "LoadImage", widgets={"image": file})]], drops=0)


def parse(labels: str = "", **models: str) -> Node:
    return Node("scene", "CIELR_SceneParse", {"image": "photo.IMAGE", **models}, {"labels": labels})


def reason(instruction: str, **more: str) -> Node:
    links = {"scene": "scene.scene", "perception": "scene.perception", **more}
    return Node("reason", "CIELR_Reason", links, {"instruction": instruction})


def region(scene: str = "reason.scene", plan: str = "reason.plan") -> Stage:
    return Stage(WHERE, REGION, [[Node("regions", "CIELR_ActionToMask", {"scene": scene, "plan": plan})]])


def edit(name: str, **links: str) -> Stage:
    """The Executor, at the height of the lane that the photo takes to it, and what it shows."""
    done = [
        Node("edit", "CIELR_EditExecutor", {"image": "photo.IMAGE", "regions": "regions.regions", **links}),
        Node("save", "SaveImage", {"images": "edit.image"}, {"filename_prefix": f"cielr/{name}"}),
    ]
    return Stage(PAINT, EDIT, [done], drops=0)


def paints(*models: Node) -> Stage:
    return Stage("4 Edit: what paints", EDIT, [models], drops=0, under=True)


def lane(first: str, *past: str) -> dict[str, list[tuple[str, int]]]:
    """The way of the photo above all that it passes.

    first: the first node that it passes; past: inputs left of which it leaves the lane.
    """
    start = (first, SOCKET)
    return {"edit.image": [start]} | {place: [start, (place.split(".")[0], SOCKET)] for place in past}


def thinks() -> Stage:
    llm = Node("llm", "CIELR_OllamaLLM", widgets={"other_model": "qwen3:8b"})
    return Stage("2 Reason: who thinks", REASON, [[llm]], drops=0, under=True)


def checkpoint(file: str) -> Node:
    return Node("checkpoint", "CheckpointLoaderSimple", widgets={"ckpt_name": file})


def painter(**settings: object) -> Node:
    links = {"model": "checkpoint.MODEL", "clip": "checkpoint.CLIP", "vae": "checkpoint.VAE"}
    return Node("painter", "CIELR_CheckpointInpainter", links, dict(settings))


def fetched(kind: str, name: str) -> Node:
    """A perception model of the catalogue: fetched when it is first needed, found where it lies from then on."""
    return Node(kind, f"CIELR_Load{kind.capitalize()}", widgets={"model": f"{name}  (download)"})


WITH = "1 Perceive: with what"
PUT = "Put `photos/{}` of this pack into ComfyUI's `input` folder"
FETCH = (
    "The perception models marked *(download)* are fetched from Hugging Face at the first run, or beforehand with "
    "`cielr weights fetch {}`."
)
OLLAMA = "Start [Ollama](https://ollama.com) and get a model once: `ollama pull qwen3:8b`."


# ---------------------------------------------------------------------------------------------------------- workflows


def quickstart() -> Flow:
    return Flow(
        "quickstart",
        "Edit by instruction",
        "Say what should change. What is not connected is *built in*: no weights and no LLM are needed.\n\n"
        + PUT.format("coins.png")
        + ", press **Run**, then write your own: *move the largest coin to the right by 20 px*, *make every coin in "
        "the "
        "bottom row dark red*, *brighten the leftmost coin then remove the rightmost one*. Each action becomes a chain "
        "of its own: change one, and only that one runs again.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            Stage(THINK, REASON, [[reason("remove the second coin from the left in the top row")]]),
            region(),
            edit("quickstart"),
        ],
        lane("scene"),
    )


def paper_setup() -> Flow:
    models = [
        fetched("detector", "owlv2-large"),
        fetched("segmenter", "sam2.1-large"),
        fetched("depth", "depth-anything-v2-large"),
    ]
    sockets = {"detector": "detector.detector", "segmenter": "segmenter.segmenter", "depth": "depth.depth"}
    return Flow(
        "paper_setup",
        "The setup of the paper (arXiv 2510.27335), as far as it is public",
        "Foundation models see, a language model reasons, a diffusion model paints.\n\n"
        "From the paper: zero-shot detection, segmentation and depth make the scene; an LLM reads it, asks for what it "
        "cannot see, and ends with simple actions; Stable Diffusion inpaints each. **Ours**: which models of each "
        "kind, "
        "all prompts, the built-in labels, and that not one value changes outside the regions.\n\n"
        f"- {PUT.format('coffee.jpg')}. {OLLAMA}\n"
        f"- {FETCH.format('owlv2-large sam2.1-large depth-anything-v2-large')} "
        "Depth Anything V2 large is for non-commercial use; *small* is free.\n"
        "- `sd-v1-5-inpainting.ckpt` goes into `models/checkpoints`.",
        [
            photo("coffee.jpg"),
            Stage(WITH, PERCEIVE, [models]),
            Stage(SEE, PERCEIVE, [[parse(**sockets)]]),
            thinks(),
            Stage(THINK, REASON, [[reason("replace what keeps people awake with orange juice", llm="llm.llm")]]),
            region(),
            paints(checkpoint("sd-v1-5-inpainting.ckpt"), painter(steps=30)),
            edit("paper_setup", inpainter="painter.inpainter"),
        ],
        lane("detector", "scene.image"),
    )


def grounding_dino_sdxl() -> Flow:
    models = [fetched("detector", "grounding-dino-base"), fetched("segmenter", "sam-vit-huge")]
    return Flow(
        "grounding_dino_sdxl",
        "GroundingDINO, SAM and SDXL inpainting",
        "The models that many have already, and no language model: an explicit instruction.\n\n"
        "Name what is to be looked for in *labels*. Connect an Ollama LLM to Reason where the wording is free.\n\n"
        f"- {PUT.format('coffee.jpg')}.\n"
        f"- {FETCH.format('grounding-dino-base sam-vit-huge')}\n"
        "- `sd_xl_base_1.0_inpainting_0.1.safetensors` goes into `models/checkpoints`.",
        [
            photo("coffee.jpg"),
            Stage(WITH, PERCEIVE, [models]),
            Stage(
                SEE,
                PERCEIVE,
                [[parse("cup, spoon", detector="detector.detector", segmenter="segmenter.segmenter")]],
            ),
            Stage(THINK, REASON, [[reason("remove the largest spoon")]]),
            region(),
            paints(checkpoint("sd_xl_base_1.0_inpainting_0.1.safetensors"), painter(steps=30, cfg=6.0)),
            edit("grounding_dino_sdxl", inpainter="painter.inpainter"),
        ],
        lane("detector", "scene.image"),
    )


def flux_fill() -> Flow:
    loaders = [
        Node("unet", "UNETLoader", widgets={"unet_name": "flux1-fill-dev.safetensors", "weight_dtype": "default"}),
        Node(
            "clip",
            "DualCLIPLoader",
            widgets={
                "clip_name1": "clip_l.safetensors",
                "clip_name2": "t5xxl_fp8_e4m3fn.safetensors",
                "type": "flux",
                "device": "default",
            },
        ),
        Node("vae", "VAELoader", widgets={"vae_name": "ae.safetensors"}),
    ]
    links = {"model": "unet.MODEL", "clip": "clip.CLIP", "vae": "vae.VAE"}
    flux = Node("painter", "CIELR_CheckpointInpainter", links, {"steps": 20, "cfg": 1.0, "scheduler": "simple"})
    return Flow(
        "flux_fill",
        "Flux Fill paints",
        "Flux Fill with its own loaders; guidance and crop size are set as the family needs.\n\n"
        f"- {PUT.format('coins.png')}. {OLLAMA}\n"
        "- `flux1-fill-dev.safetensors` goes into `models/diffusion_models`, `clip_l.safetensors` and "
        "`t5xxl_fp8_e4m3fn.safetensors` into `models/text_encoders`, `ae.safetensors` into `models/vae`.\n"
        "- Ollama gives its memory back before Flux loads.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            thinks(),
            Stage(
                THINK,
                REASON,
                [[reason("replace the coin that is worth the most by weight with a button", llm="llm.llm")]],
            ),
            region(),
            paints(*loaders),
            Stage(
                PAINT,
                EDIT,
                [
                    [flux],
                    [
                        Node(
                            "edit",
                            "CIELR_EditExecutor",
                            {"image": "photo.IMAGE", "regions": "regions.regions", "inpainter": "painter.inpainter"},
                        ),
                        Node("save", "SaveImage", {"images": "edit.image"}, {"filename_prefix": "cielr/flux_fill"}),
                    ],
                ],
                drops=(440, 0),
            ),
        ],
        lane("scene"),
    )


def any_checkpoint() -> Flow:
    return Flow(
        "any_checkpoint",
        "Any checkpoint paints",
        "Swap the checkpoint in Load Checkpoint, and nothing else has to change.\n\n"
        "Ordinary and inpainting checkpoints of SD 1.5, SDXL and SD3 work alike: the family is read from the model. "
        "LoRAs and model patches go between Load Checkpoint and Checkpoint Inpainter. Steps and cfg are yours: 20 to "
        "30 "
        "steps, cfg 5 to 8; 4 to 5 for SD3.\n\n"
        f"- {PUT.format('coins.png')}.\n"
        "- `v1-5-pruned-emaonly-fp16.safetensors`, or any other, goes into `models/checkpoints`.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            Stage(THINK, REASON, [[reason("remove the largest coin")]]),
            region(),
            paints(checkpoint("v1-5-pruned-emaonly-fp16.safetensors"), painter()),
            edit("any_checkpoint", inpainter="painter.inpainter"),
        ],
        lane("scene"),
    )


def bring_your_own_masks() -> Flow:
    return Flow(
        "bring_your_own_masks",
        "Other nodes are the eyes",
        "Any node that gives MASK can say where things are.\n\n"
        "Here a mask from a file names the coffee; take the mask editor, SAM or YOLO nodes of any pack instead. A "
        "batch "
        "of masks is one object each, and *labels* names them in their order. A depth picture may be connected too.\n\n"
        f"{PUT.format('coffee.jpg')}, and `photos/coffee_mask.png` as well.",
        [
            photo("coffee.jpg"),
            Stage(
                SEE,
                PERCEIVE,
                [
                    [Node("mask", "LoadImageMask", widgets={"image": "coffee_mask.png", "channel": "red"})],
                    [
                        Node(
                            "scene",
                            "CIELR_SceneFromMasks",
                            {"image": "photo.IMAGE", "masks": "mask.MASK"},
                            {"labels": "coffee"},
                        )
                    ],
                ],
            ),
            Stage(
                THINK,
                REASON,
                [
                    [
                        Node(
                            "reason",
                            "CIELR_Reason",
                            {"scene": "scene.scene"},
                            {"instruction": "make the coffee green then brighten it by 20 percent"},
                        )
                    ]
                ],
            ),
            region(),
            edit("bring_your_own_masks"),
        ],
        lane("mask", "scene.image"),
    )


def own_sampler() -> Flow:
    words = {"clip": "checkpoint.CLIP"}
    drawing = [
        Node("pick", "CIELR_PickRegion", {"regions": "regions.regions"}),
        Node("crop", "CIELR_CropRegion", {"image": "photo.IMAGE", "region": "pick.region"}, {"size": 512}),
        checkpoint("v1-5-pruned-emaonly-fp16.safetensors"),
    ]
    prompts = [
        Node("positive", "CLIPTextEncode", {**words, "text": "pick.prompt"}, title="What to draw"),
        Node("negative", "CLIPTextEncode", {**words, "text": "pick.negative_prompt"}, title="What not to draw"),
        Node("soft", "DifferentialDiffusion", {"model": "checkpoint.MODEL"}),
    ]
    encoded = {"positive": "encode.positive", "negative": "encode.negative", "latent_image": "encode.latent"}
    pixels = {"pixels": "crop.crop", "mask": "crop.mask", "vae": "checkpoint.VAE"}
    sampling = [
        Node(
            "encode",
            "InpaintModelConditioning",
            {"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", **pixels},
        ),
        Node(
            "sample",
            "KSampler",
            {"model": "soft.MODEL", **encoded},
            {"steps": 25, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"},
        ),
        Node("decode", "VAEDecode", {"samples": "sample.LATENT", "vae": "checkpoint.VAE"}),
    ]
    done = [
        Node(
            "stitch", "CIELR_StitchRegion", {"image": "photo.IMAGE", "region": "crop.region", "painted": "decode.IMAGE"}
        ),
        Node("save", "SaveImage", {"images": "stitch.image"}, {"filename_prefix": "cielr/own_sampler"}),
    ]
    return Flow(
        "own_sampler",
        "Your own sampler graph, with the same exactness",
        "The Executor opened up: a region is cut out, painted by any nodes, and stitched back.\n\n"
        "Put whatever you like between **Crop Region** and **Stitch Region**: ControlNet, IP-Adapter, two samplers, "
        "another pack. Stitch Region scales the crop back and lets nothing through outside the region. For a second "
        "action set *index* to 1 in a copy of the chain, and feed it the image of the first.\n\n"
        f"- {PUT.format('coins.png')}.\n"
        "- `v1-5-pruned-emaonly-fp16.safetensors`, or any other, goes into `models/checkpoints`.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            Stage(THINK, REASON, [[reason("remove the largest coin")]]),
            region(),
            Stage(
                "4 Crop, sample, stitch",
                EDIT,
                [drawing, prompts, sampling, done],
                # what goes on from the crop runs above what is drawn from it
                drops=(LANE, 2 * LANE, 2 * LANE, 0),
                beside=CLIMB,
            ),
        ],
        {
            "crop.image": [("scene", SOCKET), ("pick", SOCKET)],
            "stitch.image": [("scene", SOCKET)],
            "stitch.region": [("positive", SOCKET + 20)],
            "encode.pixels": [("positive", SOCKET + 40), ("encode", SOCKET + 40)],
            "encode.mask": [("positive", SOCKET + 60), ("encode", SOCKET + 60)],
            "encode.vae": [("positive", 640), ("encode", 640)],
            "decode.vae": [("positive", 640), ("encode", 640)],
        },
        # too much to be read as a whole
        view=(0.7, -100, -170),
    )


def plan_by_hand() -> Flow:
    actions = [
        Node("first", "CIELR_Action", widgets={"kind": "modify", "targets": "coin_18", "words": "colour dark red"}),
        Node("second", "CIELR_Action", {"plan": "first.plan"}, {"kind": "remove", "targets": "coin_2"}),
    ]
    return Flow(
        "plan_by_hand",
        "No language at all: actions set by hand",
        "Each Action node is one step; chain as many as you like.\n\n"
        "Scene Parse shows the ids that *targets* takes; hover an outline to read them. *words* says what to change "
        "to, "
        "such as *colour dark red*, *brighten 30%*, *blur 8px*; anything else, and *replace* or *add*, needs an "
        "inpainter on the Executor.\n\n"
        f"{PUT.format('coins.png')}.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            # the scene runs above them to its region
            Stage("2 Plan: typed by you", REASON, [[actions[0]], [actions[1]]], drops=2 * LANE + 10),
            region("scene.scene", "second.plan"),
            edit("plan_by_hand"),
        ],
        lane("scene"),
    )


def review_then_edit() -> Flow:
    review = Node(
        "review",
        "CIELR_EditPlan",
        {"plan": "reason.plan", "scene": "reason.scene"},
        {"review": True},
        "Review the plan",
    )
    return Flow(
        "review_then_edit",
        "The run stops at the plan; you have the last word",
        "Press Run: it stops at *Review the plan* and shows what would be done.\n\n"
        "Right as it is? Press **Run on**. Wrong? **Correct this plan** with clicks: objects in or out, other words, "
        "actions left out; then **Run**. Your plan wins until the instruction or the scene changes, and the node says "
        "so.\n\n"
        f"{PUT.format('coins.png')}.",
        [
            photo(),
            Stage(SEE, PERCEIVE, [[parse("coin")]]),
            Stage(
                THINK,
                REASON,
                [[reason("make the two largest coins dark red then remove the smallest one")], [review]],
                # the scene runs above the review to its region
                drops=(LANE, 2 * LANE + 10),
            ),
            region("reason.scene", "review.plan"),
            edit("review_then_edit"),
        ],
        lane("scene"),
    )


FLOWS = [
    quickstart,
    paper_setup,
    grounding_dino_sdxl,
    flux_fill,
    any_checkpoint,
    bring_your_own_masks,
    own_sampler,
    plan_by_hand,
    review_then_edit,
]


# --------------------------------------------------------------------------------------------------------- blueprints


def edit_by_instruction() -> Blueprint:
    return Blueprint(
        "Edit by instruction",
        "Finds what is in the picture, works out what the instruction means, and changes that and nothing else. "
        "What is not connected is built in: no weights and no LLM are needed.",
        Flow(
            "edit_by_instruction",
            "Edit by instruction",
            "",
            [
                Stage(SEE, PERCEIVE, [[Node("scene", "CIELR_SceneParse")]]),
                Stage(THINK, REASON, [[reason("remove the largest object")]]),
                region(),
                Stage(PAINT, EDIT, [[Node("edit", "CIELR_EditExecutor", {"regions": "regions.regions"})]]),
            ],
        ),
        inputs={
            "image": ("scene.image", "edit.image"),
            "detector": ("scene.detector",),
            "segmenter": ("scene.segmenter",),
            "depth": ("scene.depth",),
            "llm": ("reason.llm",),
            "inpainter": ("edit.inpainter",),
            "instruction": ("reason.instruction",),
            "labels": ("scene.labels",),
            "seed": ("edit.seed",),
        },
        outputs={"image": "edit.image", "changed": "edit.changed", "overlay": "reason.overlay"},
    )


BLUEPRINTS = [edit_by_instruction]
