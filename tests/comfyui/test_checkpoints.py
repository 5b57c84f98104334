"""Every family of checkpoints as the painter, through ComfyUI's own loaders and sampler."""

import itertools

import numpy as np
import pytest

from cielr.actions import Plan, Remove, Replace
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.region import regions
from tests.comfyui.client import Refused, node, progresses
from tests.comfyui.conftest import find_comfyui
from tests.comfyui.families import FAMILIES, GREY, make, make_lora, with_lora, with_painter
from tests.comfyui.world import action, chain, picture, scene

SEEDS = itertools.count(5000)
ORANGE = action("replace", "disc_2", "an orange")
PEAR = action("replace", "disc_3", "a pear")
GONE = action("remove", "disc_1")
RED = action("modify", "disc_3", "colour dark red")
SAMPLER = ("region", "crop", "positive", "negative", "encode", "masked", "sample", "decode", "keep")
DRAWN = {"region", "draw", "stitch", *(f"draw.0.0.{part}" for part in SAMPLER)}


@pytest.fixture(scope="module", autouse=True)
def models(server):
    make(find_comfyui(), server.base)
    make_lora(server.base)


def core(kind, name):
    """bool [H, W]: what a drawn action changes fully."""
    one = Remove(targets=(name,)) if kind == "remove" else Replace(targets=(name,), with_="x")
    region = regions(Plan(actions=(one,)), scene())[0]
    return region.core.to_array(), region.support.to_array()


def children(run):
    return {name.removeprefix("edit.0.0.") for name in run.executed if name.startswith("edit.")}


def told(run):
    """What the Executor says once its regions are done: its collector's text, shown on it."""
    [text] = [
        data["output"]["text"][0]
        for kind, data in run.messages
        if kind == "executed" and data["display_node"] == "edit" and (data["output"] or {}).get("text")
    ]
    return text


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_draws_inside_the_regions_and_leaves_the_floats_outside(comfy, shelf, family):
    """One step leaves mid grey; inpainting models that are not shown the picture around leave something else."""
    before = picture(seed=next(SEEDS))
    run = comfy.check(with_painter(chain(shelf, before, GONE, ORANGE), family), timeout=300)
    result = comfy.array(run, "keep")[0]
    inside = np.zeros(before.shape[:2], dtype=bool)
    for kind, name in (("remove", "disc_1"), ("replace", "disc_2")):
        full, support = core(kind, name)
        inside |= support
        drawn = result[full] * 255
        assert np.abs(drawn - GREY).max() <= 1.01
    assert np.array_equal(result[~inside], before[~inside])


def test_changing_the_last_action_runs_only_its_chain_and_the_collector(comfy, shelf):
    before, seed = picture(seed=next(SEEDS)), next(SEEDS)
    comfy.check(with_painter(chain(shelf, before, GONE, ORANGE, seed=seed), "sd15"))
    apple = action("replace", "disc_2", "an apple")
    run = comfy.check(with_painter(chain(shelf, before, GONE, apple, seed=seed), "sd15"))
    # the words for what must not appear are the same: their encoding need not be done again
    spared = {"0.1.draw.0.0.negative"}
    assert children(run) | spared == {"steps", "shown", *(f"0.1.{part}" for part in DRAWN)}


