"""Painting with diffusers, on tiny pipelines of the real classes that are saved and loaded back without a network."""

import importlib.util
import json
import shutil
import socket
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cielr.editing.executor import execute
from cielr.editing.families import FAMILIES, family_of, whole_cells, working_size
from cielr.errors import Cancelled, EditError, MissingDependency
from cielr.geometry import Box, Mask
from cielr.plan import Modify, Plan, Replace
from cielr.region import regions, seeded
from cielr.scene import Scene, SceneObject

pytest.importorskip("diffusers")

sys.path.insert(0, str(Path(__file__).parent))

import tiny_pipelines
import torch

from cielr.editing import diffusers_inpainter
from cielr.editing.diffusers_inpainter import DiffusersInpainter, _ways

# tiny models gain nothing from threads, and lose much where others use the machine
torch.set_num_threads(1)

NAMES = tuple(tiny_pipelines.MAKERS)
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
SIDE = 64


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """name -> folder, each pipeline made once."""
    root = tmp_path_factory.mktemp("pipelines")
    made = {}

    def folder(name):
        if name not in made:
            made[name] = Path(tiny_pipelines.save(name, root / name))
        return made[name]

    return folder


@pytest.fixture(scope="module")
def painters(folders):
    """(name, …) -> a painter at 64 pixels, each loaded once."""
    made = {}

    def painter(name):
        if name not in made:
            made[name] = DiffusersInpainter(folders(name), device="cpu", steps=2, size=SIDE)
        return made[name]

    return painter


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("The network was asked for.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def picture(height=333, width=517, seed=0, dtype=np.uint8):
    values = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    return values if dtype == np.float32 else np.rint(values * 255).astype(np.uint8)


def hole(height=333, width=517, box=(150, 100, 300, 200)):
    x0, y0, x1, y1 = box
    mask = np.zeros((height, width), dtype=np.float32)
    mask[y0:y1, x0:x1] = 1
    return mask


def paint(painter, image, mask, prompt="a red cup", negative="blurry", strength=1.0, seed=7, on_step=None):
    return painter.inpaint(image, mask, prompt, negative, strength, seed, on_step)


def network(painter):
    pipe = painter._pipe
    return getattr(pipe, "unet", None) or pipe.transformer


# ------------------------------------------------------------------------------------------------------- every family


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
    # 100 layers of 0.1 s each: a step of a model that is too large for its machine
    slow = [layer.register_forward_pre_hook(lambda *_: time.sleep(0.1)) for layer in painter._pipe.unet.modules()]
    asked_at = time.monotonic() + 0.5

    def stop(done, total):
        if time.monotonic() > asked_at:
            raise Cancelled("Stopped.")

    try:
        with pytest.raises(Cancelled):
            paint(painter, image, mask, on_step=stop)
        assert time.monotonic() - asked_at < 2
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


# --------------------------------------------------------------------------------------------------- sizes and settings


@pytest.mark.parametrize("name", ["sd15", "sdxl_inpaint", "sd3"])
def test_the_native_size_is_read_from_the_model(folders, name):
    painter = DiffusersInpainter(folders(name), device="cpu", steps=1)
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


def test_what_is_drawn_comes_back_to_the_place_it_was_drawn_for(painters, monkeypatch):
    """A pipeline that returns the picture it was given, at twice the size: the crop comes back as it was."""
    painter = painters("sd15")
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
def test_schedulers_are_chosen_by_name_and_repeat(folders, scheduler, kind):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=3, scheduler=scheduler)
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    drawn = paint(painter, image, mask)
    assert type(painter._pipe.scheduler).__name__ == kind
    assert painter._pipe.scheduler.config.beta_start == 0.00085
    assert bool(painter._pipe.scheduler.config.get("use_karras_sigmas")) is scheduler.endswith("karras")
    assert np.array_equal(paint(painter, image, mask), drawn)


