"""Things put down again: flipped and turned exactly, scaled alike in one piece or in bands, kept in the support."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data
from things import Listener

from cielr.actions import Move, Place
from cielr.core.geometry import Box, Mask
from cielr.editing import paste
from cielr.editing.executor import execute
from cielr.editing.paste import soft, with_thing
from cielr.errors import Cancelled
from cielr.region import Paste, Region

ACTION = Move(targets=("thing_1",), to=Place(relation="by", x=1, y=0))
FLIPS = st.sampled_from([None, "horizontal", "vertical"])
TURNS = st.sampled_from([0.0, 90.0]) | st.floats(-180, 180)


def region_of(source, hole=None, support=None, **more):
    """A region over the whole frame, whose thing may go anywhere."""
    height, width = source.height, source.width
    everything = Mask.from_box(Box(0, 0, width, height), height, width)
    return Region(
        index=0,
        action=ACTION,
        support=everything if support is None else support,
        crop=Box(0, 0, width, height),
        hole=hole,
        pastes=more.pop("pastes", None) or (Paste(source=source, **more),),
    )


def photo(dtype=np.uint8):
    image = data.astronaut()[60:220, 150:330]
    return image if dtype == np.uint8 else (image / 255).astype(np.float32)


def round_mask(height, width, y, x, radius):
    rows, columns = np.mgrid[:height, :width]
    return Mask.from_array((rows - y) ** 2 + (columns - x) ** 2 <= radius**2)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(
    ("more", "turn"),
    [
        ({"flip": "horizontal"}, lambda part: part[:, ::-1]),
        ({"flip": "vertical"}, lambda part: part[::-1]),
        ({"degrees": 90}, lambda part: np.rot90(part, -1)),
        ({"degrees": -90.0}, lambda part: np.rot90(part)),
        ({"degrees": 180}, lambda part: part[::-1, ::-1]),
        ({"degrees": 90, "flip": "horizontal"}, lambda part: np.rot90(part[:, ::-1], -1)),
    ],
)
def test_flips_and_quarter_turns_only_move_pixels(dtype, more, turn):
    image = photo(dtype)
    box = Box(40, 50, 81, 91)
    region = region_of(Mask.from_box(box, *image.shape[:2]), dx=30, dy=-20, **more)
    result = with_thing(image, image, region)
    assert result.dtype == image.dtype
    goal = box.shift(30, -20)
    inner = np.s_[2:-2, 2:-2]
    assert np.array_equal(result[goal.slices][inner], turn(image[box.slices])[inner])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), FLIPS, TURNS, st.floats(0.3, 3), st.integers(-40, 40), st.booleans())
def test_outside_the_goal_and_the_support_nothing_changes(seed, flip, degrees, scale, dx, floats):
    rng = np.random.default_rng(seed)
    image = rng.random((80, 100, 3)).astype(np.float32)
    image = image if floats else np.rint(image * 255).astype(np.uint8)
    source = round_mask(80, 100, *rng.integers(20, 60, 2), 14)
    support = Mask.from_array(rng.random((80, 100)) < 0.8)
    region = region_of(source, support=support, degrees=degrees, flip=flip, scale=scale, dx=dx)
    [thing] = region.pastes
    result = with_thing(image, image, region)
    outside = ~(support & thing.goal).to_array()
    assert np.array_equal(result[outside], image[outside])
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= (1 if floats else 255)


@settings(max_examples=25, deadline=None)
@given(st.floats(-180, 180), st.floats(0.5, 2.5), FLIPS)
def test_a_plain_thing_stays_plain_and_lets_nothing_of_its_old_ground_in(degrees, scale, flip):
    image = np.full((140, 140, 3), (10, 200, 30), dtype=np.uint8)
    source = round_mask(140, 140, 70, 70, 20)
    image[source.to_array()] = (240, 20, 220)
    region = region_of(source, degrees=degrees, scale=scale, flip=flip)
    ground = np.zeros_like(image)
    result = with_thing(ground, image, region).astype(int)
    [thing] = region.pastes
    full = soft(thing.goal.to_array()) == 1
    assert np.abs(result[full] - (240, 20, 220)).max() <= 1


def test_a_turned_photo_is_the_photo_seen_at_an_angle():
    image = (ndimage.gaussian_filter(data.astronaut()[:200, :200], (2, 2, 0)) / 255).astype(np.float32)
    source = round_mask(200, 200, 100, 100, 60)
    result = with_thing(np.zeros_like(image), image, region_of(source, degrees=25))
    y, x = np.mgrid[:200, :200] - 100.0
    sine, cosine = np.sin(np.radians(25)), np.cos(np.radians(25))
    where = y * cosine - x * sine + 100, x * cosine + y * sine + 100
    inside = np.hypot(y, x) < 55
    for channel in range(3):
        expected = ndimage.map_coordinates(image[..., channel], where, order=3)
        assert np.abs(result[..., channel] - expected)[inside].max() < 0.02


def test_turned_there_and_back_a_soft_photo_is_itself():
    image = (ndimage.gaussian_filter(data.coffee()[50:210, 100:260], (2, 2, 0)) / 255).astype(np.float32)
    source = round_mask(160, 160, 80, 80, 50)
    there = with_thing(np.zeros_like(image), image, region_of(source, degrees=33))
    back = with_thing(np.zeros_like(image), there, region_of(source, degrees=-33))
    inside = round_mask(160, 160, 80, 80, 44).to_array()
    assert np.abs(back - image)[inside].mean() < 0.004


@pytest.mark.parametrize("scale", [1.5, 3.3])
def test_in_bands_a_thing_is_enlarged_as_in_one_piece(scale, monkeypatch):
    image = photo()
    source = round_mask(*image.shape[:2], 80, 90, 40)
    region = region_of(source, scale=scale)
    whole = with_thing(image, image, region)
    monkeypatch.setattr(paste, "AT_ONCE", 1)
    monkeypatch.setattr(paste, "BAND", 700)
    banded = with_thing(image, image, region)
    difference = np.abs(whole.astype(int) - banded)
    assert difference.max() <= 12, "only at the thing's edge, where weights nearly cancel"
    assert difference.mean() < 0.05


def test_ten_times_larger_costs_the_picture_and_not_ten_pictures():
    image = np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    source = round_mask(1200, 1600, 600, 800, 590)
    for degrees in (7.0, 0.0):
        region = region_of(source, scale=10.0, degrees=degrees)
        tracemalloc.start()
        with_thing(image, image, region)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 60 * image.shape[0] * image.shape[1]


def test_enlarging_can_be_stopped_between_bands():
    image = np.zeros((1200, 1600, 3), dtype=np.uint8)
    region = region_of(round_mask(1200, 1600, 600, 800, 500), scale=10.0)
    listener = Listener(stop=3)
    with pytest.raises(Cancelled):
        with_thing(image, image, region, listener)
    assert len(listener.shares) == 3
    assert listener.rises
    assert listener.shares[-1] < 0.8


def test_a_wire_is_turned_without_gaps_and_keeps_its_colour():
    image = np.full((120, 120, 3), 255, dtype=np.uint8)
    line = np.zeros((120, 120), dtype=bool)
    line[60:62, 20:100] = True
    image[line] = (200, 0, 0)
    region = region_of(Mask.from_array(line), degrees=40)
    result = with_thing(np.full_like(image, 255), image, region)
    [thing] = region.pastes
    goal = thing.goal.to_array()
    assert ndimage.label(goal, np.ones((3, 3)))[1] == 1  # pyright: ignore
    assert np.abs(result[goal & (soft(goal) > 0.6)][:, 0].astype(int) - 200).max() <= 25


def test_two_things_trade_places_without_loss():
    rng = np.random.default_rng(4)
    image = np.full((100, 160, 3), 128, dtype=np.uint8)
    left, right = Box(20, 30, 60, 70), Box(100, 30, 140, 70)
    for box in (left, right):
        image[box.slices] = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    masks = [Mask.from_box(box, 100, 160) for box in (left, right)]
    hole = masks[0] | masks[1]
    region = region_of(
        hole, hole=hole, pastes=(Paste(source=masks[0], dx=80), Paste(source=masks[1], dx=-80)), support=hole
    )
    result = execute(image, [region])
    inner = np.s_[2:-2, 2:-2]
    assert np.array_equal(result[right.slices][inner], image[left.slices][inner])
    assert np.array_equal(result[left.slices][inner], image[right.slices][inner])
    assert np.array_equal(result[~hole.to_array()], image[~hole.to_array()])
    assert Region.from_json(region.to_json()) == region


def test_a_copy_leaves_the_first_where_it_is():
    image = np.full((60, 120, 3), 90, dtype=np.uint8)
    box = Box(10, 10, 40, 40)
    image[box.slices] = np.random.default_rng(5).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    source = Mask.from_box(box, 60, 120)
    goal = source.shift(60, 5)
    result = execute(image, [region_of(source, support=goal, dx=60, dy=5)])
    assert np.array_equal(result[~goal.to_array()], image[~goal.to_array()])
    there = box.shift(60, 5)
    assert np.array_equal(result[there.slices][2:-2, 2:-2], image[box.slices][2:-2, 2:-2])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32 - 1), st.sampled_from([0.2, 0.6, 0.95]))
def test_an_edge_is_half_its_distance_to_the_outside(height, width, seed, share):
    mask = np.random.default_rng(seed).random((height, width)) < share
    if mask.all():
        expected = np.ones(mask.shape)
    else:
        expected = np.minimum(np.asarray(ndimage.distance_transform_edt(mask)) / 2, 1)
    assert np.array_equal(soft(mask), expected.astype(np.float32))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_thing_s_edge_is_mixed_with_its_new_ground_by_half_its_distance_to_the_outside(dtype):
    top = 255 if dtype == np.uint8 else 1
    source = round_mask(60, 90, 30, 25, 12)
    image = np.where(source.to_array()[..., None], top, 0).astype(dtype).repeat(3, axis=2)
    ground = np.full_like(image, 0.4 * top)
    result = with_thing(ground, image, region_of(source, dx=35, dy=3))
    distance = np.asarray(ndimage.distance_transform_edt(source.shift(35, 3).to_array()))
    share = np.minimum(distance / 2, 1)[..., None]
    assert np.allclose(result, ground * (1 - share) + top * share, atol=0.51 if dtype == np.uint8 else 1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(
    "more", [{"scale": 0.4}, {"scale": 2.3}, {"degrees": 90}, {"degrees": 20, "scale": 0.7}], ids=str
)
def test_up_to_its_very_edge_a_plain_thing_brings_nothing_of_its_old_ground(more, dtype):
    source = round_mask(140, 150, 70, 75, 20)
    image = np.where(source.to_array()[..., None], (240, 20, 220), (10, 200, 30)).astype(np.uint8)
    image = image if dtype == np.uint8 else (image / 255).astype(np.float32)
    # on ground of its own colour a thing cannot be seen
    ground = np.empty_like(image)
    ground[:] = image[70, 75]
    result = with_thing(ground, image, region_of(source, **more))
    assert np.allclose(result, ground, atol=1 if dtype == np.uint8 else 0.004)


def test_where_a_smaller_thing_is_nothing_but_specks_each_keeps_its_own_colour():
    mask = np.zeros((140, 140), dtype=bool)
    mask[22:120:10, 22:120:10] = True
    mask[[20, 119], [20, 119]] = True
    image = np.zeros((140, 140, 3), dtype=np.uint8)
    image[:, :70], image[:, 70:] = (200, 0, 0), (0, 0, 200)
    region = region_of(Mask.from_array(mask), scale=0.2)
    goal = region.pastes[0].goal.to_array()
    result = with_thing(np.zeros_like(image), image, region)
    # half of each shows: it is all edge
    assert goal.sum() == 100
    assert (result[goal & (np.arange(140) < 70)] == (100, 0, 0)).all()
    assert (result[goal & (np.arange(140) >= 70)] == (0, 0, 100)).all()


@pytest.mark.parametrize("degrees", [0, 30])
def test_what_is_too_fine_for_a_smaller_thing_becomes_its_mean(degrees):
    rows, columns = np.mgrid[:160, :160]
    image = ((rows + columns) % 2 * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    source = round_mask(160, 160, 80, 80, 70)
    result = with_thing(np.zeros_like(image), image, region_of(source, scale=0.3, degrees=degrees))
    inside = round_mask(160, 160, 80, 80, 17).to_array()
    assert np.abs(result[inside].astype(int) - 127).max() <= 12


@pytest.mark.parametrize("more", [{}, {"degrees": 25, "scale": 1.3}, {"scale": 0.6, "flip": "horizontal"}], ids=str)
def test_a_thing_comes_out_the_same_whatever_of_the_picture_is_seen_with_it(more):
    image = photo()
    source = round_mask(*image.shape[:2], 90, 80, 20)
    whole = region_of(source, dx=30, dy=15, **more)
    part = whole.model_copy(update={"crop": Box(45, 55, 150, 150)})
    crop = image[part.crop.slices]
    result = with_thing(crop, crop, part)
    assert np.array_equal(result, with_thing(image, image, whole)[part.crop.slices])
    assert not np.array_equal(result, crop)


def test_a_thing_that_leaves_the_crop_is_put_down_as_far_as_it_is_seen_and_nowhere_else():
    image = photo()
    source = round_mask(*image.shape[:2], 80, 90, 20)
    away = region_of(source, dx=500)
    assert np.array_equal(with_thing(image, image, away), image)
    half = region_of(source, dx=90)
    result = with_thing(image, image, half)
    goal = source.shift(90, 0).to_array()
    assert np.array_equal(result[~goal], image[~goal])
    assert np.array_equal(result[70:90, 165:], image[70:90, 75:90])
