"""What happens inside: pixel truths that do not come from the code under test."""

import numpy as np
import pytest
from skimage import data
from skimage.color import rgb2lab
from things import Listener, scene_with

from cielr.actions import Add, Background, Global, Modify, Move, Place, Plan, Remove, Replace, Resize
from cielr.core.geometry import Box, Mask
from cielr.editing.executor import execute, paint_region
from cielr.editing.fill.exemplar import exemplar_fill
from cielr.editing.fill.smooth import is_smooth_around, smooth_fill
from cielr.editing.painters import BuiltinFill
from cielr.errors import Cancelled, EditError
from cielr.region import regions, seeded

GROUND, DISC = (200, 180, 90), (30, 60, 200)


def disc(height, width, cy, cx, radius):
    y, x = np.mgrid[:height, :width]
    return (y - cy) ** 2 + (x - cx) ** 2 <= radius**2


def block(height, width, rows, columns):
    """bool [height, width]: those rows and columns, each from the first to before the second."""
    return Mask.from_box(Box(columns[0], rows[0], columns[1], rows[1]), height, width).to_array()


def edited(image, scene, *actions, seed=0, inpainter=None):
    return execute(image, seeded(regions(Plan(actions=actions), scene), seed), inpainter)


@pytest.fixture
def picture():
    image = np.full((120, 160, 3), GROUND, dtype=np.uint8)
    mask = disc(120, 160, 60, 50, 20)
    image[mask] = DISC
    return image, mask


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_removed_disc_on_plain_ground_leaves_the_ground(picture, dtype):
    image, mask = picture
    image = image if dtype == np.uint8 else (image / 255).astype(np.float32)
    result = edited(image, scene_with(mask), Remove(targets=("thing_1",)))
    assert np.allclose(result, image[0, 0], atol=1 if dtype == np.uint8 else 1 / 255)


def test_a_removed_disc_on_a_gradient_leaves_the_gradient():
    ramp = np.linspace(0.2, 0.8, 160, dtype=np.float32)
    image = np.broadcast_to(ramp[None, :, None], (120, 160, 3)).copy()
    truth = image.copy()
    mask = disc(120, 160, 60, 70, 22)
    image[mask] = 0
    result = edited(image, scene_with(mask), Remove(targets=("thing_1",)))
    assert np.abs(result - truth).max() < 0.01


def test_removed_from_stripes_the_stripes_go_on():
    columns = (np.arange(160) // 8) % 2
    image = np.where(columns[None, :, None], np.uint8(220), np.uint8(40)).repeat(120, 0).repeat(3, 2)
    truth = image.copy()
    mask = disc(120, 160, 60, 80, 18)
    image[mask] = (255, 0, 0)
    result = edited(image, scene_with(mask), Remove(targets=("thing_1",)))
    wrong = np.abs(result.astype(int) - truth).max(axis=-1) > 60
    assert wrong[mask].mean() < 0.05


def test_a_fill_never_copies_from_another_thing():
    rng = np.random.default_rng(1)
    image = (rng.random((100, 160, 1)) * 60 + 60).astype(np.uint8).repeat(3, 2)
    hole, other = disc(100, 160, 50, 50, 16), disc(100, 160, 50, 100, 22)
    image[hole], image[other] = (0, 255, 0), (255, 0, 0)
    result = edited(image, scene_with(hole, other), Remove(targets=("thing_1",)), inpainter=BuiltinFill("exemplar"))
    inside = result[hole].astype(int)
    assert (inside.max(axis=-1) - inside.min(axis=-1) < 40).all(), "grey ground, nothing red, nothing green"


def test_a_moved_square_is_where_it_should_be_and_gone_from_where_it_was():
    image = np.full((120, 160, 3), GROUND, dtype=np.uint8)
    rng = np.random.default_rng(2)
    image[30:60, 20:50] = square = rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)
    mask = block(120, 160, (30, 60), (20, 50))
    result = edited(image, scene_with(mask), Move(targets=("thing_1",), to=Place(relation="by", x=70, y=25)))
    assert np.array_equal(result[55 + 1 : 85 - 1, 90 + 1 : 120 - 1], square[1:-1, 1:-1])
    assert np.abs(result[28:62, 18:52].astype(int) - GROUND).max() <= 1


