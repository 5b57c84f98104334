"""Words as they are typed in a hurry: "the dogs head", "eyes nose and mouth", "counter clockwise"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ....core.inflection import singular
from .synonyms import BEASTS, CLOTHES, PEOPLE
from .vocabulary import PICTURES, word_set

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
    "haed": "head",
    "peice": "piece",
    "freind": "friend",
}
"""Typing errors of words that another word looks like as well."""
_ORGANS = word_set(
    "head heads face faces mouth mouths nose noses eye eyes ear ears tail eyebrows hair hand hands beard teeth tongue"
)
_OF_SOMEBODY = _ORGANS | word_set(
    """arm arms leg legs foot feet neck chest body skin paw paws tail lap shoulder shoulders lips smile
    cheek cheeks forehead finger fingers belly back collar leash hairstyle expression"""
)
_OF_A_PICTURE = word_set("color colors colour colours background brightness contrast lighting tone style")
_SIDED = frozenset({"left", "right", "own", "upper", "lower"})
_MANY = word_set("all both these those many several two three four five six other")
_ONE_EACH = frozenset({"heads", "faces", "mouths", "noses"})
_BARE = {"mans": "man", "womans": "woman", "childs": "child", "persons": "person", "mens": "men", "womens": "women"}
"""Possessives whose word is no plural."""
_LISTED = word_set("eyes nose mouth ears lips teeth eyebrows arms legs hands feet")
"""Parts of a body that stand side by side in a list, and never name each other."""
_VERBS_AFTER = word_set("up down to the each away towards toward forward right left and")


_JOINED = {
    "counter clockwise": "counterclockwise",
    "anti clockwise": "counterclockwise",
    "in to": "into",
    "on to": "onto",
    "back ground": "background",
    **{f"{picture} background": "background" for picture in sorted(PICTURES)},
}


def mended(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with the apostrophes, commas and hyphens that were left out."""
    words = [token.word for token in tokens]
    whole: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if (joined := _JOINED.get(" ".join(words[place : place + 2]))) is not None:
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
        whole.append(token)
        following = words[place + 1] if place + 1 < len(words) else ""
        if token.kind == "word" and following in _LISTED and words[place] in _LISTED - {following}:
            whole.append(replace(token, word=",", kind="mark", start=token.end, end=token.end))
        place += 1
    return whole


def _owner(tokens: Sequence[Token], place: int) -> str | None:
    """Whose a part is, where the apostrophe is left out: "man" in "the mans left hand"; None for other words."""
    token = tokens[place]
    part = place + 1
    while part < len(tokens) and tokens[part].word in _SIDED:
        part += 1
    if token.kind != "word" or part >= len(tokens) or tokens[part].kind != "word":
        return None
    word, has = token.word, tokens[part].word
    if part > place + 1 and has in _OF_SOMEBODY and word in PEOPLE | BEASTS:
        # "the cat right paw"
        return word
    if not word.endswith("s"):
        return None
    if word in ("photos", "pictures", "images") and has in _OF_A_PICTURE:
        return word.removesuffix("s")
    one = _BARE.get(word) or singular(word)
    if one == word or word in _LISTED | _OF_SOMEBODY | CLOTHES:
        return None
    # "the two cats face each other"
    follows = tokens[part + 1].word if part + 1 < len(tokens) else ""
    if has in ("face", "head", "hand", "back") and follows in _VERBS_AFTER - {"and"}:
        return None
    somebody = one in PEOPLE | BEASTS or word in _BARE
    if not (has in _ORGANS or (somebody and has in _OF_SOMEBODY | CLOTHES)):
        return None
    before = {other.word for other in tokens[max(place - 2, 0) : place]}
    # "both girls faces" are of many
    many = word not in _BARE and somebody and (bool(before & _MANY) or has in _ONE_EACH)
    return word if many else one
