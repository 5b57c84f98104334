"""Filling holes by examples copied from the surroundings, from coarse to fine.

It works on a window of at most 256 pixels a side; a larger crop is filled at reduced size and then copied over at its
own size by the same correspondences, so that time is bounded and detail stays.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy import ndimage

from ...core.arrays import as_floats, resized
from ...core.geometry import Box
from ...core.progress import in_steps, share_of
from ...core.scene import OnStep
from .holes import blocks, filled, reduced, thickness, usable
from .membrane import membrane
from .patches import RADIUS, round_trip, sources
from .smooth import smooth_fill

WINDOW = 256
"""Pixels a side to which a crop is reduced for the search of patches: beyond, time grows and little is gained."""
TILE, MOST_TILES = 128, 64
"""Pixels a side of the tiles in which thin holes are filled, and how many of them are worth the time."""
ROUNDS = (6, 4, 3, 2)
"""Search-and-vote rounds a level, coarsest first; the last number holds for all finer levels."""
TEXTURE, TEXTURE_SPAN = 8.0, 9
"""How much texture weighs beside colour, and the pixels over which it is measured."""


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
    avoid = usable(hole, avoid)
    if not hole.any():
        return image.copy()
    pixels = as_floats(image)
    reach = -(-max(hole.shape) // window)
    small, known = reduced(pixels, hole, reach)
    completed = _completed(
        np.concatenate([small, _texture(small, known)], axis=-1),
        ~known,
        blocks(avoid, reach, np.any),
        np.random.default_rng(seed),
        on_step if reach == 1 else share_of(on_step, 0, 3),
    )
    if completed is not None:
        values, field = completed
        if reach == 1:
            return filled(image, hole, values[..., :3])
        values, left = _copied(pixels, hole, field, reach, share_of(on_step, 1, 3))
    elif reach == 1:
        return smooth_fill(image, hole, avoid, seed, on_step)
    else:
        values, left = pixels, hole
    if left.any():
        values = _thin_filled(values, left, avoid, seed, share_of(on_step, 2, 3))
    return filled(image, hole, values)


def _thin_filled(
    image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None
) -> np.ndarray:
    """The hole filled at full size, tile by tile: what is too thin to be seen at reduced size, such as wires.

    Where that would take many tiles, the fill is the smooth one.
    """
    height, width = hole.shape
    half = TILE // 2
    tiles = [
        Box(x, y, min(x + TILE, width), min(y + TILE, height))
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
        if hole[y : y + TILE, x : x + TILE].any()
    ]
    if len(tiles) > MOST_TILES:
        return smooth_fill(image, hole, avoid, seed, on_step)
    result, left = image.copy(), hole.copy()
    for number, tile in enumerate(tiles):
        around = tile.grow(half).clip(width, height)
        crop, unknown = result[around.slices], left[around.slices]
        if (unknown | avoid[around.slices]).all():
            return smooth_fill(result, left, avoid, seed, share_of(on_step, number, len(tiles)))
        filled_crop = exemplar_fill(
            crop, unknown, avoid[around.slices], seed, share_of(on_step, number, len(tiles)), 2 * TILE
        )
        inner = tile.shift(-around.x0, -around.y0).slices
        result[tile.slices] = filled_crop[inner]
        left[tile.slices] = False
    return result


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
        if grey.shape[axis] < 2:
            planes.append(np.zeros_like(grey))
            continue
        slope = np.abs(np.gradient(grey, axis=axis)) * inner
        planes.append(ndimage.uniform_filter(slope, TEXTURE_SPAN, mode="nearest") / np.maximum(weight, 1e-3))
    return (TEXTURE * np.stack(planes, axis=-1)).astype(np.float32)


def _completed(
    image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, rng: np.random.Generator, on_step: OnStep | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """(image filled, field int[H, W, 2] of where each hole pixel was copied from), or None without a free patch."""
    levels = [(image, hole, avoid)]
    if not hole.any():
        return None
    while min(levels[-1][1].shape) > 8 * RADIUS and thickness(levels[-1][1]) > RADIUS:
        image, hole, avoid = levels[-1]
        smaller, known = reduced(image, hole, 2)
        levels.append((smaller, ~known, blocks(avoid, 2, np.any)))
    # where a level has no free patch, coarser ones are of no use either: nothing could be carried over
    usable_levels = list(itertools.takewhile(lambda level: sources(*level[1:]).any(), levels))
    if not usable_levels:
        return None
    levels = usable_levels
    work = [(int(hole.sum()) + 200) * ROUNDS[min(k, len(ROUNDS) - 1)] for k, (_, hole, _) in enumerate(levels[::-1])]
    field = current = None
    for k, (image, hole, avoid) in enumerate(levels[::-1]):
        before, here, total = sum(work[:k]), work[k], sum(work)
        rounds, finest = ROUNDS[min(k, len(ROUNDS) - 1)], k == len(levels) - 1

        def on_share(part: float, before: int = before, here: int = here, total: int = total) -> None:
            if on_step is not None:
                on_step(int(before + part * here), total)

        if current is None or field is None:
            current, start = membrane(image, hole, None), None
        else:
            current, start = _finer(image, hole, current, field)
        current, field = round_trip(current, hole, sources(hole, avoid), start, rounds, rng, on_share, finest)
    assert current is not None
    assert field is not None
    return current, field


def _finer(image, hole, current, field) -> tuple[np.ndarray, np.ndarray]:
    """The next level's start: the coarse result enlarged into the hole, the coarse field with doubled steps."""
    height, width = hole.shape
    larger = resized(current, current.shape[1] * 2, current.shape[0] * 2)[:height, :width]
    start = image.copy()
    start[hole] = larger[hole]
    y, x = np.mgrid[:height, :width]
    coarse = field[y // 2, x // 2] * 2 + np.stack([y % 2, x % 2], axis=-1)
    return start, np.minimum(coarse, [height - 1, width - 1])


def _copied(
    image: np.ndarray, hole: np.ndarray, field: np.ndarray, reach: int, on_step: OnStep | None
) -> tuple[np.ndarray, np.ndarray]:
    """The hole at full size: each pixel blends what its four nearest reduced pixels point at, without block edges.

    Returns:
        (the image, bool [H, W]: what of the hole nothing points at, because it is too thin at reduced size).
    """
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
    for dy, dx in in_steps(((0, 0), (0, 1), (1, 0), (1, 1)), on_step):
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
    return result, left
