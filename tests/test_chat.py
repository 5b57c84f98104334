import base64
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("httpx")
pytest.importorskip("ollama")

sys.path.insert(0, str(Path(__file__).parent))

from llm_server import Drip, Drop, Fail, Flood, LLMServer, Say, Silent

from cielr.errors import Cancelled, LLMError
from cielr.reasoning.chat import Limits, chat_from, count_tokens

HELLO = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Hello."}]
SCHEMA = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]}
QUICK = Limits(connect=1.0, first=1.0, gap=0.6, total=4.0, size=100_000, raw=4_000_000)
GOOD = '{"reason": "Grüße – 你好 🙂"}'
DIALECTS = ("ollama", "openai")


def chat(server, dialect, **more):
    more = {"limits": QUICK, "retries": 2, **more}
    return chat_from(f"ollama/tiny@{server.url}" if dialect == "ollama" else f"openai/tiny@{server.url}/v1", **more)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("cielr.reasoning.streaming.BACK_OFF", (0.05, 0.1))
    for name in (
        "OLLAMA_HOST",
        "OLLAMA_API_KEY",
        "OPENAI_API_KEY",
        "CIELR_API_KEY",
        "OPENAI_BASE_URL",
        "CIELR_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    yield
    until = time.monotonic() + 2
    while any(thread.name == "cielr-llm" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "cielr-llm"]


def fails(server, dialect, words, within=3.0, error=LLMError, **more):
    """The message of the error that a call ends in, which holds the words; no socket stays, and the time is kept."""
    began = time.monotonic()
    with pytest.raises(error) as raised:
        chat(server, dialect, **more.pop("options", {})).complete(HELLO, SCHEMA, **more)
    took = time.monotonic() - began
    assert took < within, f"took {took:.1f} s"
    message = str(raised.value)
    for word in words if isinstance(words, tuple) else (words,):
        assert word in message
    assert message.endswith(".")
    assert "\n" not in message
    assert server.settles()
    return message


# --------------------------------------------------------------------------------------------------------- good runs


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
    with LLMServer([Say(GOOD)], context=6000) as server:
        chat(server, "ollama").complete(HELLO, SCHEMA)
        chat(server, "ollama", context=5000).complete(HELLO, SCHEMA)
        assert [asked["options"]["num_ctx"] for asked in server.chats] == [6000, 5000]


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
    with pytest.raises(LLMError, match="no address"):
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


# ------------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("answer", [Silent(), Silent(headers=True)])
def test_a_server_that_never_answers_runs_into_the_limit(dialect, answer):
    with LLMServer([answer]) as server:
        fails(server, dialect, "said nothing for 1 s", within=2.0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_falls_silent_in_mid_answer_runs_into_the_limit(dialect):
    with LLMServer([Silent(tokens=4)]) as server:
        fails(server, dialect, "silent for 0.6 s", within=2.0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_byte_a_second_is_no_answer(dialect):
    with LLMServer([Drip(GOOD)]) as server:
        fails(server, dialect, "said nothing", within=2.0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_slow_answer_that_never_ends_runs_into_the_total(dialect):
    with LLMServer([Say("x" * 10000, piece=1, pause=0.05)]) as server:
        limits = Limits(first=1, gap=1, total=1.2)
        fails(server, dialect, "longer than 1.2 s", within=2.5, options={"limits": limits})


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
def test_an_endless_error_page_is_refused_early(dialect):
    with LLMServer([Fail(500, "x" * 20_000_000, "text/plain")]) as server:
        fails(server, dialect, ())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_is_down_is_said_at_once(dialect):
    with LLMServer() as server:
        address = server.url
    began = time.monotonic()
    spec = f"ollama/tiny@{address}" if dialect == "ollama" else f"openai/tiny@{address}/v1"
    with pytest.raises(LLMError, match="ollama serve" if dialect == "ollama" else "start it"):
        chat_from(spec, limits=QUICK).complete(HELLO, SCHEMA)
    assert time.monotonic() - began < 1


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
        began = time.monotonic()
        spec = f"ollama/tiny@http://{host}:{port}" if dialect == "ollama" else f"openai/tiny@http://{host}:{port}/v1"
        with pytest.raises(LLMError):
            chat_from(spec, limits=Limits(connect=0.5, first=2, gap=2, total=3), retries=0).complete(HELLO, SCHEMA)
        assert time.monotonic() - began < 2.5
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
def test_cancelling_ends_the_work_within_a_second_and_closes_the_socket(dialect, answer):
    began = time.monotonic()
    with LLMServer([answer]) as server:
        patient = Limits(first=60, gap=60, total=60)
        talk = chat(server, dialect, limits=patient, retries=1000)
        with pytest.raises(Cancelled):
            talk.complete(HELLO, SCHEMA, cancelled=lambda: time.monotonic() - began > 0.5)
        assert time.monotonic() - began < 1.5
        assert server.settles(1.0)
        if dialect == "ollama":
            talk.release()
            assert server.unloaded == 1


def test_cancelling_also_works_while_the_model_is_looked_up():
    began = time.monotonic()
    with LLMServer([Say(GOOD)], show=Silent()) as server:
        with pytest.raises(Cancelled):
            chat(server, "ollama").sees(lambda: time.monotonic() - began > 0.3)
        assert time.monotonic() - began < 1.3
        assert server.settles(1.0)


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


# --------------------------------------------------------------------------------------------------------------- keys

KEY = "sk-secret-0123456789"


@pytest.mark.parametrize("address", ["http://0.0.0.0:8080/v1", "http://[::]:8080/v1", "localhost:1", "127.0.0.2"])
def test_addresses_of_this_machine_are_known_as_such(address):
    from cielr.reasoning.transport import is_local

    assert is_local(address)
    assert not is_local("http://10.0.0.1:8080/v1")


def test_a_key_goes_only_to_the_server_that_it_belongs_to(monkeypatch):
    with LLMServer([Say(GOOD)]) as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        chat(server, "openai").complete(HELLO, SCHEMA)
        assert "authorization" not in server.headers[-1]
        monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
        chat(server, "openai").complete(HELLO, SCHEMA)
        assert server.headers[-1]["authorization"] == f"Bearer {KEY}"
        monkeypatch.setenv("CIELR_API_KEY", "mine")
        chat(server, "openai").complete(HELLO, SCHEMA)
        assert server.headers[-1]["authorization"] == "Bearer mine"


def test_a_key_of_ollama_goes_only_to_the_server_in_the_environment(monkeypatch):
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    with LLMServer([Say(GOOD)]) as server:
        chat(server, "ollama").complete(HELLO, SCHEMA)
        assert not [headers for headers in server.headers if "authorization" in headers]
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        chat(server, "ollama").complete(HELLO, SCHEMA)
        assert server.headers[-1]["authorization"] == f"Bearer {KEY}"


def test_a_key_is_in_no_error_repr_or_record(monkeypatch, tmp_path):
    from cielr.reasoning.recording import RecordingChat

    monkeypatch.setenv("CIELR_API_KEY", KEY)
    bodies = [f'{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}', f"<p>{KEY}</p>"]
    for status in (400, 401, 500):
        for body in bodies:
            with LLMServer([Fail(status, body)]) as server:
                talk = RecordingChat(chat(server, "openai", retries=0), tmp_path / "record.jsonl")
                with pytest.raises(LLMError) as raised:
                    talk.complete(HELLO, SCHEMA)
                assert KEY not in str(raised.value)
                assert KEY not in repr(talk.inner)
    assert KEY not in (tmp_path / "record.jsonl").read_text()
    assert "user:pass" not in repr(chat_from("openai/m@http://user:pass@localhost:9/v1"))


# --------------------------------------------------------------------------------------------------------- recordings


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_password_in_the_address_is_in_no_log(dialect, caplog):
    caplog.set_level("DEBUG")
    with LLMServer([Say("{}")]) as server:
        address = server.url.replace("//", "//me:hunter2%21@") + ("/v1" if dialect == "openai" else "")
        assert chat_from(f"{dialect}/tiny@{address}").complete(HELLO, SCHEMA) == "{}"
        assert "HTTP Request" in caplog.text
        assert "hunter2" not in caplog.text
        sent = {name.lower(): value for name, value in server.headers[-1].items()}
    if dialect == "openai":
        assert sent["authorization"] == "Basic " + base64.b64encode(b"me:hunter2!").decode()


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


def test_a_recording_replays_the_same_answers_and_nothing_else(tmp_path):
    from cielr.reasoning.recording import RecordingChat

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
    from cielr.reasoning.recording import RecordingChat

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
    with pytest.raises(LLMError, match="no recorded exchange"):
        chat_from(f"replay/{path}")


def test_importing_the_package_loads_no_http_client():
    code = (
        "import sys, cielr, cielr.reasoning.reasoner;"
        "print([m for m in ('httpx', 'ollama', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert done.stdout.strip() == "[]", done.stderr
