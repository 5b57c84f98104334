"""The trace: what it records, what it keeps to itself, and a page that no label can break out of."""

import html
import json
import re
import shutil
import subprocess
import time
from html.parser import HTMLParser

import numpy as np
import pytest

from cielr.actions import Modify, Place, Plan, Remove
from cielr.actions import Move as MoveAction
from cielr.core.geometry import Box, Mask
from cielr.core.scene import DetectRequest, RelateRequest, Scene, SceneObject, SceneUpdate
from cielr.core.text import counted, listed
from cielr.errors import CielrError, EditError
from cielr.region import regions
from cielr.telling.page import page, save_trace
from cielr.telling.trace import Event, Trace, error_trace
from cielr.telling.wording import scene_words

HOSTILE = """</script><img src=x onerror="alert(1)">'"&<!--sections-->\x1b[31m"""


def thing(name, x, y, side=20, label="square", **more):
    box = Box(x, y, x + side, y + side)
    return SceneObject(id=name, label=label, box=box, mask=Mask.from_box(box, 120, 160), **more)


def scene(label="square"):
    return Scene(width=160, height=120, objects=(thing("square_1", 10, 10, label=label), thing("square_2", 90, 60)))


def photo():
    return np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def whole(label="square", instruction="remove the first square"):
    """A trace as an edit leaves it, made by hand."""
    trace, seen, image = Trace(), scene(label), photo()
    plan = Plan(actions=(Remove(targets=("square_1",), reason=label, prompt=label),), summary=label)
    with trace.step("perceive", size="160 x 120", labels=[label]) as step:
        step.output(scene=seen)
    with trace.step("reason", instruction=instruction) as step:
        step.note("reply", label * 30, model=label)
        step.output(plan=plan)
    with trace.step("region", plan=plan, seed=3) as step:
        step.output(regions=regions(plan, seen))
    with trace.step("edit", image=image) as step:
        step.output(image=255 - image)
    return trace


def traced(name, **outputs):
    """A trace of one step that gave these."""
    trace = Trace()
    with trace.step(name) as step:
        step.output(**outputs)
    return trace


# ------------------------------------------------------------------------------------------------------ the record


def test_a_step_records_inputs_outputs_time_and_notes():
    trace = Trace()
    with trace.step("reason", instruction="x", seed=3, nothing=None) as step:
        time.sleep(0.02)
        step.note("retry", "once more", round=2)
        step.output(answer=0.5)
    told = json.loads(trace.to_json())
    step = told["steps"][0]
    assert step["name"] == "reason"
    assert step["inputs"] == {"instruction": "x", "nothing": None, "seed": 3}
    assert step["outputs"] == {"answer": 0.5}
    assert step["seconds"] >= 0.02
    assert step["error"] == ""
    note = step["notes"][0]
    assert (note["kind"], note["text"], note["data"]) == ("retry", "once more", {"round": 2})
    assert 0.02 <= note["seconds"] <= step["seconds"]


def test_scenes_plans_and_regions_are_told_whole_and_images_by_their_size():
    told = json.loads(whole().to_json())
    perceived, reasoned, region, edited = told["steps"]
    assert Scene.model_validate(perceived["outputs"]["scene"]) == scene()
    assert reasoned["outputs"]["plan"]["actions"][0]["kind"] == "remove"
    assert region["outputs"]["regions"][0]["action"]["targets"] == ["square_1"]
    assert edited["outputs"]["image"] == {"array": "120 x 160 x 3", "dtype": "uint8"}


def test_images_are_kept_by_reference():
    image = photo()
    assert traced("edit", image=image).last(np.ndarray, "image") is image


def test_an_error_is_recorded_and_passes_through_with_the_trace():
    trace = Trace()
    with pytest.raises(EditError) as caught, trace.step("edit"):
        raise EditError("It did not work.")
    assert json.loads(trace.to_json())["steps"][0]["error"] == "It did not work."
    assert error_trace(caught.value) is trace
    with pytest.raises(KeyError) as other, trace.step("edit"):
        raise KeyError
    assert trace.steps[1].error == "KeyError"
    assert error_trace(other.value) is None


def test_keys_and_passwords_never_reach_the_record():
    trace = Trace()
    with trace.step("reason", api_key="geheim-1") as step:
        step.note(
            "request", "x", headers={"Authorization": "geheim-2", "API-Key": "geheim-3"}, tokens=12, token="geheim-4"
        )
    text, shown = trace.to_json(), page(trace)
    assert "geheim" not in text
    assert "geheim" not in shown
    assert json.loads(text)["steps"][0]["notes"][0]["data"]["tokens"] == 12


