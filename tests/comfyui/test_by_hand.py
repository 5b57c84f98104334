"""Graphs built by hand: one region picked, cropped, painted by any node, and stitched back."""

import numpy as np
import pytest

from cielr.actions import Plan, Remove, Replace
from cielr.region import regions
from tests.comfyui.client import node
from tests.comfyui.world import action, chain, changed, picture, scene


def by_hand(shelf, size, multiple, painter, images=1):
    batch = np.stack([picture(seed=20 + number) for number in range(images)])
    prompt = chain(shelf, batch, action("remove", "disc_2"))
    del prompt["edit"]
    prompt["pick"] = node("CIELR_PickRegion", regions=["regions", 0], index=0, image=0)
    prompt["crop"] = node("CIELR_CropRegion", image=["image", 0], region=["pick", 0], size=size, multiple=multiple)
    prompt["paint"] = node(painter, image=["crop", 0])
    prompt["stitch"] = node("CIELR_StitchRegion", image=["image", 0], region=["crop", 2], painted=["paint", 0])
    prompt["keep"] = node("CIELRTest_Keep", image=["stitch", 0])
    prompt["keep_crop"] = node("CIELRTest_Keep", image=["crop", 0])
    prompt["keep_mask"] = node("CIELRTest_Keep", image=["crop", 1])
    return batch, prompt


REGION = regions(Plan(actions=(Remove(targets=("disc_2",)),)), scene())[0]


@pytest.mark.parametrize(("size", "multiple"), [(0, 8), (256, 64), (512, 8)])
@pytest.mark.parametrize("images", [1, 2])
def test_another_packs_painter_changes_the_region_and_nothing_else(comfy, shelf, size, multiple, images):
    batch, prompt = by_hand(shelf, size, multiple, "ImageInvert", images)
    run = comfy.check(prompt)
    result, crop, mask = (comfy.array(run, name) for name in ("keep", "keep_crop", "keep_mask"))
    assert crop.shape[1] % multiple == crop.shape[2] % multiple == 0
    assert not size or max(crop.shape[1:3]) == size
    assert mask.shape == crop.shape[:3]
    support = REGION.support.to_array()
    for before, after in zip(batch, result, strict=True):
        assert not changed(before, after)[~support].any()
        deep = np.zeros_like(support)
        deep[REGION.crop.slices] = REGION.alpha() == 1
        # what was inverted is the picture itself, scaled there and back: its middle is near the inverse
        assert np.abs(after[deep] - (1 - before[deep])).mean() < 0.06


def test_pick_region_tells_mask_and_prompts(comfy, shelf):
    _, prompt = by_hand(shelf, 0, 8, "ImageInvert")
    prompt["mask"] = node("CIELRTest_Keep", image=["pick", 1])
    prompt["prompt"] = node("CIELRTest_Tell", value=["pick", 2])
    prompt["negative"] = node("CIELRTest_Tell", value=["pick", 3])
    run = comfy.check(prompt)
    assert np.array_equal(comfy.array(run, "mask")[0] > 0, REGION.support.to_array())
    assert run.outputs["prompt"]["told"] == [REGION.prompt]
    assert run.outputs["negative"]["told"] == ["disc"]


def test_several_actions_one_after_the_other_change_their_regions_and_nothing_else(comfy, shelf):
    before = picture(seed=31)
    prompt = chain(shelf, before, action("remove", "disc_1"), action("replace", "disc_3", "a pear"))
    del prompt["edit"]
    image = ["image", 0]
    for number, painter in enumerate(("ImageInvert", "ImageInvert")):
        prompt[f"pick{number}"] = node("CIELR_PickRegion", regions=["regions", 0], index=number, image=0)
        prompt[f"crop{number}"] = node(
            "CIELR_CropRegion", image=image, region=[f"pick{number}", 0], size=128, multiple=8
        )
        prompt[f"paint{number}"] = node(painter, image=[f"crop{number}", 0])
        prompt[f"stitch{number}"] = node(
            "CIELR_StitchRegion", image=image, region=[f"crop{number}", 2], painted=[f"paint{number}", 0]
        )
        image = [f"stitch{number}", 0]
    prompt["keep"] = node("CIELRTest_Keep", image=image)
    result = comfy.array(comfy.check(prompt), "keep")[0]
    plan = Plan(actions=(Remove(targets=("disc_1",)), Replace(targets=("disc_3",), with_="a pear")))
    supports = [region.support.to_array() for region in regions(plan, scene())]
    assert not changed(before, result)[~(supports[0] | supports[1])].any()
    for support in supports:
        assert changed(before, result)[support].mean() > 0.9
