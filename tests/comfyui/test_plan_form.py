"""A plan is corrected on its node with a few clicks, without reading JSON: in every front end."""

import json

import pytest

from tests.comfyui.extension_help import NODE, prompt, run, undo, view

PLAN = {
    "summary": "Two changes.",
    "actions": [
        {
            "kind": "replace",
            "targets": ["coin_2", "coin_3"],
            "with": "a button",
            "prompt": "a button",
            "reason": "Why.",
        },
        {"kind": "resize", "targets": ["coin_9"], "scale": 0.5, "reason": "It is large."},
    ],
}


def text_of(page):
    [node] = [one for one in prompt(page).values() if one["class_type"] == "CIELR_EditPlan"]
    return node["inputs"]["text"]


def plan_of(page):
    return json.loads(text_of(page))


@pytest.fixture
def edit(ran):
    """The panel of an Edit Plan node that Reason's plan was put into, and PLAN in its place."""
    view(ran, "CIELR_Reason").get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(500)
    panel = view(ran, "CIELR_EditPlan")
    box, window = panel.bounding_box(), ran.viewport_size
    assert 0 <= box["x"] < window["width"]
    assert 0 <= box["y"] < window["height"]
    assert "Remove coin_2" in panel.inner_text(), "shown before any run"
    typed = ran.locator("textarea").filter(visible=True).last
    typed.fill(json.dumps(PLAN))
    ran.wait_for_timeout(300)
    assert "Replace coin_2 and coin_3 with a button" in panel.inner_text(), "what is typed shows at once"
    return panel


def open_action(panel, number):
    panel.locator("li").nth(number).get_by_role("button", name="Change this action").click()
    return panel.locator("li").nth(number)


def test_objects_are_chosen_and_left_out(ran, edit):
    line = open_action(edit, 0)
    line.locator("select").select_option("coin_7")
    line.get_by_role("button", name="Leave out coin_2").click()
    line.get_by_role("button", name="Leave out coin_3").click()
    assert "Replace coin_7 with a button" in line.inner_text()
    assert line.get_by_role("button", name="Leave out coin_7").is_disabled(), "an action needs an object"
    offered = line.locator("option").all_inner_texts()
    assert len(offered) == 1 + 24 - 1
    assert "coin_7" not in offered
    after = plan_of(ran)
    assert after["actions"][0]["targets"] == ["coin_7"]
    assert after["actions"][0]["prompt"] == "a button"
    assert after["actions"][1] == PLAN["actions"][1], "the other one is as it was"


def test_an_exchange_keeps_its_two_objects(ran, edit):
    edit.locator(".cielr-add").select_option("swap")
    line = edit.locator("li").nth(2)
    for name in ("coin_1", "coin_2"):
        assert line.get_by_role("button", name=f"Leave out {name}", exact=True).is_disabled()
    line.locator(".cielr-chips select").select_option("coin_5")
    line.get_by_role("button", name="Leave out coin_1", exact=True).click()
    assert plan_of(ran)["actions"][2]["targets"] == ["coin_2", "coin_5"]


def test_what_was_said_of_the_old_plan_goes_and_what_is_said_of_the_rest_stays(ran, edit):
    assert "Why." in edit.inner_text()
    line = open_action(edit, 0)
    line.get_by_role("button", name="Leave out coin_2").click()
    assert "Why." not in edit.inner_text()
    assert "Two changes." not in edit.inner_text()
    assert "It is large." in edit.inner_text()
    assert "summary" not in plan_of(ran)


def test_words_are_typed_and_the_next_field_keeps_the_focus(ran, edit):
    line = open_action(edit, 0)
    line.locator("[data-field=with]").fill("a pebble")
    line.locator("[data-field=with]").press("Tab")
    assert ran.evaluate("() => document.activeElement.dataset.field") == "prompt"
    ran.keyboard.type("a round grey pebble")
    ran.keyboard.press("Enter")
    after = plan_of(ran)["actions"][0]
    assert (after["with"], after["prompt"]) == ("a pebble", "a round grey pebble")
    assert "with a pebble" in line.inner_text()
    line.locator("[data-field=prompt]").fill("")
    line.locator("[data-field=prompt]").press("Enter")
    assert "prompt" not in plan_of(ran)["actions"][0], "written for it again"
    line.locator("[data-field=with]").fill(" ")
    line.locator("[data-field=with]").press("Enter")
    assert line.locator("[data-field=with]").input_value() == "a pebble", "it cannot be empty"


def test_a_size_is_a_number(ran, edit):
    field = open_action(edit, 1).locator("[data-field=scale]")
    field.fill("1.5")
    field.press("Enter")
    assert plan_of(ran)["actions"][1]["scale"] == 1.5
    field.fill("big")
    field.press("Enter")
    assert plan_of(ran)["actions"][1]["scale"] == 1.5
    assert field.input_value() == "1.5"


def test_undo_takes_back_one_correction(ran, edit):
    edit.locator("li").first.get_by_role("button", name="Leave this action out").click()
    assert [one["kind"] for one in plan_of(ran)["actions"]] == ["resize"]
    open_action(edit, 0).locator("select").select_option("coin_4")
    assert plan_of(ran)["actions"][0]["targets"] == ["coin_9", "coin_4"]
    ran.wait_for_timeout(500)
    undo(ran)
    [action] = plan_of(ran)["actions"]
    assert action["targets"] == ["coin_9"]
    panel = view(ran, "CIELR_EditPlan")
    assert "Resize coin_9 to 50 %" in panel.inner_text()
    assert "coin_4" not in panel.inner_text()


def test_what_is_corrected_is_what_runs(ran, edit):
    edit.locator("li").first.get_by_role("button", name="Leave this action out").click()
    line = open_action(edit, 0)
    line.locator("select").select_option("coin_4")
    line.get_by_role("button", name="Leave out coin_9").click()
    run(ran)
    assert "typed plan counts" in edit.locator(".cielr-said").inner_text()
    assert "Resize coin_4 to 50 %" in edit.inner_text()
    assert "Resize coin_4" in ran.evaluate(
        f"() => ({NODE})('CIELR_EditPlan').widgets.find(one => one.name === 'cielr_view').element.textContent"
    )
    assert ran.trouble == []


def test_a_text_that_is_no_plan_says_so_and_empty_actions_too(ran, edit):
    typed = ran.locator("textarea").filter(visible=True).last
    typed.fill("remove the coin")
    ran.wait_for_timeout(200)
    assert "not a valid plan yet" in edit.inner_text()
    for wrong in ('{"kind": "remove", "targets": "coin_1"}', "{}", "null", '"remove coin_1"', '{"kind": "explode"}'):
        typed.fill('{"actions": [' + wrong + "]}")
        ran.wait_for_timeout(100)
        assert "not a valid plan yet" in edit.inner_text(), wrong
    assert ran.trouble == []
    typed.fill('{"actions": []}')
    ran.wait_for_timeout(200)
    assert "Nothing to do." in edit.inner_text()


def test_a_saved_plan_is_there_to_correct_before_it_runs(ran, edit):
    ran.evaluate("async () => app.loadGraphData(app.graph.serialize(), true, true, 'again')")
    ran.wait_for_timeout(900)
    panel = view(ran, "CIELR_EditPlan")
    assert "Replace coin_2 and coin_3 with a button" in panel.inner_text()
