"""A newcomer's first hour, by mouse and keyboard: from the template browser to a corrected plan, then a script."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_models
from bundled import FLOWS
from llm_server import LLMServer, Say

from tests.comfyui.conftest import draws_with_vue, find_comfyui, running
from tests.comfyui.extension_help import ROOT, card_of, opened, running_through
from tests.comfyui.families import GREY, make
from tests.comfyui.test_workflows import EYES

FOLDER = "ComfyUI-CIELR"
"""What `git clone` calls the pack's folder."""
MINE = "my_own_inpainting.ckpt"
PHOTO = ROOT / "photos" / "coffee.jpg"
WISH = "replace what keeps people awake with orange juice"

LOOK_AT = """title => {
    const node = app.graph._nodes.find(one => one.title === title), canvas = app.canvas
    canvas.ds.scale = 1
    canvas.ds.offset[0] = 200 - node.pos[0]
    canvas.ds.offset[1] = 140 - node.pos[1]
    app.graph.setDirtyCanvas(true, true)
}"""
PLACE = """([title, name]) => {
    const node = app.graph._nodes.find(one => one.title === title), { ds, canvas } = app.canvas
    const widget = node.widgets.find(one => one.name === name), page = canvas.getBoundingClientRect()
    const at = (edge, pos, offset) => edge + (pos + offset) * ds.scale
    return [at(page.left, node.pos[0] + node.size[0] / 2, ds.offset[0]),
            at(page.top, node.pos[1] + widget.last_y + 10, ds.offset[1])]
}"""


def thinks_aloud(body):
    """A language model that asks for a cup, and then replaces what was found last."""
    if all(message["role"] != "assistant" for message in body["messages"]):
        ask = {"kind": "detect", "labels": ["cup"], "within": None}
        reason = "Coffee keeps people awake, and no cup is in the scene yet."
        return Say(json.dumps({"reason": reason, "turn": {"kind": "requests", "requests": [ask]}}))
    ids = body["format"]["$defs"]["id"]["enum"]
    action = {"kind": "replace", "targets": [ids[-1]], "with": "orange juice", "prompt": "a glass of orange juice"}
    action |= {"negative_prompt": "", "keep": [], "reason": "It holds the coffee."}
    plan = {"kind": "plan", "summary": "Juice instead of coffee.", "actions": [action]}
    return Say(json.dumps({"reason": "The cup is there now.", "turn": plan}))


class Visitor:
    """What a person does on the page, and a picture after every step."""

    def __init__(self, page, folder):
        self.page = page
        self.folder = Path(os.environ.get("CIELR_SCREENSHOTS") or folder)
        self.steps = 0

    def sees(self, what):
        self.page.wait_for_timeout(500)
        self.steps += 1
        target = self.folder / f"walk_{self.steps:02}_{what}.png"
        self.page.screenshot(path=target)
        assert Image.open(target).getextrema() != ((0, 0),) * 3

    def looks_at(self, title):
        self.page.evaluate(LOOK_AT, title)
        self.page.wait_for_timeout(500)

    def types(self, title, name, value):
        self.looks_at(title)
        self.page.mouse.click(*self.page.evaluate(PLACE, [title, name]))
        self.page.locator(".graphdialog input").fill(value)
        self.page.keyboard.press("Enter")
        self.page.locator(".graphdialog").wait_for(state="detached")

    def chooses(self, title, name, value):
        self.looks_at(title)
        self.page.mouse.click(*self.page.evaluate(PLACE, [title, name]))
        self.sees(f"choice_of_{name}")
        self.page.locator(".litecontextmenu .litemenu-entry", has_text=value).click()

    def presses_run(self):
        with running_through(self.page):
            # newer front ends call the menu beside it so as well
            self.page.get_by_role("button", name="Run", exact=True).first.click()


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    """A ComfyUI into which the pack was just put, with the models that the template asks for but the checkpoint."""
    base = tmp_path_factory.mktemp("new")
    make(find_comfyui(), base)
    checkpoints = base / "models" / "checkpoints"
    shutil.copyfile(checkpoints / "tiny_sd15_inpaint.ckpt", checkpoints / MINE)
    for kind in ("owlv2", "sam2", "depth-anything"):
        tiny_models.MAKERS[kind](base / "models" / EYES[kind])
    with running(base, installed=FOLDER) as one:
        yield one


def saved(server):
    """The pictures that Save Image wrote, in order."""
    return [np.asarray(Image.open(path)) for path in sorted((server.base / "output" / "cielr").glob("*.png"))]


