"""Parser and requests against an oracle that knows the truth of generated scenes; no model is needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cielr.errors import SceneError
from cielr.geometry import Box, Mask
from cielr.perception.effects import reflection_mask, shadow_mask
from cielr.perception.outlines import best_proposal, cleaned
from cielr.perception.parser import SceneParser
from cielr.perception.protocols import Detection
from cielr.perception.suppress import merged, overlaps, whole_pixels
from cielr.perception.vocabulary import EVERYDAY, nouns, whole_of
from cielr.scene import DescribeRequest, DetectRequest, EffectsRequest, PartsRequest, RelateRequest

HEIGHT, WIDTH = 120, 200


class World:
    """A picture of plain discs and boxes on grey ground, with the truth about each."""

    def __init__(self, things: dict[str, tuple[str, Box, tuple[int, int, int]]]):
        self.image = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)
        self.image[..., 0] += (np.arange(WIDTH) % 7).astype(np.uint8)
        self.truth: dict[str, tuple[str, np.ndarray]] = {}
        y, x = np.mgrid[:HEIGHT, :WIDTH]
        for name, (label, box, colour) in things.items():
            cx, cy = box.center
            mask = ((x + 0.5 - cx) / (box.width / 2)) ** 2 + ((y + 0.5 - cy) / (box.height / 2)) ** 2 <= 1
            self.image[mask] = colour
            self.truth[name] = (label, mask)


class Oracle:
    """Detector, segmenter and depth at once: finds its crop in the world's image and answers from the truth."""

    name = "oracle"

    def __init__(self, world: World, doubles: dict[str, str] | None = None):
        self.world = world
        self.doubles = doubles or {}
        self.seen: list[tuple[tuple[int, int], tuple[str, ...]]] = []

    def _place(self, image: np.ndarray) -> Box:
        height, width = image.shape[:2]
        for y in range(HEIGHT - height + 1):
            for x in range(WIDTH - width + 1):
                if np.array_equal(self.world.image[y : y + height, x : x + width], image):
                    return Box(x, y, x + width, y + height)
        raise AssertionError("this is no crop of the world")

    def detect(self, image, labels, on_step=None):
        self.seen.append((image.shape[:2], tuple(labels)))
        if on_step is not None:
            on_step(0, 1)
        place = self._place(image)
        found = []
        for label, mask in self.world.truth.values():
            inside = Mask.from_array(mask[place.slices])
            for name in (label, self.doubles.get(label)):
                if name is not None and name in labels and not inside.is_empty:
                    found.append(Detection(name, 0.9 if name == label else 0.6, inside.box))
        return merged(found)

    def segment(self, image, boxes, on_step=None):
        place = self._place(image)
        masks = []
        for box in boxes:
            here = [Mask.from_array(mask[place.slices]) for _, mask in self.world.truth.values()]
            masks.append(max(here, key=lambda mask: mask.box.iou(box)))
        return masks

    def depth(self, image, on_step=None):
        return np.tile(np.linspace(1, 0, HEIGHT, dtype=np.float32)[:, None], (1, WIDTH))


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


def parser_of(world: World, **more) -> SceneParser:
    oracle = Oracle(world, more.pop("doubles", None))
    return SceneParser(oracle, oracle, more.pop("depth", None), **more)


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


# ----------------------------------------------------------------------------------------------------------- effects


def lit_ground(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ground = np.full((160, 240, 3), (0.72, 0.66, 0.55)) + rng.normal(0, 0.01, (160, 240, 3))
    return np.clip(ground, 0, 1).astype(np.float32)


def test_a_shadow_beside_a_thing_is_found_apart_from_it():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    shadow = (((x - 125) / 40) ** 2 + ((y - 98) / 14) ** 2 <= 1) & ~thing
    image[shadow] *= 0.6
    image[thing] = (0.7, 0.1, 0.1)
    found = shadow_mask(image, Mask.from_array(thing), [])
    assert found is not None
    assert found.iou(Mask.from_array(shadow)) > 0.75
    assert not found.overlaps(Mask.from_array(thing))


@pytest.mark.parametrize("colour", [(0.2, 0.2, 0.8), (0.9, 0.85, 0.75)])
def test_what_has_another_colour_or_more_light_is_no_shadow(colour):
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    image[(((x - 125) / 40) ** 2 + ((y - 98) / 14) ** 2 <= 1) & ~thing] = colour
    image[thing] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(thing), []) is None


def test_even_ground_has_neither_shadow_nor_reflection():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 60) ** 2 <= 25**2
    image[thing] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(thing), []) is None
    assert reflection_mask(image, Mask.from_array(thing), []) is None


def test_a_reflection_is_the_thing_upside_down_at_its_foot():
    image = lit_ground()
    thing = np.zeros((160, 240), dtype=bool)
    thing[30:80, 80:130] = True
    thing[30:50, 80:100] = False
    image[thing] = (0.1, 0.3, 0.6)
    image[60:80, 80:130] = (0.8, 0.2, 0.1)
    mirrored = np.zeros_like(thing)
    mirrored[80:130] = thing[30:80][::-1]
    image[mirrored] = 0.5 * image[mirrored] + 0.5 * image[30:80][::-1][thing[30:80][::-1]]
    found = reflection_mask(image, Mask.from_array(thing), [])
    assert found is not None
    assert found.iou(Mask.from_array(mirrored)) > 0.95


