"""Parser and requests against an oracle that knows the truth of generated scenes; no model is needed."""

from __future__ import annotations

import numpy as np
import pytest
from known_world import HEIGHT, WIDTH, Oracle, World, parser_of

from cielr.core.geometry import Box, Mask
from cielr.core.scene import DescribeRequest, DetectRequest, EffectsRequest, PartsRequest, RelateRequest
from cielr.errors import SceneError
from cielr.perception.labels import EVERYDAY
from cielr.perception.parser import SceneParser


@pytest.fixture
def world() -> World:
    return World(
        {
            "left": ("cup", Box(10, 20, 50, 60), (180, 30, 30)),
            "right": ("cup", Box(120, 20, 160, 60), (30, 30, 180)),
            "low": ("plate", Box(60, 80, 120, 110), (240, 240, 240)),
            "tiny": ("seed", Box(84, 90, 90, 96), (20, 20, 20)),
        }
    )


# ----------------------------------------------------------------------------------------------------------- parsing


def test_objects_have_the_true_masks_labels_and_ids_in_reading_order(world):
    scene = parser_of(world).parse(world.image, ["cup", "plate"])
    assert scene.ids == ("cup_1", "cup_2", "plate_1")
    for name, truth in (("cup_1", "left"), ("cup_2", "right"), ("plate_1", "low")):
        assert np.array_equal(scene[name].mask.to_array(), world.truth[truth][1])
    assert scene["cup_1"].attributes["colour"] == "red"
    assert scene["cup_1"].source == "oracle + oracle"
    assert scene["cup_1"].score == pytest.approx(0.9)


def test_labels_that_are_not_there_are_absent_and_a_vocabularys_are_not(world):
    parser = parser_of(world)
    assert parser.parse(world.image, ["cup", "zebra"]).absent == ("zebra",)
    assert parser.parse(world.image).absent == ()
    assert parser.detector.seen[-1][1] == EVERYDAY  # pyright: ignore


def test_a_vision_model_can_propose_the_labels(world):
    parser = parser_of(world, proposer=lambda image: ["plate", " plate ", ""])
    assert parser.parse(world.image).ids == ("plate_1",)


def test_about_an_instruction_its_nouns_are_looked_for_first_and_then_what_is_proposed_or_common(world):
    parser = parser_of(world)
    attentive = parser.about("put the zyzzyva next to the plates")
    attentive.parse(world.image)
    parser.parse(world.image)
    first, second = (labels for _, labels in parser.detector.seen)
    assert first == tuple(dict.fromkeys(("zyzzyva", "plate", *EVERYDAY)))
    assert second == EVERYDAY
    scene = attentive.parse(world.image)
    assert scene.absent == ("zyzzyva",)
    assert "plate" in {thing.label for thing in scene.objects}
    parser.about("find the fork", lambda image: ["spoon"]).parse(world.image)
    assert parser.detector.seen[-1][1] == ("fork", "spoon")


def test_one_thing_under_two_labels_is_one_object_with_the_other_label_kept(world):
    scene = parser_of(world, doubles={"cup": "mug"}).parse(world.image, ["mug", "cup"])
    assert scene.ids == ("cup_1", "cup_2")
    assert [thing.attributes["also"] for thing in scene.objects] == ["mug", "mug"]
    assert scene.absent == ()


def test_of_too_many_the_smallest_are_left_out_and_the_caption_says_so(world):
    scene = parser_of(world, max_objects=2).parse(world.image, ["cup", "plate", "seed"])
    assert len(scene.objects) == 2
    assert "seed_1" not in scene.ids
    assert scene.caption == "The 2 smallest of 4 things are left out."
    assert scene.left_out == 2
    assert scene.absent == (), "what was left out was found all the same"


def test_depth_is_the_median_under_the_mask(world):
    oracle = Oracle(world)
    scene = SceneParser(oracle, oracle, oracle).parse(world.image, ["cup", "plate"])
    depth = oracle.depth(world.image)
    for name, truth in (("cup_1", "left"), ("plate_1", "low")):
        assert scene[name].depth == pytest.approx(float(np.median(depth[world.truth[truth][1]])))
    assert (scene["plate_1"].depth or 0) < (scene["cup_1"].depth or 0)


