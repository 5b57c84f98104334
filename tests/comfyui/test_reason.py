"""Reason with a language model on its socket that another pack brings (a scripted one)."""

import json

import numpy as np
import pytest

from cielr.actions import Modify, Plan
from tests.comfyui.client import node
from tests.comfyui.language import reasoned
from tests.comfyui.world import edited, picture

ASK = {
    "reason": "How do they stand?",
    "turn": {"kind": "requests", "requests": [{"kind": "detect", "labels": ["cup"]}]},
}
DO = {
    "reason": "It is the red one.",
    "turn": {
        "kind": "plan",
        "summary": "Paint the first disc blue.",
        "actions": [{"kind": "modify", "targets": ["disc_1"], "change": "colour blue", "reason": "It is asked for."}],
    },
}
NONSENSE = {
    "reason": "",
    "turn": {"kind": "plan", "summary": "", "actions": [{"kind": "remove", "targets": ["cup_9"]}]},
}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([DO], "Paint the first disc blue."),
        ([DO], "It is asked for."),
        ([ASK, DO], "cup"),
        ([NONSENSE, DO], "cup_9"),
    ],
    ids=["the summary", "the reason", "what is looked up", "what goes back"],
)
def test_the_plan_that_it_comes_to_is_carried_out_and_the_way_to_it_is_told(comfy, shelf, answers, words):
    prompt = reasoned(shelf, node("CIELRTest_Chat", answers="\n".join(map(json.dumps, answers)), seconds=0.0))
    prompt["look"] = node("CIELR_SceneParse", image=["image", 0], labels="")
    prompt["reason"]["inputs"]["perception"] = ["look", 1]
    prompt["told"] = node("CIELRTest_Tell", value=["reason", 3])
    run = comfy.check(prompt)
    plan = Plan(actions=(Modify(targets=("disc_1",), change="colour blue"),))
    assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(), plan, 7))
    assert words in run.outputs["told"]["told"][0]
