"""Recolouring: what carries the dominant colour, by how much, and that noise never becomes speckle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage import data
from things import Listener

from cielr.actions.change import Recolour, exact_change
from cielr.core.colours import MOST_PAINT, PAINTS, colour_rgb, paint_rgb
from cielr.core.oklab import most_chroma, oklab, oklab_rgb
from cielr.editing.pixels import brightness_curve, changed
from cielr.editing.recolour import STEEPEST, dominant_colour, lightness_curve, recoloured
from cielr.errors import Cancelled

GREY_WALL = 0.6


def hue_of(rgb):
    lab = oklab(np.asarray(rgb, dtype=np.float32) / (255 if np.asarray(rgb).dtype != np.float32 else 1))
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))


def all_of(image):
    return np.ones(image.shape[:2], dtype=bool)


def painted(image, name):
    return recoloured(image, all_of(image), paint_rgb(name))


def done_to(image, text):
    return changed(image, all_of(image), exact_change(text))


def turn(a, b):
    return np.abs((a - b + 180) % 360 - 180)


# -------------------------------------------------------------------------------------------------------------- OKLab


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (1, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 1, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 1), (0.45201, -0.03246, -0.31153)),
    ],
)
def test_oklab_has_the_published_values(rgb, lab):
    assert oklab(np.array(rgb)) == pytest.approx(np.array(lab), abs=2e-4)


def test_oklab_and_back_is_every_colour_to_less_than_half_a_step():
    rgb = np.stack(np.meshgrid(*[np.linspace(0, 1, 18, dtype=np.float32)] * 3), axis=-1).reshape(-1, 3)
    assert np.abs(oklab_rgb(oklab(rgb)) - rgb).max() < 0.4 / 255


def _linear_srgb(light, a, b):
    """Linear sRGB of a colour in OKLab, by the numbers of Ottosson's article."""
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-3.14, 3.14), st.floats(0.05, 0.95))
def test_the_largest_chroma_is_just_within_the_gamut(hue, lightness):
    most = float(most_chroma(hue, np.array([lightness]))[0])
    axis = np.array([np.cos(hue), np.sin(hue)])
    inside = np.array([lightness, *(0.98 * most * axis)])
    outside = np.array([lightness, *((1.05 * most + 0.01) * axis)])
    assert np.abs(oklab(oklab_rgb(inside)) - inside).max() < 2e-3
    red, green, blue = _linear_srgb(*outside)
    assert min(red, green, blue) < 0 or max(red, green, blue) > 1


# ------------------------------------------------------------------------------------------------------------- paints


def test_names_are_paints_and_numbers_are_what_they_say():
    for name in PAINTS:
        rgb = paint_rgb(name)
        assert rgb is not None
        lab = oklab(np.array(rgb) / 255)
        assert np.hypot(lab[1], lab[2]) <= MOST_PAINT
        assert "brown" in name or np.ptp(rgb) < 40 or max(turn(hue_of(rgb), hue_of(colour_rgb(name))), 0) < 30, name
    for name in ("#0000ff", "bright blue", "vivid red"):
        assert paint_rgb(name) == colour_rgb(name)
    assert paint_rgb("crimson") is not None
    assert paint_rgb("quickly") is None
    for name in ("fuchsia", "blueviolet", "dark orange", "light green", "navy blue"):
        rgb = paint_rgb(name)
        assert rgb is not None
        lab = oklab(np.array(rgb) / 255)
        assert np.hypot(lab[1], lab[2]) <= MOST_PAINT + 0.005
    dark, plain, light = (oklab(np.array(paint_rgb(f"{tone}red".strip())) / 255)[0] for tone in ("dark ", "", "light "))
    assert dark < plain < light


@pytest.mark.parametrize(
    ("text", "amount", "whole"),
    [("colour blue", 100, False), ("colour all dark red", 100, True), ("colour #123 40%", 40, False)],
)
def test_a_colour_may_be_for_all_and_have_a_strength(text, amount, whole):
    change = exact_change(text)
    assert isinstance(change, Recolour)
    assert (change.strength, change.whole) == (amount / 100, whole)


def test_what_names_no_colour_is_not_a_change_by_code():
    assert exact_change("colour of glass") is None
    assert exact_change("colour all") is None


# --------------------------------------------------------------------------------------- what carries the colour


