import json
import re
from difflib import SequenceMatcher
from itertools import combinations
from typing import get_args

import pytest
from llm_server import Fail, LLMServer, Say

from cielr.actions import Action, Plan
from cielr.cli.main import main
from cielr.errors import CielrError, LLMError
from cielr.evaluation.reason_bench import run_bench
from cielr.evaluation.reason_cases import ALL_GROUPS, GROUPS, PAINTED_GROUPS, load_cases, misfit
from cielr.reasoning.prompts import system_text

BENCH = load_cases()
CASES = {case.id: case for case in BENCH.cases}
CLAIMED = (*GROUPS[:5], *PAINTED_GROUPS)
"""Groups that the built-in reasoner claims as far as they are explicit."""
KINDS = {kind.model_fields["kind"].default for kind in get_args(get_args(Action)[0])}

# ---------------------------------------------------------------------------------------------------------- the cases


def test_there_are_enough_cases_in_every_group():
    assert len(BENCH.cases) >= 80
    assert len(CASES) == len(BENCH.cases)
    for group in ALL_GROUPS:
        assert sum(case.group == group for case in BENCH.cases) >= 8
    assert {case.group for case in BENCH.cases} == set(ALL_GROUPS)
    assert sum(case.group in PAINTED_GROUPS for case in BENCH.cases) >= 60


def test_the_cases_that_small_models_were_measured_on_are_still_those():
    """docs/measured.md has a table of 109: the nine groups that need no painter."""
    assert sum(case.group in GROUPS for case in BENCH.cases) == 109
    assert all(bool(case.do) != (case.group == "must ask") for case in BENCH.cases)


@pytest.mark.parametrize("case", BENCH.cases, ids=list(CASES))
def test_a_case_speaks_of_what_is_in_its_scene(case):
    scene = BENCH.scene(case.scene)
    there = {*scene.ids, *(thing.id for thing in BENCH.eyes(case.scene).hidden)}
    for step in case.do:
        assert set(step.kind.split("|")) <= KINDS
        for names in step.sets:
            assert names <= there
        there |= set(step.makes.split())
        assert (step.targets is None) == (step.kind in ("add", "background", "global"))


def test_no_two_instructions_are_alike():
    said = [re.sub(r"\W+", " ", case.instruction.lower()) for case in BENCH.cases]
    for one, other in combinations(said, 2):
        assert SequenceMatcher(None, one, other).ratio() < 0.9, (one, other)