@pytest.mark.parametrize("name", ["sd15", "flux_fill", "qwen_image"])
def test_guidance_counts(folders, name):
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    one, other = (
        paint(DiffusersInpainter(folders(name), device="cpu", steps=2, size=SIDE, guidance=guidance), image, mask)
        for guidance in (1.5, 9.0)
    )
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_weights_may_be_of_half_precision(folders, dtype):
    painter = DiffusersInpainter(folders("sd15_inpaint"), device="cpu", dtype=dtype, steps=2)
    drawn = paint(painter, picture(dtype=np.float32), hole())
    assert network(painter).dtype == getattr(torch, dtype)
    assert drawn.dtype == np.float32
    assert np.isfinite(drawn).all()


# --------------------------------------------------------------------------------------------------------- single files


@pytest.mark.parametrize(
    ("name", "config"), [("sd15", "sd15"), ("sd15_inpaint", "sd15_inpaint"), ("sd15_inpaint", "sd15")]
)
def test_a_single_file_draws_what_its_folder_draws(folders, tmp_path, name, config):
    file = tiny_pipelines.save_single_file(folders(name), tmp_path / "model.safetensors")
    # no weights in the folder beside it: they can come from the file alone
    bare = shutil.copytree(folders(config), tmp_path / "config", ignore=shutil.ignore_patterns("*.safetensors"))
    image = picture()
    single = DiffusersInpainter(file, device="cpu", steps=2, config=bare)
    folder = DiffusersInpainter(folders(name), device="cpu", steps=2)
    assert np.array_equal(paint(single, image, hole()), paint(folder, image, hole()))


def test_a_folder_with_weights_of_a_variant_alone_is_read(tmp_path):
    torch.manual_seed(0)
    tiny_pipelines.sd15().save_pretrained(tmp_path / "model", variant="fp16")
    drawn = paint(DiffusersInpainter(tmp_path / "model", device="cpu", steps=1), picture(), hole())
    assert drawn.shape == (333, 517, 3)


# --------------------------------------------------------------------------------------------------------------- memory


def full(painter, largest, message="CUDA out of memory. Tried to allocate 20 GiB."):
    """Makes the network run out of memory on latents wider than `largest`; returns a log and the hook that does it."""
    sizes = []

    def refuse(_module, inputs):
        sizes.append(inputs[0].shape[-1])
        if sizes[-1] > largest:
            raise torch.OutOfMemoryError(message)

    return sizes, network(painter).register_forward_pre_hook(refuse)


def test_out_of_memory_leads_to_a_smaller_picture(folders):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1, size=128)
    image, mask = picture(), hole()
    paint(painter, image[:64, :64], mask[:64, :64] + 1)
    sizes, hook = full(painter, largest=13)
    drawn = paint(painter, image[:333, :333], mask[:333, :333])
    hook.remove()
    assert sizes == [16, 12]
    assert drawn.shape == (333, 333, 3)


def test_out_of_memory_at_every_size_is_one_clear_sentence_and_gives_the_memory_back(folders):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1, size=128)
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    paint(painter, image, mask)
    sizes, _ = full(painter, largest=0)
    with pytest.raises(EditError, match="more memory than cpu has free"):
        paint(painter, image, mask)
    assert sizes == [16, 12, 8]
    assert painter._pipe is None
    assert paint(painter, image, mask).shape == image.shape


def test_smaller_pictures_come_before_offload():
    assert _ways("none", "cpu") == [("none", 1.0), ("none", 0.75), ("none", 0.5)]
    assert [kind for kind, _ in _ways("none", "cuda")] == ["none"] * 3 + ["model"] * 2 + ["sequential"] * 2
    assert [kind for kind, _ in _ways("sequential", "cuda")] == ["sequential"] * 3


