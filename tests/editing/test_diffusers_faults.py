"""Diffusers pipelines that do not fit into memory, are damaged, or are something else."""

import importlib.util
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from cielr.editing.diffusion.families import family_of

pytest.importorskip("diffusers")

import torch
from painting_help import SIDE, hole, network, no_network, paint, picture  # noqa: F401

from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter, _ways
from cielr.errors import EditError, MissingDependency


def full(painter, largest, message="CUDA out of memory. Tried to allocate 20 GiB."):
    """Makes the network run out of memory on latents wider than `largest`; returns a log and the hook that does it."""
    sizes = []

    def refuse(_module, inputs):
        sizes.append(inputs[0].shape[-1])
        if sizes[-1] > largest:
            raise torch.OutOfMemoryError(message)

    return sizes, network(painter).register_forward_pre_hook(refuse)


def test_out_of_memory_leads_to_a_smaller_picture(tiny_pipeline):
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1, size=128)
    image, mask = picture(), hole()
    paint(painter, image[:64, :64], mask[:64, :64] + 1)
    sizes, hook = full(painter, largest=13)
    drawn = paint(painter, image[:333, :333], mask[:333, :333])
    hook.remove()
    assert sizes == [16, 12]
    assert drawn.shape == (333, 333, 3)


def test_out_of_memory_at_every_size_is_one_clear_sentence_and_gives_the_memory_back(tiny_pipeline):
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1, size=128)
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


def test_what_cannot_even_be_loaded_is_offloaded_at_once(tiny_pipeline, monkeypatch):
    """There is no accelerator here: where the parts go is watched, not done."""
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1)
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


def test_release_gives_the_weights_back(tiny_pipeline):
    import weakref

    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1)
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


def test_weights_that_are_missing_or_cut_off_are_told_on_first_use(tiny_pipeline, tmp_path):
    def cut(file):
        file.write_bytes(file.read_bytes()[:1000])

    for name, harm, words in (("gone", Path.unlink, "cannot be loaded"), ("cut", cut, "is cut short")):
        broken = shutil.copytree(tiny_pipeline("sd15"), tmp_path / name)
        harm(broken / "unet" / "diffusion_pytorch_model.safetensors")
        with pytest.raises(EditError, match=words):
            paint(DiffusersInpainter(broken, device="cpu"), picture(), hole())


def test_a_file_without_configuration_or_of_another_format_is_told(tiny_pipeline, tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(EditError, match="as config"):
        DiffusersInpainter(file)
    with pytest.raises(EditError, match="is cut short"):
        paint(DiffusersInpainter(file, device="cpu", config=tiny_pipeline("sd15")), picture(), hole())
    with pytest.raises(EditError, match="There is no folder"):
        DiffusersInpainter(file, config=tmp_path / "gone")
    other = tmp_path / "model.ckpt"
    other.write_bytes(b"")
    with pytest.raises(EditError, match=r"not a \.safetensors"):
        DiffusersInpainter(other, config=tiny_pipeline("sd15"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"steps": 0}, "0 steps"),
        ({"dtype": "int8"}, "'int8'"),
        ({"size": 4}, "working size"),
        ({"scheduler": "magic"}, r"no scheduler 'magic'; it has ddim.*unipc"),
    ],
)
def test_settings_that_are_no_good_are_told(tiny_pipeline, settings, words):
    with pytest.raises(EditError, match=words):
        DiffusersInpainter(tiny_pipeline("sd15"), **settings)


def test_flow_models_take_their_own_schedulers_alone(tiny_pipeline):
    DiffusersInpainter(tiny_pipeline("sd3"), scheduler="euler")
    with pytest.raises(EditError, match="it has euler"):
        DiffusersInpainter(tiny_pipeline("sd3"), scheduler="ddim")


@pytest.mark.parametrize("package", ["torch", "transformers", "diffusers"])
def test_a_missing_package_is_named_with_what_brings_it(tiny_pipeline, monkeypatch, package):
    find = importlib.util.find_spec
    folder = tiny_pipeline("sd15")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest))
    with pytest.raises(MissingDependency, match=rf"'{package}'.*pip install {package}"):
        DiffusersInpainter(folder)


def draws_no_numbers(pipe, monkeypatch):
    pipe.vae.decoder.conv_out.weight.data.fill_(float("nan"))


def blanks_what_it_drew(pipe, monkeypatch):
    monkeypatch.setattr(type(pipe), "run_safety_checker", lambda self, image, *_: (image * 0, [True]))


def fails_inside(pipe, monkeypatch):
    pipe.unet.conv_in = torch.nn.Conv2d(5, 16, 3, padding=1)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (draws_no_numbers, "float32 instead"),
        (blanks_what_it_drew, "safety checker"),
        (fails_inside, r"Stable Diffusion 1 and 2 from 'sd15' failed: .*channels"),
    ],
)
def test_what_goes_wrong_while_it_is_drawn_is_one_sentence_and_no_black_hole(tiny_pipeline, monkeypatch, harm, words):
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1)
    paint(painter, picture(), hole())
    harm(painter._pipe, monkeypatch)
    with pytest.raises(EditError, match=words):
        paint(painter, picture(), hole())


def test_flux_fill_is_told_by_its_channels_whatever_class_it_was_saved_as(tiny_pipeline, tmp_path):
    folder = shutil.copytree(tiny_pipeline("flux_fill"), tmp_path / "saved_as_plain")
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "FluxPipeline"}))
    assert family_of(folder).name == "Flux Fill"
    painter = DiffusersInpainter(folder, device="cpu", steps=1, size=SIDE)
    assert paint(painter, picture(64, 64), hole(64, 64, (8, 8, 32, 32))).shape == (64, 64, 3)
    (folder / "transformer" / "config.json").unlink()
    with pytest.raises(EditError, match=r"transformer/config\.json"):
        family_of(folder)
