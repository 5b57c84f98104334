"""What a page shows that was not told of it: from the cache, and after it was loaded anew in the middle of a run."""

from __future__ import annotations

import json

import pytest
from bundled import api, id_of
from llm_server import LLMServer, Say

from tests.comfyui.client import node
from tests.comfyui.extension_help import (
    DO,
    RUN,
    TOLD,
    WAIT,
    asking,
    close_dialogs,
    load,
    load_prompt,
    number_of,
    run,
    running_through,
    set_widget,
    view,
    wait_until_ready,
)

SIGN = """async prompts => {
    const { signer } = await import("/extensions/cielr/js/recall.js")
    const sign = signer()
    return [prompts.map(([prompt, id]) => sign(prompt, id)), sign.looked]
}"""


def ladder(length, words="x", prefix=""):
    """Nodes of which each reads the one before twice: as many paths as two to the power of its length."""
    nodes = {f"{prefix}0": node("Start", words=words)}
    for k in range(1, length):
        nodes[f"{prefix}{k}"] = node("Step", one=[f"{prefix}{k - 1}", 0], two=[f"{prefix}{k - 1}", 1])
    return nodes


def test_each_node_of_a_long_chain_is_looked_at_once(page):
    same, renamed, other = ladder(40), ladder(40, prefix="n"), ladder(40, words="y")
    prompts = [[same, "39"], [same, "38"], [renamed, "n39"], [other, "39"]]
    (one, shorter, again, different), looked = page.evaluate(SIGN, prompts)
    assert looked == 3 * 40
    assert one == again
    assert len({one, shorter, different}) == 3


def test_a_circle_ends(page):
    circle = {"1": node("Step", one=["2", 0]), "2": node("Step", one=["1", 0])}
    (_, looked) = page.evaluate(SIGN, [[circle, "1"]])
    assert looked == 2


def plans(length, seed):
    """A scene, and a plan of many chained actions that a node shows and another writes."""
    prompt = api("plan_by_hand")
    parse = id_of(prompt, "CIELR_SceneParse")
    image = id_of(prompt, "LoadImage")
    graph = {"1": prompt[image], "2": prompt[parse]}
    graph["2"]["inputs"]["image"] = ["1", 0]
    for k in range(length):
        more = {"plan": [str(9 + k), 0]} if k else {}
        settings = {"relation": "by", "anchors": "", "x": 0.0, "y": 0.0, "scale": 1.0, "negative_prompt": ""}
        words = f"brighten {k % 9 + 1}%"
        graph[str(10 + k)] = node(
            "CIELR_Action", kind="global", targets="", words=words, prompt=f"{seed}", keep="", **settings, **more
        )
    graph["90"] = node("CIELR_EditPlan", text="", review=False, plan=[str(9 + length), 0])
    graph["91"] = node("CIELR_SavePlan", plan=["90", 0], filename_prefix="cielr/plan")
    return {key: {"_meta": {"title": one["class_type"]}, **one} for key, one in graph.items()}


def reload(page, prompt):
    page.reload()
    wait_until_ready(page)
    load_prompt(page, prompt)


def test_a_page_with_forty_chained_nodes_shows_what_came_from_the_cache_after_it_was_loaded_anew(page):
    prompt = plans(40, number_of(page))
    load_prompt(page, prompt)
    run(page)
    reload(page, prompt)
    assert view(page, "CIELR_EditPlan").locator(".cielr-foot").is_hidden()
    run(page)
    page.locator(".cielr-object").first.wait_for(state="attached")
    assert view(page, "CIELR_EditPlan").locator(".cielr-foot").is_visible()
    assert "coin_1" in view(page, "CIELR_SceneParse").inner_text()


def test_a_page_shows_what_was_told_before_twenty_runs_that_had_nothing_to_do(page):
    def load_own():
        load(page)
        # nobody has run exactly this before
        set_widget(page, "CIELR_SceneParse", "labels", "coin" + "\n" * (13 + number_of(page)))

    load_own()
    for _ in range(21):
        kind, told = page.evaluate(RUN)
        assert kind == "execution_success", told
    page.reload()
    wait_until_ready(page)
    load_own()
    run(page)
    page.wait_for_function(TOLD, timeout=20_000)
    assert "pixels changed" in view(page, "CIELR_EditExecutor").locator("textarea").input_value()


def test_a_page_that_is_loaded_anew_in_the_middle_of_a_run_shows_what_it_missed(page):
    prompt = api("quickstart")
    edit = id_of(prompt, "CIELR_EditExecutor")
    parse = id_of(prompt, "CIELR_SceneParse")
    # nobody has run exactly this before
    prompt[parse]["inputs"]["labels"] = "coin" + "\n" * (3 + number_of(page))
    regions = prompt[edit]["inputs"]["regions"]
    sign = f"go on {page.kind}"
    prompt["80"] = {**node("CIELRTest_Wait", value=regions, seconds=300.0, until=sign), "_meta": {"title": "Wait"}}
    prompt[edit]["inputs"]["regions"] = ["80", 0]
    load_prompt(page, prompt)
    page.evaluate(
        """() => new Promise((resolve, reject) => {
            const waits = ({detail}) => String(detail?.node ?? detail) === "80" && resolve()
            app.api.addEventListener("executing", waits)
            app.api.addEventListener("execution_error", ({detail}) => reject(detail.exception_message))
            app.queuePrompt(0)
        })"""
    )
    reload(page, prompt)
    assert "coin_1" not in view(page, "CIELR_SceneParse").inner_text()
    with running_through(page):
        (page.folder / "input" / sign).touch()
    page.locator(".cielr-object").first.wait_for(state="attached")
    assert "coin_1" in view(page, "CIELR_SceneParse").inner_text()
    assert "Remove coin_2" in view(page, "CIELR_Reason").locator(".cielr-plan").inner_text()
    assert "pixels changed" in view(page, "CIELR_EditExecutor").locator("textarea").input_value()


def test_the_person_at_the_page_allows_a_host_with_a_button_on_the_node(page):
    with LLMServer([Say(json.dumps(DO))]) as server:
        flow, _ = asking(server, 71 + number_of(page))
        # a name of this machine that is not taken for one
        name = f"host{number_of(page)}.localhost"
        flow["91"]["inputs"]["host"] = server.url.replace("127.0.0.1", name)
        load_prompt(page, flow)
        kind, _ = page.evaluate(RUN)
        assert kind == "execution_error"
        page.wait_for_timeout(700)
        close_dialogs(page)
        assert server.requests == []
        panel = view(page, "CIELR_Reason")
        assert (
            f"to {name}, which is not this machine; nothing has been sent." in panel.locator(".cielr-said").inner_text()
        )
        button = panel.get_by_role("button", name=f"Allow {name} and run", exact=True)
        assert button.is_visible()
        again = page.evaluate_handle(f"() => ({{ended: ({WAIT})()}})")
        button.click()
        kind, told = again.evaluate("async run => await run.ended")
        # what is asked next is the machine of that name
        assert kind == "execution_success" or "not this machine" not in told["exception_message"]
        assert button.is_hidden()


@pytest.fixture(autouse=True)
def no_trouble(page):
    yield
    page.trouble.clear()
