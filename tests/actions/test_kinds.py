"""A kind of action is one file: what is made from it follows, and a new one is seen everywhere."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from things import boxed, scene_with

from cielr.actions import (
    KINDS,
    Duplicate,
    Extract,
    Modify,
    Move,
    Place,
    Plan,
    Remove,
    Replace,
    Resize,
    Swap,
    Turn,
)
from cielr.actions.form import form_of
from cielr.core.scene import Scene
from cielr.errors import PlanError

ROOT = Path(__file__).resolve().parents[2]

FROST = '''
"""Frost: cover the targets with ice crystals."""

from typing import Literal

from ..core.scene import Scene
from ..core.things import mask_of
from .action import TargetedAction, form_field
from .draft import Draft


class Frost(TargetedAction):
    """Cover the targets with ice crystals."""

    words = {"en": "Frost {targets} {thickness} mm thick"}
    guide = '"targets", "thickness" in millimetres. Covers them with ice.'
    tint = "#00ffff"
    support_words = "the thing"
    softness_words = "none"
    told_words = "ice"

    kind: Literal["frost"] = "frost"
    thickness: float = form_field("thickness", "thickness", "In millimetres.", "2", gt=0)

    def drafts(self, scene: Scene) -> list[Draft]:
        return [Draft(mask_of(scene, self.targets), f"ice, {self.thickness:g} mm thick")]
'''

SEEN = """
import json
import numpy as np
from cielr.actions import KINDS, Plan
from cielr.actions.form import form_of
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.editing.executor import execute
from cielr.reasoning.prompts import system_text
from cielr.reasoning.turn_schema import turn_schema
from cielr.reasoning.turns import parse_turn
from cielr.region import regions, seeded
from cielr.telling.wording import plan_words
from make_action_tables import front_end, node_lists, recipes

mask = Mask.from_box(Box(10, 10, 30, 30), 40, 40)
scene = Scene(width=40, height=40, objects=(SceneObject(id="cup_1", label="cup", box=mask.box, mask=mask),))
action = {"kind": "frost", "targets": ["cup_1"], "thickness": 2}
said = {"reason": "", "turn": {"kind": "plan", "actions": [action], "summary": ""}}
plan = parse_turn(json.dumps(said), scene).plan
assert Plan.from_json(plan.to_json()) == plan
plan.check(scene)
assert plan_words(plan) == ["1. Frost cup_1 2 mm thick."]
assert '"frost"' in json.dumps(turn_schema(scene))
assert '- frost: "targets", "thickness" in millimetres.' in system_text()
assert [(field.name, field.type) for field in form_of(KINDS["frost"])] == [("targets", "ids"), ("thickness", "number")]
assert '"frost"' in front_end() and '"frost"' in node_lists()
assert "| frost | the thing |" in recipes(open("docs/recipes.md").read())

class Ice:
    def inpaint(self, image, mask, prompt, *rest):
        assert prompt == "ice, 2 mm thick"
        return np.full_like(image, 255)

