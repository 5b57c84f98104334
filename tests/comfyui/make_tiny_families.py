"""Tiny model files for every family an inpainting pack meets, for ComfyUI's own loaders on a CPU.

usage:  python make_tiny_families.py COMFY_DIR OUT_DIR [family ...]      (no family: all of them)

families and what they write below OUT_DIR (use it as `--base-directory`, files land in OUT_DIR/models/...):
  sd15            checkpoints/tiny_sd15.ckpt             4 channels
  sd15_inpaint    checkpoints/tiny_sd15_inpaint.ckpt     9 channels
  sdxl            checkpoints/tiny_sdxl.ckpt             4 channels
  sdxl_inpaint    checkpoints/tiny_sdxl_inpaint.ckpt     9 channels
  sd3             checkpoints/tiny_sd3.ckpt              16 channels, CLIP-L only (no CLIP-G, no T5)
  flux            diffusion_models/tiny_flux_dev.ckpt    16 channels (64 after 2x2 patching)
  flux_fill       diffusion_models/tiny_flux_fill.ckpt   16 noise + 16 picture + 64 mask channels
  text_encoders   text_encoders/tiny_clip_l.ckpt
  vae             vae/tiny_vae_flux.ckpt

What ONE sampler step from the largest sigma does (steps 1, denoise 1, any cfg; euler, dpmpp_2m, lcm, ... with
normal, simple, karras, sgm_uniform, ... but not uni_pc, ddim_uniform, kl_optimal; more steps leave noise):
  base models     return latent 0 = mid grey, whatever the seed and the prompt;
  inpaint models  return the masked picture they were conditioned on: mid grey in the hole and the (mosaic of the)
                  picture elsewhere. With a missing or wrong conditioning the hole is NOT mid grey.
The VAE is an 8x8 box mean, exact up to 8-bit rounding: decode(encode(x)) is the mosaic of x.

Why the files are small: a .ckpt may hold strided views, so a constant matrix is stored as ONE number (stride 0) and
a random one as a sliding window over one short vector.  ComfyUI then fills tensors of the real size, so a small file
says nothing about RAM: the text encoders are full size (CLIP-L 0.25 GB, CLIP-G 1.4 GB).
safetensors cannot hold such views.
"""

import json

import torch
from tiny_library import as_library, write

COMFY_DIR, FOLDER, WANTED = as_library(__doc__)
import comfy.latent_formats
import comfy.ops
from comfy.clip_model import CLIPTextModel
from comfy.ldm.flux.model import Flux, FluxParams
from comfy.ldm.modules.diffusionmodules.mmdit import OpenAISignatureMMDITWrapper as MMDiT
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel
from comfy.taesd.taesd import TAESD

OPS = comfy.ops.disable_weight_init
META = dict(dtype=torch.float32, device="meta", operations=OPS)  # shapes only, no memory


# ------------------------------------------------------------------------------------------------ views, not matrices
class Views:
    """Big tensors as views on a few short storages; torch.save writes every storage once."""

    def __init__(self):
        self.numbers = {}
        self.pool = (torch.randn(1 << 16, generator=torch.Generator().manual_seed(0)) * 0.02).half()

    def full(self, shape, value):
        one = self.numbers.setdefault(value, torch.tensor([float(value)]).half())
        return one.reshape((1,) * len(shape)).expand(shape) if len(shape) else one[0]

    def noise(self, shape):  # row i is the pool from element i on: all rows differ
        assert len(shape) == 2 and sum(shape) <= len(self.pool)
        return self.pool.as_strided(shape, (1, 1))


def is_norm_weight(key, shape):
    return len(shape) == 1 and key.endswith(("weight", "scale"))


def silent(module, views):
    """A state dict of the module's shapes in which every layer adds nothing: norms 1, everything else 0."""
    return {k: views.full(v.shape, 1 if is_norm_weight(k, v.shape) else 0) for k, v in module.state_dict().items()}


def prefixed(prefix, sd):
    return {prefix + k: v for k, v in sd.items()}


# ------------------------------------------------------------------------------------------------------ text encoders
# Dimensions and layer counts come from json files inside ComfyUI, never from the file: nothing can be reduced.
# All blocks are silent, so a prompt is encoded as the normalised embedding of its tokens: it depends on the text,
# is finite, and costs the full forward pass.
def comfy_config(name):
    return json.loads((COMFY_DIR / "comfy" / name).read_text())