def test_a_move_onto_its_own_place_keeps_its_pixels():
    image = np.full((80, 80, 3), GROUND, dtype=np.uint8)
    mask = block(80, 80, (30, 50), (30, 50))
    image[mask] = DISC
    result = edited(image, scene_with(mask), Move(targets=("thing_1",), to=Place(relation="by", x=5, y=0)))
    assert (result[32:48, 37:53] == DISC).all()
    assert np.abs(result[32:48, 28:34].astype(int) - GROUND).max() <= 1


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_resized_disc_has_the_new_area_and_the_old_centre(picture, scale):
    image, mask = picture
    result = edited(image, scene_with(mask), Resize(targets=("thing_1",), scale=scale))
    # red tells how much of a pixel is the disc's; a soft edge is half of it
    share = ((GROUND[0] - result[..., 0].astype(float)) / (GROUND[0] - DISC[0])).clip(0, 1)
    assert share.sum() == pytest.approx(mask.sum() * scale**2, rel=0.12)
    rows, columns = np.nonzero(share > 0.9)
    assert (rows.mean(), columns.mean()) == pytest.approx((60, 50), abs=1)


def test_recolouring_gives_the_colour_and_keeps_the_shading():
    image = data.coffee()[100:300, 150:400]
    mask = block(200, 250, (40, 160), (60, 200))
    result = edited(image, scene_with(mask), Modify(targets=("thing_1",), change="colour blue"))
    inside = np.s_[50:150, 70:190]
    before, after = rgb2lab(image)[inside], rgb2lab(result)[inside]
    order = np.corrcoef(before[..., 0].ravel(), after[..., 0].ravel())[0, 1]
    assert order > 0.9, "light stays light, dark stays dark"
    hue = np.degrees(np.arctan2(after[..., 2], after[..., 1]))
    strong = np.hypot(after[..., 1], after[..., 2]) > 10
    blue = np.degrees(np.arctan2(-42.8, 9.3))  # of blue paint in CIELAB
    assert np.abs(hue[strong] - blue).mean() < 12


@pytest.mark.parametrize(("change", "sign"), [("brighten 30%", 1), ("darken 30%", -1)])
def test_brightening_moves_lightness_one_way_and_keeps_its_order(change, sign):
    image = data.chelsea()[50:200, 50:250]
    mask = block(150, 200, (20, 130), (30, 170))
    result = edited(image, scene_with(mask), Modify(targets=("thing_1",), change=change))
    inside = np.s_[30:120, 40:160]
    before, after = rgb2lab(image)[inside][..., 0].ravel(), rgb2lab(result)[inside][..., 0].ravel()
    assert (sign * (after - before) > -0.6).all()
    assert sign * (after - before).mean() > 5
    assert np.corrcoef(np.argsort(np.argsort(before)), np.argsort(np.argsort(after)))[0, 1] > 0.99


def test_desaturated_things_are_grey():
    image = data.astronaut()[:200, :200]
    mask = block(200, 200, (50, 150), (50, 150))
    result = edited(image, scene_with(mask), Modify(targets=("thing_1",), change="desaturate 100%"))
    inside = result[60:140, 60:140].astype(int)
    assert (inside.max(axis=-1) - inside.min(axis=-1)).max() <= 2


def test_a_blurred_background_lets_nothing_of_the_thing_bleed_out(picture):
    image, mask = picture
    result = edited(image, scene_with(mask), Background(to="blur 12px"))
    assert np.array_equal(result[mask], image[mask])
    assert np.abs(result[~mask].astype(int) - GROUND).max() <= 1


def test_blur_is_the_gaussian_that_it_says():
    image = np.zeros((101, 101, 3), dtype=np.float32)
    image[50, 50] = 1
    everything = np.ones((101, 101), bool)
    result = edited(image, scene_with(everything), Global(style="blur 8px"))
    y, x = np.mgrid[:101, :101] - 50
    gauss = np.exp(-(x**2 + y**2) / (2 * 4.0**2))
    assert np.allclose(result[..., 0], gauss / gauss.sum(), atol=2e-5)


def test_a_wide_blur_equals_the_exact_one_to_the_eye():
    from scipy import ndimage

    image = (data.astronaut()[::2, ::2] / 255).astype(np.float32)
    result = edited(image, scene_with(np.ones(image.shape[:2], bool)), Global(style="blur 40px"))
    weight = ndimage.gaussian_filter(np.ones(image.shape[:2], np.float32), 20, mode="constant")
    exact = ndimage.gaussian_filter(image, (20, 20, 0), mode="constant") / weight[..., None]
    assert np.abs(result - exact).max() < 0.02


