"""Boxes, masks and relations against plain numpy and against their own laws."""

import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from cielr.core.geometry import Box, Mask, Transform, depths
from cielr.core.geometry.relations import (
    above,
    below,
    between,
    gap,
    in_front_of,
    inside,
    left_of,
    near_to_far,
    next_to,
    on,
    overlapping,
    reading_order,
    right_of,
    rows,
    small_to_large,
    touching,
)
from cielr.core.scene import SceneObject

sizes = st.integers(1, 12)
pictures = sizes.flatmap(lambda h: sizes.flatmap(lambda w: arrays(bool, (h, w))))
pairs = sizes.flatmap(lambda h: sizes.flatmap(lambda w: st.tuples(arrays(bool, (h, w)), arrays(bool, (h, w)))))


@st.composite
def boxes(draw, size=30):
    x, y = sorted(draw(st.tuples(*[st.integers(0, size)] * 2))), sorted(draw(st.tuples(*[st.integers(0, size)] * 2)))
    return Box(x[0], y[0], x[1], y[1])


def pixels(box: Box) -> set[tuple[int, int]]:
    return {(x, y) for x in range(box.x0, box.x1) for y in range(box.y0, box.y1)}


def thing(box: Box, depth: float | None = None, size: int = 40, array: np.ndarray | None = None) -> SceneObject:
    mask = Mask.from_box(box, size, size) if array is None else Mask.from_array(array)
    return SceneObject(id="a", label="a", box=box, mask=mask, depth=depth)


# ------------------------------------------------------------------------------------------------------------- boxes


@given(boxes(), boxes())
def test_box_operations_agree_with_sets_of_pixels(a, b):
    assert pixels(a.intersect(b)) == pixels(a) & pixels(b)
    xs, ys = zip(*(pixels(a) | pixels(b) or {(0, 0)}), strict=True)
    assert a.area + b.area == 0 or a.union(b) == Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1)
    assert a.iou(b) == pytest.approx(len(pixels(a) & pixels(b)) / max(1, len(pixels(a) | pixels(b))))
    assert a.contains(b) == (pixels(b) <= pixels(a)) or b.is_empty


@given(boxes(), st.integers(0, 9), st.integers(-50, 50), st.integers(-50, 50))
def test_boxes_grow_shift_and_clip(a, by, dx, dy):
    assert a.grow(by).grow(-by) == a
    assert a.shift(dx, dy).shift(-dx, -dy) == a
    assert pixels(a.shift(dx, dy).clip(30, 20)) == {
        (x, y) for x, y in pixels(a.shift(dx, dy)) if 0 <= x < 30 and 0 <= y < 20
    }


def test_a_box_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="ends before it begins"):
        Box(3, 0, 1, 4)


def test_an_empty_box_adds_nothing_to_another_wherever_it_lies():
    box, nothing = Box(10, 10, 20, 20), Box(0, 3, 0, 90)
    assert box.union(nothing) == nothing.union(box) == box


@given(pictures, st.integers(0, 4))
def test_the_box_around_what_is_set_has_its_margin_as_far_as_the_picture_goes(picture, margin):
    box = Box.around(picture.astype(np.uint8) * 7, margin)
    if not picture.any():
        assert box == Box(0, 0, 0, 0)
        return
    (height, width), (ys, xs) = picture.shape, np.nonzero(picture)
    assert (box.x0, box.y0) == (max(0, xs.min() - margin), max(0, ys.min() - margin))
    assert (box.x1, box.y1) == (min(width, xs.max() + 1 + margin), min(height, ys.max() + 1 + margin))
    assert Box.around(picture) == Mask.from_array(picture).box


def test_what_geometry_is_made_of_cannot_be_changed_and_can_be_a_key():
    box, mask, turn = Box(0, 0, 2, 1), Mask.from_array(np.eye(2)), Transform(Box(0, 0, 2, 1), degrees=90)
    for value, name in ((box, "x0"), (mask, "height"), (turn, "scale")):
        with pytest.raises((ValueError, AttributeError)):
            setattr(value, name, 7)
        assert {value: 1}[value] == 1
    for each in (mask, Mask(height=2, width=2, runs="0 1 2 1"), mask & mask):
        with pytest.raises(ValueError, match="read-only"):
            each.runs[0] = 3


# ------------------------------------------------------------------------------------------------------------- masks


@given(pictures)
def test_masks_come_back_as_they_were(picture):
    mask = Mask.from_array(picture)
    assert np.array_equal(mask.to_array(), picture)
    assert mask.area == picture.sum()
    assert Mask.model_validate_json(mask.model_dump_json()) == mask
    assert Mask.model_validate_json(mask.model_dump_json()).model_dump_json() == mask.model_dump_json()
    assert Mask.from_coco(mask.to_coco()) == mask
    assert hash(mask) == hash(Mask.from_array(picture.copy()))


