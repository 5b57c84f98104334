"""What of the picture a painter is shown, at what size, and with what mask; the numbers are worked out by hand."""

import numpy as np
import pytest
from scipy import ndimage
from things import noise

from cielr.actions import Modify
from cielr.core.geometry import Box, Mask
from cielr.editing.crop import check_drawn, reference_region, stitch_region, working_crop, working_region
from cielr.errors import EditError
from cielr.region import Region

GLASS = Modify(targets=("thing_1",), change="of glass")


def region_of(crop, box, width, height, **more):
    """A region whose support fills a box, in a frame of that size; its painter sees the crop."""
    support = box if isinstance(box, Mask) else Mask.from_box(Box(*box), height, width)
    return Region(index=0, action=GLASS, support=support, crop=Box(*crop), **more)


@pytest.mark.parametrize(
    ("before", "frame", "after"),
    [
        # 30 pixels become 32, one more on either side; of an odd number the right gets the one more
        ((41, 71), 200, (40, 72)),
        ((41, 70), 200, (40, 72)),
        ((41, 61), 200, (35, 67)),
        # at the frame the other side gives all
        ((0, 29), 200, (0, 32)),
        ((1, 30), 200, (0, 32)),
        ((170, 199), 200, (168, 200)),
        # what just fits the frame is taken, what does not is left
        ((2, 83), 96, (0, 96)),
        ((2, 99), 100, (2, 99)),
        ((32, 64), 200, (32, 64)),
    ],
)
def test_a_working_crop_grows_to_multiples_as_much_on_both_sides_and_inside_the_frame(before, frame, after):
    across = region_of((before[0], 16, before[1], 48), (before[0], 16, before[1], 48), frame, 64)
    down = region_of((16, before[0], 48, before[1]), (16, before[0], 48, before[1]), 64, frame)
    assert working_region(across, 0, 16).crop == Box(after[0], 16, after[1], 48)
    assert working_region(down, 0, 16).crop == Box(16, after[0], 48, after[1])


# A crop and the support's box in a frame of 5000 x 2000, the model's size, and what is shown and how large.
SIZES = {
    "as it is": ((1000, 1000, 2000, 1400), (1050, 1100, 1950, 1300), 512, (1000, 1000, 2000, 1400), (512, 208)),
    "a small thing is enlarged with all that is around it": (
        *((1000, 1000, 1400, 1200), (1190, 1090, 1210, 1110), 512),
        *((1000, 1000, 1400, 1200), (512, 256)),
    ),
    "its shorter side has just 64 pixels at the model's size": (
        *((1000, 1000, 2024, 1608), (1100, 1236, 1900, 1364), 512),
        *((1000, 1000, 2024, 1608), (512, 304)),
    ),
    "thin: 64 pixels around it, and its own size": (
        *((1000, 1000, 2000, 1400), (1050, 1180, 1950, 1220), 512),
        *((1000, 1116, 2000, 1284), (1000, 168)),
    ),
    "thin: half of its shorter side around it, and 64 pixels for that": (
        *((500, 500, 2500, 1500), (648, 924, 2352, 1076), 512),
        *((572, 848, 2428, 1152), (784, 128)),
    ),
    "thin: as many pixels as a model bears": (
        *((500, 500, 4500, 1500), (564, 968, 4436, 1032), 512),
        *((500, 904, 4500, 1096), (3504, 168)),
    ),
}


@pytest.mark.parametrize(("crop", "box", "size", "shown", "scaled"), SIZES.values(), ids=list(SIZES))
@pytest.mark.parametrize("stands", [False, True], ids=["lies", "stands"])
def test_a_thin_thing_is_shown_with_less_around_it_and_larger(crop, box, size, shown, scaled, stands):
    width, height = 5000, 2000
    if stands:
        crop, box, shown = ((y0, x0, y1, x1) for x0, y0, x1, y1 in (crop, box, shown))
        scaled, width, height = scaled[::-1], height, width
    picture = np.zeros((height, width, 3), np.uint8)
    drawn, mask, region = working_crop(picture, region_of(crop, box, width, height), size, 8)
    assert region.crop == working_region(region_of(crop, box, width, height), size, 1).crop == Box(*shown)
    assert drawn.shape[1::-1] == mask.shape[::-1] == scaled


@pytest.mark.parametrize(
    ("crop", "shown"),
    [
        ((50, 90, 150, 110), (50, 79, 150, 122)),
        ((50, 0, 150, 20), (50, 0, 150, 43)),
        ((0, 90, 300, 110), (0, 36, 300, 165)),
        ((50, 50, 120, 80), (50, 50, 120, 80)),
        ((90, 50, 110, 150), (79, 50, 122, 150)),
    ],
)
def test_a_reference_is_three_sevenths_as_high_as_wide_at_least_and_its_thing_in_the_middle(crop, shown):
    assert reference_region(region_of(crop, crop, 300, 200)).crop == Box(*shown)


def test_a_working_mask_is_full_a_cell_beyond_the_support_and_fades_over_two_more():
    rows, columns = np.mgrid[:120, :160]
    support = np.hypot(rows - 60, columns - 50) <= 20
    region = region_of((0, 0, 160, 120), Mask.from_array(support), 160, 120)
    _, mask, _ = working_crop(noise(120, 160), region)
    distance = np.asarray(ndimage.distance_transform_edt(~support))
    assert (mask[distance <= 8] == 1).all()
    assert mask[distance == 16] == pytest.approx(0.5)
    assert (mask[distance >= 24] == 0).all()
    assert np.allclose(mask, np.interp(distance, [8, 24], [1, 0]), atol=1e-6)


def test_a_pixel_that_is_covered_by_a_hair_of_the_support_is_painted():
    region = region_of((0, 0, 512, 512), (255, 255, 257, 257), 512, 512)
    drawn, mask, _ = working_crop(noise(512, 512), region, 64, 8)
    assert drawn.shape[:2] == mask.shape == (96, 96)
    assert (mask[47:49, 47:49] == 1).all()


def test_where_all_is_to_be_painted_the_mask_is_full_and_where_nothing_is_it_is_empty():
    picture = noise(40, 48)
    _, everything, _ = working_crop(picture, region_of((0, 0, 48, 40), (0, 0, 48, 40), 48, 40), 64)
    _, nothing, _ = working_crop(picture, region_of((0, 0, 48, 40), (0, 0, 0, 0), 48, 40), 64)
    assert (everything == 1).all()
    assert (nothing == 0).all()


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (4, 5, 1), (0, 5, 3), (1, 4, 5, 3), (1, 4, 3, 3)])
def test_what_is_no_picture_is_not_taken_for_one(shape):
    with pytest.raises(EditError, match=r"must be \[height, width, 3\], not"):
        check_drawn(np.zeros(shape, np.float32))


def test_a_painted_sample_that_is_no_number_matters_where_the_support_is_alone():
    picture = noise(40, 40, dtype=np.float32)
    region = region_of((5, 5, 35, 35), (10, 10, 20, 20), 40, 40, feather=3)
    painted = noise(30, 30, seed=1, dtype=np.float32)
    clean = stitch_region(picture, region, painted)
    painted[25, 25] = np.nan
    assert np.array_equal(stitch_region(picture, region, painted), clean)
    for y, x in ((5, 5), (10, 10)):
        spoilt = painted.copy()
        spoilt[y, x, 1] = np.inf
        with pytest.raises(EditError, match=r"not numbers \(NaN or infinite\): 1;"):
            stitch_region(picture, region, spoilt)
