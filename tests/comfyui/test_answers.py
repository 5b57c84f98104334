"""An answer goes with the instruction that it was given for, in every front end; and the button of a held plan."""

from __future__ import annotations

import json

from llm_server import LLMServer, Say

from tests.comfyui.extension_help import (
    DO,
    NODE,
    QUESTION,
    asking,
    load_prompt,
    number_of,
    prompt,
    run,
    running_through,
    set_widget,
    undo,
    view,
)

FIRST, SECOND = "make the angriest coin go away", "make the saddest coin go away"
GONE = "answer to the earlier question was cleared"


def graph(page, instruction=FIRST, answer="the big", server=None, seed=0):
    """The quickstart with that instruction and answer on Reason; with a language model where a server is given."""
    flow, reason = asking(server, seed) if server is not None else asking(NoServer, 0)
    flow[reason]["inputs"] |= {"instruction": instruction, "answer": answer}
    load_prompt(page, flow)
    return reason


class NoServer:
    url = "http://127.0.0.1:9"


def sent(page):
    [one] = [node["inputs"] for node in prompt(page).values() if node["class_type"] == "CIELR_Reason"]
    return one["instruction"], one["answer"]


def put(page, name, value, tell=True):
    set_widget(page, "CIELR_Reason", name, value, tell)


def field(page):
    """Where the instruction is typed."""
    view(page, "CIELR_Reason")
    if page.kind == "newer-vue":
        key = page.evaluate(f"() => String(({NODE})('CIELR_Reason').id)")
        return page.locator(f"[data-node-id='{key}'] textarea:not([readonly])").first
    page.evaluate(
        f"""() => {{
            const widget = ({NODE})("CIELR_Reason").widgets.find(one => one.name === "instruction")
            ;(widget.element ?? widget.inputEl).dataset.test = "instruction"
        }}"""
    )
    return page.locator("[data-test=instruction]")


def test_typing_another_instruction_clears_the_answer_and_says_so(page):
    graph(page)
    typed = field(page)
    assert typed.input_value() == FIRST
    assert sent(page) == (FIRST, "the big")
    typed.click()
    typed.press("End")
    typed.press_sequentially(" now")
    page.wait_for_timeout(300)
    assert sent(page) == (f"{FIRST} now", "")
    panel = view(page, "CIELR_Reason")
    assert GONE in panel.locator(".cielr-said").inner_text()
    assert page.trouble == []


def test_the_instruction_as_it_was_brings_its_answer_back(page):
    graph(page)
    typed = field(page)
    typed.click()
    typed.press("End")
    typed.press_sequentially("!?")
    assert sent(page)[1] == ""
    typed.press("Backspace")
    assert sent(page)[1] == ""
    typed.press("Backspace")
    page.wait_for_timeout(300)
    assert sent(page) == (FIRST, "the big")
    assert not view(page, "CIELR_Reason").locator(".cielr-said").is_visible()


def test_an_answer_that_was_given_to_the_new_instruction_stays(page):
    graph(page)
    put(page, "instruction", SECOND)
    put(page, "answer", "the old")
    assert sent(page) == (SECOND, "the old")
    put(page, "instruction", FIRST)
    assert sent(page) == (FIRST, ""), "the answer to the other one does not come back with the first"


def test_undo_brings_both_back_in_one_step(page):
    graph(page)
    typed = field(page)
    typed.click()
    typed.fill(SECOND)
    typed.press("Tab")
    page.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState()")
    assert sent(page) == (SECOND, "")
    undo(page)
    assert sent(page) == (FIRST, "the big")
    page.wait_for_timeout(500)
    assert sent(page) == (FIRST, "the big"), "nor is it cleared later"


def test_what_a_file_or_a_copy_holds_is_taken_as_it_is(page):
    graph(page)
    saved = page.evaluate("() => app.graph.serialize()")
    graph(page, SECOND, "the old")
    page.evaluate("flow => app.loadGraphData(flow, true, true, 'saved')", saved)
    page.wait_for_timeout(700)
    assert sent(page) == (FIRST, "the big")
    copy = page.evaluate(
        f"""() => {{
            const made = ({NODE})("CIELR_Reason").clone()
            return ["instruction", "answer"].map(name => made.widgets.find(one => one.name === name).value)
        }}"""
    )
    assert copy == [FIRST, "the big"]
    put(page, "instruction", SECOND)
    assert sent(page) == (SECOND, ""), "a loaded answer belongs to the instruction that it was loaded with"


def test_a_value_that_was_set_in_silence_is_noticed_before_it_is_sent(page):
    graph(page)
    put(page, "instruction", SECOND, tell=False)
    assert sent(page) == (SECOND, "")
    put(page, "instruction", FIRST, tell=False)
    put(page, "answer", "the new", tell=False)
    assert sent(page) == (FIRST, "the new"), "set together, they belong together"


