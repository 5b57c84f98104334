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
from cielr.core.scene import EffectsRequest
from cielr.evaluation.scenes import make
from cielr.evaluation.scenes.tracer import render
from cielr.perception.builtin.parser import BuiltinParser, BuiltinPerception
from cielr.perception.effects import reflection_mask, shadow_mask
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