def clip(views, config_name, with_projection):
    sd = silent(CLIPTextModel(comfy_config(config_name), **META), views)
    for key in ("text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding.weight"):
        sd[key] = views.noise(sd[key].shape)
    if with_projection:
        sd["text_projection.weight"] = views.noise(sd["text_projection.weight"].shape)
    else:
        del sd["text_projection.weight"]  # SD1.5 and SDXL checkpoints have none for CLIP-L
    return sd


def clip_l(views, with_projection=True):
    return clip(views, "sd1_clip_config.json", with_projection)


def clip_g(views):
    return clip(views, "clip_config_bigg.json", True)


def clip_g_openclip(views):
    """CLIP-G under the OpenCLIP names of an SDXL checkpoint."""
    sd = {}
    rename = {
        "layer_norm1": "ln_1",
        "layer_norm2": "ln_2",
        "mlp.fc1": "mlp.c_fc",
        "mlp.fc2": "mlp.c_proj",
        "self_attn.out_proj": "attn.out_proj",
    }
    for key, value in clip_g(views).items():
        key = key.replace("text_model.", "", 1)
        if key.startswith("encoder.layers."):
            _, _, layer, rest = key.split(".", 3)
            block = "transformer.resblocks.%s." % layer
            module, kind = rest.rsplit(".", 1)
            if module in rename:
                sd[block + rename[module] + "." + kind] = value
            elif module == "self_attn.q_proj":  # q, k and v are one tensor in OpenCLIP
                sd[block + "attn.in_proj_" + kind] = views.full((3 * value.shape[0],) + value.shape[1:], 0)
        else:
            sd[
                {
                    "embeddings.token_embedding.weight": "token_embedding.weight",
                    "embeddings.position_embedding.weight": "positional_embedding",
                    "final_layer_norm.weight": "ln_final.weight",
                    "final_layer_norm.bias": "ln_final.bias",
                    "text_projection.weight": "text_projection",
                }[key]
            ] = value
    return sd


# ---------------------------------------------------------------------------------------------------------------- VAE
def box_vae(views, latent_format):
    """8x8 box mean in the TAESD layout (VAE() takes the latent channels from taesd_decoder.1.weight).
    Latent channels 0..2 are R, G, B as 0.6 * v - 0.3; vae_shift makes mid grey the zero of the sampler's space."""
    channels = latent_format.latent_channels
    with torch.device("cpu"):
        shapes = {k: v.shape for k, v in TAESD(latent_channels=channels).state_dict().items()}
    sd = {k: views.full(s, 0) for k, s in shapes.items()}

    def rgb(key, kernel):  # channels 0..2 each through the same 3x3 kernel
        w = torch.zeros(shapes[key])
        for c in range(3):
            w[c, c] = kernel
        return w.half()

    one, mean = torch.zeros(3, 3), torch.zeros(3, 3)
    one[1, 1], mean[1:, 1:] = 1, 0.25  # stride 2, padding 1: the four taps of one 2x2 cell
    half_size, keep = rgb("taesd_encoder.2.weight", mean), rgb("taesd_decoder.7.weight", one)
    sd["taesd_encoder.0.weight"] = rgb("taesd_encoder.0.weight", one)
    for i in (2, 6, 10):
        sd["taesd_encoder.%d.weight" % i] = half_size
    sd["taesd_encoder.14.weight"] = rgb("taesd_encoder.14.weight", one * 0.6)
    sd["taesd_encoder.14.bias"] = torch.tensor([-0.3] * 3 + [0.0] * (channels - 3)).half()
    sd["taesd_decoder.1.weight"] = rgb("taesd_decoder.1.weight", one / 0.6)
    sd["taesd_decoder.1.bias"] = torch.tensor([0.5] * 3 + [0.0] * 61).half()
    for i in (7, 12, 17):
        sd["taesd_decoder.%d.weight" % i] = keep
    sd["taesd_decoder.19.weight"] = rgb("taesd_decoder.19.weight", one)
    sd["vae_scale"] = torch.tensor(1.0)
    sd["vae_shift"] = torch.tensor(float(getattr(latent_format, "shift_factor", 0.0)))
    return sd


