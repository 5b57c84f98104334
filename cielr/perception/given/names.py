"""Names that stand beside numbers: the classes of a label map or of YOLO's boxes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import SceneError
from .things import json_of, text_of

MOST_BYTES = 10_000_000
"""Of a file of names."""
BESIDE = (".names.json", ".json", ".txt")
"""What follows on a label map's name, without its suffix, in the name of the file of its names."""
YOLO = ("classes.txt", "obj.names", "data.yaml", "dataset.yaml")
"""Files that hold the names of YOLO's classes."""


def names_beside(picture: Path) -> Path | None:
    """The file of a label map's names that lies beside it, or None."""
    return next((path for end in BESIDE if (path := picture.with_name(picture.stem + end)).is_file()), None)


def names_of_yolo(boxes: Path) -> Path | None:
    """The file of YOLO's classes in the folder of a file of boxes or up to two folders above, or None."""
    folders = list(boxes.absolute().parents)[:3]
    return next((path for folder in folders for name in YOLO if (path := folder / name).is_file()), None)


def read_names(path: Path | None) -> Mapping[str, str]:
    """Names by number, as texts: out of JSON ({"1": "cup"} or ["background", "cup"]), YAML as YOLO's data.yaml, or a
    text with one name a line, the first of which is 0.

    Raises:
        SceneError: where it holds none.
    """
    if path is None:
        return {}
    names = _names_in(text_of(path, MOST_BYTES, "names"), path)
    if not names:
        raise SceneError(f'{path} holds no names; write one a line, or {{"1": "cup"}}.')
    return names


def _names_in(text: str, path: Path) -> Mapping[str, str]:
    if path.suffix.lower() in (".yaml", ".yml"):
        return _yaml_names(text)
    if path.suffix.lower() != ".json":
        return {str(number): line.strip() for number, line in enumerate(text.splitlines()) if line.strip()}
    value = json_of(text, path)
    if isinstance(value, list):
        return {str(number): str(name) for number, name in enumerate(value) if isinstance(name, str)}
    return {str(key): name for key, name in value.items() if isinstance(name, str)} if isinstance(value, dict) else {}


def _yaml_names(text: str) -> Mapping[str, str]:
    """Of the forms that YOLO's tools write: `names: [a, b]`, or below `names:` lines such as `0: a` or `- a`."""
    _, _, rest = text.partition("names:")
    first, _, block = rest.partition("\n")
    if first.strip().startswith("["):
        listed = first.strip().strip("[]").split(",")
        return {str(number): name.strip(" '\"") for number, name in enumerate(listed) if name.strip(" '\"")}
    names: dict[str, str] = {}
    for line in block.splitlines():
        if line[:1] not in (" ", "\t", "-") and line.strip():
            break
        key, colon, name = line.strip().partition(":")
        if line.strip().startswith("- "):
            names[str(len(names))] = line.strip()[2:].strip(" '\"")
        elif colon and key.strip().isdigit():
            names[key.strip()] = name.strip(" '\"")
    return {key: name for key, name in names.items() if name}
