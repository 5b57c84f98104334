"""What a node shows though its own run told nothing of it: the picture of the node before, and a text of the cache."""

from __future__ import annotations

from bundled import api, id_of

from tests.comfyui.extension_help import NODE, load, load_prompt, number_of, run, view

SPREAD = """type => {
    const node = app.graph._nodes.find(one => one.type === type)
    const element = node.widgets.find(one => one.name === "cielr_view").element
    const canvas = element.querySelector("canvas")
    const at = [canvas.width / 2 - 60, canvas.height / 2 - 60, 120, 120]
    const bytes = canvas.getContext("2d").getImageData(...at).data
    return new Set(Array.from(bytes).filter((_, at) => at % 4 === 0)).size
}"""
"""How many tones there are in the middle of what a node draws."""


def quickstart():
    flow = api("quickstart")
    return flow, id_of(flow, "CIELR_Reason")


def test_reason_shows_the_photo_where_only_the_scene_is_connected(page):
    flow, reason = quickstart()
    del flow[reason]["inputs"]["perception"]
    load_prompt(page, flow)
    run(page)
    view(page, "CIELR_Reason")
    page.wait_for_timeout(500)
    assert page.evaluate(SPREAD, "CIELR_Reason") > 40, "a photo, not an outline on black"
    # as after a change of tabs
    page.evaluate("async () => app.loadGraphData(app.graph.serialize(), true, true)")
    page.wait_for_timeout(800)
    run(page)
    view(page, "CIELR_Reason")
    page.wait_for_timeout(500)
    assert page.evaluate(SPREAD, "CIELR_Reason") > 40
    assert page.trouble == []


def test_the_executor_tells_of_an_edit_that_came_from_the_cache_under_other_words(page):
    coin = 14 + number_of(page)
    flow, reason = quickstart()
    flow[reason]["inputs"]["instruction"] = f"remove coin_{coin}"
    load_prompt(page, flow)
    run(page)
    first = view(page, "CIELR_EditExecutor").locator("textarea").input_value()
    assert first.startswith("Action 1: ")
    # nothing is left of what it told
    load(page, "other", id="5d0c1e1a-0000-4000-8000-717569636b76")
    flow[reason]["inputs"]["instruction"] = f"delete coin_{coin}"
    load_prompt(page, flow)
    page.evaluate(f"() => delete app.nodeOutputs[String(({NODE})('CIELR_EditExecutor').id)]")
    run(page)
    assert view(page, "CIELR_EditExecutor").locator("textarea").input_value() == first
