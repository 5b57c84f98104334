"""Which of some objects ordinals, superlatives and counts pick: "the second from the left", "the two largest"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ....core.geometry import relations as geometry
from ....core.scene import Scene, SceneObject
from ....errors import NothingMatches
from ..nouns.phrases import Rank
from ..words.tokens import refusal
from .choice import Chosen, ambiguous
from .places import DEPTHS, by_edges, by_mass, is_corner, nearest_to_corner, on_side, sides_order

Order: TypeAlias = "Callable[[Sequence[SceneObject]], list[SceneObject]]"
_BEST: dict[str, Order] = {
    "large": geometry.large_to_small,
    "small": geometry.small_to_large,
    "left": geometry.left_to_right,
    "right": geometry.right_to_left,
    "top": geometry.top_to_bottom,
    "bottom": geometry.bottom_to_top,
    "near": geometry.near_to_far,
    "far": geometry.far_to_near,
    "tall": lambda things: sorted(things, key=lambda thing: -thing.box.height),
    "short": lambda things: sorted(things, key=lambda thing: thing.box.height),
    "wide": lambda things: sorted(things, key=lambda thing: -thing.box.width),
    "narrow": lambda things: sorted(things, key=lambda thing: thing.box.width),
}
_BY_DEPTH = (geometry.near_to_far, geometry.far_to_near)


@dataclass(frozen=True)
class Wanted:
    """How many of some things are meant, and which.

    Attributes:
        ranks: numbers, ordinals, superlatives, comparatives and sides, as they were said.
        determiners: "every", "both", ….
        plural: whether several are meant.
        label: what the things are called in a refusal.
        counted: the side from which they are counted, or "".
        advice: what to do where several fit.
    """

    ranks: tuple[Rank, ...]
    determiners: frozenset[str]
    plural: bool
    label: str
    counted: str = ""
    advice: str = "Say which."

    def of(self, *kinds: str) -> list[Rank]:
        return [rank for rank in self.ranks if rank.kind in kinds]

    @property
    def count(self) -> int | None:
        numbers = self.of("number")
        return int(numbers[0].value) if numbers else None

    @property
    def words(self) -> str:
        """ "second smallest cup from the left"."""
        said = [rank.word for rank in self.ranks]
        # "the smallest one" needs no noun, and no number
        name = [] if self.label == "thing" and said and said[-1] == "one" else [self.label]
        return " ".join([*said, *name, *([f"from the {self.counted}"] if self.counted else [])])


def ranked(scene: Scene, candidates: Sequence[SceneObject], wanted: Wanted) -> Chosen:
    """Those of the candidates that the ranks pick.

    Raises:
        NotUnderstood, NothingMatches, Ambiguous: as their names say.
    """
    picks, best, sides = wanted.of("ordinal", "last"), wanted.of("superlative", "comparative"), wanted.of("side")
    if {"every", "other"} <= wanted.determiners or ("every" in wanted.determiners and picks):
        raise refusal("Picking every so-many-th thing is not known")
    flat = [str(rank.value) for rank in sides]
    if len(sides) > 1 and not (picks or best or wanted.count or wanted.plural):
        return _at_several_sides(scene, candidates, flat, wanted)
    _check_one_order(wanted, picks, [*best, *sides])
    if len(candidates) == 1 and (best or sides) and not picks and wanted.count in (None, 1):
        return Chosen(tuple(candidates), f"{wanted.words}, of 1")
    if best and best[0].kind == "comparative" and len(candidates) > 2:
        raise ambiguous(
            candidates, f"'{best[0].word}' tells two things apart, and {len(candidates)} fit '{wanted.label}'"
        )
    if sides and sides[0].value == "middle":
        if wanted.count is not None and wanted.count > 1:
            return Chosen(_middle_ones(candidates, wanted), f"{wanted.words} of {len(candidates)}")
        return Chosen((middle_of(candidates, wanted.label),), f"{wanted.words} of {len(candidates)}")
    _check_all_seen(scene, wanted, best)
    order = _order(candidates, wanted, picks, best, sides)
    if order is None:
        return _unranked(candidates, wanted)
    return _picked(candidates, wanted, order, picks)


def check_counted_from(
    scene: Scene, candidates: Sequence[SceneObject], wanted: Wanted, side: str, chosen: Chosen
) -> None:
    """ "the last cup on the right" may be the rightmost, or the last of those on the right.

    Args:
        candidates: the things before the side was looked at; chosen: what the second reading gives.

    Raises:
        Ambiguous: where that makes a difference.
    """
    how_many_is_open = wanted.plural and wanted.count is None
    if how_many_is_open or wanted.of("superlative", "comparative", "side"):
        return
    ranks = tuple(replace(rank, kind="ordinal", value=1) if rank.kind == "last" else rank for rank in wanted.ranks)
    try:
        counted = ranked(scene, candidates, replace(wanted, ranks=ranks, counted=side))
    except NothingMatches:
        return
    if set(counted.ids) != set(chosen.ids):
        things = {thing.id: thing for thing in (*chosen.things, *counted.things)}
        why = f"'{wanted.words}' may count from the {side} or as one reads"
        raise ambiguous(tuple(things.values()), why, f"Say 'from the {side}', or which.")


def _at_several_sides(scene: Scene, candidates: Sequence[SceneObject], sides: Sequence[str], wanted: Wanted) -> Chosen:
    """ "the top left coin", "the back right cup"."""
    if is_corner(sides):
        there: Sequence[SceneObject] = (nearest_to_corner(scene, candidates, sides),)
    else:
        there = candidates if len(candidates) == 1 else on_side(scene, sides, candidates, False, wanted.label)
    if not there:
        raise NothingMatches(f"There is no {wanted.words}: the scene has {len(candidates)} elsewhere.")
    return Chosen(tuple(there), f"{wanted.words}, of {len(candidates)}")


def _check_all_seen(scene: Scene, wanted: Wanted, best: Sequence[Rank]) -> None:
    """Raises NotUnderstood where things were left out of the scene, the smallest, and what is asked counts them."""
    by_size = any(rank.value in ("small", "short", "narrow") for rank in best)
    counts = wanted.of("ordinal", "last") or wanted.counted
    every = bool({"all", "every"} & wanted.determiners)
    if scene.left_out and (by_size or counts or every):
        asked = "every one of them" if every else f"'{wanted.words}'"
        raise refusal(
            f"The scene leaves out {scene.left_out} of the smallest things that were seen, so {asked} cannot be told"
        )


def _check_one_order(wanted: Wanted, picks: Sequence[Rank], orders: Sequence[Rank]) -> None:
    if len(picks) > 1 or len(orders) > 1:
        raise refusal(f"'{' '.join(rank.word for rank in wanted.ranks)}' says more than one rank at a time")
    if wanted.counted and orders:
        raise refusal(f"'{orders[0].word}' and 'from the {wanted.counted}' are two orders at a time")


def _order(
    candidates: Sequence[SceneObject],
    wanted: Wanted,
    picks: Sequence[Rank],
    best: Sequence[Rank],
    sides: Sequence[Rank],
) -> Order | None:
    """The order in which the things are counted; None where none is said."""
    if wanted.counted:
        if wanted.plural and not picks and wanted.count is None:
            raise refusal(
                f"How many of the {len(candidates)} {wanted.label} from the {wanted.counted} are meant is not said"
            )
        order, word = sides_order(wanted.counted), f"from the {wanted.counted}"
    elif best:
        order, word = _BEST[str(best[0].value)], best[0].word
    elif sides:
        order, word = sides_order(str(sides[0].value)), sides[0].word
        if str(sides[0].value) in DEPTHS and any(thing.depth is None for thing in candidates):
            # who stands in front is nearer to the foot of the picture
            order = geometry.bottom_to_top if sides[0].value == "front" else geometry.top_to_bottom
    else:
        return geometry.reading_order if picks else None
    if order in _BY_DEPTH and any(thing.depth is None for thing in candidates):
        raise refusal(f"How far away things are is not known in this scene, so '{word}' cannot be read")
    return order


def _picked(candidates: Sequence[SceneObject], wanted: Wanted, order: Order, picks: Sequence[Rank]) -> Chosen:
    ordered = order(candidates)
    start, size = 0, wanted.count or 1
    if picks:
        behind = len(ordered) - size - int(picks[0].value or 0)
        start = behind if picks[0].kind == "last" else int(picks[0].value) - 1
    if start < 0 or start + size > len(ordered):
        there = "There are no" if size > 1 else "There is no"
        raise NothingMatches(f"{there} {wanted.words}: the scene has {len(ordered)}.")
    if wanted.plural and wanted.count is None and not picks:
        # "the left coins", "the largest coins": where the cut lies is a guess
        raise refusal(f"How many of the {len(ordered)} {wanted.label} are meant by '{wanted.words}' is not said")
    chosen = ordered[start : start + size]
    for why, rival in _rivals(candidates, order):
        also = [thing for thing in rival[start : start + size] if thing not in chosen]
        if also:
            raise ambiguous([*chosen, *also], f"'{wanted.words}' {why}")
    return Chosen(tuple(chosen), f"{wanted.words}, of {len(ordered)}")


def _unranked(candidates: Sequence[SceneObject], wanted: Wanted) -> Chosen:
    count, label = wanted.count, wanted.label
    if "both" in wanted.determiners and len(candidates) != 2:
        raise ambiguous(candidates, f"'both' means two, and {len(candidates)} fit '{label}'")
    if count is not None and count != len(candidates):
        if count > len(candidates):
            raise NothingMatches(
                f"There are not {count} {label.removeprefix('the ')}: the scene has {len(candidates)}."
            )
        meant = "one is" if count == 1 else f"{count} are"
        raise ambiguous(candidates, f"{len(candidates)} things fit '{label}', and {meant} meant", wanted.advice)
    if count is None and wanted.plural and "some" in wanted.determiners and len(candidates) > 1:
        raise ambiguous(candidates, f"How many of the {len(candidates)} that fit '{label}' are meant is not said")
    if count is None and not wanted.plural and len(candidates) > 1:
        raise ambiguous(candidates, f"{len(candidates)} things fit '{label}', and one is meant", wanted.advice)
    how = f"the only {label}" if len(candidates) == 1 else f"all {len(candidates)} that fit '{label}'"
    return Chosen(tuple(candidates), how)


def _middle_ones(candidates: Sequence[SceneObject], wanted: Wanted) -> tuple[SceneObject, ...]:
    """The so many in the middle of a row.

    Raises:
        Ambiguous: where as many on each side are not to be had, or things stand in several rows.
    """
    count = wanted.count or 1
    beside = len(candidates) - count
    if beside < 0 or beside % 2 or len(geometry.rows(candidates)) > 1:
        raise ambiguous(
            candidates, f"Which {count} of the {len(candidates)} that fit '{wanted.label}' are in the middle is open"
        )
    return tuple(geometry.left_to_right(candidates)[beside // 2 : beside // 2 + count])


def middle_of(candidates: Sequence[SceneObject], label: str) -> SceneObject:
    if len(candidates) % 2 == 0:
        raise ambiguous(candidates, f"Of {len(candidates)} that fit '{label}' none is the middle one")
    across = geometry.left_to_right(candidates)[len(candidates) // 2]
    if len(geometry.rows(candidates)) > 1 and geometry.top_to_bottom(candidates)[len(candidates) // 2] is not across:
        why = f"The {len(candidates)} that fit '{label}' stand in several rows, so none is the middle one"
        raise ambiguous(candidates, why)
    return across


def _rivals(candidates: Sequence[SceneObject], order: Order) -> list[tuple[str, list[SceneObject]]]:
    """Other orders that are as good, each with how it comes about."""
    if order is not geometry.reading_order:
        # sorting keeps equals as they came: what comes out otherwise from behind is a tie
        nested = by_edges(order(candidates), order)
        rivals = [("fits several alike", order(candidates[::-1])), ("is too close to call", nested)]
        by_outline = by_mass(order)
        return rivals if by_outline is None else [*rivals, ("is too close to call", by_outline(candidates))]
    scattered = len(geometry.rows(candidates)) == len(candidates) and len(geometry.columns(candidates)) > 1
    return [("can be counted from the left or from the top", geometry.left_to_right(candidates))] if scattered else []
