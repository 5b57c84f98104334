"""SmartEdit's Reason-Edit (TencentARC/SmartEdit, test/metrics_evaluation.py): six folders, each with pictures `*.png`,
masks `*_mask.jpg` and a text file whose line i, `<instruction> CLIP: <target text>`, belongs to the i-th picture.

The i-th picture is that in the order of names, as the official code sorts them: without leading zeros 10 comes
before 2. Where the numbers themselves say otherwise, that is remarked on, since nobody can see which was meant.
"""

from __future__ import annotations

import re
from pathlib import Path

from .case import Checked, Dataset

FOLDERS = {
    "1-Left-Right": "Left_Right_text.txt",
    "2-Relative-Size": "Size_text.txt",
    "3-Mirror": "Mirror_text.txt",
    "4-Color": "Color_text.txt",
    "5-Multiple-Objects": "MultipleObjects_text.txt",
    "6-Reasoning": "Reason_test.txt",
}
MARK = "CLIP:"


def read(root: Path) -> Dataset:
    """The cases of the folders that are there; a folder that is missing is a remark, none at all a fault."""
    checked = Checked("Reason-Edit", root)
    there = [folder for folder in FOLDERS if (root / folder).is_dir()]
    absent = [folder for folder in FOLDERS if folder not in there]
    if there and absent:
        checked.remarks.append(f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not here and left out.")
    for folder in there:
        _read_folder(checked, folder, FOLDERS[folder])
    return checked.dataset("reason-edit")


def _read_folder(checked: Checked, folder: str, text_name: str) -> None:
    images = sorted(path.name for path in (checked.root / folder).glob("*.png"))
    masks = {path.name.removesuffix("_mask.jpg") for path in (checked.root / folder).glob("*_mask.jpg")}
    text = checked.text(f"{folder}/{text_name}")
    if text is None:
        return
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) != len(images):
        checked.fault(f"{folder} has {len(images)} pictures and {text_name} {len(lines)} lines; they pair by order.")
    stems = [name.removesuffix(".png") for name in images]
    for stem in sorted(masks - set(stems)):
        checked.fault(f"{folder}/{stem}_mask.jpg belongs to no picture.")
    for stem in sorted(set(stems) - masks):
        checked.fault(f"{folder}/{stem}.png has no mask {stem}_mask.jpg.")
    if stems != sorted(stems, key=_by_number):
        checked.remarks.append(
            f"The names in {folder} are in another order by their numbers than letter by letter; lines are paired "
            "letter by letter, as the official code does."
        )
    for number, (stem, line) in enumerate(zip(stems, lines, strict=False), start=1):
        instruction, mark, target = line.partition(MARK)
        if not mark or not instruction.strip():
            checked.fault(f'{folder}/{text_name}, line {number} is not "<instruction> {MARK} <target text>".')
            continue
        checked.add(
            id=f"{folder}/{stem}",
            group=folder,
            image=f"{folder}/{stem}.png",
            mask=f"{folder}/{stem}_mask.jpg",
            instruction=instruction.strip(),
            text=target.strip(),
        )


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(digits or -1), letters) for letters, digits in re.findall(r"(\D*)(\d*)", name)]
