"""What the nodes show, in real Chromium: in ComfyUI 0.3.64's own front end and in a newer one, on canvas and Vue."""

import json
from pathlib import Path

import pytest
from bundled import api, id_of
from llm_server import LLMServer, Say

from cielr.actions import Plan
from tests.comfyui.extension_help import (
    DO,
    NODE,
    QUESTION,
    asking,
    copied,
    load_prompt,
    number_of,
    overlaps,
    prompt,
    run,
    running_through,
    spot,
    turn_to,
    undo,
    view,
)

ROOT = Path(__file__).resolve().parents[2]

# ----------------------------------------------------------------------------------------------------------- the scene


@pytest.mark.parametrize("kind", ["CIELR_SceneParse", "CIELR_Reason"])
def test_the_pointer_on_an_object_tells_what_is_known_of_it(ran, kind):
    panel = view(ran, kind)
    ran.mouse.move(*spot(ran, panel, "coin_5"))
    tip = ran.locator(".cielr-tip")
    tip.wait_for(state="visible")
    told = tip.inner_text()
    for word in ("coin_5", "coin", "score", "depth"):
        assert word in told
    attributes = ran.evaluate(
        """() => Object.values(app.nodeOutputs).find(one => one.cielr?.[0].views[0].objects)
            .cielr[0].views[0].objects.find(one => one.id === "coin_5").attributes"""
    )
    assert attributes
    for name, value in attributes.items():
        assert name in told
        assert value in told
    ran.mouse.move(5, 890)
    tip.wait_for(state="detached")


def test_the_targets_of_the_plan_stand_out_from_the_other_objects(ran):
    panel = view(ran, "CIELR_Reason")
    ran.mouse.move(5, 890)

    def colour(thing):
        """Mean red minus mean blue of the canvas around a thing: the photo is grey."""
        x, y = spot(ran, panel, thing)
        return ran.evaluate(
            """([x, y]) => {
                const canvas = document.querySelector("[data-test=CIELR_Reason] canvas")
                const bounds = canvas.getBoundingClientRect(), by = canvas.width / bounds.width
                const at = [(x - bounds.left) * by - 6, (y - bounds.top) * by - 6]
                const bytes = canvas.getContext("2d").getImageData(...at, 12, 12).data
                let sum = 0
                for (let i = 0; i < bytes.length; i += 4) sum += bytes[i] - bytes[i + 2]
                return sum / (bytes.length / 4)
            }""",
            [x, y],
        )

    assert colour("coin_2") > 25, "the plan removes it"
    assert abs(colour("coin_16")) < 5


def test_the_arrow_keys_go_from_object_to_object(ran):
    panel = view(ran, "CIELR_SceneParse")
    ran.mouse.move(5, 890)
    canvas = panel.locator("canvas")
    canvas.focus()
    canvas.press("ArrowRight")
    assert "coin_1" in ran.locator(".cielr-tip").inner_text()
    canvas.press("ArrowRight")
    assert "coin_2" in ran.locator(".cielr-tip").inner_text()
    assert "coin_2" in panel.locator(".cielr-object.cielr-lit").inner_text()
    canvas.press("Escape")
    assert ran.locator(".cielr-tip").count() == 0


def test_the_picture_is_shown_once(ran):
    for kind in ("CIELR_SceneParse", "CIELR_Reason"):
        view(ran, kind)
        ran.wait_for_timeout(400)
        shown = ran.evaluate(
            """type => {
                const node = app.graph._nodes.find(one => one.type === type)
                const core = node.widgets.find(one => one.name === "$$canvas-image-preview")
                const dom = document.querySelectorAll(`[data-node-id="${node.id}"] img`).length
                return [core?.computedHeight ?? 0, dom]
            }""",
            kind,
        )
        assert shown == [0, 0]


# -------------------------------------------------------------------------------------------------------- texts to copy


