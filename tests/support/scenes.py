"""Scenes made by hand: of boxes, which are enough for tests of reasoning, and of masks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from things import masked, scene_with

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject


def scene_of(width: int, height: int, rows: str) -> Scene:
    """A scene from lines "id x0 y0 x1 y1 [depth] [label words …] [key=value …]"; no words: the id's stem."""
    things = []
    for line in rows.strip().splitlines():
        name, *rest = line.split()
        box = Box(*(int(number) for number in rest[:4]))
        words = rest[4:]
        depth = float(words.pop(0)) if words and words[0].replace(".", "").isdigit() else None
        attributes = dict(word.split("=") for word in words if "=" in word)
        label = " ".join(word for word in words if "=" not in word) or name.rsplit("_", 1)[0]
        attributes = {key: value.replace("-", " ") for key, value in attributes.items()}
        mask = Mask.from_box(box, height, width)
        things.append(SceneObject(id=name, label=label, box=box, mask=mask, depth=depth, attributes=attributes))
    return Scene(width=width, height=height, objects=tuple(things))


def scene_of_masks(pixels: Mapping[str, np.ndarray]) -> Scene:
    """A scene of things by their ids, of those pixels bool [H, W]; labels are the ids' stems."""
    return scene_with(*(masked(name, array) for name, array in pixels.items()))


TABLE = scene_of(
    800,
    600,
    """
    table_1 50 250 750 580
    cup_1 100 270 160 340 colour=red size=small
    cup_2 300 260 380 350 colour=blue size=medium
    cup_3 520 280 570 340 colour=white size=small
    plate_1 200 400 340 460 colour=white shape=round size=large
    plate_2 450 400 560 450 colour=dark-blue shape=round size=medium
    orange_1 240 405 290 445 colour=orange shape=round
    banana_1 470 380 540 420 colour=yellow shape=long
    spoon_1 600 430 680 450 colour=grey shape=long
    """,
)

COINS = scene_of(
    600,
    400,
    "\n".join(
        f"coin_{6 * row + column + 1} {40 + 90 * column} {30 + 95 * row} "
        f"{40 + 90 * column + 40 + 3 * column + row} {30 + 95 * row + 40 + 3 * column + row}"
        for row in range(4)
        for column in range(6)
    ),
)
"""Four rows of six; the further right and down, the larger: coin_24 is the largest, coin_1 the smallest."""

STREET = scene_of(
    1200,
    700,
    """
    car_1 50 400 350 560 0.2 colour=red
    car_2 420 380 640 500 0.45 colour=black
    car_3 900 360 1020 430 0.8 colour=red
    person_1 370 330 420 560 0.15 woman
    person_2 660 320 700 500 0.5 man
    dog_1 440 520 520 600 0.1 colour=brown
    tree_1 700 50 880 420 0.7
    tree_2 1050 80 1180 400 0.9
    lamp_1 30 60 60 400 0.3 street lamp
    """,
)

SHAPES = scene_of(
    500,
    400,
    """
    object_1 40 40 120 120 red round object colour=red shape=round size=medium
    object_2 200 40 320 160 blue round object colour=blue shape=round size=large
    object_3 380 50 460 130 green square object colour=green shape=square size=medium
    object_4 60 240 110 290 red square object colour=red shape=square size=small
    object_5 220 250 300 330 dark red round object colour=dark-red shape=round size=medium
    object_6 370 270 470 300 yellow long object colour=yellow shape=long size=medium
    """,
)

SCENES = {"table": TABLE, "coins": COINS, "street": STREET, "shapes": SHAPES}

RIVERSIDE = scene_of(
    800,
    600,
    """
    man_1 100 200 180 500 man
    woman_1 220 210 290 500 woman
    dog_1 330 420 430 500 dog colour=brown
    river_1 450 400 800 600 river
    tower_1 600 20 700 380 tower
    shelf_1 10 20 90 120 shelf
    book_1 15 30 30 60 book
    book_2 35 30 50 60 book
    hand_1 100 330 120 350 hand
    hand_2 160 330 180 350 hand
    """,
)
