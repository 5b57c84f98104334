"""Painting with diffusers, on tiny pipelines of the real classes that are saved and loaded back without a network."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from things import scene_with

from cielr.actions import Modify, Plan, Replace
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute
from cielr.errors import Cancelled
from cielr.region import regions, seeded

pytest.importorskip("diffusers")

import torch
from painting_help import NAMES, SIDE, hole, network, no_network, paint, picture  # noqa: F401

from cielr.editing.diffusion import diffusers_inpainter
from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter

PAINTERS = {
    "sd15": "StableDiffusionInpaintPipeline",
    "sd15_inpaint": "StableDiffusionInpaintPipeline",
    "sdxl": "StableDiffusionXLInpaintPipeline",
    "sdxl_inpaint": "StableDiffusionXLInpaintPipeline",
    "sd3": "StableDiffusion3InpaintPipeline",
    "flux_fill": "FluxFillPipeline",
    "flux": "FluxInpaintPipeline",
    "qwen_image": "QwenImageInpaintPipeline",
}


@pytest.fixture(scope="module")
def painters(tiny_pipeline):
    """(name, …) -> a painter at 64 pixels, each loaded once."""
    made = {}

    def painter(name):
        if name not in made:
            made[name] = DiffusersInpainter(tiny_pipeline(name), device="cpu", steps=2, size=SIDE)
        return made[name]

    return painter


@pytest.mark.parametrize("name", NAMES)
def test_every_family_paints_with_its_own_inpainting_class_and_keeps_size_and_dtype(painters, name):
    painter = painters(name)
    for dtype in (np.uint8, np.float32):
        image = picture(dtype=dtype)
        drawn = paint(painter, image, hole())
        assert type(painter._pipe).__name__ == PAINTERS[name]
        assert drawn.shape == image.shape
        assert drawn.dtype == dtype
        assert np.isfinite(drawn).all()
        assert drawn.min() >= 0
        assert dtype == np.uint8 or drawn.max() <= 1
        inside = hole() > 0
        assert np.mean(drawn[inside] != image[inside]) > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_give_equal_bytes_and_other_seeds_others(painters, name):
    painter, image = painters(name), picture()
    first = paint(painter, image, hole(), seed=7)
    assert np.array_equal(paint(painter, image, hole(), seed=7), first)
    assert not np.array_equal(paint(painter, image, hole(), seed=8), first)


@pytest.mark.parametrize("name", NAMES)
def test_the_prompt_and_the_strength_count(painters, name):
    painter, image = painters(name), picture()
    first = paint(painter, image, hole(), strength=1.0)
    assert not np.array_equal(paint(painter, image, hole(), prompt="zzz", strength=1.0), first)
    assert not np.array_equal(paint(painter, image, hole(), strength=0.5), first)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("flux")])
def test_the_negative_prompt_counts_where_the_family_has_one(painters, name):
    painter, image = painters(name), picture()
    first, other = (paint(painter, image, hole(), negative=text) for text in ("", "zebra"))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_of_one_pixel_and_of_the_whole_image_are_painted(painters, name):
    painter, image = painters(name), picture(97, 64)
    one = np.zeros((97, 64), dtype=np.float32)
    one[96, 63] = 0.1
    for mask in (one, np.ones((97, 64), dtype=np.float32)):
        drawn = paint(painter, image, mask)
        assert drawn.shape == image.shape
        assert np.all(np.any(drawn[mask > 0] != image[mask > 0], axis=-1) | (mask.sum() > 1))
        assert np.mean(drawn[mask > 0] != image[mask > 0]) > 0.6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("strength", "steps"), [(1.0, 4), (0.5, 2), (0.01, 1)])
def test_progress_counts_the_steps_that_the_strength_leaves(painters, name, strength, steps, monkeypatch):
    painter = painters(name)
    monkeypatch.setattr(painter, "steps", 4)
    told = []
    paint(painter, picture(64, 64), hole(64, 64, (8, 8, 32, 32)), strength=strength, on_step=lambda *s: told.append(s))
    assert sorted(set(told)) == [(n, steps) for n in range(steps + 1)]
    assert told == sorted(told)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_listener_raises_passes_through_and_the_painter_works_on(painters, name):
    painter, image = painters(name), picture(64, 64)
    mask = hole(64, 64, (8, 8, 32, 32))
    expected = paint(painter, image, mask)

    def stop(done, total):
        if done == 1:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled, match="Stopped"):
        paint(painter, image, mask, on_step=stop)
    assert np.array_equal(paint(painter, image, mask), expected)


def test_a_step_that_lasts_is_cut_short(painters):
    painter = painters("sd15")
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    paint(painter, image, mask)
    # more than 100 layers: a step of a model that is too large for its machine
    passed = []
    layers = list(painter._pipe.unet.modules())
    slow = [layer.register_forward_pre_hook(lambda *_: passed.append(time.sleep(0.1))) for layer in layers]

    def stop(done, total):
        if passed:
            raise Cancelled("Stopped.")

    try:
        with pytest.raises(Cancelled):
            paint(painter, image, mask, on_step=stop)
        assert len(passed) < len(layers) / 2, "the step went on to its end"
    finally:
        for hook in slow:
            hook.remove()


def test_an_empty_mask_changes_nothing(painters):
    image = picture(40, 50)
    drawn = paint(painters("sd15"), image, np.zeros((40, 50), dtype=np.float32))
    assert np.array_equal(drawn, image)
    assert drawn is not image


# ---------------------------------------------------------------------------------------------------- what it is shown


def first_prediction(painter, image, mask, monkeypatch):
    """What the network says at the first step of full denoising, from noise alone unless it is shown the picture."""
    monkeypatch.setattr(painter, "steps", 1)
    paint(painter, image, mask)
    said = []
    hook = network(painter).register_forward_hook(lambda _module, _inputs, output: said.append(output[0].clone()))
    try:
        paint(painter, image, mask)
    finally:
        hook.remove()
    return said[0]


CONDITIONED = ("sd15_inpaint", "sdxl_inpaint", "flux_fill")


@pytest.mark.parametrize("name", NAMES)
def test_inpainting_models_see_the_surroundings_and_ordinary_ones_do_not(painters, name, monkeypatch):
    painter, mask = painters(name), hole(64, 64, (16, 16, 48, 48))
    one, other = (first_prediction(painter, picture(64, 64, seed), mask, monkeypatch) for seed in (1, 2))
    assert torch.equal(one, other) is (name not in CONDITIONED)


@pytest.mark.parametrize("name", CONDITIONED)
def test_inpainting_models_do_not_see_what_is_in_the_hole(painters, name):
    painter, mask = painters(name), hole(64, 64, (16, 16, 48, 48))
    image = picture(64, 64)
    other = image.copy()
    other[16:48, 16:48] = 255 - other[16:48, 16:48]
    assert np.array_equal(paint(painter, image, mask), paint(painter, other, mask))


@pytest.mark.parametrize("name", ["sd15", "sdxl", "sd3", "flux", "qwen_image"])
def test_ordinary_models_put_back_what_lies_outside_the_mask(painters, name):
    """Latents outside the mask are the picture's own in the end: what is drawn there depends on the prompt no more."""
    painter, image = painters(name), picture(64, 64)
    mask = hole(64, 64, (0, 0, 8, 8))
    latents = []
    decode = painter_decode(painter, image, mask, latents)
    for prompt in ("a red cup", "zzz"):
        paint(painter, image, mask, prompt=prompt)
    decode()
    one, other = latents
    changed = (one != other).any(axis=1)
    assert changed[..., 0, 0].all()
    assert not changed[..., 1:, :].any()
    assert not changed[..., :, 1:].any()


