"""Long work tells how far it is, and stops within two seconds of being asked to."""

import numpy as np
import pytest
from scenes import scene_of_masks

from tests.comfyui.client import node, progresses
from tests.comfyui.world import action, chain, picture


def big(side=3000, share=0.6):
    """A noisy picture with one big thing in its middle, and its scene."""
    image = np.random.default_rng(5).random((side, side, 3), dtype=np.float32)
    cut = round(side * (1 - share) / 2)
    inside = np.zeros((side, side), bool)
    inside[cut:-cut, cut:-cut] = True
    return image, scene_of_masks({"box_1": inside})


@pytest.mark.parametrize("after", [0.0, 0.3, 0.7])
def test_an_interrupt_stops_the_exemplar_fill_of_a_big_hole_and_the_server_works_on(comfy, shelf, after):
    image, scene = big()
    prompt = chain(shelf, image, action("remove", "box_1"), known=scene, seed=round(after * 10))
    comfy.interrupted(prompt, progresses("paint"), after)
    comfy.check(chain(shelf, picture(seed=77), action("remove", "disc_1")))


@pytest.mark.parametrize("after", [0.0, 0.5])
def test_an_interrupt_stops_looking_at_a_big_photo(comfy, shelf, after):
    rng = np.random.default_rng(round(6 + after * 10))
    blocks = rng.random((60, 80, 3), dtype=np.float32).repeat(50, axis=0).repeat(50, axis=1)
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(blocks[None])),
        "scene": node("CIELR_SceneParse", image=["image", 0], labels=""),
        "tell": node("CIELRTest_Tell", value=["scene", 3]),
    }
    comfy.interrupted(prompt, progresses("scene", above=-1), after)


def test_progress_arrives_many_times_and_never_goes_back(comfy, shelf):
    image, scene = big(side=500)
    run = comfy.check(chain(shelf, image, action("remove", "box_1"), known=scene))
    told = [data for kind, data in run.messages if kind == "progress" and data["node"].endswith("paint")]
    values = [data["value"] / data["max"] for data in told]
    assert len(values) >= 5
    assert values == sorted(values)
    assert values[-1] == 1
    states = [data["nodes"] for kind, data in run.messages if kind == "progress_state"]
    painters = [state for nodes in states for name, state in nodes.items() if name.endswith("paint")]
    assert {state["display_node_id"] for state in painters} == {"edit"}
