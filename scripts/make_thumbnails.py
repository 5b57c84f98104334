"""Writes the pictures that ComfyUI's template browser shows: the photo before and after, or the graph itself.

python scripts/make_thumbnails.py [SCREENSHOTS]

Only what needs no weights can be shown before and after. Of the others the graph is shown, from the folder of
screenshots that `CIELR_SCREENSHOTS=FOLDER pytest tests/comfyui/test_workflows.py` leaves.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import cielr
from cielr.editing.executor import execute
from cielr.geometry import Mask
from cielr.perception.assemble import scene_from_masks
from cielr.plan import Modify, Plan, Remove
from cielr.region import regions, seeded

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = ROOT / "workflows"
BARS = (90, 95, 1590, 790)
"""What the page's own bars leave of a screenshot of 1600 x 900."""
WIDTH = 800


def main(screenshots: Path | None) -> None:
    made = {"quickstart": by_instruction, "review_then_edit": by_instruction}
    made |= {"plan_by_hand": by_hand, "bring_your_own_masks": by_masks}
    for path in sorted((WORKFLOWS / "api").glob("*.json")):
        target = WORKFLOWS / f"{path.stem}.jpg"
        if path.stem in made:
            nodes = json.loads(path.read_text(encoding="utf-8")).values()
            before, after = made[path.stem]({node["class_type"]: node["inputs"] for node in nodes})
            side_by_side(before, after).save(target, quality=88)
        elif screenshots is not None:
            graph(screenshots / f"{path.stem}.png").save(target, quality=85)
        else:
            continue
        print(target)


def photo(told: dict) -> np.ndarray:
    return np.asarray(Image.open(ROOT / "photos" / told["LoadImage"]["image"]).convert("RGB"))


def by_instruction(told: dict) -> tuple[np.ndarray, np.ndarray]:
    before = photo(told)
    labels, words = [told["CIELR_SceneParse"]["labels"]], told["CIELR_Reason"]["instruction"]
    return before, cielr.edit(before, words, labels=labels, seed=told["CIELR_EditExecutor"]["seed"]).image


def by_hand(told: dict) -> tuple[np.ndarray, np.ndarray]:
    before = photo(told)
    scene = cielr.perceive(before, labels=[told["CIELR_SceneParse"]["labels"]])
    plan = Plan(actions=(Modify(targets=("coin_18",), change="colour dark red"), Remove(targets=("coin_2",))))
    return before, execute(before, seeded(regions(plan, scene), 0))


def by_masks(told: dict) -> tuple[np.ndarray, np.ndarray]:
    before = photo(told)
    mask = np.asarray(Image.open(ROOT / "photos" / told["LoadImageMask"]["image"]).convert("L")) >= 128
    scene = scene_from_masks(before, [Mask.from_array(mask)], [told["CIELR_SceneFromMasks"]["labels"]])
    _, plan, _ = cielr.reason(scene, told["CIELR_Reason"]["instruction"])
    return before, execute(before, seeded(regions(plan, scene), 0))


def side_by_side(before: np.ndarray, after: np.ndarray) -> Image.Image:
    seam = np.full((before.shape[0], 8, 3), 255, dtype=np.uint8)
    return Image.fromarray(np.concatenate([before, seam, after], axis=1))


def graph(path: Path) -> Image.Image:
    """The coloured groups of a screenshot and no more, in two rows: the browser shows a square."""
    page = Image.open(path).convert("RGB").crop(BARS)
    colour = np.ptp(np.asarray(page).astype(int), axis=-1) > 12
    rows, columns = np.flatnonzero(colour.mean(axis=1) > 0.2), np.flatnonzero(colour.mean(axis=0) > 0.05)
    box = (int(columns[0]) - 4, int(rows[0]) - 4, int(columns[-1]) + 5, int(rows[-1]) + 5)
    # between two groups, as near the middle as there is one
    middle = (box[0] + box[2]) // 2
    gaps = np.flatnonzero(colour[rows[0] : rows[-1]].mean(axis=0) < 0.02)
    gaps = gaps[(gaps > box[0] + 20) & (gaps < box[2] - 20)]
    cut = int(gaps[np.abs(gaps - middle).argmin()]) if len(gaps) else middle
    halves = [page.crop((box[0], box[1], cut, box[3])), page.crop((cut, box[1], box[2], box[3]))]
    width = max(half.width for half in halves)
    sheet = Image.new("RGB", (width, 2 * halves[0].height + 8), page.getpixel((2, 2)))
    for number, half in enumerate(halves):
        sheet.paste(half, (0, number * (halves[0].height + 8)))
    return sheet.resize((WIDTH, round(sheet.height * WIDTH / sheet.width)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