def test_an_answer_that_comes_by_a_link_is_left_alone(page):
    flow, reason = asking(NoServer, 0)
    flow["95"] = {"class_type": "PrimitiveString", "inputs": {"value": "the big"}, "_meta": {"title": "Text"}}
    flow[reason]["inputs"] |= {"instruction": FIRST, "answer": ["95", 0]}
    load_prompt(page, flow)
    put(page, "instruction", SECOND)
    assert sent(page) == (SECOND, ["95", 0])


def test_a_question_about_the_old_instruction_is_put_aside_until_it_is_back(page):
    with LLMServer([Say(json.dumps(QUESTION)), Say(json.dumps(DO))]) as server:
        graph(page, FIRST, "", server, 61 + number_of(page))
        panel = view(page, "CIELR_Reason")
        run(page)
        ask = panel.locator(".cielr-ask")
        assert ask.is_visible()
        put(page, "instruction", SECOND)
        assert not ask.is_visible()
        put(page, "instruction", FIRST)
        assert "Which coin?" in ask.inner_text()
        ask.get_by_role("button", name="the big").click()
        with running_through(page):
            ask.get_by_role("button", name="Answer").click()
        assert sent(page) == (FIRST, "the big")
        put(page, "instruction", SECOND)
        assert sent(page) == (SECOND, "")
        assert GONE in panel.locator(".cielr-said").inner_text()
        run(page)
        assert "Which coin?" not in server.chats[-1]["messages"][1]["content"]
        assert not panel.locator(".cielr-said").is_visible()


# ---------------------------------------------------------------------------------------------------- held for review


def test_the_button_to_run_on_is_there_where_the_node_holds_the_run_whatever_it_says(page):
    load_prompt(page, {"1": {"class_type": "CIELR_EditPlan", "inputs": {"text": ""}, "_meta": {"title": "Edit Plan"}}})
    panel = view(page, "CIELR_EditPlan")
    views = [{"views": [{"plan": '{"actions": []}', "summary": "", "actions": []}]}]
    go_on = panel.get_by_role("button", name="Run on")

    def show(**output):
        page.evaluate(
            f"""output => {{
                const id = String(({NODE})("CIELR_EditPlan").id)
                app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
            }}""",
            {"cielr": views, "text": ["{}"]} | output,
        )
        page.wait_for_timeout(200)

    show(said=["Please look at this plan."], waits=[True])
    assert go_on.is_visible()
    show(said=["Waiting for nobody."])
    assert go_on.count() == 0 or not go_on.is_visible()


# ----------------------------------------------------------------------------------------- while a model is waited for


def test_what_scene_parse_waits_for_stands_on_its_node_until_it_is_over(page):
    graph(page)
    panel = view(page, "CIELR_SceneParse")
    said = panel.locator(".cielr-said")

    def tell(event, **detail):
        page.evaluate(
            f"""([event, detail]) => {{
                const node = String(({NODE})("CIELR_SceneParse").id)
                const of = {{node, node_id: node, display_node: node, prompt_id: "0"}}
                app.api.dispatchCustomEvent(event, {{...of, ...detail}})
            }}""",
            [event, detail],
        )
        page.wait_for_timeout(200)

    looks = "The language model looks at the picture (3 s)"
    tell("cielr.event", kind="step", text=looks, topic="The language model looks at the picture")
    assert said.inner_text() == looks
    tell("executed", output={"cielr": [{"views": []}], "said": ["tiny proposed to look for: coin."]})
    assert said.inner_text() == "tiny proposed to look for: coin."
    tell("cielr.event", kind="step", text=looks, topic="The language model looks at the picture")
    tell("execution_interrupted")
    assert not said.is_visible()


def test_of_many_proposals_a_few_lines_are_seen_and_the_rest_scrolls(page):
    graph(page)
    panel = view(page, "CIELR_SceneParse")
    before = panel.bounding_box()["height"]
    labels = ", ".join(f"thing number {k}" for k in range(40))
    page.evaluate(
        f"""said => {{
            const node = String(({NODE})("CIELR_SceneParse").id)
            const output = {{cielr: [{{views: []}}], said: [said]}}
            app.api.dispatchCustomEvent("executed", {{node, display_node: node, output, prompt_id: "0"}})
        }}""",
        f"tiny proposed to look for: {labels}.",
    )
    page.wait_for_timeout(300)
    said = panel.locator(".cielr-said")
    assert said.evaluate("one => one.scrollHeight > one.clientHeight + 20")
    assert said.bounding_box()["height"] < 100
    assert panel.bounding_box()["height"] == before
    assert panel.get_by_role("tab", name="Objects").is_visible()
    assert panel.locator(".cielr-objects").bounding_box()["height"] >= 30
