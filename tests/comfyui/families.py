"""Tiny models of every family in ComfyUI's own formats, and the nodes that load them as a painter.

One euler step of them fills what is masked with mid grey, whatever the seed and the prompt; the inpainting ones return
the masked picture that they were conditioned on (`make_tiny_families.py` says how).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.comfyui.client import Prompt, node, with_inputs
from tests.comfyui.conftest import python_of

HERE = Path(__file__).resolve().parent
GREY = 127
"""What one step leaves in the mask, of 255."""
CHECKPOINTS = ("sd15", "sd15_inpaint", "sdxl", "sdxl_inpaint", "sd3")
FAMILIES = (*CHECKPOINTS, "flux_dev", "flux_fill")


def make(comfy: Path, base: Path, *names: str, kind: str = "families") -> None:
    """Writes the models of make_tiny_KIND.py below `base`/models; all where none is named."""
    command = [python_of(comfy), str(HERE / f"make_tiny_{kind}.py"), str(comfy), str(base), *names]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def loaded(family: str) -> Prompt:
    """Nodes "model", "clip", "vae" of a family; (id, output) of each is `links(family)`."""
    if family in CHECKPOINTS:
        return {"checkpoint": node("CheckpointLoaderSimple", ckpt_name=f"tiny_{family}.ckpt")}
    return {
        "unet": node("UNETLoader", unet_name=f"tiny_{family}.ckpt", weight_dtype="default"),
        "vae": node("VAELoader", vae_name="tiny_vae_flux.ckpt"),
        "clip": node("DualCLIPLoader", clip_name1="tiny_clip_l.ckpt", clip_name2="tiny_clip_l.ckpt", type="sd3"),
    }


def links(family: str) -> tuple[list, list, list]:
    """Links to (MODEL, CLIP, VAE)."""
    if family in CHECKPOINTS:
        return ["checkpoint", 0], ["checkpoint", 1], ["checkpoint", 2]
    return ["unet", 0], ["clip", 0], ["vae", 0]


def with_painter(prompt: Prompt, family: str, **settings) -> Prompt:
    """The prompt with a Checkpoint Inpainter of that family on its node "edit"."""
    model, clip, vae = links(family)
    flow = family.startswith(("sd3", "flux"))
    settings = {
        "steps": 1,
        "cfg": 1.0,
        "sampler_name": "euler",
        "scheduler": "simple" if flow else "normal",
        "denoise": 1.0,
        "grow": 0,
        "feather": -1,
        "size": 128,
        "colour_match": False,
        **settings,
    }
    painter = node("CIELR_CheckpointInpainter", **{"model": model, "clip": clip, "vae": vae, **settings})
    return with_inputs(prompt, "edit", inpainter=["painter", 0]) | loaded(family) | {"painter": painter}


def with_lora(prompt: Prompt, strength: float) -> Prompt:
    """A prompt `with_painter` of SD 1.5, with a LoRA between its checkpoint and the Checkpoint Inpainter."""
    lora = node(
        "LoraLoader",
        model=["checkpoint", 0],
        clip=["checkpoint", 1],
        lora_name="tiny_lora.safetensors",
        strength_model=strength,
        strength_clip=strength,
    )
    return {**with_inputs(prompt, "painter", model=["lora", 0], clip=["lora", 1]), "lora": lora}


def make_lora(base: Path) -> None:
    """A LoRA of rank 1 on the last convolution of SD 1.5's UNet, below `base`/models."""
    import torch
    from safetensors.torch import save_file

    # so faint that what it adds to mid grey is far from black and white
    generator = torch.Generator().manual_seed(0)
    weights = {
        "lora_unet_out_2.lora_down.weight": torch.randn(1, 320, 3, 3, generator=generator),
        "lora_unet_out_2.lora_up.weight": torch.randn(4, 1, 1, 1, generator=generator) / 1000,
        "lora_unet_out_2.alpha": torch.tensor(1.0),
    }
    path = base / "models" / "loras" / "tiny_lora.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(weights, str(path))
