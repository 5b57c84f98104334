"""The regions of round things that overlap: what a rim may take, what stands in front, what is kept.

All sizes are worked out here with plain arrays and the numbers of docs/recipes.md.
"""

import numpy as np
import pytest
from round_things import (
    COIN,
    COLUMNS,
    RIM,
    RIM_MOVED,
    RIM_REPLACED,
    ROWS,
    SIDE,
    disc,
    pixels,
    region_of,
    regions_of,
    ring,
    scene,
    wide_scene,
    within,
)
from things import masked as thing

from cielr.actions import Add, Global, Modify, Move, Place, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.region import with_support

# ------------------------------------------------------------------------------------------------------------ the rim


def test_a_lone_thing_goes_with_a_rim_as_wide_as_the_recipe_says():
    removed = pixels(region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN)).support)
    assert np.array_equal(removed, within(COIN, RIM))
    replaced = pixels(region_of(Replace(targets=("coin_1",), with_="a button"), thing("coin_1", COIN)).support)
    assert replaced[within(COIN, RIM_REPLACED)].all()
    # the hull of pixels is up to a pixel larger than the disc
    assert not replaced[~within(COIN, RIM_REPLACED + 1)].any()


def test_a_rim_is_two_pixels_at_least_and_48_at_most():
    small = disc(150, 150, 3)
    support = pixels(region_of(Remove(targets=("pea_1",)), thing("pea_1", small)).support)
    assert np.array_equal(support, within(small, 2))
    [region] = regions_of(Remove(targets=("wall_1",)), of=wide_scene(Box(200, 200, 800, 800)))
    assert region.support.box == Box(152, 152, 848, 848)


@pytest.mark.parametrize("kind", ["remove", "replace"])
def test_a_rim_eats_no_neighbour_that_touches_or_lies_behind(kind):
    behind = disc(165, 100, 40)
    assert (COIN & behind).any()
    beside = disc(100, 163, 22)
    assert not (COIN & beside).any()
    assert (within(COIN, RIM) & beside).any(), "within the rim's reach"
    things = (
        thing("coin_1", COIN, depth=0.3),
        thing("plate_1", behind, depth=0.6),
        thing("cup_1", beside, depth=0.3),
    )
    action = Remove(targets=("coin_1",)) if kind == "remove" else Replace(targets=("coin_1",), with_="a button")
    support = pixels(region_of(action, *things).support)
    assert (support & COIN).sum() == COIN.sum(), "the coin goes whole, also where the plate behind has its pixels"
    assert not (support & behind & ~COIN).any()
    assert not (support & beside).any()
    rim = RIM if kind == "remove" else RIM_REPLACED
    assert support[COIN | within(COIN, rim) & ~behind & ~beside].all(), "elsewhere the rim is whole"


@pytest.mark.parametrize("kind", ["remove", "replace", "modify", "move", "resize"])
def test_what_stands_in_front_is_never_erased(kind):
    hand = disc(130, 100, 25)
    action = {
        "remove": Remove(targets=("coin_1",)),
        "replace": Replace(targets=("coin_1",), with_="a button"),
        "modify": Modify(targets=("coin_1",), change="colour red"),
        "move": Move(targets=("coin_1",), to=Place(relation="by", x=0, y=120)),
        "resize": Resize(targets=("coin_1",), scale=0.5),
    }[kind]
    region = region_of(action, thing("coin_1", COIN, depth=0.5), thing("hand_1", hand, depth=0.2))
    cleared = region.hole if region.hole is not None else region.support
    assert not (pixels(cleared) & hand).any()
    assert (pixels(cleared) & COIN).sum() == (COIN & ~hand).sum()


def test_without_depth_the_smaller_of_two_that_share_pixels_stands_in_front():
    small = disc(130, 100, 25)
    remove = Remove(targets=("coin_1",))
    assert not (pixels(region_of(remove, thing("coin_1", COIN), thing("pin_1", small)).support) & small).any()
    # one depth alone says nothing, and equal ones neither
    for coin, pin in [(0.5, None), (None, 0.5), (0.5, 0.5)]:
        region = region_of(remove, thing("coin_1", COIN, depth=coin), thing("pin_1", small, depth=pin))
        assert not (pixels(region.support) & small).any()
    large = disc(150, 100, 60)
    whole = pixels(region_of(remove, thing("coin_1", COIN), thing("plate_1", large)).support)
    assert (whole & COIN).sum() == COIN.sum()
    # depth has the last word over size
    nearer = region_of(remove, thing("coin_1", COIN, depth=0.5), thing("plate_1", large, depth=0.4))
    assert not (pixels(nearer.support) & large).any()


