"""What becomes of detections: doubles, boxes at the border, masks; and the words that are looked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cielr.core.geometry import Box
from cielr.perception.labels import as_labels, nouns, whole_of
from cielr.perception.outlines import best_proposal, cleaned
from cielr.perception.protocols import Detection
from cielr.perception.suppress import merged, overlaps, whole_pixels

# ----------------------------------------------------------------------------------------------- doubles, boxes, masks


def test_doubles_go_within_a_label_first_and_across_labels_then():
    found = [
        Detection("cup", 0.9, Box(0, 0, 100, 100)),
        Detection("cup", 0.8, Box(5, 5, 100, 100)),
        Detection("mug", 0.7, Box(0, 0, 98, 98)),
        Detection("handle", 0.6, Box(70, 20, 100, 60)),
        Detection("cup", 0.5, Box(60, 0, 160, 100)),
    ]
    kept = merged(found)
    assert [(one.label, one.box.x0) for one in kept] == [("cup", 0), ("handle", 70), ("cup", 60)]
    assert kept[0].alternatives == ("mug",)


boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), *(st.integers(0, 60),) * 2, *(st.integers(1, 60),) * 2)
detections = st.lists(st.builds(Detection, st.sampled_from("abc"), st.floats(0, 1), boxes), max_size=12)


@given(detections)
def test_what_is_kept_overlaps_little_and_what_is_dropped_has_a_reason(found):
    kept = merged(found)
    for k, one in enumerate(kept):
        for other in kept[k + 1 :]:
            assert one.box.iou(other.box) < (0.6 if one.label == other.label else 0.8)
    for one in found:
        assert any((k.box.iou(one.box) >= 0.6 and k.score >= one.score) or k == one for k in kept) or any(
            other.label == one.label and other.box.iou(one.box) >= 0.6 and other.score >= one.score
            for other in found
            if other is not one
        )


@given(st.lists(boxes, min_size=1, max_size=6))
def test_the_overlap_matrix_is_the_boxes_own_iou(several):
    expected = [[a.iou(b) for b in several] for a in several]
    assert np.allclose(overlaps(several), expected)


def test_boxes_are_cut_at_the_border_and_never_empty():
    assert whole_pixels((-3.2, 4.4, 10.6, 9.5), 10, 20) == Box(0, 4, 10, 10)
    assert whole_pixels((3.1, 3.1, 3.2, 3.2), 10, 20) == Box(3, 3, 4, 4)
    assert whole_pixels((9.9, 0, 9.95, 1), 10, 20) == Box(9, 0, 10, 1)
    assert whole_pixels((12, 0, 15, 5), 10, 20) is None
    assert whole_pixels((float("nan"), 0, 1, 1), 10, 20) is None


def test_the_proposal_that_fills_the_box_wins_over_a_surer_part():
    part, whole, ground = (np.zeros((40, 40), dtype=bool) for _ in range(3))
    part[18:22, 18:22] = True
    whole[10:30, 10:30] = True
    ground[:] = True
    box = Box(9, 9, 31, 31)
    assert best_proposal(np.stack([part, whole, ground]), [0.95, 0.85, 0.9], box) == 1
    assert best_proposal(np.stack([whole, whole]), [0.2, 0.9], box) == 1


def test_specks_and_pin_holes_go_and_handles_stay():
    mask = np.zeros((100, 100), dtype=bool)
    mask[20:80, 20:80] = True
    mask[40:60, 40:60] = False
    clean = mask.copy()
    mask[30, 30] = False
    mask[5, 5] = mask[90:92, 90] = True
    assert np.array_equal(cleaned(mask), clean)
    assert not cleaned(np.zeros((5, 5), dtype=bool)).any()


# -------------------------------------------------------------------------------------------------------- vocabulary


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("remove the second coin from the left in the top row", ("coin",)),
        ("Replace the apples with two traffic lights", ("traffic light", "apple")),
        ("make the knives on the table brighter", ("knife", "table")),
        ("remove the stop sign", ("stop sign",)),
        ("remove the moon stones", ("moon stone", "moon", "stone")),
        (
            "remove the old brass bell, lamp",
            ("old brass bell", "old brass", "brass bell", "old", "brass", "bell", "lamp"),
        ),
        ("put the hot dogs on the dining table", ("hot dog", "dining table")),
        ("", ()),
    ],
)
def test_the_nouns_of_an_instruction_are_its_labels(instruction, expected):
    assert nouns(instruction) == expected


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        ("coin", ["coin"]),
        ("coin, cup;plate\nfork", ["coin", "cup", "plate", "fork"]),
        ("coin . cup .", ["coin", "cup"]),
        ("a remote control. the cat.", ["remote control", "cat"]),
        ("coin.cup", ["coin", "cup"]),
        ("St. Bernard, U.S. flag, 0.5 l bottle", ["St. Bernard", "U.S. flag", "0.5 l bottle"]),
        (["coin . cup .", "traffic light"], ["coin", "cup", "traffic light"]),
        ("cat, cat, dog", ["cat", "cat", "dog"]),
        ("A", ["A"]),
        (" . , ", None),
        ("", None),
        ([], None),
        (None, None),
    ],
)
def test_labels_are_taken_as_people_write_them(written, labels):
    assert as_labels(written) == labels


def test_parts_know_their_wholes():
    assert "car" in whole_of("wheels")
    assert whole_of("rim of the wheel") == ("wheel",)
    assert whole_of("cup") == ()
