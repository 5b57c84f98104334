"""For every operation, dtype and size: what lies outside the region's support is bit for bit what it was."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from things import scene_with

from cielr.actions import Background, Global, Modify, Move, Place, Plan, Remove, Resize
from cielr.core.geometry import Box, Mask
from cielr.editing.crop import crop_region, reference_crop, stitch_region, working_crop
from cielr.editing.executor import execute, measured
from cielr.editing.painters import BuiltinFill
from cielr.errors import EditError, PlanError
from cielr.region import regions, seeded

SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

CHANGES = [
    "colour dark red",
    "colour #12f0a0",
    "colour white",
    "brighten 30%",
    "darken 80%",
    "blur 3px",
    "desaturate 100%",
]


@st.composite
def pictures(draw):
    """An image of either dtype, of noise or flat, and the mask of a thing in it."""
    height, width = draw(st.integers(2, 70)), draw(st.integers(2, 70))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if draw(st.booleans()):
        image[:] = image[0, 0]
    if draw(st.booleans()):
        # floats that are no multiples of 1/255: a detour over bytes would show
        image = rng.random((height, width, 3)).astype(np.float32)
    y0, x0 = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    y1, x1 = draw(st.integers(y0 + 1, height)), draw(st.integers(x0 + 1, width))
    thing = np.zeros((height, width), dtype=bool)
    thing[y0:y1, x0:x1] = rng.random((y1 - y0, x1 - x0)) < draw(st.sampled_from([0.3, 0.9, 1.0]))
    thing[y0, x0] = True
    return image, Mask.from_array(thing)


def region_of(mask, change="of glass"):
    return regions(Plan(actions=(Modify(targets=("thing_1",), change=change),)), scene_with(mask))[0]


@st.composite
def actions(draw):
    kind = draw(st.sampled_from(["remove", "modify", "move", "resize", "background", "global"]))
    if kind == "remove":
        return Remove(targets=("thing_1",))
    if kind == "modify":
        return Modify(targets=("thing_1",), change=draw(st.sampled_from(CHANGES)))
    if kind == "move":
        offset = st.integers(-20, 20)
        return Move(targets=("thing_1",), to=Place(relation="by", x=draw(offset), y=draw(offset)))
    if kind == "resize":
        return Resize(targets=("thing_1",), scale=draw(st.sampled_from([0.3, 0.77, 1.0, 1.5, 3.1])))
    text = draw(st.sampled_from(CHANGES))
    return Background(to=text) if kind == "background" else Global(style=text)


@SLOW
@given(
    pictures(),
    st.lists(actions(), min_size=1, max_size=3),
    st.sampled_from([None, "smooth", "exemplar"]),
    st.integers(0, 2**40),
)
def test_nothing_outside_the_support_changes(picture, chain, method, seed):
    image, mask = picture
    before = image.copy()
    fill = BuiltinFill(method) if method else None
    try:
        found = seeded(regions(Plan(actions=tuple(chain)), scene_with(mask)), seed)
        result = execute(image, found, fill=fill)
    except (EditError, PlanError):
        assume(False)  # moved out of the picture, or nothing left to fill from
    support = np.zeros(image.shape[:2], dtype=bool)
    for region in found:
        support |= region.support.to_array()
    assert np.array_equal(image, before), "the input is never written to"
    assert result.dtype == image.dtype
    assert result.shape == image.shape
    assert np.array_equal(result[~support], before[~support])
    assert result.dtype == np.uint8 or (np.isfinite(result).all() and result.min() >= 0 and result.max() <= 1)
    assert np.array_equal(execute(image, found, fill=fill), result), "same seed, same bytes"


@settings(max_examples=100, deadline=None)
@given(pictures(), st.integers(0, 9), st.integers(0, 20), st.integers(0, 2**32 - 1))
def test_stitching_keeps_everything_outside_whatever_was_painted(picture, feather, context, seed):
    image, mask = picture
    region = region_of(mask)
    crop = mask.box.grow(context).clip(mask.width, mask.height)
    region = region.model_copy(update={"crop": crop, "feather": feather})
    painted = np.random.default_rng(seed).random((crop.height, crop.width, 3)).astype(np.float32)
    result = stitch_region(image, region, painted)
    inside = mask.to_array()
    assert np.array_equal(result[~inside], image[~inside])
    alpha = region.alpha()
    assert (alpha[~region.inside(mask)] == 0).all()
    if image.dtype == np.float32:
        deep = alpha == 1
        assert np.array_equal(result[crop.slices][deep], painted[deep]), "what lies deep inside is the painting itself"


@settings(max_examples=60, deadline=None)
@given(pictures(), st.sampled_from([0, 64, 512]), st.sampled_from([1, 8, 16]))
def test_a_working_crop_has_the_model_s_sides_and_stitches_back(picture, size, multiple):
    image, mask = picture
    region = region_of(mask)
    crop, alpha, region = working_crop(image, region, size, multiple)
    assert crop.dtype == image.dtype
    assert crop.shape[:2] == alpha.shape
    assert crop.shape[0] % multiple == 0
    assert crop.shape[1] % multiple == 0
    result = stitch_region(image, region, crop)
    inside = mask.to_array()
    assert np.array_equal(result[~inside], image[~inside])


@settings(max_examples=60, deadline=None)
@given(pictures(), st.sampled_from([64, 256, 512]), st.sampled_from([8, 16, 32]))
def test_a_reference_has_as_many_pixels_as_was_asked_whatever_its_shape_and_stitches_back(picture, size, multiple):
    image, mask = picture
    region = region_of(mask)
    crop, alpha, wider = reference_crop(image, region, size, multiple)
    assert crop.shape[:2] == alpha.shape
    assert (crop.shape[0] % multiple, crop.shape[1] % multiple) == (0, 0)
    height, width = wider.crop.height, wider.crop.width
    assert wider.crop.union(region.crop) == wider.crop, "nothing of the region's own crop is lost"
    assert Box(0, 0, image.shape[1], image.shape[0]).union(wider.crop) == Box(0, 0, image.shape[1], image.shape[0])
    exact = np.array([height, width]) * size / (height * width) ** 0.5
    assert (np.abs(np.maximum(exact, multiple) - crop.shape[:2]) <= multiple / 2 + 1e-6).all()
    # longer than 7 : 3 only where the picture has no more on the short side
    long, short, most = (height, width, image.shape[1]) if height > width else (width, height, image.shape[0])
    assert long <= round(short * 7 / 3) + 3 or short == most
    result = stitch_region(image, wider, crop)
    assert np.array_equal(result[~mask.to_array()], image[~mask.to_array()])


def test_a_crop_that_needs_no_scaling_comes_back_as_it_was():
    image = np.random.default_rng(0).random((300, 400, 3)).astype(np.float32)
    mask = Mask.from_box(Box(100, 90, 151, 143), 300, 400)
    region = region_of(mask)
    crop, _, wider = working_crop(image, region, size=0, multiple=16)
    assert np.array_equal(crop, crop_region(image, wider)), "the crop grew to multiples instead of being scaled"
    assert np.array_equal(stitch_region(image, wider, crop), image)


def test_a_region_for_another_size_is_refused_in_a_sentence():
    mask = Mask.from_box(Box(1, 1, 3, 3), 10, 12)
    region = regions(Plan(actions=(Remove(targets=("thing_1",)),)), scene_with(mask))[0]
    with pytest.raises(EditError, match="image of 12 x 10 pixels, this one has 20 x 10"):
        execute(np.zeros((10, 20, 3), dtype=np.uint8), [region])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_stitch_fades_in_over_the_feather_as_the_distance_says(dtype):
    mask = Mask.from_box(Box(20, 20, 60, 60), 80, 80)
    region = region_of(mask)
    region = region.model_copy(update={"feather": 4, "core": Mask.from_box(Box(20, 36, 24, 44), 80, 80)})
    black = np.zeros((80, 80, 3), dtype=dtype)
    white = np.full((region.crop.height, region.crop.width, 3), 1 if dtype == np.float32 else 255, dtype=dtype)
    row = stitch_region(black, region, white)[30, :, 0].astype(float) / (1 if dtype == np.float32 else 255)
    assert row[19:26] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1, 1], abs=0.003)
    assert row[54:61] == pytest.approx([1, 1, 0.8, 0.6, 0.4, 0.2, 0], abs=0.003)
    assert (stitch_region(black, region, white)[40, 20:60] == white[0, 0]).all(axis=-1)[:4].all(), "the core is full"


@pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.float32, 1.0)])
def test_what_is_measured_of_a_region_is_its_pixels_alone_and_what_lies_outside_is_an_alarm(dtype, top):
    region = region_of(Mask.from_box(Box(10, 10, 20, 30), 60, 60), "colour red")
    image = np.zeros((60, 60, 3), dtype=dtype)
    before = image[region.crop.slices].copy()
    # half of the pixels change, in one of three channels, by all that there is
    image[10:20, 10:20, 0] = top
    change = measured(before, image, region)
    assert (change.pixels, change.outside) == (100, 0)
    assert change.mean == pytest.approx(100 / (3 * region.support.area))
    assert measured(before, np.zeros_like(image), region).mean == 0
    for spoilt in ((5, 5), (5, 5, 1)):
        image[spoilt] = top
        with pytest.raises(AssertionError, match="changed samples outside its support"):
            measured(before, image, region)
