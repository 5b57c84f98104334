"""Models of ComfyUI's real classes, a few layers small, with random weights: what a loader gives, without a file.

The network, its sampling and its latent format are the family's own; only numbers that make it large are small. The
text encoder is a stand-in that gives noise of the right width for a text and its pictures: real ones cannot be shrunk.
"""

from __future__ import annotations

import inspect
import re

import torch

from .base import Node

WIDE = 64
"""Features of a token of the stand-in text encoder."""
FLUX = {
    "image_model": "flux", "axes_dim": [16, 56, 56], "num_heads": 2, "mlp_ratio": 2.0, "theta": 10000,
    "out_channels": 16, "qkv_bias": True, "txt_ids_dims": [], "in_channels": 16, "hidden_size": 256,
    "context_in_dim": WIDE, "patch_size": 2, "vec_in_dim": WIDE, "depth": 1, "depth_single_blocks": 1,
    "guidance_embed": True, "yak_mlp": False, "txt_norm": False,
}  # fmt: skip
FLUX2 = FLUX | {
    "image_model": "flux2", "axes_dim": [32, 32, 32, 32], "theta": 2000, "out_channels": 128, "in_channels": 128,
    "global_modulation": True, "mlp_silu_act": True, "qkv_bias": False, "ops_bias": False, "patch_size": 1,
    "default_ref_method": "index", "ref_index_scale": 10.0, "txt_ids_dims": [3], "vec_in_dim": None,
}  # fmt: skip
LUMINA = {
    "image_model": "lumina2", "patch_size": 2, "in_channels": 16, "dim": 192, "cap_feat_dim": WIDE, "n_layers": 2,
    "n_refiner_layers": 1, "qk_norm": True, "n_heads": 2, "n_kv_heads": 1, "axes_dims": [32, 32, 32],
    "axes_lens": [300, 512, 512], "rope_theta": 10000.0, "ffn_dim_multiplier": 1.0,
}  # fmt: skip
CONFIGS = {
    "flux_dev": ("Flux", FLUX),
    "flux_fill": ("FluxInpaint", FLUX | {"in_channels": 96}),
    "flux_schnell": ("FluxSchnell", FLUX | {"guidance_embed": False}),
    "flux2_dev": ("Flux2", FLUX2),
    "flux2_klein": ("Flux2", FLUX2 | {"guidance_embed": False}),
    "longcat": ("LongCatImage", FLUX | {"vec_in_dim": None, "guidance_embed": False, "txt_ids_dims": [1, 2]}),
    "qwen_image": (
        "QwenImage",
        {"image_model": "qwen_image", "in_channels": 64, "num_layers": 1, "num_attention_heads": 2,
         "joint_attention_dim": WIDE},
    ),
    "lumina2": ("Lumina2", LUMINA),
    "z_image": (
        "ZImage",
        LUMINA | {"dim": 256, "n_kv_heads": 2, "axes_dims": [32, 48, 48], "axes_lens": [1536, 512, 512],
                  "rope_theta": 256.0, "z_image_modulation": True, "time_scale": 1000.0, "pad_tokens_multiple": 32},
    ),
    "chroma": (
        "Chroma",
        {k: v for k, v in FLUX.items() if k not in ("guidance_embed", "yak_mlp", "txt_norm")}
        | {"image_model": "chroma", "in_channels": 64, "out_channels": 64, "in_dim": 64, "out_dim": 256,
           "hidden_dim": 128, "n_layers": 1},
    ),
    "hidream": (
        "HiDream",
        {"image_model": "hidream", "attention_head_dim": 128, "axes_dims_rope": [64, 32, 32],
         "caption_channels": [WIDE, WIDE], "max_resolution": [128, 128], "in_channels": 16, "out_channels": 16,
         "llama_layers": [0, 0], "num_attention_heads": 2, "num_routed_experts": 2, "num_activated_experts": 1,
         "num_layers": 1, "num_single_layers": 1, "patch_size": 2, "text_emb_dim": WIDE},
    ),
    "omnigen2": (
        "Omnigen2",
        {"image_model": "omnigen2", "axes_dim_rope": [40, 40, 40], "axes_lens": [1024, 1664, 1664],
         "hidden_size": 240, "in_channels": 16, "multiple_of": 32, "num_attention_heads": 2, "num_kv_heads": 1,
         "num_layers": 1, "num_refiner_layers": 1, "patch_size": 2, "text_feat_dim": WIDE, "timestep_scale": 1000.0},
    ),
    "boogu": (
        "Boogu",
        {"image_model": "boogu", "hidden_size": 240, "multiple_of": 32, "num_attention_heads": 2, "num_kv_heads": 1,
         "num_layers": 1, "num_double_stream_layers": 1, "num_refiner_layers": 1, "instruction_feat_dim": WIDE},
    ),
    "hunyuan_image": (
        "HunyuanImage21",
        {"image_model": "hunyuan_video", "in_channels": 64, "out_channels": 64, "patch_size": [1, 1],
         "axes_dim": [64, 64], "vec_in_dim": None, "meanflow": False, "meanflow_sum": False, "context_in_dim": WIDE,
         "hidden_size": 256, "mlp_ratio": 2.0, "num_heads": 2, "depth": 1, "depth_single_blocks": 1, "theta": 256,
         "qkv_bias": True, "byt5": True, "guidance_embed": False, "use_cond_type_embedding": False,
         "vision_in_dim": None},
    ),
    "ernie": (
        "ErnieImage",
        {"image_model": "ernie", "hidden_size": 256, "num_attention_heads": 2, "num_layers": 1,
         "ffn_hidden_size": 256, "text_in_dim": WIDE},
    ),
    "krea2": (
        "Krea2",
        {"image_model": "krea2", "features": 256, "heads": 2, "kvheads": 1, "layers": 1, "multiplier": 2,
         "txtlayers": 2, "txtdim": WIDE // 2, "txtheads": 1, "txtkvheads": 1},
    ),
    "anima": (
        "Anima",
        {"image_model": "anima", "max_img_h": 240, "max_img_w": 240, "max_frames": 128, "in_channels": 16,
         "out_channels": 16, "patch_spatial": 2, "patch_temporal": 1, "model_channels": 256,
         "concat_padding_mask": True, "crossattn_emb_channels": WIDE, "pos_emb_cls": "rope3d",
         "pos_emb_learnable": True, "pos_emb_interpolation": "crop", "use_adaln_lora": True, "adaln_lora_dim": 32,
         "num_blocks": 1, "num_heads": 2, "rope_h_extrapolation_ratio": 4.0, "rope_w_extrapolation_ratio": 4.0,
         "rope_enable_fps_modulation": False},
    ),
    "ideogram4": (
        "Ideogram4",
        {"image_model": "ideogram4", "num_layers": 1, "num_attention_heads": 1, "intermediate_size": 128,
         "adaln_dim": 64, "llm_features_dim": WIDE},
    ),
    "kandinsky5": (
        "Kandinsky5Image",
        {"image_model": "kandinsky5", "model_dim": 256, "ff_dim": 256, "time_dim": 64, "visual_embed_dim": 64,
         "axes_dims": (32, 48, 48), "rope_scale_factor": (1.0, 1.0, 1.0), "in_text_dim": WIDE, "in_text_dim2": WIDE,
         "num_text_blocks": 1, "num_visual_blocks": 1},
    ),
    "lens": (
        "Lens",
        {"image_model": "lens", "num_layers": 1, "num_attention_heads": 2, "enc_hidden_dim": WIDE // 2,
         "multi_layer_encoder_feature": True, "selected_layer_index": (0, 1)},
    ),
    "mage_flow": (
        "MageFlow",
        {"image_model": "mage_flow", "num_layers": 1, "num_attention_heads": 2, "joint_attention_dim": WIDE},
    ),
    "joyimage": (
        "JoyImage",
        {"image_model": "joyimage", "hidden_size": 256, "num_attention_heads": 2, "text_dim": WIDE, "num_layers": 1},
    ),
    "auraflow": (
        "AuraFlow",
        {"cond_seq_dim": WIDE, "max_seq": 64 * 64, "dim": 256, "n_layers": 2, "n_double_layers": 1, "n_heads": 2,
         "global_conddim": 256},
    ),
    "pixart": (
        "PixArtSigma",
        {"image_model": "pixart_sigma", "num_heads": 2, "patch_size": 2, "hidden_size": 128, "in_channels": 4,
         "depth": 1, "model_max_length": 300, "input_size": 128, "pe_interpolation": 2, "micro_condition": False,
         "caption_channels": WIDE},
    ),
    "hunyuan_dit": (
        "HunyuanDiT1",
        {"image_model": "hydit1", "hidden_size": 128, "depth": 2, "num_heads": 2, "size_cond": True,
         "use_style_cond": True, "text_states_dim": WIDE, "text_states_dim_t5": WIDE, "text_len": 8,
         "text_len_t5": 8},
    ),
}  # fmt: skip
"""Family -> (its class in comfy/supported_models.py, its network's settings)."""


class TinyModel(Node):
    """MODEL, CLIP and VAE of a family."""

    NEEDED = {"family": ("STRING", {}), "patched": ("BOOLEAN", {"default": False})}
    RETURN_TYPES = ("MODEL", "CLIP", "VAE")

    def run(self, family, patched=False):
        model = _model(family)
        if patched:
            import nodes

            patch = nodes.NODE_CLASS_MAPPINGS["ModelSamplingAuraFlow"]
            [model] = getattr(patch(), patch.FUNCTION)(model, 1.73)
        return model, Words(family), _vae(family)


def _model(family):
    import comfy.model_management as management
    import comfy.model_patcher
    import comfy.supported_models as supported

    name, unet = CONFIGS[family]

    def made(**known):
        config = getattr(supported, name)(known)
        # a class may add numbers of its own, which make it large
        config.unet_config.update(known)
        config.set_inference_dtype(torch.float32, None)
        return config.get_model({}, "")

    model = _tolerant(made, unet)
    _fill(model.diffusion_model)
    model.eval()
    device = torch.device("cpu")
    return comfy.model_patcher.ModelPatcher(model, load_device=management.get_torch_device(), offload_device=device)


def _tolerant(make, settings):
    """What is made of the settings; those that this ComfyUI's network does not know yet are left out."""
    settings = dict(settings)
    while True:
        try:
            return make(**settings)
        except TypeError as error:
            unknown = re.search("unexpected keyword argument '(\\w+)'", str(error))
            if unknown is None:
                raise
            del settings[unknown.group(1)]


def _fill(network):
    """Small random numbers for all weights; scales are 1."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for key, value in network.state_dict().items():
            if value.is_floating_point():
                is_scale = value.ndim == 1 and key.endswith(("weight", "scale"))
                noise = torch.randn(value.shape, generator=generator) * 0.05
                value.copy_(torch.ones_like(value) if is_scale else noise)


def _vae(family):
    import comfy.sd

    torch.manual_seed(0)
    if family in ("qwen_image", "krea2", "anima", "joyimage"):
        from comfy.ldm.wan.vae import WanVAE

        settings = {"dim": 96, "z_dim": 16, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_scales": []}
        settings |= {"temperal_downsample": [False, True, True], "dropout": 0.0}
        known = inspect.signature(WanVAE.__init__).parameters
        module = WanVAE(**{name: value for name, value in settings.items() if name in known})
        return comfy.sd.VAE(sd=_random(module))
    if family == "hunyuan_image":
        return _hunyuan_vae()
    if family.startswith("flux2") or family in ("ernie", "ideogram4", "lens", "mage_flow"):
        from comfy.ldm.models.autoencoder import AutoencoderKL

        settings = {"double_z": True, "z_channels": 32, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": 128}
        settings |= {"ch_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [], "dropout": 0.0}
        return comfy.sd.VAE(sd=_random(AutoencoderKL(ddconfig=settings | {"batch_norm_latent": True}, embed_dim=32)))
    from comfy.taesd.taesd import TAESD

    channels = 4 if family in ("auraflow", "pixart", "hunyuan_dit") else 16
    return comfy.sd.VAE(sd=_random(TAESD(latent_channels=channels)))


def _hunyuan_vae():
    """The one of HunyuanImage, whose cells are 32 pixels wide; its own width is in no file, so it is put in place."""
    import comfy.sd
    from comfy.ldm.models.autoencoder import AutoencodingEngine
    from comfy.taesd.taesd import TAESD

    made = comfy.sd.VAE(sd=_random(TAESD(latent_channels=16)))
    settings = {
        "block_out_channels": [32, 32, 64, 64, 128, 128],
        "in_channels": 3,
        "out_channels": 3,
        "num_res_blocks": 1,
    }
    settings |= {"ffactor_spatial": 32, "downsample_match_channel": True, "upsample_match_channel": True}
    settings["z_channels"] = 64
    network = AutoencodingEngine(
        regularizer_config={"target": "comfy.ldm.models.autoencoder.DiagonalGaussianRegularizer"},
        encoder_config={"target": "comfy.ldm.hunyuan_video.vae.Encoder", "params": settings},
        decoder_config={"target": "comfy.ldm.hunyuan_video.vae.Decoder", "params": settings},
    )
    network.load_state_dict(_random(network))
    made.first_stage_model = network.eval().to(made.vae_dtype)
    places = {"load_device": made.patcher.load_device, "offload_device": made.patcher.offload_device}
    made.patcher = type(made.patcher)(made.first_stage_model, **places)
    made.latent_channels, made.downscale_ratio, made.upscale_ratio = 64, 32, 32
    made.process_input, made.process_output = (lambda image: image * 2 - 1), (lambda image: (image + 1) / 2)
    return made


def _random(module):
    """A state dict like its own, with small random numbers; variances and scales are 1."""
    generator = torch.Generator().manual_seed(0)
    made = {}
    for key, value in module.state_dict().items():
        if not value.is_floating_point():
            made[key] = value
        elif key.endswith(("running_var", "gamma")) or (value.ndim <= 1 and key.endswith(("weight", "scale"))):
            made[key] = torch.ones_like(value)
        else:
            made[key] = torch.randn(value.shape, generator=generator) * 0.05
    return made


class Words:
    """Stands for a text encoder: the same words and pictures give the same noise, others another."""

    def __init__(self, family):
        self.family = family

    def tokenize(self, text, images=(), **_):
        return {"text": text, "images": list(images)}

    def encode_from_tokens_scheduled(self, tokens, **_):
        seen = sum(float(image.sum()) for image in tokens["images"])
        seed = hash((tokens["text"], round(seen, 3))) % (1 << 31)
        generator = torch.Generator().manual_seed(seed)
        count = 8 + 4 * len(tokens["images"])
        more = {"pooled_output": torch.randn(1, WIDE, generator=generator)}
        if self.family == "hidream":
            more["conditioning_llama3"] = torch.randn(1, 1, count, WIDE, generator=generator)
        elif self.family == "hunyuan_dit":
            generator = torch.Generator().manual_seed(seed)
            more["attention_mask"] = torch.ones(1, 8)
            more["conditioning_mt5xl"] = torch.randn(1, 8, WIDE, generator=generator)
            more["attention_mask_mt5xl"] = torch.ones(1, 8)
        elif self.family in ("omnigen2", "boogu", "lumina2", "z_image"):
            more["attention_mask"] = torch.ones(1, count, dtype=torch.long)
        return [[torch.randn(1, count, WIDE, generator=generator), more]]


class TinyControl(Node):
    """A CONTROL_NET for the tiny Flux: of latents, with the mask beside them for one that inpaints."""

    NEEDED = {"takes_mask": ("BOOLEAN", {"default": False})}
    RETURN_TYPES = ("CONTROL_NET",)

    def run(self, takes_mask):
        import comfy.latent_formats
        import comfy.model_management as management
        import comfy.ops
        from comfy.controlnet import ControlNet
        from comfy.ldm.flux.controlnet import ControlNetFlux

        unet = {name: value for name, value in FLUX.items() if name != "image_model"}
        settings = {"latent_input": True, "control_latent_channels": 17 if takes_mask else 16}
        settings |= {"operations": comfy.ops.disable_weight_init, "dtype": torch.float32}
        network = _tolerant(lambda **known: ControlNetFlux(**settings, **known), unet)
        _fill(network)
        net = ControlNet(
            network,
            compression_ratio=1,
            latent_format=comfy.latent_formats.Flux(),
            concat_mask=takes_mask,
            load_device=management.get_torch_device(),
            extra_conds=["y", "guidance"],
        )
        return (net,)
