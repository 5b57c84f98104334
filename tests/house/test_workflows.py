"""The bundled workflows are as scripts/check_workflows.py wants them, and it would notice if they were not."""

import copy
from pathlib import Path

import pytest
from bundled import FLOWS, api, checker, flow

ROOT = Path(__file__).resolve().parents[2]
CHECK = checker()


@pytest.mark.parametrize("name", FLOWS)
def test_a_bundled_workflow_is_whole_readable_and_says_the_same_in_both_forms(name):
    assert CHECK.problems(name) == []


@pytest.mark.parametrize("path", CHECK.blueprints(), ids=lambda path: path.stem)
def test_a_blueprint_is_whole(path):
    assert CHECK.blueprint_problems(path) == []


def test_every_workflow_has_its_api_form_and_a_picture():
    assert {path.stem for path in (ROOT / "workflows" / "api").glob("*.json")} == set(FLOWS)
    assert {path.stem for path in (ROOT / "workflows").glob("*.jpg")} == {path.stem for path in FLOWS.values()}


def test_cards_are_numbered_in_one_row_and_the_quickstart_is_the_first():
    titles = [path.stem for path in FLOWS.values()]
    assert [title[:3] for title in titles] == [f"{number:02d} " for number in range(1, len(titles) + 1)]
    assert titles[0] == "01 Quickstart"


def node(flow, kind):
    return next(one for one in flow["nodes"] if one["type"] == kind)


def lose_a_link(flow, prompt):
    flow["links"].pop()


def link_to_nowhere(flow, prompt):
    flow["links"][0][3] = 999


def another_type(flow, prompt):
    flow["links"][0][5] = "MASK"


def overlap(flow, prompt):
    node(flow, "CIELR_SceneParse")["pos"] = list(node(flow, "CIELR_Reason")["pos"])


def out_of_the_group(flow, prompt):
    node(flow, "SaveImage")["pos"][1] += 5000


def far_apart(flow, prompt):
    for one in (node(flow, "SaveImage"), flow["groups"][-1]):
        place = one.get("pos", one.get("bounding"))
        place[0] += 9000


def no_note(flow, prompt):
    flow["nodes"] = [one for one in flow["nodes"] if one["type"] != "MarkdownNote"]


def inline_code(flow, prompt):
    node(flow, "MarkdownNote")["widgets_values"][0] += " Put it into `models`."


def no_app(flow, prompt):
    del flow["extra"]["linearData"]


def an_app_of_nothing(flow, prompt):
    flow["extra"]["linearData"]["outputs"] = [999]


def another_value(flow, prompt):
    next(one for one in prompt.values() if one["class_type"] == "CIELR_Reason")["inputs"]["instruction"] = "else"


def another_link(flow, prompt):
    next(one for one in prompt.values() if one["class_type"] == "CIELR_Reason")["inputs"]["scene"] = ["1", 0]


def another_node(flow, prompt):
    prompt["77"] = copy.deepcopy(prompt["1"])


def an_unknown_input(flow, prompt):
    next(one for one in prompt.values() if one["class_type"] == "CIELR_Reason")["inputs"]["mood"] = "calm"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lose_a_link, "nodes name links that there are not"),
        (link_to_nowhere, "leads from or to a node that there is not"),
        (another_type, "joins IMAGE to IMAGE"),
        (overlap, "overlap"),
        (out_of_the_group, "sticks out of its group"),
        (far_apart, "cannot be read"),
        (no_note, "no note"),
        (inline_code, "inline code"),
        (no_app, "does not ask for a photo"),
        (an_app_of_nothing, "does not show what it saves"),
        (another_value, "other values"),
        (another_link, "other links"),
        (another_node, "other nodes"),
        (an_unknown_input, "does not have: mood"),
    ],
)
def test_what_is_wrong_is_noticed(damage, words):
    saved, prompt = flow("quickstart"), api("quickstart")
    assert CHECK.wrong(saved, prompt) == []
    damage(saved, prompt)
    assert any(words in told for told in CHECK.wrong(saved, prompt))
