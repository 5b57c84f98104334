"""Which inputs of a workflow are filled with what, and what is told where that cannot be."""

# ruff: noqa: F811 (fixtures are imported, and arguments bear their names)

import json
from pathlib import Path

import pytest
from comfy_help import QUICK, background, client, flow, node, nothing_is_left, photo, server, wait  # noqa: F401

from cielr.comfy import Workflow
from cielr.errors import ComfyError


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"nodes": [], "links": []}, "is in the editor's format, which a server does not run; .*Export .API."),
        ([1], "is not a workflow: the API format is an object of nodes"),
        ({"1": {"inputs": {}}}, "node '1' has no class_type"),
    ],
)
def test_what_is_no_workflow_is_told(tmp_path, given, sentence):
    path = tmp_path / "w.json"
    path.write_text(json.dumps(given))
    with pytest.raises(ComfyError, match=sentence):
        Workflow.load(path)


def test_an_unknown_name_lists_what_is_bundled(tmp_path):
    with pytest.raises(ComfyError, match=r"no workflow 'quikstart': bundled are .*quickstart.*or name a file"):
        Workflow.load("quikstart")
    (tmp_path / "w.json").write_text("{nix")
    with pytest.raises(ComfyError, match="is not JSON"):
        Workflow.load(tmp_path / "w.json")
    with pytest.raises(ComfyError, match="cannot be read: No such file"):
        Workflow.load(tmp_path / "v.json")


def test_the_body_of_a_request_is_a_workflow_too():
    assert Workflow.load({"prompt": flow(), "client_id": "x"}).prompt == flow()


def filled(prompt, **given):
    workflow = Workflow.load(prompt)
    return [(fill.node, fill.input, fill.value) for fill in workflow.fills(**given)]


def test_any_node_with_an_instruction_takes_it():
    prompt = {"4": node("SomebodysEditor", instruction="x", image=["1", 0])}
    assert filled(prompt, instruction="y") == [("4", "instruction", "y")]


@pytest.mark.parametrize(
    ("given", "labels", "notice"),
    [
        ({"image": "own.jpg", "instruction": "remove the dog"}, "", "in its own photo only; --labels says what"),
        ({"image": "own.jpg", "instruction": "remove the largest coin"}, None, "of which the instruction speaks"),
        ({"image": "own.jpg", "instruction": "keep two Coins"}, None, "of which the instruction speaks"),
        ({"image": "own.jpg", "instruction": "remove the coincidence"}, "", "in its own photo only"),
        # its own instruction stays, which speaks of coins
        ({"image": "own.jpg"}, None, "quickstart looks for 'coin', of which"),
        ({"image": "own.jpg", "instruction": "remove the dog", "labels": "dog"}, "dog", None),
        ({"image": "own.jpg", "settings": {"Scene Parse.labels": "dog"}}, "dog", None),
        ({"settings": {"1.image": Path("own.jpg"), "3.instruction": "remove the dog"}}, "", "in its own photo only"),
        ({"image": "photos/coins.png", "instruction": "remove the two smallest"}, None, None),
        ({"instruction": "remove the two smallest"}, None, None),
    ],
)
def test_a_bundled_workflows_labels_are_its_photos_unless_the_instruction_names_them(given, labels, notice):
    workflow = Workflow.load("quickstart")
    sent = workflow.filled(workflow.fills(**given))
    assert sent["2"]["inputs"]["labels"] == ("coin" if labels is None else labels)
    told = workflow.notices(**given)
    assert [notice in one for one in told] == ([True] if notice else [])
    assert all(one.endswith(".") for one in told)


def test_a_workflow_of_ones_own_keeps_its_labels(tmp_path):
    prompt = Workflow.load("quickstart").prompt
    path = tmp_path / "quickstart.json"
    path.write_text(json.dumps(prompt))
    for source in (prompt, path):
        workflow = Workflow.load(source)
        fills = workflow.fills("own.jpg", "remove the dog")
        assert workflow.filled(fills)["2"]["inputs"]["labels"] == "coin"
        assert workflow.notices("own.jpg", "remove the dog") == []


def test_an_example_without_an_instruction_does_not_look_for_its_labels_elsewhere():
    workflow = Workflow.load("plan_by_hand")
    assert workflow.filled(workflow.fills("own.jpg"))["2"]["inputs"]["labels"] == ""


def test_a_title_says_which_of_several_is_meant():
    two = flow(**{"9": node("LoadImage", "image", image="b.png")})
    assert filled(two, image="p.png") == [("9", "image", Path("p.png"))]
    two["9"]["_meta"]["title"] = "Style"
    with pytest.raises(ComfyError, match=r"could take the image: 1 .Load Image. and 9 .Style.; say which with --set"):
        filled(two, image="p.png")


def test_a_value_that_comes_by_wire_is_filled_at_its_source():
    prompt = flow(**{"9": node("PrimitiveString", "Words", value="x")})
    prompt["3"]["inputs"]["instruction"] = ["9", 0]
    assert filled(prompt, instruction="y") == [("9", "value", "y")]
    prompt["9"] = node("Writer", "Poet", seed=1)
    with pytest.raises(ComfyError, match="comes from 'Poet' by a wire"):
        filled(prompt, instruction="y")


def test_a_node_is_named_by_id_title_or_class():
    prompt = flow()
    prompt["6"]["_meta"]["title"] = "Save v1.5"
    settings = {"5.seed": 1, "save V1.5.filename_prefix": "y", "CIELR_SceneParse.labels": "z"}
    assert [one[:2] for one in filled(prompt, settings=settings)] == [
        ("5", "seed"),
        ("6", "filename_prefix"),
        ("2", "labels"),
    ]
    with pytest.raises(ComfyError, match=r"has no node 'Nix'; it has 1 \(Load Image\)"):
        filled(prompt, settings={"Nix.seed": 1})


def test_of_nodes_with_one_title_the_one_with_the_input_is_meant():
    prompt = flow(**{"9": node("Other", "Edit Executor", share=1), "10": node("Other", "Edit Executor", only=1)})
    assert filled(prompt, settings={"Edit Executor.only": 1}) == [("10", "only", 1)]
    with pytest.raises(ComfyError, match=r"fits several nodes of the workflow: 5 \(Edit Executor\) and 9"):
        filled(prompt, settings={"Edit Executor.share": 1})


def test_texts_are_read_as_what_their_input_takes(client, server):
    client.run(flow(), settings={"5.seed": "12", "5.share": "0.25", "5.on": "no", "3.instruction": "7"})
    sent = server.prompts[0]["prompt"]
    assert sent["5"]["inputs"] == {"image": ["1", 0], "seed": 12, "share": 0.25, "on": False}
    assert sent["3"]["inputs"]["instruction"] == "7"


@pytest.mark.parametrize(
    ("target", "value", "sentence"),
    [
        ("5.seed", "x", "'seed' of 'Edit Executor' is a whole number, not 'x'"),
        ("5.on", "perhaps", "is true or false"),
        ("5.sed", "1", "'Edit Executor' has no input 'sed'; it has image, seed, share and on"),
        ("5.image", "1", "takes what another node gives"),
        ("seed", "1", "'seed' names no input"),
    ],
)
def test_values_that_do_not_fit_are_told_before_anything_is_sent(client, server, target, value, sentence):
    with pytest.raises(ComfyError, match=sentence):
        client.run(flow(), settings={target: value})
    assert not server.prompts
