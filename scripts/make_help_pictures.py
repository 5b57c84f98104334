"""Photographs every node in use, in the real front end, for its help page: web/docs/pictures/NODE.jpg.

.venv-comfyui/bin/python scripts/make_help_pictures.py [NODE …]      (all that this ComfyUI has, where none is named)

Needs what `make comfyui-test` sets up, and a chromium on the PATH. Nodes that work with what is built in are run first,
so that they show what they show; those that need weights are photographed wired, with names of files as an artist has.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cielr  # noqa: E402
from scripts.help_pictures import INSTRUCTION, PICTURES, Picture  # noqa: E402

TARGET = ROOT / "web" / "docs" / "pictures"
WIDEST, LARGEST = 900, 60_000
"""Pixels and bytes of a picture."""
LEFT, TOP, MARGIN, GAP_X, GAP_Y = 130, 130, 18, 56, 50

BUILD = """([columns, focus, first]) => {
    app.graph.clear()
    // pictures belong to ids: an id that was used before would show what another node has shown
    app.graph.state.lastNodeId = first
    const made = {}
    for (const nodes of columns) for (const [name, told] of Object.entries(nodes)) {
        const node = LiteGraph.createNode(told.kind)
        app.graph.add(node)
        for (const [input, value] of Object.entries(told.inputs)) {
            const widget = node.widgets?.find(one => one.name === input)
            if (widget && !Array.isArray(value)) { widget.value = value; widget.callback?.(value) }
        }
        if (told.size) node.setSize([...told.size])
        if (told.kind === focus) { node.color = "#8a3b2c"; node.bgcolor = "#4a2a25" }
        made[name] = node
    }
    for (const nodes of columns) for (const [name, told] of Object.entries(nodes))
        for (const [input, value] of Object.entries(told.inputs)) if (Array.isArray(value)) {
            const slot = made[name].inputs.findIndex(one => one.name === input)
            if (slot < 0) throw new Error(`${name} has no input ${input}`)
            made[value[0]].connect(value[1], made[name], slot)
        }
    window.made = made
}"""
SINK = """([name, output]) => {
    const sink = LiteGraph.createNode("PreviewAny")
    app.graph.add(sink)
    sink.pos = [0, 5000]
    made[name].connect(output, sink, 0)
    window.sink = sink
}"""
RUN = """() => new Promise(resolve => {
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        app.api.addEventListener(kind, event => resolve([kind, event.detail]), {once: true})
    app.queuePrompt(0)
})"""
ARRANGE = """([columns, left, top, margin, gapX, gapY]) => {
    if (window.sink) { app.graph.remove(sink); window.sink = null }
    let x = 0, bottom = 0
    for (const names of columns) {
        let y = 30, wide = 0
        for (const node of names.map(name => made[name])) {
            node.pos = [x, y]
            bottom = Math.max(bottom, y + node.size[1])
            y += node.size[1] + gapY
            wide = Math.max(wide, node.size[0])
        }
        if (names.length) x += wide + gapX
    }
    const canvas = app.canvas, bounds = canvas.canvas.getBoundingClientRect()
    canvas.deselectAll?.()
    canvas.ds.scale = 1
    canvas.ds.offset[0] = left + margin - bounds.left
    canvas.ds.offset[1] = top + margin - bounds.top
    app.graph.setDirtyCanvas(true, true)
    return [x - gapX, bottom]
}"""


def prepare(base: Path) -> None:
    """What an artist's folders would hold, before the server starts: names alone, where weights would be too large."""
    models = base / "models"
    files = ["checkpoints/sd_xl_base_1.0_inpainting_0.1.safetensors", "inpaint/big-lama.pt"]
    files += ["checkpoints/sam3.safetensors", "diffusion_models/rtdetr_v4_x.safetensors"]
    files += ["text_encoders/qwen3vl_8b_fp8_scaled.safetensors"]
    files += ["geometry_estimation/depth_anything_3_small.safetensors"]
    # by its folder the Impact pack is known, with whose segments some sockets are offered
    (base / "custom_nodes" / "ComfyUI-Impact-Pack").mkdir(parents=True)
    for file in files:
        (models / file).parent.mkdir(parents=True, exist_ok=True)
        (models / file).touch()
    pipeline = models / "diffusers" / "stable-diffusion-xl-inpainting"
    pipeline.mkdir(parents=True)
    (pipeline / "model_index.json").write_text('{"_class_name": "StableDiffusionXLInpaintPipeline"}')
    photo = ROOT / "photos" / "coins.png"
    known = cielr.perceive(photo, labels=["coin"])
    inputs = base / "input"
    inputs.mkdir(exist_ok=True)
    shutil.copy(photo, inputs / "coins.png")
    shutil.copy(ROOT / "photos" / "coffee.jpg", inputs / "coffee.jpg")
    (inputs / "coins.scene.json").write_text(known.to_json(), encoding="utf-8")
    (inputs / "coins.plan.json").write_text(cielr.reason(known, INSTRUCTION)[1].to_json(), encoding="utf-8")
    coin = known.objects[0].mask.to_array()
    Image.fromarray(np.repeat((coin * np.uint8(255))[..., None], 3, axis=-1)).save(inputs / "one_coin.png")


