"""Shared by the tests of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from discs import scene

ROOT = Path(__file__).resolve().parents[2]


def command(*words) -> list[str]:
    """`cielr` with these words, for a process of its own."""
    return [sys.executable, "-m", "cielr", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)} | more


def on_a_terminal(words: list[str], **more: str) -> tuple[int, bytes, bytes]:
    """(exit code, standard output, what a terminal shows of the standard error) of a process."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT, env=environment(**more))
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # the other end is closed: that is how a terminal ends
    os.close(ours)
    out, _ = process.communicate(timeout=30)
    return process.returncode, out, shown


def well(ran) -> str:
    """What a command printed that ended well and complained of nothing."""
    code, out, err = ran
    assert (code, err) == (0, "")
    return out


def refused(ran, code) -> str:
    """The one sentence on stderr of a command that ended with that code."""
    got, out, err = ran
    assert got == code, (out, err)
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err.strip()


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
