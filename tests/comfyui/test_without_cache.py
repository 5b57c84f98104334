"""A server with --cache-none, where expansions break: the Executor works in process, with the same result."""

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.world import Shelf, action, chain, picture

ACTIONS = (
    action("remove", "disc_1"),
    action("move", "disc_2", relation="by", x=10.0, y=12.0),
    action("modify", "disc_3", "colour yellow"),
)
IMAGES = np.stack([picture(0.4, 41), picture(0.6, 42)])


@pytest.fixture(scope="module")
def without_cache(server, tmp_path_factory):
    from tests.comfyui.conftest import running

    with running(tmp_path_factory.mktemp("comfyui_without_cache"), "--cache-none") as one:
        yield one


def with_steps(shelf):
    prompt = chain(shelf, IMAGES, *ACTIONS, seed=17)
    prompt["steps"] = node("CIELRTest_Keep", image=["edit", 2])
    prompt["changed"] = node("CIELRTest_Keep", image=["edit", 1])
    return prompt


def test_in_process_and_expanded_give_the_same_bytes(comfy, shelf, without_cache):
    expanded = comfy.check(with_steps(shelf))
    other = without_cache.client
    in_process = other.check(with_steps(Shelf(without_cache.base, other)))
    assert any(name.startswith("edit.") for name in expanded.executed)
    assert not any(name.startswith("edit.") for name in in_process.executed)
    for name in ("keep", "steps", "changed"):
        assert np.array_equal(comfy.array(expanded, name), other.array(in_process, name)), name