def test_of_two_equals_without_depth_neither_stands_in_front():
    twin = disc(150, 100, 40)
    things = (thing("coin_1", COIN), thing("coin_2", twin))
    for name, pixels_of in (("coin_1", COIN), ("coin_2", twin)):
        support = pixels(region_of(Remove(targets=(name,)), *things).support)
        assert (support & pixels_of).sum() == pixels_of.sum()


def test_what_carries_or_surrounds_one_of_two_targets_is_ground_that_the_rim_may_take():
    saucer = disc(100, 100, 70) & ~COIN
    things = (thing("saucer_1", saucer), thing("coin_1", COIN), thing("pea_1", disc(190, 100, 8)))
    # one region for both, and only the coin lies on the saucer
    support = pixels(region_of(Remove(targets=("coin_1", "pea_1")), *things).support)
    assert support[within(COIN, RIM)].all(), "the saucer is seen where the coin is gone"
    # wide on one side alone is not enough to carry
    shelf = (np.abs(ROWS - 145) <= 4) & (COLUMNS >= 100) & (COLUMNS < 290)
    leaning = pixels(region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN), thing("shelf_1", shelf)).support)
    assert not (leaning & shelf).any()
    board = (np.abs(ROWS - 145) <= 4) & (COLUMNS >= 60) & (COLUMNS <= 140)
    carried = pixels(region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN), thing("board_1", board)).support)
    assert (carried & board).any(), "just as wide as the coin carries it"


def test_what_lies_between_two_targets_is_in_front_of_neither_as_a_pair():
    near, far, middle = disc(100, 100, 40), disc(160, 100, 40), disc(130, 100, 20)
    things = (
        thing("coin_1", near, depth=0.2),
        thing("coin_2", far, depth=0.8),
        thing("card_1", middle, depth=0.5),
    )
    region = region_of(Remove(targets=("coin_1", "coin_2")), *things)
    assert (pixels(region.support) & near).sum() == near.sum()


def test_what_is_seen_through_a_ring_stays_and_a_gap_in_a_mask_goes():
    band = ring(100, 100, 50, 30)
    rim = round((0.06 + 0.04) * band.sum() ** 0.5)
    for around in ([], [thing("pea_1", disc(105, 95, 10))]):
        support = pixels(region_of(Remove(targets=("ring_1",)), thing("ring_1", band), *around).support)
        assert np.array_equal(support, within(band, rim))
        assert not support[disc(100, 100, 30 - rim - 1)].any(), "the table in the ring"
    assert (pixels(region_of(Modify(targets=("ring_1",), change="red"), thing("ring_1", band)).support) == band).all()
    wall = disc(150, 150, 100)
    for radius, goes in ((17, True), (24, False)):  # of 31,417 pixels: 3 % and 6 %, both wider than two rims
        pierced = wall & ~disc(150, 150, radius)
        support = pixels(region_of(Remove(targets=("wall_1",)), thing("wall_1", pierced)).support)
        assert support[150, 150] == goes


def test_each_thing_is_bound_by_itself_not_by_the_ring_that_all_form():
    chairs = [disc(150 + round(70 * np.cos(a)), 150 + round(70 * np.sin(a)), 22) for a in np.arange(0, 6.28, 0.52)]
    things = [thing(f"chair_{n}", pixels_of) for n, pixels_of in enumerate(chairs, start=1)]
    region = region_of(Remove(targets=tuple(t.id for t in things)), *things)
    assert not pixels(region.support)[disc(150, 150, 35)].any(), "the table in their midst"


