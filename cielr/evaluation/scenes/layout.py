"""Where things stand: still lifes on a table and rooms, laid out by chance so that everything can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .solids import Block
from .surfaces import Surface
from .things import ROOM, TABLE, Kind, Thing
from .tracer import Part, World

SIZES = ((512, 512), (768, 512), (640, 640), (1024, 768), (512, 768), (960, 640), (1280, 960), (768, 768))
"""Width and height of the pictures, in turn; every LARGE_EVERYth is a large one."""
LARGE = (2048, 1536)
LARGE_EVERY = 20
TRIES = 300


@dataclass(frozen=True)
class Stage:
    """A world with its things. Attributes: kind: "still life" or "room"; things: in the order of their indices."""

    kind: str
    world: World
    things: tuple[Thing, ...]
    width: int
    height: int


def staged(number: int, rng: np.random.Generator) -> Stage:
    """The stage of that number: still lifes and rooms in turn."""
    width, height = LARGE if number % LARGE_EVERY == LARGE_EVERY - 1 else SIZES[number % len(SIZES)]
    if number % 3 == 2:
        return _room(rng, width, height)
    return _still_life(rng, width, height)


def _still_life(rng: np.random.Generator, width: int, height: int) -> Stage:
    wood = [(0.34, 0.19, 0.09), (0.45, 0.30, 0.17), (0.22, 0.12, 0.07), (0.52, 0.42, 0.30)]
    walls = [(0.46, 0.52, 0.50), (0.60, 0.54, 0.44), (0.36, 0.42, 0.52), (0.56, 0.46, 0.44), (0.62, 0.62, 0.58)]
    table = Surface(wood[rng.integers(len(wood))], 0.3, "wood")
    wall = Surface(walls[rng.integers(len(walls))], 0.02, "plaster")
    ground = [
        Part(Block((0, -3, 0), float(rng.uniform(-0.06, 0.06)), half=(220, 3, 62)), table),
        Part(Block((0, 60, -85), half=(400, 200, 5)), wall),
    ]
    aspect = width / height
    half_x = 27 * min(aspect, 1.4)
    things = _placed(rng, TABLE, int(rng.integers(6, 10)), (half_x, 25.0), 1.6)
    eye = (float(rng.uniform(-14, 14)), float(rng.uniform(46, 62)), 118.0)
    aim = (0.0, 5.0 if aspect >= 1 else 7.0, 0.0)
    lens = 0.30 if aspect >= 1 else 0.40
    light = (float(rng.choice([-1, 1]) * rng.uniform(50, 90)), float(rng.uniform(105, 150)), float(rng.uniform(40, 90)))
    world = _world(ground, things, eye=eye, aim=aim, lens=lens, light=light, spread=13.0)
    return Stage("still life", world, tuple(things), width, height)


def _room(rng: np.random.Generator, width: int, height: int) -> Stage:
    walls = [(0.62, 0.60, 0.52), (0.46, 0.54, 0.56), (0.60, 0.50, 0.46), (0.52, 0.56, 0.46)]
    wall = Surface(walls[rng.integers(len(walls))], 0.02, "plaster")
    floor = (
        Surface((0.40, 0.26, 0.15), 0.25, "wood") if rng.random() < 0.6 else Surface((0.5, 0.48, 0.44), 0.3, "tiles")
    )
    trim = Surface((0.8, 0.79, 0.75), 0.2)
    ground = [
        Part(Block((0, -5, 0), half=(400, 5, 400)), floor),
        Part(Block((0, 150, -175), half=(400, 170, 5)), wall),
        Part(Block((-230, 150, 0), half=(5, 170, 300)), wall),
        Part(Block((0, 5, -168.5), half=(400, 5, 1.5)), trim),
        Part(Block((-223.5, 5, 0), half=(1.5, 5, 300)), trim),
    ]
    if rng.random() < 0.6:
        rug = [(0.36, 0.13, 0.11), (0.12, 0.20, 0.32), (0.42, 0.38, 0.28)][rng.integers(3)]
        ground.append(
            Part(Block((0, 0.6, -20), float(rng.uniform(-0.3, 0.3)), half=(105, 0.6, 66)), Surface(rug, 0, "cloth"))
        )
    if rng.random() < 0.7:
        x = float(rng.uniform(-80, 80))
        ground.append(Part(Block((x, 165, -169), half=(38, 27, 1.5)), Surface((0.16, 0.10, 0.06), 0.3)))
        ground.append(Part(Block((x, 165, -167.8), half=(33, 22, 1.0)), Surface((0.30, 0.42, 0.50), 0.05, "leaves")))
    aspect = width / height
    things = _placed(rng, ROOM, int(rng.integers(6, 9)), (105 * min(aspect, 1.4), 100.0), 6.0)
    eye = (float(rng.uniform(-20, 50)), float(rng.uniform(170, 210)), 400.0)
    light = (float(rng.uniform(120, 240)), float(rng.uniform(290, 340)), float(rng.uniform(120, 220)))
    lens = 0.40 if aspect >= 1 else 0.52
    world = _world(ground, things, eye=eye, aim=(0.0, 46.0, -20.0), lens=lens, light=light, spread=40.0)
    return Stage("room", world, tuple(things), width, height)


def _world(ground: list[Part], things: list[Thing], **view) -> World:
    parts = [*ground]
    for number, thing in enumerate(things):
        parts += [Part(solid, surface, number) for solid, surface in thing.pieces]
    return World(tuple(parts), **view)


def _placed(
    rng: np.random.Generator, kinds: dict[str, Kind], count: int, half: tuple[float, float], gap: float
) -> list[Thing]:
    """Things that do not run into each other, some of one kind several times, tall ones rather at the back."""
    names = list(rng.permutation(list(kinds)))
    repeated = names[: 1 + int(rng.random() < 0.45)]
    wanted = [name for name in repeated for _ in range(int(rng.integers(2, 4)))]
    wanted += names[len(repeated) : len(repeated) + max(count - len(wanted), 2)]
    used: set[tuple[str, str]] = set()
    things: list[Thing] = []
    for name in wanted:
        kind = kinds[str(name)]
        free = [colour for colour in kind.colours if (name, colour) not in used] or list(kind.colours)
        colour = str(rng.choice(free))
        thing = kind.build(colour, float(rng.uniform(*kind.sizes)))
        placed = _free_place(rng, thing, things, half, gap)
        if placed is not None:
            used.add((str(name), colour))
            things.append(placed)
    return things


def _free_place(
    rng: np.random.Generator, thing: Thing, others: list[Thing], half: tuple[float, float], gap: float
) -> Thing | None:
    tall = thing.top > 1.5 * half[1] / 2
    for _ in range(TRIES):
        x, z = float(rng.uniform(-half[0], half[0])), float(rng.uniform(-half[1], half[1]))
        if tall and z > 0:
            z = -z
        foot = thing.foot[2]
        if all(np.hypot(x - other.foot[0], z - other.foot[1]) > foot + other.foot[2] + gap for other in others):
            return thing.at(x, z, 0.0, float(rng.uniform(-0.9, 0.9)))
    return None
