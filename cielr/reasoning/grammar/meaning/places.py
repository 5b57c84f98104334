"""Which of some objects are in a place: in a row, on a side, in a corner, the nearest to something."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from ....core.geometry import relations as geometry
from ....core.geometry.relations import DEPTH_STEP
from ....core.scene import Scene, SceneObject
from ....errors import Ambiguous, NothingMatches
from ..nouns.phrases import Post
from ..words.tokens import refusal
from .choice import ambiguous

CLEARLY, NEAR = 1.5, 0.05
"""Times as far from the centre of the picture as the nearest, and at least so far (share of the diagonal), is another
thing that is clearly not in the middle."""
DEPTHS = frozenset({"front", "back"})


def sides_order(side: str) -> Callable:
    """The order in which things come from that side."""
    return {
        "left": geometry.left_to_right,
        "right": geometry.right_to_left,
        "top": geometry.top_to_bottom,
        "bottom": geometry.bottom_to_top,
        "front": geometry.near_to_far,
        "back": geometry.far_to_near,
    }[side]


def by_mass(order: Callable) -> Callable | None:
    """The order in which things come by the centre of mass of their outlines, where `order` goes by that of their
    boxes; None for other orders."""
    axis, sign = _AXES.get(order, (0, 0))
    return (lambda things: sorted(things, key=lambda thing: sign * thing.mask.centroid[axis])) if sign else None


def by_edges(ordered: Sequence[SceneObject], order: Callable) -> list[SceneObject]:
    """The things as `order` gives them, but where one box lies in the next by the edges at which counting begins: who
    stands before another in the picture comes before or after him, as one likes."""
    edge = _EDGES.get(order)
    things = list(ordered)
    for place in range(len(things) - 1):
        first, second = things[place], things[place + 1]
        nested = first.box.contains(second.box) or second.box.contains(first.box)
        if edge is not None and nested and edge(second.box) < edge(first.box):
            things[place : place + 2] = second, first
    return things


_EDGES = {
    geometry.left_to_right: lambda box: box.x0,
    geometry.right_to_left: lambda box: -box.x1,
    geometry.top_to_bottom: lambda box: box.y0,
    geometry.bottom_to_top: lambda box: -box.y1,
}
_AXES = {
    geometry.left_to_right: (0, 1),
    geometry.right_to_left: (0, -1),
    geometry.top_to_bottom: (1, 1),
    geometry.bottom_to_top: (1, -1),
}


def outermost(things: Sequence[SceneObject], side: str, noun: str) -> SceneObject:
    """The one that lies furthest to a side.

    Raises:
        Ambiguous: where boxes and outlines say different things: the eye could not tell, either.
    """
    order = sides_order(side)
    first = order(things)[0]
    by_outline = by_mass(order)
    other = by_edges(order(things), order)[0]
    if other is first and by_outline is not None:
        other = by_outline(things)[0]
    if other is not first:
        raise ambiguous([first, other], f"Which '{noun}' lies furthest to the {side} is too close to call")
    return first


def in_line(post: Post, things: Sequence[SceneObject]) -> tuple[list[list[SceneObject]], list[SceneObject]]:
    """(all rows or columns, the one that is meant).

    Raises:
        NothingMatches: where there is no such row; NotUnderstood: where it is no row ("the left row").
    """
    word = "column" if post.across else "row"
    rows = geometry.columns(things) if post.across else geometry.rows(things)
    if post.ranks:
        rank = post.ranks[0]
        if post.sides and post.sides[-1] in ("bottom", "right"):
            rows = rows[::-1]
        if rank.kind == "last":
            return rows, _row_at(rows, len(rows) - 1, f"{rank.word} {word}")
        name = f"{word} {rank.value}" if rank.kind == "number" else f"{rank.word} {word}"
        return rows, _row_at(rows, int(rank.value) - 1, name)
    side = post.sides[0]
    if side == "middle":
        if len(rows) % 2 == 0:
            raise NothingMatches(f"Of {len(rows)} {word}s none is the middle one.")
        return rows, rows[len(rows) // 2]
    if side in DEPTHS or (side in ("left", "right")) != post.across:
        raise refusal(f"'{side} {word}' is not a {word}")
    return rows, _row_at(rows, 0 if side in ("left", "top") else len(rows) - 1, f"{side} {word}")


def _row_at(rows: Sequence[list[SceneObject]], number: int, name: str) -> list[SceneObject]:
    """The row of that number, counted from 0, which a refusal calls by `name`."""
    if not 0 <= number < len(rows):
        raise NothingMatches(f"There is no {name}: the things stand in {len(rows)}.")
    return rows[number]


def on_side(
    scene: Scene, sides: Sequence[str], things: Sequence[SceneObject], plural: bool, noun: str
) -> list[SceneObject]:
    """Several: those in that part of the picture; one: the furthest to that side."""
    deep = [side for side in sides if side in DEPTHS]
    flat = [side for side in sides if side not in DEPTHS]
    there = [thing for thing in things if all(_is_there(scene, thing, side, flat) for side in flat)]
    if deep:
        there = _in_depth(there, deep[0], plural, noun)
    if set(flat) == {"middle"} and not deep and not plural:
        return _in_the_middle(scene, there, things, noun)
    if not there and things and not plural and len(flat) == 1 and not deep:
        # of two on the same half one is still "the one on the left", unless it clearly is on the right
        nearest = outermost(things, flat[0], noun)
        return [] if is_elsewhere(scene, nearest, flat) else [nearest]
    if set(flat) == {"middle"} and not plural and len(things) > 2 and len(there) == 1:
        return _in_the_middle(scene, there, things, noun)
    if plural or len(there) <= 1:
        return there
    if len(flat) == 1 and flat[0] != "middle":
        return [outermost(there, flat[0], noun)]
    if is_corner(flat):
        return [nearest_to_corner(scene, there, flat)]
    if set(flat) == {"middle"}:
        return _in_the_middle(scene, there, there, noun)
    raise ambiguous(there, f"{len(there)} {noun} are there, and one is meant")


def _is_there(scene: Scene, thing: SceneObject, side: str, flat: Sequence[str]) -> bool:
    x, y = thing.box.center
    width, height = scene.width, scene.height
    if side == "middle":
        central = (width / 3 <= x <= 2 * width / 3, height / 3 <= y <= 2 * height / 3)
        # "middle left" is about the height alone
        if set(flat) & {"left", "right"}:
            return central[1]
        return central[0] if set(flat) & {"top", "bottom"} else all(central)
    tests = {"left": x < width / 2, "right": x > width / 2, "top": y < height / 2, "bottom": y > height / 2}
    return tests[side]


def is_elsewhere(scene: Scene, thing: SceneObject, sides: Sequence[str]) -> bool:
    """Whether a thing is clearly on another side of the picture than was said: past the middle third."""
    x, y = thing.box.center[0] / scene.width, thing.box.center[1] / scene.height
    wrong = {"left": x > 2 / 3, "right": x < 1 / 3, "top": y > 2 / 3, "bottom": y < 1 / 3}
    return any(wrong.get(side, False) for side in sides)


def _in_depth(things: Sequence[SceneObject], side: str, plural: bool, noun: str) -> list[SceneObject]:
    """Those in the foreground or background: on this side of the widest gap, or the nearest or farthest one. Where no
    depth is known, what stands lower in the picture is nearer."""
    if len(things) <= 1:
        return list(things)
    if any(thing.depth is None for thing in things):
        far = {thing.id: 1 - thing.box.y1 / thing.mask.height for thing in things}
    else:
        far = {thing.id: thing.depth or 0.0 for thing in things}
    ordered = sorted(things, key=lambda thing: far[thing.id], reverse=side == "back")
    gaps = [abs(far[b.id] - far[a.id]) for a, b in pairwise(ordered)]
    if plural and max(gaps) < DEPTH_STEP:
        # all as far away: they are in the background where they are far, as far as that is known
        known = all(thing.depth is not None for thing in things)
        is_far = sum(far.values()) / len(far) >= 0.5
        return list(things) if not known or is_far == (side == "back") else []
    if plural:
        return list(ordered[: gaps.index(max(gaps)) + 1])
    if gaps[0] < DEPTH_STEP:
        raise ambiguous(ordered[:2], f"Several {noun} are about as far away")
    return [ordered[0]]


def _in_the_middle(
    scene: Scene, there: list[SceneObject], things: Sequence[SceneObject], noun: str
) -> list[SceneObject]:
    """The one in the middle of the picture, or of the line in which the things stand, where that is the same or the
    picture's middle does not tell.

    Raises:
        Ambiguous: where the two are different things.
    """
    inner = _middle_of_line(things)
    if not there:
        return [inner] if inner is not None else []
    if len(there) == 1:
        return there
    try:
        central = _most_central(scene, there, noun)
    except Ambiguous:
        if inner is None or inner not in there:
            raise
        return [inner]
    if inner is not None and inner is not central:
        why = f"'{noun}' in the middle can be the middle one of {len(things)} or the nearest to the picture's centre"
        raise ambiguous([inner, central], why)
    return [central]


def _middle_of_line(things: Sequence[SceneObject]) -> SceneObject | None:
    """The middle one of three, five, … things that stand in one row or one column; None where there is none."""
    if len(things) < 3 or len(things) % 2 == 0:
        return None
    if len(geometry.rows(things)) == 1:
        return geometry.left_to_right(things)[len(things) // 2]
    return geometry.top_to_bottom(things)[len(things) // 2] if len(geometry.columns(things)) == 1 else None


def _most_central(scene: Scene, things: Sequence[SceneObject], noun: str) -> SceneObject:
    """The one nearest to the centre of the picture.

    Raises:
        Ambiguous: where others are hardly farther: which one is "in the middle" would be a guess.
    """
    far = {
        thing.id: math.dist(thing.box.center, (scene.width / 2, scene.height / 2))
        / math.hypot(scene.width, scene.height)
        for thing in things
    }
    first, *others = sorted(things, key=lambda thing: far[thing.id])
    close = [thing for thing in others if far[thing.id] < max(CLEARLY * far[first.id], NEAR)]
    if close:
        why = f"{len(close) + 1} that fit '{noun}' are about as near to the centre of the picture"
        raise ambiguous([first, *close], why)
    return first


def nearest_to_corner(scene: Scene, things: Sequence[SceneObject], sides: Sequence[str]) -> SceneObject:
    """The one whose centre is nearest to a corner of the picture."""
    x = 0 if "left" in sides else scene.width
    y = 0 if "top" in sides else scene.height
    return min(things, key=lambda thing: (thing.box.center[0] - x) ** 2 + (thing.box.center[1] - y) ** 2)


def is_corner(sides: Sequence[str]) -> bool:
    """Whether two sides meet in a corner."""
    return len(sides) == 2 and len({"left", "right"} & set(sides)) == 1 and len({"top", "bottom"} & set(sides)) == 1


def least(things: Sequence[SceneObject], measure: Callable[[SceneObject], float], what: str) -> list[SceneObject]:
    """The one thing of the least measure, none of none.

    Raises:
        Ambiguous: where several share it.
    """
    measured = [(measure(thing), thing) for thing in things]
    lowest = [thing for value, thing in measured if value == min(value for value, _ in measured)]
    if len(lowest) > 1:
        raise ambiguous(lowest, f"{len(lowest)} things are {what} alike")
    return lowest
