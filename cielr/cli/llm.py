"""`cielr llm`: language models in files, which run without a server: what there is, and how they come here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Debug, Json, Quiet
from .terminal import EXIT_CODES, line, print_json, reporting, say, table
from .weights import STATES, bar, facts, size

llm = typer.Typer(
    help="Language models in files, for --llm local/NAME: what there is, what is here. Nothing is fetched unasked.",
    no_args_is_help=True,
)


@llm.command("list", epilog=EXIT_CODES)
def list_(as_json: Json = False, debug: Debug = False) -> None:
    """Show what can be fetched, and every GGUF file that is here: its name for --llm local/NAME, size and licence."""
    with reporting(as_json, debug):
        from ..reasoning.chats.local_models import FOLDER, local_models
        from ..weights.catalogue import LANGUAGE_MODELS, status
        from ..weights.folders import model_folders

        known = [status(weights) for weights in LANGUAGE_MODELS]
        fetched = {model.path for model in known if model.state != "missing"}
        others = {name: file for name, file in local_models().items() if file.parent not in fetched}
        place = model_folders(FOLDER)[0]
        if as_json:
            here = [{"name": name, "file": str(file), "bytes": file.stat().st_size} for name, file in others.items()]
            print_json({"catalogue": [facts(model) for model in known], "others": here, "folder": str(place)})
            return
        rows = [("name", "size", "licence", "repository", "")]
        for model in known:
            weights, state = model.weights, STATES[model.state]
            rows.append((weights.name, size(weights.megabytes), weights.licence, weights.repository, state))
        for name, file in others.items():
            rows.append((name, size(round(file.stat().st_size / 1e6)), "", str(file), "here"))
        table(rows)
        say(f"Any GGUF file in {place} can be used too, as local/NAME.")


@llm.command(epilog=EXIT_CODES)
def fetch(
    name: Annotated[str, typer.Argument(help="From `cielr llm list`, or its repository on the hub.")] = "qwen3-1.7b",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fetch a language model from the Hugging Face hub, or from the mirror that $HF_ENDPOINT names.

    Says what comes, how large and under which licence, and asks. What was cut off goes on where it ended; what is here
    and whole stays.
    """
    with reporting(False, debug):
        from ..weights.catalogue import LANGUAGE_MODELS, entry, status
        from ..weights.fetch import fetch as fetched

        weights = entry(name, LANGUAGE_MODELS)
        before = status(weights)
        if before.state != "whole":
            what = f"{weights.repository} ({size(weights.megabytes)}, {weights.licence})"
            if not yes:
                _ask(what, before.path)
            if not quiet:
                line("Fetching", what)
        with bar(weights.name, quiet) as on_step:
            folder = fetched(weights, target=before.path, on_step=on_step)
        if not quiet:
            line("Written", str(folder))
            say(f"Use it with --llm local/{weights.name}.")


def _ask(what: str, path: Path) -> None:
    """Asks whether it may be fetched.

    Raises:
        WeightsError: where nobody is there to answer; typer.Abort: where the answer is no.
    """
    if not sys.stdin.isatty():
        from ..weights.catalogue import WeightsError

        raise WeightsError(
            f"{what} would come into {path}, and nobody is at a terminal to say yes; `cielr llm fetch --yes` fetches "
            "without asking."
        )
    typer.confirm(f"Fetch {what} into {path}?", default=False, abort=True, err=True)
