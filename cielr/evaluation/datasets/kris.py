"""KRIS-Bench (mercurystraw/Kris_Bench): `KRIS_Bench/TASK/annotation.json`, {"1": {ori_img: picture or pictures, gt_img,
ins_en, explain_en}}, with the pictures in the task's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Checked, Dataset


def read(root: Path) -> Dataset:
    """The cases of every task's folder that is there."""
    folder = root / "KRIS_Bench" if (root / "KRIS_Bench").is_dir() else root
    checked = Checked("KRIS-Bench", folder)
    for path in sorted(folder.glob("*/annotation.json")):
        task = path.parent.name
        items: Any = checked.json(f"{task}/annotation.json", dict)
        for key, item in (items or {}).items():
            _read_item(checked, task, str(key), item)
    return checked.dataset(pictures=False)


def _read_item(checked: Checked, task: str, key: str, item: Any) -> None:
    place = f"{task}/annotation.json, entry {key}"
    if not isinstance(item, dict) or not isinstance(item.get("ins_en"), str):
        checked.fault(f"{place}: ins_en is missing.")
        return
    given = item.get("ori_img")
    sources = [given] if isinstance(given, str) else given
    if not sources or not all(isinstance(name, str) and name for name in sources):
        checked.fault(f"{place}: ori_img names no picture.")
        return
    goal = item.get("gt_img") or None
    if goal is not None and not (checked.root / task / goal).exists():
        goal = None
    checked.add(
        id=f"{task}-{key}",
        group=task,
        image=f"{task}/{sources[0]}",
        more=tuple(f"{task}/{name}" for name in sources[1:]),
        instruction=item["ins_en"],
        reference=item.get("explain_en") or "",
        reference_image=f"{task}/{goal}" if goal else None,
    )
