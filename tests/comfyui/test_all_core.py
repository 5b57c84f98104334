"""Whoever has ComfyUI's own models alone runs the paper's whole loop: the bundled workflow, through its own loaders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.comfyui.conftest import find_comfyui, running
from tests.comfyui.families import GREY
from tests.comfyui.sparse import as_safetensors
from tests.comfyui.world import disc, picture

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = {
    "checkpoints/tiny_sam3.ckpt": "checkpoints/sam3.safetensors",
    "checkpoints/tiny_sd15_inpaint.ckpt": "checkpoints/sd-v1-5-inpainting.ckpt",
    "text_encoders/tiny_decided.ckpt": "text_encoders/qwen3vl_8b_fp8_scaled.safetensors",
}
"""Tiny file -> the name that the workflow asks for."""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    comfy = find_comfyui()
    if not (comfy / "comfy" / "ldm" / "sam3").is_dir():
        pytest.skip("This ComfyUI has no models of its own that see and reason: it is older than 0.33.")
    base = tmp_path_factory.mktemp("all_core")
    for script, *families in (
        ("make_tiny_vision.py",),
        ("make_tiny_language.py", "decided"),
        ("make_tiny_families.py", "sd15_inpaint"),
    ):
        command = [sys.executable, str(HERE / script), str(comfy), str(base), *families]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    models = base / "models"
    for source, target in FILES.items():
        if target.endswith(".safetensors"):
            as_safetensors(models / source, models / target)
            (models / source).unlink()
        else:
            (models / source).rename(models / target)
    with running(base, variables={"CIELR_TEST_SMALL": "1"}) as server:
        yield server


def test_a_photo_is_seen_reasoned_about_and_painted_by_comfyuis_own_models(small):
    from PIL import Image

    photo = (picture() * 255).astype(np.uint8)
    Image.fromarray(photo).save(small.base / "input" / "coffee.jpg", "PNG")
    prompt = json.loads((ROOT / "workflows" / "api" / "all_core.json").read_text(encoding="utf-8"))
    kinds = {node["class_type"]: node["inputs"] for node in prompt.values()}
    kinds["CIELR_CheckpointInpainter"]["steps"] = 1
    # whatever it is asked for, the tiny model finds the one thing; a CPU takes seconds for each word
    kinds["CIELR_SceneParse"]["labels"] = "coffee"
    run = small.client.check(prompt, timeout=300)
    assert not {"CIELR_OllamaLLM", "CIELR_OpenAILLM"} & set(kinds)
    trace = str(run.outputs["7"]["text"])
    # the model was asked, in small questions as it suits a small one, and said yes
    assert "coffee_1" in trace
    assert "replace coffee_1" in trace
    (file,) = run.outputs["12"]["images"]
    after = small.client.pixels(file)
    changed = (after != photo).any(axis=-1)
    assert not changed[:, 70:].any()
    inside = after[disc("disc_1")].astype(int)
    assert abs(inside - GREY).max(axis=-1).mean() < 30
    assert changed[disc("disc_1")].mean() > 0.9
