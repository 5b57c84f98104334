"""`cielr edit` as its users meet it: what it prints and what it writes."""

import json

import numpy as np
import pytest
from cli_help import refused, well
from discs import DISCS, GROUND, masks, picture, scene
from PIL import Image

from cielr.perception.builtin.parser import BuiltinParser

pytestmark = pytest.mark.usefixtures("eyes")


def test_an_edit_is_written_and_told(run, photo, tmp_path):
    out = well(run("edit", photo, "remove the largest disc", "-o", tmp_path / "out.png"))
    assert "3 objects: 3 × disc" in out
    assert "Remove disc_2." in out
    assert str(tmp_path / "out.png") in out
    before, after = picture().astype(int), np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert np.abs(after[60, 160] - GROUND).max() < 12
    far = ~masks()["disc_2"]
    far[20:100, 110:210] = False
    assert (before[far] == after[far]).all()
    assert round(Image.open(tmp_path / "out.png").info["dpi"][0]) == 300


def test_a_plan_that_does_nothing_and_a_change_that_cannot_be_seen_are_told(run, photo, tmp_path, monkeypatch):
    from cielr.actions import Modify, Plan

    plans = {
        "The plan has no action": Plan(),
        "is it what was meant?": Plan(actions=(Modify(targets=("disc_1",), change="blur 1px"),)),
    }
    for words, plan in plans.items():
        monkeypatch.setattr("cielr.reasoning.grammar.reader.plan_explicit", lambda *_, plan=plan, **__: plan)
        monkeypatch.setattr("cielr.editing.pixels.changed", lambda crop, *_: crop.copy())
        out = well(run("edit", photo, "whatever", "-o", tmp_path / "same.png", "--overwrite"))
        [notice] = [line for line in out.splitlines() if line.startswith("Notice")]
        assert words in notice
        assert (np.asarray(Image.open(tmp_path / "same.png")) == picture()).all()
        _, out, _ = run("edit", photo, "whatever", "-o", tmp_path / "same.png", "--overwrite", "--json")
        [notice] = json.loads(out)["notices"]
        assert words in notice


def test_labels_that_built_in_eyes_cannot_tell_apart_are_told(run, photo, tmp_path, monkeypatch):
    monkeypatch.setattr("cielr.pipeline.run._builtin_parser", BuiltinParser)
    words = "Without a detection model these labels cannot be told apart: cup, spoon."
    for command in (("scene", photo), ("edit", photo, "darken the background", "-o", tmp_path / "o.png")):
        out = well(run(*command, "--labels", "cup,spoon"))
        assert words in " ".join(out.split())


def test_without_a_name_the_output_lies_beside_the_photo(run, photo, tmp_path):
    before = photo.read_bytes()
    assert run("edit", photo, "brighten the largest disc by 20%")[0] == 0
    assert (tmp_path / "photo-edited.png").exists()
    assert photo.read_bytes() == before


def test_json_is_one_object_and_nothing_else(run, photo, tmp_path):
    goals = ("-o", tmp_path / "o.png", "--trace", tmp_path / "t")
    out = well(run("edit", photo, "remove the largest disc", *goals, "--json", "--seed", 7))
    told = json.loads(out)
    assert told["output"] == str(tmp_path / "o.png")
    assert (told["width"], told["height"], told["seed"]) == (240, 200, 7)
    assert told["plan"]["actions"][0]["targets"] == ["disc_2"]
    assert [thing["id"] for thing in told["objects"]] == list(DISCS)
    assert told["objects"][1]["pixels"] == masks()["disc_2"].sum()
    differs = (np.asarray(Image.open(tmp_path / "o.png")) != picture()).any(axis=2).sum()
    assert told["changed_pixels"] == told["regions"][0]["changed_pixels"] == differs
    assert told["regions"][0]["pixels"] >= masks()["disc_2"].sum()
    assert told["trace"] == str(tmp_path / "t")


def test_quiet_says_nothing(run, photo, tmp_path):
    assert run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "-q") == (0, "", "")


