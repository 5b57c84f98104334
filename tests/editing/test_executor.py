"""What the executor asks of painters and fillers, what it takes from them, and how it tells how far it is."""

import numpy as np
import pytest
from discs import GROUND, picture, scene
from PIL import Image
from things import noise, scene_with

from cielr.actions import Extract, Global, Move, Place, Plan, Remove, Replace
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute, measured
from cielr.errors import EditError
from cielr.region import hole_region, regions, seeded

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


@pytest.mark.parametrize(
    ("action", "draws", "shares", "put_down_from"),
    [
        (GONE, True, {"fill": (0, 0.49), "draw": (0.49, 0.98)}, None),
        (AWAY, True, {"fill": (0, 0.245), "draw": (0.245, 0.49)}, 0.49),
        (AWAY, False, {"fill": (0, 0.49)}, 0.49),
    ],
    ids=["removed", "moved", "moved without a model"],
)
def test_half_of_the_work_on_a_hole_is_its_fill_and_half_of_a_move_is_the_hole(action, draws, shares, put_down_from):
    told, marks = [], {}

    class Telling(Ground):
        def fill(self, image, hole, avoid, seed, on_step=None):
            for done in range(5):
                on_step(done, 4)
            marks["fill"] = told[-5], told[-1]
            return super().fill(image, hole, avoid, seed)

    class Drawing(Painter):
        def inpaint(self, *painting):
            drawn = super().inpaint(*painting)
            marks["draw"] = told[-3], told[-1]
            return drawn

    painter = Drawing() if draws else None
    execute(picture(), planned(action), painter, lambda done, total: told.append(done / total), fill=Telling())
    assert list(marks) == list(shares)
    for name, share in shares.items():
        assert marks[name] == pytest.approx(share, abs=0.011), name
    assert told == sorted(told)
    before, *ends = told[-4:]
    assert put_down_from is None or before == pytest.approx(put_down_from, abs=0.011)
    assert ends == [0.99, 0.99, 1], "stitched, measured, done"


def test_a_model_is_shown_what_is_around_the_hole_of_a_move_wherever_that_lies():
    image = noise(500, 600)
    mask = Mask.from_box(Box(350, 300, 390, 350), 500, 600)
    move = Move(targets=("thing_1",), to=Place(relation="by", x=-50, y=40))
    [region] = seeded(regions(Plan(actions=(move,)), scene_with(mask)), 0)
    around = hole_region(region).crop
    assert 0 < region.crop.x0 < around.x0
    assert region.crop.y0 > 0

    class Watching(Painter):
        def inpaint(self, shown, mask, *rest):
            self.shown = np.where(mask[..., None] == 0, shown, 0)
            return super().inpaint(shown, mask, *rest)

    painter = Watching()
    execute(image, [region], painter)
    hole = region.hole.to_array(around)
    assert np.array_equal(painter.shown, np.where(hole[..., None], 0, image[around.slices]))


def test_where_nothing_is_to_be_done_nothing_is_told():
    told = []
    image = picture()
    result = execute(image, [], Painter(), on_step=lambda *step: told.append(step))
    assert told == []
    assert np.array_equal(result, image)
    assert result is not image


def test_a_region_s_seconds_are_those_that_it_took(monkeypatch):
    class Clock:
        now = 5000.0

        def perf_counter(self):
            return self.now

    class Slow(Painter):
        def inpaint(self, *painting):
            clock.now += 2.5
            return super().inpaint(*painting)

    clock = Clock()
    monkeypatch.setattr("cielr.editing.executor.time", clock)
    changes = []
    execute(picture(), planned(GONE, AWAY, GOAT), Slow(), on_change=changes.append)
    assert [change.seconds for change in changes] == [2.5, 2.5, 2.5]


@pytest.mark.parametrize(("dtype", "step"), [(np.uint8, 1), (np.float32, 1 / 255)])
@pytest.mark.parametrize(("channels", "is_seen"), [(1, False), (2, True), (3, True)])
def test_a_change_is_seen_from_half_a_step_of_a_byte_on(channels, is_seen, dtype, step):
    [region] = planned(Global(style="as an oil painting"))
    before = np.full((200, 240, 3), 100 * step, dtype)
    after = before.copy()
    after[..., :channels] += dtype(step)
    change = measured(before, after, region)
    assert change.pixels == 200 * 240
    assert change.mean == pytest.approx(channels / 3 / 255, rel=1e-3)
    assert change.is_seen == is_seen


def test_the_corners_of_a_region_count_as_all_of_it():
    [region] = planned(Global(style="as an oil painting"))
    before = picture()
    after = before.copy()
    after[[0, 0, -1, -1], [0, -1, 0, -1]] = 255
    assert measured(before, after, region).pixels == 4


def test_what_becomes_transparent_changes_wholly_though_its_colours_stay():
    [region] = planned(Extract(targets=("disc_1",)))
    image = picture()
    change = measured(image[region.crop.slices], image, region, 2.5)
    assert (change.pixels, change.mean, change.outside) == (region.support.area, 1.0, 0)
    assert (change.action, change.part, change.seconds) == (0, 0, 2.5)
    assert change.is_seen


def test_a_model_s_shift_in_colour_is_undone_where_it_is_asked_for():
    class Shifting(Painter):
        def inpaint(self, image, mask, *rest):
            drawn = image + np.float32(0.05)
            drawn[mask == 1] = self.colour
            return drawn.astype(np.float32)

    image = (picture() / np.float32(255)).astype(np.float32)
    todo = planned(GOAT)
    matched, plain = (
        execute(image, todo, Shifting((0.5, 0.6, 0.7)), colour_match=match)[150, 90] for match in (True, False)
    )
    assert plain == pytest.approx((0.5, 0.6, 0.7), abs=1e-6)
    assert matched == pytest.approx((0.45, 0.55, 0.65), abs=1e-6)


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
