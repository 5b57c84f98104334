"""Cuts a small picture into things and background by colour and texture, without weights.

The background is what goes on smoothly from the frame's edge: the quiet ground that can be reached from there without
crossing an edge, or else a slowly varying surface through the border's commonest colour. Things are what departs from
it; those that touch are cut apart where they are narrow (watershed on the distance transform), and where their colours
differ.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.filters import threshold_otsu
from skimage.measure import label as components
from skimage.morphology import convex_hull_image
from skimage.segmentation import felzenszwalb, watershed

FITS = 6
"""Rounds of the background's robust fit; it settles in three or four."""
GROUND = 0.15
"""Share of the picture that quiet ground must cover to be believed."""
EDGE_SHARE = 0.05
"""Share of the frame's edge that a piece of quiet ground must hold: less may be a thing cut by the frame."""
LEAST = 6.0
"""CIELAB units by which a thing must differ from the background: less is noise and vignetting."""
SPECK = 0.001
"""Share of the picture below which something is a speck, not a thing."""
NECK = 0.75
"""Two blobs are one thing if the neck between them is at least this wide, as a share of the smaller one's width."""
APART = 22.0
"""CIELAB units between the mean colours of two touching patches from which they are different things."""
CONVEX = 0.93
"""Share of its convex hull from which a thing is taken to be convex."""
MOST = 60
"""Things in a picture; the smallest beyond are left out."""


def things(image: np.ndarray, told=lambda done, total: None) -> tuple[list[np.ndarray], list[float]]:
    """(masks bool [h, w], scores in (0, 1]) of the things in a small picture float32 [h, w, 3], largest first."""
    lab = rgb2lab(image).astype(np.float32)
    smooth = ndimage.gaussian_filter(lab, (1.0, 1.0, 0))
    told(1, 6)
    distance = from_background(smooth)
    told(2, 6)
    front = foreground(distance)
    told(3, 6)
    labels = cut_apart(front)
    told(4, 6)
    labels = cut_by_colour(labels, image, lab)
    told(5, 6)
    least = max(SPECK * front.size, 9)
    found = []
    for number, where in enumerate(ndimage.find_objects(labels), start=1):
        if where is None:
            continue
        part = labels[where] == number
        if part.sum() < least:
            continue
        found.append(_whole(labels, number, where))
    found.sort(key=lambda mask: -int(mask.sum()))
    contrast = [float(np.median(distance[mask])) for mask in found[:MOST]]
    return found[:MOST], [value / (value + LEAST) for value in contrast]


def _whole(labels: np.ndarray, number: int, where: tuple[slice, slice]) -> np.ndarray:
    """bool [h, w]: one thing with its notches and holes closed, off its neighbours."""
    own = labels == number
    reach = max(1, round(0.05 * float(np.sqrt(own[where].sum()))))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    closed = ndimage.binary_closing(np.pad(own, reach, mode="edge"), x * x + y * y <= reach * reach)
    closed = closed[reach:-reach, reach:-reach]
    mask = np.asarray(ndimage.binary_fill_holes((closed | own) & (own | (labels == 0))))
    hull = convex_hull_image(mask)
    if mask.sum() >= CONVEX * hull.sum():
        # light and shadow bite notches out of round things
        mask = hull & (own | (labels == 0))
    return mask


def from_background(lab: np.ndarray) -> np.ndarray:
    """float [h, w]: how far each pixel is from the background, in CIELAB units."""
    ground = quiet_ground(lab)
    if ground.mean() < GROUND:
        return _from_surface(lab)
    # ground in uneven light: held against the ground near by
    for sigma in (0.06 * max(ground.shape), 0.04 * max(ground.shape)):
        weight = ndimage.gaussian_filter(ground.astype(np.float32), sigma)
        near = np.stack([ndimage.gaussian_filter(lab[..., c] * ground, sigma) for c in range(3)], axis=-1)
        distance = np.linalg.norm(lab - near / np.maximum(weight, 1e-4)[..., None], axis=-1)
        spread = max(LEAST, 3 * 1.4826 * float(np.median(distance[ground])))
        ground = distance < spread
    return distance


def quiet_ground(lab: np.ndarray) -> np.ndarray:
    """bool [h, w]: what can be reached from the frame's edge without crossing an edge of the picture."""
    edges = np.sqrt(sum(ndimage.gaussian_gradient_magnitude(lab[..., c], 1.0) ** 2 for c in range(3)))
    quiet = edges < max(1.5, 0.6 * float(threshold_otsu(np.minimum(edges, np.percentile(edges, 98)))))
    quiet = ndimage.binary_opening(quiet, iterations=1)
    islands = components(quiet, connectivity=1)
    frame = np.concatenate([islands[0], islands[-1], islands[:, 0], islands[:, -1]])
    counts = np.bincount(frame)
    counts[0] = 0
    reached = np.flatnonzero(counts >= EDGE_SHARE * len(frame))
    return np.isin(islands, reached)


