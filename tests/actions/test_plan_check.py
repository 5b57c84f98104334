"""A plan is held against the scene action by action: what an earlier one took away is gone for the later ones."""

import json

import pytest
from things import boxed, scene_with

from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize, Turn
from cielr.actions.change import Recolour, exact_change
from cielr.core.scene import Scene
from cielr.errors import PlanError
from cielr.region import regions


def thing(name, x, **more):
    return boxed(name, (x, 20, x + 20, 40), 200, 60, **more)


SCENE = scene_with(
    thing("cup_1", 10),
    thing("handle_1", 30, part_of="cup_1"),
    thing("shadow_1", 50, effect_of="handle_1"),
    thing("plate_1", 90),
    thing("spoon_1", 150),
)


def problems(*actions):
    try:
        Plan(actions=actions).check(SCENE)
    except PlanError as error:
        return list(error.problems)
    return []


def on(name):
    return Place(relation="on", anchors=(name,))


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        ((Remove(targets=("ghost_1",)),), "Action 1 (remove) targets 'ghost_1', which is not in the scene."),
        (
            (Move(targets=("cup_1",), to=on("ghost_1")),),
            "Action 1 (move) anchors 'ghost_1', which is not in the scene.",
        ),
        ((Add(what="a pea", where=on("ghost_1")),), "Action 1 (add) anchors 'ghost_1', which is not in the scene."),
        ((Global(style="snow", keep=("ghost_1",)),), "Action 1 (global) keeps 'ghost_1', which is not in the scene."),
        # the last action is looked at as the first is
        (
            (Background(to="a beach"), Global(style="snow"), Remove(targets=("ghost_1",))),
            "Action 3 (remove) targets 'ghost_1', which is not in the scene.",
        ),
        (
            (Remove(targets=("cup_1",)), Global(style="snow"), Modify(targets=("cup_1",), change="red")),
            "Action 3 (modify) targets 'cup_1', which action 1 takes away.",
        ),
        (
            (Replace(targets=("plate_1",), with_="a bowl"), Move(targets=("cup_1",), to=on("plate_1"))),
            "Action 2 (move) anchors 'plate_1', which action 1 takes away.",
        ),
        (
            (Remove(targets=("cup_1",)), Remove(targets=("cup_1",))),
            "Action 2 (remove) targets 'cup_1', which action 1 takes away.",
        ),
        (
            (Remove(targets=("cup_1", "cup_1")),),
            "Action 1 (remove) targets the same object twice.",
        ),
        (
            (Modify(targets=("cup_1",), change="red", keep=("plate_1", "plate_1")),),
            "Action 1 (modify) keeps the same object twice.",
        ),
        (
            (Modify(targets=("plate_1", "cup_1"), change="red", keep=("cup_1",)),),
            "Action 1 (modify) both changes and keeps 'cup_1'.",
        ),
        (
            (Move(targets=("plate_1", "cup_1"), to=on("cup_1")),),
            "Action 1 (move) puts 'cup_1' in a place relative to itself.",
        ),
    ],
)
def test_each_problem_is_named_with_its_action_and_its_object(actions, problem):
    assert problem in problems(*actions)


def test_problems_of_every_kind_are_named_at_once():
    crowd = SCENE.model_copy(update={"crowded": True})
    larger, smaller = (Resize(targets=("spoon_1",), scale=scale) for scale in (2, 0.5))
    with pytest.raises(PlanError) as caught:
        Plan(actions=(Remove(targets=("ghost_1",)), larger, smaller, Background(to="a beach"))).check(crowd)
    for words in ("not in the scene", "Actions 2 and 3 contradict each other", "a crowded photo"):
        assert words in "\n".join(caught.value.problems)