def test_a_new_thing_gets_the_hull_of_a_crescent():
    crescent = disc(100, 100, 50) & ~disc(130, 100, 45)
    support = pixels(region_of(Replace(targets=("moon_1",), with_="an apple"), thing("moon_1", crescent)).support)
    tips = np.argwhere(crescent)
    upper, lower = tips[tips[:, 0] == tips[:, 0].min()].max(axis=0), tips[tips[:, 0] == tips[:, 0].max()].max(axis=0)
    middle = (upper + lower) // 2
    assert not crescent[tuple(middle)], "between the horns"
    assert support[tuple(middle)]
    removed = pixels(region_of(Remove(targets=("moon_1",)), thing("moon_1", crescent)).support)
    assert not removed[tuple(middle)], "what is removed keeps to its own outline"


# ---------------------------------------------------------------------------------------------------------------- keep


@pytest.mark.parametrize(
    "action",
    [
        Remove(targets=("coin_1",), keep=("cup_1",)),
        Replace(targets=("coin_1",), with_="a button", keep=("cup_1",)),
        Modify(targets=("coin_1",), change="red", keep=("cup_1",)),
        Move(targets=("coin_1",), to=Place(relation="by", x=40, y=0), keep=("cup_1",)),
        Resize(targets=("coin_1",), scale=2, keep=("cup_1",)),
        Add(what="a bee", where=Place(relation="at", x=0.45, y=0.35), size="large", keep=("cup_1",)),
        Global(style="snow", keep=("cup_1",)),
    ],
    ids=lambda action: action.kind,
)
def test_what_is_kept_loses_no_pixel_though_it_lies_behind_and_overlaps(action):
    cup = disc(150, 100, 45)
    for region in regions_of(action, of=scene(thing("coin_1", COIN, depth=0.1), thing("cup_1", cup, depth=0.9))):
        assert not (pixels(region.support) & cup).any()
        assert not region.support.is_empty
        if region.hole is not None:
            assert not (pixels(region.hole) & cup).any()


# ------------------------------------------------------------------------------------------- what belongs to a thing


def test_parts_and_effects_go_with_a_thing_and_what_belongs_to_these_too():
    handle, shadow, glint = disc(150, 100, 15), disc(160, 140, 20), disc(185, 150, 8)
    things = (
        thing("cup_1", COIN, depth=0.5),
        thing("handle_1", handle, part_of="cup_1", depth=0.4),
        thing("shadow_1", shadow, effect_of="handle_1"),
        thing("glint_1", glint, effect_of="shadow_1"),
        thing("fly_1", disc(250, 250, 10)),
    )
    region = region_of(Remove(targets=("cup_1",)), *things)
    family = COIN | handle | shadow | glint
    assert (pixels(region.support) & family).sum() == family.sum(), "a nearer part is not in front of its own whole"
    assert np.array_equal(pixels(region.core), family)
    assert Remove(targets=("cup_1",)).after(scene(*things)).ids == ("fly_1",)
    # a change of the thing is not a change of its shadow
    assert np.array_equal(pixels(region_of(Modify(targets=("cup_1",), change="red"), *things).support), COIN)


def test_a_part_goes_alone():
    things = (thing("cup_1", COIN), thing("handle_1", disc(150, 100, 15), part_of="cup_1"))
    region = region_of(Remove(targets=("handle_1",)), *things)
    assert not (pixels(region.support) & COIN & ~disc(150, 100, 15)).any()
    assert Remove(targets=("handle_1",)).after(scene(*things)).ids == ("cup_1",)


# ------------------------------------------------------------------------------------------------- feather and core


def test_the_change_fades_in_the_rim_alone_and_is_full_on_the_thing():
    region = region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN))
    assert region.feather == round(0.04 * within(COIN, RIM).sum() ** 0.5)
    alpha = region.alpha()
    here = COIN[region.crop.slices]
    assert (alpha[here] == 1).all(), "no coloured rim of the coin stays"
    outside = ~within(COIN, RIM)[region.crop.slices]
    assert (alpha[outside] == 0).all()
    rim = alpha[~here & ~outside]
    assert rim.min() == pytest.approx(1 / (region.feather + 1))
    assert np.unique(rim).size > 5, "it rises, it does not jump"


def test_the_core_is_full_even_where_a_neighbour_cuts_the_rim_away():
    cup = disc(165, 100, 40) & ~COIN
    region = region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN), thing("cup_1", cup))
    assert (region.alpha()[COIN[region.crop.slices]] == 1).all()
    replaced = region_of(Replace(targets=("coin_1",), with_="x"), thing("coin_1", COIN), thing("cup_1", cup))
    assert (replaced.alpha()[COIN[replaced.crop.slices]] == 1).all()


