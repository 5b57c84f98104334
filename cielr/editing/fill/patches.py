"""PatchMatch: for every patch that touches the hole the nearest free one, and what all of them would put there.

Barnes et al., SIGGRAPH 2009, for the energy of Wexler, Shechtman and Irani (Space-Time Completion of Video, PAMI 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

RADIUS = 3
"""Patches are 7 x 7: smaller ones lose structure, larger ones find no match."""
SEARCHES = 2
"""PatchMatch sweeps a round: the field is kept between rounds, so that few are enough."""
AT_ONCE = 512
"""Patches that are compared together: they stay in the processor's cache."""


def sources(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """bool [H, W]: centres of whole patches that hold neither hole nor what is to be avoided."""
    side = 2 * RADIUS + 1
    return ndimage.binary_erosion(~(hole | avoid), np.ones((side, side), bool), border_value=0)


def round_trip(image, hole, sources, start, rounds, rng, on_share, finest) -> tuple[np.ndarray, np.ndarray]:
    """One level: search the nearest free patch for every patch that touches the hole, vote, and again."""
    height, width = hole.shape
    side = 2 * RADIUS + 1
    targets = np.argwhere(ndimage.binary_dilation(hole, np.ones((side, side), bool)))
    where = np.full((height, width), -1)
    where[targets[:, 0], targets[:, 1]] = np.arange(len(targets))
    pool = np.argwhere(sources)
    field = pool[rng.integers(len(pool), size=len(targets))]
    if start is not None:
        guess = start[targets[:, 0], targets[:, 1]]
        fits = sources[guess[:, 0], guess[:, 1]]
        field[fits] = guess[fits]
    # what is known well counts more: votes fade towards the hole's middle
    depth = np.asarray(ndimage.distance_transform_edt(hole))
    trust = 1.3 ** -depth[targets[:, 0], targets[:, 1]]

    best = np.empty(0)
    for turn in range(rounds):
        padded = np.pad(image, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")
        distance = _distance(padded, targets)
        best = distance(np.arange(len(targets)), field)
        for sweep in range(SEARCHES):
            tries = [*_neighbours(targets, where, field), *_guesses(field, (height, width), rng)]
            for number, propose in enumerate(tries):
                on_share((turn + (sweep + number / len(tries)) / SEARCHES) / rounds)
                rows, points = propose()
                # where stretches cohere, most propose what is there already
                (y, x), (old_y, old_x) = points.T, field[rows].T
                ok = (y >= 0) & (y < height) & (x >= 0) & (x < width) & ((y != old_y) | (x != old_x))
                rows, points = rows[ok], points[ok]
                ok = sources[points[:, 0], points[:, 1]]
                rows, points = rows[ok], points[ok]
                score = distance(rows, points)
                better = score < best[rows]
                field[rows[better]], best[rows[better]] = points[better], score[better]
        image = _voted(image, hole, where, field, best, trust, sharp=finest and turn == rounds - 1)
    whole = np.zeros((height, width, 2), dtype=int)
    whole[targets[:, 0], targets[:, 1]] = field
    return image, whole


def _distance(padded: np.ndarray, targets: np.ndarray):
    """(rows, points) -> float32 [n]: squared differences of the patches at targets[rows] and at points int [n, 2].

    Args:
        padded: float32 [h, w, c], the picture with a patch's radius around it, so that a patch begins at its point.
    """
    width, planes = padded.shape[1:]
    side = 2 * RADIUS + 1
    # a patch is so many stretches of memory, one a row
    stretches = sliding_window_view(padded.reshape(-1), side * planes)[::planes]
    lines = np.arange(side) * width

    def starts(points: np.ndarray) -> np.ndarray:
        return (points[:, 0] * width + points[:, 1])[:, None] + lines

    patches = stretches[starts(targets)]

    def distance(rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        score = np.empty(len(rows), dtype=padded.dtype)
        for k in range(0, len(rows), AT_ONCE):
            difference = stretches[starts(points[k : k + AT_ONCE])]
            difference -= patches[rows[k : k + AT_ONCE]]
            difference = difference.reshape(len(difference), -1)
            score[k : k + AT_ONCE] = np.einsum("nk,nk->n", difference, difference)
        return score

    return distance


def _neighbours(targets, where, field):
    """What the patch on each side copies from, shifted by one: coherent stretches grow (propagation)."""

    def proposal(dy: int, dx: int):
        def propose() -> tuple[np.ndarray, np.ndarray]:
            y, x = targets[:, 0] + dy, targets[:, 1] + dx
            inside = (y >= 0) & (y < where.shape[0]) & (x >= 0) & (x < where.shape[1])
            rows = np.flatnonzero(inside)
            other = where[y[rows], x[rows]]
            rows, other = rows[other >= 0], other[other >= 0]
            return rows, field[other] - (dy, dx)

        return propose

    return [proposal(dy, dx) for reach in (4, 1) for dy, dx in ((reach, 0), (-reach, 0), (0, reach), (0, -reach))]


def _guesses(field, shape, rng):
    """Random places around the present one, nearer and nearer (random search)."""

    def proposal(radius: int):
        def propose() -> tuple[np.ndarray, np.ndarray]:
            return np.arange(len(field)), field + rng.integers(-radius, radius + 1, size=field.shape)

        return propose

    radii = [max(shape) >> k for k in range(max(shape).bit_length() - 1)]
    return [proposal(radius) for radius in radii if radius >= 2]


def _voted(image, hole, where, field, best, trust, sharp) -> np.ndarray:
    """Every hole pixel as the weighted mean of what the patches over it would put there; `sharp`: the best one's."""
    rows, columns = np.nonzero(hole)
    spread = max(float(np.percentile(best, 75)), 1e-6)
    # a floor, for a pixel under patches that all fit badly
    weights = trust * np.maximum(np.exp(-best / (2 * spread)), 1e-9)
    total = np.zeros((len(rows), image.shape[2]))
    sums = np.full((len(rows), 1), 1e-12)
    width = hole.shape[1]
    # patches around pixels outside the picture are the last one, which weighs nothing
    weights = np.append(weights, 0.0)[:, None]
    home = np.append(field[:, 0] * width + field[:, 1], RADIUS * (width + 1))
    around = np.pad(where, RADIUS, constant_values=-1)
    pixels = image.reshape(-1, image.shape[2])
    for dy in range(-RADIUS, RADIUS + 1):
        for dx in range(-RADIUS, RADIUS + 1):
            patch = around[rows + (RADIUS + dy), columns + (RADIUS + dx)]
            weight, values = weights[patch], pixels[home[patch] - (dy * width + dx)]
            if sharp:
                better = weight > sums
                total, sums = np.where(better, weight * values, total), np.where(better, weight, sums)
            else:
                total += weight * values
                sums += weight
    result = image.copy()
    result[hole] = total / sums
    return result
