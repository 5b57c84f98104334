"""A question of the language model stops the run without an error, and stays on its node until it is answered."""

from __future__ import annotations

import json

from llm_server import LLMServer, Say

from tests.comfyui.extension_help import (
    DO,
    NODE,
    QUESTION,
    asking,
    load,
    load_prompt,
    load_reason,
    number_of,
    run,
    running_through,
    view,
)

LONG = "the coin in the second row that shows the head of an emperor with a laurel wreath, turned to the right " * 3


def test_a_question_comes_back_with_a_second_run_and_asks_the_model_once(page):
    with LLMServer([Say(json.dumps(QUESTION)), Say(json.dumps(DO))]) as server:
        flow, _ = asking(server, 41 + number_of(page))
        load_prompt(page, flow)
        run(page)
        ask = view(page, "CIELR_Reason").locator(".cielr-ask")
        assert "Which coin?" in ask.inner_text()
        assert page.locator("[role=dialog]").count() == 0
        load(page, "other", id="5d0c1e1a-0000-4000-8000-717569636b77")
        load_prompt(page, flow)
        run(page)
        panel = view(page, "CIELR_Reason")
        ask = panel.locator(".cielr-ask")
        assert "Which coin?" in ask.inner_text()
        assert len(server.chats) == 1
        assert panel.locator("canvas").get_attribute("aria-label").startswith("Scene with 24"), "to choose from"
        ask.get_by_role("button", name="the small").click()
        with running_through(page):
            ask.get_by_role("button", name="Answer").click()
        assert not ask.is_visible()
        assert "the small" in json.dumps(server.chats[-1]["messages"])
    assert page.trouble == []


def test_what_a_question_holds_up_does_not_look_like_its_result(ran):
    with LLMServer([Say(json.dumps(QUESTION))]) as server:
        flow, _ = asking(server, 51 + number_of(ran))
        # the same nodes: their texts of the run before are still there
        ran.evaluate(
            f"""settings => {{
                const llm = LiteGraph.createNode("CIELR_OllamaLLM"), reason = ({NODE})("CIELR_Reason")
                app.graph.add(llm)
                for (const widget of llm.widgets) if (widget.name in settings) widget.value = settings[widget.name]
                llm.connect(0, reason, reason.findInputSlot("llm"))
                reason.widgets.find(one => one.name === "instruction").value = "make the angriest coin go away"
            }}""",
            flow["91"]["inputs"],
        )
        run(ran)
    for kind in ("CIELR_ActionToMask", "CIELR_EditExecutor"):
        assert view(ran, kind).evaluate("one => one.classList.contains('cielr-old')")
    assert not view(ran, "CIELR_SceneParse").evaluate("one => one.classList.contains('cielr-old')")


def test_a_long_answer_to_choose_is_read_whole(page):
    load_reason(page)
    page.evaluate(
        f"""choice => {{
            const id = String(({NODE})("CIELR_Reason").id)
            const question = [{{text: "Which coin?", choices: [choice], instruction: "x"}}]
            const output = {{cielr: [{{views: []}}], text: [""], question}}
            app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
        }}""",
        LONG,
    )
    page.wait_for_timeout(300)
    choice = view(page, "CIELR_Reason").locator(".cielr-choice")
    wide, room = choice.evaluate("one => [one.scrollWidth, one.clientWidth]")
    assert wide <= room
    edge = choice.evaluate(
        "one => one.closest('.cielr-ask').getBoundingClientRect().right - one.getBoundingClientRect().right"
    )
    assert edge >= 0


def test_the_buttons_of_a_plan_that_waits_stay_in_the_node_whatever_it_says(page):
    load_prompt(page, {"1": {"class_type": "CIELR_EditPlan", "inputs": {"text": ""}, "_meta": {"title": "Edit Plan"}}})
    page.evaluate(
        f"""() => {{
            const node = ({NODE})("CIELR_EditPlan"), id = String(node.id)
            node.setSize([260, node.size[1]])
            const cielr = [{{views: [{{plan: '{{"actions": []}}', summary: "", actions: []}}]}}]
            const output = {{cielr, text: ["{{}}"], said: ["Another plan has come in. ".repeat(12)], waits: [true]}}
            app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
        }}"""
    )
    page.wait_for_timeout(400)
    panel = view(page, "CIELR_EditPlan")
    low = panel.evaluate("one => one.getBoundingClientRect().bottom")
    for name in ("Run on", "Correct this plan"):
        button = panel.get_by_role("button", name=name)
        assert button.evaluate("one => one.getBoundingClientRect().bottom") <= low
