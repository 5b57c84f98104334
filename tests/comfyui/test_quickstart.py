"""The shipped workflow on the shipped photo, through /prompt; and Scene Parse and Reason at work."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from bundled import api
from PIL import Image

import cielr
from tests.comfyui.client import node
from tests.comfyui.world import changed, picture

ROOT = Path(__file__).resolve().parents[2]
PHOTO = ROOT / "photos" / "coins.png"
INSTRUCTION = "remove the second coin from the left in the top row"


@pytest.fixture(scope="module")
def photo():
    """float32 [H, W, 3], as LoadImage makes it."""
    return np.array(Image.open(PHOTO).convert("RGB")).astype(np.float32) / 255.0


@pytest.fixture(scope="module")
def truth(photo):
    """What the engine makes of that image without ComfyUI."""
    return cielr.edit(photo, INSTRUCTION, labels=["coin"], seed=0)


def as_saved(image):
    """SaveImage's own rounding."""
    return np.clip(255.0 * image, 0, 255).astype(np.uint8)


def kept():
    """The quickstart with its floats kept beside the saved picture."""
    return {**api("quickstart"), "keep": node("CIELRTest_Keep", image=["5", 0])}


def test_the_saved_picture_is_the_engines_own_byte_for_byte(comfy, photo, truth):
    run = comfy.check(kept())
    assert np.array_equal(comfy.array(run, "keep")[0], truth.image)
    files = run.outputs["6"]["images"]
    assert [file["subfolder"] for file in files] == ["cielr"]
    saved = comfy.pixels(files[0])
    assert np.array_equal(saved, as_saved(truth.image))
    # and it is an edit: one coin of 24, and nothing else
    assert 500 < changed(photo, truth.image).sum() < 6000
    assert len(truth.regions) == 1


def test_previews_show_the_photo_with_its_objects_and_the_chosen_one(comfy, photo):
    outputs = comfy.check({**kept(), "again": node("CIELRTest_Tell", value=["3", 3])}).outputs
    for name in ("2", "3", "4"):
        shown = outputs[name]["images"]
        assert len(shown) == 1
        assert shown[0]["type"] == "temp"
        assert comfy.pixels(shown[0]).shape == photo.shape
    assert "remove" in outputs["3"]["text"][0].lower()
    assert outputs["again"]["told"][0] == outputs["3"]["text"][0]


def test_the_saved_pictures_metadata_holds_the_workflow_and_nothing_large(comfy):
    file = comfy.check({**kept(), "6": node("SaveImage", images=["5", 0], filename_prefix="meta")}).outputs["6"]
    told = Image.open(io.BytesIO(comfy.fetch(file["images"][0]))).info
    assert len(json.dumps(told.get("prompt", ""))) < 10_000


def test_another_wording_of_the_same_plan_runs_no_chain(comfy):
    comfy.check(kept())
    other = kept()
    other["3"]["inputs"]["instruction"] = INSTRUCTION.replace("remove", "erase")
    run = comfy.check(other)
    assert set(run.executed) == {"3", "4", "5", "6", "keep"}


def test_a_changed_last_step_leaves_the_work_of_the_first(comfy):
    two = kept()
    two["3"]["inputs"]["instruction"] = f"{INSTRUCTION} then brighten the largest coin by 30%"
    two["5"]["inputs"]["seed"] = 4321
    first = [name for name in comfy.check(two).executed if name.startswith("5.")]
    assert {name.split(".")[4] for name in first if name.endswith("paint")} == {"0", "1"}
    two["3"]["inputs"]["instruction"] = f"{INSTRUCTION} then brighten the largest coin by 40%"
    second = {name.split(".", 3)[3] for name in comfy.check(two).executed if name.startswith("5.")}
    assert second == {"0.1.region", "0.1.crop", "0.1.paint", "0.1.stitch", "steps", "shown"}


# ----------------------------------------------------------------------------------------------------- several images

COLOURS = ("red", "green", "blue")


def pictures():
    """Three pictures with the same discs, on grounds of different shades."""
    return np.stack([picture(shade, seed) for shade, seed in ((0.55, 31), (0.6, 32), (0.65, 33))])


def whole(shelf, images, as_list):
    prompt = {
        "file": node("CIELRTest_Array", file=shelf.array(images)),
        "split": node("CIELRTest_Split", image=["file", 0]),
        "scene": node("CIELR_SceneParse", image=["split" if as_list else "file", 0], labels="disc"),
        "reason": node(
            "CIELR_Reason",
            scene=["scene", 0],
            perception=["scene", 1],
            instruction="remove the leftmost disc then darken the rightmost disc by 30%",
        ),
        "regions": node("CIELR_ActionToMask", scene=["reason", 0], plan=["reason", 1]),
        "edit": node("CIELR_EditExecutor", image=["split" if as_list else "file", 0], regions=["regions", 0], seed=5),
        "keep": node("CIELRTest_Keep", image=["edit", 0]),
    }
    return prompt


@pytest.mark.parametrize("as_list", [False, True], ids=["batch", "list"])
def test_three_images_each_get_a_scene_and_a_right_edit_of_their_own(comfy, shelf, as_list):
    images = pictures()
    result = comfy.array(comfy.check(whole(shelf, images, as_list)), "keep")
    assert result.shape == images.shape
    for before, after in zip(images, result, strict=True):
        known = cielr.edit(
            before, "remove the leftmost disc then darken the rightmost disc by 30%", labels=["disc"], seed=5
        )
        assert np.array_equal(after, known.image)


def test_a_list_of_images_of_different_sizes(comfy, shelf):
    """Only lists can hold these; each goes the whole way by itself."""
    prompt = whole(shelf, pictures()[:1], False)
    prompt["other"] = node("CIELRTest_Array", file=shelf.array(np.ascontiguousarray(pictures()[1:2, 8:-8, 4:-4])))
    prompt["both"] = node("CIELRTest_Join", one=["file", 0], two=["other", 0])
    for name in ("scene", "edit"):
        prompt[name]["inputs"]["image"] = ["both", 0]
    prompt["keep"] = node("CIELRTest_KeepEach", image=["edit", 0])
    run = comfy.check(prompt)
    sizes = [np.load(io.BytesIO(comfy.fetch(file))).shape for file in run.outputs["keep"]["arrays"]]
    assert sizes == [(1, 96, 160, 3), (1, 80, 152, 3)]
