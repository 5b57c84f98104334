"""A plan in stretches, and the names of what it makes: the same however it is cut."""

import pytest
from round_things import disc, scene
from things import masked as thing

from cielr.actions import Add, Modify, Move, Place, Plan, Remove, Replace
from cielr.errors import PlanError
from cielr.region import stretches

FLOCK = scene(thing("sheep_1", disc(100, 100, 40)), thing("tree_1", disc(220, 200, 30)))
GOAT = Replace(targets=("sheep_1",), with_="a brown goat")
BELL = Add(what="a bell", where=Place(relation="inside", anchors=("goat_1",)), size="small")
HIDE_TREE = Modify(targets=("tree_1",), change="colour red")


def cut(*actions):
    return [
        (part.first, [action.kind for action in part.actions], part.waits_for)
        for part in stretches(Plan(actions=actions), FLOCK)
    ]


def test_a_plan_is_cut_where_something_refers_to_what_was_drawn():
    yellow = Modify(targets=("bell_1",), change="colour yellow")
    assert cut(HIDE_TREE, GOAT, BELL, yellow) == [
        (0, ["modify", "replace"], ()),
        (2, ["add"], ("goat_1",)),
        (3, ["modify"], ("bell_1",)),
    ]


def test_what_is_put_elsewhere_by_code_needs_no_second_look():
    assert len(cut(*(Move(targets=("sheep_1",), to=Place(relation="by", x=9, y=0)),) * 2)) == 1


def test_a_stretch_waits_for_all_that_its_actions_refer_to_and_for_each_thing_once():
    red, blue = (Modify(targets=("goat_1",), change=f"colour {colour}") for colour in ("red", "blue"))
    tree = Modify(targets=("goat_1", "bell_1"), change="brighten 10%", keep=("tree_1",))
    assert cut(GOAT, red, HIDE_TREE, blue) == [(0, ["replace"], ()), (1, ["modify"] * 3, ("goat_1",))]
    assert cut(GOAT, BELL, tree, red)[2:] == [(2, ["modify", "modify"], ("bell_1", "goat_1"))]
    # what an earlier stretch drew makes no cut of its own, but is looked at again where it is first spoken of
    later = Add(what="a kite", where=Place(relation="inside", anchors=("tree_1",)))
    assert cut(GOAT, later, Modify(targets=("kite_1",), change="colour red"), red) == [
        (0, ["replace", "add"], ()),
        (2, ["modify", "modify"], ("kite_1", "goat_1")),
    ]


def test_all_that_a_plan_makes_has_a_name_of_its_own():
    bell = Add(what="a bell", where=Place(relation="at", x=0.5, y=0.9))
    gone = Remove(targets=("tree_1",))
    named = Plan(actions=(bell, bell, GOAT, gone)).named(FLOCK)
    assert [getattr(action, "makes", ()) for action in named.actions] == [("bell_1",), ("bell_2",), ("goat_1",), ()]
    assert named.actions[3] == gone
    assert named.named(FLOCK) == named
    second = Modify(targets=("bell_2",), change="colour red")
    Plan(actions=(bell, bell, second)).check(FLOCK)
    with pytest.raises(PlanError, match="'bell_2', which only action 3 makes"):
        Plan(actions=(bell, second, bell)).check(FLOCK)