def test_a_look_fades_over_two_pixels_at_most_and_a_small_thing_s_not_at_all():
    change = {"targets": ("coin_1",), "change": "red"}
    assert region_of(Modify(**change), thing("coin_1", COIN)).feather == 2
    medium = region_of(Modify(**change), thing("coin_1", disc(100, 100, 15)))
    assert medium.feather == 1
    small = region_of(Modify(**change), thing("coin_1", disc(100, 100, 5)))
    assert small.feather == 0
    assert set(np.unique(small.alpha())) == {0, 1}


def test_a_feather_grows_with_the_thing_up_to_sixteen_pixels():
    assert region_of(Remove(targets=("coin_1",)), thing("coin_1", np.ones((SIDE, SIDE), bool))).feather == 12
    assert regions_of(Remove(targets=("wall_1",)), of=wide_scene(Box(0, 0, 390, 390)))[0].feather == 16
    assert regions_of(Remove(targets=("wall_1",)), of=wide_scene(Box(0, 0, 900, 900)))[0].feather == 16


def test_the_image_s_border_is_no_edge_to_fade_at():
    half = disc(0, 100, 40)
    region = region_of(Modify(targets=("coin_1",), change="red"), thing("coin_1", half))
    assert region.crop.x0 == 0
    middle = 100 - region.crop.y0
    assert region.alpha()[middle, 0] == 1
    assert region.alpha()[middle, 40] == pytest.approx(1 / (region.feather + 1))
    assert region.feather == 2


# ------------------------------------------------------------------------------------------------------ crop and avoid


def test_the_painter_sees_half_the_region_s_longer_side_around_it_and_64_pixels_at_least():
    flat = np.abs(COLUMNS - 150) <= 70
    flat &= np.abs(ROWS - 150) <= 20
    region = region_of(Modify(targets=("bar_1",), change="red"), thing("bar_1", flat))
    assert region.support.box == Box(80, 130, 221, 171)
    assert region.crop == Box(80 - 70, 130 - 70, 221 + 70, 171 + 70)
    small = region_of(Modify(targets=("pea_1",), change="red"), thing("pea_1", disc(150, 150, 5)))
    assert small.crop == small.support.box.grow(64)
    corner = region_of(Modify(targets=("pea_1",), change="red"), thing("pea_1", disc(290, 10, 5)))
    assert corner.crop == Box(285 - 64, 0, 300, 16 + 64)


def test_a_fill_copies_from_no_other_thing_and_from_none_of_what_goes():
    cup, far, shadow = disc(170, 100, 20), disc(280, 280, 8), disc(60, 140, 15)
    things = (
        thing("coin_1", COIN),
        thing("cup_1", cup),
        thing("fly_1", far),
        thing("shadow_1", shadow, effect_of="coin_1"),
    )
    for action in (Remove(targets=("coin_1",)), Move(targets=("coin_1",), to=Place(relation="by", x=0, y=10))):
        region = region_of(action, *things)
        crop = pixels(Mask.from_box(region.crop, SIDE, SIDE))
        assert not (far & crop).any()
        assert np.array_equal(pixels(region.avoid), cup & crop)
    assert region_of(Remove(targets=("coin_1",)), thing("coin_1", COIN), thing("fly_1", far)).avoid is None
    assert region_of(Replace(targets=("coin_1",), with_="x"), *things).avoid is None
    text = region_of(Replace(targets=("coin_1",), with_="x"), *things).to_json()
    assert "null" not in text
    assert '"with":"x"' in text


def test_a_moved_thing_s_crop_holds_the_place_it_left_and_the_place_it_goes_to():
    region = region_of(Move(targets=("coin_1",), to=Place(relation="by", x=120, y=90)), thing("coin_1", COIN))
    hole, goal = within(COIN, RIM_MOVED), disc(220, 190, 40)
    assert region.crop.contains(Mask.from_array(hole | goal).box)
    # painted by hand over the goal alone, the crop still holds the thing
    corrected = with_support(region, Mask.from_array(goal))
    assert corrected.crop.contains(region.hole.box)
    assert corrected.crop.contains(region.moved.box)
