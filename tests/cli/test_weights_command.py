"""`cielr weights` as its users meet it, against a local server that plays the hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

pytest.importorskip("huggingface_hub")

from cli_help import command, environment, on_a_terminal, refused, well
from hub_server import safetensors

from cielr.cli import doctor
from cielr.weights.catalogue import CATALOGUE

NAME, REPOSITORY = "depth-anything-v2-small", "depth-anything/Depth-Anything-V2-Small-hf"
BIG = "model.safetensors"


@pytest.fixture
def hub(hub_with):
    return hub_with(REPOSITORY, {"config.json": b"{}", BIG: safetensors(2_000_000)})


@pytest.fixture
def folder(home):
    return home / "depthanything" / NAME


@pytest.fixture
def run(run, hub):
    return lambda *words: run("weights", *words)


def states(said: str) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(said)["weights"]}


def test_the_list_names_everything_with_its_licence_and_where_it_stands(run, folder):
    out = well(run("list"))
    rows = {line.split()[0]: line for line in out.splitlines()}
    for one in CATALOGUE:
        assert one.licence in rows[one.name]
        assert one.folder in rows[one.name]
    assert rows[NAME].endswith("–")
    assert run("fetch", NAME)[0] == 0
    assert [line for line in run("list")[1].splitlines() if line.endswith("here")] == [
        line for line in run("list")[1].splitlines() if line.startswith(NAME)
    ]


def test_a_fetch_says_what_comes_and_where_it_lies(run, folder, hub):
    out = well(run("fetch", NAME))
    assert f"Fetching {REPOSITORY} (99 MB, apache-2.0)" in out
    assert f"Written  {folder}" in out
    assert (folder / BIG).read_bytes() == hub.files[BIG]
    assert run("fetch", REPOSITORY, "--quiet") == (0, "", "")


def test_check_reads_every_byte_and_its_exit_code_tells(run, folder):
    assert run("check")[:2] == (0, "No model of the catalogue is here; `cielr weights fetch NAME` fetches one.\n")
    code, out, _ = run("check", NAME)
    assert code == 1
    assert f"`cielr weights fetch {NAME}`" in out
    run("fetch", NAME)
    assert run("check") == (0, f"{NAME}: whole, in {folder}\n", "")
    data = bytearray((folder / BIG).read_bytes())
    data[500_000] ^= 255
    (folder / BIG).write_bytes(bytes(data))
    code, out, err = run("check")
    assert (code, err) == (1, "")
    assert "another checksum" in out
    code, out, _ = run("check", NAME, "--json")
    assert code == 1
    assert states(out) == {NAME: "damaged"}
    assert run("fetch", NAME)[0] == 0
    assert run("check", "--quiet") == (0, "", "")


def test_json_is_one_object_and_nothing_else(run):
    out = well(run("list", "--json"))
    assert states(out) == {one.name: "missing" for one in CATALOGUE}
    one = json.loads(out)["weights"][0]
    assert {"name", "kind", "repository", "revision", "files", "megabytes", "licence", "folder", "path"} <= set(one)


@pytest.mark.parametrize("command", ["fetch", "check"])
def test_an_unknown_name_is_one_sentence_that_names_the_known_ones(run, command):
    code, out, err = run(command, "yolo")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "owlv2-base" in err


def test_what_the_hub_refuses_is_one_sentence(run, hub, folder):
    hub.answer = (404, {"X-Error-Code": "RepoNotFound"}, b"{}")
    err = refused(run("fetch", NAME, "--quiet"), 1)
    assert REPOSITORY in err
    assert not folder.exists()


def test_doctor_agrees_with_check(run, folder):
    def line():
        return doctor._weights(None)

    assert line().status == "absent"
    assert "cielr weights list" in line().advice
    run("fetch", NAME)
    assert (line().status, line().text) == ("ok", NAME)
    assert line().data["catalogue"] == {NAME: "whole"}
    (folder / BIG).write_bytes(b"")
    assert line().status == "broken"
    assert line().advice == f"`cielr weights fetch {NAME}`"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
def test_cancelled_is_said_and_what_came_is_kept(hub, folder):
    hub.piece, hub.pause = 200_000, 0.3
    process = subprocess.Popen(
        command("weights", "fetch", NAME),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    half = folder.with_name(f"{NAME}.part") / f"{BIG}.part"
    until = time.monotonic() + 30
    while not (half.is_file() and half.stat().st_size > 0) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "Cancelled.\n")
    assert half.is_file()
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="terminals are opened otherwise here")
def test_on_a_terminal_a_bar_shows_how_much_has_come(hub, folder):
    hub.piece, hub.pause = 200_000, 0.2
    code, _, shown = on_a_terminal(command("weights", "fetch", NAME), TERM="xterm", COLUMNS="100")
    assert code == 0
    assert b"MB" in shown
    assert NAME.encode() in shown
    assert (folder / BIG).is_file()
