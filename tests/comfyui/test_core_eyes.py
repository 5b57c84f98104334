"""ComfyUI's own SAM 3, RT-DETR, Depth Anything 3 and MoGe as the eyes of Scene Parse, through its own loaders."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cielr.core.scene import Scene
from tests.comfyui.client import node
from tests.comfyui.conftest import find_comfyui, running
from tests.comfyui.families import make
from tests.comfyui.world import HEIGHT, WIDTH, Shelf, disc, picture


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server with tiny models that see."""
    comfy = find_comfyui()
    if not (comfy / "comfy" / "ldm" / "sam3").is_dir():
        pytest.skip("This ComfyUI has no SAM 3 of its own: it is older than 0.33.")
    base = tmp_path_factory.mktemp("eyes")
    make(comfy, base, kind="vision")
    (base / "custom_nodes" / "ComfyUI-Impact-Pack").mkdir(parents=True)
    with running(base, variables={"CIELR_TEST_SMALL": "1"}) as server:
        yield server


@pytest.fixture(scope="module")
def own_shelf(small):
    return Shelf(small.base, small.client)


def parsed(shelf, labels="disc", image=None, **eyes):
    """Nodes image and parse."""
    image = picture()[None] if image is None else image
    return {
        "image": node("CIELRTest_Array", file=shelf.array(image)),
        "parse": node("CIELR_SceneParse", image=["image", 0], labels=labels, **eyes),
        "tell": node("CIELRTest_Tell", value=["parse", 3]),
    }


def scenes(run):
    text, told = run.outputs["tell"]["told"][0], []
    while text.strip():
        value, end = json.JSONDecoder().raw_decode(text := text.strip())
        told.append(Scene.model_validate(value))
        text = text[end:]
    return told


SAM3 = {
    "checkpoint": node("CheckpointLoaderSimple", ckpt_name="tiny_sam3.ckpt"),
    "sam3": node("CIELR_CoreSAM3", model=["checkpoint", 0], clip=["checkpoint", 1], threshold=0.4),
}


def test_sam3_finds_a_thing_by_its_word_and_outlines_it(small, own_shelf):
    eyes = {"detector": ["sam3", 0], "segmenter": ["sam3", 1]}
    run = small.client.check({**SAM3, **parsed(own_shelf, **eyes)}, timeout=300)
    (scene,) = scenes(run)
    (thing,) = scene.objects
    assert thing.label == "disc"
    assert thing.score > 0.99
    assert not thing.box_only
    mask, truth = thing.mask.to_array(), disc("disc_1")
    assert (mask & truth).sum() / (mask | truth).sum() > 0.6


def test_sam3_encodes_a_picture_once_for_all_labels_rounds_and_boxes(small, own_shelf):
    image = picture(seed=5)[None]
    # eyes of its own, which have looked at nothing before
    fresh = {**SAM3["sam3"]["inputs"], "threshold": 0.41}
    parse = parsed(own_shelf, "disc", image, detector=["sam3", 0], segmenter=["sam3", 1])
    prompt = {**SAM3, "sam3": node("CIELR_CoreSAM3", **fresh), **parse}
    prompt["looks"] = node(
        "CIELRTest_Looks",
        detector=["sam3", 0],
        segmenter=["sam3", 1],
        image=["image", 0],
        labels="red thing, disc (the left one): 2",
        after=["parse", 3],
    )
    told = json.loads(small.client.check(prompt, timeout=300).outputs["looks"]["told"][0])
    assert told["looks"] == 1
    # both words mean the same place, with the same score: one thing, whose other name is an alternative
    assert [one[0] for one in told["found"]] == ["disc (the left one): 2"]
    assert told["steps"] == 2, "one for each word, as the picture is known already"
    # the box of what was found has an outline; a box of its own goes to the decoder, whose weights are random
    assert told["areas"][0] > 100
    assert len(told["areas"]) == 2


