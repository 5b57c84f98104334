"""From an instruction to steps of tokens. The words are the terminals of `grammar.lark`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from lark import Lark, Token
from lark.lexer import Lexer, PatternRE, PatternStr

from ...core.colours import NAMES, TONES, colour_rgb
from ...errors import NotUnderstood

Phrase: TypeAlias = Any
"""A lark Tree: the grammar, not the type checker, knows which of its children are trees and which tokens."""
HUES = {name for names in NAMES for name in names.split()} - set(TONES)
"""Words that name a colour and nothing else, so that "forest green" is one colour and "red tomato" is not."""
LONGEST = 2000
"""Characters of an instruction; more is no instruction."""
VERBS = frozenset(
    (
        *("REMOVE", "TAKE", "KEEP", "RECOLOUR", "MAKE", "REPLACE", "BRIGHTEN", "DARKEN", "BLUR", "DESATURATE", "MORE"),
        *("LESS", "ENLARGE", "SHRINK", "SCALE", "DOUBLE", "TRIPLE", "HALVE", "MOVE", "DRAW"),
    )
)
"""Terminals with which a step begins: "and" before one of them begins a new step."""
REFUSED = {
    "NOT": "says what not to do, and only what is to be done can be done by rule",
    "DRAW": "asks for something new to be drawn",
    "CLAUSE": "makes a condition, a choice or a comparison, which no rule here can follow",
    "VAGUE": "is a matter of taste or of knowledge, not of what the picture shows",
}


def steps_of(instruction: str) -> list[list[Token]]:
    """The instruction as steps, each a list of tokens without fillers.

    Raises:
        NotUnderstood: where it is empty or too long, or holds a word that no rule can follow ("not", "nicer", "add").
    """
    if not instruction.strip():
        raise NotUnderstood("The instruction is empty; say what is to be changed.")
    if _is_foreign(instruction):
        raise NotUnderstood("The built-in grammar reads English; connect an LLM for other languages.")
    if len(instruction) > LONGEST:
        raise NotUnderstood(
            f"The instruction has {len(instruction)} characters; up to {LONGEST} can be read, so say it shorter."
        )
    steps: list[list[Token]] = [[]]
    tokens = [token for token in _tokens(_tidy(instruction)) if token.type != "FILLER"]
    # a comma before "and", or before nothing once a "please" is gone, says no more than a breath
    after = [*(token.type for token in tokens[1:]), ""]
    tokens = [t for t, follows in zip(tokens, after, strict=False) if t.type != "COMMA" or follows not in ("AND", "")]
    for number, token in enumerate(tokens):
        if token.type in REFUSED:
            raise refusal(f"'{token}' {REFUSED[token.type]}")
        following = tokens[number + 1].type if number + 1 < len(tokens) else ""
        if token.type == "THEN" or (token.type in ("AND", "COMMA") and _begins_step(steps[-1], following)):
            steps.append([])
        else:
            steps[-1].append(token)
    steps = [step[1:] if step and step[0].type in ("AND", "COMMA") else step for step in steps]
    steps = [step for step in steps if step]
    if not steps:
        raise NotUnderstood("The instruction says nothing that is to be changed.")
    return steps


def split_colours(step: list[Token]) -> list[Token]:
    """The step with colours of several words taken apart: the first may be a thing, as in "make the orange red"."""
    return [
        Token(token.type, word)
        for token in step
        for word in (token.split() if token.type == "COLOUR" and token.split()[0] not in TONES else [str(token)])
    ]


def refusal(why: str) -> NotUnderstood:
    """The one sentence with which an instruction is refused."""
    return NotUnderstood(f"{why[0].upper()}{why[1:]}; connect an LLM for instructions like this one.")


@lru_cache(maxsize=1)
def grammar() -> Lark:
    """The parser of one step; it returns every reading."""
    text = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text,
        start=["step", "refused", "dropped"],
        parser="earley",
        lexer=_Given,
        ambiguity="explicit",
        propagate_positions=False,
    )


# ------------------------------------------------------------------------------------------------------------- lexer


class _Given(Lexer):
    """Hands on tokens that were made before: a step is parsed from tokens, not from text."""

    def __init__(self, lexer_conf) -> None:
        pass

    def lex(self, data, parser_state=None) -> Iterator[Token]:
        yield from getattr(data, "text", data)


@lru_cache(maxsize=1)
def _terminals() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for terminal in grammar().terminals:
        if isinstance(terminal.pattern, (PatternRE, PatternStr)):
            # whole words only; said in the pattern, so that "onto" is not stopped by the "on" within
            whole = rf"(?:{terminal.pattern.to_regexp()})(?:(?<=\w)(?!\w)|(?<=\W))"
            found.append((terminal.name, re.compile(whole)))
    return found


@lru_cache(maxsize=2)
def vocabulary(verbs: bool = False) -> frozenset[str]:
    """The single words of some length that the grammar knows, or of these the verbs with which a step begins.

    Those that it knows only so as to refuse or to drop them are left out.
    """
    found = {word for name in NAMES for word in name.split()}
    for _, pattern in _terminals():
        for word in re.findall(r"[a-z][a-z?]+", pattern.pattern):
            # an optional letter is written with a question mark after it
            found |= {re.sub(r"\w\?", "", word), word.replace("?", "")}
    types = {word: _longest(word, 0) for word in found if len(word) > 2}
    return frozenset(
        word
        for word, (name, end) in types.items()
        if end == len(word) and (name in VERBS if verbs else name != "WORD") and name not in {"FILLER", *REFUSED}
    )


def _is_foreign(text: str) -> bool:
    """Whether most letters are of another alphabet than English is written in."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) > len(letters)


