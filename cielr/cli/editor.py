"""A text in the user's own editor, as `git commit` does it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer

from ..errors import CielrError, PlanError
from .terminal import complain

VARIABLES = ("CIELR_EDITOR", "VISUAL", "EDITOR")


def edited(text: str, name: str, check: Callable[[str], object]) -> str:
    """The text as the user leaves it in the editor; opened again, where one sits at the terminal, until it is right.

    Args:
        name: of the file that the editor shows; check: raises a CielrError for a text that is not right.

    Raises:
        CielrError: where there is no editor, or it fails, or the text is not right and nobody is there to mend it.
    """
    command = _editor()
    with tempfile.TemporaryDirectory(prefix="cielr-") as folder:
        file = Path(folder) / name
        file.write_text(text, encoding="utf-8")
        while True:
            try:
                code = subprocess.run([*command, str(file)], check=False).returncode
            except OSError as error:
                raise CielrError(f"The editor {command[0]} cannot be started: {error.strerror or error}.") from error
            if code != 0:
                raise CielrError(f"The editor {command[0]} ended with {code}; nothing was taken from it.")
            try:
                left = file.read_text(encoding="utf-8")
                check(left)
                return left
            except UnicodeDecodeError as error:
                raise CielrError("The editor left a text that is not UTF-8; nothing was taken from it.") from error
            except CielrError as error:
                if not sys.stdin.isatty():
                    raise
                complain(str(error))
                if not typer.confirm("Open it again?", default=True, err=True):
                    raise PlanError("The plan was not taken, since it is not right yet.") from error


def _editor() -> list[str]:
    """The command of the user's editor, in words."""
    for variable in VARIABLES:
        if os.environ.get(variable, "").strip():
            return shlex.split(os.environ[variable], posix=os.name != "nt")
    for name in ("notepad",) if os.name == "nt" else ("sensible-editor", "nano", "vi"):
        if shutil.which(name):
            return [name]
    raise CielrError("No editor is known; name one in $EDITOR, such as EDITOR='code --wait'.")