def test_another_model_in_the_place_of_sam3_is_one_sentence(small, own_shelf):
    prompt = {
        **SAM3,
        "rtdetr": node("UNETLoader", unet_name="tiny_rtdetr.ckpt", weight_dtype="default"),
        **parsed(own_shelf, detector=["sam3", 0]),
    }
    prompt["sam3"] = node("CIELR_CoreSAM3", model=["rtdetr", 0], clip=["checkpoint", 1], threshold=0.4)
    assert small.client.run(prompt).sentence.startswith("This model is not a SAM 3 but RT_DETR_v4")


def test_a_text_encoder_that_says_nothing_is_no_language_model(small):
    prompt = {
        "checkpoint": SAM3["checkpoint"],
        "llm": node("CIELR_CoreLLM", clip=["checkpoint", 1], temperature=0.0, longest=0, seed=0, max_rounds=4),
        "tell": node("CIELRTest_Tell", value=["llm", 0]),
    }
    prompt["llm"]["inputs"] |= {"grammar_first": True, "assume": False}
    assert small.client.run(prompt).sentence.startswith("This CLIP does not generate text, it only encodes prompts")


def test_rtdetr_looks_once_under_the_names_that_were_asked_and_says_what_it_does_not_know(small, own_shelf):
    prompt = {
        "model": node("UNETLoader", unet_name="tiny_rtdetr.ckpt", weight_dtype="default"),
        "rtdetr": node("CIELR_CoreRTDETR", model=["model", 0], threshold=0.4),
        **parsed(own_shelf, "blue mugs, saucer, person", picture(seed=6)[None], detector=["rtdetr", 0]),
    }
    prompt["looks"] = node(
        "CIELRTest_Looks", detector=["rtdetr", 0], image=["image", 0], labels="cup, dragon", after=["parse", 3]
    )
    run = small.client.check(prompt, timeout=300)
    told = json.loads(run.outputs["looks"]["told"][0])
    assert told["looks"] == 1
    assert told["found"]
    assert {one[0] for one in told["found"]} == {"cup"}
    assert all(one[1] == pytest.approx(1 / (1 + np.exp(-3)), abs=0.01) for one in told["found"])
    assert all(0 <= x0 < x1 <= WIDTH and 0 <= y0 < y1 <= HEIGHT for _, _, (x0, y0, x1, y1) in told["found"])
    assert "does not look for dragon" in told["remarks"][0]
    (scene,) = scenes(run)
    assert {thing.label for thing in scene.objects} == {"blue mugs"}
    assert set(scene.absent) == {"saucer", "person"}
    assert "does not look for saucer." in scene.caption


def test_a_depth_picture_is_the_depth_of_its_own_photo(small, own_shelf):
    slope = np.broadcast_to(np.linspace(1, 0, WIDTH, dtype=np.float32)[None, :, None], (HEIGHT, WIDTH, 3))
    near = np.stack([slope, slope[:, ::-1]])
    prompt = {
        "near": node("CIELRTest_Array", file=own_shelf.array(near)),
        "depth": node("CIELR_CoreDepth", picture=["near", 0]),
        **parsed(own_shelf, "", np.stack([picture(), picture()]), depth=["depth", 0]),
    }
    depths = []
    for scene in scenes(small.client.check(prompt)):
        rows = {thing.box.center[0]: thing.depth for thing in scene.objects if thing.box.width < 40}
        depths.append([rows[x] for x in sorted(rows)])
    assert len(depths[0]) == 3
    assert depths[0] == sorted(depths[0])
    assert depths[1] == sorted(depths[1], reverse=True)
    assert depths[0][0] == pytest.approx(32 / WIDTH, abs=0.02)


@pytest.mark.parametrize(("loader", "file"), [("LoadDA3Model", "tiny_da3.ckpt"), ("LoadMoGeModel", "tiny_moge.ckpt")])
def test_the_cores_depth_models_say_what_is_near(small, own_shelf, loader, file):
    more = {"weight_dtype": "default"} if loader == "LoadDA3Model" else {}
    prompt = {
        "model": node(loader, model_name=file, **more),
        "depth": node("CIELR_CoreDepth", model=["model", 0]),
        **parsed(own_shelf, "", depth=["depth", 0]),
    }
    (scene,) = scenes(small.client.check(prompt, timeout=300))
    assert scene.objects
    assert all(0 <= thing.depth <= 1 for thing in scene.objects)
    assert len({thing.depth for thing in scene.objects}) > 1


