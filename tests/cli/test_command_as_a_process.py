"""The command as a process of its own: codes, signals, pipes and terminals."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_help import ROOT, command, environment, on_a_terminal
from patience import without_waiting

pytestmark = pytest.mark.usefixtures("eyes")


def cielr(*arguments, **options):
    # a home of its own: rich and typer look at the environment
    settings = environment(NO_COLOR="1", COLUMNS="100", **options.pop("env", {}))
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=settings, timeout=60, **options)


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
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_or_a_polite_kill_ends_with_130_and_leaves_nothing(photo, tmp_path, kind):
    code = """
import sys, time, cielr.pipeline, cielr.__main__
def slow(*_, **__):
    print("working", flush=True)
    time.sleep(30)
cielr.pipeline.carry_out = slow
sys.exit(cielr.__main__.main())
"""
    words = [sys.executable, "-c", code, "edit", str(photo), "remove it"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout.readline() == "working\n"
    process.send_signal(kind)
    # what runs sleeps for 30 s
    with without_waiting(30):
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "Cancelled.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


WHILE_LOADED = """
import sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == "cielr.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
from cielr.__main__ import main
sys.exit(main())
"""
BEFORE_IT_BEGINS = """
import sys
import cielr.cli.main as main
def interrupted(*_, **__):
    raise KeyboardInterrupt
main.say = interrupted
sys.exit(main.main(["--version"]))
"""


@pytest.mark.parametrize("code", [WHILE_LOADED, BEFORE_IT_BEGINS], ids=["while it is loaded", "before it begins"])
def test_an_early_interrupt_is_one_word(code):
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "Cancelled.\n")


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that closes")
def test_a_reader_who_has_seen_enough_gets_no_complaint():
    words = command("weights", "list")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) != 0


@pytest.mark.skipif(os.name != "posix", reason="needs streams that are closed")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_costs_nobody_the_photo(photo, tmp_path, closed):
    order = f'exec "$0" -m cielr edit "$1" "make everything darker" -o "$2" {closed}'
    goal = tmp_path / "o.png"
    ran = subprocess.run(
        ["sh", "-c", order, sys.executable, str(photo), str(goal)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env=environment(),
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert goal.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_full_standard_output_is_one_sentence(photo, more):
    words = command("scene", photo, *more)
    with open("/dev/full", "w") as full:
        ran = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=environment())
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_on_a_terminal_progress_is_shown_and_goes_away(photo, tmp_path):
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
    words = [sys.executable, "-c", code, "edit", str(photo), "remove it"]
    ended, out, shown = on_a_terminal(words, TERM="xterm", COLUMNS="80")
    assert b"Editing" in shown
    assert shown.decode().strip().endswith("It ends here.")
    assert (ended, out) == (5, b"")
