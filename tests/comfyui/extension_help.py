"""Shared by the tests of what the nodes show: a page on a server, a graph in it, and the panels of its nodes."""

import json
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from bundled import api, flow, id_of

from tests.comfyui.conftest import KINDS
from tests.comfyui.language import ollama

ROOT = Path(__file__).resolve().parents[2]
SIZE = {"width": 1600, "height": 900}
NOT_OURS = ("reading 'id'",)
"""Errors of the page with no workflow loaded: front end 1.27.10's own."""

# with room for the bars of the page around the graph
FIT = """() => {
    const canvas = app.canvas, boxes = [...app.graph._groups.map(g => g.bounding ?? g._bounding)]
    const x0 = Math.min(...boxes.map(b => b[0])), y0 = Math.min(...boxes.map(b => b[1]))
    const x1 = Math.max(...boxes.map(b => b[0] + b[2])), y1 = Math.max(...boxes.map(b => b[1] + b[3]))
    const room = {left: 90, top: 95, right: 30, bottom: 60}
    const wide = innerWidth - room.left - room.right, tall = innerHeight - room.top - room.bottom
    const scale = Math.min(wide / (x1 - x0), tall / (y1 - y0))
    const bounds = canvas.canvas.getBoundingClientRect()
    // words stay readable in a picture of a whole graph
    canvas.min_font_size_for_lod = 0
    canvas.ds.scale = scale
    canvas.ds.offset[0] = (room.left - bounds.left + (wide - (x1 - x0) * scale) / 2) / scale - x0
    canvas.ds.offset[1] = (room.top - bounds.top + (tall - (y1 - y0) * scale) / 2) / scale - y0
    app.graph.setDirtyCanvas(true, true)
}"""
RUN = """() => new Promise(resolve => {
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        app.api.addEventListener(kind, event => resolve([kind, event.detail]), {once: true})
    app.queuePrompt(0)
})"""
BOXES = """() => app.graph._nodes.map(node => [String(node.id), ...Array.from(node.getBounding())])"""
READY = (
    "() => window.app?.graph && app.extensionManager && window.LiteGraph"
    " && Object.keys(LiteGraph.registered_node_types).length > 50"
)
WAIT = """() => new Promise(resolve => {
    for (const kind of ["execution_success", "execution_error", "execution_interrupted"])
        app.api.addEventListener(kind, event => resolve([kind, event.detail]), {once: true})
})"""
LOOK_AT = """type => {
    const node = app.graph._nodes.find(one => one.type === type), canvas = app.canvas
    canvas.ds.scale = 1
    canvas.ds.offset[0] = 300 - node.pos[0]
    canvas.ds.offset[1] = 150 - node.pos[1]
    app.graph.setDirtyCanvas(true, true)
}"""
NODE = "type => app.graph._nodes.find(one => one.type === type)"
TOLD = f"""() => {{
    const node = ({NODE})("CIELR_EditExecutor")
    const view = node?.widgets.find(one => one.name === "cielr_view")
    return !node || node.mode || view.element.querySelector("textarea").value
}}"""
"""Whether the node in the middle has told what it did."""
DO = {
    "reason": "It is the red one.",
    "turn": {"kind": "plan", "summary": "Remove one coin.", "actions": [{"kind": "remove", "targets": ["coin_3"]}]},
}
QUESTION = {"reason": "", "turn": {"kind": "question", "question": "Which coin?", "choices": ["the big", "the small"]}}


def opened(chromium, server, **settings):
    """A page on the server, with what went wrong on it and whom it called; settings by their names."""
    body = {"Comfy.Locale": "en", "Comfy.ColorPalette": "dark", "Comfy.VueNodes.Enabled": False} | settings
    request = urllib.request.Request(f"{server.url}/settings", json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=20).close()
    context = chromium.new_context(viewport=SIZE, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.trouble, page.called = [], []
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on("console", lambda told: page.trouble.append(told.text) if "extensions/cielr" in told.text else None)
    page.on("request", lambda asked: page.called.append(asked.url))
    page.goto(server.url)
    wait_until_ready(page)
    page.trouble[:] = [text for text in page.trouble if not any(known in text for known in NOT_OURS)]
    page.called.clear()
    return page


def wait_until_ready(page):
    """Until ComfyUI's page has its nodes, after it was opened or loaded anew."""
    page.wait_for_function(READY, timeout=90_000)
    page.wait_for_timeout(700)


def load(page, tab="test", **changes):
    """The quickstart in a tab of that name, with changes of the workflow's own fields."""
    close_dialogs(page)
    page.evaluate("([flow, tab]) => app.loadGraphData(flow, true, true, tab)", [flow("quickstart") | changes, tab])
    page.wait_for_timeout(700)
    return page


def load_file(page, path, wait=900):
    """A workflow from its file, in a tab that is named so; what is missing to it is named by `faulty`."""
    told = json.loads(path.read_text(encoding="utf-8"))
    page.evaluate("([flow, name]) => app.loadGraphData(flow, true, true, name)", [told, path.stem])
    page.wait_for_timeout(wait)


def faulty(page):
    """Kinds of the nodes that the front end outlines in red."""
    return page.evaluate("() => app.graph._nodes.filter(node => node.has_errors).map(node => node.type)")


def load_prompt(page, prompt):
    """A graph from its API form."""
    close_dialogs(page)
    page.evaluate("prompt => app.loadApiJson(prompt, 'test')", prompt)
    page.wait_for_timeout(700)


def load_reason(page):
    """A graph of a Reason alone."""
    load_prompt(page, {"1": {"class_type": "CIELR_Reason", "inputs": {"instruction": "x"}, "_meta": {"title": "R"}}})


def run(page):
    kind, told = page.evaluate(RUN)
    assert kind == "execution_success", told
    page.wait_for_timeout(700)


@contextmanager
def running_through(page):
    """What is done within begins a run, or lets one go on, which then comes to its end."""
    end = page.evaluate_handle(f"() => ({{ done: ({WAIT})() }})")
    yield
    kind, told = end.evaluate("one => one.done")
    assert kind == "execution_success", told
    page.wait_for_timeout(700)


def undo(page):
    page.evaluate("() => { document.activeElement.blur(); return app.extensionManager.command.execute('Comfy.Undo') }")
    page.wait_for_timeout(1200)


def close_dialogs(page):
    for _ in range(3):
        if page.locator("[role=dialog]").count() == 0:
            return
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)


