"""Several images: as a batch, as a list, and none to change."""

import numpy as np

from cielr.actions import Modify, Plan, Remove
from tests.comfyui.client import node
from tests.comfyui.world import action, chain, changed, disc, edited, picture, union

PLAN = Plan(actions=(Modify(targets=("disc_1",), change="colour blue"), Remove(targets=("disc_3",))))
ACTIONS = (action("modify", "disc_1", "colour blue"), action("remove", "disc_3"))
THREE = np.stack([picture(shade, seed) for shade, seed in ((0.3, 11), (0.5, 12), (0.7, 13))])


def test_a_batch_of_three_gives_three_right_results_in_order(comfy, shelf):
    run = comfy.check(chain(shelf, THREE, *ACTIONS, seed=3))
    result = comfy.array(run, "keep")
    assert result.shape == THREE.shape
    for before, after in zip(THREE, result, strict=True):
        assert np.array_equal(after, edited(before, PLAN, 3))


def test_a_list_of_three_gives_the_same_three_results(comfy, shelf):
    prompt = chain(shelf, THREE, *ACTIONS, seed=3)
    prompt["split"] = node("CIELRTest_Split", image=["image", 0])
    prompt["edit"]["inputs"]["image"] = ["split", 0]
    result = comfy.array(comfy.check(prompt), "keep")
    assert result.shape == THREE.shape
    for before, after in zip(THREE, result, strict=True):
        assert np.array_equal(after, edited(before, PLAN, 3))


def test_steps_and_changed_mask_tell_what_was_done(comfy, shelf):
    prompt = chain(shelf, THREE[:1], *ACTIONS)
    prompt["steps"] = node("CIELRTest_Keep", image=["edit", 2])
    prompt["changed"] = node("CIELRTest_Keep", image=["edit", 1])
    run = comfy.check(prompt)
    after, steps, mask = (comfy.array(run, name) for name in ("keep", "steps", "changed"))
    assert len(steps) == 2
    assert not changed(THREE[0], steps[0])[disc("disc_3")].any()
    assert np.array_equal(steps[1], after[0])
    assert mask.shape == (1, *THREE.shape[1:3])
    # where the mask is 0 nothing changed, and both discs lie in it
    assert not (changed(THREE[0], after[0]) & (mask[0] == 0)).any()
    assert (mask[0][union([disc("disc_1"), disc("disc_3")])] > 0).all()


def test_an_empty_plan_returns_the_image_bit_for_bit(comfy, shelf):
    prompt = chain(shelf, THREE, action("remove", "disc_1"))
    del prompt["a1"]
    prompt["plan"] = node("CIELR_EditPlan", text='{"actions": []}')
    prompt["regions"]["inputs"]["plan"] = ["plan", 0]
    prompt["changed"] = node("CIELRTest_Keep", image=["edit", 1])
    run = comfy.check(prompt)
    assert np.array_equal(comfy.array(run, "keep"), THREE)
    assert not comfy.array(run, "changed").any()
    assert run.outputs["regions"]["text"] == ["The plan has no action; the image stays as it is."]
    assert run.outputs["edit"]["text"] == ["There is no region; the image stays as it is."]


def test_an_edit_that_changes_nothing_is_told_with_its_image_and_action(comfy, shelf):
    images = THREE.copy()
    images[1][disc("disc_1")] = 0.5
    grey = action("modify", "disc_1", "desaturate 100%")
    run = comfy.check(chain(shelf, images, grey, action("remove", "disc_3"), seed=3))
    # the collector is a node of the Executor's expansion, and its text is shown on the Executor
    [collector] = [name for name in run.outputs if name.startswith("edit.")]
    lines = run.outputs[collector]["text"][0].splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"Image {image}, action {number}" for image in (1, 2, 3) for number in (1, 2)
    ]
    silent = [line for line in lines if "is it what was meant?" in line]
    assert len(silent) == 1
    assert silent[0].startswith("Image 2, action 1: ")


