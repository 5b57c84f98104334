"""Detections with their masks: outlined, and each thing once.

Detectors give more boxes than there are things: the same thing under two labels, a group beside its members, the upper
half of somebody beside the whole. Which is which shows in the masks, not in the boxes alone: a box may well lie within
the box of another thing, while two things share no pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from ..core.geometry import Mask
from ..core.progress import in_steps
from ..core.scene import OnStep
from .protocols import Detection, Segmenter

Instance = tuple[Detection, Mask]
"""A detection and its mask, which has the image's size and is not empty."""

SAME_THING = 0.85
"""Overlap (IoU) of two masks from which they are one thing; share of one within another from which it is inside."""
COVERED = 0.5
"""Share of a segment that named things may cover for it to be a thing of its own."""
AS_SURE = 0.75
"""Share of a group's score that those of its members have at least; those of a thing's halves are lower."""
GROUPED = 0.6
"""Share of a group's mask that its members cover together, the ones that were found."""
SPANNED = 0.8
"""Overlap (IoU) of a group's box with the one around its members."""
PIECE = 0.9
"""A piece of a thing is at most so much surer than the thing; if it is surer still, the larger mask is the mistake."""


def outlined(
    segmenter: Segmenter, image, detections: Sequence[Detection], on_step: OnStep | None = None
) -> list[Instance]:
    """The detections with their masks; where the segmenter finds nothing, the box, which the detection then says."""
    if not detections:
        return []
    height, width = image.shape[:2]
    masks = segmenter.segment(image, [detection.box for detection in detections], on_step=on_step)
    instances = []
    for detection, mask in zip(detections, masks, strict=True):
        if mask.is_empty:
            detection, mask = replace(detection, box_only=True), Mask.from_box(detection.box, height, width)
        instances.append((detection, mask))
    return instances


def one_thing_once(instances: Sequence[Instance], on_step: OnStep | None = None) -> list[Instance]:
    """The things, the surest first: masks of one thing are one under the surest label, the other labels alternatives;
    the members of a group stand without the group, and a thing stands without its pieces of the same label.

    Args:
        on_step: told (done, total); what it raises cancels.
    """
    kept: list[Instance] = []
    surest_first = sorted(instances, key=lambda pair: -pair[0].score)
    for detection, mask in in_steps(surest_first, on_step, total=2 * len(instances)):
        for k, (other, theirs) in enumerate(kept):
            if mask.iou(theirs) >= SAME_THING:
                names = dict.fromkeys((*other.alternatives, detection.label, *detection.alternatives))
                names.pop(other.label, None)
                kept[k] = (replace(other, alternatives=tuple(names)), theirs)
                break
        else:
            kept.append((detection, mask))
    return _without_groups_and_pieces(kept, on_step)


def _without_groups_and_pieces(instances: list[Instance], on_step: OnStep | None) -> list[Instance]:
    gone: set[int] = set()
    # the largest first: what a group of groups holds is looked at again without it
    order = sorted(range(len(instances)), key=lambda k: -instances[k][1].area)
    for number, place in enumerate(in_steps(order, on_step, before=len(order), total=2 * len(order))):
        whole = instances[place]
        label = whole[0].label
        inside = [
            k
            for k in order[number + 1 :]
            if k not in gone
            and instances[k][0].label == label
            and instances[k][1].shared(whole[1]) >= SAME_THING * instances[k][1].area
        ]
        if not inside:
            continue
        if _is_group(whole, [instances[k] for k in inside]):
            gone.add(place)
            continue
        for k in inside:
            piece, score = instances[k][0], whole[0].score
            if piece.box_only or whole[0].box_only:
                # a box within a box may be a thing of its own before it: only what is far less sure is a piece
                gone |= {k} if piece.score < AS_SURE * score else set()
            else:
                gone.add(k if PIECE * piece.score <= score else place)
    return [instance for k, instance in enumerate(instances) if k not in gone]


def _is_group(whole: Instance, inside: Sequence[Instance]) -> bool:
    """Whether a detection is several things of its label, each of which was found by itself."""
    detection, mask = whole
    members: list[Instance] = []
    for candidate, outline in sorted(inside, key=lambda pair: -pair[0].score):
        apart = all(outline.shared(other) < COVERED * min(outline.area, other.area) for _, other in members)
        if apart and candidate.score >= AS_SURE * detection.score:
            members.append((candidate, outline))
    if len(members) < 2:
        return False
    around = reduce(lambda box, other: box.union(other), (member[0].box for member in members))
    if around.iou(detection.box) >= SPANNED:
        return True
    if detection.box_only:
        return False
    return mask.shared(Mask.union((outline for _, outline in members), mask.height, mask.width)) >= GROUPED * mask.area


def distinct(masks: Sequence[Mask]) -> list[Mask]:
    """Masks that show things of their own, the largest first."""
    kept: list[Mask] = []
    for mask in sorted(masks, key=lambda mask: -mask.area):
        if not mask.is_empty and not any(mask.iou(other) >= SAME_THING for other in kept):
            kept.append(mask)
    return kept


def uncovered(mask: Mask, known: Sequence[Mask]) -> bool:
    """Whether most of a mask lies outside the known ones."""
    left = mask - Mask.union(known, mask.height, mask.width)
    return left.area >= (1 - COVERED) * mask.area