def test_the_texts_can_be_read_and_copied(ran):
    panel = view(ran, "CIELR_Reason")
    assert panel.locator(".cielr-actions li").inner_text(timeout=5000).startswith("Remove coin_2")
    assert "1. Remove coin_2" in copied(ran, panel)
    turn_to(panel, "JSON")
    written = panel.locator(".cielr-json").input_value()
    assert Plan.from_json(written).actions[0].targets == ("coin_2",)
    assert copied(ran, panel) == written
    turn_to(panel, "Trace")
    assert "coin_2" in panel.locator(".cielr-trace").input_value()
    assert copied(ran, panel) == panel.locator(".cielr-trace").input_value()
    turn_to(panel, "Scene")
    assert len(json.loads(copied(ran, panel))["objects"]) == 24
    assert '"coin_24"' in panel.locator(".cielr-scene").input_value()
    prompts = view(ran, "CIELR_ActionToMask")
    assert copied(ran, prompts) == prompts.locator("textarea").input_value() != ""


def test_tabs_are_used_with_the_keyboard(ran):
    panel = view(ran, "CIELR_Reason")
    turn_to(panel, "Plan")
    panel.get_by_role("tab", name="Plan", exact=True).press("ArrowRight")
    assert panel.get_by_role("tab", selected=True).inner_text() == "Steps"
    assert ran.evaluate("() => document.activeElement.textContent") == "Steps"


# ------------------------------------------------------------------------------------------------------- edit this plan


def test_the_plan_goes_into_a_node_in_its_place_and_is_what_is_queued(ran):
    before = prompt(ran)
    panel = view(ran, "CIELR_Reason")
    panel.get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(500)
    sent = prompt(ran)
    made = id_of(sent, "CIELR_EditPlan")
    node = sent[made]
    reason = id_of(sent, "CIELR_Reason")
    regions = id_of(sent, "CIELR_ActionToMask")
    assert node["inputs"]["plan"] == [reason, 1]
    assert node["inputs"]["scene"] == [reason, 0]
    assert sent[regions]["inputs"]["plan"] == [made, 0]
    plan = Plan.from_json(node["inputs"]["text"])
    assert plan.actions[0].targets == ("coin_2",)
    overlaps(ran)

    corrected = plan.to_json().replace("coin_2", "coin_9")
    ran.evaluate(f"text => {{ ({NODE})('CIELR_EditPlan').widgets[0].value = text }}", corrected)
    run(ran)
    edit = view(ran, "CIELR_EditPlan")
    assert "coin_9" in edit.locator(".cielr-actions").inner_text()
    assert "typed plan counts" in edit.locator(".cielr-said").inner_text()

    # another press updates the node that is there
    panel = view(ran, "CIELR_Reason")
    panel.get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(300)
    again = prompt(ran)
    assert Plan.from_json(again[made]["inputs"]["text"]) == plan
    assert {key: one for key, one in again.items() if key != made} == {k: one for k, one in sent.items() if k != made}
    assert len(again) == len(before) + 1


BEGINS_INSIDE = """() => {
    const id = `${host.id}:${inner._nodes[0].id}`, output = {...app.nodeOutputs[`${inner.id}:${inner._nodes[0].id}`]}
    app.api.dispatchCustomEvent("execution_start", {prompt_id: "0"})
    app.api.dispatchCustomEvent("executing", id)
    output.said = ["One image lacks it."]
    app.api.dispatchCustomEvent("executed", {node: id, display_node: id, output, prompt_id: "0"})
    app.api.dispatchCustomEvent("executing", `${host.id}:9999`)
    window.outside = host.widgets.find(one => one.name === "cielr_view").element
}"""
"""Reason, in a subgraph, says something, and then another node in there begins."""


def test_inside_a_subgraph_the_plan_is_shown_and_edited_as_outside(flow):
    flow.evaluate(
        f"""() => {{
            const made = app.graph.convertToSubgraph(new Set([({NODE})("CIELR_Reason")]))
            window.inner = made.subgraph
            window.host = made.node
        }}"""
    )
    flow.wait_for_timeout(500)
    run(flow)
    shown = "() => inner._nodes[0].widgets.find(one => one.name === 'cielr_view').element"
    assert flow.evaluate(f"() => ({shown})().querySelector('.cielr-actions').textContent").startswith("Remove coin_2")
    flow.evaluate(BEGINS_INSIDE)
    assert flow.evaluate("() => outside.querySelector('.cielr-said').textContent") == "One image lacks it."
    flow.evaluate(f"() => ({shown})().querySelector('.cielr-edit').click()")
    flow.wait_for_timeout(400)
    sent = prompt(flow)
    made = id_of(sent, "CIELR_EditPlan")
    node = sent[made]
    [regions] = [one for one in sent.values() if one["class_type"] == "CIELR_ActionToMask"]
    assert ":" in made
    assert ":" in node["inputs"]["plan"][0]
    assert regions["inputs"]["plan"] == [made, 0], "what lies outside reads the edited plan"


