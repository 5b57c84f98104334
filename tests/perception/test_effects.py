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

Y, X = np.mgrid[:160, :240]
RED = (0.7, 0.1, 0.1)


def disc(x: float, y: float, radius: float) -> np.ndarray:
    """bool [160, 240]"""
    return (X - x) ** 2 + (Y - y) ** 2 <= radius**2


def scene_of(image: np.ndarray, **things: np.ndarray) -> Scene:
    return scene_from_masks(image, list(things.values()), list(things))


def block(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    return Mask.from_box(Box(x0, y0, x1, y1), 160, 240).to_array()


BALL = disc(90, 80, 25)
SHADOW = (((X - 125) / 40) ** 2 + ((Y - 98) / 14) ** 2 <= 1) & ~BALL


def lit_ground(fade: float = 1.0) -> np.ndarray:
    """Even ground, with some noise, whose right edge has a share of the left edge's light."""
    noise = np.random.default_rng(0).normal(0, 0.01, (160, 240, 3))
    ground = np.clip(np.full((160, 240, 3), (0.72, 0.66, 0.55)) + noise, 0, 1).astype(np.float32)
    return (ground * np.linspace(1, fade, 240)[None, :, None]).astype(np.float32) if fade != 1 else ground


def shadowed_ball(ground: np.ndarray | None = None) -> np.ndarray:
    """A red ball on lit ground with its shadow."""
    image = lit_ground() if ground is None else ground
    image[SHADOW] *= 0.6
    image[BALL] = RED
    return image


def shadow_of(image: np.ndarray, thing: np.ndarray = BALL, *others: np.ndarray) -> Mask | None:
    return shadow_mask(image, Mask.from_array(thing), [Mask.from_array(other) for other in others])


def test_a_shadow_beside_a_thing_is_found_apart_from_it():
    shadow = shadow_of(shadowed_ball())
    assert shadow is not None
    assert shadow.iou(Mask.from_array(SHADOW)) > 0.75
    assert not shadow.overlaps(Mask.from_array(BALL))


@pytest.mark.parametrize("colour", [(0.2, 0.2, 0.8), (0.9, 0.85, 0.75)])
def test_what_has_another_colour_or_more_light_is_no_shadow(colour):
    image = shadowed_ball()
    image[SHADOW] = colour
    assert shadow_of(image) is None


def test_even_ground_has_neither_shadow_nor_reflection():
    image, ball = lit_ground(), disc(90, 60, 25)
    image[ball] = RED
    assert shadow_of(image, ball) is None
    assert reflection_mask(image, Mask.from_array(ball), []) is None


def test_a_dark_thing_with_a_hard_rim_is_no_shadow_of_its_neighbour():
    image = lit_ground()
    image[(np.abs(X - 130) < 45) & (np.abs(Y - 108) < 5)] *= 0.35
    image[BALL] = RED
    assert shadow_of(image) is None


def test_among_patches_of_all_kinds_a_dark_one_is_no_shadow():
    blocks = np.random.default_rng(4).uniform(0.1, 1, (16, 24, 1)) * np.array([0.9, 0.85, 0.8])
    image = np.kron(blocks, np.ones((10, 10, 1))).astype(np.float32)
    thing = block(90, 60, 140, 110)
    image[thing] = RED
    assert shadow_of(image, thing) is None


@pytest.mark.parametrize("fade", [0.8, 0.6, 0.45])
def test_ground_that_a_lamp_lights_from_one_side_is_no_shadow(fade):
    image, ball = lit_ground(fade), disc(130, 80, 25)
    image[ball] = RED
    assert shadow_of(image, ball) is None


@pytest.mark.parametrize("fade", [0.8, 0.6, 0.45])
def test_a_shadow_on_such_ground_is_found_all_the_same(fade):
    shadow = shadow_of(shadowed_ball(lit_ground(fade)))
    assert shadow is not None
    assert shadow.iou(Mask.from_array(SHADOW)) > 0.7


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


SOFT = np.clip(1.3 - np.hypot((X - 112) / 36, (Y - 100) / 13), 0, 1)
"""How dark a shadow without a sharp edge is, where it is darkest 1."""


def softly_shadowed_ball() -> np.ndarray:
    image = (lit_ground() * (1 - 0.5 * SOFT[..., None])).astype(np.float32)
    image[BALL] = RED
    return image


def test_a_grey_thing_beside_another_stays_a_thing():
    image = lit_ground()
    image[disc(110, 115, 22)] *= 0.5
    image[disc(90, 70, 28)] = RED
    scene = BuiltinParser().parse(image)
    assert len(scene.objects) == 2
    for thing in scene.objects:
        update = BuiltinPerception(image).answer(scene, EffectsRequest(object=thing.id))
        assert update.changed == ()


def test_what_is_taken_away_takes_its_shadow_with_it_in_a_whole_edit():
    image = softly_shadowed_ball()
    dark = (SOFT > 0.2) & ~BALL
    for instruction in ("remove the red object", "remove the red object and its shadow"):
        result = cielr.edit(image, instruction)
        assert result.image[dark].mean() > 0.93 * lit_ground()[dark].mean(), instruction
    off = dark & ~disc(90, 80, 30)
    blue = cielr.edit(image, "make the red object blue")
    assert np.array_equal(blue.image[off], image[off]), "what stays keeps its shadow as it is"


def mirrored_tower() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(a tower over its reflection, bool of the tower, bool of the reflection)."""
    image = lit_ground()
    tower = block(80, 30, 130, 80) & ~block(80, 30, 100, 50)
    image[tower] = (0.1, 0.3, 0.6)
    image[60:80, 80:130] = (0.8, 0.2, 0.1)
    below = np.zeros_like(tower)
    below[80:130] = tower[30:80][::-1]
    image[below] = 0.5 * image[below] + 0.5 * image[30:80][::-1][tower[30:80][::-1]]
    return image, tower, below


def test_a_reflection_is_the_thing_upside_down_at_its_foot():
    image, tower, below = mirrored_tower()
    reflection = reflection_mask(image, Mask.from_array(tower), [])
    assert reflection is not None
    assert reflection.iou(Mask.from_array(below)) > 0.95


def test_effects_are_objects_of_their_own_linked_to_their_cause():
    image = shadowed_ball()
    scene = scene_of(image, ball=BALL)
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


def test_in_a_large_photo_the_shadow_is_looked_for_in_small_and_given_at_full_size():
    image, ball, shadow = (
        np.kron(part, np.ones((5, 5) + (1,) * (part.ndim - 2))) for part in (shadowed_ball(), BALL, SHADOW)
    )
    large = shadow_of(image.astype(np.float32), ball > 0)
    assert large is not None
    assert (large.height, large.width) == shadow.shape
    assert large.iou(Mask.from_array(shadow > 0)) > 0.8
    assert not large.overlaps(Mask.from_array(ball > 0))


def test_what_lies_in_a_shadow_is_no_part_of_it():
    image, pebble = shadowed_ball(), block(130, 94, 140, 102)
    image[pebble] = (0.2, 0.2, 0.25)
    shadow = shadow_of(image, BALL, pebble)
    assert shadow is not None
    assert not shadow.overlaps(Mask.from_array(pebble))
    assert shadow.iou(Mask.from_array(SHADOW & ~pebble)) > 0.7


@pytest.mark.parametrize("edge", ["left", "right", "bottom"])
def test_dark_ground_that_goes_on_along_the_frame_is_no_shadow(edge):
    cx, cy = {"left": (36, 80), "right": (203, 80), "bottom": (120, 123)}[edge]
    image, ball = lit_ground(), disc(cx, cy, 20)
    wall = {"left": X < 20, "right": X > 219, "bottom": Y > 139}[edge]
    # of a size that a shadow may have, and softly lit where it ends
    reach = (np.abs(Y - cy) < 40) if edge != "bottom" else (np.abs(X - cx) < 40)
    image[wall & reach] *= 0.65
    image[ball] = RED
    assert shadow_of(image, ball) is None


def test_a_shadow_that_leaves_the_photo_in_one_place_is_one():
    shadow = shadow_of(shadowed_ball()[:, :150], BALL[:, :150])
    assert shadow is not None
    assert shadow.iou(Mask.from_array(SHADOW[:, :150])) > 0.7


@pytest.mark.parametrize(("share", "is_seen"), [(0.15, True), (0.3, False)])
def test_among_tiles_of_another_colour_a_shadow_is_seen_only_where_they_are_few(share, is_seen):
    image = shadowed_ball()
    blue = np.kron(np.random.default_rng(1).random((20, 30)) < share, np.ones((8, 8))) > 0
    # the shadow and what is next to it lie on plain ground
    blue &= ((X - 125) / 52) ** 2 + ((Y - 98) / 24) ** 2 > 1
    blue &= ~disc(90, 80, 32)
    image[blue] = (image[blue] * (0.75, 1.0, 1.6)).clip(0, 1)
    shadow = shadow_of(image)
    assert (shadow is not None) == is_seen
    assert shadow is None or shadow.iou(Mask.from_array(SHADOW)) > 0.75


def test_a_reflection_may_lie_at_a_large_photo_s_foot_and_not_under_other_things():
    image, tower, below = mirrored_tower()
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
    image, card = softly_shadowed_ball(), block(60, 100, 84, 116) & ~BALL
    image[card] = lit_ground()[card] * 0.5
    scene = scene_of(image, ball=BALL, thing=(SOFT > 0.5) & ~BALL, card=card)
    patches = [scene["thing_1"], scene["card_1"]]
    names, shadow = shadow_taken_for_a_thing(image, scene, scene["ball_1"], patches)
    assert names == ["thing_1"]
    assert shadow is not None
    assert not shadow.overlaps(scene["card_1"].mask)
    assert not shadow.overlaps(scene["ball_1"].mask)
    assert shadow.iou(Mask.from_array((SOFT > 0.2) & ~BALL & ~card)) > 0.6
