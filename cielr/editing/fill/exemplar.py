"""Filling holes without weights: smoothly, or by examples copied from the surroundings.

The exemplar fill minimises the patch energy of Wexler, Shechtman and Irani (Space-Time Completion of Video, PAMI 2007)
from coarse to fine, with nearest patches found by PatchMatch (Barnes et al., SIGGRAPH 2009). It works on a window of at
most 256 pixels a side; a larger crop is filled at reduced size and then copied over at its own size by the same
correspondences, so that time is bounded and detail stays.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from ...core.arrays import as_dtype, resized
from ...core.scene import OnStep
from ...errors import EditError
from ..painters import WINDOW
from .membrane import membrane

RADIUS = 3
"""Patches are 7 x 7: smaller ones lose structure, larger ones find no match."""
ROUNDS = (6, 4, 3, 2)
"""Search-and-vote rounds a level, coarsest first; the last number holds for all finer levels."""
SEARCHES = 2
"""PatchMatch sweeps a round: the field is kept between rounds, so that few are enough."""
TEXTURE, TEXTURE_SPAN = 8.0, 9
"""How much texture weighs beside colour, and the pixels over which it is measured."""
AT_ONCE = 512
"""Patches that are compared together: they stay in the processor's cache."""
RING = 8
"""Pixels around the hole that say whether the ground is smooth."""
SMOOTH = 0.03
"""Ground that departs from a plane by less than this (standard deviation, of 1) is smooth: cloth is not, sky is."""


# ------------------------------------------------------------------------------------------------------- smooth fill


def smooth_fill(
    image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
) -> np.ndarray:
    """The hole as the smoothest surface through its rim (Laplace's equation), with the rim's grain.

    Args as `Filler.fill`. Raises EditError where there is no rim.
    """
    avoid = _usable(hole, avoid)
    values = membrane(as_dtype(image, np.dtype(np.float32)), hole | avoid, on_step)
    ring = _ring(hole, avoid)
    grain = _grain(as_dtype(image, np.dtype(np.float32)), ring)
    if grain > 0.5 / 255:
        noise = np.random.default_rng(seed).normal(0, grain, hole.shape).astype(np.float32)
        values = np.clip(values + noise[..., None], 0, 1)
    return _filled(image, hole, values)


def is_smooth_around(image: np.ndarray, hole: np.ndarray, avoid: np.ndarray) -> bool:
    """Whether the ground around the hole is a plane in each channel, but for noise."""
    ring = _ring(hole, avoid)
    if not ring.any():
        return True
    rows, columns = np.nonzero(ring)
    values = as_dtype(image[ring], np.dtype(np.float32)).astype(np.float64)
    plane = np.stack([rows, columns, np.ones(len(rows))], axis=1) / max(hole.shape)
    fit, *_ = np.linalg.lstsq(plane, values, rcond=None)
    return bool(np.sqrt(np.mean((values - plane @ fit) ** 2)) < SMOOTH)


# ----------------------------------------------------------------------------------------------------- exemplar fill


