"""A plan carried out: what is told meanwhile, what is written into the trace, and what the user is to read."""

import numpy as np
import pytest
from discs import GROUND, masks, picture, scene
from scenes import scene_of_masks
from things import masked

import cielr
from cielr.actions import Add, Modify, Place, Plan, Remove, Replace
from cielr.core.scene import SceneUpdate

GOAT = Replace(targets=("disc_1",), with_="a goat")
GONE = Remove(targets=("disc_2",))
DARKER = Modify(targets=("disc_3",), change="darken 20%")
SAME = Modify(targets=("disc_3",), change="brighten 0%")
BELL = Add(what="a bell", where=Place(relation="right_of", anchors=("goat_1",)), size="small")


class Painter:
    """Paints everything in the colours given, one after the other, the last of them ever after."""

    def __init__(self, *colours, remarks=()):
        self.colours = list(colours) or [(250, 120, 10)]
        self.says, self.remarks = remarks, []

    def __repr__(self):
        return "a painter"

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        for done in range(3):
            if on_step is not None:
                on_step(done, 2)
        self.remarks += self.says
        colour = self.colours.pop(0) if len(self.colours) > 1 else self.colours[0]
        return np.broadcast_to(np.array(colour, image.dtype), image.shape).copy()


class Ground:
    """Fills with the ground's colour."""

    def __repr__(self):
        return "a filler"

    def fill(self, image, hole, avoid, seed, on_step=None):
        filled = image.copy()
        filled[hole] = GROUND
        return filled


def edit(*actions, of=None, painter=None, **more):
    more = {"colour_match": False} | more
    return cielr.edit(
        picture(), plan=Plan(actions=actions), scene=of or scene(), inpainter=painter or Painter(), **more
    )


def steps(result, name):
    return [step for step in result.trace.steps if step.name == name]


def notes(result, kind):
    return [note.text for step in steps(result, "edit") for note in step.notes if note.kind == kind]


# ----------------------------------------------------------------------------------------------------------- progress


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_edit_is_told_from_the_regions_on_to_its_end(count):
    told = []
    edit(GOAT, GONE, variants=count, on_event=told.append)
    told = [event for event in told if event.step in ("region", "edit")]
    shares = [event.fraction for event in told]
    begins = [event.fraction for event in told if event.step == "region"]
    assert begins == pytest.approx([number / count for number in range(count)])
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for number in range(count):
        # each variant has as much of it, and within that each action tells of its own
        for action in range(2):
            first = (2 * number + action) / (2 * count)
            assert len({share for share in shares if first < share < first + 1 / (2 * count)}) >= 2


# -------------------------------------------------------------------------------------------------- what does nothing


def test_a_plan_without_actions_leaves_the_picture_and_says_so():
    result = edit()
    assert np.array_equal(result.image, picture())
    assert result.notices == ("The plan has no action; the image stays as it is.",)
    assert result.regions == ()


def covered():
    """The discs, and something that covers the first of them with all around it."""
    y, x = np.mgrid[:200, :240]
    return scene_of_masks({**masks(), "frame_1": (x - 60) ** 2 + (y - 60) ** 2 <= 50**2})


KEPT = GOAT.model_copy(update={"keep": ("frame_1",)})


def test_a_plan_of_which_nothing_is_left_is_refused_before_anything_is_painted():
    with pytest.raises(cielr.EditError, match="Nothing is left of any region of the plan") as refused:
        edit(KEPT, of=covered())
    assert [step.name for step in refused.value.trace.steps] == ["perceive", "reason", "region"]


def test_what_does_nothing_is_told_by_its_number_where_the_rest_is_carried_out():
    idle = "Action {}: nothing is left of its region, so it does nothing (Replace disc_1 with a goat)."
    result = edit(GONE, KEPT, of=covered())
    assert result.notices == (idle.format(2),)
    assert [note.text for note in steps(result, "region")[0].notes if note.kind == "notice"] == [idle.format(2)]
    # what is drawn beside the goat waits for it
    result = edit(KEPT, BELL, of=covered())
    assert result.notices[0] == idle.format(1)
    assert [region.index for region in result.regions] == [1]
    assert not np.array_equal(result.image, picture())