def test_core_depth_wants_one_of_its_two(small, own_shelf):
    prompt = {"depth": node("CIELR_CoreDepth"), **parsed(own_shelf, "", depth=["depth", 0])}
    assert small.client.run(prompt).sentence == "Connect either a depth picture or a depth model."


# ------------------------------------------------------------------------------------------ boxes, masks and segments


def known(shelf, image=None, labels="", **given):
    """Nodes image, scene (from what is given) and save, which tells the scene."""
    return {
        "image": node("CIELRTest_Array", file=shelf.array(picture()[None] if image is None else image)),
        "scene": node("CIELR_SceneFromMasks", image=["image", 0], labels=labels, pairing="automatic", **given),
        "tell": node("CIELRTest_Tell", value=["scene", 0]),
        "save": node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="cielr/known"),
    }


def saved(server, run):
    """The scenes that Save Scene wrote."""
    return [Scene.from_json(path.read_text()) for path in sorted((server.base / "output" / "cielr").glob("known*"))][-1]


def value(told):
    return node("CIELRTest_Value", json=json.dumps(told))


def box(x, y, width, height, **more):
    return {"x": x, "y": y, "width": width, "height": height, **more}


def test_boxes_become_things_with_names_scores_and_outlines(small, own_shelf):
    told = [
        [
            box(18, 34, 28, 28, label="red disc", score=0.75),
            box(114, 34, 28, 28, metadata={"type": "obj", "desc": "a blue disc"}),
        ]
    ]
    run = small.client.check({"boxes": value(told), **known(own_shelf, boxes=["boxes", 0])})
    first, second = saved(small, run).objects
    assert (first.label, first.score, second.label, second.score) == ("red disc", 0.75, "a blue disc", 1.0)
    for thing, name in ((first, "disc_1"), (second, "disc_3")):
        mask, truth = thing.mask.to_array(), disc(name)
        assert (mask & truth).sum() / (mask | truth).sum() > 0.8


def test_as_many_masks_as_boxes_are_pairs_and_others_find_each_other_by_their_place(small, own_shelf):
    masks = np.stack([disc("disc_2"), disc("disc_1"), disc("disc_3")]).astype(np.float32)
    boxes = [box(68, 36, 25, 25, label="green"), box(20, 36, 25, 25, label="red"), box(116, 36, 25, 25, label="blue")]
    prompt = {"boxes": value(boxes), "masks": node("CIELRTest_Array", file=own_shelf.array(masks))}
    run = small.client.check({**prompt, **known(own_shelf, boxes=["boxes", 0], masks=["masks", 1])})
    assert {thing.label: thing.mask.to_array().tolist() for thing in saved(small, run).objects} == {
        "red": disc("disc_1").tolist(),
        "green": disc("disc_2").tolist(),
        "blue": disc("disc_3").tolist(),
    }
    prompt["boxes"] = value(boxes[1:2])
    run = small.client.check({**prompt, **known(own_shelf, labels="thing", boxes=["boxes", 0], masks=["masks", 1])})
    assert [thing.label for thing in saved(small, run).objects] == ["red", "thing", "thing"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ([box(500, 500, 10, 10)], "Box 1 (500, 500, 10 x 10) lies outside of the image of 160 x 96 pixels"),
        ([{"x": 1, "y": 2}], "Box 1 has no x, y, width and height in pixels"),
        ([[box(1, 1, 5, 5)], [], []], "There are 1 images and 3 lists of boxes"),
        (7, "These are not bounding boxes but int"),
    ],
)
def test_what_is_no_box_is_one_sentence(small, own_shelf, told, words):
    run = small.client.run({"boxes": value(told), **known(own_shelf, boxes=["boxes", 0])})
    assert run.sentence.startswith(words)


