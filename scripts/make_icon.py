"""Renders docs/icon.svg and docs/banner.svg, as the registry shows them, to PNG beside them.

python scripts/make_icon.py      (needs playwright and a chromium on the PATH)

The drawings are written by hand and name no font: every letter is a path, so that they look the same everywhere.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
SIZES = {"icon": (400, 400), "banner": (1344, 576)}
PAGE = "<style>html, body {{ margin: 0; background: transparent }} svg {{ display: block }}</style>{svg}"


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no chromium on the PATH.")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_content(PAGE.format(svg=(DOCS / f"{name}.svg").read_text(encoding="utf-8")))
            picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
            target = DOCS / f"{name}.png"
            picture.save(target, optimize=True)
            print(f"{target}: {picture.width} x {picture.height}, {target.stat().st_size // 1024} kB")
        browser.close()


if __name__ == "__main__":
    main()
