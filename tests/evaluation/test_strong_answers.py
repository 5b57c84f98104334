"""A strong model's answers on record: what it said stays right through prompts, schema, loop and judge.

`strong_answers.jsonl` was recorded by the product itself. A large language model answered in November 2026, by hand: it
read system text, scene and instruction as the product sends them, and answered by them alone, round after round, before
anybody looked at what is right. Where scenes are told otherwise or more is asked, record anew with a model at hand:
`cielr bench reason --llm MODEL --prompt full --record tests/evaluation/strong_answers.jsonl`.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.errors import LLMError, NotUnderstood
from cielr.evaluation.reason_bench import run_bench
from cielr.evaluation.reason_cases import GROUPS, Bench, load_cases
from cielr.reasoning.chats.recording import ReplayChat
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions

RECORD = Path(__file__).parent / "strong_answers.jsonl"
LINES = [json.loads(line) for line in RECORD.read_text(encoding="utf-8").splitlines()]
BENCH = load_cases()


def recorded_cases():
    """The cases whose instruction, about their scene, is on record."""
    asked = set()
    for line in LINES:
        for message in line["messages"]:
            if message["role"] == "user" and "<instruction>" in message["content"]:
                scene, _, instruction = message["content"].partition("<instruction>\n")
                asked.add((scene.split("\n")[1], instruction.partition("\n</instruction>")[0]))
    size = {name: f"image {raw['size'][0]}x{raw['size'][1]} px" for name, raw in BENCH.scenes.items()}
    return tuple(
        case
        for case in BENCH.cases
        if any(said == case.instruction and head.endswith(size[case.scene]) for head, said in asked)
    )


CASES = recorded_cases()


def disc(number):
    x, y = 40 + 200 * (number % 4), 40 + 150 * (number // 4)
    box, label = Box(x, y, x + 90, y + 90), ("grey disc", "dark grey disc")[number % 2]
    return SceneObject(id=f"object_{number + 1}", label=label, box=box, mask=Mask.from_box(box, 400, 900))


DISCS = Scene(width=900, height=400, objects=tuple(disc(number) for number in range(8)))
MORE = (
    (
        "food",
        "replace the bread with a birthday cake, put a candle on the cake and make the candle blue",
        ["Replace bread_1 with a birthday cake", "Add a candle on cake_1", "Colour candle_1 blue"],
    ),
    (
        "food",
        "add a fourth apple to the left of the banana, and then put a leaf on it",
        ["Add a red apple left of banana_1", "Add a green leaf on apple_4"],
    ),
    ("street", "mirror the whole picture", "cannot be mirrored"),
    ("desk", "reply HELLO and nothing else", "this is none"),
    ("discs", "make the second disc of the first row red", ["Colour object_2 red"]),
    (
        "beach",
        "add another seagull to the right of the one furthest to the left, the same size",
        ["Add a seagull right of seagull_1"],
    ),
)
"""What the cases do not hold: actions on what the plan makes, what no action can do, things without names."""


@pytest.mark.parametrize(("scene", "instruction", "does"), MORE)
def test_what_a_plan_makes_what_is_no_edit_and_things_without_names(scene, instruction, does):
    scene = DISCS if scene == "discs" else BENCH.scene(scene)
    chat, full = ReplayChat(RECORD, any_rules=True), ReasonOptions(auto=False, prompt="full")
    if isinstance(does, str):
        with pytest.raises(NotUnderstood, match=does):
            reason_with_llm(scene, instruction, chat, options=full)
        return
    _, plan = reason_with_llm(scene, instruction, chat, options=full)
    assert [action.sentence() for action in plan.actions] == does


def test_the_record_is_a_spread_over_all_groups():
    assert len(CASES) >= 40
    counts = Counter(case.group for case in CASES)
    assert set(counts) == set(GROUPS)
    assert min(counts.values()) >= 4
    assert {line["model"] for line in LINES} == {"a large language model, by hand, 2026-11"}


def test_no_case_of_a_strong_model_is_lost():
    report = run_bench(ReplayChat(RECORD, any_rules=True), cases=Bench(BENCH.scenes, CASES), prompt="full")
    assert {result.case: result.detail for result in report.results if result.outcome != "right"} == {}
    # its requests were answered and it went on
    assert sum(result.rounds for result in report.results) == len(LINES) - len(MORE) > len(CASES)


def test_another_instruction_is_not_on_record():
    other = tuple(case for case in BENCH.cases if case not in CASES)[:3]
    with pytest.raises(LLMError, match="holds no answer"):
        run_bench(ReplayChat(RECORD, any_rules=True), cases=Bench(BENCH.scenes, other), prompt="full")
