"""The rendered benchmark: its truth is checked against the pictures themselves and against geometry."""

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from rendered import small_pictures, small_stage

from cielr.core.scene import Scene
from cielr.errors import CielrError
from cielr.evaluation.reason_cases import GROUPS
from cielr.evaluation.scenes import make
from cielr.evaluation.scenes.instructions import Teller
from cielr.evaluation.scenes.solids import Block, Ellipsoid, Ring, Tube
from cielr.evaluation.scenes.surfaces import COLOURS, Surface, noise
from cielr.evaluation.scenes.things import ROOM, TABLE
from cielr.evaluation.scenes.tracer import Part, World, render, render_changed

# ------------------------------------------------------------------------------------------------------------ solids

SOLIDS = [
    Ellipsoid((1.0, 2.0, 3.0), 0.4, radii=(2.0, 1.0, 1.5)),
    Block((0.0, 1.0, 0.0), 0.7, half=(2.0, 1.0, 0.5)),
    Tube((0.0, 0.0, 0.0), 0.0, low=2.0, high=1.0, height=3.0),
    Tube((0.0, 1.5, 0.0), 0.0, low=1.0, high=0.01, height=3.0),
    Ring((0.0, 0.0, 0.0), 0.3, radius=2.0, thick=0.4),
]


def holds(solid, points):
    """Whether points lie inside, by each solid's own inequality."""
    x, y, z = solid.local(points - np.float32(solid.centre)).T.astype(float)
    if isinstance(solid, Ellipsoid):
        a, b, c = solid.radii
        return (x / a) ** 2 + (y / b) ** 2 + (z / c) ** 2 < 1
    if isinstance(solid, Block):
        a, b, c = solid.half
        return (abs(x) < a) & (abs(y) < b) & (abs(z) < c)
    if isinstance(solid, Tube):
        share = y / solid.height + 0.5
        return (share > 0) & (share < 1) & (np.hypot(x, z) < solid.low + (solid.high - solid.low) * share)
    return np.hypot(np.hypot(x, y) - solid.radius, z) < solid.thick


@pytest.mark.parametrize("solid", SOLIDS, ids=lambda solid: type(solid).__name__)
def test_a_ray_stops_where_the_solid_begins(solid):
    rng = np.random.default_rng(3)
    starts = rng.normal(size=(400, 3)) * 2 + np.array([0, 0, 14])
    goals = np.float32(solid.centre) + rng.normal(size=(400, 3)) * solid.reach * 0.6
    ways = (goals - starts) / np.linalg.norm(goals - starts, axis=1, keepdims=True)
    starts, ways = starts.astype(np.float32), ways.astype(np.float32)
    found = solid.hit(starts, ways)
    steps = np.linspace(0, 30, 1501, dtype=np.float32)
    inside = np.stack([holds(solid, starts + step * ways) for step in steps])
    first = np.where(inside.any(axis=0), steps[inside.argmax(axis=0)], np.inf)
    both = np.isfinite(found) & np.isfinite(first)
    assert both.mean() > 0.2
    # grazing rays slip between the steps of the march
    assert (np.isfinite(found) != np.isfinite(first)).mean() < 0.02
    assert np.abs(found[both] - first[both]).max() < 0.15
    normals = solid.normals(starts[both] + found[both, None] * ways[both])
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-4)
    assert ((normals * ways[both]).sum(axis=1) < 0.05).all()


def test_noise_is_smooth_and_of_no_direction():
    rng = np.random.default_rng(0)
    points = rng.uniform(-50, 50, (4000, 3))
    values = noise(points)
    assert abs(values.mean()) < 0.05
    assert np.abs(values).max() <= 1
    assert np.abs(noise(points + 1e-4) - values).max() < 2e-3


# --------------------------------------------------------------------------------------------------------- rendering


def test_a_ball_is_a_disc_where_projection_puts_it():
    ball = Part(Ellipsoid((0.0, 0.0, 0.0), radii=(5.0, 5.0, 5.0)), Surface(COLOURS["red"]), 0)
    world = World((ball,), eye=(0.0, 0.0, 50.0), aim=(0.0, 0.0, 0.0), lens=0.25)
    picture = render(world, 200, 100)
    mask = picture.things == 0
    # tangent rays make an angle of asin(r / d); a pixel is 2 * lens / 200 wide
    radius = np.tan(np.arcsin(5 / 50)) / (2 * 0.25 / 200)
    assert mask.sum() == pytest.approx(np.pi * radius**2, rel=0.01)
    rows, columns = np.nonzero(mask)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == (pytest.approx(50), pytest.approx(100))
    assert picture.depth[50, 100] == pytest.approx(45, abs=0.02)


@pytest.mark.parametrize("number", [0, 2])
def test_what_is_left_after_a_removal_is_drawn_as_if_it_had_never_been_there(number):
    stage = small_stage(number)
    before = render(stage.world, stage.width, stage.height)
    for thing in (0, len(stage.things) - 1):
        world = stage.world.without(thing)
        quick, whole = render_changed(world, before, thing), render(world, stage.width, stage.height)
        assert np.array_equal(quick.pixels, whole.pixels)
        assert np.array_equal(quick.things, whole.things)
        assert thing not in whole.things
        assert not np.array_equal(whole.pixels, before.pixels)


