"""Words for what things look like: colours, shapes, places."""

import numpy as np
import pytest

from cielr.core.colours import colour_names, colour_rgb, paint_rgb
from cielr.core.geometry import Box, Mask
from cielr.perception.appearance import appearances, position_word, shape_word


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((255, 255, 255), "white"),
        ((128, 128, 128), "grey"),
        ((220, 20, 30), "red"),
        ((110, 5, 5), "dark red"),
        ((170, 40, 40), "red"),
        ((20, 130, 30), "green"),
        ((20, 30, 220), "blue"),
        ((250, 150, 0), "orange"),
        ((100, 60, 25), "brown"),
        ((255, 230, 0), "yellow"),
    ],
)
def test_colours_have_the_names_that_people_give_them(rgb, name):
    image = np.full((20, 20, 3), rgb, np.uint8)
    assert appearances(image, [Mask.from_box(Box(2, 2, 18, 18), 20, 20)])[0]["colour"] == name


def test_the_colour_of_paint_is_told_apart_from_the_shade_that_lies_on_it():
    y, x = np.mgrid[:120, :200]
    whole = [Mask.from_box(Box(0, 0, 200, 120), 120, 200)]
    noise = np.random.default_rng(0).normal(0, 3, (120, 200, 3))

    def words(image):
        return appearances((image + noise).clip(0, 255).astype(np.uint8), whole)[0]

    light = np.clip(1.1 - np.hypot(x - 60, y - 30) / 130, 0.15, 1)[..., None]
    assert words(np.array([205, 28, 32]) * light)["colour"] == "red"
    assert "colours" not in words(np.array([205, 28, 32]) * light)
    assert words(np.full((120, 200, 3), (72, 20, 20)))["colour"] == "dark red", "the hue decides, not the darkness"
    assert words(np.full((120, 200, 3), (62, 36, 20)))["colour"] == "dark brown"
    bus = np.full((120, 200, 3), 232.0) * np.where(y < 50, 1, 0.55)[..., None]
    assert words(bus)["colour"] == "white", "its side lies in the shade"
    flag = np.full((120, 200, 3), 245.0)
    flag[:, 80:] = (30, 50, 190)
    assert words(flag)["colours"] == "blue, white"


def test_names_and_colours_go_both_ways():
    from skimage.color import rgb2lab

    assert colour_rgb("dark red") == (139, 0, 0)
    assert colour_rgb("navy blue") == (0, 0, 128)
    assert colour_rgb("#F80") == (255, 136, 0)
    assert colour_rgb("grey") == colour_rgb("Gray") == (128, 128, 128)
    assert colour_rgb("of glass") is None
    assert colour_rgb("") is None
    for name in ("red", "dark blue", "light green", "white", "turquoise", "pink"):
        assert colour_names(rgb2lab(np.array([[colour_rgb(name)]], np.uint8))[0]) == [name]
    for name in ("brown", "light brown", "dark brown"):
        assert colour_names(rgb2lab(np.array([[paint_rgb(name)]], np.uint8))[0]) == [name], "CSS's own brown is a red"


def drawn(height, width, condition):
    y, x = np.mgrid[:height, :width]
    return Mask.from_array(condition(x, y))


@pytest.mark.parametrize(
    ("mask", "word"),
    [
        (drawn(100, 100, lambda x, y: (x - 50) ** 2 + (y - 50) ** 2 < 900), "round"),
        (drawn(100, 100, lambda x, y: ((x - 50) / 40) ** 2 + ((y - 50) / 25) ** 2 < 1), "oval"),
        (drawn(100, 100, lambda x, y: (abs(x - 50) < 25) & (abs(y - 50) < 25)), "square"),
        (drawn(100, 100, lambda x, y: abs(x - 50) + abs(y - 50) < 30), "square"),
        (drawn(100, 100, lambda x, y: (abs(x - 50) < 40) & (abs(y - 50) < 25)), "rectangular"),
        (drawn(100, 100, lambda x, y: (abs(x - 50) < 45) & (abs(y - 50) < 6)), "long"),
        (drawn(100, 100, lambda x, y: (y > 20) & (y < 80) & (abs(x - 50) < (y - 20) / 2)), "triangular"),
        (drawn(100, 100, lambda x, y: (abs(x - 50) < 10) | (abs(y - 50) < 10)), "irregular"),
        (drawn(1000, 1000, lambda x, y: (x - 500) ** 2 + (y - 500) ** 2 < 90000), "round"),
        (drawn(10, 10, lambda x, y: (x == 5) & (y == 5)), "square"),
    ],
)
def test_shapes_have_words(mask, word):
    assert shape_word(mask) == word


def test_positions_have_words():
    assert position_word(Mask.from_box(Box(0, 0, 10, 10), 90, 90)) == "top left"
    assert position_word(Mask.from_box(Box(40, 40, 50, 50), 90, 90)) == "centre"
    assert position_word(Mask.from_box(Box(40, 80, 50, 90), 90, 90)) == "bottom"
