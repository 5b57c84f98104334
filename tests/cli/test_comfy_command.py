"""`cielr comfy` as its users meet it: what it prints and writes, and how it ends when something is wrong."""

import json
import os
import signal
import subprocess
import time

import pytest
from cli_help import command, environment, refused, well
from comfy_server import ComfyServer
from faulty_http import Fault

pytest.importorskip("httpx")
pytest.importorskip("websockets")

from hypothesis import given
from hypothesis import strategies as st

from cielr.cli import main as cli
from cielr.cli.comfy import SERVERS
from cielr.comfy.progress import Following
from cielr.comfy.results import File, names
from cielr.comfy.workflow import Workflow


@pytest.fixture
def server(monkeypatch):
    with ComfyServer() as one:
        monkeypatch.setenv(SERVERS, one.url)
        yield one


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder with two photos and a workflow in the API format."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(name.encode() * 9)
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "Load Image"}},
        "3": {
            "class_type": "CIELR_Reason",
            "inputs": {"scene": ["1", 0], "instruction": "x"},
            "_meta": {"title": "LLM Reason & Refine"},
        },
        "6": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }
    (tmp_path / "flow.json").write_text(json.dumps(prompt))
    return tmp_path


@pytest.fixture
def run(run):
    return lambda *words: run("comfy", "run", *words)


def test_a_run_writes_what_the_server_saved_beside_the_photo(server, here, run):
    out = well(run("flow.json", "-i", "a.png", "--instruction", "remove it", "--set", "6.filename_prefix=y"))
    assert out.startswith("Written  a-flow.png (")
    assert server.url in out
    assert (here / "a-flow.png").read_bytes() == server.files[("6_00001_.png", "", "output")]
    sent = server.prompts[0]["prompt"]
    assert sent["3"]["inputs"]["instruction"] == "remove it"
    assert sent["6"]["inputs"]["filename_prefix"] == "y"
    assert server.uploads[sent["1"]["inputs"]["image"]] == (here / "a.png").read_bytes()


def test_several_images_go_to_a_folder_and_keep_apart(server, here, run):
    (here / "sub").mkdir()
    (here / "sub" / "a.png").write_bytes(b"another")
    out = well(run("flow.json", "-i", "a.png", "-i", "sub/a.png", "-i", "b.png", "-o", "new/out"))
    assert sorted(path.name for path in (here / "new/out").iterdir()) == ["a-flow-2.png", "a-flow.png", "b-flow.png"]
    assert out.count("Written") == 3


def test_two_servers_share_the_images(server, here, run):
    server.seconds = 0.1
    with ComfyServer() as two:
        two.seconds = 0.1
        out = well(run("flow.json", *["-i", "a.png", "-i", "b.png"] * 2, "-o", "out", "-s", server.url, "-s", two.url))
        assert server.url in out
        assert two.url in out


def test_a_server_that_cannot_do_it_is_told_once_and_the_other_does_its_work(server, here, run):
    with ComfyServer() as two:
        del two.nodes["CIELR_Reason"]
        server.seconds = 0.1
        code, out, err = run(
            "flow.json", *["-i", "a.png", "-i", "b.png"] * 2, "-o", "out", "-s", server.url, "-s", two.url
        )
        assert (code, out.count("Written")) == (0, 4)
        assert err.count("\n") == 1
        assert err.startswith(f"{two.url} cannot run flow; it lacks the node CIELR_Reason")
        assert err.endswith("The other servers do its work.\n")
        assert not two.prompts


def test_a_setting_uploads_a_file_or_is_a_text(server, here, run):
    words = ["--set", "1.image=@a.png", "--set", "3.instruction=@@home = sweet"]
    assert run("flow.json", *words, "-q") == (0, "", "")
    sent = server.prompts[0]["prompt"]
    assert server.uploads[sent["1"]["inputs"]["image"]] == (here / "a.png").read_bytes()
    assert sent["3"]["inputs"]["instruction"] == "@home = sweet"


def test_json_says_everything(server, here, run):
    out = well(run("flow.json", "-i", "a.png", "-o", "o.png", "--json"))
    (told,) = json.loads(out)["runs"]
    assert told["image"] == "a.png"
    assert told["prompt_id"] == server.prompts[0]["prompt_id"]
    assert told["outputs"] == [
        {"path": "o.png", "node": "6", "title": "SaveImage", "server_file": "6_00001_.png", "type": "output"}
    ]
    assert told["texts"] == []
    server.fails = {"6": ("ValueError", "no")}
    code, out, err = run("flow.json", "-i", "a.png", "--json")
    assert code == 1
    assert json.loads(out)["error"]["message"] == err.strip()


