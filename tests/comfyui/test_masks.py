"""Every mask shape that ComfyUI's nodes give, at every socket that takes a mask."""

import numpy as np
import pytest

from cielr.actions import Modify, Move, Place, Plan, Remove
from cielr.core.scene import Scene
from cielr.editing.transparency import execute_transparent
from cielr.region import regions, seeded
from tests.comfyui.client import Refused, node
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


@pytest.mark.parametrize(("socket", "meaning"), [("only", "nothing may change"), ("never", "it protects nothing")])
@pytest.mark.parametrize(("value", "size"), [(0.0, (HEIGHT, WIDTH)), (0.45, (HEIGHT, WIDTH)), (0.45, (64, 64))])
def test_a_mask_without_a_painted_pixel_is_a_mask_and_the_node_says_what_it_means(
    comfy, shelf, socket, meaning, value, size
):
    run = comfy.check(masked(shelf, np.full((1, *size), value, np.float32), socket))
    differs = changed(picture(), comfy.array(run, "keep")[0])
    assert not differs.any() if socket == "only" else differs.mean() > 0.9
    told = run.outputs["regions"]["text"][0].splitlines()[0]
    assert told.startswith(f"The mask at '{socket}' has ")
    assert told.endswith(f": {meaning}.")
    assert ("no value over 0.45" in told) == (value > 0)


def test_a_mask_that_is_empty_for_one_image_of_a_batch_counts_for_that_image(comfy, shelf):
    images = np.stack([picture(seed=51), picture(seed=52)])
    prompt = chain(shelf, images, EVERYTHING)
    masks = np.stack([np.zeros((HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)])
    prompt["mask"] = node("CIELRTest_Array", file=shelf.array(masks))
    prompt["regions"]["inputs"]["only"] = ["mask", 1]
    # a plan for each image, as Reason gives them
    prompt["scene"] = node("CIELR_SceneFromMasks", image=["image", 0], masks=["disc", 1], labels="disc")
    prompt["disc"] = node("CIELRTest_Array", file=shelf.array(disc("disc_1").astype(np.float32)[None]))
    run = comfy.check(prompt)
    result = comfy.array(run, "keep")
    assert np.array_equal(result[0], images[0])
    assert changed(images[1], result[1]).mean() > 0.9
    assert (
        "The mask at 'only' has no painted pixel for image 1: nothing may change." in run.outputs["regions"]["text"][0]
    )


@pytest.mark.parametrize("kind", ["remove", "modify", "move"])
def test_an_opaque_fourth_channel_stays_and_the_node_says_so(comfy, shelf, kind):
    four = np.concatenate([picture(), np.ones((HEIGHT, WIDTH, 1), np.float32)], axis=-1)
    todo = action(kind, "disc_2", "colour white" if kind == "modify" else "", relation="by", x=6.0, y=8.0)
    run = comfy.check(chain(shelf, four[None], todo))
    result = comfy.array(run, "keep")
    three = comfy.array(comfy.check(chain(shelf, picture(), todo)), "keep")
    assert np.array_equal(result[0, ..., 3:], four[..., 3:])
    assert np.array_equal(result[..., :3], three)
    [told] = [output["text"][0] for name, output in run.outputs.items() if name.startswith("edit.")]
    assert told.startswith("The image's fourth channel stays as it is.\n")


@pytest.mark.parametrize("kind", ["remove", "modify", "move"])
def test_alpha_goes_with_what_moves_as_in_the_engine(comfy, shelf, kind):
    alpha = np.zeros((HEIGHT, WIDTH), np.float32)
    for name, opacity in (("disc_1", 0.75), ("disc_2", 1.0), ("disc_3", 0.5)):
        alpha[disc(name)] = opacity
    todo = action(kind, "disc_2", "colour white" if kind == "modify" else "", relation="by", x=6.0, y=8.0)
    four = np.concatenate([picture(), alpha[..., None]], axis=-1)
    run = comfy.check(chain(shelf, four[None], todo))
    result = comfy.array(run, "keep")[0]
    meant = {
        "remove": Remove(targets=("disc_2",)),
        "modify": Modify(targets=("disc_2",), change="colour white"),
        "move": Move(targets=("disc_2",), to=Place(relation="by", x=6.0, y=8.0)),
    }[kind]
    pixels, after = execute_transparent(picture(), alpha, seeded(regions(Plan(actions=(meant,)), scene()), 7))
    assert np.array_equal(result[..., 3], after)
    assert np.array_equal(result[..., :3], pixels)
    assert np.array_equal(after, alpha) == (kind == "modify")
    [told] = [output["text"][0] for name, output in run.outputs.items() if name.startswith("edit")]
    assert told.startswith("The image's fourth channel goes with what moves.\n")


def test_what_is_transparent_is_not_seen_and_the_node_says_so(comfy, shelf):
    alpha = np.ones((HEIGHT, WIDTH, 1), np.float32)
    alpha[disc("disc_2")] = 0
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(np.concatenate([picture(), alpha], axis=-1)[None])),
        "look": node("CIELR_SceneParse", image=["image", 0], labels=""),
    }
    run = comfy.check(prompt)
    assert "What the fourth channel makes transparent is not seen." in run.outputs["look"]["said"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_one_sentence(comfy, shelf, value):
    broken = picture()
    broken[3, 4:7, 1] = value
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(broken[None])),
        "look": node("CIELR_SceneParse", image=["image", 0], labels="disc"),
    }
    assert comfy.run(prompt).sentence.startswith("3 samples of the image are NaN or infinite: ")
    run = comfy.run(chain(shelf, broken, action("remove", "disc_2")))
    assert run.error["node_id"] == "edit"
    assert run.sentence.startswith("3 samples of the image are NaN or infinite: ")


