"""The regions of round things that overlap: what a rim may take, what stands in front, what is kept.

All sizes are worked out here with plain arrays and the numbers of docs/recipes.md.
"""

import numpy as np
import pytest
from round_things import COLUMNS, ROWS, SIDE, disc, ring, scene, thing, within

from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.core.things import mask_of
from cielr.errors import EditError, SceneError
from cielr.region import hole_region, regions, scene_after, seeded, with_support

COIN = disc(100, 100, 40)
SIZE = COIN.sum() ** 0.5  # 70.9 pixels
RIM = round((0.06 + 0.04) * SIZE)
RIM_REPLACED = round((0.08 + 0.04) * SIZE)
RIM_MOVED = round((0.03 + 0.04) * SIZE)
SOFT = 3  # 0.04 of the size


def regions_of(*actions, of, **more):
    return regions(Plan(actions=actions), of, **more)


def region_of(action, *things, **more):
    [region] = regions_of(action, of=scene(*things), **more)
    return region


def wide_scene(box: Box) -> Scene:
    """1000 x 1000 pixels with a wall in them, larger than any limit of the recipes."""
    wall = SceneObject(id="wall_1", label="wall", box=box, mask=Mask.from_box(box, 1000, 1000))
    return Scene(width=1000, height=1000, objects=(wall,))


def pixels(mask: Mask) -> np.ndarray:
    return mask.to_array()


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
    assert scene_after(scene(*things), Remove(targets=("cup_1",))).ids == ("fly_1",)
    # a change of the thing is not a change of its shadow
    assert np.array_equal(pixels(region_of(Modify(targets=("cup_1",), change="red"), *things).support), COIN)


def test_a_part_goes_alone():
    things = (thing("cup_1", COIN), thing("handle_1", disc(150, 100, 15), part_of="cup_1"))
    region = region_of(Remove(targets=("handle_1",)), *things)
    assert not (pixels(region.support) & COIN & ~disc(150, 100, 15)).any()
    assert scene_after(scene(*things), Remove(targets=("handle_1",))).ids == ("cup_1",)


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


# --------------------------------------------------------------------------------------------------- move and resize


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
    after = scene_after(scene(*things), action)
    assert np.array_equal(pixels(after["coin_1"].mask), disc(130, 210, 40))
    assert np.array_equal(pixels(after["shadow_1"].mask), disc(170, 240, 20))
    assert after["coin_1"].box == Mask.from_array(disc(130, 210, 40)).box
    assert after["cup_1"] == things[2]


def test_things_moved_together_keep_their_distance_and_resized_ones_stay_where_each_is():
    first, second = disc(60, 60, 20), disc(140, 60, 30)
    things = (thing("coin_1", first), thing("coin_2", second))
    names = ("coin_1", "coin_2")
    moved = scene_after(scene(*things), Move(targets=names, to=Place(relation="at", x=0.5, y=0.5)))
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
    after = scene_after(scene(*things), Resize(targets=names, scale=1.5))
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
    added = scene_after(scene(plate), Add(what="green pea", where=Place(relation="on", anchors=("plate_1",))))
    assert added.ids == ("plate_1", "pea_1")
    assert added["pea_1"].label == "green pea"
    assert added["pea_1"].mask.area == added["pea_1"].box.area
    replaced = scene_after(scene(plate), Replace(targets=("plate_1",), with_="bowl"))
    assert replaced.ids == ("bowl_1",)
    assert (replaced["bowl_1"].mask, replaced["bowl_1"].depth) == (plate.mask, 0.4)
    untouched = scene(plate)
    for action in (Modify(targets=("plate_1",), change="red"), Background(to="a beach"), Global(style="snow")):
        assert scene_after(untouched, action) is untouched


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
