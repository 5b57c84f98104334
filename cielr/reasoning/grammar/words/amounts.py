"""How much: degrees, percentages, pixels and factors, read from words."""

from __future__ import annotations

from dataclasses import dataclass

from .tokens import Clause, refusal
from .vocabulary import (
    AS_BIG,
    BIGGER,
    BLURRY,
    DARKER,
    DEGREES,
    DIRECTIONS,
    GREYSCALE,
    LIGHTER,
    NUMBER_OF_TIMES,
    NUMBERS,
    PERCENT,
    PIXELS,
    SMALLER,
    TIMES,
)

BRIGHTEN, BLUR, DESATURATE = 30.0, 8.0, 100.0
"""Per cent, pixels, per cent, where the instruction names no amount."""
ENLARGE, SHRINK = 1.5, 0.65
"""Factors, where it names none."""
_HUGE = frozenset({"huge", "gigantic", "massive", "enormous", "tiny"})
_LENGTHS = frozenset({"taller", "wider", "longer", "shorter", "narrower", "thinner", "thicker"})
FACTORS = {"weak": 0.5, "strong": 2.0, "": 1.0}


@dataclass(frozen=True)
class Amount:
    """A number with its unit: "percent", "pixels", "times", "half" or "" where none is said."""

    value: float
    unit: str


def plain(number: float) -> str:
    """The number without needless digits."""
    return f"{number:g}"


def degree_at(clause: Clause, place: int, end: int) -> tuple[str, int]:
    """("weak", "strong" or "", where it ends)."""
    degree = DEGREES.at(clause.words, place, end)
    return ("", place) if degree is None else (degree[0], place + degree[1])


def number_at(clause: Clause, place: int, end: int) -> tuple[float, int] | None:
    """A number in digits or words."""
    if place >= end:
        return None
    word = clause.words[place]
    if clause.tokens[place].kind == "number":
        return float(word), place + 1
    return (float(NUMBERS[word]), place + 1) if word in NUMBERS else None


def amount_at(clause: Clause, place: int, end: int) -> tuple[Amount, int] | None:
    """ "by 20 %", "12 px", "half", "three times", "twice"."""
    words = clause.words
    if place < end and words[place] == "by":
        place += 1
    if place < end and words[place] == "half":
        return Amount(0.5, "half"), place + 1
    if words[place : place + 2] in (("a", "quarter"), ("a", "third")):
        return Amount(25.0 if words[place + 1] == "quarter" else 100 / 3, "percent"), place + 2
    if place < end and words[place] in NUMBER_OF_TIMES:
        return Amount(NUMBER_OF_TIMES[words[place]], "times"), place + 1
    number = number_at(clause, place, end)
    if number is None:
        return None
    value, after = number
    if (percent := PERCENT.at(words, after, end)) is not None:
        return Amount(value, "percent"), after + percent[1]
    if after < end and words[after] in PIXELS:
        return Amount(value, "pixels"), after + 1
    if after < end and words[after] in TIMES:
        return Amount(value, "times"), after + 1
    return Amount(value, ""), after


def share(amount: Amount | None, default: float, degree: str) -> str:
    """An amount of light or colour in per cent.

    Raises:
        NotUnderstood: where it is said in another unit, or out of range.
    """
    if amount is None:
        return plain(min(default * FACTORS[degree], 100.0))
    if amount.unit == "half":
        return "50"
    if amount.unit != "percent":
        raise refusal("An amount of light or colour is said in per cent")
    if not 0 < amount.value <= 100:
        raise refusal(f"{plain(amount.value)}% is out of range: 1% to 100% can be done")
    return plain(amount.value)


def reach(amount: Amount | None, degree: str) -> str:
    """How far a blur reaches, in pixels.

    Raises:
        NotUnderstood: where it is said in another unit, or changes nothing.
    """
    if amount is None:
        return plain(BLUR * FACTORS[degree])
    if amount.unit not in ("pixels", ""):
        raise refusal("A blur is said in pixels")
    if not amount.value:
        raise refusal("A blur of 0 pixels changes nothing")
    return plain(amount.value)


def factor(amount: Amount | None, grows: bool, degree: str) -> float:
    """The factor of "20 % bigger", "three times smaller", "a bit bigger".

    Raises:
        NotUnderstood: where it is said in another unit.
    """
    if amount is None:
        return (ENLARGE if grows else SHRINK) ** FACTORS[degree]
    if amount.unit == "times":
        if amount.value <= 0:
            raise refusal("A factor of 0 leaves nothing")
        return amount.value if grows else 1 / amount.value
    if amount.unit == "half":
        return 1.5 if grows else 0.5
    if amount.unit == "percent":
        return 1 + amount.value / 100 if grows else 1 - amount.value / 100
    raise refusal("A change of size is said in per cent or as a factor")


