"""VOCEdits (monurcan/precise_benchmark_for_image_editing): exact geometry with mask truth.

`sample_N/`: `base_image.png`, the mask before `base.png`, `object_class.txt`, and for each edit k the mask after
`transformed_k.png`, `prompt_k.txt` ("<MOVE> <OBJECT> (65,-147) …", "<SCALE> <OBJECT> 0.93", "<ROTATE> …", "<FLIP> …",
joined by dots) and `prompt_human_like_k.txt` (the words that people would use). Up and right are positive there.
"""

from __future__ import annotations

import re
from pathlib import Path

from .case import Checked, Dataset

KINDS = {"MOVE": "move", "SCALE": "resize", "ROTATE": "turn", "FLIP": "flip", "SHEAR": "shear"}


def read(root: Path) -> Dataset:
    """The cases of every sample."""
    checked = Checked("VOCEdits", root)
    for folder in sorted(root.glob("sample_*"), key=lambda path: (len(path.name), path.name)):
        name = folder.name
        label = (checked.text(f"{name}/object_class.txt") or "object").strip()
        masks = sorted(folder.glob("transformed_*.png"), key=lambda path: (len(path.name), path.name))
        if not masks:
            checked.fault(f"{name} has no transformed_0.png.")
        for mask in masks:
            _read_edit(checked, name, mask.stem.rpartition("_")[2], label)
    return checked.dataset()


def _read_edit(checked: Checked, name: str, key: str, label: str) -> None:
    prompt = checked.text(f"{name}/prompt_{key}.txt")
    if prompt is None:
        return
    kinds = tuple(KINDS[word] for word in re.findall(r"<(\w+)>", prompt) if word in KINDS)
    if not kinds:
        checked.fault(f"{name}/prompt_{key}.txt names no edit: {prompt.strip()[:60]!r}.")
        return
    human = checked.root / name / f"prompt_human_like_{key}.txt"
    words = human.read_text(encoding="utf-8").strip() if human.is_file() else spoken(prompt, label)
    checked.add(
        id=f"{name}-{key}",
        group=kinds[0] if len(kinds) == 1 else "several",
        image=f"{name}/base_image.png",
        mask=f"{name}/base.png",
        mask_after=f"{name}/transformed_{key}.png",
        instruction=words.replace("<OBJECT>", label),
        kinds=kinds,
    )


def spoken(prompt: str, label: str) -> str:
    """The benchmark's notation in words: "<MOVE> <OBJECT> (65,-147) …" is "move the dog 65 pixels right and 147 pixels
    down"."""
    return " and ".join(_spoken_step(step, label) for step in re.split(r"\.(?=<)", prompt.strip()))


def _spoken_step(step: str, label: str) -> str:
    kind = re.match(r"<(\w+)>", step)
    word = kind[1] if kind else ""
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", step)]
    if word == "MOVE" and len(numbers) >= 2:
        across, up = numbers[:2]
        ways = [(across, "right", "left"), (up, "up", "down")]
        said = [f"{abs(way):g} pixels {plus if way > 0 else minus}" for way, plus, minus in ways if way]
        return f"move the {label} {' and '.join(said) or '0 pixels right'}"
    if word == "SCALE" and numbers:
        return f"scale the {label} to {100 * numbers[0]:g}%"
    if word == "ROTATE" and numbers:
        return f"turn the {label} by {abs(numbers[0]):g} degrees {'anti' * (numbers[0] < 0)}clockwise"
    return f"{KINDS.get(word, word.lower())} the {label}"
