"""A plan on the known picture, carried out in ComfyUI and by the engine alone, with the tests' own eyes and painter."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from cielr.actions import Plan
from cielr.core.geometry import Mask
from cielr.pipeline import EditRequest, EditResult, carry_out
from tests.comfyui.client import Client, Prompt, Run, node
from tests.comfyui.world import Shelf, changed, scene

PLACE = {"relation": "inside", "anchors": ["goat_1"]}
CHAIN = [
    {"kind": "replace", "targets": ["disc_1"], "with": "a brown goat"},
    {"kind": "add", "what": "a bell", "where": PLACE, "size": "medium"},
    {"kind": "modify", "targets": ["bell_1"], "change": "brighten 40%"},
    {"kind": "add", "what": "a hat", "where": {"relation": "on", "anchors": ["goat_1"]}, "size": "small"},
    {"kind": "modify", "targets": ["hat_1"], "change": "colour yellow"},
]
"""Actions that build on one another."""


def planned(shelf: Shelf, image: np.ndarray, actions: Iterable[dict], seed: int, summary="", **edit: Any) -> Prompt:
    """Nodes image, scene, plan, regions, edit, keep and mask; `edit` are further inputs of the Executor."""
    plan = json.dumps({"summary": summary, "actions": list(actions)})
    return {
        "image": node("CIELRTest_Array", file=shelf.array(image[None])),
        "scene": node("CIELR_LoadScene", file=shelf.scene(scene())),
        "plan": node("CIELR_EditPlan", text=plan, review=False),
        "regions": node("CIELR_ActionToMask", scene=["scene", 0], plan=["plan", 0]),
        "edit": node("CIELR_EditExecutor", image=["image", 0], regions=["regions", 0], seed=seed, **edit),
        "keep": node("CIELRTest_Keep", image=["edit", 0]),
        "mask": node("CIELRTest_Keep", image=["edit", 1]),
    }


def with_eyes(prompt: Prompt, fails: int = 0) -> Prompt:
    """With eyes and a painter that know things by their colour; the first `fails` times nothing is drawn."""
    prompt["eyes"] = node("CIELRTest_ColourEyes", image=["image", 0], fails=fails)
    prompt["edit"]["inputs"] |= {"inpainter": ["eyes", 1], "perception": ["eyes", 0]}
    return prompt


def eyes_and_painter(fails: int = 0) -> dict[str, Any]:
    """The same for the engine outside of ComfyUI, as `by_engine` takes them."""
    path = Path(__file__).parent / "node_pack" / "colour_eyes.py"
    spec = importlib.util.spec_from_file_location("colour_eyes_alone", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {"perception": module.ColourView(None), "inpainter": module.ColourPainter(fails)}


def by_engine(image: np.ndarray, actions: Iterable[dict], seed: int, **more: Any) -> EditResult:
    """What the engine makes of the same, outside of ComfyUI; `more` are fields of the request."""
    plan = Plan.model_validate({"actions": list(actions)})
    return carry_out(image, EditRequest(plan=plan, scene=scene(), seed=seed, **more))


def same_as(comfy: Client, run: Run, image: np.ndarray, result: EditResult) -> None:
    """Asserts that a run's result is the engine's, that nothing outside of its regions changed, and that the mask of
    what may have changed covers what did and no more than the regions."""
    after = comfy.array(run, "keep")[0]
    assert np.array_equal(after[..., :3], result.image)
    outside = ~Mask.union([region.support for region in result.regions], *after.shape[:2]).to_array()
    assert not (changed(image, after) & outside).any()
    mask = np.squeeze(comfy.array(run, "mask"))
    assert not (mask[outside] > 0).any()
    assert not (changed(image, after) & (mask == 0)).any()
