"""Cuts a crowded picture into patches: neighbours of like colour and texture with no edge between them are joined.

Patches of Felzenszwalb and Huttenlocher (IJCV 2004) are merged greedily on their region adjacency graph, the cheapest
pair first. What holds most of the frame's edge, and what looks like it, is the background.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
from scipy import ndimage
from skimage.segmentation import felzenszwalb

FINE = 0.0003
"""Share of the picture that the smallest patch to begin with covers."""
THIN = 2.5
NARROW = 5.0
"""Pixels: half the width below which a patch is only the blur between two others, at any colour or at a mixed one."""
BLURRED = 1.0
"""CIELAB units a pixel below which the colours around a narrow patch change too slowly for the blur of an edge: narrow
patches in a slow gradient of light are ground like any other."""
CALM = 0.5
"""Share of a border, without an edge at all, from which two patches are one in a slow gradient of light; the rest of
it may run along the outline of something else."""
MIX = 10.0
"""CIELAB units off the straight line between two colours within which a colour is a mix of them."""
JOIN = 15.0
"""CIELAB units: neighbours whose difference (colour, texture, edge between) is below it are one patch."""
JUMP = 1.5
LEAST = 7.0
"""Joining ends sooner where the next pair differs JUMP times as much as any before it, noise (LEAST) apart."""
SMALL = 0.012
"""Share of the picture below which a patch joins its likest neighbour the more readily, the smaller it is."""
WEIGHTS = np.array([0.7, 1.0, 1.0, 0.8], dtype=np.float32)
"""Of L, a, b and texture: light and shadow fall on one thing alike, so lightness counts less."""
EDGE = 0.9
"""Weight of the edge between two patches, in CIELAB units a pixel."""
STEP = 5.0
"""Colours may differ by so many pixels' worth of the edge between them: twice what a sharp step gives."""
FRAME = 0.3
"""Share of the frame's edge from which a patch is background, besides the largest there."""
ALIKE = 8.0
"""CIELAB units within which a patch is background too, ground seen between things; more on textured ground."""
NEAR = 0.08
"""Reach (share of the longer side) within which ground is compared with ground."""

Border = tuple[float, float, float]
"""Of two patches: its length, the sum of the edges along it, and how much of it has none."""


def patches(lab: np.ndarray, image: np.ndarray, on_step=lambda done, total: None) -> np.ndarray:
    """int [h, w]: the patches of a small picture, 0 for background.

    Args:
        lab: float32 [h, w, 3] in CIELAB; image: the same in sRGB, [0, 1].
    """
    on_step(0, 4)
    edges = edge_strength(lab)
    fine = felzenszwalb(image, scale=60, sigma=0.8, min_size=max(8, round(FINE * edges.size)))
    on_step(1, 4)
    features = _features(lab)
    joined = _joined(fine, features, edges, JOIN, THIN)
    on_step(2, 4)
    # the blur along edges is left over: narrow patches whose colour is a mix of the two beside them
    joined = _joined(joined, features, edges, 0.0, NARROW)
    on_step(3, 4)
    without = _without_background(joined, lab)
    on_step(4, 4)
    return without


def edge_strength(lab: np.ndarray) -> np.ndarray:
    """float32 [h, w]: how fast the colour changes, in CIELAB units per pixel."""
    return np.sqrt(sum(ndimage.gaussian_gradient_magnitude(lab[..., c], 1.0) ** 2 for c in range(3)))


def _features(lab: np.ndarray) -> np.ndarray:
    """float32 [h, w, 4]: CIELAB and the local spread of lightness, weighted."""
    light = lab[..., 0]
    mean = ndimage.uniform_filter(light, 7)
    spread = np.sqrt(np.maximum(ndimage.uniform_filter(light * light, 7) - mean * mean, 0))
    # an edge is no texture: its spread reaches no farther than the window
    spread = ndimage.minimum_filter(spread, 7)
    return np.concatenate([lab, spread[..., None]], axis=-1) * WEIGHTS


