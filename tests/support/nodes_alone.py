"""Modules of nodes/ without the package's own __init__, which needs ComfyUI."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NODES = Path(__file__).resolve().parents[2] / "nodes"


@contextmanager
def nodes_alone(name: str) -> Iterator[Callable[[str], types.ModuleType]]:
    """A function that imports nodes/internal/NAME.py, under a package of that name of its own."""
    package = types.ModuleType(name)
    package.__path__ = [str(NODES)]
    sys.modules[name] = package
    try:
        yield lambda module: importlib.import_module(f"{name}.internal.{module}")
    finally:
        for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == name]:
            del sys.modules[loaded]
