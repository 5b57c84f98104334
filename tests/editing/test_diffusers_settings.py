"""What size a diffusers pipeline draws at, and what its settings and files change."""

import shutil

import numpy as np
import pytest

pytest.importorskip("diffusers")

import tiny_pipelines
import torch
from painting_help import SIDE, hole, network, no_network, paint, picture  # noqa: F401

from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter
from cielr.editing.diffusion.families import FAMILIES, whole_cells, working_size


@pytest.mark.parametrize("name", ["sd15", "sdxl_inpaint", "sd3"])
def test_the_native_size_is_read_from_the_model(tiny_pipeline, name):
    painter = DiffusersInpainter(tiny_pipeline(name), device="cpu", steps=1)
    seen = []
    paint(painter, picture(64, 64), hole(64, 64, (8, 8, 32, 32)))
    hook = network(painter).register_forward_pre_hook(
        lambda _module, inputs, named: seen.append((inputs[0] if inputs else named["hidden_states"]).shape[-2:]),
        with_kwargs=True,
    )
    paint(painter, picture(300, 300), hole(300, 300, (8, 8, 132, 132)))
    hook.remove()
    # sample_size 8, in latents of 8 x 8 pixels
    assert {tuple(shape) for shape in seen} == {(8, 8)}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("size", [(333, 517), (64, 64), (2000, 1000), (3, 4000), (1, 1), (512, 512), (129, 130)])
def test_crops_are_drawn_near_the_native_area_and_undistorted(family, size):
    height, width = size
    work = working_size(height, width, family.side, family.multiple)
    assert work.padded_height % family.multiple == 0
    assert work.padded_width % family.multiple == 0
    assert max(work.padded_height, work.padded_width) <= 1.5 * family.side + family.multiple
    assert work.height * work.width <= family.side**2 * 1.01
    # each side is rounded to a whole pixel, no more
    scale = work.height / height if height > width else work.width / width
    assert abs(work.height - height * scale) <= 1
    assert abs(work.width - width * scale) <= 1
    if max(size) <= 2 * min(size):
        assert work.height * work.width > 0.9 * family.side**2
    ramp = np.arange(work.height * work.width, dtype=np.float32).reshape(work.height, work.width)
    padded = work.pad(ramp)
    assert padded.shape == (work.padded_height, work.padded_width)
    assert np.array_equal(padded[work.inside], ramp)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_long_and_thin_region_is_not_shrunk_to_nothing(family):
    # a wire of 20 pixels across a frame of 3840, with its context
    without, wire = (working_size(148, 3840, family.side, family.multiple, thin) for thin in (0, 20))
    assert 20 * wire.height / 148 > 2 * 20 * without.height / 148
    assert wire.height * wire.width <= (1.5 * family.side) ** 2 * 1.01
    # a region that is wide enough costs nothing more
    assert working_size(1000, 2000, family.side, family.multiple, 900) == working_size(
        1000, 2000, family.side, family.multiple
    )


def test_cells_that_the_mask_touches_are_painted_whole():
    mask = np.zeros((32, 24), dtype=np.float32)
    mask[9, 23] = 0.01
    cells = whole_cells(mask, 8)
    expected = np.zeros((32, 24), dtype=np.float32)
    expected[8:16, 16:24] = 1
    assert np.array_equal(cells, expected)


def test_what_is_drawn_comes_back_to_the_place_it_was_drawn_for(tiny_pipeline, monkeypatch):
    """A pipeline that returns the picture it was given, at twice the size: the crop comes back as it was."""
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=2, size=SIDE)
    smooth = np.linspace(0.2, 0.8, 150, dtype=np.float32)
    image = np.stack([np.tile(smooth, (90, 1)), np.tile(smooth[:90, None], (1, 150)), np.full((90, 150), 0.4)], axis=-1)
    image = image.astype(np.float32)
    paint(painter, image, hole(90, 150, (8, 8, 32, 32)))
    kind = type(painter._pipe)

    def echo(self, image, **_):
        shown = image[0].permute(1, 2, 0).numpy().repeat(2, axis=0).repeat(2, axis=1)
        return type("Result", (), {"images": [shown]})()

    monkeypatch.setattr(kind, "__call__", echo)
    back = paint(painter, image, hole(90, 150, (8, 8, 32, 32)))
    assert np.abs(back - image).max() < 0.02


@pytest.mark.parametrize(
    ("scheduler", "kind"),
    [
        ("ddim", "DDIMScheduler"),
        ("dpmpp_2m", "DPMSolverMultistepScheduler"),
        ("dpmpp_2m_karras", "DPMSolverMultistepScheduler"),
        ("euler", "EulerDiscreteScheduler"),
        ("euler_ancestral", "EulerAncestralDiscreteScheduler"),
        ("heun", "HeunDiscreteScheduler"),
        ("lcm", "LCMScheduler"),
        ("unipc", "UniPCMultistepScheduler"),
    ],
)
def test_schedulers_are_chosen_by_name_and_repeat(tiny_pipeline, scheduler, kind):
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=3, scheduler=scheduler)
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    drawn = paint(painter, image, mask)
    assert type(painter._pipe.scheduler).__name__ == kind
    assert painter._pipe.scheduler.config.beta_start == 0.00085
    assert bool(painter._pipe.scheduler.config.get("use_karras_sigmas")) is scheduler.endswith("karras")
    assert np.array_equal(paint(painter, image, mask), drawn)


@pytest.mark.parametrize("name", ["sd15", "flux_fill", "qwen_image"])
def test_guidance_counts(tiny_pipeline, name):
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    one, other = (
        paint(DiffusersInpainter(tiny_pipeline(name), device="cpu", steps=2, size=SIDE, guidance=guidance), image, mask)
        for guidance in (1.5, 9.0)
    )
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_weights_may_be_of_half_precision(tiny_pipeline, dtype):
    painter = DiffusersInpainter(tiny_pipeline("sd15_inpaint"), device="cpu", dtype=dtype, steps=2)
    drawn = paint(painter, picture(dtype=np.float32), hole())
    assert network(painter).dtype == getattr(torch, dtype)
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()


# --------------------------------------------------------------------------------------------------------- single files


@pytest.mark.parametrize(
    ("name", "config"), [("sd15", "sd15"), ("sd15_inpaint", "sd15_inpaint"), ("sd15_inpaint", "sd15")]
)
def test_a_single_file_draws_what_its_folder_draws(tiny_pipeline, tmp_path, name, config):
    file = tiny_pipelines.save_single_file(tiny_pipeline(name), tmp_path / "model.safetensors")
    # no weights in the folder beside it: they can come from the file alone
    bare = shutil.copytree(tiny_pipeline(config), tmp_path / "config", ignore=shutil.ignore_patterns("*.safetensors"))
    image = picture()
    single = DiffusersInpainter(file, device="cpu", steps=2, config=bare)
    folder = DiffusersInpainter(tiny_pipeline(name), device="cpu", steps=2)
    assert np.array_equal(paint(single, image, hole()), paint(folder, image, hole()))


def test_a_folder_with_weights_of_a_variant_alone_is_read(tmp_path):
    torch.manual_seed(0)
    tiny_pipelines.sd15().save_pretrained(tmp_path / "model", variant="fp16")
    drawn = paint(DiffusersInpainter(tmp_path / "model", device="cpu", steps=1), picture(), hole())
    assert drawn.shape == (333, 517, 3)
