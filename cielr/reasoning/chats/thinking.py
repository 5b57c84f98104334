"""Thinking that servers leave in an answer, told apart from the answer itself."""

from __future__ import annotations

import re

_NAMES = r"(?:\w{1,12}:)?(?:think|thinking|thought|reasoning)"
_OPEN = re.compile(
    rf"<{_NAMES}>|\[{_NAMES}\]|◁{_NAMES}▷|<unused94>|<\|channel\|>(?:analysis|commentary)\b[^<]{{0,80}}<\|message\|>",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</{_NAMES}>|\[/{_NAMES}\]|◁/{_NAMES}▷|<unused95>|<\|channel\|>final\b[^<]{{0,80}}<\|message\|>|\bassistantfinal\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"<\|(?:start|end|return|channel|message|call)\|>(?:assistant|final)?")
"""What is left of the frame of gpt-oss's channels around an answer."""
_ANSWER = ("{", "[{", "```")


def split_thinking(text: str) -> tuple[str, str]:
    """(thinking, answer) of what a model wrote, by the marks of the common families of models.

    Thinking without its opening mark, which some servers' templates swallow, ends at its closing mark. A mark that is
    a word within the answer's JSON ends no thinking, and thinking that never ends is left as it is.
    """
    if text.lstrip().startswith(_ANSWER):
        return "", text
    ends = list(_CLOSE.finditer(text))
    if not ends:
        return "", text
    # the first mark after which an answer begins: later ones may be words of that answer
    end = next((mark for mark in ends if text[mark.end() :].lstrip().startswith(_ANSWER)), ends[-1])
    thinking = text[: end.start()].lstrip()
    begin = _OPEN.match(thinking)
    thinking = thinking[begin.end() :] if begin else thinking
    return _MARKS.sub("", thinking).strip(), _MARKS.sub("", text[end.end() :]).strip()


def is_unfinished_thinking(text: str) -> bool:
    """Whether a text begins to think and never comes to an answer."""
    return _OPEN.match(text.lstrip()) is not None and _CLOSE.search(text) is None


__all__ = ["is_unfinished_thinking", "split_thinking"]
