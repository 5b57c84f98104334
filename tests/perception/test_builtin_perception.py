"""The scene without weights, held against pictures of which the truth is known."""

from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cielr
from cielr.core.geometry import Mask
from cielr.core.scene import DescribeRequest, DetectRequest, EffectsRequest, PartsRequest, RelateRequest
from cielr.errors import Cancelled, NothingMatches
from cielr.perception.assemble import scene_from_masks
from cielr.perception.builtin.parser import BuiltinParser, BuiltinPerception

COINS = np.asarray(Image.open(Path(__file__).parents[2] / "photos" / "coins.png").convert("RGB"))

CENTRES = [
    *[(44, 55), (101, 57), (156, 52), (216, 52), (276, 53), (335, 44)],
    *[(46, 125), (103, 126), (154, 128), (206, 124), (271, 120), (337, 125)],
    *[(44, 198), (102, 196), (154, 198), (213, 193), (274, 195), (347, 187)],
    *[(47, 260), (114, 266), (172, 262), (244, 264), (301, 264), (358, 268)],
]
"""(x, y) of the 24 coins, counted and measured by hand on an enlarged print."""


@pytest.fixture(scope="module")
def coins():
    return BuiltinParser().parse(COINS, labels=["coin"])


def test_at_least_23_of_the_24_coins_are_one_object_each_and_few_others_are_seen(coins):
    holders = [[thing.id for thing in coins.objects if thing.mask.to_array()[y, x]] for x, y in CENTRES]
    alone = [names[0] for names in holders if len(names) == 1]
    assert len(set(alone)) >= 23, "no coin in two pieces, no two coins in one"
    assert len(coins.objects) - len(set(alone)) <= 3
    assert {thing.label for thing in coins.objects} == {"coin"}


def test_the_coins_masks_cover_the_coins_and_little_else(coins):
    for x, y in CENTRES:
        (thing,) = [one for one in coins.objects if one.mask.to_array()[y, x]]
        width, height = thing.box.width, thing.box.height
        assert 30 <= width <= 70
        assert 0.75 < width / height < 1.35, "a coin is round"
        assert thing.mask.area > 0.7 * width * height


def test_coins_are_numbered_in_reading_order(coins):
    centres = [thing.box.center for thing in coins.objects]
    rows = [centres[k : k + 6] for k in range(0, 24, 6)]
    assert all(row == sorted(row) for row in rows)
    assert [thing.id for thing in coins.objects] == [f"coin_{n}" for n in range(1, 25)]


def test_bytes_and_floats_give_the_same_scene(coins):
    assert BuiltinParser().parse(COINS.astype(np.float32) / 255, labels=["coin"]) == coins


SHAPES = {
    "red round": ((90, 80), 40, (200, 30, 30)),
    "blue round": ((230, 90), 50, (30, 60, 200)),
    "green round": ((320, 220), 45, (40, 160, 60)),
    "yellow round": ((60, 210), 32, (240, 210, 50)),
}


def shapes(height=300, width=400, ground=(205, 195, 180), noise=5.0, slope=0.1):
    y, x = np.mgrid[:height, :width]
    image = np.full((height, width, 3), ground, dtype=float)
    truth = {}
    for name, ((cx, cy), radius, colour) in SHAPES.items():
        mask = (x - cx) ** 2 + (y - cy) ** 2 <= radius**2
        image[mask], truth[name] = colour, mask
    square = np.zeros((height, width), dtype=bool)
    square[180:250, 150:220] = True
    image[square], truth["purple square"] = (120, 40, 150), square
    image += np.random.default_rng(0).normal(0, noise, image.shape) + (x[..., None] - width / 2) * slope
    return np.clip(image, 0, 255).astype(np.uint8), truth


