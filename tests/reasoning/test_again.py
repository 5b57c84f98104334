"""The same once more, of something else; what stands where something stood; and a picture without its background."""

import pytest
from scenes import RIVERSIDE, scene_of

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import lacking_of, plan_explicit


def planned(text, scene=RIVERSIDE, painter=True):
    return plan_explicit(scene, text, painter=painter).actions


@pytest.mark.parametrize(
    "text",
    [
        "make the dog black, and the tower too",
        "make the dog black and the tower as well",
        "make the dog black. The tower too.",
        "make the dog black. Do the same to the tower",
        "make the dog black and do the same with the tower",
        "make the dog black and then the same for the tower",
    ],
)
def test_the_same_is_done_to_another_thing(text):
    assert [(a.kind, a.targets, a.change) for a in planned(text, painter=False)] == [
        ("modify", ("dog_1",), "colour black"),
        ("modify", ("tower_1",), "colour black"),
    ]


def test_what_is_new_is_made_once_for_each():
    first, second = planned("replace the dog with a fox. The man too.")
    assert (first.targets, second.targets) == (("dog_1",), ("man_1",))
    assert first.with_ == second.with_ == "a fox"
    assert first.makes != second.makes


def test_the_eyes_look_for_what_the_same_is_to_be_done_to():
    assert lacking_of(scene_of(800, 600, ""), "remove the kite and the buoy too").labels == ("kite", "buoy")


@pytest.mark.parametrize("text", ["the tower too", "do the same to the tower", "add a boat. The tower too."])
def test_the_same_as_nothing_is_refused(text):
    with pytest.raises(NotUnderstood, match="What is to be done to 'the tower' is not said"):
        planned(text)


def test_too_at_the_end_of_a_whole_wish_is_no_part_of_it():
    (_, action) = planned("remove the dog and add a boat too")
    assert action.what == "a boat"
    (_, action) = planned("remove the dog. I want the tower red too")
    assert (action.targets, action.change) == (("tower_1",), "colour red")


@pytest.mark.parametrize("place", ["where the dog is", "where the dog stands", "where the dog was"])
def test_what_is_put_where_a_thing_stands_replaces_it(place):
    (action,) = planned(f"put a bench {place}")
    assert (action.kind, action.targets, action.with_) == ("replace", ("dog_1",), "a bench")


@pytest.mark.parametrize(
    "text",
    [
        "remove the background",
        "make the background transparent",
        "remove the background and make it transparent",
        "replace the background with transparency",
        "give it a transparent background",
    ],
)
def test_without_its_background_a_picture_is_all_that_is_in_it_on_nothing(text):
    (action,) = planned(text)
    assert (action.kind, action.ground) == ("extract", "transparent")
    assert action.targets == tuple(thing.id for thing in RIVERSIDE.objects)


def test_where_no_thing_is_known_nothing_would_be_left_without_the_background():
    with pytest.raises(NotUnderstood, match="What is to be kept is not said"):
        planned("remove the background", scene_of(800, 600, ""))


def test_a_thing_that_is_called_background_is_removed_as_any_other():
    scene = scene_of(800, 600, "background_1 0 0 800 400 background\ndog_1 300 420 400 500 dog")
    (action,) = planned("remove the background", scene)
    assert (action.kind, action.targets) == ("remove", ("background_1",))
