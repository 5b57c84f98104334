"""Edits that build on one another and are looked at again, with painters and eyes whose every move is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from things import masked, scene_with

import cielr
from cielr.actions import Add, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.actions.expectation import colour_in
from cielr.core.geometry import Box, Mask
from cielr.core.scene import DetectRequest, SceneUpdate
from cielr.editing.attempts import ROOM_MOST, another, with_kept
from cielr.editing.look_again import looked_again
from cielr.editing.verify import Check
from cielr.pipeline import EditRequest, carry_out
from cielr.region import Region, regions, seeded

HEIGHT, WIDTH = 120, 160
COLOURS = {"sheep": (240, 240, 240), "goat": (150, 90, 40), "bell": (40, 40, 200), "hat": (200, 30, 160)}
SHEEP = Box(50, 40, 90, 80)


class ColourEyes:
    """Knows each label by its own flat colour, so that what it finds is the truth of the pixels."""

    detector = "by colour"

    def __init__(self, image=None):
        self.image = image

    def parse(self, image, labels=None, on_step=None):
        mask = mask_of(image, "sheep")
        return scene_with(masked("sheep_1", mask))

    def perception(self, image):
        return ColourEyes(image)

    def answer(self, scene, request):
        assert isinstance(request, DetectRequest)
        within = scene[request.within].mask
        added = []
        for label in request.labels:
            if label not in COLOURS:
                continue
            mask = mask_of(self.image, label) & within
            if not mask.is_empty:
                added.append(masked(f"{label}_9", mask))
        return SceneUpdate(added=tuple(added), request=request)


class Painter:
    """Draws what is wanted as a disc of its colour about the middle of the mask; `fails` attempts draw nothing."""

    def __init__(self, fails=0, share=0.5):
        self.calls = []
        self.fails = fails
        self.share = share

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        self.calls.append((prompt, seed, strength, float(mask.sum())))
        painted = np.rint(image * 0.5 + 60).astype(image.dtype)
        label = next((name for name in COLOURS if name in prompt), None)
        if label is None or len(self.calls) <= self.fails:
            return painted
        rows, columns = np.nonzero(mask)
        y, x = rows.mean(), columns.mean()
        radius = self.share * np.sqrt(mask.sum() / np.pi)
        grid = np.mgrid[: mask.shape[0], : mask.shape[1]]
        painted[(grid[0] - y) ** 2 + (grid[1] - x) ** 2 <= radius**2] = COLOURS[label]
        return painted


def mask_of(image, label):
    return Mask.from_array((np.abs(image.astype(int) - COLOURS[label]) <= 2).all(axis=-1))


def photo():
    rng = np.random.default_rng(1)
    image = rng.integers(90, 110, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    image[SHEEP.slices] = COLOURS["sheep"]
    return image


def carried_out(*actions, painter=None, eyes=None, attempts=1, monkeypatch=None):
    plan = Plan(actions=actions)
    monkeypatch.setattr("cielr.pipeline.run._reason", lambda scene, *rest: (scene, plan))
    request = EditRequest(
        "x", inpainter=painter or Painter(), perception=eyes or ColourEyes(), attempts=attempts, colour_match=False
    )
    return carry_out(photo(), request)


CHAIN = (
    Replace(targets=("sheep_1",), with_="a brown goat"),
    Add(what="a bell", where=Place(relation="inside", anchors=("goat_1",)), size="small"),
    Modify(targets=("bell_1",), change="colour yellow"),
)


# ---------------------------------------------------------------------------------------- actions that build on another


def test_what_follows_goes_on_from_what_is_really_there(monkeypatch):
    result = carried_out(*CHAIN, monkeypatch=monkeypatch)
    by_action = {region.index: region for region in result.regions}
    goat = mask_of(result.image, "goat")
    # the bell is drawn in the middle of the goat that was painted, not of the region that it was painted in
    x, y = goat.box.center
    bell_x, bell_y = by_action[1].support.box.center
    assert (bell_x, bell_y) == pytest.approx((x, y), abs=2)
    # and the recolouring covers the painted bell alone
    assert by_action[2].support.area < 0.5 * by_action[1].support.area
    inside = by_action[2].support.to_array()
    assert result.image[inside][:, 2].mean() < 90, "yellow has no blue"


def test_without_eyes_the_region_stands_for_the_thing_and_a_notice_says_so(monkeypatch):
    class Blind(ColourEyes):
        detector = None

    result = carried_out(*CHAIN, eyes=Blind(), monkeypatch=monkeypatch)
    notices = [note.text for step in result.trace.steps for note in step.notes if note.kind == "notice"]
    assert any("'goat_1': nobody can look for it, so its whole region stands for it" in words for words in notices)


def test_what_is_not_found_again_is_told():
    scene = ColourEyes().parse(photo())
    after = CHAIN[0].after(scene)
    again, notices = looked_again(after, photo(), ("goat_1",), lambda image: ColourEyes(image))
    assert again["goat_1"].mask == after["goat_1"].mask
    assert notices == ["'goat_1': no brown goat was found where it was painted, so its whole region stands for it."]


STEPS = st.lists(st.sampled_from(["bell", "hat", "colour", "move", "resize", "remove"]), max_size=4)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_outside_the_union_of_all_regions_not_one_sample_changes(steps):
    actions = [CHAIN[0]]
    there = ["goat_1"]
    for number, step in enumerate(steps, start=20):
        last = there[-1]
        if step in ("bell", "hat"):
            actions.append(Add(what=step, where=Place(relation="on", anchors=(last,)), makes=(f"{step}_{number}",)))
            there.append(f"{step}_{number}")
        elif step == "colour":
            actions.append(Modify(targets=(last,), change="colour red"))
        elif step == "move":
            actions.append(Move(targets=(last,), to=Place(relation="by", x=7, y=-5)))
        elif step == "resize":
            actions.append(Resize(targets=(last,), scale=0.8))
        elif len(there) > 1:
            actions.append(Remove(targets=(there.pop(),)))
    with pytest.MonkeyPatch.context() as monkeypatch:
        result = carried_out(*actions, monkeypatch=monkeypatch)
    outside = ~Mask.union([region.support for region in result.regions], HEIGHT, WIDTH).to_array()
    assert np.array_equal(result.image[outside], photo()[outside])


# ------------------------------------------------------------------------------------------------------ looked at again


def test_a_painter_that_fails_twice_is_tried_a_third_time_with_another_seed_and_more_room(monkeypatch):
    painter = Painter(fails=2)
    result = carried_out(CHAIN[0], painter=painter, attempts=5, monkeypatch=monkeypatch)
    assert [(check.attempt, check.is_good, check.kept) for check in result.checks] == [
        (1, False, False),
        (2, False, False),
        (3, True, True),
    ]
    assert result.checks[0].why == ("no brown goat is seen there",)
    assert not mask_of(result.image, "goat").is_empty
    seeds = [seed for _, seed, _, _ in painter.calls]
    areas = [area for *_, area in painter.calls]
    assert len(set(seeds)) == 3
    assert areas[0] == areas[1] < areas[2]
    outside = ~result.regions[0].support.to_array()
    assert np.array_equal(result.image[outside], photo()[outside])


def test_a_painter_that_never_succeeds_ends_with_the_best_attempt_and_a_notice(monkeypatch):
    painter = Painter(fails=99)
    result = carried_out(CHAIN[0], painter=painter, attempts=4, monkeypatch=monkeypatch)
    assert len(painter.calls) == len(result.checks) == 4
    assert [check.kept for check in result.checks] == [True, False, False, False], "of equals the first"
    strengths = [strength for *_, strength, _ in painter.calls]
    assert strengths[3] >= strengths[0]
    notices = [note.text for step in result.trace.steps for note in step.notes if note.kind == "notice"]
    assert any("attempt 4: no" in words for words in notices)


def test_one_attempt_checks_nothing(monkeypatch):
    painter = Painter(fails=99)
    result = carried_out(CHAIN[0], painter=painter, monkeypatch=monkeypatch)
    assert result.checks == ()
    assert len(painter.calls) == 1


def test_a_removal_is_checked_by_what_is_still_seen(monkeypatch):
    class Stubborn(Painter):
        def inpaint(self, image, mask, prompt, *rest, **more):
            painted = super().inpaint(image, mask, prompt, *rest, **more)
            if len(self.calls) == 1:
                painted[mask > 0.5] = COLOURS["sheep"]
            return painted

    result = carried_out(Remove(targets=("sheep_1",)), painter=Stubborn(), attempts=3, monkeypatch=monkeypatch)
    assert [check.is_good for check in result.checks] == [False, True]
    assert result.checks[0].why == ("sheep is still seen there",)


def test_a_change_of_colour_is_checked_by_the_median_colour(monkeypatch):
    class Paints(Painter):
        def inpaint(self, image, mask, prompt, *rest, **more):
            super().inpaint(image, mask, prompt, *rest, **more)
            colour = (240, 240, 240) if len(self.calls) == 1 else (180, 20, 20)
            return np.full_like(image, colour)

    action = Modify(targets=("sheep_1",), change="glossy red paint")
    result = carried_out(action, painter=Paints(), attempts=3, monkeypatch=monkeypatch)
    good = [check.is_good for check in result.checks]
    assert good[0] is False
    assert "off the wanted one" in str(result.checks[0].why)


@pytest.mark.parametrize(
    ("words", "name"),
    [("glossy dark red paint", "dark red"), ("a light blue hat", "light blue"), ("made of glass", None)],
)
def test_the_colour_in_free_words(words, name):
    from cielr.core.colours import colour_rgb

    assert colour_in(words) == (colour_rgb(name) if name else None)


def test_more_room_never_takes_what_is_kept_or_another_thing():
    scene = ColourEyes().parse(photo())
    dog = Mask.from_box(Box(92, 40, 110, 80), HEIGHT, WIDTH)
    cat = Mask.from_box(Box(30, 40, 48, 80), HEIGHT, WIDTH)
    scene = scene.apply(SceneUpdate(added=(masked("dog_1", dog), masked("cat_1", cat))))
    action = Replace(targets=("sheep_1",), with_="a goat", keep=("cat_1",))
    cut = seeded(regions(Plan(actions=(action,)), scene), 0)
    [larger] = another(cut, 3, scene)
    assert larger.support.area > cut[0].support.area
    assert not larger.support.overlaps(dog - cut[0].support)
    assert not larger.support.overlaps(cat)
    assert (larger.support - cut[0].support.grow(ROOM_MOST)).is_empty


def test_attempts_are_refused_no_more_than_any_other_argument():
    result = cielr.edit(photo(), "remove the largest object", attempts=2)
    assert all(check.total == 0 or check.is_good for check in result.checks)


def test_what_code_does_is_looked_at_and_not_done_again(monkeypatch):
    # these eyes know a darker sheep no more
    result = carried_out(Modify(targets=("sheep_1",), change="darken 20%"), attempts=5, monkeypatch=monkeypatch)
    assert [(check.attempt, check.is_good, check.kept) for check in result.checks] == [(1, False, True)]
    once = carried_out(Modify(targets=("sheep_1",), change="darken 20%"), monkeypatch=monkeypatch)
    assert np.array_equal(result.image, once.image)


def test_failed_attempts_are_told_with_the_edit(monkeypatch):
    result = carried_out(CHAIN[0], painter=Painter(fails=1), attempts=3, monkeypatch=monkeypatch)
    assert [words for words in result.notices if "attempt" in words] == [
        "Action 1, attempt 1: no brown goat is seen there.",
        "Action 1, attempt 2: it did what it should.",
    ]
    fails = carried_out(CHAIN[0], painter=Painter(fails=9), attempts=2, monkeypatch=monkeypatch)
    assert fails.notices[-1] == (
        "Action 1: none of 2 attempts did all that it should; attempt 1, the best of them, is kept."
    )


def test_more_room_stays_where_changes_are_allowed():
    scene = ColourEyes().parse(photo())
    cut = seeded(regions(Plan(actions=(Replace(targets=("sheep_1",), with_="a goat"),)), scene), 0)
    left = Mask.from_box(Box(0, 0, 60, HEIGHT), HEIGHT, WIDTH)
    [anywhere], [held] = another(cut, 3, scene), another(cut, 3, scene, left)
    assert not (anywhere.support - cut[0].support - left).is_empty
    assert (held.support - cut[0].support - left).is_empty
    assert held.support == cut[0].support | (anywhere.support & left)


def region_of(box, width=900, height=900, **more):
    """A region of the sheep whose support fills a box."""
    support = Mask.from_box(box, height, width)
    action = Replace(targets=("sheep_1",), with_="a goat")
    return Region(index=0, action=action, support=support, crop=box, **more)


def everywhere(width=900, height=900):
    """A scene that is nothing but the sheep."""
    return scene_with(masked("sheep_1", Mask.from_box(Box(0, 0, width, height), height, width)))


@pytest.mark.parametrize(("side", "reach"), [(4, 2), (40, 6), (100, 15), (400, 60), (600, 64)])
def test_more_room_is_15_per_cent_of_the_region_s_size_but_two_pixels_at_least_and_64_at_most(side, reach):
    region = region_of(Box(150, 150, 150 + side, 150 + side))
    for attempt in (1, 2):
        [same] = another([region], attempt, everywhere())
        assert (same.support, same.crop) == (region.support, region.crop)
    [larger] = another([region], 3, everywhere())
    assert larger.support == region.support.grow(reach)
    assert larger.support.box == Box(150 - reach, 150 - reach, 150 + side + reach, 150 + side + reach)
    assert larger.crop.contains(larger.support.box)


def test_a_painted_mask_that_cuts_a_thing_leaves_it_as_room_for_a_third_attempt():
    mask = Mask.from_box(Box(100, 100, 200, 200), 300, 300)
    region = region_of(Box(100, 100, 150, 200), 300, 300)
    [larger] = another([region], 3, scene_with(masked("sheep_1", mask)))
    # the square root of 50 x 100 pixels is 71, and 15 of a hundred of that are 11
    assert (larger.support & mask).box == Box(100, 100, 161, 200)


def test_what_is_moved_gets_other_seeds_but_no_more_room():
    move = Move(targets=("sheep_1",), to=Place(relation="by", x=20, y=10))
    cut = seeded(regions(Plan(actions=(move,)), ColourEyes().parse(photo())), 0)
    [again] = another(cut, 5, ColourEyes().parse(photo()))
    assert (again.support, again.pastes, again.hole) == (cut[0].support, cut[0].pastes, cut[0].hole)
    assert again.seed != cut[0].seed


@pytest.mark.parametrize(("strength", "then"), [(0.5, [0.5, 0.5, 0.5, 0.65, 0.8, 0.95, 1.0]), (0.9, [0.9] * 3 + [1.0])])
def test_from_the_fourth_attempt_on_each_is_stronger_up_to_all(strength, then):
    region = region_of(Box(100, 100, 140, 140), strength=strength)
    strengths = [another([region], attempt, everywhere())[0].strength for attempt in range(1, len(then) + 1)]
    assert strengths == pytest.approx(then)


@pytest.mark.parametrize("seed", [0, 5, 2**48 - 1])
def test_each_attempt_has_a_seed_of_its_own_that_a_seed_may_be(seed):
    region = region_of(Box(100, 100, 140, 140), seed=seed)
    seeds = [another([region], attempt, everywhere())[0].seed for attempt in range(1, 10)]
    assert seeds[0] == seed
    assert len(set(seeds)) == 9
    assert all(isinstance(value, int) and 0 <= value < 2**48 for value in seeds)


@pytest.mark.parametrize(
    ("results", "best"),
    [([(0, 2), (1, 2), (1, 2)], 1), ([(1, 2), (2, 3), (0, 1)], 1), ([(1, 3), (3, 10)], 0), ([(0, 2), (0, 0)], 1)],
)
def test_the_attempt_with_the_largest_share_of_what_should_hold_is_kept_of_equals_the_first(results, best):
    checks = [Check(0, number, *result) for number, result in enumerate(results, start=1)]
    assert [check.kept for check in with_kept(checks)] == [number == best for number in range(len(results))]


def test_the_best_of_several_attempts_is_kept_though_it_was_not_the_last(monkeypatch):
    class Once(Painter):
        """Draws the goat at the second attempt alone, and leaves a rest of the sheep at each."""

        def inpaint(self, image, mask, *rest, **more):
            painted = super().inpaint(image, mask, *rest, **more)
            if len(self.calls) != 2:
                painted[:] = 60
            painted[: len(painted) // 2] = COLOURS["sheep"]
            return painted

    painter = Once()
    result = carried_out(CHAIN[0], painter=painter, attempts=3, monkeypatch=monkeypatch)
    assert [(check.passed, check.kept) for check in result.checks] == [(0, False), (1, True), (0, False)]
    assert not mask_of(result.image, "goat").is_empty
    assert result.regions[0].seed == painter.calls[1][1]
