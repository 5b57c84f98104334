"""OpenAI's chat completions as they travel: messages with pictures, and the events of a streamed answer."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from .openai_refusals import NoCompletion, Refused
from .protocol import Message, shares
from .streaming import Chunk, Dropped

if TYPE_CHECKING:
    import httpx


BOUNDS = ("maxLength", "maxItems", "minItems")
"""Keywords of a schema that some hosted servers refuse."""


def without_bounds(schema: Any) -> Any:
    """The same schema for servers that take no bounds of arrays and texts."""
    if isinstance(schema, list):
        return [without_bounds(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        # a property may have the name of a keyword
        name: {inner: without_bounds(value) for inner, value in item.items()}
        if name in ("properties", "$defs")
        else without_bounds(item)
        for name, item in schema.items()
        if name not in BOUNDS
    }


def login(url: str) -> tuple[str, str] | None:
    """User and password of an address that holds them."""
    parts = urlsplit(url)
    return (unquote(parts.username), unquote(parts.password or "")) if parts.username else None


def without_login(url: str) -> str:
    """An address without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def with_images(messages: Sequence[Message], images: Sequence[bytes]) -> list[dict[str, Any]]:
    """A copy of the messages, the first of the user's with these PNG and JPEG files."""
    ready: list[dict[str, Any]] = [dict(message) for message in messages]
    first = next((message for message in ready if message["role"] == "user"), None)
    if images and first is not None:
        parts: list[dict[str, Any]] = [{"type": "text", "text": first["content"]}]
        for image in images:
            kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
            url = f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
            parts.append({"type": "image_url", "image_url": {"url": url}})
        first["content"] = parts
    return ready


async def chunks_of(response: httpx.Response, mode: str, clean: Callable[[str], str]) -> AsyncIterator[Chunk]:
    """A server's answer, streamed or whole, piece by piece.

    Args:
        mode: in which the answer was asked for; it goes with the last piece.
        clean: takes keys out of what a server says.

    Raises:
        Refused: where the server says no; NoCompletion: where it speaks another language; Dropped: where the answer
            has no end.
    """
    if response.status_code != 200:
        text = _reason((await first_bytes(response, 4096)).decode("utf-8", "replace"))
        raise Refused(response.status_code, clean(text), _seconds(response.headers))
    completion = Completion(clean)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        yield completion.whole(json_object(await response.aread()))
    elif kind != "text/event-stream":
        raise NoCompletion(kind or "no content type")
    else:
        async for data in _sse(response):
            if data is None:
                yield Chunk()
                continue
            if data == b"[DONE]":
                completion.done()
                break
            for chunk in completion.pieces(json_object(data)):
                yield chunk
    yield completion.end(mode)


class Completion:
    """One chat completion as it comes, event by event, wherever the events come from.

    Args:
        clean: takes keys out of what a server says.
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        self._clean = clean
        self._usage: dict[str, Any] = {}
        self._finish: str | None = None

    def pieces(self, event: Mapping[str, Any]) -> Iterator[Chunk]:
        """What an event of a streamed answer brings.

        Raises:
            Refused: where it says no; NoCompletion: where it is no event of an answer.
        """
        if event.get("error"):
            raise Refused(500, self._clean(_reason(json.dumps(event))))
        self._usage = event.get("usage") or self._usage
        if read := _read(event.get("prompt_progress")):
            yield Chunk(read=read)
        if event.get("choices"):
            choice = _choice(event, "delta")
            self._finish = choice.get("finish_reason") or self._finish
            yield _piece(choice["delta"], choice)

    def whole(self, answer: Mapping[str, Any]) -> Chunk:
        """An answer that came in one piece.

        Raises:
            NoCompletion: where it is none.
        """
        choice = _choice(answer, "message")
        self._usage, self._finish = answer.get("usage") or {}, choice.get("finish_reason") or "stop"
        return _piece(choice["message"], choice)

    def done(self) -> None:
        """The stream says that it is at its end, which counts as one where nothing else did."""
        self._finish = self._finish or "stop"

    def end(self, mode: str) -> Chunk:
        """The last piece, with what the answer cost; raises Dropped where the answer has no end."""
        if self._finish is None:
            raise Dropped
        usage = self._usage
        count = {
            "prompt_tokens": _whole(usage.get("prompt_tokens")),
            "answer_tokens": _whole(usage.get("completion_tokens")),
            "cached_tokens": _whole((usage.get("prompt_tokens_details") or {}).get("cached_tokens")),
        }
        return Chunk(end={**count, "cut": self._finish == "length", "mode": mode})


async def _sse(response: httpx.Response) -> AsyncIterator[bytes | None]:
    """The data of each event, and None for a comment, which says that the server is still there.

    Lines end at line feeds alone: the text itself may hold other separators.
    """
    rest: list[bytes] = []
    async for part in response.aiter_raw():
        *lines, last = part.split(b"\n")
        for line in lines:
            whole = b"".join([*rest, line]).strip()
            rest.clear()
            if whole.startswith(b"data:"):
                yield whole[5:].strip()
            elif whole.startswith(b":"):
                yield None
        rest.append(last)


async def first_bytes(response: httpx.Response, count: int) -> bytes:
    """So many bytes of an answer, or all that it has."""
    received = b""
    async for part in response.aiter_raw():
        received += part
        if len(received) >= count:
            break
    return received[:count]


def json_object(data: bytes) -> dict[str, Any]:
    """The object that JSON spells; raises NoCompletion for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise NoCompletion("not JSON") from None
    if not isinstance(value, dict):
        raise NoCompletion("not an object")
    return value


def _choice(event: Mapping[str, Any], part: str) -> dict[str, Any]:
    try:
        choice = event["choices"][0]
        if isinstance(choice[part], dict):
            return choice
    except (KeyError, IndexError, TypeError):
        pass
    raise NoCompletion("no choices in it")


def _piece(part: Mapping[str, Any], choice: Mapping[str, Any]) -> Chunk:
    thought = part.get("reasoning_content") or part.get("reasoning")
    text = part.get("content")
    tokens = (choice.get("logprobs") or {}).get("content") or [{}]
    first = shares(tokens[0].get("top_logprobs")) if isinstance(tokens[0], dict) else None
    return Chunk(text if isinstance(text, str) else "", thought if isinstance(thought, str) else "", first=first)


def _reason(text: str) -> str:
    """What an error's body says, on one line."""
    try:
        body = json.loads(text)
        inner = body.get("error", body) if isinstance(body, dict) else body
        text = str(inner.get("message", inner) if isinstance(inner, dict) else inner)
    except (ValueError, RecursionError):
        text = re.sub(r"<[^<>]{0,500}>", " ", text)
    return " ".join(text.split())[:300]


def _seconds(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def _read(progress: Any) -> tuple[int, int] | None:
    """How much of the prompt llama.cpp has read, as (tokens, of tokens)."""
    if not isinstance(progress, dict):
        return None
    done, total = _whole(progress.get("processed")), _whole(progress.get("total"))
    return (done, total) if done is not None and total is not None else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None


__all__ = [
    "Completion",
    "chunks_of",
    "first_bytes",
    "json_object",
    "login",
    "with_images",
    "without_bounds",
    "without_login",
]
