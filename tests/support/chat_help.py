"""Shared by the tests of the chats: both dialects, a conversation, and that nothing is left behind."""

import threading
import time

import pytest
from patience import without_waiting

pytest.importorskip("httpx")
pytest.importorskip("ollama")

from cielr.errors import LLMError
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits

HELLO = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Hello."}]
SCHEMA = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]}
QUICK = AnswerLimits(connect=1.0, first=1.0, reading=0, gap=0.6, total=4.0, size=100_000, raw=4_000_000)
GOOD = '{"reason": "Grüße – 你好 🙂"}'
DIALECTS = ("ollama", "openai")


def chat(server, dialect, **more):
    more = {"limits": QUICK, "retries": 2, **more}
    return chat_from(f"ollama/tiny@{server.url}" if dialect == "ollama" else f"openai/tiny@{server.url}/v1", **more)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("cielr.reasoning.chats.streaming.BACK_OFF", (0.05, 0.1))
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
    until = time.monotonic() + 20
    while any(thread.name == "cielr-llm" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "cielr-llm"]


def fails(server, dialect, words, error=LLMError, **more):
    """The message of the error that a call ends in, which holds the words; no socket stays."""
    talk, messages = chat(server, dialect, **more.pop("options", {})), more.pop("messages", HELLO)
    with without_waiting(60), pytest.raises(error) as raised:
        talk.complete(messages, SCHEMA, **more)
    message = str(raised.value)
    for word in words if isinstance(words, tuple) else (words,):
        assert word in message, message
    assert message.endswith(".")
    assert "\n" not in message
    assert server.settles()
    return message
