"""Every example workflow: in the real front end it means what its API file says, and with tiny models it runs."""

import json
import os
import shutil
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_models
from bundled import FLOWS, api
from llm_server import LLMServer, Say

from tests.comfyui.conftest import find_comfyui
from tests.comfyui.extension_help import BOXES, FIT, SIZE, card_of, faulty, load_file, opened, overlaps, prompt, run
from tests.comfyui.families import make
from tests.comfyui.sparse import as_safetensors

ROOT = Path(__file__).resolve().parents[2]
NEWER = {"all_core", "core_qwen_image_edit", "core_flux_2_klein", "draw_your_own_boxes"}
"""Workflows of nodes that ComfyUI has from 0.33 on; `test_all_core.py` runs them with tiny models of their own."""
NAMES = [name for name in FLOWS if name not in NEWER]


FILES = {
    "sd15_inpaint": "checkpoints/sd-v1-5-inpainting.ckpt",
    "sd15": "checkpoints/v1-5-pruned-emaonly-fp16.safetensors",
    "sdxl_inpaint": "checkpoints/sd_xl_base_1.0_inpainting_0.1.safetensors",
    "flux_fill": "diffusion_models/flux1-fill-dev.safetensors",
    "flux_dev": "diffusion_models/flux1-dev-kontext_fp8_scaled.safetensors",
    "clip_l": "text_encoders/clip_l.safetensors",
    "vae_flux": "vae/ae.safetensors",
}
"""Tiny file -> the name that a workflow asks for."""
EYES = {
    "owlv2": "owlv2/owlv2-large",
    "sam2": "sam2/sam2.1-large",
    "depth-anything": "depthanything/depth-anything-v2-large",
    "grounding-dino": "grounding-dino/grounding-dino-base",
    "sam": "sams/sam-vit-huge",
}
SETTLE = """([host, real]) => {
    for (const node of app.graph._nodes) for (const widget of node.widgets ?? []) {
        // one step is what the tiny models are made for
        if (["CIELR_CheckpointInpainter", "KSampler"].includes(node.type) && widget.name === "steps") widget.value = 1
        if (node.type === "CIELR_OllamaLLM" && widget.name === "host") widget.value = host
        // a real T5 takes 5 GB and a minute: the other text encoder stands for it, unless it is asked for
        if (node.type === "DualCLIPLoader" && widget.name === "type" && !real) widget.value = "sd3"
    }
}"""
BEHIND = """() => {
    const { graph, canvas } = app, found = [], brush = document.createElement("canvas").getContext("2d")
    // what is out of sight is not drawn, and has no path
    canvas.ds.scale = 0.3
    canvas.ds.offset[0] = canvas.ds.offset[1] = 300
    canvas.draw(true, true)
    brush.lineWidth = 4
    for (const link of graph.links.values()) {
        const paths = [link.path], ends = [link.origin_id, link.target_id].map(String)
        for (let at = link.parentId; at != null; at = graph.reroutes.get(at).parentId)
            paths.push(graph.reroutes.get(at).path)
        if (paths.includes(undefined)) return ["a link was not drawn"]
        for (const node of graph._nodes.filter(one => !ends.includes(String(one.id)))) {
            const [left, top, width, height] = node.getBounding()
            let seen = false
            for (let x = left + 1; x < left + width && !seen; x += 3)
                for (let y = top + 1; y < top + height && !seen; y += 3)
                    seen = paths.some(path => brush.isPointInStroke(path, x, y))
            if (seen) found.push(`${ends.map(id => graph.getNodeById(id).title).join(" to ")}: behind ${node.title}`)
        }
    }
    return found
}"""
"""Which links, as they are drawn, run behind a node that they do not belong to."""
REAL_T5 = bool(os.environ.get("CIELR_REAL_T5"))


@pytest.fixture(scope="module", autouse=True)
def files(server):
    """The photos, and tiny models under the names that the workflows ask for."""
    for path in (ROOT / "photos").glob("*.*g"):
        server.client.upload(path, path.name)
    make(find_comfyui(), server.base)
    models = server.base / "models"
    for source, target in FILES.items():
        folder = {"checkpoints": "checkpoints", "diffusion_models": "diffusion_models"}.get(target.split("/")[0])
        path = models / (folder or target.split("/")[0]) / f"tiny_{source}.ckpt"
        if target.endswith(".safetensors"):
            as_safetensors(path, models / target)
        else:
            shutil.copyfile(path, models / target)
    shutil.copyfile(models / FILES["clip_l"], models / "text_encoders" / "t5xxl_fp8_e4m3fn.safetensors")
    for name, target in EYES.items():
        tiny_models.MAKERS[name](models / target)


def knows_newer():
    return (find_comfyui() / "comfy" / "ldm" / "sam3").is_dir()


def first_thing(body):
    """What a language model would say that always puts orange juice in the place of the first thing there is."""
    one = body["format"]["$defs"]["id"]["enum"][0]
    action = {"kind": "replace", "targets": [one], "with": "orange juice", "prompt": "a glass of orange juice"}
    actions = [{**action, "negative_prompt": "", "keep": [], "reason": "It is the first."}]
    return Say(json.dumps({"reason": "", "turn": {"kind": "plan", "summary": "Juice.", "actions": actions}}))


def test_the_template_browser_shows_all_of_them_with_a_picture(comfy):
    listed = comfy.get_json("/workflow_templates")["cielr"]
    assert sorted(listed) == [path.stem for path in FLOWS.values()]
    for title in listed:
        assert comfy.get(f"/api/workflow_templates/cielr/{quote(title)}.jpg")[:3] == b"\xff\xd8\xff", title


