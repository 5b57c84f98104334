"""A run that goes without its end, as a file is missing, says so: in every front end."""

from bundled import api

from tests.comfyui.client import node
from tests.comfyui.conftest import draws_with_vue, find_comfyui
from tests.comfyui.extension_help import load, load_prompt, run


def with_a_missing_checkpoint():
    """The quickstart, its pictures saved by way of a checkpoint that is not there."""
    flow = api("quickstart")
    [save] = [one for one in flow.values() if one["class_type"] == "SaveImage"]
    flow["71"] = node("CheckpointLoaderSimple", ckpt_name="gone.ckpt")
    flow["72"] = node("VAEEncode", pixels=save["inputs"]["images"], vae=["71", 2])
    flow["73"] = node("VAEDecode", samples=["72", 0], vae=["71", 2])
    save["inputs"]["images"] = ["73", 0]
    for one in ("71", "72", "73"):
        flow[one]["_meta"] = {"title": flow[one]["class_type"]}
    flow["71"]["_meta"]["title"] = "My Checkpoint"
    return flow


def told(page):
    page.wait_for_timeout(800)
    return "\n".join(page.locator(".p-toast-message, [role=status], [role=alert]").all_inner_texts())


def names_none(page):
    """Whether it is a front end that says nothing of files that are missing."""
    return page.kind == "own-canvas" and not draws_with_vue(find_comfyui())


def test_a_missing_checkpoint_is_named_with_what_was_not_made(page):
    load_prompt(page, with_a_missing_checkpoint())
    run(page)
    said = told(page)
    assert "gone.ckpt" in said or "errors found" in said, said
    if names_none(page):
        # a newer front end has words of its own for it, and ours do not come on top
        assert "Left out of this run: Save Image\nMy Checkpoint: ckpt_name has no “gone.ckpt”." in said, said
    else:
        assert "Left out" not in said
    assert page.trouble == []


def test_a_whole_run_says_nothing(page):
    for button in page.locator(".p-toast-message button").all():
        button.click()
    load_prompt(page, api("quickstart"))
    run(page)
    assert "Left out" not in told(page)


def test_what_was_left_out_is_forgotten_with_the_next_run(page):
    load_prompt(page, with_a_missing_checkpoint())
    run(page)
    if names_none(page):
        assert "Left out" in told(page)
    load(page)
    assert "Left out" not in told(page), "it was about another graph"
    page.evaluate(
        """() => {
            window.given = []
            const { toast } = app.extensionManager, { add, remove } = toast
            toast.add = one => (given.push(["add", one.summary]), add.call(toast, one))
            toast.remove = one => (given.push(["remove", one.summary]), remove.call(toast, one))
        }"""
    )
    load_prompt(page, with_a_missing_checkpoint())
    run(page)
    run(page)
    ours = [kind for kind, summary in page.evaluate("() => given") if (summary or "").startswith("Left out")]
    assert ours == (["add", "remove", "add"] if names_none(page) else [])
    assert page.trouble == []
