"""Scenes and plans as files from strangers: each is read or refused in a sentence, in bounded memory and time."""

import json

import numpy as np
import pytest
from fuzz_help import TRIES, bounded_memory, generator, mutated, tried  # noqa: F401

from cielr.actions.plan import Plan
from cielr.cli import main as cli
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject

VALUES = [
    *(None, True, False, 0, 1, -1, 2**31, 2**32, 2**63, 2**64, 10**400, 0.5, 1e300, float("nan"), float("inf")),
    *("", " ", "0", "-1", "0 5 3", "\ud800", "\x1b[31m", "\u202e", "a" * 10_000, "1 " * 1000, "９", "1_0"),
    *([], {}, [[]], [0], {"": None}, [[[[[]]]]]),
]


def scene() -> dict:
    things = []
    for number, (x, y) in enumerate([(5, 5), (40, 8), (20, 30)], start=1):
        mask = Mask.from_box(Box(x, y, x + 12, y + 10), 60, 80)
        things.append(
            SceneObject(id=f"cup_{number}", label="cup", box=mask.box, mask=mask, attributes={"colour": "red"})
        )
    return json.loads(Scene(width=80, height=60, objects=tuple(things), caption="cups").to_json())


def plan() -> dict:
    return {
        "actions": [
            {"kind": "remove", "targets": ["cup_1"]},
            {"kind": "move", "targets": ["cup_2"], "to": {"relation": "by", "x": 5, "y": 0}},
            {"kind": "modify", "targets": ["cup_3"], "change": "colour blue"},
        ],
        "summary": "three things",
    }


def spoiled(value, rng: np.random.Generator):
    """The value with one of its parts, anywhere in it, replaced, dropped or doubled."""
    value = json.loads(json.dumps(value))
    place, depth = value, 0
    while depth < 8:
        keys = list(place) if isinstance(place, dict) else range(len(place)) if isinstance(place, list) else []
        if not len(keys):
            return value
        key = keys[int(rng.integers(0, len(keys)))]
        inner = place[key]
        if isinstance(inner, (dict, list)) and len(inner) and rng.random() < 0.75:
            place, depth = inner, depth + 1
            continue
        kind = rng.integers(0, 4)
        if kind == 0:
            del place[key]
        elif kind == 1 and isinstance(place, list):
            place.append(inner)
        elif kind == 2 and isinstance(place, dict):
            place[f"{key}x"] = inner
        else:
            place[key] = VALUES[int(rng.integers(0, len(VALUES)))]
        return value
    return value


@pytest.mark.parametrize("kind", [Scene, Plan])
def test_spoiled_values_are_read_or_refused(kind, tmp_path):
    rng, whole = generator(2), scene() if kind is Scene else plan()
    read = 0
    for _ in range(1500 * TRIES):
        value = whole
        for _ in range(int(rng.integers(1, 4))):
            value = spoiled(value, rng)
        made = tried(kind.from_json, json.dumps(value))
        if made is not None:
            read += 1
            assert kind.from_json(made.to_json()) == made
    assert read > 20


@pytest.mark.parametrize("kind", [Scene, Plan])
def test_broken_texts_are_read_or_refused(kind, tmp_path):
    rng, data = generator(3), json.dumps(scene() if kind is Scene else plan()).encode()
    for _ in range(600 * TRIES):
        (tmp_path / "a.json").write_bytes(mutated(data, rng))
        tried(kind.load, tmp_path / "a.json")
    for text in ("[" * 200_000, '{"a":' * 50_000, "9" * 10_000, "\ufeff", "\0", "NaN", '{"width": 1e999}', "", "{" * 9):
        (tmp_path / "a.json").write_text(text)
        assert tried(kind.load, tmp_path / "a.json") is None


def test_a_spoiled_scene_on_the_command_line_is_planned_or_refused(tmp_path, capsys):
    rng = generator(4)
    sentences = ("remove the largest cup", "move the leftmost cup right by 5 px", "make every red cup twice as large")
    for _ in range(150 * TRIES):
        (tmp_path / "a.json").write_text(json.dumps(spoiled(scene(), rng)))
        sentence = sentences[int(rng.integers(0, len(sentences)))]
        code = cli.main(["plan", str(tmp_path / "a.json"), sentence])
        said = capsys.readouterr()
        assert code in (0, 3, 4, 5), said.err
        assert all(sign.isprintable() or sign == "\n" for sign in said.out + said.err)


def test_scenes_of_large_pictures_take_little_memory(tmp_path):
    from cielr.reasoning.grammar.reader import plan_explicit
    from cielr.region import regions

    width, height = 10_000, 9_999
    runs = {"height": height, "width": width, "runs": f"0 {width * height}"}
    thing = {"id": "cup_1", "label": "cup", "box": {"x0": 0, "y0": 0, "x1": width, "y1": height}, "mask": runs}
    seen = Scene.from_json(json.dumps({"width": width, "height": height, "objects": [thing]}))
    for sentence in ("remove the cup", "make the cup red"):
        made = plan_explicit(seen, sentence)
        assert regions(made.plan if hasattr(made, "plan") else made, seen)