def _from_surface(lab: np.ndarray) -> np.ndarray:
    """float [h, w]: distance from a slowly varying surface, fitted again and again without what departs from it."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1).reshape(-1, 6)
    values = lab.reshape(-1, 3)
    edge = max(2, round(0.03 * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[edge:-edge, edge:-edge] = False
    border = border.ravel()
    inliers = border & _main_mode(values, border)
    every = max(1, values.shape[0] // 40_000)
    picked = np.zeros_like(border)
    picked[::every] = True
    spread = LEAST
    distance = np.zeros(len(values))
    for number in range(FITS):
        use = inliers & (picked | (inliers.sum() < 2000))
        # few colours first: a curved surface through a border alone swings wildly in the middle
        terms = 1 if number == 0 else 3 if number < 3 else 6
        fit, *_ = np.linalg.lstsq(basis[use][:, :terms], values[use], rcond=None)
        distance = np.linalg.norm(values - basis[:, :terms] @ fit, axis=1)
        spread = max(LEAST, 3 * 1.4826 * float(np.median(distance[inliers])))
        inliers = distance < spread
        if inliers.sum() < 50:
            break
    return distance.reshape(height, width)


def _main_mode(values: np.ndarray, border: np.ndarray) -> np.ndarray:
    """bool [N]: near the border's commonest colour, so that things cut by the frame do not spoil the start."""
    edge = values[border]
    grid = np.round(edge / 8).astype(int)
    cells, counts = np.unique(grid, axis=0, return_counts=True)
    near = np.array([counts[(np.abs(cells - cell) <= 1).all(axis=1)].sum() for cell in cells])
    mode = cells[int(np.argmax(near))] * 8.0
    return np.linalg.norm(values - mode, axis=1) < 24


def foreground(distance: np.ndarray) -> np.ndarray:
    """bool [h, w]: what departs from the background, without specks and pin holes."""
    if distance.max() < LEAST:
        return np.zeros(distance.shape, dtype=bool)
    level = max(LEAST, float(threshold_otsu(np.minimum(distance, np.percentile(distance, 99)))) * 0.8)
    front = distance > level
    reach = max(1, round(min(distance.shape) / 200))
    front = np.asarray(ndimage.binary_closing(front, iterations=reach), dtype=bool) | front
    front = ndimage.binary_fill_holes(front)
    return np.asarray(ndimage.binary_opening(front, iterations=reach), dtype=bool)


def cut_apart(front: np.ndarray) -> np.ndarray:
    """int [h, w]: blobs that touch only at a neck are cut there; 0 is background."""
    depth = ndimage.gaussian_filter(np.asarray(ndimage.distance_transform_edt(front)), 1)
    blobs = components(front, connectivity=1)
    seeds = np.zeros(front.shape, dtype=int)
    count = 0
    for number, where in enumerate(ndimage.find_objects(blobs), start=1):
        inside = blobs[where] == number
        for peak in _peaks(np.where(inside, depth[where], 0)):
            count += 1
            seeds[where][peak] = count
    return watershed(-depth, seeds, mask=front)


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
        height = depth[row, column]
        step = int(np.ceil(level_steps * NECK * height / top))
        if step not in levels:
            levels[step] = components(depth > step * top / level_steps * 0.999, connectivity=2)
        islands = levels[step]
        mine = islands[row, column]
        if mine == 0 or not any(islands[r, c] == mine for r, c in peaks):
            peaks.append((row, column))
    return peaks


def cut_by_colour(labels: np.ndarray, image: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """The labels with things cut where two large patches of plainly different colour meet."""
    patches = felzenszwalb(image, scale=300, sigma=1.0, min_size=max(20, int(SPECK * labels.size)))
    result = np.zeros_like(labels)
    count = 0
    for number, where in enumerate(ndimage.find_objects(labels), start=1):
        if where is None:
            continue
        inside = labels[where] == number
        for part in _merged(inside, patches[where], lab[where]):
            count += 1
            result[where][part] = count
    return result


def _merged(inside: np.ndarray, patches: np.ndarray, lab: np.ndarray) -> list[np.ndarray]:
    """One blob's patches, neighbours of like colour joined again; small ones go with the likest neighbour."""
    ids, local = np.unique(np.where(inside, patches + 1, 0), return_inverse=True)
    local = local.reshape(inside.shape)
    start = 1 if ids[0] == 0 else 0
    count = len(ids) - start
    if count <= 1:
        return [inside]
    local = local - start  # 0 … count - 1 inside, -1 outside
    areas = np.array([int((local == k).sum()) for k in range(count)], dtype=float)
    means = np.array([lab[local == k].mean(axis=0) for k in range(count)])
    pairs: dict[tuple[int, int], int] = {}
    for first, second in ((local[:, :-1], local[:, 1:]), (local[:-1], local[1:])):
        meet = (first >= 0) & (second >= 0) & (first != second)
        for a, b in zip(first[meet].tolist(), second[meet].tolist(), strict=True):
            pairs[min(a, b), max(a, b)] = pairs.get((min(a, b), max(a, b)), 0) + 1
    parent = list(range(count))

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = parent[parent[k]]
            k = parent[k]
        return k

    total = areas.sum()
    while True:
        best = None
        for a, b in {(root(a), root(b)) for a, b in pairs}:
            if a == b:
                continue
            small = min(areas[a], areas[b]) < 0.12 * total
            gap = float(np.linalg.norm(means[a] - means[b]))
            rank = gap * (0.5 if small else 1.0)
            if (gap < APART or small) and (best is None or rank < best[0]):
                best = (rank, min(a, b), max(a, b))
        if best is None:
            break
        _, a, b = best
        means[a] = (means[a] * areas[a] + means[b] * areas[b]) / (areas[a] + areas[b])
        areas[a] += areas[b]
        parent[b] = a
    roots = np.array([root(k) for k in range(count)])
    merged = np.where(local >= 0, roots[local.clip(0)], -1)
    return [merged == k for k in sorted(set(roots.tolist()))]
