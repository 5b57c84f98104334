"""Tiny models of every class in ComfyUI's own folders: what is listed loads, is used, managed, cached, interrupted."""

import itertools
import json
import os
import re
import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_models  # noqa: E402
from hub_server import Hub, playing  # noqa: E402

from cielr.core.scene import Scene  # noqa: E402
from cielr.perception.models.folder import parser_from  # noqa: E402
from tests.comfyui.client import Refused, node, progresses  # noqa: E402
from tests.comfyui.conftest import running  # noqa: E402
from tests.comfyui.test_reason import ASK, DO  # noqa: E402
from tests.comfyui.world import Shelf, picture  # noqa: E402

SEEDS = itertools.count(700)
PLACES = {
    "owlv2": "owlv2/tiny-owl",
    "grounding-dino": "grounding-dino/tiny-dino",
    "sam": "sams/tiny-sam",
    "sam2": "sam2/tiny-sam2",
    "sam3": "sam3/tiny-sam3",
    "depth-anything": "depthanything/tiny-depth",
    "sam-file": "sams/sam_vit_tiny.pth",
}
LOADERS = {"detector": "CIELR_LoadDetector", "segmenter": "CIELR_LoadSegmenter", "depth": "CIELR_LoadDepth"}
KINDS = {
    "detector": ("owlv2", "grounding-dino"),
    "segmenter": ("sam", "sam2", "sam3", "sam-file"),
    "depth": ("depth-anything",),
}
CLASSES = {
    "owlv2": "Owlv2ForObjectDetection",
    "grounding-dino": "GroundingDinoForObjectDetection",
    "sam": "SamModel",
    "sam2": "Sam2Model",
    "sam3": "Sam3TrackerModel",
    "depth-anything": "DepthAnythingForDepthEstimation",
    "sam-file": "Sam",
}
ORIGINALS = (
    "grounding-dino/groundingdino_swint_ogc.pth",
    "sam2/sam2.1_hiera_tiny.pt",
    "sam2/sam2.1_hiera_tiny-fp16.safetensors",
    "depthanything/depth_anything_v2_vits.pth",
    "sams/sam_hq_vit_b.pth",
)
"""Files that artists have there already, in layouts that are not read."""


def has_segment_anything() -> bool:
    try:
        import segment_anything  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.fixture(scope="module")
def listed_before(comfy):
    """kind -> what other tests' models put into the lists already."""
    return {kind: local(comfy, kind) for kind in KINDS}


@pytest.fixture(scope="module", autouse=True)
def models(server, tiny, listed_before):
    for name, place in PLACES.items():
        if name == "sam-file" and not has_segment_anything():
            continue
        target = server.base / "models" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        source = tiny(name)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    for place in ORIGINALS:
        (server.base / "models" / place).write_bytes(b"PK weights")
    return server.base / "models"


def options(comfy, kind):
    told = comfy.get_json(f"/object_info/{LOADERS[kind]}")[LOADERS[kind]]
    return told["input"]["required"]["model"][1]["options"]


def local(comfy, kind):
    """The list without what would be fetched."""
    return [name for name in options(comfy, kind) if not name.endswith("(download)")]


def load(name, **settings):
    kind = next(kind for kind, names in KINDS.items() if name in names)
    return kind, node(LOADERS[kind], model=PLACES[name], **settings)


def parsed(shelf, image, *names, labels="cup, spoon", **settings):
    """A graph that parses a picture with these models."""
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(image if image.ndim == 4 else image[None])),
        "scene": node("CIELR_SceneParse", image=["image", 0], labels=labels),
        "tell": node("CIELRTest_Tell", value=["scene", 3]),
    }
    for name in names:
        kind, loader = load(name, **settings)
        prompt[kind] = loader
        prompt["scene"]["inputs"][kind] = [kind, 0]
    return prompt


def scene_of(run) -> Scene:
    return Scene.from_json(run.outputs["tell"]["told"][0])


def every_object(text: str) -> list:
    """The JSON objects that follow each other in a text."""
    found, rest = [], text.strip()
    while rest:
        one, end = json.JSONDecoder().raw_decode(rest)
        found.append(one)
        rest = rest[end:].strip()
    return found


def fresh(**more):
    return picture(seed=next(SEEDS), **more)


# -------------------------------------------------------------------------------------------------------------- lists


def test_the_lists_name_what_loads_then_what_can_be_fetched(comfy, listed_before):
    for kind, names in KINDS.items():
        laid = [PLACES[name] for name in names if name != "sam-file" or has_segment_anything()]
        assert sorted(local(comfy, kind)) == sorted([*listed_before[kind], *laid])
    assert "owlv2-base  (download)" in options(comfy, "detector")
    assert "sam2.1-tiny  (download)" in options(comfy, "segmenter")
    assert not any("depth" in name for name in options(comfy, "segmenter"))


