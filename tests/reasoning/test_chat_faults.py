"""Servers that are silent, slow, busy, broken or something else, and answers that are cancelled."""

import socket
import time
from dataclasses import replace

import pytest
from chat_help import DIALECTS, GOOD, HELLO, QUICK, SCHEMA, chat, fails, nothing_left_behind, short_pauses  # noqa: F401
from llm_server import Drip, Drop, Fail, Flood, LLMServer, Raw, Say, Silent
from patience import without_waiting

from cielr.errors import Cancelled, LLMError
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("answer", [Silent(), Silent(headers=True)])
def test_a_server_that_never_answers_runs_into_the_limit(dialect, answer):
    with LLMServer([answer]) as server:
        limits = replace(QUICK, first=0.3)
        fails(server, dialect, "said nothing for 0.3 s", options={"limits": limits})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_falls_silent_in_mid_answer_runs_into_the_limit(dialect):
    with LLMServer([Silent(tokens=4)]) as server:
        fails(server, dialect, "silent for 0.3 s", options={"limits": replace(QUICK, gap=0.3)})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_byte_now_and_then_is_no_answer(dialect):
    with LLMServer([Drip(GOOD, 0.1)]) as server:
        fails(server, dialect, "said nothing", options={"limits": replace(QUICK, first=0.4)})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_slow_answer_that_never_ends_runs_into_the_total(dialect):
    with LLMServer([Say("x" * 10000, piece=1, pause=0.05)]) as server:
        limits = AnswerLimits(first=1, reading=0, gap=1, total=0.6)
        fails(server, dialect, "longer than 0.6 s", options={"limits": limits})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("politely", [True, False])
def test_a_dropped_connection_is_tried_again(dialect, politely):
    with LLMServer([Drop(GOOD, politely), Say(GOOD)]) as server:
        talk = chat(server, dialect)
        assert talk.complete(HELLO, SCHEMA) == GOOD
        assert talk.last.retries == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_connection_that_always_drops_is_an_error(dialect):
    with LLMServer([Drop(GOOD)]) as server:
        fails(server, dialect, ("broke off", "tried 3 times"))
        assert len(server.chats) == 3


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_is_busy_is_tried_again(dialect):
    with LLMServer([Fail(503, '{"error": "busy"}'), Say(GOOD)]) as server:
        assert chat(server, dialect).complete(HELLO, SCHEMA) == GOOD


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_always_fails_is_an_error_with_its_reason(dialect, status):
    with LLMServer(
        [
            Fail(
                status,
                '{"error": {"message": "the fan is broken"}}'
                if dialect == "openai"
                else '{"error": "the fan is broken"}',
            )
        ]
    ) as server:
        fails(server, dialect, (str(status), "the fan is broken"))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_wants_a_key_says_how_to_give_it(dialect, status):
    with LLMServer([Fail(status, '{"error": "unauthorized"}')]) as server:
        fails(server, dialect, "OLLAMA_API_KEY" if dialect == "ollama" else "CIELR_API_KEY")
        assert len(server.chats) == 1


