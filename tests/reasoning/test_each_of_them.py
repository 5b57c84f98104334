"""Something new for each of several things, and things picked from the middle, from the end and by nearness."""

import pytest
from scenes import scene_of

from cielr.errors import Ambiguous, NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit

ROOM = scene_of(
    800,
    600,
    """
    table_1 50 300 250 400 table
    table_2 300 300 500 400 table
    man_1 520 200 590 500 man
    woman_1 600 210 670 500 woman
    dog_1 690 400 760 500 dog
    dog_2 20 440 48 480 dog
    chair_1 100 520 140 590 chair
    chair_2 160 520 200 590 chair
    chair_3 220 520 260 590 chair
    chair_4 280 520 320 590 chair
    """,
)


def planned(text):
    return plan_explicit(ROOM, text, painter=True).actions


@pytest.mark.parametrize(
    ("text", "what", "anchors"),
    [
        ("place a vase on each table", "a vase", ("table_1", "table_2")),
        ("put a lamp on both tables", "a lamp", ("table_1", "table_2")),
        ("put cloths on the tables", "a cloth", ("table_1", "table_2")),
        ("give each dog a collar", "a collar", ("dog_1", "dog_2")),
        ("give the dogs hats", "a hat", ("dog_1", "dog_2")),
        ("give the man and the woman a hat", "a hat", ("man_1", "woman_1")),
        ("give hats to the man and the woman", "hats", ("man_1", "woman_1")),
        ("put a hat on the man and the woman", "a hat", ("man_1", "woman_1")),
        ("put sunglasses on everyone", "sunglasses", ("man_1", "woman_1")),
    ],
)
def test_each_of_them_gets_one(text, what, anchors):
    actions = planned(text)
    assert [action.where.anchors for action in actions] == [(name,) for name in anchors]
    assert {(action.kind, action.what, action.where.relation) for action in actions} == {("add", what, "on")}
    made = [name for action in actions for name in action.makes]
    assert len(set(made)) == len(anchors)


@pytest.mark.parametrize("text", ["put a lamp on the tables", "add a lamp next to the two tables"])
def test_one_thing_and_several_places_are_asked_about(text):
    with pytest.raises(Ambiguous, match="table_1, table_2"):
        planned(text)


def test_one_thing_above_two_others_is_not_given_to_each():
    with pytest.raises(NotUnderstood, match="Whether each of 'above the man and the woman' is to have one"):
        planned("add a bird above the man and the woman")


def test_a_sum_is_nothing_to_be_drawn():
    with pytest.raises(NotUnderstood, match="is a sum"):
        planned("add 5 to the score")


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("remove the two middle chairs", {"chair_2", "chair_3"}),
        ("remove the two chairs in the middle", {"chair_2", "chair_3"}),
        ("remove the second to last chair", {"chair_3"}),
        ("remove the next to last chair", {"chair_3"}),
        ("remove the penultimate chair", {"chair_3"}),
        ("remove the third from last chair", {"chair_2"}),
        ("remove the closest chair to the woman", {"chair_4"}),
    ],
)
def test_things_are_picked_from_the_middle_from_the_end_and_by_nearness(text, targets):
    (action,) = planned(text)
    assert set(action.targets) == targets


def test_three_of_four_have_no_middle():
    with pytest.raises(Ambiguous, match="Which 3 of the 4 that fit 'chairs' are in the middle"):
        planned("remove the three middle chairs")


@pytest.mark.parametrize(
    ("text", "target", "scale"),
    [
        ("make the smaller dog as big as the larger one", "dog_2", 2.5),
        ("make the larger dog as small as the smaller one", "dog_1", 0.4),
    ],
)
def test_one_is_made_as_large_as_the_other(text, target, scale):
    (action,) = planned(text)
    assert (action.kind, action.targets, action.scale) == ("resize", (target,), scale)


@pytest.mark.parametrize("text", ["change the places of the two tables", "switch the positions of the two tables"])
def test_places_are_changed(text):
    (action,) = planned(text)
    assert (action.kind, set(action.targets)) == ("swap", {"table_1", "table_2"})


def test_of_several_each_becomes_one():
    (action,) = planned("replace the chairs with red stools")
    assert action.with_ == "a red stool"
    (action,) = planned("replace the chairs with flowers")
    assert action.with_ == "flowers"
    (action,) = planned("replace the man with robots")
    assert action.with_ == "robots"