def test_a_plain_background_is_that_colour(picture):
    image, mask = picture
    result = edited(image, scene_with(mask), Background(to="colour white"))
    assert (result[0:30] == 255).all()
    assert np.array_equal(result[mask], image[mask])


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (Replace(targets=("thing_1",), with_="a button"), "a button"),
        (Add(what="a cat", where=Place(relation="at", x=0.5, y=0.5)), "a cat"),
        (Modify(targets=("thing_1",), change="of glass"), "of glass"),
        (Background(to="a beach"), "a beach"),
        (Global(style="as an oil painting"), "oil painting"),
    ],
)
def test_what_must_be_drawn_is_refused_without_a_model(picture, action, named):
    image, mask = picture
    with pytest.raises(EditError, match=named) as caught:
        edited(image, scene_with(mask), action)
    assert "diffusion model" in str(caught.value)


def test_a_model_gets_the_crop_the_mask_and_the_words(picture):
    image, mask = picture
    seen = {}

    class Model:
        def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
            seen.update(shape=image.shape, mask=mask, prompt=prompt, negative=negative_prompt, seed=seed)
            return np.full_like(image, 7)

    scene = scene_with(mask)
    region = seeded(regions(Plan(actions=(Replace(targets=("thing_1",), with_="an orange"),)), scene), 5)[0]
    result = execute(image, [region], Model())
    assert seen["prompt"] == "an orange"
    assert seen["negative"] == "thing"
    assert seen["seed"] == region.seed
    assert seen["shape"] == (region.crop.height, region.crop.width, 3)
    assert np.array_equal(seen["mask"], region.inside(region.support))
    assert (result[60, 50] == 7).all()
    assert np.array_equal(result[~region.support.to_array()], image[~region.support.to_array()])


def test_smooth_and_rough_ground_are_told_apart():
    hole = disc(100, 100, 50, 50, 15)
    flat = np.full((100, 100, 3), 90, np.uint8)
    rough = np.stack([data.grass()[:100, :100]] * 3, -1)
    nothing = np.zeros_like(hole)
    assert is_smooth_around(flat, hole, nothing)
    assert not is_smooth_around(rough, hole, nothing)


def test_a_smooth_fill_has_the_grain_of_its_surroundings():
    rng = np.random.default_rng(3)
    image = np.clip(0.5 + rng.normal(0, 0.02, (100, 100, 1)), 0, 1).astype(np.float32).repeat(3, 2)
    hole = disc(100, 100, 50, 50, 20)
    result = smooth_fill(image, hole, np.zeros_like(hole), seed=1)
    assert result[hole].std() == pytest.approx(0.02, rel=0.3)


def test_an_exemplar_fill_of_a_large_hole_keeps_its_detail():
    image = np.stack([np.tile(data.gravel(), (2, 2))] * 3, -1)[:900, :900]
    hole = disc(900, 900, 450, 450, 130)
    result = exemplar_fill(image, hole, np.zeros_like(hole), seed=0)
    gradient = np.abs(np.diff(image[..., 0].astype(int), axis=1))[:, :-1].mean()
    inside = np.abs(np.diff(result[320:580, 360:540, 0].astype(int), axis=1)).mean()
    assert inside > 0.6 * gradient, "filled at reduced size it would be smooth"


def test_nothing_to_fill_from_is_said_in_a_sentence():
    image = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(EditError, match="covers the whole picture"):
        edited(image, scene_with(np.ones((20, 20), bool)), Remove(targets=("thing_1",)))