@pytest.mark.parametrize("first", [Remove(targets=("cup_1",)), Replace(targets=("cup_1",), with_="a jug")])
@pytest.mark.parametrize("name", ["cup_1", "handle_1", "shadow_1"])
def test_what_belongs_to_a_thing_is_gone_with_it(first, name):
    [problem] = problems(Background(to="a beach"), first, Modify(targets=(name,), change="red"))
    assert problem == f"Action 3 (modify) targets '{name}', which action 2 takes away."


def test_what_a_plan_that_passes_refers_to_is_there_when_its_turn_comes():
    plan = Plan(
        actions=(
            Remove(targets=("handle_1",)),
            Move(targets=("cup_1",), to=on("plate_1")),
            Modify(targets=("cup_1",), change="red", keep=("plate_1",)),
            Resize(targets=("cup_1",), scale=1.2),
            Remove(targets=("cup_1",)),
            Replace(targets=("plate_1",), with_="a bowl"),
            Modify(targets=("spoon_1",), change="red"),
        )
    )
    plan.check(SCENE)
    assert [region.index for region in regions(plan, SCENE)] == list(range(7))


def test_a_thing_that_is_gone_may_still_be_named_among_the_kept():
    assert problems(Remove(targets=("cup_1",)), Global(style="snow", keep=("cup_1",))) == []


@pytest.mark.parametrize(
    ("first", "second", "contradict"),
    [
        (Resize(targets=("cup_1",), scale=2), Resize(targets=("cup_1",), scale=0.5), True),
        (Resize(targets=("cup_1",), scale=0.5), Resize(targets=("cup_1",), scale=2), True),
        (Resize(targets=("cup_1",), scale=2), Resize(targets=("cup_1",), scale=1.5), False),
        (Resize(targets=("cup_1",), scale=2), Resize(targets=("plate_1",), scale=0.5), False),
        (Resize(targets=("cup_1",), scale=1), Resize(targets=("cup_1",), scale=0.5), False),
        (Modify(targets=("cup_1",), change="colour red"), Modify(targets=("cup_1",), change="colour blue"), True),
        (Modify(targets=("cup_1",), change="colour red"), Modify(targets=("cup_1",), change="colour red"), False),
        (Modify(targets=("cup_1",), change="colour red"), Modify(targets=("plate_1",), change="colour blue"), False),
        (Modify(targets=("cup_1",), change="colour red"), Modify(targets=("cup_1",), change="blur 8px"), False),
        (Modify(targets=("cup_1",), change="brighten 20%"), Modify(targets=("cup_1",), change="darken 10%"), True),
        (Modify(targets=("cup_1",), change="darken 20%"), Modify(targets=("cup_1",), change="brighten 10%"), True),
        (Modify(targets=("cup_1",), change="brighten 20%"), Modify(targets=("cup_1",), change="brighten 9%"), False),
        (Resize(targets=("cup_1",), scale=2), Modify(targets=("cup_1",), change="darken 10%"), False),
    ],
)
def test_two_actions_contradict_each_other_only_over_the_same_object_and_the_same_quality(first, second, contradict):
    # one in between: the two need not follow each other
    wanted = ["Actions 1 and 3 contradict each other over 'cup_1'."] if contradict else []
    assert problems(first, Global(style="snow"), second) == wanted


def test_regions_of_a_plan_that_does_not_fit_are_refused_as_a_plan():
    with pytest.raises(PlanError, match="'ghost_1', which is not in the scene"):
        regions(Plan(actions=(Remove(targets=("ghost_1",)),)), SCENE)


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("brighten 150%", 150),
        ("brighten 2000%", 1000),
        ("darken 30%", 30),
        ("darken 150%", 100),
        ("desaturate 250%", 100),
    ],
)
def test_a_change_by_per_cent_ends_where_nothing_is_left_to_change(text, percent):
    assert exact_change(text).percent == percent


