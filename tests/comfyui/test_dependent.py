"""A plan whose actions build on one another: looked at again between them, cached one by one, equal to the engine."""

import importlib.util
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from cielr.actions import Plan
from cielr.core.geometry import Mask
from cielr.pipeline import EditRequest, carry_out
from tests.comfyui.client import node
from tests.comfyui.world import changed, picture, scene

NUMBERS = itertools.count(5000)
PLACE = {"relation": "inside", "anchors": ["goat_1"]}
CHAIN = [
    {"kind": "replace", "targets": ["disc_1"], "with": "a brown goat"},
    {"kind": "add", "what": "a bell", "where": PLACE, "size": "medium"},
    {"kind": "modify", "targets": ["bell_1"], "change": "brighten 40%"},
    {"kind": "add", "what": "a hat", "where": {"relation": "on", "anchors": ["goat_1"]}, "size": "small"},
    {"kind": "modify", "targets": ["hat_1"], "change": "colour yellow"},
]


def eyes_and_painter():
    """The tests' own eyes and painter, outside ComfyUI."""
    path = Path(__file__).parent / "node_pack" / "colour_eyes.py"
    spec = importlib.util.spec_from_file_location("colour_eyes_alone", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ColourView(None), module.ColourPainter()


@pytest.fixture
def prompt(shelf):
    image, seed = picture(seed=next(NUMBERS)), next(NUMBERS)

    def made(*actions):
        return {
            "image": node("CIELRTest_Array", file=shelf.array(image[None])),
            "eyes": node("CIELRTest_ColourEyes", image=["image", 0]),
            "scene": node("CIELR_LoadScene", file=shelf.scene(scene())),
            "plan": node("CIELR_EditPlan", text=json.dumps({"actions": list(actions)}), review=False),
            "regions": node("CIELR_ActionToMask", scene=["scene", 0], plan=["plan", 0]),
            "edit": node(
                "CIELR_EditExecutor",
                image=["image", 0],
                regions=["regions", 0],
                seed=seed,
                inpainter=["eyes", 1],
                perception=["eyes", 0],
            ),
            "keep": node("CIELRTest_Keep", image=["edit", 0]),
            "mask": node("CIELRTest_Keep", image=["edit", 1]),
        }

    made.image, made.seed = image, seed
    return made


def test_five_dependent_actions_run_and_are_the_engine_s_own_bytes(comfy, prompt, monkeypatch):
    run = comfy.check(prompt(*CHAIN))
    after = comfy.array(run, "keep")[0]
    eyes, painter = eyes_and_painter()
    plan = Plan.model_validate({"actions": CHAIN})
    monkeypatch.setattr("cielr.pipeline.run._reason", lambda known, *rest: (known, plan))
    monkeypatch.setattr("cielr.pipeline.run._perceive", lambda *rest: scene())
    request = EditRequest("x", inpainter=painter, perception=eyes, seed=prompt.seed)
    result = carry_out(prompt.image, request)
    assert np.array_equal(after, result.image)
    outside = ~Mask.union([region.support for region in result.regions], *after.shape[:2]).to_array()
    assert not (changed(prompt.image, after) & outside).any()
    told = comfy.array(run, "mask")[0]
    assert not (changed(prompt.image, after) & (np.squeeze(told) == 0)).any()


def test_changing_the_last_action_runs_its_chain_alone(comfy, prompt):
    comfy.check(prompt(*CHAIN))
    last = {**CHAIN[4], "change": "colour blue"}
    run = comfy.check(prompt(*CHAIN[:4], last))
    chains = {
        name for name in run.executed if name.startswith("edit.") and name.endswith((".crop", ".paint", ".stitch"))
    }
    assert chains, "the last action's chain runs"
    assert all(".later2." in name for name in chains), chains
    stretches = {part for name in run.executed for part in name.split(".") if part.startswith("later")}
    assert stretches == {"later2"}
