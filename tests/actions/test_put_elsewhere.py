"""Swap, turn, duplicate and extract: the things' own pixels, exact outside, and the scene as they leave it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from things import boxed, scene_with

from cielr.actions import Duplicate, Extract, Modify, Move, Place, Plan, Remove, Resize, Swap, Turn
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute
from cielr.errors import PlanError
from cielr.region import alpha_left, regions, seeded

HEIGHT, WIDTH = 90, 140
RED, GREEN = (230, 30, 30), (30, 200, 60)


CUP, PHONE = Box(20, 30, 40, 60), Box(90, 40, 120, 70)
SCENE = scene_with(boxed("cup_1", CUP, WIDTH, HEIGHT), boxed("phone_1", PHONE, WIDTH, HEIGHT))


def picture():
    rng = np.random.default_rng(3)
    image = np.clip(rng.normal(128, 3, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
    image[CUP.slices], image[PHONE.slices] = RED, GREEN
    return image


def edited(*actions, scene=SCENE, image=None):
    image = picture() if image is None else image
    cut = seeded(regions(Plan(actions=actions), scene), 0)
    return image, execute(image, cut), cut


def middle(image, box):
    x, y = (round(v) for v in box.center)
    return tuple(int(v) for v in image[y, x])


def test_two_things_that_trade_places_both_survive():
    before, after, [region] = edited(Swap(targets=("cup_1", "phone_1")))
    left = region.action.after(SCENE)
    assert middle(after, left["phone_1"].box) == GREEN
    assert middle(after, left["cup_1"].box) == RED
    # each fits where the other stood, and stands on the same ground
    for name, goal in (("phone_1", CUP), ("cup_1", PHONE)):
        box = left[name].box
        assert box.y1 == pytest.approx(goal.y1, abs=1)
        assert box.width <= goal.width + 1
        assert box.height <= goal.height + 1
    outside = ~region.support.to_array()
    assert np.array_equal(after[outside], before[outside])


def test_a_swap_is_of_two():
    for targets in ("cup_1",), ("cup_1", "phone_1", "cup_1"):
        with pytest.raises(PlanError, match="takes 2 items at"):
            Plan.from_json(f'{{"actions": [{{"kind": "swap", "targets": {list(targets)}}}]}}'.replace("'", '"'))


def test_a_mirrored_thing_shows_its_other_side_and_twice_is_as_before():
    image = picture()
    image[30:60, 20:30] = GREEN
    flip = Turn(targets=("cup_1",), flip="left_right")
    _, once, _ = edited(flip, image=image)
    assert tuple(once[45, 24]) == RED
    assert tuple(once[45, 36]) == GREEN
    _, twice, _ = edited(flip, image=once)
    inner = np.s_[33:57, 23:37]
    assert np.array_equal(twice[inner], image[inner])


def test_a_quarter_turn_lays_a_thing_down():
    _, after, [region] = edited(Turn(targets=("cup_1",), degrees=90))
    box = region.action.after(SCENE)["cup_1"].box
    assert (box.width, box.height) == (CUP.height, CUP.width)
    assert middle(after, box) == RED
    assert tuple(after[31, 30]) != RED, "where it stood, ground is filled in"


@pytest.mark.parametrize("nothing", [{}, {"degrees": 0}, {"degrees": 360}])
def test_a_turn_by_nothing_is_no_turn(nothing):
    with pytest.raises(ValueError, match="other than 0"):
        Turn(targets=("cup_1",), **nothing)


def test_a_copy_stands_where_it_is_put_and_can_be_meant_by_its_name():
    copy = Duplicate(targets=("cup_1",), to=Place(relation="by", x=30, y=0))
    before, after, cut = edited(copy, Modify(targets=("cup_2",), change="colour blue"))
    assert middle(after, CUP) == RED, "the thing itself stays"
    r, g, b = middle(after, CUP.shift(30, 0))
    assert b > max(r, g)
    outside = ~(cut[0].support | cut[1].support).to_array()
    assert np.array_equal(after[outside], before[outside])


def test_a_copy_behind_its_anchor_is_cut_off_by_it_and_one_in_front_is_whole():
    phone = SCENE["phone_1"].mask
    for relation, hidden in (("behind", True), ("in_front_of", False)):
        copy = Duplicate(targets=("cup_1",), to=Place(relation=relation, anchors=("phone_1",)))
        [region] = edited(copy)[2]
        goal = region.pastes[0].goal
        assert goal.overlaps(phone)
        assert region.support == (goal - phone if hidden else goal)


def test_an_extracted_thing_keeps_its_pixels_and_the_rest_is_transparent_or_plain():
    before, after, cut = edited(Extract(targets=("cup_1",)))
    assert np.array_equal(after, before), "what is transparent keeps its colours"
    alpha = alpha_left(cut, HEIGHT, WIDTH)
    assert (alpha[CUP.slices] == 1).all()
    far = ~Mask.from_box(CUP, HEIGHT, WIDTH).grow(4).to_array()
    assert (alpha[far] == 0).all()
    before, after, cut = edited(Extract(targets=("cup_1",), ground="white"))
    assert alpha_left(cut, HEIGHT, WIDTH) is None
    assert np.array_equal(after[CUP.slices], before[CUP.slices])
    assert (after[far] == 255).all()
    assert [thing.id for thing in cut[0].action.after(SCENE).objects] == ["cup_1"]


def test_what_was_taken_away_by_an_extraction_cannot_be_meant_after_it():
    plan = Plan(actions=(Extract(targets=("cup_1",), ground="white"), Remove(targets=("phone_1",))))
    with pytest.raises(PlanError, match="'phone_1', which action 1 takes away"):
        plan.check(SCENE)


def test_a_free_outline_has_room_and_a_kept_one_has_none():
    kept, free = (
        regions(Plan(actions=(Modify(targets=("cup_1",), change="with a lid", outline=outline),)), SCENE)[0]
        for outline in ("keep", "free")
    )
    own = SCENE["cup_1"].mask
    assert (kept.support - own).is_empty
    assert not (free.support - own).is_empty
    assert (own - free.support).is_empty
    assert kept.strength < free.strength < 1


NAMES = st.sampled_from(["cup_1", "phone_1"])
PLACES = st.builds(lambda x, y: Place(relation="by", x=x, y=y), st.integers(-12, 12), st.integers(-12, 12))
ACTIONS = st.one_of(
    st.builds(lambda n, d: Turn(targets=(n,), degrees=d), NAMES, st.floats(1, 359)),
    st.builds(lambda n: Turn(targets=(n,), flip="upside_down"), NAMES),
    st.just(Swap(targets=("cup_1", "phone_1"))),
    st.builds(lambda n, p: Duplicate(targets=(n,), to=p), NAMES, PLACES),
    st.builds(lambda n, p: Move(targets=(n,), to=p), NAMES, PLACES),
    st.builds(lambda n, s: Resize(targets=(n,), scale=s), NAMES, st.floats(0.5, 1.4)),
    st.builds(lambda n: Modify(targets=(n,), change="colour blue"), NAMES),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ACTIONS, min_size=1, max_size=4), st.booleans())
def test_outside_the_union_of_the_regions_not_one_sample_changes(actions, floats):
    plan = Plan(actions=tuple(actions))
    try:
        plan.check(SCENE)
    except PlanError:
        return
    image = picture()
    image = (image / 255).astype(np.float32) if floats else image
    cut = seeded(regions(plan, SCENE), 0)
    after = execute(image, cut)
    outside = ~Mask.union([region.support for region in cut], HEIGHT, WIDTH).to_array()
    assert after.dtype == image.dtype
    assert np.array_equal(after[outside], image[outside])
