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
from cielr.perception.protocols import Detection


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


def test_labels_in_one_text_are_the_same_labels_everywhere(world):
    import cielr

    for text in ("cup, plate", "cup . plate .", "a cup. a plate."):
        parser = parser_of(world)
        scenes = parser.parse(world.image, text), cielr.perceive(world.image, text, parser)
        assert [labels for _, labels in parser.detector.seen] == [("cup", "plate")] * 2  # pyright: ignore
        assert {thing.label for scene in scenes for thing in scene.objects} == {"cup", "plate"}


def test_a_whole_name_is_looked_for_beside_its_words_and_those_are_no_absent_things():
    world = World({"sign": ("moon sign", Box(20, 20, 60, 60), (180, 30, 30))})
    parser = parser_of(world).about("remove the moon sign and the fork")
    scene = parser.parse(world.image)
    assert parser.detector.seen[-1][1][:4] == ("moon sign", "moon", "sign", "fork")  # pyright: ignore
    assert [thing.label for thing in scene.objects] == ["moon sign"]
    assert scene.absent == ("fork",)


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
    assert not scene["cup_1"].box_only


class Blind(Oracle):
    """Outlines nothing that is left of a column."""

    def segment(self, image, boxes, on_step=None):
        masks = super().segment(image, boxes, on_step)
        return [
            Mask.empty(mask.height, mask.width) if box.x0 < 60 else mask for mask, box in zip(masks, boxes, strict=True)
        ]


def test_where_no_outline_is_found_the_box_is_the_mask_and_the_scene_says_so(world):
    scene = SceneParser(Oracle(world), Blind(world)).parse(world.image, ["cup"])
    assert [thing.box_only for thing in scene.objects] == [True, False]
    assert scene["cup_1"].mask == Mask.from_box(scene["cup_1"].box, HEIGHT, WIDTH)
    assert scene.caption == "No outline was found of cup_1: the mask is the whole box, with what else is in it."
    parser = SceneParser(Oracle(world), Blind(world))
    bare = parser.parse(world.image, ["plate"])
    update = parser.perception(world.image).answer(bare, DetectRequest(labels=("cup",)))
    assert [thing.box_only for thing in update.added] == [True, False]
    assert "No outline was found of cup_1" in update.answer


def test_colour_alone_outlines_nothing_where_nothing_stands_out():
    image = np.full((90, 120, 3), 140, np.uint8)

    class Sure:
        name = "sure"

        def detect(self, image, labels, on_step=None):
            return [Detection("cloud", 0.9, Box(30, 20, 80, 70))]

    (cloud,) = SceneParser(Sure()).parse(image, ["cloud"]).objects
    assert cloud.box_only
    assert cloud.mask.area == 50 * 50


# ------------------------------------------------------------------------------------------- groups, halves, doubles

COUPLE = {
    "a": ("dancer", Box(20, 20, 50, 100), (180, 30, 30)),
    "b": ("dancer", Box(60, 20, 90, 100), (30, 30, 180)),
    "c": ("dancer", Box(130, 20, 160, 100), (30, 160, 60)),
}


class Crowd(Oracle):
    """A detector that gives further boxes beside those of the truth, and a segmenter that takes all that is in one."""

    def __init__(self, world, scores, more):
        super().__init__(world)
        self.scores, self.more = scores, more

    def detect(self, image, labels, on_step=None):
        boxes = [Mask.from_array(mask).box for _, mask in self.world.truth.values()]
        found = [Detection("dancer", score, box) for score, box in zip(self.scores, boxes, strict=True)]
        return [*found, *(Detection("dancer", score, Box(*corners)) for score, corners in self.more)]

    def segment(self, image, boxes, on_step=None):
        every = np.any([mask for _, mask in self.world.truth.values()], axis=0)
        return [Mask.from_array(every) & Mask.from_box(box, HEIGHT, WIDTH) for box in boxes]


@pytest.mark.parametrize(
    ("scores", "more"),
    [
        ((0.6, 0.6, 0.6), [(0.4, (20, 20, 160, 100))]),
        ((0.6, 0.6, 0.6), [(0.65, (20, 20, 160, 100))]),
        ((0.6, 0.6, 0.6), [(0.5, (20, 20, 160, 100)), (0.45, (20, 20, 90, 100))]),
        ((0.6, 0.6, 0.6), [(0.35, (20, 20, 50, 55)), (0.3, (20, 55, 50, 100))]),
        ((0.6, 0.55, 0.6), [(0.4, (20, 20, 160, 100)), (0.3, (60, 60, 90, 100)), (0.38, (130, 20, 160, 60))]),
    ],
)
def test_of_a_group_the_members_stand_and_of_a_thing_no_halves(scores, more):
    world = World(COUPLE)
    crowd = Crowd(world, scores, more)
    scene = SceneParser(crowd, crowd).parse(world.image, ["dancer"])
    assert [thing.mask for thing in scene.objects] == [Mask.from_array(mask) for _, mask in world.truth.values()]
    again = SceneParser(crowd, crowd).perception(world.image).answer(scene, DetectRequest(labels=("dancer",)))
    assert again.added == (), "a second look gives no group either"


def test_a_small_thing_before_a_large_one_of_its_label_is_a_thing_of_its_own():
    world = World(
        {"large": ("dog", Box(20, 10, 120, 110), (180, 30, 30)), "small": ("dog", Box(40, 40, 80, 80), (30, 30, 180))}
    )
    world.truth["large"] = ("dog", world.truth["large"][1] & ~world.truth["small"][1])
    scene = parser_of(world).parse(world.image, ["dog"])
    assert len(scene.objects) == 2
    boxed = SceneParser(Oracle(world), Blind(world)).parse(world.image, ["dog"])
    assert [thing.box_only for thing in boxed.objects] == [True, True]


class Everything(Oracle):
    """Also finds things without being told where."""

    def everything(self, image, on_step=None):
        return [Mask.from_array(mask) for _, mask in self.world.truth.values()]


def test_without_a_detector_a_segmenter_that_finds_everything_is_enough(world):
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
    assert [note.kind for note in trace.steps[-1].notes] == ["request", "update", "effects"]
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
