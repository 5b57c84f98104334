"""The drift of models that redraw the whole picture: moved by a library of its own, and found again."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skimage import data
from skimage.transform import AffineTransform, warp
from things import scene_with

from cielr.actions import Modify, Plan
from cielr.core.geometry import Mask
from cielr.editing.align import Drift, aligned, drift_of
from cielr.editing.crop import crop_region, stitch_region
from cielr.region import regions

PHOTO = (data.coffee()[40:296, 120:440] / 255).astype(np.float32)


def drifted(picture, dx, dy, zoom_x, zoom_y):
    """The picture as a model gives it back: what was at p lies at middle + zoom * (p - middle) + shift."""
    height, width = picture.shape[:2]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    forth = (
        AffineTransform(translation=-middle)
        + AffineTransform(scale=(zoom_x, zoom_y))
        + AffineTransform(translation=middle + np.array([dx, dy]))
    )
    return warp(picture, forth.inverse, order=3, mode="edge").astype(np.float32)


def around(picture):
    height, width = picture.shape[:2]
    outside = np.ones((height, width), dtype=bool)
    outside[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = False
    return outside


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(0.97, 1.03), st.floats(0.97, 1.03), st.integers(0, 5))
def test_a_drift_is_found_to_a_fifth_of_a_pixel_whatever_is_drawn_in_the_middle(dx, dy, zoom_x, zoom_y, seed):
    outside = around(PHOTO)
    random = np.random.default_rng(seed)
    painted = 0.95 * drifted(PHOTO, dx, dy, zoom_x, zoom_y) + 0.03 + random.normal(0, 0.01, PHOTO.shape)
    painted[~outside] = random.random((np.count_nonzero(~outside), 3))
    found = drift_of(painted.astype(np.float32), PHOTO, outside)
    height, width = outside.shape
    for corner in (-1, 1):
        across = found.dx - dx + corner * (found.zoom_x - zoom_x) * width / 2
        down = found.dy - dy + corner * (found.zoom_y - zoom_y) * height / 2
        assert np.hypot(across, down) < 0.2


def test_a_zoom_of_two_pixels_at_the_edges_alone_is_seen():
    found = drift_of(drifted(PHOTO, 0, 0, 1, 0.984375), PHOTO, around(PHOTO))
    assert abs(found.zoom_y - 0.984375) * PHOTO.shape[0] / 2 < 0.1


@pytest.mark.parametrize(
    "painted",
    [
        PHOTO,
        np.clip(PHOTO + np.random.default_rng(1).normal(0, 0.03, PHOTO.shape), 0, 1).astype(np.float32),
        np.random.default_rng(2).random(PHOTO.shape).astype(np.float32),
        np.full_like(PHOTO, 0.5),
        (data.rocket()[40:296, 120:440] / 255).astype(np.float32),
        (data.astronaut()[100:356, 100:420] / 255).astype(np.float32),
    ],
    ids=["the same", "noisy", "noise", "plain", "another picture", "a third"],
)
def test_what_did_not_drift_or_is_another_picture_is_left_as_it_is(painted):
    found = drift_of(painted, PHOTO, around(PHOTO))
    assert found.furthest(*PHOTO.shape[:2]) < 0.1


def test_plain_surroundings_and_none_at_all_tell_nothing():
    plain = np.full((64, 64, 3), 0.4, dtype=np.float32)
    assert drift_of(plain, plain, np.ones((64, 64), dtype=bool)) == Drift()
    assert drift_of(drifted(PHOTO, 5, 0, 1, 1), PHOTO, np.zeros(PHOTO.shape[:2], dtype=bool)) == Drift()


def test_a_thing_drawn_by_a_model_that_drifts_ends_where_it_belongs_and_the_photo_stays():
    """The painter draws a square over the thing, then shifts and zooms all: the square must come out in its place."""
    y, x = np.mgrid[: PHOTO.shape[0], : PHOTO.shape[1]]
    mask = Mask.from_array((np.abs(y - 120) <= 30) & (np.abs(x - 150) <= 36))
    [region] = regions(Plan(actions=(Modify(targets=("thing_1",), change="of glass"),)), scene_with(mask))
    drawn = PHOTO.copy()
    drawn[100:140, 130:170] = (1.0, 0.0, 0.0)
    right = drawn[region.crop.slices]
    painted = drifted(right, 4.3, -6.1, 1.015, 0.99)

    crop = crop_region(PHOTO, region)
    result = stitch_region(PHOTO, region, aligned(painted, crop, region))
    inside = mask.to_array()
    assert np.array_equal(result[~inside], PHOTO[~inside])
    deep = np.zeros_like(inside)
    deep[103:137, 133:167] = True
    assert np.abs(result[deep] - drawn[deep]).max() < 0.05
    unaligned = stitch_region(PHOTO, region, painted)
    assert np.abs(unaligned[deep] - drawn[deep]).max() > 0.5
