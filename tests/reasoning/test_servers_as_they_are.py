"""Servers that cut prompts, load models, read slowly, count oddly, think aloud, and send keys back."""

import json
import logging

import pytest
from chat_help import DIALECTS, GOOD, HELLO, SCHEMA, chat, fails, nothing_left_behind, short_pauses  # noqa: F401
from llm_server import Fail, LLMServer, Say, Silent

from cielr.errors import LLMError
from cielr.reasoning.chats.held import HeldChat
from cielr.reasoning.chats.protocol import AnswerLimits, answer_tokens, billions_in, billions_of
from cielr.reasoning.chats.thinking import split_thinking

LONG = [{"role": "system", "content": "Follow the rules of the house. " * 200}, HELLO[1]]
LOADING = {
    "ollama": Fail(503, '{"error": "Loading model"}'),
    "openai": Fail(503, '{"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}'),
}


# ------------------------------------------------------------------------------------------------------- cut prompts


def test_a_prompt_that_ollama_cut_to_half_of_the_context_gives_no_answer():
    with LLMServer([Say(GOOD, prompt_tokens=1026)], context=2048) as server:
        fails(server, "ollama", ("half of the context", "1026"), options={"retries": 0}, messages=LONG)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_counts_fewer_tokens_than_the_prompt_has_gives_no_answer(dialect):
    with LLMServer([Say(GOOD, prompt_tokens=300)]) as server:
        fails(server, dialect, "only 300 of at least", messages=LONG)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_conversation_that_shrinks_has_lost_its_beginning(dialect):
    with LLMServer([Say(GOOD, prompt_tokens=1200), Say(GOOD, prompt_tokens=1100)]) as server:
        talk = chat(server, dialect)
        talk.complete(LONG, SCHEMA)
        longer = [*LONG, {"role": "assistant", "content": GOOD}, HELLO[1]]
        with pytest.raises(LLMError, match="had 1200 before"):
            talk.complete(longer, SCHEMA)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("says", [Say(GOOD), Say(GOOD, usage=False), Say(GOOD, prompt_tokens=0)])
def test_honest_counts_and_none_are_believed(dialect, says):
    with LLMServer([says]) as server:
        assert chat(server, dialect).complete(LONG, SCHEMA) == GOOD


# ----------------------------------------------------------------------------------------------- loading and reading


@pytest.fixture
def quick_loading(monkeypatch):
    monkeypatch.setattr("cielr.reasoning.chats.streaming.LOADING", 0.02)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_model_that_is_loading_is_waited_for_and_counts_as_no_try(dialect, quick_loading):
    with LLMServer([*[LOADING[dialect]] * 6, Say(GOOD)]) as server:
        talk = chat(server, dialect, retries=0, limits=AnswerLimits(first=60, reading=0))
        assert talk.complete(HELLO, SCHEMA) == GOOD
        assert len(server.chats) == 7


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_model_that_never_loads_is_given_up_after_the_time_for_a_first_token(dialect, quick_loading):
    with LLMServer([LOADING[dialect]]) as server:
        limits = AnswerLimits(first=1.5, reading=0)
        fails(server, dialect, "still loading", options={"limits": limits, "retries": 0})
        assert len(server.chats) > 1


def test_silence_is_no_fault_while_ollama_has_the_model_in_hand():
    limits = AnswerLimits(first=0.3, reading=0)
    with LLMServer([Say(GOOD, quiet=1.0)]) as server:
        server.running = ("tiny:latest",)
        assert chat(server, "ollama", limits=limits).complete(HELLO, SCHEMA) == GOOD
    with LLMServer([Silent()]) as server:
        fails(server, "ollama", "said nothing", options={"limits": limits})


def test_comments_of_a_server_are_signs_of_life():
    with LLMServer([Say(GOOD, quiet=1.2, pings=12)]) as server:
        limits = AnswerLimits(first=0.6, reading=0)
        assert chat(server, "openai", limits=limits).complete(HELLO, SCHEMA) == GOOD


def test_how_much_of_the_prompt_is_read_is_known_meanwhile():
    with LLMServer([Say(GOOD, progress=((512, 1500), (1500, 1500)))]) as server:
        talk = chat(server, "openai")
        assert talk.complete(HELLO, SCHEMA) == GOOD
        assert talk.reading == (1500, 1500)
        assert server.chats[0]["return_progress"] is True


def test_the_time_for_a_first_token_grows_with_the_prompt():
    limits = AnswerLimits(first=10, total=20, reading=0.1).for_prompt(5000)
    assert (limits.first, limits.total, limits.gap) == (510, 520, AnswerLimits().gap)


# ------------------------------------------------------------------------------------------------- sizes and counts


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_room_for_an_answer_follows_the_schema(dialect):
    many = {**SCHEMA, "$defs": {"id": {"type": "string", "enum": [f"cup_{n}" for n in range(100)]}}}
    with LLMServer([Say(GOOD)]) as server:
        talk = chat(server, dialect)
        for schema in (SCHEMA, many, None):
            talk.complete(HELLO, schema)
        rooms = [
            asked["options"]["num_predict"] if "options" in asked else asked["max_tokens"] for asked in server.chats
        ]
    assert rooms == [answer_tokens(SCHEMA), answer_tokens(many), answer_tokens(None)]
    assert rooms[2] < rooms[0] < rooms[1] < 2000