def test_an_output_that_is_there_stops_before_the_work_or_gets_another_name(server, here, run):
    (here / "o.png").write_bytes(b"mine")
    err = refused(run("flow.json", "-i", "a.png", "-o", "o.png"), 3)
    assert "o.png exists already" in err
    assert not server.prompts
    assert run("flow.json", "-i", "a.png", "-o", "o.png", "--overwrite", "-q") == (0, "", "")
    assert (here / "o.png").read_bytes() != b"mine"
    # in a folder nothing is replaced either
    run("flow.json", "-i", "a.png")
    first = (here / "a-flow.png").read_bytes()
    run("flow.json", "-i", "a.png")
    assert (here / "a-flow.png").read_bytes() == first
    assert (here / "a-flow-2.png").is_file()


def test_what_becomes_of_an_examples_labels_is_told(server, here, run):
    _, _, err = run("quickstart", "-i", "a.png", "--instruction", "remove the dog", "--check")
    assert err.startswith(
        "quickstart looks for 'coin' in its own photo only; --labels says what to look for in another.\n"
    )
    _, _, err = run("quickstart", "-i", "a.png", "--instruction", "remove the dog", "--check", "-q")
    assert "its own photo" not in err


def test_the_bytes_keep_their_own_suffix(server, here, run):
    code, out, err = run("flow.json", "-i", "a.png", "-o", "o.jpg")
    assert code == 0
    assert "The server saved .png, so that the output is o.png." in err
    assert "o.png" in out
    assert not (here / "o.jpg").exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nix"], 1, "There is no workflow 'nix'"),
        (["ui.json"], 1, "editor's format"),
        (["flow.json", "-i", "c.png"], 3, "There is no file c.png."),
        (["flow.json", "-i", "."], 3, ". is a folder, not a photo."),
        (["flow.json", "--set", "6.image=@c.png"], 3, "There is no file c.png."),
        (["flow.json", "--set", "seed"], 2, "--set takes NODE.INPUT=VALUE"),
        (["flow.json", "--set", "9.seed=1"], 1, "has no node '9'"),
        (["flow.json", "--labels", "cup"], 1, "has no CIELR_SceneParse node"),
        (["flow.json", "-i", "a.png", "-i", "b.png", "-o", "o.png"], 2, "--output names a folder for several images"),
        (["flow.json", "-o", "a.png/o.png"], 3, "a.png is a file, not a folder"),
        (["flow.json", "-i", "a.png", "-s", "ftp://x"], 1, "is not an address of a server"),
        (["flow.json", "-i", "a.png", "--header", "s3cret"], 1, 'A header is written "Name: value"'),
        (["flow.json", "--max-seconds", "0"], 2, "Invalid value"),
        (["flow.json"], 1, "lacks the file x.png in its input folder (--image gives one) for 'Load Image'"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_an_exit_code(server, here, run, words, code, sentence):
    (here / "ui.json").write_text('{"nodes": [], "links": [], "version": 0.4}')
    got, out, err = run(*words)
    assert (got, out) == (code, "")
    assert sentence in err
    assert err.count("\n") == 1
    assert "s3cret" not in err
    assert not server.prompts


@pytest.mark.parametrize(
    ("kind", "code"), [("NothingMatches", 4), ("PlanError", 5), ("EditError", 5), ("SceneError", 3), ("OSError", 1)]
)
def test_what_our_nodes_raise_ends_as_it_would_here(server, here, run, kind, code):
    server.fails = {"3": (f"custom_nodes.cielr.cielr.errors.{kind}", "The scene has no elephant.")}
    got, _, err = run("flow.json", "-i", "a.png")
    assert got == code
    assert err == f"'LLM Reason & Refine' failed on {server.url}: The scene has no elephant.\n"


def test_of_many_images_the_good_ones_are_written_and_the_bad_ones_told(server, here, run):
    server.faults.append(Fault("POST /upload", 400, "no picture", times=1))
    code, out, err = run("flow.json", "-i", "a.png", "-i", "b.png")
    assert code == 1
    assert "b-flow.png" in out
    assert err == f"a.png: {server.url} answered 400 to /upload/image: no picture.\n1 of 2 runs failed.\n"


def test_check_lists_what_is_missing_and_runs_nothing(server, here, run):
    assert run("flow.json", "-i", "a.png", "--check") == (0, f"Server   {server.url} has all that it needs.\n", "")
    del server.nodes["CIELR_Reason"]
    del server.nodes["SaveImage"]
    code, out, _ = run("flow.json", "-i", "a.png", "--check")
    assert code == 1
    assert out.splitlines() == [
        f"Server   {server.url} lacks:",
        "         the node CIELR_Reason ('LLM Reason & Refine')",
        "         the node SaveImage",
    ]
    assert len(json.loads(run("flow.json", "-i", "a.png", "--check", "--json")[1])["missing"][server.url]) == 2
    assert not server.prompts


def test_a_header_signs_in_and_is_not_printed(server, here, run, monkeypatch):
    server.header = ("Authorization", "Bearer s3cret-w0rd")
    err = refused(run("flow.json", "-i", "a.png"), 1)
    assert "wants a sign-in" in err
    code, out, err = run("flow.json", "-i", "a.png", "--header", "Authorization: Bearer s3cret-w0rd", "--json")
    assert code == 0
    monkeypatch.setenv("CIELR_COMFY_AUTH", "Bearer s3cret-w0rd")
    assert run("flow.json", "-i", "a.png")[0] == 0
    assert "s3cret" not in out + err


def test_a_run_without_a_file_says_why(server, here, run):
    server.saves = {"6": [("p.png", "", "temp")]}
    code, _, err = run("flow.json", "-i", "a.png")
    assert (code, "only shows previews; --previews fetches those" in err) == (1, True)
    assert run("flow.json", "-i", "a.png", "--previews", "-q") == (0, "", "")
    server.saves = {"6": []}
    assert "saved no file" in run("flow.json", "-i", "a.png")[2]
    server.blocks = {"6": "Execution Blocked: look at the plan"}
    assert "because a node held it up: Execution Blocked: look at the plan" in run("flow.json", "-i", "a.png")[2]


def test_the_bundled_workflows_are_listed(capsys):
    assert cli.main(["comfy", "list"]) == 0
    assert "quickstart" in capsys.readouterr().out.split()


@pytest.mark.skipif(os.name == "nt", reason="There is no SIGINT for one process alone.")
@pytest.mark.parametrize("waits", [False, True], ids=["it runs", "it waits"])
def test_ctrl_c_cancels_the_job_on_the_server(server, here, waits):
    server.silent = {"3"}
    if waits:
        server.hold.clear()
    words = command("comfy", "run", "flow.json", "-i", "a.png", "-i", "b.png")
    process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    until = time.monotonic() + 20
    while not (server.busy and server.lines) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, "", "Cancelled.\n")
    (prompt,) = server.prompts
    assert set(server.deleted if waits else server.interrupted) == {prompt["prompt_id"]}
    assert sorted(path.name for path in here.iterdir()) == ["a.png", "b.png", "flow.json"]


