"""Films an edit on the canvas of the real front end: docs/canvas.webp, the quickstart from the words to the result; the
last of it is docs/quickstart.png.

.venv-comfyui/bin/python scripts/make_canvas_animation.py      # needs what `make comfyui-test` sets up, and a chromium
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

INSTRUCTION = "remove the second coin from the left in the top row"
WIDTH, LARGEST = 1100, 1_500_000
"""Pixels across, and bytes, of the animation."""
TYPED, RUNNING, SHOWN, DRAGGED, LAST = 70, 180, 1500, 90, 4500
"""Milliseconds: a word typed, a look at the run, the empty and the typed instruction, the divider moved, the result."""
DRAGS = 13
"""Steps of the divider between before and after, from the middle to the coin that is gone."""

TYPE = """text => {
    const node = app.graph._nodes.find(node => node.type === "CIELR_Reason")
    node.widgets.find(widget => widget.name === "instruction").value = text
    app.graph.setDirtyCanvas(true, true)
}"""
START = """() => {
    window.ended = null
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        app.api.addEventListener(kind, () => { window.ended = kind }, {once: true})
    app.queuePrompt(0)
}"""


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.comfyui.conftest import CHROMIUM_OPTIONS, COINS, Server
    from tests.comfyui.extension_help import FIT, close_dialogs, opened

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = Server(Path(folder) / "comfyui")
        try:
            server.wait().client.upload(COINS, "coins.png")
            page = opened(play.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS), server)
            close_dialogs(page)
            flow = json.loads((ROOT / "workflows" / "01 Quickstart.json").read_text(encoding="utf-8"))
            page.evaluate("flow => app.loadGraphData(flow, true, true, 'quickstart')", flow)
            page.wait_for_timeout(1500)
            page.evaluate(FIT)
            save(filmed(page), ROOT / "docs" / "canvas.webp")
            page.screenshot(path=ROOT / "docs" / "quickstart.png")
        finally:
            server.stop()


def filmed(page: Any) -> list[tuple[Image.Image, int]]:
    """The frames, each with its time in milliseconds: the words are typed, the nodes run, the result stays."""
    page.evaluate(TYPE, "")
    page.mouse.move(800, 890)
    frames = [(shot(page), SHOWN)]
    words = INSTRUCTION.split()
    for count in range(1, len(words) + 1):
        page.evaluate(TYPE, " ".join(words[:count]))
        frames.append((shot(page), TYPED))
    frames[-1] = (frames[-1][0], SHOWN)
    page.evaluate(START)
    while page.evaluate("() => window.ended") is None:
        frames.append((shot(page), RUNNING))
    if page.evaluate("() => window.ended") != "execution_success":
        sys.exit("The run failed, so there is nothing to film.")
    page.wait_for_timeout(2000)
    frames.append((shot(page), SHOWN))
    divider = page.locator(".cielr-divider").first
    for _ in range(DRAGS):
        divider.press("ArrowLeft")
        frames.append((shot(page), DRAGGED))
    page.evaluate("() => document.activeElement.blur()")
    return [*frames, (shot(page), LAST)]


def shot(page: Any) -> Image.Image:
    """What the page shows, at the animation's width."""
    page.wait_for_timeout(120)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)


def save(frames: list[tuple[Image.Image, int]], path: Path) -> None:
    """One file without equal frames, as good as its bytes allow."""
    kept: list[tuple[Image.Image, int]] = []
    for picture, milliseconds in frames:
        if kept and kept[-1][0].tobytes() == picture.tobytes():
            kept[-1] = (picture, kept[-1][1] + milliseconds)
        else:
            kept.append((picture, milliseconds))
    pictures, times = [picture for picture, _ in kept], [milliseconds for _, milliseconds in kept]
    for quality in (85, 75, 65, 50):
        pictures[0].save(
            path, save_all=True, append_images=pictures[1:], duration=times, loop=0, quality=quality, method=6
        )
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path}: {len(kept)} frames, {path.stat().st_size / 1e6:.1f} MB at quality {quality}")


if __name__ == "__main__":
    main()
