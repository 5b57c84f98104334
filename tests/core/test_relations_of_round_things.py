"""Relations at their limits, between things that are no boxes."""

import numpy as np
import pytest
from round_things import COLUMNS, ROWS, SIDE, disc, ring
from things import masked as thing

from cielr.core.geometry import Box, Mask
from cielr.core.geometry.relations import (
    above,
    behind,
    between,
    bottom_to_top,
    columns,
    far_to_near,
    gap,
    in_front_of,
    inside,
    large_to_small,
    left_of,
    left_to_right,
    near_to_far,
    next_to,
    on,
    overlapping,
    right_to_left,
    rows,
    small_to_large,
    top_to_bottom,
    touch_reach,
    touching,
)
from cielr.core.scene import SceneObject


def boxed(*corners: int, width=SIDE, height=SIDE, depth=None) -> SceneObject:
    box = Box(*corners)
    return SceneObject(id="a", label="a", box=box, mask=Mask.from_box(box, height, width), depth=depth)


@pytest.mark.parametrize(("a", "b"), [((100, 100, 40), (200, 100, 30)), ((100, 100, 40), (160, 170, 20))])
def test_the_gap_of_two_discs_is_what_every_pair_of_pixels_says(a, b):
    first, second = np.argwhere(disc(*a)), np.argwhere(disc(*b))
    nearest = min(np.hypot(*(second - pixel).T).min() for pixel in first)
    assert gap(thing("a", disc(*a)), thing("b", disc(*b))) == pytest.approx(nearest - 1)


def test_a_disc_in_a_ring_overlaps_nothing_and_has_a_gap():
    band, pea = thing("ring_1", ring(150, 150, 60, 40)), thing("pea_1", disc(150, 150, 20))
    assert not overlapping(band, pea)
    assert gap(band, pea) == pytest.approx(20, abs=1)
    assert not touching(band, pea)
    assert inside(pea, band), "the box counts, not the ring's own pixels"


@pytest.mark.parametrize(
    ("width", "height", "distance", "touch"),
    [(300, 300, 2, True), (300, 300, 3, False), (800, 600, 4, True), (800, 600, 5, False)],
)
def test_things_touch_within_two_pixels_or_within_four_thousandths_of_the_diagonal(width, height, distance, touch):
    a = boxed(50, 50, 90, 90, width=width, height=height)
    b = boxed(90 + distance, 50, 130 + distance, 90, width=width, height=height)
    assert gap(a, b) == distance
    assert touching(a, b) is touch
    assert touching(b, a) is touch


def test_boxes_that_meet_are_not_enough_to_touch():
    arch = disc(150, 150, 100) & ~disc(150, 150, 80)
    far_corner = thing("fly_1", disc(56, 56, 4))
    assert not far_corner.box.intersect(thing("arch_1", arch).box).is_empty
    assert not touching(far_corner, thing("arch_1", arch))


def test_what_hovers_over_a_hill_is_not_on_it():
    hill = disc(150, 260, 100) & (ROWS < 260)
    balloon = thing("balloon_1", disc(80, 168, 8))
    hovering = thing("hill_1", hill)
    assert balloon.box.y1 > hovering.box.y0, "its foot lies within the hill's rows"
    assert gap(balloon, hovering) > 3
    assert not on(balloon, hovering)
    landed = thing("balloon_1", disc(150, 152, 8))
    assert on(landed, hovering)
    assert not on(hovering, landed)


@pytest.mark.parametrize(("dx", "holds"), [(-60, False), (-40, True), (0, True), (40, True), (60, False)])
def test_on_takes_a_middle_over_the_other_s_columns(dx, holds):
    table = boxed(100, 150, 200, 200)
    cup = boxed(140 + dx, 120, 160 + dx, 150)
    assert on(cup, table) is holds


@pytest.mark.parametrize(("foot", "holds"), [(147, False), (148, True), (150, True), (200, True), (201, False)])
def test_on_takes_a_foot_within_the_other_s_rows_or_just_above(foot, holds):
    table = boxed(100, 150, 200, 200)
    cup = boxed(140, foot - 80, 160, foot)
    assert on(cup, table) is holds


@pytest.mark.parametrize(("rows_inside", "holds"), [(10, True), (9, True), (8, False), (6, False), (5, False)])
def test_inside_takes_nine_tenths_of_the_thing(rows_inside, holds):
    bowl = boxed(100, 100, 200, 200)
    cherry = boxed(140, 90 + rows_inside, 150, 100 + rows_inside)
    assert inside(cherry, bowl) is holds
    assert not inside(bowl, cherry)


