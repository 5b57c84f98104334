"""Shadows and reflections: told from their things, and from what only looks like them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from known_world import Oracle, World
from PIL import Image
from rendered import small_stage

import cielr
from cielr.core.geometry import Box, Mask
from cielr.core.scene import EffectsRequest, Scene
from cielr.evaluation.scenes import make
from cielr.evaluation.scenes.tracer import render
from cielr.perception.assemble import scene_from_masks
from cielr.perception.builtin.parser import BuiltinParser, BuiltinPerception
from cielr.perception.effects import effects_of, reflection_mask, shadow_mask, shadow_taken_for_a_thing
from cielr.perception.parser import SceneParser
from cielr.perception.protocols import Detection


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


def test_a_dark_thing_with_a_hard_rim_is_no_shadow_of_its_neighbour():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    image[(np.abs(x - 130) < 45) & (np.abs(y - 108) < 5) & ~thing] *= 0.35
    image[thing] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(thing), []) is None


def test_among_patches_of_all_kinds_a_dark_one_is_no_shadow():
    blocks = np.random.default_rng(4).uniform(0.1, 1, (16, 24, 1)) * np.array([0.9, 0.85, 0.8])
    image = np.kron(blocks, np.ones((10, 10, 1))).astype(np.float32)
    thing = np.zeros((160, 240), dtype=bool)
    thing[60:110, 90:140] = True
    image[thing] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(thing), []) is None


def lamp_lit_ground(fade: float) -> np.ndarray:
    """Ground whose right edge has a share of the left edge's light."""
    return (lit_ground() * np.linspace(1, fade, 240)[None, :, None]).astype(np.float32)


@pytest.mark.parametrize("fade", [0.8, 0.6, 0.45])
def test_ground_that_a_lamp_lights_from_one_side_is_no_shadow(fade):
    image = lamp_lit_ground(fade)
    y, x = np.mgrid[:160, :240]
    thing = (x - 130) ** 2 + (y - 80) ** 2 <= 25**2
    image[thing] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(thing), []) is None


@pytest.mark.parametrize("fade", [0.8, 0.6, 0.45])
def test_a_shadow_on_such_ground_is_found_all_the_same(fade):
    image = lamp_lit_ground(fade)
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    shadow = (((x - 125) / 40) ** 2 + ((y - 98) / 14) ** 2 <= 1) & ~thing
    image[shadow] *= 0.6
    image[thing] = (0.7, 0.1, 0.1)
    shaded = shadow_mask(image, Mask.from_array(thing), [])
    assert shaded is not None
    assert shaded.iou(Mask.from_array(shadow)) > 0.7


def test_the_coins_of_the_bundled_photo_lie_on_dark_ground_without_shadows():
    photo = Path(cielr.__file__).parents[1] / "photos" / "coins.png"
    image = np.asarray(Image.open(photo).convert("RGB"))
    masks = [coin.mask for coin in cielr.perceive(photo, labels=["coin"]).objects]
    assert len(masks) == 24
    wrong = [shadow_mask(image, mask, [other for other in masks if other is not mask]) for mask in masks]
    assert sum(shadow is not None for shadow in wrong) <= 1
    edited = cielr.edit(photo, "remove every coin in the second row", labels=["coin"])
    filled = edited.image[np.logical_or.reduce([region.support.to_array() for region in edited.regions])]
    # the ground between these coins is at 50 to 60; with smears of the coins in it the mean was 69
    assert filled.mean() < 60


def test_what_is_taken_for_a_shadow_in_rendered_scenes_is_mostly_shadow():
    """Each scene is drawn with exact shadows, those of the same things left out."""
    shares, missed = [], 0
    for seed in range(3, 10, 2):
        stage = small_stage(seed)
        picture = render(stage.world, stage.width, stage.height)
        scene = make.true_scene(stage, picture)
        things = [thing for thing in scene.objects if thing.effect_of is None]
        for thing in things:
            true = [other.mask for other in scene.objects if other.effect_of == thing.id]
            shaded = shadow_mask(picture.pixels, thing.mask, [other.mask for other in things if other is not thing])
            if shaded is None:
                missed += bool(true)
            else:
                shares.append((shaded & true[0]).area / shaded.area if true else 0.0)
    assert len(shares) >= 8, missed
    assert np.mean(shares) > 0.38


def test_a_grey_thing_beside_another_stays_a_thing():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    red, grey = (x - 90) ** 2 + (y - 70) ** 2 <= 28**2, (x - 110) ** 2 + (y - 115) ** 2 <= 22**2
    image[grey] *= 0.5
    image[red] = (0.7, 0.1, 0.1)
    scene = BuiltinParser().parse(image)
    assert len(scene.objects) == 2
    for thing in scene.objects:
        update = BuiltinPerception(image).answer(scene, EffectsRequest(object=thing.id))
        assert update.changed == ()


