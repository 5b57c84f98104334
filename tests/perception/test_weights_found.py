"""Weights that lie on the disk: which are found, where, and whether they are whole."""

from __future__ import annotations

import json
import sys

import pytest

pytest.importorskip("huggingface_hub")

from hub_server import safetensors
from weights_help import BIG, NAME

from cielr.weights import catalogue as weights
from cielr.weights.catalogue import WeightsError, check, damages, entry, find
from cielr.weights.fetch import fetch

pytestmark = pytest.mark.usefixtures("online")


def test_damage_is_found_told_and_mended_by_fetching_what_is_damaged(hub, target):
    fetch(NAME, endpoint=hub.url)
    data = bytearray(hub.files[BIG])
    data[-1] ^= 1
    (target / BIG).write_bytes(bytes(data))
    assert damages(target) == []
    assert damages(target, deep=True) == [f"{target / BIG} has another checksum than what was fetched."]
    (target / BIG).write_bytes(bytes(data[:-5]))
    assert len(damages(target)) == 1
    with pytest.raises(WeightsError, match=f"cielr weights fetch {NAME}"):
        find(NAME)
    hub.asked.clear()
    assert fetch(NAME, endpoint=hub.url) == target
    assert hub.fetched == [BIG]
    assert damages(target, deep=True) == []
    (target / "config.json").unlink()
    assert [one.state for one in check() if one.weights.name == NAME] == ["missing"]
    fetch(NAME, endpoint=hub.url)
    assert find(NAME) == target


def test_folders_put_there_by_hand_are_found_by_their_repositorys_name_and_judged_by_their_headers(tmp_path):
    folder = tmp_path / "models" / "sam2" / "sam2.1-hiera-tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert "holds no weights" in damages(folder)[0]
    (folder / BIG).write_bytes(safetensors(1000))
    assert find(NAME) == folder
    (folder / BIG).write_bytes(safetensors(1000)[:-1])
    with pytest.raises(WeightsError, match="cut short"):
        find(NAME)
    (folder / BIG).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 155\n")
    assert "is cut short" in damages(folder)[0]
    (folder / BIG).unlink()
    (folder / "model-00001-of-00002.safetensors").write_bytes(safetensors(10))
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert damages(folder) == [f"{folder / 'model-00002-of-00002.safetensors'} is missing."]


def test_a_whole_model_counts_before_a_damaged_one_elsewhere(tmp_path):
    roots = [tmp_path / "a", tmp_path / "b"]
    for root, data in zip(roots, (b"", safetensors(10)), strict=True):
        folder = root / "sam2" / NAME
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        (folder / BIG).write_bytes(data)
    assert find(NAME, roots) == roots[1] / "sam2" / NAME


@pytest.fixture
def comfyui(tmp_path, monkeypatch):
    folder = tmp_path / "ComfyUI"
    folder.mkdir()
    for name in ("main.py", "nodes.py"):
        (folder / name).touch()
    monkeypatch.setenv("COMFYUI_PATH", str(folder))
    monkeypatch.delenv("CIELR_MODELS")
    return folder


def test_models_are_looked_for_in_comfyuis_folders_and_in_the_users_cache(comfyui, tmp_path, monkeypatch):
    from cielr.weights.folders import roots

    assert roots()[0] == comfyui / "models"
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path / "first"))
    assert roots()[0] == tmp_path / "first"
    for name in ("CIELR_MODELS", "COMFYUI_PATH"):
        monkeypatch.delenv(name)
    assert roots() == [tmp_path / "home" / ".cache" / "cielr" / "models"]


def test_every_entry_of_the_catalogue_is_complete_and_named_once():
    names = [one.name for one in weights.CATALOGUE]
    assert len(set(names)) == len(names)
    for one in weights.CATALOGUE:
        assert entry(one.name) is entry(one.repository) is one
        assert one.repository.count("/") == 1
        assert one.megabytes > 50
        assert one.licence
    with pytest.raises(WeightsError, match="owlv2-base"):
        entry("yolo")


# ------------------------------------------------------------------------------------- folders that ComfyUI is told of


@pytest.mark.parametrize(
    "text",
    [
        "mine:\n    base_path: {disk}   # my disk\n    sam2: eyes/sam\n",
        "mine:\n    base_path: '{disk}/eyes'\n    is_default: true\n    sam2: |\n        elsewhere\n        sam\n",
        "mine:\n    sam2: {disk}/eyes/sam\n",
        "mine: {{base_path: {disk}, sam2: eyes/sam, loras: l}}\n",
        "empty:\nmine:\n  sam2: ../disk/eyes/sam/\n",
        "mine:\n  base_path: ${{EYES_DISK}}/eyes\n  sam2: sam\n",
    ],
)
@pytest.mark.parametrize("below", ["sam2.1-tiny", "mine/sam2.1-hiera-tiny"])
def test_extra_model_paths_are_read_as_comfyui_reads_them(comfyui, tmp_path, monkeypatch, text, below):
    pytest.importorskip("yaml")
    monkeypatch.setenv("EYES_DISK", str(tmp_path / "disk"))
    (comfyui / "extra_model_paths.yaml").write_text(text.format(disk=tmp_path / "disk"))
    model = tmp_path / "disk" / "eyes" / "sam" / below
    model.mkdir(parents=True)
    (model / "config.json").write_text('{"model_type": "sam2"}')
    (model / BIG).write_bytes(safetensors(100))
    assert find(NAME) == model


def test_extra_model_paths_that_do_not_read_are_told_and_stop_nothing(comfyui, monkeypatch):
    pytest.importorskip("yaml")
    from cielr.weights.folders import model_folders, unread_extra_folders

    file = comfyui / "extra_model_paths.yaml"
    assert unread_extra_folders() == ""
    for text in ("mine: {", "- a\n- b\n", "[" * 1000, "x" * (1 << 20) + ": 1"):
        file.write_text(text)
        why = unread_extra_folders()
        assert why.startswith(f"{file} is not read: it ")
        assert "\n" not in why
        assert model_folders("sam2")[0] == comfyui / "models" / "sam2"
    for text in ("", "a:\n", "a: 3\n", "a:\n  sam2: [1]\n  3: x\n"):
        file.write_text(text)
        assert unread_extra_folders() == ""
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert unread_extra_folders() == f"{file} is not read: PyYAML is not installed (pip install pyyaml)."
