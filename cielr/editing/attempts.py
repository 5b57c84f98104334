"""Painted, looked at, and where it failed painted again: with another seed, then more room, then more strength."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..actions import Action
from ..core.geometry import Mask
from ..core.scene import Scene
from ..core.things import mask_of, mask_of_others
from ..region import Region, with_support
from .look_again import Eyes
from .verify import Check, Witness, checked

ROOM = 0.15
"""By this share of its size a region grows for a third attempt."""
ROOM_MOST = 64
"""Pixels."""
STRONGER = 0.15
"""Denoise strength that each attempt from the fourth on adds."""


@dataclass(frozen=True)
class Picture:
    """What is painted on: pixels uint8 or float32 [H, W, 3], and their alpha [H, W] of the same dtype, or None."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None


Paint = Callable[[Picture, Sequence[Region]], Picture]
"""(picture, regions of one action) -> the picture with them carried out."""


def another(regions: Sequence[Region], attempt: int, scene: Scene, room: Mask | None = None) -> list[Region]:
    """The regions of one action as they are painted at an attempt, from 1; the first are the regions themselves.

    2 changes the seeds, 3 gives more room besides, 4 and on more strength. What the action keeps, and other things,
    stay outside however much room there is.

    Args:
        room: pixels into which a region may grow at all, such as where a painted mask allows changes; None is all.
    """
    return [_another(region, attempt, scene, room) for region in regions]


def _another(region: Region, attempt: int, scene: Scene, room: Mask | None) -> Region:
    if attempt > 1:
        region = region.model_copy(update={"seed": (region.seed + 7919 * (attempt - 1)) % 2**48})
    if attempt > 2 and not region.pastes and region.action.objects:
        reach = min(max(2, round(ROOM * float(np.sqrt(region.support.area)))), ROOM_MOST)
        rim = region.support.grow(reach) - region.support - mask_of(scene, region.action.keep)
        rim = rim if room is None else rim & room
        names = [name for name in region.action.objects if scene.get(name) is not None]
        region = with_support(region, region.support | (rim - mask_of_others(scene, names)))
    if attempt > 3:
        region = region.model_copy(update={"strength": min(1.0, region.strength + STRONGER * (attempt - 3))})
    return region


def tries_of(action: Action, attempts: int) -> int:
    """How often an action is painted at most where so many attempts are allowed: code does the same each time."""
    return 1 if action.needs == "code" else attempts


def best_of(checks: Sequence[Check]) -> int:
    """Which of the checks of one action, in their order, is of the attempt to keep: the best, of equals the first."""
    return max(range(len(checks)), key=lambda number: (checks[number].score, -number))


def with_kept(checks: Sequence[Check]) -> list[Check]:
    """The checks of one action with the best marked as kept."""
    best = best_of(checks)
    return [replace(check, kept=number == best) for number, check in enumerate(checks)]


def attempted(
    picture: Picture,
    action: Action,
    regions: Sequence[Region],
    scene: Scene,
    paint: Paint,
    attempts: int,
    eyes: Eyes | None = None,
    witness: Witness | None = None,
    on_check: Callable[[Check], None] | None = None,
    room: Mask | None = None,
) -> tuple[Picture, list[Region], list[Check]]:
    """(the picture after the best attempt, its regions, all checks): the first that passes, or else the best.

    Args:
        picture: before the action; scene: before it.
        attempts: at most; 1 paints once and checks nothing.
        on_check: told each check as it is made; room: as for `another`.
    """
    if attempts <= 1 or not regions:
        return paint(picture, regions), list(regions), []
    number = regions[0].index
    tries: list[tuple[Picture, list[Region]]] = []
    checks: list[Check] = []
    for attempt in range(1, tries_of(action, attempts) + 1):
        tried = another(regions, attempt, scene, room)
        painted = paint(picture, tried)
        check = checked(action, scene, picture.pixels, painted.pixels, eyes, witness, number, attempt)
        checks.append(check)
        tries.append((painted, tried))
        if on_check is not None:
            on_check(check)
        if check.is_good:
            break
        # of a large picture each copy counts: only the best one is held
        best = best_of(checks)
        tries = [kept if place == best else (picture, []) for place, kept in enumerate(tries)]
    painted, tried = tries[best_of(checks)]
    return painted, tried, with_kept(checks)
