"""Folders of models whose configurations declare anything: loaded or refused in a sentence, and always in little room.

Each number of each configuration is set to others, small and huge. What libraries build of it must follow the weights
on the disk: a config.json of a few hundred bytes must not take gigabytes, nor minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fuzz_help import TRIES, generator, tried

pytest.importorskip("transformers")
pytest.importorskip("diffusers")

import tiny_models

from cielr.core.declared import MOST_PARTS, Oversized, built_within, check_folder

MOST = 300
"""Megabytes that one process may take above what loading the models as they are took, over all tries."""
NUMBERS = (0, -1, 3, 2000, MOST_PARTS, 1 << 24, 10**9, 10**30, 1e12)
LOADED_BY = {"owlv2": "detector", "grounding-dino": "detector", "depth-anything": "depth"}


def load(kind: str, folder: Path):
    from cielr.perception.models import loaders

    return getattr(loaders, f"load_{LOADED_BY.get(kind, 'segmenter')}")(folder, device="cpu")


def numbers_in(value, path=()):
    """The paths of all numbers, and of what is left empty, in a configuration."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from numbers_in(inner, (*path, key))
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield path


def with_number(text: str, path, number) -> str:
    whole = value = json.loads(text)
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = number
    return json.dumps(whole)


def peak() -> float:
    """Megabytes that this process has held at most."""
    resource = pytest.importorskip("resource")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def with_odd_numbers(files, times: int, rng, numbers, work) -> None:
    """Does the work again and again, each time with one number of the configurations changed, in little room."""
    before = peak()
    places = [(file, path) for file in files for path in numbers_in(json.loads(file.read_text()))]
    for _ in range(times):
        file, path = places[int(rng.integers(len(places)))]
        text, number = file.read_text(), numbers[int(rng.integers(len(numbers)))]
        file.write_text(with_number(text, path, number))
        tried(work)
        assert peak() - before < MOST, (file, path, number)
        file.write_text(text)


@pytest.fixture
def folder_of(tmp_path):
    return lambda kind: tiny_models.MAKERS[kind](tmp_path / kind)


@pytest.mark.parametrize("kind", sorted(tiny_models.MAKERS))
def test_whatever_number_a_configuration_holds_the_model_loads_or_is_refused_in_little_room(folder_of, kind):
    folder = folder_of(kind)
    load(kind, folder)
    rng = generator(60 + sorted(tiny_models.MAKERS).index(kind))
    files = [file for file in sorted(folder.glob("*config.json")) if "tokenizer" not in file.name]
    with_odd_numbers(files, 25 * TRIES, rng, NUMBERS, lambda: load(kind, folder))


@pytest.mark.parametrize("family", ["sd15", "sdxl", "sd3", "flux_fill", "qwen_image"])
def test_whatever_number_a_pipeline_declares_it_is_refused_in_little_room(tmp_path, family):
    import numpy as np
    import tiny_pipelines

    from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter

    folder = tiny_pipelines.save(family, tmp_path / family)
    image = np.full((48, 64, 3), 0.5, np.float32)
    mask = np.zeros((48, 64), np.float32)
    mask[10:30, 20:40] = 1

    def paint():
        return DiffusersInpainter(folder, device="cpu", steps=1, size=64).inpaint(image, mask, "a cup", "", 1.0, 0)

    paint()
    files = [file for file in sorted(folder.glob("*/*config.json")) if "tokenizer" not in file.parent.name]
    with_odd_numbers(files, 15 * TRIES, generator(70 + len(family)), NUMBERS[3:], paint)


HUGE = [
    ("sam2", ("vision_config", "backbone_config", "embed_dim_per_stage", 3), 1 << 20),
    ("sam2", ("vision_config", "backbone_config", "blocks_per_stage", 2), 10**9),
    ("sam2", ("vision_config", "backbone_config", "blocks_per_stage", 2), 4000),
    ("owlv2", ("vision_config", "num_hidden_layers"), 10**9),
    ("owlv2", ("text_config", "vocab_size"), 1 << 23),
    ("depth-anything", ("backbone_config", "num_hidden_layers"), 10**9),
    ("grounding-dino", ("encoder_layers",), 3000),
    ("sam", ("vision_config", "mlp_dim"), 1 << 23),
]


@pytest.mark.parametrize(("kind", "path", "number"), HUGE)
def test_a_network_far_larger_than_its_weights_is_refused_before_it_is_built(folder_of, kind, path, number):
    from cielr.perception.models.devices import ModelError

    folder = folder_of(kind)
    load(kind, folder)
    file, before = folder / "config.json", peak()
    file.write_text(with_number(file.read_text(), path, number))
    with pytest.raises(ModelError, match=r"far larger network than the weights|which no model has") as caught:
        load(kind, folder)
    assert str(caught.value).startswith(f"{folder} cannot be used: ")
    assert peak() - before < MOST


@pytest.mark.parametrize(
    ("part", "path", "number"),
    [
        ("unet", ("block_out_channels", 1), 8192),
        ("unet", ("cross_attention_dim",), 1 << 22),
        ("vae", ("layers_per_block",), 4000),
        ("text_encoder", ("num_hidden_layers",), 10**9),
        ("scheduler", ("num_train_timesteps",), 10**9),
    ],
)
def test_a_pipeline_far_larger_than_its_weights_is_refused_before_it_is_built(tmp_path, part, path, number):
    import numpy as np
    import tiny_pipelines

    from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter
    from cielr.errors import EditError

    folder = tiny_pipelines.save("sd15", tmp_path / "sd15")
    file = folder / part / ("scheduler_config.json" if part == "scheduler" else "config.json")
    file.write_text(with_number(file.read_text(), path, number))
    image, before = np.zeros((32, 32, 3), np.float32), peak()
    with pytest.raises(EditError, match=r"far larger network than the weights|which no model has"):
        DiffusersInpainter(folder, device="cpu").inpaint(image, np.ones((32, 32), np.float32), "a cup", "", 1.0, 0)
    assert peak() - before < MOST


def test_a_configuration_that_wants_weights_from_elsewhere_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "grounding-dino", "use_pretrained_backbone": true}')
    with pytest.raises(Oversized, match="from the net, which is never done"):
        check_folder(tmp_path)


def test_a_photo_is_never_scaled_to_more_than_any_model_reads(tmp_path):
    file = tmp_path / "preprocessor_config.json"
    file.write_text('{"size": {"height": 1024, "width": 1024}}')
    check_folder(tmp_path)
    file.write_text('{"size": {"height": 100000, "width": 1024}}')
    with pytest.raises(Oversized, match=r"has 100000 as 'size.height', which no model has"):
        check_folder(tmp_path)


def test_networks_that_others_build_meanwhile_do_not_count(tmp_path):
    from threading import Thread

    torch = pytest.importorskip("torch")
    widths = []

    def elsewhere():
        widths.append(torch.nn.Linear(100, 100).weight.numel())

    with built_within(1000, tmp_path):
        other = Thread(target=elsewhere)
        other.start()
        other.join()
        torch.nn.Linear(10, 10)
        with pytest.raises(Oversized):
            torch.nn.Linear(100, 100)
    torch.nn.Linear(100, 100)
    assert widths == [10_000]
