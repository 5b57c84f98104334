"""A prompt's end that a text encoder never reads is told."""

import pytest
import tiny_pipelines
from things import boxed, noise, scene_with

import cielr
from cielr.actions import Plan, Replace

pytest.importorskip("transformers")

from cielr.editing.diffusion.long_prompts import words_cut_off


def test_what_a_short_prompt_says_is_all_read():
    assert words_cut_off([tiny_pipelines.clip_tokenizer()], "a cup") == ""
    assert words_cut_off([], "a cup") == ""


def test_the_end_of_a_long_prompt_is_told_by_its_words():
    tokenizer = tiny_pipelines.clip_tokenizer()
    tokenizer.model_max_length = 12
    prompt = "red cup on a table"
    cut = words_cut_off([tokenizer], prompt)
    assert cut
    assert prompt.replace(" ", "").endswith(cut.replace(" ", ""))
    ids = tokenizer(prompt, truncation=True, max_length=12)["input_ids"]
    kept = tokenizer.decode(ids, skip_special_tokens=True)
    assert (kept + cut).replace(" ", "") == prompt.replace(" ", "")


def test_one_encoder_that_reads_it_all_is_enough():
    short, long = tiny_pipelines.clip_tokenizer(), tiny_pipelines.clip_tokenizer()
    short.model_max_length, long.model_max_length = 8, 512
    assert words_cut_off([short, long], "red cup on a table") == ""


def test_what_one_edit_left_out_is_told_of_that_edit_alone(tiny_pipeline):
    pytest.importorskip("diffusers")
    from cielr.editing.diffusion.diffusers_inpainter import DiffusersInpainter

    scene, photo = scene_with(boxed("cup_1", (20, 20, 40, 40), 64, 64)), noise(64, 64, seed=3)
    painter = DiffusersInpainter(tiny_pipeline("sd15"), device="cpu", steps=1, size=64)
    told = []
    # the small tokenizer makes a token of each letter
    for words in ("a jug " + "of clay " * 20, "a jug"):
        plan = Plan(actions=(Replace(targets=("cup_1",), with_=words),))
        told.append(cielr.edit(photo, plan=plan, scene=scene, inpainter=painter).notices)
    assert any("left out: '" in words for words in told[0])
    assert not any("left out: '" in words for words in told[1])
