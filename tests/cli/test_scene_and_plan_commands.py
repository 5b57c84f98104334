"""`cielr scene`, `cielr plan` and `cielr doctor` as their users meet them."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_help import refused, well
from discs import picture, scene
from PIL import Image

from cielr.core.scene import Scene

pytestmark = pytest.mark.usefixtures("eyes")


def test_a_scene_is_listed(run, photo):
    out = well(run("scene", photo))
    line = next(line for line in out.splitlines() if line.startswith("disc_2"))
    assert "160, 60" in line
    assert "61 x 61" in line


def test_a_scene_as_json_is_the_scene(run, photo):
    out = well(run("scene", photo, "--json"))
    assert Scene.from_json(out) == scene()


def test_a_scene_is_written_to_a_folder_or_a_file_with_its_overlay(run, photo, tmp_path):
    assert run("scene", photo, "-o", tmp_path / "kept", "--overlay", tmp_path / "seen.png", "-q") == (0, "", "")
    assert Scene.load(tmp_path / "kept") == scene()
    drawn = np.asarray(Image.open(tmp_path / "seen.png"))
    assert drawn.shape == (200, 240, 3)
    assert (drawn != picture()).any()
    assert run("scene", photo, "-o", tmp_path / "kept.json", "-q")[0] == 0
    assert (tmp_path / "kept.json").read_bytes() == (tmp_path / "kept" / "scene.json").read_bytes()
    assert "--overwrite" in refused(run("scene", photo, "-o", tmp_path / "kept.json"), 3)
    assert run("scene", photo, "-o", tmp_path / "kept.json", "-q", "--overwrite")[0] == 0


def test_the_photo_is_not_overwritten_by_its_own_overlay(run, photo):
    assert "--overwrite" in refused(run("scene", photo, "--overlay", photo), 3)


def test_a_plan_is_made_from_a_kept_scene(run, tmp_path):
    scene().save(tmp_path)
    for source in (tmp_path, tmp_path / "scene.json"):
        out = well(run("plan", source, "remove the largest disc"))
        assert "Remove disc_2." in out
    out = well(run("plan", tmp_path, "remove the largest disc", "--json", "-o", tmp_path / "plan.json"))
    assert json.loads(out)["actions"][0]["targets"] == ["disc_2"]
    assert (tmp_path / "plan.json").read_text() == out


def test_a_photo_in_place_of_a_scene_is_told_what_makes_one(run, photo):
    said = refused(run("plan", photo, "remove it"), 3)
    assert f"cielr scene {photo}" in said
    assert f"cielr edit {photo}" in said


def test_a_scene_that_cannot_be_read_ends_with_3(run, tmp_path):
    refused(run("plan", tmp_path / "no.json", "remove it"), 3)
    for content, words in (
        (b"{}", "'width' is missing"),
        (b"", "it is empty"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"width": ' + b"9" * 5000, "thousands of digits"),
        (b'{"width": 3,}', "line 1, column"),
        ("ä".encode("latin-1"), "not text in UTF-8"),
    ):
        (tmp_path / "bad.json").write_bytes(content)
        assert words in refused(run("plan", tmp_path / "bad.json", "remove it"), 3)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device file")
def test_a_scene_without_end_is_not_read(run):
    assert "not a regular file" in refused(run("plan", "/dev/zero", "remove it"), 3)


def test_a_few_letters_do_not_stand_for_gigabytes(run, tmp_path):
    runs = {"height": 12000, "width": 12000, "runs": "0 144000000"}
    thing = {"id": "a_1", "label": "cup", "box": {"x0": 0, "y0": 0, "x1": 12000, "y1": 12000}, "mask": runs}
    (tmp_path / "a.json").write_text(json.dumps({"width": 12000, "height": 12000, "objects": [thing]}))
    said = refused(run("plan", tmp_path / "a.json", "remove the cup"), 3)
    assert "144.0 megapixels" in said
    assert run("plan", tmp_path / "a.json", "remove the cup", "--max-pixels", 144_000_000)[0] == 0


def test_a_scene_with_a_byte_order_mark_is_read(run, tmp_path):
    (tmp_path / "scene.json").write_text(scene().to_json(), encoding="utf-8-sig")
    assert run("plan", tmp_path, "remove the largest disc")[0] == 0


def test_doctor_tells_in_words_and_in_json(run):
    code, out, _ = run("doctor")
    assert "Python" in out
    assert json.loads(run("doctor", "--json")[1])["usable"] == (code == 0)
