"""Writes locales/en/nodeDefs.json from what a running ComfyUI says of our nodes, and tells what locales/zh lacks.

python scripts/make_locales.py http://127.0.0.1:8188

The English texts are the schemas' own; a ComfyUI test compares the file with the server, so that it cannot go stale.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).resolve().parents[1] / "locales"
SPECIAL = "{}@|"
"""What the front end's messages give a meaning of their own."""


def english(nodes: dict[str, Any]) -> dict[str, Any]:
    """Our nodes' texts from /object_info, as `nodeDefs.json` has them."""
    return {name: _node(node) for name, node in sorted(nodes.items()) if name.startswith("CIELR_")}


def _node(node: dict[str, Any]) -> dict[str, Any]:
    inputs = {**node["input"].get("required", {}), **node["input"].get("optional", {})}
    tips = node.get("output_tooltips") or [""] * len(node["output_name"])
    return {
        "display_name": literal(node["display_name"]),
        "description": literal(node["description"]),
        "inputs": {
            name: {"name": literal(name), "tooltip": literal((spec[1] if len(spec) > 1 else {}).get("tooltip") or "")}
            for name, spec in inputs.items()
        },
        "outputs": {
            str(number): {"name": literal(name), "tooltip": literal(tip or "")}
            for number, (name, tip) in enumerate(zip(node["output_name"], tips, strict=True))
        },
    }


def literal(text: str) -> str:
    """The text so that the front end shows it as it is: {'|'} is a bar, a bare one parts singular from plural."""
    return "".join(f"{{'{letter}'}}" if letter in SPECIAL else letter for letter in text)


def keys(texts: Any, path: str = "") -> set[str]:
    """Every path that holds a text, such as "CIELR_Action.inputs.kind.tooltip"."""
    if isinstance(texts, str):
        return {path}
    return {key for name, below in texts.items() for key in keys(below, f"{path}.{name}".lstrip("."))}


def load(language: str) -> dict[str, Any]:
    path = LOCALES / language / "nodeDefs.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main(url: str) -> int:
    with urllib.request.urlopen(f"{url}/object_info", timeout=60) as answer:
        texts = english(json.load(answer))
    path = LOCALES / "en" / "nodeDefs.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(texts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {len(texts)} nodes")
    wanted, there = keys(texts), keys(load("zh"))
    for key in sorted(wanted - there):
        print(f"zh lacks {key}")
    for key in sorted(there - wanted):
        print(f"zh has {key}, which is nowhere else")
    return 1 if wanted != there else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8188"))
