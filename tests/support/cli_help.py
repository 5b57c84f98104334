"""Shared by the tests of the command."""

from __future__ import annotations


def refused(ran, code) -> str:
    """The one sentence on stderr of a command that ended with that code."""
    got, out, err = ran
    assert got == code, (out, err)
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err.strip()