def test_plans_for_each_image_of_a_batch_go_to_their_own_image(comfy, shelf):
    """Scene Parse gives a scene for each image; here one scene serves all, and one image is left out by its mask."""
    prompt = chain(shelf, THREE, action("modify", "disc_2", "colour white"))
    masks = np.stack([np.full(THREE.shape[1:3], value, np.float32) for value in (1, 0, 1)])
    # three regions, one an image; an empty corrected mask leaves its region out
    prompt["scenes"] = node("CIELRTest_Array", file=shelf.array(masks))
    prompt["edit"]["inputs"]["masks"] = ["scenes", 1]
    run = comfy.check(prompt)
    result = comfy.array(run, "keep")
    [told] = [output["text"][0] for name, output in run.outputs.items() if name.startswith("edit.")]
    assert told.startswith("1 of the corrected masks is empty: left out.\nImage 1, action 1: ")
    assert np.array_equal(result[1], THREE[1])
    assert changed(THREE[0], result[0]).any()
    assert changed(THREE[2], result[2]).any()


def reasoned(shelf, batch, instruction="remove the leftmost disc"):
    return {
        "image": node("CIELRTest_Array", file=shelf.array(batch)),
        "look": node("CIELR_SceneParse", image=["image", 0], labels="disc"),
        "reason": node("CIELR_Reason", scene=["look", 0], instruction=instruction),
        "regions": node("CIELR_ActionToMask", scene=["reason", 0], plan=["reason", 1]),
        "edit": node("CIELR_EditExecutor", image=["image", 0], regions=["regions", 0], seed=1),
        "keep": node("CIELRTest_Keep", image=["edit", 0]),
    }


FLAT = np.full_like(picture(), 0.5)


def test_an_image_of_a_batch_without_the_thing_goes_through_unchanged_and_that_is_said(comfy, shelf):
    batch = np.stack([picture(seed=71), FLAT, picture(seed=72)])
    run = comfy.check(reasoned(shelf, batch))
    result = comfy.array(run, "keep")
    assert np.array_equal(result[1], FLAT)
    for number in (0, 2):
        differs = changed(batch[number], result[number])
        assert differs[disc("disc_1")].any()
        assert not differs[union([disc("disc_2"), disc("disc_3")])].any()
    [said] = run.outputs["reason"]["said"]
    assert said.startswith("Image 2: The scene has no objects, so there is no disc")
    assert said.endswith("; it stays as it is.")
    views = run.outputs["reason"]["cielr"][0]["views"]
    assert [view["summary"] == said for view in views] == [False, True, False]
    assert "Image 2: The plan has no action" in run.outputs["regions"]["text"][0]


def test_a_batch_in_which_no_image_has_the_thing_is_an_error_that_names_the_first(comfy, shelf):
    run = comfy.run(reasoned(shelf, np.stack([FLAT, FLAT])))
    assert run.error["node_id"] == "reason"
    assert run.error["exception_type"].endswith("NothingMatches")
    assert run.sentence.startswith("Image 1: The scene has no objects, so there is no disc")
    alone = comfy.run(reasoned(shelf, FLAT[None]))
    assert alone.sentence.startswith("The scene has no objects")


def test_an_error_in_a_batch_names_the_image(comfy, shelf):
    prompt = reasoned(shelf, np.stack([picture(), FLAT]), "remove the disc")
    run = comfy.run(prompt)
    assert run.error["node_id"] == "reason"
    assert run.error["exception_type"].endswith("Ambiguous")
    assert run.sentence.startswith("Image 1: ")


def test_an_error_in_a_list_names_the_image(comfy, shelf):
    prompt = reasoned(shelf, np.stack([picture(), FLAT]))
    prompt["split"] = node("CIELRTest_Split", image=["image", 0])
    prompt["look"]["inputs"]["image"] = ["split", 0]
    run = comfy.run(prompt)
    assert run.sentence.startswith("Image 2 of the list: The scene has no objects")
