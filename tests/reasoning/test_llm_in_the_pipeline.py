"""A language model around the reasoning: while it says what to look for, and when it asks at the terminal."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from patience import without_waiting

pytest.importorskip("httpx")
pytest.importorskip("ollama")


from llm_server import Drop, LLMServer, Say, Silent

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.errors import CielrError, EditError, LLMError
from cielr.perception.builtin.parser import BuiltinParser
from cielr.perception.labels import why_not_asked
from cielr.perception.parser import SceneParser
from cielr.perception.protocols import Detection
from cielr.pipeline import edit
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits
from cielr.telling.page import save_trace
from cielr.telling.trace import error_trace

ROOT = Path(__file__).resolve().parents[2]
PHOTO = np.full((60, 100, 3), 200, np.uint8)
PHOTO[10:40, 20:50] = (180, 20, 20)
DO = {"kind": "plan", "actions": [{"kind": "modify", "targets": ["box_1"], "change": "colour green"}], "summary": "Ok."}
PLAN = Say(json.dumps({"reason": "It is asked for.", "turn": DO}))


class Detector:
    """Finds the box; or breaks."""

    name = "oracle"

    def __init__(self, error=None):
        self.error = error
        self.asked = []

    def detect(self, image, labels, on_step=None):
        self.asked += labels
        if self.error:
            raise self.error
        return [Detection("box", 0.9, Box(20, 10, 50, 40))]


def seeing(script):
    return LLMServer(script, capabilities=("completion", "vision"))


def test_what_a_seeing_model_proposes_is_looked_for_and_in_the_trace():
    with seeing([Say('{"labels": ["tea caddy"]}'), PLAN]) as server:
        detector = Detector()
        chat = chat_from(f"ollama/tiny@{server.url}")
        trace = edit(PHOTO, "paint it green", perception=SceneParser(detector), chat=chat, auto=False).trace
        assert "tea caddy" in detector.asked
        told = [(note.text, note.data["model"]) for note in trace.steps[0].notes if note.kind == "proposed"]
        assert told == [("tea caddy", "ollama/tiny")]
        assert server.unloaded == 1


def test_every_word_to_and_from_the_model_is_in_the_trace_and_no_picture(tmp_path):
    look = {"kind": "requests", "requests": [{"kind": "describe", "object": "box_1", "question": "Is it new?"}]}
    script = [
        Say('{"labels": ["tea caddy"]}', thinking="A shelf, I think."),
        Say("I would rather talk about the weather."),
        Say(json.dumps({"reason": "Unclear.", "turn": look})),
        Say("It is rather worn."),
        PLAN,
    ]
    answers = [step.text for step in script]
    with seeing(script) as server:
        chat = chat_from(f"ollama/tiny@{server.url}")
        trace = edit(PHOTO, "paint it green", perception=SceneParser(Detector()), chat=chat, auto=False).trace
        sent = [message for body in server.chats for message in body["messages"]]
        conversation = server.chats[-1]["messages"]
    notes = [note for step in trace.steps for note in step.notes]
    told = {kind: [note for note in notes if note.kind == kind] for kind in ("system", "prompt", "reply", "thinking")}
    prompts = [note.text for note in told["prompt"]]
    assert {message["content"] for message in sent if message["role"] == "user"} == set(prompts)
    assert {message["content"] for message in sent if message["role"] == "system"} == {
        note.text for note in told["system"]
    }
    assert len(prompts) == 5, "each once, however often the conversation was sent"
    assert [note.text for note in told["reply"]] == answers
    assert [note.text for note in told["thinking"]] == ["A shelf, I think."]
    assert [message["content"] for message in conversation if message["role"] == "assistant"] == [
        answers[1],
        answers[2],
    ]
    pictures = [words for note in told["prompt"] for words in note.data.get("pictures", ())]
    assert [words.partition(", ")[0] for words in pictures] == [
        "the photo: JPEG",
        "the photo with its objects marked: JPEG",
        "the photo around box_1: JPEG",
    ]
    assert "100 x 60, " in pictures[0]
    page = save_trace(trace, tmp_path).read_text(encoding="utf-8")
    record = (tmp_path / "trace.json").read_text(encoding="utf-8")
    for words in ("paint it green", "Is it new?", "It is rather worn.", "tea caddy", "the photo around box_1: JPEG"):
        assert words in page
        assert words in record
    shown = [image for body in server.chats for message in body["messages"] for image in message.get("images", ())]
    assert len(shown) == 5
    assert all(image[:100] not in record for image in shown)


def test_the_beginning_of_an_answer_that_broke_off_is_in_the_trace(monkeypatch):
    monkeypatch.setattr("cielr.reasoning.chats.streaming.BACK_OFF", (0.05, 0.1))
    with seeing([Drop('{"labels": ["tea caddy", "spoon"]}')]) as server:
        chat = chat_from(f"ollama/tiny@{server.url}", limits=AnswerLimits(total=3.0, reading=0))
        with pytest.raises(LLMError) as caught:
            edit(PHOTO, "paint it green", perception=SceneParser(Detector()), chat=chat, auto=False)
    notes = {note.kind: note.text for note in error_trace(caught.value).steps[0].notes}
    assert "paint it green" in notes["prompt"]
    assert notes["unfinished"].startswith('{"labels": ["tea')
    assert "reply" not in notes


def test_with_labels_at_hand_the_model_is_not_asked_for_any():
    with seeing([PLAN]) as server:
        chat = chat_from(f"ollama/tiny@{server.url}")
        detector = Detector()
        trace = edit(
            PHOTO, "paint it green", labels=["box"], perception=SceneParser(detector), chat=chat, auto=False
        ).trace
        assert len(server.chats) == 1
    assert detector.asked == ["box"]
    assert trace.steps[0].notes == []


def test_without_a_detector_or_with_a_proposer_of_its_own_a_parser_needs_no_labels():
    assert "detector" in why_not_asked(BuiltinParser(), None)
    assert "detector" in why_not_asked(SceneParser(), None)
    assert "proposed" in why_not_asked(SceneParser(Detector(), proposer=lambda image: ["box"]), None)
    assert "given" in why_not_asked(SceneParser(Detector()), ["box"])
    assert why_not_asked(SceneParser(Detector()), None) == ""


def test_a_model_without_eyes_is_not_asked_and_the_trace_says_why():
    with LLMServer([PLAN]) as server:
        detector = Detector()
        chat = chat_from(f"ollama/tiny@{server.url}")
        trace = edit(PHOTO, "paint it green", perception=SceneParser(detector), chat=chat, auto=False).trace
        assert len(server.chats) == 1
    assert [note.text for note in trace.steps[0].notes] == [
        "ollama/tiny takes no pictures, so it could not say what to look for; everyday things were looked for."
    ]
    assert "cup" in detector.asked


@pytest.mark.parametrize("answer", [Silent(), Silent(headers=True), Silent(tokens=3)])
def test_a_listener_that_raises_cancels_while_the_model_looks_at_the_picture(answer):
    began = None

    class Stop(Exception):
        pass

    def listen(event):
        nonlocal began
        began = began or time.monotonic()
        if time.monotonic() - began > 0.25:
            raise Stop

    with seeing([answer]) as server:
        chat = chat_from(f"ollama/tiny@{server.url}")
        with without_waiting(120), pytest.raises(Stop):
            edit(PHOTO, "paint it green", perception=SceneParser(Detector()), chat=chat, on_event=listen, auto=False)
        assert server.unloaded == 1
        assert server.settles()


def test_a_model_that_said_what_to_look_for_is_released_where_the_eyes_fail():
    with seeing([Say('{"labels": ["box"]}')]) as server:
        parser = SceneParser(Detector(CielrError("The detector broke.")))
        with pytest.raises(CielrError, match="detector broke"):
            edit(PHOTO, "paint it green", perception=parser, chat=chat_from(f"ollama/tiny@{server.url}"), auto=False)
        assert server.unloaded == 1


def test_the_grammar_reads_first_in_python_too_unless_it_is_told_otherwise():
    with seeing([PLAN]) as server:
        chat = chat_from(f"ollama/tiny@{server.url}")
        result = edit(PHOTO, "colour the red object green", chat=chat)
        assert result.plan.actions[0].change == "colour green"
        assert server.chats == []
        with pytest.raises(CielrError):
            edit(PHOTO, "colour the red object green", chat=chat, auto=False)
        assert server.chats, "the model is asked, and speaks of a box that is not there"


class Shelf:
    """Sees a lid that covers its whole box."""

    def parse(self, image, labels=None, on_step=None):
        mask = Mask.from_box(Box(20, 10, 50, 40), 60, 100)
        things = [SceneObject(id=name, label=name[:-2], box=mask.box, mask=mask) for name in ("box_1", "lid_1")]
        return Scene(width=100, height=60, objects=things)

    def perception(self, image):
        return None


def test_an_edit_of_which_nothing_is_left_fails_in_the_words_of_the_notice():
    action = DO["actions"][0] | {"keep": ["lid_1"]}
    plan = {"kind": "plan", "actions": [action], "summary": "Ok."}
    with LLMServer([Say(json.dumps({"reason": "", "turn": plan}))]) as server:
        chat = chat_from(f"ollama/tiny@{server.url}")
        with pytest.raises(EditError) as caught:
            edit(PHOTO, "paint the box but not its lid", perception=Shelf(), chat=chat)
    assert str(caught.value) == (
        "Nothing is left of any region of the plan (1. Colour box_1 green); the image stays as it is."
    )


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_questions_at_the_terminal_are_answered_there_and_the_model_is_told_what_it_asked(tmp_path):
    import pty

    boxes = [Box(5, 5, 25, 25), Box(60, 5, 80, 25)]
    things = [
        SceneObject(id=f"box_{k}", label="box", box=box, mask=Mask.from_box(box, 60, 100))
        for k, box in enumerate(boxes, start=1)
    ]
    Scene(width=100, height=60, objects=things).save(tmp_path)

    def asks(question, *choices):
        turn = {"kind": "question", "question": question, "choices": choices}
        return Say(json.dumps({"reason": "", "turn": turn}))

    with LLMServer([asks("Which box?", "left", "right"), asks("How green?"), PLAN]) as server:
        command = [sys.executable, "-m", "cielr", "plan", str(tmp_path), "paint the nicer one green"]
        command += ["--llm", f"ollama/tiny@{server.url}", "-o", str(tmp_path / "plan.json")]
        master, slave = pty.openpty()
        process = subprocess.Popen(command, stdin=slave, stderr=slave, stdout=subprocess.PIPE, cwd=ROOT)
        os.write(master, b"the first\nvery\n")
        process.communicate(timeout=60)
        os.close(slave)
        os.close(master)
        assert process.returncode == 0
        told = [body["messages"][1]["content"] for body in server.chats]
    assert "question the user answered" not in told[0]
    assert "Which box? (left / right)\nthe first\n</instruction>" in told[1]
    assert "Which box? (left / right)\nthe first\nHow green?\nvery\n</instruction>" in told[2]
    assert json.loads((tmp_path / "plan.json").read_text())["actions"][0]["targets"] == ["box_1"]