def exemplar_fill(
    image: np.ndarray,
    hole: np.ndarray,
    avoid: np.ndarray,
    seed: int,
    on_step: OnStep | None = None,
    window: int = WINDOW,
) -> np.ndarray:
    """The hole filled with patches from around it.

    Args as `Filler.fill`; window: pixels a side in which patches are searched. Raises EditError where nothing is left
    to copy from. Where no whole patch is free of the hole, the fill is the smooth one.
    """
    avoid = _usable(hole, avoid)
    pixels = as_dtype(image, np.dtype(np.float32))
    reach = -(-max(hole.shape) // window)
    small, known = _reduced(pixels, hole, reach)
    banned = _blocks(avoid, reach, np.any)
    found = _completed(
        np.concatenate([small, _texture(small, known)], axis=-1), ~known, banned, np.random.default_rng(seed), on_step
    )
    if found is None:
        return smooth_fill(image, hole, avoid, seed, on_step)
    values, field = found
    return _filled(image, hole, values[..., :3] if reach == 1 else _copied(pixels, hole, field, reach, on_step))


def _texture(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """float32 [H, W, 2]: how much the picture changes along rows and columns around each pixel.

    Filled in along with the colours, it keeps rough ground rough: by colour alone the smoothest patch always fits best
    (Newson et al., Video Inpainting of Complex Scenes, 2014).
    """
    grey = image.mean(axis=-1)
    inner = ndimage.binary_erosion(known, border_value=1)
    weight = ndimage.uniform_filter(inner.astype(np.float32), TEXTURE_SPAN, mode="nearest")
    planes = []
    for axis in (0, 1):
        slope = np.abs(np.gradient(grey, axis=axis)) * inner
        planes.append(ndimage.uniform_filter(slope, TEXTURE_SPAN, mode="nearest") / np.maximum(weight, 1e-3))
    return (TEXTURE * np.stack(planes, axis=-1)).astype(np.float32)


def _completed(
    image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, rng: np.random.Generator, on_step: OnStep | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """(image filled, field int[H, W, 2] of where each hole pixel was copied from), or None without a free patch."""
    levels = [(image, hole, avoid)]
    while min(levels[-1][1].shape) > 8 * RADIUS and _thickness(levels[-1][1]) > RADIUS:
        image, hole, avoid = levels[-1]
        smaller, known = _reduced(image, hole, 2)
        levels.append((smaller, ~known, _blocks(avoid, 2, np.any)))
    while levels and not _sources(*levels[-1][1:]).any():
        levels.pop()
    if not levels:
        return None
    work = [(int(hole.sum()) + 200) * ROUNDS[min(k, len(ROUNDS) - 1)] for k, (_, hole, _) in enumerate(levels[::-1])]
    field = current = None
    for k, (image, hole, avoid) in enumerate(levels[::-1]):
        before, here, total = sum(work[:k]), work[k], sum(work)
        rounds, finest = ROUNDS[min(k, len(ROUNDS) - 1)], k == len(levels) - 1

        def told(part: float, before: int = before, here: int = here, total: int = total) -> None:
            if on_step is not None:
                on_step(int(before + part * here), total)

        if current is None or field is None:
            current, start = membrane(image, hole, None), None
        else:
            current, start = _finer(image, hole, current, field)
        current, field = _round_trip(current, hole, _sources(hole, avoid), start, rounds, rng, told, finest)
    assert current is not None
    assert field is not None
    return current, field


def _round_trip(image, hole, sources, start, rounds, rng, told, finest) -> tuple[np.ndarray, np.ndarray]:
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
                told((turn + (sweep + number / len(tries)) / SEARCHES) / rounds)
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


def _finer(image, hole, current, field) -> tuple[np.ndarray, np.ndarray]:
    """The next level's start: the coarse result enlarged into the hole, the coarse field with doubled steps."""
    height, width = hole.shape
    larger = resized(current, current.shape[1] * 2, current.shape[0] * 2)[:height, :width]
    start = image.copy()
    start[hole] = larger[hole]
    y, x = np.mgrid[:height, :width]
    coarse = field[y // 2, x // 2] * 2 + np.stack([y % 2, x % 2], axis=-1)
    return start, np.minimum(coarse, [height - 1, width - 1])


def _copied(image: np.ndarray, hole: np.ndarray, field: np.ndarray, reach: int, on_step: OnStep | None) -> np.ndarray:
    """The hole at full size: each pixel blends what its four nearest reduced pixels point at, without block edges."""
    height, width = hole.shape
    rows, columns = np.nonzero(hole)
    fy, fx = (rows + 0.5) / reach - 0.5, (columns + 0.5) / reach - 0.5
    y0, x0 = np.floor(fy).astype(int), np.floor(fx).astype(int)
    # how far off each reduced pixel copies from, and whether it does at all: those at the hole's rim may not
    pointed = field.any(axis=-1).ravel()
    away = (reach * (field - np.moveaxis(np.indices(field.shape[:2]), 0, -1))).reshape(-1, 2)
    pixels, known = image.reshape(-1, image.shape[2]), ~hole.ravel()
    total = np.zeros((len(rows), 3), dtype=np.float32)
    sums = np.zeros((len(rows), 1), dtype=np.float32)
    for number, (dy, dx) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        if on_step is not None:
            on_step(number, 4)
        near = (y0 + dy).clip(0, field.shape[0] - 1) * field.shape[1] + (x0 + dx).clip(0, field.shape[1] - 1)
        far = away[near]
        source = (rows + far[:, 0]).clip(0, height - 1) * width + (columns + far[:, 1]).clip(0, width - 1)
        # the block of what is pointed at may reach into the hole
        fits = known[source] & pointed[near]
        weight = (fits * (1 - np.abs(fy - y0 - dy)) * (1 - np.abs(fx - x0 - dx))).astype(np.float32)[:, None]
        total += weight * pixels[source]
        sums += weight
    result = image.copy()
    got = sums[:, 0] > 1e-3
    result[rows[got], columns[got]] = total[got] / sums[got]
    left = np.zeros_like(hole)
    left[rows[~got], columns[~got]] = True
    return membrane(result, left, on_step) if left.any() else result


# ------------------------------------------------------------------------------------------------------------ shared


def _usable(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """`avoid` without the hole; empty where nothing else would be left.

    Raises:
        EditError: where the hole is all there is.
    """
    if hole.all():
        raise EditError("The region covers the whole picture, so nothing is left to fill it from.")
    avoid = avoid & ~hole
    return np.zeros_like(avoid) if (hole | avoid).all() else avoid


def _filled(image: np.ndarray, hole: np.ndarray, values: np.ndarray) -> np.ndarray:
    result = image.copy()
    result[hole] = as_dtype(values[hole], image.dtype)
    return result


def _ring(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """bool [H, W]: the ground beside the hole."""
    near = ndimage.binary_dilation(hole, iterations=RING)
    return near & ~hole & ~avoid


def _grain(image: np.ndarray, ring: np.ndarray) -> float:
    """Standard deviation of the noise in the ring: half the second difference along rows, robust to edges."""
    if ring.sum() < 64:
        return 0.0
    grey = image.mean(axis=-1)
    difference = grey[:, 1:-1] - (grey[:, :-2] + grey[:, 2:]) / 2
    inside = ring[:, 1:-1] & ring[:, :-2] & ring[:, 2:]
    if not inside.any():
        return 0.0
    # 1.4826: median of absolute values -> sigma; root of 1.5: of x - (a + b) / 2
    return float(1.4826 * np.median(np.abs(difference[inside])) / np.sqrt(1.5))


def _sources(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """bool [H, W]: centres of whole patches that hold neither hole nor what is to be avoided."""
    side = 2 * RADIUS + 1
    return ndimage.binary_erosion(~(hole | avoid), np.ones((side, side), bool), border_value=0)


def _thickness(hole: np.ndarray) -> float:
    """Pixels from the hole's deepest point to its rim."""
    return float(np.asarray(ndimage.distance_transform_edt(hole)).max())


def _blocks(mask: np.ndarray, reach: int, fold) -> np.ndarray:
    """The mask reduced by a whole factor: `fold` over each block; the frame's edge is repeated."""
    if reach == 1:
        return mask
    height, width = (-(-side // reach) * reach for side in mask.shape)
    padded = np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])), mode="edge")
    return fold(fold(padded.reshape(height // reach, reach, width // reach, reach), axis=3), axis=1)


def _reduced(image: np.ndarray, hole: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """(image, known) reduced by a whole factor: means of the known pixels; a block with none of them is unknown."""
    if reach == 1:
        return image, ~hole
    known = ~hole
    weight = _blocks(known.astype(np.float32), reach, np.sum)
    channels = [_blocks(image[..., c] * known, reach, np.sum) for c in range(image.shape[2])]
    mean = np.stack(channels, axis=-1) / np.maximum(weight, 1)[..., None]
    return mean.astype(np.float32), weight > 0
