"""Conversations on record: every exchange as one line of JSON, and a chat that answers from such a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...core.serial import canonical, read_text, why_not_written
from ...errors import LLMError
from .protocol import Chat, IsCancelled, Message, OnToken, Reply, billions_of

MOST_BYTES = 500_000_000
"""Of a recording."""


def exchange_key(messages: Sequence[Message], images: Sequence[bytes] = ()) -> str:
    """Names what was said so far; equal conversations have equal keys.

    Pictures only count by their number: JPEG bytes differ from one machine to the next.
    """
    said = [[message["role"], message["content"]] for message in messages]
    return sha256(canonical([said, len(images)]).encode("utf-8")).hexdigest()


class RecordingChat:
    """Passes everything on to another chat and appends each exchange to a file, failures too.

    A line holds the key, the model, with how many messages of the line before it begins (`kept`), the others, digests
    of the pictures, and the answer with its thinking, tokens and seconds, or the error. No key or address is in it.
    """

    def __init__(self, inner: Chat, path: str | Path) -> None:
        self.inner = inner
        self.path = Path(path)
        self._before: list[dict[str, str]] = []

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def last(self) -> Reply | None:
        return getattr(self.inner, "last", None)

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        return self.inner.sees(cancelled)

    def release(self) -> None:
        self.inner.release()

    def billions(self, cancelled: IsCancelled | None = None) -> float | None:
        return billions_of(self.inner, cancelled)

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply | None:
        """As the inner chat's, recorded; None where it has no such thing."""
        weigh = getattr(self.inner, "weigh", None)
        if not callable(weigh):
            return None
        reply = weigh(messages, cancelled)
        assert isinstance(reply, Reply)
        self._append({**self._line(messages, ()), **_told(reply)})
        return reply

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The inner chat's answer, recorded.

        Raises:
            LLMError: as the inner chat, or where the record cannot be written; Cancelled.
        """
        line = self._line(messages, images)
        try:
            answer = self.inner.complete(messages, schema, images, on_token, cancelled)
        except BaseException as error:
            self._append({**line, "error": f"{type(error).__name__}: {error}"})
            raise
        self._append({**line, **_told(self.last or Reply(answer)), "answer": answer})
        return answer

    def _line(self, messages: Sequence[Message], images: Sequence[bytes]) -> dict[str, Any]:
        """What was asked, with only those messages that are new."""
        said = [dict(message) for message in messages]
        pairs = zip(said, self._before, strict=False)
        kept = next(
            (number for number, (now, then) in enumerate(pairs) if now != then), min(len(said), len(self._before))
        )
        self._before = said
        return {
            "key": exchange_key(messages, images),
            "model": self.name,
            "sees": bool(images),
            "kept": kept,
            "messages": said[kept:],
            "images": [_digest(image) for image in images],
        }

    def _append(self, line: Mapping[str, Any]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(canonical(line) + "\n")
        except OSError as error:
            raise LLMError(f"The record {self.path} cannot be written: {why_not_written(error)}.") from error


class ReplayChat:
    """Answers from a recording, to the same conversations as then; the network is not used.

    Where one conversation was had several times, its answers come in their order, the last one for ever.

    Args:
        any_rules: whether a conversation is the same under another system text.

    Raises:
        LLMError: where the file is no recording.
    """

    def __init__(self, path: str | Path, any_rules: bool = False) -> None:
        self.path = Path(path)
        self.last: Reply | None = None
        self._any_rules = any_rules
        self._said: list[Message] = []
        self._answers: dict[str, list[Reply]] = {}
        self._sees = False
        self._model = ""
        try:
            # at line feeds alone: the text itself may hold other separators
            lines = read_text(self.path, MOST_BYTES).strip().split("\n")
        except ValueError as error:
            raise LLMError(f"The recording {self.path} cannot be read: {error}.") from error
        for number, text in enumerate(lines, start=1):
            try:
                self._learn(json.loads(text))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise LLMError(
                    f"Line {number} of {self.path} is not a recorded exchange; record it anew with --record."
                ) from error

    def _learn(self, line: Mapping[str, Any]) -> None:
        self._model = str(line["model"])
        self._said = [*self._said[: int(line.get("kept", 0))], *line.get("messages", ())]
        self._sees = self._sees or bool(line["sees"])
        if "answer" in line:
            reply = Reply(
                text=str(line["answer"]),
                thinking=str(line.get("thinking", "")),
                prompt_tokens=line.get("prompt_tokens"),
                answer_tokens=line.get("answer_tokens"),
                seconds=float(line.get("seconds", 0.0)),
                cut=bool(line.get("cut", False)),
                mode="replay",
                first=line.get("first") if isinstance(line.get("first"), dict) else None,
            )
            key = self._key(self._said, len(line.get("images", ()))) if self._any_rules else str(line["key"])
            self._answers.setdefault(key, []).append(reply)

    @property
    def name(self) -> str:
        return f"replay/{self._model}" if self._model else "replay"

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        return self._sees

    def release(self) -> None:
        """Nothing was taken."""

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The answer that was given to this conversation.

        Raises:
            LLMError: where it is not in the recording.
        """
        self.last = self._answer(messages, images)
        if on_token is not None:
            on_token(self.last.text)
        return self.last.text

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply:
        """The first token that was given to this conversation.

        Raises:
            LLMError: where it is not in the recording.
        """
        self.last = self._answer(messages, ())
        return self.last

    def _answer(self, messages: Sequence[Message], images: Sequence[bytes]) -> Reply:
        answers = self._answers.get(self._key(messages, len(images)))
        if not answers:
            raise LLMError(
                f"The recording {self.path} holds no answer to this conversation; photo, instruction and prompts must "
                "be those of the recording."
            )
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _key(self, messages: Sequence[Message], pictures: int) -> str:
        said = [message for message in messages if not (self._any_rules and message["role"] == "system")]
        return exchange_key(said, [b""] * pictures)


def _told(reply: Reply) -> dict[str, Any]:
    """A reply as its line holds it."""
    more: dict[str, Any] = {"first": dict(reply.first)} if reply.first else {}
    if reply.cached_tokens is not None:
        more["cached_tokens"] = reply.cached_tokens
    return {
        "answer": reply.text,
        "thinking": reply.thinking,
        "prompt_tokens": reply.prompt_tokens,
        "answer_tokens": reply.answer_tokens,
        "seconds": round(reply.seconds, 3),
        "retries": reply.retries,
        "cut": reply.cut,
        "mode": reply.mode,
        **more,
    }


def _digest(image: bytes) -> str:
    return sha256(image).hexdigest()


__all__ = ["RecordingChat", "ReplayChat", "exchange_key"]