def test_a_lora_before_the_inpainter_counts_and_its_strength_samples_again_but_looks_and_plans_no_more(comfy, shelf):
    before, seed = picture(seed=next(SEEDS)), next(SEEDS)
    plain = with_painter(chain(shelf, before, ORANGE, seed=seed), "sd15")
    # perception and reasoning upstream of the chains, as an artist has them
    plain["scene"] = node("CIELR_SceneParse", image=["image", 0], labels="disc")
    plain["reason"] = node("CIELR_Reason", scene=["scene", 0], instruction="remove disc_2", seed=0)
    plain["regions"] = node("CIELR_ActionToMask", scene=["reason", 0], plan=["reason", 1])
    del plain["a1"]
    results = {}
    for strength in (0.0, 1.0, 0.5):
        run = comfy.check(with_lora(plain, strength), timeout=300)
        results[strength] = comfy.array(run, "keep")[0]
        if strength != 0.0:
            assert "0.0.draw.0.0.sample" in children(run)
            assert not {"scene", "reason", "regions", "image"} & set(run.executed)
    assert np.abs(results[0.0] - results[1.0]).max() > 1 / 255, "the LoRA is in the model that draws"
    assert np.abs(results[0.5] - results[1.0]).max() > 1 / 255
    touched = (results[0.0] != before).any(axis=-1)
    for result in results.values():
        assert np.array_equal(result[~touched], before[~touched])


def test_another_seed_samples_again_but_looks_and_plans_no_more(comfy, shelf):
    before, seed = picture(seed=next(SEEDS)), next(SEEDS)
    comfy.check(with_painter(chain(shelf, before, ORANGE, seed=seed), "sd15"))
    run = comfy.check(with_painter(chain(shelf, before, ORANGE, seed=seed + 1), "sd15"))
    assert {name for name in run.executed if "." not in name} == {"edit", "keep"}
    assert "0.0.draw.0.0.sample" in children(run)


def test_what_each_region_changed_is_told_on_the_executor(comfy, shelf):
    run = comfy.check(with_painter(chain(shelf, picture(seed=next(SEEDS)), GONE, ORANGE), "sd15"))
    lines = told(run).splitlines()
    assert [line.split(":")[0] for line in lines] == ["Action 1", "Action 2"]
    _, support = core("replace", "disc_2")
    changed_pixels = int(lines[1].split(": ")[1].split(" pixels")[0].replace(",", ""))
    assert 0.9 * support.sum() < changed_pixels <= support.sum()


def test_a_moved_thing_keeps_its_own_pixels_on_ground_that_the_model_drew(comfy, shelf):
    before = picture(seed=next(SEEDS))
    run = comfy.check(with_painter(chain(shelf, before, action("move", "disc_1", x=20.0, y=0.0)), "sd15"))
    result = comfy.array(run, "keep")[0]
    assert np.array_equal(result[44:53, 48:57], before[44:53, 28:37]), "the disc's middle, twenty pixels on"
    assert np.abs(result[46:51, 21:24] * 255 - GREY).max() <= 1.01, "the hole that it left was drawn"


def test_what_code_can_do_is_not_sampled(comfy, shelf):
    run = comfy.check(with_painter(chain(shelf, picture(seed=next(SEEDS)), RED), "sd15"))
    assert not any(name.endswith("sample") for name in children(run))


def test_the_colour_match_leaves_what_is_drawn_in_place(comfy, shelf):
    before = picture(seed=next(SEEDS))
    run = comfy.check(with_painter(chain(shelf, before, ORANGE), "sd15", colour_match=True))
    full, support = core("replace", "disc_2")
    result = comfy.array(run, "keep")[0]
    assert np.array_equal(result[~support], before[~support])
    assert result[full].std() < 0.01
    assert np.abs(result[full].mean() - GREY / 255) < 0.1


EDGE_CASES = {
    "odd": (333, 517, Box(200, 100, 260, 180)),
    "top left": (128, 160, Box(0, 0, 30, 24)),
    "bottom right": (128, 160, Box(130, 104, 160, 128)),
    "whole": (96, 96, Box(0, 0, 96, 96)),
    "one pixel": (96, 120, Box(50, 40, 51, 41)),
}


