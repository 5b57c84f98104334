"""The workflows as apps, which newer front ends have: what goes in and what comes out, without the graph."""

import pytest
from bundled import FLOWS

from tests.comfyui.extension_help import RUN, close_dialogs, load_file, opened
from tests.comfyui.test_workflows import seen_now

SHOWN = {"quickstart": ["image", "labels", "instruction"], "only_here_never_there": ["image", "labels", "instruction"]}


@pytest.mark.parametrize("name", SHOWN)
def test_an_app_shows_the_photo_the_words_and_the_result(newer, chromium, tmp_path, name):
    from tests.comfyui.conftest import ROOT

    for path in (ROOT / "photos").glob("*.png"):
        newer.client.upload(path, path.name)
    page = opened(chromium, newer)
    load_file(page, FLOWS[name])
    page.evaluate("() => app.extensionManager.command.execute('Comfy.ToggleLinear')")
    page.get_by_text("App Mode", exact=True).first.wait_for()
    page.wait_for_timeout(1500)
    # the tour that the front end offers at a user's first visit
    skip = page.get_by_text("Skip", exact=True)
    if skip.count():
        skip.click()
    close_dialogs(page)
    for words in SHOWN[name]:
        page.get_by_text(words, exact=True).first.wait_for(state="visible")
    # the nodes' other settings stay away
    assert page.get_by_text("attempts", exact=True).locator("visible=true").count() == 0
    asked = page.get_by_role("textbox").filter(visible=True)
    assert {"coin"} < {box.input_value() for box in asked.all()}
    ended, told = page.evaluate(RUN)
    assert ended == "execution_success", told
    page.locator(f"img[src*='filename={name}_']").first.wait_for()
    page.wait_for_timeout(700)
    seen_now(page, tmp_path, f"{name}_app.png")
    assert page.trouble == []
    page.context.close()
