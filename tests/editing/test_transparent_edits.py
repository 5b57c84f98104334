"""What an edit makes of alpha, and what painters are shown where nothing is visible; without eyes and files."""

import numpy as np
import pytest
from things import boxed, noise, scene_with

from cielr.actions import Background, Extract, Modify, Plan, Remove, Replace
from cielr.core.geometry import Box
from cielr.editing.attempts import Picture
from cielr.editing.transparency import NearestFill, execute_transparent, painted
from cielr.errors import EditError
from cielr.region import alpha_left, regions, seeded

HEIGHT, WIDTH = 90, 140
CUP = Box(20, 30, 50, 60)
SCENE = scene_with(boxed("cup_1", CUP, WIDTH, HEIGHT))
TOPS = pytest.mark.parametrize(("dtype", "top"), [(np.uint8, 255), (np.float32, 1)])


def planned(*actions):
    return seeded(regions(Plan(actions=actions), SCENE), 0)


def filled(values, hole, avoid=()):
    """A row of grey pixels with some filled."""
    image = np.array(values, np.uint8)[None, :, None].repeat(3, axis=2)
    masks = np.zeros((2, 1, len(values)), dtype=bool)
    masks[0, 0, list(hole)] = masks[1, 0, list(avoid)] = True
    return NearestFill().fill(image, *masks, seed=0)[0, :, 0].tolist()


def test_each_pixel_of_a_hole_is_the_nearest_that_may_be_copied():
    row = [10, 20, 30, 40, 50, 60, 70, 80]
    assert filled(row, (2, 3, 4, 5)) == [10, 20, 20, 20, 70, 70, 70, 80]
    assert filled(row, (2, 3), avoid=(4, 5)) == [10, 20, 20, 20, 50, 60, 70, 80]
    # better from what had better not be copied than from nowhere
    assert filled(row, (0, 1, 2), avoid=(3, 4, 5, 6, 7)) == [40, 40, 40, 40, 50, 60, 70, 80]
    assert filled(row, range(8)) == [0] * 8


@TOPS
def test_of_an_opaque_photo_an_extracted_thing_is_opaque_and_all_else_clear(dtype, top):
    pixels = noise(HEIGHT, WIDTH, dtype=dtype)
    todo = planned(Extract(targets=("cup_1",)))
    left = alpha_left(todo, HEIGHT, WIDTH)
    for alpha in (None, np.full((HEIGHT, WIDTH), top, dtype)):
        result = painted(Picture(pixels, alpha), todo, False)
        assert result.alpha.dtype == dtype
        assert np.allclose(result.alpha, left * top, atol=0.5 if dtype == np.uint8 else 1e-6)
        assert np.array_equal(result.pixels, pixels)
    assert (result.alpha[CUP.slices] == top).all()
    assert (result.alpha[:20] == 0).all()


@TOPS
def test_what_was_transparent_of_an_extracted_thing_stays_so(dtype, top):
    alpha = np.full((HEIGHT, WIDTH), top, dtype)
    alpha[:40] = dtype(0.4 * top)
    alpha[30:33] = 0
    result = painted(Picture(noise(HEIGHT, WIDTH, dtype=dtype), alpha), planned(Extract(targets=("cup_1",))), True)
    assert np.array_equal(result.alpha[CUP.slices], alpha[CUP.slices])
    assert (result.alpha[:20] == 0).all()


@TOPS
def test_an_edit_of_a_photo_without_transparency_leaves_its_alpha_as_it_is(dtype, top):
    todo = planned(Modify(targets=("cup_1",), change="colour red"))
    pixels, alpha = noise(HEIGHT, WIDTH, dtype=dtype), np.full((HEIGHT, WIDTH), top, dtype)
    plain = painted(Picture(pixels), todo, False)
    assert plain.alpha is None
    with_alpha = painted(Picture(pixels, alpha), todo, False)
    assert with_alpha.alpha is alpha
    assert np.array_equal(with_alpha.pixels, plain.pixels)
    assert not np.array_equal(plain.pixels, pixels)


class Watching:
    """Remembers what it was shown, and paints it over in grey."""

    def inpaint(self, image, mask, *rest):
        self.shown = image
        return np.full_like(image, 0.5 if image.dtype == np.float32 else 128)


