"""Flips, turns and scalings of masks: exact where pixels only change places, alike for box, mask and points else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cielr.core.geometry import Box, Mask, Transform, bands, centred
from cielr.region import Paste

HEIGHT, WIDTH = 90, 110


@st.composite
def masks(draw):
    """A ragged mask in the middle of a frame that leaves it room to turn."""
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    part = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).random((height, width)) < 0.7
    part[0, 0] = part[-1, -1] = True
    array = np.zeros((HEIGHT, WIDTH), dtype=bool)
    array[35 : 35 + height, 40 : 40 + width] = part
    return Mask.from_array(array)


def cut(mask):
    return mask.to_array(mask.box)


def placed(mask, scale=1.0, dx=0, dy=0, degrees=0.0, flip=None):
    return Paste(source=mask, scale=scale, dx=dx, dy=dy, degrees=degrees, flip=flip).goal


@settings(max_examples=60, deadline=None)
@given(masks(), st.sampled_from(["horizontal", "vertical"]))
def test_flipping_mirrors_in_place_and_twice_is_nothing(mask, flip):
    flipped = placed(mask, flip=flip)
    assert flipped.box == mask.box
    assert np.array_equal(cut(flipped), np.flip(cut(mask), axis=1 if flip == "horizontal" else 0))
    assert placed(flipped, flip=flip) == mask


@settings(max_examples=60, deadline=None)
@given(masks(), st.sampled_from([90, 180, 270, -90, 450]), st.integers(-9, 9), st.integers(-9, 9))
def test_quarter_turns_are_exact_and_clockwise(mask, degrees, dx, dy):
    turned = placed(mask, 1.0, dx, dy, degrees)
    assert np.array_equal(cut(turned), np.rot90(cut(mask), -degrees // 90))
    assert turned.box == Transform(mask.box, 1.0, dx, dy, degrees).goal
    (x, y), (ox, oy) = turned.box.center, mask.box.center
    assert abs(x - ox - dx) <= 0.5
    assert abs(y - oy - dy) <= 0.5


@settings(max_examples=60, deadline=None)
@given(masks())
def test_four_quarter_turns_lead_back(mask):
    turned = mask
    for _ in range(4):
        turned = placed(turned, degrees=90)
    assert turned == mask
    assert placed(placed(mask, degrees=90), degrees=-90) == mask


@settings(max_examples=80, deadline=None)
@given(masks(), st.floats(-400, 400), st.floats(0.4, 2), st.sampled_from([None, "horizontal", "vertical"]))
def test_a_turned_mask_keeps_its_area_and_lies_in_its_box(mask, degrees, scale, flip):
    full = Mask.from_box(mask.box, HEIGHT, WIDTH)
    turned = placed(full, scale, 0, 0, degrees, flip)
    box = Transform(mask.box, scale, 0, 0, degrees, flip).goal
    assert box.contains(turned.box)
    upright = Transform(mask.box, scale).goal
    if Box(0, 0, WIDTH, HEIGHT).contains(box):
        # a pixel's centre falls in or out along the outline
        assert abs(turned.area - upright.area) <= upright.width + upright.height + 2
    part = placed(mask, scale, 0, 0, degrees, flip)
    assert (part - turned).is_empty


@pytest.mark.parametrize("degrees", [1, 30, 45.4, 226])
def test_turning_goes_clockwise_and_follows_the_sines(degrees):
    mask = Mask.from_box(Box(20, 40, 90, 50), HEIGHT, WIDTH)
    turned = placed(mask, degrees=degrees).to_array()
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    along, across = (x - 55) * cosine + (y - 45) * sine, (y - 45) * cosine - (x - 55) * sine
    expected = (np.abs(along) < 35) & (np.abs(across) < 5)
    assert (turned != expected).sum() <= 2
    assert turned[int(45 + 20 * sine), int(55 + 20 * cosine)], "where its right end went"


@settings(max_examples=60, deadline=None)
@given(
    masks(),
    st.floats(1, 12),
    st.floats(-180, 180),
    st.integers(-60, 60),
    st.integers(-60, 60),
)
def test_what_leaves_the_picture_changes_nothing_of_what_stays(mask, scale, degrees, dx, dy):
    small = placed(mask, scale, dx, dy, degrees)
    wide = Mask.from_array(np.pad(mask.to_array(), 500))
    there = placed(wide, scale, dx, dy, degrees).to_array()[500:-500, 500:-500]
    # half pixels: a frame that is moved by whole pixels moves nothing else
    assert np.array_equal(small.to_array(), there)


def test_enlarging_far_beyond_the_picture_costs_the_picture_alone():
    import tracemalloc

    mask = Mask.from_box(Box(10, 10, 900, 900), 1000, 1000)
    tracemalloc.start()
    for degrees in (0, 30):
        assert placed(mask, 1e6, 0, 0, degrees).area == 1000 * 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 1000 * 1000


def test_a_mask_that_leaves_the_picture_is_empty_and_an_empty_one_stays_so():
    mask = Mask.from_box(Box(10, 10, 30, 30), HEIGHT, WIDTH)
    for degrees in (0, 12, 90):
        assert placed(mask, 1.0, 1000, 0, degrees).is_empty
        assert placed(Mask.empty(HEIGHT, WIDTH), 2.0, 0, 0, degrees).is_empty


def moved(transform, x, y):
    """Where a point of the image goes that is turned and scaled about the start's centre, then shifted."""
    cx, cy = transform.start.center
    angle = np.radians(transform.degrees)
    right, down = (x - cx) * transform.scale, (y - cy) * transform.scale
    return (
        cx + transform.dx + right * np.cos(angle) - down * np.sin(angle),
        cy + transform.dy + right * np.sin(angle) + down * np.cos(angle),
    )