def bus(body=(170, 30, 35), seed=0):
    """A shaded body with grey windows, black tyres and white letters, and a camera's noise; with a mask of each."""
    rng = np.random.default_rng(seed)
    height, width = 160, 240
    shade = np.linspace(1.15, 0.45, height)[:, None, None]
    image = np.clip(np.array(body) * shade, 0, 255) * np.ones((height, width, 1))
    parts = {name: np.zeros((height, width), dtype=bool) for name in ("windows", "tyres", "letters")}
    parts["windows"][20:60, 20:220:1] = (np.arange(200) % 50 < 38)[None]
    rows, columns = np.mgrid[:height, :width]
    for x in (60, 180):
        parts["tyres"] |= np.hypot(rows - 145, columns - x) < 20
    parts["letters"][80:100, 60:180] = (np.arange(120) % 20 < 10)[None]
    image[parts["windows"]] = (70, 76, 80)
    image[parts["tyres"]] = (22, 22, 24)
    image[parts["letters"]] = (225, 222, 215)
    image = np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
    parts["body"] = ~(parts["windows"] | parts["tyres"] | parts["letters"])
    return image, parts


def inner(mask):
    return np.asarray(ndimage.binary_erosion(mask, iterations=4), dtype=bool)


@pytest.mark.parametrize("body", [(170, 30, 35), (40, 90, 170), (210, 160, 40), (60, 120, 60)])
@pytest.mark.parametrize("goal", ["green", "purple", "white", "black"])
def test_windows_tyres_and_letters_of_a_painted_bus_stay_what_they_are(body, goal):
    image, parts = bus(body)
    result = painted(image, goal)
    for name in ("windows", "tyres", "letters"):
        same = (result == image).all(axis=-1)[inner(parts[name])]
        assert same.mean() > 0.97, name
    moved = np.abs(result.astype(int) - image).max(axis=-1)[inner(parts["body"])]
    assert (moved > 4).mean() > 0.97
    if goal in ("green", "purple"):
        assert np.median(turn(hue_of(result), hue_of(paint_rgb(goal)))[inner(parts["body"])]) < 4


def test_asked_for_all_everything_takes_the_hue():
    image, parts = bus()
    result = done_to(image, "colour all blue")
    for name in ("windows", "body"):
        assert np.median(turn(hue_of(result), hue_of(paint_rgb("blue")))[inner(parts[name])]) < 5


def test_a_white_van_keeps_its_stripe_and_its_dark_windows():
    image, parts = bus((215, 213, 208))
    image[110:120] = (190, 30, 40)
    letters = np.zeros(image.shape[:2], dtype=bool)
    letters[112:118] = True
    image[80:100] = image[102]
    result = painted(image, "blue")
    assert (result == image).all(axis=-1)[letters].mean() > 0.97
    assert (result == image).all(axis=-1)[inner(parts["windows"])].mean() > 0.9
    body = inner(parts["body"] & ~parts["letters"])
    body[100:130] = body[:12] = False
    body[130:] = False
    assert np.median(turn(hue_of(result), hue_of(paint_rgb("blue")))[body]) < 5


def test_a_white_bus_of_little_paint_and_much_glass_keeps_its_glass():
    rng = np.random.default_rng(3)
    image = np.empty((160, 240, 3))
    # glass mirrors a street: every dark and middle grey, where a third of the whole is white paint
    street = ndimage.gaussian_filter(rng.random((160, 240)), 3)
    image[...] = (20 + 90 * (street - street.min()) / np.ptp(street))[..., None]
    paint = np.zeros(image.shape[:2], dtype=bool)
    paint[:24] = paint[-24:] = paint[:, :8] = True
    image[paint] = np.linspace(235, 185, 240)[None, :, None].repeat(160, 0)[paint] * np.array([1, 0.99, 0.96])
    image = np.clip(image + rng.normal(0, 3, image.shape), 0, 255).astype(np.uint8)
    result = painted(image, "green")
    assert (result == image).all(axis=-1)[inner(~paint)].mean() > 0.97
    assert (np.abs(result.astype(int) - image).max(axis=-1)[inner(paint)] > 20).mean() > 0.97


def test_a_red_bus_is_red_though_black_and_chrome_are_more_of_it():
    rng = np.random.default_rng(4)
    image = np.full((120, 200, 3), 40.0)
    image[60:] = (95, 97, 100)
    red = np.zeros(image.shape[:2], dtype=bool)
    red[:40] = True
    image[red] = (180, 35, 40)
    image = np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)
    result = painted(image, "yellow")
    assert (result == image).all(axis=-1)[inner(~red)].mean() > 0.97
    assert np.median(turn(hue_of(result), hue_of(paint_rgb("yellow")))[inner(red)]) < 4


