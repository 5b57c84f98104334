"""An action is looked at when it is painted, and painted again only where it failed: the engine's bytes."""

import itertools

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.planned import CHAIN, by_engine, eyes_and_painter, planned, same_as, with_eyes
from tests.comfyui.world import changed, disc, picture

NUMBERS = itertools.count(7000)
GOAT = CHAIN[0]
LAST = {"kind": "modify", "targets": ["disc_3"], "change": "brighten 20%"}


@pytest.fixture
def prompt(shelf):
    image, seed = picture(seed=next(NUMBERS)), next(NUMBERS)

    def made(*actions, fails=0, attempts=5, **sockets):
        return with_eyes(planned(shelf, image, actions, seed, attempts=attempts, **sockets), fails)

    made.image, made.seed = image, seed
    return made


@pytest.fixture
def engine(prompt):
    """What the engine makes of the same, outside of ComfyUI."""
    return lambda *actions, fails=0, attempts=5: by_engine(
        prompt.image, actions, prompt.seed, **eyes_and_painter(fails), attempts=attempts
    )


def told(run):
    """What the node says when all is done."""
    return [output["text"][0] for name, output in run.outputs.items() if name.startswith("edit") and "text" in output]


def painted(run):
    return [name for name in run.executed if name.endswith(".paint")]


def test_a_painter_that_fails_twice_is_tried_a_third_time_and_no_more(comfy, prompt, engine):
    run = comfy.check(prompt(GOAT, fails=2))
    result = engine(GOAT, fails=2)
    assert [check.is_good for check in result.checks] == [False, False, True]
    same_as(comfy, run, prompt.image, result)
    assert len(painted(run)) == 3
    lines = told(run)[-1].splitlines()
    assert "Action 1, attempt 1: no brown goat is seen there." in lines
    assert "Action 1, attempt 3: it did what it should." in lines
    again = comfy.check(prompt(GOAT, fails=2))
    assert again.executed == []


def test_one_that_never_succeeds_ends_with_the_best_attempt_and_says_so(comfy, prompt, engine):
    run = comfy.check(prompt(GOAT, fails=99, attempts=3))
    result = engine(GOAT, fails=99, attempts=3)
    assert len(result.checks) == 3
    same_as(comfy, run, prompt.image, result)
    assert len(painted(run)) == 3
    words = "Action 1: none of 3 attempts did all that it should; attempt 1, the best of them, is kept."
    assert words in told(run)[-1].splitlines()
    assert words in result.notices


def test_what_passes_is_painted_once_and_changing_the_last_action_runs_it_alone(comfy, prompt, engine):
    run = comfy.check(prompt(GOAT, LAST))
    assert len(painted(run)) == 2
    same_as(comfy, run, prompt.image, engine(GOAT, LAST))
    other = {**LAST, "change": "darken 30%"}
    again = comfy.check(prompt(GOAT, other))
    assert {name.split("edit.0.0.")[-1] for name in again.executed if name.startswith("edit.")} == {
        *(f"0.1.{part}" for part in ("region", "crop", "paint", "stitch", "check")),
        "0.changed",
        "steps",
        "shown",
    }
    same_as(comfy, again, prompt.image, engine(GOAT, other))


def test_one_attempt_looks_at_nothing(comfy, prompt, engine):
    run = comfy.check(prompt(GOAT, fails=1, attempts=1))
    assert not any("check" in name for name in run.executed)
    assert np.array_equal(comfy.array(run, "keep")[0], engine(GOAT, fails=1, attempts=1).image)


def test_actions_that_build_on_one_another_are_tried_again_too(comfy, prompt, engine):
    run = comfy.check(prompt(*CHAIN, fails=2))
    same_as(comfy, run, prompt.image, engine(*CHAIN, fails=2))
    last = {**CHAIN[4], "change": "colour blue"}
    again = comfy.check(prompt(*CHAIN[:4], last, fails=2))
    assert painted(again)
    assert all(".later2." in name for name in painted(again))


