"""The command `cielr`: what it knows to do, each in a module of its own, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from .. import __version__
from .batch import batch
from .bench import bench
from .comfy import comfy
from .doctor import doctor
from .edit import edit
from .llm import llm
from .mask import mask
from .plan import plan
from .scene import scene
from .terminal import CANCELLED, DONE, EXIT_CODES, FAILED, USAGE, complain, say
from .weights import weights

app = typer.Typer(
    name="cielr",
    help="Edit photos by instruction.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"cielr {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


for _command in (edit, scene, plan, mask, batch, doctor):
    app.command(epilog=EXIT_CODES)(_command)
app.add_typer(bench, name="bench")
app.add_typer(comfy, name="comfy")
app.add_typer(llm, name="llm")
app.add_typer(weights, name="weights")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command: the exit code, with everything said."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # a label that the terminal cannot show must not stop the work
            stream.reconfigure(errors="replace")  # pyright: ignore[reportAttributeAccessIssue]
    code = _run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except OSError as error:
        # keep the interpreter from complaining at its end of what it could not write
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # whoever closed a pipe has seen enough
        if code == DONE and not isinstance(error, BrokenPipeError):
            complain(f"The standard output takes no more: {error.strerror or 'a fault'}.")
        return code or FAILED
    return code


def _run(arguments: list[str]) -> int:
    try:
        # not as Typer runs it, which ends a cancelled command without a word
        command = typer.main.get_command(app)
        with command.make_context("cielr", arguments) as context:
            command.invoke(context)
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        complain("Cancelled.")
        return CANCELLED
    except typer.Exit as error:
        return error.exit_code
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        # what the parser of arguments says, whichever package it comes from
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()  # pyright: ignore[reportAttributeAccessIssue]
        if message:
            complain(f"{message.rstrip('.')}. `cielr --help` shows the usage.")
        return getattr(error, "exit_code", USAGE)


def _open_streams() -> None:
    """A stream that was closed before the command began leads nowhere, instead of being None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
