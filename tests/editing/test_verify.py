"""What is found out about an action from the pictures before and after it: by colour, by eyes, by a witness."""

import numpy as np
import pytest
from skimage.color import lab2rgb
from things import masked, scene_with

from cielr.actions import Modify, Remove, Replace
from cielr.core.scene import SceneUpdate
from cielr.editing.verify import Check, checked

ROWS, COLUMNS = np.mgrid[:40, :50]
CUP = np.hypot(ROWS - 20, COLUMNS - 20) <= 10
SCENE = scene_with(masked("cup_1", CUP))
COLOURS = {"cup": (200, 40, 40), "bowl": (40, 60, 200)}
WHITE = Modify(targets=("cup_1",), change="glossy white paint")
GLASS = Modify(targets=("cup_1",), change="made of glass")
GONE = Remove(targets=("cup_1",))
BOWL = Replace(targets=("cup_1",), with_="a bowl")


class Eyes:
    """Know a cup and a bowl by their colours."""

    def __init__(self, image):
        self.image = image

    def answer(self, scene, request):
        seen = [(label, (self.image == COLOURS[label]).all(axis=-1)) for label in request.labels if label in COLOURS]
        return SceneUpdate(added=tuple(masked(f"{label}_9", mask) for label, mask in seen if mask.any()))


def picture(label=None):
    image = np.full((40, 50, 3), 90, np.uint8)
    if label is not None:
        image[CUP] = COLOURS[label]
    return image


def grey(lightness):
    """A dark picture with a cup of that CIELAB lightness, float32."""
    image = np.full((40, 50, 3), 0.2, np.float32)
    image[CUP] = lab2rgb(np.array([[[lightness, 0.0, 0.0]]]))[0, 0]
    return image


@pytest.mark.parametrize(
    ("before", "after", "is_white"),
    [
        (0, 100, True),
        # nearer by a quarter of the way is enough
        (0, 26, True),
        (0, 24, False),
        (0, 0, False),
        (50, 63, True),
        (50, 61, False),
        # what is near already may stay near
        (86, 85.2, True),
        (86, 84.8, False),
    ],
)
def test_a_colour_is_to_be_near_or_a_quarter_nearer_than_it_was(before, after, is_white):
    check = checked(WHITE, SCENE, grey(before), grey(after), None, number=2, attempt=3)
    assert (check.action, check.attempt, check.total, check.passed) == (2, 3, 1, int(is_white))
    assert check.is_good == is_white
    why = () if is_white else (f"its colour is {100 - after:.0f} off the wanted one, before it was {100 - before:.0f}",)
    assert check.why == why


@pytest.mark.parametrize(("share", "is_white"), [(0.6, True), (0.4, False)])
def test_a_colour_is_that_of_most_of_the_thing_whatever_is_around_it(share, is_white):
    after = picture()
    after[CUP & (np.cumsum(CUP).reshape(CUP.shape) <= share * CUP.sum())] = 255
    assert checked(WHITE, SCENE, picture(), after, None).is_good == is_white
    after[~CUP] = 255
    assert checked(WHITE, SCENE, picture(), after, None).is_good == is_white


@pytest.mark.parametrize(
    ("action", "before", "after", "passed", "why"),
    [
        (GLASS, "cup", "cup", (1, 1), ()),
        (GLASS, "cup", None, (0, 1), ("no cup is seen there",)),
        # eyes that never saw it cannot miss it
        (GLASS, None, "cup", (0, 0), ()),
        (GLASS, None, None, (0, 0), ()),
        (GONE, "cup", None, (1, 1), ()),
        (GONE, "cup", "cup", (0, 1), ("cup is still seen there",)),
        (GONE, None, None, (0, 0), ()),
        (BOWL, "cup", "bowl", (2, 2), ()),
        (BOWL, "cup", "cup", (0, 2), ("no bowl is seen there", "cup is still seen there")),
        (BOWL, "cup", None, (1, 2), ("no bowl is seen there",)),
        # a bowl that was not there is to be there
        (BOWL, None, "bowl", (1, 1), ()),
        (BOWL, None, None, (0, 1), ("no bowl is seen there",)),
    ],
)
def test_what_eyes_see_before_and_after_says_what_holds(action, before, after, passed, why):
    check = checked(action, SCENE, picture(before), picture(after), Eyes)
    assert (check.passed, check.total) == passed
    assert check.why == why
    assert check.is_good == (not why)
    blind = checked(action, SCENE, picture(before), picture(after), None)
    assert (blind.passed, blind.total, blind.why) == (0, 0, ())


@pytest.mark.parametrize("says", [True, False, None])
def test_a_witness_counts_as_one_expectation_more_where_it_can_tell(says):
    asked = []

    def witness(before, after, words):
        asked.append((before.tobytes(), after.tobytes(), words))
        return says

    before, after = picture("cup"), picture()
    check = checked(GONE, SCENE, before, after, Eyes, witness)
    assert asked == [(before.tobytes(), after.tobytes(), "Remove cup_1")]
    assert (check.passed, check.total) == {True: (2, 2), False: (1, 2), None: (1, 1)}[says]
    refusal = ("the model that looked at both pictures says that it did not happen",)
    assert check.why == (refusal if says is False else ())


@pytest.mark.parametrize(
    ("passed", "total", "score"), [(0, 0, 1.0), (0, 2, 0.0), (1, 2, 0.5), (2, 3, 2 / 3), (3, 3, 1.0)]
)
def test_a_score_is_the_share_of_what_holds_and_full_where_there_is_nothing_to_hold(passed, total, score):
    assert Check(0, 1, passed, total).score == pytest.approx(score)
    assert Check(0, 1, passed, total).is_good == (score == 1)
