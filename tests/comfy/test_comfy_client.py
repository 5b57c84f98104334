"""Workflows on a server from a script: what is sent, what comes back, and how every failure reads."""

# ruff: noqa: F811 (fixtures are imported, and arguments bear their names)

import logging
import sys
from contextlib import closing

import pytest
from comfy_help import QUICK, background, client, flow, node, nothing_is_left, photo, server, wait  # noqa: F401
from comfy_server import info
from faulty_http import Fault

from cielr.comfy import ComfyClient, ServerLacks, Workflow, bundled
from cielr.errors import ComfyError, ImageError, MissingDependency

# -------------------------------------------------------------------------------------------------------------- one run


SECRET = "s3cret-w0rd"


def test_a_run_gives_the_files_of_the_server_byte_for_byte(client, server, photo, tmp_path):
    told = []
    result = client.run(flow(), photo, "remove the cup", ["cup", "plate"], {"5.seed": 7}, on_progress=told.append)
    (output,) = result.outputs
    assert output.data == server.files[("6_00001_.png", "", "output")]
    assert result.save(tmp_path / "out.png") == [tmp_path / "out.png"]
    assert (tmp_path / "out.png").read_bytes() == output.data
    sent = server.prompts[0]["prompt"]
    assert server.uploads[sent["1"]["inputs"]["image"]] == photo.read_bytes()
    assert sent["3"]["inputs"]["instruction"] == "remove the cup"
    assert sent["2"]["inputs"]["labels"] == "cup, plate"
    assert sent["5"]["inputs"]["seed"] == 7
    fractions = [one.fraction for one in told if one.stage == "running"]
    assert fractions == sorted(fractions)
    assert [told[0].stage, told[-1].stage] == ["uploading", "done"]
    assert {"Load Image", "LLM Reason & Refine", "Save Image"} <= {one.node for one in told}


def test_the_workflow_that_was_given_is_not_changed(client, photo):
    given = flow()
    client.run(given, photo, "remove the cup")
    assert given == flow()


def test_every_bundled_workflow_is_found_by_its_name():
    assert "quickstart" in bundled()
    for name in bundled():
        assert Workflow.load(name).prompt


def test_several_outputs_have_names_of_their_own(client, server, tmp_path):
    server.saves = {
        "6": [("a.png", "", "output"), ("a.png", "sub", "output")],
        "7": [("a.webp", "other", "output")],
        "8": [("a.webp", "third", "output")],
    }
    two = {name: node("SaveImage", "Twin!", images=["5", 0], filename_prefix="x") for name in ("7", "8")}
    result = client.run(flow(**two), labels="x", settings={"1.image": "example.png"})
    paths = result.save(tmp_path / "out.png")
    assert [path.name for path in paths] == [
        "out-save-image-1.png",
        "out-save-image-2.png",
        "out-twin.webp",
        "out-twin-2.webp",
    ]
    assert [path.read_bytes() for path in paths] == [
        server.files[key] for keys in server.saves.values() for key in keys
    ]
    with pytest.raises(ImageError, match="exists already"):
        result.save(tmp_path / "out.png")


def test_previews_are_fetched_only_when_asked_for(client, server):
    server.saves = {"7": [("p.png", "", "temp")]}
    prompt = flow(**{"7": node("PreviewImage", "Look", images=["5", 0])})
    plain = client.run(prompt)
    assert [one.title for one in plain.outputs] == ["Save Image"]
    assert [one.filename for one in plain.left] == ["p.png"]
    both = client.run(prompt, previews=True)
    assert [(one.title, one.type) for one in both.outputs] == [("Save Image", "output"), ("Look", "temp")]


def test_the_same_picture_for_two_nodes_is_uploaded_once(client, server, photo):
    prompt = flow(**{"9": node("LoadImage", "Style", image="example.png")})
    client.run(prompt, settings={"1.image": photo, "Style.image": photo})
    assert server.count("POST /upload") == 1


def test_missing_packages_are_named_with_what_brings_them(monkeypatch, server):
    monkeypatch.setitem(sys.modules, "websockets.sync", None)
    with (
        closing(ComfyClient(server.url)) as client,
        pytest.raises(MissingDependency, match=r"'websockets'.*pip install websockets"),
    ):
        client.run(flow())
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingDependency, match=r"'httpx'.*pip install httpx`"):
        ComfyClient(server.url)
    monkeypatch.setitem(sys.modules, "websockets", None)
    both = "The packages 'httpx' and 'websockets' are not installed; `pip install httpx websockets` brings them."
    with pytest.raises(MissingDependency, match=both):
        ComfyClient(server.url)


