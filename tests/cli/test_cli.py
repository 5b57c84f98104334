"""The command as its users meet it: what it prints, what it writes, and how it ends when something is wrong."""

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_help import refused
from discs import DISCS, GROUND, masks, picture, scene
from patience import without_waiting
from PIL import Image

from cielr.cli import main as cli
from cielr.core.scene import Scene
from cielr.errors import Ambiguous, Cancelled, ClarificationNeeded, EditError, PlanError
from cielr.perception.builtin.parser import BuiltinParser

ROOT = Path(__file__).parents[2]


class KnownDiscs:
    """Stands for the eyes: what is tested here is the command around them."""

    def __init__(self):
        self.labels = "not asked"

    def parse(self, image, labels=None, on_step=None):
        self.labels = labels
        for done in range(3):
            if on_step is not None:
                on_step(done, 2)
        return scene()

    def perception(self, image):
        from cielr.perception.builtin.parser import BuiltinPerception

        return BuiltinPerception(image)


@pytest.fixture(autouse=True)
def eyes(monkeypatch):
    made = KnownDiscs()
    monkeypatch.setattr("cielr.pipeline._builtin_parser", lambda: made)
    return made


@pytest.fixture
def photo(tmp_path):
    Image.fromarray(picture()).save(tmp_path / "photo.png", dpi=(300, 300))
    return tmp_path / "photo.png"


@pytest.fixture
def run(capsys):
    def call(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


# ------------------------------------------------------------------------------------------------------------- edit


def test_an_edit_is_written_and_told(run, photo, tmp_path):
    code, out, err = run("edit", photo, "remove the largest disc", "-o", tmp_path / "out.png")
    assert (code, err) == (0, "")
    assert "3 objects: 3 × disc" in out
    assert "Remove disc_2." in out
    assert str(tmp_path / "out.png") in out
    before, after = picture().astype(int), np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert np.abs(after[60, 160] - GROUND).max() < 12
    far = ~masks()["disc_2"]
    far[20:100, 110:210] = False
    assert (before[far] == after[far]).all()
    assert round(Image.open(tmp_path / "out.png").info["dpi"][0]) == 300


def test_a_plan_that_does_nothing_and_a_change_that_cannot_be_seen_are_told(run, photo, tmp_path, monkeypatch):
    from cielr.actions import Modify, Plan

    plans = {
        "The plan has no action": Plan(),
        "is it what was meant?": Plan(actions=(Modify(targets=("disc_1",), change="blur 1px"),)),
    }
    for words, plan in plans.items():
        monkeypatch.setattr("cielr.reasoning.grammar.reader.plan_explicit", lambda *_, plan=plan, **__: plan)
        monkeypatch.setattr("cielr.editing.pixels.changed", lambda crop, *_: crop.copy())
        code, out, err = run("edit", photo, "whatever", "-o", tmp_path / "same.png", "--overwrite")
        assert (code, err) == (0, "")
        [notice] = [line for line in out.splitlines() if line.startswith("Notice")]
        assert words in notice
        assert (np.asarray(Image.open(tmp_path / "same.png")) == picture()).all()
        _, out, _ = run("edit", photo, "whatever", "-o", tmp_path / "same.png", "--overwrite", "--json")
        [notice] = json.loads(out)["notices"]
        assert words in notice


def test_labels_that_built_in_eyes_cannot_tell_apart_are_told(run, photo, tmp_path, monkeypatch):
    monkeypatch.setattr("cielr.pipeline._builtin_parser", BuiltinParser)
    words = "Without a detection model these labels cannot be told apart: cup, spoon."
    for command in (("scene", photo), ("edit", photo, "darken the background", "-o", tmp_path / "o.png")):
        code, out, _ = run(*command, "--labels", "cup,spoon")
        assert code == 0
        assert words in " ".join(out.split())


def test_without_a_name_the_output_lies_beside_the_photo(run, photo, tmp_path):
    before = photo.read_bytes()
    assert run("edit", photo, "brighten the largest disc by 20%")[0] == 0
    assert (tmp_path / "photo-edited.png").exists()
    assert photo.read_bytes() == before


def test_json_is_one_object_and_nothing_else(run, photo, tmp_path):
    code, out, err = run(
        "edit",
        photo,
        "remove the largest disc",
        "-o",
        tmp_path / "o.png",
        "--json",
        "--seed",
        7,
        "--trace",
        tmp_path / "t",
    )
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["output"] == str(tmp_path / "o.png")
    assert (told["width"], told["height"], told["seed"]) == (240, 200, 7)
    assert told["plan"]["actions"][0]["targets"] == ["disc_2"]
    assert [thing["id"] for thing in told["objects"]] == list(DISCS)
    assert told["objects"][1]["pixels"] == masks()["disc_2"].sum()
    differs = (np.asarray(Image.open(tmp_path / "o.png")) != picture()).any(axis=2).sum()
    assert told["changed_pixels"] == told["regions"][0]["changed_pixels"] == differs
    assert told["regions"][0]["pixels"] >= masks()["disc_2"].sum()
    assert told["trace"] == str(tmp_path / "t")


def test_quiet_says_nothing(run, photo, tmp_path):
    assert run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "-q") == (0, "", "")


