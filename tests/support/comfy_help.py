"""Shared by the tests of the client of ComfyUI: a workflow, a server, and that nothing is left behind."""

import gc
import os
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from comfy_server import ComfyServer

pytest.importorskip("httpx")
pytest.importorskip("websockets")

from cielr.comfy import ComfyClient, Limits

QUICK = Limits(connect=2, request=2, idle=30, lost=2)


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