# ------------------------------------------------------------------------------------------------ what the server lacks


def test_everything_that_is_missing_is_listed_and_nothing_is_sent(client, server, photo):
    del server.nodes["CIELR_Reason"]
    prompt = flow(
        **{
            "7": node("Loader", "Model", ckpt_name="sd14.safetensors", mode="c"),
            "8": node("LoadImage", "Second", image="gone.png"),
        }
    )
    with pytest.raises(ServerLacks) as caught:
        client.run(prompt, settings={"1.image": photo})
    assert caught.value.problems == (
        "the node CIELR_Reason ('LLM Reason & Refine')",
        "the file sd14.safetensors [it has sd15.safetensors and sdxl.safetensors] for 'Model' (ckpt_name)",
        "the choice 'c' [it has a and b] for 'Model' (mode)",
        "the file gone.png in its input folder (--image gives one) for 'Second' (image)",
    )
    assert list(caught.value.problems) == client.missing(prompt, settings={"1.image": photo})
    assert not server.prompts
    assert not server.uploads


def test_a_picture_that_is_no_main_image_is_given_by_set(client, server):
    server.nodes["LoadImageMask"] = server.nodes["LoadImage"]
    prompt = flow(**{"9": node("LoadImageMask", "Hole", image="m.png")})
    (lack,) = client.missing(prompt)
    assert lack == "the file m.png in its input folder (--set 'Hole.image=@FILE' gives one) for 'Hole' (image)"


def test_a_model_that_was_offered_to_fetch_is_not_missing_once_it_is_there(client, server):
    offered = ["owlv2/owlv2-large", "sam2.1-small  (download)"]
    server.nodes["CIELR_LoadDetector"] = info({"model": ["COMBO", {"options": offered}]})
    there, elsewhere = (
        node("CIELR_LoadDetector", "Eyes", model=f"{name}  (download)") for name in ("owlv2-large", "x")
    )
    assert client.missing(flow(**{"7": there})) == []
    assert len(client.missing(flow(**{"7": elsewhere}))) == 1


def test_a_server_without_the_pack_is_told_as_such(client, server):
    server.nodes = {kind: one for kind, one in server.nodes.items() if not kind.startswith("CIELR")}
    with pytest.raises(ServerLacks, match="ComfyUI-CIELR is not installed there"):
        client.run(flow())


def test_a_choice_that_the_server_has_is_taken(client, server):
    client.run(
        flow(**{"7": node("Loader", "Model", ckpt_name="x", mode="a")}), settings={"7.ckpt_name": "sdxl.safetensors"}
    )
    assert server.prompts[0]["prompt"]["7"]["inputs"]["ckpt_name"] == "sdxl.safetensors"


def test_a_node_description_of_any_shape_is_no_failure(client, server):
    server.nodes["LoadImage"] = info({"image": []}) | {"input": {"required": {"image": []}, "optional": None}}
    assert client.run(flow()).outputs


# ------------------------------------------------------------------------------------------------ refusals and failures


REFUSED = {
    "error": {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": "",
        "extra_info": {},
    },
    "node_errors": {
        "5": {
            "errors": [
                {
                    "type": "value_smaller_than_min",
                    "message": "Value -5 smaller than min of 0",
                    "details": "seed",
                    "extra_info": {"input_name": "seed", "input_config": ["INT", {"min": 0}], "received_value": -5},
                },
                {
                    "type": "required_input_missing",
                    "message": "Required input is missing",
                    "details": "regions",
                    "extra_info": {"input_name": "regions"},
                },
            ],
            "dependent_outputs": ["6"],
            "class_type": "CIELR_EditExecutor",
        }
    },
}


