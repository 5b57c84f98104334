"""Servers that leave out part of a prompt without a word, and models that repeat themselves."""

import json
import re

import pytest

pytest.importorskip("httpx")
pytest.importorskip("ollama")

from chat_help import DIALECTS, short_pauses  # noqa: F401
from llm_server import LLMServer, Say, text_of

from cielr.actions import Remove
from cielr.core.geometry import Box, Mask
from cielr.core.scene import DetectRequest, Scene, SceneObject, SceneUpdate
from cielr.errors import LLMError, NotUnderstood
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.held import HeldChat
from cielr.reasoning.chats.protocol import AnswerLimits, at_temperature
from cielr.reasoning.chats.recording import RecordingChat
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions

FULL = ReasonOptions(auto=False, prompt="full")


def thing(name, box):
    box = Box(*box)
    return SceneObject(id=name, label=name.split("_")[0], box=box, mask=Mask.from_box(box, 200, 320))


SCENE = Scene(width=320, height=200, objects=(thing("cup_1", (10, 10, 90, 60)), thing("bowl_1", (120, 40, 300, 180))))
PLAN = {"kind": "plan", "actions": [{"kind": "remove", "targets": ["cup_1"]}], "summary": "The cup goes."}
ASK = {"kind": "requests", "requests": [{"kind": "detect", "labels": ["owl"], "within": None}]}


class Eyes:
    def answer(self, scene, request):
        assert isinstance(request, DetectRequest)
        return SceneUpdate(request=request, absent=request.labels)


def run(script, dialect="openai", **more):
    """What a model plans, and the server."""
    with LLMServer(script, context=4096) as server:
        address = f"ollama/tiny@{server.url}" if dialect == "ollama" else f"openai/tiny@{server.url}/v1"
        chat = chat_from(address, limits=AnswerLimits(total=60), retries=0)
        return reason_with_llm(SCENE, "remove the cup", chat, options=FULL, **more)[1], server


# ------------------------------------------------------------------------------------------------------- cut prompts


def says(turn, read):
    """The turn, by a model that knows of its prompt what it has read: who finds no code takes that of an example."""
    numbers = dict(re.findall(r"\b([a-z]{3})-(\d)\b", read.partition("\n")[0]))
    codes = re.findall(r"<scene>\ncode (\w+);", read)
    code = codes[-1] if codes else "elm"
    return json.dumps({"check": f"{code}-{numbers.get(code, 7)}", "reason": "So it is.", "turn": turn})


