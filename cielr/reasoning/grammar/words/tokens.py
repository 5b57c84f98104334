"""From an instruction to words that know where they stand in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ....core.colours import MIXTURES, NAMES, TONES, colour_rgb
from ....errors import NotUnderstood
from .hasty import SHORT, mended
from .vocabulary import FILLERS, TELLING

LONGEST = 2000
"""Characters of an instruction; more is no instruction."""
HUES = {name for names in NAMES for name in names.split()} - set(TONES)
"""Words that name a colour and nothing else, so that "forest green" is one colour and "red tomato" is not."""
_QUOTES = str.maketrans("’‘“”\u00a0\u200b\u2028\u2029–—", "''\"\"    -,")
_WORD = re.compile(
    r"""(?P<id>[a-z][a-z0-9-]*_\d+\b)|(?P<hex>\#(?:[0-9a-f]{6}|[0-9a-f]{3})\b)|(?P<ordinal>\d+(?:st|nd|rd|th)\b)
    |(?P<number>\d+(?:\.\d+)?(?![\w.:]|-[a-z0-9])|\d+(?:\.\d+)?(?=(?:px|pixels?|x|percent|times|%)(?:\b|\s|$)))
    |(?P<owner>'s\b|(?<=s)'(?=\s))|(?P<word>[^\W_]+(?:['&-][^\W_]+|\.\d[^\W_]*)*)|(?P<space>[ \t\r\f\v]+)
    |(?P<mark>.|\n)""",
    re.VERBOSE,
)
_APART = re.compile(
    r"^(?P<a>top|upper|bottom|lower|second|third|fourth|fifth)-(?P<b>left|right|middle|center|centre|\w+est|\w+most)$"
)
_CONTRACTED = re.compile(r"^(?P<a>[^\W_]+)'s$")
_GLUED = re.compile(r"^(?P<a>the)(?P<b>background|foreground|picture|image|photo|scene|left|right|top|bottom|middle)$")
"""An article that was typed without its space."""
_SINGLE_QUOTED = re.compile(
    r"""(?:(?<![\w'])|(?<=\bof)|(?<=\btext))'((?:[^'\n"]|(?<=\w)'(?=\w)){1,200}?)'
    (?:(?![\w'])|(?=(?:and|to|into|in|on|with|from|by|clockwise|counterclockwise|above|below|smaller|bigger)\b))""",
    re.VERBOSE,
)
"""Words in single quotation marks, which are apostrophes as well; also where no space stands beside them."""
_QUOTATION = re.compile(r'"([^"\n]{1,200})"')
_UNCLOSED = re.compile(r'(?<=[\s(])"(?=\S)[^"\n.!?;]{1,40}$')
"""Letters at the end of a text that no mark closes: 'remove the text "NYC'."""
_PLAIN_QUOTATION = re.compile(r"[a-z]+(?: [a-z]+){0,2}")
"""What may be quoted for being a name, and not for being letters that somebody wrote."""
_WHOLE = frozenset({"let's", "it's", "that's", "who's", "there's", "what's", "he's", "she's"})
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•]|\(?\d{1,2}[.)]|[a-h][.)]|step \d{1,2}:)[ \t]+", re.IGNORECASE)


_INLINE_MARK = re.compile(r"(?<=\s)(?:\(?\d{1,2}[.)]|[a-h][.)])\s+(?=[A-Za-z])")
_SIGNED = re.compile(
    r"(?<=[\n.!?])\s*(?:(?:many )?thanks|thank you|cheers|(?:kind |best )?regards)[\s,.!]*\w{0,20}[\s,.!]*$",
    re.IGNORECASE,
)
"""How a letter ends."""


@dataclass(frozen=True)
class Token:
    """A word in lower case with its place in the text; `kind` is "word", "id", "hex", "number", "ordinal", "owner"
    (the 's of a possessive), "quoted" (a word of a quoted name, or quoted letters as a whole) or "mark"."""

    word: str
    kind: str
    start: int
    end: int

    @property
    def is_letters(self) -> bool:
        """Whether it is a whole quotation, of letters that somebody wrote."""
        return self.kind == "quoted" and self.word.startswith('"')


@dataclass(frozen=True)
class Clause:
    """Words of one wish and the text that they are from."""

    text: str
    tokens: tuple[Token, ...]

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(token.word for token in self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def is_all(self) -> bool:
        """Whether the text says nothing else, but for a word of politeness."""
        before, after = self.text[: self.tokens[0].start], self.text[self.tokens[-1].end :]
        after = re.sub(r"\b(?:please|pls|plz|thanks|thank you|now|instead)\b", "", after.lower())
        return not re.search(r"\w", after) and len(re.findall(r"\w+", before)) <= 3 and "." not in before

    def raw(self, start: int, end: int) -> str:
        """The text from one token up to another, as it was typed."""
        if start >= end:
            return ""
        text = self.text[self.tokens[start].start : self.tokens[end - 1].end]
        # a quotation mark belongs to the words that it opens or closes
        before, after = self.tokens[start].start - 1, self.tokens[end - 1].end
        if text.count('"') % 2:
            if before >= 0 and self.text[before] == '"':
                text = '"' + text
            elif after < len(self.text) and self.text[after] == '"':
                text += '"'
        elif before >= 0 and after < len(self.text) and self.text[before] == self.text[after] == '"':
            text = f'"{text}"'
        return " ".join(text.split())

    @property
    def is_wanted(self) -> bool:
        """Whether "I want", "I need" or "I'd like" stands before it."""
        return re.search(r"\b(?:want|need|like)\s*$", self.text[: self.tokens[0].start].lower()) is not None

    def following(self) -> str:
        """The text after the clause, in lower case."""
        return self.text[self.tokens[-1].end :].lstrip(" ,").lower()

    def spelled(self, start: int = 0, end: int | None = None) -> str:
        return spelled(self.words[start:end])


def spelled(words: Sequence[str]) -> str:
    """The words as a text, in lower case."""
    return " ".join(words).replace(" 's", "'s").replace(" ,", ",").replace(" %", "%").strip()


LLM = "connect an LLM for instructions like this one"
PAINTER = (
    "that needs a painter: connect an inpainter (Checkpoint Inpainter in ComfyUI, --inpainter on the command line)"
)


def refusal(why: str, cure: str = LLM) -> NotUnderstood:
    """The one sentence with which an instruction is refused: why, and what would help."""
    return NotUnderstood(f"{why[0].upper()}{why[1:]}; {cure}.")


def tokens_of(instruction: str) -> tuple[str, list[Token]]:
    """(the text with plain quotation marks, its tokens without fillers).

    Raises:
        NotUnderstood: where it is empty, too long, or in another language's letters.
    """
    if not instruction.strip():
        raise NotUnderstood("The instruction is empty; say what is to be changed.")
    if len(instruction) > LONGEST:
        raise NotUnderstood(
            f"The instruction has {len(instruction)} characters; up to {LONGEST} can be read, so say it shorter."
        )
    if _is_foreign(instruction):
        raise NotUnderstood("The built-in grammar reads English; connect an LLM for other languages.")
    text = re.sub(r"(?<=[A-Za-z])_(?=[A-Za-z])", " ", instruction.translate(_QUOTES))
    if _UNCLOSED.search(text) and text.count('"') % 2:
        text += '"'
    # an apostrophe within double quotation marks opens nothing
    text = "".join(
        part if number % 2 else _SINGLE_QUOTED.sub(r'"\1"', part)
        for number, part in enumerate(re.split(r'("[^"\n]*")', text))
    )
    listed = _LIST_MARK.sub(_blank_line, text)
    if _LIST_MARK.match(text):
        # "1. remove the dog 2. paint the cat", in one line
        listed = _INLINE_MARK.sub(_blank_line, listed)
    listed = "".join(" " if _is_ornament(letter) else letter for letter in listed)
    tokens = mended(text, _without_fillers(_tokens(_SIGNED.sub(lambda match: " " * len(match[0]), listed))))
    if not any(token.kind != "mark" for token in tokens):
        marks = "".join(token.word for token in tokens if token.word not in "\n.,;!?:")
        if marks:
            raise refusal(f"'{marks[:20]}' was not understood")
        raise NotUnderstood("The instruction says nothing that is to be changed.")
    return text, tokens


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    quotations = {match.start(): match for match in _QUOTATION.finditer(text)}
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    plain_until = 0
    place = 0
    while match := _WORD.match(lower, place):
        kind, start, end = str(match.lastgroup), match.start(), match.end()
        word = match[0]
        place = end
        if (quotation := quotations.get(start)) is not None:
            if _PLAIN_QUOTATION.fullmatch(quotation[1]):
                plain_until = quotation.end()
                continue
            # letters that somebody wrote are one word, whatever they say
            place = quotation.end()
            tokens.append(Token(lower[start:place], "quoted", start, place))
            continue
        if kind == "space" or word in "\"'`":
            continue
        if start < plain_until and kind != "mark":
            tokens.append(Token(word, "quoted", start, end))
            continue
        if kind == "word":
            tokens += _apart(word, start, end)
        else:
            tokens.append(Token(word, kind, start, end))
    return tokens


def _apart(word: str, start: int, end: int) -> list[Token]:
    """A word, or the two of "cup's" and "top-left"."""
    if word not in _WHOLE and (match := _CONTRACTED.match(word)):
        middle = start + match.end("a")
        return [Token(match["a"], "word", start, middle), Token("'s", "owner", middle, end)]
    if match := _APART.match(word) or _GLUED.match(word):
        return [
            Token(match["a"], "word", start, start + match.end("a")),
            Token(match["b"], "word", start + match.start("b"), end),
        ]
    return [Token(SHORT.get(word, word), "word", start, end)]


def _is_ornament(letter: str) -> bool:
    """Whether a character is an emoji or the like, and no word or mark."""
    return letter != "°" and unicodedata.category(letter) in ("So", "Sk", "Cf", "Mn")


def _blank_line(match: re.Match[str]) -> str:
    """A line break in the place of a list mark, and as long."""
    return "\n" + " " * (len(match[0]) - 1)


def _without_fillers(tokens: list[Token]) -> list[Token]:
    words = [token.word for token in tokens]
    kept: list[Token] = []
    place = 0
    while place < len(tokens):
        filler = FILLERS.at(words, place)
        # "just keep", "now" within a name such as "right now" stay readable without it
        begins = not kept or kept[-1].kind == "mark"
        if words[place] == "just" and len(kept) > 1 and kept[-1].word == "out" and kept[-2].word in ("crop", "cut"):
            # "crop out just the dog" leaves the dog
            filler = None
        if filler is not None and (filler[0] == "filler" or begins):
            place += filler[1]
            continue
        kept.append(tokens[place])
        place += 1
    tells = TELLING & set(words)
    while kept and (kept[-1].word in ".!?;,\n " or (kept[-1].word == "na" and len(kept) > 2 and not tells)):
        kept.pop()
    return kept


def _is_foreign(text: str) -> bool:
    """Whether most letters are of another alphabet than English is written in."""
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) > len(letters)


# ----------------------------------------------------------------------------------------------------------- colours


def colour_size(words: Sequence[str], place: int, end: int | None = None) -> int:
    """How many words the longest name of a colour has that begins there; 0 for none."""
    end = len(words) if end is None else end
    for size in range(min(3, end - place), 0, -1):
        parts = [part for word in words[place : place + size] for part in word.split("-")]
        if all(part.isalpha() for part in parts) and _is_one_colour(parts):
            return size
    return 0


def _is_one_colour(words: list[str]) -> bool:
    """ "red", "dark red", "light sea green", "forest green"; but "red tomato" is a colour and something else."""
    if len(words) > 1 and words[0] in TONES and _is_one_colour(words[1:]):
        return True
    if " ".join(words).replace("grey", "gray") in MIXTURES:
        return True
    if len(words) == 2 and words[0] in HUES and words[1] not in HUES:
        # "white smoke"
        return False
    if len(words) == 2 and words[1] in HUES and words[0] not in HUES:
        return colour_rgb(" ".join(words)) is not None
    return colour_rgb("".join(words)) is not None
