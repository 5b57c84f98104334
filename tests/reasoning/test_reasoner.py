import json
import time
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from patience import without_waiting

pytest.importorskip("httpx")
pytest.importorskip("ollama")


from chat_help import short_pauses  # noqa: F401
from llm_server import Drop, Fail, Flood, LLMServer, Say, Silent

from cielr.actions import Remove, Replace
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject, SceneUpdate, new_id
from cielr.errors import Cancelled, CielrError, ClarificationNeeded, LLMError, NotUnderstood
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions
from cielr.telling.trace import Trace

WIDTH, HEIGHT = 320, 200
QUICK = AnswerLimits(connect=1.0, first=1.0, reading=0, gap=0.6, total=4.0, size=100_000, raw=4_000_000)


def thing(name, box, label=None):
    box = Box(*box)
    return SceneObject(id=name, label=label or name.split("_")[0], box=box, mask=Mask.from_box(box, HEIGHT, WIDTH))


SCENE = Scene(
    width=WIDTH,
    height=HEIGHT,
    objects=(
        thing("bread_1", (10, 10, 90, 60)),
        thing("bowl_1", (120, 40, 300, 180)),
        thing("cup_1", (10, 90, 60, 150)),
    ),
)


class Eyes:
    """Perception that finds what it is told to find."""

    def __init__(self, finds=(), says="", fails=None):
        self.finds = finds
        self.says = says
        self.fails = fails
        self.asked = []

    def answer(self, scene, request):
        self.asked.append(request)
        if self.fails:
            raise self.fails
        if request.kind == "describe":
            return SceneUpdate(request=request, answer=self.says, source="eyes")
        labels = getattr(request, "labels", ("shadow",))
        added = []
        for number, label in enumerate(label for label in labels if label in self.finds):
            name = new_id(label, [*scene.used_ids, *(one.id for one in added)])
            added.append(thing(name, (130 + 20 * number, 60, 145 + 20 * number, 80), label))
        absent = tuple(label for label in labels if label not in self.finds)
        return SceneUpdate(request=request, added=tuple(added), absent=absent, source="eyes")


def turn(kind, reason="Because.", **more):
    return Say(json.dumps({"reason": reason, "turn": {"kind": kind, **more}}, ensure_ascii=False))


def asks(*requests):
    return turn("requests", requests=list(requests))


def detect(*labels):
    return asks({"kind": "detect", "labels": list(labels), "within": None})


def plans(*actions, summary="Done."):
    return turn("plan", actions=list(actions), summary=summary)


def removes(*targets):
    return plans({"kind": "remove", "targets": list(targets)})


OPTIONS = {field.name for field in fields(ReasonOptions)}
LOOK = {"kind": "describe", "object": "bowl_1", "question": "What is in it?"}
ORANGE = {"kind": "replace", "targets": ["kiwi_1"], "with": "an orange"}


def run(script, instruction="remove it", scene=SCENE, dialect="ollama", limits=QUICK, retries=1, server=None, **more):
    """(scene, plan, server); the server must be idle and the model released at the end, however that is."""
    options = more.pop("server_options", {})
    with LLMServer(script, **options) as server:
        address = f"ollama/tiny@{server.url}" if dialect == "ollama" else f"openai/tiny@{server.url}/v1"
        chat = chat_from(address, limits=limits, retries=retries)
        try:
            given = {name: more.pop(name) for name in OPTIONS & more.keys()}
            known, plan = reason_with_llm(
                scene, instruction, chat, options=ReasonOptions(auto=False).but(**given), **more
            )
        finally:
            assert server.settles()
            asked_ollama = any(request["path"] == "/api/chat" for request in server.requests)
            assert server.unloaded == (1 if asked_ollama else 0)
            check_prefixes(server)
        return known, plan, server


def check_prefixes(server):
    """Each round's messages begin with the last round's, byte for byte."""
    said = [[json.dumps(message) for message in chat["messages"]] for chat in server.chats]
    talks = [messages for messages in said if "You look at a crop" not in messages[0]]
    for before, after in pairwise(talks):
        assert after[: len(before)] == before


# --------------------------------------------------------------------------------------------------------- good runs


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
