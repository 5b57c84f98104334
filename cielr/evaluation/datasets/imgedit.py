"""ImgEdit-Bench (PKU-YuanGroup/ImgEdit): `Benchmark/Basic/basic_edit.json` {key: {id: picture, prompt, edit_type}},
`Benchmark/UGE/UGE_edit.json` {key: {id, prompt}}, and multi-turn files {key: {id, turn1, turn2, …}}.

The pictures come apart from the repository (Benchmark.tar); they are looked for beside the file and in the folders of
PICTURES.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .case import Checked, Dataset

PICTURES = (
    *("", "original_images", "images"),
    *("Benchmark/singleturn", "singleturn", "Benchmark/hard", "Benchmark/multiturn"),
)


def read(root: Path) -> Dataset:
    """The cases of every file of instructions that is there."""
    checked = Checked("ImgEdit-Bench", root)
    for path in sorted(root.rglob("*.json")):
        name = path.relative_to(root).as_posix()
        if re.fullmatch(r"(basic|UGE)_edit\.json", path.name):
            _read_single(checked, name, "" if path.name.startswith("basic") else "understanding, grounding")
        elif "multiturn" in name.lower():
            _read_turns(checked, name)
    return checked.dataset(pictures=False)


def _read_single(checked: Checked, name: str, group: str) -> None:
    items: Any = checked.json(name, dict)
    for key, item in (items or {}).items():
        wanted = ("id", "prompt", *(() if group else ("edit_type",)))
        if not checked.has_texts(item, wanted, f"{name}, entry {key}"):
            continue
        checked.add(
            id=f"{'UGE' if group else 'basic'}-{key}",
            group=group or item["edit_type"],
            image=_located(checked, name, item["id"]),
            instruction=item["prompt"],
            kinds=(item["edit_type"],) if item.get("edit_type") else (),
        )


def _read_turns(checked: Checked, name: str) -> None:
    items: Any = checked.json(name, dict)
    stem = Path(name).stem
    for key, item in (items or {}).items():
        turns = sorted(field for field in item if re.fullmatch(r"turn\d+", field)) if isinstance(item, dict) else []
        if not turns or not isinstance(item.get("id"), str):
            checked.fault(f"{name}, entry {key}: id or turn1 is missing.")
            continue
        before = None
        for turn in turns:
            case = f"{stem}-{key}-{turn.removeprefix('turn')}"
            image = _located(checked, name, item["id"])
            checked.add(id=case, group=stem, image=image, instruction=str(item[turn]), after=before)
            before = case


def _located(checked: Checked, name: str, picture: str) -> str:
    return checked.located(picture, (Path(name).parent.as_posix(), *PICTURES), "")
