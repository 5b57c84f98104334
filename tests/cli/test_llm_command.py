"""`cielr llm` as its users meet it, against a local server that plays the hub, and `--llm local/NAME`."""

from __future__ import annotations

import io
import json

import pytest
from cli_help import refused, well

pytest.importorskip("huggingface_hub")

from tiny_gguf import tiny_gguf

from cielr.weights.catalogue import LANGUAGE_MODELS

NAME, REPOSITORY, FILE = "qwen3-1.7b", "Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return tiny_gguf(tmp_path_factory.mktemp("made") / "tiny.gguf").read_bytes()


@pytest.fixture(autouse=True)
def hub(hub_with, weights):
    files = {"README.md": b"hello", FILE: weights, "Qwen3-1.7B-F32.gguf": bytes(5_000_000)}
    return hub_with(REPOSITORY, files, large=(".gguf",))


@pytest.fixture
def folder(home):
    return home / "LLM"


def test_the_list_names_what_can_be_fetched_and_every_file_that_is_here(run, folder):
    tiny_gguf(folder / "mine.gguf")
    out = well(run("llm", "list"))
    rows = {line.split()[0]: line for line in out.splitlines()}
    for model in LANGUAGE_MODELS:
        assert model.licence in rows[model.name]
        assert model.repository in rows[model.name]
    assert rows[NAME].endswith("–")
    assert rows["mine"].endswith("here")
    assert str(folder) in out
    assert run("llm", "fetch", NAME, "--yes")[0] == 0
    told = json.loads(run("llm", "list", "--json")[1])
    assert {one["name"]: one["state"] for one in told["catalogue"]}[NAME] == "whole"
    assert [one["name"] for one in told["others"]] == ["mine"], "what was fetched is named once"


def test_a_fetch_says_what_comes_brings_the_one_file_and_says_how_it_is_used(run, folder, hub, weights):
    out = well(run("llm", "fetch", NAME, "--yes"))
    assert f"Fetching {REPOSITORY} (1.8 GB, apache-2.0)" in out
    assert f"--llm local/{NAME}" in out
    assert hub.fetched == [FILE]
    assert (folder / NAME / FILE).read_bytes() == weights
    asked = len(hub.asked)
    assert run("llm", "fetch", NAME, "--quiet") == (0, "", "")
    assert len(hub.asked) == asked, "what is whole stays, and nobody is asked"


def test_nothing_is_fetched_without_a_yes(run, folder, hub, monkeypatch):
    err = refused(run("llm", "fetch"), 1)
    assert "--yes" in err
    assert "1.8 GB, apache-2.0" in err
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert run("llm", "fetch")[0] == 130
    assert hub.asked == []
    assert not (folder / NAME).exists()
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    code, _, err = run("llm", "fetch")
    assert code == 0
    assert f"Fetch {REPOSITORY} (1.8 GB, apache-2.0) into {folder / NAME}?" in err


def test_a_repository_without_the_file_is_named(run, hub):
    del hub.files[FILE]
    err = refused(run("llm", "fetch", NAME, "--yes", "--quiet"), 1)
    assert f"holds no {FILE}" in err


def test_a_damaged_model_is_told_and_fetched_again(run, folder, weights):
    run("llm", "fetch", NAME, "--yes")
    (folder / NAME / FILE).write_bytes(weights[:1000])
    assert "damaged" in run("llm", "list")[1]
    assert run("llm", "fetch", NAME, "--yes")[0] == 0
    assert (folder / NAME / FILE).read_bytes() == weights


def test_those_that_see_and_those_that_speak_have_lists_of_their_own(run):
    assert "owlv2-base" not in run("llm", "list")[1]
    assert NAME not in run("weights", "list")[1]
    assert "no weights called 'owlv2-base'" in run("llm", "fetch", "owlv2-base", "--yes")[2]


def test_a_file_reasons_on_the_command_line(run, folder, tmp_path):
    pytest.importorskip("xllamacpp", reason="The package xllamacpp runs language models in files; it is not installed.")
    tiny_gguf(folder / "mine.gguf")
    out = well(run("bench", "reason", "--llm", "local/mine", "--group", "label", "--json"))
    results = json.loads(out)
    assert {one["model"] for one in results} == {"local/mine"}
    assert all(one["outcome"] == "right" for one in results), "read by the grammar, as with any small model"
    err = refused(run("bench", "reason", "--llm", "local/other", "--group", "label"), 1)
    assert "here are mine" in err
    assert "cielr llm fetch" in err
