"""Every example workflow: in the real front end it means what its API file says, and with tiny models it runs."""

import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.comfyui.test_frontend import BOXES, FIT, NOT_OURS, SIZE, page  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.stem for path in (ROOT / "workflows").glob("*.json"))


def api(name):
    return json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def pictures(server):
    for path in (ROOT / "photos").glob("*.*g"):
        server.client.upload(path, path.name)


def test_the_signatures_that_the_workflows_are_made_from_are_the_servers(comfy):
    sys.path.insert(0, str(ROOT / "scripts"))
    from read_signatures import signatures

    told = json.loads((ROOT / "scripts" / "node_signatures.json").read_text(encoding="utf-8"))
    assert told == json.loads(json.dumps(signatures(comfy.get_json("/object_info")))), (
        "Run scripts/read_signatures.py, then scripts/make_workflows.py."
    )


def test_the_template_browser_shows_all_of_them_with_a_picture(comfy):
    listed = comfy.get_json("/workflow_templates")["cielr"]
    assert sorted(listed) == NAMES
    for name in NAMES:
        assert comfy.get(f"/api/workflow_templates/cielr/{name}.jpg")[:3] == b"\xff\xd8\xff", name


@pytest.fixture(scope="module", params=NAMES)
def loaded(request, page):  # noqa: F811
    """(name, the page with that workflow on its canvas)."""
    name = request.param
    flow = json.loads((ROOT / "workflows" / f"{name}.json").read_text(encoding="utf-8"))
    page.trouble[:] = [text for text in page.trouble if not any(known in text for known in NOT_OURS)]
    page.evaluate("([flow, name]) => app.loadGraphData(flow, true, true, name)", [flow, name])
    page.wait_for_timeout(900)
    return name, page


def test_it_loads_with_no_missing_node_and_no_error(loaded):
    name, page = loaded  # noqa: F811
    assert page.evaluate("() => app.graph._nodes.filter(node => node.has_errors).map(node => node.type)") == []
    assert page.evaluate("() => app.graph._nodes.length") == len(api(name)) + 1
    assert page.trouble == []


def test_what_the_canvas_would_send_is_the_shipped_api_file(loaded):
    name, page = loaded  # noqa: F811
    assert page.evaluate("async () => (await app.graphToPrompt()).output") == api(name)


def test_nodes_lie_apart_and_inside_their_groups(loaded, tmp_path):
    name, page = loaded  # noqa: F811
    page.evaluate(FIT)
    page.mouse.move(800, 890)
    page.wait_for_timeout(500)
    target = Path(os.environ.get("CIELR_SCREENSHOTS") or tmp_path) / f"{name}.png"
    page.screenshot(path=target)
    assert Image.open(target).size == (SIZE["width"], SIZE["height"])
    apart(page.evaluate(BOXES))
    groups = page.evaluate("() => app.graph._groups.map(g => Array.from(g.bounding ?? g._bounding))")
    for one, x, y, w, h in page.evaluate(BOXES):
        holds = [gx <= x and gy <= y and x + w <= gx + gw and y + h <= gy + gh for gx, gy, gw, gh in groups]
        assert any(holds), f"Node {one} sticks out of its group."


def apart(boxes):
    for number, (one, ax, ay, aw, ah) in enumerate(boxes):
        for two, bx, by, bw, bh in boxes[number + 1 :]:
            clear = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
            assert clear, f"Nodes {one} and {two} overlap."
