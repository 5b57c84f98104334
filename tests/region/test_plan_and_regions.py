import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cielr.actions import KINDS as ALL_KINDS
from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.actions.placement import place_box
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.errors import EditError, PlanError
from cielr.region import Paste, Region, regions, scene_after, seeded, with_support
from cielr.telling.wording import idle_words

WIDTH, HEIGHT = 400, 300


def thing(name, box, **more):
    box = Box(*box)
    return SceneObject(id=name, label=name.split("_")[0], box=box, mask=Mask.from_box(box, HEIGHT, WIDTH), **more)


CUP, PLATE, SPOON = (
    thing("cup_1", (50, 50, 90, 100)),
    thing("plate_1", (250, 200, 330, 240)),
    thing("spoon_1", (95, 60, 130, 70)),
)
SCENE = Scene(width=WIDTH, height=HEIGHT, objects=(CUP, PLATE, SPOON))


def only(*actions, scene=SCENE, **more):
    return regions(Plan(actions=actions), scene, **more)


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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"actions": [{"kind": "explode"}]}',
        '{"actions": [{"kind": "remove", "targets": []}]}',
        '{"actions": [{"kind": "resize", "targets": ["a"], "scale": 0}]}',
        '{"actions": [{"kind": "move", "targets": ["a"], "to": {"relation": "between", "anchors": ["b"]}}]}',
        '{"actions": [{"kind": "remove", "targets": ["a"], "colour": "red"}]}',
    ],
)
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(PlanError):
        Plan.from_json(text)


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


def test_check_names_every_problem_at_once():
    plan = Plan(
        actions=(
            Remove(targets=("ghost_1",)),
            Remove(targets=("cup_1",)),
            Modify(targets=("cup_1",), change="red"),
            Modify(targets=("plate_1",), change="red", keep=("plate_1",)),
            Move(targets=("plate_1",), to=Place(relation="on", anchors=("plate_1",))),
            Resize(targets=("spoon_1",), scale=2),
            Resize(targets=("spoon_1",), scale=0.5),
            Remove(targets=("spoon_1", "spoon_1")),
        )
    )
    with pytest.raises(PlanError) as caught:
        plan.check(SCENE)
    problems = "\n".join(caught.value.problems)
    for words in (
        "'ghost_1', which is not in the scene",
        "Action 3 (modify) targets 'cup_1', which action 2 takes away",
        "both changes and keeps 'plate_1'",
        "relative to itself",
        "Actions 6 and 7 contradict each other over 'spoon_1'",
        "the same object twice",
    ):
        assert words in problems


def test_a_plan_that_fits_passes():
    Plan(
        actions=(Move(targets=("cup_1",), to=Place(relation="on", anchors=("plate_1",))), Remove(targets=("spoon_1",)))
    ).check(SCENE)


# ------------------------------------------------------------------------------------------------------------ regions


def test_remove_covers_the_thing_and_a_rim_but_no_other_thing():
    region = only(Remove(targets=("cup_1",)))[0]
    assert (CUP.mask - region.support).is_empty
    assert region.support.area > CUP.mask.area
    assert not region.support.overlaps(SPOON.mask), "five pixels away, and not eaten"
    assert (region.alpha()[region.inside(CUP.mask)] == 1).all(), "no rim of the cup stays"
    assert region.negative_prompt == "cup"


def test_modify_stays_inside_and_spares_what_is_kept():
    region = only(Modify(targets=("cup_1",), change="red"))[0]
    assert region.support == CUP.mask
    half = thing("half_1", (50, 50, 70, 100))
    scene = Scene(width=WIDTH, height=HEIGHT, objects=(CUP, half))
    kept = only(Modify(targets=("cup_1",), change="red", keep=("half_1",)), scene=scene)[0]
    assert not kept.support.overlaps(half.mask)


def test_what_stands_in_front_is_carved_out():
    front = thing("hand_1", (60, 60, 80, 80), depth=0.1)
    cup = CUP.model_copy(update={"depth": 0.5})
    scene = Scene(width=WIDTH, height=HEIGHT, objects=(cup, front))
    assert not only(Modify(targets=("cup_1",), change="red"), scene=scene)[0].support.overlaps(front.mask)
    behind = Scene(width=WIDTH, height=HEIGHT, objects=(cup, front.model_copy(update={"depth": 0.9})))
    assert only(Modify(targets=("cup_1",), change="red"), scene=behind)[0].support == CUP.mask


