"""What a conversation may ask for, how long it may go on, and what ends it: bad answers, faults, cancelling."""

import json
import time

import pytest
from chat_help import QUICK, short_pauses  # noqa: F401
from llm_server import Drop, Fail, Flood, LLMServer, Say, Silent
from patience import without_waiting
from reasoner_help import (
    ORANGE,
    SCENE,
    Eyes,
    asks,
    detect,
    plans,
    removes,
    run,
)

from cielr.actions import Remove
from cielr.errors import Cancelled, CielrError, LLMError
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits
from cielr.reasoning.loop import reason_with_llm

# ----------------------------------------------------------------------------------------------- requests and budgets


def test_a_request_that_was_answered_is_not_run_twice():
    eyes = Eyes(finds=("kiwi",))
    run([detect("kiwi"), detect("Kiwi", "kiwi", "fig"), plans(ORANGE)], perception=eyes)
    assert [request.labels for request in eyes.asked] == [("kiwi",), ("fig",)]


def test_what_the_scene_lists_is_answered_with_its_ids_and_not_looked_for():
    eyes = Eyes(finds=("kiwi",))
    _, _, server = run([detect("cups", "kiwi"), detect("bowl"), plans(ORANGE)], perception=eyes)
    assert [request.labels for request in eyes.asked] == [("kiwi",)]
    assert "already listed: bowl_1" in server.chats[2]["messages"][-1]["content"]


def test_the_same_request_for_ever_ends_in_a_forced_plan():
    eyes = Eyes()

    def stubborn(body):
        forced = '"requests"' not in json.dumps(body["format"])
        return removes("cup_1") if forced else detect("owl")

    _, plan, server = run([stubborn], perception=eyes, max_rounds=50)
    assert plan.actions == (Remove(targets=("cup_1",), reason="Because."),)
    assert len(eyes.asked) == 1
    assert len(server.chats) == 3
    assert "brought nothing new" in server.chats[-1]["messages"][-1]["content"]


def test_a_model_that_never_plans_is_refused_with_its_last_answer():
    eyes = Eyes()
    with pytest.raises(LLMError, match="no usable answer") as raised:
        run([detect("owl")], perception=eyes, max_rounds=3)
    assert '"owl"' in raised.value.last_answer
    assert len(eyes.asked) == 1


def test_the_last_round_must_be_a_plan():
    script = [detect("a"), detect("b"), detect("c"), removes("cup_1")]
    _, _, server = run(script, perception=Eyes(finds=("a", "b", "c")), max_rounds=4)
    allowed = ['"requests"' in json.dumps(chat["format"]) for chat in server.chats]
    assert allowed == [True, True, True, False]
    assert "last round" in server.chats[3]["messages"][-1]["content"]


def test_one_round_leaves_no_room_for_requests():
    _, _, server = run([removes("cup_1")], perception=Eyes(), max_rounds=1)
    assert '"requests"' not in json.dumps(server.chats[0]["format"])


def test_so_many_requests_a_round_and_no_more():
    eyes = Eyes(finds=tuple("abcdefgh"))
    many = asks(*({"kind": "detect", "labels": [label]} for label in "abcdefgh"))
    _, _, server = run([many, removes("cup_1")], perception=eyes, max_requests=3)
    assert len(eyes.asked) == 3
    assert "5 more requests were not looked up" in server.chats[1]["messages"][-1]["content"]


def test_a_conversation_that_grows_too_long_is_brought_to_an_end():
    talk = Say(detect("a").text, prompt_tokens=2550)
    _, _, server = run([talk, removes("cup_1")], perception=Eyes(finds=("a",)), tokens=5000)
    assert "has become long" in server.chats[1]["messages"][-1]["content"]
    with pytest.raises(LLMError, match="more than 5000 tokens"):
        run([Say("no json", prompt_tokens=6000)], tokens=5000)


def test_the_whole_keeps_to_its_time():
    with without_waiting(60), pytest.raises(LLMError, match=r"took longer than 0\.5 s"):
        run([Silent()], seconds=0.5, limits=AnswerLimits(first=60, reading=0))