def test_no_case_is_from_the_examples_of_the_prompt():
    examples = re.findall(r"<instruction>\n(.*?)\n</instruction>", system_text(), re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        for case in BENCH.cases:
            assert SequenceMatcher(None, example.lower(), case.instruction.lower()).ratio() < 0.75, (example, case)


# ------------------------------------------------------------------------------------------------------------ judging


def right_plan(case):
    """Actions as JSON that do what the case wants, as a model writes them (places in thousandths)."""
    actions = []
    for step in case.do:
        kind = step.kind.split("|")[0]
        action = {"kind": kind}
        if step.targets is not None:
            action["targets"] = sorted(step.sets[0])
        words = f"of {step.says.split('|')[0]}" if step.says else "something"
        field = {"replace": "with", "modify": "change", "add": "what", "background": "to", "global": "style"}.get(kind)
        if field:
            action[field] = words
        if kind == "resize":
            action["scale"] = 2 if step.scale.startswith("up") else 0.5
        if kind == "extract" and step.says:
            action["ground"] = step.says
        if kind == "turn":
            is_flip = step.turn in ("left_right", "upside_down")
            action |= {"flip": step.turn} if is_flip else {"degrees": float(step.turn)}
        if kind == "duplicate" and not step.to:
            action["to"] = {"relation": "by", "x": 50, "y": 0}
        if step.makes:
            action["makes"] = [step.makes]
        for name, place in (("to", step.to), ("where", step.where)):
            if place:
                action[name] = {"relation": place["relation"].split("|")[0]}
                if "anchors" in place:
                    action[name]["anchors"] = place["anchors"].split()
                else:
                    action[name] |= {axis: 1000 * sum(place[axis]) / 2 for axis in ("x", "y")}
        actions.append(action)
    return actions


def anchors(place):
    return place.get("anchors", "").split()


def as_plan(actions):
    """The same as a plan has it."""
    actions = json.loads(json.dumps(actions))
    for action in actions:
        for name in ("to", "where"):
            if isinstance(action.get(name), dict) and "x" in action[name]:
                action[name] |= {axis: action[name][axis] / 1000 for axis in ("x", "y")}
    return Plan.from_json(json.dumps({"actions": actions}))


DOING = [case for case in BENCH.cases if case.do]


@pytest.mark.parametrize("case", DOING, ids=[case.id for case in DOING])
def test_the_right_plan_is_right_and_any_change_of_it_is_not(case):
    right = right_plan(case)
    assert misfit(as_plan(right), case.do) == ""
    others = [
        name
        for name in BENCH.scene(case.scene).ids
        if not any(name in names for step in case.do for names in step.sets)
    ]
    for number, action in enumerate(right):
        assert misfit(as_plan(right[:number] + right[number + 1 :]), case.do)
        if "targets" in action:
            fewer, more = json.loads(json.dumps(right)), json.loads(json.dumps(right))
            if len(action["targets"]) > 1 and action["kind"] != "swap":
                fewer[number]["targets"].pop()
                assert misfit(as_plan(fewer), case.do)
            if action["kind"] != "swap":
                more[number]["targets"].append(others[0])
                assert misfit(as_plan(more), case.do)
    assert misfit(as_plan([*right, {"kind": "global", "style": "odd"}]), case.do)
    assert misfit(as_plan([*right, {"kind": "remove", "targets": [others[0]]}]), case.do)


def test_one_action_a_target_is_as_right_as_one_for_all():
    case = next(
        case for case in DOING if len(case.do) == 1 and case.do[0].kind == "remove" and len(case.do[0].sets[0]) > 2
    )
    split = [{"kind": "remove", "targets": [name]} for name in case.do[0].sets[0]]
    assert misfit(as_plan(split), case.do) == ""


def test_a_plan_where_a_question_is_due_is_wrong():
    case = next(case for case in BENCH.cases if not case.do)
    assert "asked" in misfit(Plan(), case.do)


# ------------------------------------------------------------------------------------------------------------ running


def oracle(wrong=()):
    """A model that knows all cases; the ones in `wrong` it gets wrong."""

    def answer(body):
        first = body["messages"][1]["content"]
        instruction = first.split("<instruction>\n")[1].split("\n</instruction>")[0]
        case = next(case for case in BENCH.cases if case.instruction == instruction)
        ids = body["format"]["$defs"]["id"]["enum"]
        wanted = {name for step in case.do for name in step.sets[0]}
        wanted |= {name for step in case.do for place in (step.to, step.where) if place for name in anchors(place)}
        if not case.do:
            turn = {"kind": "question", "question": "Which?", "choices": []}
        elif unseen := sorted(wanted - set(ids) - {step.makes for step in case.do}):
            things = {thing.id: thing.label for thing in BENCH.eyes(case.scene).hidden}
            labels = sorted({things[name] for name in unseen})
            turn = {"kind": "requests", "requests": [{"kind": "detect", "labels": labels, "within": None}]}
        else:
            turn = {"kind": "plan", "actions": right_plan(case), "summary": "."}
        if case.id in wrong:
            turn = {"kind": "plan", "actions": [{"kind": "global", "style": "wrong"}], "summary": "."}
        return Say(json.dumps({"reason": ".", "turn": turn}))

    return answer


def chat(server):
    pytest.importorskip("httpx")
    pytest.importorskip("ollama")
    from cielr.reasoning.chats.catalogue import chat_from
    from cielr.reasoning.chats.protocol import AnswerLimits

    return chat_from(f"ollama/tiny@{server.url}", limits=AnswerLimits(first=2, reading=0, gap=2, total=5), retries=0)


def test_a_model_that_knows_everything_scores_full_marks_and_is_kept_loaded_meanwhile(tmp_path):
    told = []
    with LLMServer([oracle()]) as server:
        report = run_bench(chat(server), tmp_path / "r.jsonl", on_result=lambda *what: told.append(what))
        assert server.unloaded == 1
    assert not [(result.case, result.detail) for result in report.results if result.outcome != "right"]
    assert [done for done, _, _ in told] == list(range(1, len(BENCH.cases) + 1))
    searched = next(result for result in report.results if result.rounds > 1)
    assert searched.prompt_tokens > 2000
    table = report.table()
    assert "must ask" in table
    assert table.splitlines()[-1].split()[:3] == ["all", str(len(BENCH.cases)), str(len(BENCH.cases))]


def test_mistakes_count_against_their_group(tmp_path):
    with LLMServer([oracle(wrong=("order-01", "must-ask-02"))]) as server:
        report = run_bench(chat(server), groups=("order", "must ask"))
    wrong = {result.case: result.detail for result in report.results if result.outcome == "wrong"}
    assert set(wrong) == {"order-01", "must-ask-02"}
    assert "asked" in wrong["must-ask-02"]
    count = sum(case.group == "order" for case in BENCH.cases)
    assert next(row for row in report.rows() if row[0] == "order")[1:4] == (str(count), str(count - 1), "1")


def test_a_run_is_resumed_where_it_ended(tmp_path):
    folder = tmp_path / "run"
    with LLMServer([oracle()]) as server:
        whole = run_bench(chat(server), folder, groups=("order",))
        calls = len(server.chats)
        again = run_bench(chat(server), folder, groups=("order",))
        assert [result.outcome for result in again.results] == [result.outcome for result in whole.results]
        assert [result.prompt_tokens for result in again.results] == [one.prompt_tokens for one in whole.results]
        assert len(server.chats) == calls
        # a kill in the middle of the last line
        results = folder / "results.jsonl"
        unbroken = results.read_bytes()
        results.write_bytes(unbroken[:-40])
        run_bench(chat(server), folder, groups=("order",))
        assert len(server.chats) == calls + 1
        assert results.read_bytes() == unbroken


def test_other_prompts_another_model_or_other_cases_do_not_mix_with_old_results(tmp_path, monkeypatch):
    run_bench(None, tmp_path, groups=("label",))
    with pytest.raises(CielrError, match="begun with other settings"):
        run_bench(None, tmp_path, groups=("order",))
    with LLMServer([oracle()]) as server:
        with pytest.raises(CielrError, match="llm was 'builtin'"):
            run_bench(chat(server), tmp_path, groups=("label",))
        run_bench(chat(server), tmp_path / "other", groups=("label",))
        monkeypatch.setattr("cielr.evaluation.reason_bench._prompts", lambda prompt: "other words")
        with pytest.raises(CielrError, match="prompts was"):
            run_bench(chat(server), tmp_path / "other", groups=("label",))


def test_a_server_that_fails_again_and_again_ends_the_run_and_the_rest_can_be_resumed(tmp_path):
    with LLMServer([Fail(500, "{}")]) as server:
        with pytest.raises(LLMError, match="500"):
            run_bench(chat(server), tmp_path, groups=("label",))
        assert len(server.chats) == 3
        assert not (tmp_path / "results.jsonl").exists()
        server.script = [oracle()]
        report = run_bench(chat(server), tmp_path, groups=("label",))
        assert {result.outcome for result in report.results} == {"right"}


def test_a_run_over_cases_has_a_page_as_every_run_has(tmp_path, capsys):
    assert main(["bench", "reason", "--group", "function", "--group", "chains", "-o", str(tmp_path)]) == 0
    assert main(["bench", "report", str(tmp_path)]) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "replace the goat with a brown pony" in page
    assert "function" in page
    table = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert re.search(r"\| chains \| 17 \| 100 %", table)
    assert re.search(r"\| all \| 29 \| 59 % \(", table)


def test_useless_answers_are_no_failures_of_the_server(tmp_path):
    with LLMServer([Say("I am a teapot.")]) as server:
        report = run_bench(chat(server), groups=("attribute",))
    assert {result.outcome for result in report.results} == {"unusable"}


def test_a_group_that_does_not_exist_is_refused():
    with pytest.raises(CielrError, match="no group of cases 'orders'"):
        run_bench(None, groups=("orders",))


def test_records_and_cases_that_do_not_read_are_refused(tmp_path):
    (tmp_path / "run").mkdir()
    run_bench(None, tmp_path / "run", groups=("label",))
    (tmp_path / "run" / "results.jsonl").write_text("nonsense\n{}\n\n")
    with pytest.raises(CielrError, match="Line 1"):
        run_bench(None, tmp_path / "run", groups=("label",))
    broken = tmp_path / "x.jsonl"
    for text in ("", "{}", '{"scenes": {}, "cases": []}', '{"scenes": {"a": {}}, "cases": [{"id": "1"}]}'):
        broken.write_text(text)
        with pytest.raises(CielrError):
            load_cases(broken)
    with pytest.raises(CielrError, match="cannot be read"):
        load_cases(tmp_path / "none.json")


# ------------------------------------------------------------------------------------------------ the built-in reasoner


def test_the_built_in_reasoner_is_perfect_where_it_claims_to_be_and_never_guesses():
    report = run_bench(None)
    outcomes = {result.case: result for result in report.results}
    assert not [result for result in report.results if result.outcome == "wrong"]
    missed = [
        (CASES[name].instruction, result.detail)
        for name, result in outcomes.items()
        if CASES[name].group in CLAIMED and CASES[name].explicit and result.outcome != "right"
    ]
    assert not missed
    assert {result.outcome for result in report.results if result.group == "must ask"} == {"right"}
