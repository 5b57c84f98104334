"""The engine's own client, and `cielr comfy run`, against the real server and against one behind a faulty proxy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from comfy_proxy import Proxy
from faulty_http import Fault
from PIL import Image

from cielr.comfy import ComfyClient, Job, Limits, ServerLacks, TimedOut, Workflow, run_many
from cielr.errors import Cancelled, ComfyError
from tests.comfyui.client import SOON, node
from tests.comfyui.conftest import COINS, ROOT
from tests.comfyui.world import action, chain, picture

pytest.importorskip("httpx")
pytest.importorskip("websockets")

LABELS = "coin"


@pytest.fixture
def client(server):
    with closing(ComfyClient(server.url)) as one:
        yield one


@pytest.fixture
def proxy(server):
    with Proxy(server.url) as one:
        yield one


@pytest.fixture
def behind(proxy):
    with closing(ComfyClient(proxy.url, limits=Limits(lost=5))) as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_is_left(server):
    yield
    until = time.monotonic() + 5
    while threads() and time.monotonic() < until:
        time.sleep(0.05)
    assert not threads()
    told = server.client.get_json("/queue")
    assert (told["queue_running"], told["queue_pending"]) == ([], [])


def threads():
    return [one.name for one in threading.enumerate() if one.name.startswith("cielr-comfy")]


def saved(server, output) -> bytes:
    """The file as it lies in the server's own folder."""
    folder = {"output": "output", "temp": "temp"}[output.type]
    return (server.base / folder / output.subfolder / output.filename).read_bytes()


def thinking(seconds=60.0, seed=0):
    """A workflow whose second node waits so long, and can be interrupted."""
    return {
        "1": node("LoadImage", image="coins.png"),
        "2": {**node("CIELR_SceneParse", image=["1", 0], labels=LABELS), "_meta": {"title": "Eyes"}},
        "3": node("CIELRTest_Chat", answers="{}", seconds=seconds),
        "4": {
            **node("CIELR_Reason", scene=["2", 0], llm=["3", 0], instruction=f"think hard about {seed}", answer=""),
            "_meta": {"title": "Thinker"},
        },
        "5": node("CIELRTest_Tell", value=["4", 3]),
    }


def started(server, count=1):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        told = server.client.get_json("/queue")
        if len(told["queue_running"]) + len(told["queue_pending"]) >= count:
            return
        time.sleep(0.05)
    raise AssertionError("It did not start.")


def beside(work):
    """Starts work in a thread; gives a function that waits for what it returned or raised."""
    found = []

    def run():
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def outcome():
        thread.join(60)
        return found[0]

    return outcome


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
    prompt = json.loads((ROOT / "workflows" / "api" / "quickstart.json").read_text())
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

    for name in bundled():
        lacks = client.missing(name)
        assert not [clause for clause in lacks if clause.startswith("the node")], lacks


def test_a_server_without_the_pack_is_told_as_such(behind, proxy):
    # what a real server answers for a class that it does not know
    proxy.faults.append(Fault("GET /object_info/CIELR_", 200, "{}", "application/json", times=99))
    with pytest.raises(ServerLacks, match=r"lacks the node CIELR_SceneParse .*ComfyUI-CIELR is not installed there"):
        behind.run("quickstart", COINS)


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


# ------------------------------------------------------------------------------------------------- cancels and limits


def test_stop_interrupts_what_runs_and_leaves_the_next_one_alone(server, client):
    stop = threading.Event()
    first = beside(lambda: client.run(thinking(seed=1), stop=stop.is_set))
    started(server)
    second = beside(lambda: client.run("quickstart", COINS, "remove the largest coin", LABELS, {"5.seed": 71}))
    started(server, 2)
    begin = time.monotonic()
    stop.set()
    assert isinstance(first(), Cancelled)
    assert time.monotonic() - begin < SOON
    assert second().outputs


def test_stop_takes_what_waits_from_the_queue(server, client):
    stop, other = threading.Event(), threading.Event()
    first = beside(lambda: client.run(thinking(seed=2), stop=other.is_set))
    started(server)
    told = []
    second = beside(lambda: client.run("quickstart", COINS, stop=stop.is_set, on_progress=told.append))
    started(server, 2)
    time.sleep(0.5)
    stop.set()
    assert isinstance(second(), Cancelled)
    assert [one.ahead for one in told if one.stage == "waiting"][-1] == 1
    assert len(server.client.get_json("/queue")["queue_running"]) == 1
    other.set()
    assert isinstance(first(), Cancelled)


def test_a_run_without_a_sign_of_life_is_interrupted(server):
    with closing(ComfyClient(server.url, limits=Limits(idle=1.5))) as client:
        # the scene is made first, so that nothing but the thinking is slow
        slow = thinking(seed=3)
        client.run({"1": slow["1"], "2": slow["2"], "5": node("CIELRTest_Tell", value=["2", 3])})
        with pytest.raises(TimedOut, match="'Thinker'"):
            client.run(slow)


def test_a_run_that_somebody_interrupts_is_told(server, client):
    run = beside(lambda: client.run(thinking(seed=4)))
    started(server)
    time.sleep(0.5)
    server.client.post("/interrupt", {})
    assert "was interrupted on" in str(run())