def test_labels_come_with_commas_or_one_by_one(run, photo, tmp_path, eyes):
    arguments = ["edit", photo, "remove the largest disc", "-q", "--overwrite"]
    run(*arguments, "--labels", "disc, cup", "--labels", "disc", "-l", "dog")
    assert eyes.labels == ["disc", "cup", "dog"]
    run(*arguments)
    assert eyes.labels is None


def test_equal_seeds_give_equal_files(run, photo, tmp_path):
    for name in ("a.png", "b.png"):
        run("edit", photo, "remove the largest disc", "-o", tmp_path / name, "--seed", 5)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_trace_is_written_beside_the_edit(run, photo, tmp_path):
    assert run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")[0] == 0
    told = json.loads((tmp_path / "t" / "trace.json").read_text())
    assert [step["name"] for step in told["steps"]] == ["perceive", "reason", "region", "edit"]
    assert "Before and after" in (tmp_path / "t" / "trace.html").read_text()


def test_a_failed_edit_leaves_a_trace_that_says_where_and_no_photo(run, photo, tmp_path):
    ran = run("edit", photo, "remove the green cup", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")
    assert ran[0] == 4
    assert "Broken off at" in (tmp_path / "t" / "trace.html").read_text()
    assert not (tmp_path / "o.png").exists()


def test_every_name_is_checked_before_the_work(run, photo, tmp_path, eyes):
    (tmp_path / "file").touch()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "trace.json").write_text("kept")
    (tmp_path / "talk.jsonl").write_text("kept")
    out = ["-o", tmp_path / "o.png"]
    for options, words in (
        ([*out, "--trace", tmp_path / "file" / "t"], "is a file, not a folder"),
        ([*out, "--trace", tmp_path / "t"], "--overwrite"),
        ([*out, "--record", tmp_path / "talk.jsonl"], "--overwrite"),
        ([*out, "--record", tmp_path], "is a folder"),
        ([*out, "--record", tmp_path / "o.png"], "--output and --record both name"),
    ):
        assert words in refused(run("edit", photo, "remove the largest disc", *options), 3)
    assert eyes.labels == "not asked"
    assert (tmp_path / "t" / "trace.json").read_text() == (tmp_path / "talk.jsonl").read_text() == "kept"
    assert not (tmp_path / "o.png").exists()
    assert run("edit", photo, "remove the largest disc", *out, "--trace", tmp_path / "t", "--overwrite")[0] == 0
    assert json.loads((tmp_path / "t" / "trace.json").read_text())["steps"]


def test_a_record_that_may_be_overwritten_begins_anew(run, tmp_path):
    scene().save(tmp_path)
    talk = tmp_path / "talk.jsonl"
    talk.write_text("what was there")
    arguments = ["plan", tmp_path, "remove the largest disc", "--record", talk]
    assert "--overwrite" in refused(run(*arguments), 3)
    assert talk.read_text() == "what was there"
    assert run(*arguments, "--overwrite")[0] == 0
    assert talk.read_text() == ""