before = np.zeros((40, 40, 3), np.uint8)
after = execute(before, seeded(regions(plan, scene), 0), Ice(), colour_match=False)
assert (after[mask.to_array()] == 255).all() and (after[~mask.to_array()] == 0).all()
print("seen everywhere")
"""


def scene(*names: str) -> Scene:
    return scene_with(*(boxed(name, (10 + 30 * k, 10, 30 + 30 * k, 30), 200, 60) for k, name in enumerate(names)))


def test_a_new_kind_is_one_file_and_its_line_in_the_registry(tmp_path):
    for folder in ("cielr", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "recipes.md", tmp_path / "docs")
    actions = tmp_path / "cielr" / "actions"
    (actions / "frost.py").write_text(FROST, encoding="utf-8")
    registry = (actions / "kinds.py").read_text(encoding="utf-8")
    registry = registry.replace("from .modify", "from .frost import Frost\nfrom .modify").replace(
        "    Remove |", "    Frost | Remove |"
    )
    (actions / "kinds.py").write_text(registry, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", SEEN],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{tmp_path / 'scripts'}", "PATH": ""},
    )
    assert ran.stdout == "seen everywhere\n", ran.stderr


def test_what_is_made_from_the_kinds_is_in_step_with_them():
    spec = importlib.util.spec_from_file_location("make_action_tables", ROOT / "scripts" / "make_action_tables.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    stale = [path.name for path, text in tables.made().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "python scripts/make_action_tables.py"


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kind_says_all_that_forms_prompts_and_pages_need(kind):
    assert kind.words["en"].strip()
    assert kind.words["zh"].strip()
    names = {field.name for field in form_of(kind)}
    for words in kind.words.values():
        spoken = {part.split("}")[0] for part in words.split("{")[1:]}
        assert spoken <= names
    assert kind.guide.endswith(".")
    assert kind.tint.startswith("#")
    assert all((kind.support_words, kind.softness_words, kind.told_words))


def test_the_sentence_follows_what_is_set():
    def said(**fields):
        return Turn(targets=("cup_1",), **fields).sentence()

    assert said(degrees=90) == "Turn cup_1 by 90°"
    assert said(flip="left_right") == "Mirror cup_1 left right"
    assert said(flip="upside_down", degrees=30) == "Mirror cup_1 upside down and turn by 30°"


@pytest.mark.parametrize(
    ("kind", "field"),
    [("modify", "change"), ("replace", "with"), ("background", "to"), ("global", "style"), ("add", "what")],
)
@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_words_that_say_nothing_are_refused_in_a_sentence(kind, field, blank):
    whole = {"targets": ["cup_1"], "where": {"relation": "at", "x": 0.5, "y": 0.5}}
    names = {one.name for one in form_of(KINDS[kind])}
    action = {name: value for name, value in whole.items() if name in names} | {"kind": kind, field: blank}
    with pytest.raises(PlanError, match=f"{field}: is empty"):
        Plan.from_json(json.dumps({"actions": [action]}))


# ----------------------------------------------------------------------------------- actions that build on one another


def test_what_an_action_makes_can_be_meant_by_later_ones():
    plan = Plan.from_json(
        """{"actions": [
            {"kind": "replace", "targets": ["sheep_1"], "with": "a brown goat with horns"},
            {"kind": "add", "what": "a bell", "where": {"relation": "on", "anchors": ["goat_1"]}},
            {"kind": "modify", "targets": ["bell_1"], "change": "golden", "keep": ["goat_1"]}]}"""
    )
    plan.check(scene("sheep_1"))


def test_an_id_that_does_not_exist_yet_or_any_more_is_named_with_its_action():
    sheep = scene("sheep_1")
    goat = Replace(targets=("sheep_1",), with_="a goat")
    with pytest.raises(PlanError, match=r"Action 1 \(modify\) targets 'goat_1', which only action 2 makes\."):
        Plan(actions=(Modify(targets=("goat_1",), change="golden"), goat)).check(sheep)
    with pytest.raises(PlanError, match=r"Action 2 \(resize\) targets 'sheep_1', which action 1 takes away\."):
        Plan(actions=(goat, Resize(targets=("sheep_1",), scale=2))).check(sheep)


def test_made_things_may_be_named_but_not_twice_and_not_too_few():
    two = scene("sheep_1", "sheep_2")
    named = Replace(targets=("sheep_1", "sheep_2"), with_="a goat", makes=("billy_1", "nanny_1"))
    after = named.after(two)
    assert set(after.ids) == {"billy_1", "nanny_1"}
    Plan(actions=(named, Remove(targets=("nanny_1",)))).check(two)
    for makes in (("billy_1",), ("sheep_1", "goat_1")):
        with pytest.raises(PlanError, match="Action 1"):
            Plan(actions=(named.model_copy(update={"makes": makes}),)).check(two)


def test_names_of_made_things_change_no_seed():
    plain = Replace(targets=("cup_1",), with_="a jug")
    assert plain.content() == plain.model_copy(update={"makes": ("jug_7",), "reason": "why"}).content()


def test_what_follows_an_outline_is_refused_where_only_a_box_is_known():
    known = scene("cup_1", "tree_1")
    cup = known["cup_1"].model_copy(update={"box_only": True})
    known = known.model_copy(update={"objects": (cup, known["tree_1"])})
    for action in (
        Remove(targets=("cup_1",)),
        Resize(targets=("cup_1",), scale=2),
        Turn(targets=("cup_1",), degrees=9),
        Move(targets=("cup_1",), to=Place(relation="by", x=9)),
        Swap(targets=("tree_1", "cup_1")),
        Duplicate(targets=("cup_1",), to=Place(relation="by", x=9)),
        Extract(targets=("cup_1",)),
    ):
        with pytest.raises(PlanError, match="'cup_1', of which only a box is known"):
            Plan(actions=(action,)).check(known)
    with pytest.raises(PlanError, match=r"^Action 2 \(remove\) follows the outline of 'cup_1'"):
        Plan(actions=(Remove(targets=("tree_1",)), Remove(targets=("cup_1",)))).check(known)
    Plan(actions=(Replace(targets=("cup_1",), with_="a jug"), Remove(targets=("tree_1",)))).check(known)