def test_effects_are_objects_of_their_own_linked_to_their_cause():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    image[(((x - 125) / 40) ** 2 + ((y - 98) / 14) ** 2 <= 1) & ~thing] *= 0.6
    image[thing] = (0.7, 0.1, 0.1)
    from cielr.perception.assemble import scene_from_masks

    scene = scene_from_masks(image, [thing], ["ball"])
    eyes = SceneParser().perception(image)
    update = eyes.answer(scene, EffectsRequest(object="ball_1"))
    assert [(one.id, one.effect_of) for one in update.added] == [("shadow_1", "ball_1")]
    after = scene.apply(update)
    again = eyes.answer(after, EffectsRequest(object="ball_1"))
    assert again.added == ()
    assert "shadow_1 is its shadow." in again.answer


def test_a_detectors_shadow_is_taken_without_the_thing_itself():
    world = World({"cup": ("cup", Box(40, 20, 90, 70), (180, 30, 30)), "s": ("x", Box(70, 50, 140, 90), (90, 90, 90))})
    whole = world.truth["s"][1]

    class Named(Oracle):
        def detect(self, image, labels, on_step=None):
            place = self._place(image)
            if "shadow of the cup" not in labels:
                return super().detect(image, labels, on_step)
            box = Mask.from_array(whole[place.slices]).box
            return [Detection("shadow of the cup", 0.7, box)]

    oracle = Named(world)
    parser = SceneParser(oracle, oracle)
    scene = parser.parse(world.image, ["cup"])
    update = parser.perception(world.image).answer(scene, EffectsRequest(object="cup_1"))
    shadow = next(one for one in update.added if one.label == "shadow")
    assert np.array_equal(shadow.mask.to_array(), whole & ~world.truth["cup"][1])
    assert shadow.score == pytest.approx(0.7)


# ----------------------------------------------------------------------------------------------- doubles, boxes, masks


def test_doubles_go_within_a_label_first_and_across_labels_then():
    found = [
        Detection("cup", 0.9, Box(0, 0, 100, 100)),
        Detection("cup", 0.8, Box(5, 5, 100, 100)),
        Detection("mug", 0.7, Box(0, 0, 98, 98)),
        Detection("handle", 0.6, Box(70, 20, 100, 60)),
        Detection("cup", 0.5, Box(60, 0, 160, 100)),
    ]
    kept = merged(found)
    assert [(one.label, one.box.x0) for one in kept] == [("cup", 0), ("handle", 70), ("cup", 60)]
    assert kept[0].alternatives == ("mug",)


boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), *(st.integers(0, 60),) * 2, *(st.integers(1, 60),) * 2)
detections = st.lists(st.builds(Detection, st.sampled_from("abc"), st.floats(0, 1), boxes), max_size=12)


@given(detections)
def test_what_is_kept_overlaps_little_and_what_is_dropped_has_a_reason(found):
    kept = merged(found)
    for k, one in enumerate(kept):
        for other in kept[k + 1 :]:
            assert one.box.iou(other.box) < (0.6 if one.label == other.label else 0.8)
    for one in found:
        assert any((k.box.iou(one.box) >= 0.6 and k.score >= one.score) or k == one for k in kept) or any(
            other.label == one.label and other.box.iou(one.box) >= 0.6 and other.score >= one.score
            for other in found
            if other is not one
        )


@given(st.lists(boxes, min_size=1, max_size=6))
def test_the_overlap_matrix_is_the_boxes_own_iou(several):
    expected = [[a.iou(b) for b in several] for a in several]
    assert np.allclose(overlaps(several), expected)


def test_boxes_are_cut_at_the_border_and_never_empty():
    assert whole_pixels((-3.2, 4.4, 10.6, 9.5), 10, 20) == Box(0, 4, 10, 10)
    assert whole_pixels((3.1, 3.1, 3.2, 3.2), 10, 20) == Box(3, 3, 4, 4)
    assert whole_pixels((9.9, 0, 9.95, 1), 10, 20) == Box(9, 0, 10, 1)
    assert whole_pixels((12, 0, 15, 5), 10, 20) is None
    assert whole_pixels((float("nan"), 0, 1, 1), 10, 20) is None


def test_the_proposal_that_fills_the_box_wins_over_a_surer_part():
    part, whole, ground = (np.zeros((40, 40), dtype=bool) for _ in range(3))
    part[18:22, 18:22] = True
    whole[10:30, 10:30] = True
    ground[:] = True
    box = Box(9, 9, 31, 31)
    assert best_proposal(np.stack([part, whole, ground]), [0.95, 0.85, 0.9], box) == 1
    assert best_proposal(np.stack([whole, whole]), [0.2, 0.9], box) == 1


def test_specks_and_pin_holes_go_and_handles_stay():
    mask = np.zeros((100, 100), dtype=bool)
    mask[20:80, 20:80] = True
    mask[40:60, 40:60] = False
    clean = mask.copy()
    mask[30, 30] = False
    mask[5, 5] = mask[90:92, 90] = True
    assert np.array_equal(cleaned(mask), clean)
    assert not cleaned(np.zeros((5, 5), dtype=bool)).any()


# -------------------------------------------------------------------------------------------------------- vocabulary


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("remove the second coin from the left in the top row", ("coin",)),
        ("Replace the apples with two traffic lights", ("apple", "traffic light")),
        ("make the knives on the table brighter", ("knife", "table")),
        ("", ()),
    ],
)
def test_the_nouns_of_an_instruction_are_its_labels(instruction, expected):
    assert nouns(instruction) == expected


def test_parts_know_their_wholes():
    assert "car" in whole_of("wheels")
    assert whole_of("rim of the wheel") == ("wheel",)
    assert whole_of("cup") == ()
