"""Workflows on a server from a script: what is sent, what comes back, and how every failure reads."""

import gc
import json
import logging
import os
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from comfy_server import ComfyServer, Fault, Proxy, info

pytest.importorskip("httpx")
pytest.importorskip("websockets")

from cielr.comfy import (
    ComfyClient,
    Job,
    Limits,
    ServerLacks,
    ServerUnreachable,
    TimedOut,
    Workflow,
    bundled,
    run_many,
)
from cielr.errors import Cancelled, ComfyError, ImageError, MissingDependency

QUICK = Limits(connect=1, request=2, idle=30, lost=2)
SECRET = "s3cret-w0rd"


def node(kind, title="", **inputs):
    return {"class_type": kind, "inputs": inputs, **({"_meta": {"title": title}} if title else {})}


def flow(**more):
    return {
        "1": node("LoadImage", "Load Image", image="example.png"),
        "2": node("CIELR_SceneParse", "Scene Parse", image=["1", 0], labels=""),
        "3": node("CIELR_Reason", "LLM Reason & Refine", scene=["2", 0], instruction="remove it"),
        "5": node("CIELR_EditExecutor", "Edit Executor", image=["1", 0], seed=0, share=0.5, on=True),
        "6": node("SaveImage", "Save Image", images=["5", 0], filename_prefix="x"),
        **more,
    }


@pytest.fixture
def server():
    with ComfyServer() as one:
        yield one


