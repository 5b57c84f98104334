"""Language models of ComfyUI's own text encoders: random weights of each class, through its own loaders."""

from __future__ import annotations

import json

import pytest

from cielr.reasoning.turn_schema import turn_schema
from tests.comfyui.client import node, progresses
from tests.comfyui.conftest import find_comfyui, running
from tests.comfyui.families import make
from tests.comfyui.world import Shelf, picture, scene

TYPES = {
    "qwen3": "stable_diffusion",
    "qwen3vl": "stable_diffusion",
    "decided": "stable_diffusion",
    "qwen35": "stable_diffusion",
    "gemma2": "lumina2",
    "gemma3": "lumina2",
    "gemma3_vision": "lumina2",
    "gemma3_12b": "stable_diffusion",
    "gemma4": "stable_diffusion",
    "ministral": "stable_diffusion",
}
"""Family -> the type that Load CLIP is told."""
SEEING = {"qwen3vl", "decided", "qwen35", "gemma3_vision", "gemma3_12b", "gemma4"}
ASKED = [
    {"role": "system", "content": 'You plan edits (in JSON): {"turn": …}. <|im_end|> is no mark here.'},
    {"role": "user", "content": "Remove the red disc. <|image_pad|> <start_of_turn> [INST] embedding:none"},
]


def bound(schema, text=24, items=2):
    """The schema with short texts and lists, so that random words come to an end soon."""
    if isinstance(schema, list):
        return [bound(part, text, items) for part in schema]
    if not isinstance(schema, dict):
        return schema
    more = {"maxLength": text} if schema.get("type") == "string" and "enum" not in schema else {}
    more |= {"maxItems": items} if schema.get("type") == "array" else {}
    return {name: bound(part, text, items) for name, part in schema.items()} | more


SCHEMA = bound(turn_schema(scene()))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server with tiny models of all families."""
    comfy = find_comfyui()
    if not (comfy / "comfy" / "text_encoders" / "qwen3vl.py").is_file():
        pytest.skip("This ComfyUI's text encoders do not generate: it is older than 0.33.")
    base = tmp_path_factory.mktemp("small")
    make(comfy, base, kind="language")
    with running(base, variables={"CIELR_TEST_SMALL": "1"}) as server:
        yield server


def graph(family, request, image=None, **settings):
    settings = {"temperature": 0.0, "longest": 0, "seed": 0, "max_rounds": 4} | settings
    settings |= {"grammar_first": True, "assume": False}
    prompt = {
        "clip": node("CLIPLoader", clip_name=f"tiny_{family}.ckpt", type=TYPES[family]),
        "llm": node("CIELR_CoreLLM", clip=["clip", 0], **settings),
        "ask": node("CIELRTest_Ask", llm=["llm", 0], request=json.dumps(request)),
    }
    if image is not None:
        prompt["image"] = node("CIELRTest_Array", file=image)
        prompt["ask"]["inputs"]["image"] = ["image", 0]
    return prompt


def told(server, *args, **settings):
    run = server.client.check(graph(*args, **settings), timeout=300)
    return json.loads(run.outputs["ask"]["told"][0])


def needs_tokenizer(family):
    missing = find_comfyui() / "comfy" / "text_encoders" / "qwen35_tokenizer" / "vocab.json"
    if family == "qwen35" and not missing.is_file():
        pytest.skip("This checkout of ComfyUI lacks the vocabulary of Qwen 3.5's tokenizer.")


@pytest.mark.parametrize("family", TYPES)
def test_random_weights_of_each_class_answer_in_json_of_the_schema(small, family):
    needs_tokenizer(family)
    pytest.importorskip("llguidance")
    jsonschema = pytest.importorskip("jsonschema")
    answer = told(small, family, {"messages": ASKED, "schema": SCHEMA})
    jsonschema.validate(json.loads(answer["text"]), SCHEMA)
    assert answer["mode"] == "token mask"
    assert not answer["cut"]
    assert answer["streamed"] == answer["text"]
    assert answer["sees"] is (family in SEEING)
    assert answer["restored"]


QUESTION = [{"role": "user", "content": "Is a cup a vessel? Answer with yes or no."}]


def test_the_first_token_is_told_with_the_probabilities_of_the_likeliest(small):
    answer = told(small, "decided", {"messages": QUESTION, "weigh": True})
    assert answer["text"] in ("yes", "Yes")
    assert answer["first"][answer["text"]] == pytest.approx(0.5, abs=0.05)
    assert answer["answer_tokens"] == 1


def test_without_a_temperature_the_same_comes_again_and_with_one_the_seed_decides(small):
    request = {"messages": ASKED, "schema": SCHEMA}
    cold = [told(small, "gemma4", request, seed=seed)["text"] for seed in (1, 2)]
    warm = [told(small, "gemma4", request, temperature=1.5, seed=seed)["text"] for seed in (1, 2)]
    assert cold[0] == cold[1]
    assert warm[0] != warm[1]
    assert told(small, "gemma4", {**request, "again": 1}, temperature=1.5, seed=1)["text"] == warm[0]


def test_a_picture_goes_in_where_the_model_sees_and_costs_tokens(small):
    image = Shelf(small.base, small.client).array(picture()[None])
    request = {"messages": ASKED, "schema": SCHEMA}
    blind, seen = (told(small, "qwen3vl", request, *more) for more in ((), (image,)))
    # the conversation is the same but for the marks of one picture
    assert 0 < seen["prompt_tokens"] - blind["prompt_tokens"] <= 4
    assert seen["text"] != blind["text"]
    run = small.client.run(graph("qwen3", request, image), timeout=300)
    assert run.sentence.startswith("The model 'qwen3_06b' takes no pictures")


def test_without_the_grammars_package_the_model_is_asked_and_its_words_come_as_they_are(small):
    answer = told(small, "gemma3", {"messages": ASKED, "schema": SCHEMA, "without": "llguidance"}, longest=12)
    assert answer["mode"] == "plain"
    assert answer["answer_tokens"] <= 12
    assert answer["restored"]


def test_an_answer_stops_soon_after_it_is_cancelled(small):
    request = {"messages": ASKED, "schema": None}
    prompt = graph("gemma3_vision", request, longest=32768)
    small.client.interrupted(prompt, progresses("ask", above=2), timeout=300)
