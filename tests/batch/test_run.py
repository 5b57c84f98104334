"""Batches as their users meet them: results, failures, kills, interrupts, second passes."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from batches import INSTRUCTION, Inline, command, disc_photo, done, photo_folder, result_of, settings_of
from cli_help import environment
from PIL import Image

import cielr
from cielr.batch import run_batch
from cielr.batch.ledger import read_outcomes
from cielr.batch.outcome import failed
from cielr.cli import main as cli
from cielr.errors import CielrError


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Eight photos and a broken one."""
    folder = photo_folder(tmp_path_factory.mktemp("batch") / "photos", 8)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return folder


@pytest.fixture(scope="module")
def whole(photos):
    """What an unbroken batch makes of them."""
    out = photos.parent / "whole"
    ran = subprocess.run(command(photos, out, "--workers", "1"), env=environment(), capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (1, "")
    return out


def lines_of(out: Path) -> int:
    files = [out / "cielr-batch" / name for name in ("journal.jsonl", "results.jsonl")]
    return max(file.read_bytes().count(b"\n") if file.exists() else 0 for file in files)


# ------------------------------------------------------------------------------------------------------------- results


def test_every_photo_is_edited_as_it_would_be_alone(photos, whole):
    outcomes = list(read_outcomes(whole / "cielr-batch"))
    assert [outcome.image for outcome in outcomes] == [
        *("00.png", "01.png", "03.png", "04.png", "06.png", "07.png", "broken.png", "more/02.png", "more/05.png"),
    ]
    for outcome in outcomes:
        if outcome.status == "done":
            alone = cielr.edit(photos / outcome.image, INSTRUCTION, labels=["disc"])
            assert (np.asarray(Image.open(whole / outcome.output)) == alone.image).all()
            [action] = alone.plan.actions
            assert outcome.plan == (f"1. Remove {action.objects[0]}.",)
    [failed] = [outcome for outcome in outcomes if outcome.status == "failed"]
    assert failed.kind == "ImageError"
    assert "broken.png" in failed.reason
    assert not (whole / "broken.png").exists()


def test_two_processes_make_the_same(photos, whole, tmp_path):
    ran = subprocess.run(command(photos, tmp_path / "out", "--workers", "2"), env=environment(), capture_output=True)
    assert ran.returncode == 1
    assert result_of(tmp_path / "out") == result_of(whole)


def test_the_contact_sheet_shows_before_after_and_mask(photos, whole):
    page = (whole / "cielr-batch" / "contact-sheet.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 8
    assert "broken.png is damaged" in page or "broken.png begins as an image" in page
    tiles = np.asarray(Image.open(whole / "cielr-batch" / "thumbnails" / "000001.jpg")).astype(int)
    before, after, mask = np.split(tiles, 3, axis=1)
    assert np.abs(before - disc_photo(0)).mean() < 6
    changed = np.abs(before - after).max(axis=2) > 40
    assert changed.any()
    assert (mask[changed].min(axis=1) > 128).mean() > 0.95


def test_what_stands_on_the_sheet_is_text(tmp_path):
    name = "<img src=x onerror=alert(1)>.png"
    (tmp_path / "in").mkdir()
    Image.fromarray(disc_photo(1)).save(tmp_path / "in" / name)
    run_batch(settings_of(tmp_path / "in", tmp_path / "out"), Inline(done))
    page = (tmp_path / "out" / "cielr-batch" / "contact-sheet.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page


def test_a_manifest_edits_each_photo_in_its_own_way(tmp_path):
    lines = [
        {"image": "00.png", "instruction": "remove the largest disc", "labels": "disc", "output": "first.png"},
        {"image": "00.png", "instruction": "make the smallest disc blue", "labels": "disc"},
        {"image": "00.png", "instruction": "make the smallest disc blue", "labels": "disc"},
        {"image": "01.png", "instruction": "sing a song"},
        {"image": "absent.png", "instruction": "remove the largest disc"},
        {"image": "01.png", "plan": "plan.json", "masks": "masks"},
    ]
    folder = photo_folder(tmp_path / "photos", 2)
    (folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "masks").mkdir()
    Image.fromarray((disc_photo(1) != disc_photo(1)[0, 0]).any(axis=2)).save(folder / "masks" / "disc.png")
    (folder / "plan.json").write_text('{"actions": [{"kind": "remove", "targets": ["disc_1"]}], "summary": ""}')
    assert cli.main(["batch", str(folder / "jobs.jsonl"), "-o", str(tmp_path / "out"), "-w", "1", "-q"]) == 1
    told = list(read_outcomes(tmp_path / "out" / "cielr-batch"))
    assert [outcome.output for outcome in told] == ["first.png", "00.png", "00-2.png", "", "", "01-2.png"]
    assert [outcome.kind for outcome in told] == ["", "", "", "NotUnderstood", "ImageError", ""]
    pixels = [np.asarray(Image.open(tmp_path / "out" / outcome.output)) for outcome in told[:3]]
    assert (pixels[1] == pixels[2]).all()
    assert (pixels[0] != pixels[1]).any()


# --------------------------------------------------------------------------------------------------- kills and resuming


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_batch_that_is_killed_goes_on_and_ends_as_an_unbroken_one_does(photos, whole, tmp_path):
    out, kills = tmp_path / "out", 0
    random = np.random.default_rng(1)
    for wanted in (0, 5):
        process = subprocess.Popen(command(photos, out, "--workers", "2"), env=environment(), stderr=subprocess.DEVNULL)
        while process.poll() is None and lines_of(out) <= wanted:
            time.sleep(0.01)
        time.sleep(float(random.uniform(0, 0.2)))
        kills += process.poll() is None
        process.kill()
        process.wait()
        # the worst moment: half a line on the disk, half a photo beside it
        home = out / "cielr-batch"
        if (home / "journal.jsonl").exists():
            with (home / "journal.jsonl").open("ab") as file:
                file.write(b'{"image":"00.p')
        (home / "parts").mkdir(parents=True, exist_ok=True)
        (home / "parts" / "1-0a0b.part").write_bytes(b"half")
    ran = subprocess.run(command(photos, out, "--workers", "2"), env=environment(), capture_output=True)
    assert ran.returncode == 1
    assert kills
    assert result_of(out) == result_of(whole)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_an_interrupt_lets_what_is_at_work_come_to_its_end(photos, whole, tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(photos, out, "--workers", "1"),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while process.poll() is None and lines_of(out) < 1:
        time.sleep(0.01)
    # as a terminal does it: to the whole group
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "goes on" in err
    written = [path for path in out.rglob("*.png")]
    assert 1 <= lines_of(out) < 9
    assert len(written) in (lines_of(out), lines_of(out) - 1)
    assert not list((out / "cielr-batch").glob("parts/*"))
    subprocess.run(command(photos, out, "--workers", "1"), env=environment(), capture_output=True)
    assert result_of(out) == result_of(whole)


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_an_interrupt_as_the_workers_begin_ends_none_of_them_in_their_midst(photos, whole, tmp_path):
    out = tmp_path / "out"
    options = {"env": environment(), "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    process = subprocess.Popen(command(photos, out, "--workers", "2"), **options)
    # the last that is made before them
    while process.poll() is None and not (out / "cielr-batch" / "parts").exists():
        time.sleep(0.001)
    for wait in (0.1, 0.2):
        time.sleep(wait)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        for child in children.read_text().split() if children.exists() else ():
            os.kill(int(child), signal.SIGINT)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (130, "Stopped; the same command goes on with what is left.\n")
    subprocess.run(command(photos, out, "--workers", "2"), env=environment(), capture_output=True)
    assert result_of(out) == result_of(whole)


def test_a_second_call_edits_only_what_is_new(tmp_path):
    folder = photo_folder(tmp_path / "photos", 3)
    settings = settings_of(folder, tmp_path / "out")
    run_batch(settings, Inline(done))
    again = Inline(done)
    summary = run_batch(settings, again)
    assert (again.tasks, summary.done, summary.edited) == ([], 3, 0)
    Image.fromarray(disc_photo(9)).save(folder / "00.jpg")
    Image.fromarray(disc_photo(9)).save(folder / "0.png")
    again = Inline(done)
    assert run_batch(settings, again).done == 5
    assert [(task.number, task.output) for task in again.tasks] == [(0, "0.png"), (1, "00.jpg")]


def test_names_stay_the_same_however_a_batch_is_broken_off(tmp_path):
    manifest = tmp_path / "jobs.csv"
    rows = ["a.png", "a.gif", "a-2.png", "A.png", "a.png", "b.png"]
    manifest.write_text("image\n" + "\n".join(rows))

    def work(task):
        return failed(task, "ImageError", "It is broken.") if task.item.image == "a.gif" else done(task)

    run_batch(settings_of(manifest, tmp_path / "whole"), Inline(work))
    named = Inline(done)
    run_batch(settings_of(manifest, tmp_path / "named"), named)
    assert [task.output for task in named.tasks] == ["a.png", "a-2.png", "a-2-2.png", "A-3.png", "a-4.png", "b.png"]
    for most in (1, 2, 1, 1):
        with pytest.raises(KeyboardInterrupt):
            run_batch(settings_of(manifest, tmp_path / "broken"), Inline(work, most))
    run_batch(settings_of(manifest, tmp_path / "broken"), Inline(work))
    assert result_of(tmp_path / "broken") == result_of(tmp_path / "whole")


def test_what_failed_stays_so_until_it_is_to_be_tried_again(tmp_path):
    folder = photo_folder(tmp_path / "photos", 3)
    out = tmp_path / "out"
    run_batch(settings_of(folder, out), Inline(lambda task: failed(task, "LLMError", "The server is away.")))
    assert run_batch(settings_of(folder, out), Inline(done)).failed == 3
    summary = run_batch(settings_of(folder, out, again=True), Inline(done))
    assert (summary.done, summary.failed) == (3, 0)
    run_batch(settings_of(folder, tmp_path / "other"), Inline(done))
    assert result_of(out) == result_of(tmp_path / "other")


def test_other_settings_and_other_folders_are_refused(tmp_path, capsys):
    folder = photo_folder(tmp_path / "photos", 2)
    run_batch(settings_of(folder, tmp_path / "out"), Inline(done))
    with pytest.raises(CielrError, match="instruction was 'remove the largest disc' and is 'blur it' now"):
        run_batch(settings_of(folder, tmp_path / "out", made_with={"instruction": "blur it"}), Inline(done))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.png").write_bytes(b"precious")
    assert cli.main(["batch", str(folder), "blur it", "-o", str(tmp_path / "taken")]) == 1
    assert "holds mine.png already" in capsys.readouterr().err
    assert (tmp_path / "taken" / "mine.png").read_bytes() == b"precious"


def test_without_anything_to_do_the_command_says_so(tmp_path, capsys):
    folder = photo_folder(tmp_path / "photos", 1)
    assert cli.main(["batch", str(folder), "-o", str(tmp_path / "out")]) == 2
    assert "in quotes, or with --plan" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_goal_that_is_read_only_is_one_sentence(tmp_path, capsys):
    folder = photo_folder(tmp_path / "photos", 2)
    (tmp_path / "closed").mkdir(mode=0o555)
    assert cli.main(["batch", str(folder), "blur it", "-o", str(tmp_path / "closed" / "out")]) != 0
    assert "closed" in capsys.readouterr().err


def test_a_bad_line_of_a_manifest_fails_alone(tmp_path):
    manifest = tmp_path / "jobs.jsonl"
    manifest.write_text('{"image": "a.png"}\nnonsense\n{"image": "b.png"}\n')
    told = []
    settings = settings_of(manifest, tmp_path / "out")
    summary = run_batch(settings, Inline(done), lambda progress, outcome: told.append(outcome and outcome.image))
    assert (summary.done, summary.failed, summary.reasons) == (2, 1, {"BadItem": 1})
    [bad] = summary.examples
    assert (bad.image, bad.reason.split(":")[0]) == ("jobs.jsonl, line 2", "The line is not JSON")
    assert sorted(filter(None, told)) == ["a.png", "b.png", "jobs.jsonl, line 2"]


def test_json_lines_tell_each_photo(tmp_path, capsys):
    folder = photo_folder(tmp_path / "photos", 2)
    out = str(tmp_path / "out")
    assert cli.main(["batch", str(folder), INSTRUCTION, "-l", "disc", "-o", out, "-w", "1", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(line["image"] for line in told) == ["00.png", "01.png"]
    assert {line["status"] for line in told} == {"done"}


def test_a_second_pass_neither_looks_nor_reasons(tmp_path, monkeypatch):
    from cielr.batch.places import Goal
    from cielr.batch.work import Work

    folder = photo_folder(tmp_path / "photos", 2)

    def editor(out, seed):
        goal = Goal(str(out), str(out / "cielr-batch" / "parts"))
        work = Work(goal, goal, dict, INSTRUCTION, ("disc",), seed=seed, cache=str(tmp_path / "cache"))
        return work.start()

    first = settings_of(folder, tmp_path / "one", on_sheet=0)
    run_batch(first, Inline(editor(tmp_path / "one", 0)))

    def blind():
        raise AssertionError("the photo was looked at")

    monkeypatch.setattr("cielr.perception.builtin.parser.BuiltinParser.parse", lambda *_, **__: blind())
    monkeypatch.setattr("cielr.reasoning.grammar.reader.plan_explicit", lambda *_, **__: blind())
    summary = run_batch(settings_of(folder, tmp_path / "two", on_sheet=0), Inline(editor(tmp_path / "two", 0)))
    assert (summary.done, summary.failed) == (2, 0)
    assert result_of(tmp_path / "one") == result_of(tmp_path / "two")
