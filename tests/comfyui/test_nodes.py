"""What ComfyUI knows of the pack once it is loaded, beside what test_explained.py asks of its texts."""

import pytest

OPTIONAL = {
    "CIELR_SceneParse": {"detector": "CIELR_DETECTOR", "segmenter": "CIELR_SEGMENTER", "depth": "CIELR_DEPTH"},
    "CIELR_SceneFromMasks": {"depth": "IMAGE"},
    "CIELR_Reason": {"llm": "CIELR_LLM", "perception": "CIELR_PERCEPTION"},
    "CIELR_ActionToMask": {"only": "MASK", "never": "MASK"},
    "CIELR_EditExecutor": {"inpainter": "CIELR_INPAINTER", "masks": "MASK"},
}


@pytest.fixture(scope="module")
def ours(comfy):
    return {name: told for name, told in comfy.get_json("/object_info").items() if name.startswith("CIELR_")}


def test_model_sockets_are_optional_inputs_of_their_own_types(ours):
    for name, sockets in OPTIONAL.items():
        optional = ours[name]["input"]["optional"]
        assert {socket: optional[socket][0] for socket in sockets} == sockets


def test_every_node_says_in_a_sentence_what_it_does_and_has_a_name_in_plain_words(ours):
    for name, told in ours.items():
        assert told["description"].strip().endswith("."), name
        assert not {"CIELR", "_"} & set(told["display_name"].replace("_", " _ ").split()), name
        assert told["category"].startswith("CIELR/"), name


def test_plumbing_is_marked_experimental_and_kept_apart(ours):
    apart = {name for name, told in ours.items() if told["category"] == "CIELR/internal"}
    assert apart == {name for name, told in ours.items() if told["experimental"]}


def test_the_log_tells_of_no_failure_of_ours(server):
    lines = [line for line in server.log.read_text().splitlines() if "cielr" in line.lower()]
    assert not [line for line in lines if "FAILED" in line or "Traceback" in line]
