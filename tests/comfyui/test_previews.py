"""What nodes show costs what is seen of it, and what nobody reads is not made."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from scenes import scene_of_masks

from tests.comfyui.client import begins, node
from tests.comfyui.world import action, chain, picture

SIDES = 1500, 2000
EXACT = {"relation": "by", "anchors": "", "x": 0.0, "y": 0.0}


def large():
    """A picture of 1500 x 2000 pixels with three squares, and its scene."""
    height, width = SIDES
    image = np.full((height, width, 3), 0.5, np.float32)
    masks = {}
    for number, left in enumerate((200, 900, 1600), start=1):
        inside = np.zeros((height, width), bool)
        inside[600:800, left : left + 200] = True
        image[inside] = (0.9, 0.1, 0.1)
        masks[f"box_{number}"] = inside
    return image, scene_of_masks(masks)


def shown(comfy, run, name):
    """The sizes of the pictures that a node shows."""
    return [Image.open(io.BytesIO(comfy.fetch(file))).size for file in run.outputs[name]["images"]]


def test_pictures_of_large_frames_are_shown_small_and_put_out_whole(comfy, shelf):
    image, scene = large()
    todo = [action("modify", name, "colour blue", **EXACT) for name in ("box_1", "box_2")]
    prompt = chain(shelf, image, *todo, known=scene)
    prompt["look"] = node("CIELR_SceneParse", image=["image", 0], labels="box")
    prompt["masks"] = node("CIELR_SceneFromMasks", image=["image", 0], masks=["regions", 1], labels="box")
    prompt["reason"] = node("CIELR_Reason", scene=["look", 0], instruction="make the leftmost box blue")
    prompt["overlay"] = node("CIELRTest_Keep", image=["look", 2])
    prompt["wholes"] = node("CIELRTest_Keep", image=["regions", 1])
    run = comfy.check(prompt)
    assert shown(comfy, run, "look") == [(1280, 960)]
    assert shown(comfy, run, "masks") == [(1280, 960)]
    assert shown(comfy, run, "reason") == [(1280, 960)]
    assert shown(comfy, run, "regions") == [(640, 480)] * 2
    assert comfy.array(run, "overlay").shape == (1, *SIDES, 3)
    wholes = comfy.array(run, "wholes")
    assert wholes.shape == (2, *SIDES)
    assert [int((mask > 0).sum()) for mask in wholes] == [200 * 200] * 2


def test_a_small_picture_is_shown_as_it_is(comfy, shelf):
    run = comfy.check(chain(shelf, picture(seed=91), action("modify", "disc_1", "colour blue")))
    assert shown(comfy, run, "regions") == [(160, 96)]


TWO = (action("modify", "disc_1", "colour blue"), action("modify", "disc_2", "colour yellow"))


def test_the_images_after_each_region_are_stacked_where_somebody_reads_them_also_later(comfy, shelf):
    prompt = chain(shelf, picture(seed=92), *TWO, seed=92)
    first = comfy.check(prompt)
    [last] = [name for name in first.outputs if name.endswith(".shown")]
    assert first.outputs[last]["text"][0].count("pixels changed") == 2, "it tells all the same"
    assert comfy.check(prompt).executed == [], "and comes from the cache"
    prompt["steps"] = node("CIELRTest_Keep", image=["edit", 2])
    later = comfy.check(prompt)
    steps = comfy.array(later, "steps")
    assert len(steps) == 2, "a link that is drawn later gets all images"
    assert not any(name.endswith(("paint", "stitch")) for name in later.executed), "nothing is painted anew"
    assert np.array_equal(steps[1], comfy.array(first, "keep")[0])


def test_what_nobody_reads_is_one_image(comfy, shelf, server):
    prompt = chain(shelf, picture(seed=93), *TWO, seed=93)
    # the collector alone, as the Executor calls it
    graph = {
        "image": prompt["image"],
        "scene": prompt["scene"],
        "a1": prompt["a1"],
        "regions": node("CIELR_ActionToMask", scene=["scene", 0], plan=["a1", 0]),
        "region": node("CIELR_PickRegion", regions=["regions", 0], index=0, image=0),
    }
    names = [f"{kind}_{k:04d}" for k in range(3) for kind in ("image", "before")]
    links = {name: ["image", 0] for name in names} | {f"region_{k:04d}": ["region", 0] for k in range(3)}
    for stack, count in ((True, 3), (False, 1)):
        graph["steps"] = node("CIELR_CollectSteps", stack=stack, **links)
        graph["keep"] = node("CIELRTest_Keep", image=["steps", 0])
        assert len(comfy.array(comfy.check(graph), "keep")) == count


@pytest.mark.parametrize("kind", ["CIELR_SceneFromMasks", "CIELR_ActionToMask"])
def test_work_on_many_things_of_a_large_frame_ends_when_the_user_cancels(comfy, shelf, kind):
    side, count = 3000, 30
    rng = np.random.default_rng(len(kind))
    masks = np.zeros((count, side // 10, side // 10), np.float32)
    for mask in masks:
        row, column = rng.integers(0, side // 20, 2)
        mask[row : row + side // 20, column : column + side // 20] = 1
    image = rng.random((1, side // 10, side // 10, 3), dtype=np.float32).repeat(10, axis=1).repeat(10, axis=2)
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(image)),
        "masks": node("CIELRTest_Array", file=shelf.array(masks)),
        "scene": node("CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], labels="thing"),
    }
    working = "scene"
    if kind == "CIELR_ActionToMask":
        actions = [{"kind": "modify", "targets": [f"thing_{k}"], "change": "brighten 10%"} for k in range(1, count + 1)]
        prompt["plan"] = node("CIELR_EditPlan", text=json.dumps({"actions": actions}))
        prompt["regions"] = node("CIELR_ActionToMask", scene=["scene", 0], plan=["plan", 0])
        prompt["keep"] = node("CIELRTest_Tell", value=["regions", 2])
        working = "regions"
    run = comfy.run(prompt, 300, interrupt_at=begins(working))
    assert run.end == "execution_interrupted"
    assert working not in run.outputs
