"""MagicBrush (OSU-NLP-Group/MagicBrush): `edit_sessions.json`, {id: [{input, mask, output, instruction}, …]}, pictures
in `images/ID/`, captions in `global_descriptions.json`, {id: {picture: caption}}.

A turn's picture is the true result of the turn before (the protocol's "independent" setting); `after` names that turn,
for runs that go on from their own results ("iterative").
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Checked, Dataset

FIELDS = ("input", "output", "instruction")


def read(root: Path) -> Dataset:
    """The cases of the split that the folder is, or of its `dev` or `test`."""
    split = next((root / name for name in (".", "dev", "test") if (root / name / "edit_sessions.json").exists()), root)
    checked = Checked("MagicBrush", split)
    sessions: Any = checked.json("edit_sessions.json", dict)
    captions: Any = {}
    if (split / "global_descriptions.json").exists():
        captions = checked.json("global_descriptions.json", dict) or {}
    else:
        checked.remarks.append("global_descriptions.json is not here; without captions there is no CLIP-T.")
    for name, turns in (sessions or {}).items():
        if not isinstance(turns, list):
            checked.fault(f"Session {name} is not a list of turns.")
            continue
        _read_session(checked, str(name), turns, captions.get(name, {}))
    return checked.dataset("magicbrush")


def _read_session(checked: Checked, name: str, turns: list[Any], captions: Any) -> None:
    before = None
    for number, turn in enumerate(turns, start=1):
        if not checked.has_texts(turn, FIELDS, f"Session {name}, turn {number}"):
            continue
        checked.add(
            id=f"{name}-{number}",
            group=f"turn {number}",
            image=_place(checked, name, turn["input"]),
            truth=_place(checked, name, turn["output"]),
            mask=_place(checked, name, turn["mask"]) if turn.get("mask") else None,
            instruction=turn["instruction"],
            caption=captions.get(turn["output"], "") if isinstance(captions, dict) else "",
            after=before,
        )
        before = f"{name}-{number}"


def _place(checked: Checked, session: str, name: str) -> str:
    """Where a picture lies: in the folder of its session, or beside the sessions' file."""
    return checked.located(name, (f"images/{session}", session, ""), f"images/{session}")
