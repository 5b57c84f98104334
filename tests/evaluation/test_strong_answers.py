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

from cielr.errors import LLMError
from cielr.evaluation.reason_bench import GROUPS, Bench, load_cases, run_bench
from cielr.reasoning.chats.recording import ReplayChat

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
    assert sum(result.rounds for result in report.results) == len(LINES) > len(CASES)


def test_another_instruction_is_not_on_record():
    other = tuple(case for case in BENCH.cases if case not in CASES)[:3]
    with pytest.raises(LLMError, match="holds no answer"):
        run_bench(ReplayChat(RECORD, any_rules=True), cases=Bench(BENCH.scenes, other), prompt="full")
