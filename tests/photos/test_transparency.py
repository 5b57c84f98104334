"""Cut-out photos: what is transparent is not seen, alpha goes with the pixels, and the rest stays to the last bit."""

import json

import numpy as np
import pytest
from PIL import Image

import cielr
from cielr.actions import Plan, Replace
from cielr.cli import main as cli
from cielr.core.geometry import Mask
from cielr.core.scene import DetectRequest, Scene, SceneObject, SceneUpdate
from cielr.editing.transparency import execute_transparent
from cielr.errors import EditError, NotUnderstood
from cielr.perception.transparency import TransparencyParser, over_ground
from cielr.photos.photo import read_photo
from cielr.region import regions

HEIGHT, WIDTH = 160, 240
DISCS = {
    "disc_1": (50, 50, 18, (200, 40, 40)),
    "disc_2": (120, 60, 26, (40, 60, 200)),
    "disc_3": (190, 90, 22, (230, 200, 60)),
}
HIDDEN = (90, 120, 16, (30, 160, 60))
"""A disc under full transparency."""


def disc(x, y, radius):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius * radius


def cutout(dtype=np.uint8):
    """Three discs on nothing, [H, W, 4]; under the nothing lie noise and a fourth disc."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[..., :3] = np.random.default_rng(0).integers(0, 40, (HEIGHT, WIDTH, 3))
    picture[disc(*HIDDEN[:3]), :3] = HIDDEN[3]
    for x, y, radius, colour in DISCS.values():
        picture[disc(x, y, radius)] = (*colour, 255)
    return picture if dtype == np.uint8 else (picture / np.float32(255)).astype(np.float32)


def on_a_table():
    """A disc on an opaque table, with nothing around the table."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[30:130, 30:210] = (150, 110, 70, 255)
    picture[disc(120, 80, 20), :3] = (40, 60, 200)
    return picture


class Eyes:
    """Sees discs of any picture at known places, as a detector would that knows no transparency."""

    def __init__(self, *discs):
        self.discs = discs
        self.shown = None

    def parse(self, image, labels=None, on_step=None):
        self.shown = image
        return Scene(width=WIDTH, height=HEIGHT, objects=tuple(map(self.thing, range(1, len(self.discs) + 1))))

    def thing(self, number):
        mask = Mask.from_array(disc(*self.discs[number - 1]))
        return SceneObject(id=f"disc_{number}", label="disc", box=mask.box, mask=mask)

    def perception(self, image):
        return self

    def answer(self, scene, request):
        return SceneUpdate(request=request, added=(self.thing(4).model_copy(update={"id": "disc_9", "part_of": None}),))


def eyes():
    return Eyes(*(place[:3] for place in (*DISCS.values(), HIDDEN)))


def edited(picture, instruction, parser=None, **options):
    result = cielr.edit(picture, instruction, perception=parser or eyes(), **options)
    return np.dstack([result.image, result.alpha])


def outline(*discs):
    """Where nothing but those discs and a rim of eight pixels around them is not."""
    mask = np.ones((HEIGHT, WIDTH), bool)
    for x, y, radius in discs:
        mask &= ~disc(x, y, radius + 8)
    return mask


# -------------------------------------------------------------------------------------------------------------- seeing


def test_what_is_transparent_is_not_seen(tmp_path):
    scene = cielr.perceive(cutout(), perception=eyes())
    assert scene.ids == ("disc_1", "disc_2", "disc_3")
    with pytest.raises(NotUnderstood):
        cielr.edit(cutout(), "remove the lowest disc of the four discs", perception=eyes())


def test_models_are_shown_a_flat_ground_in_its_place():
    parser = eyes()
    cielr.perceive(cutout(), perception=parser)
    clear = cutout()[..., 3] == 0
    assert len(np.unique(parser.shown[clear], axis=0)) == 1
    assert (parser.shown[~clear] == cutout()[~clear, :3]).all()
    ground = parser.shown[clear][0].astype(int)
    assert min(np.abs(ground - colour).max() for *_, colour in DISCS.values()) > 40


def test_the_built_in_eyes_see_the_discs_alone():
    scene = cielr.perceive(cutout(), labels=["disc"])
    assert len(scene.objects) == 3
    visible = cutout()[..., 3] > 0
    for thing in scene.objects:
        assert not (thing.mask.to_array() & ~visible).any()
        assert max(thing.mask.iou(Mask.from_array(disc(*place[:3]))) for place in DISCS.values()) > 0.95


def test_what_is_found_later_is_visible_too():
    parser = TransparencyParser(eyes(), cutout()[..., 3])
    scene = parser.parse(cutout()[..., :3])
    update = parser.perception(cutout()[..., :3]).answer(scene, DetectRequest(labels=("disc",)))
    assert update.added == ()


def test_half_transparent_pixels_are_shown_mixed():
    image = np.full((4, 4, 3), 200, np.uint8)
    alpha = np.full((4, 4), 255, np.uint8)
    assert over_ground(image, alpha) is image
    alpha[0, 0], alpha[0, 1] = 0, 51
    shown = over_ground(image, alpha).astype(int)
    ground = shown[0, 0]
    assert (np.abs(shown[0, 1] - (ground + (200 - ground) * 0.2)) <= 0.5).all()
    assert (shown[1:] == 200).all()


