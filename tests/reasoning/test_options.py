"""Arguments of the public functions: misspelt ones are refused, and the three ways of asking give the same edit."""

import numpy as np
import pytest

import cielr
from cielr.pipeline import EditRequest, carry_out
from cielr.reasoning.options import ReasonOptions


@pytest.fixture(scope="module")
def photo():
    rows, columns = np.mgrid[:90, :140]
    image = np.full((90, 140, 3), 40, np.uint8)
    for x, colour in ((40, (220, 40, 40)), (100, (40, 60, 220))):
        image[(rows - 45) ** 2 + (columns - x) ** 2 < 20**2] = colour
    return image


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("lables", "labels"), ("max_round", "max_rounds"), ("inpaint", "inpainter"), ("asume", "assume")],
)
def test_a_misspelt_argument_is_refused_with_what_was_meant(photo, wrong, meant):
    with pytest.raises(TypeError, match=f"'{wrong}'; did you mean '{meant}'"):
        cielr.edit(photo, "remove the red disc", **{wrong: 9})
    with pytest.raises(TypeError, match=f"no argument '{wrong}'"):
        cielr.reason(cielr.Scene(width=4, height=4), "remove it", **{wrong: 9})


def test_a_word_that_resembles_no_argument_is_told_what_there_is():
    with pytest.raises(TypeError, match="there are painter, auto, assume"):
        ReasonOptions().but(zzz=1)


def test_arguments_and_a_request_are_the_same_edit(photo):
    by_words = cielr.edit(photo, "remove the red object", seed=3, max_rounds=2)
    request = EditRequest("remove the red object", seed=3, options=ReasonOptions(max_rounds=2))
    by_request = carry_out(photo, request)
    assert np.array_equal(by_words.image, by_request.image)
    assert (by_words.image != photo).any()


def test_named_fields_win_over_those_of_the_options():
    options = ReasonOptions(max_rounds=2, assume=True).but(max_rounds=7)
    assert (options.max_rounds, options.assume) == (7, True)