def test_the_lists_follow_what_lies_in_the_folders(comfy, models):
    new = models / "owlv2" / "another"
    assert "owlv2/another" not in options(comfy, "detector")
    shutil.copytree(models / PLACES["owlv2"], new)
    assert "owlv2/another" in options(comfy, "detector")
    weights = new / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "owlv2/another" not in options(comfy, "detector"), "what is cut short does not load"
    shutil.copyfile(models / PLACES["owlv2"] / "model.safetensors", weights)
    assert "owlv2/another" in options(comfy, "detector")
    for name in ("tokenizer.json", "vocab.json"):
        (new / name).unlink(missing_ok=True)
    assert "owlv2/another" not in options(comfy, "detector"), "nor what cannot read its labels"
    shutil.rmtree(new)


def test_what_is_not_listed_is_refused_before_the_run(comfy, shelf):
    for model in (ORIGINALS[0], "owlv2/../../secret", "owlv2/gone", "owlv2-base", "sam2.1-tiny  (download)"):
        prompt = parsed(shelf, fresh(), "owlv2")
        prompt["detector"]["inputs"]["model"] = model
        with pytest.raises(Refused, match="There is no detector"):
            comfy.run(prompt)
    for setting, value in (("device", "toaster"), ("dtype", "int4")):
        prompt = parsed(shelf, fresh(), "owlv2", **{setting: value})
        with pytest.raises(Refused, match=value):
            comfy.run(prompt)


# ------------------------------------------------------------------------------------------------- loaded and used


@pytest.mark.parametrize("name", PLACES)
def test_each_listed_class_gives_the_scene_that_it_gives_outside_comfyui(comfy, shelf, tiny, name):
    if name == "sam-file" and not has_segment_anything():
        pytest.skip("segment-anything is not installed, so its files are not listed")
    kind, _ = load(name)
    names = [name] if kind == "detector" else [name, "owlv2"]
    image = fresh()
    run = comfy.check(
        parsed(shelf, image, *names, threshold=0.05) if kind == "detector" else parsed(shelf, image, *names)
    )
    told = scene_of(run)
    parser = parser_from(**{load(one)[0]: tiny(one) for one in names}, device="cpu")
    if kind == "detector":
        parser.detector.threshold = 0.05
    expected = parser.parse(image, ["cup", "spoon"])
    assert told.objects, "tiny models see things everywhere"
    assert [thing.id for thing in told.objects] == [thing.id for thing in expected.objects]
    for one, other in zip(told.objects, expected.objects, strict=True):
        assert one.mask == other.mask
        assert one.score == pytest.approx(other.score, abs=1e-4)
        assert one.depth == (None if other.depth is None else pytest.approx(other.depth, abs=1e-3))
        assert (one.depth is not None) == (kind == "depth")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_can_be_asked_for(comfy, shelf, dtype):
    scene_of(comfy.check(parsed(shelf, fresh(), "owlv2", "sam2", dtype=dtype)))


def test_a_batch_gives_a_scene_for_each_picture(comfy, shelf):
    images = [fresh() for _ in range(3)]
    run = comfy.check(parsed(shelf, np.stack(images), "owlv2", "sam2"))
    several = every_object(run.outputs["tell"]["told"][0])
    assert len(several) == 3
    alone = scene_of(comfy.check(parsed(shelf, images[1], "owlv2", "sam2")))
    assert Scene.model_validate(several[1]).objects == alone.objects


def test_reason_asks_the_models_for_more(comfy, shelf):
    prompt = parsed(shelf, fresh(), "owlv2", "sam2", "depth-anything", labels="shadow")
    asks = {**ASK, "turn": {"kind": "requests", "requests": [{"kind": "detect", "labels": ["zebra"]}]}}
    done = {**DO, "turn": {**DO["turn"], "actions": [{"kind": "remove", "targets": ["shadow_1"]}]}}
    prompt["llm"] = node("CIELRTest_Chat", answers="\n".join(map(json.dumps, (asks, done))), seconds=0.0)
    prompt["reason"] = node(
        "CIELR_Reason",
        scene=["scene", 0],
        instruction="make the angriest thing calm",
        llm=["llm", 0],
        perception=["scene", 1],
    )
    prompt["told"] = node("CIELRTest_Tell", value=["reason", 3])
    told = comfy.check(prompt).outputs["told"]["told"][0]
    # tiny models see the same boxes whatever they are asked for: it is one of the known things, seen again
    assert re.search(r"update: .*zebra: (shadow|zebra)_\d", told), told


# ------------------------------------------------------------------------------------------------- cached and managed


def test_the_same_picture_and_settings_run_nothing_and_another_picture_loads_nothing(comfy, shelf):
    image = fresh()
    comfy.check(parsed(shelf, image, "owlv2", "sam2", "depth-anything"))
    assert comfy.check(parsed(shelf, image, "owlv2", "sam2", "depth-anything")).executed == []
    run = comfy.check(parsed(shelf, fresh(), "owlv2", "sam2", "depth-anything"))
    assert set(run.executed) == {"image", "scene", "tell"}


