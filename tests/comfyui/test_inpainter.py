"""The Executor with a painter on its INPAINTER socket (one that paints a plain grey)."""

import numpy as np
import pytest

from cielr.actions import Plan, Replace
from cielr.region import regions
from tests.comfyui.client import node, progresses
from tests.comfyui.world import action, chain, changed, picture, scene

ORANGE = action("replace", "disc_2", "an orange")
GONE = action("remove", "disc_1")
RED = action("modify", "disc_3", "colour dark red")
REGION = regions(Plan(actions=(Replace(targets=("disc_2",), with_="an orange"),)), scene())[0]


def painted_by(shelf, grey, *actions, seconds=0.0, seed=7):
    prompt = chain(shelf, picture(seed=51), *actions, seed=seed)
    prompt["painter"] = node("CIELRTest_Painter", grey=grey, seconds=seconds)
    prompt["edit"]["inputs"]["inpainter"] = ["painter", 0]
    return prompt


def painters(run):
    return {name.removeprefix("edit.0.0.0.") for name in run.executed if name.endswith("paint")}


def test_what_has_to_be_drawn_is_drawn_by_it_inside_the_region_alone(comfy, shelf):
    result = comfy.array(comfy.check(painted_by(shelf, 0.25, ORANGE)), "keep")[0]
    before = picture(seed=51)
    assert not changed(before, result)[~REGION.support.to_array()].any()
    assert (result[REGION.core.to_array()] == 0.25).all()


def test_another_painter_paints_again(comfy, shelf):
    comfy.check(painted_by(shelf, 0.5, ORANGE, seed=61))
    assert painters(comfy.check(painted_by(shelf, 0.75, ORANGE, seed=61))) == {"0.paint"}


def test_the_same_painter_paints_only_what_changed(comfy, shelf):
    comfy.check(painted_by(shelf, 0.5, ORANGE, RED, seed=62))
    other = action("modify", "disc_3", "colour dark blue")
    assert painters(comfy.check(painted_by(shelf, 0.5, ORANGE, other, seed=62))) == {"1.paint"}


@pytest.mark.parametrize("one", [ORANGE, GONE], ids=["replace", "remove"])
def test_a_slow_painter_is_interrupted_within_two_seconds(comfy, shelf, one):
    comfy.interrupted(painted_by(shelf, 0.5, one, seconds=20.0, seed=63), progresses("paint"))


def test_the_mask_of_what_changed_covers_what_the_painter_did(comfy, shelf):
    prompt = painted_by(shelf, 0.25, ORANGE)
    prompt["changed"] = node("CIELRTest_Keep", image=["edit", 1])
    run = comfy.check(prompt)
    mask, result = comfy.array(run, "changed")[0], comfy.array(run, "keep")[0]
    assert np.array_equal(mask > 0, REGION.support.to_array())
    assert not changed(picture(seed=51), result)[mask == 0].any()
