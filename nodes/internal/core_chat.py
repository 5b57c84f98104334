"""A `Chat` with a language model that ComfyUI itself has loaded: a CLIP that generates, as Generate Text takes it.

Prompt and pictures go in as tokens of the model's own tokenizer, and the core's `generate` runs the model, in its
memory management and with its sampling. Between two tokens the core asks the network's `sample_token`: for the time of
one answer, and for this network alone, that method is ours. It forbids what would leave the schema, hears each token,
and lets the user stop. Nothing of the core is replaced for anybody else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ...cielr.errors import Cancelled, LLMError
from ...cielr.reasoning.chats.protocol import (
    LIKELIEST,
    IsCancelled,
    Message,
    OnToken,
    Reply,
    answer_tokens,
)
from ...cielr.reasoning.chats.thinking import split_thinking
from ...cielr.reasoning.chats.token_bytes import token_bytes
from ...cielr.reasoning.chats.token_mask import TokenGrammar, TokenMask, is_available
from ...cielr.reasoning.chats.turn_marks import TurnMarks, marked, marks_of

NUCLEUS = {"top_k": 64, "top_p": 0.95, "min_p": 0.0, "repetition_penalty": 1.0, "presence_penalty": 0.0}
"""Of the sampling, where the temperature is not 0; a penalty for repeating would fall upon JSON's own marks."""
VOCABULARIES: WeakKeyDictionary[Any, list[bytes | None]] = WeakKeyDictionary()
GRAMMARS: WeakKeyDictionary[Any, TokenGrammar] = WeakKeyDictionary()
"""Tokenizer -> the bytes of its tokens, and its grammar; they take half a second and a second or two to make."""


@dataclass(frozen=True)
class Language:
    """What of a CLIP generates: its network and tokenizer, the bytes of each token, the marks of its turns."""

    network: Any
    tokenizer: Any
    vocabulary: list[bytes | None] = field(repr=False)
    marks: TurnMarks

    @property
    def name(self) -> str:
        return str(getattr(self.tokenizer, "embedding_key", type(self.network).__name__)).lower()

    def ids(self, text: str) -> list[int]:
        """A text's tokens, with what begins every prompt of this tokenizer."""
        start = getattr(self.tokenizer, "start_token", None)
        begin = [] if start is None else [start]
        ids = [int(token) for token in self.tokenizer.tokenizer(text)["input_ids"]]
        return [*begin, *(ids[1:] if begin and ids[:1] == begin else ids)]

    def grammar(self) -> TokenGrammar:
        """Its grammar, made once."""
        if self.tokenizer not in GRAMMARS:
            size = int(getattr(self.network.model.config, "vocab_size", 0)) or None
            GRAMMARS[self.tokenizer] = TokenGrammar(self.vocabulary, self._plain, size)
        return GRAMMARS[self.tokenizer]

    def _plain(self, text: str) -> list[int]:
        ids = self.ids(text)
        return ids[1:] if getattr(self.tokenizer, "start_token", None) is not None else ids


def language_of(clip: Any) -> Language:
    """What of a CLIP generates.

    Raises:
        LLMError: where it is a text encoder alone, or of a family whose turns are not known.
    """
    network = next((part for part in clip.cond_stage_model.modules() if _generates(part)), None)
    inner = [part for part in (clip.tokenizer, *vars(clip.tokenizer).values()) if hasattr(part, "inv_vocab")]
    if network is None or not inner:
        raise LLMError(
            "This CLIP does not generate text, it only encodes prompts: load a language model with Load CLIP, such as "
            "Qwen3-VL, Qwen 3.5, Qwen3, Gemma 3 or Gemma 4."
        )
    tokenizer = inner[0]
    vocabulary = tokenizer.tokenizer.get_vocab()
    marks = marks_of({*vocabulary, *(getattr(tokenizer.tokenizer, "special_tokens", None) or ())})
    if marks is None:
        raise LLMError(
            f"How '{getattr(tokenizer, 'embedding_key', 'this model')}' marks the turns of a conversation is not known "
            "here; load a model of the families Qwen, Gemma or Ministral."
        )
    if tokenizer not in VOCABULARIES:
        VOCABULARIES[tokenizer] = token_bytes(tokenizer.tokenizer)
    return Language(network, tokenizer, VOCABULARIES[tokenizer], marks)


def _generates(part: Any) -> bool:
    # Qwen 2.5 VL has the method and neither an end nor a head of its own for it
    config = getattr(getattr(part, "model", None), "config", None)
    return hasattr(part, "sample_token") and hasattr(part, "generate") and hasattr(config, "stop_tokens")