def test_eyes_that_fail_are_told_and_not_fatal():
    eyes = Eyes(fails=CielrError("The detector is out of order."))
    _, plan, server = run([detect("kiwi"), removes("cup_1")], perception=eyes)
    assert plan.actions
    assert "could not be looked up" in server.chats[1]["messages"][-1]["content"]


def test_eyes_that_are_cancelled_cancel():
    with pytest.raises(Cancelled):
        run([detect("kiwi"), removes("cup_1")], perception=Eyes(fails=Cancelled("stop")))


# -------------------------------------------------------------------------------------------------------- bad answers


def test_a_plan_that_does_not_fit_goes_back_with_the_exact_errors():
    _, plan, server = run([removes("dog_1"), removes("cup_1")], dialect="openai")
    assert plan.actions == (Remove(targets=("cup_1",), reason="Because."),)
    heard = server.chats[1]["messages"]
    assert heard[-2]["role"] == "assistant"
    assert "Action 1 (remove) targets 'dog_1', which is not in the scene." in heard[-1]["content"]


def test_a_plan_that_never_fits_is_refused_after_two_repairs():
    with pytest.raises(LLMError, match="dog_1") as raised:
        run([removes("dog_1")])
    assert "in 3 tries" in str(raised.value)
    assert "dog_1" in raised.value.last_answer
    assert raised.value.problems


@pytest.mark.parametrize("said", ["I would remove the cup.", '{"reason": "x"', "", '{"reason": "x", "turn": {}}'])
def test_invalid_json_three_times_is_refused(said):
    with LLMServer([Say(said)]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", limits=QUICK)
        with pytest.raises(LLMError, match="3 tries") as raised:
            reason_with_llm(SCENE, "remove it", chat)
        assert len(server.chats) == 3
        assert raised.value.last_answer == said


def test_a_truncated_answer_is_asked_for_again():
    whole = removes("cup_1").text
    _, plan, server = run([Say(whole[:-20], finish="length"), Say(whole)])
    assert plan.actions
    assert "ends in the middle" in server.chats[1]["messages"][-1]["content"]


def test_fences_and_thoughts_around_the_answer_cost_no_round():
    said = f"<think>hm {{}}</think>Here:\n```json\n{removes('cup_1').text}\n```"
    _, plan, server = run([Say(said)])
    assert plan.actions
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Silent(), "said nothing"),
        (Silent(tokens=3), "silent"),
        (Drop("x" * 99), "broke off"),
        (Flood(50_000_000), "refused"),
        (Fail(401, "{}"), "refuses access"),
        (Fail(404, '{"error": "model not found"}'), "no model"),
        (Fail(500, "{}"), "500"),
        (Fail(503, "{}"), "503"),
        (Fail(302, "", headers={"Location": "http://127.0.0.1:1/"}), "redirects"),
        (Fail(200, "<html>", "text/html"), "server"),
    ],
)
@pytest.mark.parametrize("dialect", ["ollama", "openai"])
def test_faults_of_the_server_end_the_reasoning_with_their_reason(dialect, answer, words):
    with pytest.raises(LLMError, match=words):
        run([detect("kiwi"), answer], perception=Eyes(finds=("kiwi",)), dialect=dialect)


def test_cancelling_ends_it_while_the_model_is_silent():
    began = time.monotonic()
    with without_waiting(60), pytest.raises(Cancelled):
        run([Silent()], limits=AnswerLimits(first=60, reading=0), cancelled=lambda: time.monotonic() - began > 0.25)


def test_a_listener_that_raises_cancels_while_the_model_is_silent():
    class Stop(Exception):
        pass

    began = time.monotonic()

    def listen(event):
        if time.monotonic() - began > 0.25:
            raise Stop

    with without_waiting(60), pytest.raises(Stop):
        run([Silent()], limits=AnswerLimits(first=60, reading=0), on_event=listen)