def test_what_is_taken_away_takes_its_shadow_with_it_in_a_whole_edit():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    thing = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    fade = np.clip(1.3 - np.hypot((x - 112) / 36, (y - 100) / 13), 0, 1)[..., None]
    image = (image * (1 - 0.5 * fade)).astype(np.float32)
    image[thing] = (0.7, 0.1, 0.1)
    dark = (fade[..., 0] > 0.2) & ~thing
    for instruction in ("remove the red object", "remove the red object and its shadow"):
        result = cielr.edit(image, instruction)
        assert result.image[dark].mean() > 0.93 * lit_ground()[dark].mean(), instruction
    off = dark & ((x - 90) ** 2 + (y - 80) ** 2 > 30**2)
    blue = cielr.edit(image, "make the red object blue")
    assert np.array_equal(blue.image[off], image[off]), "what stays keeps its shadow as it is"


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


# ------------------------------------------------------------------------------------- large photos, frames, neighbours


def shadowed_ball(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(a red ball on lit ground with its shadow, bool of the ball, bool of the shadow)."""
    image = lit_ground(seed)
    y, x = np.mgrid[:160, :240]
    ball = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    shadow = (((x - 125) / 40) ** 2 + ((y - 98) / 14) ** 2 <= 1) & ~ball
    image[shadow] *= 0.6
    image[ball] = (0.7, 0.1, 0.1)
    return image, ball, shadow


def test_in_a_large_photo_the_shadow_is_looked_for_in_small_and_given_at_full_size():
    image, ball, shadow = (np.kron(part, np.ones((5, 5) + (1,) * (part.ndim - 2))) for part in shadowed_ball())
    large = shadow_mask(image.astype(np.float32), Mask.from_array(ball > 0), [])
    assert large is not None
    assert (large.height, large.width) == shadow.shape
    assert large.iou(Mask.from_array(shadow > 0)) > 0.8
    assert not large.overlaps(Mask.from_array(ball > 0))


def test_what_lies_in_a_shadow_is_no_part_of_it():
    image, ball, shadow = shadowed_ball()
    pebble = np.zeros_like(ball)
    pebble[94:102, 130:140] = True
    image[pebble] = (0.2, 0.2, 0.25)
    found = shadow_mask(image, Mask.from_array(ball), [Mask.from_array(pebble)])
    assert found is not None
    assert not found.overlaps(Mask.from_array(pebble))
    assert found.iou(Mask.from_array(shadow & ~pebble)) > 0.7


@pytest.mark.parametrize("edge", ["left", "right", "bottom"])
def test_dark_ground_that_goes_on_along_the_frame_is_no_shadow(edge):
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    places = {"left": (36, 80), "right": (203, 80), "bottom": (120, 123)}
    cx, cy = places[edge]
    ball = (x - cx) ** 2 + (y - cy) ** 2 <= 20**2
    wall = {"left": x < 20, "right": x > 219, "bottom": y > 139}[edge]
    # of a size that a shadow may have, and softly lit where it ends
    reach = (np.abs(y - cy) < 40) if edge != "bottom" else (np.abs(x - cx) < 40)
    image[wall & reach & ~ball] *= 0.65
    image[ball] = (0.7, 0.1, 0.1)
    assert shadow_mask(image, Mask.from_array(ball), []) is None


def test_a_shadow_that_leaves_the_photo_in_one_place_is_one():
    image, ball, shadow = (part[:, :150] for part in shadowed_ball())
    found = shadow_mask(image, Mask.from_array(ball), [])
    assert found is not None
    assert found.iou(Mask.from_array(shadow)) > 0.7


@pytest.mark.parametrize(("share", "is_seen"), [(0.15, True), (0.3, False)])
def test_among_tiles_of_another_colour_a_shadow_is_seen_only_where_they_are_few(share, is_seen):
    image, ball, shadow = shadowed_ball()
    y, x = np.mgrid[:160, :240]
    blue = np.kron(np.random.default_rng(1).random((20, 30)) < share, np.ones((8, 8))) > 0
    # the shadow and what is next to it lie on plain ground
    blue &= ((x - 125) / 52) ** 2 + ((y - 98) / 24) ** 2 > 1
    blue &= (x - 90) ** 2 + (y - 80) ** 2 > 32**2
    image[blue] = (image[blue] * (0.75, 1.0, 1.6)).clip(0, 1)
    found = shadow_mask(image, Mask.from_array(ball), [])
    assert (found is not None) == is_seen
    assert found is None or found.iou(Mask.from_array(shadow)) > 0.75


def test_a_reflection_may_lie_at_a_large_photo_s_foot_and_not_under_other_things():
    image = lit_ground()
    tower = np.zeros((160, 240), dtype=bool)
    tower[30:80, 80:130] = True
    tower[30:50, 80:100] = False
    image[tower] = (0.1, 0.3, 0.6)
    image[60:80, 80:130] = (0.8, 0.2, 0.1)
    below = np.zeros_like(tower)
    below[80:130] = tower[30:80][::-1]
    image[below] = 0.5 * image[below] + 0.5 * image[30:80][::-1][tower[30:80][::-1]]
    large = np.kron(image, np.ones((6, 6, 1))).astype(np.float32)
    seen = reflection_mask(large, Mask.from_array(np.kron(tower, np.ones((6, 6))) > 0), [])
    assert seen is not None
    assert seen.iou(Mask.from_array(np.kron(below, np.ones((6, 6))) > 0)) > 0.95
    cut = slice(0, 132)
    at_the_edge = reflection_mask(image[:, cut], Mask.from_array(tower[:, cut]), [])
    assert at_the_edge is not None
    assert at_the_edge.iou(Mask.from_array(below[:, cut])) > 0.95
    boat = Mask.from_box(Box(76, 84, 134, 130), 160, 240)
    assert reflection_mask(image, Mask.from_array(tower), [boat]) is None
    buoy = Mask.from_box(Box(110, 100, 120, 110), 160, 240)
    beside = reflection_mask(image, Mask.from_array(tower), [buoy])
    assert beside is not None
    assert not beside.overlaps(buoy)


# ---------------------------------------------------------------------------------------------- what detectors answer


def scene_of(image: np.ndarray, **things: np.ndarray) -> Scene:
    return scene_from_masks(image, list(things.values()), list(things))


def block(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    return Mask.from_box(Box(x0, y0, x1, y1), 160, 240).to_array()


def answering(*answers: tuple[str, float, np.ndarray]):
    """A detector's way of finding things, and the labels and the frame that it was asked with."""
    asked = []

    def find(labels, frame):
        asked.append((labels, frame))
        masks = [Mask.from_array(mask) for _, _, mask in answers]
        return [(Detection(name, score, mask.box), mask) for (name, score, _), mask in zip(answers, masks, strict=True)]

    return find, asked


def test_the_surest_shadow_that_a_detector_names_is_the_thing_s_and_neither_is_the_thing_or_its_neighbour():
    image = lit_ground()
    cup, jug = block(80, 60, 110, 100), block(150, 50, 190, 100)
    name = "shadow of the cup"
    find, asked = answering(
        (name, 0.9, block(78, 58, 112, 101)),
        (name, 0.8, block(150, 52, 190, 100)),
        (name, 0.5, block(60, 100, 80, 110)),
        (name, 0.7, block(100, 90, 145, 110)),
        # all but nothing is left of it beside the cup
        (name, 0.75, block(81, 82, 113, 100)),
    )
    scene = scene_of(image, cup=cup, jug=jug)
    effects, sentences = effects_of(image, scene, scene["cup_1"], find)
    assert asked == [([name, "reflection of the cup"], Box(40, 20, 150, 140))]
    [(detection, mask)] = effects
    assert (detection.label, detection.score) == ("shadow", 0.7)
    assert np.array_equal(mask.to_array(), block(100, 90, 145, 110) & ~cup)
    assert detection.box == mask.box
    assert sentences == []


def test_what_somebody_wears_is_whole_and_who_touches_something_is_told():
    image = lit_ground()
    woman, bench = block(80, 30, 110, 110), block(60, 108, 200, 130)
    hat = block(82, 26, 108, 50)
    find, asked = answering(("hat", 0.6, hat), ("shadow of the woman", 0.4, block(110, 100, 140, 108)))
    scene = scene_of(image, woman=woman, bench=bench)
    effects, sentences = effects_of(image, scene, scene["woman_1"], find)
    assert {"shadow of the woman", "reflection of the woman", "hat"} <= set(asked[0][0])
    assert [detection.label for detection, _ in effects] == ["shadow", "hat"]
    assert np.array_equal(effects[1][1].to_array(), hat)
    assert sentences == ["bench_1 touches it."]
    find, asked = answering()
    assert effects_of(image, scene, scene["bench_1"], find) == ([], [])
    assert "hat" not in asked[0][0]


def test_of_the_patches_beside_a_thing_the_one_that_fades_is_its_shadow():
    image = lit_ground()
    y, x = np.mgrid[:160, :240]
    ball = (x - 90) ** 2 + (y - 80) ** 2 <= 25**2
    fade = np.clip(1.3 - np.hypot((x - 112) / 36, (y - 100) / 13), 0, 1)[..., None]
    image = (image * (1 - 0.5 * fade)).astype(np.float32)
    image[ball] = (0.7, 0.1, 0.1)
    dark = (fade[..., 0] > 0.5) & ~ball
    card = block(60, 100, 84, 116) & ~ball
    image[card] = lit_ground()[card] * 0.5
    scene = scene_of(image, ball=ball, thing=dark, card=card)
    patches = [scene["thing_1"], scene["card_1"]]
    names, shadow = shadow_taken_for_a_thing(image, scene, scene["ball_1"], patches)
    assert names == ["thing_1"]
    assert shadow is not None
    assert not shadow.overlaps(scene["card_1"].mask)
    assert not shadow.overlaps(scene["ball_1"].mask)
    assert shadow.iou(Mask.from_array((fade[..., 0] > 0.2) & ~ball & ~card)) > 0.6
