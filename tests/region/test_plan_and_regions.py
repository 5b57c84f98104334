"""Plans as people type them, and their regions as JSON."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from things import boxed, scene_with

from cielr.actions import KINDS as ALL_KINDS
from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.errors import PlanError
from cielr.region import Paste, Region, regions, seeded
from cielr.telling.wording import idle_words

WIDTH, HEIGHT = 400, 300


CUP, PLATE, SPOON = (
    boxed("cup_1", (50, 50, 90, 100), WIDTH, HEIGHT),
    boxed("plate_1", (250, 200, 330, 240), WIDTH, HEIGHT),
    boxed("spoon_1", (95, 60, 130, 70), WIDTH, HEIGHT),
)
SCENE = scene_with(CUP, PLATE, SPOON)


def only(*actions):
    return regions(Plan(actions=actions), SCENE)


# -------------------------------------------------------------------------------------------------------------- plans

ACTIONS = (
    Remove(targets=("cup_1",), reason="asked for"),
    Replace(targets=("cup_1",), with_="a button"),
    Modify(targets=("plate_1", "spoon_1"), change="of glass", keep=("cup_1",)),
    Add(what="a cat", where=Place(relation="next_to", anchors=("plate_1",)), size="small"),
    Background(to="a beach"),
    Move(targets=("cup_1",), to=Place(relation="by", x=10, y=-3)),
    Resize(targets=("cup_1",), scale=1.5),
    Global(style="as an oil painting"),
)


def test_a_plan_survives_json_byte_for_byte_and_says_with_and_global():
    plan = Plan(actions=ACTIONS, summary="All kinds.")
    text = plan.to_json()
    assert Plan.from_json(text) == plan
    assert Plan.from_json(text).to_json() == text
    assert '"with": "a button"' in text
    assert '"kind": "global"' in text


ONE = '{"actions": [%s]}'
KINDS = ", ".join(ALL_KINDS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is not JSON: it is empty."),
        ("remove the coin", "This is not JSON: it begins with 'remove' and not with a brace."),
        (
            '{"actions": [\n{"kind": "remove" "targets": []}]}',
            "line 2, column 19: a comma or a closing bracket is missing.",
        ),
        ('{"actions": [1,]}', "This is not JSON: line 1, column"),
        ('{"actions": []} x', "This is not JSON: line 1, column 17: something follows after the end."),
        ('{"actions": "rem', "This is not JSON: line 1, column 13: a quotation mark is missing."),
        ("[" * 100_000, "This is not JSON: it is nested too deep."),
        ("[]", "This is not a plan: the whole: takes names and values in braces."),
        ('{"action": []}', "This is not a plan: 'action' does not belong there."),
        (ONE % '{"kind": "explode"}', f"Action 1: 'explode' is not a kind of action; there are {KINDS}."),
        (ONE % '{"targets": ["a"]}', "This is not a plan: Action 1: 'kind' is missing."),
        (ONE % '{"kind": "remove"}', "Action 1 (remove): 'targets' is missing."),
        (ONE % '{"kind": "remove", "targets": ["a"], "colour": "red"}', "(remove): 'colour' does not belong there."),
        (ONE % '{"kind": "remove", "targets": []}', "Action 1 (remove), targets: is empty."),
        (ONE % '{"kind": "remove", "targets": "a"}', "Action 1 (remove), targets: takes a list in brackets."),
        (
            ONE % '{"kind": "remove", "targets": ["a", 3]}',
            "Action 1 (remove), target 2: takes a text in double quotes.",
        ),
        (
            ONE % '{"kind": "remove", "targets": ["a"]}, {"kind": "resize", "targets": ["a"], "scale": "big"}',
            "This is not a plan: Action 2 (resize), scale: takes a number.",
        ),
        (
            ONE % '{"kind": "resize", "targets": ["a"], "scale": 0}',
            "Action 1 (resize), scale: is to be greater than 0.",
        ),
        (
            ONE % '{"kind": "move", "targets": ["a"], "to": {"relation": "on"}}',
            "Action 1 (move), to: 'on' takes 1 anchor, not 0.",
        ),
        (
            ONE % '{"kind": "add", "what": "x", "where": {"relation": "by"}, "size": "huge"}',
            "Action 1 (add), size: 'huge' is not 'tiny', 'small', 'medium', 'large' or 'same'.",
        ),
    ],
)
def test_what_is_wrong_in_a_typed_plan_is_said_for_people(text, sentence):
    with pytest.raises(PlanError) as caught:
        Plan.from_json(text)
    assert sentence in str(caught.value)
    assert not set("[]") & set(str(caught.value))


# ------------------------------------------------------------------------------------------------------------ regions


def test_global_spares_what_is_kept():
    [region] = only(Global(style="at night", keep=("cup_1",)))
    assert (region.support & CUP.mask).is_empty
    assert region.support == ~CUP.mask


def test_each_action_meets_the_scene_that_the_earlier_ones_left():
    moved = only(
        Move(targets=("cup_1",), to=Place(relation="by", x=100, y=50)), Modify(targets=("cup_1",), change="red")
    )
    assert moved[1].support == CUP.mask.shift(100, 50)


def test_actions_without_a_region_and_plans_without_an_action_are_told():
    plan = Plan(actions=(Remove(targets=("cup_1",)),))
    assert idle_words(plan, regions(plan, SCENE)) == []
    both = Plan(actions=(Remove(targets=("cup_1",)), Global(style="brighten 20%")))
    over_the_cup = regions(both, SCENE, never=SCENE["cup_1"].mask.grow(30))
    [told] = idle_words(both, over_the_cup)
    assert told == "Action 1: nothing is left of its region, so it does nothing (Remove cup_1)."
    assert idle_words(Plan(), []) == ["The plan has no action; the image stays as it is."]


def test_a_plan_of_which_nothing_is_left_is_told_in_one_sentence():
    everything = Mask.from_box(Box(0, 0, WIDTH, HEIGHT), HEIGHT, WIDTH)
    plan = Plan(actions=(Remove(targets=("cup_1",)), Global(style="brighten 20%")))
    [told] = idle_words(plan, regions(plan, SCENE, never=everything))
    assert told == (
        "Nothing is left of any region of the plan (1. Remove cup_1. 2. Brighten the whole picture by 20 %); "
        "the image stays as it is."
    )
    [long] = idle_words(Plan(actions=tuple(Global(style=f"brighten {k}%") for k in range(1, 31))), [])
    assert "6 %, and 24 more); the image stays as it is." in long


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.kind)
def test_a_region_survives_json_byte_for_byte_without_the_reason(action):
    for region in seeded(only(action), 7):
        text = region.to_json()
        assert Region.from_json(text).to_json() == text
        assert "asked for" not in text


def test_seeds_follow_the_action_and_not_its_place_or_reason():
    cup, plate = Remove(targets=("cup_1",)), Remove(targets=("plate_1",))
    alone = seeded(only(plate), 3)[0].seed
    after = seeded(only(cup, plate.model_copy(update={"reason": "because"})), 3)
    assert after[1].seed == alone
    assert after[0].seed != alone
    assert seeded(only(plate), 4)[0].seed != alone
    assert plate.content() == plate.model_copy(update={"reason": "x"}).content()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.integers(1, 60), st.integers(1, 60))
def test_a_feather_rises_from_the_support_s_edge_and_never_leaves_it(feather, width, height):
    mask = Mask.from_box(Box(20, 30, 20 + width, 30 + height), 150, 150)
    region = Region(action=Global(style="x"), index=0, support=mask, feather=feather, crop=Box(5, 5, 140, 140))
    alpha, inside = region.alpha(), region.inside(mask)
    assert (alpha[~inside] == 0).all()
    assert (alpha[inside] > 0).all()
    # the distance to the outside of a box is known without a distance transform
    y, x = np.mgrid[:135, :135] + 5
    depth = np.minimum.reduce([x - 19, 20 + width - x, y - 29, 30 + height - y])
    assert np.allclose(alpha[inside], np.minimum(depth / (feather + 1), 1)[inside], atol=1e-6)


# ---------------------------------------------------------------------------------------------------------- placement


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 4), st.integers(-30, 30), st.integers(-30, 30))
def test_a_scaled_mask_keeps_its_centre_and_scales_its_area(scale, dx, dy):
    mask = Mask.from_box(Box(150, 120, 190, 160), HEIGHT, WIDTH)
    placed = Paste(source=mask, scale=scale, dx=dx, dy=dy).goal
    assert placed.area**0.5 == pytest.approx(mask.area**0.5 * scale, abs=0.51)
    assert placed.centroid == pytest.approx((mask.centroid[0] + dx, mask.centroid[1] + dy), abs=1)
