"""Reason with a language model on its socket (a scripted one)."""

import json

import numpy as np

from cielr.actions import Modify, Plan
from tests.comfyui.client import SOON, node
from tests.comfyui.world import action, chain, edited, picture

SEEN = "disc_1"
ASK = {
    "reason": "How do they stand?",
    "turn": {"kind": "requests", "requests": [{"kind": "detect", "labels": ["cup"]}]},
}
DO = {
    "reason": "It is the red one.",
    "turn": {
        "kind": "plan",
        "summary": "Paint the first disc blue.",
        "actions": [{"kind": "modify", "targets": [SEEN], "change": "colour blue", "reason": "It is asked for."}],
    },
}
NONSENSE = {
    "reason": "",
    "turn": {"kind": "plan", "summary": "", "actions": [{"kind": "remove", "targets": ["cup_9"]}]},
}
QUESTION = {"reason": "", "turn": {"kind": "question", "question": "Which of the discs?", "choices": ["red", "blue"]}}


def asked(shelf, *answers, seconds=0.0, seen=False):
    prompt = chain(shelf, picture(), action("remove", "disc_1"))
    del prompt["a1"]
    prompt["llm"] = node("CIELRTest_Chat", answers="\n".join(map(json.dumps, answers)), seconds=seconds)
    prompt["reason"] = node(
        "CIELR_Reason", scene=["scene", 0], instruction="make the angriest disc calm", llm=["llm", 0]
    )
    if seen:
        prompt["look"] = node("CIELR_SceneParse", image=["image", 0], labels="")
        prompt["reason"]["inputs"]["perception"] = ["look", 1]
    prompt["regions"]["inputs"] |= {"scene": ["reason", 0], "plan": ["reason", 1]}
    prompt["told"] = node("CIELRTest_Tell", value=["reason", 3])
    return prompt


def test_the_models_plan_is_carried_out(comfy, shelf):
    run = comfy.check(asked(shelf, DO))
    plan = Plan(actions=(Modify(targets=(SEEN,), change="colour blue"),))
    assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(), plan, 7))
    told = run.outputs["told"]["told"][0]
    assert "Paint the first disc blue." in told
    assert "It is asked for." in told


def test_what_the_model_asks_for_is_looked_up_and_told(comfy, shelf):
    run = comfy.check(asked(shelf, ASK, DO, seen=True))
    assert "cup" in run.outputs["told"]["told"][0]


def test_a_plan_for_things_that_are_not_there_goes_back_and_is_repaired(comfy, shelf):
    told = comfy.check(asked(shelf, NONSENSE, DO)).outputs["told"]["told"][0]
    assert "cup_9" in told


def test_a_question_to_the_user_stops_the_run_with_that_question(comfy, shelf):
    run = comfy.check(asked(shelf, QUESTION))
    assert run.outputs["reason"]["text"] == ["The language model asks: Which of the discs? (red / blue)"]
    [told] = run.outputs["reason"]["question"]
    assert told == {
        "text": "Which of the discs?",
        "choices": ["red", "blue"],
        "instruction": "make the angriest disc calm",
    }
    assert "keep" not in run.outputs, "nothing that needs the plan came to a result"


def test_a_silent_model_is_interrupted_within_two_seconds(comfy, shelf):
    def thinking(kind, data):
        return kind == "executing" and data["node"] == "reason"

    run = comfy.run(asked(shelf, DO, seconds=30.0), interrupt_at=thinking, after=1.0)
    assert run.end == "execution_interrupted"
    assert run.stopped_after < SOON
