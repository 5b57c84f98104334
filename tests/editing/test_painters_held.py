"""Painters and pictures that are not what they should be: refused in a sentence, and never able to hide a change."""

import numpy as np
import pytest
from things import boxed, noise, scene_with

from cielr.actions import Modify, Move, Place, Plan, Remove, Replace
from cielr.core.geometry import Box
from cielr.editing.crop import stitch_region
from cielr.editing.executor import execute
from cielr.errors import EditError
from cielr.region import regions

SIDE = 160
SCENE = scene_with(boxed("cup_1", (60, 60, 90, 90), SIDE, SIDE))
REMOVE = Remove(targets=("cup_1",))
REPLACE = Replace(targets=("cup_1",), with_="an orange")
MOVE = Move(targets=("cup_1",), to=Place(relation="by", x=30, y=0))


def picture(dtype):
    return noise(SIDE, SIDE, dtype=dtype)


def found(action):
    return regions(Plan(actions=(action,)), SCENE)


class Model:
    """Draws `value` in the places of `where`, a function of the mask."""

    def __init__(self, value, where=lambda mask: mask > 0):
        self.value, self.where = value, where

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        drawn = image.astype(np.float32) / (255 if image.dtype == np.uint8 else 1)
        drawn[self.where(mask)] = self.value
        return drawn


class Fill:
    def __init__(self, value):
        self.value = value

    def fill(self, image, hole, avoid, seed, on_step=None):
        filled = image.astype(np.float32)
        filled[hole] = self.value
        return filled


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("action", [REPLACE, REMOVE, MOVE], ids=lambda action: action.kind)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("colour_match", [True, False])
def test_what_is_not_a_number_is_refused_from_a_model(value, action, dtype, colour_match):
    image = picture(dtype)
    before = image.copy()
    with pytest.raises(EditError, match=r"drew samples that are not numbers \(NaN or infinite\): \d+;"):
        execute(image, found(action), Model(value), colour_match=colour_match)
    assert np.array_equal(image, before)


@pytest.mark.parametrize("action", [REMOVE, MOVE], ids=lambda action: action.kind)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_what_is_not_a_number_is_refused_from_a_fill(action, dtype):
    with pytest.raises(EditError, match=r"drew samples that are not numbers \(NaN or infinite\): \d+;"):
        execute(picture(dtype), found(action), Fill(np.nan))


def test_a_single_wrong_sample_at_the_soft_edge_is_refused_and_one_outside_is_not_used():
    image = picture(np.float32)
    [region] = found(REPLACE)
    alpha = region.alpha()
    painted = image[region.crop.slices].copy()
    edge = np.argwhere((alpha > 0) & (alpha < 1))[0]
    painted[tuple(edge)] = np.nan
    with pytest.raises(EditError, match=r"infinite\): 3;"):
        stitch_region(image, region, painted)
    painted = image[region.crop.slices].copy()
    painted[alpha == 0] = np.nan
    assert np.array_equal(stitch_region(image, region, painted), image)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_picture_with_samples_that_are_not_numbers_is_refused_where_it_would_be_read(value):
    image = picture(np.float32)
    image[70, 70, 1] = value
    for action in (REMOVE, MOVE, Modify(targets=("cup_1",), change="blur 4px")):
        with pytest.raises(EditError, match=r"picture holds samples that are not numbers \(NaN or infinite\): 1;"):
            execute(image, found(action))
    image[70, 70, 1], image[0, 159, 0] = 0.5, value
    [region] = found(REMOVE)
    small = region.model_copy(update={"crop": Box(40, 40, 120, 120)})
    result = execute(image, [small])
    assert np.array_equal(result[0, 159], image[0, 159], equal_nan=True), "far away it stays what it was"


class InPlace:
    """Paints into the picture that it is given, everywhere."""

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        image[:] = 7
        return image


class InPlaceFill:
    def fill(self, image, hole, avoid, seed, on_step=None):
        image[:] = 7
        hole[:] = True
        return image


@pytest.mark.parametrize(("action", "painter"), [(REPLACE, InPlace()), (REMOVE, InPlaceFill()), (REMOVE, InPlace())])
def test_a_painter_that_writes_in_place_changes_what_is_reported_and_nothing_else(action, painter):
    image = picture(np.uint8)
    before = image.copy()
    changes = []
    chain = found(action)
    result = execute(image, chain, painter, on_change=changes.append, colour_match=False)
    support = chain[0].support.to_array()
    assert np.array_equal(image, before)
    assert np.array_equal(result[~support], before[~support])
    assert (result[70:80, 70:80] == 7).all()
    [change] = changes
    assert change.pixels == (result != before).any(axis=-1).sum() > 0


def test_a_fill_of_another_size_is_refused():
    class Small:
        def fill(self, image, hole, avoid, seed, on_step=None):
            return image[::2, ::2]

    with pytest.raises(EditError, match="The fill returned"):
        execute(picture(np.uint8), found(REMOVE), Small())
