"""Painters with networks of their own, from ComfyUI's lists: tiny diffusers pipelines of every family, and LaMa."""

import itertools
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")
for name in ("diffusers", "spandrel"):
    pytest.importorskip(name)

import tiny_pipelines  # noqa: E402
from lama_help import BIAS, COLOUR, lama_weights  # noqa: E402

from tests.comfyui.client import Refused, node, with_inputs  # noqa: E402
from tests.comfyui.conftest import find_comfyui  # noqa: E402
from tests.comfyui.families import make, with_painter  # noqa: E402
from tests.comfyui.test_checkpoints import GONE, ORANGE, RED, children, core  # noqa: E402
from tests.comfyui.world import action, chain, changed, disc, picture  # noqa: E402

SEEDS = itertools.count(9000)


@pytest.fixture(scope="module", autouse=True)
def models(server):
    make(find_comfyui(), server.base)
    for name in tiny_pipelines.MAKERS:
        tiny_pipelines.save(name, server.base / "models" / "diffusers" / f"tiny_{name}")
    other = server.base / "models" / "diffusers" / "something_else"
    other.mkdir(parents=True, exist_ok=True)
    (other / "model_index.json").write_text('{"_class_name": "AudioPipeline"}')
    fills = server.base / "models" / "inpaint"
    fills.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": lama_weights(BIAS)}, fills / "tiny_lama.pth")
    (fills / "read_me.txt").write_text("Not a model.")


def painted(prompt, painter):
    return {**with_inputs(prompt, "edit", inpainter=["painter", 0]), "painter": painter}


def pipeline(name, **settings):
    return node(
        "CIELR_DiffusersInpainter", model=f"tiny_{name}", **{"steps": 1, "guidance": 2.0, "size": 64} | settings
    )


LAMA = node("CIELR_LoadInpaintModel", model="inpaint/tiny_lama.pth")


def test_the_lists_name_what_loads_and_nothing_else(comfy):
    told = comfy.get_json("/object_info/CIELR_DiffusersInpainter")["CIELR_DiffusersInpainter"]
    options = told["input"]["required"]["model"][1]["options"]
    assert sorted(options) == sorted(f"tiny_{name}" for name in tiny_pipelines.MAKERS)
    told = comfy.get_json("/object_info/CIELR_LoadInpaintModel")["CIELR_LoadInpaintModel"]
    assert told["input"]["required"]["model"][1]["options"] == ["inpaint/tiny_lama.pth"]


@pytest.mark.parametrize("name", tiny_pipelines.MAKERS)
def test_a_pipeline_of_each_family_draws_inside_and_leaves_the_floats_outside(comfy, shelf, name):
    before = picture(seed=next(SEEDS))
    run = comfy.check(painted(chain(shelf, before, GONE, ORANGE), pipeline(name)), timeout=300)
    result = comfy.array(run, "keep")[0]
    inside = np.zeros(before.shape[:2], dtype=bool)
    for kind, thing in (("remove", "disc_1"), ("replace", "disc_2")):
        full, support = core(kind, thing)
        inside |= support
        assert changed(result, before)[full].mean() > 0.9
    assert np.array_equal(result[~inside], before[~inside])