def test_a_disc_whose_box_sticks_out_is_inside_by_its_pixels():
    bowl = boxed(100, 100, 200, 200)
    # two of 41 rows stick out; they hold few of a disc's pixels
    assert inside(thing("pea_1", disc(150, 118, 20)), bowl)
    assert not inside(thing("pea_1", disc(150, 110, 20)), bowl)
    equal = boxed(100, 100, 200, 200)
    assert not inside(equal, bowl)


@pytest.mark.parametrize(("distance", "holds"), [(20, True), (21, False)])
def test_next_to_reaches_half_the_larger_one_s_mean_side(distance, holds):
    large, small = boxed(50, 100, 90, 140), boxed(90 + distance, 110, 100 + distance, 120)
    assert next_to(large, small) is holds
    assert next_to(small, large) is holds


@pytest.mark.parametrize(("y", "holds"), [(100, True), (106, True), (108, False)])
def test_between_reaches_half_the_diagonal_off_the_line(y, holds):
    left, right = boxed(20, 90, 40, 110), boxed(200, 90, 220, 110)
    middle = boxed(100, y - 5, 110, y + 5)
    assert between(middle, left, right) is holds
    assert not between(boxed(230, 95, 240, 105), left, right), "past the end"
    assert not between(boxed(5, 95, 15, 105), left, right), "before the beginning"


@pytest.mark.parametrize(
    ("a", "b", "holds"), [(0.5, 0.53, True), (0.0, 0.02, False), (0.5, 0.515, False), (0.53, 0.5, False)]
)
def test_in_front_takes_more_than_two_hundredths_of_depth(a, b, holds):
    near, far = boxed(0, 0, 9, 9, depth=a), boxed(0, 0, 9, 9, depth=b)
    assert in_front_of(near, far) is holds
    assert behind(far, near) is holds


@pytest.mark.parametrize(
    ("x0", "x1", "holds"), [(60, 76, True), (91, 107, True), (92, 108, False), (110, 126, False), (60, 119, True)]
)
def test_left_of_takes_each_middle_outside_the_other_s_columns(x0, x1, holds):
    # the other's middle is 120, its columns begin at 100
    assert left_of(boxed(x0, 0, x1, 40), boxed(100, 0, 140, 40)) is holds
    assert above(boxed(0, x0, 40, x1), boxed(0, 100, 40, 140)) is holds


def test_a_wide_thing_that_reaches_under_the_other_s_middle_is_not_left_of_it():
    assert left_of(boxed(0, 0, 119, 40), boxed(100, 0, 140, 40))
    assert not left_of(boxed(0, 0, 120, 40), boxed(100, 0, 140, 40))
    assert above(boxed(0, 0, 40, 119), boxed(0, 100, 40, 140))
    assert not above(boxed(0, 0, 40, 120), boxed(0, 100, 40, 140))


@pytest.mark.parametrize(("step", "count"), [(10, 1), (11, 2)])
def test_a_row_ends_where_the_next_middle_is_more_than_half_a_height_lower(step, count):
    things = [boxed(10 + 40 * n, 50 + step * n, 30 + 40 * n, 70 + step * n) for n in range(2)]
    assert len(rows(things)) == count
    turned = [boxed(50 + step * n, 10 + 40 * n, 70 + step * n, 30 + 40 * n) for n in range(2)]
    assert len(columns(turned)) == count


def test_orders_run_both_ways():
    small, large = boxed(0, 0, 5, 5, depth=0.1), boxed(100, 0, 150, 50, depth=0.8)
    assert large_to_small([small, large]) == [large, small]
    assert right_to_left([small, large]) == [large, small]
    assert far_to_near([small, large]) == [large, small]
    assert bottom_to_top([small, large]) == [large, small]
    assert (
        top_to_bottom([large, small]) == near_to_far([large, small]) == small_to_large([large, small]) == [small, large]
    )
    assert columns([large, small]) == [[small], [large]]
    nearest = boxed(0, 0, 5, 5, depth=0.0)
    assert near_to_far([small, nearest, large]) == far_to_near([small, nearest, large])[::-1] == [nearest, small, large]


@pytest.mark.parametrize(("width", "height", "reach"), [(30, 30, 2), (400, 300, 2), (800, 600, 4), (1600, 1200, 8)])
def test_the_reach_of_a_touch_grows_with_the_picture_from_two_pixels_on(width, height, reach):
    assert touch_reach(width, height) == reach


