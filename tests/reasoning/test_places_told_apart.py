"""Which of several lies where: what two measures say alike is taken, and what they say otherwise is asked about."""

import numpy as np
import pytest

from cielr import Ambiguous, NothingMatches, Scene
from cielr.core.geometry import Box, Mask
from cielr.core.scene import SceneObject
from cielr.reasoning.grammar.reader import plan_explicit

WIDTH, HEIGHT = 400, 200


def scene_of_masks(*things: tuple[str, np.ndarray]) -> Scene:
    objects = []
    for number, (name, array) in enumerate(things, 1):
        mask = Mask.from_array(array)
        objects.append(SceneObject(id=f"{name}_{number}", label=name, box=mask.box, mask=mask))
    return Scene(width=WIDTH, height=HEIGHT, objects=tuple(objects))


def drawn(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """bool [HEIGHT, WIDTH] of some boxes put together."""
    return Mask.union([Mask.from_box(Box(*box), HEIGHT, WIDTH) for box in boxes], HEIGHT, WIDTH).to_array()


def standing_at(*columns: int, name: str = "goat") -> Scene:
    return scene_of_masks(*((name, drawn((x - 10, 80, x + 10, 120))) for x in columns))


def targets(scene: Scene, instruction: str) -> tuple[str, ...]:
    (action,) = plan_explicit(scene, instruction).actions
    return action.objects


# goat_1 holds its head far to the left: the middle of its box is left of the other's, that of its body is right
STRETCHED = scene_of_masks(
    ("goat", drawn((20, 60, 60, 64), (60, 40, 140, 90))),
    ("goat", drawn((50, 120, 120, 180))),
    ("goat", drawn((300, 100, 340, 160))),
)


@pytest.mark.parametrize(
    "instruction",
    [
        "remove the leftmost goat",
        "remove the goat on the left",
        "remove the second goat from the left",
        "remove the goat furthest to the left",
        "remove the second of the goats from the left",
        "remove all goats except the leftmost one",
    ],
)
def test_what_box_and_outline_order_otherwise_is_asked_about(instruction):
    with pytest.raises(Ambiguous, match="too close to call") as caught:
        plan_explicit(STRETCHED, instruction)
    assert str(caught.value).count("from the left") <= 1


def test_what_box_and_outline_say_alike_is_taken():
    assert targets(STRETCHED, "remove the rightmost goat") == ("goat_3",)
    assert set(targets(STRETCHED, "remove the two goats furthest to the left")) == {"goat_1", "goat_2"}


@pytest.mark.parametrize(
    ("instruction", "right"),
    [
        ("remove the goat furthest to the left", {"goat_1"}),
        ("remove the goat farthest to the right", {"goat_4"}),
        ("remove the two goats farthest to the right", {"goat_3", "goat_4"}),
        ("remove the goat furthest right", {"goat_4"}),
        ("remove all goats except the one furthest to the left", {"goat_2", "goat_3", "goat_4"}),
    ],
)
def test_furthest_to_a_side_counts_from_there(instruction, right):
    assert set(targets(standing_at(40, 150, 250, 350), instruction)) == right


def test_a_colour_that_is_a_thing_stays_one_before_furthest_and_closest():
    oranges = standing_at(40, 150, 350, name="orange")
    assert targets(oranges, "remove the orange farthest to the right") == ("orange_3",)
    assert targets(oranges, "remove the orange closest to orange 1") == ("orange_2",)


def test_of_several_on_the_same_half_one_is_still_on_the_left():
    right_half = standing_at(220, 300)
    assert targets(right_half, "remove the goat on the left") == ("goat_1",)
    assert targets(standing_at(60, 180), "remove the goat on the far right") == ("goat_2",)
    with pytest.raises(NothingMatches):
        plan_explicit(standing_at(300, 380), "remove the goat on the left")


def test_the_last_on_the_right_may_be_counted_either_way():
    across_and_down = scene_of_masks(
        ("goat", drawn((250, 20, 270, 40))),
        ("goat", drawn((360, 20, 380, 40))),
        ("goat", drawn((252, 150, 272, 170))),
    )
    with pytest.raises(Ambiguous, match="from the right"):
        plan_explicit(across_and_down, "remove the last goat on the right")
    assert targets(standing_at(40, 250, 350), "remove the last goat on the right") == ("goat_3",)
    assert targets(across_and_down, "remove the first goat from the right") == ("goat_2",)


def test_the_middle_one_of_a_line_is_in_the_middle():
    # the third stands a little nearer to the centre of the picture
    line = standing_at(60, 148, 245)
    assert targets(line, "remove the goat in the middle") == ("goat_2",)
    assert targets(line, "remove all goats except the one in the middle") == ("goat_1", "goat_3")
    aside = standing_at(20, 60, 100)
    assert targets(aside, "remove the goat in the middle") == ("goat_2",)


def test_the_middle_of_the_line_and_of_the_picture_may_be_two_things():
    with pytest.raises(Ambiguous, match="middle one of 3"):
        plan_explicit(standing_at(40, 140, 200), "remove the goat in the middle")
