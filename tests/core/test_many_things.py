"""Unions of many masks, and what a scene's things are to one another when there are many: equal to one by one."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from round_things import disc, ring, scene
from things import masked as thing

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.core.things import family_of, ground_of, mask_in_front, mask_of, mask_of_others, mask_to_avoid


@st.composite
def many_masks(draw):
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, share = draw(st.integers(0, 9)), draw(st.sampled_from([0.02, 0.2, 0.6, 1.0]))
    return height, width, [rng.random((height, width)) < share for _ in range(count)]


@settings(max_examples=150, deadline=None)
@given(many_masks())
def test_a_union_is_what_ored_arrays_are(case):
    height, width, arrays = case
    union = Mask.union((Mask.from_array(array) for array in arrays), height, width)
    expected = np.any(arrays, axis=0) if arrays else np.zeros((height, width), dtype=bool)
    assert np.array_equal(union.to_array(), expected)
    assert union == Mask.from_array(expected), "no two runs that touch"


def test_a_union_takes_masks_of_its_own_size_alone():
    with pytest.raises(ValueError, match="Masks of 4 x 3 and 3 x 4 pixels do not combine"):
        Mask.union([Mask.empty(3, 4), Mask.empty(4, 3)], 3, 4)


@settings(max_examples=60, deadline=None)
@given(many_masks(), st.floats(0, 30))
def test_holes_are_filled_up_to_a_size(case, most):
    _, _, arrays = case
    for array in arrays:
        mask = Mask.from_array(array)
        filled, all_filled = mask.fill_holes(most), mask.fill_holes()
        assert (mask - filled).is_empty
        assert (filled - all_filled).is_empty
        assert mask.fill_holes(0) == mask
        assert mask.fill_holes(1e9) == all_filled
        gaps = [part.area for part in four_connected(all_filled - mask)]
        for size in (most, *gaps):
            assert (mask.fill_holes(size) - mask).area == sum(area for area in gaps if area <= size)


def four_connected(mask):
    from scipy import ndimage

    labels, count = ndimage.label(mask.to_array())  # pyright: ignore
    return [Mask.from_array(labels == n) for n in range(1, count + 1)]


@st.composite
def crowds(draw):
    """Discs of every size, with and without depth, parts and effects."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    things = []
    for n in range(draw(st.integers(1, 14))):
        x, y, radius = *rng.integers(30, 270, 2), rng.integers(1, 60)
        owner = f"d_{rng.integers(0, n)}" if n and rng.random() < 0.3 else None
        more = {"part_of": owner} if rng.random() < 0.5 else {"effect_of": owner}
        depth = float(rng.integers(0, 4)) / 4 if rng.random() < 0.5 else None
        things.append(thing(f"d_{n}", disc(x, y, radius), depth=depth, **more))
    names = draw(st.lists(st.sampled_from([t.id for t in things]), min_size=1, max_size=5, unique=True))
    return scene(*things), names


@settings(max_examples=60, deadline=None)
@given(crowds())
def test_masks_of_many_are_those_of_one_by_one(case):
    crowd, names = case
    nothing = Mask.empty(300, 300)
    assert mask_of(crowd, names) == reduce(Mask.__or__, [crowd[name].mask for name in names], nothing)
    others = [t for t in crowd.objects if t.id not in names]
    whole = reduce(Mask.__or__, [t.mask for t in others], nothing)
    assert mask_of_others(crowd, names) == whole
    box = Box(40, 50, 120, 200)
    there = Mask.from_box(box, 300, 300)
    assert mask_of_others(crowd, names, within=box) & there == whole & there

    family = list(names)
    for name in family:
        family += [t.id for t in crowd.objects if name in (t.part_of, t.effect_of) and t.id not in family]
    assert sorted(family_of(crowd, names)) == sorted(family)
    front = nothing
    for t in crowd.objects:
        owners = [crowd[name] for name in names if (crowd[name].mask & t.mask).area]
        nearer = [
            t.depth < o.depth
            if t.depth is not None and o.depth is not None and t.depth != o.depth
            else t.mask.area < o.mask.area
            for o in owners
        ]
        if t.id not in family and owners and all(nearer):
            front = front | t.mask
    assert mask_in_front(crowd, names) == front


def test_a_crowd_costs_as_many_sorted_runs_as_it_has(monkeypatch):
    """Two thousand things, and no mask is combined with another one by one."""
    rng = np.random.default_rng(0)
    things = []
    for n in range(2000):
        x, y = int(rng.integers(0, 1990)), int(rng.integers(0, 1990))
        box = Box(x, y, x + 9, y + 9)
        things.append(SceneObject(id=f"d_{n}", label="d", box=box, mask=Mask.from_box(box, 2000, 2000)))
    crowd = Scene(width=2000, height=2000, objects=tuple(things))
    combined = []
    combine = Mask._combine
    monkeypatch.setattr(Mask, "_combine", lambda a, b, table: combined.append(1) or combine(a, b, table))
    assert mask_of_others(crowd, ["d_7"]).area == mask_of(crowd, [t.id for t in things if t.id != "d_7"]).area
    mask_in_front(crowd, ["d_7"])
    assert len(combined) < 20, "only what lies at the thing is looked at closely"


# ------------------------------------------------------------------------------------------------------------- ground

SAUCER, SPOON = disc(150, 150, 80), disc(150, 150, 15)


def test_the_saucer_is_the_spoon_s_ground_whether_or_not_its_mask_goes_on_below():
    for saucer in (SAUCER, SAUCER & ~SPOON):
        of = scene(thing("saucer_1", saucer), thing("spoon_1", SPOON), thing("pea_1", disc(280, 150, 10)))
        assert ground_of(of, ["spoon_1"]) == ("saucer_1",)
        assert np.array_equal(mask_to_avoid(of, ["spoon_1"]).to_array(), disc(280, 150, 10))
    assert ground_of(of, ["saucer_1"]) == ()


def test_a_table_is_the_ground_of_a_cup_that_stands_on_it_and_not_the_cup_beside_it():
    table = np.zeros((300, 300), dtype=bool)
    table[160:280, 20:280] = True
    cup, beside = disc(100, 140, 25), disc(152, 140, 25)
    of = scene(thing("table_1", table & ~cup & ~beside), thing("cup_1", cup), thing("cup_2", beside))
    assert ground_of(of, ["cup_1"]) == ("table_1",)
    assert np.array_equal(mask_to_avoid(of, ["cup_1"]).to_array(), beside)


def test_neither_what_stands_in_front_nor_what_belongs_to_a_thing_nor_a_narrow_stand_is_ground():
    fence = ring(150, 150, 100, 5)
    animal = disc(150, 150, 40)
    of = scene(thing("animal_1", animal, depth=0.6), thing("fence_1", fence, depth=0.2))
    assert ground_of(of, ["animal_1"]) == ()
    of = scene(thing("animal_1", animal, depth=0.6), thing("fence_1", fence, depth=0.8))
    assert ground_of(of, ["animal_1"]) == ("fence_1",)
    of = scene(thing("animal_1", animal), thing("shadow_1", SAUCER & ~animal, effect_of="animal_1"))
    assert ground_of(of, ["animal_1"]) == ()
    assert ground_of(scene(thing("ball_1", animal), thing("foot_1", disc(150, 205, 15))), ["ball_1"]) == ()
