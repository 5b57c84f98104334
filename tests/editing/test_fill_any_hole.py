"""Specks, hairs, wires, tiny crops: every hole is filled or refused in a sentence, and nothing beside it changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data
from things import Listener, masked, scene_with

from cielr.actions import Move, Place, Plan, Remove, Resize
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute
from cielr.editing.fill import exemplar
from cielr.editing.fill.exemplar import exemplar_fill
from cielr.editing.painters import BuiltinFill
from cielr.errors import Cancelled, EditError
from cielr.region import regions

MANY = settings(max_examples=120, deadline=None)


@st.composite
def holes(draw, most=70):
    """bool [H, W] of every make: specks, lines of one to three pixels, noise, boxes, nearly everything."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    hole = np.zeros((height, width), dtype=bool)
    for kind in draw(st.lists(st.sampled_from(["speck", "line", "noise", "box", "most"]), min_size=1, max_size=3)):
        y, x = rng.integers(0, height), rng.integers(0, width)
        if kind == "speck":
            hole[y : y + rng.integers(1, 3), x : x + rng.integers(1, 3)] = True
        elif kind == "line":
            ends = rng.integers(0, [height, width], (2, 2))
            steps = np.linspace(ends[0], ends[1], 200).round().astype(int)
            for offset in range(rng.integers(1, 4)):
                hole[(steps[:, 0] + offset).clip(0, height - 1), steps[:, 1]] = True
        elif kind == "noise":
            hole |= rng.random(hole.shape) < rng.random()
        elif kind == "box":
            hole[y : y + rng.integers(1, height + 1), x : x + rng.integers(1, width + 1)] = True
        else:
            hole |= rng.random(hole.shape) < 0.98
    return hole


@MANY
@given(
    holes(),
    holes(),
    st.sampled_from(["exemplar", "smooth", "auto"]),
    st.sampled_from([None, 8, 24]),
    st.booleans(),
    st.integers(0, 2**40),
)
def test_every_hole_is_filled_or_refused(hole, other, method, window, floats, seed):
    rng = np.random.default_rng(seed)
    image = rng.random((*hole.shape, 3), dtype=np.float32)
    image = image if floats else np.rint(image * 255).astype(np.uint8)
    avoid = np.zeros_like(hole)
    rows, columns = min(hole.shape[0], other.shape[0]), min(hole.shape[1], other.shape[1])
    avoid[:rows, :columns] = other[:rows, :columns]
    before = image.copy()
    try:
        filled = BuiltinFill(method, window).fill(image, hole, avoid, seed)
    except EditError:
        assert hole.all()
        return
    assert np.array_equal(image, before)
    assert filled.dtype == image.dtype
    assert filled.shape == image.shape
    assert np.array_equal(filled[~hole], image[~hole])
    assert np.isfinite(filled).all()
    assert filled.min() >= 0
    assert filled.max() <= (1 if floats else 255)


@settings(MANY, max_examples=40)
@given(holes(most=60), st.integers(0, 2**32 - 1))
def test_tile_by_tile_nothing_beside_the_hole_changes(hole, seed):
    image = np.random.default_rng(seed).integers(0, 256, (*hole.shape, 3), dtype=np.uint8)
    if hole.all():
        return
    before = exemplar.TILE, exemplar.MOST_TILES
    exemplar.TILE, exemplar.MOST_TILES = 8, 40
    try:
        filled = exemplar_fill(image, hole, np.zeros_like(hole), seed, window=12)
    finally:
        exemplar.TILE, exemplar.MOST_TILES = before
    assert np.array_equal(filled[~hole], image[~hole])


