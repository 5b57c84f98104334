"""A chat with a GGUF file of this machine, by llama.cpp inside this process: no server, nothing leaves it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import CielrError, LLMError
from .llama_runtime import LlamaRuntime, grammar_of, uses_gpu, usual_threads
from .local_models import local_model, speaking
from .openai_refusals import Refused
from .openai_wire import Completion
from .protocol import (
    LIKELIEST,
    AnswerLimits,
    IsCancelled,
    Message,
    OnToken,
    Reply,
    answer_tokens,
    prompt_tokens,
)
from .streaming import Chunk, Dropped, Failure, Request, converse

STEP = 4096
"""Contexts are multiples of this: for another one the model is loaded again."""
GROWTH = 2048
"""Tokens kept free for the rounds to come."""
UNTOLD = 8192
"""The longest context of a model that does not say its own."""
THINKING = 8192
"""Tokens that the thinking before an answer may take."""
MODE = "grammar"


class LocalChat:
    """`Chat` with a model in a file.

    Args:
        model: a name of `local_models`, or the absolute path of a GGUF file.
        seed, temperature: of the sampling.
        context: most tokens of prompt and answer together; None is what the prompt needs, up to the model's own limit.
        threads: of the processor; None is one for each core.
        think: lets a model think first that can; small ones take long over it.
        keep_loaded: `release` leaves the model in memory, with what it has read; `close` does not.

    Raises:
        LLMError: where there is no such model, or the file holds none.
    """

    def __init__(
        self,
        model: str,
        *,
        seed: int = 0,
        temperature: float = 0.0,
        context: int | None = None,
        threads: int | None = None,
        think: bool = False,
        keep_loaded: bool = False,
        limits: AnswerLimits | None = None,
        vision: bool = False,
    ) -> None:
        self.file = local_model(model)
        if vision:
            raise LLMError(f"The model '{model[:80]}' is used without pictures; take one of Ollama's with vision.")
        self.model = Path(model).stem if Path(model).expanduser().is_absolute() else model
        self.seed = seed
        self.temperature = temperature
        self.context = context
        self.threads = threads or usual_threads()
        self.think = think
        self.keep_loaded = keep_loaded
        self.limits = limits or AnswerLimits()
        self.last: Reply | None = None
        self.reading: tuple[int, int] | None = None
        self._header = speaking(self.file)
        self._runtime: LlamaRuntime | None = None
        self._guard = threading.Lock()

    @property
    def name(self) -> str:
        return f"local/{self.model}"

    def __repr__(self) -> str:
        return f"LocalChat({self.model!r})"

    @property
    def is_local(self) -> bool:
        """Whether the model takes the GPU's memory of this machine."""
        return uses_gpu()

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._runtime is not None

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        """False: pictures are for models on a server."""
        return False

    def billions(self, cancelled: IsCancelled | None = None) -> float | None:
        """How many billion parameters the model has, as its tensors say."""
        return self._header.parameters / 1e9 or None

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The answer of the model in the file, held to the schema by a grammar; see `Chat.complete`.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        if images:
            raise LLMError(f"The model '{self.model}' is used without pictures; take one of Ollama's with vision.")
        tokens = answer_tokens(schema) + (THINKING if self.think else 0)
        body: dict[str, Any] = {"max_tokens": tokens}
        if schema is not None:
            body["grammar"] = grammar_of(schema)
        return self._reply(messages, body, self.think, on_token, cancelled).text

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply:
        """The first token of the answer, with the probabilities of the likeliest ones.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        body = {"max_tokens": 1, "logprobs": True, "top_logprobs": LIKELIEST}
        return self._reply(messages, body, False, None, cancelled)

    def release(self) -> None:
        """Gives the memory back, unless the model is to stay."""
        if not self.keep_loaded:
            self.close()

    def close(self) -> None:
        """Gives the memory back; the next question loads the model again."""
        with self._guard:
            runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()

    # --------------------------------------------------------------------------------------------------- helpers

    def _reply(
        self,
        messages: Sequence[Message],
        body: dict[str, Any],
        think: bool,
        on_token: OnToken | None,
        cancelled: IsCancelled | None,
    ) -> Reply:
        prompt = prompt_tokens(messages)
        context = self._needed_context(prompt, body["max_tokens"])
        whole = {
            "messages": [dict(message) for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
            "cache_prompt": True,
            "temperature": self.temperature,
            "seed": self.seed,
            "chat_template_kwargs": {"enable_thinking": think},
            **body,
        }
        self.reading = None
        limits = self.limits.for_prompt(prompt)

        def ask(room: int) -> Reply:
            # what runs here is at work for as long as it runs; the limit of the whole stays
            request = Request(
                lambda: self._stream(whole, room), self._explain, alive=lambda: True, on_read=self._has_read
            )
            return converse(request, limits, 0, on_token, cancelled)

        try:
            self.last = ask(context)
        except _TooLong as error:
            # its tokens are counted now, and were only guessed before
            wanted = error.tokens + body["max_tokens"]
            if wanted > self._most or wanted <= context:
                raise self._too_long(f"{error.tokens} tokens of {self._most}") from None
            self.last = ask(min(_stepped(wanted), self._most))
        return self.last

    def _has_read(self, read: tuple[int, int]) -> None:
        self.reading = read

    def _needed_context(self, prompt: int, answer: int) -> int:
        """A context that surely holds the prompt and the answer, and never a smaller one than before.

        Raises:
            LLMError: where the model has no such context.
        """
        if prompt // 2 > self._most:
            raise self._too_long(f"about {prompt} tokens of {self._most}")
        wanted = _stepped(prompt + answer // 2 + GROWTH)
        return min(max(wanted, self._runtime.context if self._runtime is not None else 0), self._most)

    @property
    def _most(self) -> int:
        """Tokens of the longest context that the model and the user allow."""
        own = self._header.context or UNTOLD
        return min(self.context or own, own)

    def _too_long(self, why: str) -> LLMError:
        return LLMError(
            f"The prompt is longer than the context of '{self.model}' ({why}), so no answer is possible; take a model "
            "with a longer context, or look for fewer labels."
        )

    async def _stream(self, body: dict[str, Any], context: int) -> AsyncIterator[Chunk]:
        """One answer, made in a thread of its own: the loop must stay free to be cancelled."""
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[dict[str, Any] | BaseException | None] = asyncio.Queue()
        stopped = threading.Event()

        def put(event: dict[str, Any] | BaseException | None) -> None:
            # the loop is gone as soon as nobody listens any more
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(events.put_nowait, event)

        def work() -> None:
            try:
                self._loaded(context, stopped.is_set).answer(body, put, stopped.is_set)
                put(None)
            except BaseException as error:
                put(error)

        threading.Thread(target=work, name="cielr-llama", daemon=True).start()
        completion = Completion()
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                if "error" in event:
                    raise _refusal(event["error"])
                for chunk in completion.pieces(event):
                    yield chunk
        finally:
            stopped.set()
        yield completion.end(MODE if "grammar" in body else "")

    def _loaded(self, context: int, stopped: Any) -> LlamaRuntime:
        """The model in memory, with room for so many tokens."""
        with self._guard:
            if self._runtime is not None and self._runtime.context < context:
                self._runtime.close()
                self._runtime = None
            if self._runtime is None:
                self._runtime = LlamaRuntime(self.file, context, self.threads, stopped)
            return self._runtime

    def _explain(self, error: BaseException) -> Failure:
        if isinstance(error, Refused):
            if error.is_memory:
                return Failure(f"The model '{self.model}' does not fit into memory; take a smaller one.")
            return Failure(f"llama.cpp refuses the request to '{self.model}' ({error.status}: {error.text}).")
        if isinstance(error, Dropped):
            return Failure(f"The answer of '{self.model}' broke off in its middle; try again.")
        return Failure(f"The request to '{self.model}' failed: {type(error).__name__}.")


class _TooLong(CielrError):
    """A prompt that does not fit the context that was made for it; `tokens` are its."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        super().__init__(f"The prompt has {tokens} tokens.")


def _stepped(tokens: int) -> int:
    return -(-tokens // STEP) * STEP


def _refusal(error: Any) -> Exception:
    answer = error if isinstance(error, dict) else {}
    tokens = answer.get("n_prompt_tokens")
    if answer.get("type") == "exceed_context_size_error" and isinstance(tokens, int):
        return _TooLong(tokens)
    status, text = answer.get("code"), " ".join(str(answer.get("message", error)).split())
    return Refused(status if isinstance(status, int) else 500, text[:300])


__all__ = ["LocalChat"]
