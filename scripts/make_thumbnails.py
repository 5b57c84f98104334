"""Writes the picture that ComfyUI's template browser shows for the quickstart: the photo before and after.

python scripts/make_thumbnails.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

import cielr

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    prompt = json.loads((ROOT / "workflows" / "api" / "quickstart.json").read_text(encoding="utf-8"))
    told = {node["class_type"]: node["inputs"] for node in prompt.values()}
    before = np.asarray(Image.open(ROOT / "photos" / told["LoadImage"]["image"]).convert("RGB"))
    labels, words = [told["CIELR_SceneParse"]["labels"]], told["CIELR_Reason"]["instruction"]
    after = cielr.edit(before, words, labels=labels, seed=told["CIELR_EditExecutor"]["seed"]).image
    seam = np.full((before.shape[0], 8, 3), 255, dtype=np.uint8)
    path = ROOT / "workflows" / "quickstart.jpg"
    Image.fromarray(np.concatenate([before, seam, after], axis=1)).save(path, quality=88)
    print(path)


if __name__ == "__main__":
    main()
