"""The conversation with a language model that makes a plan: rounds, questions, pictures, and what is told of it."""

import json

import numpy as np
import pytest
from chat_help import QUICK, short_pauses  # noqa: F401
from llm_server import Say
from reasoner_help import (
    HEIGHT,
    LOOK,
    ORANGE,
    SCENE,
    WIDTH,
    Eyes,
    asks,
    detect,
    plans,
    removes,
    run,
    turn,
)

from cielr.actions import Remove, Replace
from cielr.errors import ClarificationNeeded, NotUnderstood
from cielr.telling.trace import Trace


@pytest.mark.parametrize("dialect", ["ollama", "openai"])
def test_a_gap_is_asked_for_filled_and_planned_with(dialect):
    eyes = Eyes(finds=("kiwi",))
    scene, plan, server = run(
        [detect("kiwi", "fig", "orange"), plans(ORANGE)],
        "replace the food with the most vitamin C with an orange",
        perception=eyes,
        dialect=dialect,
    )
    assert plan.actions == (Replace(targets=("kiwi_1",), with_="an orange", reason="Because."),)
    assert scene.ids == (*SCENE.ids, "kiwi_1")
    # the orange is to be made, so nobody looks for it
    assert scene.absent == ("fig",)
    assert eyes.asked[0].labels == ("kiwi", "fig")
    assert len(eyes.asked) == 1
    heard = server.chats[1]["messages"][-1]["content"]
    assert "found kiwi_1" in heard
    assert 'not found: "fig"' in heard
    # only what is new is sent
    assert "bread_1" not in heard


def test_an_explicit_plan_takes_one_call():
    _, plan, server = run([removes("cup_1")], "remove the cup")
    assert plan.actions == (Remove(targets=("cup_1",), reason="Because."),)
    assert len(server.chats) == 1
    first = server.chats[0]["messages"]
    assert [message["role"] for message in first] == ["system", "user"]
    assert "remove the cup" in first[1]["content"]
    assert server.chats[0]["format"]["$defs"]["id"]["enum"] == list(SCENE.ids)


def test_new_objects_may_be_named_in_the_next_round():
    _, _, server = run([detect("kiwi"), plans(ORANGE)], perception=Eyes(finds=("kiwi",)))
    assert "kiwi_1" not in server.chats[0]["format"]["$defs"]["id"]["enum"]
    assert "kiwi_1" in server.chats[1]["format"]["$defs"]["id"]["enum"]


def test_relations_are_answered_by_code_and_not_by_eyes():
    eyes = Eyes()
    scene, _, server = run(
        [asks({"kind": "relate", "objects": ["bread_1", "bowl_1"]}), removes("cup_1")], perception=eyes
    )
    assert not eyes.asked
    assert "bread_1 left of bowl_1" in server.chats[1]["messages"][-1]["content"]
    assert scene.updates[-1].source == "geometry"


def test_without_eyes_only_relations_can_be_asked_for():
    _, _, server = run([removes("cup_1")])
    said = json.dumps(server.chats[0]["format"])
    assert '"relate"' in said
    assert '"detect"' not in said


def test_the_story_is_in_the_trace():
    trace = Trace()
    with trace.step("reason") as step:
        run([detect("kiwi"), plans(ORANGE)], perception=Eyes(finds=("kiwi",)), step=step)
    kinds = [note.kind for note in step.notes]
    assert kinds == ["system", "prompt", "reply", "missing", "request", "update", "prompt", "reply", "plan"]
    told = {note.kind: note.text for note in step.notes}
    assert told["missing"] == told["plan"] == "Because."
    assert told["request"] == "detect kiwi"
    assert "found kiwi_1" in told["update"]
    assert step.notes[2].data["prompt_tokens"] > 1000
    json.loads(trace.to_json())


def test_thinking_is_in_the_trace_and_not_in_the_conversation():
    trace = Trace()
    script = [Say(detect("kiwi").text, thinking="Perhaps a kiwi?"), plans(ORANGE)]
    with trace.step("reason") as step:
        _, _, server = run(script, perception=Eyes(finds=("kiwi",)), step=step)
    assert "Perhaps a kiwi?" in [note.text for note in step.notes if note.kind == "thinking"]
    assert "Perhaps" not in json.dumps(server.chats[1]["messages"])


