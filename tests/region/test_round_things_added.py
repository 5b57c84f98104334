"""What is added to round things or put around them, and what the painter is told.

All sizes are worked out here with plain arrays and the numbers of docs/recipes.md.
"""

import numpy as np
import pytest
from round_things import COIN, SIDE, disc, pixels, region_of, regions_of, scene
from things import masked as thing

from cielr.actions import Add, Background, Global, Modify, Move, Place, Remove, Replace, Resize
from cielr.core.scene import Scene
from cielr.errors import EditError

# ----------------------------------------------------------------------------------------------- add, background, all


@pytest.mark.parametrize(
    ("size", "share"), [("tiny", 0.1), ("small", 0.25), ("medium", 0.5), ("large", 1.0), ("same", 1.0), (None, 0.5)]
)
def test_a_new_thing_is_as_large_as_its_word_says_beside_its_anchor(size, share):
    plate = disc(100, 100, 60)
    region = region_of(
        Add(what="a pea", where=Place(relation="right_of", anchors=("plate_1",)), size=size), thing("plate_1", plate)
    )
    side = max(8, round(share * 121))
    assert (region.support.box.width, region.support.box.height) == (side, side)
    assert region.support.area == side * side
    assert region.support.box.x0 > 160
    free = region_of(Add(what="a pea", where=Place(relation="at", x=0.5, y=0.5), size=size))
    assert free.support.box.width == round(share * SIDE / 2)


@pytest.mark.parametrize(
    ("what", "share"), [("a third plate", 1), ("another white Plate", 1), ("two plates", 1), ("a plate rack", 0.5)]
)
def test_beside_a_thing_of_its_own_kind_a_new_one_is_as_large(what, share):
    where = Place(relation="right_of", anchors=("plate_1",))
    region = region_of(Add(what=what, where=where), thing("plate_1", disc(100, 100, 60)))
    assert region.support.box.width == round(share * 121)


def test_a_new_thing_is_eight_pixels_at_least_and_an_offset_counts_from_the_image_s_middle():
    where = Place(relation="right_of", anchors=("pea_1",))
    region = region_of(Add(what="a mite", where=where, size="tiny"), thing("pea_1", disc(100, 100, 5)))
    assert (region.support.box.width, region.support.box.height) == (8, 8)
    moved = region_of(Add(what="a bee", where=Place(relation="by", x=40, y=-30), size="small"))
    assert moved.support.box.center == pytest.approx((190, 120), abs=0.5)


@pytest.mark.parametrize(("width", "height"), [(1000, 400), (400, 1000)])
def test_a_new_thing_with_nothing_beside_it_is_measured_by_the_image_s_shorter_side(width, height):
    of = Scene(width=width, height=height)
    [region] = regions_of(Add(what="a bee", where=Place(relation="at", x=0.5, y=0.5), size="large"), of=of)
    assert (region.support.box.width, region.support.box.height) == (200, 200)


def test_a_new_thing_between_two_takes_the_mean_of_their_sides():
    things = (thing("plate_1", disc(50, 150, 20)), thing("plate_2", disc(240, 150, 40)))
    where = Place(relation="between", anchors=("plate_1", "plate_2"))
    region = region_of(Add(what="a pea", where=where, size="large"), *things)
    assert region.support.box.width == (41 + 81) / 2
    assert region.support.box.center == pytest.approx((145, 150), abs=1)


def test_a_new_thing_behind_is_smaller_and_cut_off_and_one_in_front_is_larger_and_whole():
    plate = disc(150, 150, 50)
    behind = region_of(
        Add(what="a pea", where=Place(relation="behind", anchors=("plate_1",)), size="large"), thing("plate_1", plate)
    )
    assert behind.support.box.width == round(101 * 0.7)
    assert not (pixels(behind.support) & plate).any()
    front = region_of(
        Add(what="a pea", where=Place(relation="in_front_of", anchors=("plate_1",)), size="large"),
        thing("plate_1", plate),
    )
    assert front.support.box.width == round(101 / 0.7)
    assert front.support.area == front.support.box.area


def test_a_new_thing_that_what_is_kept_leaves_no_room_is_refused():
    wall = np.ones((SIDE, SIDE), bool)
    action = Add(what="a pea", where=Place(relation="at", x=0.5, y=0.5), size="small", keep=("wall_1",))
    with pytest.raises(EditError, match=r"Action 1 \(add\) has no room for 'a pea' there"):
        regions_of(action, of=scene(thing("wall_1", wall)))


def test_the_scene_knows_what_was_added_and_what_was_put_in_its_place():
    plate = thing("plate_1", disc(100, 100, 60), depth=0.4)
    added = Add(what="green pea", where=Place(relation="on", anchors=("plate_1",))).after(scene(plate))
    assert added.ids == ("plate_1", "pea_1")
    assert added["pea_1"].label == "green pea"
    assert added["pea_1"].mask.area == added["pea_1"].box.area
    replaced = Replace(targets=("plate_1",), with_="bowl").after(scene(plate))
    assert replaced.ids == ("bowl_1",)
    assert (replaced["bowl_1"].mask, replaced["bowl_1"].depth) == (plate.mask, 0.4)
    untouched = scene(plate)
    for action in (Modify(targets=("plate_1",), change="red"), Background(to="a beach"), Global(style="snow")):
        assert action.after(untouched) is untouched


def test_the_background_ends_at_round_things_and_fades_along_them():
    cup = disc(200, 200, 30)
    region = region_of(Background(to="a beach"), thing("coin_1", COIN), thing("cup_1", cup))
    assert np.array_equal(pixels(region.support), ~(COIN | cup))
    assert region.feather == round(0.04 * (COIN | cup).sum() ** 0.5)
    assert region.alpha()[100, 100 + 41] == pytest.approx(1 / (region.feather + 1), abs=0.1)
    assert region.alpha()[0, 0] == 1


# ----------------------------------------------------------------------------------------- what the painter is told


@pytest.mark.parametrize(
    ("action", "strength", "prompt", "negative"),
    [
        (Remove(targets=("coin_1",)), 1, "empty ground, the same surroundings go on", "coin"),
        (Replace(targets=("coin_1",), with_="a button"), 1, "a button", "coin"),
        (Modify(targets=("coin_1",), change="of gold"), 0.75, "coin, of gold", ""),
        (Add(what="a bee", where=Place(relation="at", x=0.7, y=0.7)), 1, "a bee", ""),
        (Background(to="a beach"), 1, "a beach", ""),
        (
            Move(targets=("coin_1",), to=Place(relation="by", x=9)),
            1,
            "empty ground, the same surroundings go on",
            "coin",
        ),
        (Resize(targets=("coin_1",), scale=2), 1, "empty ground, the same surroundings go on", "coin"),
        (Global(style="snow"), 0.6, "snow", ""),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_each_kind_tells_the_painter_what_to_draw_what_not_and_how_freely(action, strength, prompt, negative):
    region = region_of(action, thing("coin_1", COIN))
    assert (region.strength, region.prompt, region.negative_prompt) == (strength, prompt, negative)
    own = action.model_copy(update={"prompt": "my words", "negative_prompt": "not these"})
    told = region_of(own, thing("coin_1", COIN))
    assert (told.prompt, told.negative_prompt) == ("my words", "not these")
