"""Which of some objects ordinals, superlatives and counts pick: "the second from the left", "the two largest"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lark import Token

from ...core import geometry
from ...core.scene import Scene, SceneObject
from ...errors import NothingMatches
from .choice import Chosen, ambiguous
from .lexicon import ORDERS, SIDES
from .places import is_corner, nearest_to_corner
from .tokens import refusal
from .trees import number_of

Order: TypeAlias = "Callable[[Sequence[SceneObject]], list[SceneObject]]"


def ranked(
    scene: Scene,
    found: Sequence[SceneObject],
    ranks: Sequence[Token],
    determiners: set[str],
    plural: bool,
    label: str,
    order: Order | None = None,
    order_words: Sequence[str] = (),
    advice: str = "Say which.",
) -> Chosen:
    """Those of the found things that the ranks pick.

    Args:
        determiners: the kinds of the words before the noun, such as "EVERY".
        plural: whether several are meant.
        label: what the things are called in a refusal.
        order: from where they are counted, where that is said, with its words.
        advice: what to do where several fit.

    Raises:
        NotUnderstood, NothingMatches, Ambiguous: as their names say.
    """
    count = next((number_of(token) for token in ranks if token.type == "NUMBER"), None)
    picks = [token for token in ranks if token.type in ("ORDINAL", "LAST")]
    best = [token for token in ranks if token.type == "SUPERLATIVE"]
    sides = [token for token in ranks if token.type in ("LEFT", "RIGHT", "TOP", "BOTTOM", "MIDDLE")]
    if "EVERY" in determiners and picks:
        raise refusal("Picking every so-many-th thing is not known")
    spot = [str(token) for token in sides]
    if len(sides) == 2 and not picks and not best and count is None and not plural and is_corner(spot):
        return Chosen((nearest_to_corner(scene, found, spot),), f"{' '.join(spot)} {label}, of {len(found)}")
    if len(picks) > 1 or len(best) + len(sides) > 1:
        raise refusal(f"'{' '.join(map(str, ranks))}' says more than one rank at a time")
    # "the smallest one" needs no noun, and no number
    name = [] if label == "thing" and ranks and ranks[-1] == "one" else [label]
    how = " ".join([*map(str, ranks), *name, *order_words])
    if order is not None and plural and not (picks or best) and count is None:
        raise refusal(f"How many of the {len(found)} {label} {order_words[0]} are meant is not said")
    if best and order is not None:
        raise refusal(f"'{best[0]}' and '{order_words[0]}' are two orders at a time")
    if best:
        order = ORDERS[str(best[0])]
        if order in (geometry.near_to_far, geometry.far_to_near) and any(t.depth is None for t in found):
            raise refusal(f"How far away things are is not known in this scene, so '{best[0]}' cannot be read")
    if sides and sides[0].type == "MIDDLE":
        return Chosen((_middle(found, label),), f"{how} of {len(found)}")
    if sides:
        order = SIDES[str(sides[0])]
    if order is None and picks:
        order = geometry.reading_order
    if order is None:
        return _unranked(found, count, determiners, plural, label, advice)
    ordered = order(found)
    start, size = 0, count or 1
    rivals = _rivals(found, order)
    if picks and picks[0].type == "LAST":
        start = len(ordered) - size
    elif picks:
        start = number_of(picks[0]) - 1
    if start < 0 or start + size > len(ordered):
        there = "There are no" if size > 1 else "There is no"
        raise NothingMatches(f"{there} {how}: the scene has {len(ordered)}.")
    if plural and count is None and (sides or best) and not picks:
        # "the left coins", "the largest coins": where the cut lies is a guess
        raise refusal(f"How many of the {len(ordered)} {label} are meant by '{how}' is not said")
    chosen = ordered[start : start + size]
    for why, rival in rivals:
        also = [thing for thing in rival[start : start + size] if thing not in chosen]
        if also:
            raise ambiguous([*chosen, *also], f"'{how}' {why}")
    return Chosen(tuple(chosen), f"{how}, of {len(ordered)}")


def _unranked(
    found: Sequence[SceneObject], count: int | None, determiners: set[str], plural: bool, label: str, advice: str
) -> Chosen:
    if "BOTH" in determiners and len(found) != 2:
        raise ambiguous(found, f"'both' means two, and {len(found)} fit '{label}'")
    if count is not None and count != len(found):
        if count > len(found):
            raise NothingMatches(f"There are not {count} {label}: the scene has {len(found)}.")
        meant = "one is" if count == 1 else f"{count} are"
        raise ambiguous(found, f"{len(found)} things fit '{label}', and {meant} meant", advice)
    if count is None and not plural and len(found) > 1:
        raise ambiguous(found, f"{len(found)} things fit '{label}', and one is meant", advice)
    how = f"the only {label}" if len(found) == 1 else f"all {len(found)} that fit '{label}'"
    return Chosen(tuple(found), how)


def _middle(found: Sequence[SceneObject], label: str) -> SceneObject:
    if len(found) % 2 == 0:
        raise ambiguous(found, f"Of {len(found)} that fit '{label}' none is the middle one")
    across = geometry.left_to_right(found)[len(found) // 2]
    if len(geometry.rows(found)) > 1 and geometry.top_to_bottom(found)[len(found) // 2] is not across:
        why = f"The {len(found)} that fit '{label}' stand in several rows, so none is the middle one"
        raise ambiguous(found, why)
    return across


def _rivals(found: Sequence[SceneObject], order: Order) -> list[tuple[str, list[SceneObject]]]:
    """Other orders that are as good, each with how it comes about."""
    if order is not geometry.reading_order:
        # sorting keeps equals as they came: what comes out otherwise from behind is a tie
        return [("fits several alike", order(found[::-1]))]
    scattered = len(geometry.rows(found)) == len(found) and len(geometry.columns(found)) > 1
    return [("can be counted from the left or from the top", geometry.left_to_right(found))] if scattered else []