@pytest.mark.parametrize(
    "setting", [{"noise": 0, "slope": 0}, {}, {"noise": 12}, {"ground": (25, 25, 30)}, {"slope": 0.15}]
)
def test_every_coloured_shape_is_found_once_cut_out_well_and_named_by_its_look(setting):
    image, truth = shapes(**setting)
    scene = BuiltinParser().parse(image)
    assert len(scene.objects) == len(truth)
    for name, mask in truth.items():
        best = max(scene.objects, key=lambda thing: thing.mask.iou(Mask.from_array(mask)))
        assert best.mask.iou(Mask.from_array(mask)) > 0.9
        assert best.label == f"{name} object"
        assert 0 < best.score <= 1


def test_a_large_picture_is_cut_at_its_own_pixels():
    image, truth = shapes()
    big = np.asarray(Image.fromarray(image).resize((2000, 1500), Image.Resampling.BICUBIC))
    scene = BuiltinParser().parse(big)
    mask = np.asarray(Image.fromarray(truth["blue round"]).resize((2000, 1500), Image.Resampling.BICUBIC))
    best = max(thing.mask.iou(Mask.from_array(mask)) for thing in scene.objects)
    assert best > 0.96, "steps of the reduced copy would cost more"


def rows_of_dots(number, side, radius):
    image = np.full((side, side, 3), 230, np.uint8)
    across = int(np.ceil(np.sqrt(number)))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    dot = x * x + y * y <= radius * radius
    for k in range(number):
        cx, cy = (int((place + 0.5) * side / across) for place in (k % across, k // across))
        image[cy - radius : cy + radius + 1, cx - radius : cx + radius + 1][dot] = (180, 30, 30)
    return image


def test_a_hundred_things_are_seen_and_what_is_too_small_is_counted():
    scene = BuiltinParser().parse(rows_of_dots(100, 320, 12), labels=["dot"])
    assert (len(scene.objects), scene.left_out, scene.caption) == (100, 0, "")
    image = rows_of_dots(100, 320, 4)
    image[:40] = 230
    y, x = np.mgrid[:320, :320]
    image[(x - 150) ** 2 + (y - 18) ** 2 <= 15**2] = (30, 30, 180)
    scene = BuiltinParser().parse(image)
    assert [thing.attributes["colour"] for thing in scene.objects] == ["dark blue"]
    assert 80 <= scene.left_out <= 90
    assert scene.caption == (
        f"{scene.left_out} more things are too small or too many for the built-in eyes; they are left out."
    )


def as_bfloat16(values):
    """As torch rounds: to the nearest, ties to even."""
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize("step", [1 / 256, 1 / 63, 1 / 31, None])
def test_rounded_samples_make_no_thing_of_the_ground(step):
    exact = COINS.astype(np.float32) / 255
    rounded = as_bfloat16(exact) if step is None else (np.round(exact / step) * step).clip(0, 1).astype(np.float32)
    scene = BuiltinParser().parse(rounded, labels=["coin"])
    assert len(scene.objects) == 24
    assert max(thing.mask.area for thing in scene.objects) < 4000


def lit_from_one_side(height, width, angle, darkest, ground):
    """Three discs on ground whose light falls off evenly towards an angle: (image, their masks)."""
    y, x = np.mgrid[:height, :width].astype(float)
    way = np.cos(np.deg2rad(angle)) * x + np.sin(np.deg2rad(angle)) * y
    light = 1 + (darkest - 1) * (way - way.min()) / (way.max() - way.min())
    image, truth = np.array(ground, dtype=float) * np.ones((height, width, 1)), []
    for cx, cy, radius, colour in (
        (0.27, 0.33, 0.12, (170, 40, 40)),
        (0.67, 0.5, 0.16, (40, 60, 160)),
        (0.4, 0.75, 0.1, (30, 120, 50)),
    ):
        disc = np.hypot(x - cx * width, y - cy * height) <= radius * min(height, width)
        image[disc] = colour
        truth.append(Mask.from_array(disc))
    return (image * light[..., None]).astype(np.uint8), truth


WARM, BLUE = (230, 220, 195), (120, 150, 210)


@pytest.mark.parametrize(
    ("size", "angle", "darkest", "ground"),
    [
        *(((180, 300), *light) for light in product([0, 90, 225], [0.8, 0.4, 0.25], [WARM, BLUE])),
        ((480, 640), 0, 0.8, BLUE),
    ],
)
def test_light_that_falls_off_over_the_ground_makes_no_thing_of_it(size, angle, darkest, ground):
    image, truth = lit_from_one_side(*size, angle, darkest, ground)
    seen = [thing.mask for thing in BuiltinParser().parse(image).objects]
    assert len(seen) == 3
    assert all(max(mask.iou(disc) for mask in seen) > 0.9 for disc in truth)


def test_touching_discs_are_two_and_an_ellipse_is_one():
    y, x = np.mgrid[:200, :300]
    image = np.full((200, 300, 3), 230, np.uint8)
    image[(x - 80) ** 2 + (y - 100) ** 2 <= 40**2] = (180, 40, 40)
    image[(x - 158) ** 2 + (y - 100) ** 2 <= 40**2] = (180, 40, 40)
    image[((x - 250) / 25) ** 2 + ((y - 100) / 60) ** 2 <= 1] = (180, 40, 40)
    scene = BuiltinParser().parse(image)
    assert len(scene.objects) == 3


def test_touching_things_of_other_colours_are_told_apart():
    image = np.full((200, 300, 3), 230, np.uint8)
    image[60:140, 60:130], image[60:140, 130:200] = (20, 20, 20), (250, 120, 20)
    assert {thing.attributes["colour"] for thing in BuiltinParser().parse(image).objects} == {"black", "orange"}


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 2, 3), np.uint8),
        np.zeros((1, 900, 3), np.uint8),
        np.full((60, 60, 3), 0.5, np.float32),
        np.linspace(0, 1, 300 * 200 * 3).reshape(200, 300, 3).astype(np.float32),
    ],
)
def test_a_picture_of_nothing_has_no_objects(image):
    assert BuiltinParser().parse(image).objects == ()


