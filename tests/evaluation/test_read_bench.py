"""Everyday instructions with a painter and eyes that find what is asked for, and the bench that counts them."""

import json
from collections import Counter

import pytest

from cielr import CielrError
from cielr.cli.main import main
from cielr.evaluation.read_bench import EVERYDAY, ReadCase, load_readings, read_bench, reading_of

CASES = load_readings(EVERYDAY)


@pytest.mark.parametrize("case", CASES, ids=[case.text[:50] for case in CASES])
def test_everyday_instructions_are_read_as_they_are_meant(case):
    reading = reading_of(case)
    assert (reading.outcome, reading.detail) == ("right", "")


def test_there_are_enough_of_each():
    groups = Counter(case.group for case in CASES)
    assert sum(groups.values()) >= 60
    assert min(groups.values()) >= 8
    assert {"chains", "new kinds", "possessives", "parts"} <= set(groups)


REFUSED = [
    ("remove the healthiest plant", "taste or of knowledge"),
    ("make it nicer", "taste"),
    ("don't add a dog", "only what is to be done"),
    ("remove the lamp or the candle", "'or'"),
    ("remove the larger lamp than the candle", "'than'"),
    ("make the dress blu", "Did you mean 'blue'?"),
    ("remvoe the man's shirt", "Did you mean 'remove'?"),
    ("swap the colours of the two balls", "a step for each"),
    ("flip the statue", "left to right or upside down"),
    ("rotate the statue", "How far"),
    ("the statue", "begins with no English verb"),
    ("add", "whole instruction"),
    ("the kite must be disentangled from the tree", "'disentangled'"),
    ("remove the soft focus effect from the photo", "not a thing that could be taken away"),
    ("change the number of swans to three", "another number of things"),
    ("turn two melons into one", "How many"),
    ("place the three marbles close together", "Where to move"),
    ("move the wheelbarrow in the picture", "Where to move"),
    ("place the ladle on the other side of the pot", "Which side"),
    ("add a moustache instead", "is to stand is not said"),
    ("draw her with longer hair", "'her'"),
    ("trim the photo", "not a whole instruction"),
    ("give me a taller hat", "'me'"),
]


@pytest.mark.parametrize(("text", "word"), REFUSED)
def test_what_would_be_a_guess_is_refused_with_a_painter_too(text, word):
    reading = reading_of(ReadCase(text=text, kinds=("any",)))
    assert reading.outcome == "refused"
    assert word in reading.detail
    assert "shift" not in reading.detail


def test_the_bench_counts_by_group_and_tells_failures(tmp_path, capsys):
    lines = [
        {"text": "remove the kettle", "kinds": ["remove"], "targets": [["kettle"]], "group": "easy"},
        {"text": "remove the kettle", "kinds": ["remove"], "targets": [["toaster"]], "group": "easy"},
        {"text": "remove the kettle", "kinds": ["replace|modify"], "group": "hard\u2028est"},
        {"text": "make it nicer", "kinds": ["global"], "group": "hard\u2028est"},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n\n", encoding="utf-8")
    rows = read_bench(path).rows()
    assert rows[1] == ("easy", "2", "2", "1", "1", "0", "50.0", "50.0")
    assert rows[2] == ("hard\u2028est", "2", "1", "0", "1", "1", "0.0", "50.0")
    assert rows[3] == ("all", "4", "3", "1", "2", "1", "25.0", "50.0")
    assert main(["bench", "read", str(path), "--failures"]) == 0
    told = capsys.readouterr().out
    assert "wrong: remove the kettle: It plans remove where replace|modify is wanted." in told
    assert "refused: make it nicer: 'nicer' is a matter of taste" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Line 1"),
        ('{"text": "remove it"}', "Line 1"),
        ("", "holds no instruction"),
        ('\n{"text": "", "kinds": []}', "Line 2"),
    ],
)
def test_a_file_that_is_not_one_says_which_line(tmp_path, text, words):
    path = tmp_path / "broken.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CielrError, match=words):
        read_bench(path)
    with pytest.raises(CielrError, match="cannot be read"):
        read_bench(tmp_path / "missing.jsonl")


def test_a_run_over_instructions_is_resumed_and_does_not_mix(tmp_path, capsys):
    lines = [{"text": f"remove the {name}", "kinds": ["remove"], "group": "g"} for name in ("kettle", "lamp", "crate")]
    path, folder = tmp_path / "mine.jsonl", tmp_path / "run"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    whole = read_bench(path, folder)
    results = folder / "results.jsonl"
    unbroken = results.read_bytes()
    results.write_bytes(unbroken[:-25])
    again = read_bench(path, folder)
    assert results.read_bytes() == unbroken
    assert [reading.as_dict() for reading in again.readings] == [reading.as_dict() for reading in whole.readings]
    assert main(["bench", "report", str(folder), "--dataset", str(path)]) == 0
    assert "remove the crate" in (folder / "report.html").read_text(encoding="utf-8")
    path.write_text(json.dumps(lines[0]), encoding="utf-8")
    with pytest.raises(CielrError, match="begun with other settings"):
        read_bench(path, folder)