# ------------------------------------------------------------------------------------------------------- bad networks


def edit(client, seed, **more):
    return client.run("quickstart", COINS, "remove the two largest coins", LABELS, {"5.seed": seed}, **more)


def test_a_socket_that_drops_again_and_again_changes_nothing(server, behind, proxy):
    stop = threading.Event()

    def drop():
        while not stop.wait(0.3):
            proxy.drop_lines()

    thread = threading.Thread(target=drop)
    thread.start()
    try:
        (output,) = edit(behind, 101).outputs
    finally:
        stop.set()
        thread.join()
    assert output.data == saved(server, output)
    assert proxy.lines_opened >= 2


def test_a_new_socket_tells_the_progress_again(server, behind, proxy):
    told = []
    stop = threading.Event()
    run = beside(lambda: behind.run(thinking(seed=5), on_progress=told.append, stop=stop.is_set))
    started(server)
    until = time.monotonic() + 20
    while "Thinker" not in {one.node for one in told} and time.monotonic() < until:
        time.sleep(0.05)
    proxy.drop_lines()
    while proxy.lines_opened < 2 and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    assert isinstance(run(), Cancelled)
    assert proxy.lines_opened == 2


@pytest.mark.parametrize(
    ("faults", "seed"),
    [
        ([Fault("GET /ws", 500, times=99)], 111),
        ([Fault("GET /ws", 403, times=99)], 112),
        ([Fault("GET /ws", seconds=1)], 113),
        ([Fault("GET /history", 500, times=3), Fault("GET /queue", 502, times=2)], 114),
        ([Fault("GET /object_info", 0), Fault("POST /upload", 503), Fault("GET /view", cut=True)], 115),
        ([Fault("", seconds=0.2, times=30)], 116),
        ([Fault("POST /prompt", 502, after=True)], 117),
        ([Fault("POST /prompt", 0, after=True)], 118),
    ],
    ids=["no socket", "forbidden socket", "late socket", "500 on polls", "one of each", "slow", "lost 502", "lost"],
)
def test_a_faulty_network_changes_nothing(server, behind, proxy, faults, seed):
    before = len(server.client.get_json("/history"))
    proxy.faults += faults
    (output,) = edit(behind, seed).outputs
    assert output.data == saved(server, output)
    assert len(server.client.get_json("/history")) == before + 1, "The job ran twice."


def test_a_network_that_is_gone_is_told_and_the_job_stays_alone(server, proxy):
    with closing(ComfyClient(proxy.url, limits=Limits(connect=1, lost=1))) as client:
        run = beside(lambda: client.run(thinking(4, seed=6)))
        started(server)
        proxy.close()
        assert "went away during the run of the workflow and did not come back within 1 s" in str(run())
    server.client.post("/interrupt", {})
    until = time.monotonic() + 10
    while server.client.get_json("/queue")["queue_running"] and time.monotonic() < until:
        time.sleep(0.1)


def test_two_ways_to_a_server_share_the_images(server, client, behind, proxy, tmp_path):
    pictures = []
    for number in range(4):
        path = tmp_path / f"{number}.png"
        Image.fromarray((picture(seed=number) * 255).astype(np.uint8)).save(path)
        pictures.append(path)
    prompt = {"1": node("LoadImage", image="x.png"), "2": node("SaveImage", images=["1", 0], filename_prefix="many")}
    done = list(run_many([Job(prompt, path) for path in pictures], [client, behind]))
    assert {each.server for each in done} == {client.url, proxy.url}
    for each in done:
        (output,) = each.result.outputs
        assert output.data == saved(server, output)
        each.result.save(tmp_path / "out" / Path(each.job.image).name)
    for path in pictures:
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(tmp_path / "out" / path.name)))


# --------------------------------------------------------------------------------------------------------- the command


def command(*words, cwd):
    return subprocess.Popen(
        [sys.executable, "-m", "cielr", "comfy", "run", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_of_the_documentation_works(server, tmp_path):
    words = ["quickstart", "--image", COINS, "--instruction", "remove the largest coin", "-o", "out.png"]
    run = command(*words, "--server", server.url, cwd=tmp_path)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, err) == (0, "")
    assert out.startswith("Written  out.png (")
    newest = max((server.base / "output" / "cielr").iterdir(), key=lambda path: path.stat().st_mtime)
    assert (tmp_path / "out.png").read_bytes() == newest.read_bytes()


def test_an_instruction_that_fits_nothing_ends_as_it_would_without_a_server(server, tmp_path):
    words = ["quickstart", "--image", COINS, "--instruction", "remove the purple elephant", "-l", LABELS]
    run = command(*words, "--server", server.url, cwd=tmp_path)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, out, err.count("\n")) == (4, "", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="There is no SIGINT for one process alone.")
def test_ctrl_c_cancels_the_job_on_the_server(server, tmp_path):
    (tmp_path / "flow.json").write_text(json.dumps(thinking(seed=7)))
    run = command("flow.json", "--server", server.url, cwd=tmp_path)
    started(server)
    time.sleep(0.5)
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=20)
    assert (run.returncode, out, err) == (130, "", "Cancelled.\n")
    assert time.monotonic() - begin < SOON