def test_undo_takes_the_whole_edit_back_in_one_step_and_keeps_the_pictures(ran):
    before = prompt(ran)
    panel = view(ran, "CIELR_Reason")
    panel.get_by_role("button", name="Edit this plan").click()
    ran.wait_for_timeout(800)
    assert len(prompt(ran)) == len(before) + 1
    undo(ran)
    assert prompt(ran) == before
    panel = view(ran, "CIELR_Reason")
    assert panel.locator(".cielr-actions li").inner_text(timeout=5000).startswith("Remove coin_2")
    assert len(ran.locator(".cielr-panel").all()) == 4


def test_a_plan_that_is_held_for_review_is_corrected_on_its_node(page):
    flow = api("quickstart")
    reason = id_of(flow, "CIELR_Reason")
    regions = id_of(flow, "CIELR_ActionToMask")
    # each front end has a server's memory of what was reviewed
    flow[reason]["inputs"]["instruction"] = f"remove coin_{4 + number_of(page)}"
    flow["90"] = {
        "class_type": "CIELR_EditPlan",
        "inputs": {"text": "", "review": True, "plan": [reason, 1]},
        "_meta": {"title": "Edit Plan"},
    }
    flow[regions]["inputs"]["plan"] = ["90", 0]
    load_prompt(page, flow)
    run(page)
    edit = view(page, "CIELR_EditPlan")
    assert "Waiting" in edit.locator(".cielr-said").inner_text()
    edit.get_by_role("button", name="Correct this plan").click()
    held = Plan.from_json(prompt(page)["90"]["inputs"]["text"])
    assert held.actions[0].kind == "remove"
    with running_through(page):
        edit.get_by_role("button", name="Run on").click()
    assert "typed plan counts" in edit.locator(".cielr-said").inner_text()
    assert edit.get_by_role("button", name="Run on").count() == 0


# ----------------------------------------------------------------------------------------- steps, question and answer


def test_a_question_is_answered_on_the_node_and_the_steps_are_told(page):
    with LLMServer([Say(json.dumps(QUESTION), pause=0.05), Say(json.dumps(DO), pause=0.15)]) as server:
        flow, reason = asking(server, 31 + number_of(page))
        load_prompt(page, flow)
        panel = view(page, "CIELR_Reason")
        run(page)
        assert page.locator("[role=dialog]").count() == 0, "nothing lies over the question"
        ask = panel.locator(".cielr-ask")
        assert "Which coin?" in ask.inner_text()
        page.mouse.move(*spot(page, panel, "coin_7"))
        assert "coin_7" in page.locator(".cielr-tip").inner_text(), "the scene is there to choose from"
        page.mouse.move(5, 890)
        send = ask.get_by_role("button", name="Answer")
        assert send.is_disabled()
        ask.get_by_role("button", name="the big").click()
        assert ask.locator("input").input_value() == "the big"
        page.evaluate(
            """() => {
                window.seen = []
                const panel = document.querySelector("[data-test=CIELR_Reason]")
                const note = () => { const now = panel.querySelector(".cielr-now"); now && seen.push(now.textContent) }
                new MutationObserver(note).observe(panel, {childList: true, subtree: true, characterData: true})
            }"""
        )
        queued = []
        page.on("request", lambda asked: queued.append(asked) if asked.method == "POST" else None)
        with running_through(page):
            # with Ctrl, as people run what they typed elsewhere
            ask.locator("input").press("Control+Enter")
        assert [asked.url.rsplit("/", 1)[-1] for asked in queued].count("prompt") == 1, "it runs once"
        assert prompt(page)[reason]["inputs"]["answer"] == "the big"
        assert "the big" in json.dumps(server.chats[-1]["messages"])
        seen = page.evaluate("() => seen")
        assert any("language model" in line for line in seen), "told while it happened"
        assert not ask.is_visible()
        assert panel.get_by_role("tab", selected=True).inner_text() == "Plan", "back to the plan"
        assert "coin_3" in panel.locator(".cielr-actions").inner_text()
        turn_to(panel, "Steps")
        assert panel.locator(".cielr-step").count() >= 1
        assert panel.locator(".cielr-now").count() == 0
        assert page.trouble == []
