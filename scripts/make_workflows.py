"""Writes the example workflows from their descriptions: the form that the canvas loads, and what /prompt takes.

python scripts/make_workflows.py [FOLDER]     (workflows/ where none is given)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from workflow_descriptions import FLOWS  # noqa: E402
from workflow_forms import api_form, canvas_form  # noqa: E402


def write(folder: Path) -> list[Path]:
    """Both forms of every workflow; returns their paths."""
    (folder / "api").mkdir(parents=True, exist_ok=True)
    written = []
    for make in FLOWS:
        flow = make()
        for path, form in (
            (folder / f"{flow.name}.json", canvas_form(flow)),
            (folder / "api" / f"{flow.name}.json", api_form(flow)),
        ):
            path.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "workflows"):
        print(path)
