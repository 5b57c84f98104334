"""Light and colours at large, of no thing in the picture: "less red", "more vivid colours", "a warmer tone"."""

from __future__ import annotations

from collections.abc import Sequence

from ..words.tokens import HUES
from ..words.vocabulary import ARTICLES, COMPARED, PICTURES, VERBS, word_set

_TONES = word_set(
    "color colors colour colours hue hues tone tones tint tints coloring colouring overtone undertone cast"
)
_COLOUR = frozenset({"color", "colors", "colour", "colours"})
_MEASURES = word_set("level levels amount intensity strength values vividness richness")
MANNERS = word_set(
    """contrast saturation vibrance vibrancy warmth clarity exposure highlights darks blacks whites midtones
    brightness sharpness darkness lightness"""
)
"""What a picture has more or less of, and what is no thing."""
_SAID = ARTICLES | PICTURES | word_set("of in to from into on for the entire whole all overall 's any every and & , up")
"""Words beside them that say nothing else."""
_LEADS = word_set("a an the some more little bit of all any much lot")
"""Words with which more of something begins."""
_TURNS = word_set("more less little too out it its")
"""Words that say otherwise where they stand later: "more blue and less red"."""
_AND_LESS = frozenset({"more", "and", "less"})
_DEGREES = {"slightly": "slightly", "significantly": "much", "greatly": "much"}
_DEGREES |= {"a little": "slightly", "a bit": "slightly", "a tad": "slightly", "a lot": "much"}
_NESSES = {"redness": "red", "yellowness": "yellow", "yellownes": "yellow", "greenness": "green", "blueness": "blue"}
"""Nouns of colours, one of them as it is often typed."""
_MORE_OF = frozenset({"more", "less", "remove", "take", "add", "make", "brighten", "darken", "saturate", "sharpen"})


def at_large(words: Sequence[str]) -> str:
    """How a picture is to look by what is asked for of its light and its colours; "" where a word says anything else.

    "decrease the red color of the image" gives "less red", "increase the intensity of the colors" "more vivid colours".
    """
    verb = VERBS.at(words, 0)
    if verb is None or verb[0] not in _MORE_OF or verb[1] >= len(words):
        return ""
    taken = verb[0] == "take"
    if taken and words[-1] not in ("away", "out"):
        return ""
    rest, degree = _without_degree(words[verb[1] : -1 if taken else None])
    look = _at_large(verb[0], rest)
    return f"{degree} {look}" if look and degree else look


def _without_degree(words: Sequence[str]) -> tuple[Sequence[str], str]:
    """The words without "a little" and "slightly" at their end, and how much that is."""
    for size in (2, 1):
        degree = _DEGREES.get(" ".join(words[-size:])) if len(words) > size else None
        if degree is not None:
            return words[:-size], degree
    return words, ""


def _at_large(verb: str, rest: Sequence[str]) -> str:
    """As `at_large`, for the words after a verb of a family, without a degree."""
    both = verb == "add" and rest[0] == "more" and "less" in rest and all(_name(w) or w in _AND_LESS for w in rest)
    if both:
        # "add more blue and less red"
        return " ".join(rest)
    leads = next((k for k, word in enumerate(rest) if word not in _LEADS), len(rest))
    if _TURNS & set(rest[leads:]) or ("'s" in rest and not PICTURES & set(rest)):
        return ""
    content = [word for word in rest[leads:] if word not in _SAID]
    if verb == "make":
        return _made(rest, content)
    names = list(dict.fromkeys(filter(None, map(_name, content))))
    if set(names) & HUES - PLAIN and not set(content) & _TONES:
        # oranges, olives and salmon are things
        return ""
    plain = all(_name(word) or word in _TONES | _MEASURES for word in content)
    spoken = bool(set(content) & (_TONES | _MEASURES)) or any(word not in HUES for word in content)
    if verb in _TURNED:
        look, about = _TURNED[verb]
        return look if content and set(content) <= about else ""
    if verb == "add":
        return _added(rest, content, names if plain else None)
    if not content or not plain or not spoken or names == ["brightness"]:
        return ""
    if not names:
        # "remove the colour" is done by code
        if not set(content) & _TONES:
            # "raise the levels"
            return ""
        return "" if verb in ("remove", "take") or set(content) <= _TONES else f"{verb} vivid colours"
    if verb in ("remove", "take") and not (set(names) & HUES and (set(content) & _TONES or set(content) - HUES)):
        return ""
    if verb in ("remove", "take") and set(names) - HUES:
        return ""
    if verb in ("remove", "take") and {"tint", "tints"} & set(content):
        return "neutral colours, without a tint"
    # contrast and saturation of the picture alone are read elsewhere, and by code where code can
    if set(names) <= MANNERS:
        return ""
    manners = [name for name in names if name in MANNERS]
    hues = [name for name in names if name not in MANNERS]
    within = bool(manners and hues and {"of", "in"} & set(rest) and "and" not in rest)
    said = f"{manners[0]} in the {hues[0]}" if within else " and ".join([*manners, *hues])
    return f"{'more' if verb == 'more' else 'less'} {said}"