# ------------------------------------------------------------------------------------------- SD1.5 and SDXL: the UNet
# comfy/supported_models.py wants model_channels, context_dim, adm_in_channels, use_linear_in_transformer and, for
# SDXL, the list transformer_depth of the input side. Free: channel_mult (1 = everything 320 wide), the output side's
# depth, the middle block.
UNETS = {
    "sd15": dict(
        num_res_blocks=[1],
        channel_mult=[1],
        transformer_depth=[1],
        transformer_depth_output=[0, 0],
        transformer_depth_middle=-2,
        context_dim=768,
        use_linear_in_transformer=False,
        num_heads=8,
        num_head_channels=-1,
        adm_in_channels=None,
    ),
    "sdxl": dict(
        num_res_blocks=[2, 2, 2],
        channel_mult=[1, 1, 1],
        transformer_depth=[0, 0, 2, 2, 10, 10],
        transformer_depth_output=[0] * 9,
        transformer_depth_middle=-1,
        context_dim=2048,
        use_linear_in_transformer=True,
        num_heads=-1,
        num_head_channels=64,
        adm_in_channels=2816,
        num_classes="sequential",
    ),
}
SIGMA_MAX = 14.614642  # of ComfyUI's default beta schedule


def unet(views, family, inpaint):
    """eps = (x - target) / sigma_max, hence denoised = target after one step from sigma_max.
    target: 0, or for the 9-channel model its own input channels 5..8, the masked picture (4 is the mask)."""
    in_channels = 9 if inpaint else 4
    net = UNetModel(
        image_size=32,
        in_channels=in_channels,
        out_channels=4,
        model_channels=320,
        use_spatial_transformer=True,
        legacy=False,
        **UNETS[family],
        **META,
    )
    sd = silent(net, views)
    # The last output block sees cat(h, input_blocks.0): its 1x1 skip keeps the second half, all between is ignored.
    last = "output_blocks.%d.0.skip_connection.weight" % (len(net.output_blocks) - 1)
    keep = torch.zeros(sd[last].shape)
    keep[torch.arange(320), keep.shape[1] - 320 + torch.arange(320)] = 1
    sd[last] = keep.half()
    # The output GroupNorm has groups of 10 channels. In group c: +v and -v (silu(z) - silu(-z) = z), and eight
    # constants +-PIN that fix the mean at 0 and the variance at 0.8 * PIN^2 whatever v is.
    PIN = 512.0
    w_in, b_in, w_out = torch.zeros(320, in_channels, 3, 3), torch.zeros(320), torch.zeros(4, 320, 3, 3)
    gain = PIN * 0.8**0.5 * (1 + SIGMA_MAX**-2) ** 0.5  # undoes the norm and the sampler's input scaling
    for c in range(4):
        g = 10 * c
        w_in[g, c, 1, 1], w_in[g + 1, c, 1, 1] = 1, -1
        if inpaint:  # concat channels are not scaled by 1/sqrt(sigma^2 + 1), x is
            w = 1 / (SIGMA_MAX**2 + 1) ** 0.5
            w_in[g, 5 + c, 1, 1], w_in[g + 1, 5 + c, 1, 1] = -w, w
        b_in[g + 2 : g + 10 : 2], b_in[g + 3 : g + 10 : 2] = PIN, -PIN
        w_out[c, g, 1, 1], w_out[c, g + 1, 1, 1] = gain, -gain
    sd["input_blocks.0.0.weight"], sd["input_blocks.0.0.bias"], sd["out.2.weight"] = w_in, b_in, w_out
    return sd


def sd15(inpaint):
    v = Views()
    return {
        **prefixed("model.diffusion_model.", unet(v, "sd15", inpaint)),
        **prefixed("first_stage_model.", box_vae(v, comfy.latent_formats.SD15())),
        **prefixed("cond_stage_model.transformer.", clip_l(v, False)),
    }


def sdxl(inpaint):
    v = Views()
    return {
        **prefixed("model.diffusion_model.", unet(v, "sdxl", inpaint)),
        **prefixed("first_stage_model.", box_vae(v, comfy.latent_formats.SDXL())),
        **prefixed("conditioner.embedders.0.transformer.", clip_l(v, False)),
        **prefixed("conditioner.embedders.1.model.", clip_g_openclip(v)),
    }


# ------------------------------------------------------------------------------------ SD3 and Flux: transformer models
# Rectified flow: denoised = x - sigma * v and the first sigma is 1, so v = x - target.
# Both end in a LayerNorm without weights. Features 2i and 2i+1 carry +v_i and -v_i, and hidden/4 features carry
# +-256: mean 0, standard deviation 128. So out_i = 64 * (+v_i) - 64 * (-v_i). All numbers are exact in fp8 too.
PIN, STD = 256.0, 128.0


