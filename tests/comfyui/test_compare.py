"""The Edit Executor shows each image before and after the edit, with a divider that is dragged or moved by keys."""

from __future__ import annotations

import io
import os
from pathlib import Path

import bundled
import numpy as np
import pytest
from PIL import Image

from tests.comfyui.conftest import page_of, pages_of_every_version
from tests.comfyui.extension_help import BOXES, NODE, load, load_prompt, overlaps, run, undo, view, wait_until_ready
from tests.comfyui.world import Shelf, action, chain, disc, picture

BLUE = action("modify", "disc_1", "colour blue")
GONE = action("remove", "disc_2")


@pytest.fixture(scope="module", params=pages_of_every_version())
def page(request, chromium):
    with page_of(request, chromium, request.param) as one:
        yield one


def shown(run):
    """What the Executor shows, by its last node."""
    [name] = [name for name in run.outputs if name.endswith(".shown")]
    return run.outputs[name]


def pixels(comfy, file):
    return np.asarray(Image.open(io.BytesIO(comfy.fetch(file)))).astype(int)


def test_each_image_of_a_batch_is_shown_before_and_after(comfy, shelf):
    images = np.stack([picture(0.4, 301), picture(0.6, 302)])
    run = comfy.check(chain(shelf, images, BLUE, seed=301))
    views = shown(run)["cielr"][0]["views"]
    after = comfy.array(run, "keep")
    assert [(one["width"], one["height"]) for one in views] == [(160, 96)] * 2
    for one, given, made in zip(views, images, after, strict=True):
        for name, whole in (("before", given), ("after", made)):
            # JPEG, which has no eye for grain in colour, lies between them
            assert np.abs(pixels(comfy, one[name]) - whole * 255).mean() < 4, name
        apart = np.abs(pixels(comfy, one["before"]) - pixels(comfy, one["after"])).sum(axis=2)
        assert apart[disc("disc_1")].mean() > 100
        assert apart[disc("disc_3")].mean() < 2
    assert "Image 2, action 1: " in shown(run)["text"][0]


def test_a_large_frame_is_shown_small(comfy, shelf):
    from tests.comfyui.test_previews import large

    image, known = large()
    run = comfy.check(chain(shelf, image, action("modify", "box_1", "colour blue"), known=known))
    [one] = shown(run)["cielr"][0]["views"]
    assert (one["width"], one["height"]) == (2000, 1500)
    assert [pixels(comfy, one[name]).shape for name in ("before", "after")] == [(960, 1280, 3)] * 2


def test_what_becomes_see_through_is_shown_so(comfy, shelf):
    image = np.concatenate([picture(seed=303), np.ones((96, 160, 1), np.float32)], axis=2)
    image[80:, :, 3] = 0.25
    run = comfy.check(chain(shelf, image, action("move", "disc_1", relation="by", x=0.0, y=30.0), seed=303))
    [one] = run.outputs["edit"]["cielr"][0]["views"]
    before = pixels(comfy, one["before"])
    assert before.shape == (96, 160, 4)
    assert abs(before[85, 10, 3] - 64) <= 1
    assert before[10, 10, 3] == 255


def test_what_waits_for_what_was_painted_is_in_the_picture_after(comfy, shelf):
    """Of stretches too the last node tells, and it compares with the very first picture."""
    run = comfy.check(chain(shelf, picture(seed=304), BLUE, GONE, seed=304))
    [one] = shown(run)["cielr"][0]["views"]
    apart = np.abs(pixels(comfy, one["before"]) - pixels(comfy, one["after"])).sum(axis=2)
    assert apart[disc("disc_1")].mean() > 100
    assert apart[disc("disc_2")].mean() > 100


# ---------------------------------------------------------------------------------------------------------- the page


def divider(page):
    return view(page, "CIELR_EditExecutor").get_by_role("slider", name="Before and after")


def at(page):
    return int(divider(page).get_attribute("aria-valuenow"))


def seen(page, tmp_path, name):
    where = Path(os.environ.get("CIELR_LOOK") or tmp_path)
    where.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=where / name)


def colour_at(page, x, y):
    """The mean colour of 9 pixels of the page."""
    shot = page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).reshape(-1, 3).mean(axis=0)


def blue_disc(page):
    """Where on the page the middle of the disc lies that becomes blue."""
    pair = view(page, "CIELR_EditExecutor").locator(".cielr-pair").bounding_box()
    return pair["x"] + pair["width"] * 32 / 160, pair["y"] + pair["height"] * 48 / 96, pair


def discs(page, *images, seed):
    shelf = Shelf(page.folder, None)
    prompt = chain(shelf, np.stack(images), BLUE, seed=seed)
    load_prompt(page, {name: one | {"_meta": {"title": name}} for name, one in prompt.items()})


