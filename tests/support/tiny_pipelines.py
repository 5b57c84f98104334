"""Tiny diffusers pipelines of the real classes, with random weights: each saves to a folder of a few megabytes.

Pictures they draw mean nothing; shapes, settings, sizes and the flow of data are the real ones. All have four VAE
blocks, so that latents are an eighth of the picture as in the real models.
"""

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLQwenImage,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxPipeline,
    FluxTransformer2DModel,
    QwenImageInpaintPipeline,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)


def characters():
    """The 256 printable stand-ins for bytes of byte-level BPE (GPT-2's table)."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [n for n in range(256) if n not in shown]
    return [chr(n) for n in shown] + [chr(256 + k) for k in range(len(rest))]


def clip_tokenizer():
    letters = characters()
    words = [*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: n for n, word in enumerate(words)}, merges=[], model_max_length=77)


def clip_text(kind=CLIPTextModel, width=32):
    return kind(
        CLIPTextConfig(
            vocab_size=514,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=2,
            projection_dim=width,
            bos_token_id=512,
            eos_token_id=513,
            pad_token_id=513,
        )
    ).eval()


def t5_tokenizer():
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0), *((chr(97 + n), -2.0) for n in range(26))]
    return T5TokenizerFast(vocab=pieces)


def t5_text(width=32):
    return T5EncoderModel(T5Config(vocab_size=64, d_model=width, d_ff=64, d_kv=16, num_layers=1, num_heads=2)).eval()


def vae(channels, quant=True, **more):
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        norm_num_groups=4,
        latent_channels=channels,
        use_quant_conv=quant,
        use_post_quant_conv=quant,
        **more,
    ).eval()


def unet(channels, sample_size, cross, **more):
    return UNet2DConditionModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        sample_size=sample_size,
        in_channels=channels,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=cross,
        attention_head_dim=4,
        norm_num_groups=8,
        **more,
    ).eval()


def sd15(channels=4):
    kind = StableDiffusionInpaintPipeline if channels == 9 else StableDiffusionPipeline
    return kind(
        vae=vae(4),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        unet=unet(channels, sample_size=8, cross=32),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl(channels=4):
    kind = StableDiffusionXLInpaintPipeline if channels == 9 else StableDiffusionXLPipeline
    return kind(
        vae=vae(4, sample_size=64),
        text_encoder=clip_text(),
        text_encoder_2=clip_text(CLIPTextModelWithProjection),
        tokenizer=clip_tokenizer(),
        tokenizer_2=clip_tokenizer(),
        unet=unet(
            channels,
            sample_size=8,
            cross=64,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 32,
            use_linear_projection=True,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
        ),
    )


def sd3():
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=8,
            patch_size=2,
            in_channels=16,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=2,
            joint_attention_dim=64,
            caption_projection_dim=16,
            pooled_projection_dim=64,
            out_channels=16,
            pos_embed_max_size=32,
        ).eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae(16, quant=False, shift_factor=0.0609, scaling_factor=1.5305),
        text_encoder=clip_text(CLIPTextModelWithProjection),
        tokenizer=clip_tokenizer(),
        text_encoder_2=clip_text(CLIPTextModelWithProjection),
        tokenizer_2=clip_tokenizer(),
        text_encoder_3=t5_text(64),
        tokenizer_3=t5_tokenizer(),
    )


def flux(fill=False):
    return (FluxFillPipeline if fill else FluxPipeline)(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, shift=3.0),
        vae=vae(16, quant=False, shift_factor=0.1159, scaling_factor=0.3611),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5_text(32),
        tokenizer_2=t5_tokenizer(),
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=384 if fill else 64,
            out_channels=64,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        ).eval(),
    )


def qwen_image():
    letters = characters()
    specials = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>")
    tokenizer = Qwen2Tokenizer(vocab={c: n for n, c in enumerate((*letters, *specials))}, merges=[])
    tokenizer.add_special_tokens({"additional_special_tokens": list(specials[1:])})
    text = {
        "vocab_size": 300,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1000000.0},
        "bos_token_id": 256,
        "eos_token_id": 256,
        "pad_token_id": 256,
    }
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    return QwenImageInpaintPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLQwenImage(
            base_dim=8,
            z_dim=16,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.0] * 16,
            latents_std=[1.0] * 16,
        ).eval(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(
            Qwen2_5_VLConfig(text_config=text, vision_config=vision)
        ).eval(),
        tokenizer=tokenizer,
        transformer=QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=64,
            out_channels=16,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=16,
            guidance_embeds=False,
            axes_dims_rope=(8, 4, 4),
        ).eval(),
    )


MAKERS = {
    "sd15": sd15,
    "sd15_inpaint": lambda: sd15(9),
    "sdxl": sdxl,
    "sdxl_inpaint": lambda: sdxl(9),
    "sd3": sd3,
    "flux_fill": lambda: flux(fill=True),
    "flux": flux,
    "qwen_image": qwen_image,
}


# --------------------------------------------------------------------------------- one file, as checkpoints are shared

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def renamed(weights, pairs):
    """Weights whose names begin with a key of `pairs`, under the value instead; the longest key wins."""
    ordered = sorted(pairs.items(), key=lambda pair: -len(pair[0]))
    result = {}
    for name, value in weights.items():
        old, new = next((o, n) for o, n in ordered if name.startswith(o + "."))
        result[new + name[len(old) :]] = value
    return result


def unet_names():
    """Of the tiny UNet (two levels, one layer each) in the layout of the original Stable Diffusion code."""
    pairs = {
        "conv_in": "input_blocks.0.0",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "down_blocks.0.downsamplers.0.conv": "input_blocks.2.0.op",
        "down_blocks.1.attentions.0": "input_blocks.3.1",
        "mid_block.attentions.0": "middle_block.1",
        "up_blocks.0.attentions.0": "output_blocks.0.1",
        "up_blocks.0.attentions.1": "output_blocks.1.1",
        "up_blocks.0.upsamplers.0.conv": "output_blocks.1.2.conv",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
    }
    resnets = {
        "down_blocks.0.resnets.0": "input_blocks.1.0",
        "down_blocks.1.resnets.0": "input_blocks.3.0",
        "mid_block.resnets.0": "middle_block.0",
        "mid_block.resnets.1": "middle_block.2",
        **{f"up_blocks.{n // 2}.resnets.{n % 2}": f"output_blocks.{n}.0" for n in range(4)},
    }
    pairs |= {f"{old}.{a}": f"{new}.{b}" for old, new in resnets.items() for a, b in RESNET.items()}
    return {old: f"model.diffusion_model.{new}" for old, new in pairs.items()}


def vae_names():
    pairs = {name: name for name in ("quant_conv", "post_quant_conv")}
    for side, blocks in (("encoder", "down_blocks"), ("decoder", "up_blocks")):
        pairs |= {f"{side}.conv_norm_out": f"{side}.norm_out"}
        pairs |= {f"{side}.{name}": f"{side}.{name}" for name in ("conv_in", "conv_out")}
        pairs |= {f"{side}.mid_block.resnets.{n}": f"{side}.mid.block_{n + 1}" for n in range(2)}
        pairs |= {f"{side}.mid_block.attentions.0.{a}": f"{side}.mid.attn_1.{b}" for a, b in ATTENTION.items()}
        for n in range(4):
            old, new = f"{side}.{blocks}.{n}", f"{side}.down.{n}" if side == "encoder" else f"{side}.up.{3 - n}"
            pairs |= {f"{old}.resnets.{k}": f"{new}.block.{k}" for k in range(2)}
            pairs |= {f"{old}.downsamplers.0": f"{new}.downsample", f"{old}.upsamplers.0": f"{new}.upsample"}
    return {old: f"first_stage_model.{new}" for old, new in pairs.items()}


def save_single_file(folder, file):
    """The tiny Stable Diffusion of a folder as one file in the layout that checkpoints are shared in."""
    kinds = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
    parts = {name: kind.from_pretrained(folder, subfolder=name).state_dict() for name, kind in kinds.items()}
    weights = renamed(parts["unet"], unet_names())
    for name, value in renamed(parts["vae"], vae_names()).items():
        # the original's attention is made of 1 x 1 convolutions
        convolved = ".attn_1." in name and value.ndim == 2
        weights[name] = value[..., None, None] if convolved else value
    for name, value in parts["text_encoder"].items():
        bare = name.removeprefix("text_model.")
        weights[f"cond_stage_model.transformer.text_model.{bare}"] = value
    save_file({name: value.contiguous().clone() for name, value in weights.items()}, file)
    return file


def save(name, folder):
    """The pipeline of that name in a folder; the same weights at every call."""
    torch.manual_seed(0)
    MAKERS[name]().save_pretrained(folder)
    return folder