def test_other_seeds_give_other_fills_and_equal_ones_equal_bytes():
    image = np.stack([data.grass()[:160, :160]] * 3, -1)
    scene = scene_with(disc(160, 160, 80, 80, 20))
    first, again, other = (edited(image, scene, Remove(targets=("thing_1",)), seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("method", ["exemplar", "smooth"])
def test_a_cancel_passes_through_and_comes_soon(method):
    image = np.stack([data.grass()[:200, :200]] * 3, -1)
    scene = scene_with(disc(200, 200, 100, 100, 50))
    region = regions(Plan(actions=(Remove(targets=("thing_1",)),)), scene)[0]
    listener, before = Listener(stop=3), image.copy()
    with pytest.raises(Cancelled):
        execute(image, [region], BuiltinFill(method), on_step=listener)
    assert len(listener.shares) == 3
    assert np.array_equal(image, before)


def test_progress_never_runs_backwards_and_ends_at_the_end():
    image = np.stack([data.grass()[:160, :160]] * 3, -1)
    scene = scene_with(disc(160, 160, 40, 40, 15), disc(160, 160, 120, 120, 15))
    plan = Plan(actions=(Remove(targets=("thing_1",)), Modify(targets=("thing_2",), change="brighten 10%")))
    listener = Listener()
    execute(image, regions(plan, scene), on_step=listener)
    assert listener.rises
    assert listener.shares[-1] == 1


def test_in_a_chain_each_action_meets_what_the_one_before_left():
    image = np.full((120, 200, 3), GROUND, dtype=np.uint8)
    mask = block(120, 200, (40, 70), (20, 50))
    image[mask] = DISC
    result = edited(
        image,
        scene_with(mask),
        Move(targets=("thing_1",), to=Place(relation="by", x=100, y=0)),
        Modify(targets=("thing_1",), change="desaturate 100%"),
    )
    there = result[44:66, 124:146].astype(int)
    assert (there.max(axis=-1) - there.min(axis=-1)).max() <= 2
    assert np.abs(result[40:70, 20:50].astype(int) - GROUND).max() <= 1


def test_a_painted_crop_is_the_same_through_one_region_or_the_whole_run(picture):
    image, mask = picture
    region = regions(Plan(actions=(Modify(targets=("thing_1",), change="brighten 20%"),)), scene_with(mask))[0]
    from cielr.editing.crop import crop_region, stitch_region

    by_hand = stitch_region(image, region, paint_region(crop_region(image, region), region))
    assert np.array_equal(by_hand, execute(image, [region]))


def test_boxes_in_the_corner_and_single_pixels_work():
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for box in (Box(0, 0, 1, 1), Box(39, 39, 40, 40), Box(0, 10, 40, 12)):
        mask = Mask.from_box(box, 40, 40).to_array()
        result = edited(image, scene_with(mask), Remove(targets=("thing_1",)))
        assert result.shape == image.shape


def test_a_shift_in_colour_is_taken_back_and_a_repainted_ring_is_not_believed(picture):
    from cielr.editing.match import colour_matched

    image = (data.coffee()[100:220, 100:260] / 255).astype(np.float32) * 0.8 + 0.1
    _, mask = picture
    region = regions(Plan(actions=(Modify(targets=("thing_1",), change="of glass"),)), scene_with(mask))[0]
    crop = image[region.crop.slices]
    shifted = crop + np.array([0.03, -0.02, 0.05], dtype=np.float32)
    shifted[region.inside(region.support)] = 0.5
    matched = colour_matched(shifted, crop, region)
    outside = ~region.inside(region.support)
    assert np.allclose(matched[outside], crop[outside], atol=1e-6)
    noise = np.random.default_rng(0).random(crop.shape).astype(np.float32)
    assert np.array_equal(colour_matched(noise, crop, region), noise)


@pytest.mark.parametrize("size", [512, 1024])
@pytest.mark.parametrize(
    "box",
    [
        Box(100, 1000, 3900, 1060),
        Box(0, 1000, 4000, 1010),
        Box(1990, 0, 2030, 2000),
        Box(500, 0, 600, 2000),
        Box(300, 300, 3500, 1900),
        Box(0, 0, 4000, 2000),
    ],
)
def test_a_region_larger_than_the_model_is_not_shrunk_below_a_useful_size(box, size):
    from cielr.editing.crop import MOST, USEFUL, working_crop

    image = np.zeros((2000, 4000, 3), np.uint8)
    mask = Mask.from_box(box, 2000, 4000)
    region = regions(Plan(actions=(Modify(targets=("thing_1",), change="of glass"),)), scene_with(mask))[0]
    crop, _, wider = working_crop(image, region, size=size, multiple=8)
    assert crop.shape[0] * crop.shape[1] <= (MOST * size) ** 2 * 1.05
    assert wider.crop.contains(box)
    scale = crop.shape[1] / wider.crop.width
    short = min(box.width, box.height)
    # as many pixels as it has itself where these are fewer; a wire across the frame keeps nearly all
    assert scale * short >= 0.85 * min(short, USEFUL)


def test_a_model_sees_the_hole_of_a_far_move_at_its_own_size_and_the_thing_arrives():
    image = np.random.default_rng(0).integers(100, 110, (400, 3000, 3)).astype(np.uint8)
    mask = Mask.from_box(Box(60, 180, 100, 220), 400, 3000)
    image[mask.to_array()] = 230
    seen = []

    class Watching:
        def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
            seen.append((image.shape, mask))
            return np.full_like(image, 50)

    move = Move(targets=("thing_1",), to=Place(relation="by", x=2700, y=0))
    found = regions(Plan(actions=(move,)), scene_with(mask.to_array()))
    result = execute(image, found, Watching(), colour_match=False)
    [(shape, painted)] = seen
    assert max(shape[:2]) < 300
    assert painted.any()
    assert (result[185:215, 65:95] == 50).all()
    assert (result[185:215, 2765:2795] == 230).all()
    assert (result[~found[0].support.to_array()] == image[~found[0].support.to_array()]).all()
