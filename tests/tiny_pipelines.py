"""Tiny diffusers pipelines of the real classes, with random weights: each saves to a folder of a few megabytes.

Pictures they draw mean nothing; shapes, settings, sizes and the flow of data are the real ones. All have four VAE
blocks, so that latents are an eighth of the picture as in the real models.
"""

import torch


def torchvision_on_a_processor():
    """Lets torchvision built for CUDA be imported beside torch built for processors: the operators it looks for.

    A test machine may have such a pair; nothing here calls them. Users have a pair that fits.
    """
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name, arguments in (
        ("nms", "Tensor dets, Tensor scores, float iou_threshold"),
        ("qnms", "Tensor dets, Tensor scores, float iou_threshold"),
    ):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}({arguments}) -> Tensor")
    return library


# kept: an operator goes when its library does
OPERATORS = torchvision_on_a_processor()

from diffusers import (  # noqa: E402
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
from transformers import (  # noqa: E402
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


def save(name, folder):
    """The pipeline of that name in a folder; the same weights at every call."""
    torch.manual_seed(0)
    MAKERS[name]().save_pretrained(folder)
    return folder
