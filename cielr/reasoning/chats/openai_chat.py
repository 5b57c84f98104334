"""A chat with any server that speaks OpenAI's chat completions: llama.cpp, vLLM, LM Studio, hosted ones."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ...core.addresses import is_local, shown
from ...errors import Cancelled, LLMError, MissingDependency
from .cleaning import scrub_log, scrubbed
from .openai_refusals import NoCompletion, Refused, failure_of
from .openai_wire import chunks_of, first_bytes, json_object, login, with_images, without_bounds, without_login
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
from .streaming import Chunk, Dropped, Failure, Request, converse, fetch
from .thinking import is_unfinished_thinking
from .wholeness import PromptWatch

try:
    import httpx
except ImportError as error:  # pragma: no cover - depends on what is installed
    raise MissingDependency("httpx", "llm") from error

from .transport import GuardedTransport

scrub_log()

MODES = ("json_schema", "json_schema without bounds", "json_object", "plain")
"""How the schema is enforced, best first: by OpenAI's name for it, with or without ends of arrays and texts, by
llama.cpp's name, by asking only."""
OPTIONAL = ("temperature", "seed", "stream_options", "max_tokens", "return_progress", "logprobs", "top_logprobs")
"""What some servers refuse to be told."""
THINKING = 12288
"""Tokens more for a model that was cut off in its thinking."""
QUICK = 5.0
"""Seconds for a question about the model."""
OPENAI = "https://api.openai.com/v1"