def test_a_model_that_was_cut_off_in_its_thinking_gets_more_room_from_then_on():
    with LLMServer([Say("", thinking="Hm. " * 50, finish="length"), Say(GOOD)]) as server:
        talk = chat(server, "openai")
        assert talk.complete(HELLO, SCHEMA) == GOOD
        talk.complete(HELLO, SCHEMA)
        first, second, third = (asked["max_tokens"] for asked in server.chats)
    assert first < 2000 < 10_000 < second == third


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("ollama/qwen3:8b", 8),
        ("openai/Qwen2.5-1.5B-Instruct", 1.5),
        ("ollama/smollm2:135m", 0.135),
        ("openai/mixtral-8x7b", 56),
        ("openai/gpt-4o", None),
        ("ollama/llama3.1:70b-instruct-q4_K_M", 70),
        ("replay/qwen2.5:0.5b", 0.5),
    ],
)
def test_a_models_size_is_read_off_its_name(name, size):
    assert billions_in(name) == size


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_models_size_is_what_the_server_says(dialect):
    with LLMServer([Say(GOOD)], parameters=1_500_000_000) as server:
        assert billions_of(chat(server, dialect)) == 1.5


def test_a_chat_that_is_held_is_released_once_at_the_end():
    with LLMServer([Say(GOOD)]) as server:
        with HeldChat(chat(server, "ollama")) as held:
            for _ in range(3):
                held.complete(HELLO, SCHEMA)
                held.release()
            assert server.unloaded == 0
        assert server.unloaded == 1


# ------------------------------------------------------------------------------------------------------- thinking


@pytest.mark.parametrize(
    "said",
    [
        "[THINK]maybe {draft} no[/THINK]{final}",
        "<seed:think>maybe {draft}</seed:think>{final}",
        "<mm:think>maybe {draft}</mm:think>\n{final}",
        "◁think▷maybe {draft}◁/think▷{final}",
        "<unused94>thought\nmaybe {draft}<unused95>{final}",
        "<|channel|>analysis<|message|>maybe {draft} no<|end|><|start|>assistant<|channel|>final<|message|>{final}",
        "<|channel|>analysis<|message|>{draft}<|end|><|start|>assistant<|channel|>final json<|message|>{final}",
        "We need a plan. Maybe {draft} Hmm no.assistantfinal{final}",
    ],
)
def test_the_thinking_of_all_families_is_told_apart(said):
    final = '{"x": 2}'
    thinking, answer = split_thinking(said.replace("{draft}", '{"x": 1}').replace("{final}", final))
    assert answer == final
    assert '{"x": 1}' in thinking


# ----------------------------------------------------------------------------------------------------------- keys

KEY = "sk-proj-0123456789abcdef"


def echo(server, wrap):
    return lambda body: wrap(server.headers[-1]["authorization"])


def keyed(monkeypatch, server, dialect, key=KEY):
    monkeypatch.setenv("OLLAMA_API_KEY" if dialect == "ollama" else "CIELR_API_KEY", key)
    monkeypatch.setenv("OLLAMA_HOST" if dialect == "ollama" else "CIELR_BASE_URL", server.url)
    return chat(server, dialect, retries=0)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("key", [KEY, "an/odd+key=with signs", "short"])
def test_a_key_that_a_server_sends_back_is_in_no_answer_error_or_log(monkeypatch, caplog, dialect, key):
    caplog.set_level(logging.DEBUG)
    with LLMServer() as server:
        talk = keyed(monkeypatch, server, dialect, key)
        server.script = [echo(server, lambda header: Say(json.dumps({"reason": header}), thinking=header, piece=3))]
        assert key not in talk.complete(HELLO, SCHEMA)
        assert key not in talk.last.thinking
        assert "(key)" in talk.last.text
        for status in (400, 404, 500):
            server.script = [echo(server, lambda header, code=status: Fail(code, json.dumps({"error": header})))]
            with pytest.raises(LLMError) as raised:
                talk.complete(HELLO, SCHEMA)
            assert key not in str(raised.value)
    assert "HTTP Request" in caplog.text
    assert key not in caplog.text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_key_in_a_header_of_the_answer_stays_out_of_the_log(monkeypatch, caplog, dialect):
    caplog.set_level(logging.DEBUG)
    with LLMServer() as server:
        talk = keyed(monkeypatch, server, dialect)
        server.script = [echo(server, lambda header: Fail(400, "{}", headers={"X-Echo": header}))]
        with pytest.raises(LLMError):
            talk.complete(HELLO, SCHEMA)
    assert KEY not in caplog.text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_steers_a_terminal_is_taken_out(dialect):
    with LLMServer([Say('{"reason": "\x1b[2Jall\u202e gone\x07"}')]) as server:
        assert chat(server, dialect).complete(HELLO, SCHEMA) == '{"reason": "[2Jall gone"}'
