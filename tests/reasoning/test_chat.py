"""Chats with servers of both dialects that behave: what is sent, and what comes back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from chat_help import DIALECTS, GOOD, HELLO, SCHEMA, chat, fails, nothing_left_behind, short_pauses  # noqa: F401
from llm_server import Fail, LLMServer, Say

from cielr.errors import LLMError
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import count_tokens


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_answer_comes_whole_and_in_pieces_and_its_thinking_stays_apart(dialect):
    pieces = []
    with LLMServer([Say(GOOD, thinking="Hm. Let me see.", piece=4, prompt_tokens=77)]) as server:
        talk = chat(server, dialect)
        assert talk.complete(HELLO, SCHEMA, on_token=pieces.append) == GOOD
        assert "".join(pieces) == GOOD
        assert len(pieces) > 3
        assert talk.last.thinking == "Hm. Let me see."
        assert talk.last.prompt_tokens == 77
        assert not talk.last.cut
        assert server.settles()


def test_ollama_is_told_schema_seed_temperature_context_and_how_long_to_stay():
    with LLMServer([Say(GOOD)], capabilities=("completion", "thinking")) as server:
        talk = chat(server, "ollama", seed=7, keep_alive="3m")
        talk.complete(HELLO, SCHEMA)
        asked = server.chats[0]
        assert asked["format"] == SCHEMA
        assert asked["options"]["seed"] == 7
        assert asked["options"]["temperature"] == 0
        assert asked["keep_alive"] == "3m"
        assert asked["think"] is True
        assert asked["stream"] is True
        assert [message["role"] for message in asked["messages"]] == ["system", "user"]
        assert server.unloaded == 0
        talk.release()
        assert server.unloaded == 1
        talk.release()
        assert server.unloaded == 1


def test_a_model_that_cannot_think_is_not_told_to():
    with LLMServer([Say(GOOD)]) as server:
        chat(server, "ollama", think=True).complete(HELLO, SCHEMA)
        assert "think" not in server.chats[0]


def test_the_context_holds_the_prompt_and_does_not_shrink_between_rounds():
    with LLMServer([Say(GOOD)], context=65536) as server:
        talk = chat(server, "ollama")
        long = [*HELLO, {"role": "user", "content": "412,633 red cup; " * 3000}]
        for messages in (HELLO, long, HELLO):
            talk.complete(messages, SCHEMA)
        sizes = [asked["options"]["num_ctx"] for asked in server.chats]
        assert sizes[0] < sizes[1] == sizes[2]
        assert sizes[1] > count_tokens(long[-1]["content"])
        assert all(size % 4096 == 0 for size in sizes)


def test_the_context_is_never_larger_than_the_model_or_the_user_allows():
    with LLMServer([Say(GOOD)], context=3000) as server:
        chat(server, "ollama").complete(HELLO, SCHEMA)
        chat(server, "ollama", context=2000).complete(HELLO, SCHEMA)
        assert [asked["options"]["num_ctx"] for asked in server.chats] == [3000, 2000]


def test_a_prompt_that_cannot_fit_is_refused_before_it_is_cut_silently():
    with LLMServer([Say(GOOD)], context=4096) as server, pytest.raises(LLMError, match="longer than the context"):
        chat(server, "ollama").complete([{"role": "user", "content": "1 " * 20000}], SCHEMA)
    assert not server.chats


def test_a_prompt_that_filled_the_context_is_an_error_although_an_answer_came():
    with LLMServer([Say(GOOD, prompt_tokens=8192)], context=8192) as server:
        fails(server, "ollama", "longer than the context", options={"context": 8192})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_pictures_go_with_the_first_message_of_the_user(dialect):
    picture = b"\x89PNG not really"
    with LLMServer([Say(GOOD)], capabilities=("completion", "vision")) as server:
        talk = chat(server, dialect, vision=None if dialect == "ollama" else True)
        assert talk.sees()
        talk.complete(
            [*HELLO, {"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}], None, [picture]
        )
        first = server.chats[0]["messages"][1]
        if dialect == "ollama":
            assert first["images"] == ["iVBORyBub3QgcmVhbGx5"]
        else:
            assert first["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORyBub3QgcmVhbGx5"
        assert "response_format" not in server.chats[0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_blind_model_refuses_pictures(dialect):
    with LLMServer([Say(GOOD)]) as server:
        assert not chat(server, dialect).sees()
        fails(server, dialect, "see pictures", images=[b"\x89PNG"])


def test_the_models_of_an_ollama_server_are_listed():
    with LLMServer(models=("qwen3:8b", "gemma3:4b")) as server:
        assert chat(server, "ollama").models() == ["gemma3:4b", "qwen3:8b"]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (None, "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("box:1234", "http://box:1234"),
        ("https://example.org/ollama/", "https://example.org:443/ollama"),
        ("[::1]:99", "http://[::1]:99"),
    ],
)
def test_addresses_are_read_as_ollama_reads_them(monkeypatch, host, address):
    if host:
        monkeypatch.setenv("OLLAMA_HOST", host)
    assert chat_from("ollama/x").host == address


@pytest.mark.parametrize(
    "spec", ["", "ollama", "ollama/", "gpt-4", "openai/@http://x", "replay/", "file:///etc/passwd"]
)
def test_texts_that_name_no_model_are_refused(spec):
    with pytest.raises(LLMError):
        chat_from(spec)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/v1", "http:///v1"])
def test_addresses_that_are_no_servers_are_refused(url):
    with pytest.raises(LLMError, match="not an address"):
        chat_from(f"openai/m@{url}")


# ------------------------------------------------------------------------------- how OpenAI-like servers take schemas


def test_the_strictest_way_that_the_server_takes_is_found_once():
    def picky(body):
        form = body.get("response_format", {}).get("type")
        return (
            Fail(500, '{"error": {"message": "unsupported response_format"}}') if form == "json_schema" else Say(GOOD)
        )

    with LLMServer([picky]) as server:
        talk = chat(server, "openai")
        assert talk.complete(HELLO, SCHEMA) == GOOD
        assert talk.last.mode == "json_object"
        assert server.chats[-1]["response_format"] == {"type": "json_object", "schema": SCHEMA}
        talk.complete(HELLO, SCHEMA)
        assert len(server.chats) == 3


def test_a_server_that_takes_no_ends_of_arrays_and_texts_gets_the_schema_without_them():
    # a property may have the name of a keyword
    fields = {"maxItems": {"type": "string", "maxLength": 9}, "x": {"type": "array", "items": {}, "maxItems": 2}}
    bounded = {"type": "object", "properties": fields, "$defs": {"id": {"type": "string", "maxLength": 4}}}

    def hosted(body):
        schema = json.dumps(body["response_format"]["json_schema"]["schema"])
        refusal = '{"error": {"message": "Invalid schema: \'maxLength\' is not permitted."}}'
        return Fail(400, refusal) if '"maxLength"' in schema else Say(GOOD)

    with LLMServer([hosted]) as server:
        talk = chat(server, "openai")
        assert talk.complete(HELLO, bounded) == GOOD
        assert talk.last.mode == "json_schema without bounds"
        form = server.chats[-1]["response_format"]["json_schema"]
        assert form["strict"] is True
        assert form["schema"] == {
            "type": "object",
            "properties": {"maxItems": {"type": "string"}, "x": {"type": "array", "items": {}}},
            "$defs": {"id": {"type": "string"}},
        }
        talk.complete(HELLO, bounded)
        assert len(server.chats) == 3


def test_a_server_that_takes_no_schema_is_asked_plainly():
    def plain(body):
        return Fail(400, '{"error": "response_format?"}') if "response_format" in body else Say(GOOD)

    with LLMServer([plain]) as server:
        talk = chat(server, "openai")
        assert talk.complete(HELLO, SCHEMA) == GOOD
        assert talk.last.mode == "plain"


def test_parameters_that_a_server_refuses_are_left_out():
    def picky(body):
        if "seed" in body:
            return Fail(400, '{"error": {"message": "Unsupported parameter: seed"}}')
        if "max_tokens" in body:
            return Fail(400, '{"error": {"message": "Use max_completion_tokens instead of max_tokens"}}')
        return Say(GOOD)

    with LLMServer([picky]) as server:
        assert chat(server, "openai").complete(HELLO, SCHEMA) == GOOD
        assert server.chats[-1]["response_format"]["type"] == "json_schema"


def test_a_server_that_does_not_stream_is_understood():
    whole = json.dumps({"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}], "usage": {}})
    with LLMServer([Fail(200, whole)]) as server:
        assert chat(server, "openai").complete(HELLO, SCHEMA) == GOOD


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("said", "thinking", "answer"),
    [
        ('<think>a {"draft": 1}</think>\n{"x": 2}', 'a {"draft": 1}', '{"x": 2}'),
        # servers whose template has opened the thinking already
        ('so </think> it is\n</think>```json\n{"x": 2}```', "so </think> it is", '```json\n{"x": 2}```'),
        ("<think>\nhm\n</think>\n\nA red label.", "hm", "A red label."),
        ('{"reason": "the sign says </think>"}', "", '{"reason": "the sign says </think>"}'),
        ('<think>x</think>{"reason": "it says </think>{"}', "x", '{"reason": "it says </think>{"}'),
        ("<think>never ends", "", "<think>never ends"),
    ],
)
def test_thinking_that_a_server_leaves_in_the_answer_is_taken_out(dialect, said, thinking, answer):
    with LLMServer([Say(said)]) as server:
        talk = chat(server, dialect)
        assert talk.complete(HELLO, SCHEMA) == answer
        assert talk.last.thinking == thinking


def test_importing_the_package_loads_no_http_client():
    code = (
        "import sys, cielr, cielr.reasoning.loop;print([m for m in ('httpx', 'ollama', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]", done.stderr
