"""What goes wrong is told in one sentence, on the right node, before or during the run."""

import numpy as np
import pytest

from tests.comfyui.client import Refused, node
from tests.comfyui.world import DEFAULTS, action, chain, disc, picture


def is_one_sentence(text):
    assert text.endswith("."), text
    assert "\n" not in text, text
    assert "Traceback" not in text, text
    assert 20 < len(text) < 300, text


def failure(comfy, prompt, where):
    run = comfy.run(prompt)
    assert run.end == "execution_error"
    assert run.error["node_id"] == where
    is_one_sentence(run.sentence)
    return run.sentence


def refusal(comfy, prompt, where):
    with pytest.raises(Refused) as caught:
        comfy.run(prompt)
    assert set(caught.value.errors) == {where}
    return caught.value.text


# ------------------------------------------------------------------------------------------------- before anything ran


def test_an_unknown_kind_of_action_does_not_validate(comfy, shelf):
    said = refusal(comfy, chain(shelf, picture(), action("explode", "disc_1")), "a1")
    assert "'explode' is not a kind of action" in said


def test_an_unknown_relation_does_not_validate(comfy, shelf):
    said = refusal(comfy, chain(shelf, picture(), action("move", "disc_1", relation="near")), "a1")
    assert "'near' is not a relation" in said


@pytest.mark.parametrize("file", ["gone.scene.json [input]", "(none found)"])
def test_a_scene_file_that_is_not_there_does_not_validate(comfy, shelf, file):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["scene"]["inputs"]["file"] = file
    assert "There is no scene" in refusal(comfy, prompt, "scene")


@pytest.mark.parametrize("file", ["../../secret.json [input]", "/etc/passwd", "../server.log [output]"])
def test_a_file_outside_comfyuis_folders_does_not_validate(comfy, shelf, file):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["scene"]["inputs"]["file"] = file
    assert "leaves ComfyUI's folders" in refusal(comfy, prompt, "scene")


def test_wires_of_the_wrong_type_do_not_validate(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["regions"]["inputs"]["plan"] = ["scene", 0]
    assert "mismatch" in refusal(comfy, prompt, "regions")


# ------------------------------------------------------------------------------------------------------ while it runs


def test_an_unknown_id_names_what_there_is(comfy, shelf):
    said = failure(comfy, chain(shelf, picture(), action("remove", "disc_9")), "regions")
    assert "disc_9" in said


@pytest.mark.parametrize(
    "one",
    [
        action("remove", ""),
        action("replace", "disc_1", ""),
        action("modify", "disc_1", ""),
        action("add", words=""),
        action("move", "disc_1", relation="left_of"),
    ],
    ids=lambda one: one["inputs"]["kind"] + "-incomplete",
)
def test_an_incomplete_action_is_one_sentence(comfy, shelf, one):
    failure(comfy, chain(shelf, picture(), one), "a1")


def test_what_has_to_be_drawn_asks_for_an_inpainter(comfy, shelf):
    said = failure(comfy, chain(shelf, picture(), action("replace", "disc_1", "an orange")), "edit")
    assert "an orange" in said
    assert "connect an inpainter" in said


def test_an_image_of_another_size_says_both_sizes(comfy, shelf):
    said = failure(comfy, chain(shelf, picture()[:50], action("remove", "disc_1")), "edit")
    assert "160 x 96" in said
    assert "160 x 50" in said


def test_too_many_images_for_the_scenes_says_how_many(comfy, shelf):
    masks = np.stack([disc("disc_1"), disc("disc_2")]).astype(np.float32)
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["masks"] = node("CIELRTest_Array", file=shelf.array(masks))
    prompt["edit"]["inputs"]["masks"] = ["masks", 1]
    assert "1 regions and 2 corrected masks" in failure(comfy, prompt, "edit")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "neither a text nor a plan"),
        ("remove the coin", "JSON"),
        ('{"actions": [{"kind": "destroy"}]}', "destroy"),
        ('{"actions": [{"kind": "remove", "targets": []}]}', "targets"),
    ],
)
def test_a_plan_text_that_is_no_plan_says_why(comfy, shelf, text, word):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["plan"] = node("CIELR_EditPlan", text=text)
    prompt["regions"]["inputs"]["plan"] = ["plan", 0]
    assert word in failure(comfy, prompt, "plan")


def test_an_edited_plan_is_held_against_the_scene(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["plan"] = node(
        "CIELR_EditPlan", text='{"actions": [{"kind": "remove", "targets": ["cup_1"]}]}', scene=["scene", 0]
    )
    prompt["regions"]["inputs"]["plan"] = ["plan", 0]
    assert "cup_1" in failure(comfy, prompt, "plan")


@pytest.mark.parametrize(("index", "image"), [(5, 0), (0, 3)])
def test_a_region_that_is_not_there_says_how_many_there_are(comfy, shelf, index, image):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["pick"] = node("CIELR_PickRegion", regions=["regions", 0], index=index, image=image)
    prompt["keep"] = node("CIELRTest_Keep", image=["pick", 1])
    del prompt["edit"]
    assert "counted from 0" in failure(comfy, prompt, "pick")


def test_a_prefix_that_leaves_the_output_folder_is_refused(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["save"] = node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="../../outside")
    del prompt["keep"], prompt["edit"], prompt["regions"], prompt["a1"]
    assert "leaves ComfyUI's output folder" in failure(comfy, prompt, "save")


def test_a_scene_file_that_is_no_scene_says_so(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    (shelf.folder / "broken.scene.json").write_text('{"width": 3}')
    prompt["scene"]["inputs"]["file"] = "broken.scene.json [input]"
    assert "not a scene" in failure(comfy, prompt, "scene")


@pytest.mark.parametrize("instruction", ["", "make it pop", "remove the zebra"])
def test_an_instruction_that_cannot_be_followed_is_one_sentence(comfy, shelf, instruction):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    del prompt["a1"]
    prompt["reason"] = node("CIELR_Reason", scene=["scene", 0], instruction=instruction)
    prompt["regions"]["inputs"]["plan"] = ["reason", 1]
    failure(comfy, prompt, "reason")


def test_an_image_that_is_no_image_is_one_sentence(comfy, shelf):
    prompt = chain(shelf, np.zeros((1, 96, 160, 1), np.float32), action("remove", "disc_1"))
    assert "not a batch of RGB images" in failure(comfy, prompt, "edit")


def test_masks_that_are_no_masks_are_one_sentence(comfy, shelf):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    prompt["mask"] = node("CIELRTest_Array", file=shelf.array(np.zeros((2, 3, 4, 5), np.float32)))
    prompt["regions"]["inputs"]["only"] = ["mask", 1]
    assert "not a batch of masks" in failure(comfy, prompt, "regions")


def test_every_widget_of_an_action_has_a_default(comfy):
    told = comfy.get_json("/object_info/CIELR_Action")["CIELR_Action"]["input"]["required"]
    assert {name for name, spec in told.items() if "default" not in spec[1]} == set()
    assert set(DEFAULTS) < set(told)
