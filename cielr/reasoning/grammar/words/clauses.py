"""From the words of an instruction to clauses: one wish each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .run_on import begins_run_on
from .tokens import Clause, Token, colour_size, tokens_of
from .vocabulary import BACKGROUND_WORDS, CONNECTIVES, RELATIONS, TASTE, TELLING, VERBS, word_set

_ABBREVIATED = frozenset({"st", "mr", "mrs", "ms", "dr", "vs", "approx", "e.g", "etc"})


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
        if parts[-1] and begins_run_on(text, parts[-1], tokens, words, place):
            parts.append([])
        if not parts[-1] and words[place] in _STEPS and VERBS.at(words, place + 1) is not None:
            # "first remove the boat, second paint the car"
            place += 1
            continue
        abbreviates = words[place] == "." and place > 0 and tokens[place].kind == "mark"
        if not abbreviates and (parts[-1] or words[place] not in (",", ":", "-", "and", "&")):
            parts[-1].append(tokens[place])
        place += 1
    trimmed = [_without_all(part) for part in map(_trimmed, parts) if part]
    return [_without_too(Clause(text, tuple(part))) for part in _with_places_last(trimmed)]


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
    why = next((k for k in range(2, len(part)) if _is_why([token.word for token in part], k)), len(part))
    part = part[:why]
    while part and part[-1].word in (",", ":", "and", "-", "&"):
        part = part[:-1]
    return part


def _is_why(words: Sequence[str], place: int) -> bool:
    """Whether a reason begins there: "because …", ", i blinked"."""
    if TELLING & set(words[:place]):
        # "make the sign say hello, i am Bob"
        return words[place] == "because"
    if words[place - 1] in ("like", "as", "if", "that", "so", "and", "to", "than"):
        # "make the dog look like it's happy"
        return False
    spelt = tuple(words[place : place + 2]) in (("it", "is"), ("they", "are"))
    dull = spelt or words[place] in ("it's", "its", "they're")
    judged = words[place + 1 + (words[place] in ("it", "they")) :]
    if dull and place > 2 and judged[:1] in (["gonna"], ["going"]):
        # "its gonna lighten her up"
        return True
    if dull and place > 1 and judged and (judged[-1] in _DULL and (len(judged) == 1 or judged[0] in ("too", "so"))):
        # "make it brighter its too dark"
        return True
    said = words[place] == "," and words[place + 1 : place + 2] == ["i"] and words[place + 2 : place + 3] != []
    return words[place] == "because" or (said and words[place + 2] in _ABOUT_ME)


_EXACT = frozenset(
    {"more", "less", "brighten", "darken", "blur", "sharpen", "saturate", "desaturate", "recolour", "remove"}
)
"""Families of verbs after which "overall" and "only" at the end say nothing more."""
_DULL = TASTE | word_set(
    "messy dark blurry distracting dirty crooked wrong boring grainy bright light big small loud plain dull empty busy"
)
"""What somebody says of a thing that is to be changed for it."""
_ABOUT_ME = frozenset({"blinked", "forgot", "hate", "look", "looked", "was", "am", "didn't", "closed", "wasn't", "had"})


def _without_all(part: list[Token]) -> list[Token]:
    """Without what says nothing: the "all" of "make the pants all white", the "overall" of "darken it overall"."""
    words = [token.word for token in part]
    verb = VERBS.at(words, 0)
    if TELLING & set(words):
        # letters say what they like
        return part
    exact = verb is not None and verb[0] in _EXACT
    if len(part) > 4 and words[-3:-1] == ["all", "solid"]:
        # "make the background all solid blue"
        part, words = [*part[:-3], part[-1]], [*words[:-3], words[-1]]
    if exact and len(part) > 3 and words[-1] in ("overall", "enough", "itself", "themselves"):
        # "darken the photo overall"
        part, words = part[:-1], words[:-1]
    if exact and len(part) > 3 and words[-1] == "only":
        # "increase the contrast of the mountains only"
        part, words = part[:-1], words[:-1]
    whole = len(part) > 3 and words[-2] == "all" and colour_size(words, len(part) - 1, len(part)) == 1
    return [*part[:-2], part[-1]] if whole else part


def _without_too(clause: Clause) -> Clause:
    """Without the "too" of a wish that is whole without it."""
    words = clause.words
    if words[-4:-3] == (",",) and words[-3] in ("all", "both", "each") and words[-2:] == ("of", "them"):
        # "remove the birds, all of them"
        return replace(clause, tokens=clause.tokens[:-4])
    verb = VERBS.at(words, 0)
    if words[-1] == "instead" and len(words) > 3 and (verb is None or verb[0] in _NOT_IN_PLACE):
        # "the dog should be on the floor instead"
        return replace(clause, tokens=clause.tokens[:-1])
    asks = verb is not None or clause.is_wanted or bool({"should", "must"} & set(words))
    return replace(clause, tokens=clause.tokens[: len(words) - _size_of_too(words)]) if asks else clause


_NOT_IN_PLACE = frozenset({"change", "recolour", "replace", "swap", "move"})
"""Families of verbs after which "instead" says nothing."""


def _size_of_too(words: Sequence[str]) -> int:
    return 1 if words[-1] == "too" else 2 if tuple(words[-2:]) == ("as", "well") else 0


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
    if word in (",", "-") and words[place + 1 : place + 2] in (["it's"], ["that's"], ["they're"]):
        judged = words[place + 2 : place + 3]
        return 1 if judged and judged[0] in TASTE | {"too", "so", "very", "really"} else 0
    if word == "but" and begins_wish(words, place + 1):
        return 1
    if word in ("and", ",", "but") and words[place + 1 : place + 2] in (["don't"], ["dont"]):
        return 1
    size = 1 if word in (",", "and", "&", "+", "-") else 0
    if size and word == "," and place + 1 < len(words) and words[place + 1] in ("and", "&"):
        size = 2
    after = place + size
    if word == "and" and inside and words[after : after + 1] == ["to"] and begins_wish(words, after + 1):
        # "I'd like to remove the vase and to make the sofa red"
        return size + 1
    if (connective := CONNECTIVES.at(words, after)) is not None and (size or inside):
        return size + connective[1]
    if (connective := CONNECTIVES.at(words, place)) is not None:
        return connective[1]
    step = after + (words[after : after + 1] != [] and words[after] in _STEPS)
    return size if size and inside and (begins_wish(words, step) or _asks_again(words, after)) else 0


def words_again(words: Sequence[str]) -> tuple[int, int] | None:
    """The span of what the same is to be done to, in "do the same to the plate" and "the plate too"; or None."""
    for begin in (("do", "the", "same"), ("the", "same")):
        size = len(begin)
        if tuple(words[:size]) == begin and tuple(words[size : size + 1]) in (("to",), ("for",), ("with",), ("on",)):
            return (size + 1, len(words)) if len(words) > size + 1 else None
    tail = _size_of_too(words)
    return (0, len(words) - tail) if tail and len(words) - tail > 1 and words[0] in _DEFINITE else None


def _asks_again(words: Sequence[str], place: int) -> bool:
    """Whether the same is asked for of something else, up to the end of the sentence."""
    end = next((k for k in range(place, len(words)) if words[k] in (".", ";", "\n", "!", "?", ",")), len(words))
    said = words[place:end]
    return bool(said) and words_again(said) is not None and not any(begins_wish(said, k) for k in range(len(said)))


_DEFINITE = word_set("the this that these those my your our his her its their all both")
"""Words with which a thing begins that is there already."""


_STEPS = frozenset({"first", "second", "third", "fourth", "last"})
"""What numbers a step, where a verb follows."""
_NOUN_TOO = word_set(
    """color colour paint dye tint turn set change copy clone mirror scale place position show present print plant
    cover cut style drop clear open close fold cross lift cast spin tilt flip blur trade wrap bend double triple
    smooth stretch curl slim park toss top surround brush light slice toast peel flood comb burn crack break center
    swap polish age shift slide push lower hang segment trim
    paste crop zoom clean update tie button wet empty stack sink dent fry bake cook tear rip raise warm cool pour"""
)
"""Verbs that are nouns or adjectives as well: they begin a wish only before a word with which a thing begins."""
_THING_BEGINS = word_set(
    """the a an all every each both this that these those it them him its his her their my some another one two three
    four up down out off away in"""
)


def begins_wish(words: Sequence[str], place: int) -> bool:
    """Whether a verb of editing stands there, with something after it."""
    verb = VERBS.at(words, place)
    if verb is not None and verb[0] == "frame" and place + verb[1] == len(words):
        return True
    if verb is None or place + verb[1] >= len(words):
        return False
    following = words[place + verb[1]]
    if words[place] == "change" and following in BACKGROUND_WORDS:
        return True
    if words[place] in _NOUN_TOO:
        return following in _THING_BEGINS or "_" in following
    return following not in ("of", ",", "and", "is", "are")
