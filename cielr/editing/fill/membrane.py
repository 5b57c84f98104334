"""The smoothest surface through known pixels: Laplace's equation, solved to less than anyone sees.

Conjugate gradients, preconditioned by one multigrid cycle (Tatebe, The Multigrid Preconditioned Conjugate Gradient
Method, 1993): the number of rounds hardly grows with the hole, and a round costs a few dozen passes over its box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ...core.geometry import Box
from ...core.scene import OnStep

EXACT = 0.05 / 255
"""The solution is left where the cycle would move no pixel by more than this."""
MOST, USUAL = 100, 9
"""Rounds: at most (frayed holes take dozens), and about as many as a hole takes."""
RELAX = (np.float32(0.562), np.float32(1.389))
"""Weights of two Jacobi steps that together damp best what is too fine for the next coarser grid (Chebyshev)."""
COARSEST = 4
HALF = np.float32(0.5)


def membrane(image: np.ndarray, unknown: np.ndarray, on_step: OnStep | None = None) -> np.ndarray:
    """float32 [H, W, C]: the image with the unknown pixels as the harmonic continuation of the known ones, in [0, 1].

    The frame's edge is free: nothing pulls there. Memory follows the box around what is unknown, a channel at a time.

    Args:
        image: float32 [H, W, C]; unknown: bool [H, W], not all of it.
    """
    result = image.astype(np.float32, copy=True)
    if not unknown.any():
        return result
    box = Box.around(unknown, 1).slices
    hole, planes = unknown[box], image.shape[2]
    grids = _grids(hole)
    for channel in range(planes):

        def on_share(share: float, channel: int = channel) -> None:
            if on_step is not None:
                on_step(round(100 * (channel + share)), 100 * planes)

        part = result[box][..., channel]
        part[hole] = np.clip(_solved(part, hole, grids, on_share)[hole], 0, 1)
    return result


@dataclass(frozen=True)
class _Grid:
    """One level: each array float32 [h, w].

    Attributes:
        free: 1 where unknown; degree: neighbours in the frame; share: 1 / degree where unknown, else 0.
    """

    free: np.ndarray
    degree: np.ndarray
    share: np.ndarray

    def applied(self, values: np.ndarray) -> np.ndarray:
        """The equation's left side: how much each unknown pixel differs from its neighbours, summed."""
        result = self.degree * values
        result[1:] -= values[:-1]
        result[:-1] -= values[1:]
        result[:, 1:] -= values[:, :-1]
        result[:, :-1] -= values[:, 1:]
        result *= self.free
        return result

    def relax(self, values: np.ndarray, right: np.ndarray, weight: np.float32) -> None:
        """One Jacobi step towards `applied(values) == right`."""
        change = self.applied(values)
        np.subtract(right, change, out=change)
        change *= self.share
        change *= weight
        values += change


def _grids(unknown: np.ndarray) -> list[_Grid]:
    """Finest first; each coarser one has every second pixel of the one before."""
    grids = []
    while True:
        degree = np.full(unknown.shape, 4, dtype=np.float32)
        for edge in (degree[0], degree[-1], degree[:, 0], degree[:, -1]):
            edge -= 1
        free = unknown.astype(np.float32)
        grids.append(_Grid(free, degree, free / np.maximum(degree, 1)))
        # what is next to something known counts as known: a correction too small does less harm than one too large
        unknown = np.asarray(ndimage.binary_erosion(unknown, border_value=1), dtype=bool)[::2, ::2]
        if max(degree.shape) <= COARSEST or not unknown.any():
            return grids


def _solved(values: np.ndarray, hole: np.ndarray, grids: list[_Grid], on_share: Callable[[float], None]) -> np.ndarray:
    """float32 [h, w]: what one channel has in the hole; elsewhere it means nothing."""
    # around their mean the known values are small, and so are all rounding errors
    mean = values[~hole].mean(dtype=np.float64).astype(np.float32)
    finest = grids[0]
    residual = -finest.applied(np.where(hole, 0, values - mean))
    solution, direction, before = np.zeros_like(residual), None, np.float32(1)
    for turn in range(MOST):
        share = min(turn, USUAL) / (USUAL + 1)
        change = _cycle(grids, residual, lambda share=share: on_share(share))
        if np.abs(change).max() < EXACT:
            return solution + change + mean
        fit = np.vdot(residual, change)
        direction = change if direction is None else change + fit / before * direction
        before = fit
        ahead = finest.applied(direction)
        step = fit / np.vdot(direction, ahead)
        solution += step * direction
        residual -= step * ahead
    return solution + mean


def _cycle(grids: list[_Grid], right: np.ndarray, on_share: Callable[[], None]) -> np.ndarray:
    """About what solves `applied(values) == right`: relaxed, corrected on the coarser grids, relaxed again."""
    on_share()
    grid, coarser = grids[0], grids[1:]
    values = right * grid.share
    values *= RELAX[0]
    grid.relax(values, right, RELAX[1])
    if coarser:
        rest = _halved(_halved(right - grid.applied(values)).T).T
        rest *= coarser[0].free
        correction = _cycle(coarser, rest, on_share)
        correction = _doubled(_doubled(correction, right.shape[0]).T, right.shape[1]).T
        correction *= grid.free
        values += correction
        on_share()
    else:
        for _ in range(COARSEST):
            grid.relax(values, right, RELAX[0])
            grid.relax(values, right, RELAX[1])
            grid.relax(values, right, RELAX[1])
            grid.relax(values, right, RELAX[0])
    grid.relax(values, right, RELAX[1])
    grid.relax(values, right, RELAX[0])
    return values


def _halved(fine: np.ndarray) -> np.ndarray:
    """Every second row, with half of the rows beside it: the transpose of `_doubled`."""
    coarse = fine[::2].copy()
    between = fine[1 : 2 * len(coarse) - 1 : 2] * HALF
    coarse[:-1] += between
    coarse[1:] += between
    if len(fine) % 2 == 0:
        coarse[-1] += fine[-1]
    return coarse


def _doubled(coarse: np.ndarray, height: int) -> np.ndarray:
    """`height` rows: those given, and between each two their mean; behind the last of an even number that one again."""
    fine = np.empty((height, coarse.shape[1]), dtype=coarse.dtype)
    fine[::2] = coarse
    fine[1 : 2 * len(coarse) - 1 : 2] = (coarse[:-1] + coarse[1:]) * HALF
    if height % 2 == 0:
        fine[-1] = coarse[-1]
    return fine
