"""`cielr doctor`: what works on this machine."""

from __future__ import annotations

import typer

from .options import Debug, Json
from .terminal import FAILED, print_json, reporting, say


def doctor(as_json: Json = False, debug: Debug = False) -> None:
    """Say what works on this machine, and what to do about what does not."""
    with reporting(as_json, debug):
        from .health import examine, report

        examination = examine()
        if as_json:
            print_json(examination.as_dict())
        else:
            say(report(examination))
        if not examination.usable:
            raise typer.Exit(FAILED)
