"""Conversations on record, and answers from the record."""

import json

import pytest
from chat_help import GOOD, HELLO, SCHEMA, chat, nothing_left_behind, short_pauses  # noqa: F401
from llm_server import Fail, LLMServer, Say

from cielr.errors import LLMError
from cielr.reasoning.chats.catalogue import chat_from


def test_a_recording_replays_the_same_answers_and_nothing_else(tmp_path):
    from cielr.reasoning.chats.recording import RecordingChat

    path = tmp_path / "deep" / "record.jsonl"
    more = [*HELLO, {"role": "assistant", "content": GOOD}, {"role": "user", "content": "line\u2028separator \x85"}]
    with LLMServer([Say(GOOD, thinking="hm"), Say("second")]) as server:
        talk = RecordingChat(chat(server, "ollama"), path)
        assert [talk.complete(HELLO, SCHEMA), talk.complete(more, SCHEMA)] == [GOOD, "second"]
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]
    assert lines[1]["kept"] == 2
    assert lines[1]["messages"] == more[2:]
    again = chat_from(f"replay/{path}")
    heard = []
    assert again.complete(more, SCHEMA, on_token=heard.append) == "second"
    assert again.complete(HELLO, None) == GOOD
    assert again.last.thinking == "hm"
    assert heard == ["second"]
    with pytest.raises(LLMError, match="holds no answer"):
        again.complete([{"role": "user", "content": "Something else."}], SCHEMA)


def test_failures_are_recorded_too_and_are_no_answers(tmp_path):
    from cielr.reasoning.chats.recording import RecordingChat

    path = tmp_path / "record.jsonl"
    with LLMServer([Fail(401, "{}")]) as server, pytest.raises(LLMError):
        RecordingChat(chat(server, "ollama"), path).complete(HELLO, SCHEMA)
    assert "refuses access" in json.loads(path.read_text())["error"]
    with pytest.raises(LLMError, match="holds no answer"):
        chat_from(f"replay/{path}").complete(HELLO, SCHEMA)


@pytest.mark.parametrize("text", ["", "x", "{}", "[]", '{"key": 1}', "[" * 100_000])
def test_a_file_that_is_no_recording_is_refused(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(LLMError, match="not a recorded exchange"):
        chat_from(f"replay/{path}")


def test_what_two_conversations_begin_with_is_recorded_once(tmp_path):
    from cielr.reasoning.chats.recording import RecordingChat, ReplayChat

    path = tmp_path / "record.jsonl"
    other = [HELLO[0], {"role": "user", "content": "Something else."}]
    with LLMServer([Say(GOOD), Say("second"), Say("third")]) as server:
        talk = RecordingChat(chat(server, "ollama"), path)
        for messages in (HELLO, other, HELLO[1:]):
            talk.complete(messages, SCHEMA)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").strip().split("\n")]
    assert [(line["kept"], line["messages"]) for line in lines] == [(0, HELLO), (1, other[1:]), (0, HELLO[1:])]
    again = ReplayChat(path)
    assert [again.complete(messages, None) for messages in (other, HELLO, HELLO[1:])] == ["second", GOOD, "third"]


def test_a_recording_can_be_replayed_under_another_system_text(tmp_path):
    from cielr.reasoning.chats.recording import RecordingChat, ReplayChat

    path = tmp_path / "record.jsonl"
    more = [*HELLO, {"role": "assistant", "content": GOOD}, {"role": "user", "content": "And now?"}]
    with LLMServer([Say(GOOD), Say("second")]) as server:
        talk = RecordingChat(chat(server, "ollama"), path)
        talk.complete(HELLO, SCHEMA)
        talk.complete(more, SCHEMA)
    rules = {"role": "system", "content": "Other rules."}
    again = ReplayChat(path, any_rules=True)
    assert again.complete([rules, *HELLO[1:]], SCHEMA) == GOOD
    assert again.complete([rules, *more[1:]], SCHEMA) == "second"
    with pytest.raises(LLMError, match="holds no answer"):
        ReplayChat(path).complete([rules, *HELLO[1:]], SCHEMA)
