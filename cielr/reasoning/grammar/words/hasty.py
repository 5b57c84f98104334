"""Words as they are typed in a hurry: "the dogs head", "eyes nose and mouth", "counter clockwise"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ....core.colours import NAMES
from ....core.inflection import singular
from .synonyms import BEASTS, CLOTHES, PEOPLE
from .vocabulary import ARTICLES, COMPARED, NUMBERS, PICTURES, POSSESSIVES, SIDES, word_set

if TYPE_CHECKING:
    from .tokens import Token

SHORT = {
    "ppl": "people",
    "bg": "background",
    "pic": "picture",
    "pics": "pictures",
    "u": "you",
    "colr": "color",
    "insted": "instead",
    "backround": "background",
    "backgroud": "background",
    "backgound": "background",
    "backgrount": "background",
    "sandwhich": "sandwich",
    "umbrela": "umbrella",
    "umberella": "umbrella",
    "boarder": "border",
    **dict.fromkeys(("grom", "fron", "frm", "fom"), "from"),
    **dict.fromkeys(("wiht", "whith", "wih"), "with"),
    "redeye": "red-eye",
    "thx": "thanks",
    "haed": "head",
    "peice": "piece",
    "freind": "friend",
}
"""Typing errors of words that another word looks like as well."""
_ORGANS = word_set(
    "head heads face faces mouth mouths nose noses eye eyes ear ears tail eyebrows hair hand hands beard teeth tongue"
)
_OF_SOMEBODY = _ORGANS | word_set(
    """arm arms leg legs foot feet neck chest body skin paw paws tail lap shoulder shoulders lips
    cheek cheeks forehead finger fingers belly back wrist wrists knee knees collar leash hairstyle expression"""
)
_HUES = frozenset(word for names in NAMES for word in names.split())
_OF_A_PICTURE = word_set("color colors colour colours background brightness contrast lighting tone style")
_SIDED = frozenset({"left", "right", "own", "upper", "lower"})
_TENS_NAMES = "ten twenty thirty forty fifty sixty seventy eighty ninety"
_MANY = word_set("all both these those many several two three four five six other")
_TENS = {word: 10 * tens for tens, word in enumerate(_TENS_NAMES.split(), start=1)} | {"fifteen": 15}
_LETTERING = word_set("letter the an a capital letters and , word words text")
"""Words before a letter that is one."""
_ONE_EACH = frozenset({"heads", "faces", "mouths", "noses"})
_BARE = {"mans": "man", "womans": "woman", "childs": "child", "persons": "person", "mens": "men", "womens": "women"}
"""Possessives whose word is no plural."""
_LISTED = word_set("eyes nose mouth ears lips teeth eyebrows arms legs hands feet")
"""Parts of a body that stand side by side in a list, and never name each other."""
_VERBS_TOO = frozenset({"face", "head", "hand", "back", "arm", "eye", "nose", "mouth"})
"""Parts that are what somebody does as well: "make the cats face one another"."""
_AT = word_set("on onto from across of to in into over at with under behind")
"""Words before "the dogs back", where that is a part."""
_LOOKING = word_set("more less look looks bigger smaller larger sad happy and")
"""Words with which it is said how a part is to look."""
_JOINED = {
    "counter clockwise": "counterclockwise",
    "anti clockwise": "counterclockwise",
    "in to": "into",
    "on to": "onto",
    "back ground": "background",
    **{f"he {picture}": picture for picture in sorted(PICTURES)},
    **{f"{picture} background": "background" for picture in sorted(PICTURES)},
}
"""Words that were typed as two."""


def mended(text: str, tokens: Sequence[Token]) -> list[Token]:
    """The tokens of a text with what was left out (apostrophes, commas, hyphens) and what was shortened written out."""
    words = [token.word for token in tokens]
    whole: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if (joined := _JOINED.get(" ".join(words[place : place + 2]))) is not None and _may_join(words, place):
            whole.append(replace(token, word=joined, end=tokens[place + 1].end))
            place += 2
            continue
        if (owner := _owner(tokens, place)) is not None:
            whole += [
                replace(token, word=owner, end=token.end),
                replace(token, word="'s", kind="owner", start=token.end, end=token.end),
            ]
            place += 1
            continue
        if (size := _so_it_says(words, place)) > 0:
            # "so that it says" as "to say"
            whole += [replace(token, word="to"), replace(tokens[place + size - 1], word="say")]
            place += size
            continue
        if (number := _number(words, place)) is not None:
            whole.append(replace(token, word=str(number[0]), kind="number", end=tokens[place + number[1] - 1].end))
            place += number[1]
            continue
        # "N" is a letter
        if text[token.start].islower() and (short := _shortened(words, place)) is not None:
            whole += [replace(token, word=word) for word in short.split()]
            place += 1
            continue
        letters = place + 1 < len(tokens) and tokens[place + 1].is_letters
        # 'a sign reading "EXIT"'; nobody there reads
        whole.append(replace(token, word="saying") if words[place] == "reading" and letters else token)
        following = words[place + 1] if place + 1 < len(words) else ""
        if token.kind == "word" and following in _LISTED and words[place] in _LISTED - {following}:
            whole.append(replace(token, word=",", kind="mark", start=token.end, end=token.end))
        place += 1
    return whole


def _number(words: Sequence[str], place: int) -> tuple[int, int] | None:
    """(the number, how many words it takes) of "thirty five degrees"; None for other words."""
    tens = _TENS.get(words[place])
    if tens is None:
        return None
    units = NUMBERS.get(words[place + 1], 10) if place + 1 < len(words) else 10
    size = 2 if units < 10 and tens > 15 else 1
    counted = words[place + size : place + size + 1] in (["degrees"], ["percent"], ["%"])
    return (tens + units if size == 2 else tens, size) if counted else None


def _so_it_says(words: Sequence[str], place: int) -> int:
    """How many words "so it says", "so that it reads" and "to read" before letters take there; 0 for none."""
    for begin in (("so", "it"), ("so", "that", "it"), ("to",)):
        end = place + len(begin)
        if tuple(words[place:end]) != begin or end + 1 >= len(words):
            continue
        quoted = words[end + 1].startswith('"')
        if words[end] in ("says", "reads") or (words[end] == "read" and quoted):
            return len(begin) + 1
    return 0


def _shortened(words: Sequence[str], place: int) -> str | None:
    """What "n" of "a beard n a hat" and "w" of "the lady w the bag" are short for; None for others."""
    word, before = words[place], words[place - 1] if place else ""
    after = words[place + 1] if place + 1 < len(words) else ""
    if after == "\n":
        return None
    if word == "n" and after and before not in _LETTERING:
        return "and"
    if word == "w" and after and before and before not in _LETTERING:
        return "with"
    if word == "thats" and after:
        return "that is"
    return None


def _may_join(words: Sequence[str], place: int) -> bool:
    """Whether two words are one: not "with a hat on to the right", "logging in to"."""
    if words[place + 1] != "to":
        return True
    before, after = words[:place], words[place + 2 : place + 4]
    goes_on = len(after) > 1 and after[0] in ARTICLES | POSSESSIVES and after[1] not in SIDES
    return goes_on and "with" not in before and not (before and before[-1].endswith("ing"))


def _is_followed_by_a_look(tokens: Sequence[Token], part: int) -> bool:
    """Whether what follows a part says how it is to look, or nothing does: "the boys face redder", "the dogs head"."""
    follows = tokens[part + 1].word if part + 1 < len(tokens) else ""
    lets = any(token.word in ("make", "let", "have", "get") for token in tokens[:part])
    if not follows or tokens[part + 1].kind == "mark":
        return not lets and tokens[part].word != "back"
    if lets or tokens[part].word == "back":
        return follows in COMPARED or follows in _LOOKING or follows in _HUES
    return follows not in ("up", "down", "each", "away", "forward", "backward")


def _owner(tokens: Sequence[Token], place: int) -> str | None:
    """Whose a part is, where the apostrophe is left out: "man" in "the mans left hand"; None for other words."""
    token = tokens[place]
    part = place + 1
    while part < len(tokens) and tokens[part].word in _SIDED:
        part += 1
    if token.kind != "word" or part >= len(tokens) or tokens[part].kind != "word":
        return None
    word, has = token.word, tokens[part].word
    before = [other.word for other in tokens[max(place - 2, 0) : place]]
    at = before[:1] and before[0] in _AT
    if part > place + 1 and has in _OF_SOMEBODY and word in PEOPLE | BEASTS:
        # "on the cat right paw"
        return word if at else None
    if not word.endswith("s"):
        return None
    if word in ("photos", "pictures", "images") and has in _OF_A_PICTURE:
        return word.removesuffix("s")
    one = _BARE.get(word) or singular(word)
    if one == word or word in _LISTED | _OF_SOMEBODY | CLOTHES:
        return None
    if has in _VERBS_TOO and word not in _BARE and not at and not _is_followed_by_a_look(tokens, part):
        # "the two cats face each other", "put the dogs back"
        return None
    somebody = one in PEOPLE | BEASTS or word in _BARE
    if not (has in _ORGANS or (somebody and has in _OF_SOMEBODY | CLOTHES)):
        return None
    # "both girls faces" are of many
    many = word not in _BARE and somebody and (bool(_MANY & set(before)) or has in _ONE_EACH)
    return word if many else one
