"""What was painted once is not painted again, whichever cache ComfyUI is started with, in every version at hand."""

import itertools

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.conftest import all_comfyuis, running, version_of
from tests.comfyui.families import make, with_painter
from tests.comfyui.planned import planned
from tests.comfyui.world import Shelf, disc, picture

NUMBERS = itertools.count(9000)
MODES = {"classic": ["--cache-classic"], "lru": ["--cache-lru", "3"], "ram": ["--cache-ram"], "none": ["--cache-none"]}
GOAT = {"kind": "replace", "targets": ["disc_1"], "with": "a goat"}
CAT = {"kind": "replace", "targets": ["disc_2"], "with": "a cat"}
DOG = {"kind": "replace", "targets": ["disc_2"], "with": "a dog"}
MEMORY = "painted before, taken from memory"


def matrix():
    """(checkout, how it is started) of all versions; the old one knows no cache by memory."""
    for comfy in all_comfyuis():
        known = (comfy / "comfy" / "cli_args.py").read_text(encoding="utf-8")
        for name, options in MODES.items():
            if options[0] in known:
                yield pytest.param((comfy, options), id=f"{version_of(comfy)}-{name}")


@pytest.fixture(scope="module", params=list(matrix()) or [None])
def one(request, tmp_path_factory):
    if request.param is None:
        pytest.skip("No ComfyUI checkout: 'make comfyui-test' says how to get one.")
    comfy, options = request.param
    with running(tmp_path_factory.mktemp("memo"), *options, comfy=comfy) as server:
        server.shelf = Shelf(server.base, server.client)
        # in process a checkpoint is refused
        server.expands = "--cache-none" not in options or "class DependencyAwareCache" not in (
            comfy / "comfy_execution" / "caching.py"
        ).read_text(encoding="utf-8")
        server.comfy = comfy
        yield server


def test_the_newer_version_is_tested_too():
    if len(all_comfyuis()) < 2:
        pytest.skip("One ComfyUI checkout alone: COMFYUI_PATH may name several, with their own .venv each.")
    assert len({version_of(comfy) for comfy in all_comfyuis()}) > 1


@pytest.fixture
def prompt(one):
    image, seed = picture(seed=next(NUMBERS)), next(NUMBERS)

    def made(*actions, summary="", **painter):
        edit = planned(one.shelf, image, actions, seed, summary, inpainter=["painter", 0], **painter)
        return {**edit, "painter": node("CIELRTest_Counting", name=f"painter {seed}")}

    return made


def result(one, prompt):
    return one.client.array(one.client.check(prompt, 300), "keep")[0]


def said(run):
    return " ".join(str(data["output"]) for kind, data in run.messages if kind == "executed" and data.get("output"))


def test_changing_the_second_action_paints_that_alone(one, prompt):
    before, after = result(one, prompt(GOAT, CAT)), result(one, prompt(GOAT, DOG))
    assert np.array_equal(before[disc("disc_1")], after[disc("disc_1")])
    assert (before[disc("disc_2")] != after[disc("disc_2")]).all()
    assert np.array_equal(result(one, prompt(GOAT, CAT)), before), "and what was there before comes back"


def test_the_same_plan_in_other_words_paints_nothing(one, prompt):
    before = result(one, prompt(GOAT, CAT))
    assert np.array_equal(result(one, prompt(GOAT, CAT, summary="Said in another way.")), before)


def test_another_painter_of_the_same_name_elsewhere_paints_anew(one, prompt):
    before = result(one, prompt(GOAT))
    other = prompt(GOAT)
    other["painter"]["inputs"]["name"] += " with another setting"
    assert (result(one, other)[disc("disc_1")] != before[disc("disc_1")]).all()


def test_it_is_freed_with_the_models_of_comfyui(one, prompt):
    before = result(one, prompt(GOAT, CAT))
    one.client.post("/free", {"unload_models": True, "free_memory": True})
    # the server hears of it after the run at hand
    one.client.check({name: prompt(DOG)[name] for name in ("image", "scene")} | {"tell": node(
        "CIELRTest_Tell", value=["scene", 0])})  # fmt: skip
    after = result(one, prompt(GOAT, CAT))
    assert (before[disc("disc_1")] != after[disc("disc_1")]).all()


def test_attempts_remember_too(one, prompt):
    before = result(one, prompt(GOAT, CAT, attempts=2))
    after = result(one, prompt(GOAT, DOG, attempts=2))
    assert np.array_equal(before[disc("disc_1")], after[disc("disc_1")])


def test_a_checkpoint_samples_what_changed_alone(one, prompt):
    if not one.expands:
        pytest.skip("In process there is no checkpoint: this ComfyUI cannot expand nodes with --cache-none.")
    make(one.comfy, one.base, "sd15")

    def sampled(*actions, **more):
        run = one.client.check(with_painter(prompt(*actions, **more), "sd15"), 300)
        return [name for name in run.executed if name.endswith(".sample")], run

    first, before = sampled(GOAT, CAT)
    assert len(first) == 2
    second, _ = sampled(GOAT, DOG)
    assert [name.split(".draw")[0][-4:] for name in second] == [".0.1"]
    third, after = sampled(GOAT, CAT, summary="Said in another way.")
    assert third == []
    assert np.array_equal(one.client.array(before, "keep"), one.client.array(after, "keep"))
    if "edit" in after.executed and any(name.endswith(".draw") for name in after.executed):
        assert MEMORY in said(after)