def change_at(clause: Clause, place: int, end: int) -> tuple[tuple[str, float | str], int] | None:
    """An exact change of light, size or sharpness as (("look", text) or ("resize", scale), where it ends)."""
    words = clause.words
    if (look := GREYSCALE.at(words, place, end)) is not None:
        return ("look", f"desaturate {plain(DESATURATE)}%"), place + look[1]
    degree, after = degree_at(clause, place, end)
    if (look := BLURRY.at(words, after, end)) is not None:
        return ("look", f"blur {reach(None, degree)}px"), after + look[1]
    amount = None
    if (read := amount_at(clause, after, end)) is not None and words[after] != "by":
        amount, after = read
    if amount is not None and amount.unit in ("times", "half") and (big := AS_BIG.at(words, after, end)) is not None:
        return ("resize", amount.value), after + big[1]
    if not degree:
        degree, after = degree_at(clause, after, end)
    if after >= end:
        return None
    word = words[after]
    if amount is not None and word in _LENGTHS:
        raise refusal(f"Height and width are changed together, so '{word}' by an amount was not understood")
    if word in _HUGE and amount is None:
        return ("resize", 2.0 if word != "tiny" else 0.5), after + 1
    if word in ("big", "large", "small") and amount is None and after + 1 == end:
        # "make the dog big"
        return ("resize", factor(None, word != "small", degree)), after + 1
    if word not in LIGHTER | DARKER | BIGGER | SMALLER:
        return None
    after += 1
    stands_in = words[after : after + 1] == ("one",)
    if amount is None and not stands_in and (read := amount_at(clause, after, end)) is not None:
        amount, after = read
    if word in BIGGER or word in SMALLER:
        return ("resize", factor(amount, word in BIGGER, degree)), after
    verb = "brighten" if word in LIGHTER else "darken"
    return ("look", f"{verb} {share(amount, BRIGHTEN, degree)}%"), after


def scale_at(clause: Clause, place: int, end: int, grows: bool) -> tuple[float, int] | None:
    """ "by 20 %", "to 80 % of its size", "by a factor of 1.4", "to twice its size", "by half", "three times"."""
    words = clause.words
    to = place < end and words[place] == "to"
    after = place + 1 if to or (place < end and words[place] == "by") else place
    if words[after : after + 3] == ("a", "factor", "of"):
        number = number_at(clause, after + 3, end)
        return None if number is None else (_times(number[0], grows), number[1])
    read = amount_at(clause, after, end)
    if read is None:
        return None
    amount, after = read
    if (big := AS_BIG.at(words, after, end)) is not None:
        after += big[1]
    elif after + 1 < end and words[after] == "of" and words[after + 1 : after + 3] == ("its", "size"):
        after += 3
    if to and amount.unit == "percent":
        return amount.value / 100, after
    if amount.unit == "half":
        return (0.5 if to or not grows else 1.5), after
    if amount.unit in ("times", ""):
        # "shrink to twice its size" would be a riddle; "enlarge to twice its size" is twice
        return _times(amount.value, grows), after
    return factor(amount, grows, ""), after


def _times(value: float, grows: bool) -> float:
    if value <= 0:
        raise refusal("A factor of 0 leaves nothing")
    return value if grows else 1 / value


def offset_at(clause: Clause, place: int, end: int) -> tuple[float, float, int] | None:
    """ "20 px to the left", "to the right by 35 px" as (dx, dy, where it ends)."""
    first = _distance(clause, place, end)
    if first is not None:
        direction = direction_at(clause, first[1], end)
        return None if direction is None else _offset(first[0], direction[0], direction[1])
    direction = direction_at(clause, place, end)
    if direction is None:
        return None
    distance = _distance(clause, direction[1], end)
    return None if distance is None else _offset(distance[0], direction[0], distance[1])


def _distance(clause: Clause, place: int, end: int) -> tuple[float, int] | None:
    if place < end and clause.words[place] == "by":
        place += 1
    number = number_at(clause, place, end)
    if number is None:
        return None
    value, after = number
    if after < end and clause.words[after] in PIXELS:
        after += 1
    return value, after


def direction_at(clause: Clause, place: int, end: int) -> tuple[str, int] | None:
    """ "to the left", "up" as (direction, where it ends)."""
    words = clause.words
    for word in ("to", "towards", "toward", "the"):
        if place < end and words[place] == word:
            place += 1
    return (DIRECTIONS[words[place]], place + 1) if place < end and words[place] in DIRECTIONS else None


def _offset(distance: float, direction: str, after: int) -> tuple[float, float, int]:
    return (*towards(direction, distance), after)


def towards(direction: str, distance: float) -> tuple[float, float]:
    """(dx, dy) of a distance to the left, to the right, up or down."""
    dx = {"left": -distance, "right": distance}.get(direction, 0.0)
    dy = {"up": -distance, "down": distance}.get(direction, 0.0)
    return dx, dy
