"""The real front end in headless Chromium: the shipped workflow loads, means what its API file says, and runs."""

import os
from pathlib import Path

import pytest
from bundled import api, flow
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SIZE = {"width": 1600, "height": 900}
NOT_OURS = ("reading 'id'",)
"""Errors of the page with no workflow loaded: front end 1.27.10's own."""

# with room for the bars of the page around the graph
FIT = """() => {
    const canvas = app.canvas, boxes = [...app.graph._groups.map(g => g.bounding ?? g._bounding)]
    const x0 = Math.min(...boxes.map(b => b[0])), y0 = Math.min(...boxes.map(b => b[1]))
    const x1 = Math.max(...boxes.map(b => b[0] + b[2])), y1 = Math.max(...boxes.map(b => b[1] + b[3]))
    const room = {left: 90, top: 95, right: 30, bottom: 60}
    const wide = innerWidth - room.left - room.right, tall = innerHeight - room.top - room.bottom
    const scale = Math.min(wide / (x1 - x0), tall / (y1 - y0))
    const bounds = canvas.canvas.getBoundingClientRect()
    // words stay readable in a picture of a whole graph
    canvas.min_font_size_for_lod = 0
    canvas.ds.scale = scale
    canvas.ds.offset[0] = (room.left - bounds.left + (wide - (x1 - x0) * scale) / 2) / scale - x0
    canvas.ds.offset[1] = (room.top - bounds.top + (tall - (y1 - y0) * scale) / 2) / scale - y0
    app.graph.setDirtyCanvas(true, true)
}"""
RUN = """() => new Promise(resolve => {
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        app.api.addEventListener(kind, event => resolve([kind, event.detail]), {once: true})
    app.queuePrompt(0)
})"""
BOXES = """() => app.graph._nodes.map(node => [String(node.id), ...Array.from(node.getBounding())])"""


@pytest.fixture(scope="module")
def page(server, chromium):
    one = chromium.new_page(viewport=SIZE)
    one.trouble = []
    one.on("pageerror", lambda error: one.trouble.append(str(error)))
    one.goto(server.url)
    one.wait_for_function(
        "() => window.app?.graph && app.extensionManager && window.LiteGraph"
        " && Object.keys(LiteGraph.registered_node_types).length > 50",
        timeout=90_000,
    )
    one.wait_for_timeout(700)
    yield one
    one.close()


@pytest.fixture(scope="module")
def loaded(page):
    """The page with the quickstart on its canvas."""
    page.trouble[:] = [text for text in page.trouble if not any(known in text for known in NOT_OURS)]
    page.evaluate("flow => app.loadGraphData(flow, true, true, 'quickstart')", flow("quickstart"))
    page.wait_for_timeout(700)
    return page


def test_the_quickstart_loads_with_no_missing_node_and_no_error(loaded):
    assert loaded.locator("[role=dialog]").count() == 0
    assert loaded.evaluate("() => app.graph._nodes.filter(node => node.has_errors).map(node => node.type)") == []
    assert loaded.evaluate("() => app.graph._nodes.length") == 7
    assert loaded.trouble == []


def test_what_the_canvas_would_send_is_the_shipped_api_file(loaded):
    sent = loaded.evaluate("async () => (await app.graphToPrompt()).output")
    assert sent == api("quickstart")


def test_it_runs_from_the_canvas_and_nothing_overlaps_once_pictures_show(loaded):
    kind, told = loaded.evaluate(RUN)
    assert kind == "execution_success", told
    loaded.wait_for_timeout(1500)
    boxes = loaded.evaluate(BOXES)
    for number, (one, ax, ay, aw, ah) in enumerate(boxes):
        for two, bx, by, bw, bh in boxes[number + 1 :]:
            apart = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
            assert apart, f"Nodes {one} and {two} overlap."
    shown = loaded.evaluate("() => Object.fromEntries(app.graph._nodes.map(n => [n.type, (n.imgs ?? []).length]))")
    for name in ("LoadImage", "CIELR_SceneParse", "CIELR_Reason", "CIELR_ActionToMask", "SaveImage"):
        assert shown[name] == 1, name
    assert loaded.trouble == []


def test_a_screenshot_shows_the_whole_graph(loaded, tmp_path):
    """Written into docs/ where it is asked for; else only taken."""
    loaded.evaluate(FIT)
    loaded.mouse.move(800, 890)
    loaded.wait_for_timeout(500)
    target = ROOT / "docs" / "quickstart.png" if os.environ.get("CIELR_SCREENSHOT") else tmp_path / "quickstart.png"
    loaded.screenshot(path=target)
    assert Image.open(target).size == (SIZE["width"], SIZE["height"])
