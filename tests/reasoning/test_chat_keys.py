"""Keys and passwords go where they belong, and into no log, error or record."""

import base64

import pytest
from chat_help import DIALECTS, GOOD, HELLO, SCHEMA, chat, nothing_left_behind, short_pauses  # noqa: F401
from llm_server import Fail, LLMServer, Say

from cielr.core.addresses import is_local
from cielr.errors import LLMError
from cielr.reasoning.chats.catalogue import chat_from

KEY = "sk-secret-0123456789"


@pytest.mark.parametrize("address", ["http://0.0.0.0:8080/v1", "http://[::]:8080/v1", "localhost:1", "127.0.0.2"])
def test_addresses_of_this_machine_are_known_as_such(address):
    assert is_local(address)
    assert not is_local("http://10.0.0.1:8080/v1")


@pytest.mark.parametrize("address", ["http://[bad", "localhost:http", "http://user:secret@gpu:99999999/secret"])
def test_what_is_no_address_of_an_ollama_server_is_said_without_its_password(address):
    with pytest.raises(LLMError, match="is not an address of an Ollama server") as raised:
        chat_from(f"ollama/m@{address}")
    assert "secret" not in str(raised.value)


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
    from cielr.reasoning.chats.recording import RecordingChat

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
