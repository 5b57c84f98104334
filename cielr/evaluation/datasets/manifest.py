"""Any folder with a manifest: `manifest.jsonl`, one JSON object a line, or `manifest.csv` with a heading.

Fields are those of `Case`; `image` and `instruction` must be there. In CSV, `targets`, `more` and `kinds` are separated
by semicolons. Rendered scenes are such a folder as well.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from ...core.serial import json_sentence
from .case import Case, Checked, Dataset

LISTS = ("targets", "more", "kinds")
SHORT = {"prompt": "instruction", "target_text": "text", "target": "targets", "category": "group"}
"""Other names of fields that people use."""


def read(root: Path, name: str = "manifest", stem: str = "manifest", protocol: str = "") -> Dataset:
    """The cases of a folder's manifest, or of a manifest's own path."""
    path = root if root.is_file() else root / f"{stem}.jsonl"
    if not path.exists() and (root / f"{stem}.csv").exists():
        path = root / f"{stem}.csv"
    folder = path.parent
    if (folder / "dataset.json").exists():
        name = "scenes"
    checked = Checked(name, folder)
    text = checked.text(path.name)
    if text is not None:
        rows = _csv_rows if path.suffix.lower() == ".csv" else _json_rows
        for number, row in rows(text, checked, path.name):
            _add(checked, row, f"{path.name}, line {number}", number)
    return checked.dataset(protocol)


def _json_rows(text: str, checked: Checked, name: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            checked.fault(f"{name}, line {number} is not JSON: {json_sentence(line, error)}.")
            continue
        if isinstance(value, dict):
            rows.append((number, value))
        else:
            checked.fault(f"{name}, line {number} is not names and values in braces.")
    return rows


def _csv_rows(text: str, checked: Checked, name: str) -> list[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows = []
    for row in reader:
        if None in row:
            checked.fault(f"{name}, line {reader.line_num} has more fields than the heading.")
            continue
        values: dict[str, Any] = {key: value for key, value in row.items() if value}
        for key in LISTS:
            for given in (key, *(short for short, long in SHORT.items() if long == key)):
                if given in values:
                    values[given] = [part.strip() for part in values[given].split(";") if part.strip()]
        rows.append((reader.line_num, values))
    return rows


def _add(checked: Checked, row: dict[str, Any], place: str, number: int) -> None:
    row = {SHORT.get(key, key): value for key, value in row.items()}
    absent = [key for key in ("image", "instruction") if not row.get(key)]
    unknown = sorted(set(row) - set(Case.model_fields))
    if absent:
        checked.fault(f"{place}: {' and '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing.")
    if unknown:
        checked.fault(f"{place}: {', '.join(unknown)} is not a field of a case.")
    if not absent and not unknown:
        checked.add(**({"id": f"case-{number}", "group": "all"} | row))
