"""Round things that are moved and resized: the hole they leave, where they go, what goes with them.

All sizes are worked out here with plain arrays and the numbers of docs/recipes.md.
"""

import numpy as np
import pytest
from round_things import COIN, RIM_MOVED, disc, pixels, region_of, regions_of, scene, within
from things import masked as thing

from cielr.actions import Move, Place, Resize
from cielr.core.geometry import Mask
from cielr.errors import EditError
from cielr.region import hole_region


def test_a_move_leaves_a_hole_with_a_rim_and_changes_the_hole_and_the_goal_alone():
    region = region_of(Move(targets=("coin_1",), to=Place(relation="by", x=100, y=-20)), thing("coin_1", COIN))
    [paste] = region.pastes
    assert (paste.dx, paste.dy, paste.scale) == (100, -20, 1)
    assert np.array_equal(pixels(region.moved), COIN)
    assert np.array_equal(pixels(region.hole), within(COIN, RIM_MOVED))
    assert np.array_equal(pixels(region.support), within(COIN, RIM_MOVED) | disc(200, 80, 40))
    assert region.feather == 0


def test_a_hole_eats_no_neighbour():
    cup = disc(163, 100, 22)
    region = region_of(
        Move(targets=("coin_1",), to=Place(relation="by", x=0, y=120)), thing("coin_1", COIN), thing("cup_1", cup)
    )
    assert (within(COIN, RIM_MOVED) & cup).any()
    assert not (pixels(region.hole) & cup).any()
    assert not (pixels(region.support) & cup).any()


def test_what_goes_behind_its_anchor_is_cut_off_by_it_and_what_goes_in_front_is_not():
    tree = disc(200, 200, 60)
    things = (thing("coin_1", disc(60, 60, 30)), thing("tree_1", tree))
    behind = region_of(Move(targets=("coin_1",), to=Place(relation="behind", anchors=("tree_1",))), *things)
    goal = pixels(behind.pastes[0].goal)
    assert (goal & tree).any(), "the two overlap"
    assert not (pixels(behind.support) & tree).any()
    front = region_of(Move(targets=("coin_1",), to=Place(relation="in_front_of", anchors=("tree_1",))), *things)
    goal = pixels(front.pastes[0].goal)
    assert (goal & tree).any()
    assert (pixels(front.support) & goal).sum() == goal.sum()


def test_what_belongs_to_a_thing_travels_with_it():
    shadow = disc(140, 130, 20)
    things = (thing("coin_1", COIN), thing("shadow_1", shadow, effect_of="coin_1"), thing("cup_1", disc(250, 30, 10)))
    action = Move(targets=("coin_1",), to=Place(relation="by", x=30, y=110))
    region = region_of(action, *things)
    assert np.array_equal(pixels(region.moved), COIN | shadow)
    after = action.after(scene(*things))
    assert np.array_equal(pixels(after["coin_1"].mask), disc(130, 210, 40))
    assert np.array_equal(pixels(after["shadow_1"].mask), disc(170, 240, 20))
    assert after["coin_1"].box == Mask.from_array(disc(130, 210, 40)).box
    assert after["cup_1"] == things[2]


def test_things_moved_together_keep_their_distance_and_resized_ones_stay_where_each_is():
    first, second = disc(60, 60, 20), disc(140, 60, 30)
    things = (thing("coin_1", first), thing("coin_2", second))
    names = ("coin_1", "coin_2")
    moved = Move(targets=names, to=Place(relation="at", x=0.5, y=0.5)).after(scene(*things))
    (ax, ay), (bx, by) = moved["coin_1"].box.center, moved["coin_2"].box.center
    assert (bx - ax, by - ay) == (80, 0)
    together = moved["coin_1"].box.union(moved["coin_2"].box).center
    assert together == pytest.approx((150, 150), abs=1)

    resized = regions_of(Resize(targets=names, scale=1.5), of=scene(*things))
    assert [
        (region.index, region.part, *(paste.scale, paste.dx, paste.dy)) for region in resized for paste in region.pastes
    ] == [
        (0, 0, 1.5, 0, 0),
        (0, 1, 1.5, 0, 0),
    ]
    after = Resize(targets=names, scale=1.5).after(scene(*things))
    for region, x, y, radius, name in zip(resized, (60, 140), (60, 60), (20, 30), names, strict=True):
        grown = pixels(after[name].mask)
        # two pixels of leeway at the outline: sides of 41 and 61 pixels are scaled to whole pixels
        assert not (grown & ~disc(x, y, radius * 1.5 + 2)).any()
        assert grown[disc(x, y, radius * 1.5 - 2)].all()
        assert (pixels(region.support) & grown).sum() == grown.sum()
        assert np.array_equal(pixels(region.moved), disc(x, y, radius))


def test_a_shrunk_thing_leaves_a_hole_as_large_as_it_was():
    region = region_of(Resize(targets=("coin_1",), scale=0.5), thing("coin_1", COIN))
    assert np.array_equal(pixels(region.support), within(COIN, RIM_MOVED))
    assert np.array_equal(pixels(region.hole), within(COIN, RIM_MOVED))


@pytest.mark.parametrize(("x", "y"), [(300, 0), (-300, 0), (0, 250), (0, -250)])
def test_a_thing_moved_over_any_border_is_refused_in_a_sentence(x, y):
    action = Move(targets=("coin_1",), to=Place(relation="by", x=x, y=y))
    with pytest.raises(EditError, match=r"Action 1 \(move\) would take coin_1 out of the picture"):
        regions_of(action, of=scene(thing("coin_1", COIN)))


def test_the_hole_drawn_by_a_model_is_the_hole_and_has_the_thing_as_its_core():
    region = region_of(Move(targets=("coin_1",), to=Place(relation="by", x=100, y=100)), thing("coin_1", COIN))
    hole = hole_region(region)
    assert np.array_equal(pixels(hole.support), within(COIN, RIM_MOVED))
    assert hole.core == region.moved
    assert hole.feather == 1
    assert (hole.pastes, hole.moved, hole.hole) == ((), None, None)
    assert hole.action.targets == ("coin_1",)
    assert not hole.crop.contains(region.crop), "the crop is the hole's own"
