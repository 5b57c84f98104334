"""Every mask shape that ComfyUI's nodes give, at every socket that takes a mask."""

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.world import COLOURS, HEIGHT, WIDTH, action, chain, changed, disc, picture, scene

LEFT = np.zeros((HEIGHT, WIDTH), np.float32)
LEFT[:, : WIDTH // 2] = 1
SHAPES = {
    "H W": LEFT,
    "1 H W": LEFT[None],
    "1 1 H W": LEFT[None, None],
    "1 H W 1": LEFT[None, :, :, None],
    "half the size": LEFT[None, ::2, ::2],
}
EVERYTHING = action("global", words="darken 50%")


def masked(shelf, mask, socket):
    prompt = chain(shelf, picture(), EVERYTHING)
    prompt["mask"] = node("CIELRTest_Array", file=shelf.array(np.ascontiguousarray(mask)))
    prompt["regions"]["inputs"][socket] = ["mask", 1]
    return prompt


@pytest.mark.parametrize("shape", SHAPES)
def test_only_here_and_never_here_take_every_mask_shape(comfy, shelf, shape):
    only = comfy.array(comfy.check(masked(shelf, SHAPES[shape], "only")), "keep")[0]
    never = comfy.array(comfy.check(masked(shelf, SHAPES[shape], "never")), "keep")[0]
    assert not changed(picture(), only)[LEFT == 0].any()
    assert changed(picture(), only)[LEFT == 1].mean() > 0.9
    assert not changed(picture(), never)[LEFT == 1].any()
    assert changed(picture(), never)[LEFT == 0].mean() > 0.9


@pytest.mark.parametrize("socket", ["only", "never"])
def test_the_64_by_64_zeros_of_a_picture_without_alpha_say_nothing(comfy, shelf, socket):
    empty = np.zeros((1, 64, 64), np.float32)
    result = comfy.array(comfy.check(masked(shelf, empty, socket)), "keep")[0]
    assert changed(picture(), result).mean() > 0.9


def test_an_alpha_picture_from_load_image_restricts_by_its_transparency(comfy, shelf):
    pixels = (picture() * 255).round().astype(np.uint8)
    alpha = np.where(LEFT == 1, 0, 255).astype(np.uint8)  # LoadImage's mask is 1 - alpha
    name = shelf.png(np.dstack([pixels, alpha]), "alpha.png")
    prompt = chain(shelf, picture(), EVERYTHING)
    prompt["image"] = node("LoadImage", image=name)
    prompt["regions"]["inputs"]["only"] = ["image", 1]
    prompt["before"] = node("CIELRTest_Keep", image=["image", 0])
    run = comfy.check(prompt)
    before, after = comfy.array(run, "before")[0], comfy.array(run, "keep")[0]
    assert not changed(before, after)[LEFT == 0].any()
    assert changed(before, after)[LEFT == 1].mean() > 0.9


def test_an_image_with_an_alpha_channel_loses_only_the_alpha(comfy, shelf):
    four = np.concatenate([picture(), np.full((HEIGHT, WIDTH, 1), 0.25, np.float32)], axis=-1)
    result = comfy.array(comfy.check(chain(shelf, four[None], action("remove", "disc_2"))), "keep")
    assert result.shape == (1, HEIGHT, WIDTH, 3)
    assert not changed(picture(), result[0])[disc("disc_1")].any()


def test_corrected_masks_take_the_place_of_the_regions_own(comfy, shelf):
    prompt = chain(shelf, picture(), action("modify", "disc_1", "colour white"))
    prompt["mask"] = node("CIELRTest_Array", file=shelf.array(disc("disc_2").astype(np.float32)[None]))
    prompt["edit"]["inputs"]["masks"] = ["mask", 1]
    result = comfy.array(comfy.check(prompt), "keep")[0]
    assert not changed(picture(), result)[~disc("disc_2")].any()
    assert changed(picture(), result)[disc("disc_2")].any()


def test_the_regions_own_masks_sent_back_change_nothing(comfy, shelf):
    plain = comfy.array(comfy.check(chain(shelf, picture(), action("remove", "disc_1"))), "keep")
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["edit"]["inputs"]["masks"] = ["regions", 1]
    assert np.array_equal(comfy.array(comfy.check(prompt), "keep"), plain)


@pytest.mark.parametrize("shape", ["B H W", "B 1 H W", "B H W 1"])
def test_a_scene_from_masks_knows_each_mask_as_an_object(comfy, shelf, shape):
    masks = np.stack([disc(name) for name in COLOURS] + [np.zeros((HEIGHT, WIDTH), bool)]).astype(np.float32)
    masks = {"B H W": masks, "B 1 H W": masks[:, None], "B H W 1": masks[..., None]}[shape]
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(picture()[None])),
        "masks": node("CIELRTest_Array", file=shelf.array(np.ascontiguousarray(masks))),
        "scene": node("CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], labels="apple, pear, plum, none"),
        "save": node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="cielr/scene"),
    }
    from cielr.core.scene import Scene

    file = comfy.check(prompt).outputs["save"]["text"][0]
    found = Scene.from_json(comfy.get("/view", filename=file.split("/")[-1], subfolder="cielr", type="output").decode())
    assert [thing.label for thing in found.objects] == ["apple", "pear", "plum"]
    assert [thing.mask for thing in found.objects] == [thing.mask for thing in scene().objects]