def flow_ends(hidden, out_features, target_of=None, in_features=None):
    """Dense (w_in, b_in, w_out) for features in the same order on both sides; target_of(i): input feature or None."""
    w_in = torch.zeros(hidden, in_features or out_features)
    b_in, w_out = torch.zeros(hidden), torch.zeros(out_features, hidden)
    i = torch.arange(out_features)
    w_in[2 * i, i], w_in[2 * i + 1, i] = 1, -1
    if target_of is not None:
        w_in[2 * i, target_of(i)], w_in[2 * i + 1, target_of(i)] = -1, 1
    pins = 2 * out_features + torch.arange(hidden // 4)
    b_in[pins[0::2]], b_in[pins[1::2]] = PIN, -PIN
    w_out[i, 2 * i], w_out[i, 2 * i + 1] = STD / 2, -STD / 2
    return w_in.half(), b_in.half(), w_out.half()


def flux_net(views, fill):
    """Fixed: hidden 3072, 24 heads, context 4096, at least one double block (340 million parameters).
    Free: the number of double blocks, no single block at all."""
    net = Flux(
        in_channels=96 if fill else 16,
        out_channels=16,
        vec_in_dim=768,
        context_in_dim=4096,
        hidden_size=3072,
        mlp_ratio=4.0,
        num_heads=24,
        depth=1,
        depth_single_blocks=0,
        axes_dim=[16, 56, 56],
        theta=10000,
        patch_size=2,
        qkv_bias=True,
        guidance_embed=True,
        # newer ones ask which axes count through a text; of this family none does
        **({"txt_ids_dims": []} if "txt_ids_dims" in FluxParams.__dataclass_fields__ else {}),
        **META,
    )
    sd = silent(net, views)
    # features are (channel, 2, 2); Fill: 0..15 noise, 16..31 the masked picture, 32..95 the mask
    sd["img_in.weight"], sd["img_in.bias"], sd["final_layer.linear.weight"] = flow_ends(
        3072, 64, in_features=384 if fill else 64, target_of=(lambda i: i + 64) if fill else None
    )
    return sd


def sd3():
    """hidden = 64 * depth is read from the file: depth 4 is the smallest with room for 2 * 64 + 64 features."""
    v, depth, side = Views(), 4, 192  # 192 * 2 * 8 = 3072 pixels is the largest picture
    net = MMDiT(
        input_size=None,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        depth=depth,
        adm_in_channels=2048,
        context_embedder_config={
            "target": "torch.nn.Linear",
            "params": {"in_features": 4096, "out_features": 64 * depth},
        },
        num_patches=side * side,
        pos_embed_max_size=side,
        pos_embed_scaling_factor=None,
        **META,
    )
    sd = silent(net, v)
    w_in, sd["x_embedder.proj.bias"], w_out = flow_ends(64 * depth, 64)
    sd["x_embedder.proj.weight"] = w_in.reshape(-1, 16, 2, 2)
    # goes in as (channel, 2, 2), comes out as (2, 2, channel)
    sd["final_layer.linear.weight"] = w_out.reshape(16, 2, 2, -1).permute(1, 2, 0, 3).reshape(64, -1)
    return {
        **prefixed("model.diffusion_model.", sd),
        **prefixed("first_stage_model.", box_vae(v, comfy.latent_formats.SD3())),
        **prefixed("text_encoders.clip_l.transformer.", clip_l(v)),
    }


# --------------------------------------------------------------------------------------------------------------- main
FAMILIES = {
    "sd15": ("checkpoints/tiny_sd15", lambda: sd15(False)),
    "sd15_inpaint": ("checkpoints/tiny_sd15_inpaint", lambda: sd15(True)),
    "sdxl": ("checkpoints/tiny_sdxl", lambda: sdxl(False)),
    "sdxl_inpaint": ("checkpoints/tiny_sdxl_inpaint", lambda: sdxl(True)),
    "sd3": ("checkpoints/tiny_sd3", sd3),
    "flux": ("diffusion_models/tiny_flux_dev", lambda: flux_net(Views(), False)),
    "flux_fill": ("diffusion_models/tiny_flux_fill", lambda: flux_net(Views(), True)),
    "text_encoders": ("text_encoders/tiny_clip_l", lambda: clip_l(Views())),
    "vae": ("vae/tiny_vae_flux", lambda: box_vae(Views(), comfy.latent_formats.Flux())),
}

if __name__ == "__main__":
    for family in WANTED or FAMILIES:
        name, build = FAMILIES[family]
        write(FOLDER / f"{name}.ckpt", {"state_dict": build()})
