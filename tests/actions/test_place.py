"""Where a place is, to the pixel, and how it is said."""

import numpy as np
import pytest
from pydantic import ValidationError
from things import boxed

from cielr.actions import Place
from cielr.actions.placement import place_box
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene
from cielr.region import Paste

WIDTH, HEIGHT = 400, 300


def scene(**boxes):
    things = [boxed(name, box, WIDTH, HEIGHT) for name, box in boxes.items()]
    return Scene(width=WIDTH, height=HEIGHT, objects=tuple(things))


PLATE = (150, 120, 250, 200)


@pytest.mark.parametrize(
    ("relation", "box"),
    [
        # of a thing of 40 x 20: a tenth of its own side stays free beside it
        ("left_of", (106, 150, 146, 170)),
        ("right_of", (254, 150, 294, 170)),
        ("next_to", (254, 150, 294, 170)),
        ("above", (180, 98, 220, 118)),
        ("below", (180, 202, 220, 222)),
        ("inside", (180, 150, 220, 170)),
        # its foot a quarter down the plate
        ("on", (180, 120, 220, 140)),
        # its foot a quarter of the plate's height below the plate's foot, or above
        ("in_front_of", (180, 200, 220, 220)),
        ("behind", (180, 160, 220, 180)),
    ],
)
def test_each_relation_is_a_box_beside_the_anchor(relation, box):
    assert place_box((40, 20), Place(relation=relation, anchors=("plate",)), scene(plate=PLATE)) == Box(*box)


def test_next_to_takes_the_left_where_the_right_leaves_the_picture():
    right, both = scene(plate=(300, 120, 380, 200)), scene(plate=(10, 120, 390, 200))
    place = Place(relation="next_to", anchors=("plate",))
    assert place_box((40, 20), place, right).x1 == 296
    # where neither side has room it stays on the right, pushed back inside
    assert place_box((40, 20), place, both).x1 == WIDTH
    exact = scene(plate=(300, 120, 356, 200))
    assert place_box((40, 20), place, exact) == Box(360, 150, 400, 170)
    exact = scene(plate=(44, 120, 390, 200))
    assert place_box((40, 20), place, exact) == Box(0, 150, 40, 170)


def test_a_thing_of_one_pixel_keeps_a_pixel_s_distance():
    assert place_box((1, 1), Place(relation="right_of", anchors=("plate",)), scene(plate=PLATE)).x0 == 251
    assert place_box((1, 1), Place(relation="below", anchors=("plate",)), scene(plate=PLATE)).y0 == 201


def test_between_is_the_middle_of_the_two_middles():
    things = scene(plate=PLATE, cup=(20, 20, 40, 40))
    box = place_box((40, 20), Place(relation="between", anchors=("plate", "cup")), things)
    assert box.center == pytest.approx(((200 + 30) / 2, (160 + 30) / 2), abs=0.5)


def test_an_offset_goes_where_it_is_told_also_out_of_the_picture_and_needs_a_start():
    place = Place(relation="by", x=-30.4, y=12.6)
    assert place_box((10, 10), place, scene(), start=Box(5, 5, 15, 15)) == Box(-25, 18, -15, 28)
    with pytest.raises(ValueError, match="start from"):
        place_box((10, 10), place, scene())


@pytest.mark.parametrize(("x", "y"), [(-0.1, 0.5), (1.1, 0.5), (0.5, -0.1), (0.5, 1.1)])
def test_a_point_outside_the_picture_is_refused(x, y):
    with pytest.raises(ValidationError, match="between 0 and 1"):
        Place(relation="at", x=x, y=y)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (0, 1), (0.5, 0.5)])
def test_a_corner_of_the_picture_is_a_point_of_it(x, y):
    box = place_box((10, 20), Place(relation="at", x=x, y=y), scene())
    assert (box.x0, box.y0) == (x * (WIDTH - 10), y * (HEIGHT - 20))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(relation="by", x=20), "by 20 px to the right"),
        (Place(relation="by", x=-20, y=3.5), "by 20 px to the left and 3.5 px down"),
        (Place(relation="by", y=-4), "by 4 px up"),
        (Place(relation="by"), "by nothing"),
        (Place(relation="at", x=0.25, y=1), "at 25 % from the left and 100 % from the top"),
        (Place(relation="in_front_of", anchors=("cup_1",)), "in front of cup_1"),
        (Place(relation="between", anchors=("cup_1", "cup_2")), "between cup_1 and cup_2"),
    ],
)
def test_a_place_is_said_in_words(place, words):
    assert place.words() == words


def test_a_mask_of_many_bands_is_placed_whole_and_what_is_not_there_stays_empty():
    rows, columns = np.mgrid[:1000, :1000]
    large = Mask.from_array((columns - 500) ** 2 + (rows - 500) ** 2 <= 350**2)
    placed = Paste(source=large, scale=1.2).goal
    assert placed.area == pytest.approx(large.area * 1.2**2, rel=0.01)
    assert placed.centroid == pytest.approx(large.centroid, abs=1)
    assert Paste(source=large, scale=1.2, dx=2000).goal.is_empty
    for way in ({"scale": 1.2}, {"dx": 5}):
        assert Paste(source=Mask.empty(1000, 1000), **way).goal.is_empty
