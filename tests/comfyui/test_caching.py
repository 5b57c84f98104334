"""Which nodes run again when a plan changes, by the ids that the server says it executes."""

import itertools

import numpy as np
import pytest

from cielr.actions import Modify, Plan, Remove
from tests.comfyui.client import node
from tests.comfyui.world import action, chain, edited, picture, scene

NUMBERS = itertools.count(1000)
PARTS = ("region", "crop", "paint", "stitch")

RED = action("modify", "disc_1", "colour dark red")
BRIGHT = action("modify", "disc_2", "brighten 30%")
DARK = action("modify", "disc_2", "darken 20%")
GONE = action("remove", "disc_3")


def children(run):
    """Ids of the expanded nodes that ran, without the parent's prefix 'edit.0.0.'."""
    return {name.removeprefix("edit.0.0.") for name in run.executed if name.startswith("edit.")}


def chain_of(number):
    return {f"0.{number}.{part}" for part in PARTS}


@pytest.fixture
def before(comfy, shelf):
    """A two-action plan, run; with a picture and a seed of its own, so that no other test's cache helps."""
    image, seed = picture(seed=next(NUMBERS)), next(NUMBERS)

    def again(*actions, seed=seed):
        return chain(shelf, image, *actions, seed=seed)

    run = comfy.check(again(RED, BRIGHT))
    assert children(run) == {"0.image", *chain_of(0), *chain_of(1), "steps", "shown"}
    again.truth = lambda plan: edited(image, plan, seed)
    return again


def test_the_same_prompt_again_runs_nothing(comfy, before):
    assert comfy.check(before(RED, BRIGHT)).executed == []


def test_changing_the_second_action_runs_only_its_chain_and_the_collector(comfy, before):
    run = comfy.check(before(RED, DARK))
    assert children(run) == {*chain_of(1), "steps", "shown"}
    assert {name for name in run.executed if "." not in name} == {"a2", "regions", "edit", "keep"}
    plan = Plan(
        actions=(
            Modify(targets=("disc_1",), change="colour dark red"),
            Modify(targets=("disc_2",), change="darken 20%"),
        )
    )
    assert np.array_equal(comfy.array(run, "keep")[0], before.truth(plan))


def test_appending_a_third_action_runs_only_its_chain_and_the_collector(comfy, before):
    run = comfy.check(before(RED, BRIGHT, GONE))
    assert children(run) == {*chain_of(2), "steps", "shown"}
    plan = Plan(
        actions=(
            Modify(targets=("disc_1",), change="colour dark red"),
            Modify(targets=("disc_2",), change="brighten 30%"),
            Remove(targets=("disc_3",)),
        )
    )
    assert np.array_equal(comfy.array(run, "keep")[0], before.truth(plan))


def test_the_same_plan_from_another_node_runs_no_chain(comfy, before):
    prompt = before(RED, BRIGHT)
    actions = (
        Modify(targets=("disc_1",), change="colour dark red", reason="a reason moves no cache key"),
        Modify(targets=("disc_2",), change="brighten 30%"),
    )
    del prompt["a1"], prompt["a2"]
    prompt["plan"] = node("CIELR_EditPlan", text=Plan(actions=actions, summary="By hand.").to_json())
    prompt["regions"]["inputs"]["plan"] = ["plan", 0]
    run = comfy.check(prompt)
    assert children(run) == set()
    assert set(run.executed) == {"plan", "regions", "edit", "keep"}


def test_another_seed_runs_every_chain(comfy, before):
    run = comfy.check(before(RED, BRIGHT, seed=next(NUMBERS)))
    assert children(run) == {*chain_of(0), *chain_of(1), "steps", "shown"}


def test_a_failing_second_action_is_told_on_the_executor_and_keeps_the_first_ones_work(comfy, before):
    drawn = action("replace", "disc_2", "an orange")
    failed = comfy.run(before(RED, drawn))
    assert failed.end == "execution_error"
    assert failed.error["node_id"] == "edit"
    assert "diffusion model" in failed.sentence
    assert children(failed) <= chain_of(1) | {"steps", "shown"}
    run = comfy.check(before(RED, DARK))
    assert children(run) == {*chain_of(1), "steps", "shown"}


def test_every_child_is_shown_under_the_executor(comfy, shelf):
    run = comfy.check(chain(shelf, picture(seed=99), RED))
    shown = {data["display_node"] for kind, data in run.messages if kind == "executing" and "." in (data["node"] or "")}
    assert shown == {"edit"}


def test_values_are_short_in_words_because_comfyui_sends_them_to_the_browser(comfy, shelf):
    prompt = chain(shelf, picture(), RED, BRIGHT)
    prompt["told_scene"] = node("CIELRTest_Tell", value=["scene", 0])
    prompt["told_plan"] = node("CIELRTest_Tell", value=["a2", 0])
    prompt["told_regions"] = node("CIELRTest_Tell", value=["regions", 0])
    outputs = comfy.check(prompt).outputs
    for name in ("told_scene", "told_plan", "told_regions"):
        assert len(outputs[name]["told"][0]) < 300
    assert str(len(scene().objects)) in outputs["told_scene"]["told"][0]
