"""The engine's own client against the real server: runs, refusals and failures."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bundled import api
from PIL import Image

from cielr.comfy import ServerLacks, Workflow
from cielr.errors import ComfyError
from tests.comfyui.client import node
from tests.comfyui.client_runs import LABELS, command, saved, thinking
from tests.comfyui.conftest import COINS
from tests.comfyui.test_workflows import NEWER
from tests.comfyui.world import action, chain, picture

pytest.importorskip("httpx")
pytest.importorskip("websockets")
pytestmark = pytest.mark.usefixtures("nothing_is_left")

# --------------------------------------------------------------------------------------------------------------- runs


def test_the_quickstart_gives_the_very_file_that_the_server_saved(server, client, tmp_path):
    told = []
    result = client.run("quickstart", COINS, "remove the largest coin", LABELS, on_progress=told.append)
    (output,) = result.outputs
    assert output.data == saved(server, output)
    assert output.subfolder == "cielr"
    assert any(one.title == "LLM Reason & Refine" and "coin" in one.text for one in result.texts)
    (path,) = result.save(tmp_path / "out.png")
    assert path.read_bytes() == saved(server, output)
    assert {"Scene Parse", "LLM Reason & Refine", "Edit Executor"} <= {one.node for one in told}
    fractions = [one.fraction for one in told if one.stage == "running"]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.8


def test_what_comes_back_is_what_the_browser_would_get(server, client, comfy):
    """The same prompt by the tests' own client: the same pixels, bit for bit."""
    result = client.run("quickstart", COINS, "remove the smallest coin", LABELS, {"Edit Executor.seed": 5})
    prompt = api("quickstart")
    prompt["1"]["inputs"]["image"] = "coins.png"
    prompt["3"]["inputs"]["instruction"] = "remove the smallest coin"
    prompt["2"]["inputs"]["labels"] = LABELS
    prompt["5"]["inputs"]["seed"] = 5
    run = comfy.check(prompt)
    theirs = comfy.pixels(run.outputs["6"]["images"][0])
    from io import BytesIO

    assert np.array_equal(np.asarray(Image.open(BytesIO(result.outputs[0].data)).convert("RGB")), theirs)


def test_several_outputs_and_batches_keep_apart(server, client, tmp_path):
    prompt = {
        "1": node("EmptyImage", width=8, height=8, batch_size=3, color=255),
        "2": {**node("SaveImage", images=["1", 0], filename_prefix="both/same"), "_meta": {"title": "One"}},
        "3": {**node("SaveImage", images=["1", 0], filename_prefix="other/same"), "_meta": {"title": "Two"}},
        "4": {**node("PreviewImage", images=["1", 0]), "_meta": {"title": "Look"}},
    }
    result = client.run(prompt)
    assert len(result.outputs) == 6
    assert len(result.left) == 3
    paths = result.save(tmp_path / "x.png")
    assert [path.name for path in paths] == [f"x-{title}-{n}.png" for title in ("one", "two") for n in (1, 2, 3)]
    assert [path.read_bytes() for path in paths] == [saved(server, output) for output in result.outputs]
    both = client.run({**prompt, "1": node("EmptyImage", width=8, height=8, batch_size=1, color=9)}, previews=True)
    assert [(output.title, output.type) for output in both.outputs] == [
        ("One", "output"),
        ("Two", "output"),
        ("Look", "temp"),
    ]
    assert all(output.data == saved(server, output) for output in both.outputs)


def test_a_run_from_the_servers_memory_gives_the_same_file_until_that_is_deleted(server, client):
    first = client.run("quickstart", COINS, "remove the largest coin", LABELS, {"5.seed": 41})
    again = client.run("quickstart", COINS, "remove the largest coin", LABELS, {"5.seed": 41})
    assert again.outputs[0].data == first.outputs[0].data
    output = again.outputs[0]
    (server.base / "output" / output.subfolder / output.filename).unlink()
    with pytest.raises(ComfyError, match=r"has it no more; it was deleted there.*change a seed"):
        client.run("quickstart", COINS, "remove the largest coin", LABELS, {"5.seed": 41})


def test_expanded_nodes_are_told_under_the_name_of_their_parent(client, shelf):
    prompt = chain(shelf, picture(seed=90), action("remove", "disc_1"), action("remove", "disc_2"))
    prompt["edit"]["_meta"] = {"title": "The editor"}
    told = []
    client.run(prompt, on_progress=told.append)
    assert "The editor" in {one.node for one in told}
    assert all("." not in one.node for one in told)
    fractions = [one.fraction for one in told]
    assert fractions[1:-1] == sorted(fractions[1:-1])


def reviewed():
    prompt = Workflow.load("quickstart").prompt
    prompt["9"] = {
        **node("CIELR_EditPlan", text="", review=True, plan=["3", 1], scene=["3", 0]),
        "_meta": {"title": "Review"},
    }
    prompt["4"]["inputs"]["plan"] = ["9", 0]
    return prompt