def test_a_missing_model_says_how_to_get_it():
    with LLMServer([Say(GOOD)], models=("other",)) as server:
        fails(server, "ollama", "`ollama pull tiny`")
    with LLMServer([Fail(404, '{"error": "model \'tiny\' not found"}')], show=Fail(500, "{}")) as server:
        fails(server, "ollama", "500")
    with LLMServer([Say(GOOD)], show=Fail(404, "404 page not found", "text/plain")) as server:
        fails(server, "ollama", "not an Ollama server")
    with LLMServer([Fail(404, '{"error": {"message": "no such model"}}')]) as server:
        fails(server, "openai", ("no model 'tiny'", "no such model"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_too_little_memory_is_said_and_not_tried_again(dialect):
    text = '{"error": "model requires more system memory (9.1 GiB) than is available: out of memory"}'
    with LLMServer([Fail(500, text)]) as server:
        fails(server, dialect, ("does not fit into memory", "9.1 GiB"))
        assert len(server.chats) == 1


def test_a_prompt_that_an_openai_server_finds_too_long_is_said():
    text = '{"error": {"message": "the request exceeds the available context size (4096 tokens)"}}'
    with LLMServer([Fail(400, text)]) as server:
        fails(server, "openai", ("longer than the context", "4096"))
        assert len(server.chats) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_redirects_are_not_followed(dialect):
    with (
        LLMServer([Say(GOOD)]) as elsewhere,
        LLMServer([Fail(307, "", headers={"Location": elsewhere.url + "/api/chat"})]) as server,
    ):
        fails(server, dialect, "redirects")
        assert not elsewhere.requests


@pytest.mark.parametrize("dialect", DIALECTS)
def test_something_that_is_no_model_server_is_recognised(dialect):
    with LLMServer([Fail(200, "<html><body>Welcome</body></html>", "text/html")]) as server:
        message = fails(server, dialect, "check the address" if dialect == "ollama" else "/v1")
        assert "Welcome" not in message


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("line", [True, False])
def test_an_answer_of_fifty_megabytes_is_refused_early(dialect, line):
    with LLMServer([Flood(50_000_000, line)]) as server:
        fails(server, dialect, "is refused")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", [b"[" * 100_000, b'{"done": true, "eval_count": ' + b"9" * 5000 + b"}", b"\xff\xfe"])
def test_what_no_reader_of_json_takes_is_no_model_server(dialect, value):
    line = value + b"\n" if dialect == "ollama" else b"data: " + value + b"\n\n"
    with LLMServer([Raw(line)]) as server:
        fails(server, dialect, "check the address" if dialect == "ollama" else "/v1")


@pytest.mark.parametrize(
    ("dialect", "sign", "words"),
    [
        # of these the bytes are too many before their number is
        (
            "ollama",
            b'{"message": {"role": "assistant", "content": ""}, "done": false}\n',
            "longer than 4,000,000 bytes",
        ),
        ("openai", b": still there\n\n", "signs of life and no word"),
    ],
)
def test_a_flood_of_signs_of_life_without_a_word_is_refused(dialect, sign, words):
    with LLMServer([Raw(sign * 1000, 150)]) as server:
        fails(server, dialect, words)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_endless_error_page_is_refused_early(dialect):
    with LLMServer([Fail(500, "x" * 20_000_000, "text/plain")]) as server:
        fails(server, dialect, ())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_is_down_is_said_at_once(dialect):
    with LLMServer() as server:
        address = server.url
    spec = f"ollama/tiny@{address}" if dialect == "ollama" else f"openai/tiny@{address}/v1"
    with pytest.raises(LLMError, match="ollama serve" if dialect == "ollama" else "start it"):
        chat_from(spec, limits=QUICK).complete(HELLO, SCHEMA)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_host_that_does_not_take_the_connection_runs_into_the_limit(dialect):
    # a listener whose queue is full: further connections hang, as behind a firewall that drops packets
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((host, port))
            fillers.append(filler)
        spec = f"ollama/tiny@http://{host}:{port}" if dialect == "ollama" else f"openai/tiny@http://{host}:{port}/v1"
        limits = AnswerLimits(connect=0.5, first=60, reading=0, gap=60, total=60)
        with without_waiting(60), pytest.raises(LLMError):
            chat_from(spec, limits=limits, retries=0).complete(HELLO, SCHEMA)
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_in_mid_stream_is_an_error(dialect):
    line = '{"error": "the GPU fell off"}'
    answer = (
        Fail(200, line + "\n", "application/x-ndjson")
        if dialect == "ollama"
        else Fail(200, f"data: {line}\n\n", "text/event-stream")
    )
    with LLMServer([answer]) as server:
        fails(server, dialect, "the GPU fell off")


# --------------------------------------------------------------------------------------------------------- cancelling


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "answer",
    [
        Silent(),
        Silent(headers=True),
        Silent(tokens=4),
        Drip(GOOD, 0.1),
        Say("x" * 9999, piece=1, pause=0.02),
        Fail(503, "{}"),
    ],
)
def test_cancelling_ends_the_work_and_closes_the_socket(dialect, answer):
    began = time.monotonic()
    with LLMServer([answer]) as server:
        patient = AnswerLimits(first=60, reading=0, gap=60, total=60)
        talk = chat(server, dialect, limits=patient, retries=1000)
        with without_waiting(60), pytest.raises(Cancelled):
            # not before the model has been asked: on a busy machine that may take longer
            talk.complete(HELLO, SCHEMA, cancelled=lambda: server.chats and time.monotonic() - began > 0.25)
        assert server.settles(20)
        if dialect == "ollama":
            talk.release()
            assert server.unloaded == 1


def test_cancelling_also_works_while_the_model_is_looked_up():
    began = time.monotonic()
    with LLMServer([Say(GOOD)], show=Silent()) as server:
        with pytest.raises(Cancelled):
            chat(server, "ollama").sees(lambda: time.monotonic() - began > 0.3)
        assert server.settles(20)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_listener_raises_breaks_the_answer_off(dialect):
    def stop(piece):
        raise KeyError(piece)

    with LLMServer([Say("x" * 9999, piece=1, pause=0.02)]) as server:
        with pytest.raises(KeyError):
            chat(server, dialect).complete(HELLO, SCHEMA, on_token=stop)
        assert server.settles(1.0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_also_works_inside_a_running_event_loop(dialect):
    import asyncio

    async def node(server):
        return chat(server, dialect).complete(HELLO, SCHEMA)

    with LLMServer([Say(GOOD)]) as server:
        assert asyncio.run(node(server)) == GOOD
