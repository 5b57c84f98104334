"""A server with --cache-none: where expansions break with it the Executor works in process, with the same result."""

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.conftest import find_comfyui, running
from tests.comfyui.families import make, with_painter
from tests.comfyui.planned import with_eyes
from tests.comfyui.world import Shelf, action, chain, picture

ACTIONS = (
    action("remove", "disc_1"),
    action("move", "disc_2", relation="by", x=10.0, y=12.0),
    action("modify", "disc_3", "colour yellow"),
)
IMAGES = np.stack([picture(0.4, 41), picture(0.6, 42)])


@pytest.fixture(scope="module")
def without_cache(server, tmp_path_factory):
    with running(tmp_path_factory.mktemp("comfyui_without_cache"), "--cache-none") as one:
        yield one


def expands():
    """Whether the ComfyUI under test keeps the nodes of an expansion with --cache-none: those of a newer cache do."""
    text = (find_comfyui() / "comfy_execution" / "caching.py").read_text(encoding="utf-8")
    return "class DependencyAwareCache" not in text


def with_steps(shelf, images=IMAGES, *actions, seed=17):
    prompt = chain(shelf, images, *(actions or ACTIONS), seed=seed)
    prompt["steps"] = node("CIELRTest_Keep", image=["edit", 2])
    prompt["changed"] = node("CIELRTest_Keep", image=["edit", 1])
    return prompt


def test_in_process_and_expanded_give_the_same_bytes(comfy, shelf, without_cache):
    expanded = comfy.check(with_steps(shelf))
    other = without_cache.client
    in_process = other.check(with_steps(Shelf(without_cache.base, other)))
    assert any(name.startswith("edit.") for name in expanded.executed)
    assert any(name.startswith("edit.") for name in in_process.executed) == expands()
    for name in ("keep", "steps", "changed"):
        assert np.array_equal(comfy.array(expanded, name), other.array(in_process, name)), name


def test_attempts_are_the_same_bytes_in_process(comfy, shelf, without_cache):
    if expands():
        pytest.skip(
            "With --cache-none this ComfyUI expands as well, and makes the scripted eyes anew for each attempt."
        )
    goat = action("replace", "disc_1", "a brown goat")

    def prompt(shelf):
        made = with_eyes(with_steps(shelf, IMAGES[:1], goat, ACTIONS[2], seed=18), fails=2)
        made["edit"]["inputs"]["attempts"] = 4
        return made

    expanded = comfy.check(prompt(shelf))
    other = without_cache.client
    in_process = other.check(prompt(Shelf(without_cache.base, other)))
    assert sum(name.endswith(".paint") for name in expanded.executed) == 4
    for name in ("keep", "steps", "changed"):
        assert np.array_equal(comfy.array(expanded, name), other.array(in_process, name)), name
    told = [data["output"] for kind, data in in_process.messages if kind == "executed" and data["output"]]
    assert any("Action 1, attempt 3: it did what it should." in str(output.get("text")) for output in told)


def test_a_checkpoint_paints_where_the_nodes_of_an_expansion_are_kept_and_is_refused_in_a_sentence_elsewhere(
    comfy, without_cache
):
    make(find_comfyui(), without_cache.base)
    shelf = Shelf(without_cache.base, without_cache.client)
    prompt = chain(shelf, IMAGES[:1], action("remove", "disc_1"))
    prompt = with_painter(prompt, "sd15")
    run = without_cache.client.run(prompt, 300)
    if expands():
        assert run.end == "execution_success"
        assert any(name.endswith(".sample") for name in run.executed)
    else:
        assert run.sentence.startswith("With --cache-none this ComfyUI cannot expand nodes")
