"""How the command ends when something is wrong: one sentence, a code of its own, and nothing half written."""

import ast
import json
import os
from pathlib import Path

import pytest
from cli_help import refused
from discs import scene

from cielr.errors import Ambiguous, Cancelled, ClarificationNeeded, EditError, PlanError

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("eyes")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["no.png"], "There is no file"),
        (["text.jpg"], "not an image"),
        (["photo.png", "--max-pixels", "1000"], "--max-pixels 48000"),
        (["photo.png", "-o", "no/out.png"], "does not exist"),
        (["photo.png", "-o", "out.xyz"], ".png"),
        (["photo.png", "-o", "photo.png"], "--overwrite"),
        (["photo.png", "-o", "out.png", "--quality", "90"], "takes no quality"),
    ],
)
def test_what_cannot_be_read_or_written_ends_with_3(run, photo, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.jpg").write_text("this is no picture at all, only a text")
    before = sorted(tmp_path.iterdir())
    assert words in refused(run("edit", *options, "remove the largest disc"), 3)
    assert sorted(tmp_path.iterdir()) == before


def test_a_read_only_folder_ends_with_3(run, photo, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "read-only" in refused(run("edit", photo, "remove the largest disc"), 3)


def test_a_full_disk_ends_with_3_and_leaves_nothing(run, photo, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert "disk is full" in refused(run("edit", photo, "remove the largest disc"), 3)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("x" * 100_000, "100,000 characters"),
        ("remove the green cup", ""),
        ("make it nicer", ""),
        ("ergreife die Flucht", ""),
    ],
)
def test_what_is_not_understood_ends_with_4(run, photo, tmp_path, instruction, words):
    assert words in refused(run("edit", photo, instruction), 4)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize(
    ("error", "code", "details"),
    [
        (Ambiguous("Which one?", ("a_1", "a_2")), 4, {"candidates": ["a_1", "a_2"]}),
        (ClarificationNeeded("Left or right?", ("left", "right")), 4, {"choices": ["left", "right"]}),
        (PlanError(["One.", "Two."]), 5, {"problems": ["One.", "Two."]}),
        (EditError("It has to be drawn."), 5, {}),
        (Cancelled("x"), 130, {"message": "Cancelled."}),
        (KeyboardInterrupt(), 130, {"message": "Cancelled."}),
        (MemoryError(), 1, {}),
        (RuntimeError("first line\nsecond line"), 1, {}),
    ],
)
def test_every_failure_has_its_code_and_as_json_its_details(run, photo, tmp_path, monkeypatch, error, code, details):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("cielr.pipeline.carry_out", fail)
    refused(run("edit", photo, "remove it"), code)
    got, out, err = run("edit", photo, "remove it", "--json")
    told = json.loads(out)
    assert got == told["exit_code"] == code
    assert told["error"]["kind"] == type(error).__name__
    assert told["error"].items() >= details.items()
    assert err.count("\n") == 1
    assert ("--answer" in err) == isinstance(error, ClarificationNeeded)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_debug_shows_where_an_unexpected_failure_was(run, photo, monkeypatch):
    monkeypatch.setattr("cielr.pipeline.carry_out", lambda *_, **__: 1 / 0)
    assert "--debug" in refused(run("edit", photo, "remove it"), 1)
    code, _, err = run("edit", photo, "remove it", "--debug")
    assert code == 1
    assert "Traceback" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["edit"],
        ["edit", "a.png"],
        ["nothing"],
        ["edit", "a.png", "x", "--quality", "200"],
        ["edit", "a.png", "x", "--seed", "many"],
        ["edit", "a.png", "x", "--unknown"],
        ["edit", "a.png", "x", "--labels", " , "],
    ],
)
def test_wrong_usage_ends_with_2(run, arguments):
    assert refused(run(*arguments), 2)


@pytest.mark.skipif(os.name != "posix", reason="file systems differ in what they refuse")
def test_what_a_file_system_refuses_is_a_sentence_before_the_work(run, photo, tmp_path, eyes):
    long = "x" * 300
    scene().save(tmp_path)
    for arguments in (
        ["edit", f"{long}.png", "remove it"],
        ["edit", photo, "remove it", "-o", tmp_path / f"{long}.png"],
        ["edit", photo, "remove it", "--trace", tmp_path / long],
        ["edit", photo, "remove it", "--record", tmp_path / long],
        ["scene", photo, "-o", tmp_path / long / "a.json"],
        ["scene", photo, "--overlay", tmp_path / f"{long}.png"],
        ["plan", f"{long}.json", "remove it"],
        ["plan", tmp_path, "remove it", "-o", tmp_path / f"{long}.json"],
    ):
        assert "name too long" in refused(run(*arguments), 3).lower()
    assert eyes.labels == "not asked"


