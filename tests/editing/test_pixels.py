"""Brightness, saturation and blur by number; OKLab is the published one, the rest is worked out here."""

import numpy as np
import pytest
from scipy import ndimage
from things import Listener, noise

from cielr.actions.change import exact_change
from cielr.core.oklab import oklab, oklab_rgb
from cielr.editing import pixels
from cielr.editing.pixels import brightness_curve, changed

EVERYWHERE = np.ones((40, 50), dtype=bool)


@pytest.mark.parametrize(
    ("share", "black", "middle", "white"),
    [
        (0.0, 0.0, 0.5, 1.0),
        # blacks are lifted by 0.7 of what is added to the middle, whites lowered by 1.4 of what is taken from it
        (0.2, 0.07, 0.6, 1.0),
        (0.6, 0.21, 0.8, 1.0),
        (-0.2, 0.0, 0.4, 0.86),
        (-0.6, 0.0, 0.2, 0.58),
        # nothing becomes wholly white or black
        (1.0, 0.329, 0.97, 1.0),
        (10.0, 0.329, 0.97, 1.0),
        (-1.0, 0.0, 0.02, 0.328),
    ],
)
def test_a_change_of_brightness_is_that_at_middle_lightness_and_less_at_the_ends(share, black, middle, white):
    curve = brightness_curve(share)
    ends = curve(np.array([0.0, 0.5, 1.0, -0.3, 1.4], np.float32))
    assert ends == pytest.approx([black, middle, white, black, white], abs=1e-6)
    steps = curve(np.linspace(0, 1, 101, dtype=np.float32))
    assert (np.diff(steps) >= 0).all()


@pytest.mark.parametrize(("words", "share"), [("brighten 30%", 0.3), ("darken 40%", -0.4), ("darken 100%", -1.0)])
def test_light_scales_colourfulness_with_lightness_but_by_half_as_much_again_at_most(words, share):
    before = np.stack(np.broadcast_arrays(np.linspace(0.1, 0.9, 50), np.full((40, 50), 0.03), -0.02), axis=-1)
    image = oklab_rgb(before)
    after = oklab(changed(image, EVERYWHERE, exact_change(words)))
    lightness = brightness_curve(share)(before[..., 0])
    assert np.allclose(after[..., 0], lightness, atol=2e-3)
    factor = np.minimum(lightness / before[..., 0], 1.5)
    assert np.allclose(after[..., 1:], before[..., 1:] * factor[..., None], atol=2e-3)
    assert ((factor == 1.5).any(), (factor < 1).any()) == (share > 0, share < 0)


@pytest.mark.parametrize("percent", [0, 25, 60, 100])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_desaturating_takes_that_much_of_the_colourfulness_and_no_light(percent, dtype):
    image = oklab_rgb(oklab(0.3 + 0.4 * noise(40, 50, dtype=np.float32)) * np.float32([1, 0.5, 0.5]))
    image = np.rint(image * 255).astype(np.uint8) if dtype == np.uint8 else image
    before = oklab(image / np.float32(255) if dtype == np.uint8 else image)
    result = changed(image, EVERYWHERE, exact_change(f"desaturate {percent}%"))
    assert result.dtype == dtype
    after = oklab(result / np.float32(255) if dtype == np.uint8 else result)
    expected = before * np.float32([1, 1 - percent / 100, 1 - percent / 100])
    assert np.allclose(after, expected, atol=6e-3 if dtype == np.uint8 else 2e-4)


def test_block_by_block_a_change_is_what_it_is_at_once_and_is_told_from_nothing_on(monkeypatch):
    image = noise(40, 50)
    inside = np.random.default_rng(1).random((40, 50)) < 0.7
    whole = changed(image, inside, exact_change("darken 30%"))
    assert np.array_equal(whole[~inside], image[~inside])
    monkeypatch.setattr(pixels, "BLOCK", 300)
    listener = Listener()
    assert np.array_equal(changed(image, inside, exact_change("darken 30%"), listener), whole)
    assert listener.shares == pytest.approx(np.arange(0, inside.sum(), 300) / inside.sum())


@pytest.mark.parametrize("reach", [1, 6])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_blur_mixes_what_is_inside_alone_wherever_that_lies(dtype, reach):
    image = noise(80, 90, dtype=dtype)
    inside = np.hypot(*(np.mgrid[:80, :90] - np.array([50, 30])[:, None, None])) < 17
    result = changed(image, inside, exact_change(f"blur {reach}px"))
    floats = image / np.float32(255) if dtype == np.uint8 else image
    weight = ndimage.gaussian_filter(inside.astype(np.float64), reach / 2, mode="constant")[inside][:, None]
    masked = floats * inside[..., None].astype(np.float64)
    mixed = ndimage.gaussian_filter(masked, (reach / 2, reach / 2, 0), mode="constant")[inside]
    assert np.array_equal(result[~inside], image[~inside])
    expected = mixed / weight * (255 if dtype == np.uint8 else 1)
    assert np.abs(result[inside] - expected).max() < (0.51 if dtype == np.uint8 else 1e-4)


@pytest.mark.parametrize("inside", [np.zeros((40, 50), dtype=bool), EVERYWHERE], ids=["nothing", "everything"])
def test_a_blur_of_nothing_or_by_nothing_changes_nothing(inside):
    image = noise(40, 50)
    result = changed(image, inside, exact_change("blur 6px" if not inside.any() else "blur 0px"))
    assert np.array_equal(result, image)
    assert result is not image


@pytest.mark.parametrize(("height", "width"), [(300, 200), (20, 400), (400, 20), (3, 300)])
def test_a_wide_blur_on_a_small_copy_is_the_exact_one_to_the_eye_whatever_the_shape(height, width):
    image = ndimage.gaussian_filter(noise(height, width, dtype=np.float32), (3, 3, 0)) * 3 - 1
    image = np.clip(image, 0, 1).astype(np.float32)
    everywhere = np.ones((height, width), dtype=bool)
    listener = Listener()
    result = changed(image, everywhere, exact_change("blur 50px"), listener)
    weight = ndimage.gaussian_filter(everywhere.astype(np.float64), 25, mode="constant")[..., None]
    exact = ndimage.gaussian_filter(image.astype(np.float64), (25, 25, 0), mode="constant") / weight
    assert np.abs(result - exact).max() < 0.02
    assert listener.shares == [0, 0.25, 0.5, 0.75]
