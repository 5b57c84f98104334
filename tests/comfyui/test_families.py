"""Every family of today's image models as the painter, in both ways, on small networks of the real classes."""

import itertools

import numpy as np
import pytest

from tests.comfyui.client import node, with_inputs
from tests.comfyui.conftest import find_comfyui
from tests.comfyui.test_checkpoints import children, core, told
from tests.comfyui.world import action, chain, picture

SEEDS = itertools.count(7000)
GONE = action("remove", "disc_1")
ORANGE = action("replace", "disc_2", "an orange")
GLASS = action("modify", "disc_3", "made of glass")
TEXT_TO_IMAGE = (
    "flux_dev", "flux_fill", "flux_schnell", "flux2_dev", "flux2_klein", "qwen_image", "lumina2", "z_image", "chroma",
    "hidream", "omnigen2", "longcat", "boogu", "hunyuan_image", "ernie", "krea2", "anima", "ideogram4", "kandinsky5",
    "lens", "mage_flow", "joyimage", "auraflow", "pixart", "hunyuan_dit",
)  # fmt: skip
EDITING = ("flux_dev", "flux2_dev", "flux2_klein", "qwen_image", "omnigen2", "longcat", "boogu")
NEWER = {
    "flux2_dev": "Flux2", "flux2_klein": "Flux2", "z_image": "ZImage", "longcat": "LongCatImage", "boogu": "Boogu",
    "ernie": "ErnieImage", "krea2": "Krea2", "anima": "Anima", "ideogram4": "Ideogram4", "lens": "Lens",
    "kandinsky5": "Kandinsky5Image", "mage_flow": "MageFlow", "joyimage": "JoyImage",
}  # fmt: skip
"""Those that 0.3.64 has not."""


@pytest.fixture(autouse=True)
def known(request):
    family = request.node.callspec.params.get("family", "") if hasattr(request.node, "callspec") else ""
    classes = (find_comfyui() / "comfy" / "supported_models.py").read_text(encoding="utf-8")
    if family in NEWER and f"class {NEWER[family]}(" not in classes:
        pytest.skip(f"this ComfyUI does not know {NEWER[family]}")


def with_tiny(prompt, family, name="painter", **settings):
    """The prompt with a Checkpoint Inpainter of a tiny model, at its family's own steps and guidance but for speed."""
    settings = {
        "steps": 2, "cfg": 0.0, "sampler_name": "euler", "scheduler": "simple", "denoise": 1.0, "grow": 0,
        "feather": -1, "size": 128, "colour_match": True, **settings,
    }  # fmt: skip
    links = {"model": [f"{name}_tiny", 0], "clip": [f"{name}_tiny", 1], "vae": [f"{name}_tiny", 2]}
    prompt = with_inputs(prompt, "edit", inpainter=[name, 0])
    prompt[f"{name}_tiny"] = node("CIELRTest_TinyModel", family=family, patched=False)
    prompt[name] = node("CIELR_CheckpointInpainter", **links, **settings)
    return prompt


def inside_of(*actions):
    """bool [H, W]: the supports of actions, each a (kind, thing)."""
    return np.logical_or.reduce([core(kind, name)[1] for kind, name in actions])


def check_exact(before, result, run):
    inside = inside_of(("remove", "disc_1"), ("replace", "disc_2"), ("replace", "disc_3"))
    assert np.isfinite(result).all()
    assert np.array_equal(result[~inside], before[~inside])
    for _, name in (("remove", "disc_1"), ("replace", "disc_2")):
        assert np.abs(result - before)[core("remove", name)[0]].max() > 0.01, "it was drawn"
    assert [line.split(":")[0] for line in told(run).splitlines()] == ["Action 1", "Action 2", "Action 3"]


@pytest.mark.parametrize("family", TEXT_TO_IMAGE)
def test_each_family_draws_inside_a_mask_and_nothing_changes_outside(comfy, shelf, family):
    before = picture(seed=next(SEEDS))
    # PixArt divides by its side in cells of 64, rounded
    size = {"size": 512} if family == "pixart" else {}
    prompt = with_tiny(chain(shelf, before, GONE, ORANGE, GLASS), family, way="inpaint", **size)
    run = comfy.check(prompt, timeout=300)
    check_exact(before, comfy.array(run, "keep")[0], run)


@pytest.mark.parametrize("family", EDITING)
def test_each_edit_model_follows_an_instruction_and_nothing_changes_outside(comfy, shelf, family):
    before = picture(seed=next(SEEDS))
    run = comfy.check(with_tiny(chain(shelf, before, GONE, ORANGE, GLASS), family, way="instruct"), timeout=300)
    check_exact(before, comfy.array(run, "keep")[0], run)
    assert {f"0.0.draw.0.0.{part}" for part in ("reference", "align", "positive_reference")} <= children(run)
    assert not any(name.endswith((".fill", ".masked")) for name in children(run))


@pytest.mark.parametrize(
    ("family", "instructed"),
    [("omnigen2", {0, 1, 2}), ("flux2_klein", {2}), ("flux_dev", set()), ("qwen_image", set())],
)
def test_where_nobody_says_which_way_the_model_s_class_does(comfy, shelf, family, instructed):
    prompt = with_tiny(chain(shelf, picture(seed=next(SEEDS)), GONE, ORANGE, GLASS), family)
    run = comfy.check(prompt, timeout=300)
    assert {number for number in range(3) if f"0.{number}.draw.0.0.align" in children(run)} == instructed