def test_what_does_not_validate_is_one_sentence_with_the_title(client, server):
    server.refuses = REFUSED
    with pytest.raises(ComfyError) as caught:
        client.run(flow())
    assert str(caught.value) == (
        f"{server.url} does not accept the workflow: 'Edit Executor': Value -5 smaller than min of 0 (seed); "
        "'Edit Executor': Required input is missing (regions)."
    )
    assert caught.value.node == "Edit Executor"
    server.refuses = {"error": {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": ""}}
    with pytest.raises(ComfyError, match="does not accept the workflow: Prompt has no outputs"):
        client.run(flow())


def test_a_prompt_of_which_a_part_does_not_validate_is_not_run(client, server):
    server.hold.clear()
    server.warns = REFUSED["node_errors"]
    with pytest.raises(ComfyError, match="Required input is missing"):
        client.run(flow())
    assert server.deleted == [server.prompts[0]["prompt_id"]]


@pytest.mark.parametrize(
    ("kind", "message", "sentence"),
    [
        (
            "custom_nodes.x.cielr.errors.NotUnderstood",
            "Nothing fits.",
            "'Edit Executor' failed on {url}: Nothing fits.",
        ),
        ("RuntimeError", "a\n\nb\x1b[31m", "'Edit Executor' failed on {url}: a b [31m."),
        ("KeyError", "", "'Edit Executor' failed on {url}: it raised KeyError without a message."),
    ],
)
def test_a_node_that_fails_is_one_sentence_with_its_title(client, server, kind, message, sentence):
    server.fails = {"5": (kind, message)}
    with pytest.raises(ComfyError) as caught:
        client.run(flow())
    assert str(caught.value) == sentence.format(url=server.url)
    assert (caught.value.node, caught.value.kind) == ("Edit Executor", kind.rpartition(".")[2])


def test_a_run_that_somebody_interrupts_is_told(client, server):
    server.silent = {"5"}
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.stands)
        server._stop_running.set()
    assert "was interrupted on" in str(found[0])
    assert "'Load Image'" in str(found[0]) or "'Edit Executor'" in str(found[0])


def test_a_node_that_holds_others_up_says_so_in_the_result(client, server):
    server.blocks = {"6": "Execution Blocked: look at the plan first"}
    result = client.run(flow())
    assert result.outputs == ()
    assert "look at the plan first" in result.blocked


# -------------------------------------------------------------------------------------------------------------- sign-in


def test_a_sign_in_is_asked_for_and_given(server, monkeypatch):
    server.header = ("Authorization", f"Bearer {SECRET}")
    with closing(ComfyClient(server.url)) as client, pytest.raises(ComfyError, match=r"wants a sign-in .401.*--header"):
        client.run(flow())
    with closing(ComfyClient(server.url, {"Authorization": "Bearer wrong"})) as client:
        with pytest.raises(ComfyError, match="does not accept the sign-in that it was given") as caught:
            client.run(flow())
        assert "wrong" not in str(caught.value)
    with closing(ComfyClient(server.url, {"authorization": f"Bearer {SECRET}"})) as client:
        assert client.run(flow()).outputs
        assert server.lines_opened == 1, "The websocket was not let in."
    monkeypatch.setenv("CIELR_COMFY_AUTH", f"Bearer {SECRET}")
    with closing(ComfyClient(server.url)) as client:
        assert client.run(flow()).outputs
    monkeypatch.setenv("CIELR_COMFY_AUTH", f"X-Key: {SECRET}")
    server.header = ("X-Key", SECRET)
    with closing(ComfyClient(server.url)) as client:
        assert client.run(flow()).outputs


def test_credentials_in_the_address_are_used_and_never_shown(server):
    server.header = ("Authorization", "Basic dXNlcjpzM2NyZXQtdzByZA==")
    with closing(ComfyClient(server.url.replace("//", f"//user:{SECRET}@"))) as client:
        assert client.run(flow()).outputs
        assert SECRET not in repr(client) + client.url + repr(client.server)


def test_what_the_server_repeats_of_a_secret_is_struck_out(server, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    server.fails = {"5": ("ValueError", f"bad header Bearer {SECRET}")}
    with closing(ComfyClient(server.url, {"Authorization": f"Bearer {SECRET}"}, QUICK)) as client:
        with pytest.raises(ComfyError) as caught:
            client.run(flow())
        assert "***" in str(caught.value)
        server.faults.append(Fault("object_info", 400, f"who is {SECRET}?", times=9))
        with pytest.raises(ComfyError, match=r"who is \*\*\*") as second:
            client.run(flow())
    seen = str(caught.value) + str(second.value) + caplog.text + "".join(capfd.readouterr())
    assert SECRET not in seen


@pytest.mark.parametrize("header", [{"A b": "x"}, {"X": "a\nb"}, {"X": ""}, {"X": "ü" + SECRET}])
def test_a_header_that_cannot_be_sent_is_told_without_its_value(header):
    with pytest.raises(ComfyError, match="A header is written") as caught:
        ComfyClient(headers=header)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:99999", f"http://u:{SECRET}@x/?q", "http://x?y=1"])
def test_what_is_no_address_is_told(url):
    with pytest.raises(ComfyError, match="is not an address of a server") as caught:
        ComfyClient(url)
    assert SECRET not in str(caught.value)
