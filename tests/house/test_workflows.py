"""The shipped workflows are what their descriptions say, and nothing on the canvas lies on another thing."""

import importlib.util
import itertools
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_workflows", ROOT / "scripts" / "make_workflows.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_shipped_files_are_what_the_script_writes(maker, tmp_path):
    for path in maker.write(tmp_path):
        shipped = ROOT / path.relative_to(tmp_path)
        assert shipped.read_bytes() == path.read_bytes(), f"Run 'python scripts/make_workflows.py': {shipped.name}."


@pytest.mark.parametrize("path", sorted((ROOT / "workflows").glob("*.json")), ids=lambda path: path.stem)
def test_nothing_on_the_canvas_overlaps_and_links_run_left_to_right(path):
    flow = json.loads(path.read_text(encoding="utf-8"))
    # with their title bars
    boxes = {node["id"]: (*node["pos"], *node["size"]) for node in flow["nodes"]}
    boxes = {name: (x, y - 30, x + w, y + h) for name, (x, y, w, h) in boxes.items()}
    for (one, a), (two, b) in itertools.combinations(boxes.items(), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"Nodes {one} and {two} overlap."
    groups = [(x, y, x + w, y + h) for x, y, w, h in (group["bounding"] for group in flow["groups"])]
    for a, b in itertools.combinations(groups, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for x0, y0, x1, y1 in boxes.values():
        assert any(g[0] <= x0 and g[1] <= y0 and x1 <= g[2] and y1 <= g[3] for g in groups)
    for _, source, _, target, _, _ in flow["links"]:
        assert boxes[source][0] <= boxes[target][0]


@pytest.mark.parametrize("path", sorted((ROOT / "workflows").glob("*.json")), ids=lambda path: path.stem)
def test_a_graph_fits_a_window_of_1600_x_900_at_a_zoom_at_which_its_words_are_drawn(path):
    """The template browser fits all nodes, and 10 px around them, into three quarters of the canvas."""
    flow = json.loads(path.read_text(encoding="utf-8"))
    boxes = [(x, y - 30, x + w, y + h) for x, y, w, h in ((*node["pos"], *node["size"]) for node in flow["nodes"])]
    wide, tall = (max(box[i + 2] for box in boxes) - min(box[i] for box in boxes) + 20 for i in (0, 1))
    # the canvas that ComfyUI 0.3.64's front end leaves between its bars; a graph that says where to look is not fitted
    zoom = flow["extra"]["ds"]["scale"] if "ds" in flow["extra"] else 0.75 * min(1536 / wide, 822 / tall)
    # words of 14 px are drawn from 8 px on
    assert zoom >= 8 / 14


@pytest.mark.parametrize("path", sorted((ROOT / "workflows" / "api").glob("*.json")), ids=lambda path: path.stem)
def test_every_link_of_a_prompt_leads_to_a_node_of_it(path):
    prompt = json.loads(path.read_text(encoding="utf-8"))
    for told in prompt.values():
        for value in told["inputs"].values():
            if isinstance(value, list):
                assert value[0] in prompt
