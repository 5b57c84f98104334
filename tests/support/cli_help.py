"""Shared by the tests of the command."""

from __future__ import annotations

from discs import scene


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
