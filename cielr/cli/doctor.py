"""`cielr doctor`: what works on this machine."""

from __future__ import annotations

import typer

from .options import Debug, Json
from .terminal import FAILED, print_json, reporting, say


def doctor(as_json: Json = False, debug: Debug = False) -> None:
    """Say what works on this machine, and what to do about what does not."""
    with reporting(as_json, debug):
        from .health import examine, report

        found = examine()
        if as_json:
            print_json(found.as_dict())
        else:
            say(report(found))
        if not found.usable:
            raise typer.Exit(FAILED)
