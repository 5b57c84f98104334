"""Solids that a ray can hit: ellipsoids, blocks, tubes and rings. Lengths are centimetres, y points up.

A solid answers for many rays at once: `hit(origins, directions)` gives the distance along each, inf where it misses;
`normals(points)` the outward normals. Arrays are float32, [N, 3] or [N].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FAR = np.float32(np.inf)
NEAR = np.float32(2e-3)
"""Hits nearer than this are the surface that the ray starts from."""


@dataclass(frozen=True)
class Solid:
    """Attributes: centre: [x, y, z]; turn: about the vertical, radians."""

    centre: tuple[float, float, float]
    turn: float = 0.0

    @property
    def reach(self) -> float:
        """Radius of the sphere about the centre that holds all of it."""
        raise NotImplementedError

    @property
    def girth(self) -> float:
        """Radius of a sphere that darkens its surroundings about as much."""
        return 0.6 * self.reach

    def hit(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Distance to the first surface beyond NEAR; what cannot meet the bounding sphere is not looked at twice."""
        result = np.full(len(directions), FAR, dtype=np.float32)
        middle = vector(self.centre) - origins
        along = dot(middle, directions)
        apart = dot(middle, middle) - along * along
        near = np.flatnonzero((apart < self.reach**2) & (along > -self.reach))
        if near.size:
            starts = origins[near] if len(origins) > 1 else origins
            result[near] = self._hit(self.local(starts - vector(self.centre)), self.local(directions[near]))
        return result

    def normals(self, points: np.ndarray) -> np.ndarray:
        """Outward, of length 1."""
        normal = self._normals(self.local(points - vector(self.centre)))
        normal /= np.maximum(np.sqrt(dot(normal, normal)), 1e-9)[:, None]
        return self.world(normal)

    def faces(self, points: np.ndarray) -> np.ndarray:
        """int[N] in 0 … 7: which of its faces each surface point lies on; between two there is an edge."""
        return np.zeros(len(points), dtype=np.int16)

    def local(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors turned into the solid's own frame."""
        return _turned(vectors, -self.turn)

    def world(self, vectors: np.ndarray) -> np.ndarray:
        """The way back."""
        return _turned(vectors, self.turn)

    def _hit(self, start: np.ndarray, way: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _normals(self, points: np.ndarray) -> np.ndarray:
        raise NotImplementedError


@dataclass(frozen=True)
class Ellipsoid(Solid):
    """Attributes: radii along x, y, z."""

    radii: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def reach(self) -> float:
        return max(self.radii)

    @property
    def girth(self) -> float:
        return float(np.mean(self.radii))

    def _hit(self, start, way):
        radii = vector(self.radii)
        return _sphere_hit(start / radii, way / radii)

    def _normals(self, points):
        return points / vector(self.radii) ** 2


@dataclass(frozen=True)
class Block(Solid):
    """Attributes: half: half the edges along x, y, z."""

    half: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def reach(self) -> float:
        return float(np.linalg.norm(self.half)) + 1e-3

    @property
    def girth(self) -> float:
        return min(1.15 * min(self.half), 0.5 * self.reach)

    def _hit(self, start, way):
        half = vector(self.half)
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = (-half - start) / way, (half - start) / way
        low, high = np.fmin(first, second), np.fmax(first, second)
        entry = np.fmax(np.fmax(low[:, 0], low[:, 1]), low[:, 2])
        leave = np.fmin(np.fmin(high[:, 0], high[:, 1]), high[:, 2])
        return np.where(entry > leave, FAR, np.where(entry > NEAR, entry, np.where(leave > NEAR, leave, FAR)))

    def _normals(self, points):
        share = points / vector(self.half)
        axis = np.abs(share).argmax(axis=1)
        normal = np.zeros_like(points)
        rows = np.arange(len(points))
        normal[rows, axis] = np.sign(share[rows, axis])
        return normal

    def faces(self, points):
        share = self.local(points - vector(self.centre)) / vector(self.half)
        axis = np.abs(share).argmax(axis=1)
        return (2 * axis + (share[np.arange(len(points)), axis] > 0)).astype(np.int16)


@dataclass(frozen=True)
class Tube(Solid):
    """A frustum about the vertical, closed at both ends. The centre is halfway up.

    Attributes: low, high: radii at its foot and its top; height.
    """

    low: float = 1.0
    high: float = 1.0
    height: float = 1.0

    @property
    def reach(self) -> float:
        return float(np.hypot(max(self.low, self.high), self.height / 2)) + 1e-3

    @property
    def girth(self) -> float:
        return min((self.low + self.high) / 2, 0.6 * self.height)

    def _radius(self, y: np.ndarray) -> np.ndarray:
        return np.float32(self.low) + np.float32(self.high - self.low) * (y / np.float32(self.height) + np.float32(0.5))

    def _hit(self, start, way):
        slope = np.float32((self.high - self.low) / self.height)
        radius = self._radius(start[:, 1])
        a = way[:, 0] ** 2 + way[:, 2] ** 2 - (slope * way[:, 1]) ** 2
        b = start[:, 0] * way[:, 0] + start[:, 2] * way[:, 2] - slope * radius * way[:, 1]
        c = start[:, 0] ** 2 + start[:, 2] ** 2 - radius**2
        with np.errstate(divide="ignore", invalid="ignore"):
            root = np.sqrt(b * b - a * c)
            walls = [(-b - root) / a, (-b + root) / a]
            ends = [(np.float32(side * self.height / 2) - start[:, 1]) / way[:, 1] for side in (-1, 1)]
        best = np.full(len(way), FAR, dtype=np.float32)
        for t in walls:
            y = start[:, 1] + t * way[:, 1]
            good = (t > NEAR) & (np.abs(y) <= self.height / 2) & (self._radius(y) >= 0)
            best = np.where(good & (t < best), t, best)
        for t, end in zip(ends, (self.low, self.high), strict=True):
            x, z = start[:, 0] + t * way[:, 0], start[:, 2] + t * way[:, 2]
            good = (t > NEAR) & (x * x + z * z <= end * end)
            best = np.where(good & (t < best), t, best)
        return best

    def faces(self, points):
        return self._lid(points - vector(self.centre)).astype(np.int16)

    def _lid(self, points: np.ndarray) -> np.ndarray:
        edge = self.height / 2 - 1e-3 * max(1.0, self.height)
        return (np.abs(points[:, 1]) > edge) & (
            np.hypot(points[:, 0], points[:, 2]) < self._radius(points[:, 1]) - 1e-3
        )

    def _normals(self, points):
        rim, lid = np.hypot(points[:, 0], points[:, 2]), self._lid(points)
        slope = (self.low - self.high) / self.height
        normal = np.stack([points[:, 0], slope * np.maximum(rim, 1e-6), points[:, 2]], axis=1)
        normal[lid] = 0
        normal[lid, 1] = np.sign(points[lid, 1])
        return normal.astype(np.float32)


@dataclass(frozen=True)
class Ring(Solid):
    """A torus that stands upright in its own x-y plane, as a handle does. Attributes: radius of the ring; thick: half
    the thickness."""

    radius: float = 1.0
    thick: float = 0.2

    @property
    def reach(self) -> float:
        return self.radius + self.thick

    @property
    def girth(self) -> float:
        return self.thick

    def _gap(self, points: np.ndarray) -> np.ndarray:
        around = np.hypot(points[:, 0], points[:, 1]) - np.float32(self.radius)
        return np.hypot(around, points[:, 2]) - np.float32(self.thick)

    def _hit(self, start, way):
        # no closed form that is stable in float32: walk by the distance to the surface
        start = np.broadcast_to(start, way.shape)
        t = np.maximum(-dot(start, way) - np.float32(self.reach * 1.01), 20 * NEAR).astype(np.float32)
        t_end = t + np.float32(2.1 * self.reach)
        for _ in range(48):
            t = t + np.maximum(self._gap(start + t[:, None] * way), np.float32(0))
        return np.where((self._gap(start + t[:, None] * way) < 5e-3) & (t < t_end), t, FAR)

    def _normals(self, points):
        rim = np.maximum(np.hypot(points[:, 0], points[:, 1]), 1e-6)
        share = (1 - self.radius / rim).astype(np.float32)
        return np.stack([points[:, 0] * share, points[:, 1] * share, points[:, 2]], axis=1)


def vector(values: Sequence[float]) -> np.ndarray:
    """float32[3]."""
    return np.asarray(values, dtype=np.float32)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N]: the products of vectors [N, 3] or [1, 3]; a sum over an axis of three is slow."""
    return a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2]


def _sphere_hit(start: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Distance to the unit sphere, in the units of `way`, which need not be of length 1."""
    a, b, c = dot(way, way), dot(start, way), dot(start, start) - 1
    with np.errstate(invalid="ignore"):
        root = np.sqrt(b * b - a * c)
    first, second = (-b - root) / a, (-b + root) / a
    t = np.where(first > NEAR, first, second)
    return np.where(t > NEAR, t, FAR)


def _turned(vectors: np.ndarray, angle: float) -> np.ndarray:
    if angle == 0:
        return vectors
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x, z = vectors[:, 0], vectors[:, 2]
    return np.stack([cos * x + sin * z, vectors[:, 1], cos * z - sin * x], axis=1)
