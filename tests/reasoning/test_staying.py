"""Remarks on what stays: what no plan touches need not be told to a painter, and what is changed cannot stay."""

import pytest
from scenes import RIVERSIDE

from cielr.errors import NotUnderstood
from cielr.reasoning.grammar.reader import plan_explicit


def planned(text):
    return plan_explicit(RIVERSIDE, text, painter=True).actions


@pytest.mark.parametrize(
    "remark",
    [
        " while keeping the tower and the sky intact",
        ", keeping the man unchanged",
        ", while preserving the rest of the scene",
        " while still maintaining the lighting and the composition",
        ", leaving the man as he is",
    ],
)
def test_what_stays_anyway_is_not_painted(remark):
    (action,) = planned(f"replace the dog with a brown goat{remark}")
    assert (action.kind, action.targets, action.with_) == ("replace", ("dog_1",), "a brown goat")
    (action,) = planned(f"change the background to a snowy valley{remark}")
    assert (action.kind, action.to) == ("background", "a snowy valley")
    (action,) = planned(f"add a kite{remark}")
    assert (action.kind, action.what) == ("add", "a kite")


@pytest.mark.parametrize(
    "kept", ["while keeping the same pose", "while keeping the dog's pose", "keeping its expression"]
)
def test_how_a_new_thing_is_to_stand_there_is_told_to_the_painter(kept):
    (action,) = planned(f"replace the dog with a brown goat {kept}")
    assert action.with_ == f"a brown goat {kept}"


@pytest.mark.parametrize(
    "text",
    [
        "replace the people with statues while keeping only the woman",
        "replace the man and the woman with statues, keeping the woman",
        "replace the dog with a goat while keeping the dog",
        "turn it into a painting while keeping the dog",
    ],
)
def test_what_is_changed_cannot_stay(text):
    with pytest.raises(NotUnderstood):
        planned(text)


def test_another_of_its_kind_may():
    (action,) = planned("replace the left book with a mug while keeping the right book")
    assert (action.targets, action.with_) == (("book_1",), "a mug")