@given(pairs)
def test_set_operations_agree_with_arrays(pair):
    a, b = pair
    first, second = Mask.from_array(a), Mask.from_array(b)
    for got, wanted in [
        (first & second, a & b),
        (first | second, a | b),
        (first - second, a & ~b),
        (first ^ second, a ^ b),
        (~first, ~a),
    ]:
        assert got == Mask.from_array(wanted)
        assert np.array_equal(got.to_array(), wanted)
    assert first.overlaps(second) == (a & b).any()
    assert first.iou(second) == pytest.approx((a & b).sum() / max(1, (a | b).sum()))
    assert (first == second) == np.array_equal(a, b)


@given(pictures, st.data())
def test_a_crop_of_a_mask_is_the_crop_of_its_array(picture, data):
    height, width = picture.shape
    xs = sorted(data.draw(st.tuples(*[st.integers(0, width)] * 2)))
    ys = sorted(data.draw(st.tuples(*[st.integers(0, height)] * 2)))
    box = Box(xs[0], ys[0], xs[1], ys[1])
    crop = Mask.from_array(picture).to_array(box)
    assert np.array_equal(crop, picture[box.slices])
    alone = np.zeros_like(picture)
    alone[box.slices] = crop
    assert Mask.from_crop(crop, box, height, width) == Mask.from_array(alone)