def photographed(page: Any, kind: str, picture: Picture) -> Image.Image:
    columns = [
        {name: {"kind": node.kind, "inputs": node.inputs, "size": node.size} for name, node in column.items()}
        for column in picture.columns
    ]
    page.evaluate(BUILD, [columns, kind, 1000 * (list(PICTURES).index(kind) + 1)])
    page.wait_for_timeout(500)
    if picture.show is not None:
        page.evaluate(SINK, list(picture.show))
        end, detail = page.evaluate(RUN)
        if end != "execution_success":
            raise RuntimeError(f"{kind}: {detail}")
        page.wait_for_timeout(1500)
    ghosts = [name for name, node in picture.nodes.items() if node.ghost]
    seen = [[name for name in column if name not in ghosts] for column in picture.columns]
    page.evaluate("names => { for (const name of names) app.graph.remove(made[name]) }", ghosts)
    # nodes grow once their pictures are drawn
    sizes = [(0, 0)]
    while len(sizes) < 4 or len(set(sizes[-3:])) > 1:
        sizes.append(tuple(page.evaluate(ARRANGE, [seen, LEFT, TOP, MARGIN, GAP_X, GAP_Y])))
        page.wait_for_timeout(600)
    width, height = sizes[-1]
    for divider in page.locator(".cielr-divider:visible").all():
        # to the first coin, so that the edit is seen on both sides of it
        for _ in range(18):
            divider.press("ArrowLeft")
        page.evaluate("() => document.activeElement.blur()")
    page.mouse.move(5, 900)
    page.wait_for_timeout(700)
    clip = {"x": LEFT, "y": TOP, "width": width + 2 * MARGIN, "height": height + 2 * MARGIN}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")


def save(picture: Image.Image, path: Path) -> None:
    """As JPEG, no wider and no heavier than a help page should load."""
    if picture.width > WIDEST:
        picture = picture.resize((WIDEST, round(picture.height * WIDEST / picture.width)), Image.Resampling.LANCZOS)
    for quality in range(88, 30, -6):
        memory = io.BytesIO()
        picture.save(memory, "JPEG", quality=quality, optimize=True)
        if memory.tell() <= LARGEST:
            break
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(memory.getvalue())
    print(
        f"{path.relative_to(ROOT)}: {picture.width} x {picture.height}, {memory.tell() // 1000} kB, quality {quality}"
    )


def main(names: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    from tests.comfyui.conftest import CHROMIUM_OPTIONS, Server

    if wrong := set(names) - set(PICTURES):
        sys.exit(f"There is no picture of {', '.join(sorted(wrong))}.")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        base = Path(folder) / "comfyui"
        base.mkdir()
        prepare(base)
        server = Server(base)
        try:
            server.wait()
            # the badge over each node's title says the pack's name again
            server.client.post("/settings", {"Comfy.NodeBadge.NodeSourceBadgeMode": "None"})
            browser = play.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
            page = browser.new_page(viewport={"width": 2200, "height": 1500})
            page.goto(server.url)
            page.wait_for_function(
                "() => window.app?.graph && app.extensionManager && window.LiteGraph"
                " && Object.keys(LiteGraph.registered_node_types).length > 50",
                timeout=90_000,
            )
            page.wait_for_timeout(1000)
            here = server.client.get_json("/object_info")
            for kind in names or [kind for kind in PICTURES if kind in here]:
                save(photographed(page, kind, PICTURES[kind]), TARGET / f"{kind}.jpg")
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
