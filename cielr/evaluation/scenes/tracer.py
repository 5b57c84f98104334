"""Renders a world of solids: each pixel's colour, what it shows and how far that is, exactly and always the same.

One area light with soft shadows, light from the sky and the ground, darkening where things come close, highlights.
Edges are smoothed by four rays a pixel; a mask says what the ray through the pixel's centre meets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .solids import Solid, dot, vector
from .surfaces import Surface

CHUNK = 1 << 16
"""Rays at a time, so that their arrays stay in the processor's cache."""
LIGHT_RAYS = 8
NOTHING = -1


@dataclass(frozen=True)
class Part:
    """One solid of a thing. Attributes: thing: index of what it belongs to, -1 for the surroundings; gone: no ray meets
    it any more, but the parts after it keep their places."""

    solid: Solid
    surface: Surface
    thing: int = NOTHING
    gone: bool = False


@dataclass(frozen=True)
class World:
    """What there is to see, from where, and by what light.

    Attributes:
        eye, aim: the camera's place and what it looks at; lens: half its horizontal angle's tangent.
        light: the lamp's place; spread: its radius; warm: its colour; sky: light from everywhere.
    """

    parts: tuple[Part, ...]
    eye: tuple[float, float, float]
    aim: tuple[float, float, float]
    lens: float = 0.36
    light: tuple[float, float, float] = (-60.0, 140.0, 90.0)
    spread: float = 14.0
    warm: tuple[float, float, float] = (1.0, 0.94, 0.84)
    sky: tuple[float, float, float] = (0.62, 0.70, 0.84)

    def without(self, thing: int) -> World:
        """The world with a thing gone."""
        return replace(self, parts=tuple(replace(part, gone=part.gone or part.thing == thing) for part in self.parts))

    def painted(self, thing: int, surfaces: dict[Surface, Surface]) -> World:
        """The world with some surfaces of a thing exchanged."""
        parts = (
            replace(part, surface=surfaces.get(part.surface, part.surface)) if part.thing == thing else part
            for part in self.parts
        )
        return replace(self, parts=tuple(parts))


@dataclass
class Picture:
    """A rendered world.

    Attributes:
        pixels: uint8[H, W, 3]; things: int16[H, W], what each pixel's centre shows; depth: float32[H, W], centimetres
            along the ray.
        parts: int16[H, W]: the same for the face of the single solid.
        touches: uint64[H, W]: bit k is set where thing k is seen by any ray of the pixel, or takes light from it.
        shadow: uint64[H, W]: bit k is set where thing k keeps half the lamp's light off the pixel's centre.
    """

    pixels: np.ndarray
    things: np.ndarray
    depth: np.ndarray
    parts: np.ndarray
    touches: np.ndarray
    shadow: np.ndarray


@dataclass
class _Rays:
    """What rays found: linear colour [N, 3], and per ray as in `Picture`."""

    colour: np.ndarray
    part: np.ndarray
    face: np.ndarray
    thing: np.ndarray
    depth: np.ndarray
    touches: np.ndarray
    shadow: np.ndarray = field(repr=False)


def render(world: World, width: int, height: int) -> Picture:
    """The world as a picture."""
    empty = Picture(
        np.zeros((height, width, 3), dtype=np.uint8),
        np.full((height, width), NOTHING, dtype=np.int16),
        np.zeros((height, width), dtype=np.float32),
        np.full((height, width), NOTHING, dtype=np.int16),
        np.zeros((height, width), dtype=np.uint64),
        np.zeros((height, width), dtype=np.uint64),
    )
    return _drawn(world, empty, np.ones((height, width), dtype=bool))


def render_changed(world: World, before: Picture, thing: int) -> Picture:
    """The picture of a world in which only that thing has changed or gone: the rest is taken from the one before.

    It equals `render(world)` in every byte.
    """
    from scipy.ndimage import binary_dilation

    touched = (before.touches >> np.uint64(thing) & np.uint64(1)).astype(bool)
    # a neighbour's edge may go, and with it this pixel's smoothing
    return _drawn(world, before, binary_dilation(touched, np.ones((3, 3))))


def _drawn(world: World, before: Picture, where: np.ndarray) -> Picture:
    picture = Picture(*(array.copy() for array in vars(before).values()))
    height, width = where.shape
    rows, columns = np.nonzero(where)
    colour = np.zeros((height, width, 3), dtype=np.float32)
    for start in range(0, rows.size, CHUNK):
        y, x = rows[start : start + CHUNK], columns[start : start + CHUNK]
        rays = _traced(world, x + 0.5, y + 0.5, x, y, width, height)
        colour[y, x] = rays.colour
        picture.things[y, x], picture.parts[y, x], picture.depth[y, x] = rays.thing, rays.face, rays.depth
        picture.touches[y, x], picture.shadow[y, x] = rays.touches, rays.shadow
    edges = where & _edges(picture)
    rows, columns = np.nonzero(edges)
    for start in range(0, rows.size, CHUNK):
        y, x = rows[start : start + CHUNK], columns[start : start + CHUNK]
        total = np.zeros((y.size, 3), dtype=np.float32)
        for dx, dy in ((0.125, 0.375), (0.625, 0.125), (0.375, 0.875), (0.875, 0.625)):
            rays = _traced(world, x + dx, y + dy, x, y, width, height)
            # light is added up as the eye would see it, so that bright edges do not grow teeth
            total += _developed(rays.colour)
            picture.touches[y, x] |= rays.touches
        picture.pixels[y, x] = np.rint(total / 4 * 255).astype(np.uint8)
    inner = where & ~edges
    picture.pixels[inner] = np.rint(_developed(colour[inner]) * 255).astype(np.uint8)
    return picture


