"""What the language model asked, what was found and why it planned so stand on Reason in words for people."""

from __future__ import annotations

import importlib.util
import json

import pytest
from llm_server import LLMServer, Say

from cielr.core.scene import DescribeRequest, DetectRequest, EffectsRequest, PartsRequest, RelateRequest
from cielr.reasoning.prompts import request_words
from tests.comfyui.extension_help import (
    DO,
    NODE,
    ROOT,
    asking,
    copied,
    load_prompt,
    load_reason,
    number_of,
    run,
    show,
    turn_to,
    view,
)

ASK = {
    "reason": "no cup is in the scene yet",
    "turn": {
        "kind": "requests",
        "requests": [{"kind": "detect", "labels": ["cup"]}, {"kind": "relate", "objects": ["coin_1", "coin_24"]}],
    },
}


def told_module():
    """Without ComfyUI, which the package that it is in asks for."""
    spec = importlib.util.spec_from_file_location("told", ROOT / "nodes" / "internal" / "steps.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (DetectRequest(labels=("kiwi", "red cup")), "Looking for kiwi, red cup"),
        (DetectRequest(labels=("kiwi",), within="bowl_1"), "Looking for kiwi in bowl_1"),
        (PartsRequest(object="cup_1", labels=("rim", "handle")), "Looking for the parts of cup_1: rim, handle"),
        (DescribeRequest(object="cup_1", question="Is it full?"), "Looking closely at cup_1"),
        (RelateRequest(objects=("cup_1", "cup_2")), "Measuring how cup_1, cup_2 lie"),
        (EffectsRequest(object="cup_1"), "Looking for what cup_1 causes, such as its shadow"),
    ],
)
def test_what_is_looked_up_is_told_without_the_language_of_prompts(asked, words):
    assert told_module().for_people(f"Looking up: {request_words(asked)}") == words
    assert told_module().for_people("The language model is reading") == "The language model is reading"


def steps(panel):
    turn_to(panel, "Steps")
    return panel.locator(".cielr-step").all_inner_texts()


def test_the_steps_are_told_in_their_order_and_the_plan_with_its_reason(page):
    with LLMServer([Say(json.dumps(ASK)), Say(json.dumps(DO))]) as server:
        flow, _ = asking(server, 61 + number_of(page))
        load_prompt(page, flow)
        view(page, "CIELR_Reason")
        run(page)
    panel = view(page, "CIELR_Reason")
    plan = panel.locator(".cielr-plan")
    assert plan.locator("p").all_inner_texts() == ["Remove one coin.", "Why: It is the red one."]
    turn_to(panel, "Plan")
    assert "Why: It is the red one." in copied(page, panel)
    lines = steps(panel)
    assert lines[0] == "The model needs: no cup is in the scene yet"
    assert lines[1] == "Looked for cup: found no cup"
    assert lines[2] == "Measured how coin_1 and coin_24 lie"
    assert lines[3:] == ["Its plan: It is the red one."]
    turn_to(panel, "Trace")
    assert "why: It is the red one." in panel.locator(".cielr-trace").input_value()
    assert page.trouble == []


def test_everything_that_can_be_told_has_words(page):
    load_reason(page)
    look = {"words": [], "within": None, "objects": [""], "found": [], "absent": [], "answer": ""}
    told = [
        {"kind": "looked", "ask": "detect", **look, "words": ["cup", "jug"], "within": "tray_1", "absent": ["jug"]},
        {"kind": "looked", "ask": "parts", **look, "objects": ["cup_1"], "words": ["rim"], "found": ["rim_1", "rim_2"]},
        {"kind": "looked", "ask": "describe", **look, "objects": ["cup_1"], "found": ["cup_1"], "answer": "It is red."},
        {"kind": "looked", "ask": "effects", **look, "objects": ["cup_1"]},
        {"kind": "failed", "ask": "detect", **look, "words": ["cup"], "text": "No weights."},
        {"kind": "again", "text": "cup_9 is not in the scene."},
        {"kind": "last", "text": "This is the last round."},
        {"kind": "asks", "text": "Which?"},
        {"kind": "grammar", "text": "Understood without a language model: x"},
    ]
    nothing = {"width": 4, "height": 3, "image": None, "objects": [], "scene": "{}", "plan": "{}", "actions": []}
    show(page, {"cielr": [{"views": [nothing | {"told": told}]}], "text": [""]})
    assert steps(view(page, "CIELR_Reason")) == [
        "Looked in tray_1 for cup and jug: found no jug",
        "Looked for the parts of cup_1 (rim): found rim_1 and rim_2",
        "Described cup_1: It is red.",
        "Looked for what cup_1 causes, such as its shadow: nothing new",
        "Looked for cup: that could not be done: No weights.",
        "Its answer did not fit and went back: cup_9 is not in the scene.",
        "Now it had to decide. This is the last round.",
        "It asked: Which?",
        "Understood without the language model.",
    ]
    show(page, {"cielr": [{"views": [nothing | {"told": told[7:8]}, nothing | {"told": told[8:]}]}], "text": [""]})
    assert steps(view(page, "CIELR_Reason"))[::2] == ["Image 1:", "Image 2:"]


FIELDS = {"modify": "change", "background": "to", "global": "style"}


def test_changes_of_colour_light_and_focus_read_as_sentences(page):
    load_reason(page)
    expected = {
        ("modify", "colour dark red"): "Colour coin_2 dark red",
        ("modify", "brighten 30%"): "Brighten coin_2 by 30 %",
        ("modify", "colourful paint"): "Change coin_2: colourful paint",
        ("background", "blur 8px"): "Blur the background by 8 px",
        ("background", "colour white"): "Make the background white",
        ("background", "a sandy beach"): "Change the background: a sandy beach",
        ("global", "desaturate 40%"): "Desaturate the whole picture by 40 %",
        ("global", "darken 12.5%"): "Darken the whole picture by 12.5 %",
    }
    actions = [
        {"kind": kind, "objects": ["coin_2"] * (kind == "modify"), "anchors": [], FIELDS[kind]: words, "reason": ""}
        for kind, words in expected
    ]
    nothing = {"width": 4, "height": 3, "image": None, "objects": [], "scene": "{}", "plan": "{}", "told": []}
    show(page, {"cielr": [{"views": [nothing | {"actions": actions}]}], "text": [""]})
    assert view(page, "CIELR_Reason").locator(".cielr-action").all_inner_texts() == list(expected.values())


def test_the_text_of_three_actions_can_be_read_at_once(page):
    load_prompt(page, {"1": {"class_type": "CIELR_ActionToMask", "inputs": {}, "_meta": {"title": "Action to Mask"}}})
    page.evaluate(
        f"""() => {{
            const node = ({NODE})("CIELR_ActionToMask"), id = String(node.id)
            node.setSize([250, node.size[1]])
            const output = {{text: ["coin, red\\nground\\nblurred"]}}
            app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
        }}"""
    )
    page.wait_for_timeout(300)
    box = view(page, "CIELR_ActionToMask").locator("textarea")
    # the room below the last line is no part of the text
    below = 6
    tall, room = box.evaluate("one => [one.scrollHeight, one.clientHeight]")
    assert tall - below <= room, (tall, room, box.evaluate("one => [one.value, one.clientWidth]"))
