"""Makes tiny models of the real classes, with random weights, and saves them as the hub's folders are.

`python tests/support/tiny_models.py DIR` writes them all below a folder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = [
    "cup",
    "spoon",
    "plate",
    "coin",
    "traffic",
    "light",
    "shadow",
    "of",
    "the",
    "a",
    "photo",
    "red",
    "blue",
    "person",
    "dog",
    "zebra",
    "kiwi",
    "orange",
    "table",
]
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
NARROW = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
DECODER = {
    "hidden_size": 32,
    "mlp_dim": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "iou_head_hidden_dim": 32,
}
"""Of the masks of SAM 2 and 3."""


def owlv2(folder: Path) -> Path:
    """OWLv2 on 96 x 96 pixels, 6 x 6 boxes."""
    import torch
    from transformers import Owlv2Config, Owlv2ForObjectDetection, Owlv2ImageProcessor, Owlv2Processor

    torch.manual_seed(1)
    tokenizer = clip_tokenizer()
    last = len(tokenizer) - 1
    config = Owlv2Config(
        text_config={
            **NARROW,
            "vocab_size": len(tokenizer),
            "num_hidden_layers": 2,
            "max_position_embeddings": 16,
            "bos_token_id": last - 1,
            "eos_token_id": last,
            "pad_token_id": 0,
        },
        vision_config={**NARROW, "num_hidden_layers": 2, "image_size": 96, "patch_size": 16},
        projection_dim=32,
    )
    module = Owlv2ForObjectDetection(config)
    with torch.no_grad():
        # as it comes, chance throws the boxes out of the picture; so they stay near the cells of the grid
        module.box_head.dense2.weight *= 0.02
    images = Owlv2ImageProcessor(size={"height": 96, "width": 96})
    return _saved(folder, module, Owlv2Processor(images, tokenizer))


def grounding_dino(folder: Path) -> Path:
    """GroundingDINO with a Swin of two stages, 20 boxes."""
    import torch
    from transformers import (
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
    )

    torch.manual_seed(2)
    tokenizer = bert_tokenizer()
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "embed_dim": 16,
            "depths": [1, 1, 1],
            "num_heads": [2, 2, 2],
            "window_size": 4,
            "image_size": 64,
            "out_features": ["stage2", "stage3"],
        },
        text_config={
            **NARROW,
            "model_type": "bert",
            "vocab_size": max(tokenizer.get_vocab().values()) + 1,
            "num_hidden_layers": 1,
            "max_position_embeddings": 256,
        },
        d_model=32,
        num_queries=20,
        encoder_layers=1,
        encoder_ffn_dim=64,
        encoder_attention_heads=4,
        decoder_layers=2,
        decoder_ffn_dim=64,
        decoder_attention_heads=4,
        num_feature_levels=3,
        max_text_len=256,
    )
    images = GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 128})
    return _saved(folder, GroundingDinoForObjectDetection(config), GroundingDinoProcessor(images, tokenizer))


def sam(folder: Path) -> Path:
    """SAM on 128 x 128 pixels, masks of 32 x 32."""
    import torch
    from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

    torch.manual_seed(3)
    config = SamConfig(
        vision_config={
            "hidden_size": 32,
            "output_channels": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 128,
            "patch_size": 16,
            "mlp_dim": 64,
            "window_size": 4,
            "global_attn_indexes": [1],
            "num_pos_feats": 8,
        },
        prompt_encoder_config={
            "hidden_size": 16,
            "image_size": 128,
            "patch_size": 16,
            "mask_input_channels": 16,
            "image_embedding_size": 8,
        },
        mask_decoder_config={
            "hidden_size": 16,
            "mlp_dim": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 16,
        },
    )
    images = SamImageProcessor(
        size={"longest_edge": 128},
        pad_size={"height": 128, "width": 128},
        mask_size={"longest_edge": 32},
        mask_pad_size={"height": 32, "width": 32},
    )
    return _saved(folder, SamModel(config), SamProcessor(images))


def sam2(folder: Path) -> Path:
    """SAM 2 with a Hiera of four stages on 128 x 128 pixels."""
    import torch
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model, Sam2Processor

    torch.manual_seed(4)
    config = Sam2Config(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": {
                "model_type": "sam2_hiera_det_model",
                "hidden_size": 16,
                "num_attention_heads": 1,
                "image_size": [128, 128],
                "blocks_per_stage": [1, 1, 2, 1],
                "embed_dim_per_stage": [16, 32, 64, 128],
                "num_attention_heads_per_stage": [1, 2, 4, 8],
                "window_size_per_stage": [8, 4, 4, 4],
                "global_attention_blocks": [3],
                "window_positional_embedding_background_size": [4, 4],
            },
            "backbone_channel_list": [128, 64, 32, 16],
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 128, "patch_size": 16, "mask_input_channels": 16},
        mask_decoder_config=DECODER,
    )
    images = Sam2ImageProcessor(size={"height": 128, "width": 128}, mask_size={"height": 32, "width": 32})
    return _saved(folder, Sam2Model(config), Sam2Processor(images))


def sam3(folder: Path) -> Path:
    """SAM 3's tracker on 112 x 112 pixels."""
    import torch
    from transformers import Sam3ImageProcessor, Sam3TrackerConfig, Sam3TrackerModel, Sam3TrackerProcessor

    torch.manual_seed(5)
    config = Sam3TrackerConfig(
        vision_config={
            "model_type": "sam3_vision_model",
            "backbone_config": {
                "model_type": "sam3_vit_model",
                "hidden_size": 32,
                "intermediate_size": 64,
                "num_hidden_layers": 2,
                "num_attention_heads": 2,
                "image_size": 112,
                "patch_size": 14,
                "pretrain_image_size": 56,
                "window_size": 4,
                "global_attn_indexes": [1],
            },
            "backbone_feature_sizes": [[32, 32], [16, 16], [8, 8]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 112, "patch_size": 14, "mask_input_channels": 16},
        mask_decoder_config=DECODER,
    )
    images = Sam3ImageProcessor(size={"height": 112, "width": 112}, mask_size={"height": 32, "width": 32})
    return _saved(folder, Sam3TrackerModel(config), Sam3TrackerProcessor(images))


def sam2_video(folder: Path) -> Path:
    """The weights of `sam2` as the hub's folders have them: as a model for videos, with its memory."""
    import torch
    from transformers import Sam2Model, Sam2Processor, Sam2VideoConfig, Sam2VideoModel

    image = sam2(folder.with_name(f"{folder.name} image"))
    module = Sam2Model.from_pretrained(image)
    torch.manual_seed(8)
    config = Sam2VideoConfig(
        vision_config=module.config.vision_config.to_dict(),
        prompt_encoder_config=module.config.prompt_encoder_config.to_dict(),
        mask_decoder_config=module.config.mask_decoder_config.to_dict(),
        image_size=128,
        memory_attention_hidden_size=32,
        memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_downsample_rate=1,
        memory_attention_rope_feat_sizes=[8, 8],
        memory_encoder_hidden_size=32,
        memory_encoder_output_channels=8,
        mask_downsampler_embed_dim=32,
        memory_fuser_embed_dim=32,
        memory_fuser_num_layers=1,
        memory_fuser_intermediate_dim=32,
    )
    video = Sam2VideoModel(config)
    video.load_state_dict(module.state_dict(), strict=False)
    return _saved(folder, video, Sam2Processor.from_pretrained(image))


def sam3_video(folder: Path) -> Path:
    """The weights of `sam3` as the hub's folder has them: beside a detector that shares its backbone."""
    import json

    import torch
    from safetensors.torch import load_file, save_file

    sam3(folder)
    shared = ("tracker_model.detector_model.", "tracker_model.tracker_neck.")
    state = {
        key.removeprefix("tracker_model.") if key.startswith(shared) else key: value
        for key, value in load_file(folder / "model.safetensors").items()
    }
    state["detector_model.text_encoder.weight"] = torch.zeros(3)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config = {"model_type": "sam3_video", "architectures": ["Sam3VideoModel"], "tracker_config": config}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def depth_anything(folder: Path, metric: bool = False) -> Path:
    """Depth Anything on a DINOv2 of two layers, 56 pixels at the shorter side."""
    import torch
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, DPTImageProcessor

    torch.manual_seed(6)
    config = DepthAnythingConfig(
        backbone_config={
            **NARROW,
            "model_type": "dinov2",
            "num_hidden_layers": 4,
            "image_size": 56,
            "patch_size": 14,
            "out_indices": [1, 2, 3, 4],
            "reshape_hidden_states": False,
            "apply_layernorm": True,
        },
        patch_size=14,
        reassemble_hidden_size=32,
        neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=16,
        head_hidden_size=8,
        depth_estimation_type="metric" if metric else "relative",
        max_depth=20 if metric else 1,
    )
    images = DPTImageProcessor(
        size={"height": 56, "width": 56},
        keep_aspect_ratio=True,
        ensure_multiple_of=14,
        resample=3,
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    return _saved(folder, DepthAnythingForDepthEstimation(config), images)


def sam_file(file: Path) -> Path:
    """SAM in its authors' own layout, on 128 x 128 pixels, as one .pth file."""
    from functools import partial

    import torch
    from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer

    torch.manual_seed(7)
    module = Sam(
        image_encoder=ImageEncoderViT(
            img_size=128,
            patch_size=16,
            embed_dim=32,
            depth=3,
            num_heads=2,
            mlp_ratio=4,
            out_chans=32,
            qkv_bias=True,
            norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=4,
            global_attn_indexes=(1,),
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=32, image_embedding_size=(8, 8), input_image_size=(128, 128), mask_in_chans=16
        ),
        mask_decoder=MaskDecoder(
            num_multimask_outputs=3,
            transformer=TwoWayTransformer(depth=2, embedding_dim=32, mlp_dim=64, num_heads=8),
            transformer_dim=32,
            iou_head_depth=3,
            iou_head_hidden_dim=32,
        ),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.save(module.state_dict(), file)
    return file


MAKERS: dict[str, Callable[[Path], Path]] = {
    "owlv2": owlv2,
    "grounding-dino": grounding_dino,
    "sam": sam,
    "sam2": sam2,
    "sam3": sam3,
    "depth-anything": depth_anything,
}
"""Every class of model that there is, but for SAM's own files."""


def _saved(folder: Path, module: Any, processor: Any) -> Path:
    module.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def clip_tokenizer() -> Any:
    """CLIP's, byte by byte."""
    from transformers import CLIPTokenizer

    return CLIPTokenizer(vocab=_clip_vocabulary(), merges=[], model_max_length=16)


def bert_tokenizer() -> Any:
    """BERT's, with WORDS and letters, and the special tokens where GroundingDINO looks for them."""
    from transformers import BertTokenizer

    fixed = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]", 1012: ".", 1029: "?"}
    words = iter([*WORDS, *LETTERS, *(f"##{letter}" for letter in LETTERS)])
    names = [fixed.get(k) or (next(words, None) if k > 103 else None) or f"[unused{k}]" for k in range(1030)]
    return BertTokenizer(vocab={name: k for k, name in enumerate(names)}, model_max_length=256)


def _clip_vocabulary() -> dict[str, int]:
    """A byte-level vocabulary as CLIP's: the 256 signs, their ends of words, and the two special tokens last."""
    spans = (("!", "~"), ("¡", "¬"), ("®", "ÿ"))
    signs = [sign for first, last in spans for sign in range(ord(first), ord(last) + 1)]
    signs += [256 + k for k in range(256 - len(signs))]
    letters = [chr(sign) for sign in signs]
    names = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return {name: k for k, name in enumerate(names)}


if __name__ == "__main__":
    for name, make in MAKERS.items():
        print(make(Path(sys.argv[1]) / name))
    print(sam_file(Path(sys.argv[1]) / "sam_vit_tiny.pth"))
