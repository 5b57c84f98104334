"""A language model that takes pictures says what Scene Parse looks for; the server speaks the real wire formats."""

from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest
from llm_server import Drop, Fail, LLMServer, Say, Silent

from tests.comfyui.client import begins, node
from tests.comfyui.language import ollama, openai
from tests.comfyui.world import picture

SEEDS = itertools.count(9100)
BOXES = "disc 68 36 93 61\nbead 20 36 45 61"
LABELS = Say('{"labels": ["disc", "tea caddy"]}', pause=0.05, piece=8)


def seeing(*script):
    return LLMServer(script, capabilities=("completion", "vision"))


def parsed(shelf, llm, labels="", images=None, detector=True):
    """A graph that parses pictures nobody has parsed before, unless some are given."""
    images = [picture(seed=next(SEEDS))] if images is None else images
    prompt = {
        "image": node("CIELRTest_Array", file=shelf.array(np.stack(images))),
        "llm": llm,
        "scene": node("CIELR_SceneParse", image=["image", 0], labels=labels, llm=["llm", 0]),
        "tell": node("CIELRTest_Tell", value=["scene", 3]),
    }
    if detector:
        prompt["eyes"] = node("CIELRTest_Eyes", boxes=BOXES)
        prompt["scene"]["inputs"]["detector"] = ["eyes", 0]
    return prompt


def names(run):
    return [thing["label"] for thing in json.loads(run.outputs["tell"]["told"][0])["objects"]]


def test_what_a_seeing_model_proposes_is_looked_for_and_told_on_the_node(comfy, shelf):
    with seeing(LABELS) as server:
        run = comfy.check(parsed(shelf, ollama(server)))
        assert server.unloaded == 1, "the detector gets the memory"
        assert server.settles()
        [asked] = server.chats
    assert names(run) == ["disc"], "of the everyday things none is there"
    assert run.outputs["scene"]["said"] == ["ollama/tiny proposed to look for: disc, tea caddy."]
    assert len(asked["messages"][1]["images"]) == 1
    told = [data["text"] for kind, data in run.messages if kind == "cielr.event" and data["node"] == "scene"]
    assert any("looks at the picture" in text for text in told)


def test_a_model_of_the_other_kind_of_server_is_asked_where_it_is_said_to_take_pictures(comfy, shelf):
    with LLMServer([LABELS]) as server:
        run = comfy.check(parsed(shelf, openai(server, vision=True)))
        assert names(run) == ["disc"]
        blind = comfy.check(parsed(shelf, openai(server)))
        assert len(server.chats) == 1
    assert names(blind) == []
    assert "takes no pictures" in blind.outputs["scene"]["said"][0]
    assert "everyday things" in blind.outputs["scene"]["said"][0]


def test_each_picture_of_a_batch_has_its_own_proposal_and_the_memory_is_given_back_once(comfy, shelf):
    images = [picture(seed=next(SEEDS)) for _ in range(3)]
    script = [Say(json.dumps({"labels": [label]})) for label in ("disc", "bead", "disc")]
    with seeing(*script) as server:
        run = comfy.check(parsed(shelf, ollama(server), images=images))
        assert len(server.chats) == 3
        assert server.unloaded == 1
    told, rest = run.outputs["tell"]["told"][0], []
    while told:
        one, end = json.JSONDecoder().raw_decode(told)
        rest.append([thing["label"] for thing in one["objects"]])
        told = told[end:].strip()
    assert rest == [["disc"], ["bead"], ["disc"]]
    assert run.outputs["scene"]["said"] == [
        "Image 1: ollama/tiny proposed to look for: disc.",
        "Image 2: ollama/tiny proposed to look for: bead.",
        "Image 3: ollama/tiny proposed to look for: disc.",
    ]


@pytest.mark.parametrize(
    ("more", "words"), [({"labels": "disc"}, "labels are given"), ({"detector": False}, "Without a detector")]
)
def test_where_nobody_would_use_its_labels_the_model_is_not_asked_and_the_node_says_so(comfy, shelf, more, words):
    with seeing(LABELS) as server:
        run = comfy.check(parsed(shelf, ollama(server), **more))
        assert server.requests == []
    assert words in run.outputs["scene"]["said"][0]


