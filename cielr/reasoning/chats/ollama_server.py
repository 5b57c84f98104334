"""What an Ollama server says of itself and its models: addresses, facts, and what a refusal means for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import ollama

from ...core.addresses import shown
from .cleaning import scrubbed
from .protocol import billions_in
from .streaming import Dropped, Failure


@dataclass(frozen=True)
class ModelInfo:
    """What the server says of a model; `context` in tokens, `billions` of parameters, None where it does not say."""

    vision: bool = False
    thinking: bool = False
    context: int | None = None
    billions: float | None = None
    known: bool = True


def model_info(answer: ollama.ShowResponse) -> ModelInfo:
    """What the answer to `show` says of a model."""
    able = answer.capabilities or ()
    sizes = [
        int(value)
        for key, value in (answer.modelinfo or {}).items()
        if key.endswith(".context_length") and isinstance(value, (int, float))
    ]
    return ModelInfo(
        vision="vision" in able,
        thinking="thinking" in able,
        context=sizes[0] if sizes else None,
        billions=_billions(answer),
        known=answer.capabilities is not None,
    )


def _billions(answer: ollama.ShowResponse) -> float | None:
    count = (answer.modelinfo or {}).get("general.parameter_count")
    if isinstance(count, (int, float)) and count > 0:
        return count / 1e9
    size = getattr(answer.details, "parameter_size", None)
    return billions_in(size) if isinstance(size, str) else None


def failure_of(error: Any, host: str, model: str) -> Failure:
    """An error on the way to an answer as a sentence, and whether another try may help.

    Args:
        host: the server's address, as `address` gives it.
    """
    where = shown(host)
    if isinstance(error, ollama.ResponseError):
        return _refusal(error.status_code, scrubbed(" ".join(str(error.error).split()), host)[:300], where, model)
    if isinstance(error, (httpx.ConnectTimeout, httpx.ConnectError, ConnectionError)):
        return Failure(
            f"No Ollama server answers at {where}; start it with `ollama serve`, or set its address: OLLAMA_HOST, or "
            "`host` on the node."
        )
    if isinstance(error, (httpx.TransportError, Dropped)):
        return Failure(f"The connection to Ollama at {where} broke off in mid-answer.", again=True)
    if isinstance(error, (ValueError, AttributeError, TypeError, RecursionError)):
        return Failure(f"What answers at {where} is not an Ollama server; check the address.")
    return Failure(f"The request to Ollama at {where} failed: {type(error).__name__}.")


def _refusal(status: int, text: str, where: str, model: str) -> Failure:
    words = text.lower()
    if "model" in words and ("not found" in words or status == 404):
        return Failure(f"Ollama at {where} has no model '{model}'; get it with `ollama pull {model}`.")
    if status in (404, 405):
        return Failure(f"What answers at {where} is not an Ollama server ({status}); check the address.")
    if status in (401, 403):
        return Failure(f"Ollama at {where} refuses access ({status}); sign in there, or set OLLAMA_API_KEY.")
    if 300 <= status < 400:
        return Failure(
            f"The server at {where} redirects elsewhere ({status}), which is not followed; name the address itself."
        )
    if re.search(r"memory|\boom\b|cudamalloc", words):
        return Failure(
            f"The model '{model}' does not fit into memory ({text}); take a smaller one, or free GPU memory."
        )
    if re.search(r"context (length|size|window)|exceeds? .*context|prompt is too long", words):
        return Failure(too_long(model, text))
    if re.search(r"(not support|no|missing).*(vision|image|multimodal)|(image|vision).*not support", words):
        return Failure(sees_nothing(model))
    if status == 503 and "loading" in words:
        return Failure(f"Ollama at {where} is still loading '{model}'; try again.", again=True, loading=True)
    if status >= 500 or status == 429:
        return Failure(f"Ollama at {where} answers with an error ({status}: {text or 'no reason given'}).", again=True)
    return Failure(f"Ollama refuses the request ({text or status}).")


def too_long(model: str, why: str) -> str:
    """The sentence on a prompt that a model's context does not hold."""
    return (
        f"The prompt is longer than the context of '{model}' ({why}), so its answer is worth nothing; take a model "
        "with a longer context, or look for fewer labels."
    )


def sees_nothing(model: str) -> str:
    """The sentence on a model that was shown a picture and takes none."""
    return f"The model '{model}' cannot see pictures; choose one with vision, such as qwen2.5vl."
