"""Cuts a small picture into things and background by colour and texture, without weights.

Patches that stand out from the background are things; what holds together only at a neck is cut there (watershed on
the distance transform), so that things which touch are told apart.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.measure import label as components
from skimage.morphology import convex_hull_image
from skimage.segmentation import watershed

from ...core.geometry import Box
from .patches import edge_strength, patches

SPECK = 0.001
"""Share of the picture below which something is a speck, not a thing."""
NECK = 0.75
"""Two blobs are one thing if the neck between them is at least this wide, as a share of the smaller one's width."""
CONVEX = 0.93
"""Share of its convex hull from which a thing is taken to be convex."""
SNAP = 2.5
"""Pixels that an outline moves at most to lie on an edge."""
BAYS, WITHIN = 0.7, 0.8
"""Share of its convex hull below which a patch has deep bays, and share of a thing that lies in them."""
FAINT = 6.0
"""CIELAB units of contrast with what is around it at which a thing scores one half."""
MOST = 300
"""Things in a picture; the smallest beyond are left out, and counted."""
SPECK_SCORE, SPECK_CONVEX = 0.8, 0.9
"""Score and share of the convex hull from which a speck is a thing too small to cut out, and no dirt."""


def things(image: np.ndarray, on_step=lambda done, total: None) -> tuple[list[np.ndarray], list[float], int]:
    """(masks bool [h, w], scores in (0, 1), how many more) of the things in a small picture float32 [h, w, 3].

    Largest first; those beyond MOST and specks that stand out plainly are counted, not cut out.

    A score is the contrast c with what is around the thing, as c / (c + FAINT): how clearly it stands out.
    """
    lab = rgb2lab(image).astype(np.float32)
    colours = patches(lab, image, on_step=lambda done, total: on_step(done, 6))
    blobs, specks = _blobs(colours)
    labels = _snapped(blobs, lab)
    on_step(5, 6)
    masks = [_whole(labels, number, where) for number, where in _places(labels)]
    masks.sort(key=lambda mask: -int(mask.sum()))
    scores = []
    for mask in masks[:MOST]:
        on_step(5, 6)
        scores.append(_contrast(lab, mask))
    plain = sum(_contrast(lab, speck) >= SPECK_SCORE for speck in specks[:MOST])
    on_step(6, 6)
    return masks[:MOST], scores, max(0, len(masks) - MOST) + plain + max(0, len(specks) - MOST)


def _places(labels: np.ndarray) -> list[tuple[int, tuple[slice, slice]]]:
    return [(k, where) for k, where in enumerate(ndimage.find_objects(labels), start=1) if where is not None]