def test_an_answer_without_labels_leaves_the_everyday_things(comfy, shelf):
    with seeing(Say("I see nothing special.")) as server:
        run = comfy.check(parsed(shelf, ollama(server)))
    assert "named nothing" in run.outputs["scene"]["said"][0]
    assert names(run) == []


def test_without_a_model_the_node_says_nothing(comfy, shelf):
    prompt = parsed(shelf, node("CIELRTest_Chat", answers="", seconds=0.0))
    del prompt["scene"]["inputs"]["llm"], prompt["llm"]
    assert "said" not in comfy.check(prompt).outputs["scene"]


def test_nothing_new_asks_nobody_and_another_seed_asks_again(comfy, shelf):
    images = [picture(seed=next(SEEDS))]
    with seeing(LABELS) as server:
        comfy.check(parsed(shelf, ollama(server), images=images))
        again = comfy.check(parsed(shelf, ollama(server), images=images))
        assert again.executed == []
        assert again.outputs["scene"]["said"], "a cached node shows what it said"
        assert len(server.chats) == 1
        comfy.check(parsed(shelf, ollama(server, seed=1), images=images))
        assert len(server.chats) == 2


@pytest.mark.parametrize("answer", [Silent(), Silent(headers=True), Silent(tokens=3), Say("word " * 400, pause=0.05)])
def test_a_model_at_work_is_interrupted_within_two_seconds_and_nothing_of_it_is_kept(comfy, shelf, answer):
    images = [picture(seed=next(SEEDS))]
    with seeing(answer, LABELS) as server:
        prompt = parsed(shelf, ollama(server), images=images)
        comfy.interrupted(prompt, begins("scene"), after=1.0)
        assert server.settles()
        assert server.unloaded == 1
        assert names(comfy.check(prompt)) == ["disc"], "asked again"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Fail(500, '{"error": "out of memory"}'), "out of memory"),
        (Fail(404, '{"error": "model \'tiny\' not found"}'), "ollama pull tiny"),
        (Drop('{"labels": ["disc"]}'), "broke off"),
    ],
)
def test_a_server_that_fails_is_one_sentence_on_the_node_and_no_scene(comfy, shelf, answer, words):
    images = [picture(seed=next(SEEDS))]
    script = [answer] * 4 + [LABELS]
    with seeing(*script) as server:
        prompt = parsed(shelf, ollama(server), images=images)
        run = comfy.run(prompt)
        assert run.error["node_id"] == "scene"
        assert words in run.sentence
        assert "\n" not in run.sentence
        assert "tell" not in run.outputs
        server.script = [LABELS]
        assert names(comfy.check(prompt)) == ["disc"], "once the server is back, the same graph works"


def test_a_server_that_is_gone_is_one_sentence_on_the_node(comfy, shelf):
    with seeing(LABELS) as server:
        prompt = parsed(shelf, ollama(server))
    run = comfy.run(prompt)
    assert run.error["node_id"] == "scene"
    assert "No Ollama server answers" in run.sentence


@pytest.fixture(scope="module")
def tiny_detector(server, tiny):
    pytest.importorskip("transformers")
    folder = server.base / "models" / "grounding-dino" / "proposed-dino"
    shutil.copytree(tiny("grounding-dino"), folder)
    yield "grounding-dino/proposed-dino"
    shutil.rmtree(folder)


def test_a_real_detector_looks_for_what_was_proposed_and_sees_what_it_would_see_with_those_labels(
    comfy, shelf, tiny_detector
):
    images = [picture(seed=next(SEEDS))]
    detector = node("CIELR_LoadDetector", model=tiny_detector, threshold=0.01)
    with seeing(Say('{"labels": ["Zebra", "coin"]}')) as server:
        prompt = parsed(shelf, ollama(server), images=images, detector=False)
        prompt["detector"] = detector
        prompt["scene"]["inputs"]["detector"] = ["detector", 0]
        proposed = comfy.check(prompt)
        prompt["scene"]["inputs"]["labels"] = "zebra, coin"
        typed = comfy.check(prompt)
        assert len(server.chats) == 1
    one, other = (json.loads(run.outputs["tell"]["told"][0])["objects"] for run in (proposed, typed))
    assert one
    assert [(thing["label"], thing["box"]) for thing in one] == [(thing["label"], thing["box"]) for thing in other]