def test_noise_breaks_nothing():
    for seed in range(4):
        image = np.random.default_rng(seed).integers(0, 256, (90 + seed, 130, 3), dtype=np.uint8)
        assert len(BuiltinParser().parse(image).objects) <= 300


def test_depth_is_a_guess_and_says_so(coins):
    top, bottom = coins["coin_1"], coins["coin_24"]
    assert bottom.depth < top.depth
    assert "guess" in top.attributes["depth"]


def test_of_several_labels_a_thing_takes_the_one_that_its_look_says():
    image, _ = shapes()
    scene = BuiltinParser().parse(image, labels=["red ball", "blue plate", "dog"])
    assert {"red ball", "blue plate"} <= {thing.label for thing in scene.objects}
    assert scene.absent == ("dog",)
    assert "dog" in scene.caption


def test_of_very_many_labels_the_caption_names_a_few():
    caption = BuiltinParser().parse(shapes()[0], labels=[f"dog {n}" for n in range(5000)]).caption
    assert "dog 11 and 4,988 more." in caption


def test_a_label_of_which_nothing_is_there_is_absent():
    assert BuiltinParser().parse(np.full((80, 80, 3), 99, np.uint8), labels=["cat"]).absent == ("cat",)


COFFEE = np.asarray(Image.open(Path(__file__).parents[2] / "photos" / "coffee.jpg").convert("RGB"))


@cache
def patches_of(photo, *labels):
    from skimage import data

    # one of them as large as it is, the others at half their size: as crowded, and a quarter of the work
    image = COFFEE if photo == "coffee.jpg" else getattr(data, photo)()[::2, ::2]
    return BuiltinParser().parse(np.stack([image] * 3, axis=-1) if image.ndim == 2 else image, labels=labels or None)


