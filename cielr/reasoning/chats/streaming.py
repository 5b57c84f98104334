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
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...errors import Cancelled, CielrError, LLMError
from .cleaning import without_controls
from .protocol import AnswerLimits, IsCancelled, OnToken, Reply
from .thinking import split_thinking

POLL = 0.1
LOADING = 1.0
"""Seconds between two tries at a server that still loads its model."""
FAREWELL = 1.0
"""Seconds that a closing connection may take; a name server that does not answer can hold its thread for longer."""
SIGNS = 100_000
"""Of life, without a word among them: a server that works sends a few in a second."""
BACK_OFF = (0.5, 1.5, 4.0)
T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """A piece of an answer, or a sign of life.

    `end` comes with the last one and tells what the server says about the whole; `read` is how much of the prompt has
    been read, as (tokens, of tokens); `first` the probabilities of this piece's first token.
    """

    text: str = ""
    thinking: str = ""
    end: dict[str, Any] | None = None
    read: tuple[int, int] | None = None
    first: dict[str, float] | None = None


@dataclass(frozen=True)
class Failure:
    """What went wrong, as one sentence; `again` says that another try may help, `after` seconds.

    `loading` says that the server is there and its model is on its way, which counts as no try.
    """

    message: str
    again: bool = False
    after: float | None = None
    loading: bool = False


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


@dataclass(frozen=True)
class Request:
    """One request for an answer.

    Attributes:
        ask: begins it anew.
        explain: what an exception of it means.
        alive: whether a server that is silent is at work all the same; asked when the time for the first token is over.
        on_read: told how much of the prompt has been read.
        clean: takes out of a server's text what must not come back.
    """

    ask: Ask
    explain: Explain
    alive: Callable[[], bool] = lambda: False
    on_read: Callable[[tuple[int, int]], None] = lambda read: None
    clean: Callable[[str], str] = lambda text: text


def converse(
    request: Request,
    limits: AnswerLimits,
    retries: int = 2,
    on_token: OnToken | None = None,
    cancelled: IsCancelled | None = None,
) -> Reply:
    """The whole answer, after retries where they can help; a server that loads its model is waited for.

    Raises:
        LLMError: with the sentence of `explain`, or of the limit that was passed; Cancelled.
    """
    started = time.monotonic()
    deadline = started + limits.total
    tries = 0
    while True:
        try:
            reply = _Answer(request, limits, deadline, on_token, cancelled).collected()
        except _Broken as broken:
            failure = request.explain(broken.error)
            if failure.loading and time.monotonic() - started < limits.first:
                _sleep(LOADING, min(deadline, started + limits.first + LOADING), cancelled, failure)
                continue
            if not failure.again or tries >= retries:
                tail = f" (tried {tries + 1} times)" if tries else ""
                raise LLMError(request.clean(failure.message.removesuffix(".")) + tail + ".") from None
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

    limits = AnswerLimits(first=seconds, gap=seconds, total=seconds)
    request = Request(ask, lambda error: Failure(type(error).__name__))
    try:
        _Answer(request, limits, time.monotonic() + seconds, None, cancelled).collected()
    except _Broken as broken:
        raise broken.error from None
    return box[0]


# ---------------------------------------------------------------------------------------------------------- helpers


class _Answer:
    """One answer as it comes in, with the clock beside it."""

    def __init__(
        self,
        request: Request,
        limits: AnswerLimits,
        deadline: float,
        on_token: OnToken | None,
        cancelled: IsCancelled | None,
    ) -> None:
        self.request = request
        self.limits = limits
        self.deadline = deadline
        self.on_token = on_token
        self.cancelled = cancelled
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.sizes = [0, 0]
        self.signs = 0
        self.begun = False
        self.first: dict[str, float] | None = None
        self.last = time.monotonic()
        self.looked = 0.0

    def collected(self) -> Reply:
        """The whole of it.

        Raises:
            LLMError: where a limit is passed; Cancelled; _Broken: whatever the request raises; what `on_token` raises.
        """
        inbox: queue.SimpleQueue[Chunk | BaseException] = queue.SimpleQueue()
        worker = _Worker(self.request.ask, inbox)
        try:
            worker.start()
            while True:
                self._check_time()
                try:
                    item = inbox.get(timeout=POLL)
                except queue.Empty:
                    continue
                if isinstance(item, CielrError):
                    raise item
                if isinstance(item, BaseException):
                    raise _Broken(item)
                self._take(item)
                if item.end is not None:
                    return self._reply(item.end)
        finally:
            worker.stop()

    def _check_time(self) -> None:
        now = time.monotonic()
        if now - self.looked >= POLL:
            self.looked = now
            if self.cancelled is not None and self.cancelled():
                raise Cancelled("The work was cancelled while the language model was answering.")
        limits = self.limits
        if now > self.deadline:
            raise LLMError(
                f"The language model took longer than {limits.total:g} s for one answer; a smaller model is faster."
            )
        if not self.begun and now - self.last > limits.first:
            # whoever loads from a slow disk, or reads a long prompt on a CPU, is silent and at work
            if not self.request.alive():
                raise LLMError(
                    f"The language model said nothing for {limits.first:g} s; it may still be loading: try again, or "
                    "take a smaller model."
                )
            self.last = now
        if self.begun and now - self.last > limits.gap:
            raise LLMError(
                f"The language model stopped in mid-answer and was silent for {limits.gap:g} s; try again, "
                "or look at what its server says."
            )

    def _take(self, chunk: Chunk) -> None:
        if chunk.read is not None:
            self.request.on_read(chunk.read)
        self.first = self.first or chunk.first
        self.last = time.monotonic()
        self.begun = self.begun or bool(chunk.text or chunk.thinking)
        self.signs = 0 if chunk.text or chunk.thinking else self.signs + 1
        if self.signs > SIGNS:
            raise LLMError(
                f"The language model's server sent {SIGNS:,} signs of life and no word; look at what it says."
            )
        self.texts.append(chunk.text)
        self.thoughts.append(chunk.thinking)
        self.sizes[0] += len(chunk.text)
        self.sizes[1] += len(chunk.thinking)
        if max(self.sizes) > self.limits.size:
            raise LLMError(
                f"The language model's answer is longer than {self.limits.size:,} characters; it is "
                "refused. Try another model."
            )
        if chunk.text and self.on_token is not None:
            self.on_token(chunk.text)

    def _reply(self, end: dict[str, Any]) -> Reply:
        thought, text = split_thinking("".join(self.texts))
        clean = self.request.clean
        return Reply(
            clean(_writable(text)), clean(_writable("".join([*self.thoughts, thought]))), first=self.first, **end
        )


def _sleep(seconds: float, deadline: float, cancelled: IsCancelled | None, failure: Failure) -> None:
    until = time.monotonic() + seconds
    if until > deadline:
        raise LLMError(failure.message)
    while time.monotonic() < until:
        if cancelled is not None and cancelled():
            raise Cancelled("The work was cancelled before the language model was asked again.")
        time.sleep(min(POLL, max(0.0, until - time.monotonic())))


def _writable(text: str) -> str:
    """Without what a terminal would obey, and half a surrogate pair, which UTF-8 cannot spell, as a question mark."""
    return without_controls(text.encode("utf-8", "replace").decode("utf-8"))


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


__all__ = ["Chunk", "Dropped", "Failure", "Request", "converse", "fetch"]
