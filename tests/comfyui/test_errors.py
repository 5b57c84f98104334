"""What goes wrong is told in one sentence, on the right node, before or during the run."""

import numpy as np
import pytest

from tests.comfyui.client import Refused, node, with_inputs
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


def removal(shelf):
    """A graph in which nothing is wrong yet."""
    return chain(shelf, picture(), action("remove", "disc_1"))


# ------------------------------------------------------------------------------------------------- before anything ran


@pytest.mark.parametrize(
    ("todo", "words"),
    [
        (action("explode", "disc_1"), "'explode' is not a kind of action"),
        (action("move", "disc_1", relation="near"), "'near' is not a relation"),
    ],
)
def test_an_action_of_unknown_words_does_not_validate(comfy, shelf, todo, words):
    assert words in refusal(comfy, chain(shelf, picture(), todo), "a1")


@pytest.mark.parametrize(
    ("name", "inputs", "words"),
    [
        ("scene", {"file": "gone.scene.json [input]"}, "There is no scene"),
        ("scene", {"file": "(none found)"}, "There is no scene"),
        ("scene", {"file": "../../secret.json [input]"}, "leaves ComfyUI's folders"),
        ("scene", {"file": "/etc/passwd"}, "leaves ComfyUI's folders"),
        ("scene", {"file": "../server.log [output]"}, "leaves ComfyUI's folders"),
        ("regions", {"plan": ["scene", 0]}, "mismatch"),
    ],
)
def test_files_that_are_not_there_and_wires_of_the_wrong_type_do_not_validate(comfy, shelf, name, inputs, words):
    assert words in refusal(comfy, with_inputs(removal(shelf), name, **inputs), name)


# ------------------------------------------------------------------------------------------------------ while it runs


@pytest.mark.parametrize(
    "todo",
    [
        action("remove", ""),
        action("replace", "disc_1", ""),
        action("modify", "disc_1", ""),
        action("add", words=""),
        action("move", "disc_1", relation="left_of"),
    ],
    ids=lambda todo: todo["inputs"]["kind"] + "-incomplete",
)
def test_an_incomplete_action_is_one_sentence(comfy, shelf, todo):
    failure(comfy, chain(shelf, picture(), todo), "a1")


@pytest.mark.parametrize(
    ("image", "todo", "where", "words"),
    [
        (picture(), action("remove", "disc_9"), "regions", ["disc_9"]),
        (picture(), action("replace", "disc_1", "an orange"), "edit", ["an orange", "connect an inpainter"]),
        (picture()[:50], action("remove", "disc_1"), "edit", ["160 x 96", "160 x 50"]),
        (np.zeros((1, 96, 160, 1), np.float32), action("remove", "disc_1"), "edit", ["not a batch of RGB images"]),
    ],
    ids=["an unknown thing", "nobody who draws", "another size", "no image"],
)
def test_what_cannot_be_done_on_this_picture_says_why(comfy, shelf, image, todo, where, words):
    said = failure(comfy, chain(shelf, image, todo), where)
    assert all(word in said for word in words)


@pytest.mark.parametrize(
    ("masks", "where", "socket", "words"),
    [
        (np.stack([disc("disc_1"), disc("disc_2")]), "edit", "masks", "1 regions and 2 corrected masks"),
        (np.zeros((2, 3, 4, 5)), "regions", "only", "not a batch of masks"),
    ],
    ids=["too many", "no masks"],
)
def test_masks_that_do_not_fit_say_why(comfy, shelf, masks, where, socket, words):
    prompt = with_inputs(removal(shelf), where, **{socket: ["given", 1]})
    prompt["given"] = node("CIELRTest_Array", file=shelf.array(masks.astype(np.float32)))
    assert words in failure(comfy, prompt, where)


CUP = '{"actions": [{"kind": "remove", "targets": ["cup_1"]}]}'


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"text": ""}, "neither a text nor a plan"),
        ({"text": "remove the coin"}, "JSON"),
        ({"text": '{"actions": [{"kind": "destroy"}]}'}, "destroy"),
        ({"text": '{"actions": [{"kind": "remove", "targets": []}]}'}, "targets"),
        ({"text": CUP, "scene": ["scene", 0]}, "cup_1"),
    ],
)
def test_a_plan_text_that_is_no_plan_or_does_not_fit_the_scene_says_why(comfy, shelf, more, word):
    prompt = with_inputs(removal(shelf), "regions", plan=["plan", 0])
    prompt["plan"] = node("CIELR_EditPlan", **more)
    assert word in failure(comfy, prompt, "plan")


@pytest.mark.parametrize(("index", "image"), [(5, 0), (0, 3)])
def test_a_region_that_is_not_there_says_how_many_there_are(comfy, shelf, index, image):
    prompt = removal(shelf)
    prompt["pick"] = node("CIELR_PickRegion", regions=["regions", 0], index=index, image=image)
    prompt["keep"] = node("CIELRTest_Keep", image=["pick", 1])
    del prompt["edit"]
    assert "counted from 0" in failure(comfy, prompt, "pick")


def test_a_prefix_that_leaves_the_output_folder_is_refused(comfy, shelf):
    prompt = {"scene": removal(shelf)["scene"]}
    prompt["save"] = node("CIELR_SaveScene", scene=["scene", 0], filename_prefix="../../outside")
    assert "leaves ComfyUI's output folder" in failure(comfy, prompt, "save")


def test_a_scene_file_that_is_no_scene_says_so(comfy, shelf):
    (shelf.folder / "broken.scene.json").write_text('{"width": 3}')
    prompt = with_inputs(removal(shelf), "scene", file="broken.scene.json [input]")
    assert "not a scene" in failure(comfy, prompt, "scene")


@pytest.mark.parametrize("instruction", ["", "make it pop", "remove the zebra"])
def test_an_instruction_that_cannot_be_followed_is_one_sentence(comfy, shelf, instruction):
    prompt = with_inputs(removal(shelf), "regions", plan=["reason", 1])
    del prompt["a1"]
    prompt["reason"] = node("CIELR_Reason", scene=["scene", 0], instruction=instruction)
    failure(comfy, prompt, "reason")


def test_every_widget_of_an_action_has_a_default(comfy):
    told = comfy.get_json("/object_info/CIELR_Action")["CIELR_Action"]["input"]["required"]
    assert {name for name, spec in told.items() if "default" not in spec[1]} == set()
    assert set(DEFAULTS) < set(told)