def test_labels_come_with_commas_or_one_by_one(run, photo, tmp_path, eyes):
    arguments = ["edit", photo, "remove the largest disc", "-q", "--overwrite"]
    run(*arguments, "--labels", "disc, cup", "--labels", "disc", "-l", "dog")
    assert eyes.labels == ["disc", "cup", "dog"]
    run(*arguments)
    assert eyes.labels is None


def test_equal_seeds_give_equal_files(run, photo, tmp_path):
    for name in ("a.png", "b.png"):
        run("edit", photo, "remove the largest disc", "-o", tmp_path / name, "--seed", 5)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_trace_is_written_beside_the_edit(run, photo, tmp_path):
    assert run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")[0] == 0
    told = json.loads((tmp_path / "t" / "trace.json").read_text())
    assert [step["name"] for step in told["steps"]] == ["perceive", "reason", "region", "edit"]
    assert "Before and after" in (tmp_path / "t" / "trace.html").read_text()


def test_a_failed_edit_leaves_a_trace_that_says_where_and_no_photo(run, photo, tmp_path):
    ran = run("edit", photo, "remove the green cup", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")
    assert ran[0] == 4
    assert "Broken off at" in (tmp_path / "t" / "trace.html").read_text()
    assert not (tmp_path / "o.png").exists()


def test_every_name_is_checked_before_the_work(run, photo, tmp_path, eyes):
    (tmp_path / "file").touch()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "trace.json").write_text("kept")
    (tmp_path / "talk.jsonl").write_text("kept")
    out = ["-o", tmp_path / "o.png"]
    for options, words in (
        ([*out, "--trace", tmp_path / "file" / "t"], "is a file, not a folder"),
        ([*out, "--trace", tmp_path / "t"], "--overwrite"),
        ([*out, "--record", tmp_path / "talk.jsonl"], "--overwrite"),
        ([*out, "--record", tmp_path], "is a folder"),
        ([*out, "--record", tmp_path / "o.png"], "--output and --record both name"),
    ):
        assert words in refused(run("edit", photo, "remove the largest disc", *options), 3)
    assert eyes.labels == "not asked"
    assert (tmp_path / "t" / "trace.json").read_text() == (tmp_path / "talk.jsonl").read_text() == "kept"
    assert not (tmp_path / "o.png").exists()
    assert run("edit", photo, "remove the largest disc", *out, "--trace", tmp_path / "t", "--overwrite")[0] == 0
    assert json.loads((tmp_path / "t" / "trace.json").read_text())["steps"]


def test_a_record_that_may_be_overwritten_begins_anew(run, tmp_path):
    scene().save(tmp_path)
    talk = tmp_path / "talk.jsonl"
    talk.write_text("what was there")
    arguments = ["plan", tmp_path, "remove the largest disc", "--record", talk]
    assert "--overwrite" in refused(run(*arguments), 3)
    assert talk.read_text() == "what was there"
    assert run(*arguments, "--overwrite")[0] == 0
    assert talk.read_text() == ""


def test_a_photo_with_the_longest_of_names_gets_one_that_fits(run, photo):
    long = photo.rename(photo.with_name("ü" * 125 + "x.png"))
    assert run("edit", long, "remove the largest disc", "-q")[0] == 0
    assert long.with_name("ü" * 122 + "-edited.png").exists()


def test_what_is_written_before_another_output_fails_is_named(run, photo, tmp_path, monkeypatch):
    def full(path, data):
        if path.suffix == ".json":
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr("cielr.core.serial.write_bytes", full)
    goal = tmp_path / "o.png"
    ran = run("edit", photo, "remove the largest disc", "-o", goal, "--save-scene", tmp_path / "s.json")
    said = refused(ran, 3)
    assert said.startswith(f"{goal} is written, but what comes with it is not: {tmp_path / 's.json'} cannot be")
    assert said.endswith("the disk is full; make room there, or name another place.")


def test_a_trace_that_fails_when_it_is_written_does_not_cost_the_photo(run, photo, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cielr.telling.page.write_together", full)
    ran = run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")
    assert "o.png is written, but its trace is not" in refused(ran, 3)
    assert Image.open(tmp_path / "o.png").size == (240, 200)
