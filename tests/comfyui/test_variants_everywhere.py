"""Variants with transparency, with attempts, of what waits, and in process: each choice is the engine's bytes."""

import itertools

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.conftest import running
from tests.comfyui.planned import CHAIN, by_engine, eyes_and_painter, planned, same_as, with_eyes
from tests.comfyui.test_compare import pixels
from tests.comfyui.test_variants import Grain
from tests.comfyui.world import Shelf, disc, picture

NUMBERS = itertools.count(4100)
GOAT = {"kind": "replace", "targets": ["disc_1"], "with": "a goat"}
BROWN_GOAT = {"kind": "replace", "targets": ["disc_1"], "with": "a brown goat"}
GONE = {"kind": "remove", "targets": ["disc_2"]}
DARKER = {"kind": "modify", "targets": ["disc_3"], "change": "darken 20%"}


@pytest.fixture(scope="module")
def without_cache(server, tmp_path_factory):
    with running(tmp_path_factory.mktemp("variants_without_cache"), "--cache-none") as one:
        yield one


def prompt(shelf, image, actions, seed, **inputs):
    made = planned(shelf, image, actions, seed, inpainter=["painter", 0], **inputs)
    made["painter"] = node("CIELRTest_Seeded")
    return made


def shown(run):
    """What the Executor shows, by whichever node told it; without a cache no history is kept of it."""
    kept = [out for name, out in run.outputs.items() if name.startswith("edit")]
    told = [data["output"] for kind, data in run.messages if kind == "executed" and data["output"]]
    return [out for out in [*told, *kept] if "views" in str(out.get("cielr")) and "before" in str(out["cielr"])][-1]


def looks(run):
    """What is offered of the only image."""
    return shown(run)["cielr"][0]["views"][0].get("variants", [])


def text(run):
    return shown(run)["text"][0]


def clear():
    """float32 [H, W, 4]: see-through below, and under the disc in the middle."""
    number = next(NUMBERS)
    image = np.concatenate([picture(seed=number), np.ones((96, 160, 1), np.float32)], axis=2)
    image[84:, :, 3] = 0.0
    image[disc("disc_2"), 3] = 0.5
    return image, number


def test_of_a_picture_with_transparency_each_variant_can_be_kept_and_alpha_goes_along(comfy, shelf):
    image, seed = clear()
    plan = (GOAT, GONE, DARKER)
    first = comfy.check(prompt(shelf, image, plan, seed, variants=3))
    engine = by_engine(image, plan, seed, inpainter=Grain(), variants=3)
    same_as(comfy, first, image, engine)
    assert np.array_equal(comfy.array(first, "keep")[0][..., 3], engine.alpha)
    offered = looks(first)
    assert [(look["action"], len(look["seeds"]), look["kept"]) for look in offered] == [(1, 3, 0), (2, 3, 0)]
    assert "Action 2: variant 1 of 3 is kept" in text(first)
    for number in (1, 2):
        choice = " ".join(look["seeds"][number] for look in offered)
        again = comfy.check(prompt(shelf, image, plan, seed, variants=3, choice=choice))
        assert [look["kept"] for look in looks(again)] == [number, number]
        kept = engine.variants[number]
        assert sorted(map(int, choice.split())) == sorted(kept.seeds)
        same_as(comfy, again, image, kept)
        assert np.array_equal(comfy.array(again, "keep")[0][..., 3], kept.alpha)
        assert not np.array_equal(kept.image, engine.image)


def test_what_is_shown_of_a_see_through_variant_is_see_through(comfy, shelf):
    image, seed = clear()
    run = comfy.check(prompt(shelf, image, (GONE,), seed, variants=2))
    [look] = looks(run)
    x0, y0, x1, y1 = look["box"]
    shown = pixels(comfy, look["pictures"][1])
    assert shown.shape == (y1 - y0, x1 - x0, 4)
    assert y1 > 84, "it reaches what is clear"
    assert (shown[84 - y0 :, :, 3] == 0).all()


def test_with_attempts_each_variant_is_looked_at_and_painted_again_as_one_edit_is(comfy, shelf):
    seed = next(NUMBERS)
    image, plan = picture(seed=seed), (BROWN_GOAT, DARKER)
    run = comfy.check(with_eyes(prompt(shelf, image, plan, seed, attempts=3, variants=2), fails=99))
    engine = by_engine(image, plan, seed, **eyes_and_painter(99), attempts=3, variants=2)
    assert [len(result.checks) for result in engine.variants] == [4, 4]
    assert sum(name.endswith(".paint") for name in run.executed) == 2 * 3 + 1, "and the code once"
    same_as(comfy, run, image, engine)
    [look] = looks(run)
    assert look["seeds"] == [str(result.seeds[0]) for result in engine.variants]
    chosen = comfy.check(
        with_eyes(prompt(shelf, image, plan, seed, attempts=3, variants=2, choice=look["seeds"][1]), fails=99)
    )
    kept = by_engine(image, plan, seed, **eyes_and_painter(99), attempts=3, choice=look["seeds"][1])
    same_as(comfy, chosen, image, kept)
    assert "Action 1: none of 3 attempts did all that it should" in text(chosen)
    assert "variant 2 of 2 is kept" in text(chosen)


def test_what_waits_for_what_was_painted_has_variants_too(comfy, shelf):
    seed = next(NUMBERS)
    image, plan = picture(seed=seed), CHAIN[:3]
    made = with_eyes(prompt(shelf, image, plan, seed, variants=2))
    run = comfy.check(made)
    offered = looks(run)
    drawn = [number for number, step in enumerate(plan, start=1) if step["kind"] in ("replace", "add", "remove")]
    assert [look["action"] for look in offered] == drawn
    assert all(len(look["pictures"]) == 2 for look in offered)
    choice = " ".join(look["seeds"][1] for look in offered)
    made["edit"]["inputs"]["choice"] = choice
    chosen = comfy.check(made)
    same_as(comfy, chosen, image, by_engine(image, plan, seed, **eyes_and_painter(), choice=choice))


@pytest.mark.parametrize("attempts", [1, 3])
def test_in_process_and_expanded_keep_the_same_bytes_of_the_same_choice(comfy, shelf, without_cache, attempts):
    seed = next(NUMBERS)
    image, plan = picture(seed=seed), (BROWN_GOAT, GONE, DARKER)
    other, other_shelf = without_cache.client, Shelf(without_cache.base, without_cache.client)
    asked = {"variants": 3, "attempts": attempts}
    offered = []
    for client, where in ((comfy, shelf), (other, other_shelf)):
        run = client.check(with_eyes(prompt(where, image, plan, seed, **asked)))
        offered.append([{k: v for k, v in look.items() if k != "pictures"} for look in looks(run)])
        assert all(len(look["pictures"]) == 3 for look in looks(run))
    assert offered[0] == offered[1]
    assert len(offered[0]) == 2
    choice = f"{offered[0][0]['seeds'][2]}, {offered[0][1]['seeds'][1]}"
    runs = [
        (client, client.check(with_eyes(prompt(where, image, plan, seed, choice=choice, **asked))))
        for client, where in ((comfy, shelf), (other, other_shelf))
    ]
    for name in ("keep", "mask"):
        one, two = (client.array(run, name) for client, run in runs)
        assert np.array_equal(one, two), name
    engine = by_engine(image, plan, seed, **eyes_and_painter(), attempts=attempts, choice=choice)
    same_as(comfy, runs[0][1], image, engine)