def test_a_painter_that_gives_no_numbers_is_refused_in_a_sentence(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_2"))
    prompt["pick"] = node("CIELR_PickRegion", regions=["regions", 0], index=0, image=0)
    prompt["crop"] = node("CIELR_CropRegion", image=["image", 0], region=["pick", 0], size=0, multiple=8)
    prompt["broken"] = node("CIELRTest_Array", file=shelf.array(np.full((1, 8, 8, 3), np.nan, np.float32)))
    prompt["stitch"] = node("CIELR_StitchRegion", image=["image", 0], region=["crop", 2], painted=["broken", 0])
    prompt["keep"]["inputs"]["image"] = ["stitch", 0]
    assert "of the painted crop are NaN or infinite" in comfy.run(prompt).sentence


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
    file = comfy.check(prompt).outputs["save"]["text"][0]
    found = Scene.from_json(comfy.text(file))
    assert [thing.label for thing in found.objects] == ["apple", "pear", "plum"]
    assert [thing.mask for thing in found.objects] == [thing.mask for thing in scene().objects]


def from_masks(shelf, images, masks, **more):
    return {
        "image": node("CIELRTest_Array", file=shelf.array(images)),
        "masks": node("CIELRTest_Array", file=shelf.array(np.ascontiguousarray(masks, dtype=np.float32))),
        "scene": node("CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], **({"labels": "disc"} | more)),
        "plan": node("CIELR_EditPlan", text='{"actions": [{"kind": "global", "style": "darken 50%"}]}'),
        "save": node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="cielr/paired"),
    }


def places(comfy, run):
    """For each scene that was saved, its labels and the columns at which its things begin."""
    for file in run.outputs["save"]["text"][0].splitlines():
        yield [(thing.label, thing.box.x0) for thing in Scene.from_json(comfy.text(file)).objects]


IMAGES = np.stack([picture(seed=number) for number in (61, 62, 63)])
DISCS = np.stack([disc(name) for name in COLOURS])
LEFTS = [20, 68, 116]


def test_of_as_many_masks_as_images_each_image_has_its_own(comfy, shelf):
    run = comfy.check(from_masks(shelf, IMAGES, DISCS, labels="a, b, c"))
    assert list(places(comfy, run)) == [[("a", 20)], [("b", 68)], [("c", 116)]]
    assert run.outputs["scene"]["said"] == ["Each image has the mask of its own number."]


def test_of_one_image_all_masks_are_its_things(comfy, shelf):
    run = comfy.check(from_masks(shelf, IMAGES[:1], DISCS, labels="a, b, c"))
    assert list(places(comfy, run)) == [[("a", 20), ("b", 68), ("c", 116)]]
    assert "said" not in run.outputs["scene"]


def test_one_mask_is_for_all_images(comfy, shelf):
    run = comfy.check(from_masks(shelf, IMAGES, DISCS[1:2]))
    assert list(places(comfy, run)) == [[("disc", 68)]] * 3


@pytest.mark.parametrize("count", [2, 4, 6])
def test_where_it_is_unclear_whose_the_masks_are_the_node_asks(comfy, shelf, count):
    masks = np.concatenate([DISCS, DISCS])[:count]
    run = comfy.run(from_masks(shelf, IMAGES, masks))
    assert run.error["node_id"] == "scene"
    assert run.sentence == (
        f"There are 3 images and {count} masks, so it is not clear which mask belongs to which image: choose that in "
        f"'pairing' of this node."
    )


def test_what_was_asked_can_be_chosen(comfy, shelf):
    six = np.concatenate([DISCS, DISCS[::-1]])
    every = comfy.check(from_masks(shelf, IMAGES, DISCS, pairing="all for every image"))
    assert list(places(comfy, every)) == [[("disc", left) for left in LEFTS]] * 3
    shared = comfy.check(from_masks(shelf, IMAGES, six, labels="a, b", pairing="as many for each image"))
    assert list(places(comfy, shared)) == [
        [("a", 20), ("b", 68)],
        [("b", 116), ("a", 116)][::-1],
        [("b", 20), ("a", 68)],
    ]
    refused = comfy.run(from_masks(shelf, IMAGES, six[:5], pairing="as many for each image"))
    assert "does not go with the pairing 'as many for each image'" in refused.sentence
    with pytest.raises(Refused, match="There is no pairing 'somehow'"):
        comfy.run(from_masks(shelf, IMAGES, six, pairing="somehow"))


def test_masks_in_which_nothing_is_painted_are_named(comfy, shelf):
    faint = np.full((HEIGHT, WIDTH), 0.4)
    run = comfy.check(from_masks(shelf, IMAGES[:1], np.stack([DISCS[0], faint, DISCS[2]])))
    assert list(places(comfy, run)) == [[("disc", 20), ("disc", 116)]]
    assert run.outputs["scene"]["said"] == ["Mask 2 of 3 has no pixel of 0.5 or more: left out."]


def test_labels_that_fit_neither_the_masks_nor_one_image_are_refused(comfy, shelf):
    run = comfy.run(from_masks(shelf, IMAGES[:1], DISCS, labels="a, b, c, d"))
    assert run.sentence == "There are 4 labels and 3 masks: name each mask, or give one name for all."
