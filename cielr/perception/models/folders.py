"""Where models lie on this machine: ComfyUI's folders, so that nodes and command share them, else the user's cache."""

from __future__ import annotations

import os
import re
from pathlib import Path


def find_comfyui() -> Path | None:
    """ComfyUI's folder: the one that this pack lies in, else $COMFYUI_PATH, ~/comfy/ComfyUI, ~/ComfyUI, or None."""
    places = [parent.parent for parent in Path(__file__).resolve().parents if parent.name == "custom_nodes"]
    if os.environ.get("COMFYUI_PATH"):
        places.append(Path(os.environ["COMFYUI_PATH"]).expanduser())
    places += [Path.home() / "comfy" / "ComfyUI", Path.home() / "ComfyUI"]
    return next((place for place in places if (place / "main.py").is_file() and (place / "nodes.py").is_file()), None)


def model_bases(comfyui: Path) -> list[Path]:
    """ComfyUI's own `models`, and the base folders that its extra_model_paths.yaml names."""
    bases = [comfyui / "models"]
    try:
        text = (comfyui / "extra_model_paths.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return bases
    for match in re.finditer(r"^\s+base_path:\s*(.+?)\s*$", text, re.MULTILINE):
        base = comfyui / Path(match[1].strip("\"'")).expanduser()
        bases += [base, base / "models"]
    return bases


def roots() -> list[Path]:
    """Folders of models: $CIELR_MODELS, ComfyUI's `models` and those of its extra_model_paths.yaml, the user's cache.

    What is fetched goes into the first.
    """
    found = []
    if os.environ.get("CIELR_MODELS"):
        found.append(Path(os.environ["CIELR_MODELS"]).expanduser())
    comfyui = find_comfyui()
    if comfyui is not None:
        found += model_bases(comfyui)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [*found, cache / "cielr" / "models"]