@given(pictures)
def test_the_box_is_the_smallest_around_the_mask(picture):
    box = Mask.from_array(picture).box
    ys, xs = np.nonzero(picture)
    if len(xs):
        assert box == Box(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
        assert Mask.from_array(picture).centroid == pytest.approx((xs.mean() + 0.5, ys.mean() + 0.5))
    else:
        assert box == Box(0, 0, 0, 0)
        assert Mask.from_array(picture).centroid == (picture.shape[1] / 2, picture.shape[0] / 2)


def test_whatever_is_not_zero_is_set():
    assert Mask.from_array(np.array([[0, 1, 2, -3], [0.5, 0, 0, 255]])) == Mask.from_array(
        np.array([[0, 1, 1, 1], [1, 0, 0, 1]], dtype=bool)
    )


def test_masks_of_other_sizes_and_other_things_are_not_equal():
    assert Mask.empty(2, 3) != Mask.empty(3, 2)
    assert Mask.empty(2, 3) != "6"


@pytest.mark.parametrize(("height", "width"), [(0, 5), (5, 0), (0, 0)])
def test_a_picture_without_pixels_has_a_mask_as_well(height, width):
    mask = Mask.empty(height, width)
    assert Mask.model_validate_json(mask.model_dump_json()) == mask == Mask.from_array(np.zeros((height, width)))
    for other in (~mask, mask | mask, mask.grow(3), mask.shrink(3), mask.shift(1, 1), mask.fill_holes()):
        assert other == mask
    with pytest.raises(ValueError, match="do not add up"):
        Mask(height=-3, width=-4, runs="12")  # pyright: ignore


@given(pictures, st.integers(-15, 15), st.integers(-15, 15))
def test_a_shifted_mask_loses_only_what_leaves_the_image(picture, dx, dy):
    height, width = picture.shape
    moved = np.zeros_like(picture)
    for y, x in np.argwhere(picture):
        if 0 <= y + dy < height and 0 <= x + dx < width:
            moved[y + dy, x + dx] = True
    assert np.array_equal(Mask.from_array(picture).shift(dx, dy).to_array(), moved)


@given(pictures, st.sampled_from([0.5, 1, 1.5, 2, 3.7]))
def test_growing_reaches_as_far_as_it_says(picture, reach):
    height, width = picture.shape
    y, x = np.mgrid[:height, :width]
    wanted = np.zeros_like(picture)
    for row, column in np.argwhere(picture):
        wanted |= (y - row) ** 2 + (x - column) ** 2 <= reach**2
    mask = Mask.from_array(picture)
    assert np.array_equal(mask.grow(reach).to_array(), wanted)
    assert mask.shrink(reach) == ~((~mask).grow(reach))


@given(pictures)
def test_components_and_holes_agree_with_scipy(picture):
    mask = Mask.from_array(picture)
    parts = mask.components()
    assert len(parts) == ndimage.label(picture, structure=np.ones((3, 3)))[1]
    assert sorted((p.area for p in parts), reverse=True) == [p.area for p in parts]
    whole = Mask.empty(*picture.shape)
    for part in parts:
        assert not whole.overlaps(part)
        whole = whole | part
    assert whole == mask
    assert np.array_equal(mask.fill_holes().to_array(), ndimage.binary_fill_holes(picture))


def blobs(count: int, height: int, width: int):
    """Irregular regions as a segmenter gives them: thresholded smooth noise inside a disc."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        radius = int(rng.integers(60, 320))
        cy, cx = rng.integers(radius, height - radius), rng.integers(radius, width - radius)
        y, x = np.mgrid[-radius:radius, -radius:radius]
        wobble = ndimage.gaussian_filter(rng.standard_normal((2 * radius, 2 * radius)), 6)
        part = np.hypot(x, y) < radius * (0.8 + 3 * wobble)
        yield part, Box(int(cx) - radius, int(cy) - radius, int(cx) + radius, int(cy) + radius)


def test_two_hundred_masks_of_a_4k_photo_stay_under_20_mb():
    # twenty are measured, each counts ten times
    masks = [Mask.from_crop(part, box, 2160, 3840) for part, box in blobs(20, 2160, 3840)]
    assert 10 * sum(mask.runs.nbytes + sys.getsizeof(mask) for mask in masks) < 20e6
    assert 10 * sum(len(mask.model_dump_json()) for mask in masks) < 20e6


def test_a_disc_in_a_4k_photo_costs_two_runs_a_row():
    y, x = np.mgrid[:2160, :3840]
    mask = Mask.from_array((x - 1900) ** 2 + (y - 1000) ** 2 < 900**2)
    assert mask.runs.size == 2 * mask.box.height + 1


def test_a_box_of_a_file_that_lacks_a_corner_or_has_one_too_many_is_refused():
    for corners in ({"x0": 0, "y0": 0, "x1": 3}, {"x0": 0, "y0": 0, "x1": 3, "y1": 3, "y2": 4}, {}):
        with pytest.raises(ValueError, match="validation error"):
            Box.model_validate(corners)
    with pytest.raises(TypeError, match="four edges"):
        Box(0, 0, 1, 1, 1)  # pyright: ignore
    assert Box.model_validate({"x0": 1, "y0": 2, "x1": 3, "y1": 4}) == Box(1, 2, 3, 4) == Box(1, 2, y1=4, x1=3)


@pytest.mark.parametrize("pixels", [1, 2.5, 7, -3])
def test_a_mask_grows_alike_in_bands_and_at_once(monkeypatch, pixels):
    rng = np.random.default_rng(4)
    mask = Mask.from_array(rng.random((90, 70)) < 0.01) | Mask.from_box(Box(5, 60, 60, 88), 90, 70)
    at_once = mask.grow(pixels)
    monkeypatch.setattr("cielr.core.geometry.mask.BAND", 300)
    assert mask.grow(pixels) == at_once


@pytest.mark.parametrize(
    "runs",
    [
        *("", "3", "-1 13", "1 0 11", "a b", "99999999999", "99999999999999999999999"),
        # sums that wrap around to 12 in 64 bits
        f"{2**62} {2**62} {2**62} {2**62 + 12}",
        [2**63, 2**63, 12],
        [2.5, 9.5],
        [True, False],
        [[1], [2, 3]],
        None,
        {},
    ],
)
def test_wrong_run_lengths_are_refused(runs):
    with pytest.raises(ValueError, match=r"[Rr]un lengths"):
        Mask(height=3, width=4, runs=runs)  # pyright: ignore


@pytest.mark.parametrize(
    ("runs", "why"), [([2**32], "positive after it"), ([2**31, 2**31], "more than four thousand megapixels")]
)
def test_a_mask_too_large_for_run_lengths_of_32_bits_is_refused(runs, why):
    with pytest.raises(ValueError, match=why):
        Mask(height=2**16, width=2**16, runs=runs)
    assert Mask(height=2**16, width=2**16 - 1, runs=f"0 {2**32 - 2**16}").area == 2**32 - 2**16  # pyright: ignore


# --------------------------------------------------------------------------------------------------------- relations

nonempty = boxes().filter(lambda box: not box.is_empty)


@given(nonempty, nonempty, nonempty, *[st.floats(0, 1)] * 3)
def test_orders_are_antisymmetric_and_transitive(a, b, c, da, db, dc):
    x, y, z = thing(a, da), thing(b, db), thing(c, dc)
    for relation in (left_of, right_of, above, below, in_front_of):
        assert not (relation(x, y) and relation(y, x))
        assert not (relation(x, y) and relation(y, z)) or relation(x, z)
    for relation in (inside, on):
        assert not (relation(x, y) and relation(y, x))
    for relation in (touching, overlapping, next_to):
        assert relation(x, y) == relation(y, x)
    assert left_of(x, y) == right_of(y, x)
    assert between(x, y, z) == between(x, z, y)


@given(nonempty, nonempty)
def test_the_gap_is_the_distance_between_the_nearest_pixels(a, b):
    assume(a.area * b.area < 5000)
    if pixels(a) & pixels(b):
        wanted = 0.0
    else:
        wanted = min(np.hypot(x - u, y - v) for x, y in pixels(a) for u, v in pixels(b)) - 1
    assert gap(thing(a), thing(b)) == pytest.approx(wanted)


def test_relations_on_a_table_set_by_hand():
    table = thing(Box(0, 20, 40, 40))
    cup = thing(Box(4, 12, 10, 22))
    plate = thing(Box(20, 25, 34, 35))
    cake = thing(Box(24, 27, 30, 32))
    assert on(cup, table)
    assert not on(table, cup)
    assert left_of(cup, plate)
    assert inside(cake, plate)
    assert not inside(plate, cake)
    assert above(cup, plate)
    assert next_to(thing(Box(0, 0, 10, 10)), thing(Box(12, 0, 20, 10)))
    assert not next_to(thing(Box(0, 0, 10, 10)), thing(Box(30, 0, 40, 10)))
    assert between(thing(Box(15, 0, 20, 5)), thing(Box(0, 0, 5, 5)), thing(Box(30, 0, 35, 5)))
    assert not between(thing(Box(15, 30, 20, 35)), thing(Box(0, 0, 5, 5)), thing(Box(30, 0, 35, 5)))


def test_what_stands_at_the_front_of_a_table_is_on_it_and_what_stands_before_a_house_is_not():
    table, plate = thing(Box(2, 10, 38, 36)), thing(Box(15, 26, 24, 32))
    assert on(plate, table)
    assert not on(table, plate)
    house = np.zeros((40, 40), bool)
    house[2:30, 5:35] = True
    house[22:, 12:28] = False
    car = thing(Box(12, 22, 28, 30))
    assert not on(car, thing(Box(5, 2, 35, 30), array=house))
    person, chair = np.zeros((40, 40), bool), thing(Box(14, 22, 24, 36))
    person[4:22, 12:26] = True
    person[22:36, 24:26] = True
    assert on(thing(Box(12, 4, 26, 36), array=person), chair)


def test_a_big_thing_is_not_left_of_what_lies_on_it():
    assert not left_of(thing(Box(0, 0, 40, 40)), thing(Box(22, 0, 30, 10)))


def test_depth_orders_leave_out_what_has_no_depth():
    near, far, unknown = thing(Box(0, 0, 4, 4), 0.1), thing(Box(0, 0, 4, 4), 0.9), thing(Box(0, 0, 4, 4))
    assert near_to_far([far, unknown, near]) == [near, far]
    assert not in_front_of(unknown, far)
    assert not in_front_of(thing(Box(0, 0, 4, 4), 0.5), thing(Box(0, 0, 4, 4), 0.51))


def test_rows_are_seen_as_people_see_them():
    grid = [[thing(Box(x, y + x // 10, x + 6, y + 6 + x // 10)) for x in (1, 11, 21)] for y in (0, 12, 26)]
    shuffled = [grid[i][j] for i, j in [(2, 1), (0, 0), (1, 2), (0, 2), (1, 0), (2, 2), (0, 1), (1, 1), (2, 0)]]
    assert rows(shuffled) == grid
    assert reading_order(shuffled) == [cell for row in grid for cell in row]


def test_size_order_goes_by_pixels_not_by_boxes():
    ring = np.ones((40, 40), bool)
    ring[1:39, 1:39] = False
    assert small_to_large([thing(Box(0, 0, 20, 20)), thing(Box(0, 0, 40, 40), array=ring)])[0].box.width == 40


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.3, 0.9, 0.99, 1.0]),
    st.floats(0.5, 12),
    st.integers(1, 200),
)
def test_depths_band_by_band_are_those_of_the_whole(height, width, seed, share, reach, band):
    inside = np.random.default_rng(seed).random((height, width)) < share
    together = np.full(inside.shape, np.nan)
    for stretch, distance in depths(inside, reach, band):
        together[stretch] = distance
    away = np.full(inside.shape, np.inf)
    if not inside.all():
        away = np.asarray(ndimage.distance_transform_edt(inside))
    assert np.array_equal(together, np.minimum(away, reach))


def test_growing_a_mask_of_a_whole_photo_takes_little_more_than_the_photo():
    import tracemalloc

    array = np.zeros((3000, 4000), dtype=bool)
    array[5:-5, 5:-5] = True
    mask = Mask.from_array(array)
    tracemalloc.start()
    grown = mask.grow(3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert grown.box == Box(2, 2, 3998, 2998)
    assert peak < 14 * array.size