def prompt(page):
    return page.evaluate("async () => (await app.graphToPrompt()).output")


def card_of(page, title):
    """The card of a workflow in the open template browser, brought into view."""
    cards = page.locator("[data-testid^=template-workflow-]")
    card = page.locator(f"[data-testid='template-workflow-{title}']")
    cards.first.wait_for()
    # a dozen cards are made at a time, in the order of the server's file system
    for _ in range(5):
        if card.count():
            break
        cards.last.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
    card.scroll_into_view_if_needed()
    return card


def view(page, kind):
    """The panel of the node of a kind, brought into view."""
    page.evaluate(LOOK_AT, kind)
    page.wait_for_timeout(400)
    mark = page.evaluate(
        """type => {
            const node = app.graph._nodes.find(one => one.type === type)
            const element = node.widgets.find(one => one.name === "cielr_view").element
            element.dataset.test = type
            return type
        }""",
        kind,
    )
    found = page.locator(f"[data-test={mark}]")
    found.wait_for(state="visible")
    return found


def show(page, output):
    """What Reason would show, had it put that out."""
    page.evaluate(
        f"""output => {{
            const id = String(({NODE})("CIELR_Reason").id)
            app.api.dispatchCustomEvent("executed", {{node: id, display_node: id, output, prompt_id: "0"}})
        }}""",
        output,
    )
    page.wait_for_timeout(300)


def turn_to(panel, name):
    panel.get_by_role("tab", name=name, exact=True).click()


def spot(page, panel, thing):
    """Where on the page the middle of a thing's box is drawn."""
    canvas = panel.locator("canvas").bounding_box()
    scene = page.evaluate(
        """id => {
            const output = Object.values(app.nodeOutputs).find(one => one.cielr?.[0].views[0].objects)
            const view = output.cielr[0].views[0]
            return [view.width, view.height, view.objects.find(one => one.id === id).box]
        }""",
        thing,
    )
    width, height, (x0, y0, x1, y1) = scene
    scale = min(canvas["width"] / width, canvas["height"] / height)
    left = canvas["x"] + (canvas["width"] - width * scale) / 2
    top = canvas["y"] + (canvas["height"] - height * scale) / 2
    return left + (x0 + x1) / 2 * scale, top + (y0 + y1) / 2 * scale


def value_of(page, kind, name):
    """What a widget of the node of a kind holds."""
    return page.evaluate(f"([kind, name]) => ({NODE})(kind).widgets.find(one => one.name === name).value", [kind, name])


def set_widget(page, kind, name, value, tell=True):
    """Sets it as a user does, or where nobody is to be told as a script does."""
    page.evaluate(
        f"""([kind, name, value, tell]) => {{
            const node = ({NODE})(kind), widget = node.widgets.find(one => one.name === name)
            widget.value = value
            if (tell) widget.callback?.(value, app.canvas, node)
        }}""",
        [kind, name, value, tell],
    )


def copied(page, panel):
    panel.get_by_role("button", name="Copy", exact=True).click()
    panel.locator(".cielr-done").wait_for(timeout=5000)
    return page.evaluate("() => navigator.clipboard.readText()")


def asking(server, seed):
    """The quickstart with a language model."""
    graph = api("quickstart")
    reason = id_of(graph, "CIELR_Reason")
    graph["91"] = {**ollama(server, seed=seed), "_meta": {"title": "Ollama"}}
    graph[reason]["inputs"] |= {"instruction": "make the angriest coin go away", "llm": ["91", 0]}
    return graph, reason


def number_of(page):
    """Of its front end, from 0: what a server remembers of one page must be another thing on the next."""
    return KINDS.index(page.kind)


def overlaps(page, boxes=BOXES):
    """Asserts that no node lies over another, by where `boxes` says that they are."""
    boxes = page.evaluate(boxes)
    for number, (one, ax, ay, aw, ah) in enumerate(boxes):
        for two, bx, by, bw, bh in boxes[number + 1 :]:
            apart = ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
            assert apart, f"Nodes {one} and {two} overlap: {boxes}."


def contrast(one, two):
    """WCAG 2.1's ratio of two sRGB colours."""

    def light(colour):
        parts = [value / 255 for value in colour]
        linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)