def test_what_cannot_even_be_loaded_is_offloaded_at_once(folders, monkeypatch):
    """There is no accelerator here: where the parts go is watched, not done."""
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1)
    painter.device = "cuda"
    asked = []

    def placed(self, pipe, offload):
        asked.append(offload)
        if offload == "none":
            raise RuntimeError("CUDA out of memory.")
        return pipe

    monkeypatch.setattr(DiffusersInpainter, "_placed_on_device", placed)
    paint(painter, picture(), hole())
    paint(painter, picture(), hole())
    assert asked == ["none", "model"]


def test_release_gives_the_weights_back(folders):
    import weakref

    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1)
    image, mask = picture(64, 64), hole(64, 64, (8, 8, 32, 32))
    first = paint(painter, image, mask)
    weights = weakref.ref(painter._pipe.unet)
    painter.release()
    assert weights() is None
    assert np.array_equal(paint(painter, image, mask), first)
    painter.release()
    painter.release()


# --------------------------------------------------------------------------------------------------------------- faults


def test_a_missing_path_is_told(tmp_path):
    with pytest.raises(EditError, match="no file or folder"):
        DiffusersInpainter(tmp_path / "gone")


def test_a_folder_that_is_no_pipeline_is_told(tmp_path):
    with pytest.raises(EditError, match=r"no model_index\.json"):
        DiffusersInpainter(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[" * 5000])
def test_an_index_that_is_no_index_is_told(tmp_path, text):
    (tmp_path / "model_index.json").write_text(text)
    with pytest.raises(EditError, match="cannot be read"):
        DiffusersInpainter(tmp_path)


def test_another_family_is_refused_and_the_supported_ones_named(tmp_path):
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": "KandinskyPipeline"}))
    with pytest.raises(EditError, match=r"KandinskyPipeline.*SDXL.*Flux Fill.*Qwen-Image"):
        DiffusersInpainter(tmp_path)


@pytest.mark.parametrize(
    "index",
    [
        {"_class_name": ["my_pipeline", "MyPipeline"]},
        {"_class_name": "StableDiffusionPipeline", "unet": ["my_unet", "MyUNet"]},
        {"_class_name": "StableDiffusionPipeline", "unet": ["../unet/my_unet", "MyUNet"]},
    ],
)
def test_code_in_a_folder_is_never_run(tmp_path, index):
    for place in (tmp_path / "my_pipeline.py", tmp_path / "unet" / "my_unet.py"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(EditError, match="Python code"):
        DiffusersInpainter(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_weights_that_are_missing_or_cut_off_are_told_on_first_use(folders, tmp_path):
    for name, harm in (("gone", Path.unlink), ("cut", lambda file: file.write_bytes(file.read_bytes()[:1000]))):
        broken = shutil.copytree(folders("sd15"), tmp_path / name)
        harm(broken / "unet" / "diffusion_pytorch_model.safetensors")
        with pytest.raises(EditError, match="cannot be loaded"):
            paint(DiffusersInpainter(broken, device="cpu"), picture(), hole())


def test_a_file_without_configuration_or_of_another_format_is_told(folders, tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(EditError, match="as config"):
        DiffusersInpainter(file)
    with pytest.raises(EditError, match="cannot be loaded"):
        paint(DiffusersInpainter(file, device="cpu", config=folders("sd15")), picture(), hole())
    with pytest.raises(EditError, match="There is no folder"):
        DiffusersInpainter(file, config=tmp_path / "gone")
    other = tmp_path / "model.ckpt"
    other.write_bytes(b"")
    with pytest.raises(EditError, match=r"no \.safetensors"):
        DiffusersInpainter(other, config=folders("sd15"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 0}, "0 steps"),
        ({"dtype": "int8"}, "'int8'"),
        ({"size": 4}, "working size"),
        ({"scheduler": "magic"}, r"no scheduler 'magic'; it has ddim.*unipc"),
    ],
)
def test_settings_that_are_no_good_are_told(folders, settings, words):
    with pytest.raises(EditError, match=words):
        DiffusersInpainter(folders("sd15"), **settings)


def test_flow_models_take_their_own_schedulers_alone(folders):
    DiffusersInpainter(folders("sd3"), scheduler="euler")
    with pytest.raises(EditError, match="it has euler"):
        DiffusersInpainter(folders("sd3"), scheduler="ddim")


@pytest.mark.parametrize("package", ["torch", "transformers", "diffusers"])
def test_a_missing_package_is_named_with_what_brings_it(folders, monkeypatch, package):
    find = importlib.util.find_spec
    folder = folders("sd15")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest))
    with pytest.raises(MissingDependency, match=rf"'{package}'.*pip install {package}"):
        DiffusersInpainter(folder)


def test_numbers_that_are_none_are_an_error_not_a_black_hole(folders):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1)
    paint(painter, picture(), hole())
    painter._pipe.vae.decoder.conv_out.weight.data.fill_(float("nan"))
    with pytest.raises(EditError, match="float32 instead"):
        paint(painter, picture(), hole())


