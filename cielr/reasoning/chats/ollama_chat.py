"""A chat with a model that Ollama serves, on Ollama's own typed client."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from ...core.addresses import is_local, ollama_address, shown
from ...errors import CielrError, LLMError, MissingDependency
from .cleaning import scrub_log, scrubbed
from .protocol import (
    LIKELIEST,
    AnswerLimits,
    IsCancelled,
    Message,
    OnToken,
    Reply,
    answer_tokens,
    prompt_tokens,
    shares,
)
from .streaming import Chunk, Failure, Request, converse, fetch
from .wholeness import PromptWatch

try:
    import httpx
    import ollama
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise MissingDependency("ollama", "llm") from error

from .ollama_server import ModelInfo, failure_of, model_info, sees_nothing, too_long
from .transport import GuardedTransport

scrub_log()

STEP = 4096
"""Contexts are multiples of this: another context makes Ollama load the model again."""
THINKING = 12288
"""Tokens that the thinking before an answer may take."""
GROWTH = 2048
"""Tokens kept free for the rounds to come."""
QUICK = 10.0
"""Seconds for questions about the model, which need no model in memory."""


class OllamaChat:
    """`Chat` with a model on an Ollama server.

    Args:
        model: as `ollama list` names it.
        host: address of the server; None is $OLLAMA_HOST, or this machine.
        seed, temperature: of the sampling.
        context: most tokens of prompt and answer together; None is what the prompt needs, up to the model's own limit.
        think: None lets models think that can; False never; "low", "medium", "high" for models with levels.
        keep_alive: how long the model stays in memory between rounds; it is released after the last one.
        keep_loaded: does not release it.
        vision: None asks the server.
    """

    def __init__(
        self,
        model: str,
        host: str | None = None,
        *,
        seed: int = 0,
        temperature: float = 0.0,
        context: int | None = None,
        think: bool | Literal["low", "medium", "high"] | None = None,
        keep_alive: str = "10m",
        keep_loaded: bool = False,
        vision: bool | None = None,
        limits: AnswerLimits | None = None,
        retries: int = 2,
    ) -> None:
        self.model = model
        self.host = ollama_address(host or os.environ.get("OLLAMA_HOST") or "")
        self.seed = seed
        self.temperature = temperature
        self.context = context
        self.think = think
        self.keep_alive = keep_alive
        self.keep_loaded = keep_loaded
        self.limits = limits or AnswerLimits()
        self.retries = retries
        self.last: Reply | None = None
        self._vision = vision
        self._info: ModelInfo | None = None
        self._num_ctx = 0
        self._loaded = False
        self._watch = PromptWatch()
        self._weigh = False

    @property
    def name(self) -> str:
        return f"ollama/{self.model}"

    def __repr__(self) -> str:
        return f"OllamaChat({self.model!r}, {shown(self.host)!r})"

    @property
    def is_local(self) -> bool:
        """Whether the model takes memory of this machine."""
        return is_local(self.host)

    # -------------------------------------------------------------------------------------------------- questions

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        """Whether the model takes pictures.

        Raises:
            LLMError: where the server cannot be reached or has no such model; Cancelled.
        """
        return self._vision if self._vision is not None else self.info(cancelled).vision

    def info(self, cancelled: IsCancelled | None = None) -> ModelInfo:
        """What the server knows of the model, asked once.

        Raises:
            LLMError: where the server cannot be reached or has no such model; Cancelled.
        """
        if self._info is None:

            async def get() -> ModelInfo:
                async with self._client() as client:
                    return model_info(await client.show(self.model))

            try:
                self._info = fetch(get, QUICK, cancelled)
            except CielrError:
                raise
            except (ValueError, AttributeError, TypeError, RecursionError):
                # an old server, or a stand-in that knows only chat: what it cannot say is found out by trying
                self._info = ModelInfo(known=False)
            except Exception as error:
                raise LLMError(self._failure(error).message) from None
        return self._info

    def billions(self, cancelled: IsCancelled | None = None) -> float | None:
        """How many billion parameters the model has, as the server says.

        Raises:
            LLMError: where the server cannot be reached or has no such model; Cancelled.
        """
        return self.info(cancelled).billions

    def models(self, cancelled: IsCancelled | None = None) -> list[str]:
        """Names of the models that the server holds.

        Raises:
            LLMError: where it cannot be reached; Cancelled.
        """

        async def get() -> list[str]:
            async with self._client() as client:
                return sorted(model.model for model in (await client.list()).models if model.model)

        try:
            return fetch(get, QUICK, cancelled)
        except CielrError:
            raise
        except Exception as error:
            raise LLMError(self._failure(error).message) from None

    # --------------------------------------------------------------------------------------------------- answers

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The answer of Ollama's model, thoughts left out; see `Chat.complete`.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        info = self.info(cancelled)
        if images and self._vision is not True and info.known and not info.vision:
            raise LLMError(sees_nothing(self.model))
        think = self.think if self.think is not None else (True if info.thinking else None)
        if think and info.known and not info.thinking:
            think = None
        if self._weigh:
            think = False if info.thinking else None
        answer = answer_tokens(schema) + (THINKING if think else 0)
        self._num_ctx = max(self._num_ctx, self._needed_context(messages, images, info, answer))
        ready = [dict(message) for message in messages]
        first = next((message for message in ready if message["role"] == "user"), None)
        if images and first is not None:
            first["images"] = list(images)  # pyright: ignore[reportArgumentType]

        def ask() -> AsyncIterator[Chunk]:
            return self._stream(ready, schema, think, answer)

        self._loaded = True
        request = Request(ask, self._failure, self._is_at_work, clean=lambda text: scrubbed(text, self.host))
        limits = self.limits.for_prompt(prompt_tokens(messages, images))
        reply = converse(request, limits, self.retries, on_token, cancelled)
        cut = self._watch.cut(messages, None if images else reply.prompt_tokens, self._num_ctx)
        if cut:
            raise LLMError(too_long(self.model, cut))
        self.last = reply
        return reply.text

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply:
        """The first token of the answer, with the probabilities of the likeliest ones, where the server tells them.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        self._weigh = True
        try:
            self.complete(messages, None, cancelled=cancelled)
        finally:
            self._weigh = False
        assert self.last is not None
        return self.last

    def release(self) -> None:
        """Tells Ollama to take the model out of memory, if this chat had it loaded and is not to keep it."""
        if not self._loaded or self.keep_loaded:
            return
        self._loaded = False

        async def unload() -> None:
            async with self._client() as client:
                await client.generate(self.model, prompt="", keep_alive=0)

        try:
            fetch(unload, 1.0)
        except Exception:
            # this runs while another error is on its way, or when all is done: keep_alive lets the model go by itself
            return

    # --------------------------------------------------------------------------------------------------- helpers

    def _failure(self, error: Any) -> Failure:
        return failure_of(error, self.host, self.model)

    def _client(self) -> ollama.AsyncClient:
        # $OLLAMA_API_KEY belongs to the server that the environment names, not to one that a workflow names
        home = shown(ollama_address(os.environ.get("OLLAMA_HOST") or ""))
        trusted = shown(self.host) in (home, "https://ollama.com")
        return ollama.AsyncClient(
            self.host,
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=self.limits.connect),
            transport=GuardedTransport(self.host, self.limits.raw, authorised=trusted),
        )

    def _is_at_work(self) -> bool:
        """Whether the server has the model in hand, while it is silent: it loads, or reads a long prompt."""

        async def get() -> bool:
            async with self._client() as client:
                return any(model.model in (self.model, f"{self.model}:latest") for model in (await client.ps()).models)

        try:
            return fetch(get, QUICK)
        except Exception:
            # whatever it is, it is no sign of life
            return False

    async def _stream(
        self, messages: list[dict[str, Any]], schema: Any, think: Any, answer: int
    ) -> AsyncIterator[Chunk]:
        options = {
            "seed": self.seed,
            "temperature": self.temperature,
            "num_ctx": self._num_ctx,
            "num_predict": 1 if self._weigh else answer,
        }
        weighed = {"logprobs": True, "top_logprobs": LIKELIEST} if self._weigh else {}
        async with self._client() as client:
            parts = await client.chat(
                self.model,
                messages=messages,
                format=schema,
                think=think,
                options=options,
                keep_alive=self.keep_alive,
                stream=True,
                **weighed,
            )
            async for part in parts:
                end = None
                if part.done:
                    end = {
                        "prompt_tokens": part.prompt_eval_count,
                        "answer_tokens": part.eval_count,
                        "cut": part.done_reason == "length",
                        "mode": "schema" if schema else "",
                        "options": options,
                    }
                tokens = getattr(part, "logprobs", None) or [None]
                first = shares(getattr(tokens[0], "top_logprobs", None))
                yield Chunk(part.message.content or "", part.message.thinking or "", end, first=first)

    def _needed_context(
        self, messages: Sequence[Message], images: Sequence[bytes], info: ModelInfo, answer: int
    ) -> int:
        """A context that surely holds the prompt and the answer: Ollama cuts a longer prompt without a word."""
        prompt = prompt_tokens(messages, images)
        most = min(self.context or info.context or 131072, info.context or 131072)
        if prompt // 2 > most:
            raise LLMError(too_long(self.model, f"about {prompt} tokens of {most}"))
        wanted = prompt + answer // 2 + GROWTH
        return min(-(-wanted // STEP) * STEP, most)


__all__ = ["OllamaChat"]