def test_other_weights_under_the_same_name_are_read_anew(comfy, shelf, models):
    image = fresh()
    comfy.check(parsed(shelf, image, "owlv2"))
    os.utime(models / PLACES["owlv2"] / "config.json")
    assert "detector" in comfy.check(parsed(shelf, image, "owlv2")).executed


@pytest.mark.parametrize("name", PLACES)
def test_comfyui_can_push_each_network_out_and_loads_it_again_when_it_is_used(comfy, shelf, name):
    if name == "sam-file" and not has_segment_anything():
        pytest.skip("segment-anything is not installed, so its files are not listed")
    for _ in range(2):
        prompt = parsed(shelf, fresh(), *dict.fromkeys((name, "owlv2")))
        if load(name)[0] == "detector":
            prompt = parsed(shelf, fresh(), name)
        prompt["held"] = node("CIELRTest_Held", after=["scene", 0])
        run = comfy.check(prompt)
        assert CLASSES[name] in run.outputs["held"]["before"]
        assert run.outputs["held"]["after"] == []


# ------------------------------------------------------------------------------------------------------- interrupted


@pytest.fixture(scope="module")
def large(models):
    """SAM 2 at its real size with random weights: its encoder takes seconds on a CPU."""
    from transformers import Sam2Config, Sam2ImageProcessor, Sam2Model, Sam2Processor

    folder = models / "sam2" / "real-size"
    Sam2Model(Sam2Config()).save_pretrained(folder)
    Sam2Processor(Sam2ImageProcessor()).save_pretrained(folder)
    yield "sam2/real-size"
    shutil.rmtree(folder)


@pytest.mark.parametrize("after", [0.0, 1.0, 2.5])
def test_an_encoder_of_real_size_is_interrupted_within_two_seconds(comfy, shelf, large, after):
    prompt = parsed(shelf, fresh(), "owlv2", "sam2")
    prompt["segmenter"]["inputs"]["model"] = large
    comfy.interrupted(prompt, progresses("scene", above=-1), after)
    comfy.check(parsed(shelf, fresh(), "owlv2", "sam2"))


def test_progress_of_a_large_model_arrives_many_times(comfy, shelf, large):
    prompt = parsed(shelf, fresh(), "owlv2", "sam2")
    prompt["segmenter"]["inputs"]["model"] = large
    run = comfy.check(prompt)
    values = [data["value"] for kind, data in run.messages if kind == "progress" and data["node"] == "scene"]
    assert len(values) >= 10
    assert values == sorted(values)


# --------------------------------------------------------------------------------------------------------- fetched


def test_what_is_not_here_is_fetched_only_where_the_hub_may_be_asked(comfy, shelf):
    prompt = parsed(shelf, fresh(), "owlv2")
    prompt["detector"]["inputs"]["model"] = "owlv2-base  (download)"
    run = comfy.run(prompt)
    assert run.end == "execution_error"
    assert "HF_HUB_OFFLINE is set" in run.sentence
    assert "google/owlv2-base-patch16-ensemble" in run.sentence


def test_a_model_is_fetched_when_the_node_runs_and_lies_in_the_folder_that_comfyui_was_told(
    tmp_path, tiny, monkeypatch
):
    folder = tiny("owlv2")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    (tmp_path / "disk").mkdir()
    shutil.copytree(tiny("sam2"), tmp_path / "disk" / "segmenters" / "mine")
    (tmp_path / "paths.yaml").write_text(
        f"mine:\n    base_path: {tmp_path / 'disk'}\n    is_default: true\n    owlv2: finders\n    sam2: segmenters\n"
    )
    with playing(Hub("google/owlv2-base-patch16-ensemble", files, piece=20_000, pause=0.2)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        with running(tmp_path / "base", "--extra-model-paths-config", str(tmp_path / "paths.yaml")) as server:
            shelf, comfy = Shelf(server.base, server.client), server.client
            assert "sam2/mine" in options(comfy, "segmenter")
            prompt = parsed(shelf, fresh(), "owlv2", "sam2")
            prompt["segmenter"]["inputs"]["model"] = "sam2/mine"
            prompt["detector"]["inputs"]["model"] = "owlv2-base  (download)"

            comfy.interrupted(prompt, progresses("detector"))
            assert not (tmp_path / "disk" / "finders" / "owlv2-base").exists()
            hub.pause = 0.0
            hub.stop.set()
            assert scene_of(comfy.check(prompt)).objects
            assert (tmp_path / "disk" / "finders" / "owlv2-base" / "config.json").is_file()
            assert "owlv2/owlv2-base" in options(comfy, "detector")
            assert "owlv2-base  (download)" not in options(comfy, "detector")
            asked = len(hub.asked)
            # a graph that was saved before goes on working, and asks nobody
            prompt["image"]["inputs"]["file"] = shelf.array(fresh()[None])
            comfy.check(prompt)
            assert len(hub.asked) == asked


def test_the_tiny_models_are_of_every_class_that_there_is():
    assert set(PLACES) == {*tiny_models.MAKERS, "sam-file"}