class CoreChat:
    """`Chat` with a CLIP.

    Args:
        temperature: 0 takes the likeliest token; seed: of the sampling otherwise.
        longest: tokens of one answer at most; 0 takes what the answer's schema may need.
    """

    is_local = True

    def __init__(self, clip: Any, *, temperature: float = 0.0, seed: int = 0, longest: int = 0) -> None:
        self.clip = clip
        self.language = language_of(clip)
        self.temperature = temperature
        self.seed = seed
        self.longest = longest
        self.last: Reply | None = None
        self._sees: bool | None = None

    @property
    def name(self) -> str:
        return f"core/{self.language.name}"

    def __repr__(self) -> str:
        return f"CoreChat({self.name!r})"

    def billions(self, cancelled: IsCancelled | None = None) -> float:
        """How many billion parameters the language model has."""
        return sum(part.numel() for part in self.language.network.model.parameters()) / 1e9

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        """Whether the network takes pictures, and the tokenizer puts them where it does."""
        if self._sees is None:
            probe = np.zeros((64, 64, 3), np.float32)
            able = hasattr(self.language.network, "preprocess_embed") and bool(self.language.marks.picture)
            self._sees = able and self._picture(probe) is not None
        return self._sees

    def complete(
        self,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        images: Sequence[bytes] = (),
        on_token: OnToken | None = None,
        cancelled: IsCancelled | None = None,
    ) -> str:
        """The model's answer; see `Chat.complete`. With `llguidance` it follows the schema by each of its tokens.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        if images and not self.sees():
            raise LLMError(f"The model '{self.language.name}' takes no pictures; load one that sees, as Qwen3-VL.")
        mask = self.language.grammar().mask(schema) if schema is not None and is_available() else None
        listener = Listener(self.language.vocabulary, mask, on_token, cancelled)
        prompt = self._prompt(messages, images)
        ids = self._generate(prompt, listener, self.longest or answer_tokens(schema))
        thinking, text = split_thinking(listener.text() if mask else self._words(ids))
        self.last = Reply(
            text,
            thinking=thinking,
            prompt_tokens=len(prompt),
            answer_tokens=len(ids),
            cut=not listener.is_whole,
            mode="" if schema is None else "token mask" if mask else "plain",
        )
        return text

    def weigh(self, messages: Sequence[Message], cancelled: IsCancelled | None = None) -> Reply:
        """The first token of the answer, with the probabilities of the likeliest ones.

        Raises:
            LLMError: where no answer can be had; Cancelled.
        """
        listener = Listener(self.language.vocabulary, None, None, cancelled, weigh=True)
        prompt = self._prompt(messages, ())
        ids = self._generate(prompt, listener, 1)
        self.last = Reply(self._words(ids), prompt_tokens=len(prompt), answer_tokens=len(ids), first=listener.first)
        return self.last

    def release(self) -> None:
        """Nothing: ComfyUI takes the memory back when it needs it."""

    # --------------------------------------------------------------------------------------------------- helpers

    def _prompt(self, messages: Sequence[Message], images: Sequence[bytes]) -> list[Any]:
        """Ids of tokens, and pictures as the core prepared them."""
        marks = self.language.marks
        # E2B and E4B of Gemma 4 would be cued into thinking by an empty thought, their tokenizer says so
        unthinking = getattr(self.language.tokenizer, "prime_empty_thought", True)
        ids: list[Any] = self.language.ids(marked(messages, marks, len(images), unthinking))
        pictures = iter([self._picture(decoded(data)) for data in images])
        if images:
            token = self.language.ids(marks.token)[-1]
            ids = [next(pictures, number) if number == token else number for number in ids]
        longest = int(getattr(self.language.network.model.config, "max_position_embeddings", 0))
        if longest and len(ids) > longest:
            raise LLMError(
                f"The prompt has {len(ids)} tokens and '{self.language.name}' reads {longest}: crop the photo, so that "
                "its scene has fewer objects, or load a model with a longer context."
            )
        return ids

    def _picture(self, pixels: np.ndarray) -> Any:
        """A picture float32 [H, W, 3] as the core's tokenizer hands it to the network; None where it does not."""
        import torch

        marks = self.language.marks
        text = marks.turns["user"].replace("{}", marks.picture)
        options = {"image": torch.from_numpy(pixels)[None], "skip_template": True, "min_length": 1}
        tokens = self.clip.tokenize(text, llama_template="{}", **options)
        rows = next(iter(tokens.values())) if isinstance(tokens, dict) else tokens
        return next((token[0] for row in rows for token in row if isinstance(token[0], dict)), None)

    def _generate(self, prompt: list[Any], listener: Listener, longest: int) -> list[int]:
        import comfy.model_management

        tokens: Any = [[(token, 1.0) for token in prompt]]
        # each family's model takes its tokens in a form of its own, which its tokenizer shows
        form = self.clip.tokenize("a", min_length=1)
        if isinstance(form, dict):
            tokens = {**form, next(iter(form)): tokens}
        sampled = self.temperature > 0
        settings = {"temperature": self.temperature, "seed": self.seed, "do_sample": sampled, **NUCLEUS}
        try:
            with listening(self.language.network, listener):
                self.clip.generate(tokens, max_length=longest, **settings)
        except _Whole:
            pass
        except comfy.model_management.OOM_EXCEPTION as error:
            raise LLMError(
                f"The memory does not suffice for '{self.language.name}' with a prompt of {len(prompt)} tokens; load "
                "a smaller model, or one in a smaller number format."
            ) from error
        return listener.ids

    def _words(self, ids: Sequence[int]) -> str:
        stops = {*getattr(self.language.network.model.config, "stop_tokens", ())}
        # a network's head is often longer than its tokenizer's list, which then cannot read what it said
        readable = [token for token in ids if token not in stops and token < len(self.language.vocabulary)]
        return self.clip.decode(readable, skip_special_tokens=True)


