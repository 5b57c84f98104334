"""What is known already: scenes, plans and masks into the commands, out of them, and through pipes."""

import io
import json
import os
import subprocess

import numpy as np
import pytest
from cli_help import command, environment, refused, well
from discs import masks, picture, scene
from PIL import Image

import cielr
from cielr.actions import Plan, Remove
from cielr.core.geometry import Mask
from cielr.errors import PlanError, SceneError

DISC = {"disc": masks()["disc_1"]}
PLAN = Plan(actions=(Remove(targets=("disc_2",)),), summary="Remove disc_2.")


class Blind:
    """Eyes that must not be asked."""

    def parse(self, *_, **__):
        raise AssertionError("the photo was looked at")

    def perception(self, image):
        from cielr.perception.builtin.parser import BuiltinPerception

        return BuiltinPerception(image)


@pytest.fixture(autouse=True)
def blind(monkeypatch):
    monkeypatch.setattr("cielr.pipeline.run._builtin_parser", Blind)


@pytest.fixture
def files(tmp_path):
    """A folder with photo.png, scene.json, plan.json and the masks of the discs."""
    Image.fromarray(picture()).save(tmp_path / "photo.png")
    (tmp_path / "scene.json").write_text(scene().to_json(), encoding="utf-8")
    PLAN.save(tmp_path / "plan.json")
    (tmp_path / "masks").mkdir()
    for name, mask in masks().items():
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "masks" / f"{name}.png")
    return tmp_path


def pixels(path):
    return np.asarray(Image.open(path))


@pytest.fixture
def removed(files):
    """The photo without its second disc, as Python makes it from the scene and an instruction."""
    return cielr.edit(files / "photo.png", "remove the largest disc", scene=scene()).image


def test_a_scene_and_a_plan_are_carried_out_without_a_look(run, files, removed):
    out = files / "out.png"
    assert run("edit", files / "photo.png", "remove the largest disc", "--scene", files, "-o", out)[0] == 0
    assert (pixels(out) == removed).all()
    told = well(
        run("edit", files / "photo.png", "--plan", files / "plan.json", "--scene", files, "-o", out, "--overwrite")
    )
    assert "Remove disc_2." in told
    assert (pixels(out) == removed).all()


def test_masks_and_boxes_stand_for_the_eyes(run, files, removed):
    out = files / "out.png"
    assert run("edit", files / "photo.png", "remove the largest disc", "--masks", files / "masks", "-o", out)[0] == 0
    assert (pixels(out) == removed).all()
    (files / "photo.txt").write_text(f"0 {160 / 240} {60 / 200} {61 / 240} {61 / 200}\n")
    (files / "classes.txt").write_text("disc\n")
    out.unlink()
    assert run("edit", files / "photo.png", "remove the disc", "--boxes", files / "photo.txt", "-o", out)[0] == 0
    assert (pixels(out)[masks()["disc_2"]] != picture()[masks()["disc_2"]]).any(axis=1).all()


def test_a_scene_is_made_of_masks_alone(run, files):
    out = well(run("scene", files / "photo.png", "--masks", files / "masks", "--json"))
    told = json.loads(out)
    assert [thing["id"] for thing in told["objects"]] == ["disc_1", "disc_2", "disc_3"]
    for thing, mask in zip(told["objects"], masks().values(), strict=True):
        assert Mask.model_validate(thing["mask"]) == Mask.from_array(mask)


def test_in_python_masks_are_arrays_by_their_labels(files, removed):
    several = {"disc": list(masks().values())}
    made = cielr.edit(files / "photo.png", plan=PLAN, masks=several)
    assert (made.image == removed).all()
    assert made.scene.ids == ("disc_1", "disc_2", "disc_3")
    again = cielr.edit(files / "photo.png", plan=files / "plan.json", scene=files / "scene.json")
    assert (again.image == removed).all()