def test_progress_is_told_also_while_the_model_is_silent():
    events = []
    run([Say(removes("cup_1").text, pause=0.25, piece=20)], on_event=events.append)
    assert any("at work" in event.message for event in events)
    assert events[-1].fraction == 1.0
    assert [event.fraction for event in events] == sorted(event.fraction for event in events)


# ---------------------------------------------------------------------------------------------------------- questions


def test_a_question_reaches_the_user_with_its_choices():
    with pytest.raises(ClarificationNeeded) as raised:
        run([turn("question", question="Which cup?", choices=["the left one", "the right one"])])
    assert raised.value.question == "Which cup?"
    assert raised.value.choices == ("the left one", "the right one")


def test_an_empty_question_reaches_nobody_and_empty_choices_are_none():
    script = [
        turn("question", question=" \n", choices=[]),
        turn("question", question="Which?", choices=["a ", "", " "]),
    ]
    with pytest.raises(ClarificationNeeded) as raised:
        run(script)
    assert (raised.value.question, raised.value.choices) == ("Which?", ("a",))


def test_the_users_answer_is_given_to_the_model():
    _, _, server = run([removes("cup_1")], answer="Which cup? The left one.")
    assert "Which cup? The left one." in server.chats[0]["messages"][1]["content"]


def test_who_assumes_does_not_ask():
    asks_back = turn("question", question="Which?", choices=[])
    _, plan, server = run([asks_back, removes("cup_1")], assume=True)
    assert plan.actions
    assert '"question"' not in json.dumps(server.chats[0]["format"])
    assert "what you assumed" in server.chats[0]["messages"][1]["content"]
    assert "not possible now" in server.chats[1]["messages"][-1]["content"]


@pytest.mark.parametrize("instruction", ["", " \n", "x" * 5000])
def test_instructions_without_sense_cost_nothing(instruction):
    with pytest.raises(NotUnderstood):
        run([removes("cup_1")], instruction)


def test_what_the_grammar_understands_costs_no_call():
    pytest.importorskip("cielr.reasoning.grammar.reader")
    _, plan, server = run([removes("bread_1")], "remove the cup", auto=True)
    assert plan.actions[0].targets == ("cup_1",)
    assert not server.requests
    _, plan, server = run([removes("bread_1")], "remove what a baker made", auto=True)
    assert plan.actions[0].targets == ("bread_1",)
    assert len(server.chats) == 1


# --------------------------------------------------------------------------------------------------------------- eyes

SEEING = {"capabilities": ("completion", "vision")}
PHOTO = np.full((HEIGHT, WIDTH, 3), 127, np.uint8)


def pictures(message):
    from base64 import b64decode
    from io import BytesIO

    from PIL import Image

    return [Image.open(BytesIO(b64decode(data))) for data in message.get("images", ())]


def test_a_seeing_model_gets_the_marked_photo_in_every_round():
    _, _, server = run(
        [detect("kiwi"), plans(ORANGE)], perception=Eyes(finds=("kiwi",)), image=PHOTO, server_options=SEEING
    )
    for chat in server.chats:
        (picture,) = pictures(chat["messages"][1])
        assert picture.size == (WIDTH, HEIGHT)
        # outlines and ids are drawn on the grey photo
        assert np.asarray(picture).std() > 5
    assert "outline and the id" in server.chats[0]["messages"][1]["content"]


def test_a_seeing_model_describes_from_a_crop():
    photo = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    photo[40:180, 120:300] = (1, 0, 0)
    eyes = Eyes(says="eyes were asked")
    scene, _, server = run(
        [asks(LOOK), Say("<think>hm</think> Soup,\nit seems."), removes("bowl_1")],
        image=photo,
        perception=eyes,
        server_options=SEEING,
    )
    assert not eyes.asked
    close = server.chats[1]["messages"]
    (crop,) = pictures(close[1])
    assert max(crop.size) >= 300
    assert np.asarray(crop)[crop.height // 2, crop.width // 2, 0] > 200
    assert "What is in it?" in close[1]["content"]
    assert "format" not in server.chats[1]
    assert scene.updates[-1].answer == "Soup, it seems."
    assert '"Soup, it seems."' in server.chats[2]["messages"][-1]["content"]


def test_a_blind_model_gets_no_picture_and_asks_the_eyes():
    eyes = Eyes(says="Soup.")
    _, _, server = run([asks(LOOK), removes("bowl_1")], image=PHOTO, perception=eyes)
    assert len(eyes.asked) == 1
    assert "images" not in server.chats[0]["messages"][1]