@pytest.mark.parametrize("case", EDGE_CASES)
def test_any_size_and_any_place(comfy, shelf, case):
    height, width, box = EDGE_CASES[case]
    image = np.random.default_rng(next(SEEDS)).random((height, width, 3), dtype=np.float32)
    mask = Mask.from_box(box, height, width)
    known = Scene(width=width, height=height, objects=(SceneObject(id="disc_2", label="disc", box=box, mask=mask),))
    region = regions(Plan(actions=(Replace(targets=("disc_2",), with_="an orange"),)), known)[0]
    run = comfy.check(with_painter(chain(shelf, image, ORANGE, known=known), "sd15"))
    result = comfy.array(run, "keep")[0]
    outside = ~region.support.to_array()
    assert np.array_equal(result[outside], image[outside])
    assert np.abs(result[mask.to_array()] * 255 - GREY).max() <= 2


def test_a_batch_of_three_is_drawn_image_by_image(comfy, shelf):
    images = np.stack([picture(seed=next(SEEDS)) for _ in range(3)])
    result = comfy.array(comfy.check(with_painter(chain(shelf, images, ORANGE), "sd15")), "keep")
    full, support = core("replace", "disc_2")
    for before, after in zip(images, result, strict=True):
        assert np.array_equal(after[~support], before[~support])
        assert np.abs(after[full] * 255 - GREY).max() <= 1.01


def test_a_picture_with_alpha_is_drawn_on_its_colours_and_its_fourth_channel_stays(comfy, shelf):
    before = picture(seed=next(SEEDS))
    four = np.concatenate([before, np.full((*before.shape[:2], 1), 0.25, np.float32)], axis=-1)
    run = comfy.check(with_painter(chain(shelf, four[None], ORANGE), "sd15"))
    result = comfy.array(run, "keep")
    full, support = core("replace", "disc_2")
    assert result.shape == (1, *four.shape)
    assert np.array_equal(result[0][~support], four[~support])
    assert np.array_equal(result[..., 3], four[None, ..., 3])
    assert np.abs(result[0][full][:, :3] * 255 - GREY).max() <= 1.01
    assert "The image's fourth channel stays as it is." in told(run)


def test_an_empty_region_is_told_and_the_picture_comes_back_as_it_was(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = with_painter(chain(shelf, before, ORANGE), "sd15")
    prompt["everywhere"] = node("CIELRTest_Array", file=shelf.array(np.ones(before.shape[:2], np.float32)))
    prompt["regions"]["inputs"]["never"] = ["everywhere", 1]
    run = comfy.check(prompt)
    assert np.array_equal(comfy.array(run, "keep")[0], before)
    assert not any(name.endswith("sample") for name in children(run))
    assert run.outputs["regions"]["text"][0].startswith("Nothing is left of any region of the plan (1. Replace disc_2")
    assert told(run) == "There is no region; the image stays as it is."


def test_of_two_actions_the_one_without_a_region_is_told_and_the_other_is_drawn(comfy, shelf):
    before = picture(seed=next(SEEDS))
    never = (np.mgrid[: before.shape[0], : before.shape[1]][1] < 56).astype(np.float32)
    prompt = with_painter(chain(shelf, before, GONE, ORANGE), "sd15")
    prompt["left"] = node("CIELRTest_Array", file=shelf.array(never))
    prompt["regions"]["inputs"]["never"] = ["left", 1]
    run = comfy.check(prompt)
    result = comfy.array(run, "keep")[0]
    full, support = core("replace", "disc_2")
    assert np.array_equal(result[~support], before[~support])
    assert np.abs(result[full] * 255 - GREY).max() <= 1.01
    assert "Action 1: nothing is left of its region" in run.outputs["regions"]["text"][0]
    assert told(run).startswith("Action 2: ")


def test_the_sampler_s_own_progress_is_told_and_it_can_be_interrupted(comfy, shelf):
    prompt = with_painter(chain(shelf, picture(seed=next(SEEDS)), ORANGE), "sd15", steps=400, size=256)
    comfy.interrupted(prompt, progresses("sample", above=1))


def test_a_sampler_that_does_not_exist_is_refused(comfy, shelf):
    with pytest.raises(Refused, match="no sampler 'brush'"):
        comfy.run(with_painter(chain(shelf, picture(), ORANGE), "sd15", sampler_name="brush"))
