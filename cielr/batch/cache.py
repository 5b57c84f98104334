"""Scenes and plans of earlier batches: a second pass over the same photos neither looks nor reasons again.

A scene is kept under what it was made of: the photo's pixels, the labels, who looked, and this version. A plan is kept
with the scene that it is for, under that scene's key, the instruction and who reasoned. What is drawn is never kept: it
is the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..actions import Plan
from ..core.scene import Scene
from ..core.serial import canonical, write_text
from ..errors import CielrError

if TYPE_CHECKING:
    from ..photos.photo import Photo
    from ..pipeline import EditRequest, EditResult


def carry_out_cached(
    folder: Path, photo: Photo, request: EditRequest, on_event: Callable[[Any], None] | None = None
) -> EditResult:
    """As `carry_out`; what was seen and planned before is taken from the folder, and what is new is put there.

    A folder that cannot be written or read costs no edit: it is gone on without.
    """
    from ..pipeline import carry_out

    path = folder_of(folder, request_key(photo, request))
    kept = _read(path)
    if kept is not None:
        scene, plan = kept
        request = replace(request, scene=scene, plan=plan, instruction="", labels=None, masks=None)
    result = carry_out(photo, request, on_event)
    if kept is None:
        _write(path, result.scene, result.plan)
    return result


def request_key(photo: Photo, request: EditRequest) -> str:
    """Names what a request would see and plan in a photo, whoever paints it."""
    digest = hashlib.sha256()
    for array in (photo.pixels, photo.alpha):
        if array is not None:
            digest.update(f"{array.shape} {array.dtype}".encode())
            digest.update(array.tobytes())
    words = {
        "version": __version__,
        "labels": list(request.labels) if request.labels is not None else None,
        "eyes": _name_of(request.perception),
        "instruction": request.instruction,
        "reasoner": getattr(request.chat, "name", "built in"),
        "painter": request.can_draw,
        "options": {name: str(value) for name, value in asdict(request.options).items()},
        "plan": request.plan.to_json() if request.plan is not None else None,
        "scene": hashlib.sha256(request.scene.to_json().encode()).hexdigest() if request.scene is not None else None,
        "masks": request.masks is not None,
    }
    digest.update(canonical(words).encode("utf-8"))
    return digest.hexdigest()


def folder_of(folder: Path, key: str) -> Path:
    """The file of a key; a folder of its own for each of 65,536 beginnings, so that none holds millions of files."""
    return folder / key[:2] / key[2:4] / f"{key[4:]}.json"


def _name_of(parser: Any) -> str:
    return "built in" if parser is None else str(getattr(parser, "name", type(parser).__name__))


def _read(path: Path) -> tuple[Scene, Plan] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Scene.from_json(json.dumps(values["scene"])), Plan.from_json(json.dumps(values["plan"]))
    except (OSError, ValueError, KeyError, TypeError, CielrError):
        # a file that is not there, or was cut off or changed, is as good as none
        return None


def _write(path: Path, scene: Scene, plan: Plan) -> None:
    values = {
        "scene": scene.model_dump(mode="json", by_alias=True),
        "plan": plan.model_dump(mode="json", by_alias=True),
    }
    try:
        write_text(path, canonical(values) + "\n")
    except OSError:
        # a full disk must not cost the edit itself
        return