def _tidy(text: str) -> str:
    text = text.lower().replace("’", "'").replace("“", '"').replace("”", '"').strip()
    text = re.sub(r"(?<![\w#])(\d+(?:\.\d+)?)(?=(px|pixels?|x|percent|times)\b)", r"\1 ", text)
    text = re.sub(
        r"(?<=[a-z])-(?=(larg|bigg|small|tini|tall|short|wid|narrow|near|clos|far|furth|high|low)[a-z]*est\b)",
        " ",
        text,
    )
    text = re.sub(r"\b(top|upper|bottom|lower)-(?=(left|right|middle|center|centre)\b)", r"\1 ", text)
    # a full stop ends a step; one in a number or at the very end does not
    return re.sub(r"[.!?\s]+$", "", text)


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        if text[place].isspace() or text[place] in "\"'":
            place += 1
            continue
        name, end = _longest(text, place)
        yield Token(name, text[place:end])
        place = end


def _longest(text: str, start: int) -> tuple[str, int]:
    """(terminal, end) of the longest match of whole words at a place; ids and colours go before plain words."""
    best = ("WORD", _word_end(text, start))
    if match := re.compile(r"[a-z][a-z0-9-]*_\d+\b").match(text, start):
        return "ID", match.end()
    length = 0
    for name, pattern in _terminals():
        match = pattern.match(text, start)
        if match and match.end() - start > length:
            best, length = (name, match.end()), match.end() - start
    colour = _colour_end(text, start)
    return ("COLOUR", colour) if colour - start > length else best


def _word_end(text: str, start: int) -> int:
    match = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|.").match(text, start)
    return match.end() if match else start + 1


def _colour_end(text: str, start: int) -> int:
    """Where the longest name of a colour ends that begins here; `start` where none does."""
    words = list(re.compile(r"[a-z]+(?:-[a-z]+)*").finditer(text, start))[:3]
    words = [word for k, word in enumerate(words) if word.start() == (words[k - 1].end() + 1 if k else start)]
    for count in range(len(words), 0, -1):
        parts = [word[0] for word in words[:count]]
        if _is_one_colour(parts):
            return words[count - 1].end()
    return start


def _is_one_colour(words: list[str]) -> bool:
    """ "red", "dark red", "light sea green", "forest green"; but "red tomato" is a colour and something else."""
    if len(words) > 1 and words[0] in TONES and _is_one_colour(words[1:]):
        return True
    if len(words) == 2 and words[1] in HUES and words[0] not in HUES:
        return colour_rgb(" ".join(words)) is not None
    return colour_rgb("".join(words)) is not None


def _begins_step(step: list[Token], following: str) -> bool:
    """Whether what follows an "and" or a comma is a new step: a verb, after something that is one already."""
    return following in VERBS and bool(step) and step[0].type in VERBS
