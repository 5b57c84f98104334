"""Reads from a running ComfyUI what the nodes of the example workflows take and give, for `make_workflows.py`.

python scripts/read_signatures.py http://127.0.0.1:8188 > scripts/node_signatures.json

A ComfyUI test compares the file with the server's truth, so that a changed node cannot leave it stale.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any

CORE = (
    "LoadImage",
    "LoadImageMask",
    "SaveImage",
    "CheckpointLoaderSimple",
    "UNETLoader",
    "DualCLIPLoader",
    "VAELoader",
    "CLIPTextEncode",
    "InpaintModelConditioning",
    "KSampler",
    "VAEDecode",
    "DifferentialDiffusion",
)
"""Nodes of ComfyUI that the workflows use; of ours all."""
WIDGETS = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")


def signatures(told: dict[str, Any]) -> dict[str, Any]:
    """class -> {"title", "inputs": {name: {"type", …}}, "outputs": [[name, type], …]} from /object_info.

    An input that is a widget has a "default"; lists of files are the machine's own and leave none.
    """
    found = {}
    for kind in sorted(told):
        if kind not in CORE and not kind.startswith("CIELR_"):
            continue
        node = told[kind]
        if node["category"].endswith("/internal"):
            continue
        inputs = {**node["input"].get("required", {}), **node["input"].get("optional", {})}
        found[kind] = {
            "title": node["display_name"],
            "inputs": {name: _input(*spec) for name, spec in inputs.items()},
            "outputs": [[n, t if isinstance(t, str) else "COMBO"] for n, t in _outputs(node)],
        }
    return found


def _outputs(node: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(zip(node["output_name"], node["output"], strict=True))


def _input(kind: Any, options: dict[str, Any] | None = None) -> dict[str, Any]:
    options = options or {}
    name = "COMBO" if isinstance(kind, list) else kind
    if name not in WIDGETS or options.get("forceInput") or options.get("socketless"):
        return {"type": name} | ({"socketless": True} if options.get("socketless") else {})
    told: dict[str, Any] = {"type": name}
    if name == "COMBO":
        # what lies in a folder differs from one machine to the next
        told["default"] = options.get("default")
    else:
        told["default"] = options.get("default", {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False}[name])
    for flag in ("multiline", "control_after_generate", "image_upload"):
        if options.get(flag):
            told[flag] = True
    return told


def main(url: str) -> None:
    with urllib.request.urlopen(f"{url}/object_info", timeout=60) as answer:
        json.dump(signatures(json.load(answer)), sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8188")
