"""Masks at full size and their words, held against the same steps made plainly, pixel by pixel over the whole frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cielr.core.geometry import Box, Mask
from cielr.perception.appearance import sampled_lab
from cielr.perception.builtin.bits import closed_and_opened, packed, without_holes
from cielr.perception.builtin.refine import refined

CROSS = ndimage.generate_binary_structure(2, 1)


def spots(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """bool [height, width]: blots of any size, from dust to all of it."""
    soft = ndimage.gaussian_filter(rng.random((height, width)), rng.uniform(0.3, 4))
    return soft > np.quantile(soft, rng.uniform(0.03, 0.97))


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.one_of(st.integers(1, 140), st.sampled_from([63, 64, 65, 127, 128, 129])),
    times=st.integers(0, 8),
    seed=st.integers(0, 10**6),
)
def test_closing_and_opening_by_bits_is_that_by_a_diamond(height, width, times, seed):
    array = spots(np.random.default_rng(seed), height, width)
    y, x = np.mgrid[-times : times + 1, -times : times + 1]
    diamond = np.abs(y) + np.abs(x) <= times
    closed = ndimage.binary_closing(array, diamond) | array
    bits = closed_and_opened(packed(array), width, times)
    octets = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")
    assert (octets[:, :width] == ndimage.binary_opening(closed, diamond)).all()
    assert not octets[:, width:].any()


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.one_of(st.integers(1, 140), st.sampled_from([63, 64, 65, 128])),
    around=st.tuples(*[st.integers(0, 3)] * 4),
    seed=st.integers(0, 10**6),
)
def test_holes_are_filled_and_nothing_else(height, width, around, seed):
    array = spots(np.random.default_rng(seed), height, width)
    left, top, right, bottom = around
    whole = np.pad(np.asarray(ndimage.binary_fill_holes(array)), ((top, bottom), (left, right)))
    found = without_holes(packed(array), Box(left, top, left + width, top + height), *whole.shape)
    assert found == Mask.from_array(whole)


def plainly_refined(image: np.ndarray, small: np.ndarray, reach: int) -> np.ndarray:
    """bool [H, W]: what `refined` promises, with every step on every pixel of the mask's surroundings."""
    floats = image.astype(np.float32) / 255 if image.dtype == np.uint8 else image
    rows, columns = np.nonzero(small)
    top, left = max(0, rows.min() - 3), max(0, columns.min() - 3)
    part = small[top : rows.max() + 4, left : columns.max() + 4]
    here = floats[top * reach :, left * reach :][: part.shape[0] * reach, : part.shape[1] * reach]

    def blocks(array) -> np.ndarray:
        return np.kron(np.asarray(array), np.ones((reach, reach), dtype=bool))[: here.shape[0], : here.shape[1]]

    soft = ndimage.gaussian_filter(part.astype(np.float32), 0.7, mode="nearest")
    large = np.asarray(ndimage.zoom(soft, reach, order=1, mode="nearest", grid_mode=True))
    full: np.ndarray = large[: here.shape[0], : here.shape[1]] > 0.5
    sure, near = blocks(ndimage.binary_erosion(part, border_value=1)), blocks(ndimage.binary_dilation(part))
    ours, theirs = (here[where] for where in (sure if sure.any() else full, ~near))
    if min(len(ours), len(theirs)) >= 16:
        inside, outside = (np.median(side[:: max(1, len(side) // 4000)], axis=0) for side in (ours, theirs))
        length = ((outside - inside) ** 2).sum()
        if length >= 0.05**2:
            share = (here - inside) @ (outside - inside) / length
            full = np.where(near & ~sure, (share < 0.35) | (full & (share <= 0.65)), full)
    disc = ndimage.iterate_structure(CROSS, max(1, reach // 2))
    full = np.asarray(ndimage.binary_closing(full, disc)) | full
    full = np.asarray(ndimage.binary_fill_holes(ndimage.binary_opening(full, disc)))
    whole = np.zeros(image.shape[:2], dtype=bool)
    whole[top * reach :, left * reach :][: here.shape[0], : here.shape[1]] = full
    return whole


@pytest.mark.parametrize("seed", range(40))
def test_looking_at_the_outline_alone_finds_what_looking_at_every_pixel_does(seed):
    rng = np.random.default_rng(seed)
    reach = int(rng.integers(2, 13))
    small = spots(rng, *rng.integers(8, 50, 2))
    # the frame cuts the last blocks
    height, width = (int(side * reach - rng.integers(0, reach)) for side in small.shape)
    inside = np.kron(small, np.ones((reach, reach), dtype=bool))[:height, :width]
    picture = np.where(inside[..., None], rng.random(3), rng.random(3))
    picture = ndimage.gaussian_filter(picture, (reach / 2, reach / 2, 0)) + rng.normal(0, 0.05, picture.shape)
    picture = np.clip(picture, 0, 1).astype(np.float32)
    image = np.rint(picture * 255).astype(np.uint8) if seed % 2 else picture
    assert refined(image, small, reach) == Mask.from_array(plainly_refined(image, small, reach))


def test_a_disc_seen_small_gets_its_own_outline_at_full_size():
    rows, columns = np.mgrid[:600, :800]
    disc = (rows - 290.3) ** 2 + (columns - 411.7) ** 2 <= 173**2
    image = np.where(disc[..., None], (200, 60, 40), (60, 90, 160)).astype(np.uint8)
    small = disc.reshape(60, 10, 80, 10).mean(axis=(1, 3)) > 0.5
    assert refined(image, small, 10).iou(Mask.from_array(disc)) > 0.999


def test_a_masks_colour_is_the_median_of_all_of_it_however_it_lies():
    from skimage.color import rgb2lab

    rng = np.random.default_rng(4)
    image = rng.integers(0, 256, (90, 130, 3), dtype=np.uint8)
    for array in (spots(rng, 90, 130), np.ones((90, 130), dtype=bool), np.eye(90, 130, dtype=bool)):
        expected = np.median(rgb2lab(image[array][None])[0], axis=0)
        assert np.allclose(np.median(sampled_lab(image, Mask.from_array(array)), axis=0), expected)