def large(values, width=1500, height=1100):
    times = -(-height // values.shape[0]), -(-width // values.shape[1])
    return np.stack([np.tile(values, times)[:height, :width]] * 3, -1)


@pytest.mark.parametrize("thickness", [1, 2])
@pytest.mark.parametrize("ground", [data.grass, data.moon])
def test_a_wire_across_a_large_photo_goes_and_the_ground_goes_on(thickness, ground):
    truth = large(ground())
    wire = np.zeros(truth.shape[:2], dtype=bool)
    columns = np.arange(truth.shape[1])
    for offset in range(thickness):
        wire[200 + columns // 3 + offset, columns] = True
    image = truth.copy()
    image[wire] = (255, 0, 0)
    [region] = regions(Plan(actions=(Remove(targets=("thing_1",)),)), scene_with(wire))
    result = execute(image, [region])
    support = region.support.to_array()
    assert np.array_equal(result[~support], image[~support])
    inside = result[support].astype(int)
    assert np.ptp(inside, axis=-1).max() == 0, "grey ground, nothing red"
    before = np.abs(np.diff(truth[..., 0].astype(int), axis=1))
    after = np.abs(np.diff(result[..., 0].astype(int), axis=1))
    assert after[support[:, 1:]].mean() > 0.55 * before[support[:, 1:]].mean(), "no smooth stripe in rough ground"


@pytest.mark.parametrize(
    "box", [Box(700, 500, 702, 502), Box(0, 0, 1, 1), Box(600, 300, 601, 700), Box(3, 40, 900, 41)]
)
def test_dust_and_hairs_in_a_large_photo_go(box):
    image = large(data.gravel())
    image[box.slices] = (0, 255, 0)
    [region] = regions(Plan(actions=(Remove(targets=("thing_1",)),)), scene_with(Mask.from_box(box, 1100, 1500)))
    result = execute(image, [region])
    assert np.ptp(result[box.slices].astype(int), axis=-1).max() == 0


@pytest.mark.parametrize("action", ["move", "shrink", "grow"])
def test_what_lies_wholly_behind_other_things_is_moved_and_resized_without_a_hole(action):
    image = np.random.default_rng(0).integers(0, 256, (120, 200, 3), dtype=np.uint8)
    behind, front = Mask.from_box(Box(60, 40, 80, 60), 120, 200), Mask.from_box(Box(50, 30, 75, 90), 120, 200)
    other = Mask.from_box(Box(70, 35, 90, 90), 120, 200)
    scene = scene_with(
        masked("thing_1", behind, depth=0.9), masked("thing_2", front, depth=0.1), masked("thing_3", other, depth=0.1)
    )
    done = {
        "move": Move(targets=("thing_1",), to=Place(relation="by", x=60, y=0)),
        "shrink": Resize(targets=("thing_1",), scale=0.5),
        "grow": Resize(targets=("thing_1",), scale=1.5),
    }[action]
    found = regions(Plan(actions=(done,)), scene)
    result = execute(image, found)
    support = np.any([region.support.to_array() for region in found], axis=0)
    assert np.array_equal(result[~support], image[~support])


def test_a_thin_hole_is_filled_in_a_few_tiles_and_can_be_stopped_between_them():
    image = large(data.grass())
    hole = np.zeros(image.shape[:2], dtype=bool)
    hole[400:404, 100:1400] = True
    listener = Listener(stop=40)
    with pytest.raises(Cancelled):
        exemplar_fill(image, hole, np.zeros_like(hole), 0, listener)
    assert listener.rises


def test_progress_of_a_large_hole_with_thin_parts_never_runs_backwards():
    image = large(data.grass(), 700, 700)
    hole = np.hypot(*(np.mgrid[:700, :700] - 300)) < 60
    hole[300:303, 300:690] = True
    listener = Listener()
    result = exemplar_fill(image, hole, np.zeros_like(hole), 0, listener)
    assert listener.rises
    assert listener.shares[-1] <= 1
    rough = np.abs(np.diff(image[..., 0].astype(int), axis=1))[300:303, 450:690].mean()
    assert np.abs(np.diff(result[..., 0].astype(int), axis=1))[300:303, 450:690].mean() > 0.5 * rough


def test_many_specks_far_apart_are_filled_smoothly_and_with_grain():
    rng = np.random.default_rng(0)
    image = np.clip(0.5 + rng.normal(0, 0.02, (1500, 1500, 1)), 0, 1).astype(np.float32).repeat(3, 2)
    hole = np.zeros(image.shape[:2], dtype=bool)
    hole[40::150, 40::150] = True
    hole = np.asarray(ndimage.binary_dilation(hole, iterations=2), dtype=bool)
    assert hole.sum() / 13 > exemplar.MOST_TILES
    result = exemplar_fill(image, hole, np.zeros_like(hole), 0)
    assert result[hole].std() == pytest.approx(0.02, rel=0.4)
    assert np.array_equal(result[~hole], image[~hole])
