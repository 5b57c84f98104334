"""How families of language models mark the turns of a conversation, for models that are handed plain tokens.

A server writes these marks itself; whoever runs the model's network has to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .protocol import Message


@dataclass(frozen=True)
class TurnMarks:
    """The marks of one family.

    Attributes:
        turns: role -> its turn, "{}" stands for the text; without "system" its text begins the user's first turn.
        opening: begins the model's answer; unthinking: after it, an empty thought, so that it answers at once.
        picture: what stands for a picture, before the user's first words; token: that of it which the picture replaces.
        own: every mark that means something to the model; in what people write they are taken apart.
    """

    family: str
    turns: Mapping[str, str]
    opening: str
    unthinking: str = ""
    picture: str = ""
    token: str = ""
    own: tuple[str, ...] = ()


CHATML = TurnMarks(
    family="ChatML",
    turns={role: f"<|im_start|>{role}\n{{}}<|im_end|>\n" for role in ("system", "user", "assistant")},
    opening="<|im_start|>assistant\n",
    unthinking="<think>\n\n</think>\n\n",
    picture="<|vision_start|><|image_pad|><|vision_end|>",
    token="<|image_pad|>",
    own=("<|", "<think>", "</think>"),
)
GEMMA = TurnMarks(
    family="Gemma",
    turns={
        "user": "<start_of_turn>user\n{}<end_of_turn>\n",
        "assistant": "<start_of_turn>model\n{}<end_of_turn>\n",
    },
    opening="<start_of_turn>model\n",
    picture="\n<image_soft_token>",
    token="<image_soft_token>",
    own=("<start_of_turn>", "<end_of_turn>", "<image_soft_token>", "<start_of_image>", "<end_of_image>"),
)
GEMMA_4 = TurnMarks(
    family="Gemma 4",
    turns={
        "system": "<|turn>system\n{}<turn|>\n",
        "user": "<|turn>user\n{}<turn|>\n",
        "assistant": "<|turn>model\n{}<turn|>\n",
    },
    opening="<|turn>model\n",
    unthinking="<|channel>thought\n<channel|>",
    picture="\n\n<|image><|image|><image|>\n\n",
    token="<|image|>",
    own=("<|", "|>"),
)
MISTRAL = TurnMarks(
    family="Mistral",
    turns={"system": "[SYSTEM_PROMPT]{}[/SYSTEM_PROMPT]", "user": "[INST]{}[/INST]", "assistant": "{}</s>"},
    opening="",
    own=("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[INST]", "[/INST]", "</s>", "[IMG]"),
)
_BY_TOKEN = {"<|turn>": GEMMA_4, "<|im_start|>": CHATML, "<start_of_turn>": GEMMA, "[INST]": MISTRAL}


def marks_of(tokens: Collection[str]) -> TurnMarks | None:
    """The marks of the family whose tokens these are; None for a model that knows no turns."""
    return next((marks for token, marks in _BY_TOKEN.items() if token in tokens), None)


def marked(messages: Sequence[Message], marks: TurnMarks, pictures: int = 0, unthinking: bool = False) -> str:
    """A conversation as the model reads it, up to where its answer begins.

    Args:
        pictures: so many stand before the user's first words.
        unthinking: the model is to answer without thinking first.
    """
    aside = [_harmless(message["content"], marks) for message in messages if message["role"] not in marks.turns]
    begin = marks.picture * pictures + "".join(f"{text}\n\n" for text in aside)
    parts = []
    for message in messages:
        role = message["role"]
        if role not in marks.turns:
            continue
        text = _harmless(message["content"], marks)
        if role == "user":
            text, begin = begin + text, ""
        # not `format`: a text may hold braces
        parts.append(marks.turns[role].replace("{}", text, 1))
    return "".join(parts) + marks.opening + (marks.unthinking if unthinking else "")


def _harmless(text: str, marks: TurnMarks) -> str:
    """What a person wrote, or a picture's file said, without the marks by which it could pose as another turn."""
    if not marks.own:
        return text
    return re.sub("|".join(map(re.escape, marks.own)), lambda mark: f"{mark.group()[0]} {mark.group()[1:]}", text)


__all__ = ["TurnMarks", "marked", "marks_of"]