class _Whole(Exception):
    """The JSON is complete: there is nothing more to say, and no token by which a grammar could say that."""


class Listener:
    """Hears the tokens of one answer, and forbids those that would leave its schema."""

    def __init__(
        self,
        vocabulary: Sequence[bytes | None],
        mask: TokenMask | None,
        on_token: OnToken | None,
        cancelled: IsCancelled | None,
        weigh: bool = False,
    ) -> None:
        import codecs

        self.ids: list[int] = []
        self.first: dict[str, float] | None = None
        self._vocabulary = vocabulary
        self._mask = mask
        self._on_token = on_token
        self._cancelled = cancelled
        self._weigh = weigh
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_whole(self) -> bool:
        return self._mask is None or self._mask.is_whole

    def text(self) -> str:
        """What was said, byte for byte."""
        return b"".join(self._bytes(token) for token in self.ids).decode("utf-8", "replace")

    def before(self, logits: Any) -> Any:
        """The logits [1, V] without what is not allowed."""
        import comfy.model_management
        import torch

        comfy.model_management.throw_exception_if_processing_interrupted()
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("The language model was stopped.")
        if self._weigh and self.first is None:
            self.first = self._likeliest(logits)
        if self._mask is None:
            return logits
        forbidden = torch.ones(logits.shape[-1], dtype=torch.bool)
        allowed = torch.from_numpy(self._mask.allowed())[: len(forbidden)]
        forbidden[: len(allowed)] = ~allowed
        return logits.masked_fill(forbidden.to(logits.device), float("-inf"))

    def after(self, token: int) -> None:
        """The model said this."""
        self.ids.append(token)
        if self._on_token is not None and (piece := self._decoder.decode(self._bytes(token))):
            self._on_token(piece)
        if self._mask is not None:
            self._mask.take(token)
            if self._mask.is_whole:
                raise _Whole

    def _bytes(self, token: int) -> bytes:
        return (self._vocabulary[token] if token < len(self._vocabulary) else None) or b""

    def _likeliest(self, logits: Any) -> dict[str, float]:
        import torch

        values, ids = torch.topk(torch.softmax(logits[0].float(), dim=-1), LIKELIEST)
        shares: dict[str, float] = {}
        for share, token in zip(values.tolist(), ids.tolist(), strict=True):
            words = self._bytes(token).decode("utf-8", "replace")
            shares[words] = shares.get(words, 0.0) + share
        return shares


@contextmanager
def listening(network: Any, listener: Listener) -> Iterator[None]:
    """For the time of one answer the network's tokens pass by the listener; afterwards it is as it was."""
    sample = network.sample_token

    def sample_token(logits: Any, *values: Any, **settings: Any) -> Any:
        token = sample(listener.before(logits), *values, **settings)
        listener.after(int(token[0]))
        return token

    network.sample_token = sample_token
    try:
        yield
    finally:
        del network.sample_token


def decoded(data: bytes) -> np.ndarray:
    """float32 [H, W, 3] in [0, 1] of a PNG or JPEG file."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float32) / 255


__all__ = ["CoreChat", "Language", "Listener", "language_of", "listening"]
