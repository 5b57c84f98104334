"""Where models lie on this machine: ComfyUI's folders, so that nodes and command share them, else the user's cache."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import Any

from ..core.weight_files import MODEL_SUFFIXES

MOST_ENTRIES = 10_000
"""Of a folder of models; what comes after is not looked at."""
MOST_YAML = 1 << 20
"""Bytes of extra_model_paths.yaml that are read."""


def find_comfyui() -> Path | None:
    """ComfyUI's folder: the one that this pack lies in, else $COMFYUI_PATH, ~/comfy/ComfyUI, ~/ComfyUI, or None."""
    places = [parent.parent for parent in Path(__file__).resolve().parents if parent.name == "custom_nodes"]
    if os.environ.get("COMFYUI_PATH"):
        places.append(Path(os.environ["COMFYUI_PATH"]).expanduser())
    places += [Path.home() / "comfy" / "ComfyUI", Path.home() / "ComfyUI"]
    return next((place for place in places if (place / "main.py").is_file() and (place / "nodes.py").is_file()), None)


def comfyui_version(folder: Path) -> str | None:
    """The version of the ComfyUI in a folder, as its files say it."""
    files = [file for name in ("comfyui_version.py", "pyproject.toml") if (file := folder / name).is_file()]
    text = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    match = re.search(r"""^(?:__version__|version)\s*=\s*["']([^"']+)""", text, re.MULTILINE)
    return match and match[1]


def roots() -> list[Path]:
    """Folders of models: $CIELR_MODELS, ComfyUI's `models`, the user's cache. What is fetched goes into the first."""
    folders = []
    if os.environ.get("CIELR_MODELS"):
        folders.append(Path(os.environ["CIELR_MODELS"]).expanduser())
    comfyui = find_comfyui()
    if comfyui is not None:
        folders.append(comfyui / "models")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [*folders, cache / "cielr" / "models"]


def model_folders(kind: str) -> list[Path]:
    """Folders of one kind of models, such as "sams": below each of `roots()`, and those that ComfyUI's
    extra_model_paths.yaml adds to it."""
    return [*(root / kind for root in roots()), *extra_folders(find_comfyui()).get(kind, ())]


def model_sizes(kind: str) -> list[int]:
    """Bytes of each file of weights in the folders of one kind, and below them."""
    files = [file for folder in model_folders(kind) for file in folder.rglob("*")]
    return [file.stat().st_size for file in files if file.suffix.lower() in MODEL_SUFFIXES and file.is_file()]


def entries(folder: Path) -> list[Path]:
    """What lies in a folder of models, by name; nothing where it cannot be read."""
    try:
        return sorted(islice(folder.iterdir(), MOST_ENTRIES))
    except OSError:
        return []


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder of models, by name."""
    return [path for path in entries(folder) if path.is_dir()]


def extra_folders(comfyui: Path | None) -> dict[str, list[Path]]:
    """kind -> folders, as ComfyUI reads them from its extra_model_paths.yaml; none where that cannot be read."""
    try:
        return _extra_folders(comfyui)
    except (OSError, ValueError, ImportError):
        return {}


def unread_extra_folders() -> str:
    """A sentence on why ComfyUI's extra_model_paths.yaml is not heeded; "" where it is, or there is none."""
    comfyui = find_comfyui()
    try:
        _extra_folders(comfyui)
    except ImportError:
        return f"{_yaml_of(comfyui)} is not read: PyYAML is not installed (pip install pyyaml)."
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        return f"{_yaml_of(comfyui)} is not read: {reason}."
    return ""


def _yaml_of(comfyui: Path | None) -> Path:
    return (comfyui or Path()) / "extra_model_paths.yaml"


def _extra_folders(comfyui: Path | None) -> dict[str, list[Path]]:
    """What `extra_folders` gives.

    Raises:
        ImportError: without PyYAML, which ComfyUI brings; OSError, ValueError: where the file does not read.
    """
    file = _yaml_of(comfyui)
    if comfyui is None or not file.is_file():
        return {}
    import yaml

    with file.open("rb") as source:
        data = source.read(MOST_YAML + 1)
    if len(data) > MOST_YAML:
        raise ValueError(f"it has more than {MOST_YAML >> 10} kB")
    try:
        sections = yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"it is not YAML ({error})") from error
    if not isinstance(sections or {}, dict):
        raise ValueError("it names no sections")
    folders: dict[str, list[Path]] = {}
    for section in (sections or {}).values():
        if isinstance(section, dict):
            _add_section(folders, section, file.parent)
    return folders


def _add_section(folders: dict[str, list[Path]], section: dict[Any, Any], beside: Path) -> None:
    """What one section of the file adds: paths below its base_path or beside the file, one a line."""
    base = section.get("base_path")
    root = beside if not base else beside / os.path.expandvars(os.path.expanduser(str(base)))
    for kind, paths in section.items():
        if kind in ("base_path", "is_default") or not isinstance(paths, str):
            continue
        for line in paths.split("\n"):
            if line.strip():
                folders.setdefault(str(kind), []).append(Path(os.path.normpath(root / line.strip())))
