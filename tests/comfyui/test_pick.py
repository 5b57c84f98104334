"""A thing of a node's picture is clicked: its id goes where it is being spoken of, in every front end."""

import json

from llm_server import LLMServer, Say

from tests.comfyui.extension_help import (
    DO,
    NODE,
    QUESTION,
    WAIT,
    asking,
    close_dialogs,
    load_prompt,
    number_of,
    prompt,
    run,
    running_through,
    set_widget,
    spot,
    value_of,
    view,
)
from tests.comfyui.test_plan_form import edit, open_action, plan_of  # noqa: F401


def click_on(page, kind, thing):
    panel = view(page, kind)
    page.mouse.click(*spot(page, panel, thing))
    page.wait_for_timeout(200)
    return panel


def instruct(page, words):
    set_widget(page, "CIELR_Reason", "instruction", words, tell=False)


def instruction(page):
    return value_of(page, "CIELR_Reason", "instruction")


def test_a_click_on_either_picture_puts_the_id_into_the_instruction_and_the_edit_follows(ran):
    instruct(ran, "make the thing I clicked dark red")
    panel = click_on(ran, "CIELR_SceneParse", "coin_7")
    assert instruction(ran) == "make coin_7 dark red"
    assert "coin_7 is in the instruction." in panel.locator(".cielr-picked").inner_text()
    run(ran)
    assert "coin_7" in view(ran, "CIELR_Reason").inner_text()
    instruct(ran, "remove")
    click_on(ran, "CIELR_Reason", "coin_3")
    assert instruction(ran) == "remove coin_3"
    assert ran.trouble == []


def test_the_same_with_the_keyboard(ran):
    instruct(ran, "remove")
    view(ran, "CIELR_SceneParse").locator("canvas").focus()
    ran.keyboard.press("ArrowRight")
    ran.evaluate(f"() => {{ window.ended = ({WAIT})() }}")
    ran.keyboard.press("Control+Enter")
    assert ran.evaluate("() => ended")[0] == "execution_error", "it is ComfyUI's own key to run, and nothing is named"
    assert instruction(ran) == "remove"
    close_dialogs(ran)
    canvas = view(ran, "CIELR_SceneParse").locator("canvas")
    canvas.blur()
    canvas.press("ArrowRight")
    canvas.press("Enter")
    assert instruction(ran) == "remove coin_1"


def test_while_something_is_asked_the_click_answers(page):
    with LLMServer([Say(json.dumps(QUESTION)), Say(json.dumps(DO))]) as server:
        flow, _ = asking(server, 141 + number_of(page))
        load_prompt(page, flow)
        run(page)
        panel = click_on(page, "CIELR_Reason", "coin_3")
        assert panel.locator(".cielr-ask input").input_value() == "coin_3"
        with running_through(page):
            panel.get_by_role("button", name="Answer").click()
        assert value_of(page, "CIELR_Reason", "answer") == "coin_3"


def test_an_open_action_of_the_edit_plan_takes_it_and_gives_it_back(ran, edit):  # noqa: F811
    open_action(edit, 1)
    before = instruction(ran)
    click_on(ran, "CIELR_Reason", "coin_5")
    assert plan_of(ran)["actions"][1]["targets"] == ["coin_9", "coin_5"]
    click_on(ran, "CIELR_Reason", "coin_9")
    assert plan_of(ran)["actions"][1]["targets"] == ["coin_5"]
    assert instruction(ran) == before, "the instruction is left alone"


def test_without_anybody_to_take_it_the_picture_says_so(ran):
    ran.evaluate(f"() => app.graph.remove(({NODE})('CIELR_Reason'))")
    panel = click_on(ran, "CIELR_SceneParse", "coin_7")
    assert "Nothing here takes coin_7" in panel.locator(".cielr-picked").inner_text()


def test_an_action_is_added_put_first_and_given_its_place(ran, edit):  # noqa: F811
    edit.locator(".cielr-add").select_option("move")
    line = edit.locator("li").nth(2)
    assert plan_of(ran)["actions"][2] == {
        "kind": "move",
        "targets": ["coin_1"],
        "to": {"relation": "at", "anchors": [], "x": 0.5, "y": 0.5},
    }
    line.locator("[data-field='to.relation']").select_option("left_of")
    place = plan_of(ran)["actions"][2]["to"]
    assert (place["relation"], len(place["anchors"])) == ("left_of", 1)
    assert place["anchors"] != ["coin_1"], "nothing goes left of itself"
    line.locator(".cielr-place select").nth(1).select_option("coin_20")
    assert plan_of(ran)["actions"][2]["to"]["anchors"] == ["coin_20"]
    line.get_by_role("button", name="earlier").click()
    assert [action["kind"] for action in plan_of(ran)["actions"]] == ["replace", "move", "resize"]
    line = edit.locator("li").nth(1)
    line.locator("[data-field='to.relation']").select_option("by")
    line.locator("[data-field=x]").fill("30")
    line.locator("[data-field=x]").press("Enter")
    assert plan_of(ran)["actions"][1]["to"] == {"relation": "by", "anchors": [], "x": 30, "y": 0}
    edit.locator("li").first.get_by_role("button", name="Leave this action out").click()
    run(ran)
    assert "Move coin_1 by +30, 0 px" in view(ran, "CIELR_EditPlan").inner_text()
    assert prompt(ran)
    assert ran.trouble == []
