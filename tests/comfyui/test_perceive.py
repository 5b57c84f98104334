"""Scene Parse and Scene from Masks, with models on their sockets and without."""

import numpy as np
import pytest

from cielr.core.scene import Scene
from tests.comfyui.client import node
from tests.comfyui.world import DISCS, disc, picture

BOXES = "\n".join(f"plum {x - 12} {y - 12} {x + 13} {y + 13}" for y, x in DISCS.values())


def parsed(shelf, comfy, labels, *sockets):
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(picture()[None])),
        "eyes": node("CIELRTest_Eyes", boxes=BOXES),
        "scene": node("CIELR_SceneParse", image=["image", 0], labels=labels),
        "tell": node("CIELRTest_Tell", value=["scene", 3]),
        "overlay": node("CIELRTest_Keep", image=["scene", 2]),
    }
    for number, socket in enumerate(("detector", "segmenter", "depth")):
        if socket in sockets:
            prompt["scene"]["inputs"][socket] = ["eyes", number]
    run = comfy.check(prompt)
    assert comfy.array(run, "overlay").shape == (1, *picture().shape)
    return Scene.from_json(run.outputs["tell"]["told"][0])


def test_without_models_the_discs_are_found_by_their_look(comfy, shelf):
    scene = parsed(shelf, comfy, "disc")
    assert [thing.label for thing in scene.objects] == ["disc"] * 3
    for thing, name in zip(scene.objects, DISCS, strict=True):
        both = thing.mask.to_array() & disc(name)
        assert both.sum() / (thing.mask.to_array() | disc(name)).sum() > 0.85


def test_what_the_built_in_eyes_cannot_tell_apart_is_told_on_the_node(comfy, shelf):
    for labels, words in (
        ("cup, spoon", ["Without a detection model these labels cannot be told apart: cup, spoon."]),
        ("disc", None),
    ):
        prompt = {
            "image": node("CIELRTest_Array", file=shelf.array(picture()[None])),
            "scene": node("CIELR_SceneParse", image=["image", 0], labels=labels),
        }
        assert comfy.check(prompt).outputs["scene"].get("said") == words


def test_a_detector_names_a_segmenter_outlines_and_depth_says_how_far(comfy, shelf):
    scene = parsed(shelf, comfy, "plum, pear", "detector", "segmenter", "depth")
    assert [thing.id for thing in scene.objects] == ["plum_1", "plum_2", "plum_3"]
    assert scene.absent == ("pear",)
    for thing, (name, (_, x)) in zip(scene.objects, DISCS.items(), strict=True):
        assert (thing.mask.to_array() ^ disc(name)).sum() < 0.2 * disc(name).sum()
        assert thing.depth == pytest.approx(x / 160, abs=0.02)


def test_a_detector_alone_gets_outlines_by_colour(comfy, shelf):
    scene = parsed(shelf, comfy, "plum", "detector")
    assert len(scene.objects) == 3
    assert all(thing.depth is None for thing in scene.objects)


def test_depth_alone_is_put_under_what_is_found_by_look(comfy, shelf):
    scene = parsed(shelf, comfy, "disc", "depth")
    depths = [thing.depth for thing in scene.objects]
    assert depths == sorted(depths)
    assert depths[-1] == pytest.approx(128 / 160, abs=0.02)


def test_a_depth_picture_in_which_bright_is_near_gives_each_mask_its_depth(comfy, shelf):
    bright = np.linspace(1, 0, 160, dtype=np.float32)[None, :, None].repeat(96, 0).repeat(3, 2)
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(picture()[None])),
        "masks": node("CIELRTest_Array", file=shelf.array(np.stack([disc(n) for n in DISCS]).astype(np.float32))),
        "depth": node("CIELRTest_Array", file=shelf.array(np.ascontiguousarray(bright[None, ::2, ::2]))),
        "scene": node(
            "CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], labels="disc", depth=["depth", 0]
        ),
        "save": node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="depth/scene"),
    }
    file = comfy.check(prompt).outputs["save"]["text"][0]
    scene = Scene.from_json(comfy.text(file))
    for thing, (_, x) in zip(scene.objects, DISCS.values(), strict=True):
        assert thing.depth == pytest.approx(x / 160, abs=0.02)


def test_a_picture_of_nothing_is_an_empty_scene_and_not_an_error(comfy, shelf):
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(np.full((1, 64, 80, 3), 0.5, np.float32))),
        "scene": node("CIELR_SceneParse", image=["image", 0], labels="coin"),
        "tell": node("CIELRTest_Tell", value=["scene", 3]),
    }
    scene = Scene.from_json(comfy.check(prompt).outputs["tell"]["told"][0])
    assert scene.objects == ()
    assert scene.absent == ("coin",)
