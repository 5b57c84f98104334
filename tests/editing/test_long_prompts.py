"""A prompt's end that a text encoder never reads is told."""

import pytest
import tiny_pipelines

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
