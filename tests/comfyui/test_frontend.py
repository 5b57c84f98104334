"""The quickstart in the front end that ComfyUI brings, beside what test_workflows.py asks of every workflow."""

import os
from pathlib import Path

import pytest
from PIL import Image

from tests.comfyui.extension_help import FIT, SIZE, load, opened, run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def done(server, chromium):
    """A page with the quickstart, run."""
    page = load(opened(chromium, server), "quickstart")
    run(page)
    yield page
    page.context.close()


def test_each_node_shows_its_picture_once(done):
    shown = done.evaluate("() => Object.fromEntries(app.graph._nodes.map(n => [n.type, (n.imgs ?? []).length]))")
    for name in ("LoadImage", "CIELR_SceneParse", "CIELR_Reason", "CIELR_ActionToMask", "SaveImage"):
        assert shown[name] == 1, name
    assert done.trouble == []


def test_a_screenshot_shows_the_whole_graph(done, tmp_path):
    """Written into docs/ where it is asked for; else only taken."""
    done.evaluate(FIT)
    done.mouse.move(800, 890)
    done.wait_for_timeout(500)
    target = ROOT / "docs" / "quickstart.png" if os.environ.get("CIELR_SCREENSHOT") else tmp_path / "quickstart.png"
    done.screenshot(path=target)
    assert Image.open(target).size == (SIZE["width"], SIZE["height"])
