"""COCO's annotation as truth for eyes, and for "remove the …": `annotations/instances_SPLIT.json` (polygons or
uncompressed run lengths), `annotations/panoptic_SPLIT.json` with its pictures, or YOLO's label files with polygons
(`instance_segmentation/labels/SPLIT/*.txt`, names in config.yaml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ...core.scene import new_id
from .case import Checked, Dataset, picture_size

IMAGES = ("", "images", "images/train2017", "images/val2017", "train2017", "val2017", "train2014", "val2014")


def read(root: Path) -> Dataset:
    """One case a photo: its annotated scene, and an instruction about a thing that is alone of its kind there."""
    checked = Checked("COCO", root)
    files = sorted([*root.glob("annotations/*.json"), *root.glob("panoptic_segmentation/annotations/*.json")])
    for path in files:
        name = path.relative_to(root).as_posix()
        if "captions" in path.name or "keypoints" in path.name:
            continue
        items: Any = checked.json(name, dict)
        if items is not None:
            _read_json(checked, name, items)
    _read_yolo(checked)
    return checked.dataset()


def _read_json(checked: Checked, name: str, items: Any) -> None:
    absent = [key for key in ("images", "annotations", "categories") if not isinstance(items.get(key), list)]
    if absent:
        checked.fault(f"{name}: {', '.join(absent)} is missing.")
        return
    labels = {item["id"]: item["name"] for item in items["categories"]}
    photos = {item["id"]: item["file_name"] for item in items["images"]}
    shapes: dict[Any, list[dict[str, Any]]] = {key: [] for key in photos}
    for number, item in enumerate(items["annotations"], start=1):
        photo = item.get("image_id")
        if photo not in photos:
            checked.fault(f"{name}, annotation {number} is about photo {photo}, which is not listed.")
            continue
        parts = item.get("segments_info", [item])
        for part in parts:
            if part.get("category_id") not in labels:
                checked.fault(
                    f"{name}, annotation {number} has the category {part.get('category_id')}, which has no name."
                )
                continue
            panoptic = (f"{name.removesuffix('.json')}/{item.get('file_name')}", part.get("id"))
            shape = {"panoptic": panoptic} if "segments_info" in item else segmentation(part)
            shapes[photo].append({"label": labels[part["category_id"]]} | shape)
    stem = Path(name).stem
    for key, file_name in photos.items():
        _add(checked, f"{stem}-{key}", stem, checked.located(file_name, IMAGES, "images"), shapes[key])


def segmentation(annotation: dict[str, Any]) -> dict[str, Any]:
    """`Shape`'s polygons or counts of a COCO annotation; neither where its run lengths are compressed."""
    given = annotation.get("segmentation") or []
    if isinstance(given, dict):
        counts = given.get("counts")
        return {"counts": tuple(counts)} if isinstance(counts, list) else {}
    return {"polygons": tuple(tuple(polygon) for polygon in given)}


def _read_yolo(checked: Checked) -> None:
    folder = checked.root / "instance_segmentation"
    if not folder.is_dir():
        return
    config = checked.text("instance_segmentation/config.yaml") or ""
    names = {
        int(number): label.strip(" '\"") for number, label in re.findall(r"^\s+(\d+):\s*(.+)$", config, re.MULTILINE)
    }
    for path in sorted(folder.glob("labels/*/*.txt")):
        name = path.relative_to(checked.root).as_posix()
        photos = [f"images/{path.parent.name}/{path.stem}{suffix}" for suffix in (".jpg", ".png")]
        photo = next((photo for photo in photos if (checked.root / photo).is_file()), photos[0])
        # that the photo is missing is said when the case is checked
        size = picture_size(checked.root / photo) or (1, 1)
        shapes = []
        for number, line in enumerate((checked.text(name) or "").splitlines(), start=1):
            values = line.split()
            if len(values) < 7 or len(values) % 2 == 0 or not values[0].isdigit() or int(values[0]) not in names:
                checked.fault(f"{name}, line {number} is not a polygon of a class that config.yaml names.")
                continue
            scaled = tuple(float(value) * size[k % 2] for k, value in enumerate(values[1:]))
            shapes.append({"label": names[int(values[0])], "polygons": (scaled,)})
        _add(checked, f"{path.parent.name}-{path.stem}", path.parent.name, photo, shapes)


def _add(checked: Checked, name: str, group: str, image: str, shapes: list[dict[str, Any]]) -> None:
    named: list[dict[str, Any]] = []
    for shape in shapes:
        named.append({"id": new_id(shape["label"], [other["id"] for other in named])} | shape)
    labels = [shape["label"] for shape in named]
    target = next((shape for shape in named if labels.count(shape["label"]) == 1), None)
    checked.add(
        id=name,
        group=group,
        image=image,
        instruction=f"remove the {target['label']}" if target else "remove everything",
        shapes=named,
        targets=(target["id"],) if target else (),
    )
