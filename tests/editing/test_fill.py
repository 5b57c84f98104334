"""The built-in fills: the smooth one against an exact solution, the one by examples as what a model starts from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve
from skimage import data
from things import Listener, noise, scene_with

from cielr.actions import Plan, Remove
from cielr.editing.executor import execute
from cielr.editing.fill.membrane import membrane
from cielr.editing.painters import SKETCH, BuiltinFill
from cielr.errors import Cancelled
from cielr.region import regions


def exact(image: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """float64 [H, W]: every unknown pixel the mean of its neighbours in the frame, by elimination."""
    places = {place: number for number, place in enumerate(zip(*np.nonzero(unknown), strict=True))}
    right = np.zeros(len(places))
    entries = []
    for (y, x), number in places.items():
        for there in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not (0 <= there[0] < unknown.shape[0] and 0 <= there[1] < unknown.shape[1]):
                continue
            entries.append((1.0, number, number))
            if there in places:
                entries.append((-1.0, number, places[there]))
            else:
                right[number] += image[there]
    values, rows, columns = zip(*entries, strict=True)
    matrix = coo_matrix((values, (rows, columns)), shape=(len(places), len(places))).tocsc()
    result = image.astype(np.float64)
    result[unknown] = np.asarray(spsolve(matrix, right))
    return result


@settings(max_examples=40, deadline=None)
@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 10**6))
def test_a_smooth_fill_is_the_harmonic_continuation_of_what_is_known(height, width, seed):
    rng = np.random.default_rng(seed)
    soft = ndimage.gaussian_filter(rng.random((height, width)), rng.uniform(0, 5))
    unknown = soft > np.quantile(soft, rng.uniform(0, 0.95))
    image = rng.random((height, width, 2)).astype(np.float32)
    if unknown.all() or not unknown.any():
        return
    filled = membrane(image, unknown)
    assert np.array_equal(filled[~unknown], image[~unknown])
    for channel in range(2):
        assert np.abs(filled[..., channel] - exact(image[..., channel], unknown)).max() < 0.25 / 255


@pytest.mark.parametrize(
    "hole",
    {
        "a large disc": np.hypot(*(np.mgrid[:160, :160] - 80)) < 70,
        "all but one row": np.mgrid[:150, :150][0] > 0,
        "all but single pixels": np.random.default_rng(0).random((120, 120)) < 0.99,
        "a strip to the frame": np.mgrid[:6, :900][1] > 4,
        "a winding line": np.sin(np.hypot(*(np.mgrid[:120, :120] - 60)) / 3) > 0.2,
    }.items(),
    ids=lambda hole: hole[0],
)
def test_holes_of_any_shape_are_filled_to_less_than_a_quarter_of_a_step(hole):
    image = np.random.default_rng(1).random((*hole[1].shape, 1)).astype(np.float32)
    filled = membrane(image, hole[1])
    assert np.abs(filled[..., 0] - exact(image[..., 0], hole[1])).max() < 0.25 / 255


def test_a_fill_between_equal_pixels_is_equal_to_them():
    image = np.full((300, 200, 3), 0.7, dtype=np.float32)
    assert np.array_equal(membrane(image, np.mgrid[:300, :200][0] > 0), image)


def test_a_large_smooth_fill_tells_often_and_can_be_cancelled():
    listener = Listener(stop=60)
    hole = np.hypot(*(np.mgrid[:400, :400] - 200)) < 190
    with pytest.raises(Cancelled):
        membrane(noise(400, 400, dtype=np.float32), hole, listener)
    assert len(listener.shares) == 60
    assert listener.rises
    assert listener.shares[-1] < 1


def test_a_model_starts_from_ground_that_a_smaller_search_found():
    gravel = np.stack([np.tile(data.gravel(), (2, 2))[:700, :700]] * 3, -1)
    hole = np.hypot(*(np.mgrid[:700, :700] - 350)) < 110
    image = gravel.copy()
    image[hole] = (255, 0, 0)
    region = regions(Plan(actions=(Remove(targets=("thing_1",)),)), scene_with(hole))[0]
    seen = {}

    class Model:
        def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
            seen.update(image=image, mask=mask)
            return image

    execute(image, [region], Model())
    start, inside = seen["image"], seen["mask"] > 0
    sketch = BuiltinFill().sketch()
    assert sketch.window == SKETCH
    crop = image[region.crop.slices]
    assert np.array_equal(start, sketch.fill(crop, inside, np.zeros_like(inside), region.seed))
    assert np.ptp(start[inside].astype(int), axis=1).max() == 0, "grey gravel, nothing of the red ball"
    before = np.abs(np.diff(gravel[..., 0].astype(int), axis=1)).mean()
    detail = np.abs(np.diff(start[..., 0].astype(int), axis=1))[inside[:, 1:] & inside[:, :-1]].mean()
    assert detail > 0.7 * before, "a blur would lead the model astray"


def test_a_sketch_fills_as_its_fill_does():
    assert BuiltinFill("smooth").sketch().method == "smooth"
    assert BuiltinFill(window=64).sketch().window == 64
