"""Tiny SAM 3, RT-DETR, Depth Anything 3 and MoGe for ComfyUI's own loaders on a CPU; what they see is known.

usage:  python make_tiny_vision.py COMFY_DIR OUT_DIR

  checkpoints/tiny_sam3.ckpt, tiny_sam31.ckpt
                                     whatever it is asked for is at BOX (shares of the picture: centre, size), and its
                                     outline is what is red in the picture; its finer decoder is random
  diffusion_models/tiny_rtdetr.ckpt  everything is a cup
  geometry_estimation/tiny_da3.ckpt, tiny_moge.ckpt   random

Real classes, called by the names that the loaders look for; of SAM 3 a process that loads it makes fewer layers
(`small_vision.shrink`). Matrices of one number are stored as one number.
"""

from __future__ import annotations

import torch
from tiny_library import as_library, write

_, FOLDER, _ = as_library(__doc__)
import comfy.ops
import comfy.sd
from comfy.ldm.depth_anything_3.model import DepthAnything3Net
from comfy.ldm.moge.model import MoGeModelV1
from comfy.ldm.rt_detr.rtdetr_v4 import COCO_CLASSES, RTv4
from comfy.ldm.sam3.detector import SAM3Model
from comfy.text_encoders.sam3_clip import SAM3ClipModel
from small_vision import shrink

shrink()
OPS = comfy.ops.disable_weight_init
META = {"dtype": torch.float32, "device": "meta", "operations": OPS}
BOX = (0.2, 0.5, 25 / 160, 25 / 96)
"""Centre x, centre y, width, height: the red disc of the tests' picture."""
SURE = 12.0
Weights = dict[str, torch.Tensor]


def quiet(network, noisy: str = "") -> Weights:
    """All zeros, norms one; what begins with `noisy` is random."""
    generator = torch.Generator().manual_seed(2)
    told = {}
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            told[name] = torch.zeros(tensor.shape, dtype=tensor.dtype)
        elif noisy and name.startswith(noisy):
            told[name] = torch.randn(tensor.shape, generator=generator) * 0.05
        else:
            value = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            told[name] = torch.tensor([value]).reshape((1,) * tensor.ndim).expand(tensor.shape)
    return told


def changed(weights: Weights, name: str, place, value) -> None:
    tensor = weights[name].clone()
    tensor[place] = value
    weights[name] = tensor


# ------------------------------------------------------------------------------------------------------------- SAM 3


def sam3(version: str = "SAM3") -> Weights:
    weights = quiet(SAM3Model(image_model=version, **META), noisy="tracker.sam_mask_decoder.")
    _see_red(weights)
    # 3.1 has a level less, and so a stage less on the way back
    _outline_red(weights, last=2 if version == "SAM3" else 1)
    _find_one(weights)
    words = quiet(SAM3ClipModel(device="meta", dtype=torch.float32))
    prefix = "detector.backbone.language_backbone.sam3_clip."
    return weights | {prefix + name: tensor for name, tensor in words.items()}


def _see_red(weights: Weights) -> None:
    """Channel 0 of the image side is redness; the norm after it makes that a large number or none."""
    trunk = "detector.backbone.vision_backbone.trunk."
    patch = torch.zeros(weights[f"{trunk}patch_embed.proj.weight"].shape)
    patch[0, 0], patch[0, 1], patch[0, 2] = 1 / 196, -0.5 / 196, -0.5 / 196
    weights[f"{trunk}patch_embed.proj.weight"] = patch
    changed(weights, f"{trunk}ln_pre.weight", ..., 1.0)
    convs = "detector.backbone.vision_backbone.convs.0."
    changed(weights, f"{convs}dconv_2x2_0.weight", (0, 0), 1.0)
    changed(weights, f"{convs}dconv_2x2_1.weight", (0, 0), 1.0)
    changed(weights, f"{convs}conv_1x1.weight", (0, 0, 0, 0), 1.0)
    changed(weights, f"{convs}conv_3x3.weight", (0, 0, 1, 1), 1.0)