class OpenAIChat:
    """`Chat` with a model on an OpenAI-compatible server.

    The key comes from the environment alone, and goes only where it belongs: OPENAI_API_KEY to api.openai.com or the
    server in OPENAI_BASE_URL, CIELR_API_KEY to this machine or the server in CIELR_BASE_URL. A workflow that names
    another server gets no key.

    Args:
        model: as the server names it.
        url: up to and with "/v1"; None is $CIELR_BASE_URL, $OPENAI_BASE_URL, or api.openai.com.
        seed, temperature: of the sampling.
        vision: whether the model takes pictures; such servers do not tell.
    """

    def __init__(
        self,
        model: str,
        url: str | None = None,
        *,
        seed: int = 0,
        temperature: float = 0.0,
        vision: bool = False,
        limits: AnswerLimits | None = None,
        retries: int = 2,
    ) -> None:
        self.model = model
        url = url or os.environ.get("CIELR_BASE_URL") or os.environ.get("OPENAI_BASE_URL") or OPENAI
        url = url if "//" in url else f"http://{url}"
        try:
            parts = urlsplit(url)
            # asked for its port, which may be none that there is
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address:
            raise LLMError(f"'{shown(url)}' is not an address of a server; write one such as http://127.0.0.1:8080/v1.")
        self.url = url.rstrip("/").removesuffix("/chat/completions")
        self.seed = seed
        self.temperature = temperature
        self.limits = limits or AnswerLimits()
        self.retries = retries
        self.last: Reply | None = None
        self._vision = vision
        self._mode = 0
        self._proven = False
        self._without: set[str] = set()
        self._thinks = False
        self._billions: float | None = None
        self._watch = PromptWatch()
        self.reading: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return f"openai/{self.model}"

    def __repr__(self) -> str:
        return f"OpenAIChat({self.model!r}, {shown(self.url)!r})"

    @property
    def is_local(self) -> bool:
        """Whether the model takes memory of this machine."""
        return is_local(self.url)

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        """Whether the model was declared to take pictures."""
        return self._vision

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The model's answer; see `Chat.complete`.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        if images and not self._vision:
            raise LLMError(f"The model '{self.model}' was not declared to see pictures; choose one with vision.")
        ready = with_images(messages, images)
        return self._answer(messages, ready, schema, bool(images), on_token, cancelled).text

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply:
        """The first token of the answer, with the probabilities of the likeliest ones, where the server tells them.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        return self._answer(messages, with_images(messages, ()), None, False, None, cancelled, weigh=True)

    def _answer(
        self,
        messages: Sequence[Message],
        ready: list[dict[str, Any]],
        schema: Mapping[str, Any] | None,
        pictures: bool,
        on_token: OnToken | None,
        cancelled: IsCancelled | None,
        weigh: bool = False,
    ) -> Reply:
        limits = self.limits.for_prompt(prompt_tokens(messages, [b""] * pictures))
        request = Request(
            lambda: self._stream(ready, schema, weigh), self._explain, on_read=self._has_read, clean=self._without_key
        )
        reply = converse(request, limits, self.retries, on_token, cancelled)
        if (
            reply.cut
            and not weigh
            and not self._thinks
            and (is_unfinished_thinking(reply.text) or not reply.text.strip())
        ):
            # such servers do not say that a model thinks, and its thinking counts as its answer
            self._thinks = True
            reply = converse(request, limits, self.retries, on_token, cancelled)
        cut = self._watch.cut(messages, None if pictures else reply.prompt_tokens)
        if cut:
            raise LLMError(
                f"The server at {shown(self.url)} cut the prompt ({cut}), so the answer of '{self.model}' is worth "
                "nothing; give it a longer context there, or take another model."
            )
        self.last = reply
        return reply

    def billions(self, cancelled: IsCancelled | None = None) -> float | None:
        """How many billion parameters the model has, where the server says so, as llama.cpp's does.

        Raises:
            Cancelled.
        """
        if self._billions is None and is_local(self.url):

            async def get() -> float:
                async with self._client() as client:
                    address = f"{without_login(self.url)}/models"
                    async with client.stream("GET", address, headers=self._headers()) as response:
                        listed = json_object(await first_bytes(response, 1_000_000)).get("data") or [{}]
                        return float((listed[0].get("meta") or {}).get("n_params") or 0) / 1e9

            try:
                self._billions = fetch(get, QUICK, cancelled)
            except Cancelled:
                raise
            except Exception:
                # no list of models, or none with sizes; what is wrong shows when it is asked to answer
                self._billions = 0.0
        return self._billions or None

    def release(self) -> None:
        """Nothing: this protocol has no word for it."""

    # --------------------------------------------------------------------------------------------------- helpers

    def _client(self) -> httpx.AsyncClient:
        transport = GuardedTransport(self.url, self.limits.raw)
        timeout = httpx.Timeout(None, connect=self.limits.connect)
        return httpx.AsyncClient(auth=login(self.url), transport=transport, timeout=timeout, follow_redirects=False)

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "text/event-stream, application/json"}
        if key := self._key():
            headers["authorization"] = f"Bearer {key}"
        return headers

    def _has_read(self, read: tuple[int, int]) -> None:
        self.reading = read

    async def _stream(
        self, messages: list[dict[str, Any]], schema: Mapping[str, Any] | None, weigh: bool
    ) -> AsyncIterator[Chunk]:
        """One answer, in the best mode that the server takes; which that is, is remembered."""
        async with self._client() as client:
            while True:
                body = self._body(messages, schema, weigh)
                try:
                    async for chunk in self._events(client, body):
                        self._proven = True
                        yield chunk
                    return
                except Refused as refused:
                    if not self._milder(refused, body):
                        # what failed in every mode says nothing against the best one
                        self._mode = self._mode if self._proven else 0
                        raise

    def _body(self, messages: list[dict[str, Any]], schema: Mapping[str, Any] | None, weigh: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self.temperature,
            "seed": self.seed,
            "max_tokens": answer_tokens(schema) + (THINKING if self._thinks else 0),
        }
        if weigh:
            body |= {"max_tokens": 1, "logprobs": True, "top_logprobs": LIKELIEST}
        if shown(self.url) != shown(OPENAI):
            # llama.cpp tells how far it has come with the prompt; others do not mind, or say so
            body["return_progress"] = True
        body = {key: value for key, value in body.items() if key not in self._without}
        mode = MODES[self._mode]
        if schema is not None and mode.startswith("json_schema"):
            form = {"name": "turn", "schema": schema if mode == "json_schema" else without_bounds(schema)}
            form["strict"] = True
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif schema is not None and mode == "json_object":
            body["response_format"] = {"type": "json_object", "schema": schema}
        return body

    def _milder(self, refused: Refused, body: Mapping[str, Any]) -> bool:
        """Whether there is another way to ask after a refusal, which is then the way from now on."""
        if refused.status not in (400, 422, 500, 501) or refused.is_memory or refused.is_context:
            return False
        # the whole word: "max_tokens" stands in no other name
        named = [name for name in OPTIONAL if name in body and re.search(rf"\b{name}\b", refused.text)]
        if named and refused.status in (400, 422):
            self._without |= set(named)
            return True
        if "response_format" in body and not self._proven and self._mode + 1 < len(MODES):
            schema = body["response_format"].get("json_schema", {}).get("schema")
            # what has no bounds would be asked for in the same words again
            self._mode += 2 if self._mode == 0 and schema == without_bounds(schema) else 1
            return True
        return False

    async def _events(self, client: httpx.AsyncClient, body: dict[str, Any]) -> AsyncIterator[Chunk]:
        self.reading = None
        mode = MODES[self._mode] if "response_format" in body else "plain"
        # the client writes addresses into the log
        address = f"{without_login(self.url)}/chat/completions"
        async with client.stream("POST", address, json=body, headers=self._headers()) as response:
            async for chunk in chunks_of(response, mode, self._without_key):
                yield chunk

    def _key(self) -> str | None:
        """The key for this server, read anew each time so that no object holds it."""
        here = shown(self.url)
        home = os.environ.get("CIELR_BASE_URL")
        key = os.environ.get("CIELR_API_KEY")
        if key and (is_local(self.url) or (home and shown(home) == here)):
            return key
        homes = (shown(OPENAI), shown(os.environ.get("OPENAI_BASE_URL") or OPENAI))
        return os.environ.get("OPENAI_API_KEY") if here in homes else None

    def _without_key(self, text: str) -> str:
        return scrubbed(text, self.url)

    def _explain(self, error: BaseException) -> Failure:
        where = shown(self.url)
        if isinstance(error, Refused):
            return failure_of(error, where, self.model, self._key() is not None)
        if isinstance(error, (httpx.ConnectTimeout, httpx.ConnectError)):
            return Failure(f"No language model server answers at {where}; start it, or check the address.")
        if isinstance(error, NoCompletion):
            return Failure(
                f"What answers at {where} is not an OpenAI-compatible chat server ({error}); most addresses end in /v1."
            )
        if isinstance(error, (httpx.TransportError, Dropped)):
            return Failure(f"The connection to {where} broke off in mid-answer.", again=True)
        return Failure(f"The request to {where} failed: {type(error).__name__}.")


__all__ = ["OpenAIChat"]