def _edges(picture: Picture) -> np.ndarray:
    """bool[H, W]: where a pixel or one beside it shows another solid, or another face of it far behind."""
    result = np.zeros(picture.parts.shape, dtype=bool)
    for axis in (0, 1):
        differs = np.diff(picture.parts, axis=axis) != 0
        lower, upper = [slice(None)] * 2, [slice(None)] * 2
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        result[tuple(lower)] |= differs
        result[tuple(upper)] |= differs
    return result


def _developed(linear: np.ndarray) -> np.ndarray:
    """Light to what a screen is given, in [0, 1]: a film's shoulder, then the screen's gamma."""
    light = np.maximum(linear, 0) * 0.85
    mapped = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    return np.clip(mapped, 0, 1) ** np.float32(1 / 2.2)


# ------------------------------------------------------------------------------------------------------------- rays


def _traced(world: World, u: np.ndarray, v: np.ndarray, x: np.ndarray, y: np.ndarray, width: int, height: int) -> _Rays:
    """Rays through (u, v), in pixels; (x, y) names the pixel, which decides the grain of its shadow."""
    eye = vector(world.eye)
    forward = _unit(vector(world.aim) - eye)
    right = _unit(np.cross(forward, vector([0, 1, 0])))
    up = np.cross(right, forward)
    scale = 2 * world.lens / max(width, height)
    across, down = ((u - width / 2) * scale).astype(np.float32), ((v - height / 2) * scale).astype(np.float32)
    ways = forward + across[:, None] * right - down[:, None] * up
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    depth = np.full(len(ways), np.inf, dtype=np.float32)
    part = np.full(len(ways), NOTHING, dtype=np.int16)
    for number, piece in enumerate(world.parts):
        if piece.gone:
            continue
        distance = piece.solid.hit(eye[None], ways)
        nearer = distance < depth
        depth[nearer], part[nearer] = distance[nearer], number
    rays = _Rays(
        np.tile(vector(world.sky), (len(ways), 1)),
        part,
        np.full(len(ways), NOTHING, dtype=np.int16),
        np.full(len(ways), NOTHING, dtype=np.int16),
        np.where(np.isfinite(depth), depth, 1e4).astype(np.float32),
        np.zeros(len(ways), dtype=np.uint64),
        np.zeros(len(ways), dtype=np.uint64),
    )
    hit = np.flatnonzero(part != NOTHING)
    if hit.size:
        _shade(world, rays, hit, eye + depth[hit, None] * ways[hit], ways[hit], _grain(x[hit], y[hit]))
    return rays


def _shade(world: World, rays: _Rays, hit: np.ndarray, points: np.ndarray, ways: np.ndarray, grain: np.ndarray) -> None:
    """Fills in colour, thing, touches and shadow of the rays that hit something, at these points."""
    normals = np.zeros_like(points)
    base = np.zeros_like(points)
    gloss, glow = np.zeros(len(points), dtype=np.float32), np.zeros(len(points), dtype=np.float32)
    part = rays.part[hit]
    for number in np.unique(part):
        piece, chosen = world.parts[number], np.flatnonzero(part == number)
        normals[chosen] = piece.solid.normals(points[chosen])
        local = piece.solid.local(points[chosen] - vector(piece.solid.centre))
        base[chosen] = piece.surface.shades(local)
        gloss[chosen], glow[chosen] = piece.surface.gloss, piece.surface.glow
        rays.thing[hit[chosen]] = piece.thing
        rays.face[hit[chosen]] = 8 * number + piece.solid.faces(points[chosen])
    normals *= -np.sign(dot(normals, ways) + 1e-12)[:, None]
    to_lamp = vector(world.light) - points
    distance = np.sqrt(dot(to_lamp, to_lamp))
    to_lamp /= distance[:, None]
    facing = np.maximum(dot(normals, to_lamp), 0)
    lit, taken, shadow = _lit(world, points, normals, facing > 0, grain)
    open_sky, dimmed = _open(world, points, normals, part)
    strength = 1.35 * (np.linalg.norm(vector(world.light) - vector(world.aim)) / distance) ** 2
    direct = (lit * facing * strength)[:, None] * vector(world.warm)
    height = 0.5 + 0.5 * normals[:, 1:2]
    around = vector(world.sky) * height + vector([0.42, 0.36, 0.30]) * (1 - height)
    colour = base * (direct + 0.42 * open_sky[:, None] * around)
    half = to_lamp - ways
    half /= np.sqrt(dot(half, half))[:, None]
    shine = np.maximum(dot(normals, half), 0) ** (8 + 120 * gloss)
    colour += (gloss * lit * (facing > 0) * shine)[:, None] * vector(world.warm) * 1.3
    rim = (1 - np.maximum(-dot(normals, ways), 0)) ** 4
    colour += (0.35 * gloss * rim * open_sky)[:, None] * vector(world.sky)
    rays.colour[hit] = colour + glow[:, None] * base
    own = rays.thing[hit]
    seen = np.where(own >= 0, np.uint64(1) << np.maximum(own, 0).astype(np.uint64), np.uint64(0))
    rays.touches[hit] = taken | dimmed | seen
    rays.shadow[hit] = shadow


