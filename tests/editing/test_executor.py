"""What the executor asks of painters and fillers, what it takes from them, and how it tells how far it is."""

import numpy as np
import pytest
from discs import GROUND, picture, scene
from PIL import Image

from cielr.actions import Move, Place, Plan, Remove, Replace
from cielr.editing.executor import execute
from cielr.errors import EditError
from cielr.region import regions, seeded

GONE = Remove(targets=("disc_2",))
AWAY = Move(targets=("disc_1",), to=Place(relation="by", x=20, y=90))
GOAT = Replace(targets=("disc_3",), with_="a goat")


class Painter:
    """Paints everything in one colour, at a size of its own, and tells three steps."""

    def __init__(self, colour=(250, 120, 10), times=1, spoilt=False):
        self.colour, self.times, self.spoilt = colour, times, spoilt

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        for done in range(3):
            if on_step is not None:
                on_step(done, 2)
        drawn = np.empty_like(image)
        drawn[:] = self.colour
        if self.spoilt:
            drawn[mask == 0] = np.nan
        return (
            np.asarray(Image.fromarray(drawn).resize([self.times * side for side in drawn.shape[1::-1]]))
            if (self.times > 1)
            else drawn
        )


class Ground:
    """Fills with the ground's colour, and remembers how large the pictures were that it was given."""

    def __init__(self):
        self.sizes = []

    def fill(self, image, hole, avoid, seed, on_step=None):
        self.sizes.append(image.shape[:2])
        filled = image.copy()
        filled[hole] = GROUND
        return filled


def planned(*actions):
    return seeded(regions(Plan(actions=actions), scene()), 0)


def test_how_far_it_is_rises_from_region_to_region_and_ends_once():
    told = []
    todo = planned(GONE, AWAY, GOAT)
    execute(picture(), todo, Painter(), on_step=lambda done, total: told.append((done / total, done == total)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert [ended for _, ended in told].index(True) == len(told) - 1
    # a third for each, and each tells of its own work
    for number in range(3):
        within = {share for share in shares if number / 3 < share < (number + 1) / 3}
        assert len(within) >= 2, number


def test_a_painter_may_draw_at_a_size_of_its_own():
    image = picture()
    todo = planned(GOAT)
    large = execute(image, todo, Painter(times=3), colour_match=False)
    assert np.array_equal(large, execute(image, todo, Painter(), colour_match=False))
    assert not np.array_equal(large, image)


def test_samples_that_are_no_numbers_matter_only_where_they_are_used():
    image = (picture() / np.float32(255)).astype(np.float32)
    todo = planned(GOAT)
    result = execute(image, todo, Painter((0.9, 0.5, 0.1), spoilt=True), colour_match=False)
    assert np.isfinite(result).all()
    with pytest.raises(EditError, match="not numbers"):
        execute(image, todo, Painter((np.nan, 0.5, 0.1)), colour_match=False)


def test_a_filler_in_a_painter_s_place_fills_as_one_that_is_given_for_it():
    image, todo = picture(), planned(AWAY)
    as_painter, as_filler = Ground(), Ground()
    result = execute(image, todo, as_painter)
    assert np.array_equal(result, execute(image, todo, fill=as_filler))
    assert as_painter.sizes == as_filler.sizes == [(todo[0].crop.height, todo[0].crop.width)]
    drawn = Ground()
    execute(image, todo, Painter(GROUND), fill=drawn, colour_match=False)
    # a model is shown the hole with what is around it, not all of the journey
    assert drawn.sizes[0] < (todo[0].crop.height, todo[0].crop.width)


@pytest.mark.parametrize("filler", [None, Ground()], ids=["nobody", "a filler"])
@pytest.mark.parametrize("words", ["a goat", "a goat " * 60])
def test_what_has_to_be_drawn_is_refused_in_a_sentence_of_bearable_length(filler, words):
    todo = planned(Replace(targets=("disc_3",), with_=words))
    with pytest.raises(EditError, match="has to be drawn, and that needs a diffusion model") as refused:
        execute(picture(), todo, filler)
    assert "a goat" in str(refused.value)
    assert ("…" in str(refused.value)) == (len(words) > 200)
    assert len(str(refused.value)) < 400
