"""Writes the example workflows from their descriptions: the form that the canvas loads, and what /prompt takes.

python scripts/make_workflows.py [FOLDER]     (the repository where none is given)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from subgraph_form import blueprint_form  # noqa: E402
from workflow_descriptions import BLUEPRINTS, FLOWS  # noqa: E402
from workflow_forms import api_form, canvas_form  # noqa: E402


def write(folder: Path) -> list[Path]:
    """Both forms of every workflow below `workflows`, the blueprints below `subgraphs`; returns their paths."""
    forms = {}
    for make in FLOWS:
        flow = make()
        forms[folder / "workflows" / f"{flow.name}.json"] = canvas_form(flow)
        forms[folder / "workflows" / "api" / f"{flow.name}.json"] = api_form(flow)
    for make in BLUEPRINTS:
        one = make()
        forms[folder / "subgraphs" / f"{one.name}.json"] = blueprint_form(one)
    for path, form in forms.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(form, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return list(forms)


if __name__ == "__main__":
    for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT):
        print(path)
