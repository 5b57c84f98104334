"""One streamed answer of a server, with time limits, retries, and a way out at any moment.

The request runs in an event loop of its own, in a thread of its own: cancelling its task closes the socket wherever it
stands, in mid-connect, before the headers or in mid-token. The caller's thread only waits on a queue, so that it can
look at the clock and at `cancelled` ten times a second even while the server is silent, and also works where the caller
is itself inside a running event loop, as ComfyUI's nodes are.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...errors import Cancelled, CielrError, LLMError
from .protocol import IsCancelled, Limits, OnToken, Reply

POLL = 0.1
FAREWELL = 1.0
"""Seconds that a closing connection may take; a name server that does not answer can hold its thread for longer."""
BACK_OFF = (0.5, 1.5, 4.0)
_THOUGHT = re.compile(r"^\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)

T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer; `end` comes with the last one and tells what the server says about the whole."""

    text: str = ""
    thinking: str = ""
    end: dict[str, Any] | None = None


@dataclass(frozen=True)
class Failure:
    """What went wrong, as one sentence; `again` says that another try may help, `after` seconds."""

    message: str
    again: bool = False
    after: float | None = None


class Dropped(Exception):
    """The stream ended before the server said that it was done."""


class _Broken(Exception):
    """What broke the request; told apart from what a listener of the caller raises."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        super().__init__(str(error))


Ask = Callable[[], AsyncIterator[Chunk]]
Explain = Callable[[BaseException], Failure]
"""What an exception of the request means."""


def converse(
    ask: Ask,
    explain: Explain,
    limits: Limits,
    retries: int = 2,
    on_token: OnToken | None = None,
    cancelled: IsCancelled | None = None,
) -> Reply:
    """The whole answer, after retries where they can help.

    Raises:
        LLMError: with the sentence of `explain`, or of the limit that was passed; Cancelled.
    """
    started = time.monotonic()
    deadline = started + limits.total
    tries = 0
    while True:
        try:
            reply = _collect(ask, limits, deadline, on_token, cancelled)
        except _Broken as broken:
            failure = explain(broken.error)
            if not failure.again or tries >= retries:
                tail = f" (tried {tries + 1} times)" if tries else ""
                raise LLMError(failure.message.removesuffix(".") + tail + ".") from None
            pause = BACK_OFF[min(tries, len(BACK_OFF) - 1)]
            _sleep(min(failure.after or pause, 30.0), deadline, cancelled, failure)
            tries += 1
            continue
        return replace(reply, seconds=time.monotonic() - started, retries=tries)


def fetch(get: Callable[[], Awaitable[T]], seconds: float, cancelled: IsCancelled | None = None) -> T:
    """What a short request gives, with the same way out.

    Raises:
        LLMError: where it takes longer; Cancelled; whatever the request raises.
    """
    box: list[T] = []

    async def ask() -> AsyncIterator[Chunk]:
        box.append(await get())
        yield Chunk(end={})

    limits = Limits(first=seconds, gap=seconds, total=seconds)
    try:
        _collect(ask, limits, time.monotonic() + seconds, None, cancelled)
    except _Broken as broken:
        raise broken.error from None
    return box[0]


# ---------------------------------------------------------------------------------------------------------- helpers


def _collect(
    ask: Ask, limits: Limits, deadline: float, on_token: OnToken | None, cancelled: IsCancelled | None
) -> Reply:
    inbox: queue.SimpleQueue[Chunk | BaseException] = queue.SimpleQueue()
    worker = _Worker(ask, inbox)
    began = last = time.monotonic()
    looked = 0.0
    texts: list[str] = []
    thoughts: list[str] = []
    sizes = [0, 0]
    begun = False
    try:
        worker.start()
        while True:
            now = time.monotonic()
            if now - looked >= POLL:
                looked = now
                if cancelled is not None and cancelled():
                    raise Cancelled("The work was cancelled while the language model was answering.")
            if now > deadline:
                raise LLMError(f"The language model took longer than {limits.total:g} s for one answer.")
            if not begun and now - began > limits.first:
                raise LLMError(
                    f"The language model said nothing for {limits.first:g} s; it may still be loading: try again, or "
                    "take a smaller model."
                )
            if begun and now - last > limits.gap:
                raise LLMError(f"The language model stopped in mid-answer and was silent for {limits.gap:g} s.")
            try:
                item = inbox.get(timeout=POLL)
            except queue.Empty:
                continue
            if isinstance(item, CielrError):
                raise item
            if isinstance(item, BaseException):
                raise _Broken(item)
            last = time.monotonic()
            begun = begun or bool(item.text or item.thinking)
            texts.append(item.text)
            thoughts.append(item.thinking)
            sizes[0] += len(item.text)
            sizes[1] += len(item.thinking)
            if max(sizes) > limits.size:
                raise LLMError(f"The language model's answer is longer than {limits.size} characters; it is refused.")
            if item.text and on_token is not None:
                on_token(item.text)
            if item.end is not None:
                thought, text = _apart("".join(texts))
                return Reply(_writable(text), _writable("".join([*thoughts, thought])), **item.end)
    finally:
        worker.stop()


def _sleep(seconds: float, deadline: float, cancelled: IsCancelled | None, failure: Failure) -> None:
    until = time.monotonic() + seconds
    if until > deadline:
        raise LLMError(failure.message)
    while time.monotonic() < until:
        if cancelled is not None and cancelled():
            raise Cancelled("The work was cancelled before the language model was asked again.")
        time.sleep(min(POLL, max(0.0, until - time.monotonic())))


def _apart(text: str) -> tuple[str, str]:
    """(thinking, answer) where a server leaves the thinking in the answer, before a closing tag; some send only that.

    A tag inside the answer itself ends no thinking.
    """
    if text.lstrip().startswith(("{", "```")):
        return "", text
    ends = list(_END_OF_THOUGHT.finditer(text))
    if not ends:
        return "", text
    end = next((one for one in ends if text[one.end() :].lstrip().startswith(("{", "```"))), ends[-1])
    return _THOUGHT.sub("", text[: end.start()], count=1).strip(), text[end.end() :].lstrip()


def _writable(text: str) -> str:
    """Half a surrogate pair, which JSON can spell and UTF-8 cannot, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


class _Worker:
    """The thread and the event loop of one request."""

    def __init__(self, ask: Ask, inbox: queue.SimpleQueue[Chunk | BaseException]) -> None:
        self._ask = ask
        self._inbox = inbox
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        # a daemon, so that a name server which never answers cannot hold up the end of the program
        self._thread = threading.Thread(target=self._work, name="cielr-llm", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the request wherever it stands and waits for the socket to be closed."""
        if self._thread.ident is None:
            self._loop.close()
            return
        # the loop may have ended by itself
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(FAREWELL)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _read(self) -> None:
        ended = False
        async for chunk in self._ask():
            self._inbox.put(chunk)
            ended = ended or chunk.end is not None
        if not ended:
            raise Dropped

    def _work(self) -> None:
        loop = self._loop
        try:
            self._task = loop.create_task(self._read())
            loop.run_until_complete(self._task)
        except BaseException as error:
            self._inbox.put(error)
        finally:
            try:
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.run_until_complete(loop.shutdown_default_executor())
            finally:
                loop.close()


__all__ = ["Chunk", "Dropped", "Failure", "converse", "fetch"]