def test_a_blanked_picture_is_an_error_not_a_black_hole(folders, monkeypatch):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1)
    paint(painter, picture(), hole())
    monkeypatch.setattr(type(painter._pipe), "run_safety_checker", lambda self, image, *_: (image * 0, [True]))
    with pytest.raises(EditError, match="safety checker"):
        paint(painter, picture(), hole())


def test_what_fails_inside_the_model_is_one_sentence(folders):
    painter = DiffusersInpainter(folders("sd15"), device="cpu", steps=1)
    paint(painter, picture(), hole())
    painter._pipe.unet.conv_in = torch.nn.Conv2d(5, 16, 3, padding=1)
    with pytest.raises(EditError, match=r"Stable Diffusion 1 and 2 from 'sd15' failed: .*channels"):
        paint(painter, picture(), hole())


def test_flux_fill_is_told_by_its_channels_whatever_class_it_was_saved_as(folders, tmp_path):
    folder = shutil.copytree(folders("flux_fill"), tmp_path / "saved_as_plain")
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "FluxPipeline"}))
    assert family_of(folder).name == "Flux Fill"
    painter = DiffusersInpainter(folder, device="cpu", steps=1, size=SIDE)
    assert paint(painter, picture(64, 64), hole(64, 64, (8, 8, 32, 32))).shape == (64, 64, 3)
    (folder / "transformer" / "config.json").unlink()
    with pytest.raises(EditError, match=r"transformer/config\.json"):
        family_of(folder)


# ------------------------------------------------------------------------------------------------------ as an Inpainter


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_in_an_edit_nothing_outside_the_regions_changes(painters, name, dtype):
    image = picture(dtype=dtype)
    masks = [Mask.from_box(Box(*box), 333, 517) for box in ((0, 0, 60, 50), (300, 150, 420, 333))]
    things = tuple(SceneObject(id=f"cup_{n}", label="cup", box=m.box, mask=m) for n, m in enumerate(masks, start=1))
    scene = Scene(width=517, height=333, objects=things)
    plan = Plan(
        actions=(Replace(targets=("cup_1",), with_="an orange"), Modify(targets=("cup_2",), change="made of glass"))
    )
    found = seeded(regions(plan, scene), 3)
    edited = execute(image, found, painters(name))
    support = np.zeros((333, 517), dtype=bool)
    for region in found:
        support |= region.support.to_array()
    assert np.array_equal(edited[~support], image[~support])
    for mask in masks:
        inside = mask.to_array()
        assert np.mean(edited[inside] != image[inside]) > 0.8


def test_reading_the_module_loads_no_model_library():
    import subprocess

    code = (
        "import sys, cielr.editing.diffusers_inpainter, cielr.editing.families\n"
        "print([m for m in ('torch', 'diffusers') if m in sys.modules])"
    )
    root = Path(diffusers_inpainter.__file__).parents[2]
    out = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