def test_a_trace_that_fails_when_it_is_written_does_not_cost_the_photo(run, photo, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cielr.telling.page.write_text", full)
    ran = run("edit", photo, "remove the largest disc", "-o", tmp_path / "o.png", "--trace", tmp_path / "t")
    assert "o.png is written, but its trace is not" in refused(ran, 3)
    assert Image.open(tmp_path / "o.png").size == (240, 200)


# ------------------------------------------------------------------------------------------------- what goes wrong


def cut_short(tmp_path):
    (tmp_path / "cut.png").write_bytes((tmp_path / "photo.png").read_bytes()[:300])
    return ["cut.png"]


def empty(tmp_path):
    (tmp_path / "empty.png").touch()
    return ["empty.png"]


def text(tmp_path):
    (tmp_path / "text.jpg").write_text("this is no picture at all, only a text")
    return ["text.jpg"]


def one_pixel(tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "one.png")
    return ["one.png"]


def animation(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    return ["moving.gif"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: ["no.png"], "There is no file"),
        (lambda _: ["."], "is a folder"),
        (empty, "0 bytes"),
        (text, "not an image"),
        (cut_short, "cut short"),
        (one_pixel, "1 x 1 pixels"),
        (animation, "animation of 2 frames"),
        (lambda _: ["photo.png", "--max-pixels", "1000"], "--max-pixels 48000"),
        (lambda _: ["photo.png", "-o", "no/out.png"], "does not exist"),
        (lambda _: ["photo.png", "-o", "out.xyz"], ".png"),
        (lambda _: ["photo.png", "-o", "photo.png"], "--overwrite"),
        (lambda _: ["photo.png", "-o", "out.png", "--quality", "90"], "takes no quality"),
    ],
)
def test_what_cannot_be_read_or_written_ends_with_3(run, photo, tmp_path, monkeypatch, make, words):
    monkeypatch.chdir(tmp_path)
    image, *options = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert words in refused(run("edit", image, "remove the largest disc", *options), 3)
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
    "address", ["http://[::1", "http://", "ftp://x", "http://a b", "http://x:99999999", "http://ex..com"]
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


# ------------------------------------------------------------------------------------------------------ scene, plan


def test_a_scene_is_listed(run, photo):
    code, out, _ = run("scene", photo)
    assert code == 0
    line = next(line for line in out.splitlines() if line.startswith("disc_2"))
    assert "160, 60" in line
    assert "61 x 61" in line


def test_a_scene_as_json_is_the_scene(run, photo):
    code, out, _ = run("scene", photo, "--json")
    assert code == 0
    assert Scene.from_json(out) == scene()


def test_a_scene_is_written_to_a_folder_or_a_file_with_its_overlay(run, photo, tmp_path):
    assert run("scene", photo, "-o", tmp_path / "kept", "--overlay", tmp_path / "seen.png", "-q") == (0, "", "")
    assert Scene.load(tmp_path / "kept") == scene()
    drawn = np.asarray(Image.open(tmp_path / "seen.png"))
    assert drawn.shape == (200, 240, 3)
    assert (drawn != picture()).any()
    assert run("scene", photo, "-o", tmp_path / "kept.json", "-q")[0] == 0
    assert (tmp_path / "kept.json").read_bytes() == (tmp_path / "kept" / "scene.json").read_bytes()
    assert "--overwrite" in refused(run("scene", photo, "-o", tmp_path / "kept.json"), 3)
    assert run("scene", photo, "-o", tmp_path / "kept.json", "-q", "--overwrite")[0] == 0


def test_the_photo_is_not_overwritten_by_its_own_overlay(run, photo):
    assert "--overwrite" in refused(run("scene", photo, "--overlay", photo), 3)


def test_a_plan_is_made_from_a_kept_scene(run, tmp_path):
    scene().save(tmp_path)
    for source in (tmp_path, tmp_path / "scene.json"):
        code, out, _ = run("plan", source, "remove the largest disc")
        assert code == 0
        assert "Remove disc_2." in out
    code, out, _ = run("plan", tmp_path, "remove the largest disc", "--json", "-o", tmp_path / "plan.json")
    assert json.loads(out)["actions"][0]["targets"] == ["disc_2"]
    assert (tmp_path / "plan.json").read_text() == out


def test_a_photo_in_place_of_a_scene_is_told_what_makes_one(run, photo):
    said = refused(run("plan", photo, "remove it"), 3)
    assert f"cielr scene {photo}" in said
    assert f"cielr edit {photo}" in said