def test_the_divider_is_dragged_and_moved_by_keys(page, tmp_path):
    discs(page, picture(seed=310), seed=310)
    empty = view(page, "CIELR_EditExecutor")
    assert "Run the graph to see the image before and after here." in empty.inner_text()
    run(page)
    assert at(page) == 50
    x, y, pair = blue_disc(page)
    seen(page, tmp_path, f"compare_{page.kind}.png")
    red, _, blue = colour_at(page, x, y)
    assert red > blue, "on the left of the divider is the picture before"
    page.mouse.move(pair["x"] + pair["width"] / 2, y)
    offset = page.evaluate("() => [...app.canvas.ds.offset]")
    where = page.evaluate(f"() => [...({NODE})('CIELR_EditExecutor').pos]")
    page.mouse.down()
    page.mouse.move(pair["x"] + pair["width"] / 10, y, steps=5)
    page.mouse.up()
    assert abs(at(page) - 10) <= 1
    red, _, blue = colour_at(page, x, y)
    assert blue > red, "on the right of it the picture after"
    assert page.evaluate("() => [...app.canvas.ds.offset]") == offset, "the graph stays where it is"
    assert page.evaluate(f"() => [...({NODE})('CIELR_EditExecutor').pos]") == where, "and so does the node"
    knob = divider(page)
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "slider"
    for key, value in (("End", 100), ("ArrowLeft", 98), ("PageDown", 88), ("Home", 0), ("ArrowUp", 2), ("PageUp", 12)):
        knob.press(key)
        assert at(page) == value, key
    assert divider(page).get_attribute("aria-valuetext") == "Before up to 12 % of the width"
    assert page.evaluate(f"() => [...({NODE})('CIELR_EditExecutor').pos]") == where
    # out of the picture it stops at the edge
    page.mouse.move(pair["x"] + pair["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(pair["x"] + pair["width"] + 300, y, steps=3)
    page.mouse.up()
    assert at(page) == 100
    assert page.trouble == []


def test_each_image_of_a_batch_has_its_turn(page, tmp_path):
    discs(page, picture(0.3, 311), picture(0.7, 312), seed=311)
    run(page)
    panel = view(page, "CIELR_EditExecutor")
    assert panel.locator(".cielr-count").inner_text() == "1 / 2"
    first = panel.locator(".cielr-pictureAfter").get_attribute("src")
    panel.get_by_role("button", name="Next image").click()
    assert panel.locator(".cielr-count").inner_text() == "2 / 2"
    assert panel.locator(".cielr-pictureAfter").get_attribute("src") != first
    panel.get_by_role("button", name="Next image").click()
    assert panel.locator(".cielr-pictureAfter").get_attribute("src") == first
    assert page.trouble == []


def pictures(page):
    """Whether both pictures are on the node, loaded."""
    return view(page, "CIELR_EditExecutor").evaluate(
        "one => [...one.querySelectorAll('.cielr-pair img:not(.cielr-part)')]"
        ".map(image => image.complete && image.naturalWidth > 0)"
    )


def test_the_pictures_outlast_a_cached_run_undo_another_workflow_and_a_reload(page):
    load(page)
    run(page)
    assert pictures(page) == [True, True]
    run(page)
    assert pictures(page) == [True, True], "from the cache"
    page.evaluate(
        f"""() => {{
            app.canvas.emitBeforeChange();
            ({NODE})("SaveImage").title = "Kept"
            app.canvas.emitAfterChange()
        }}"""
    )
    page.wait_for_timeout(300)
    undo(page)
    assert pictures(page) == [True, True], "after undo"
    load(page, "other", id="5d0c1e1a-0000-4000-8000-717569636b81")
    assert not view(page, "CIELR_EditExecutor").locator(".cielr-pair").is_visible(), "of another run"
    run(page)
    assert pictures(page) == [True, True], "which had nothing to do"
    assert page.trouble == []
    page.reload()
    wait_until_ready(page)
    # what the front end says of itself while nothing is loaded
    page.trouble.clear()
    load(page)
    run(page)
    view(page, "CIELR_EditExecutor").locator(".cielr-pair").wait_for()
    page.wait_for_timeout(500)
    assert pictures(page) == [True, True], "on a page that was told nothing"
    assert page.trouble == []


def test_a_run_makes_no_node_larger_and_one_of_an_older_workflow_says_where_the_pictures_are(page, tmp_path):
    load(page)
    page.wait_for_timeout(500)
    before = page.evaluate(BOXES)
    run(page)
    page.wait_for_timeout(800)
    boxes = {name: rest for name, *rest in page.evaluate(BOXES)}
    executor = page.evaluate(f"() => String(({NODE})('CIELR_EditExecutor').id)")
    assert boxes[executor] == next(rest for name, *rest in before if name == executor)
    overlaps(page)
    panel = view(page, "CIELR_EditExecutor")
    pair = panel.locator(".cielr-pair").bounding_box()
    assert pair["height"] > 120, "it can be made out"
    seen(page, tmp_path, f"compare_quickstart_{page.kind}.png")

    # as it was saved before there were pictures
    flow = bundled.flow("quickstart")
    for one in flow["nodes"]:
        if one["type"] == "CIELR_EditExecutor":
            one["size"] = [260, 272]
        if one["type"] == "SaveImage":
            one["pos"][1] = 326
    page.evaluate("flow => app.loadGraphData(flow, true, true, 'older')", flow)
    page.wait_for_timeout(700)
    run(page)
    overlaps(page)
    panel = view(page, "CIELR_EditExecutor")
    assert not panel.locator(".cielr-pair").is_visible()
    assert "pixels changed" in panel.locator("textarea").input_value()
    seen(page, tmp_path, f"compare_older_{page.kind}.png")
    panel.get_by_role("button", name="Before and after").click()
    page.wait_for_timeout(500)
    assert panel.locator(".cielr-pair").is_visible()
    assert not panel.get_by_role("button", name="Before and after").is_visible()
    assert page.trouble == []


def test_a_new_node_has_room_for_the_pictures(page):
    load(page, nodes=[], links=[], groups=[], extra={})
    page.evaluate(
        """() => {
            const made = LiteGraph.createNode("CIELR_EditExecutor")
            app.graph.add(made)
            made.pos = [300, 200]
        }"""
    )
    page.wait_for_timeout(500)
    assert view(page, "CIELR_EditExecutor").locator(".cielr-compare").is_visible()
