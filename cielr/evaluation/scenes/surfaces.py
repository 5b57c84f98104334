"""What a surface looks like: its colour at each point, made of smooth noise, and how much it shines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .solids import vector

COLOURS = {
    "red": (0.72, 0.06, 0.05),
    "orange": (0.90, 0.33, 0.03),
    "yellow": (0.90, 0.68, 0.06),
    "green": (0.09, 0.45, 0.13),
    "blue": (0.06, 0.20, 0.66),
    "purple": (0.36, 0.09, 0.50),
    "pink": (0.90, 0.38, 0.50),
    "brown": (0.30, 0.14, 0.06),
    "white": (0.86, 0.85, 0.82),
    "black": (0.025, 0.025, 0.03),
    "grey": (0.35, 0.36, 0.38),
}
"""By name: linear light, as paint reflects it."""


@dataclass(frozen=True)
class Surface:
    """Attributes: colour: linear RGB; gloss in [0, 1]; pattern: a key of PATTERNS; glow: light of its own, of 1."""

    colour: tuple[float, float, float]
    gloss: float = 0.15
    pattern: str = "plain"
    glow: float = 0.0

    def shades(self, points: np.ndarray) -> np.ndarray:
        """Linear RGB, float32[N, 3], at points [N, 3] in the thing's own frame."""
        return vector(self.colour) * PATTERNS[self.pattern](points)[:, None].astype(np.float32)


def _wood(points: np.ndarray) -> np.ndarray:
    """Planks along x, each with a grain of its own."""
    plank = np.floor(points[:, 2] / 14)
    along = points[:, 0] * 0.035 + plank * 17.3
    grain = noise(np.stack([along, points[:, 2] * 0.9, plank * 5.1], axis=1))
    fine = noise(np.stack([along * 6, points[:, 2] * 5, plank], axis=1))
    seam = np.abs(points[:, 2] / 14 - plank - 0.5) > 0.488
    tone = 1 + 0.22 * grain + 0.10 * fine + 0.10 * np.sin(plank * 2.7)
    return np.where(seam, 0.55 * tone, tone)


def _tiles(points: np.ndarray) -> np.ndarray:
    square = np.floor(points[:, [0, 2]] / 30)
    dark = (square.sum(axis=1) % 2) * 0.16
    joint = (np.abs(points[:, [0, 2]] / 30 - square - 0.5) > 0.485).any(axis=1)
    tone = 1 - dark + 0.05 * noise(points * 0.5)
    return np.where(joint, 0.6 * tone, tone)


def _cloth(points: np.ndarray) -> np.ndarray:
    weave = np.sin(points[:, 0] * 7.0) * np.sin(points[:, 2] * 7.0 + points[:, 1] * 7.0)
    return 1 + 0.07 * weave + 0.05 * noise(points * 0.6)


PATTERNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "plain": lambda points: 1 + 0.05 * noise(points * 1.3),
    "wood": _wood,
    "tiles": _tiles,
    "plaster": lambda points: 1 + 0.035 * noise(points * 0.35) + 0.03 * noise(points * 3.1),
    "cloth": _cloth,
    "stripes": lambda points: np.where(np.sin(points[:, 1] * 2.2) > 0.2, 1.0, 1.55),
    "pages": lambda points: 1 + 0.14 * np.sin(points[:, 1] * 22),
    "peel": lambda points: 1 + 0.09 * noise(points * 6.5) + 0.05 * noise(points * 0.7),
    "leaves": lambda points: 1 + 0.45 * noise(points * 0.9) + 0.25 * noise(points * 2.7),
}
"""How much of its colour a surface has at points [N, 3]: [N]."""


def noise(points: np.ndarray) -> np.ndarray:
    """float32[N] in about [-1, 1]: values hashed at the corners of a unit lattice, smoothly joined."""
    cell = np.floor(points)
    part = (points - cell).astype(np.float32)
    part = part * part * (3 - 2 * part)
    corner = cell.astype(np.int64)
    total = np.zeros(len(points), dtype=np.float32)
    for number in range(8):
        step = np.array([number & 1, number >> 1 & 1, number >> 2 & 1])
        weight = np.where(step, part, 1 - part).prod(axis=1)
        total += weight * _hashed(corner + step)
    return total


def _hashed(cells: np.ndarray) -> np.ndarray:
    """float32[N] in [-1, 1) from whole numbers [N, 3]; the same on every machine."""
    mixed = (cells[:, 0] * 73856093 ^ cells[:, 1] * 19349663 ^ cells[:, 2] * 83492791) & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 12) * 0x297A2D39 & 0xFFFFFFFF
    return ((mixed >> 8) / np.float32(1 << 23) - 1).astype(np.float32)
