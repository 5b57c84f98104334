"""What lies in ComfyUI's folders, for the lists of nodes: one file that cannot be read is left out, and no more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import folder_paths

TOLD: set[str] = set()
"""Files of which the log has said that they are left out; lists are made often."""


def entries(folder: str) -> Iterator[Path]:
    """All that lies in a folder of ComfyUI's `models` by that name, and in those of extra_model_paths.yaml."""
    for root in folder_paths.get_folder_paths(folder):
        try:
            yield from sorted(Path(root).iterdir())
        except OSError:
            # not there, or not to be read
            continue


def is_listed(path: Path, is_ours: Callable[[Path], bool]) -> bool:
    """What `is_ours` says of a file or folder; False, and a line in the log, where looking at it fails."""
    try:
        return is_ours(path)
    except Exception as error:
        # whatever is wrong with a stranger's file, the list of all others must come
        if str(path) not in TOLD:
            TOLD.add(str(path))
            logging.warning("CIELR leaves %s out of its lists: %s: %s", path, type(error).__name__, error)
        return False