def test_shadows_go_with_what_casts_them():
    shadow = thing("shadow_1", (60, 110, 90, 120), effect_of="cup_1")
    scene = Scene(width=WIDTH, height=HEIGHT, objects=(CUP, shadow))
    assert (shadow.mask - only(Remove(targets=("cup_1",)), scene=scene)[0].support).is_empty
    assert scene_after(scene, Remove(targets=("cup_1",))).ids == ()


def test_far_apart_targets_are_edited_apart_near_ones_together():
    far = only(Remove(targets=("cup_1", "plate_1")))
    assert [region.part for region in far] == [0, 1]
    near = only(Remove(targets=("cup_1", "spoon_1")))
    assert len(near) == 1


def test_background_is_all_but_the_things_and_global_is_all():
    background = only(Background(to="a beach"))[0].support
    assert background.area == WIDTH * HEIGHT - sum(t.mask.area for t in SCENE.objects)
    assert only(Global(style="snow"))[0].support.area == WIDTH * HEIGHT


def test_global_spares_what_is_kept():
    [region] = only(Global(style="at night", keep=("cup_1",)))
    assert (region.support & CUP.mask).is_empty
    assert region.support == ~CUP.mask


def test_each_action_meets_the_scene_that_the_earlier_ones_left():
    moved = only(
        Move(targets=("cup_1",), to=Place(relation="by", x=100, y=50)), Modify(targets=("cup_1",), change="red")
    )
    assert moved[1].support == CUP.mask.shift(100, 50)
    gone = scene_after(SCENE, Replace(targets=("cup_1",), with_="orange"))
    assert "orange_1" in gone.ids
    assert "cup_1" not in gone.ids


def test_painted_masks_bound_the_regions():
    left = Mask.from_box(Box(0, 0, 70, HEIGHT), HEIGHT, WIDTH)
    inside = only(Remove(targets=("cup_1",)), only=left)[0].support
    assert inside.box.x1 <= 70
    outside = only(Remove(targets=("cup_1",)), never=left)[0].support
    assert outside.box.x0 >= 70
    everything = Mask.from_box(Box(0, 0, WIDTH, HEIGHT), HEIGHT, WIDTH)
    assert only(Remove(targets=("cup_1",)), never=everything) == []


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


def test_a_thing_moved_out_of_the_picture_is_refused():
    with pytest.raises(EditError, match="out of the picture"):
        only(Move(targets=("cup_1",), to=Place(relation="by", x=-500, y=0)))


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


def test_a_corrected_support_moves_the_crop_along():
    region = only(Remove(targets=("cup_1",)))[0]
    other = Mask.from_box(Box(300, 250, 310, 260), HEIGHT, WIDTH)
    corrected = with_support(region, other)
    assert corrected.crop.contains(other.box)


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


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("left_of", lambda box, a: box.x1 < a.x0),
        ("right_of", lambda box, a: box.x0 > a.x1),
        ("above", lambda box, a: box.y1 < a.y0),
        ("below", lambda box, a: box.y0 > a.y1),
        ("inside", lambda box, a: a.contains(box)),
        ("in_front_of", lambda box, a: box.y1 > a.y1),
        ("behind", lambda box, a: box.y1 < a.y1),
    ],
)
def test_a_placed_box_stands_in_the_relation(relation, holds):
    box = place_box((20, 16), Place(relation=relation, anchors=("plate_1",)), SCENE)
    assert (box.width, box.height) == (20, 16)
    assert holds(box, PLATE.box)


def test_a_box_at_a_point_is_centred_there_and_pushed_inside():
    assert place_box((20, 10), Place(relation="at", x=0.5, y=0.5), SCENE) == Box(190, 145, 210, 155)
    assert place_box((20, 10), Place(relation="at", x=0, y=1), SCENE) == Box(0, 290, 20, 300)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 4), st.integers(-30, 30), st.integers(-30, 30))
def test_a_scaled_mask_keeps_its_centre_and_scales_its_area(scale, dx, dy):
    mask = Mask.from_box(Box(150, 120, 190, 160), HEIGHT, WIDTH)
    placed = Paste(source=mask, scale=scale, dx=dx, dy=dy).goal
    assert placed.area**0.5 == pytest.approx(mask.area**0.5 * scale, abs=0.51)
    assert placed.centroid == pytest.approx((mask.centroid[0] + dx, mask.centroid[1] + dy), abs=1)