@pytest.mark.parametrize("variants", [1, 2])
def test_that_code_alone_does_it_is_told_where_several_were_asked_for(variants):
    result = edit(DARKER, variants=variants)
    alone = ("Code alone carries this out, the same each time, so there is one variant.",)
    assert result.notices == (alone if variants > 1 else ())
    assert len(result.variants) == (1 if variants > 1 else 0)


# ---------------------------------------------------------------------------------------------------------- the trace


def test_the_trace_says_which_variant_it_was_and_who_painted():
    result = edit(GOAT, GONE, variants=3, seed=7)
    assert [step.inputs.get("variant") for step in steps(result, "region")] == [None, 2, 3]
    assert [step.inputs["seed"] for step in steps(result, "region")] == [7, 7, 7]
    hands = {(step.inputs["inpainter"], step.inputs["fill"], step.inputs["regions"]) for step in steps(result, "edit")}
    assert hands == {("a painter", "built in", 2)}
    [filled] = steps(cielr.edit(picture(), plan=Plan(actions=(GONE,)), scene=scene(), fill=Ground()), "edit")
    assert (filled.inputs["inpainter"], filled.inputs["fill"]) == ("built in", "a filler")


def test_what_changed_is_noted_and_what_nobody_sees_is_a_notice():
    result = edit(GOAT, SAME)
    [changed], [unseen] = notes(result, "change"), notes(result, "notice")
    assert "pixels changed, by" in changed
    assert unseen == "Action 2: nothing inside its region changed; is it what was meant?"
    assert [change.is_seen for change in result.changes] == [True, False]


def test_each_remark_of_a_painter_is_told_once():
    painter = Painter(remarks=["The prompt is long.", "It was cut."])
    result = edit(GOAT, GONE, painter=painter)
    assert result.notices == ("The prompt is long.", "It was cut.")
    assert notes(result, "notice") == ["The prompt is long.", "It was cut."]


# ------------------------------------------------------------------------------------------------------ looked at again


GOATISH = (150, 90, 40)


class Eyes:
    """See a goat where the picture is of its colour."""

    detector = "by colour"

    def __init__(self, image=None):
        self.image = image

    def parse(self, image, labels=None, on_step=None):
        return scene()

    def perception(self, image):
        return Eyes(image)

    def answer(self, scene, request):
        mask = (self.image == GOATISH).all(axis=-1)
        there = "goat" in request.labels and mask.any()
        return SceneUpdate(added=(masked("goat_9", mask),) if there else ())


def test_what_was_measured_is_of_the_attempt_that_is_kept():
    far, near = (0, 0, 0), GOATISH
    result = edit(GOAT, painter=Painter(far, near), perception=Eyes(), attempts=3)
    assert [check.kept for check in result.checks] == [False, True]
    once = edit(GOAT, painter=Painter(near))
    [change], [alone] = result.changes, once.changes
    assert (change.pixels, change.mean) == (alone.pixels, pytest.approx(alone.mean))
    assert notes(result, "check") == ["Action 1, attempt 2: it did what it should"]
    assert notes(result, "notice") == ["Action 1, attempt 1: no goat is seen there"]
    assert len(notes(result, "change")) == 2


def test_what_is_as_it_should_be_at_once_needs_no_notice():
    result = edit(GOAT, DARKER, painter=Painter(GOATISH), perception=Eyes(), attempts=3)
    assert [(check.action, check.attempt, check.is_good) for check in result.checks] == [(0, 1, True), (1, 1, True)]
    assert result.notices == ()
    assert [change.action for change in result.changes] == [0, 1]
