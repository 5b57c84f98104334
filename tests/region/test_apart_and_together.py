"""Which round things share a region, how the regions are numbered and seeded, and what hands leave of them."""

import numpy as np
import pytest
from round_things import COIN, COLUMNS, ROWS, disc, pixels, regions_of, scene
from things import masked as thing

from cielr.actions import Global, Remove
from cielr.core.geometry import Mask
from cielr.core.things import mask_of
from cielr.errors import SceneError
from cielr.region import seeded

# ---------------------------------------------------------------------------------------------- apart and together


def test_things_whose_crops_meet_share_a_region_also_by_way_of_a_third():
    # crops reach 32 pixels: the first and the last are too far apart, the middle one joins them
    chain = [thing(f"pea_{n}", disc(x, 100, 5)) for n, x in ((1, 40), (2, 180), (3, 110))]
    assert len(regions_of(Remove(targets=("pea_1", "pea_2")), of=scene(*chain))) == 2
    [joined] = regions_of(Remove(targets=("pea_1", "pea_2", "pea_3")), of=scene(*chain))
    assert (pixels(joined.core) == disc(40, 100, 5) | disc(180, 100, 5) | disc(110, 100, 5)).all()


def test_long_things_reach_as_far_as_half_their_longer_side():
    # 200 pixels long: each reaches 50 pixels, so 90 between them is near and 110 is far
    bar = (np.abs(COLUMNS - 150) <= 100) & (np.abs(ROWS - 50) <= 5)
    for gap, count in ((90, 1), (110, 2)):
        other = (np.abs(COLUMNS - 150) <= 100) & (np.abs(ROWS - 50 - 11 - gap) <= 5)
        things = (thing("bar_1", bar), thing("bar_2", other))
        assert len(regions_of(Remove(targets=("bar_1", "bar_2")), of=scene(*things))) == count


def test_two_that_join_and_then_reach_round_a_third_take_it_in():
    # the second and the fourth meet at a corner; what both span holds the first, which neither meets alone
    things = (thing("pea_1", disc(160, 50, 5)), thing("pea_2", disc(60, 60, 5)), thing("pea_3", disc(130, 130, 5)))
    assert len(regions_of(Remove(targets=("pea_1", "pea_2")), of=scene(*things))) == 2
    assert len(regions_of(Remove(targets=("pea_1", "pea_3")), of=scene(*things))) == 2
    assert len(regions_of(Remove(targets=("pea_1", "pea_2", "pea_3")), of=scene(*things))) == 1


def test_far_things_get_a_region_a_number_and_a_seed_each():
    things = tuple(thing(f"pea_{n}", disc(x, y, 5)) for n, (x, y) in enumerate(((30, 30), (270, 30), (30, 270)), 1))
    names = tuple(pea.id for pea in things)
    parts = seeded(regions_of(Remove(targets=names), Global(style="snow"), of=scene(*things)), 5)
    assert [(region.index, region.part) for region in parts] == [(0, 0), (0, 1), (0, 2), (1, 0)]
    assert len({region.seed for region in parts}) == 4
    assert max(region.seed for region in parts) < 2**53, "a browser's numbers hold them"
    again = seeded(regions_of(Remove(targets=names), of=scene(*things)), 5)
    assert [region.seed for region in again] == [region.seed for region in parts[:3]]
    assert not {region.seed for region in seeded(again, 6)} & {region.seed for region in again}


# ---------------------------------------------------------------------------------------------------- painted by hand


def test_hands_bound_a_round_region_on_both_sides_and_what_is_left_is_numbered_anew():
    things = tuple(thing(f"pea_{n}", disc(x, 100, 10)) for n, x in ((1, 40), (2, 150), (3, 260)))
    names = tuple(pea.id for pea in things)
    left = Mask.from_array(disc(40, 100, 10))
    rest = regions_of(Remove(targets=names), of=scene(*things), never=Mask.from_array(disc(40, 100, 30)))
    assert [region.part for region in rest] == [0, 1]
    [bound] = regions_of(Remove(targets=names), of=scene(*things), only=left)
    assert bound.support == left
    assert bound.part == 0
    assert bound.crop.contains(left.box)
    both = Mask.from_array(disc(40, 100, 10) & (COLUMNS < 40))
    [half] = regions_of(Remove(targets=names), of=scene(*things), only=left, never=both)
    assert half.support == left - both


def test_pixels_of_what_the_scene_does_not_hold_are_refused():
    with pytest.raises(SceneError, match="'ghost_1'"):
        mask_of(scene(thing("coin_1", COIN)), ["coin_1", "ghost_1"])
