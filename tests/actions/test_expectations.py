"""What can be looked for once an action is painted, kind by kind; an expectation that needs no eyes before is firm."""

import pytest
from things import boxed, scene_with

from cielr.actions import Add, Modify, Move, Place, Remove, Replace
from cielr.actions.expectation import colour_in
from cielr.core.colours import colour_rgb
from cielr.core.geometry import Box, Mask

WIDTH, HEIGHT = 200, 60
CUP, PLATE, OTHER = Box(10, 20, 30, 40), Box(90, 20, 130, 40), Box(160, 20, 180, 40)
SCENE = scene_with(
    boxed("cup_1", CUP, WIDTH, HEIGHT), boxed("plate_1", PLATE, WIDTH, HEIGHT), boxed("cup_2", OTHER, WIDTH, HEIGHT)
)


def seen(action):
    """(kind, label, where, whether it counts only where the label was seen before) of each."""
    return [(each.kind, each.label, each.where, each.was_there) for each in action.expects(SCENE)]


def filled(*boxes):
    return Mask.union([Mask.from_box(box, HEIGHT, WIDTH) for box in boxes], HEIGHT, WIDTH)


def test_a_moved_thing_is_there_where_it_went_and_gone_from_what_it_left():
    near = Move(targets=("cup_1", "cup_2"), to=Place(relation="by", x=5))
    assert seen(near) == [
        ("there", "cup", filled(CUP.shift(5, 0)), False),
        ("there", "cup", filled(OTHER.shift(5, 0)), False),
        # where it still stands in part it cannot be gone; of two of a kind it is said once
        ("gone", "cup", filled(Box(10, 20, 15, 40), Box(160, 20, 165, 40)), True),
    ]


def test_what_goes_is_expected_to_be_gone_only_where_it_was_seen_and_what_comes_in_any_case():
    assert seen(Remove(targets=("cup_1", "plate_1"))) == [
        ("gone", "cup", filled(CUP), True),
        ("gone", "plate", filled(PLATE), True),
    ]
    assert seen(Replace(targets=("cup_1",), with_="a jug of milk")) == [
        ("there", "jug", filled(CUP), False),
        ("gone", "cup", filled(CUP), True),
    ]
    assert seen(Add(what="a pea", where=Place(relation="at", x=0.5, y=0.5), size="small")) == [
        ("there", "pea", filled(Box(96, 26, 104, 34)), False)
    ]


def test_a_thing_that_changes_is_still_there_and_has_the_colour_that_was_asked_for():
    assert seen(Modify(targets=("cup_1",), change="made of glass")) == [("there", "cup", filled(CUP), True)]
    painted = Modify(targets=("cup_1", "plate_1"), change="glossy dark red paint").expects(SCENE)
    assert [(each.kind, each.where, each.rgb) for each in painted] == [
        ("there", filled(CUP), None),
        ("there", filled(PLATE), None),
        ("colour", filled(CUP), colour_rgb("dark red")),
        ("colour", filled(PLATE), colour_rgb("dark red")),
    ]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("glossy dark red paint", "dark red"),
        ("painted light sea green", "light sea green"),
        ("Blue", "blue"),
        ("made of glass", None),
        # of several the one that is named most closely, and of these the first
        ("red and green", "red"),
        ("green with a dark red rim", "dark red"),
        ("dark red trimmed with green", "dark red"),
    ],
)
def test_the_colour_of_free_words_is_the_one_that_they_name_most_closely(words, name):
    assert colour_in(words) == (colour_rgb(name) if name else None)
