"""Each region painted by several seeds: one is kept, a click chooses another, and nothing is painted twice."""

from __future__ import annotations

import numpy as np
import pytest

from tests.comfyui.client import node
from tests.comfyui.conftest import page_of, pages_of_every_version
from tests.comfyui.extension_help import load_prompt, run, set_widget, undo, value_of, view
from tests.comfyui.test_compare import pixels, seen, shown
from tests.comfyui.world import Shelf, action, chain, disc, picture, union

GOAT, CAT = action("replace", "disc_1", "a goat"), action("replace", "disc_2", "a cat")


@pytest.fixture(scope="module", params=pages_of_every_version())
def page(request, chromium):
    with page_of(request, chromium, request.param) as one:
        yield one


class Grain:
    """What the tests' own inpainter paints, for the engine."""

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        return np.random.default_rng(seed).random(image.shape, dtype=np.float32)


def prompt(shelf, *actions, seed, variants=1, choice="", image=None):
    made = chain(shelf, picture(seed=seed) if image is None else image, *(actions or (GOAT, CAT)), seed=seed)
    made["painter"] = node("CIELRTest_Seeded")
    made["edit"]["inputs"] |= {"inpainter": ["painter", 0], "variants": variants, "choice": choice}
    return made


def looks(run, image=0):
    return shown(run)["cielr"][0]["views"][image]["variants"]


def painted(run):
    return [name for name in run.executed if name.endswith(".paint")]


def test_the_first_variants_are_the_edit_without_any_and_no_other_is_in_the_result(comfy, shelf):
    plain = comfy.array(comfy.check(prompt(shelf, seed=401)), "keep")
    several = comfy.check(prompt(shelf, seed=401, variants=3))
    assert np.array_equal(comfy.array(several, "keep"), plain)
    assert [(look["action"], len(look["seeds"]), look["kept"]) for look in looks(several)] == [(1, 3, 0), (2, 3, 0)]
    assert len({seed for look in looks(several) for seed in look["seeds"]}) == 6
    for look in looks(several):
        x0, y0, x1, y1 = look["box"]
        shown_first = pixels(comfy, look["pictures"][0])
        assert np.abs(shown_first - plain[0, y0:y1, x0:x1] * 255).mean() < 12


def test_what_is_chosen_is_kept_nothing_else_changes_and_nothing_is_painted_twice(comfy, shelf):
    first = comfy.check(prompt(shelf, seed=402, variants=3))
    plain, before = comfy.array(first, "keep")[0], picture(seed=402)
    seed = looks(first)[0]["seeds"][2]
    again = comfy.check(prompt(shelf, seed=402, variants=3, choice=seed))
    result = comfy.array(again, "keep")[0]
    assert [look["kept"] for look in looks(again)] == [2, 0]
    changed = (result != plain).any(axis=-1)
    assert changed.any()
    x0, y0, x1, y1 = looks(first)[0]["box"]
    outside = np.ones_like(changed)
    outside[y0:y1, x0:x1] = False
    assert not (changed & outside).any(), "the other region is as it was"
    rim = union([disc("disc_1"), disc("disc_2")])
    assert np.array_equal(result[~wide(rim)], before[~wide(rim)]), "and all else as it came"
    assert "variant 3 of 3 is kept" in shown(again)["text"][0]
    # kept without the others too, and back to the first
    alone = comfy.check(prompt(shelf, seed=402, choice=seed))
    assert np.array_equal(comfy.array(alone, "keep")[0], result)
    assert painted(alone) == [] or "taken from memory" in shown(alone)["text"][0]
    back = comfy.check(prompt(shelf, seed=402, variants=3))
    assert np.array_equal(comfy.array(back, "keep")[0], plain)


def wide(inside):
    """Grown by 20 pixels, more than any region is wider than its thing."""
    from scipy.ndimage import binary_dilation

    return binary_dilation(inside, iterations=20)


def test_in_a_batch_a_choice_is_for_its_image(comfy, shelf):
    images = np.stack([picture(0.4, 403), picture(0.4, 404)])
    first = comfy.check(prompt(shelf, GOAT, seed=403, variants=2, image=images))
    seed = looks(first, 1)[0]["seeds"][1]
    again = comfy.check(prompt(shelf, GOAT, seed=403, variants=2, image=images, choice=f"2:{seed}"))
    before, after = comfy.array(first, "keep"), comfy.array(again, "keep")
    assert np.array_equal(before[0], after[0])
    assert not np.array_equal(before[1], after[1])


def test_what_is_no_seed_is_refused_in_a_sentence(comfy, shelf):
    run = comfy.run(prompt(shelf, seed=405, variants=2, choice="third"))
    assert run.sentence.startswith("'choice' holds 'third', which is not a seed")


def test_a_click_chooses_in_one_step_of_undo_and_is_saved(page, tmp_path):
    made = prompt(Shelf(page.folder, None), seed=406, variants=3)
    load_prompt(page, {name: one | {"_meta": {"title": name}} for name, one in made.items()})
    set_widget(page, "CIELR_EditExecutor", "seed", 406, tell=False)
    run(page)
    panel = view(page, "CIELR_EditExecutor")
    assert not panel.get_by_text("Run to keep it.").is_visible()
    group = panel.get_by_role("radiogroup", name="Variants of action 1")
    assert group.get_by_role("radio").count() == 3
    group.get_by_role("radio").nth(1).click()
    page.wait_for_timeout(300)
    assert panel.get_by_text("Run to keep it.").is_visible()
    assert group.get_by_role("radio").nth(1).get_attribute("aria-checked") == "true"
    assert panel.locator(".cielr-part").is_visible(), "it is seen in its place"
    seen(page, tmp_path, f"variants_{page.kind}.png")
    choice = value_of(page, "CIELR_EditExecutor", "choice")
    assert choice.isdigit()
    assert (
        page.evaluate(
            "async () => Object.values((await app.graphToPrompt()).output)"
            ".find(one => one.class_type === 'CIELR_EditExecutor').inputs.choice"
        )
        == choice
    )
    assert choice in str(page.evaluate("() => app.graph.serialize().nodes.map(one => one.widgets_values)"))
    undo(page)
    assert value_of(page, "CIELR_EditExecutor", "choice") == ""
    panel = view(page, "CIELR_EditExecutor")
    group = panel.get_by_role("radiogroup", name="Variants of action 1")
    assert group.get_by_role("radio").nth(0).get_attribute("aria-checked") == "true"
    assert page.trouble == []