def test_a_model_that_cannot_be_instructed_says_so_and_what_could_be(comfy, shelf):
    prompt = with_tiny(chain(shelf, picture(seed=next(SEEDS)), GLASS), "lumina2", way="instruct")
    run = comfy.run(prompt, timeout=300)
    assert run.sentence.startswith("This model cannot be instructed: connect one that takes a reference picture")


def with_two(prompt, **ways):
    """Lumina draws inside masks, OmniGen follows instructions."""
    prompt = with_tiny(prompt, "lumina2", "drawer")
    prompt = with_tiny(prompt, "omnigen2", "editor")
    prompt["both"] = node("CIELR_TwoInpainters", inpaint=["drawer", 0], instruct=["editor", 0], **ways)
    prompt["edit"]["inputs"]["inpainter"] = ["both", 0]
    return prompt


ONE_EACH = {"remove": "inpaint", "replace": "inpaint", "add": "inpaint", "modify": "instruct", "ground": "inpaint"}


def test_two_painters_share_a_plan_and_each_change_runs_the_chains_of_one(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = with_two(chain(shelf, before, GONE, ORANGE, GLASS), **ONE_EACH)
    run = comfy.check(prompt, timeout=300)
    check_exact(before, comfy.array(run, "keep")[0], run)
    assert [name.split(".")[1] for name in children(run) if name.endswith(".align")] == ["2"]
    # other settings of the editor: what the drawer did stays
    prompt["editor"]["inputs"]["steps"] = 3
    run = comfy.check(prompt, timeout=300)
    samples = {name for name in children(run) if name.endswith(".sample")}
    assert "0.2.draw.0.0.sample" in samples


def test_any_painter_can_be_the_one_that_draws_inside_masks(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = with_two(chain(shelf, before, GONE, ORANGE, GLASS), **ONE_EACH)
    prompt["grey"] = node("CIELRTest_Painter", grey=0.25)
    prompt["both"]["inputs"]["inpaint"] = ["grey", 0]
    run = comfy.check(prompt, timeout=300)
    result = comfy.array(run, "keep")[0]
    check_exact(before, result, run)
    assert (result[core("replace", "disc_2")[0]] == 0.25).all()
    assert not any(name.startswith("0.1.") and name.endswith(".sample") for name in children(run))


def test_two_painters_are_no_painter_of_two(comfy, shelf):
    prompt = with_two(chain(shelf, picture(seed=next(SEEDS)), GLASS), **ONE_EACH)
    prompt["more"] = node("CIELR_TwoInpainters", inpaint=["both", 0], instruct=["editor", 0], **ONE_EACH)
    prompt["edit"]["inputs"]["inpainter"] = ["more", 0]
    assert comfy.run(prompt, timeout=300).sentence.startswith("Two Inpainters takes single painters")


def test_words_and_context_of_its_own_draw_otherwise_and_nothing_changes_outside(comfy, shelf):
    before = picture(seed=next(SEEDS))
    prompt = with_tiny(chain(shelf, before, GONE, ORANGE, GLASS), "lumina2")
    plain = comfy.array(comfy.check(prompt, timeout=300), "keep")[0]
    prompt["words"] = node(
        "CIELR_InpainterWords", inpainter=["painter", 0], positive="oil paint", negative="blur", context=2.0
    )
    prompt["edit"]["inputs"]["inpainter"] = ["words", 0]
    run = comfy.check(prompt, timeout=300)
    result = comfy.array(run, "keep")[0]
    check_exact(before, result, run)
    assert np.abs(result - plain).max() > 0.01


@pytest.mark.parametrize("sees", ["inpaint", "canny", "picture"])
def test_a_control_net_steers_what_is_drawn_and_nothing_changes_outside(comfy, shelf, sees):
    before = picture(seed=next(SEEDS))
    prompt = with_tiny(chain(shelf, before, GONE, ORANGE, GLASS), "flux_dev", way="inpaint")
    plain = comfy.array(comfy.check(prompt, timeout=300), "keep")[0]
    prompt["net"] = node("CIELRTest_TinyControl", takes_mask=sees == "inpaint")
    inputs = {"inpainter": ["painter", 0], "control_net": ["net", 0], "sees": sees, "strength": 1.0}
    if sees == "picture":
        half = shelf.array(np.random.default_rng(3).random((1, 48, 64, 3), dtype=np.float32))
        prompt["depth"] = node("CIELRTest_Array", file=half)
        inputs["image"] = ["depth", 0]
    prompt["control"] = node("CIELR_InpainterControl", **inputs)
    prompt["edit"]["inputs"]["inpainter"] = ["control", 0]
    run = comfy.check(prompt, timeout=300)
    result = comfy.array(run, "keep")[0]
    check_exact(before, result, run)
    assert np.abs(result - plain).max() > 0.001, "it had a say"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"sees": "canny"}, "Connect either a control net or a model patch"),
        ({"sees": "picture", "control_net": ["net", 0]}, "needs it at 'image'"),
        ({"sees": "canny", "control_net": ["net", 0], "image": ["image", 0]}, "set 'sees' to 'picture'"),
    ],
)
def test_a_control_that_lacks_something_says_what(comfy, shelf, inputs, words):
    prompt = with_tiny(chain(shelf, picture(seed=next(SEEDS)), GLASS), "flux_dev")
    prompt["net"] = node("CIELRTest_TinyControl", takes_mask=False)
    prompt["control"] = node("CIELR_InpainterControl", inpainter=["painter", 0], strength=1.0, **inputs)
    prompt["edit"]["inputs"]["inpainter"] = ["control", 0]
    assert words in comfy.run(prompt, timeout=300).sentence
