"""The bundled workflows, by the names that `cielr comfy run` knows them by."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def checker() -> Any:
    """scripts/check_workflows.py as a module."""
    spec = importlib.util.spec_from_file_location("check_workflows", ROOT / "scripts" / "check_workflows.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FLOWS: dict[str, Path] = checker().flows()


def flow(name: str) -> dict[str, Any]:
    """What the canvas loads."""
    return json.loads(FLOWS[name].read_text(encoding="utf-8"))


def id_of(prompt: dict[str, Any], kind: str) -> str:
    """The id of the only node of a class."""
    [key] = [key for key, node in prompt.items() if node["class_type"] == kind]
    return key


def api(name: str) -> dict[str, Any]:
    """What /prompt takes."""
    return json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text(encoding="utf-8"))
