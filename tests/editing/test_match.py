"""When a painter's shift in colour is believed, from what it made of the pixels around the region."""

import numpy as np
import pytest
from things import noise

from cielr.actions import Modify
from cielr.core.geometry import Box, Mask
from cielr.editing.match import colour_matched
from cielr.region import Region

INSIDE = np.s_[40:60, 45:65]
CROP = 0.3 + 0.4 * noise(100, 110, dtype=np.float32)


def region_of(box=None):
    box = Box(45, 40, 65, 60) if box is None else box
    return Region(
        index=0,
        action=Modify(targets=("thing_1",), change="of glass"),
        support=Mask.from_box(box, 100, 110),
        crop=Box(0, 0, 110, 100),
    )


def painted(shift, inside=0.5):
    drawn = CROP + np.asarray(shift, np.float32)
    drawn[INSIDE] = inside
    return drawn.astype(np.float32)


@pytest.mark.parametrize("shift", [(0.03, -0.02, 0.05), (0.14, 0.0, 0.0), (0, -0.14, 0.14)])
def test_a_shift_of_each_channel_is_undone_inside_and_around(shift):
    matched = colour_matched(painted(shift), CROP, region_of())
    outside = np.ones(CROP.shape[:2], dtype=bool)
    outside[INSIDE] = False
    assert np.allclose(matched[outside], CROP[outside], atol=1e-6)
    assert np.allclose(matched[INSIDE], 0.5 - np.array(shift), atol=1e-6)


@pytest.mark.parametrize("shift", [(0.17, 0.17, 0.17), (0, 0, -0.17)])
def test_a_shift_that_no_encoder_gives_is_what_was_painted(shift):
    drawn = painted(shift)
    assert np.array_equal(colour_matched(drawn, CROP, region_of()), drawn)


@pytest.mark.parametrize(("spread", "is_believed"), [(0.07, True), (0.1, False)])
def test_surroundings_that_were_not_given_back_as_they_were_prove_nothing(spread, is_believed):
    # around the region as many pixels are lighter as are darker, so that the median is the shift
    signs = np.where(np.add(*np.mgrid[:100, :110]) % 2, 1, -1)[..., None]
    drawn = painted((0.05, 0.05, 0.05)) + (spread * signs).astype(np.float32)
    drawn[INSIDE] = 0.5
    matched = colour_matched(drawn, CROP, region_of())
    assert np.array_equal(matched, drawn) != is_believed


def test_only_what_lies_just_around_the_region_counts():
    drawn = painted((0.05, 0.05, 0.05))
    far = np.ones(CROP.shape[:2], dtype=bool)
    far[26:74, 31:79] = False
    drawn[far] -= 0.1
    assert np.allclose(colour_matched(drawn, CROP, region_of())[INSIDE], 0.45, atol=1e-6)
    everything = region_of(Box(0, 0, 110, 100))
    assert np.array_equal(colour_matched(drawn, CROP, everything), drawn)


def test_what_is_undone_stays_a_colour():
    drawn = painted((0.1, 0.1, 0.1))
    drawn[INSIDE] = (0.02, 0.1, 0.5)
    assert colour_matched(drawn, CROP, region_of())[50, 50] == pytest.approx((0, 0, 0.4), abs=1e-6)
    drawn = painted((-0.1, -0.1, -0.1))
    drawn[INSIDE] = (0.98, 0.9, 0.5)
    assert colour_matched(drawn, CROP, region_of())[50, 50] == pytest.approx((1, 1, 0.6), abs=1e-6)
