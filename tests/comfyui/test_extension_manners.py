"""What the page's extension leaves alone: what is sent and saved, other runs, other nodes, the size of a node."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bundled import api

from cielr.actions import Plan
from tests.comfyui.extension_help import (
    FIT,
    NODE,
    contrast,
    copied,
    load,
    opened,
    overlaps,
    prompt,
    run,
    show,
    spot,
    view,
    wait_until_ready,
)

ROOT = Path(__file__).resolve().parents[2]


def test_what_is_sent_and_what_is_saved_is_as_without_the_extension(ran, chromium):
    sent = prompt(ran)
    # newer front ends send along which pack a node is of, as the workflow says
    packs = {node["_meta"].pop("cnr_id") for node in sent.values() if "cnr_id" in node["_meta"]}
    assert packs in (set(), {"cielr", "comfy-core"})
    assert sent == api("quickstart")
    values = "() => app.graph.serialize().nodes.map(node => [node.type, node.widgets_values ?? []])"
    saved = ran.evaluate(values)
    bare = ran.context.new_page()
    bare.route("**/extensions/cielr/**", lambda route: route.abort())
    bare.goto(ran.host)
    wait_until_ready(bare)
    load(bare)
    assert bare.evaluate("() => document.querySelectorAll('.cielr-panel').length") == 0
    assert prompt(bare) == prompt(ran)
    assert bare.evaluate(values) == saved
    bare.close()


def test_another_workflow_shows_nothing_of_the_old_run(ran):
    # newer front ends keep what the nodes of one tab put out
    load(ran, "other", id="5d0c1e1a-0000-4000-8000-717569636b74")
    panel = view(ran, "CIELR_Reason")
    assert panel.locator(".cielr-actions").count() == 0
    assert "Run the graph" in panel.inner_text()
    assert ran.evaluate("() => document.querySelectorAll('.cielr-panel').length") == 4


def test_a_run_in_which_nothing_had_to_be_done_shows_what_was_found_before(ran):
    load(ran, "once more", id="5d0c1e1a-0000-4000-8000-717569636b75")
    assert view(ran, "CIELR_Reason").locator(".cielr-actions").count() == 0
    run(ran)
    panel = view(ran, "CIELR_Reason")
    panel.locator(".cielr-actions").wait_for(timeout=5000)
    assert panel.locator(".cielr-actions li").inner_text().startswith("Remove coin_2")
    assert view(ran, "CIELR_SceneParse").locator(".cielr-object").count() == 24
    # what a node of the Executor's expansion told then
    assert " pixels changed, by " in view(ran, "CIELR_EditExecutor").locator("textarea").input_value()


def test_the_executor_says_what_each_region_changed(ran):
    panel = view(ran, "CIELR_EditExecutor")
    assert panel.locator("textarea").input_value().startswith("Action 1: ")
    assert copied(ran, panel) == panel.locator("textarea").input_value()


def test_a_deleted_node_leaves_nothing_behind(ran):
    panel = view(ran, "CIELR_SceneParse")
    ran.mouse.move(*spot(ran, panel, "coin_5"))
    ran.locator(".cielr-tip").wait_for(state="visible")
    ran.evaluate(
        f"""() => {{
            const node = ({NODE})("CIELR_SceneParse")
            window.left = new WeakRef(node.widgets.find(one => one.name === "cielr_view").element)
            app.graph.remove(node)
        }}"""
    )
    ran.locator(".cielr-tip").wait_for(state="detached")
    ran.wait_for_timeout(400)
    assert ran.evaluate("() => document.querySelectorAll('.cielr-panel').length") == 3
    assert not ran.evaluate("() => window.left.deref()?.isConnected ?? false")
    # events of a run that still goes on find nobody, and that is no error
    ran.evaluate(
        """() => {
            const about = {node: "2", display_node: "2", node_id: "2", exception_message: "x", output: {text: ["x"]}}
            for (const kind of ["cielr.event", "executed", "execution_interrupted"])
                app.api.dispatchCustomEvent(kind, {...about, kind: "step", text: "x"})
        }"""
    )
    assert ran.trouble == []


def test_long_texts_scroll_inside_and_the_node_keeps_its_size(flow):
    size = flow.evaluate(f"() => Array.from(({NODE})('CIELR_Reason').size)")
    many = [
        {"kind": "remove", "objects": [f"coin_{n}"], "anchors": [], "words": "", "reason": "why " * 30}
        for n in range(40)
    ]
    view_of = {"width": 4, "height": 3, "image": None, "objects": [], "scene": "{}", "told": [], "plan": "{}"}
    output = {"cielr": [{"views": [view_of | {"summary": "s", "actions": many}]}], "text": ["t " * 9000]}
    show(flow, output)
    flow.wait_for_timeout(500)
    panel = view(flow, "CIELR_Reason")
    plan = panel.locator(".cielr-plan")
    assert plan.evaluate("one => one.scrollHeight > one.clientHeight * 3")
    assert flow.evaluate(f"() => Array.from(({NODE})('CIELR_Reason').size)") == size
    plan.hover()
    plan.locator("li").first.focus()
    flow.mouse.wheel(0, 200)
    flow.wait_for_timeout(300)
    assert plan.evaluate("one => one.scrollTop") > 0


def test_a_batch_is_turned_over_and_the_plan_that_is_seen_is_the_one_that_is_edited(flow):
    views = []
    for number in (1, 2):
        kind = {"kind": "remove", "objects": [f"coin_{number}"], "anchors": [], "words": "", "reason": ""}
        plan = json.dumps({"actions": [{"kind": "remove", "targets": [f"coin_{number}"]}]})
        scene = {"width": 4, "height": 3, "image": None, "objects": [], "scene": "{}", "told": []}
        views.append(scene | {"plan": plan, "summary": "", "actions": [kind]})
    show(flow, {"cielr": [{"views": views}], "text": ["both"]})
    panel = view(flow, "CIELR_Reason")
    assert panel.locator(".cielr-count").inner_text() == "1 / 2"
    panel.get_by_role("button", name="Next image").click()
    assert "coin_2" in panel.locator(".cielr-actions").inner_text()
    panel.get_by_role("button", name="Edit this plan").click()
    assert "all 2 images" in panel.locator(".cielr-note").last.inner_text()
    [text] = [one["inputs"]["text"] for one in prompt(flow).values() if one["class_type"] == "CIELR_EditPlan"]
    assert Plan.from_json(text).actions[0].targets == ("coin_2",)


def test_no_error_is_ours_and_nobody_else_is_asked(ran):
    overlaps(ran)
    assert ran.trouble == []
    # of its own first graph the front end asks a hub, at a time of its own
    ran.called.clear()
    run(load(ran, "alone"))
    hosts = {urlsplit(url).netloc for url in ran.called if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert hosts == {urlsplit(ran.host).netloc}


@pytest.mark.parametrize("look", ["dark", "light", "zh"])
def test_a_picture_of_it_is_taken(chromium, server, look, tmp_path):
    """Kept in the folder that CIELR_LOOK names, to be looked at."""
    settings = {"Comfy.Locale": "zh"} if look == "zh" else {"Comfy.ColorPalette": look}
    page = opened(chromium, server, **settings)
    load(page)
    run(page)
    page.evaluate(FIT)
    page.wait_for_timeout(600)
    panel = page.locator(".cielr-panel").first
    ink, ground = panel.evaluate(
        """one => {
            // mixed colours are told as shares, "color(srgb 0.8 …)"
            const numbers = text =>
                text.match(/[\\d.]+/g).slice(0, 3).map(one => one * (text.startsWith("color") ? 255 : 1))
            return [numbers(getComputedStyle(one).color), numbers(getComputedStyle(one).backgroundColor)]
        }"""
    )
    assert contrast(ink, ground) > 4.5
    if look == "zh":
        assert "计划" in page.locator(".cielr-tabs").all_inner_texts()[1]
    page.screenshot(path=Path(os.environ.get("CIELR_LOOK", tmp_path)) / f"extension_{look}.png")
    opened(chromium, server).context.close()
    page.context.close()
