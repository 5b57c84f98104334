"""What of a thing that was painted is found again, where, and by which of its names."""

import numpy as np
import pytest
from things import boxed, masked, scene_with

from cielr.core.geometry import Box, Mask
from cielr.core.scene import SceneUpdate
from cielr.editing.look_again import found_in, looked_again

WHERE = Mask.from_box(Box(20, 10, 60, 60), 80, 100)
"""2,000 pixels."""
PICTURE = np.zeros((80, 100, 3), np.uint8)


class Eyes:
    """See boxes by their labels, wherever they are asked to look."""

    def __init__(self, **boxes):
        self.boxes = boxes
        self.asked = []

    def answer(self, scene, request):
        self.asked.append(request)
        self.place = scene[request.within].mask
        seen = [boxed(f"{label}_9", box, 100, 80, **more) for label, (box, more) in self.boxes.items()]
        return SceneUpdate(added=tuple(thing for thing in seen if thing.label in request.labels))


@pytest.mark.parametrize(("pixels", "is_found"), [(39, False), (40, True), (50, True), (2000, True)])
def test_a_speck_of_less_than_a_fiftieth_of_the_place_is_not_the_thing(pixels, is_found):
    mask = np.zeros((80, 100), dtype=bool)
    mask[10:60, 20:60] = np.arange(2000).reshape(50, 40) < pixels

    class Specks(Eyes):
        def answer(self, scene, request):
            return SceneUpdate(added=(masked("goat_9", mask),))

    seen = found_in(WHERE, "goat", Specks(), scene_with(WHERE))
    assert (seen is not None) == is_found
    assert seen is None or seen.mask.area == pixels


@pytest.mark.parametrize(
    ("label", "labels"),
    [("goat", ("goat",)), ("brown goat", ("brown goat", "goat")), ("small brown goat", ("small brown goat", "goat"))],
)
def test_it_is_looked_for_by_its_whole_name_and_by_its_last_word_where_it_was_painted(label, labels):
    eyes = Eyes()
    assert found_in(WHERE, label, eyes, scene_with(WHERE)) is None
    [request] = eyes.asked
    assert tuple(request.labels) == labels
    assert eyes.place == WHERE


def test_the_largest_part_inside_is_it_and_what_lies_beyond_is_cut_off():
    eyes = Eyes(goat=(Box(0, 0, 30, 40), {}), sheep=(Box(25, 20, 50, 50), {}))
    seen = found_in(WHERE, "sheep goat", eyes, scene_with(WHERE))
    assert (seen.label, seen.box) == ("goat", Box(20, 10, 30, 40))

    class Two(Eyes):
        def answer(self, scene, request):
            boxes = [Box(22, 12, 26, 30), Box(30, 20, 50, 50), Box(52, 30, 58, 50)]
            return SceneUpdate(added=tuple(boxed(f"goat_{k}", box, 100, 80) for k, box in enumerate(boxes, start=5)))

    seen = found_in(WHERE, "goat", Two(), scene_with(WHERE))
    assert seen.box == Box(30, 20, 50, 50)


def test_what_is_found_is_in_the_scene_as_it_is_and_the_rest_stands_for_itself():
    bell = Mask.from_box(Box(70, 10, 90, 30), 80, 100)
    scene = scene_with(masked("goat_1", WHERE, depth=0.5), masked("bell_1", bell, depth=0.7))
    eyes = Eyes(goat=(Box(30, 20, 50, 50), {"depth": 0.2, "attributes": {"colour": "brown"}}))
    again, notices = looked_again(scene, PICTURE, ("goat_1", "bell_1"), lambda image: eyes)
    goat = again["goat_1"]
    assert (goat.box, goat.mask.box, goat.depth) == (Box(30, 20, 50, 50), Box(30, 20, 50, 50), 0.2)
    assert goat.attributes == {"colour": "brown"}
    assert again["bell_1"] == scene["bell_1"]
    assert notices == ["'bell_1': no bell was found where it was painted, so its whole region stands for it."]


def test_nobody_looks_where_there_is_nothing_to_look_for_and_a_notice_says_where_nobody_can():
    scene = scene_with(masked("goat_1", WHERE))
    shown = []
    assert looked_again(scene, PICTURE, (), shown.append) == (scene, [])
    assert shown == []
    again, notices = looked_again(scene, PICTURE, ("goat_1",), None)
    assert again == scene
    assert notices == ["'goat_1': nobody can look for it, so its whole region stands for it."]