def test_plaid_of_neighbouring_hues_is_painted_without_stains():
    turns = np.radians(np.linspace(-110, -45, 12))
    lab = np.stack([np.full(12, 0.45), 0.09 * np.cos(turns), 0.09 * np.sin(turns)], axis=1).astype(np.float32)
    stripes = np.rint(oklab_rgb(lab) * 255).astype(np.uint8)
    image = stripes[(np.arange(240) // 10) % 12][None].repeat(80, 0)
    result = painted(image, "yellow")
    assert turn(hue_of(result), hue_of(paint_rgb("yellow"))).max() < 12


def test_a_whisker_on_black_fur_has_no_dark_rim():
    image = np.full((60, 90, 3), 28.0)
    cover = np.clip(2.5 - np.abs(np.arange(60) - 30), 0, 1)[:, None, None]
    image = np.rint(image * (1 - cover) + 235 * cover).astype(np.uint8)
    result = painted(image, "red")
    lightness = oklab(result / 255)[:, 45, 0]
    # from the fur to the middle of the whisker it only grows lighter
    assert (np.diff(lightness[20:31]) > -0.02).all()
    assert np.abs(result[29:32].astype(int) - image[29:32]).max() < 25


def test_what_stands_in_shade_stays_in_shade():
    lit, shaded = (np.full((30, 30, 3), rgb, dtype=np.uint8) for rgb in ((179, 38, 43), (88, 18, 21)))
    green = oklab(np.array(paint_rgb("green")) / 255)[0]
    after = [oklab(painted(image, "green") / 255)[..., 0].mean() for image in (lit, shaded)]
    assert after[0] == pytest.approx(green, abs=0.01)
    assert 0.55 * green < after[1] < 0.85 * green


@pytest.mark.parametrize("before", [(88, 18, 21), (179, 38, 43), (230, 140, 120), (120, 118, 119)])
def test_a_colour_by_number_is_exact_in_any_light(before):
    image = np.full((30, 30, 3), before, dtype=np.uint8)
    result = done_to(image, "colour #3366aa")
    assert np.abs(result.astype(int) - (0x33, 0x66, 0xAA)).max() <= 2


def test_a_black_thing_made_white_keeps_the_modelling_of_its_fur():
    image = black_horse()
    result = painted(image, "white")
    before, after = (ndimage.gaussian_filter(oklab(v / 255)[..., 0], 3) for v in (image, result))
    upper = before > np.median(before)
    assert np.ptp(after[upper]) > 0.6 * np.ptp(before[upper])
    assert np.median(after) > 0.75


def test_where_no_colour_is_dominant_everything_is_painted():
    rng = np.random.default_rng(0)
    patches = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8).repeat(10, 0).repeat(10, 1)
    assert dominant_colour(oklab(patches.reshape(-1, 3) / 255)) is None
    result = painted(patches, "green")
    assert (result != patches).any(axis=-1).mean() > 0.98


def test_the_shade_of_one_paint_is_one_colour():
    image, _ = bus()
    dominant = dominant_colour(oklab(image.reshape(-1, 3) / 255))
    assert dominant is not None
    assert turn(np.degrees(dominant.hue), hue_of((170, 30, 35))) < 6


# ------------------------------------------------------------------------------------------------- light and noise


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1), st.floats(0.18, 0.9))
def test_a_curve_of_lightness_rises_gently_and_meets_its_goal(start, goal):
    curve = lightness_curve(start, goal)
    steps = np.linspace(0, 1, 1001, dtype=np.float32)
    values = curve(steps)
    slopes = np.diff(values) * 1000
    assert (slopes >= -1e-3).all()
    assert slopes.max() <= 1.5 * STEEPEST + 0.1
    assert float(curve(np.array([np.clip(start, 0.02, 0.98)]))[0]) == pytest.approx(goal, abs=1e-3)
    assert values.min() >= 0
    assert values.max() <= 1


@settings(max_examples=60, deadline=None)
@given(st.floats(-1, 10))
def test_brightness_rises_gently_and_reaches_blacks_and_whites(share):
    values = brightness_curve(share)(np.linspace(0, 1, 1001, dtype=np.float32))
    slopes = np.diff(values) * 1000
    assert (slopes >= -1e-3).all()
    assert slopes.max() <= 3
    assert 0 <= values.min() <= values.max() <= 1
    if share > 0.05:
        assert values[0] > 0.005, "black"
    if share < -0.05:
        assert values[-1] < 0.98, "white"
    assert values[500] == pytest.approx(np.clip(0.5 * (1 + share), 0.02, 0.97), abs=1e-3)