def test_nothing_connected_is_one_sentence(small, own_shelf):
    assert small.client.run(known(own_shelf)).sentence.startswith("There is nothing to make a scene of")


def test_the_cores_detectors_hand_on_to_a_scene_and_a_scene_to_the_cores_nodes(small, own_shelf):
    prompt = {
        "checkpoint": SAM3["checkpoint"],
        "words": node("CLIPTextEncode", clip=["checkpoint", 1], text="disc"),
        "detect": node(
            "SAM3_Detect",
            model=["checkpoint", 0],
            image=["image", 0],
            conditioning=["words", 0],
            threshold=0.5,
            refine_iterations=0,
            individual_masks=True,
        ),
        **known(own_shelf, boxes=["detect", 1], masks=["detect", 0], labels="disc"),
        "boxes": node("CIELR_SceneToBoxes", scene=["scene", 0], which="disc_1"),
        "draw": node("DrawBBoxes", image=["image", 0], bboxes=["boxes", 0]),
        "keep": node("CIELRTest_Keep", image=["draw", 0]),
    }
    run = small.client.check(prompt, timeout=300)
    (thing,) = saved(small, run).objects
    assert (thing.id, thing.label) == ("disc_1", "disc")
    mask, truth = thing.mask.to_array(), disc("disc_1")
    assert (mask & truth).sum() / (mask | truth).sum() > 0.6
    drawn = small.client.array(run, "keep")[0]
    where = np.abs(drawn - picture()).max(axis=-1) > 0.05
    assert where.any()
    assert not where[:, 100:].any()


def test_a_scenes_masks_come_back_as_they_were(small, own_shelf):
    masks = np.stack([disc("disc_1"), disc("disc_3")]).astype(np.float32)
    prompt = {
        "masks": node("CIELRTest_Array", file=own_shelf.array(masks)),
        **known(own_shelf, labels="red, blue", masks=["masks", 1]),
        "back": node("CIELR_SceneToMasks", scene=["scene", 0], which=""),
        "keep": node("CIELRTest_Keep", image=["back", 0]),
        "names": node("CIELRTest_Tell", value=["back", 1]),
    }
    run = small.client.check(prompt)
    assert np.array_equal(small.client.array(run, "keep"), masks)
    assert run.outputs["names"]["told"] == ["red, blue"]
    prompt["back"] = node("CIELR_SceneToMasks", scene=["scene", 0], which="Blue_1")
    assert np.array_equal(small.client.array(small.client.check(prompt), "keep"), masks[1:])
    prompt["back"] = node("CIELR_SceneToMasks", scene=["scene", 0], which="dragon")
    assert small.client.run(prompt).sentence == "The scene has no dragon; there is red_1, blue_1."


def test_segments_of_the_impact_pack_go_both_ways(small, own_shelf):
    # its nodes are not here; their form of segments is, and the pack's folder by which it is known
    masks = np.stack([disc("disc_1"), disc("disc_3")]).astype(np.float32)
    prompt = {
        "masks": node("CIELRTest_Array", file=own_shelf.array(masks)),
        "image": node("CIELRTest_Array", file=own_shelf.array(picture()[None])),
        "first": node("CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], labels="red, blue"),
        "segs": node("CIELR_SceneToSEGS", scene=["first", 0], which=""),
        "look": node("CIELRTest_Segs", segs=["segs", 0]),
        **known(own_shelf, segs=["segs", 0]),
    }
    run = small.client.check(prompt)
    told = {thing.label: thing.mask.to_array() for thing in saved(small, run).objects}
    assert np.array_equal(told["red"], disc("disc_1"))
    assert np.array_equal(told["blue"], disc("disc_3"))
    assert json.loads(run.outputs["look"]["told"][0]) == {
        "shape": [HEIGHT, WIDTH],
        "labels": ["red", "blue"],
        "boxes": [[20, 36, 45, 61], [116, 36, 141, 61]],
        "areas": [int(disc("disc_1").sum()), int(disc("disc_3").sum())],
    }
