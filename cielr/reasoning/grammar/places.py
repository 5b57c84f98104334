"""Which of some objects are in a place: in a row, on a side, in a corner, the nearest to something."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from lark import Token, Tree

from ...core import geometry
from ...core.scene import Scene, SceneObject
from ...errors import NothingMatches
from .choice import ambiguous
from .lexicon import SIDES
from .tokens import Phrase, refusal
from .trees import number_of

CENTRAL = {"middle", "center", "centre", "central"}
CLEARLY, NEAR = 1.5, 0.05
"""Times as far from the centre of the picture as the nearest, and at least so far (share of the diagonal), is another
thing that is clearly not in the middle."""


def in_line(children: Sequence, found: Sequence[SceneObject]) -> tuple[list, list[SceneObject]]:
    """(all rows or columns, the one that is meant)."""
    word = str(next(child for child in children if isinstance(child, Token) and child.type == "ROW"))
    rows = geometry.columns(found) if word.startswith("col") else geometry.rows(found)
    sides = [str(t) for child in children if isinstance(child, Tree) and child.data == "side" for t in child.children]
    rank = next((child for child in children if isinstance(child, Token) and child.type in ("ORDINAL", "LAST")), None)
    if rank is not None and sides and sides[-1] in ("bottom", "lower", "right"):
        rows = rows[::-1]
    if rank is not None:
        number = len(rows) - 1 if rank.type == "LAST" else number_of(rank) - 1
        return rows, pick_row(rows, number, f"{rank} {word}")
    side = sides[0]
    across = word.startswith("col")
    if side in ("middle", "center", "centre", "central"):
        if len(rows) % 2 == 0:
            raise NothingMatches(f"Of {len(rows)} {word}s none is the middle one.")
        return rows, rows[len(rows) // 2]
    if (side in ("left", "right")) != across:
        raise refusal(f"'{side} {word}' is no {word}")
    return rows, pick_row(rows, 0 if side in ("left", "top", "upper") else len(rows) - 1, f"{side} {word}")


def pick_row(rows: Sequence[list[SceneObject]], number: int, name: str) -> list[SceneObject]:
    """The row of that number, counted from 0, which a refusal calls by `name`."""
    if not 0 <= number < len(rows):
        raise NothingMatches(f"There is no {name}: the things stand in {len(rows)}.")
    return rows[number]


def on_side(scene: Scene, post: Phrase, found: Sequence[SceneObject], plural: bool, noun: str) -> list[SceneObject]:
    """Several: those in that half of the picture; one: the furthest to that side."""
    spot = [str(token) for child in post.children if isinstance(child, Tree) for token in child.children]
    width, height = scene.width, scene.height

    def is_there(thing: SceneObject) -> bool:
        x, y = thing.box.center
        tests = {
            "left": x < width / 2,
            "right": x > width / 2,
            "top": y < height / 2,
            "upper": y < height / 2,
            "bottom": y > height / 2,
            "lower": y > height / 2,
        }
        central = width / 3 <= x <= 2 * width / 3 and height / 3 <= y <= 2 * height / 3
        return all(tests.get(word, central) for word in spot)

    there = [thing for thing in found if is_there(thing)]
    if plural or len(there) <= 1:
        return there
    if len(spot) == 1 and spot[0] in SIDES:
        return [SIDES[spot[0]](there)[0]]
    if is_corner(spot):
        return [nearest_to_corner(scene, there, spot)]
    if set(spot) <= CENTRAL:
        return [_most_central(scene, there, noun)]
    raise ambiguous(there, f"{len(there)} {noun} are there, and one is meant")


def _most_central(scene: Scene, found: Sequence[SceneObject], noun: str) -> SceneObject:
    """The one nearest to the centre of the picture.

    Raises:
        Ambiguous: where others are hardly farther: which one is "in the middle" would be a guess.
    """
    far = {
        thing.id: math.dist(thing.box.center, (scene.width / 2, scene.height / 2))
        / math.hypot(scene.width, scene.height)
        for thing in found
    }
    first, *others = sorted(found, key=lambda thing: far[thing.id])
    close = [thing for thing in others if far[thing.id] < max(CLEARLY * far[first.id], NEAR)]
    if close:
        why = f"{len(close) + 1} that fit '{noun}' are about as near to the centre of the picture"
        raise ambiguous([first, *close], why)
    return first


def nearest_to_corner(scene: Scene, found: Sequence[SceneObject], spot: Sequence[str]) -> SceneObject:
    x = 0 if "left" in spot else scene.width
    y = 0 if set(spot) & {"top", "upper"} else scene.height
    return min(found, key=lambda thing: (thing.box.center[0] - x) ** 2 + (thing.box.center[1] - y) ** 2)


def is_corner(spot: Sequence[str]) -> bool:
    across, down = {"left", "right"}, {"top", "upper", "bottom", "lower"}
    return len(spot) == 2 and len(across & set(spot)) == 1 and len(down & set(spot)) == 1


def least(things: Sequence[SceneObject], measure: Callable[[SceneObject], float], what: str) -> list[SceneObject]:
    """The one thing of the least measure, none of none.

    Raises:
        Ambiguous: where several share it.
    """
    measured = [(measure(thing), thing) for thing in things]
    found = [thing for value, thing in measured if value == min(value for value, _ in measured)]
    if len(found) > 1:
        raise ambiguous(found, f"{len(found)} things are {what} alike")
    return found
