"""Runs: what is killed goes on, what is broken is recorded, what is changed is refused; and the report on them."""

import json
import signal
import subprocess
import time
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from cli_help import command as cielr_command
from cli_help import environment
from rendered import small_set

from cielr.core.journal import file_stem
from cielr.errors import CielrError, LLMError
from cielr.evaluation.datasets import read_dataset
from cielr.evaluation.report import statistics, tables
from cielr.evaluation.report.page import write_report
from cielr.evaluation.runs import Ledger, Line, Models, run_benchmark
from cielr.evaluation.runs.ledger import read_lines
from cielr.evaluation.runs.run import run_settings


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return small_set(tmp_path_factory.mktemp("scenes") / "set", 8)


def kept(folder):
    """What must be equal between equal runs."""
    files = [folder / "results.jsonl", folder / "run.json", *sorted(folder.glob("pictures/*"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def command(dataset, out, *more):
    return cielr_command("bench", "run", "-d", dataset.root, "-o", out, "--scenes", "given", *more)


# --------------------------------------------------------------------------------------------------------------- runs


def test_a_run_with_attempts_looks_at_every_action_and_reports_it(dataset, tmp_path):
    once, often = (run_settings(dataset, "edit", "given", attempts=attempts) for attempts in (1, 3))
    lines = run_benchmark(dataset, tmp_path / "often", often, Models(attempts=3))
    done = [line for line in lines if line.outcome == "done" and line.picture]
    assert done
    for line in done:
        assert 0 <= line.scores["checks"] <= 1
        assert 1 <= line.scores["attempts"] <= 3
        assert line.scores["changed outside regions"] == 0
    run = tables.read_run(tmp_path / "often")
    assert {"Checks passed", "Attempts an action"} <= set(tables.group_table(run)[0])
    write_report(run, dataset)
    assert "attempts: 3" in (tmp_path / "often" / "report.html").read_text(encoding="utf-8")
    assert not any("checks" in line.scores for line in run_benchmark(dataset, tmp_path / "once", once))
    with pytest.raises(CielrError, match="attempts was 3 and is 1 now"):
        run_benchmark(dataset, tmp_path / "often", once)


def test_attempts_are_taken_from_the_command_line(dataset, tmp_path):
    out = tmp_path / "run"
    words = command(dataset, out, "--attempts", "2", "--limit", "2")
    subprocess.run(words, env=environment(), check=True, capture_output=True)
    settings = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (settings["attempts"], settings["auto"]) == (2, False)


def test_a_run_scores_every_case_and_a_second_one_is_equal(dataset, tmp_path):
    settings = run_settings(dataset, "edit", "given")
    lines = run_benchmark(dataset, tmp_path / "a", settings)
    assert [line.case for line in lines] == [case.id for case in dataset.cases]
    edited = [line for line in lines if line.outcome == "done" and line.picture]
    assert edited
    for line in edited:
        assert line.scores["changed outside regions"] == 0
        assert line.right
        case = dataset[line.case]
        if case.truth and case.kinds == ("remove",):
            # nearer to the truth than the untouched picture is
            assert line.scores["psnr inside"] > line.idle["psnr inside"]
    run_benchmark(dataset, tmp_path / "b", settings)
    assert kept(tmp_path / "a") == kept(tmp_path / "b")
    assert run_benchmark(dataset, tmp_path / "a", settings) == lines


def test_a_run_that_is_killed_goes_on_and_ends_as_an_unbroken_one_does(dataset, tmp_path):
    run_benchmark(dataset, tmp_path / "whole", run_settings(dataset, "edit", "given"))
    rng = np.random.default_rng(1)
    broken = tmp_path / "broken"
    kills = 0
    for wanted in (1, 4):
        process = subprocess.Popen(
            command(dataset, broken), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and len(read_lines(broken / "results.jsonl")) < wanted:
            time.sleep(0.01)
        time.sleep(float(rng.uniform(0, 0.2)))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        # the worst moment: half a line on the disk, half a picture beside it
        with (broken / "results.jsonl").open("ab") as file:
            file.write(b'{"case":"scene_00')
        (broken / "pictures").mkdir(exist_ok=True)
        (broken / "pictures" / ".x.png.0a0b.part").write_bytes(b"half")
    subprocess.run(command(dataset, broken), env=environment(), check=True, capture_output=True)
    assert kills
    assert kept(broken) == kept(tmp_path / "whole")


def test_changed_settings_are_refused_by_name(dataset, tmp_path):
    run_benchmark(dataset, tmp_path / "run", run_settings(dataset, "reason"))
    with pytest.raises(CielrError, match="seed was 0 and is 1 now"):
        run_benchmark(dataset, tmp_path / "run", run_settings(dataset, "reason", seed=1))
    with pytest.raises(CielrError, match="stage was 'reason' and is 'region' now"):
        run_benchmark(dataset, tmp_path / "run", run_settings(dataset, "region"))
    fewer = replace(dataset, cases=dataset.cases[:3])
    with pytest.raises(CielrError, match="fingerprint"):
        run_benchmark(fewer, tmp_path / "run", run_settings(fewer, "reason"))


def test_two_processes_do_not_write_to_one_run(dataset, tmp_path):
    settings = run_settings(dataset, "reason")
    with Ledger(tmp_path, settings).opened(), pytest.raises(CielrError, match="Another process"):
        run_benchmark(dataset, tmp_path, settings)


class Moody:
    """A parser that breaks on some pictures in a way that nobody foresaw."""

    def __init__(self):
        self.looks = 0

    def parse(self, image, labels=None, on_step=None):
        from cielr.perception.builtin.parser import BuiltinParser

        self.looks += 1
        if self.looks == 2:
            raise ZeroDivisionError("no such luck")
        return BuiltinParser().parse(image, labels)

    def perception(self, image):
        raise AssertionError("nobody asks")


def test_a_broken_case_is_recorded_and_does_not_stop_the_run(dataset, tmp_path):
    dataset = replace(dataset, cases=dataset.cases[:3])
    lines = run_benchmark(dataset, tmp_path, run_settings(dataset, "perceive"), Models(parser=Moody()))
    assert [line.outcome for line in lines] == ["done", "failed", "done"]
    assert "ZeroDivisionError: no such luck" in lines[1].detail
    assert 0 <= lines[0].scores["recall"] <= 1


class Silent:
    name = "ollama/silent"

    def sees(self, cancelled=None):
        return False

    def complete(self, *args, **more):
        raise LLMError("The server does not answer.")

    def release(self):
        pass


def test_a_server_that_is_gone_ends_the_run_and_the_sentence_says_how_to_go_on(dataset, tmp_path):
    settings = run_settings(dataset, "reason", llm="ollama/silent")
    with pytest.raises(CielrError, match=r"does not answer.*goes on"):
        run_benchmark(dataset, tmp_path, settings, Models(chat=Silent()))
    assert len(read_lines(tmp_path / "results.jsonl")) == 5


def test_cases_without_a_picture_are_recorded_as_such(tmp_path):
    item = {"img_path": "1.jpg", "new_ins": "delete the cat", "edit pair": [{"edit_type": "delete object"}]}
    path = tmp_path / "set" / "two-chain" / "final_update_v2.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"1": item}))
    dataset = read_dataset(tmp_path / "set")
    (line,) = run_benchmark(dataset, tmp_path / "run", run_settings(dataset, "reason"))
    assert (line.outcome, line.right) == ("no picture", None)


def test_true_scenes_cannot_be_given_where_there_are_none(tmp_path):
    from PIL import Image

    Image.new("RGB", (32, 32), "red").save(tmp_path / "a.png")
    (tmp_path / "manifest.jsonl").write_text('{"image": "a.png", "instruction": "remove the cup"}\n')
    dataset = read_dataset(tmp_path)
    assert run_settings(dataset, "edit").scenes == run_settings(dataset, "reason").scenes == "perceived"
    with pytest.raises(CielrError, match="manifest has none"):
        run_settings(dataset, "reason", "given")
    with pytest.raises(CielrError, match="looking is what is measured"):
        run_settings(dataset, "perceive", "given")


def test_true_scenes_are_given_unless_eyes_are_named(dataset):
    chosen = {
        (stage, eyes): run_settings(dataset, stage, perception=eyes).scenes
        for stage in ("perceive", "reason", "edit")
        for eyes in ("builtin", "owl")
    }
    assert chosen == {
        ("perceive", "builtin"): "perceived",
        ("perceive", "owl"): "perceived",
        ("reason", "builtin"): "given",
        ("reason", "owl"): "given",
        ("edit", "builtin"): "given",
        ("edit", "owl"): "perceived",
    }


def test_ids_that_would_share_a_file_do_not():
    assert file_stem("scene_1-2") == "scene_1-2"
    assert len({file_stem(name) for name in ("a/b", "a_b", "a b", "a/../b")}) == 4
    assert "/" not in file_stem("../x")


# ---------------------------------------------------------------------------------------------------------- statistics


def test_infinite_values_are_counted_and_kept_out_of_the_mean():
    values = statistics.summary([10.0, 20.0, inf, inf])
    assert (values.mean, values.infinite, values.count, values.median) == (15, 2, 4, inf)
    assert statistics.summary([]).count == 0
    only = statistics.summary([inf])
    assert only.mean == inf
    assert only.low != only.low


def test_the_interval_holds_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        low, high = statistics.interval(rng.exponential(1.0, 40))
        held += low <= 1.0 <= high
    # 95 % are meant; the percentile bootstrap of 40 skewed values holds a little less
    assert 0.86 <= held / 200 <= 0.98


def test_mcnemar_is_the_binomial():
    assert statistics.mcnemar(0, 0) == 1
    assert statistics.mcnemar(6, 0) == pytest.approx(2 / 64)
    assert statistics.mcnemar(5, 1) == pytest.approx(2 * 7 / 64)


def test_sign_flips_agree_with_the_count_of_all_flips():
    difference = np.array([0.3, 0.5, 0.4, -0.1, 0.6])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    exact = (np.abs(signs @ difference) >= difference.sum() - 1e-9).mean()
    assert statistics.sign_flips(difference) == pytest.approx(exact, abs=0.02)
    assert statistics.sign_flips(np.zeros(4)) == 1


def test_pairs_are_of_the_same_case_and_finite():
    result = statistics.paired({"a": 1.0, "b": 2.0, "c": inf}, {"b": 2.5, "a": 1.5, "c": 1.0, "d": 9.0})
    assert (result.count, result.difference) == (2, 0.5)
    empty = statistics.paired({"a": 1.0}, {"b": 1.0})
    assert empty.count == 0
    assert empty.p != empty.p


# -------------------------------------------------------------------------------------------------------------- report


def line(case, right=True, **scores):
    return Line(case=case, group="g", outcome="done", right=right, scores=scores, idle={"psnr": "inf"})


def test_a_table_has_groups_the_untouched_picture_and_published_rows(dataset, tmp_path):
    settings = run_settings(dataset, "edit", "given").model_copy(update={"dataset": "Reason-Edit"})
    lines = (line("a", psnr=30.0), line("b", False, psnr="inf"))
    table = tables.group_table(tables.Run(Path("x"), settings, lines, {}))
    assert table[0][2:] == ["Plan right", "PSNR outside"]
    rows = {row[0]: row for row in table}
    assert rows["all"][2].startswith("50 %")
    assert "1 infinite" in rows["all"][3]
    assert rows["no edit"][3] == "all 2 infinite"
    assert rows["SmartEdit-13B (6-Reasoning)"][3] == "25.757"
    assert tables.markdown(table).count("\n") == len(table) + 1
    assert tables.csv_text(table).splitlines()[0] == ",cases,Plan right,PSNR outside"


def test_the_worst_cases_come_first():
    broken = Line(case="broken", group="g", outcome="failed", right=False)
    lines = [line("near", **{"psnr inside": 40.0}), line("far", **{"psnr inside": 12.0}), line("wrong", False), broken]
    assert [one.case for one in tables.worst_first(lines)] == ["broken", "wrong", "far", "near"]


def test_a_report_is_one_page_with_pictures_and_compares_two_runs(dataset, tmp_path):
    for name, scene_source in (("given", "given"), ("seen", "perceived")):
        run_benchmark(dataset, tmp_path / name, run_settings(dataset, "edit", scene_source))
    first, second = (tables.read_run(tmp_path / name) for name in ("given", "seen"))
    path = write_report(first, dataset, against=second)
    page = path.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") >= len(dataset.cases)
    for words in ("no edit", "case by case", "Plan right", "Pixels changed outside regions", "LPIPS outside"):
        assert words in page
    assert "http" not in page.replace("https://www.w3.org", "")
    assert dataset.cases[0].instruction in page
    assert "| all |" in (tmp_path / "given" / "report.md").read_text(encoding="utf-8")
    other = replace(dataset, cases=dataset.cases[:2])
    run_benchmark(other, tmp_path / "few", run_settings(other, "reason"))
    with pytest.raises(CielrError, match="other cases"):
        tables.comparison_table(first, tables.read_run(tmp_path / "few"))


def test_instructions_are_told_as_text_and_never_as_markup(dataset, tmp_path):
    evil = dataset.cases[0].model_copy(update={"instruction": "<script>alert(1)</script>"})
    dataset = replace(dataset, cases=(evil,))
    run_benchmark(dataset, tmp_path, run_settings(dataset, "reason"))
    assert "<script>" not in write_report(tables.read_run(tmp_path), dataset).read_text(encoding="utf-8")


def test_numbers_are_shown_as_their_columns_are():
    assert tables.number("right", 0.5) == "50 %"
    assert tables.number("psnr", inf) == "infinite"
    assert tables.number("psnr", nan) == ""
    assert tables.number("l1", 0.01234) == "0.0123"