def _blobs(colours: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """(int [h, w]: patches without frays and specks, cut apart at necks, 0 elsewhere; bool [h, w] of round specks)."""
    specks: list[np.ndarray] = []
    labels = np.zeros_like(colours)
    least = max(SPECK * labels.size, 9)
    count = 0
    for number, where in _places(colours):
        # the margin keeps a patch at the frame whole
        here = np.pad(colours[where], 2, mode="edge")
        own = here == number
        own = np.asarray(ndimage.binary_fill_holes(own)) & (own | (here == 0))
        own = np.asarray(ndimage.binary_opening(own))[2:-2, 2:-2]
        if own.sum() < least:
            if own.sum() >= 9 and _convexity(own) >= SPECK_CONVEX:
                speck = np.zeros(labels.shape, dtype=bool)
                speck[where] = own
                specks.append(speck)
            continue
        for part in cut_apart(own):
            if part.sum() >= least:
                count += 1
                labels[where][part] = count
    return labels, specks


def _snapped(labels: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """int [h, w]: outlines moved onto the strongest edge near them, for patches follow the grid's eight directions."""
    edges = edge_strength(lab)
    apart = np.zeros(labels.shape, dtype=bool)
    for axis in (0, 1):
        ahead = np.diff(labels, axis=axis) != 0
        first = (slice(None),) * axis
        apart[(*first, slice(1, None))] |= ahead
        apart[(*first, slice(None, -1))] |= ahead
    off = np.asarray(ndimage.distance_transform_edt(~apart)) if apart.any() else np.full(labels.shape, np.inf)
    # a thing narrower than the reach keeps its middle line
    depth = ndimage.maximum(off, labels, np.arange(int(labels.max()) + 1))
    fixed = off > np.minimum(SNAP, 0.5 * depth)[labels]
    seeds = np.where(fixed, labels + 1, 0)
    return watershed(edges, seeds) - 1


def cut_apart(blob: np.ndarray) -> list[np.ndarray]:
    """bool [h, w] each: the parts of a blob that touch only at necks, or the blob itself.

    Only parts that are plainly more convex than the whole are things that touch; else it is one thing of odd shape.
    """
    inner = np.pad(blob, 1)
    depth = ndimage.gaussian_filter(np.asarray(ndimage.distance_transform_edt(inner)), 1) * inner
    seeds = np.zeros(inner.shape, dtype=int)
    for number, (row, column) in enumerate(_peaks(depth), start=1):
        seeds[row, column] = number
    if seeds.max() < 2:
        return [blob]
    cut = watershed(-depth, seeds, mask=inner)[1:-1, 1:-1]
    parts = [cut == number for number in range(1, int(seeds.max()) + 1)]
    worst = min(_convexity(part) for part in parts)
    return parts if worst >= CONVEX - 0.03 and worst > _convexity(blob) + 0.02 else [blob]


def _convexity(part: np.ndarray) -> float:
    return float(part.sum() / max(1, convex_hull_image(part).sum()))


def _peaks(depth: np.ndarray) -> list[tuple[int, int]]:
    """Deepest points of a blob's parts: two are apart where every way between them passes a narrow neck."""
    level_steps = 24
    top = depth.max()
    if top <= 0:
        return []
    peaks: list[tuple[int, int]] = []
    # going down, a new island is a part of its own if it is still apart when the water has sunk to NECK of its height
    tops = (depth == ndimage.maximum_filter(depth, size=3)) & (depth > 0.25 * top) & (depth > 1.5)
    order = sorted(np.argwhere(tops).tolist(), key=lambda point: (-depth[point[0], point[1]], point))
    levels = {}
    for row, column in order:
        step = int(np.ceil(level_steps * NECK * depth[row, column] / top))
        if step not in levels:
            levels[step] = components(depth > step * top / level_steps * 0.999, connectivity=2)
        islands = levels[step]
        mine = islands[row, column]
        if mine == 0 or not any(islands[r, c] == mine for r, c in peaks):
            peaks.append((row, column))
    return peaks


def _whole(labels: np.ndarray, number: int, where: tuple[slice, slice]) -> np.ndarray:
    """bool [h, w]: one thing with its notches and holes closed, off its neighbours."""
    area = int((labels[where] == number).sum())
    reach = max(1, round(0.05 * float(np.sqrt(area))))
    rows, columns = (slice(max(0, part.start - reach), part.stop + reach) for part in where)
    here = labels[rows, columns]
    own, free = here == number, here == 0
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    closed = ndimage.binary_closing(np.pad(own, reach, mode="edge"), x * x + y * y <= reach * reach)
    own = (closed[reach:-reach, reach:-reach] & free) | own
    hull = convex_hull_image(own)
    if own.sum() >= CONVEX * hull.sum():
        # light and shadow bite notches out of round things
        own = hull & (own | free)
    mask = np.zeros(labels.shape, dtype=bool)
    mask[rows, columns] = own
    return mask


def things_on_ground(masks: list[np.ndarray]) -> list[int]:
    """Which masks are things: a patch with deep bays in which others lie is what they lie on, ground in other light."""
    kept = []
    for k, mask in enumerate(masks):
        where = Box.around(mask).slices
        own = mask[where]
        if own.sum() >= BAYS * own.size:
            # its hull cannot be that much larger
            kept.append(k)
            continue
        bays = convex_hull_image(own) & ~own
        lying = [
            other
            for j, other in enumerate(masks)
            if j != k and (other[where] & bays).sum() >= WITHIN * max(1, int(other.sum()))
        ]
        if bays.sum() < (1 / BAYS - 1) * own.sum() or len(lying) < 2:
            kept.append(k)
    return kept


def _contrast(lab: np.ndarray, mask: np.ndarray) -> float:
    """In (0, 1): how far the thing's median colour is from that of the ring around it."""
    reach = max(2, round(0.15 * float(np.sqrt(mask.sum()))))
    here = Box.around(mask, reach + 1).slices
    distance = np.asarray(ndimage.distance_transform_edt(~mask[here]))
    ring = (distance > 1.5) & (distance <= reach + 1)
    if not ring.any():
        return 0.5
    apart = float(np.linalg.norm(np.median(lab[here][mask[here]], axis=0) - np.median(lab[here][ring], axis=0)))
    return max(apart, 0.01) / (max(apart, 0.01) + FAINT)
