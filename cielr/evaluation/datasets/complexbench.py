"""ComplexBench-Edit (llllly26/ComplexBench-Edit): chains of edits on COCO photos,
`data/instructions/SET/final_update_v2.json`, {key: {img_path, new_ins: lines, "edit pair": [{edit_type, "ori obj",
new_obj}]}}. The photos (COCO's train2017 and val2017) come apart and are looked for in the folders of PICTURES."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Checked, Dataset

PICTURES = ("images", "data/images", "train2017", "val2017", "coco/train2017", "coco/val2017", "")
FILE = "final_update_v2.json"


def read(root: Path) -> Dataset:
    """The cases of every set that is there; a chain is one case, its steps joined to one instruction."""
    checked = Checked("ComplexBench-Edit", root)
    for path in sorted(root.rglob(FILE)):
        name = path.relative_to(root).as_posix()
        items: Any = checked.json(name, dict)
        for key, item in (items or {}).items():
            _read_chain(checked, name, path.parent.name, str(key), item)
    return checked.dataset(pictures=False)


def _read_chain(checked: Checked, name: str, group: str, key: str, item: Any) -> None:
    if not isinstance(item, dict) or not all(isinstance(item.get(field), str) for field in ("img_path", "new_ins")):
        checked.fault(f"{name}, entry {key}: img_path or new_ins is missing.")
        return
    pairs = item.get("edit pair")
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) and "edit_type" in pair for pair in pairs):
        checked.fault(f"{name}, entry {key}: an edit pair has no edit_type.")
        return
    steps = [step.strip().rstrip(".") for step in item["new_ins"].splitlines() if step.strip()]
    if len(steps) != len(pairs):
        checked.fault(f"{name}, entry {key} has {len(steps)} steps and {len(pairs)} edit pairs.")
    checked.add(
        id=f"{group}-{key}",
        group=group,
        image=checked.located(item["img_path"], PICTURES, PICTURES[0]),
        instruction="; ".join(steps),
        kinds=tuple(str(pair["edit_type"]) for pair in pairs),
    )