def test_arguments_that_are_no_text_are_refused_and_names_of_files_may_be_anything(run, photo, tmp_path):
    odd = os.fsdecode(b"\xff\xfe") if os.name == "posix" else "\udcff"
    assert "not text in UTF-8" in refused(run("edit", photo, f"remove the {odd}"), 4)
    assert "not text in UTF-8" in refused(run("edit", photo, "remove it", "--labels", odd), 2)
    out = tmp_path / f"{odd}.png"
    if os.name == "posix":
        assert run("edit", photo, "remove the largest disc", "-o", out, "--json")[0] == 0
        assert out.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1",
        "http://",
        "ftp://x",
        "http://a b",
        "http://x:99999999",
        "http://ex..com",
        "http://javascript:alert(1)",
    ],
)
def test_odd_addresses_are_a_sentence(run, tmp_path, address):
    scene().save(tmp_path)
    assert "Unexpected" not in refused(run("plan", tmp_path, "make it nice", "--llm", f"openai/m@{address}"), 1)


def test_control_characters_in_names_do_not_reach_the_terminal(run, tmp_path):
    assert "\x1b" not in refused(run("edit", tmp_path / "a\x1b[31m.png", "remove it"), 3)


def test_nothing_but_the_terminals_own_functions_prints():
    # what they print is free of control characters; a bare print would pass on what a model said
    for path in (ROOT / "cielr" / "cli").glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        bare = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
        assert path.name == "terminal.py" or not bare, path


ESCAPE = "\x1b]0;title\x07\x9b31m\u202e"


def test_what_a_model_says_does_not_steer_the_terminal(run, photo, tmp_path, monkeypatch, eyes):
    things = tuple(thing.model_copy(update={"label": f"disc{ESCAPE}"}) for thing in scene().objects)
    hostile = scene().model_copy(update={"objects": things, "caption": ESCAPE, "absent": (ESCAPE,)})
    eyes.parse = lambda *_, **__: hostile
    hostile.save(tmp_path)
    (tmp_path / f"a{ESCAPE}.json").write_text(hostile.to_json())
    for arguments in (
        ["scene", photo],
        ["scene", photo, "--json"],
        ["scene", photo, "-o", tmp_path / f"b{ESCAPE}.json"],
        ["edit", photo, "remove the largest disc", "--overwrite"],
        ["edit", photo, "remove the largest disc", "--overwrite", "--json"],
        ["edit", photo, f"remove the {ESCAPE}", "--overwrite"],
        ["edit", photo, "remove it", f"--{ESCAPE}"],
        ["plan", tmp_path, "remove the largest disc", "--json"],
        ["plan", tmp_path / f"a{ESCAPE}.json", "remove the cup"],
        ["plan", tmp_path / f"no{ESCAPE}.json", "remove the cup"],
    ):
        _, out, err = run(*arguments)
        assert out + err
        assert all(sign.isprintable() or sign == "\n" for sign in out + err), arguments
    monkeypatch.undo()


def test_a_link_that_leads_out_of_a_folder_of_outputs_is_not_followed(run, photo, tmp_path):
    kept = tmp_path / "kept.png"
    kept.write_bytes(b"mine")
    (tmp_path / "scene.json").write_text(scene().to_json())
    assert run("plan", tmp_path / "scene.json", "remove the largest disc", "-o", tmp_path / "plan.json", "-q")[0] == 0
    order = ["mask", tmp_path / "plan.json", tmp_path / "scene.json", "-o", tmp_path / "out", "--overwrite", "-q"]
    assert run(*order)[0] == 0
    mask = next((tmp_path / "out").glob("*.crop-mask.png"))
    mask.unlink()
    mask.symlink_to(kept)
    said = refused(run(*order), 3)
    assert f"{mask} is a link to {kept}, outside of that folder" in said
    assert kept.read_bytes() == b"mine"
    # one that stays within is the owner's own order
    mask.unlink()
    mask.symlink_to("elsewhere.png")
    assert run(*order)[0] == 0
    assert mask.is_symlink()
    assert (tmp_path / "out" / "elsewhere.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "trace.html").symlink_to(kept)
    edit = ["edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "--trace", tmp_path / "t"]
    assert "outside of that folder" in refused(run(*edit, "--overwrite"), 3)
    assert kept.read_bytes() == b"mine"
