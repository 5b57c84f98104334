"""Filling with LaMa's real architecture at its real size: zeros but for a bias, so files are small."""

import pickle
import sys
import zipfile

import numpy as np
import pytest
from things import boxed, noise, scene_with

from cielr.actions import Plan, Remove, Replace
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute
from cielr.editing.painters import Filler
from cielr.errors import Cancelled, EditError, MissingDependency
from cielr.region import regions, seeded

pytest.importorskip("spandrel")

import torch
from lama_help import BIAS, COLOUR, lama_weights
from safetensors.torch import save_file

from cielr.editing.fill.network import SpandrelFill
from cielr.editing.fill.torchscript import is_torchscript, torchscript_weights

torch.set_num_threads(2)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("lama") / "lama.pth"
    torch.save({"state_dict": lama_weights(BIAS)}, path)
    assert path.stat().st_size < 2_000_000
    return path


@pytest.fixture(scope="module")
def filler(file):
    return SpandrelFill(file, device="cpu")


def picture(height=67, width=85, dtype=np.uint8):
    return noise(height, width, dtype=dtype)


def hole(height=67, width=85, box=(20, 10, 50, 40)):
    return Mask.from_box(Box(*box), height, width).to_array()


def refused(path, words):
    """What a file of weights is refused for where it is to fill a hole."""
    with pytest.raises(EditError, match=words):
        SpandrelFill(path, device="cpu").fill(picture(), hole(), hole() & False, 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_hole_gets_what_the_network_draws_and_the_rest_stays(filler, dtype):
    image, mask = picture(dtype=dtype), hole()
    none = np.zeros_like(mask)
    filled = filler.fill(image, mask, none, 0)
    assert isinstance(filler, Filler)
    assert filled.dtype == dtype
    assert np.array_equal(filled[~mask], image[~mask])
    expected = COLOUR if dtype == np.float32 else np.rint(COLOUR * 255)
    assert np.allclose(filled[mask].astype(float), expected, atol=1e-5)
    assert np.array_equal(filler.fill(image, mask, none, 0), filled)


def test_the_network_is_shown_neither_the_hole_nor_what_is_to_be_avoided(filler):
    image, mask, avoid = picture(), hole(), hole(box=(60, 10, 70, 20))
    filler.fill(image, mask, avoid, 0)
    shown = []
    hook = filler._model.model.register_forward_pre_hook(lambda _module, inputs: shown.append(inputs))
    filler.fill(image, mask, avoid, 0)
    # where nothing else is left, what is to be avoided must serve
    filler.fill(image, mask, ~mask, 0)
    hook.remove()
    for (_, seen), expected in zip(shown, (mask | avoid, mask), strict=True):
        assert np.array_equal(seen[0, 0].numpy()[:67, :85] > 0, expected)


def test_a_large_picture_is_filled_at_reduced_size(filler):
    image = np.full((40, 2500, 3), 0.5, dtype=np.float32)
    mask = hole(40, 2500, (100, 5, 130, 35))
    filler.fill(picture(), hole(), hole() & False, 0)
    shapes = []
    hook = filler._model.model.register_forward_pre_hook(lambda _module, inputs: shapes.append(inputs[0].shape[-2:]))
    filled = filler.fill(image, mask, np.zeros_like(mask), 0)
    hook.remove()
    assert shapes == [(16, 1024)]
    assert np.allclose(filled[10:30, 108:122], COLOUR, atol=1e-3)


def test_progress_counts_and_cancels_between_layers(filler):
    told = []
    image, mask = picture(), hole()
    filler.fill(image, mask, np.zeros_like(mask), 0, lambda *step: told.append(step))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 100

    def stop(done, total):
        if done == 50:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        filler.fill(image, mask, np.zeros_like(mask), 0, stop)
    assert filler.fill(image, mask, np.zeros_like(mask), 0).shape == image.shape


def test_in_an_edit_it_removes_and_does_not_draw(filler):
    image = picture(120, 160)
    scene = scene_with(boxed("cup_1", (60, 40, 90, 70), 160, 120))
    found = seeded(regions(Plan(actions=(Remove(targets=("cup_1",)),)), scene), 0)
    edited = execute(image, found, filler)
    support = found[0].support.to_array()
    assert np.array_equal(edited[~support], image[~support])
    assert np.abs(edited[scene["cup_1"].mask.to_array()].astype(float) - COLOUR * 255).max() <= 1
    with pytest.raises(EditError, match="diffusion model"):
        execute(image, regions(Plan(actions=(Replace(targets=("cup_1",), with_="an orange"),)), scene), filler)


def test_memory_that_runs_out_leads_to_a_smaller_picture_then_to_one_clear_sentence(filler):
    image = np.zeros((16, 1200, 3), dtype=np.float32)
    mask = hole(16, 1200, (100, 5, 130, 12))
    filler.fill(picture(), hole(), hole() & False, 0)
    widths = []

    def refuse(_module, inputs):
        widths.append(inputs[0].shape[-1])
        if widths[-1] > limit:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    hook = filler._model.model.register_forward_pre_hook(refuse)
    limit = 600
    assert filler.fill(image, mask, np.zeros_like(mask), 0).shape == image.shape
    assert widths == [1024, 768, 512]
    limit = 0
    with pytest.raises(EditError, match="more memory than cpu has free"):
        filler.fill(image, mask, np.zeros_like(mask), 0)
    hook.remove()
    assert filler._model is None


# ---------------------------------------------------------------------------------------------------------------- files


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 3, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(3)
        self.turned = torch.nn.Parameter(torch.randn(3, 5).t())
        self.halves = torch.nn.Parameter(torch.randn(4).half())
        self.register_buffer("counts", torch.arange(6).reshape(2, 3)[:, 1:])
        self.sizes = [1, 2]

    def forward(self, x):
        return self.norm(self.conv(x)) + self.turned.sum()


@pytest.mark.parametrize("kind", ["script", "trace"])
def test_torchscript_files_give_the_weights_that_torch_reads_from_them(tmp_path, kind):
    torch.manual_seed(0)
    module = torch.nn.Sequential(Block(), torch.nn.Sequential(Block())).eval()
    example = torch.zeros(1, 3, 8, 8)
    program = torch.jit.script(module) if kind == "script" else torch.jit.trace(module, example)
    program.save(tmp_path / "model.pt")
    read, expected = torchscript_weights(tmp_path / "model.pt"), module.state_dict()
    assert is_torchscript(tmp_path / "model.pt")
    assert read.keys() == expected.keys()
    for name, value in expected.items():
        assert read[name].dtype == value.dtype
        assert torch.equal(read[name], value)


class Evil:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def test_torchscript_and_pickles_that_name_anything_but_tensors_are_not_opened(tmp_path):
    evil = Evil(tmp_path / "ran")
    with zipfile.ZipFile(tmp_path / "evil.pt", "w") as archive:
        archive.writestr("evil/constants.pkl", pickle.dumps(()))
        archive.writestr("evil/data.pkl", pickle.dumps(evil))
    torch.save({"state_dict": {"a": evil}}, tmp_path / "evil.pth")
    for name in ("evil.pt", "evil.pth"):
        refused(tmp_path / name, "more than weights")
    assert not (tmp_path / "ran").exists()


class Large:
    def __reduce__(self):
        return bytearray, (6_300_000_000,)


def test_a_small_file_that_asks_for_gigabytes_is_not_followed(tmp_path):
    path = tmp_path / "large.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"state_dict": {"a": Large()}}, 2))
        archive.writestr("archive/version", "3\n")
    assert path.stat().st_size < 1000
    refused(path, "bytearray, which is not a tensor")


def test_files_that_are_no_fill_model_are_told(tmp_path):
    with pytest.raises(EditError, match="no file"):
        SpandrelFill(tmp_path / "gone.pth")
    other = tmp_path / "model.onnx"
    other.write_bytes(b"")
    with pytest.raises(EditError, match="not a weights file"):
        SpandrelFill(other)
    for name, harm in (
        ("strange.safetensors", lambda path: save_file({"a": torch.zeros(1)}, path)),
        ("empty.pth", lambda path: path.write_bytes(b"")),
        ("cut.safetensors", lambda path: path.write_bytes(b"\x10")),
    ):
        harm(tmp_path / name)
        refused(tmp_path / name, "cannot be loaded as a fill model")


def test_a_model_that_enlarges_is_no_fill_model(tmp_path):
    from spandrel.architectures.Compact import Compact

    weights = Compact(num_feat=4, num_conv=1, upscale=2).state_dict()
    save_file(weights, tmp_path / "enlarge.safetensors")
    refused(tmp_path / "enlarge.safetensors", "fills nothing")


def test_a_mat_file_names_the_package_that_brings_its_architecture(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spandrel_extra_arches", None)
    path = tmp_path / "mat.safetensors"
    save_file({"synthesis.first_stage.conv_first.conv.resample_filter": torch.zeros(4, 4), "b": torch.zeros(1)}, path)
    refused(path, "'spandrel_extra_arches'.*commercial")


def test_mat_fills_at_its_only_size_and_repeats(tmp_path):
    """Where its package is installed; it is in no extra, since its licence forbids commercial use."""
    pytest.importorskip("spandrel_extra_arches")
    from spandrel_extra_arches.architectures.MAT import MAT

    shapes = {name: value.shape for name, value in MAT().state_dict().items()}
    pool = 0.02 * torch.randn(1 << 14, generator=torch.Generator().manual_seed(0))
    # sliding windows over one short vector: all rows differ, and the file is small
    weights = {name: pool.as_strided(shape, (1,) * len(shape)) for name, shape in shapes.items()}
    torch.save(weights, tmp_path / "mat.pth")
    filler = SpandrelFill(tmp_path / "mat.pth", device="cpu")
    image, mask, none = picture(), hole(), hole() & False
    first, again = (filler.fill(image, mask, none, 3) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(first[~mask], image[~mask])


def test_a_hole_without_surroundings_is_refused_and_an_empty_one_is_a_copy(filler):
    image = picture()
    with pytest.raises(EditError, match="whole picture"):
        filler.fill(image, np.ones((67, 85), dtype=bool), np.zeros((67, 85), dtype=bool), 0)
    none = np.zeros((67, 85), dtype=bool)
    assert np.array_equal(filler.fill(image, none, none, 0), image)


def test_a_missing_package_is_named(file, monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "spandrel" else find(name, *rest)
    )
    with pytest.raises(MissingDependency, match="'spandrel'"):
        SpandrelFill(file)
