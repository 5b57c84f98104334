"""After a run that ended before its end nothing that an earlier run gave looks like a result: in every front end."""

from __future__ import annotations

import pytest

from tests.comfyui.extension_help import (
    NODE,
    RUN,
    close_dialogs,
    contrast,
    load,
    number_of,
    opened,
    run,
    set_widget,
    turn_to,
    undo,
    view,
)

COLOURS = """one => {
    const numbers = text => text.match(/[\\d.]+/g).slice(0, 3).map(one => one * (text.startsWith("color") ? 255 : 1))
    return [numbers(getComputedStyle(one).color), numbers(getComputedStyle(one).backgroundColor)]
}"""
WAITS = f"""() => {{
    const id = String(({NODE})("CIELR_EditPlan").id), output = {{text: ["{{}}"], said: ["Waiting."], waits: [true]}}
    app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
}}"""
"""As if a run had stopped at the plan."""


def fails(page):
    kind, told = page.evaluate(RUN)
    assert kind == "execution_error", told
    page.wait_for_timeout(700)
    close_dialogs(page)
    return told["exception_message"].strip()


def is_old(page, kind):
    return view(page, kind).evaluate("one => one.classList.contains('cielr-old')")


def things(page, panel):
    return panel.locator("canvas").get_attribute("aria-label")


def test_reason_says_what_went_wrong_and_shows_no_plan_of_an_earlier_run(ran):
    set_widget(ran, "CIELR_Reason", "instruction", "make teh largest coin red")
    said = fails(ran)
    panel = view(ran, "CIELR_Reason")
    status = panel.locator(".cielr-said")
    assert status.inner_text() == said
    assert contrast(*status.evaluate(COLOURS)) > 4.5
    assert panel.locator(".cielr-actions").count() == 0
    assert not panel.get_by_role("button", name="Edit this plan").is_visible()
    assert "24" in things(ran, panel), "the scene that the instruction was about is still there to look at"
    turn_to(panel, "JSON")
    assert panel.locator(".cielr-json").input_value() == ""
    turn_to(panel, "Plan")
    for kind in ("CIELR_ActionToMask", "CIELR_EditExecutor"):
        assert is_old(ran, kind), "it did not run, and its text is of the run before"
    assert not is_old(ran, "CIELR_SceneParse"), "it ran, or was taken from the cache"

    undo(ran)
    assert view(ran, "CIELR_Reason").locator(".cielr-actions").count() == 0, "undo builds the nodes anew"

    set_widget(ran, "CIELR_Reason", "instruction", "make the largest coin red")
    run(ran)
    panel = view(ran, "CIELR_Reason")
    assert not panel.locator(".cielr-said").is_visible()
    assert "coin_18" in panel.locator(".cielr-actions li").inner_text()
    for kind in ("CIELR_Reason", "CIELR_ActionToMask", "CIELR_EditExecutor"):
        assert not is_old(ran, kind)
    assert ran.trouble == []


def test_what_the_server_remembers_after_the_next_run_failed_is_of_an_earlier_run(ran):
    load(ran, tab="again")
    held = []
    ran.route("**/history?max_items=12", lambda route: held.append(route))
    run(ran)
    assert held, "all came from the cache, and the nodes in the middle said nothing"
    set_widget(ran, "CIELR_Reason", "instruction", "make teh largest coin red")
    fails(ran)
    for route in held:
        route.continue_()
    panel = view(ran, "CIELR_EditExecutor")
    panel.locator("textarea").wait_for(state="visible")
    assert panel.locator("textarea").input_value().startswith("Action 1: ")
    assert is_old(ran, "CIELR_EditExecutor")
    assert not is_old(ran, "CIELR_SceneParse")
    ran.unroute("**/history?max_items=12")


def test_a_typed_plan_that_fits_no_scene_can_still_be_corrected_where_it_was_typed(ran):
    view(ran, "CIELR_Reason").get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(500)
    wrong = '{"actions": [{"kind": "remove", "targets": ["cup_1"]}]}'
    set_widget(ran, "CIELR_EditPlan", "text", wrong)
    set_widget(ran, "CIELR_EditPlan", "review", True)
    ran.evaluate(WAITS)
    panel = view(ran, "CIELR_EditPlan")
    waiting = panel.locator(".cielr-said").evaluate(COLOURS)
    said = fails(ran)
    assert panel.locator(".cielr-said").inner_text() == said
    assert panel.locator(".cielr-said").evaluate(COLOURS) != waiting, "what went wrong is no plan that waits"
    set_widget(ran, "CIELR_EditPlan", "review", False)
    assert "cup_1" in panel.locator(".cielr-actions").inner_text()
    assert panel.get_by_role("button", name="Change this action").is_visible()
    assert panel.get_by_role("button", name="Correct this plan").count() == 0
    set_widget(ran, "CIELR_EditPlan", "text", wrong.replace("cup_1", f"coin_{3 + number_of(ran)}"))
    run(ran)
    assert "typed plan counts" in panel.locator(".cielr-said").inner_text()


def test_a_node_of_one_text_says_why_there_is_none(ran):
    view(ran, "CIELR_Reason").get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(500)
    orange = '{"actions": [{"kind": "replace", "targets": ["coin_3"], "with": "an orange"}]}'
    set_widget(ran, "CIELR_EditPlan", "text", orange)
    said = fails(ran)
    panel = view(ran, "CIELR_EditExecutor")
    status = panel.locator(".cielr-said")
    assert status.inner_text() == said
    assert not panel.locator("textarea").is_visible()
    assert not is_old(ran, "CIELR_ActionToMask")
    run_again = load(ran)
    set_widget(run_again, "CIELR_Reason", "instruction", f"remove coin_{12 + number_of(ran)}")
    run(run_again)
    panel = view(ran, "CIELR_EditExecutor")
    assert panel.locator("textarea").input_value().startswith("Action 1: ")
    assert not panel.locator(".cielr-said").is_visible()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_warning_is_readable(chromium, server, look):
    page = opened(chromium, server, **{"Comfy.ColorPalette": look})
    load(page)
    set_widget(page, "CIELR_Reason", "instruction", "make the third coffee red")
    fails(page)
    assert contrast(*view(page, "CIELR_Reason").locator(".cielr-said").evaluate(COLOURS)) > 4.5
    opened(chromium, server).context.close()
    page.context.close()
