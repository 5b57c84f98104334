"""RefCOCO, RefCOCO+ and RefCOCOg: `instances.json` (COCO's) and `refs(BY).p`, which says in words which annotation is
meant. Each expression becomes "remove EXPRESSION" with the mask's truth.

The references are Python pickles; they are read by an unpickler that makes lists, numbers and texts and refuses
everything else, so that a prepared file can run nothing. `refs(BY).json` with the same content is read as well.
"""

from __future__ import annotations

import io
import json
import pickle
from pathlib import Path
from typing import Any

from .case import Checked, Dataset
from .coco import IMAGES, segmentation

SPLITS = ("val", "testA", "testB", "test")
"""Training references are no benchmark."""


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"it wants to load {module}.{name}")


def read(root: Path) -> Dataset:
    """The cases of the validation and test splits."""
    checked = Checked("RefCOCO", root)
    items: Any = checked.json("instances.json", dict) or {}
    annotations = {item["id"]: item for item in items.get("annotations", [])}
    photos = {item["id"]: item["file_name"] for item in items.get("images", [])}
    labels = {item["id"]: item["name"] for item in items.get("categories", [])}
    for path in sorted([*root.glob("refs(*).p"), *root.glob("refs(*).json")]):
        references = _references(checked, path)
        for reference in references:
            if reference.get("split") in SPLITS:
                _read_reference(checked, path.name, reference, annotations, photos, labels)
    return checked.dataset()


def _references(checked: Checked, path: Path) -> list[dict[str, Any]]:
    try:
        data = path.read_bytes()
        value = json.loads(data) if path.suffix == ".json" else _Plain(io.BytesIO(data), encoding="latin1").load()
    except (OSError, ValueError, EOFError, IndexError, KeyError, AttributeError, pickle.UnpicklingError) as error:
        checked.fault(f"{path.name} cannot be read: {error}.")
        return []
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    checked.fault(f"{path.name} is not a list of references.")
    return []


def _read_reference(
    checked: Checked,
    name: str,
    reference: dict[str, Any],
    annotations: dict[Any, Any],
    photos: dict[Any, str],
    labels: dict[Any, str],
) -> None:
    key, target = reference.get("ref_id"), annotations.get(reference.get("ann_id"))
    photo = photos.get(reference.get("image_id"))
    if target is None or photo is None:
        checked.fault(f"{name}, reference {key} is about an annotation or a photo that instances.json does not list.")
        return
    shape = {"id": "target_1", "label": labels.get(target.get("category_id"), "object")} | segmentation(target)
    for number, sentence in enumerate(reference.get("sentences", []), start=1):
        checked.add(
            id=f"{key}-{number}",
            group=reference["split"],
            image=checked.located(photo, IMAGES, "images"),
            instruction=f"remove {sentence['sent']}",
            shapes=[shape],
            targets=("target_1",),
        )
