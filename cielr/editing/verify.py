"""Whether an action did what it should: code and eyes look at the picture before and after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..actions import Action
from ..actions.expectation import Expectation
from ..core.arrays import as_floats
from ..core.geometry import Mask
from ..core.scene import Scene
from .look_again import Eyes, found_in

Witness = Callable[[np.ndarray, np.ndarray, str], bool | None]
"""(before, after, what was to happen) -> whether somebody who sees both says that it did; None: they cannot tell."""
NEARER = 0.75
"""A colour went where it should if its distance to the goal fell below this share of what it was."""
NEAR = 15.0
"""CIELAB units within which a colour is the wanted one."""


@dataclass(frozen=True)
class Check:
    """What was found out about one attempt at one action.

    Attributes:
        action: its position in the plan, from 0; attempt: from 1.
        passed, total: expectations that hold, and how many there are; equal where all is well.
        why: a clause for each that does not hold.
        kept: whether this attempt is in the result.
    """

    action: int
    attempt: int
    passed: int
    total: int
    why: tuple[str, ...] = ()
    kept: bool = False

    @property
    def is_good(self) -> bool:
        return self.passed == self.total

    @property
    def score(self) -> float:
        """Share of expectations that hold; 1 where there are none."""
        return self.passed / self.total if self.total else 1.0


def checked(
    action: Action,
    scene: Scene,
    before: np.ndarray,
    after: np.ndarray,
    eyes: Eyes | None,
    witness: Witness | None = None,
    number: int = 0,
    attempt: int = 1,
) -> Check:
    """How an action turned out.

    Args:
        scene: before the action; before, after: uint8 or float32 [H, W, 3].
        eyes: None leaves out what has to be looked for; witness: None leaves out what would be asked.
    """
    faults: list[str] = []
    total = 0
    for expectation in action.expects(scene):
        fault = _fault(expectation, scene, before, after, eyes)
        if fault is not None:
            total += 1
            faults += [fault] if fault else []
    if witness is not None:
        said = witness(before, after, action.sentence())
        if said is not None:
            total += 1
            faults += [] if said else ["the model that looked at both pictures says that it did not happen"]
    return Check(number, attempt, total - len(faults), total, tuple(faults))


def _fault(
    expectation: Expectation, scene: Scene, before: np.ndarray, after: np.ndarray, eyes: Eyes | None
) -> str | None:
    """What is wrong; "" where it holds, None where nobody can tell."""
    if expectation.where.is_empty:
        return None
    if expectation.kind == "colour":
        assert expectation.rgb is not None
        was, now = (_distance(image, expectation.where, expectation.rgb) for image in (before, after))
        if now <= max(NEAR, NEARER * was):
            return ""
        return f"its colour is {now:.0f} off the wanted one, before it was {was:.0f}"
    if eyes is None:
        return None

    def is_seen(image: np.ndarray) -> bool:
        return found_in(expectation.where, expectation.label, eyes(image), scene) is not None

    # what the eyes never saw there cannot be missed
    if expectation.was_there and not is_seen(before):
        return None
    seen = is_seen(after)
    if expectation.kind == "there":
        return "" if seen else f"no {expectation.label} is seen there"
    return f"{expectation.label} is still seen there" if seen else ""


def _distance(image: np.ndarray, where: Mask, rgb: Sequence[int]) -> float:
    """CIELAB distance of the median colour of some pixels to a colour."""
    from skimage.color import rgb2lab

    pixels = as_floats(image[where.box.slices][where.to_array(where.box)])
    middle = np.median(rgb2lab(pixels[None].astype(np.float64))[0], axis=0)
    goal = rgb2lab(np.array(rgb, np.float64)[None, None] / 255)[0, 0]
    return float(np.linalg.norm(middle - goal))
