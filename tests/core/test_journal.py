"""Files of JSON lines: whole lines, whatever was cut off before."""

import json

from cielr.core.journal import append_line, whole_lines


def test_a_line_is_put_behind_whole_ones_and_not_onto_one_that_was_cut_off(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a":1}\n{"b"')
    append_line(path, {"c": 2})
    assert [json.loads(text) for _, _, text in whole_lines(path)] == [{"a": 1}, {"c": 2}]
