"""A language model in a file, inside a real ComfyUI: listed, run, interrupted, and pushed out of memory."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("xllamacpp", reason="The package xllamacpp runs language models in files; it is not installed.")
psutil = pytest.importorskip("psutil")

from tiny_gguf import tiny_gguf  # noqa: E402

from cielr.actions import Modify, Plan  # noqa: E402
from tests.comfyui.client import Refused, begins, node  # noqa: E402
from tests.comfyui.language import ANGRY, reasoned  # noqa: E402
from tests.comfyui.world import edited, picture  # noqa: E402

PATIENCE = 300
"""Seconds for a run on a busy machine: such a model reads the letters of a long prompt one by one."""
CACHED = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "cielr-bench-llm" / "0.5b.gguf"


@pytest.fixture(scope="module")
def models(server):
    folder = server.base / "models" / "LLM"
    tiny_gguf(folder / "tiny.gguf")
    # slow enough to be interrupted
    tiny_gguf(folder / "deep" / "slow.gguf", width=256, layers=10, inner=1024)
    tiny_gguf(folder / "painter.gguf", speaks=False)
    return folder


def local(model="tiny", **settings):
    defaults = {"temperature": 0.0, "context": 0, "thinking": False, "keep_loaded": False, "seed": 0}
    loop = {"max_rounds": 2, "grammar_first": True, "assume": False, "free_vram": True, "prompt": "brief"}
    return node("CIELR_LocalLLM", model=model, **(defaults | loop | settings))


def runtimes(server) -> int:
    """Models in memory: llama.cpp opens a port for each, beside ComfyUI's own."""
    lines = psutil.Process(server.process.pid).net_connections(kind="tcp")
    return sum(line.status == psutil.CONN_LISTEN for line in lines) - 1


def settles(server, count) -> bool:
    until = time.monotonic() + 20
    while runtimes(server) != count and time.monotonic() < until:
        time.sleep(0.1)
    return runtimes(server) == count


def test_the_list_names_the_files_and_what_can_be_fetched(comfy, models):
    told = comfy.get_json("/object_info/CIELR_LocalLLM")["CIELR_LocalLLM"]["input"]["required"]["model"]
    names = told[1]["options"] if len(told) > 1 and "options" in told[1] else told[0]
    assert {"tiny", "deep", "painter", "qwen3-1.7b  (download)"} <= set(names)
    with pytest.raises(Refused) as caught:
        comfy.run(reasoned_by(None, local("gone")))
    assert "There is no language model 'gone'" in str(caught.value)


def reasoned_by(shelf, llm, instruction=ANGRY):
    if shelf is None:
        scene = node("CIELR_LoadScene", file="none [input]")
        return {"llm": llm, "reason": node("CIELR_Reason", scene=["s", 0], llm=["llm", 0]), "s": scene}
    return reasoned(shelf, llm, instruction)


def test_an_explicit_instruction_loads_no_model(comfy, shelf, models, server):
    run = comfy.check(reasoned_by(shelf, local(seed=1), "make the leftmost disc blue"))
    blue = Plan(actions=(Modify(targets=("disc_1",), change="colour blue"),))
    assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(), blue, 7))
    assert runtimes(server) == 0


def test_a_model_that_babbles_leaves_a_sentence_and_no_memory_taken(comfy, shelf, models, server):
    run = comfy.run(reasoned_by(shelf, local(seed=2, prompt="full")), PATIENCE)
    assert "The language model 'local/tiny'" in run.sentence
    assert "keep" not in run.outputs, "and nothing is edited"
    assert settles(server, 0)


def test_a_model_that_is_kept_stays_until_comfyui_unloads_its_models(comfy, shelf, models, server):
    kept = local(seed=3, keep_loaded=True, prompt="full")
    comfy.run(reasoned_by(shelf, kept), PATIENCE)
    assert runtimes(server) == 1
    comfy.run(reasoned_by(shelf, kept, "make the saddest disc glad"), PATIENCE)
    assert runtimes(server) == 1, "the same one"
    comfy.post("/free", {"unload_models": True})
    assert settles(server, 0)
    comfy.run(reasoned_by(shelf, kept, "make the oldest disc young"), PATIENCE)
    assert runtimes(server) == 1, "it is loaded again where it is wanted"
    comfy.run(reasoned_by(shelf, local(seed=3), "make the youngest disc old"), PATIENCE)
    assert settles(server, 0), "one that is not to stay takes its place"


def test_a_model_that_talks_on_is_interrupted(comfy, shelf, models, server):
    prompt = reasoned_by(shelf, local("deep", seed=4, prompt="full"), "make the bravest disc shy")
    comfy.interrupted(prompt, begins("reason"), after=1.0)
    assert settles(server, 0)


def test_what_is_no_language_model_is_a_sentence_on_the_node(comfy, shelf, models):
    run = comfy.run(reasoned_by(shelf, local("painter", seed=5)))
    assert run.error["node_id"] == "reason"
    assert "holds no language model but 'flux'" in run.sentence


def test_a_real_model_reasons_in_comfyui(comfy, shelf, models, server):
    if not CACHED.is_file():
        pytest.skip(f"No real model lies in {CACHED.parent}; `make llm-smoke` brings it.")
    target = models / "real.gguf"
    if not target.exists():
        target.symlink_to(CACHED)
    run = comfy.run(
        reasoned_by(shelf, local("real", seed=6, prompt="brief"), "remove what is round and angry"), PATIENCE
    )
    assert run.end in ("execution_success", "execution_error")
    assert "package" not in (run.sentence if run.error else "")
    assert settles(server, 0)