def test_paint_changes_the_thing_and_nothing_else():
    stage = small_stage(0)
    before = render(stage.world, stage.width, stage.height)
    colour = "purple" if stage.things[0].colour != "purple" else "green"
    world = stage.world.painted(0, stage.things[0].painted(colour))
    after = render_changed(world, before, 0)
    assert np.array_equal(after.pixels, render(world, stage.width, stage.height).pixels)
    changed = (after.pixels != before.pixels).any(axis=2)
    mask = before.things == 0
    assert changed[mask].mean() > 0.3
    # edge pixels are shared with what is behind
    grown = np.pad(mask, 1)
    near = np.logical_or.reduce(
        [grown[y : y + mask.shape[0], x : x + mask.shape[1]] for y in range(3) for x in range(3)]
    )
    assert not changed[~near].any()


@pytest.mark.parametrize("kinds", [TABLE, ROOM], ids=["table", "room"])
def test_every_kind_stands_on_the_ground_in_each_of_its_colours(kinds):
    for label, kind in kinds.items():
        for colour in kind.colours:
            thing = kind.build(colour, kind.sizes[1]).at(3, 4, 0.0, 0.5)
            assert thing.label == label
            assert thing.paint.colour == COLOURS[colour]
            assert any(surface == thing.paint for _, surface in thing.pieces)
            lowest = min(_lowest(solid) for solid, _ in thing.pieces)
            assert lowest == pytest.approx(0, abs=0.02 * kind.sizes[1]), (label, lowest)


def _lowest(solid):
    half = {Ellipsoid: lambda: solid.radii[1], Block: lambda: solid.half[1], Tube: lambda: solid.height / 2}
    return solid.centre[1] - half.get(type(solid), lambda: solid.reach)()


# ------------------------------------------------------------------------------------------------------------- truth


@pytest.fixture(scope="module", params=[1, 2])
def drawn(request):
    stage = small_stage(request.param)
    picture = render(stage.world, stage.width, stage.height)
    return stage, picture, make.true_scene(stage, picture)


def test_masks_share_no_pixel_and_depth_is_in_order(drawn):
    stage, picture, scene = drawn
    things = [thing for thing in scene.objects if thing.effect_of is None]
    assert len(things) == len(stage.things) >= 3
    assert sum(thing.mask.area for thing in things) == (picture.things >= 0).sum()
    by_depth = sorted(things, key=lambda thing: thing.depth)
    distances = [float(np.median(picture.depth[thing.mask.to_array()])) for thing in by_depth]
    assert distances == sorted(distances)


def test_a_shadow_belongs_to_what_casts_it_and_is_dark(drawn):
    stage, picture, scene = drawn
    shadows = [thing for thing in scene.objects if thing.effect_of]
    assert shadows
    for shadow in shadows:
        owner = scene.ids.index(shadow.effect_of)
        lighter = render_changed(stage.world.without(owner), picture, owner).pixels
        inside = shadow.mask.to_array()
        assert picture.pixels[inside].mean() < lighter[inside].mean()


def test_instructions_mean_what_they_say(drawn):
    stage, _, scene = drawn
    told = Teller(stage, scene, np.random.default_rng(0)).all()
    assert sum(bool(made) for made in told.values()) >= 4
    for group, made in told.items():
        for one in made:
            assert bool(one.do) == (group != "must ask")
            named = {name for step in one.do for name in str(step.targets).split()}
            assert named <= set(scene.ids)
            assert set(one.removed) | {name for name, _ in one.painted} <= named
            if "leftmost" in one.text and len(named) == 1:
                (name,) = named
                label = scene[name].label
                rivals = [thing for thing in scene.objects if thing.label == label]
                assert min(rivals, key=lambda thing: thing.box.center[0]).id == name


# ------------------------------------------------------------------------------------------------------------ folder


@pytest.fixture
def quick():
    with small_pictures(120, 96):
        yield


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_files_and_a_broken_run_goes_on(quick, tmp_path):
    make.make_scenes(tmp_path / "a", 4, 4)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make.make_scenes(tmp_path / "b", 4, 4, on_scene=stop)
    assert not (tmp_path / "b" / "manifest.jsonl").exists()
    make.make_scenes(tmp_path / "b", 4, 4)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    make.make_scenes(tmp_path / "c", 4, 5)
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_the_folder_holds_what_a_reader_needs(quick, tmp_path):
    seen = []
    make.make_scenes(tmp_path, 24, on_scene=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (24, 24)
    cases = [json.loads(line) for line in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert len(cases) == len({case["id"] for case in cases}) == 24
    assert set(Counter(case["group"] for case in cases)) <= set(GROUPS)
    assert len({case["group"] for case in cases}) >= 7
    for case in cases:
        scene = Scene.load(tmp_path / case["scene"])
        assert set(case.get("targets", ())) <= set(scene.ids)
        with Image.open(tmp_path / case["image"]) as image:
            assert image.size == (scene.width, scene.height)
        if "truth" in case:
            before, after = (np.asarray(Image.open(tmp_path / case[key])) for key in ("image", "truth"))
            assert (before != after).any()


def test_another_folder_is_left_alone(quick, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CielrError, match="not empty"):
        make.make_scenes(tmp_path, 2)
    make.make_scenes(tmp_path / "a", 2)
    with pytest.raises(CielrError, match="other numbers"):
        make.make_scenes(tmp_path / "a", 3)
