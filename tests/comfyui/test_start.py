"""What the pack costs ComfyUI at its start: nothing heavy is imported, nobody is asked, nothing waits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.comfyui.client import node
from tests.comfyui.conftest import find_comfyui
from tests.comfyui.language import ollama
from tests.comfyui.world import DEFAULTS, picture, scene

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "benchmarks" / "pack_start.py"
HEAVY = (
    "pydantic",
    "torch",
    "xllamacpp",
    "transformers",
    "diffusers",
    "scipy",
    "skimage",
    "lark",
    "ollama",
    "httpx",
    "openai",
    "PIL",
)
OURS_LIGHT = (
    "cielr.errors",
    "cielr.core.addresses",
    "cielr.core.gguf",
    "cielr.core.place_relations",
    "cielr.core.weight_files",
    "cielr.editing.diffusion.schedulers",
    "cielr.editing.variants",
    "cielr.weights.catalogue",
    "cielr.weights.folders",
    "cielr.perception.models.kinds",
    "cielr.reasoning.chats.local_models",
    "cielr.reasoning.options",
)
"""Modules of the engine that the lists of the nodes are made from."""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """What `benchmarks/pack_start.py` saw in a process of its own, with an address of Ollama that never answers."""
    base = tmp_path_factory.mktemp("start")
    variables = {"COMFYUI_PATH": str(find_comfyui()), "OLLAMA_HOST": "http://192.0.2.1:11434"}
    done = subprocess.run(
        [sys.executable, str(START), "--json", "--base-directory", str(base)],
        env=os.environ | variables | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_the_pack_imports_nothing_heavy_at_the_start(started):
    others = [name for name in started["modules"] if not name.startswith("cielr_pack")]
    assert [name for name in others if name.split(".")[0] in HEAVY] == []


def test_of_the_engine_only_what_the_lists_are_made_from_is_imported(started):
    engine = {name.removeprefix("cielr_pack.") for name in started["modules"] if name.startswith("cielr_pack.cielr.")}
    packages = {name for name in engine if any(other.startswith(f"{name}.") for other in engine)}
    assert engine - packages <= set(OURS_LIGHT)


def test_what_only_an_edit_needs_is_loaded_with_the_first_one(started):
    ours = {name.removeprefix("cielr_pack.nodes.internal.") for name in started["modules"]}
    assert ours & {"checking", "variants", "stretches"}, "their nodes are listed"
    assert ours & {"choice", "expand", "expand_sampler", "families", "in_process", "staged", "turns"} == set()


def test_no_server_is_asked_and_no_thread_begun_at_the_start(started):
    assert started["connections"] == []
    assert started["threads"] == []
    assert len(started["nodes"]) >= 32


# ------------------------------------------------------------------------------------------------ what lies in folders


def header(text):
    """The head of a safetensors file: its length in eight bytes, then the text."""
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "head",
    [b"", b"\xff" * 8, header(b"[]"), header(b'{"a": 1}'), header(b'{"a": null}'), header(b"{" * 10_000)],
    ids=["empty", "endless", "a list", "a number", "null", "deep"],
)
def test_a_malformed_file_of_weights_takes_itself_from_the_list_and_nothing_else(comfy, server, head):
    whole = server.base / "models" / "owlv2" / "whole"
    broken = server.base / "models" / "owlv2" / "broken"
    for folder in (whole, broken):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text('{"model_type": "owlv2"}')
        for name in ("preprocessor_config.json", "tokenizer.json"):
            (folder / name).write_text("{}")
    (whole / "model.safetensors").write_bytes(b"\x02" + b"\0" * 7 + b"{}")
    (broken / "model.safetensors").write_bytes(head)
    try:
        options = choices(comfy, "CIELR_LoadDetector", "model")
    finally:
        for folder in (whole, broken):
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
    assert "owlv2/whole" in options
    assert "owlv2/broken" not in options


def test_a_link_to_nowhere_among_the_scenes_hides_no_other(comfy, server, shelf):
    file = shelf.scene(scene())
    nowhere = server.base / "input" / "nowhere.scene.json"
    nowhere.symlink_to(server.base / "gone")
    try:
        options = choices(comfy, "CIELR_LoadScene", "file")
    finally:
        nowhere.unlink()
    assert file in options
    assert not any("nowhere" in name for name in options)


def choices(comfy, kind, name):
    told = comfy.get_json(f"/object_info/{kind}")[kind]["input"]["required"][name]
    return told[1].get("options") or told[0]


# ---------------------------------------------------------------------------------------------------- values by link


def test_a_file_of_a_scene_can_come_by_link_and_is_read_again_when_it_changes(comfy, shelf):
    path = shelf.folder / "linked.scene.json"
    path.write_text(scene().to_json())
    prompt = {
        "name": node("CIELRTest_Text", text="linked.scene.json [input]"),
        "scene": node("CIELR_LoadScene", file=["name", 0]),
        "tell": node("CIELRTest_Tell", value=["scene", 0]),
    }
    assert "3 objects" in comfy.check(prompt).outputs["tell"]["told"][0]
    assert comfy.check(prompt).executed == []
    path.write_text(scene().without(["disc_1"]).to_json())
    assert "2 objects" in comfy.check(prompt).outputs["tell"]["told"][0]
    prompt["name"]["inputs"]["text"] = "nothing.scene.json [input]"
    assert comfy.run(prompt).sentence.startswith("There is no scene 'nothing.scene.json [input]'")
    prompt["name"]["inputs"]["text"] = "../../outside.json [input]"
    assert "leaves ComfyUI's folders" in comfy.run(prompt).sentence


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("CIELR_LoadDetector", "model", "There is no detector 'nothing'"),
        ("CIELR_LoadSegmenter", "model", "There is no segmenter 'nothing'"),
        ("CIELR_LoadDepth", "model", "There is no depth 'nothing'"),
        ("CIELR_LoadInpaintModel", "model", "There is no 'nothing' in models/inpaint"),
        ("CIELR_DiffusersInpainter", "model", "There is no pipeline 'nothing'"),
        ("CIELR_LoadPlan", "file", "There is no plan 'nothing'"),
        ("CIELR_Action", "kind", "'nothing' is not a kind of action"),
        ("CIELR_OllamaLLM", "thinking", "'nothing' is not a way of thinking"),
        ("CIELR_OllamaLLM", "host", None),
    ],
)
def test_a_choice_by_link_that_there_is_not_is_one_sentence_on_the_node(comfy, kind, name, words):
    needed = {
        "CIELR_DiffusersInpainter": {"steps": 0, "guidance": -1.0},
        "CIELR_Action": DEFAULTS | {"targets": "", "words": ""},
        "CIELR_OllamaLLM": ollama(None, thinking="off")["inputs"],
    }.get(kind, {})
    text = "http://me:hunter22@example.com" if name == "host" else "nothing"
    run = comfy.run(
        {
            "text": node("CIELRTest_Text", text=text),
            "load": node(kind, **(needed | {name: ["text", 0]})),
            "tell": node("CIELRTest_Tell", value=["load", 0]),
        }
    )
    assert run.error["node_id"] == "load"
    assert run.sentence.startswith(words or "This address holds a name, a password or a key")


def test_the_pairing_of_masks_can_come_by_link(comfy, shelf):
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(picture()[None])),
        "text": node("CIELRTest_Text", text="somehow"),
        "scene": node("CIELR_SceneFromMasks", image=["image", 0], masks=["image", 1], labels="", pairing=["text", 0]),
    }
    assert comfy.run(prompt).sentence.startswith("There is no pairing 'somehow'")