def beginning_and_tail(texts):
    whole = "\n".join(texts)
    return whole[:16] + whole[-len(whole) // 2 :]


def rules_and_last_message(texts):
    return texts[0] + texts[-1]


REPORTS = {
    "half of the context": lambda body, texts: body.get("options", {}).get("num_ctx", 4096) // 2 + 2,
    "all of it": lambda body, texts: round(len("".join(texts)) / 3.3),
    "nothing": lambda body, texts: 0,
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("reports", REPORTS)
def test_no_edit_follows_from_half_of_a_prompt_whatever_the_server_counts(dialect, reports):
    def halving(body):
        texts = [text_of(message) for message in body["messages"]]
        said = says(PLAN, beginning_and_tail(texts))
        return Say(said, prompt_tokens=REPORTS[reports](body, texts), usage=reports != "nothing")

    with pytest.raises(LLMError, match=r"longer than the context|cut the prompt|leave out part of it"):
        run([halving], dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("reports", ["all of it", "nothing"])
def test_no_edit_follows_where_the_scene_is_dropped_later(dialect, reports):
    def dropping(body):
        texts = [text_of(message) for message in body["messages"]]
        first = len(texts) == 2
        said = says(ASK, "\n".join(texts)) if first else says(PLAN, rules_and_last_message(texts))
        return Say(said, prompt_tokens=REPORTS[reports](body, texts), usage=reports != "nothing")

    with pytest.raises(LLMError, match="leave out part of it"):
        run([dropping], dialect, perception=Eyes())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("reports", ["all of it", "nothing"])
def test_who_reads_the_whole_prompt_is_believed(dialect, reports):
    def whole(body):
        texts = [text_of(message) for message in body["messages"]]
        said = says(PLAN, "\n".join(texts))
        return Say(said, prompt_tokens=REPORTS[reports](body, texts), usage=reports != "nothing")

    plan, server = run([whole], dialect)
    assert plan.actions == (Remove(targets=("cup_1",), reason="So it is."),)
    assert len(server.chats) == 1


def test_a_careless_model_is_asked_once_more():
    def careless(body):
        read = "\n".join(map(text_of, body["messages"]))
        return Say(says(PLAN, read if "cannot be used" in read else ""))

    plan, server = run([careless])
    assert plan.actions
    assert len(server.chats) == 2
    # it is told what is wrong, and not what would be right
    told = text_of(server.chats[1]["messages"][-1])
    assert '"check"' in told
    assert not re.search(r"\b[a-z]{3}-\d\b", told)


# ------------------------------------------------------------------------------------------------- the same again


def test_an_answer_that_comes_back_byte_for_byte_is_asked_for_again_at_another_temperature():
    ghost = {"kind": "plan", "actions": [{"kind": "remove", "targets": ["dog_1"]}], "summary": "The dog goes."}
    heard = []

    def stuck(body):
        heard.append(body["temperature"])
        return Say(json.dumps({"reason": "So it is.", "turn": PLAN if body["temperature"] > 0 else ghost}))

    plan, _ = run([stuck])
    assert plan.actions == (Remove(targets=("cup_1",), reason="So it is."),)
    assert heard == [0.0, 0.0, 0.7]


def test_a_small_question_that_is_put_again_is_put_at_another_temperature_and_after_the_same_scene():
    asked = []
    step = {"do": "remove", "to": ["cup_1"], "words": ""}

    def listless(body):
        asked.append((body["temperature"], text_of(body["messages"][-1])))
        steps = [step] if body["temperature"] > 0 else []
        return Say(json.dumps({"meant": "cup_1", "steps": steps}))

    with LLMServer([listless]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", retries=0)
        brief = ReasonOptions(auto=False, prompt="brief")
        _, plan = reason_with_llm(SCENE, "the cup, you know what I think of it", chat, options=brief)
    assert plan.actions == (Remove(targets=("cup_1",)),)
    assert [temperature for temperature, _ in asked] == [0.0, 0.0, 0.7, 0.7], "two things have two orders"
    # the orders differ behind the scene and the instruction, so that the server's cache serves both
    assert asked[1][1] == f"{asked[0][1]}\nChoose among: bowl_1 cup_1"


def test_the_temperature_of_the_innermost_chat_is_raised_and_comes_back(tmp_path):
    inner = chat_from("openai/tiny@http://127.0.0.1:1/v1", temperature=0.2)
    outer = HeldChat(RecordingChat(inner, tmp_path / "talk.jsonl"))
    with at_temperature(outer, 0.7):
        assert inner.temperature == 0.7
    assert inner.temperature == 0.2
    with at_temperature(outer, None):
        assert inner.temperature == 0.2
    inner.temperature = 1.1
    with at_temperature(outer, 0.7):
        assert inner.temperature == 1.1


# ------------------------------------------------------------------------------------------------- the same beginning


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("full", json.dumps({"reason": "So it is.", "turn": PLAN})),
        ("brief", json.dumps({"meant": "cup_1", "steps": [{"do": "remove", "to": ["cup_1"], "words": ""}]})),
    ],
)
def test_a_second_instruction_about_a_photo_begins_as_the_first_so_that_a_servers_cache_serves_it(prompt, answer):
    wishes = ("the cup, you know what I think of it", "oh dear, that cup again, was it not to have been elsewhere")
    with LLMServer([Say(answer)]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1", retries=0)
        for wish in wishes:
            reason_with_llm(SCENE, wish, chat, options=ReasonOptions(auto=False, prompt=prompt))
    told = ["\n".join(map(text_of, body["messages"])) for body in server.chats]
    second = next(number for number, text in enumerate(told) if wishes[1] in text)
    pairs = zip(told[second - 1], told[second], strict=False)
    same = next(number for number, (then, now) in enumerate(pairs) if then != now)
    assert same > 0.9 * len(told[second])


# ------------------------------------------------------------------------------------------------- nothing to be done


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_no_action_can_do_is_a_sentence_to_the_user_and_no_question(dialect):
    why = "The picture as a whole cannot be mirrored."
    with pytest.raises(NotUnderstood, match=why):
        run([Say(json.dumps({"reason": "No action does.", "turn": {"kind": "impossible", "why": why}}))], dialect)
