"""What a model is asked for, region by region."""

import pytest

from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.region import hole_region, regions

MASK = Mask.from_box(Box(40, 40, 80, 90), 200, 300)
SCENE = Scene(width=300, height=200, objects=(SceneObject(id="cup_1", label="cup", box=MASK.box, mask=MASK),))


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