def black_horse():
    rng = np.random.default_rng(1)
    light = ndimage.gaussian_filter(rng.random((120, 160)), 12)
    light = 10 + 50 * (light - light.min()) / np.ptp(light)
    return np.clip(light[..., None] + rng.normal(0, 4, (120, 160, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("goal", ["red", "white", "yellow", "blue"])
def test_a_black_thing_takes_any_colour_all_over_and_without_speckle(goal):
    image = black_horse()
    result = painted(image, goal)
    moved = np.abs(result.astype(int) - image).max(axis=-1)
    assert (moved > 20).mean() > 0.98
    before, after = (v.astype(float) - ndimage.gaussian_filter(v.astype(float), (3, 3, 0)) for v in (image, result))
    # of what is 4 steps of noise in near-black, where the eye sees finest, never more than a grain
    assert after.std() < 3.2 * before.std()
    if goal != "white":
        strong = ndimage.gaussian_filter(result.astype(np.float32), (2, 2, 0))
        assert np.percentile(turn(hue_of(strong / 255), hue_of(paint_rgb(goal))), 95) < 12


def test_a_black_thing_is_brightened_and_a_white_one_darkened():
    image = black_horse()
    bright = done_to(image, "brighten 40%")
    assert bright.mean() > image.mean() + 12
    assert (bright.astype(int) >= image.astype(int) - 3).mean() > 0.99
    pure = np.zeros((8, 8, 3), np.uint8)
    assert done_to(pure, "brighten 40%").min() > 2
    assert done_to(255 - pure, "darken 40%").max() < 230


def test_blue_is_no_light_bulb_and_every_hue_stays_one_hue_from_shade_to_highlight():
    ramp = np.linspace(20, 250, 200).astype(np.uint8)[None, :, None].repeat(20, 0).repeat(3, 2)
    for name in ("blue", "red", "green", "yellow", "purple"):
        result = recoloured(ramp, all_of(ramp), paint_rgb(name), whole=True)
        lab = oklab(result / 255)
        chroma = np.hypot(lab[..., 1], lab[..., 2])
        assert chroma.max() <= MOST_PAINT + 0.01
        strong = chroma > 0.04
        assert turn(np.degrees(np.arctan2(lab[..., 2], lab[..., 1])), hue_of(paint_rgb(name)))[strong].max() < 6
        assert (np.diff(lab[0, :, 0]) > -4e-3).all(), "light stays light, dark stays dark"


def test_a_plain_thing_becomes_the_colour_by_number():
    plain = np.full((30, 30, 3), (120, 118, 119), dtype=np.uint8)
    result = recoloured(plain, all_of(plain), (51, 102, 170))
    assert np.abs(result.astype(int) - (51, 102, 170)).max() <= 2


def test_strength_is_how_much_of_it_shows():
    image, _ = bus()
    none, half, full = (done_to(image, f"colour blue {n}%") for n in (0, 50, 100))
    assert np.array_equal(none, image)
    assert np.abs(half.astype(int) - (image.astype(int) + full) / 2).max() <= 1


# ------------------------------------------------------------------------------------------------------ what is held


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from(
        ["colour red", "colour all white 30%", "colour black", "brighten 900%", "darken 100%", "colour #00f"]
    ),
    st.booleans(),
    st.sampled_from([0, 1, 40, 255]),
)
def test_outside_nothing_changes_and_inside_everything_is_a_colour(height, width, seed, text, floats, spread):
    rng = np.random.default_rng(seed)
    image = (rng.integers(0, 256) + rng.integers(-spread, spread + 1, (height, width, 3))).clip(0, 255).astype(np.uint8)
    image = (image / np.float32(255)).astype(np.float32) if floats else image
    inside = rng.random((height, width)) < rng.random()
    before = image.copy()
    result = changed(image, inside, exact_change(text))
    assert np.array_equal(image, before)
    assert result.dtype == image.dtype
    assert np.array_equal(result[~inside], image[~inside])
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= (1 if floats else 255)


def test_bytes_and_floats_become_the_same_colours():
    image = data.coffee()[100:200, 200:330]
    as_floats = painted((image / 255).astype(np.float32), "green")
    assert np.abs(as_floats * 255 - painted(image, "green")).max() <= 1.01


def test_recolouring_a_large_thing_tells_and_can_be_stopped():
    image = np.zeros((1500, 1500, 3), dtype=np.uint8)
    listener = Listener(stop=12)
    with pytest.raises(Cancelled):
        recoloured(image, all_of(image), (200, 0, 0), on_step=listener)
    assert listener.rises
    assert listener.shares[-1] < 1