def test_what_lies_in_another_is_not_next_to_it():
    bowl, pea = thing("bowl_1", disc(150, 150, 60)), thing("pea_1", disc(150, 150, 10))
    assert overlapping(bowl, pea)
    assert not next_to(bowl, pea)
    assert not next_to(pea, bowl)


def test_a_near_box_does_not_put_what_is_far_side_by_side():
    # a rope from corner to corner: its box reaches 100 pixels, and the pea beside a free corner is 150 from the rope
    rope = thing("rope_1", (np.abs(ROWS - COLUMNS) <= 3) & (ROWS >= 50) & (ROWS <= 250))
    assert gap(rope, thing("pea_1", disc(256, 44, 4))) > 140
    assert not next_to(rope, thing("pea_1", disc(256, 44, 4)))
    assert next_to(rope, thing("pea_2", disc(200, 256, 4)))


@pytest.mark.parametrize("x", [100, 200])
def test_what_stands_at_the_very_end_of_a_shelf_is_on_it(x):
    shelf = boxed(100, 150, 200, 160)
    assert on(boxed(x - 5, 130, x + 5, 150), shelf)
    assert not on(boxed(x - 5 + (-1) ** (x == 100), 130, x + 5 + (-1) ** (x == 100), 150), shelf)


@pytest.mark.parametrize(("covered", "holds"), [(1, False), (2, False), (3, True)])
def test_a_table_goes_on_below_a_plate_where_it_fills_most_of_the_four_rows_under_it(covered, holds):
    # the plate's middle is below the table's, so only what lies under its foot says that it stands on it
    plate, table = boxed(130, 150, 160, 180), np.zeros((SIDE, SIDE), dtype=bool)
    table[100:180, 100:200], table[199, 100:200] = True, True
    table[180 : 180 + covered, 100:200] = True
    assert on(plate, thing("table_1", table)) is holds


def test_a_plate_low_on_a_table_is_on_it_only_while_it_lies_wholly_within_the_table_s_columns():
    table = boxed(100, 100, 200, 200)
    assert on(boxed(100, 150, 130, 180), table)
    assert not on(boxed(99, 150, 130, 180), table)
    assert not on(boxed(175, 150, 201, 180), table)


def test_the_gap_to_what_has_no_pixel_is_without_end():
    pea, nothing = thing("pea_1", disc(150, 150, 10)), thing("ghost_1", Mask.empty(SIDE, SIDE))
    assert gap(pea, nothing) == gap(nothing, pea) == gap(nothing, nothing) == float("inf")
    assert not touching(pea, nothing)


def test_what_holds_both_is_not_between_them():
    left, right = boxed(20, 90, 40, 110), boxed(160, 90, 180, 110)
    assert not between(boxed(10, 60, 190, 160), left, right), "the sofa under two cushions"
    assert between(boxed(35, 60, 165, 160), left, right), "it ends at both"
    assert between(boxed(10, 60, 165, 160), left, right), "it holds one"


@pytest.mark.parametrize(("y", "holds"), [(105, True), (106, False)])
def test_just_half_the_diagonal_off_the_line_is_between(y, holds):
    # of 6 x 8 pixels it is 5
    assert between(boxed(100, y - 4, 106, y + 4), boxed(20, 90, 40, 110), boxed(200, 90, 220, 110)) is holds


def test_half_a_pixel_along_the_line_is_between():
    assert between(boxed(10, 9, 11, 11), boxed(9, 9, 11, 11), boxed(10, 9, 12, 11))


def test_between_goes_along_a_slanted_line_as_well():
    ends = boxed(10, 10, 30, 30), boxed(110, 210, 130, 230)
    # the line falls two for each one to the right; the half diagonal is 14 pixels
    assert between(boxed(60, 110, 80, 130), *ends)
    assert between(boxed(72, 110, 92, 130), *ends)
    assert not between(boxed(80, 110, 100, 130), *ends)
    assert not between(boxed(40, 110, 60, 130), *ends)


def test_each_order_goes_by_its_own_axis():
    low_left, high_right = boxed(0, 200, 10, 210), boxed(100, 0, 110, 10)
    assert (
        left_to_right([high_right, low_left]) == right_to_left([low_left, high_right])[::-1] == [low_left, high_right]
    )
    assert (
        top_to_bottom([low_left, high_right]) == bottom_to_top([high_right, low_left])[::-1] == [high_right, low_left]
    )
