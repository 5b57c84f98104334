"""RISEBench (PhoenixZ810/RISEBench, arXiv 2504.02826): a list of {index, category, instruction, image} with a reference
in words (`reference`, `reference_txt`) or as a picture (`reference_img`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Checked, Dataset

FILES = ("data_total.json", "overall_data.json", "datav2_total_w_subtask.json")
FIELDS = ("index", "category", "instruction", "image")


def read(root: Path) -> Dataset:
    """The cases of the folder, or of its `data`."""
    folder = root / "data" if any((root / "data" / name).exists() for name in FILES) else root
    checked = Checked("RISEBench", folder)
    name = next((name for name in FILES if (folder / name).exists()), FILES[0])
    items: Any = checked.json(name, list)
    for number, item in enumerate(items or [], start=1):
        if not checked.has_texts(item, FIELDS, f"{name}, entry {number}"):
            continue
        reference = item.get("reference") or item.get("reference_txt") or ""
        picture = item.get("reference_img")
        if not reference and not picture:
            checked.fault(f"{name}, entry {number} ({item['index']}) has no reference, in words or as a picture.")
        checked.add(
            id=item["index"],
            group=item["category"].removesuffix("_reasoning"),
            image=item["image"],
            instruction=item["instruction"],
            reference=reference,
            reference_image=picture or None,
        )
    return checked.dataset()