@pytest.fixture
def client(server):
    with closing(ComfyClient(server.url, limits=QUICK)) as one:
        yield one


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(os.urandom(70_000))
    return path


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No thread and no socket of a test outlives it."""
    before = (ours(), sockets())
    yield
    gc.collect()
    until = time.monotonic() + 4
    while (ours(), sockets()) != before and time.monotonic() < until:
        time.sleep(0.05)
    assert ours() == before[0]
    assert sockets() <= before[1]


def ours():
    return sorted(
        one.name for one in threading.enumerate() if one.name.startswith("cielr-") or "recv_events" in one.name
    )


def sockets():
    folder = Path("/proc/self/fd")
    found = 0
    for one in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):
            found += "socket" in os.readlink(one)
    return found


def wait(for_what, seconds=5.0):
    until = time.monotonic() + seconds
    while not for_what():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.01)


@contextmanager
def background(work):
    """Runs `work` beside; gives a list that holds what it returned or raised."""
    found = []

    def run():
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield found
    finally:
        thread.join(20)
        assert not thread.is_alive()


# ------------------------------------------------------------------------------------------------------------ one run


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


# ------------------------------------------------------------------------------------------------- what is filled where


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"nodes": [], "links": []}, "is in the editor's format, which a server does not run; .*Export .API."),
        ([1], "is no workflow: the API format is an object of nodes"),
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


# --------------------------------------------------------------------------------------------- what the server lacks


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
        "the file gone.png in its input folder (or give one, with --image) for 'Second' (image)",
    )
    assert list(caught.value.problems) == client.missing(prompt, settings={"1.image": photo})
    assert not server.prompts
    assert not server.uploads


def test_a_server_without_the_pack_is_told_as_such(client, server):
    server.nodes = {kind: one for kind, one in server.nodes.items() if not kind.startswith("CIELR")}
    with pytest.raises(ServerLacks, match="ComfyUI-CIELR is not installed there"):
        client.run(flow())


def test_a_choice_that_the_server_has_is_taken(client, server):
    client.run(
        flow(**{"7": node("Loader", "Model", ckpt_name="x", mode="a")}), settings={"7.ckpt_name": "sdxl.safetensors"}
    )
    assert server.prompts[0]["prompt"]["7"]["inputs"]["ckpt_name"] == "sdxl.safetensors"


# ---------------------------------------------------------------------------------------------- refusals and failures

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
        wait(lambda: server.busy)
        server._stop_running.set()
    assert "was interrupted on" in str(found[0])
    assert "'Load Image'" in str(found[0]) or "'Edit Executor'" in str(found[0])


def test_a_node_that_holds_others_up_says_so_in_the_result(client, server):
    server.blocks = {"6": "Execution Blocked: look at the plan first"}
    result = client.run(flow())
    assert result.outputs == ()
    assert "look at the plan first" in result.blocked


# -------------------------------------------------------------------------------------------------- bad connections


def test_a_dropped_socket_is_opened_again(client, server):
    server.seconds = 0.4
    told = []
    with background(lambda: client.run(flow(), on_progress=told.append)) as found:
        wait(lambda: server.busy and server.lines)
        server.drop_lines()
        wait(lambda: server.lines_opened == 2)
        seen = len(told)
    assert found[0].outputs[0].data == server.files[("6_00001_.png", "", "output")]
    assert any(one.stage == "running" for one in told[seen:]), "The second socket told nothing."


def test_without_a_socket_the_end_comes_by_asking(client, server):
    server.sockets = False
    assert client.run(flow()).outputs


def test_a_socket_that_is_gone_at_the_end_delays_little(client, server):
    server.seconds = 0.1
    begin = time.monotonic()
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy and server.lines)
        server.sockets = False
        server.drop_lines()
    assert found[0].outputs
    assert time.monotonic() - begin < 3


def test_the_history_may_come_later_than_the_news_of_the_end(client, server):
    server.late = 0.7
    assert client.run(flow()).outputs


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET /object_info", 500),
        Fault("POST /upload", 503),
        Fault("GET /history", 500, times=2),
        Fault("GET /history", 0, times=2),
        Fault("GET /view", 502),
        Fault("GET /view", cut=True),
        Fault("GET /view", 0),
        Fault("GET /view", seconds=0.5),
        Fault("GET /ws", 500),
        Fault("POST /prompt", 502),
    ],
    ids=lambda fault: f"{fault.fits} {fault.status} {'cut' if fault.cut else ''}",
)
def test_a_fault_that_passes_does_no_harm(client, server, photo, fault):
    server.faults.append(fault)
    result = client.run(flow(), photo)
    assert result.outputs[0].data == server.files[("6_00001_.png", "", "output")]
    assert len(server.prompts) == 1
    assert fault.times == 0


@pytest.mark.parametrize("status", [0, 504])
def test_a_prompt_whose_answer_is_lost_is_not_queued_twice(client, server, status):
    server.faults.append(Fault("POST /prompt", status, after=True))
    assert client.run(flow()).outputs
    assert len(server.prompts) == 1


def test_a_fault_that_stays_is_told(client, server, photo):
    server.faults.append(Fault("POST /upload", 500, "disk full", times=99))
    with pytest.raises(ServerUnreachable, match=r"answered 500 to /upload/image: disk full\."):
        client.run(flow(), photo)


def test_nobody_at_the_address():
    with ComfyServer() as gone:
        pass
    with closing(ComfyClient(gone.url, limits=Limits(connect=0.5))) as client:
        begin = time.monotonic()
        with pytest.raises(ServerUnreachable, match=r"No ComfyUI answers at .*refused.*is it running, and there"):
            client.run(flow())
        assert time.monotonic() - begin < 2


def test_a_server_that_just_starts_is_waited_for():
    with ComfyServer() as first:
        pass
    with closing(ComfyClient(first.url, limits=Limits(connect=8))) as client:
        with background(lambda: client.run(flow())) as found:
            time.sleep(0.7)
            with ComfyServer(first.port) as server:
                wait(lambda: found, 10)
        assert found[0].outputs[0].data == server.files[("6_00001_.png", "", "output")]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("object_info", 200, "<html>", "text/html", times=9), "but not as a ComfyUI does; is the address right"),
        (Fault("object_info", 200, "[]", "application/json", times=9), "but not as a ComfyUI does"),
        (Fault("object_info", 404, times=9), "has nothing at /object_info/LoadImage .404.; is this the address"),
        (
            Fault("object_info", 302, headers={"Location": "https://u:pw@login/x?k=1"}),
            "sends .* on to https://login/x;",
        ),
        (Fault("POST /prompt", 200, "[]", "application/json"), "does not accept"),
        (Fault("POST /upload", 413, times=9), "takes no file that large"),
        (Fault("GET /view", 200, "<html>", "text/html", times=9), "gave a web page in the place of 6_00001_.png"),
        (Fault("GET /view", 404, times=9), "names the file 6_00001_.png, but has it no more"),
    ],
    ids=lambda value: f"{value.fits} {value.status}" if isinstance(value, Fault) else "",
)
def test_answers_that_no_comfyui_gives_are_told(client, server, photo, fault, sentence):
    server.faults.append(fault)
    with pytest.raises(ComfyError, match=sentence):
        client.run(flow(), photo)


def test_a_queue_of_another_shape_is_told(client, server):
    server.hold.clear()
    server.faults.append(Fault("GET /queue", 200, "{}", "application/json"))
    with pytest.raises(ComfyError, match="answers /queue, but not as a ComfyUI does"):
        client.run(flow())


def test_messages_of_any_shape_do_no_harm(client, server):
    server.seconds = 0.1
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.prompts and server.lines)
        (name, prompt_id) = next(iter(server.lines)), server.prompts[0]["prompt_id"]
        for kind in ("executing", "executed", "progress", "progress_state", "execution_cached", "what"):
            for data in (
                {},
                {"nodes": 1},
                {"nodes": {"1": 2}},
                {"node": [], "max": "x"},
                {"node": "99", "nodes": [[]]},
            ):
                server.say(name, kind, {**data, "prompt_id": prompt_id})
    assert found[0].outputs


def test_a_server_that_forgot_the_job_is_told(client, server):
    server.silent = {"1"}
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy)
        server.forget()
    assert isinstance(found[0], ServerUnreachable)
    assert "knows nothing more of the run of the workflow" in str(found[0])


def test_a_server_that_is_away_for_a_moment_is_waited_for(client, server):
    server.seconds = 0.4
    with background(lambda: client.run(flow())) as found:
        wait(lambda: server.busy)
        server.faults.append(Fault("GET /", 0, times=3))
        server.drop_lines()
    assert found[0].outputs


def test_a_server_that_stays_away_is_told(server):
    server.silent = {"5"}
    with Proxy(server.url) as proxy, closing(ComfyClient(proxy.url, limits=Limits(lost=0.6, connect=1))) as client:
        with background(lambda: client.run(flow())) as found:
            wait(lambda: server.busy)
            proxy.close()
        assert "went away during the run of the workflow and did not come back within 0.6 s" in str(found[0])


# ------------------------------------------------------------------------------------------------------------ sign-in


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
    with pytest.raises(ComfyError, match="is no address of a server") as caught:
        ComfyClient(url)
    assert SECRET not in str(caught.value)


# ------------------------------------------------------------------------------------------------ limits and cancels


def test_a_run_that_waits_too_long_is_taken_from_the_queue(server):
    server.hold.clear()
    limited = closing(ComfyClient(server.url, limits=Limits(total=0.5)))
    with limited as client, pytest.raises(TimedOut, match=r"not done within 0\.5 s and was cancelled"):
        client.run(flow())
    assert server.deleted == [server.prompts[0]["prompt_id"]]
    assert not server.busy


def test_a_run_without_a_sign_of_life_is_interrupted(server):
    server.silent = {"5"}
    limited = closing(ComfyClient(server.url, limits=Limits(idle=0.5)))
    sentence = r"no sign of life for 0\.5 s on .*, at 'Edit Executor', and was cancelled"
    with limited as client, pytest.raises(TimedOut, match=sentence):
        client.run(flow())
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}
    wait(lambda: not server.busy)


def test_waiting_behind_others_is_no_silence(server):
    server.hold.clear()
    told = []
    with closing(ComfyClient(server.url, limits=Limits(idle=0.4))) as client:
        with background(lambda: client.run(flow(), on_progress=told.append)) as found:
            wait(lambda: server.prompts)
            time.sleep(1)
            server.hold.set()
        assert found[0].outputs


def test_an_answer_that_does_not_come_is_given_up(server):
    server.faults.append(Fault("object_info", seconds=5, times=9))
    limited = closing(ComfyClient(server.url, limits=Limits(connect=0.4, request=0.4)))
    sentence = r"gave no answer to /object_info/LoadImage in 0\.4 s"
    with limited as client, pytest.raises(ServerUnreachable, match=sentence):
        client.run(flow())


@pytest.mark.parametrize("limits", [{"idle": 0}, {"total": -1}, {"connect": float("nan")}])
def test_a_limit_is_a_number_above_zero(limits):
    with pytest.raises(ComfyError, match="is a number of seconds above 0"):
        Limits(**limits)


def test_stop_cancels_what_runs_and_nothing_else(client, server):
    server.silent = {"5"}
    stop = threading.Event()
    with background(lambda: client.run(flow(), stop=stop.is_set)) as found:
        wait(lambda: server.busy)
        stop.set()
    assert isinstance(found[0], Cancelled)
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}
    wait(lambda: not server.busy)
    server.silent = set()
    assert client.run(flow()).outputs


def test_whatever_the_callback_raises_cancels_the_job_and_comes_through(client, server):
    server.seconds = 0.2

    def tell(progress):
        if progress.node == "Scene Parse":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.run(flow(), on_progress=tell)
    assert set(server.interrupted) == {server.prompts[0]["prompt_id"]}


def test_a_job_that_is_just_on_its_way_is_cancelled_too(client, server):
    server.hold.clear()
    server.faults.append(Fault("POST /prompt", 0, after=True))
    stop = threading.Event()
    with background(lambda: client.run(flow(), stop=stop.is_set)) as found:
        wait(lambda: server.prompts)
        stop.set()
    assert isinstance(found[0], Cancelled)
    assert server.deleted == [server.prompts[0]["prompt_id"]]


def test_missing_packages_name_the_extra(monkeypatch, server):
    monkeypatch.setitem(__import__("sys").modules, "websockets.sync", None)
    with (
        closing(ComfyClient(server.url)) as client,
        pytest.raises(MissingDependency, match=r"'websockets'.*cielr\[comfy"),
    ):
        client.run(flow())
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    with pytest.raises(MissingDependency, match=r"'httpx'.*cielr\[comfy"):
        ComfyClient(server.url)


# --------------------------------------------------------------------------------------------- many jobs, many servers


@pytest.fixture
def pair():
    with ComfyServer() as one, ComfyServer() as two:
        clients = [ComfyClient(one.url, limits=QUICK), ComfyClient(two.url, limits=QUICK)]
        yield (one, two), clients
        for client in clients:
            client.close()


def jobs(count):
    return [Job(flow(), instruction=f"job {number}") for number in range(count)]


def test_servers_share_the_jobs(pair):
    (one, two), clients = pair
    one.seconds = two.seconds = 0.05
    wanted = jobs(6)
    done = list(run_many(wanted, clients))
    assert sorted(map(id, wanted)) == sorted(id(each.job) for each in done)
    assert all(each.result for each in done)
    assert len(one.prompts) >= 2
    assert len(two.prompts) >= 2
    assert len(one.prompts) + len(two.prompts) == 6


def test_the_work_of_a_server_that_goes_away_is_done_by_the_other(pair):
    (one, two), clients = pair
    one.silent = {"1"}
    with background(lambda: list(run_many(jobs(4), clients))) as found:
        wait(lambda: one.busy)
        one.close()
    done = found[0]
    assert {each.result.server for each in done} == {two.url}
    assert sorted(body["prompt"]["3"]["inputs"]["instruction"] for body in two.prompts) == [
        f"job {n}" for n in range(4)
    ]


def test_a_server_that_lacks_something_leaves_it_to_the_other(pair):
    (one, two), clients = pair
    del one.nodes["CIELR_Reason"]
    done = list(run_many(jobs(3), clients))
    assert {each.result.server for each in done} == {two.url}
    del two.nodes["CIELR_Reason"]
    done = list(run_many(jobs(3), clients))
    assert all(isinstance(each.error, ServerLacks) for each in done)
    assert len(done) == 3


def test_a_job_that_fails_does_not_stop_the_others(pair):
    _, clients = pair
    bad = Job(flow(), settings={"5.seed": "x"})
    done = list(run_many([*jobs(2), bad, *jobs(2)], clients))
    assert [each.job for each in done if each.error] == [bad]
    assert len(done) == 5


def test_without_any_server_every_job_is_told(pair):
    (one, two), clients = pair
    one.close()
    two.close()
    done = list(run_many(jobs(3), clients))
    assert len(done) == 3
    assert all(isinstance(each.error, ServerUnreachable) for each in done)


def test_who_stops_listening_cancels_what_runs(pair):
    (one, two), clients = pair
    two.silent = {"1"}
    for done in run_many(jobs(5), clients):
        assert done.result.server == one.url
        break
    assert set(two.interrupted) == {two.prompts[0]["prompt_id"]}
    wait(lambda: not two.busy)


def test_a_mistake_of_the_caller_comes_through(pair):
    _, clients = pair

    def tell(job, server, progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run_many(jobs(3), clients, on_progress=tell))


def test_nobody_to_run_on():
    with pytest.raises(ComfyError, match="no server"):
        next(run_many(jobs(1), []))


def test_a_node_description_of_any_shape_is_no_failure(client, server):
    server.nodes["LoadImage"] = info({"image": []}) | {"input": {"required": {"image": []}, "optional": None}}
    assert client.run(flow()).outputs
