"""How people say whom they mean: five people in shirts, told apart by place, clothes and neighbours, never guessed."""

import pytest
from scenes import scene_of

from cielr.core.scene import Scene
from cielr.errors import CielrError
from cielr.reasoning.grammar.reader import plan_explicit

SHIRTS = {"man_1": "blue", "woman_2": "red", "man_3": "blue", "woman_4": "white", "man_5": "green"}
PEOPLE = scene_of(
    900,
    500,
    """
    man_1 20 100 160 420
    woman_2 190 100 330 420
    man_3 370 140 510 500
    woman_4 540 100 680 420
    man_5 720 100 860 420
    """,
)


def dressed(scene: Scene) -> Scene:
    """Each with a shirt that is a part of him or her."""
    shirts = []
    for thing in scene.objects:
        shirt = scene_of(
            scene.width, scene.height, f"shirt_{thing.id[-1]} {thing.box.x0 + 30} 180 {thing.box.x1 - 30} 260"
        ).objects[0]
        shirts.append(shirt.model_copy(update={"part_of": thing.id, "attributes": {"colour": SHIRTS[thing.id]}}))
    return scene.model_copy(update={"objects": (*scene.objects, *shirts)})


CROWD = dressed(PEOPLE)
SAID = [
    ("the guy in the blue shirt on the far left", "man_1"),
    ("the man in the green shirt", "man_5"),
    ("guy in green", "man_5"),
    ("the dude on the far right", "man_5"),
    ("woman in red", "woman_2"),
    ("the lady wearing the white shirt", "woman_4"),
    ("leftmost man", "man_1"),
    ("second guy from the left", "man_3"),
    ("the guy in the middle", "man_3"),
    ("man in the middle with the blue shirt", "man_3"),
    ("the tallest man", "man_3"),
    ("the woman next to the guy in green", "woman_4"),
    ("the man between the two women", "man_3"),
    ("the man standing to the left of the woman in red", "man_1"),
    ("the guy furthest to the right", "man_5"),
    ("the guy whose shirt is green", "man_5"),
    ("the man who is wearing green", "man_5"),
    ("the guy on the left in blue", "man_1"),
    ("the man on the left side wearing blue", "man_1"),
    ("third person from the left", "man_3"),
    ("the woman on the right", "woman_4"),
    ("the guy with the green shirt on", "man_5"),
    ("the bigger of the two men in blue", "man_3"),
    ("the woman that has the red shirt on", "woman_2"),
]
OPEN = [
    "the man in the blue shirt",
    "the guy",
    "the woman",
    "the lady next to a man",
    "the person in the middle of the second row from the top",
    "the bearded man",
    "the red-shirted woman",
]


@pytest.mark.parametrize(("words", "who"), SAID, ids=[words for words, _ in SAID])
def test_who_is_meant_is_found(words, who):
    plan = plan_explicit(CROWD, f"remove {words}")
    assert [action.objects for action in plan.actions] == [(who,)]


@pytest.mark.parametrize("words", OPEN)
def test_who_may_be_meant_is_asked_and_not_guessed(words):
    with pytest.raises(CielrError):
        plan_explicit(CROWD, f"remove {words}")


def test_a_shirt_that_another_stands_before_is_worn_by_one_alone():
    """The second man's box reaches over the shirt of the first, who wears it."""
    scene = scene_of(600, 400, "man_1 50 50 300 390\nman_2 200 60 480 390\nshirt_1 100 120 260 240 colour=red")
    plan = plan_explicit(scene, "remove the man in the red shirt")
    assert plan.actions[0].objects == ("man_1",)


def test_who_stands_before_another_comes_neither_first_nor_second():
    """By the centres of their boxes the child is second from the right, by their right edges the woman."""
    scene = scene_of(640, 480, "person_1 213 10 395 480\nperson_2 401 12 607 480\nperson_3 487 336 586 480")
    for words in ("second person from the right", "rightmost person"):
        with pytest.raises(CielrError, match="too close to call"):
            plan_explicit(scene, f"remove the {words}")
    assert plan_explicit(scene, "remove the leftmost person").actions[0].objects == ("person_1",)


SIZED = scene_of(800, 600, "pear_1 100 200 200 300\nplum_1 400 200 450 260\nmelon_1 500 200 700 380")
LIKE = [
    ("adjust the plum to the size of the pear", {"plum_1": 100 / 60}),
    ("resize the melon to match the size of the pear", {"melon_1": 0.5}),
    ("adjust the size of the plum to match that of the melon", {"plum_1": 200 / 60}),
    ("adjust the size of the pear to match the melon's size", {"pear_1": 2.0}),
    ("adjust the pear and the plum to the size of the melon", {"pear_1": 2.0, "plum_1": 200 / 60}),
]


@pytest.mark.parametrize(("text", "factors"), LIKE, ids=[text for text, _ in LIKE])
def test_a_size_may_be_that_of_another_thing(text, factors):
    plan = plan_explicit(SIZED, text)
    assert {action.objects[0]: action.scale for action in plan.actions} == pytest.approx(factors, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "anchor"),
    [("put the left cup onto the other cup", "cup_2"), ("move the right cup to the left of the other one", "cup_1")],
)
def test_the_other_one_is_the_one_that_stays(text, anchor):
    scene = scene_of(600, 400, "cup_1 50 200 120 280\ncup_2 400 200 470 280")
    assert plan_explicit(scene, text).actions[0].to.anchors == (anchor,)
