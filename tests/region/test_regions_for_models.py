"""What a model is asked for, region by region."""

import pytest
from things import boxed, masked, scene_with

from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.region import hole_region, regions

MASK = Mask.from_box(Box(40, 40, 80, 90), 200, 300)
SCENE = scene_with(masked("cup_1", MASK))


def region_of(action):
    return regions(Plan(actions=(action,)), SCENE)[0]


@pytest.mark.parametrize(
    ("action", "need"),
    [
        (Remove(targets=("cup_1",)), "fill"),
        (Move(targets=("cup_1",), to=Place(relation="by", x=50)), "fill"),
        (Resize(targets=("cup_1",), scale=0.5), "fill"),
        (Modify(targets=("cup_1",), change="colour red"), "code"),
        (Modify(targets=("cup_1",), change="colour of the sea"), "draw"),
        (Modify(targets=("cup_1",), change="brighten it"), "draw"),
        (Background(to="blur 8px"), "code"),
        (Background(to="a beach"), "draw"),
        (Global(style="desaturate 100%"), "code"),
        (Replace(targets=("cup_1",), with_="an orange"), "draw"),
        (Add(what="a cat", where=Place(relation="at", x=0.5, y=0.5)), "draw"),
    ],
)
def test_each_action_says_what_it_takes(action, need):
    assert region_of(action).action.needs == need


def test_the_hole_of_a_moved_thing_is_a_region_of_its_own():
    moved = region_of(Move(targets=("cup_1",), to=Place(relation="by", x=100, y=20)))
    hole = hole_region(moved)
    assert hole.action.kind == "remove"
    assert hole.pastes == ()
    assert (MASK - hole.support).is_empty
    assert (hole.support - moved.support).is_empty
    assert (hole.alpha()[hole.inside(MASK)] == 1).all()
    with pytest.raises(ValueError, match="leaves no hole"):
        hole_region(region_of(Remove(targets=("cup_1",))))


@pytest.mark.parametrize(
    ("action", "order"),
    [
        (Remove(targets=("cup_1",)), "Remove the cup."),
        (Remove(targets=("cup_1", "spoon_1")), "Remove the cup and the spoon."),
        (Replace(targets=("cup_1",), with_="a glass"), "Replace the cup with a glass."),
        (Modify(targets=("cup_1",), change="made of glass."), "Change the cup: made of glass."),
        (Modify(targets=("cup_1",), change="tipped over", outline="free"), "Change the cup: tipped over."),
        (Background(to="a beach"), "Change the background to a beach."),
        (Global(style="watercolour"), "Change the whole picture: watercolour."),
        (Add(what="a fork", where=Place(relation="left_of", anchors=("cup_1",))), "Add a fork in the middle."),
        (Move(targets=("cup_1",), to=Place(relation="left_of", anchors=("spoon_1",))), "Remove the cup."),
    ],
)
def test_a_painter_that_follows_instructions_is_told_what_to_do_and_to_keep_the_rest(action, order):
    scene = scene_with(boxed("cup_1", (60, 40, 80, 60), 160, 100), boxed("spoon_1", (84, 44, 92, 60), 160, 100))
    given = regions(Plan(actions=(action,)), scene)
    assert {region.instruction for region in given} == {
        f"{order} Keep everything else, the framing and the light exactly as they are."
    }
    wished = regions(Plan(actions=(action.model_copy(update={"prompt": "a tidy table"}),)), scene)
    assert wished[0].instruction.startswith(f"{order} The result shows a tidy table. Keep")
