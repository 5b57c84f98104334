"""The memory of what was painted: bounded, and safe from whoever writes to what it gave."""

import numpy as np
import pytest
from nodes_alone import nodes_alone


@pytest.fixture(scope="module")
def memo():
    with nodes_alone("cielr_memo_alone") as module:
        yield module("memo")


def picture(value, side=10):
    return np.full((side, side, 3), value, np.float32)


def test_what_was_used_the_longest_ago_goes_first(memo):
    held = memo.Memo(3 * picture(0).nbytes)
    for number in range(3):
        held.put(str(number), picture(number))
    assert held.get("0") is not None
    held.put("3", picture(3))
    assert [held.get(str(number)) is not None for number in range(4)] == [True, False, True, True]


def test_one_that_is_larger_than_all_room_is_not_kept_and_costs_nothing_else(memo):
    held = memo.Memo(2 * picture(0).nbytes)
    held.put("small", picture(1))
    held.put("large", picture(2, side=30))
    assert held.get("large") is None
    assert held.get("small") is not None


def test_the_same_key_again_takes_no_more_room(memo):
    held = memo.Memo(2 * picture(0).nbytes)
    for _ in range(5):
        held.put("a", picture(1))
    held.put("b", picture(2))
    assert held.get("a") is not None
    assert held.get("b") is not None


def test_whoever_writes_to_what_it_took_or_gave_changes_nothing_in_it(memo):
    held, given = memo.Memo(10_000), picture(1)
    held.put("a", given)
    given[:] = 5
    held.get("a")[:] = 7
    assert (held.get("a") == 1).all()
    held.clear()
    assert held.get("a") is None


def test_what_has_no_key_is_painted_each_time(memo):
    calls = []

    def paint():
        calls.append(1)
        return picture(len(calls))

    assert memo.remembered("", paint)[1] == ""
    assert memo.remembered("", paint)[0].max() == 2
    memo.MEMO.clear()
    assert memo.remembered("key", paint)[1] == ""
    painted, note = memo.remembered("key", paint)
    assert painted.max() == 3
    assert note == memo.NOTE
    memo.MEMO.clear()


def test_what_a_painter_says_of_what_it_drew_is_told_again_of_what_is_taken_from_memory(memo):
    memo.MEMO.clear()
    said = ["The prompt is longer than it reads; left out: 'a plum'."]
    told = "the prompt is longer than it reads; left out: 'a plum'"
    assert memo.remembered("key", lambda: picture(1), lambda: said)[1] == told
    assert memo.remembered("key", lambda: picture(2), list)[1] == f"{told}; {memo.NOTE}"
    memo.MEMO.clear()