@pytest.mark.parametrize(
    ("error", "words", "given"),
    [
        (SceneError, r"scene is of 240 x 200 pixels and the photo has 200 x 240", {"scene": scene()}),
        (
            SceneError,
            r"mask of 'disc' is 240 x 200 pixels and the photo 200 x 240",
            {"masks": {"disc": masks()["disc_1"]}},
        ),
        (SceneError, "Both a scene and masks", {"scene": scene(), "masks": {"disc": masks()["disc_1"]}}),
        (SceneError, "nobody looks where a scene is given", {"scene": scene(), "labels": "disc"}),
        (PlanError, "Both an instruction and a plan", {"scene": scene(), "instruction": "remove it"}),
    ],
)
def test_what_contradicts_is_one_sentence(error, words, given):
    turned = np.ascontiguousarray(picture().swapaxes(0, 1))
    with pytest.raises(error, match=words):
        cielr.edit(turned, plan=PLAN, **given)


def test_a_plan_of_another_scene_names_what_is_missing(files):
    other = Plan(actions=(Remove(targets=("cup_7",)),))
    with pytest.raises(PlanError, match="'cup_7', which is not in the scene") as told:
        cielr.edit(files / "photo.png", plan=other, scene=scene())
    assert "made on another scene" not in str(told.value)
    with pytest.raises(PlanError, match="If it was made on another scene, give that one"):
        cielr.edit(files / "photo.png", plan=other, masks={"disc": masks()["disc_1"]})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "instruction or with --plan"),
        (["remove it", "--plan", "plan.json"], "not with both"),
        (["remove it", "--scene", "scene.json", "--masks", "masks"], "leave one out"),
        (["remove it", "--scene", "scene.json", "-l", "disc"], "nobody looks"),
        (["remove it", "--names", "names.txt"], "--names goes with"),
        (["--plan", "-", "--scene", "-"], "cannot both be the standard input"),
        (["remove it", "-o", "-", "--json"], "cannot both go to the standard output"),
        (["remove it", "--format", "png"], "--format is for the standard output"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(run, files, monkeypatch, arguments, words):
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    assert words in refused(run("edit", "photo.png", *arguments), 2)
    assert sorted(files.iterdir()) == before


# ------------------------------------------------------------------------------------------------------------- dry run


def test_a_dry_run_draws_the_regions_and_changes_nothing(run, files):
    out = well(
        run(
            *("edit", files / "photo.png", "remove the largest disc", "--scene", files, "--dry-run"),
            *("--save-plan", files / "made.json", "--save-scene", files / "made-scene.json"),
        )
    )
    assert "nothing is changed" in out
    drawn = pixels(files / "photo-regions.png")
    core = Mask.from_array(masks()["disc_2"]).shrink(14).to_array()
    assert (drawn[core] != picture()[core] // 2).any()
    far = masks()["disc_3"]
    assert (drawn[far] == picture()[far] // 2).all()
    assert Plan.load(files / "made.json").actions[0].objects == ("disc_2",)
    assert cielr.Scene.load(files / "made-scene.json").ids == scene().ids
    assert not (files / "photo-edited.png").exists()


def test_a_dry_run_as_json_lists_the_regions(run, files):
    code, out, _ = run(
        "edit", files / "photo.png", "--plan", files / "plan.json", "--scene", files, "--dry-run", "--json"
    )
    told = json.loads(out)
    assert code == 0
    assert told["dry_run"]
    [region] = told["regions"]
    x0, y0, x1, y1 = region["box"]
    assert x0 < 130 < 190 < x1
    assert y0 < 30 < 90 < y1


# ---------------------------------------------------------------------------------------------------------------- mask


def test_each_region_is_written_for_other_programs(run, files):
    out = files / "regions"
    well(run("mask", files / "plan.json", files, "-o", out, "--image", files / "photo.png", "--seed", "7"))
    [record] = json.loads((out / "regions.json").read_text(encoding="utf-8"))
    result = cielr.edit(files / "photo.png", plan=PLAN, scene=scene(), seed=7)
    [region] = result.regions
    assert record["seed"] == region.seed
    assert record["targets"] == ["disc_2"]
    assert (pixels(out / record["mask"]) == region.support.to_array() * 255).all()
    x0, y0, x1, y1 = record["crop_box"]
    assert (pixels(out / record["crop"]) == picture()[y0:y1, x0:x1]).all()
    assert (pixels(out / record["crop_mask"]) == np.rint(region.alpha() * 255)).all()
    assert "exists already" in refused(run("mask", files / "plan.json", files, "-o", out), 3)


def test_masks_for_a_photo_of_another_size_are_refused(run, files):
    Image.fromarray(picture()[:100]).save(files / "half.png")
    words = refused(run("mask", files / "plan.json", files, "-o", files / "r", "--image", files / "half.png"), 3)
    assert "240 x 100 pixels and the scene 240 x 200" in words
    assert not (files / "r").exists()


# -------------------------------------------------------------------------------------------------------------- editor


@pytest.mark.skipif(os.name != "posix", reason="the editor is a shell script")
@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("sed -i s/disc_2/disc_3/ $1", 0, "Remove disc_3."),
        ("sed -i s/disc_2/disc_9/ $1", 5, "'disc_9', which is not in the scene"),
        ("echo '{' > $1", 5, "not JSON"),
        ("exit 3", 1, "ended with 3"),
    ],
)
def test_a_plan_is_edited_and_checked(run, files, monkeypatch, script, code, words):
    editor = files / "editor.sh"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    monkeypatch.setenv("CIELR_EDITOR", str(editor))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    ran = run("plan", files, "--plan", files / "plan.json", "--edit", "-o", files / "new.json")
    assert ran[0] == code
    assert words in ran[1] + ran[2]
    assert (files / "new.json").exists() == (code == 0)


def test_without_an_editor_it_is_said_how_to_name_one(run, files, monkeypatch):
    for variable in ("CIELR_EDITOR", "VISUAL", "EDITOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "$EDITOR" in refused(run("plan", files, "--plan", files / "plan.json", "--edit"), 1)


# --------------------------------------------------------------------------------------------------------------- pipes


def piped(data, *arguments, cwd):
    return subprocess.run(command(*arguments), input=data, capture_output=True, cwd=cwd, env=environment(), timeout=120)


def test_a_photo_goes_through_a_pipe(files, removed):
    photo = (files / "photo.png").read_bytes()
    ran = piped(photo, "edit", "-", "--plan", "plan.json", "--scene", "scene.json", cwd=files)
    assert (ran.returncode, ran.stderr) == (0, b"")
    (files / "out.png").write_bytes(ran.stdout)
    assert (pixels(files / "out.png") == removed).all()
    made = piped(PLAN.to_json().encode(), "edit", "photo.png", "--plan", "-", "--scene", ".", "-o", "o.png", cwd=files)
    assert made.returncode == 0
    assert (pixels(files / "o.png") == removed).all()


def test_scenes_and_plans_go_through_a_pipe(files):
    photo = (files / "photo.png").read_bytes()
    made = piped(photo, "scene", "-", "--masks", "masks", "-o", "-", cwd=files)
    assert made.returncode == 0
    planned = piped(made.stdout, "plan", "-", "remove the largest disc", "-o", "-", cwd=files)
    assert Plan.from_json(planned.stdout.decode()).actions[0].objects == ("disc_2",)
    image = piped(photo, "plan", "scene.json", "remove the largest disc", "--image", "-", "-o", "-", cwd=files)
    assert image.stdout == planned.stdout
    broken = piped(made.stdout[:-40], "plan", "-", "remove the largest disc", cwd=files)
    assert broken.returncode == 3
    assert b"standard input" in broken.stderr
    empty = piped(b"", "edit", "-", "remove the largest disc", cwd=files)
    assert empty.returncode == 3
    assert b"The photo on the standard input is empty" in empty.stderr