def _joined(labels: np.ndarray, features: np.ndarray, edges: np.ndarray, limit: float, narrow: float) -> np.ndarray:
    """int [h, w], from 0: neighbours that differ by less than the limit joined, the likest first.

    Before all others the blur along edges: patches under THIN pixels from rim to rim, and mixed ones under `narrow`.
    """
    count = int(labels.max()) + 1
    areas = np.bincount(labels.ravel(), minlength=count).astype(float)
    means = np.stack(
        [np.bincount(labels.ravel(), features[..., c].ravel(), minlength=count) for c in range(features.shape[-1])],
        axis=-1,
    )
    means /= areas[:, None]
    around = _borders(labels, edges)
    middles: list[list[float]] = means.tolist()
    sizes: list[float] = areas.tolist()
    parent = list(range(count))
    small = SMALL * labels.size
    stamp = [0] * count
    depths = _depths(labels)
    thin = [
        _steepness(around[k]) > BLURRED and (depth < THIN or (depth < narrow and _mixed(k, middles, around[k])))
        for k, depth in enumerate(depths)
    ]

    def cost(a: int, b: int) -> float:
        length, strength, calm = around[a][b]
        edge = strength / length
        if thin[a] or thin[b]:
            # what lies along an edge is the blur of it, and no thing
            return 0.1 * math.dist(middles[a], middles[b]) - 100
        # a ramp of light makes far colours of one ground, but no edge
        apart = min(math.dist(middles[a], middles[b]), STEP * edge) + EDGE * edge
        least = min(sizes[a], sizes[b])
        value = apart * min(1.0, 0.15 + 0.85 * math.sqrt(least / small))
        # ground becomes whole before the blur around things joins a part of it and brings the thing's edge along
        return value - 200 if edge < BLURRED or calm >= CALM * length else value

    heap = [(cost(a, b), a, b, 0, 0) for a in range(count) for b in around[a] if a < b]
    heapq.heapify(heap)
    dearest = 0.0
    while heap:
        value, a, b, of_a, of_b = heapq.heappop(heap)
        if stamp[a] != of_a or stamp[b] != of_b:
            continue
        if value > min(limit, JUMP * max(dearest, LEAST)):
            break
        dearest = max(dearest, value)
        whole = sizes[a] + sizes[b]
        middles[a] = [(x * sizes[a] + y * sizes[b]) / whole for x, y in zip(middles[a], middles[b], strict=True)]
        sizes[a] = whole
        parent[b] = a
        thin[a] = thin[a] and thin[b]
        stamp[a] += 1
        stamp[b] = -1
        for other, border in around[b].items():
            del around[other][b]
            if other != a:
                mine = around[a].get(other, (0.0, 0.0, 0.0))
                both = (mine[0] + border[0], mine[1] + border[1], mine[2] + border[2])
                around[a][other] = around[other][a] = both
        around[b] = {}
        for other in around[a]:
            heapq.heappush(heap, (cost(a, other), a, other, stamp[a], stamp[other]))
    for k in range(count):
        root = k
        while parent[root] != root:
            root = parent[root]
        parent[k] = root
    _, packed = np.unique(np.array(parent), return_inverse=True)
    return packed[labels]


def _depths(labels: np.ndarray) -> list[float]:
    """For each patch how far its innermost pixel is from other patches; the picture's edge is none."""
    edge = np.zeros(labels.shape, dtype=bool)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    depth = np.asarray(ndimage.distance_transform_edt(~edge)) if edge.any() else np.full(labels.shape, np.inf)
    return np.asarray(ndimage.maximum(depth, labels, np.arange(int(labels.max()) + 1))).tolist()


def _steepness(around: dict[int, Border]) -> float:
    """How strong the edges around a patch are on average, in CIELAB units a pixel; 0 for one that borders nothing."""
    return sum(border[1] for border in around.values()) / max(1.0, sum(border[0] for border in around.values()))


def _mixed(patch: int, middles: list[list[float]], around: dict[int, Border]) -> bool:
    """Whether a patch's colour lies between those of the two patches that it borders most."""
    beside = sorted(around, key=lambda other: (-around[other][0], other))[:2]
    if len(beside) < 2:
        return False
    own, a, b = (np.array(middles[k][:3]) for k in (patch, *beside))
    share = float((own - a) @ (b - a)) / max(float((b - a) @ (b - a)), 1e-9)
    return 0 < share < 1 and float(np.linalg.norm(a + share * (b - a) - own)) < MIX


def _borders(labels: np.ndarray, edges: np.ndarray) -> list[dict[int, Border]]:
    """For each patch its neighbours and the border with each."""
    count = int(labels.max()) + 1
    codes, strengths = [], []
    for first, second, here, there in (
        (labels[:, :-1], labels[:, 1:], edges[:, :-1], edges[:, 1:]),
        (labels[:-1], labels[1:], edges[:-1], edges[1:]),
    ):
        meet = first != second
        a, b = first[meet].astype(np.int64), second[meet].astype(np.int64)
        codes.append(np.minimum(a, b) * count + np.maximum(a, b))
        strengths.append(np.maximum(here[meet], there[meet]))
    pairs, place, lengths = np.unique(np.concatenate(codes), return_inverse=True, return_counts=True)
    along = np.concatenate(strengths)
    sums = np.bincount(place.ravel(), along, minlength=len(pairs))
    calm = np.bincount(place.ravel(), along < BLURRED, minlength=len(pairs))
    around: list[dict[int, Border]] = [{} for _ in range(count)]
    for pair, *border in zip(pairs.tolist(), lengths.tolist(), sums.tolist(), calm.tolist(), strict=True):
        a, b = divmod(pair, count)
        around[a][b] = around[b][a] = (float(border[0]), float(border[1]), float(border[2]))
    return around


def _without_background(labels: np.ndarray, lab: np.ndarray) -> np.ndarray:
    """The labels from 1, with 0 for the large patch at the frame's edge and for what looks like it near by."""
    count = int(labels.max()) + 1
    frame = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    shares = np.bincount(frame, minlength=count) / len(frame)
    areas = np.bincount(labels.ravel(), minlength=count)
    main = int(np.argmax(shares * areas))
    ground = (labels == main).astype(np.float32)
    # in uneven light the ground is held against the ground near by
    sigma = NEAR * max(labels.shape)
    weight = ndimage.gaussian_filter(ground, sigma) + 1e-6 * ground.mean()
    numbers = np.arange(count)
    squares = np.zeros(count)
    spread = 0.0
    for c in range(3):
        near = (ndimage.gaussian_filter(lab[..., c] * ground, sigma) + 1e-6 * (lab[..., c] * ground).mean()) / weight
        apart = lab[..., c] - near
        squares += np.asarray(ndimage.mean(apart, labels, numbers)) ** 2
        spread += float(np.mean(apart[labels == main] ** 2))
    gone = (shares >= FRAME) | (squares < max(ALIKE**2, spread))
    gone[main] = True
    return np.where(gone, 0, numbers + 1)[labels]