def _name(word: str) -> str:
    """The colour or the manner that a word says: "red" of reds and redness; "" for other words."""
    if word in HUES or word in MANNERS:
        return word
    if word.endswith("s") and word[:-1] in PLAIN:
        return word[:-1]
    return _NESSES.get(word, "")


def _added(rest: Sequence[str], content: Sequence[str], names: list[str] | None) -> str:
    """What "add more green color", "add contrast" and "add a darker warmer tone" ask for."""
    if not content:
        return ""
    if names is not None and ("more" in rest or not set(names) & HUES):
        if not names and not set(content) <= _COLOUR:
            return ""
        besides = bool(names and set(content) & _TONES and "and" in rest and not set(names) & HUES)
        said = " and ".join(["colour", *names] if besides else names)
        return f"more {said}" if said else "more colour"
    tinted = content[-1] in _TONES and rest[0] in ("a", "an", "some")
    looks = [word for word in content[:-1] if word not in COMPARED and not _name(word) and word not in _LOOKS]
    # whatever is said of a tint, it is one
    known = not looks or (content[-1] in ("tint", "overtone", "undertone", "cast") and len(content) <= 3)
    return " ".join([rest[0], *content]) if tinted and len(content) > 1 and known else ""


_TURNED = {
    "brighten": ("brighter colours", _TONES),
    "darken": ("darker colours", _TONES),
    "saturate": ("more vivid colours", _TONES),
    "sharpen": ("more contrast", frozenset({"contrast"})),
}
"""What these verbs do, and to what of a picture at large."""
PLAIN = word_set("red blue green yellow purple pink brown black white grey gray cyan magenta teal")
"""Colours that name no fruit, fish or flower."""
_COMPARED = word_set(
    """cooler warmer lighter brighter darker dimmer bolder softer richer deeper duller crisper cleaner paler redder
    bluer greener whiter blacker yellower pinker browner greyer grayer sharper"""
)
"""How light and colours are compared."""
_LOOKS = word_set("warm cool cooler dark light soft subtle slight faint strong deep muted vintage sepia pastel golden")
"""How a tone is said to be."""


def _made(rest: Sequence[str], content: Sequence[str]) -> str:
    """What "make the colors cooler" and "make the dark darker and the colors brighter" ask for."""
    about = _TONES | {"dark", "darks", "lights", "highlights", "blacks", "whites"}
    if not all(word in about | _COMPARED for word in content) or not set(content) & _COMPARED:
        return ""
    if set(content) & _TONES or {"dark", "darks"} & set(content):
        said = " ".join(rest).removeprefix("all ").removeprefix("the ").replace(" ,", ",")
        first, _, looks = said.partition(" ")
        # "colours: softer", but "dark darker and the colors brighter"
        return f"{first}: {looks}" if first in _TONES and len(set(content) & about) == 1 else said
    return "cooler colours" if set(content) == {"cooler"} and set(rest) & PICTURES else ""