@pytest.mark.parametrize("degrees", [0, 1, 17.5, -30, 90, 101, -200, 226])
def test_the_goal_is_the_smallest_box_around_the_corners_that_moved(degrees):
    transform = Transform(Box(100, 200, 500, 400), 1.5, 7, -3, degrees)
    x0, y0, x1, y1 = transform.start.corners
    xs, ys = zip(*(moved(transform, x, y) for x in (x0, x1) for y in (y0, y1)), strict=True)
    assert transform.goal.corners == pytest.approx((min(xs), min(ys), max(xs), max(ys)), abs=1)


@pytest.mark.parametrize("degrees", [0, 90, 17.5, -200, 226])
@pytest.mark.parametrize("finer", [1, 3])
def test_the_way_back_leads_each_corner_to_where_it_came_from(degrees, finer):
    transform = Transform(Box(10, 20, 50, 40), 1.5, 7, -3, degrees)
    quarters = transform.quarters
    width, height = (20, 40) if quarters % 2 else (40, 20)
    matrix = transform.back(transform.goal, (width * finer, height * finer))
    oriented = Transform(transform.start, degrees=90 * quarters)
    for x, y in ((10, 20), (50, 20), (50, 40), (10, 40), (30, 30)):
        there, here = moved(transform, x, y), moved(oriented, x, y)
        # between corners of pixels and their centres lies half a pixel on either side
        came_from = matrix @ (there[0] - 0.5 - transform.goal.x0, there[1] - 0.5 - transform.goal.y0, 1)
        left, top = 30 - width / 2, 30 - height / 2
        assert came_from == pytest.approx(((here[0] - left) * finer - 0.5, (here[1] - top) * finer - 0.5, 1))


def test_the_nearest_pixel_is_the_one_under_the_centre():
    shrunk = Transform(Box(0, 0, 20, 10), 0.4)
    rows, columns = shrunk.nearest(shrunk.goal)
    assert rows.ravel().tolist() == [1, 3, 6, 8]
    assert columns.ravel().tolist() == [1, 3, 6, 8, 11, 13, 16, 18]


def test_however_small_it_is_made_a_pixel_stays():
    assert Transform(Box(10, 10, 50, 20), 0.001).upright == Box(30, 15, 31, 16)


@given(st.floats(-50, 50), st.floats(-50, 50), st.integers(1, 9), st.integers(1, 9))
def test_a_centred_box_is_the_nearest_of_whole_pixels(x, y, width, height):
    box = centred(x, y, (width, height))
    assert (box.width, box.height) == (width, height)
    assert abs(box.center[0] - x) <= 0.5 + 1e-9
    assert abs(box.center[1] - y) <= 0.5 + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 200))
def test_bands_are_the_box_from_top_to_bottom(width, height, pixels):
    box = Box(3, 4, 3 + width, 4 + height)
    parts = bands(box, pixels)
    assert [y for part in parts for y in range(part.y0, part.y1)] == list(range(box.y0, box.y1))
    assert all((part.x0, part.x1) == (box.x0, box.x1) for part in parts)
    assert all(part.area <= pixels or part.height == 1 for part in parts)
