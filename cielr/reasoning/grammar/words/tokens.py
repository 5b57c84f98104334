"""From an instruction to words that know where they stand in it, and to clauses: one wish each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ....core.colours import MIXTURES, NAMES, TONES, colour_rgb
from ....errors import NotUnderstood
from .vocabulary import CONNECTIVES, FILLERS, RELATIONS, VERBS, word_set

LONGEST = 2000
"""Characters of an instruction; more is no instruction."""
HUES = {name for names in NAMES for name in names.split()} - set(TONES)
"""Words that name a colour and nothing else, so that "forest green" is one colour and "red tomato" is not."""
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "–": "-", "—": ","})
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
_PLAIN_QUOTATION = re.compile(r"[a-z]+(?: [a-z]+){0,2}")
"""What may be quoted for being a name, and not for being letters that somebody wrote."""
_WHOLE = frozenset({"let's", "it's", "that's", "who's", "there's", "what's", "he's", "she's"})
_ABBREVIATED = frozenset({"st", "mr", "mrs", "ms", "dr", "vs", "approx", "e.g", "etc"})
_LIST_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•]|\(?\d{1,2}[.)]|[a-h][.)]|step \d{1,2}:)[ \t]+", re.IGNORECASE)


_INLINE_MARK = re.compile(r"(?<=\s)(?:\(?\d{1,2}[.)]|[a-h][.)])\s+(?=[A-Za-z])")
_SIGNED = re.compile(
    r"(?<=[\n.!?])\s*(?:(?:many )?thanks|thank you|cheers|(?:kind |best )?regards)[\s,.!]*\w{0,20}[\s,.!]*$",
    re.IGNORECASE,
)
"""How a letter ends."""
_SHORT = {"ppl": "people", "bg": "background", "pic": "picture", "pics": "pictures", "u": "you", "colr": "color"}
"""What is typed in a hurry."""


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
    tokens = _without_fillers(_tokens(_SIGNED.sub(lambda match: " " * len(match[0]), listed)))
    if not any(token.kind != "mark" for token in tokens):
        marks = "".join(token.word for token in tokens if token.word not in "\n.,;!?:")
        if marks:
            raise refusal(f"'{marks[:20]}' was not understood")
        raise NotUnderstood("The instruction says nothing that is to be changed.")
    return text, tokens


def clauses_of(instruction: str) -> list[Clause]:
    """The instruction cut into wishes: at full stops, line breaks, "then", and before a verb that follows a breath.

    Raises:
        NotUnderstood: as `tokens_of`.
    """
    text, tokens = tokens_of(instruction)
    words = [token.word for token in tokens]
    parts: list[list[Token]] = [[]]
    place = 0
    while place < len(tokens):
        size = 0 if tokens[place].kind == "quoted" else _break_at(words, place, bool(parts[-1]))
        if size and _is_still_open([token.word for token in parts[-1]], words, place):
            size = 0
        if size:
            parts.append([])
            place += size
            continue
        if not parts[-1] and words[place] in _STEPS and VERBS.at(words, place + 1) is not None:
            # "first remove the boat, second paint the car"
            place += 1
            continue
        abbreviates = words[place] == "." and place > 0 and tokens[place].kind == "mark"
        if not abbreviates and (parts[-1] or words[place] not in (",", ":", "-", "and", "&")):
            parts[-1].append(tokens[place])
        place += 1
    trimmed = [part for part in map(_trimmed, parts) if part]
    return [Clause(text, tuple(part)) for part in _with_places_last(trimmed)]


def _is_still_open(begun: Sequence[str], words: Sequence[str], place: int) -> bool:
    """Whether one wish goes on there: "instead of a cat, make it a dog", "cut out the cat and put it on white"."""
    if list(begun[:2]) == ["instead", "of"] and words[place] == ",":
        return True
    after = list(words[place + 1 : place + 3])
    after = after[1:] if after[:1] == ["and"] else after
    if set(begun) & {"should", "must"} and VERBS.at(begun, 0) is None and after[:1] == ["have"]:
        # "the guard should wear red, and have a whistle"
        return True
    cut = list(begun[:2]) == ["cut", "out"] or begun[:1] == ["extract"] or begun[:1] == ["isolate"]
    return cut and words[place] == "and" and words[place + 2 : place + 4] in (["it", "on"], ["it", "onto"])


def _with_places_last(parts: list[list[Token]]) -> list[list[Token]]:
    """ "to the left of the cup, add a lemon" as "add a lemon to the left of the cup"."""
    ordered: list[list[Token]] = []
    for part in parts:
        words = [token.word for token in ordered[-1]] if ordered else []
        leads = words and (RELATIONS.at(words, 0) is not None or words[0] in ("in", "on", "at", "to", "between"))
        if leads and not any(begins_wish(words, k) for k in range(len(words))) and _adds(part):
            ordered[-1] = part + ordered[-1]
        else:
            ordered.append(part)
    return ordered


def _adds(part: list[Token]) -> bool:
    verb = VERBS.at([token.word for token in part], 0)
    return verb is not None and verb[0] in ("add", "put", "create")


def _trimmed(part: list[Token]) -> list[Token]:
    while part and part[-1].word in (",", ":", "and", "-", "&"):
        part = part[:-1]
    return part


def _break_at(words: Sequence[str], place: int, inside: bool) -> int:
    """How many words at a place are a break between two wishes; 0 for none."""
    word = words[place]
    if word == "." and place and words[place - 1] in _ABBREVIATED:
        return 0
    if word == "." and place and len(words[place - 1]) == 1 and words[place - 1].isalpha():
        # "Frank J. Underwood"
        return 0 if place + 1 < len(words) and VERBS.at(words, place + 1) is None else 1
    if word in (".", ";", "\n", "!", "?"):
        return 1
    if word == "but" and begins_wish(words, place + 1):
        return 1
    if word in ("and", ",", "but") and words[place + 1 : place + 2] in (["don't"], ["dont"]):
        return 1
    size = 1 if word in (",", "and", "&", "+", "-") else 0
    if size and word == "," and place + 1 < len(words) and words[place + 1] in ("and", "&"):
        size = 2
    after = place + size
    if (connective := CONNECTIVES.at(words, after)) is not None and (size or inside):
        return size + connective[1]
    if (connective := CONNECTIVES.at(words, place)) is not None:
        return connective[1]
    step = after + (words[after : after + 1] != [] and words[after] in _STEPS)
    return size if size and inside and begins_wish(words, step) else 0


_STEPS = frozenset({"first", "second", "third", "fourth", "last"})
"""What numbers a step, where a verb follows."""
_NOUN_TOO = word_set(
    """color colour paint dye tint turn set change copy clone mirror scale place position show present print plant
    cover cut style drop clear open close fold cross lift cast spin tilt flip blur trade wrap bend double triple
    light slice toast peel flood comb burn crack break center swap polish age shift slide push lower hang segment trim
    update raise"""
)
"""Verbs that are nouns or adjectives as well: they begin a wish only before a word with which a thing begins."""
_THING_BEGINS = word_set(
    """the a an all every each both this that these those it them its his her their my some another one two three
    four up down out off away in"""
)


def begins_wish(words: Sequence[str], place: int) -> bool:
    """Whether a verb of editing stands there, with something after it."""
    verb = VERBS.at(words, place)
    if verb is None or place + verb[1] >= len(words):
        return False
    following = words[place + verb[1]]
    if words[place] in _NOUN_TOO:
        return following in _THING_BEGINS or "_" in following
    return following not in ("of", ",", "and", "is", "are")


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
    return [Token(_SHORT.get(word, word), "word", start, end)]


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
        if filler is not None:
            place += filler[1]
            continue
        kept.append(tokens[place])
        place += 1
    while kept and kept[-1].word in ".!?;,\n ":
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
    if len(words) == 2 and words[1] in HUES and words[0] not in HUES:
        return colour_rgb(" ".join(words)) is not None
    return colour_rgb("".join(words)) is not None