def _outline_red(weights: Weights, last: int) -> None:
    head = "detector.segmentation_head."
    changed(weights, f"{head}pixel_decoder.conv_layers.{last}.weight", (0, 0, 1, 1), 1.0)
    changed(weights, f"{head}pixel_decoder.norms.{last}.bias", 0, -10.0)
    changed(weights, f"{head}instance_seg_head.weight", (0, 0), 1.0)
    changed(weights, f"{head}instance_seg_head.bias", 0, -0.5)
    changed(weights, f"{head}mask_predictor.mask_embed.layers.2.bias", 0, 1.0)


def _find_one(weights: Weights) -> None:
    """The first query is sure of a thing at BOX, whatever it is asked for; all others are sure of nothing."""
    decoder = "detector.transformer.decoder."
    queries = -torch.ones(weights[f"{decoder}query_embed.weight"].shape)
    queries[0] = 1.0
    queries[:, queries.shape[1] // 2 :] *= -1
    weights[f"{decoder}query_embed.weight"] = queries
    box = torch.tensor(BOX)
    places = torch.zeros(weights[f"{decoder}reference_points.weight"].shape)
    places[0] = torch.log(box / (1 - box))
    weights[f"{decoder}reference_points.weight"] = places
    changed(weights, f"{decoder}presence_token_head.layers.2.bias", ..., SURE)
    scoring = "detector.dot_prod_scoring."
    width = queries.shape[1]
    changed(weights, f"{scoring}hs_proj.weight", 0, queries[0] * width**0.5 / width)
    changed(weights, f"{scoring}prompt_proj.bias", 0, SURE)


# ------------------------------------------------------------------------------------------------------------ others


def rtdetr() -> Weights:
    network = RTv4(**{**META, "device": "cpu"})
    weights = quiet(network)
    # what is computed at its making is no weight
    own = network.state_dict()
    computed = ("anchors", "valid_mask", "project", "up", "reg_scale")
    weights |= {name: own[name] for name in own if name.rpartition(".")[2] in computed}
    heads = [name for name in weights if "score_head" in name and name.endswith("bias")]
    for name in heads:
        changed(weights, name, ..., -SURE)
        changed(weights, name, COCO_CLASSES.index("cup"), 3.0)
    return weights


def da3() -> Weights:
    network = DepthAnything3Net(
        backbone_name="vits",
        out_layers=(5, 7, 9, 11),
        head_dim_in=384,
        head_features=16,
        head_out_channels=(16, 16, 16, 16),
        **META,
    )
    return quiet(network, noisy="head.") | {
        name: tensor for name, tensor in quiet(network, noisy="backbone.embeddings.").items() if "embeddings" in name
    }


def moge() -> Weights:
    backbone = {
        "hidden_size": 64,
        "num_attention_heads": 1,
        "num_hidden_layers": 4,
        "layer_norm_eps": 1e-6,
        "use_swiglu_ffn": False,
    }
    network = MoGeModelV1(backbone=backbone, dim_upsample=[16, 16, 16], **META)
    weights = quiet(network, noisy="head.") | {
        name: tensor for name, tensor in quiet(network, noisy="backbone.").items() if name.startswith("backbone.")
    }
    # every pixel is valid, and the distances differ
    changed(weights, "head.output_block.1.2.bias", 0, 2.0)
    weights["head.output_block.0.2.weight"] *= 20
    weights["image_mean"] = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    weights["image_std"] = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return weights


MODELS = {
    "checkpoints/tiny_sam3": sam3,
    "checkpoints/tiny_sam31": lambda: sam3("SAM31"),
    "diffusion_models/tiny_rtdetr": rtdetr,
    "geometry_estimation/tiny_da3": da3,
    "geometry_estimation/tiny_moge": moge,
}

if __name__ == "__main__":
    for name, make in MODELS.items():
        write(FOLDER / f"{name}.ckpt", make())