def clicked(page, name):
    """Opens a workflow as people do: by a click on its card in the template browser."""
    page.evaluate("() => app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    card = page.locator(f"[data-testid='template-workflow-{FLOWS[name].stem}']")
    # the older browser shows one pack at a time
    page.get_by_text("cielr", exact=True).or_(card).first.click()
    if page.locator("[role=dialog]").count():
        card_of(page, FLOWS[name].stem).click()
    page.locator("[role=dialog]").wait_for(state="detached")
    page.wait_for_function("count => app.graph._nodes.length === count", arg=len(api(name)) + 1)
    # the view is fitted at the next frame
    page.wait_for_timeout(700)


@pytest.mark.parametrize(
    ("host", "names"), [("server", FLOWS), ("newer", ["quickstart", "any_checkpoint", "own_sampler"])]
)
def test_what_a_click_in_the_template_browser_opens_can_be_read(request, chromium, host, names):
    one = opened(chromium, request.getfixturevalue(host))
    # the list of ComfyUI's own templates comes with a package of 100 MB that the tests do without
    one.route("**/templates/index*.json", lambda route: route.fulfill(json=[]))
    for name in names:
        if name in NEWER and not knows_newer():
            continue
        clicked(one, name)
        assert one.evaluate("() => app.canvas.low_quality") is False, name
        note = one.evaluate("() => Array.from(app.graph._nodes.find(one => one.type === 'MarkdownNote').getBounding())")
        left, top = one.evaluate("([x, y]) => app.canvas.ds.convertOffsetToCanvas([x, y])", note[:2])
        assert min(left, top) > 0, f"The note of {name} is out of sight."
    one.context.close()


@pytest.fixture(scope="module")
def page(server, chromium):
    made = opened(chromium, server)
    yield made
    made.context.close()


@pytest.fixture(scope="module", params=NAMES)
def loaded(request, page):
    """(name, the page with that workflow on its canvas)."""
    page.trouble.clear()
    load_file(page, FLOWS[request.param])
    return request.param, page


def test_it_loads_with_no_missing_node_and_no_error(loaded):
    name, page = loaded
    assert faulty(page) == []
    assert page.evaluate("() => app.graph._nodes.length") == len(api(name)) + 1
    assert page.trouble == []


def test_what_the_canvas_would_send_is_the_shipped_api_file(loaded):
    name, page = loaded
    assert prompt(page) == api(name)


def test_nodes_lie_apart_and_inside_their_groups(loaded, tmp_path):
    name, page = loaded
    seen(page, tmp_path, f"{name}.png")
    overlaps(page)
    inside(page)


def test_no_link_runs_behind_a_node_that_it_does_not_belong_to(loaded):
    _, page = loaded
    assert page.evaluate(BEHIND) == []


def test_it_runs_to_the_end_and_nothing_overlaps_once_results_show(loaded, server, tmp_path):
    name, page = loaded
    with LLMServer([first_thing], models=("qwen3:8b",)) as llm:
        page.evaluate(SETTLE, [llm.url, REAL_T5])
        rounds = 2 if name == "review_then_edit" else 1
        for _ in range(rounds):
            run(page)
    page.wait_for_timeout(800)
    seen(page, tmp_path, f"{name}_done.png")
    overlaps(page)
    inside(page)
    assert page.trouble == []
    photo = next(node["inputs"]["image"] for node in api(name).values() if node["class_type"] == "LoadImage")
    saved = max((server.base / "output" / "cielr").glob(f"{name}_*.png"), key=lambda path: path.stat().st_mtime)
    before, after = (np.asarray(Image.open(path).convert("RGB")) for path in (ROOT / "photos" / photo, saved))
    assert 0 < (before != after).any(axis=-1).mean() < 1


@pytest.mark.parametrize("name", sorted(NEWER))
def test_a_workflow_of_newer_nodes_lies_apart_and_means_what_its_api_file_says(page, name, tmp_path):
    if not knows_newer():
        pytest.skip("This ComfyUI has not all of its nodes: it is older than 0.33.")
    load_file(page, FLOWS[name], wait=1500)
    overlaps(page)
    inside(page)
    assert page.evaluate(BEHIND) == []
    assert prompt(page) == api(name)
    # the others' models are missing here
    if name == "draw_your_own_boxes":
        run(page)
        page.wait_for_timeout(800)
        seen(page, tmp_path, f"{name}_done.png")
        overlaps(page)


def seen(page, folder, file):
    """A picture of the whole graph, kept in $CIELR_SCREENSHOTS where that is set."""
    page.evaluate(FIT)
    page.mouse.move(800, 890)
    page.wait_for_timeout(500)
    seen_now(page, folder, file)


def seen_now(page, folder, file):
    """The same of the page as it stands."""
    target = Path(os.environ.get("CIELR_SCREENSHOTS") or folder) / file
    page.screenshot(path=target)
    assert Image.open(target).size == (SIZE["width"], SIZE["height"])


def inside(page):
    groups = page.evaluate("() => app.graph._groups.map(g => Array.from(g.bounding ?? g._bounding))")
    for one, x, y, w, h in page.evaluate(BOXES):
        holds = [gx <= x and gy <= y and x + w <= gx + gw and y + h <= gy + gh for gx, gy, gw, gh in groups]
        assert any(holds), f"Node {one} sticks out of its group."