def script(*arguments):
    command = [sys.executable, "-m", "cielr", "comfy", "run", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


def test_from_the_template_browser_to_a_corrected_plan_and_a_script(new, chromium, tmp_path):
    with LLMServer([thinks_aloud], models=("qwen3:8b",)) as llm:
        page = opened(chromium, new)
        # the list of ComfyUI's own templates comes with a package of 100 MB that the tests do without
        page.route("**/templates/index*.json", lambda route: route.fulfill(json=[]))
        visitor = Visitor(page, tmp_path)
        opens_the_template(visitor)
        reads_the_note(visitor)
        is_told_what_is_missing(visitor, new, llm)
        reads_why(visitor)
        swaps_the_checkpoint(visitor, new)
        corrects_the_plan(visitor, new)
        does_the_same_from_a_script(visitor, new, llm, tmp_path)
        assert page.trouble == []
        page.context.close()


def opens_the_template(visitor):
    page = visitor.page
    page.get_by_label("Templates", exact=True).click()
    page.get_by_text(FOLDER, exact=True).first.click()
    card = card_of(page, FLOWS["paper_setup"].stem)
    card.locator("img").first.evaluate("image => image.decode()")
    visitor.sees("templates")
    card.click()
    page.locator("[role=dialog]").wait_for(state="detached")
    page.wait_for_function("() => app.graph._nodes.length === 13")
    visitor.sees("opened")


def reads_the_note(visitor):
    visitor.looks_at("How to use it")
    visitor.sees("note")
    note = visitor.page.locator(".comfy-markdown").first.inner_text()
    for word in ("ollama pull qwen3:8b", "sd-v1-5-inpainting.ckpt", "models/checkpoints"):
        assert word in note


def is_told_what_is_missing(visitor, new, llm):
    """The checkpoint of the template is not there: what can run runs, and a message says what was left out."""
    visitor.types("Ollama LLM", "host", llm.url)
    visitor.types("Checkpoint Inpainter", "steps", "1")
    visitor.presses_run()
    assert saved(new) == []
    if draws_with_vue(find_comfyui()):
        # a newer front end has words of its own for it
        visitor.page.get_by_text("Resolve").first.wait_for()
        return
    told = visitor.page.locator(".p-toast-message").first
    visitor.sees("told")
    assert "Save Image" in told.inner_text()
    assert "sd-v1-5-inpainting.ckpt" in told.inner_text()
    told.locator("button").click()


def reads_why(visitor):
    visitor.looks_at("LLM Reason & Refine")
    panel = visitor.page.locator(".cielr-panel", has=visitor.page.locator(".cielr-actions"))
    visitor.sees("plan")
    assert re.search(r"Replace \w+_\d+ with orange juice", panel.locator(".cielr-actions li").inner_text())
    assert "It holds the coffee." in panel.locator(".cielr-actions li").inner_text()
    panel.get_by_role("tab", name="Steps", exact=True).click()
    visitor.sees("steps")
    needs, looked, decided = panel.locator(".cielr-step").all_inner_texts()
    assert "no cup is in the scene yet" in needs
    # the tiny detector calls everything a cup
    assert re.fullmatch(r"Looked for cup: found \w+_\d+ and \w+_\d+", looked)
    assert "The cup is there now." in decided
    panel.get_by_role("tab", name="Plan", exact=True).click()


def swaps_the_checkpoint(visitor, new):
    visitor.chooses("Load Checkpoint", "ckpt_name", MINE)
    visitor.presses_run()
    visitor.looks_at("Edit Executor")
    visitor.sees("edited")
    [after] = saved(new)
    assert paints(after) > 0
    assert visitor.page.locator(".p-toast-message").count() == 0


def corrects_the_plan(visitor, new):
    page = visitor.page
    visitor.looks_at("LLM Reason & Refine")
    page.get_by_role("button", name="Edit this plan").click()
    visitor.sees("plan_to_edit")
    panel = page.locator(".cielr-panel", has=page.get_by_role("button", name="Change this action"))
    panel.get_by_role("button", name="Change this action").click()
    chosen = panel.locator(".cielr-chips .cielr-id").inner_text().split()[0]
    panel.locator(".cielr-chips select").select_option(index=1)
    panel.get_by_role("button", name=f"Leave out {chosen}").click()
    panel.locator("[data-field=with]").fill("apple juice")
    panel.locator("[data-field=with]").press("Enter")
    visitor.sees("corrected")
    visitor.presses_run()
    assert "with apple juice" in panel.inner_text()
    visitor.looks_at("Save Image")
    visitor.sees("edited_as_corrected")
    first, second = saved(new)
    assert paints(second) > 0
    assert (first != second).any(), "another thing was painted"


def does_the_same_from_a_script(visitor, new, llm, folder):
    first, second = saved(new)
    # what Workflow > Export (API) writes
    exported = folder / "corrected.json"
    exported.write_text(json.dumps(visitor.page.evaluate("async () => (await app.graphToPrompt()).output")))
    to = ("--image", PHOTO, "--server", new.url)
    script(exported, *to, "-o", folder / "corrected.png")
    assert np.array_equal(np.asarray(Image.open(folder / "corrected.png")), second)
    by_hand = [f"Load Checkpoint.ckpt_name={MINE}", f"Ollama LLM.host={llm.url}", "Checkpoint Inpainter.steps=1"]
    settings = [part for one in by_hand for part in ("--set", one)]
    script("paper_setup", *to, "--instruction", WISH, *settings, "-o", folder / "first.png")
    assert np.array_equal(np.asarray(Image.open(folder / "first.png")), first)


def paints(after):
    """How many pixels differ from the photo; what the tiny checkpoint paints is grey, and the rest is as it was."""
    before = np.asarray(Image.open(PHOTO).convert("RGB"))
    changed = (before != after).any(axis=-1)
    assert 0 < changed.mean() < 1
    grey = np.abs(after.astype(int) - GREY).max(axis=-1) <= 2
    return int((changed & grey).sum())
