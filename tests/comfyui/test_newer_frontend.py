"""Three workflows, and the blueprint, in a newer front end than ComfyUI 0.3.64's own: as canvas and as Vue."""

import json
from pathlib import Path

import pytest
from bundled import FLOWS, api

from tests.comfyui.extension_help import BOXES, KINDS, RUN, faulty, load_file, opened, overlaps, prompt, run
from tests.comfyui.test_workflows import seen

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["quickstart", "plan_by_hand", "bring_your_own_masks"]
BLUEPRINT = ROOT / "subgraphs" / "Edit by instruction.json"
WITH_PHOTO = """() => {
    const graph = app.graph, made = graph._nodes[0], widget = name => made.widgets.find(one => one.name === name)
    const photo = LiteGraph.createNode("LoadImage"), save = LiteGraph.createNode("SaveImage")
    for (const one of [photo, save]) graph.add(one)
    photo.pos = [-400, 0]
    save.pos = [500, 0]
    photo.widgets[0].value = "coins.png"
    photo.connect(0, made, made.inputs.findIndex(one => one.name === "image"))
    made.connect(made.outputs.findIndex(one => one.name === "image"), save, 0)
    widget("labels").value = "coin"
    widget("instruction").value = "remove the second coin from the left in the top row"
    save.widgets[0].value = "cielr/blueprint"
}"""


@pytest.fixture(scope="module", params=KINDS[1:])
def page(request, chromium):
    """(kind, page) of each front end and way of drawing."""
    server = request.getfixturevalue("newer")
    for path in (ROOT / "photos").glob("*.*g"):
        server.client.upload(path, path.name)
    one = opened(chromium, server, **{"Comfy.VueNodes.Enabled": request.param == "newer-vue"})
    yield request.param, server, one
    one.context.close()


RECTS = """() => [...document.querySelectorAll("[data-node-id]")].map(element => {
    const box = element.getBoundingClientRect()
    return [element.dataset.nodeId, box.x, box.y, box.width, box.height]
})"""
"""Of Vue nodes, with the foot that says that a file is missing; `getBounding` knows nothing of it."""


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_loads_means_what_its_file_says_runs_and_nothing_overlaps(page, name, tmp_path):
    kind, _, one = page
    load_file(one, FLOWS[name])
    assert faulty(one) == []
    sent = prompt(one)
    assert {key: (node["class_type"], node["inputs"]) for key, node in sent.items()} == {
        key: (node["class_type"], node["inputs"]) for key, node in api(name).items()
    }
    overlaps(one)
    run(one)
    one.wait_for_timeout(800)
    seen(one, tmp_path, f"{name}_{kind}.png")
    overlaps(one)
    assert one.trouble == []


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_no_vue_node_lies_over_another_even_where_files_are_missing(page, name, tmp_path):
    kind, server, one = page
    kinds = {node["class_type"] for node in api(name).values()}
    if not kinds <= server.client.get_json("/object_info").keys():
        pytest.skip("This ComfyUI is older than the workflow.")
    load_file(one, FLOWS[name])
    one.wait_for_timeout(700)
    boxes = RECTS if kind.endswith("vue") else BOXES
    assert len(one.evaluate(boxes)) >= len(kinds)
    overlaps(one, boxes)
    seen(one, tmp_path, f"missing_{name}_{kind}.png")


def test_the_blueprint_is_one_node_that_edits(page, tmp_path):
    _, server, one = page
    load_file(one, BLUEPRINT)
    one.evaluate(WITH_PHOTO)
    sent = prompt(one)
    kinds = sorted(node["class_type"] for node in sent.values())
    ours = ["CIELR_ActionToMask", "CIELR_EditExecutor", "CIELR_Reason", "CIELR_SceneParse"]
    assert kinds == [*ours, "LoadImage", "SaveImage"]
    nodes = {node["class_type"]: node["inputs"] for node in sent.values()}
    assert nodes["CIELR_SceneParse"]["labels"] == "coin"
    assert nodes["CIELR_Reason"]["instruction"] == "remove the second coin from the left in the top row"
    run(one)
    # outside are the photo, the painter and the words, and the node shows what was understood
    sockets = "() => app.graph._nodes[0].inputs.map(one => one.name)"
    assert one.evaluate(sockets) == ["image", "inpainter", "instruction", "labels"]
    shown = one.locator(".cielr-panel").filter(has_text="Remove coin_2.")
    shown.wait_for(state="visible")
    assert "second coin in the top row from the left" in shown.inner_text()
    # nothing of which goes into the workflow
    kept = one.evaluate("() => app.graph.serialize()")
    assert all("cielr_view" not in json.dumps(node.get("widgets_values")) for node in kept["nodes"])
    one.screenshot(path=tmp_path / "blueprint.png")
    seen_files = sorted((server.base / "output" / "cielr").glob("blueprint_*.png"))
    assert seen_files, "it saved a picture"
    assert one.trouble == []


SAY = """words => {
    const widget = app.graph._nodes[0].widgets.find(one => one.name === "instruction")
    widget.value = words
}"""


def test_the_blueprint_says_why_it_failed_shows_what_it_saw_and_goes_on(page, tmp_path):
    kind, _, one = page
    load_file(one, BLUEPRINT)
    one.evaluate(WITH_PHOTO)
    one.wait_for_timeout(600)
    panel = one.locator(".cielr-panel").first
    field = one.locator("textarea").first
    assert field.bounding_box()["y"] < panel.bounding_box()["y"], "what is asked stands above what was understood"
    one.evaluate(SAY, "remove the giraffe")
    ended, _ = one.evaluate(RUN)
    assert ended == "execution_error"
    one.wait_for_timeout(700)
    said = panel.locator(".cielr-said")
    assert "giraffe" in said.inner_text()
    assert panel.locator("canvas").is_visible(), "the scene that it failed on"
    seen(one, tmp_path, f"blueprint_failed_{kind}.png")
    one.evaluate(SAY, "remove the second coin from the left in the top row")
    run(one)
    assert not said.is_visible()
    assert "Remove coin_2." in panel.inner_text()
    seen(one, tmp_path, f"blueprint_again_{kind}.png")
    # what was understood before is not what failed now
    one.evaluate(SAY, "remove the giraffe")
    assert one.evaluate(RUN)[0] == "execution_error"
    one.wait_for_timeout(700)
    assert "giraffe" in said.inner_text()
    assert "Remove coin_2." not in panel.inner_text()
    assert one.trouble == []