@pytest.mark.parametrize(
    ("photo", "labels"),
    [
        ("coffee.jpg", ["cup", "spoon"]),
        ("astronaut", ["red cup", "green cup"]),
        *((photo, ["cup"]) for photo in ("camera", "chelsea", "rocket")),
    ],
)
def test_patches_of_a_crowded_photo_take_no_label(photo, labels):
    scene = patches_of(photo, *labels)
    assert scene.objects
    assert all(thing.label.endswith("object") for thing in scene.objects)
    assert scene.absent == tuple(labels)
    assert scene.caption == "This photo is too crowded for the built-in eyes: they found patches, not things."
    assert scene.crowded
    assert patches_of(photo).objects == scene.objects


def test_what_is_sought_among_patches_is_refused_with_what_would_find_it():
    attempts = [
        ("coins", "a coin", lambda words: cielr.edit(COFFEE, words, labels=["coin"])),
        ("cup", "a cup", lambda words: cielr.reason(patches_of("coffee.jpg", "cup", "spoon"), words)),
        ("apple", "an apple", lambda words: cielr.reason(patches_of("coffee.jpg"), words)),
    ]
    for word, thing, attempt in attempts:
        with pytest.raises(NothingMatches) as caught:
            attempt(f"remove the largest {word}")
        assert str(caught.value) == (
            f"The scene has no {word}; it has 25 x object, named by look. This photo is too crowded for the built-in "
            f"eyes: they found patches, not things. A detector model can find {thing} (Load Detector in ComfyUI, "
            "--detector on the command line)."
        )


def test_what_is_sought_among_things_named_by_look_is_refused_with_how_to_name_them():
    with pytest.raises(NothingMatches, match="give 'coin' as the label if that is what they are, or let a detector"):
        cielr.edit(COINS, "remove the largest coin")
    with pytest.raises(NothingMatches, match=r"cannot be told apart: cup, spoon\. A detector model can find a cup"):
        cielr.edit(COINS, "remove the cup", labels=["cup", "spoon"])


@pytest.mark.parametrize("part", [(0, 0, 384, 303), (0, 0, 200, 150), (90, 40, 330, 240), (11, 0, 360, 274)])
def test_things_that_stand_apart_take_the_label_also_where_the_frame_cuts_them(part):
    x0, y0, x1, y1 = part
    scene = BuiltinParser().parse(COINS[y0:y1, x0:x1], labels=["coin"])
    assert {thing.label for thing in scene.objects} == {"coin"}
    assert scene.caption == ""
    assert not scene.crowded


def test_things_that_touch_or_lie_on_others_take_the_label_on_calm_ground():
    y, x = np.mgrid[:300, :400]
    colours = [(200, 40, 40), (40, 90, 200), (240, 200, 40), (40, 160, 60), (120, 40, 150), (240, 130, 20)]
    packed = np.full((300, 400, 3), 225, np.uint8)
    packed[(x - 200) ** 2 + (y - 150) ** 2 <= 31**2] = (90, 60, 40)
    for colour, turn in zip(colours, np.arange(6) * np.pi / 3, strict=True):
        packed[(x - 200 - 62 * np.cos(turn)) ** 2 + (y - 150 - 62 * np.sin(turn)) ** 2 <= 31**2] = colour
    plate = np.full((300, 400, 3), (130, 95, 60), np.uint8)
    plate[(x - 200) ** 2 + (y - 150) ** 2 <= 130**2] = 240
    for colour, (cx, cy) in zip(colours, [(150, 110), (250, 110), (200, 200)], strict=False):
        plate[(x - cx) ** 2 + (y - cy) ** 2 <= 30**2] = colour
    for image, count in ((packed, 7), (plate, 4)):
        scene = BuiltinParser().parse(image, labels=["button"])
        assert [thing.label for thing in scene.objects] == ["button"] * count


