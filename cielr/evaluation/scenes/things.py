"""Things that stand on tables and in rooms, each built of solids; all about the origin, on height 0, until placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .solids import Block, Ellipsoid, Ring, Solid, Tube
from .surfaces import COLOURS, Surface

Piece = tuple[Solid, Surface]


@dataclass(frozen=True)
class Thing:
    """Something that can be named and edited.

    Attributes:
        label: what it is; colour: its name in COLOURS, or "" where it has no one colour; material, in words.
        pieces: in place; paint: the surface that its colour is about.
        foot: [x, z] and radius of the ground it stands on; floor: the height of that ground; top: of its highest point.
    """

    label: str
    colour: str
    material: str
    pieces: tuple[Piece, ...]
    paint: Surface
    foot: tuple[float, float, float]
    top: float
    floor: float = 0.0

    def at(self, x: float, z: float, floor: float = 0.0, turn: float = 0.0) -> Thing:
        """The thing put there, turned about its own vertical."""
        cos, sin = np.cos(turn), np.sin(turn)

        def moved(solid: Solid) -> Solid:
            cx, cy, cz = solid.centre
            place = (float(cos * cx + sin * cz) + x, cy + floor, float(cos * cz - sin * cx) + z)
            return replace(solid, centre=place, turn=solid.turn + turn)

        pieces = tuple((moved(solid), surface) for solid, surface in self.pieces)
        return replace(self, pieces=pieces, foot=(x, z, self.foot[2]), top=self.top + floor, floor=floor)

    def painted(self, colour: str) -> dict[Surface, Surface]:
        """What `World.painted` takes to give it that colour."""
        return {self.paint: replace(self.paint, colour=COLOURS[colour])}


Builder = Callable[[str, float], Thing]
"""(colour, size in centimetres) -> the thing."""


def _made(
    label: str, colour: str, material: str, pieces: Sequence[Piece], paint: Surface, radius: float, top: float
) -> Thing:
    return Thing(label, colour, material, tuple(pieces), paint, (0.0, 0.0, radius), top)


def _tube(low: float, high: float, height: float, foot: float = 0.0) -> Tube:
    return Tube((0.0, foot + height / 2, 0.0), low=low, high=high, height=height)


def _block(x: float, y: float, z: float, foot: float = 0.0, at: tuple[float, float] = (0.0, 0.0)) -> Block:
    return Block((at[0], foot + y / 2, at[1]), half=(x / 2, y / 2, z / 2))


# ------------------------------------------------------------------------------------------------------ on the table


def ball(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.45)
    radius = size / 2
    return _made("ball", colour, "rubber", [(_round(radius, radius), paint)], paint, radius, size)


def cube(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.12, "plain")
    return _made("cube", colour, "wood", [(_block(size, size, size), paint)], paint, 0.71 * size, size)


def cone(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.2)
    return _made("cone", colour, "plastic", [(_tube(0.42 * size, 0.01, size), paint)], paint, 0.42 * size, size)


def cup(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.55)
    dark = Surface((0.07, 0.03, 0.015), 0.6)
    height, radius = size, 0.44 * size
    handle = Ring((1.02 * radius, 0.5 * height, 0.0), radius=0.27 * height, thick=0.07 * height)
    coffee = _tube(0.86 * radius, 0.86 * radius, 0.02 * size, height - 0.012 * size)
    pieces = [(_tube(0.82 * radius, radius, height), paint), (handle, paint), (coffee, dark)]
    return _made("cup", colour, "china", pieces, paint, 1.35 * radius, height)


def bottle(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.8)
    cap = Surface((0.55, 0.50, 0.42), 0.4)
    radius, body = 0.17 * size, 0.60 * size
    pieces = [
        (_tube(radius, radius, body), paint),
        (_tube(radius, 0.065 * size, 0.16 * size, body), paint),
        (_tube(0.065 * size, 0.06 * size, 0.18 * size, body + 0.16 * size), paint),
        (_tube(0.072 * size, 0.072 * size, 0.06 * size, 0.94 * size), cap),
        (_tube(1.01 * radius, 1.01 * radius, 0.26 * size, 0.18 * size), Surface((0.80, 0.76, 0.66), 0.1)),
    ]
    return _made("bottle", colour, "glass", pieces, paint, radius, size)


def vase(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.6)
    belly = Ellipsoid((0.0, 0.36 * size, 0.0), radii=(0.30 * size, 0.36 * size, 0.30 * size))
    pieces = [
        (belly, paint),
        (_tube(0.20 * size, 0.19 * size, 0.05 * size), paint),
        (_tube(0.15 * size, 0.11 * size, 0.24 * size, 0.62 * size), paint),
        (_tube(0.11 * size, 0.18 * size, 0.14 * size, 0.86 * size), paint),
    ]
    return _made("vase", colour, "china", pieces, paint, 0.30 * size, size)


def candle(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.25)
    flame = Ellipsoid((0.0, 0.94 * size, 0.0), radii=(0.055 * size, 0.11 * size, 0.055 * size))
    pieces = [
        (_tube(0.15 * size, 0.15 * size, 0.76 * size), paint),
        (_tube(0.012 * size, 0.012 * size, 0.10 * size, 0.76 * size), Surface((0.05, 0.04, 0.03))),
        (flame, Surface((1.0, 0.62, 0.16), 0.0, glow=2.6)),
    ]
    return _made("candle", colour, "wax", pieces, paint, 0.15 * size, 1.05 * size)


def book(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.2, "cloth")
    thick, deep = 0.20 * size, 0.72 * size
    pages = Block((0.015 * size, thick / 2, 0.0), half=(0.49 * size, 0.38 * thick, 0.485 * deep))
    pieces = [
        (_block(size, 0.12 * thick, deep), paint),
        (pages, Surface((0.86, 0.80, 0.66), 0.05, "pages")),
        (_block(size, 0.12 * thick, deep, 0.88 * thick), paint),
        (Block((-0.495 * size, thick / 2, 0.0), half=(0.012 * size, 0.5 * thick, 0.5 * deep)), paint),
    ]
    return _made("book", colour, "paper", pieces, paint, 0.62 * size, thick)


def gift(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.35)
    ribbon = Surface((0.88, 0.80, 0.55), 0.5)
    wide, tall = size, 0.72 * size
    pieces = [
        (_block(wide, tall, wide), paint),
        (_block(0.14 * wide, 1.006 * tall, 1.008 * wide), ribbon),
        (_block(1.008 * wide, 1.006 * tall, 0.14 * wide), ribbon),
        (Ellipsoid((-0.13 * size, tall + 0.07 * size, 0.0), radii=(0.14 * size, 0.075 * size, 0.07 * size)), ribbon),
        (Ellipsoid((0.13 * size, tall + 0.07 * size, 0.0), radii=(0.14 * size, 0.075 * size, 0.07 * size)), ribbon),
    ]
    return _made("gift box", colour, "paper", pieces, paint, 0.71 * size, 1.18 * tall)


def apple(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.4, "peel")
    stem = Tube((0.02 * size, 0.93 * size, 0.0), low=0.022 * size, high=0.03 * size, height=0.2 * size)
    body = Ellipsoid((0.0, 0.45 * size, 0.0), radii=(0.5 * size, 0.45 * size, 0.5 * size))
    leaf = Ellipsoid((0.13 * size, 0.97 * size, 0.0), radii=(0.13 * size, 0.03 * size, 0.06 * size))
    pieces = [(body, paint), (stem, Surface(COLOURS["brown"])), (leaf, Surface(COLOURS["green"], 0.3))]
    return _made("apple", colour, "fruit", pieces, paint, 0.5 * size, 1.03 * size)


def orange(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.3, "peel")
    star = _tube(0.05 * size, 0.02 * size, 0.05 * size, 0.95 * size)
    pieces = [(_round(0.5 * size, 0.49 * size), paint), (star, Surface(COLOURS["green"]))]
    return _made("orange", colour, "fruit", pieces, paint, 0.5 * size, size)


def lemon(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.35, "peel")
    middle = 0.31 * size
    pieces = [
        (Ellipsoid((0.0, middle, 0.0), radii=(0.44 * size, middle, middle)), paint),
        (Ellipsoid((0.44 * size, middle, 0.0), radii=(0.09 * size, 0.06 * size, 0.06 * size)), paint),
    ]
    return _made("lemon", colour, "fruit", pieces, paint, 0.5 * size, 2 * middle)


def egg(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.25)
    body = Ellipsoid((0.0, 0.36 * size, 0.0), radii=(0.5 * size, 0.36 * size, 0.37 * size))
    return _made("egg", colour, "shell", [(body, paint)], paint, 0.5 * size, 0.72 * size)


# ------------------------------------------------------------------------------------------------------- in the room


def chair(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.2)
    wide, seat = 0.48 * size, 0.48 * size
    leg = 0.022 * size
    places = [(x * (wide / 2 - leg), z * (wide / 2 - leg)) for x in (-1, 1) for z in (-1, 1)]
    pieces: list[Piece] = [(_block(2 * leg, seat, 2 * leg, at=place), paint) for place in places]
    pieces.append((_block(wide, 0.05 * size, wide, seat), paint))
    pieces += [(_block(2 * leg, 0.5 * size, 2 * leg, seat, at), paint) for at in places if at[1] < 0]
    pieces.append((_block(wide, 0.16 * size, 1.5 * leg, 0.80 * size, at=(0.0, -wide / 2 + leg)), paint))
    pieces.append((_block(wide, 0.07 * size, 1.5 * leg, 0.63 * size, at=(0.0, -wide / 2 + leg)), paint))
    return _made("chair", colour, "wood", pieces, paint, 0.36 * size, size)


def stool(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.25)
    places = [(0.24 * size * np.cos(a), 0.24 * size * np.sin(a)) for a in (0.5, 2.6, 4.7)]
    pieces: list[Piece] = [
        (Tube((x, 0.45 * size, z), low=0.035 * size, high=0.035 * size, height=0.9 * size), paint) for x, z in places
    ]
    pieces.append((_tube(0.36 * size, 0.36 * size, 0.1 * size, 0.9 * size), paint))
    return _made("stool", colour, "wood", pieces, paint, 0.38 * size, size)


def floor_lamp(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.1, "cloth", glow=0.35)
    metal = Surface((0.10, 0.10, 0.11), 0.6)
    pieces = [
        (_tube(0.13 * size, 0.12 * size, 0.02 * size), metal),
        (_tube(0.012 * size, 0.012 * size, 0.74 * size), metal),
        (_tube(0.17 * size, 0.11 * size, 0.24 * size, 0.74 * size), paint),
    ]
    return _made("lamp", colour, "cloth", pieces, paint, 0.17 * size, 0.98 * size)


def plant(colour: str, size: float) -> Thing:
    pot = Surface(COLOURS[colour], 0.3)
    leaf = Surface((0.05, 0.24, 0.06), 0.2, "leaves")
    pieces: list[Piece] = [(_tube(0.16 * size, 0.22 * size, 0.34 * size), pot)]
    for number in range(9):
        angle, tall = 2.4 * number, 0.50 + 0.045 * number
        out = 0.20 - 0.012 * number
        centre = (out * size * np.cos(angle), tall * size, out * size * np.sin(angle))
        pieces.append((Ellipsoid(centre, angle, radii=(0.16 * size, 0.13 * size, 0.08 * size)), leaf))
    return _made("plant", colour, "leaves", pieces, pot, 0.3 * size, 0.98 * size)


def cabinet(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.15)
    knob = Surface((0.62, 0.52, 0.30), 0.8)
    wide, deep = 1.1 * size, 0.5 * size
    pieces: list[Piece] = [(_block(wide, size, deep), paint)]
    for number in range(3):
        foot = (0.05 + 0.31 * number) * size
        pieces.append((_block(0.94 * wide, 0.28 * size, 0.02 * size, foot, at=(0.0, deep / 2)), paint))
        height = foot + 0.14 * size
        pieces.append(
            (Ellipsoid((0.0, height, deep / 2 + 0.04 * size), radii=(0.035 * size, 0.035 * size, 0.035 * size)), knob)
        )
    return _made("cabinet", colour, "wood", pieces, paint, 0.6 * size, size)


def basket(colour: str, size: float) -> Thing:
    paint = Surface(COLOURS[colour], 0.1, "stripes")
    pieces = [(_tube(0.40 * size, 0.5 * size, 0.8 * size), paint)]
    pieces.append((_tube(0.46 * size, 0.46 * size, 0.02 * size, 0.79 * size), Surface((0.06, 0.045, 0.03))))
    return _made("basket", colour, "wicker", pieces, paint, 0.5 * size, 0.82 * size)


def _round(radius: float, tall: float) -> Ellipsoid:
    return Ellipsoid((0.0, tall, 0.0), radii=(radius, tall, radius))


@dataclass(frozen=True)
class Kind:
    """Attributes: build; colours that it comes in; sizes, from and to; use: what it is for, as "the thing one …";
    fact: something known of it, as "the …", or ""."""

    build: Builder
    colours: tuple[str, ...]
    sizes: tuple[float, float]
    use: str = ""
    fact: str = ""


ANY = ("red", "yellow", "green", "blue", "purple", "pink", "white", "black")
TABLE = {
    "ball": Kind(ball, ("red", "yellow", "green", "blue", "purple", "pink"), (6, 11), fact="toy that bounces"),
    "cube": Kind(cube, ANY, (6, 10)),
    "cone": Kind(cone, ("red", "orange", "green", "blue", "purple"), (9, 14)),
    "cup": Kind(cup, ("red", "yellow", "green", "blue", "white", "black"), (8, 10), "thing to drink coffee from"),
    "bottle": Kind(bottle, ("green", "brown", "blue"), (24, 29), "thing that holds wine"),
    "vase": Kind(vase, ("blue", "white", "purple", "green"), (18, 24), "thing made for flowers"),
    "candle": Kind(candle, ("white", "red", "yellow"), (12, 17), "thing that gives light"),
    "book": Kind(book, ("red", "blue", "green", "brown", "purple"), (19, 24), "thing that can be read"),
    "gift box": Kind(gift, ("red", "blue", "purple", "green", "pink"), (11, 15), fact="thing one gets on a birthday"),
    "apple": Kind(apple, ("red", "green"), (8, 9.5), fact="fruit that Newton is said to have seen fall"),
    "orange": Kind(orange, ("orange",), (8, 9.5), fact="fruit that shares its name with a colour"),
    "lemon": Kind(lemon, ("yellow",), (9, 11), fact="sourest fruit"),
    "egg": Kind(egg, ("white", "brown"), (6, 7), fact="thing that a hen lays"),
}
"""By label: what stands on tables."""
ROOM = {
    "chair": Kind(chair, ("brown", "white", "red", "blue", "green", "black"), (86, 96), "thing with a back to sit on"),
    "stool": Kind(stool, ("brown", "yellow", "red", "white"), (44, 56)),
    "lamp": Kind(floor_lamp, ("white", "yellow", "orange", "pink"), (140, 165), "thing that gives light"),
    "plant": Kind(plant, ("white", "brown", "blue", "red"), (70, 110), fact="living thing that needs water"),
    "cabinet": Kind(cabinet, ("white", "brown", "blue", "green"), (72, 90), "thing with drawers"),
    "basket": Kind(basket, ("brown", "white", "yellow"), (36, 48), "thing for the laundry"),
    "ball": Kind(ball, ("red", "yellow", "blue", "green", "purple"), (20, 32), fact="toy that bounces"),
    "gift box": Kind(gift, ("red", "blue", "purple", "green", "pink"), (26, 38), fact="thing one gets on a birthday"),
}
"""By label: what stands in rooms."""