def _lit(
    world: World, points: np.ndarray, normals: np.ndarray, facing: np.ndarray, grain: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(share of the lamp that each point sees, bits of things that hide any of it, bits of those that hide half)."""
    lamp = vector(world.light)
    rows = np.flatnonzero(facing)
    starts = points[rows] + normals[rows] * np.float32(0.02)
    centre = lamp - starts
    away = np.sqrt(dot(centre, centre))
    centre /= away[:, None]
    side = np.cross(centre, vector([0.31, 0.17, 0.93]))
    side /= np.sqrt(dot(side, side))[:, None]
    other = np.cross(centre, side)
    blocked = np.zeros((LIGHT_RAYS, rows.size), dtype=bool)
    taken, shadow = np.zeros(len(points), dtype=np.uint64), np.zeros(len(points), dtype=np.uint64)
    hidden_by: dict[int, np.ndarray] = {}
    for piece in world.parts:
        # the surroundings are large, and cast no shadow that matters
        if piece.gone or piece.thing < 0:
            continue
        candidates = _in_the_way(piece.solid, starts, centre, away, world.spread)
        if not candidates.size:
            continue
        mine = hidden_by.setdefault(piece.thing, np.zeros((LIGHT_RAYS, rows.size), dtype=bool))
        for number in range(LIGHT_RAYS):
            angle = 2 * np.pi * (number * 0.381966 + grain[rows[candidates]])
            radius = world.spread * np.sqrt((number + 0.5) / LIGHT_RAYS)
            goal = (
                lamp
                + (np.cos(angle) * radius).astype(np.float32)[:, None] * side[candidates]
                + (np.sin(angle) * radius).astype(np.float32)[:, None] * other[candidates]
            )
            ways = goal - starts[candidates]
            length = np.sqrt(dot(ways, ways))
            distance = piece.solid.hit(starts[candidates], ways / length[:, None])
            mine[number, candidates] |= distance < length
    for thing, mine in hidden_by.items():
        blocked |= mine
        bit = np.uint64(1) << np.uint64(thing)
        taken[rows[mine.any(axis=0)]] |= bit
        shadow[rows[mine.sum(axis=0) * 2 >= LIGHT_RAYS]] |= bit
    lit = np.zeros(len(points), dtype=np.float32)
    lit[rows] = 1 - blocked.mean(axis=0)
    return lit, taken, shadow


def _in_the_way(solid: Solid, starts: np.ndarray, centre: np.ndarray, away: np.ndarray, spread: float) -> np.ndarray:
    """Indices of the points from which the solid's bounding sphere may hide some of the lamp."""
    middle = vector(solid.centre) - starts
    along = dot(middle, centre)
    apart = np.sqrt(np.maximum(dot(middle, middle) - along * along, 0))
    # the lamp's cone is widest at the lamp
    room = solid.reach + spread * np.clip((along + solid.reach) / away, 0, 1)
    return np.flatnonzero((apart < room) & (along > -solid.reach) & (along < away + solid.reach))


def _open(world: World, points: np.ndarray, normals: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(share of the sky's light that reaches each point, bits of the things that take a visible part of it)."""
    share = np.ones(len(points), dtype=np.float32)
    bits = np.zeros(len(points), dtype=np.uint64)
    owner = np.array([piece.thing for piece in world.parts])[part]
    for piece in world.parts:
        if piece.gone or piece.thing < 0:
            continue
        middle = vector(piece.solid.centre) - points
        square = dot(middle, middle)
        girth = np.float32(piece.solid.girth)
        near = np.flatnonzero((square < (14 * girth) ** 2) & (owner != piece.thing))
        length = np.sqrt(square[near])
        up = np.maximum(dot(middle[near], normals[near]) / np.maximum(length, 1e-6), 0)
        taken = np.minimum(up * (girth / np.maximum(length, girth)) ** 2, 1) * np.float32(0.85)
        # below this nobody sees it, and a thing must not touch all of the room
        taken[taken < 0.006] = 0
        share[near] *= 1 - taken
        bits[near[taken > 0]] |= np.uint64(1) << np.uint64(piece.thing)
    return share, bits


def _grain(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """In [0, 1): turns the lamp's rays from pixel to pixel, so that few of them make a smooth shadow."""
    return (52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1)) % 1


def _unit(way: np.ndarray) -> np.ndarray:
    return way / np.linalg.norm(way)
