"""Weights through the hub's real client, from a local server that plays the hub: half is never taken for whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from patience import without_waiting

pytest.importorskip("huggingface_hub")

from hub_server import COMMIT, Hub, playing
from weights_help import BIG, NAME, REPOSITORY, refused

from cielr.errors import Cancelled
from cielr.weights import fetch as weights_fetch
from cielr.weights.catalogue import MANIFEST, WeightsError, check, damages, find
from cielr.weights.fetch import fetch

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("online")


# ------------------------------------------------------------------------------------------------------ as it should be


def test_what_is_fetched_is_what_the_hub_has_and_progress_runs_to_its_end(hub, target):
    hub.piece, hub.pause = 300_000, 0.1
    told = []
    assert fetch(NAME, endpoint=hub.url, on_step=lambda done, total: told.append((done, total))) == target
    wanted = {"config.json", "preprocessor_config.json", BIG}
    assert {path.name for path in target.iterdir()} == {*wanted, MANIFEST}
    for name in wanted:
        assert (target / name).read_bytes() == hub.files[name]
    assert json.loads((target / MANIFEST).read_text())["commit"] == COMMIT
    total = sum(len(hub.files[name]) for name in wanted)
    assert told[-1] == (total, total)
    assert len({done for done, _ in told}) >= 4
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == [NAME]
    assert find(NAME) == target
    assert find(REPOSITORY) == target


def test_the_endpoint_is_the_one_that_the_environment_names(hub, target, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", hub.url + "/")
    assert fetch(NAME) == target


def test_what_is_whole_is_not_fetched_again(hub, target):
    fetch(NAME, endpoint=hub.url)
    asked = len(hub.asked)
    assert fetch(NAME, endpoint="http://127.0.0.1:9") == target
    assert len(hub.asked) == asked


def test_texts_that_arrive_zipped_are_whole(hub, target):
    hub.zipped = True
    fetch(NAME, endpoint=hub.url)
    assert (target / "preprocessor_config.json").read_bytes() == hub.files["preprocessor_config.json"]


def test_a_fetched_model_loads_by_its_name(tiny, tmp_path):
    pytest.importorskip("transformers")
    from cielr.perception.models.loaders import load_segmenter

    folder = tiny("sam2")
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(WeightsError, match=f"cielr weights fetch {NAME}.*{REPOSITORY}.*{tmp_path}"):
        load_segmenter(NAME, device="cpu")
    with playing(Hub(REPOSITORY, files)) as hub:
        fetch(NAME, endpoint=hub.url)
    assert load_segmenter(NAME, device="cpu").name == NAME


# --------------------------------------------------------------------------------------------------------- cut off


def test_a_connection_that_breaks_is_taken_up_again_where_it_ended(hub, target):
    hub.cut, hub.cuts = 1_300_000, 2
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.fetched.count(BIG) == 3
    assert hub.went_on_at >= 2_300_000


def test_a_fetching_that_was_cancelled_goes_on_where_it_ended(hub, target):
    hub.piece, hub.pause = 200_000, 0.1

    def stop(done, total):
        if done > 1_000_000:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        fetch(NAME, endpoint=hub.url, on_step=stop)
    assert not target.exists()
    assert [one.state for one in check() if one.weights.name == NAME] == ["missing"]
    hub.pause = 0.0
    hub.asked.clear()
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.fetched == [BIG]
    assert hub.went_on_at >= 1_000_000


def test_a_hub_that_does_not_go_on_in_the_middle_is_asked_for_all_of_it(hub, target):
    hub.ranges, hub.cut, hub.cuts = False, 1_000_000, 1
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]


def test_cancelling_does_not_wait_for_a_line_that_is_silent(hub):
    hub.piece, hub.pause = 1_500_000, 60

    def stop(done, total):
        if done:
            raise Cancelled("stopped")

    with without_waiting(hub.pause), pytest.raises(Cancelled):
        fetch(NAME, endpoint=hub.url, on_step=stop)


def test_a_process_that_is_killed_leaves_nothing_that_looks_whole(hub, target):
    hub.piece, hub.pause = 100_000, 0.1
    script = f"from cielr.weights.fetch import fetch; fetch({NAME!r}, endpoint={hub.url!r})"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ.copy())
    half = target.with_name(f"{NAME}.part") / f"{BIG}.part"
    until = time.monotonic() + 30
    while not (half.is_file() and half.stat().st_size > 0) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    with pytest.raises(WeightsError, match="not here"):
        find(NAME)
    hub.pause = 0
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]


def test_two_fetchings_of_one_model_do_not_disturb_each_other(hub, target):
    hub.piece, hub.pause = 300_000, 0.05
    ended = []
    threads = [threading.Thread(target=lambda: ended.append(fetch(NAME, endpoint=hub.url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert ended == [target, target]
    assert (target / BIG).read_bytes() == hub.files[BIG]


# ------------------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize("name", [BIG, "config.json"])
def test_another_checksum_is_thrown_away_and_the_next_fetching_is_right(hub, target, name):
    hub.spoil = (name,)
    assert f"{name} of {REPOSITORY} has another checksum" in refused(hub)
    assert not (target.with_name(f"{NAME}.part") / f"{name}.part").exists()
    hub.spoil = ()
    fetch(NAME, endpoint=hub.url)
    assert damages(target, deep=True) == []


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (401, {"X-Error-Code": "GatedRepo"}, "accept its terms"),
        (403, {"X-Error-Code": "GatedRepo"}, "accept its terms"),
        (401, {}, "hf auth login"),
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"}, "refuses your token"),
        (403, {}, "refuses your token"),
        (404, {"X-Error-Code": "RepoNotFound"}, "is not there"),
        (404, {"X-Error-Code": "RevisionNotFound"}, "no revision 'main'"),
        (500, {}, "HTTP 500"),
        (503, {}, "HTTP 503"),
    ],
)
def test_each_refusal_of_the_hub_is_a_sentence_of_its_own(hub, status, headers, said):
    hub.answer = (status, headers, b"{}")
    sentence = refused(hub)
    assert said in sentence
    assert REPOSITORY in sentence


def test_a_refusal_in_the_middle_is_told_too(hub):
    hub.answer_files = (401, {"X-Error-Code": "GatedRepo"}, b"")
    assert "accept its terms" in refused(hub)
    hub.answer_files = None
    hub.listed = ("tokenizer.json",)
    assert "lacks a file" in refused(hub)


def test_whatever_else_answers_there_is_not_the_hub(hub):
    for body in (b"<html>", b"[]", b"{}", b'{"siblings": 3}'):
        hub.answer = (200, {}, body)
        assert hub.url in refused(hub)


def test_a_repository_without_usable_files_is_told(hub):
    del hub.files[BIG]
    assert "no config.json with .safetensors" in refused(hub)


def test_no_server_is_told_with_its_address(hub):
    with pytest.raises(WeightsError, match=r"127\.0\.0\.1:9 could not be read"):
        fetch(NAME, endpoint="http://127.0.0.1:9")


def test_offline_means_offline(hub, target, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = refused(hub)
    assert "HF_HUB_OFFLINE is set" in sentence
    assert str(target) in sentence
    assert hub.asked == []


# ---------------------------------------------------------------------------------------------------------- no space


def test_a_model_that_does_not_fit_on_the_disk_is_not_begun(hub, monkeypatch):
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr(weights_fetch.shutil, "disk_usage", lambda path: usage)
    assert "3 MB are to be fetched" in refused(hub)
    assert hub.fetched == []


def test_a_disk_that_fills_up_on_the_way_is_told_and_nothing_is_lost(hub, target):
    """The kernel's own limit on a file's size stands for a full disk."""
    pytest.importorskip("resource")
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))\n"
        "from cielr.errors import CielrError\nfrom cielr.weights.fetch import fetch\n"
        f"try: fetch({NAME!r}, endpoint={hub.url!r})\nexcept CielrError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == (
        f"The disk of {target.parent} is full; make room and fetch again, it goes on where it ended.\n"
    )
    assert told.stderr == ""
    assert not target.exists()
    fetch(NAME, endpoint=hub.url)
    assert (target / BIG).read_bytes() == hub.files[BIG]
    assert hub.went_on_at >= 1_900_000


def test_a_folder_that_cannot_be_written_is_named(hub, target):
    target.parent.parent.mkdir(parents=True)
    target.parent.write_text("in the way")
    with pytest.raises(WeightsError, match=f"{target.parent}.* cannot be written"):
        fetch(NAME, endpoint=hub.url)
