"""Whoever has ComfyUI's own models alone runs the paper's whole loop: bundled workflows, through its own loaders."""

from __future__ import annotations

import numpy as np
import pytest
from bundled import FLOWS, api

from tests.comfyui.client import node
from tests.comfyui.conftest import find_comfyui, running
from tests.comfyui.extension_help import faulty, load_file, opened, overlaps, run
from tests.comfyui.families import GREY, make
from tests.comfyui.sparse import as_safetensors
from tests.comfyui.test_workflows import seen
from tests.comfyui.world import disc, picture

FILES = {
    "checkpoints/tiny_sam31.ckpt": "checkpoints/sam3.1_multiplex_fp16.safetensors",
    "checkpoints/tiny_sd15_inpaint.ckpt": "checkpoints/sd-v1-5-inpainting.ckpt",
    "text_encoders/tiny_decided.ckpt": "text_encoders/qwen3vl_8b_fp8_scaled.safetensors",
    "text_encoders/tiny_decided_gemma.ckpt": "text_encoders/gemma4_e4b_it_fp8_scaled.safetensors",
}
"""Tiny file -> the name that the workflow asks for."""
EDITORS = {"core_qwen_image_edit": "qwen_image", "core_flux_2_klein": "flux2_klein"}
"""Workflow -> the family of its painter, whose text encoder no file can make small."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    from PIL import Image

    comfy = find_comfyui()
    if not (comfy / "comfy" / "ldm" / "sam3").is_dir():
        pytest.skip("This ComfyUI has no models of its own that see and reason: it is older than 0.33.")
    base = tmp_path_factory.mktemp("all_core")
    make(comfy, base, kind="vision")
    make(comfy, base, "decided", "decided_gemma", kind="language")
    make(comfy, base, "sd15_inpaint")
    models = base / "models"
    for source, target in FILES.items():
        if target.endswith(".safetensors"):
            as_safetensors(models / source, models / target)
            (models / source).unlink()
        else:
            (models / source).rename(models / target)
    with running(base, variables={"CIELR_TEST_SMALL": "1"}) as server:
        Image.fromarray(photo()).save(base / "input" / "coffee.jpg", "PNG")
        yield server


def photo():
    """uint8 [H, W, 3]: the red disc is what the tiny eyes find."""
    return (picture() * 255).astype(np.uint8)


TINY = """() => {
    for (const node of app.graph._nodes) for (const widget of node.widgets ?? []) {
        if (node.type === "CIELR_CheckpointInpainter" && widget.name === "steps") widget.value = 1
        if (node.type === "CIELR_SceneParse" && widget.name === "labels") widget.value = "coffee"
    }
}"""
"""What the tiny models are made for: one step, one thing."""


@pytest.mark.parametrize("vue", [False, True], ids=["canvas", "vue"])
def test_its_graph_loads_whole_lies_apart_and_runs_in_the_browser(small, chromium, vue, tmp_path):
    page = opened(chromium, small, **{"Comfy.VueNodes.Enabled": vue})
    load_file(page, FLOWS["all_core"], wait=1500)
    assert faulty(page) == []
    assert page.evaluate("() => app.graph._nodes.length") == len(api("all_core")) + 1
    overlaps(page)
    page.evaluate(TINY)
    run(page)
    page.wait_for_timeout(800)
    seen(page, tmp_path, f"all_core_033_{'vue' if vue else 'canvas'}.png")
    overlaps(page)
    assert page.trouble == []
    page.context.close()


def ran(server, name):
    """(what Reason told, the saved picture) of a bundled workflow, and that it asked nobody outside."""
    prompt = api(name)
    kinds = {one["class_type"]: one["inputs"] for one in prompt.values()}
    assert not {"CIELR_OllamaLLM", "CIELR_OpenAILLM", "CIELR_LocalLLM"} & set(kinds)
    painter = kinds["CIELR_CheckpointInpainter"]
    painter["steps"] = 1
    # whatever it is asked for, the tiny model finds the one thing; a CPU takes seconds for each word
    kinds["CIELR_SceneParse"]["labels"] = "coffee"
    if name in EDITORS:
        prompt["tiny"] = node("CIELRTest_TinyModel", family=EDITORS[name], patched=False)
        painter |= {"size": 128, "model": ["tiny", 0], "clip": ["tiny", 1], "vae": ["tiny", 2]}
    numbers = {one["class_type"]: number for number, one in prompt.items()}
    run = server.client.check(prompt, timeout=300)
    (file,) = run.outputs[numbers["SaveImage"]]["images"]
    return str(run.outputs[numbers["CIELR_Reason"]]["text"]), server.client.pixels(file)


def test_a_photo_is_seen_reasoned_about_and_painted_by_comfyuis_own_models(small):
    trace, after = ran(small, "all_core")
    assert "No outline" not in trace
    # the model was asked, in small questions as it suits a small one, and said yes
    assert "coffee_1" in trace
    assert "replace coffee_1" in trace
    changed = (after != photo()).any(axis=-1)
    assert not changed[:, 70:].any()
    inside = after[disc("disc_1")].astype(int)
    assert abs(inside - GREY).max(axis=-1).mean() < 30
    assert changed[disc("disc_1")].mean() > 0.9


@pytest.mark.parametrize(
    ("name", "action"), [("core_qwen_image_edit", "modify coffee_1"), ("core_flux_2_klein", "replace coffee_1")]
)
def test_an_edit_model_of_comfyuis_own_follows_what_its_language_model_understood(small, name, action):
    trace, after = ran(small, name)
    assert action in trace
    changed = (after != photo()).any(axis=-1)
    assert not changed[:, 70:].any()
    assert changed[disc("disc_1")].mean() > 0.5
