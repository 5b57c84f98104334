"""Models that look, on the command line: tiny ones of every class, on a real photo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("transformers")

from cli_help import refused, well
from llm_server import LLMServer, Say

from cielr.core.scene import Scene
from cielr.perception.models.devices import ModelError
from cielr.perception.models.folder import described, parser_from

pytestmark = pytest.mark.usefixtures("home")
COINS = Path(__file__).parents[2] / "photos" / "coins.png"
DETECTORS, SEGMENTERS = ("owlv2", "grounding-dino"), ("sam", "sam2", "sam3", "sam-file")


@pytest.fixture
def eyes(tiny, tmp_path):
    """`eyes("owlv2", "sam2")` is a folder with these models, under names of its own."""

    def folder(*names: str) -> Path:
        made = tmp_path / "-".join(names)
        made.mkdir()
        for name in names:
            source = tiny(name)
            target = made / f"my {name}"
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, made / source.name)
        return made

    return folder


def need(name: str) -> None:
    if name == "sam-file":
        pytest.importorskip("segment_anything")


# ------------------------------------------------------------------------------------------------------- which models


@pytest.mark.parametrize("names", [*((one, "sam2") for one in DETECTORS), *(("owlv2", one) for one in SEGMENTERS)])
def test_a_folder_of_any_classes_gives_a_scene(run, eyes, names):
    need(names[1])
    out = well(run("scene", COINS, "--labels", "coin", "--perception", eyes(*names, "depth-anything"), "--json"))
    scene = Scene.from_json(out)
    assert scene.objects, "tiny models see things everywhere"
    assert {thing.label for thing in scene.objects} == {"coin"}
    assert all(thing.depth is not None for thing in scene.objects)
    assert all(thing.source for thing in scene.objects)


def test_a_single_model_and_the_places_of_comfyui_are_folders_too(run, tiny, tmp_path):
    assert described(tiny("sam2")) == {"segmenter": tiny("sam2")}
    for place, name in (("owlv2/one", "owlv2"), ("sams/two", "sam"), ("depthanything/three", "depth-anything")):
        shutil.copytree(tiny(name), tmp_path / "models" / place)
    (tmp_path / "models" / "checkpoints").mkdir()
    found = described(tmp_path / "models")
    assert {role: path.name for role, path in found.items()} == {
        "detector": "one",
        "segmenter": "two",
        "depth": "three",
    }


def test_of_several_models_of_a_kind_the_one_that_is_called_so_counts(run, eyes, tiny):
    folder = eyes("sam", "sam2", "owlv2")
    sentence = refused(run("scene", COINS, "--perception", folder), 1)
    assert "several models for the segmenter: my sam, my sam2" in sentence
    assert "--segmenter" in sentence
    (folder / "my sam2").rename(folder / "segmenter")
    assert described(folder)["segmenter"].name == "segmenter"
    # what is named counts before what lies there
    assert parser_from(folder, segmenter=tiny("sam"), device="cpu").segmenter.name == "sam"


def test_a_file_names_the_models_and_how_they_run(eyes, tmp_path):
    folder = eyes("owlv2", "sam2")
    settings = {"detector": "my owlv2", "segmenter": "my sam2", "dtype": "bfloat16", "device": "cpu", "max_objects": 2}
    (folder / "perception.json").write_text(json.dumps(settings))
    parser = parser_from(folder)
    assert str(parser.detector.network.dtype) == "torch.bfloat16"
    assert parser.max_objects == 2
    assert str(parser_from(folder / "perception.json", dtype="float32").segmenter.network.dtype) == "torch.float32"
    for broken, said in (
        ("{", "does not read as JSON"),
        ("[]", "nobody knows"),
        ('{"detektor": "x"}', "detektor"),
        ("{}", "names no model"),
    ):
        (folder / "perception.json").write_text(broken)
        with pytest.raises(ModelError, match=said):
            parser_from(folder)


def test_each_option_alone_does_with_what_is_built_in_for_the_rest(run, tiny):
    for option, name in (("--detector", "owlv2"), ("--segmenter", "sam2"), ("--depth", "depth-anything")):
        out = well(run("scene", COINS, "--labels", "coin", option, tiny(name), "--json", "--device", "cpu"))
        depths = [thing.depth for thing in Scene.from_json(out).objects]
        assert (option == "--depth") == any(depth is not None for depth in depths)


def test_without_labels_an_edit_looks_for_what_the_instruction_speaks_of(run, eyes, tmp_path):
    trace = tmp_path / "trace"
    run("edit", COINS, "remove the zyzzyva", "--perception", eyes("owlv2"), "--trace", trace, "-o", tmp_path / "o.png")
    scene = json.loads((trace / "trace.json").read_text())
    assert "zyzzyva" in json.dumps(scene)


# ------------------------------------------------------------------------------------------------------- what is wrong


def test_what_is_not_here_is_told_with_repository_folder_and_command(run, tmp_path):
    for option, name, repository, folder in (
        ("--detector", "owlv2-base", "google/owlv2-base-patch16-ensemble", "owlv2"),
        ("--segmenter", "sam2.1-tiny", "facebook/sam2.1-hiera-tiny", "sam2"),
        ("--depth", "depth-anything-v2-small", "depth-anything/Depth-Anything-V2-Small-hf", "depthanything"),
    ):
        sentence = refused(run("scene", COINS, option, name), 1)
        assert repository in sentence
        assert str(tmp_path / "models" / folder / name) in sentence
        assert f"`cielr weights fetch {name}`" in sentence


def test_folders_that_hold_no_eyes_are_told(run, tmp_path, tiny):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "describes no perception" in refused(run("scene", COINS, "--perception", empty), 1)
    assert "There is no folder" in refused(run("scene", COINS, "--perception", tmp_path / "gone"), 1)
    assert "a detector is one of" in refused(run("scene", COINS, "--detector", tiny("sam2")), 1)
    assert "is a segmenter" in refused(run("scene", COINS, "--detector", "sam2.1-tiny"), 1)
    assert "no such name" in refused(run("scene", COINS, "--detector", "yolo"), 1)


def test_weights_that_are_cut_short_or_of_another_shape_are_told(run, eyes, tmp_path):
    folder = eyes("owlv2")
    weights = folder / "my owlv2" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-10])
    assert "cut short" in refused(run("scene", COINS, "--perception", folder), 1)
    weights.write_bytes(b"PK\x03\x04" + whole)
    assert "cut short" in refused(run("scene", COINS, "--perception", folder), 1)
    weights.write_bytes(whole)
    config = json.loads((folder / "my owlv2" / "config.json").read_text())
    config["vision_config"]["num_hidden_layers"] = 3
    (folder / "my owlv2" / "config.json").write_text(json.dumps(config))
    assert "lacks weights" in refused(run("scene", COINS, "--perception", folder), 1)


def test_pickled_files_are_never_executed(run, tmp_path):
    pytest.importorskip("segment_anything")
    import pickle

    class Bad:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "executed",))

    (tmp_path / "sam_vit_b.pth").write_bytes(pickle.dumps(Bad()))
    refused(run("scene", COINS, "--segmenter", tmp_path / "sam_vit_b.pth"), 1)
    assert not (tmp_path / "executed").exists()


# ------------------------------------------------------------------------------------------------------------ whole way


@pytest.mark.parametrize("names", [("owlv2", "sam2", "depth-anything"), ("grounding-dino", "sam")])
def test_an_edit_of_a_real_photo_uses_them_end_to_end(run, eyes, tmp_path, names):
    photo = tmp_path / "coins.png"
    Image.open(COINS).resize((192, 152)).save(photo)
    out = well(
        run("edit", photo, "brighten all coins by 20%", "--labels", "coin", "--perception", eyes(*names), "--json")
    )
    told = json.loads(out)
    assert len(told["plan"]["actions"]) == 1
    before, after = np.asarray(Image.open(photo).convert("RGB")), np.asarray(Image.open(told["output"]).convert("RGB"))
    outside = np.ones(before.shape[:2], dtype=bool)
    for region in told["regions"]:
        x0, y0, x1, y1 = region["box"]
        outside[y0:y1, x0:x1] = False
    assert np.array_equal(before[outside], after[outside])
    assert (before != after).any()


def test_a_plan_lets_the_language_model_look_at_the_photo(run, eyes, tmp_path):
    folder = eyes("owlv2", "sam2")
    assert run("scene", COINS, "--labels", "coin", "--perception", folder, "-o", tmp_path, "-q")[0] == 0
    scene = Scene.load(tmp_path)
    name = scene.objects[0].id
    ask = {"kind": "requests", "requests": [{"kind": "describe", "object": name, "question": "Whose head is on it?"}]}
    plan = {"kind": "plan", "summary": "Done.", "actions": [{"kind": "remove", "targets": [name]}]}
    turns = [Say(json.dumps({"reason": "", "turn": turn})) for turn in (ask, plan)]
    with LLMServer([turns[0], Say("An emperor's head."), turns[1]]) as server:
        llm = ["--llm", f"openai/tiny@{server.url}/v1", "--vision", "--image", COINS]
        out = well(run("plan", tmp_path, "remove the emperor", "--perception", folder, *llm, "--json"))
        assert json.loads(out)["actions"][0]["targets"] == [name]
        bodies = [json.dumps(body) for body in server.requests]
        asked = next(body for body in bodies if "Whose head is on it?" in body and '"image_url"' in body)
        assert "data:image/jpeg;base64," in asked
        assert "An emperor's head." in bodies[-1]


def test_eyes_without_the_photo_and_another_photo_are_refused(run, eyes, tmp_path):
    folder = eyes("owlv2")
    run("scene", COINS, "--labels", "coin", "-o", tmp_path, "-q")
    assert "--image" in refused(run("plan", tmp_path, "remove the coin", "--perception", folder), 2)
    Image.new("RGB", (20, 10)).save(tmp_path / "other.png")
    sentence = refused(run("plan", tmp_path, "remove the largest coin", "--image", tmp_path / "other.png"), 3)
    assert "20 x 10" in sentence


def test_a_model_that_takes_pictures_says_what_to_look_for(run, eyes, tmp_path):
    photo = tmp_path / "coins.png"
    Image.open(COINS).resize((192, 152)).save(photo)
    plan = {"kind": "plan", "summary": "Done.", "actions": [{"kind": "background", "to": "darken 20%"}]}
    answers = [Say('{"labels": ["Old drachma", "a sentence that goes on and on and on and on", ""]}')]
    with LLMServer([*answers, Say(json.dumps({"reason": "", "turn": plan}))]) as server:
        llm = ["--llm", f"openai/tiny@{server.url}/v1", "--vision", "--always-model"]
        out = well(run("edit", photo, "make it moody", "--perception", eyes("owlv2", "sam2"), *llm, "--json"))
        first = json.dumps(server.requests[0])
        assert "make it moody" in first
        assert "data:image/jpeg;base64," in first
    labels = {thing["label"] for thing in json.loads(out)["objects"]}
    assert labels <= {"old drachma", "moody"}
    assert labels


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ('{"labels": ["Cup", "cup", "red  kite"]}', ("cup", "red kite")),
        ('Here: {"labels": ["tea-pot\\n"]} done', ("tea-pot",)),
        ('{"labels": [1, null, "<b>", "x"]}', ("b", "x")),
        ('{"labels": "cup"}', ()),
        ("no idea", ()),
        ('["cup"]', ()),
    ],
)
def test_only_short_names_are_taken_from_a_models_answer(said, labels):
    from cielr.reasoning.propose import labels_in

    assert labels_in(said) == labels


def test_a_list_of_models_names_those_alone_that_load(tiny, tmp_path):
    from cielr.perception.models.kinds import kind_of, loadable

    folder = shutil.copytree(tiny("grounding-dino"), tmp_path / "dino")
    assert loadable(folder)
    for names in (("preprocessor_config.json", "processor_config.json"), ("tokenizer.json", "vocab.txt")):
        away = [(folder / name, (folder / name).read_bytes()) for name in names if (folder / name).exists()]
        assert away
        for path, _ in away:
            path.unlink()
        assert kind_of(folder) == "detector"
        assert not loadable(folder)
        for path, data in away:
            path.write_bytes(data)
    assert loadable(folder)
    (tmp_path / "groundingdino_swint_ogc.pth").write_bytes(b"PK")
    assert kind_of(tmp_path / "groundingdino_swint_ogc.pth") is None
    pytest.importorskip("segment_anything")
    file = shutil.copyfile(tiny("sam-file"), tmp_path / "sam_vit_b.pth")
    assert loadable(file)
    file.write_bytes(file.read_bytes()[:-100])
    assert not loadable(file)
