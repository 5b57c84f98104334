"""`cielr edit` with models: a server that speaks Ollama's wire format, painters and fills of the real classes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
for name in ("diffusers", "transformers", "ollama", "httpx", "spandrel"):
    pytest.importorskip(name)

import tiny_pipelines  # noqa: E402
from cli_help import well  # noqa: E402
from llm_server import Fail, LLMServer, Say  # noqa: E402

torch.set_num_threads(1)

WORDS = "remove the largest disc"
Y, X = np.mgrid[:150, :220]
DISC = (X - 150) ** 2 + (Y - 70) ** 2 <= 34**2


def photo(folder: Path) -> Path:
    """Two discs on rough ground."""
    image = np.random.default_rng(3).integers(60, 100, (150, 220, 3)).astype(np.uint8)
    image[DISC] = (200, 40, 40)
    image[(X - 50) ** 2 + (Y - 80) ** 2 <= 22**2] = (40, 60, 210)
    Image.fromarray(image).save(folder / "photo.png")
    return folder / "photo.png"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("pipelines")
    return lambda name: str(tiny_pipelines.save(name, root / name))


@pytest.fixture(scope="module")
def lama(tmp_path_factory):
    """A fill network that draws one colour."""
    from lama_help import BIAS, lama_weights

    path = tmp_path_factory.mktemp("lama") / "lama.pth"
    torch.save({"state_dict": lama_weights(BIAS)}, path)
    return str(path)


@pytest.fixture
def edit(run, tmp_path):
    """`edit(words, *options)`: (exit code, what --json told, the image before, the image after)."""

    def call(words, *options):
        goal = tmp_path / "out.png"
        code, out, _ = run("edit", photo(tmp_path), words, "-l", "disc", "-o", goal, "--overwrite", "--json", *options)
        before = np.asarray(Image.open(tmp_path / "photo.png"))
        return code, json.loads(out), before, np.asarray(Image.open(goal)) if goal.exists() else None

    return call


def is_exact(said, before, after, inside):
    """Only the pixels of the one region differ, and what the report says of them is true."""
    (region,) = said["regions"]
    x0, y0, x1, y1 = region["box"]
    differs = (before != after).any(axis=-1)
    outside = np.ones(differs.shape, bool)
    outside[y0:y1, x0:x1] = False
    return (
        not differs[outside].any()
        and differs[inside].mean() > 0.9
        and region["changed_pixels"] == differs.sum()
        and region["changed_outside"] == 0
        and region["mean_change"]
        == pytest.approx(np.abs(after.astype(float) - before).sum() / 255 / 3 / region["pixels"], abs=1e-5)
    )


@pytest.mark.parametrize("name", tiny_pipelines.MAKERS)
def test_a_folder_of_every_family_removes_and_leaves_the_rest(folders, tmp_path, edit, name):
    options = ["--inpainter", folders(name), "--steps", "1", "--size", "64", "--device", "cpu"]
    code, said, before, after = edit(WORDS, *options)
    assert code == 0
    assert is_exact(said, before, after, DISC)


def test_a_single_file_paints_with_the_configuration_beside_it(folders, tmp_path, edit):
    folder = folders("sd15")
    tiny_pipelines.save_single_file(folder, tmp_path / "my_model.safetensors")
    options = ["--inpainter", str(tmp_path / "my_model.safetensors"), "--inpainter-config", folder]
    options += ["--steps", "1", "--size", "64", "--device", "cpu", "--scheduler", "euler", "--guidance", "3"]
    code, said, before, after = edit(WORDS, *options)
    assert code == 0
    assert is_exact(said, before, after, DISC)


def test_a_fill_model_fills_the_hole_and_another_fill_is_another_picture(lama, edit):
    from lama_help import COLOUR

    _, said, before, after = edit(WORDS, "--fill", lama)
    assert is_exact(said, before, after, DISC)
    core = (X - 150) ** 2 + (Y - 70) ** 2 <= 28**2
    assert np.abs(after[core] - 255 * COLOUR).max() < 1
    fills = [edit(WORDS, "--fill", name)[3] for name in ("smooth", "exemplar")]
    assert (fills[0] != fills[1]).any()


def test_a_fill_model_prepares_the_ground_for_the_inpainter(folders, lama, edit, monkeypatch):
    from lama_help import COLOUR

    from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter

    seen = []

    def kept(self, image, mask, *rest):
        seen.append((image, mask))
        return image.copy()

    monkeypatch.setattr(DiffusersInpainter, "inpaint", kept)
    options = ["--inpainter", folders("sd15"), "--fill", lama]
    code, _, _, _ = edit(WORDS, *options)
    assert code == 0
    ((image, mask),) = seen
    assert np.abs(image[mask > 0] - 255 * COLOUR).max() < 1


def plan_of(reason, **action):
    """What a language model answers that plans one action."""
    turn = {
        "kind": "plan",
        "summary": "Here it is.",
        "actions": [{"targets": ["disc_2"], "reason": "It is the largest."} | action],
    }
    return Say(json.dumps({"reason": reason, "turn": turn}), thinking="Which is like a tomato?")


TOMATO = plan_of("The larger disc is red like a tomato.", kind="replace", prompt="a ripe tomato", **{"with": "tomato"})


def test_a_language_model_decides_and_a_diffusion_model_draws(folders, tmp_path, edit):
    with LLMServer([TOMATO], models=("qwen3:8b",)) as server:
        options = ["--llm", f"ollama/qwen3:8b@{server.url}", "--trace", str(tmp_path / "trace")]
        options += ["--inpainter", folders("sd15_inpaint"), "--steps", "1", "--size", "64", "--device", "cpu"]
        code, said, before, after = edit("turn the ripest one into a tomato", *options)
        assert server.settles()
    assert code == 0, said
    assert said["plan"]["actions"][0]["with"] == "tomato"
    assert is_exact(said, before, after, DISC)
    page = (tmp_path / "trace" / "trace.html").read_text(encoding="utf-8")
    for text in ("The larger disc is red like a tomato.", "Which is like a tomato?", "pixels changed"):
        assert text in page


def test_the_grammar_reads_first_and_the_output_says_who_did(tmp_path, edit):
    with LLMServer([plan_of("It is in the way.", kind="remove")], models=("tiny",)) as server:
        llm = ["--llm", f"ollama/tiny@{server.url}"]
        code, said, _, _ = edit("remove the largest disc", *llm)
        assert (code, said["read_by"]) == (0, "the built-in grammar")
        assert not any("messages" in request for request in server.requests), "the model costs nothing"
        code, said, _, _ = edit("remove the largest disc", "--always-model", *llm)
        assert (code, said["read_by"]) == (0, "ollama/tiny")
        code, said, _, _ = edit("take away what is of no use", *llm)
        assert (code, said["read_by"]) == (0, "ollama/tiny")


def test_what_has_to_be_drawn_without_a_painter_is_one_sentence_and_no_file(tmp_path, edit):
    with LLMServer([TOMATO]) as server:
        code, said, _, after = edit("a tomato", "--llm", f"ollama/tiny@{server.url}")
    assert (code, after) == (5, None)
    assert "diffusion model" in said["error"]["message"]
    assert "--inpainter" in said["error"]["message"]


def test_a_server_without_the_model_is_one_sentence(tmp_path, edit):
    with LLMServer([Fail(404, '{"error": "model not found"}')], models=("gemma3:4b",)) as server:
        code, said, _, after = edit("a tomato", "--llm", f"ollama/qwen3:8b@{server.url}")
    assert (code, after) == (1, None)
    assert "ollama pull qwen3:8b" in said["error"]["message"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--inpainter", "nowhere"], "nowhere"),
        (["--fill", "nice"], "auto, smooth, exemplar"),
        (["--fill", "nowhere.pth"], "nowhere.pth"),
        (["--offload", "much"], "none, model or sequential"),
        (["--scheduler", "slow"], "slow"),
        (["--dtype", "float8"], "float8"),
    ],
)
def test_settings_that_are_no_good_are_one_sentence(folders, tmp_path, edit, options, words):
    if "--inpainter" not in options and "--fill" not in options:
        options = [*options, "--inpainter", folders("sd15")]
    code, said, _, after = edit(WORDS, *options)
    assert (code, after) == (5, None)
    assert words in said["error"]["message"]


def test_an_edit_that_changes_nothing_says_so(tmp_path, run):
    Image.new("RGB", (64, 64), (128, 128, 128)).save(tmp_path / "plain.png")
    told = ("edit", tmp_path / "plain.png", "make the background greyscale", "-o", tmp_path / "out.png")
    assert "nothing inside its region changed" in well(run(*told))