@pytest.mark.parametrize(
    ("text", "strength", "whole"),
    [
        ("colour blue", 1, False),
        ("colour dark red 40%", 0.4, False),
        ("colour all dark red", 1, True),
        ("colour all #123 2.5%", 0.025, True),
        ("colour blue 250%", 1, False),
    ],
)
def test_a_colour_is_for_the_main_part_or_for_all_and_shows_wholly_unless_a_share_is_said(text, strength, whole):
    change = exact_change(text)
    assert isinstance(change, Recolour)
    assert (change.strength, change.whole) == (pytest.approx(strength), whole)


def test_the_background_of_a_crowded_photo_is_no_background():
    plan = Plan(actions=(Background(to="colour white"),))
    plan.check(Scene(width=8, height=8))
    with pytest.raises(PlanError, match="cannot tell the background of a crowded photo from its things"):
        plan.check(Scene(width=8, height=8, crowded=True))


TURN, FLIP = Turn(targets=("cup_1",), degrees=90), Turn(targets=("cup_1",), flip="left_right")
LARGER, AS_IT_IS = Resize(targets=("cup_1",), scale=2), Resize(targets=("cup_1",), scale=1)
ASIDE = Move(targets=("cup_1",), to=Place(relation="by", x=20))


@pytest.mark.parametrize(
    ("first", "second", "undone"),
    [
        (TURN, Turn(targets=("cup_1",), degrees=-90), True),
        (TURN, Turn(targets=("cup_1",), degrees=270), True),
        (TURN, TURN, False),
        (FLIP, FLIP, True),
        (FLIP, Turn(targets=("cup_1",), flip="upside_down"), False),
        (Turn(targets=("cup_1",), degrees=180), FLIP, False),
        (
            Turn(targets=("cup_1",), degrees=360, flip="left_right"),
            Turn(targets=("cup_1",), degrees=360, flip="upside_down"),
            False,
        ),
        (LARGER, Resize(targets=("cup_1",), scale=0.5), True),
        (LARGER, LARGER, False),
        (LARGER, AS_IT_IS, False),
        (AS_IT_IS, LARGER, False),
        (ASIDE, TURN, False),
        (ASIDE, LARGER, False),
    ],
)
def test_what_undoes_an_earlier_action_contradicts_it(first, second, undone):
    assert problems(first, second) == ["Actions 1 and 2 contradict each other over 'cup_1'."] * undone


def test_an_apple_that_becomes_a_red_apple_is_not_expected_to_be_gone():
    for new, kinds in (("a bowl", ["there", "gone"]), ("a blue plate", ["there"])):
        expected = Replace(targets=("plate_1",), with_=new).expects(SCENE)
        assert [each.kind for each in expected] == kinds
        assert all(each.where == SCENE["plate_1"].mask for each in expected)


def test_a_plan_of_more_than_a_thousand_actions_is_refused_before_they_are_compared():
    actions = [{"kind": "modify", "targets": ["cup_1"], "change": "brighten 1%"}] * 10_000
    with pytest.raises(PlanError, match="10,000 actions, and 1,000 are the most"):
        Plan.from_json(json.dumps({"actions": actions}))
    one = Modify(targets=("cup_1",), change="brighten 1%")
    with pytest.raises(PlanError, match="1,001 actions"):
        Plan(actions=(one,) * 1001).check(SCENE)
    most = json.dumps({"actions": [{"kind": "global", "style": "snow"}] * 1000})
    Plan.from_json(most).check(SCENE)


def test_many_problems_are_told_in_a_few_lines():
    with pytest.raises(PlanError) as caught:
        Plan(actions=(Remove(targets=("ghost_1",)),) * 900).check(SCENE)
    assert len(caught.value.problems) >= 900
    assert len(str(caught.value)) < 1000
    assert str(caught.value).endswith("more problems.")
    with pytest.raises(PlanError) as caught:
        Plan.from_json(json.dumps({"actions": [{"kind": "explode"}] * 900}))
    assert len(str(caught.value)) < 2500
    assert "(900 in all)" in str(caught.value)