def test_a_scene_that_cannot_be_read_ends_with_3(run, tmp_path):
    refused(run("plan", tmp_path / "no.json", "remove it"), 3)
    for content, words in (
        (b"{}", "'width' is missing"),
        (b"", "it is empty"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"width": ' + b"9" * 5000, "thousands of digits"),
        (b'{"width": 3,}', "line 1, column"),
        ("ä".encode("latin-1"), "not text in UTF-8"),
    ):
        (tmp_path / "bad.json").write_bytes(content)
        assert words in refused(run("plan", tmp_path / "bad.json", "remove it"), 3)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device file")
def test_a_scene_without_end_is_not_read(run):
    assert "not a regular file" in refused(run("plan", "/dev/zero", "remove it"), 3)


def test_a_few_letters_do_not_stand_for_gigabytes(run, tmp_path):
    runs = {"height": 12000, "width": 12000, "runs": "0 144000000"}
    thing = {"id": "a_1", "label": "cup", "box": {"x0": 0, "y0": 0, "x1": 12000, "y1": 12000}, "mask": runs}
    (tmp_path / "a.json").write_text(json.dumps({"width": 12000, "height": 12000, "objects": [thing]}))
    said = refused(run("plan", tmp_path / "a.json", "remove the cup"), 3)
    assert "144.0 megapixels" in said
    assert run("plan", tmp_path / "a.json", "remove the cup", "--max-pixels", 144_000_000)[0] == 0


def test_a_scene_with_a_byte_order_mark_is_read(run, tmp_path):
    (tmp_path / "scene.json").write_text(scene().to_json(), encoding="utf-8-sig")
    assert run("plan", tmp_path, "remove the largest disc")[0] == 0


def test_doctor_tells_in_words_and_in_json(run):
    code, out, _ = run("doctor")
    assert "Python" in out
    assert json.loads(run("doctor", "--json")[1])["usable"] == (code == 0)


# --------------------------------------------------------------------------------------------- as a process of its own


def cielr(*arguments, **options):
    # a home of its own: rich and typer look at the environment
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "100"} | options.pop("env", {})
    command = [sys.executable, "-m", "cielr", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, **options)


def test_help_names_the_exit_codes_and_loads_nothing_heavy():
    assert "130 cancelled" in " ".join(cielr("--help").stdout.split())
    assert "nothing matches" in " ".join(cielr("edit", "--help").stdout.split())
    heavy = ("torch", "scipy", "skimage", "PIL", "pydantic")
    code = f"import sys, cielr.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT).stdout.strip() == "[]"


def test_a_failure_reaches_the_shell():
    ran = cielr("edit", "no.png", "remove it")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, "", "There is no file no.png.\n")


def test_an_encoding_that_lacks_a_sign_does_not_matter(photo):
    ran = cielr("plan", photo.parent, "x" * 3000, env={"PYTHONIOENCODING": "ascii"})
    assert ran.returncode == 4
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_an_interrupt_ends_with_130_and_leaves_nothing(photo, tmp_path):
    code = """
import sys, time, cielr.pipeline, cielr.cli.main
def slow(*_, **__):
    print("working", flush=True)
    time.sleep(30)
cielr.pipeline.carry_out = slow
sys.exit(cielr.cli.main.main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", code, "edit", str(photo), "remove it"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    # what runs sleeps for 30 s
    with without_waiting(30):
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "Cancelled.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that closes")
def test_a_reader_who_has_seen_enough_gets_no_complaint():
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "cielr", "weights", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) != 0


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_on_a_terminal_progress_is_shown_and_goes_away(photo, tmp_path):
    import pty

    master, slave = pty.openpty()
    code = """
import sys, cielr.pipeline, cielr.cli.main
from cielr.telling.trace import Event
real = cielr.pipeline.carry_out
def told(*_, on_event=None, **__):
    on_event(Event("edit", "Editing", 0.5))
    raise cielr.EditError("It ends here.")
cielr.pipeline.carry_out = told
sys.exit(cielr.cli.main.main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", code, "edit", str(photo), "remove it"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, cwd=ROOT, env=environment)
    out, _ = process.communicate(timeout=30)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:
        pass
    os.close(master)
    assert b"Editing" in shown
    assert shown.decode().strip().endswith("It ends here.")
    assert (process.returncode, out) == (5, b"")