@TOPS
def test_on_what_is_wholly_opaque_is_drawn_and_on_anything_less_is_not(dtype, top):
    pixels, alpha = noise(HEIGHT, WIDTH, dtype=dtype), np.full((HEIGHT, WIDTH), top, dtype)
    alpha[:, 100:] = 0
    todo = planned(Replace(targets=("cup_1",), with_="a bowl"))
    image, after = execute_transparent(pixels, alpha, todo, Watching())
    assert np.array_equal(after, alpha)
    assert not np.array_equal(image[CUP.slices], pixels[CUP.slices])
    alpha[45, 30] = dtype(0.99 * top)
    with pytest.raises(EditError, match="Action 1 would draw where the photo is transparent"):
        execute_transparent(pixels, alpha, todo, Watching())
    # what is drawn over a thing keeps its outline, and so its alpha
    glass = planned(Modify(targets=("cup_1",), change="of glass"))
    image, after = execute_transparent(pixels, alpha, glass, Watching())
    assert np.array_equal(after, alpha)
    assert not np.array_equal(image[CUP.slices], pixels[CUP.slices])


@TOPS
def test_what_nobody_would_see_is_refused_by_its_number(dtype, top):
    pixels, alpha = noise(HEIGHT, WIDTH, dtype=dtype), np.zeros((HEIGHT, WIDTH), dtype)
    alpha[:, 60:] = top
    red = Modify(targets=("cup_1",), change="colour red")
    with pytest.raises(EditError, match="All that action 2 would change is transparent"):
        execute_transparent(pixels, alpha, planned(Background(to="darken 20%"), red))
    # the faintest pixel is enough
    alpha[45, 30] = 1 if dtype == np.uint8 else 1e-3
    image, after = execute_transparent(pixels, alpha, planned(red))
    assert np.array_equal(after, alpha)
    changed = (image != pixels).any(axis=-1)
    assert np.argwhere(changed).tolist() == [[45, 30]]


@TOPS
def test_painters_are_shown_the_nearest_colour_that_stays_where_nothing_is_visible(dtype, top):
    pixels, alpha = noise(HEIGHT, WIDTH, dtype=dtype), np.zeros((HEIGHT, WIDTH), dtype)
    pixels[:, :70], pixels[:, 70:] = 0.2 * top, 0.7 * top
    pixels[CUP.slices] = top
    alpha[CUP.slices] = top
    alpha[:, 70:75] = top
    glass, painter = planned(Modify(targets=("cup_1",), change="of glass")), Watching()
    image, _ = execute_transparent(pixels, alpha, glass, painter)
    crop = glass[0].crop
    hidden = (alpha == 0)[crop.slices]
    assert set(np.unique(painter.shown[hidden])) == {dtype(0.7 * top), dtype(top)}
    assert np.array_equal(painter.shown[~hidden], pixels[crop.slices][~hidden])
    assert np.array_equal(image[alpha == 0], pixels[alpha == 0])


class Shown:
    """A filler that remembers what it was shown."""

    def fill(self, image, hole, avoid, seed, on_step=None):
        self.image = image.copy()
        return NearestFill().fill(image, hole, avoid, seed)


@TOPS
@pytest.mark.parametrize("is_alone", [False, True])
def test_a_filler_is_shown_what_stays_and_what_goes_only_where_nothing_stays(dtype, top, is_alone):
    pixels, alpha = np.full((HEIGHT, WIDTH, 3), 0.2 * top, dtype), np.zeros((HEIGHT, WIDTH), dtype)
    pixels[CUP.slices], alpha[CUP.slices] = top, top
    if not is_alone:
        pixels[:, 70:75], alpha[:, 70:75] = 0.7 * top, top
    todo, filler = planned(Remove(targets=("cup_1",))), Shown()
    image, after = execute_transparent(pixels, alpha, todo, filler)
    hidden = (alpha == 0)[todo[0].crop.slices]
    assert np.unique(filler.image[hidden]) == [dtype(top if is_alone else 0.7 * top)]
    assert (after[CUP.slices] == 0).all()
    assert (image[CUP.slices] == 0).all()
    assert np.array_equal(image[alpha == 0], pixels[alpha == 0])


@TOPS
def test_where_there_is_nothing_to_do_a_picture_with_transparency_stays_as_it_is(dtype, top):
    pixels, alpha = noise(HEIGHT, WIDTH, dtype=dtype), np.zeros((HEIGHT, WIDTH), dtype)
    alpha[20:40] = 0.5 * top
    image, after = execute_transparent(pixels, alpha, [])
    assert np.array_equal(image, pixels)
    assert np.array_equal(after, alpha)
