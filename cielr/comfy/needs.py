"""What a workflow needs of a server, held against what `/object_info` says that it has."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.text import listed, plain
from ..core.weight_files import MODEL_SUFFIXES
from ..errors import ComfyError
from .workflow import Fill, Prompt, Workflow, is_link

Info = Mapping[str, Mapping[str, Any]]
"""Node class -> its description, as `/object_info` gives it; a class that the server lacks is absent."""

DOWNLOAD = "(download)"
"""Ends what our loaders offer to fetch; once it lies on the disk, it is offered as FOLDER/NAME, and means the same."""
UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload")
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def missing(workflow: Workflow, prompt: Prompt, info: Info) -> list[str]:
    """What the server lacks, one clause each: nodes, then files and other choices that it does not offer."""
    lacks, absent = [], {}
    for node, entry in prompt.items():
        if entry["class_type"] not in info:
            absent.setdefault(entry["class_type"], []).append(workflow.title(node))
    for kind, titles in absent.items():
        name = f"the node {plain(kind)}"
        lacks.append(name if titles[0] == kind else f"{name} ('{titles[0]}')")
    for node, entry in prompt.items():
        for key, value in entry["inputs"].items():
            spec = _spec(info.get(entry["class_type"], {}), key)
            lack = spec and _not_offered(value, *spec)
            if spec and lack and _uploads(spec[1]):
                way = "--image" if entry["class_type"] == "LoadImage" else f"--set '{workflow.title(node)}.{key}=@FILE'"
                lack = f"{lack} ({way} gives one)"
            if lack:
                lacks.append(f"{lack} for '{workflow.title(node)}' ({plain(key)})")
    return lacks


def _not_offered(value: Any, kind: Any, options: Mapping[str, Any]) -> str | None:
    offered = choices(kind, options)
    if offered is None or isinstance(value, (list, Path)) or value in offered or _was_fetched(value, offered):
        return None
    if _uploads(options):
        # only the top of the input folder is listed
        if not isinstance(value, str) or "/" in value or "[" in value:
            return None
        return f"the file {plain(value)} in its input folder"
    near = difflib.get_close_matches(str(value), [str(choice) for choice in offered], 3, 0.3) if offered else []
    has = f"it has {listed(near or [str(choice) for choice in offered[:3]])}" if offered else "it has none"
    name = plain(str(value))
    what = f"the file {name}" if name.lower().endswith(MODEL_SUFFIXES) else f"the choice '{name}'"
    return f"{what} [{has}]"


def _was_fetched(value: Any, offered: list[Any]) -> bool:
    if not isinstance(value, str) or not value.endswith(DOWNLOAD):
        return False
    name = value.removesuffix(DOWNLOAD).rstrip()
    return any(str(choice).replace("\\", "/").rpartition("/")[2] == name for choice in offered)


def _uploads(options: Mapping[str, Any]) -> bool:
    return any(options.get(upload) for upload in UPLOADS)


def choices(kind: Any, options: Mapping[str, Any]) -> list[Any] | None:
    """The values that a combo offers, or None for what is no combo or takes its values from elsewhere."""
    if isinstance(kind, (list, tuple)):
        return list(kind)
    offered = options.get("options")
    return list(offered) if kind == "COMBO" and isinstance(offered, list) else None


def settled(workflow: Workflow, fills: Iterable[Fill], info: Info) -> list[Fill]:
    """The fills with values of the types that their nodes want; texts are read as such.

    Raises:
        ComfyError: for an input that the node does not have, or a text that cannot be read as its type.
    """
    return [replace(fill, value=_settled(workflow, fill, info)) for fill in fills]


def _settled(workflow: Workflow, fill: Fill, info: Info) -> Any:
    node = workflow.prompt[fill.node]
    known = info.get(node["class_type"])
    spec = _spec(known or {}, fill.input)
    name = f"'{plain(fill.input)}' of '{workflow.title(fill.node)}'"
    if spec is None and known is not None and fill.input not in node["inputs"]:
        have = [key for part in ("required", "optional") for key in (known.get("input") or {}).get(part) or ()]
        raise ComfyError(
            f"'{workflow.title(fill.node)}' has no input '{plain(fill.input)}'; it has {listed(have)}.",
            node=workflow.title(fill.node),
        )
    if isinstance(fill.value, Path):
        return fill.value
    now = node["inputs"].get(fill.input)
    kind, options = spec or (None, {})
    if isinstance(fill.value, list) and is_link(fill.value):
        raise ComfyError(f"{name} cannot be set to a wire; give it a value.")
    if choices(kind, options) is None and kind not in ("INT", "FLOAT", "BOOLEAN", "STRING", "COMBO"):
        if is_link(now) or (now is None and spec is not None):
            raise ComfyError(f"{name} takes what another node gives ({plain(str(kind))}) and cannot be set.")
        kind = {bool: "BOOLEAN", int: "INT", float: "FLOAT", str: "STRING"}.get(type(now))
    return _typed(fill.value, kind, choices(kind, options), name)


def _typed(value: Any, kind: Any, offered: list[Any] | None, name: str) -> Any:
    if offered is not None:
        return _offered(value, offered)
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if kind == "INT":
            return int(text)
        if kind == "FLOAT":
            return float(text)
        if kind == "BOOLEAN":
            return {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}[text.lower()]
    except (ValueError, KeyError) as error:
        wants = {"INT": "a whole number", "FLOAT": "a number", "BOOLEAN": "true or false"}[kind]
        raise ComfyError(f"{name} is {wants}, not '{plain(text[:80])}'.") from error
    if kind in ("STRING", "COMBO"):
        return value
    try:
        parsed = json.loads(text)
    except ValueError:
        return value
    return value if is_link(parsed) else parsed


def _offered(value: Any, offered: list[Any]) -> Any:
    """The choice that is meant: numbers by their text, folders by either slash."""
    texts = {str(choice): choice for choice in offered}
    for written in (str(value), str(value).replace("\\", "/"), str(value).replace("/", "\\")):
        if written in texts:
            return texts[written]
    return value


def _spec(known: Mapping[str, Any], key: str) -> tuple[Any, Mapping[str, Any]] | None:
    """(type or list of choices, options) of an input, or None where the server does not say."""
    for part in (known.get("input") or {}).values():
        if isinstance(part, Mapping) and key in part:
            spec = list(part[key]) if isinstance(part[key], (list, tuple)) else []
            if not spec:
                return None
            options = spec[1] if len(spec) > 1 and isinstance(spec[1], Mapping) else {}
            return spec[0], options
    return None
