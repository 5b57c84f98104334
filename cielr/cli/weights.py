"""`cielr weights`: which models there are, which are here, and how they come here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Debug, Json, Quiet
from .terminal import EXIT_CODES, FAILED, bars, line, print_json, reporting, say, table

if TYPE_CHECKING:
    from ..weights.catalogue import Status

weights = typer.Typer(
    help="Models that see: what there is, what is here. Nothing is fetched unasked.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="From `cielr weights list`, or its repository on the hub.")]

STATES = {"whole": "here", "damaged": "damaged", "missing": "–"}


@weights.command("list", epilog=EXIT_CODES)
def list_(as_json: Json = False, debug: Debug = False) -> None:
    """Show the catalogue: what each model is, how large, under which licence, and whether it is here."""
    with reporting(as_json, debug):
        from ..weights.catalogue import check
        from ..weights.folders import unread_extra_folders

        models = check(deep=False)
        if as_json:
            print_json({"weights": [facts(model) for model in models]})
            return
        rows = [("name", "what", "size", "licence", "folder", "")]
        for model in models:
            known = model.weights
            licence = known.licence + (", gated" if known.gated else "")
            rows.append((known.name, known.kind, size(known.megabytes), licence, known.folder, STATES[model.state]))
        table(rows)
        unread = unread_extra_folders()
        if unread:
            say(unread)


@weights.command(epilog=EXIT_CODES)
def fetch(name: Name, quiet: Quiet = False, debug: Debug = False) -> None:
    """Fetch a model from the Hugging Face hub, or from the mirror that $HF_ENDPOINT names.

    What was cut off goes on where it ended; what is here and whole stays.
    """
    with reporting(False, debug):
        from ..weights.catalogue import entry
        from ..weights.fetch import fetch as fetched

        known = entry(name)
        if not quiet:
            line("Fetching", f"{known.repository} ({size(known.megabytes)}, {known.licence})")
        with bar(known.name, quiet) as on_step:
            folder = fetched(known.name, on_step=on_step)
        if not quiet:
            line("Written", str(folder))


@weights.command(epilog=EXIT_CODES)
def check(
    name: Annotated[
        str | None, typer.Argument(help="From `cielr weights list`. All that are here, where not given.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Read every byte of the models that are here, and compare with the checksums that the hub gave.

    Ends with 1 where one is damaged, or where the one that was named is not here.
    """
    with reporting(as_json, debug):
        from ..weights.catalogue import CATALOGUE, entry, status

        wanted = [entry(name)] if name else CATALOGUE
        models = []
        for known in wanted:
            with bar(known.name, quiet or as_json) as on_step:
                models.append(status(known, deep=True, on_step=on_step))
        here = [model for model in models if model.state != "missing" or name]
        if as_json:
            print_json({"weights": [facts(model) for model in models]})
        elif not quiet:
            _tell(here)
        if any(model.state != "whole" for model in here):
            raise typer.Exit(FAILED)


def _tell(here: list[Status]) -> None:
    if not here:
        say("No model of the catalogue is here; `cielr weights fetch NAME` fetches one.")
    for model in here:
        if model.state == "whole":
            say(f"{model.weights.name}: whole, in {model.path}")
            continue
        problems = model.problems or (f"It is not in {model.path}.",)
        say(f"{model.weights.name}: {model.state}")
        for problem in problems:
            say(f"  {problem}")
        say(f"  → `cielr weights fetch {model.weights.name}`")


def facts(model: Status) -> dict[str, Any]:
    """What --json says of a model of the catalogue."""
    return asdict(model.weights) | {"state": model.state, "path": str(model.path), "problems": model.problems}


def size(megabytes: int) -> str:
    """Such as "1.8 GB"."""
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes} MB"


@contextmanager
def bar(name: str, silent: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Tells a bar of bytes; None where nobody would see it."""
    with bars(silent, "words", "BarColumn", "DownloadColumn", "TransferSpeedColumn", "TimeRemainingColumn") as shown:
        if shown is None:
            yield None
            return
        task = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
