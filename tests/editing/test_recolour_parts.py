"""Which colour a thing has, what of it carries that, and how light it becomes: pixels in OKLab, made by hand."""

import numpy as np
import pytest

from cielr.core.colours import PAINTS, colour_rgb
from cielr.core.oklab import oklab, oklab_rgb
from cielr.editing.recolour import Dominant, belonging, dominant_colour, light_on, lightness_curve, recoloured

DEGREES = np.linspace(-180, 180, 7201)


def lab(lightness, chroma, degrees):
    """float32 [N, 3] of these, broadcast."""
    light, chroma, hue = np.broadcast_arrays(lightness, chroma, np.radians(degrees))
    return np.stack([light, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1).astype(np.float32)


def greys(*heaps):
    """float32 [N, 3] of greys, each heap (middle, half width, number) even over its width."""
    return np.concatenate([lab(np.linspace(m - w, m + w, number), 0, 0) for m, w, number in heaps])


# ------------------------------------------------------------------------------------------------------- which colour


@pytest.mark.parametrize("hue", [-170, -60, 20, 150])
def test_the_hue_that_most_of_a_thing_has_is_its_colour(hue):
    lightness = np.linspace(0.4, 0.6, 400)
    body = lab(lightness, 0.1, hue + np.tile([-8, -4, 0, 4, 8], 80))
    found = dominant_colour(np.concatenate([body, lab(0.5, 0.1, np.full(150, hue + 120)), greys((0.3, 0.1, 100))]))
    assert np.degrees(np.angle(np.exp(1j * (found.hue - np.radians(hue))))) == pytest.approx(0, abs=0.5)
    assert (found.lightness, found.chroma) == (pytest.approx(0.5, abs=0.003), pytest.approx(0.1, abs=1e-4))
    assert found.top == pytest.approx(0.59, abs=0.003)
    # 24 degrees, and up to half a bin of five more
    assert np.degrees(found.reach) == pytest.approx([25.25, 25.25], abs=1.3)
    assert not found.is_grey


def test_neighbouring_hues_that_go_on_are_one_colour_on_the_side_where_they_do():
    near = np.repeat(np.linspace(-5, 5, 11), 40)
    tail = np.repeat(np.linspace(5, 55, 51), 25)
    for sign in (1, -1):
        found = dominant_colour(lab(0.5, 0.1, 10 + sign * np.concatenate([near, tail])))
        below, above = np.degrees(found.hue) - 10 + np.degrees([-found.reach[0], found.reach[1]])
        ends = (below, above) if sign == 1 else (-above, -below)
        assert -32 < ends[0] < -15
        assert 55 < ends[1] < 75


def test_hues_that_go_on_and_on_are_one_colour_as_far_as_75_degrees():
    hues = np.concatenate([np.repeat(np.linspace(-5, 5, 11), 60), np.repeat(np.linspace(5, 150, 146), 20)])
    found = dominant_colour(lab(0.5, 0.1, hues))
    assert 65 < np.degrees(found.hue + found.reach[1]) <= 80


def test_a_grey_is_the_commonest_lightness_as_far_as_it_goes_on_with_the_tint_that_its_light_gives_it():
    body = greys((0.7, 0.08, 800)) + np.float32([0, 0.01, -0.02])
    found = dominant_colour(np.concatenate([body, greys((0.15, 0.05, 60))]))
    assert found.is_grey
    assert found.lightness == pytest.approx(0.7, abs=0.01)
    assert found.tint == pytest.approx((0.01, -0.02), abs=1e-4)
    assert found.top == pytest.approx(0.78 - 0.008, abs=0.01)
    # the shade of one surface goes down to 62 hundredths of its lightness
    assert found.low == pytest.approx(0.62 * 0.7, abs=0.04)
    assert 0.78 < found.high < 0.84


@pytest.mark.parametrize(
    ("heaps", "lightness"),
    [
        # white paint and dark glass: the light one, where it is as much as 27 of a hundred
        (((0.85, 0.04, 300), (0.25, 0.06, 700)), 0.85),
        (((0.85, 0.04, 220), (0.25, 0.06, 780)), 0.25),
        # heaps that lie near are one surface
        (((0.6, 0.05, 300), (0.42, 0.05, 700)), 0.43),
        # and so are those between which nearly as many greys lie as in the smaller
        (((0.8, 0.06, 300), (0.525, 0.215, 989), (0.25, 0.06, 600)), 0.46),
    ],
)
def test_greys_in_two_heaps_are_two_surfaces_of_which_one_counts(heaps, lightness):
    assert dominant_colour(greys(*heaps)).lightness == pytest.approx(lightness, abs=0.02)


@pytest.mark.parametrize(
    ("number", "grey", "is_hue"), [(240, 0.3, False), (350, 0.3, False), (400, 0.3, True), (400, 0.8, False)]
)
def test_a_hue_needs_a_quarter_of_the_thing_and_dark_greys_count_less_beside_it(number, grey, is_hue):
    pixels = np.concatenate([lab(0.5, 0.1, np.full(number, 30)), greys((grey, 0.08, 1000 - number))])
    assert dominant_colour(pixels).is_grey != is_hue


@pytest.mark.parametrize(
    ("lightness", "chroma", "is_hue"),
    [
        *((0.5, 0.036, True), (0.5, 0.034, False), (0.9, 0.036, True), (0.9, 0.034, False)),
        *((0.25, 0.026, True), (0.25, 0.023, False), (0.01, 0.016, True), (0.01, 0.013, False)),
    ],
)
def test_a_pixel_has_a_hue_from_a_chroma_on_that_is_smaller_in_the_dark(lightness, chroma, is_hue):
    assert dominant_colour(lab(lightness, chroma, np.full(100, 30))).is_grey != is_hue


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow", "orange", "purple", "pink"])
def test_the_light_on_a_thing_is_told_by_the_paint_that_it_is_likeliest_to_have(name):
    light, a, b = oklab(np.array(colour_rgb(PAINTS[name])) / 255)
    for share, seen in ((0.3, 0.65), (0.8, 0.8**0.6), (1.0, 1.0), (1.1, 1.1**0.6), (1.5, 1.12)):
        lit = Dominant(share * light, share * np.hypot(a, b), np.arctan2(b, a))
        assert light_on(lit) == pytest.approx(seen, abs=1e-3)
    assert light_on(Dominant(0.3)) == 1


# ----------------------------------------------------------------------------------------------- what of it carries it


def test_hues_within_reach_belong_wholly_and_beyond_it_less_and_less():
    red = Dominant(0.5, 0.1, np.radians(20), reach=(np.radians(24), np.radians(40)))
    share = belonging(lab(0.5, 0.1, DEGREES), red)
    assert np.allclose(share[(DEGREES > -4 + 0.1) & (DEGREES < 60 - 0.1)], 1)
    assert np.allclose(share[(DEGREES < -28 - 0.1) | (DEGREES > 84 + 0.1)], 0)
    for edge, sign in ((-4, -1), (60, 1)):
        at = np.interp([edge + sign * 6, edge + sign * 12, edge + sign * 18], DEGREES, share)
        # a smooth step: 27/32, a half, 5/32
        assert at == pytest.approx([27 / 32, 0.5, 5 / 32], abs=2e-3)


def test_what_is_paler_for_its_lightness_than_the_shade_of_a_colour_does_not_belong():
    red = Dominant(0.5, 0.1, 0.0)
    for lightness in (0.2, 0.5, 0.8):
        share = belonging(lab(lightness, 0.2 * lightness * np.array([0.1, 0.26, 0.41, 1, 2]), 0), red)
        assert share == pytest.approx([0, 0.5, 1, 1, 1], abs=1e-3)


@pytest.mark.parametrize(("lightness", "above"), [(0.7, 0.06), (0.5, 0.06), (0.4, 0.15), (0.3, 0.15)])
def test_greys_belong_between_their_ends_and_fade_out_beyond_them_further_above_black(lightness, above):
    grey = Dominant(lightness, low=lightness - 0.1, high=lightness + 0.1)
    light = np.array([-0.16, -0.13, -0.1, 0, 0.1, 0.1 + above / 2, 0.1 + above]) + lightness
    assert belonging(lab(light, 0, 0), grey) == pytest.approx([0, 0.5, 1, 1, 1, 0.5, 0], abs=1e-3)


def test_a_grey_has_the_tint_of_its_light_and_what_is_of_another_is_of_another_colour():
    grey = Dominant(0.5, low=0.4, high=0.6, tint=(0.03, -0.02))
    tints = np.array([(0.03, -0.02), (0.03 + 0.05, -0.02), (0.03, -0.02 - 0.0775), (0.03 - 0.1, -0.02), (-0.03, 0.08)])
    pixels = np.concatenate([np.full((5, 1), 0.5), tints], axis=1).astype(np.float32)
    assert belonging(pixels, grey) == pytest.approx([1, 1, 0.5, 0, 0], abs=1e-3)


# ------------------------------------------------------------------------------------------------- how light it becomes


@pytest.mark.parametrize(
    ("start", "goal", "top", "brightest", "at"),
    [
        # black and white, as far as a slope of two allows
        (0.2, 0.8, 0.0, 0.97, {0.0: 0.4, 0.2: 0.8, 1.0: 1.0}),
        (0.5, 0.4, 0.0, 0.97, {0.0: 0.0, 0.5: 0.4, 1.0: 0.85}),
        (0.8, 0.2, 0.0, 0.97, {0.0: 0.0, 0.8: 0.2, 1.0: 0.325}),
        # what is lit keeps its texture, up to the brightest
        (0.2, 0.6, 0.3, 0.97, {0.2: 0.6, 0.3: 0.72, 1.0: 1.0}),
        (0.2, 0.6, 0.3, 0.7, {0.3: 0.7}),
        (0.2, 0.6, 0.7, 0.7, {0.7: 0.85}),
        (0.2, 0.6, 0.22, 0.97, {0.2: 0.6, 1.0: 1.0}),
        # nothing to keep where it becomes darker
        (0.5, 0.4, 0.7, 0.97, {0.5: 0.4, 1.0: 0.85}),
    ],
)
def test_a_curve_of_lightness_goes_through_its_ends_its_middle_and_what_is_lit(start, goal, top, brightest, at):
    curve = lightness_curve(start, goal, top, brightest)
    assert curve(np.array(list(at), np.float32)) == pytest.approx(list(at.values()), abs=1e-5)


def textured(middle, half):
    """A grey thing whose lightness is even about a middle, float32 [40, 50, 3]."""
    light = np.linspace(middle - half, middle + half, 2000)
    return oklab_rgb(lab(np.random.default_rng(0).permutation(light).reshape(40, 50), 0, 0))


def middle_of(image):
    return float(np.median(oklab(image)[..., 0]))


@pytest.mark.parametrize(
    ("half", "exact", "middle"), [(0.2, True, 0.88), (0.2, False, 0.97 - 0.18), (0.35, False, 0.88 - 0.1)]
)
def test_a_name_leaves_room_above_for_what_is_lit_and_a_number_is_meant_as_it_is_said(half, exact, middle):
    image = textured(0.4, half)
    rgb = tuple(int(v) for v in np.rint(oklab_rgb(lab(0.88, 0, 0)) * 255))
    result = recoloured(image, np.ones(image.shape[:2], dtype=bool), rgb, exact=exact)
    assert middle_of(result) == pytest.approx(middle, abs=0.01)


def test_what_is_lit_of_a_thing_in_a_colour_is_no_lighter_than_half_way_to_white():
    image = textured(0.3, 0.2)
    rgb = tuple(int(v) for v in np.rint(oklab_rgb(lab(0.6, 0.1, 20)) * 255))
    result = recoloured(image, np.ones(image.shape[:2], dtype=bool), rgb, exact=True)
    assert middle_of(result) == pytest.approx(0.6, abs=0.01)
    assert np.percentile(oklab(result)[..., 0], 95) == pytest.approx((0.6 + 0.97) / 2, abs=0.01)


@pytest.mark.parametrize("goal", [0.0, 1.0])
def test_no_middle_becomes_wholly_black_or_white(goal):
    image = textured(0.5, 0.02)
    rgb = (int(255 * goal),) * 3
    result = recoloured(image, np.ones(image.shape[:2], dtype=bool), rgb, exact=True)
    assert middle_of(result) == pytest.approx(0.9 if goal else 0.18, abs=0.01)


def test_in_shade_and_in_light_a_painted_colour_is_paler_and_its_hue_the_same():
    ramp = oklab_rgb(lab(np.linspace(0.05, 0.95, 200)[None].repeat(4, 0), 0, 0))
    blue = (40, 90, 170)
    result = oklab(recoloured(ramp, np.ones(ramp.shape[:2], dtype=bool), blue, whole=True, exact=True))[0]
    light, a, b = oklab(np.array(blue) / 255)
    chroma, most = np.hypot(result[:, 1], result[:, 2]), np.hypot(a, b)
    lit, shaded = result[:, 0] > light, result[:, 0] <= light
    assert chroma[shaded] == pytest.approx(most * result[shaded, 0] / light, rel=0.05, abs=2e-3)
    fade = 1 - 0.5 * (result[lit, 0] - light) / (1 - light)
    assert (chroma[lit] <= most * fade + 2e-3).all()
    assert chroma[lit][:20] == pytest.approx(most * fade[:20], rel=0.05)


def test_beside_an_edge_a_grey_thing_is_painted_as_far_as_it_covers_the_pixel():
    # white paint beside dark glass, over five pixels partly both
    cover = np.clip((np.arange(80) - 38) / 5, 0, 1)
    image = oklab_rgb(lab((0.85 - 0.65 * cover)[None].repeat(40, 0), 0, 0))
    result = recoloured(image, np.ones(image.shape[:2], dtype=bool), (200, 30, 30))
    red = oklab(result)[20, :, 1]
    assert (red[:36] > 0.95 * red[0]).all()
    assert np.array_equal(result[:, 48:], image[:, 48:])
    assert (np.diff(red[34:50]) < 0.01).all()
    assert 0.2 * red[0] < red[40] < 0.95 * red[0]
    assert (red[42:] < 0.05 * red[0]).all()


@pytest.mark.parametrize("around", [(0.2, 0.0, 0), (0.6, 0.12, 140)], ids=["black", "green"])
@pytest.mark.parametrize("own", [(0.8, 0.0, 0), (0.5, 0.12, 20)], ids=["white", "red"])
def test_up_to_its_border_a_thing_is_painted_whatever_is_around_it(own, around):
    inside = np.hypot(*(np.mgrid[:60, :70] - np.array([30, 35])[:, None, None])) < 20
    image = oklab_rgb(np.where(inside[..., None], lab(*own), lab(*around)))
    result = recoloured(image, inside, (40, 90, 170))
    assert np.array_equal(result[~inside], image[~inside])
    assert np.ptp(result[inside], axis=0).max() < 1e-3
    hue = np.arctan2(*oklab(result[30, 35])[:0:-1])
    assert hue == pytest.approx(np.arctan2(*oklab(np.array((40, 90, 170)) / 255)[:0:-1]), abs=0.02)


def test_what_is_more_colourful_in_the_light_is_not_painted_more_so_and_what_is_paler_is_paler():
    image = np.tile(lab(0.5, 0.08, 20), (60, 90, 1))
    image[:, 40:50], image[:, 60:70] = lab(0.6, 0.14, 20), lab(0.6, 0.05, 20)
    blue = (40, 90, 170)
    result = oklab(recoloured(oklab_rgb(image), np.ones((60, 90), dtype=bool), blue, exact=True))[30]
    light, a, b = oklab(np.array(blue) / 255)
    chroma = np.hypot(result[:, 1], result[:, 2])
    lit = np.hypot(a, b) * (1 - 0.5 * (result[[45, 65], 0] - light) / (1 - light))
    assert chroma[[10, 45, 65]] == pytest.approx([np.hypot(a, b), lit[0], lit[1] * 0.05 / 0.08], rel=0.02)