def painter_decode(painter, image, mask, latents):
    """Collects what the VAE is given to decode; returns what ends that."""
    paint(painter, image, mask)
    vae = painter._pipe.vae
    decode = vae.decode
    vae.decode = lambda z, *rest, **named: latents.append(z.detach().numpy().copy()) or decode(z, *rest, **named)
    return lambda: vars(vae).pop("decode")


# ------------------------------------------------------------------------------------------------------ as an Inpainter


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_in_an_edit_nothing_outside_the_regions_changes(painters, name, dtype):
    image = picture(dtype=dtype)
    masks = [Mask.from_box(Box(*box), 333, 517) for box in ((0, 0, 60, 50), (300, 150, 420, 333))]
    plan = Plan(
        actions=(Replace(targets=("thing_1",), with_="an orange"), Modify(targets=("thing_2",), change="made of glass"))
    )
    painted = seeded(regions(plan, scene_with(*masks)), 3)
    edited = execute(image, painted, painters(name))
    outside = ~Mask.union([region.support for region in painted], 333, 517).to_array()
    assert np.array_equal(edited[outside], image[outside])
    for mask in masks:
        inside = mask.to_array()
        assert np.mean(edited[inside] != image[inside]) > 0.8


def test_reading_the_module_loads_no_model_library():
    import subprocess

    code = (
        "import sys, cielr.editing.diffusion.diffusers_inpainter, cielr.editing.diffusion.families\n"
        "print([m for m in ('torch', 'diffusers') if m in sys.modules])"
    )
    root = Path(diffusers_inpainter.__file__).parents[2]
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