def test_a_part_is_linked_to_the_whole_around_it():
    world = World(
        {
            "car": ("car", Box(20, 20, 120, 90), (180, 30, 30)),
            "wheel": ("wheel", Box(30, 60, 60, 90), (20, 20, 20)),
            "lone": ("wheel", Box(150, 60, 180, 90), (20, 20, 20)),
        }
    )
    scene = parser_of(world).parse(world.image, ["car", "wheel"])
    parts = {thing.id: thing.part_of for thing in scene.objects}
    assert sorted(parts.values(), key=str) == [None, None, "car_1"]
    assert parts[next(t.id for t in scene.objects if t.box.x0 == 30)] == "car_1"


def test_progress_rises_to_the_end_and_what_it_raises_passes_through(world):
    told = []
    parser_of(world).parse(world.image, ["cup"], on_step=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (100, 100)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parser_of(world).parse(world.image, ["cup"], on_step=stop)


def test_without_a_segmenter_outlines_come_from_colour_inside_the_boxes(world):
    scene = SceneParser(Oracle(world)).parse(world.image, ["cup"])
    truth = Mask.from_array(world.truth["left"][1])
    assert scene["cup_1"].mask.iou(truth) > 0.9


def test_without_a_detector_a_segmenter_that_finds_everything_is_enough(world):
    class Everything(Oracle):
        def everything(self, image, on_step=None):
            return [Mask.from_array(mask) for _, mask in self.world.truth.values()]

    scene = SceneParser(None, Everything(world)).parse(world.image)
    assert len(scene.objects) == 4
    assert scene.objects[0].label == "red round object"
    named = SceneParser(None, Everything(world)).parse(world.image, ["coin"])
    assert {thing.label for thing in named.objects} == {"coin"}


def test_with_depth_alone_the_built_in_parser_finds_the_things(world):
    scene = SceneParser(depth=Oracle(world)).parse(world.image)
    assert len(scene.objects) >= 2
    assert all(thing.depth is not None for thing in scene.objects)


def test_segments_that_no_label_covers_are_taken_on_request(world):
    class Everything(Oracle):
        def everything(self, image, on_step=None):
            return [Mask.from_array(mask) for _, mask in self.world.truth.values()]

    oracle = Everything(world)
    scene = SceneParser(oracle, oracle, cover_all=True).parse(world.image, ["cup"])
    assert [thing.label for thing in scene.objects][:2] == ["cup", "cup"]
    assert len(scene.objects) == 4
    assert {thing.label for thing in scene.objects} == {"cup", "white oval object", "black round object"}


# ---------------------------------------------------------------------------------------------------------- requests


def test_a_second_detection_adds_what_is_new_and_leaves_what_is_known(world):
    parser = parser_of(world)
    scene = parser.parse(world.image, ["cup"])
    update = parser.perception(world.image).answer(scene, DetectRequest(labels=("plate", "cup", "zebra")))
    assert [thing.id for thing in update.added] == ["plate_1"]
    assert update.changed == ()
    assert update.absent == ("zebra",)
    assert "cup: cup_1, cup_2." in update.answer
    assert "zebra: not found." in update.answer
    assert update.source == "oracle + oracle"
    assert update.seconds is not None
    assert update.added[0].source == "oracle + oracle, round 1"
    assert scene.apply(update).ids == ("cup_1", "cup_2", "plate_1")


def test_a_known_thing_under_a_new_name_is_no_new_object(world):
    parser = parser_of(world, doubles={"cup": "mug"})
    scene = parser.parse(world.image, ["cup"])
    update = parser.perception(world.image).answer(scene, DetectRequest(labels=("mug",)))
    assert update.added == ()
    assert [thing.attributes["also"] for thing in update.changed] == ["mug", "mug"]
    assert scene.apply(update).ids == ("cup_1", "cup_2")


def test_the_grammar_has_the_eyes_look_once_for_what_the_instruction_names_and_the_scene_lacks(world):
    from cielr.errors import NothingMatches
    from cielr.pipeline import reason

    parser = parser_of(world)
    scene = parser.parse(world.image, ["plate"])
    eyes = parser.perception(world.image)
    known, plan, trace = reason(scene, "remove the cup to the right of the plate", perception=eyes)
    assert [action.targets for action in plan.actions] == [("cup_2",)]
    assert known.ids == ("plate_1", "cup_1", "cup_2")
    assert [note.kind for note in trace.steps[-1].notes] == ["request", "update"]
    asked = len(parser.detector.seen)
    reason(scene, "remove the plate", perception=eyes)
    assert len(parser.detector.seen) == asked, "nothing is lacking"
    with pytest.raises(NothingMatches, match="zebra"):
        reason(scene, "remove the zebra", perception=eyes)
    absent = scene.model_copy(update={"absent": ("cup",)})
    asked = len(parser.detector.seen)
    with pytest.raises(NothingMatches):
        reason(absent, "remove the cup", perception=eyes)
    assert len(parser.detector.seen) == asked, "it was looked for before"


def test_within_looks_at_a_crop_at_full_resolution_and_maps_back(world):
    parser = parser_of(world)
    scene = parser.parse(world.image, ["plate"])
    update = parser.perception(world.image).answer(scene, DetectRequest(labels=("seed", "cup"), within="plate_1"))
    assert [thing.label for thing in update.added] == ["seed"]
    assert np.array_equal(update.added[0].mask.to_array(), world.truth["tiny"][1])
    assert update.absent == ("cup",)
    shape = parser.detector.seen[-1][0]  # pyright: ignore
    assert shape[0] < HEIGHT
    assert shape[1] < WIDTH


def test_parts_are_linked_to_their_whole(world):
    parser = parser_of(world)
    scene = parser.parse(world.image, ["plate"])
    update = parser.perception(world.image).answer(scene, PartsRequest(object="plate_1", labels=("seed", "rim")))
    assert [(thing.id, thing.part_of) for thing in update.added] == [("seed_1", "plate_1")]
    assert update.absent == ("rim",)
    assert scene.apply(update)["seed_1"].part_of == "plate_1"


def test_relations_are_sentences_and_missing_depth_is_looked_up(world):
    oracle = Oracle(world)
    parser = SceneParser(oracle, oracle, oracle)
    scene = SceneParser(oracle, oracle).parse(world.image, ["cup", "plate"])
    update = parser.perception(world.image).answer(scene, RelateRequest(objects=("cup_1", "plate_1")))
    assert "plate_1 is in front of cup_1." in update.answer or "cup_1 is behind plate_1." in update.answer
    assert {thing.id for thing in update.changed} == {"cup_1", "plate_1"}
    assert scene.apply(update)["cup_1"].depth is not None


def test_a_description_takes_a_vision_model_and_says_so(world):
    scene = parser_of(world).parse(world.image, ["cup"])
    request = DescribeRequest(object="cup_1", question="What is written on it?")
    update = parser_of(world).perception(world.image).answer(scene, request)
    assert "cannot be seen without a vision model" in update.answer
    asked = []

    def sees(crop: np.ndarray, question: str) -> str:
        asked.append((crop.shape, question))
        return "  nothing\n at all "

    update = parser_of(world, describer=sees).perception(world.image).answer(scene, request)
    assert update.answer == "nothing at all"
    # the cup is 40 x 40 at (10, 20): 10 pixels of margin on each side
    assert asked == [((60, 60, 3), "What is written on it?")]


def test_unknown_objects_and_foreign_images_are_refused(world):
    parser = parser_of(world)
    scene = parser.parse(world.image, ["cup"])
    for request in (
        DetectRequest(labels=("cup",), within="ghost_1"),
        PartsRequest(object="ghost_1", labels=("rim",)),
        DescribeRequest(object="ghost_1", question="?"),
        RelateRequest(objects=("ghost_1",)),
        EffectsRequest(object="ghost_1"),
    ):
        with pytest.raises(SceneError):
            parser.perception(world.image).answer(scene, request)
    with pytest.raises(SceneError, match="x"):
        parser.perception(world.image[:50]).answer(scene, DetectRequest(labels=("cup",)))