# ------------------------------------------------------------------------------------------------------------- always

TITLES = st.text(max_size=4) | st.sampled_from(["Save", "save", "SAVE!", "Save 2"])


@given(
    st.lists(
        st.tuples(st.integers(0, 3), TITLES, st.sampled_from(["a.png", "b", "c.PNG", "d.tar/x", ".."])), max_size=8
    )
)
def test_no_two_outputs_ever_have_one_name(told):
    found = names("out", tuple(File(str(node), title, filename) for node, title, filename in told))
    assert len({name.casefold() for name in found}) == len(told)
    assert all(name.startswith("out") and "/" not in name and "\x00" not in name for name in found)


NODE = st.sampled_from(["1", "2", "2.0.x", "3", 7, None])
STATE = st.fixed_dictionaries({"value": st.integers(-1, 5) | st.none(), "max": st.integers(-1, 4), "state": st.text()})
MESSAGE = st.tuples(
    st.sampled_from(["execution_start", "execution_cached", "executing", "executed", "progress", "progress_state"]),
    st.fixed_dictionaries(
        {"prompt_id": st.just("p"), "node": NODE, "value": st.integers(-1, 4), "max": st.integers(3, 4) | st.none()},
        optional={"nodes": st.lists(NODE) | st.dictionaries(st.sampled_from(["1", "2", "2.0.x"]), STATE)},
    ),
)


@given(st.lists(MESSAGE | st.integers(-1, 3), max_size=20))
def test_progress_never_goes_back_whatever_the_server_says(messages):
    told = Following(Workflow("x", {name: {"class_type": "A", "inputs": {}} for name in ("1", "2", "3")}), "p")
    last = 0.0
    for message in messages:
        told.waits(message) if isinstance(message, int) else told.take(*message)
        assert 0 <= last <= told.progress.fraction <= 1
        last = told.progress.fraction