# ------------------------------------------------------------------------------------------------------------- editing


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_where_a_thing_was_removed_there_is_nothing(dtype):
    before = cutout(dtype)
    after = edited(before, "remove the largest disc")
    assert after.dtype == before.dtype
    place = DISCS["disc_2"][:3]
    assert (after[disc(*place), 3] == 0).all()
    # nor does it live on under the transparency
    assert (after[disc(*place)] == 0).all()
    assert (after[outline(place)] == before[outline(place)]).all()
    assert (after[before[..., 3] == 0] == before[before[..., 3] == 0]).all()


def test_a_hole_in_an_opaque_ground_stays_opaque_and_has_its_colour():
    before = on_a_table()
    after = edited(before, "remove the disc", Eyes((120, 80, 20)))
    assert (after[..., 3] == before[..., 3]).all()
    assert np.abs(after[disc(120, 80, 20), :3].astype(int) - (150, 110, 70)).max() < 12


def test_a_hole_at_the_edge_of_the_ground_continues_the_edge():
    before = on_a_table()
    # the disc stands half on the table's left edge
    before[disc(30, 80, 20)] = (40, 60, 200, 255)
    after = edited(before, "remove the disc", Eyes((30, 80, 20)))
    hole = disc(30, 80, 20)
    truth = on_a_table()[..., 3]
    assert (after[..., 3] == truth)[hole].mean() > 0.85
    assert (after[~outline((30, 80, 20)) & ~hole, 3] == truth[~outline((30, 80, 20)) & ~hole]).mean() > 0.95


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_moved_thing_takes_its_alpha_along(dtype):
    before = cutout(dtype)
    after = edited(before, "move the smallest disc down by 60 px")
    x, y, radius, colour = DISCS["disc_1"]
    top = 255 if dtype == np.uint8 else 1
    inner = disc(x, y + 60, radius - 3)
    assert (after[inner, 3] == top).all()
    assert np.abs(after[inner, :3].astype(float) * (255 / top) - colour).max() < 2
    assert (after[disc(x, y, radius - 1), 3] == 0).all()
    assert (after[~disc(x, y + 60, radius + 3) & disc(x, y + 60, radius + 12), 3] == 0).all()
    rest = outline((x, y, radius), (x, y + 60, radius))
    assert (after[rest] == before[rest]).all()


def test_a_resized_thing_takes_its_alpha_along():
    before = cutout()
    after = edited(before, "make the smallest disc half as large")
    x, y, radius, _ = DISCS["disc_1"]
    area = (after[..., 3] > 127).sum() - (before[..., 3] > 127).sum() + disc(x, y, radius).sum()
    assert area == pytest.approx(disc(x, y, radius // 2).sum(), rel=0.15)
    assert (after[outline((x, y, radius))] == before[outline((x, y, radius))]).all()


def test_a_change_of_colour_leaves_alpha_and_what_is_hidden_alone():
    before = cutout()
    after = edited(before, "make the largest disc dark red")
    assert (after[..., 3] == before[..., 3]).all()
    assert (after[before[..., 3] == 0] == before[before[..., 3] == 0]).all()
    assert (after[disc(120, 60, 20), :3] != before[disc(120, 60, 20), :3]).any(axis=1).all()


def test_a_change_of_all_keeps_what_is_hidden():
    before = cutout()
    after = edited(before, "brighten the whole picture by 20%")
    assert (after[..., 3] == before[..., 3]).all()
    assert (after[before[..., 3] == 0] == before[before[..., 3] == 0]).all()
    assert (after[disc(120, 60, 20)] != before[disc(120, 60, 20)]).any()


def test_a_background_of_nothing_is_not_changed_without_a_word():
    with pytest.raises(EditError, match="is transparent"):
        edited(cutout(), "darken the background by 30%")


def test_nothing_is_drawn_on_transparent_ground():
    class Painter:
        def inpaint(self, image, *_, **__):
            return 255 - image

    plan = Plan(actions=(Replace(targets=("disc_1",), with_="a cup"),))
    picture, alpha = cutout()[..., :3], cutout()[..., 3]
    where = regions(plan, cielr.perceive(cutout(), perception=eyes()))
    with pytest.raises(EditError, match="no painter knows transparency"):
        execute_transparent(picture, alpha, where, Painter())
    where = regions(plan, Eyes((120, 80, 12)).parse(None))
    image, alpha = execute_transparent(on_a_table()[..., :3], on_a_table()[..., 3], where, Painter())
    assert (alpha == on_a_table()[..., 3]).all()
    assert (image != on_a_table()[..., :3]).any()


def test_an_opaque_alpha_changes_nothing():
    picture = cutout()
    picture[..., 3] = 255
    with_alpha = cielr.edit(picture, "remove the largest disc", perception=eyes())
    without = cielr.edit(np.ascontiguousarray(picture[..., :3]), "remove the largest disc", perception=eyes())
    assert (with_alpha.image == without.image).all()
    assert (with_alpha.alpha == 255).all()
    assert without.alpha is None


def test_the_command_writes_the_edited_alpha(tmp_path, capsys):
    Image.fromarray(cutout()).save(tmp_path / "cut.png")
    arguments = ["edit", str(tmp_path / "cut.png"), "remove the largest disc", "--labels", "disc"]
    assert cli.main([*arguments, "-o", str(tmp_path / "out.png"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    photo = read_photo(tmp_path / "out.png")
    place = DISCS["disc_2"][:3]
    assert (photo.alpha[disc(*place)] == 0).all()
    whole = np.dstack([photo.pixels, photo.alpha])
    assert (whole[outline(place)] == cutout()[outline(place)]).all()
    assert told["changed_pixels"] == (whole != cutout()).any(axis=2).sum()
