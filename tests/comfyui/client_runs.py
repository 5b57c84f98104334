"""What the tests of the engine's own client share: files as the server saved them, work that waits, the command."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.comfyui.client import node

ROOT = Path(__file__).resolve().parents[2]

LABELS = "coin"


def client_threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("cielr-comfy")]


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
        queue = server.client.get_json("/queue")
        if len(queue["queue_running"]) + len(queue["queue_pending"]) >= count:
            return
        time.sleep(0.05)
    raise AssertionError("It did not start.")


def beside(work):
    """Starts work in a thread; gives a function that waits for what it returned or raised."""
    outcomes = []

    def run():
        try:
            outcomes.append(work())
        except BaseException as error:
            outcomes.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def outcome():
        thread.join(60)
        return outcomes[0]

    return outcome


def command(*words, cwd):
    return subprocess.Popen(
        [sys.executable, "-m", "cielr", "comfy", "run", *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