def test_values_that_json_does_not_know_do_not_break_it():
    trace = Trace()
    with trace.step("x", a=float("nan"), b=np.float32(2), c=object(), d={1: (2, {3})}, e=np.bool_(True)) as step:
        step.output(f=float("inf"))
    told = json.loads(trace.to_json(), parse_constant=pytest.fail)["steps"][0]
    assert told["inputs"]["b"] == 2
    assert told["inputs"]["e"] is True


def test_events_and_traces_are_small_to_look_at():
    event = Event("edit", "Editing", 0.5)
    with pytest.raises(AttributeError):
        event.step = "other"
    assert len(repr(whole())) < 80


# -------------------------------------------------------------------------------------------------------- the page


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_page_shows_every_part():
    text = page(whole())
    for words in ("Before and after", "Plan", "What was seen", "2 objects", "1 region", "Steps", "Remove square_1."):
        assert words in text
    tags = Tags(text).found
    assert sum(tag == "img" for tag, _ in tags) == 4  # before, after, and the region before and after
    assert {attributes["data-thing"] for tag, attributes in tags if tag == "path"} == {"square_1", "square_2"}
    assert {attributes["data-thing"] for tag, attributes in tags if tag == "tr" and attributes} == {
        "square_1",
        "square_2",
    }


def test_the_page_needs_no_network():
    tags = Tags(page(whole())).found
    for _, attributes in tags:
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not any(tag in ("link", "iframe", "object", "embed") for tag, _ in tags)
    policy = next(a["content"] for t, a in tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_hostile_words_stay_words():
    kind = "square" + HOSTILE
    text = page(whole(kind, instruction=kind))
    tags = Tags(text).found
    assert sum(tag == "script" for tag, _ in tags) == 1
    assert sum(tag == "img" for tag, _ in tags) == 4
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert "&lt;/script&gt;" in text
    assert text.count("<h2>Steps</h2>") == 1
    assert "<!--" not in text


def test_the_outline_follows_the_mask():
    text = page(whole())
    path = re.search(r'data-thing="square_1" d="M([^"]*)Z"', text)[1]
    points = np.array([[float(v) for v in point.split(",")] for point in path.split()])
    assert np.abs(points.min(axis=0) - (10, 10)).max() <= 1
    assert np.abs(points.max(axis=0) - (30, 30)).max() <= 1


def test_a_broken_edit_has_a_page_that_says_where():
    trace = traced("perceive", scene=scene())
    with pytest.raises(EditError), trace.step("region"):
        raise EditError("Nothing is left <to> change.")
    text = page(trace, photo())
    assert "Broken off at “region”: Nothing is left &lt;to&gt; change." in text


def test_empty_and_partial_traces_have_pages():
    assert "Steps" in page(Trace())
    assert "0 objects" in page(traced("perceive", scene=Scene(width=4, height=3)))


def test_what_was_found_out_later_is_told():
    found = scene().apply(
        SceneUpdate(
            request=DetectRequest(labels=("kiwi",)), added=(thing("kiwi_1", 50, 50, label="kiwi"),), absent=("fig",)
        )
    )
    text = page(traced("reason", scene=found))
    assert "Found out later" in text
    assert "detect kiwi → + kiwi_1, no fig" in text


def test_a_conversation_is_told_in_words_and_kept_word_for_word():
    asked = scene().apply(
        SceneUpdate(
            request=RelateRequest(objects=("square_1", "square_2")), answer="relate square_1, square_2: left of"
        )
    )
    replies = [
        '{"reason": "R.", "turn": {"kind": "requests", "requests": [{}, {}]}}',
        "no JSON" + HOSTILE,
        '{"reason": "R.", "turn": {"kind": "plan", "actions": [{}]}}',
        '{"turn": {"kind": "question"}}',
        '{"turn": ["plan"]}',
    ]
    trace = Trace()
    with trace.step("reason") as step:
        for number, reply in enumerate(replies, start=1):
            step.note("reply", reply, round=number)
        step.note("repair", "There is no JSON object in the answer.")
        step.output(scene=asked)
    text = page(trace)
    for words in (
        "Round 1: wants 2 things looked up",
        "Round 2: an answer in no known form",
        "Round 3: a plan of 1 action",
        "Round 4: a question to the user",
        "Round 5: an answer in no known form",
        '<span class="kind retry">repair</span>',
        "relate square_1, square_2<div",
    ):
        assert words in text
    assert all(html.escape(reply.replace("\x1b", "")) in text.replace("\x1b", "") for reply in replies)


def test_a_depth_that_is_a_guess_is_marked_in_its_row():
    guessed = thing("square_1", 10, 10, depth=0.5, attributes={"depth": "guess from vertical position"})
    text = page(traced("perceive", scene=Scene(width=160, height=120, objects=(guessed,))))
    assert '0.50 <abbr title="guess from vertical position">?</abbr>' in text


def test_float_images_of_any_size_are_drawn():
    trace = whole()
    text = page(trace, np.linspace(0, 1, 3 * 2000 * 3000, dtype=np.float32).reshape(2000, 3000, 3))
    assert len(text) < 3_000_000


def test_both_files_are_written(tmp_path):
    path = save_trace(whole(), tmp_path / "new" / "folder")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((path.parent / "trace.json").read_text(encoding="utf-8"))["steps"]
    assert sorted(p.name for p in path.parent.iterdir()) == ["trace.html", "trace.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CielrError, match="cannot be written"):
        save_trace(whole(), tmp_path / "file" / "folder")


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium")
def test_in_a_browser_the_pictures_and_the_table_light_up_together(tmp_path):
    text = page(whole(label="square" + HOSTILE))
    (tmp_path / "as_is.html").write_text(text, encoding="utf-8")
    # the policy would stop the test's own script, so that one runs in a copy without it
    probe = """<script>
    const say = (key, value) => document.body.setAttribute('data-' + key, value);
    const lit = () => [...document.querySelectorAll('.on')].map(n => n.tagName + n.dataset.thing).join();
    document.querySelector('path[data-thing=square_2]').dispatchEvent(new Event('mouseenter')); say('path', lit());
    document.querySelector('path[data-thing=square_2]').dispatchEvent(new Event('mouseleave')); say('left', lit());
    document.querySelector('tr[data-thing=square_1]').dispatchEvent(new Event('mouseenter')); say('row', lit());
    const range = document.querySelector('.compare input'); range.value = 20; range.dispatchEvent(new Event('input'));
    </script>"""
    without = re.sub(r"<meta http-equiv[^>]*>", "", text)
    (tmp_path / "probe.html").write_text(without.replace("</body>", probe + "</body>"), encoding="utf-8")
    dom = {name: browse(tmp_path / f"{name}.html", tmp_path) for name in ("as_is", "probe")}
    assert "--at: 50%" in dom["as_is"]  # so the policy lets the page's own script run
    assert 'data-path="pathsquare_2,TRsquare_2"' in dom["probe"]
    assert 'data-left=""' in dom["probe"]
    assert 'data-row="pathsquare_1,TRsquare_1"' in dom["probe"]
    assert "--at: 20%" in dom["probe"]


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium")
@pytest.mark.parametrize("width", [500, 1280])
def test_in_a_browser_a_word_without_end_makes_the_page_no_wider(tmp_path, width):
    endless = "word" * 300
    trace = whole(label=endless, instruction=endless)
    with trace.step("perceive") as step:
        step.output(scene=scene(endless).model_copy(update={"caption": endless, "absent": (endless,)}))
    probe = "<script>document.body.dataset.over = document.documentElement.scrollWidth - innerWidth</script>"
    text = re.sub(r"<meta http-equiv[^>]*>", "", page(trace)).replace("</body>", probe + "</body>")
    (tmp_path / "probe.html").write_text(text, encoding="utf-8")
    assert 'data-over="0"' in browse(
        tmp_path / "probe.html", tmp_path, f"--window-size={width},900", "--hide-scrollbars"
    )


def browse(path, tmp_path, *more):
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    command = [CHROMIUM, *flags, *more, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


# ----------------------------------------------------------------------------------------------------------- words


def test_actions_are_told_in_words():
    move = MoveAction(targets=("cup_1",), to=Place(relation="by", x=-40, y=5))
    assert move.sentence() == "Move cup_1 by 40 px to the left and 5 px down"
    beside = MoveAction(targets=("cup_1", "cup_2"), to=Place(relation="between", anchors=("a", "b")))
    assert beside.sentence() == "Move cup_1 and cup_2 between a and b"
    assert Modify(targets=("cup_1",), change="colour dark red").sentence() == "Colour cup_1 dark red"


def test_lists_and_counts_are_told_in_words():
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([str(i) for i in range(9)]) == "0, 1, 2, 3, 4, 5 and 3 more"
    assert counted(1, "region") == "1 region"
    assert scene_words(scene()) == "2 objects: 2 × square"
    assert "\x1b" not in scene_words(scene("red\x1b[31m"))