def test_the_eyes_do_not_take_a_patch_for_what_is_sought():
    scene = patches_of("coffee.jpg", "cup")
    update = BuiltinParser().perception(COFFEE).answer(scene, DetectRequest(labels=("cup", "spoon")))
    assert update.absent == ("cup", "spoon")
    assert not update.added


def test_requests_are_answered_from_looks_or_said_to_need_a_model():
    image, _ = shapes()
    scene = BuiltinParser().parse(image)
    eyes = BuiltinParser().perception(image)
    red = next(thing for thing in scene.objects if thing.attributes["colour"] == "red")
    blue = next(thing for thing in scene.objects if thing.attributes["colour"] == "blue")
    found = eyes.answer(scene, DetectRequest(labels=("red object", "kiwi")))
    assert found.absent == ("kiwi",)
    assert red.id in found.answer
    assert f"{red.id} is left of {blue.id}" in eyes.answer(scene, RelateRequest(objects=(red.id, blue.id))).answer
    assert "red" in eyes.answer(scene, DescribeRequest(object=red.id, question="What colour?")).answer
    parts = PartsRequest(object=red.id, labels=("rim",))
    update = eyes.answer(scene, parts)
    assert "detection model" in update.answer
    assert scene.apply(update).updates[-1].request == parts
    update = eyes.answer(scene, EffectsRequest(object=red.id))
    assert update.added == (), "a drawn disc on its ground has no shadow"
    assert update.answer == "No shadow or reflection of it is to be told from the ground."


def test_the_eyes_without_weights_see_a_soft_shadow_and_link_it_to_its_cause():
    y, x = np.mgrid[:260, :360]
    ground = np.array([190, 180, 165]) + np.random.default_rng(3).normal(0, 2, (260, 360, 1))
    dark = np.clip(1.3 - np.hypot((x - 205) / 70, (y - 170) / 24), 0, 1)
    image = ground * (1 - 0.5 * dark[..., None])
    ball = (x - 170) ** 2 + (y - 120) ** 2 <= 48**2
    image[ball] = (40, 70, 190)
    image = image.clip(0, 255).astype(np.uint8)
    scene = BuiltinParser().parse(image)
    thing = max(scene.objects, key=lambda one: one.mask.iou(Mask.from_array(ball)))
    update = BuiltinPerception(image).answer(scene, EffectsRequest(object=thing.id))
    # the eyes took it for a thing, and see now what it is
    (shadow,) = (*update.added, *update.changed)
    assert (shadow.label, shadow.effect_of) == ("shadow", thing.id)
    plain = (dark > 0.3) & ~ball
    assert (shadow.mask.to_array() & plain).sum() > 0.95 * plain.sum()
    assert not (shadow.mask.to_array() & (dark == 0)).sum() > 0.1 * shadow.mask.area
    assert scene.apply(update)[shadow.id] == shadow


def test_a_cancel_passes_through():
    def on_step(done, total):
        if done >= 50:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        BuiltinParser().parse(COINS, on_step=on_step)


# ------------------------------------------------------------------------------------------------- masks from elsewhere


def test_masks_from_elsewhere_become_a_scene():
    image = np.full((60, 80, 3), 200, np.uint8)
    right, left, nothing = np.zeros((3, 60, 80), dtype=bool)
    right[20:40, 50:70], left[22:38, 10:26] = True, True
    image[right], image[left] = (200, 20, 20), (20, 20, 200)
    depth = np.tile(np.linspace(0, 1, 80, dtype=np.float32), (60, 1))
    scene = scene_from_masks(image, [right, nothing, left], ["cup", "ghost", ""], depth)
    assert scene.ids == ("object_1", "cup_1"), "in reading order"
    assert scene["cup_1"].depth == pytest.approx(59.5 / 79, abs=0.01)
    assert scene["object_1"].label == "blue square object"
    with pytest.raises(ValueError, match="Mask 1 is 3 x 2 pixels, the image 80 x 60"):
        scene_from_masks(image, [np.ones((2, 3), dtype=bool)])