def test_a_run_that_stops_for_review_says_so_and_goes_on_the_second_time(server, tmp_path):
    (tmp_path / "flow.json").write_text(json.dumps(reviewed()))
    words = ["flow.json", "-i", COINS, "-l", LABELS, "--instruction", "remove the largest coin", "-s", server.url]
    first = command(*words, cwd=tmp_path)
    _, err = first.communicate(timeout=120)
    assert (first.returncode, err.count("\n")) == (1, 1)
    assert err.startswith("flow stopped at 'Review': Waiting: read the plan")
    second = command(*words, "-o", "out.png", cwd=tmp_path)
    assert second.communicate(timeout=120)[1] == ""
    assert (tmp_path / "out.png").is_file()


def asking(tmp_path):
    """The quickstart, whose language model asks something."""
    prompt = Workflow.load("quickstart").prompt
    turn = {"kind": "question", "question": "Which coin?", "choices": ["the big", "the small"]}
    answers = json.dumps({"reason": "", "turn": turn})
    prompt["9"] = {**node("CIELRTest_Chat", answers=answers, seconds=0.0), "_meta": {"title": "Chat"}}
    prompt["3"]["inputs"]["llm"] = ["9", 0]
    (tmp_path / "flow.json").write_text(json.dumps(prompt))
    return prompt


def test_a_question_of_the_language_model_is_told_with_how_to_answer(server, client, tmp_path):
    prompt = asking(tmp_path)
    words = ["flow.json", "-i", COINS, "-l", LABELS, "--instruction", "make the angriest coin calm", "-s", server.url]
    process = command(*words, cwd=tmp_path)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err.count("\n")) == (4, 1), "as for an instruction that leaves a question"
    assert f"'LLM Reason & Refine' on {server.url} asks: Which coin? (the big / the small)." in err
    assert err.endswith(" Say it with --set 'LLM Reason & Refine.answer=…'.\n")
    assert not list(tmp_path.glob("*.png"))
    out, _ = command(*words, "--json", cwd=tmp_path).communicate(timeout=120)
    told = json.loads(out)["error"]
    assert (told["question"], told["choices"]) == ("Which coin?", ["the big", "the small"])
    with pytest.raises(ComfyError) as caught:
        client.run(prompt, COINS, "make the angriest coin calm", LABELS)
    assert caught.value.kind == "ClarificationNeeded"
    assert caught.value.problems == ("Which coin?", "the big", "the small")


# ----------------------------------------------------------------------------------------------- refusals and failures


def test_nodes_and_files_that_the_server_lacks_are_all_listed(client):
    prompt = {
        **thinking(),
        "7": node("CIELR_NoSuchNode"),
        "8": node("CheckpointLoaderSimple", ckpt_name="none_like_this.safetensors"),
        "9": node("KSampler", sampler_name="eulr", scheduler="normal"),
    }
    with pytest.raises(ServerLacks) as caught:
        client.run(prompt)
    lacks = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 3
    assert "the node CIELR_NoSuchNode" in lacks
    assert "the file none_like_this.safetensors" in lacks
    assert "the choice 'eulr' [it has euler" in lacks


def test_every_bundled_workflow_names_only_nodes_that_are_there(client):
    from cielr.comfy import bundled

    for name in set(bundled()) - NEWER:
        lacks = client.missing(name)
        assert not [clause for clause in lacks if clause.startswith("the node")], lacks


def test_what_does_not_validate_is_one_sentence_with_the_title(client):
    prompt = Workflow.load("quickstart").prompt
    del prompt["5"]["inputs"]["regions"]
    with pytest.raises(
        ComfyError, match=r"does not accept the workflow: 'Edit Executor': Required input is missing \(regions\)\.$"
    ):
        client.run(prompt, COINS)
    with pytest.raises(ComfyError, match="'Edit Executor': Value -3 smaller than min of 0"):
        client.run("quickstart", COINS, settings={"5.seed": -3})


def test_one_output_of_two_that_does_not_validate_stops_both(client):
    prompt = {
        "1": node("EmptyImage", width=8, height=8, batch_size=1, color=77),
        "2": node("SaveImage", images=["1", 0], filename_prefix="good"),
        "3": {**node("SaveImage", filename_prefix="bad"), "_meta": {"title": "Unplugged"}},
    }
    with pytest.raises(ComfyError, match=r"'Unplugged': Required input is missing \(images\)"):
        client.run(prompt)


def test_a_node_that_fails_is_one_sentence_with_its_title(client):
    with pytest.raises(ComfyError) as caught:
        client.run("quickstart", COINS, "remove the purple elephant", LABELS)
    assert str(caught.value).startswith(f"'LLM Reason & Refine' failed on {client.url}: The scene has no ")
    assert caught.value.kind == "NothingMatches"
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_picture_is_told(client, tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    with pytest.raises(ComfyError, match=r"'Load Image' failed|does not accept quickstart: 'Load Image'"):
        client.run("quickstart", path)