def test_the_same_settings_repeat_and_another_seed_runs_the_chains_but_loads_nothing(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = painted(chain(shelf, before, ORANGE, seed=3), pipeline("sd15"))
    first = comfy.array(comfy.check(prompt), "keep")
    assert comfy.check(prompt).executed == []
    again = painted(chain(shelf, before, ORANGE, seed=4), pipeline("sd15"))
    run = comfy.check(again)
    assert "painter" not in run.executed
    assert "scene" not in run.executed
    assert (comfy.array(run, "keep") != first).any()


def test_what_of_a_prompt_the_painter_never_reads_is_told_on_the_node_and_again_from_memory(comfy, shelf):
    # the small tokenizer makes a token of each letter
    long = action("replace", "disc_2", f"a plum {'with very many words about it ' * 4}in a zinc bowl")
    before = picture(seed=next(SEEDS))
    graph = painted(chain(shelf, before, long, seed=5), pipeline("sd15"))
    for prompt in (graph, with_inputs(graph, "edit", attempts=2)):
        text = "\n".join(line for told in comfy.check(prompt).outputs.values() for line in told.get("text", []))
        said = next(line for line in text.splitlines() if "left out: '" in line)
        assert said.startswith("Action 1")
        tail = said.split("left out: '")[1].split("'")[0].replace(" ", "")
        assert tail
        assert "inazincbowl".endswith(tail[-11:])
    short = painted(chain(shelf, before, RED, seed=5), pipeline("sd15"))
    text = str(comfy.check(short).outputs)
    assert "left out: '" not in text


def test_lama_fills_by_itself(comfy, shelf):
    before = picture(seed=next(SEEDS))
    run = comfy.check(painted(chain(shelf, before, GONE, RED), LAMA))
    result = comfy.array(run, "keep")[0]
    full, _ = core("remove", "disc_1")
    assert np.abs(result[full] - COLOUR).max() < 0.01
    support = core("remove", "disc_1")[1] | disc("disc_3")
    assert np.array_equal(result[~support], before[~support])


def test_lama_does_not_draw_and_says_what_does(comfy, shelf):
    run = comfy.run(painted(chain(shelf, picture(seed=next(SEEDS)), ORANGE), LAMA))
    assert "has to be drawn" in run.sentence


def test_lama_prepares_the_ground_for_a_checkpoint_and_for_a_pipeline(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = with_painter(chain(shelf, before, GONE), "sd15")
    run = comfy.check({**with_inputs(prompt, "painter", fill=["lama", 0]), "lama": LAMA}, timeout=300)
    assert "0.0.draw.0.0.fill" in children(run)
    # with next to no denoising a pipeline shows the ground it was given
    plain = painted(chain(shelf, before, GONE), pipeline("sd15"))
    with_lama = painted(chain(shelf, before, GONE), pipeline("sd15", fill=["lama", 0])) | {"lama": LAMA}
    one, two = (comfy.array(comfy.check(each), "keep") for each in (plain, with_lama))
    assert (one != two).any()


def test_what_draws_is_no_fill(comfy, shelf):
    prompt = painted(chain(shelf, picture(seed=next(SEEDS)), GONE), pipeline("sd15", fill=["other", 0]))
    prompt["other"] = pipeline("sdxl")
    assert "Only Load Inpaint Model goes into 'fill'" in comfy.run(prompt).sentence


def test_comfyui_can_push_every_network_out_and_the_next_run_works(comfy, shelf):
    for painter, names in (
        (pipeline("sd15"), {"UNet2DConditionModel", "AutoencoderKL", "CLIPTextModel"}),
        (LAMA, {"LaMa"}),
    ):
        prompt = painted(chain(shelf, picture(seed=next(SEEDS)), GONE), painter)
        prompt["held"] = node("CIELRTest_Held", after=["edit", 0])
        run = comfy.check(prompt)
        assert names <= set(run.outputs["held"]["before"])
        assert run.outputs["held"]["after"] == []
        comfy.check(painted(chain(shelf, picture(seed=next(SEEDS)), GONE), painter))


def test_a_pipeline_is_interrupted_within_two_seconds(comfy, shelf):
    slow = pipeline("sd15", steps=500, size=1024)
    prompt = painted(chain(shelf, picture(seed=next(SEEDS)), ORANGE), slow)
    comfy.interrupted(prompt, lambda kind, told: str(told.get("node", "")).endswith(".paint"), after=2.0)


@pytest.mark.parametrize(
    ("painter", "words"),
    [
        (pipeline("gone"), "There is no pipeline 'tiny_gone'"),
        (pipeline("sd15", scheduler="slow"), "There is no scheduler 'slow'"),
        (pipeline("sd15", dtype="float8"), "There is no number format 'float8'"),
        (node("CIELR_LoadInpaintModel", model="inpaint/gone.pth"), "There is no 'inpaint/gone.pth'"),
    ],
)
def test_settings_that_are_no_good_are_refused_before_the_run(comfy, shelf, painter, words):
    with pytest.raises(Refused) as refused:
        comfy.run(painted(chain(shelf, picture(seed=next(SEEDS)), GONE), painter))
    assert words in refused.value.text


def test_a_scheduler_that_the_family_does_not_take_is_one_sentence(comfy, shelf):
    prompt = painted(chain(shelf, picture(seed=next(SEEDS)), ORANGE), pipeline("sd3", scheduler="ddim"))
    started = time.monotonic()
    assert "scheduler 'ddim'" in comfy.run(prompt).sentence
    assert time.monotonic() - started < 60