def test_more_room_never_takes_what_a_painted_mask_protects(comfy, prompt, shelf):
    support = prompt(GOAT)
    support["masks"] = node("CIELRTest_Keep", image=["regions", 1])
    region = np.squeeze(comfy.array(comfy.check(support), "masks")) > 0
    never = np.where(region, 0.0, 1.0).astype(np.float32)
    given = prompt(GOAT, fails=99, attempts=4)
    given["never"] = node("CIELRTest_Array", file=shelf.array(never[None]))
    given["regions"]["inputs"]["never"] = ["never", 1]
    run = comfy.check(given)
    after = comfy.array(run, "keep")[0]
    assert len(painted(run)) == 4
    assert not (changed(prompt.image, after) & ~region).any()
    assert "the best of them" in told(run)[-1]


def test_what_follows_and_has_no_region_is_told_by_its_number_and_the_image_is_not_said_to_stay(comfy, prompt, shelf):
    alone = prompt(GOAT, attempts=1)
    alone["masks"] = node("CIELRTest_Keep", image=["regions", 1])
    region = np.squeeze(comfy.array(comfy.check(alone), "masks")) > 0
    # far from the goat, which it has to wait for all the same
    hat = {"kind": "add", "what": "a hat", "where": {"relation": "at", "x": 0.9, "y": 0.9}, "keep": ["goat_1"]}
    given = prompt(GOAT, hat, attempts=1)
    given["never"] = node("CIELRTest_Array", file=shelf.array(np.where(region, 0.0, 1.0).astype(np.float32)[None]))
    given["regions"]["inputs"]["never"] = ["never", 1]
    run = comfy.check(given)
    assert np.array_equal(comfy.array(run, "keep")[0], comfy.array(comfy.check(alone), "keep")[0])
    lines = "\n".join(told(run)).splitlines()
    assert any(
        line.startswith("Action 2: nothing is left of its region, so it does nothing (Add a hat") for line in lines
    )
    assert not any("the image stays as it is" in line for line in lines)


def test_masks_corrected_by_hand_are_not_outgrown(comfy, prompt, shelf):
    own = disc("disc_1")
    # the first attempts paint what is seen, the third would be the one with more room
    given = prompt(GOAT, fails=2)
    given["by_hand"] = node("CIELRTest_Array", file=shelf.array(own[None].astype(np.float32)))
    given["edit"]["inputs"]["masks"] = ["by_hand", 1]
    run = comfy.check(given)
    after = comfy.array(run, "keep")[0]
    assert len(painted(run)) == 3
    assert (changed(prompt.image, after) & own).any()
    assert not (changed(prompt.image, after) & ~own).any()


def test_a_model_that_takes_pictures_is_asked_in_both_orders(comfy, prompt):
    given = prompt(GOAT, attempts=2, llm=["llm", 0])
    no = '{"first_is_after": false}\n{"first_is_after": true}'
    given["llm"] = node("CIELRTest_Chat", answers=no, seconds=0.0, sees=True)
    run = comfy.check(given)
    assert len(painted(run)) == 2
    assert "the model that looked at both pictures says that it did not happen" in told(run)[-1]
    given["llm"] = node("CIELRTest_Chat", answers="\n".join(reversed(no.split("\n"))), seconds=0.0, sees=True)
    assert "Action 1, attempt 1: it did what it should." in told(comfy.check(given))[-1]


def test_one_that_takes_none_is_not_asked_and_that_is_said(comfy, prompt):
    given = prompt(GOAT, llm=["llm", 0])
    given["llm"] = node("CIELRTest_Chat", answers="{}", seconds=0.0)
    assert "scripted takes no pictures, so it was not asked" in told(comfy.check(given))[-1]


def test_each_image_of_a_batch_is_looked_at_by_itself(comfy, prompt, shelf):
    given = prompt(GOAT, fails=1)
    both = np.stack([prompt.image, picture(0.4, 77)])
    given["image"] = node("CIELRTest_Array", file=shelf.array(both))
    run = comfy.check(given)
    lines = told(run)[-1].splitlines()
    # which of the two is painted first is the server's affair
    good = [line for line in lines if line.endswith("it did what it should.")]
    assert [line.split(",")[0] for line in good] == ["Image 1", "Image 2"]
    assert sorted(line.split(", ")[2][:9] for line in good) == ["attempt 1", "attempt 2"]
    assert comfy.array(run, "mask").shape == (2, *prompt.image.shape[:2])
