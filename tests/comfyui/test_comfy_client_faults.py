"""The engine's own client, and `cielr comfy run`, where something is in the way: cancels, limits, a faulty proxy."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import closing

import pytest
from faulty_http import Fault

from cielr.comfy import ComfyClient, Limits, TimedOut
from cielr.errors import Cancelled
from tests.comfyui.client import SOON, node
from tests.comfyui.client_runs import LABELS, beside, command, saved, started, thinking
from tests.comfyui.conftest import COINS

pytest.importorskip("httpx")
pytest.importorskip("websockets")
pytestmark = pytest.mark.usefixtures("nothing_is_left")

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


def test_a_run_without_a_sign_of_life_is_interrupted(server, client):
    # the scene is made first, by one who waits, so that nothing but the thinking is slow
    slow = thinking(seed=3)
    client.run({"1": slow["1"], "2": slow["2"], "5": node("CIELRTest_Tell", value=["2", 3])})
    limited = closing(ComfyClient(server.url, limits=Limits(idle=1.5)))
    with limited as hasty, pytest.raises(TimedOut, match="'Thinker'"):
        hasty.run(slow)


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
        ([Fault("GET /ws", 403, times=99)], 112),
        ([Fault("GET /object_info", 0), Fault("POST /upload", 503), Fault("GET /view", cut=True)], 115),
        ([Fault("", seconds=0.2, times=30)], 116),
        ([Fault("POST /prompt", 502, after=True)], 117),
    ],
    ids=["forbidden socket", "one of each", "slow", "lost"],
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


# --------------------------------------------------------------------------------------------------------- the command


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
