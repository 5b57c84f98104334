"""What a case's course is worth: against the true scene, the true plan, the true region and the true picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...actions import Plan
from ...core.geometry import Mask
from ...core.scene import Scene
from ..datasets.case import Case, Dataset, grey
from ..metrics import Mode, Networks, against_truth, matched_objects, outside_and_inside
from ..metrics.pixels import psnr
from ..reason_cases import misfit, with_names
from .stages import Course

if TYPE_CHECKING:
    from ...editing.verify import Check

Scores = dict[str, float]


def check_scores(checks: Sequence[Check]) -> Scores:
    """What looking at the actions found: "checks" (share of actions whose kept attempt did all that it should) and
    "attempts" (the mean for each action); {} where nothing was looked at."""
    kept = [check for check in checks if check.kept]
    if not kept:
        return {}
    return {"checks": float(np.mean([check.is_good for check in kept])), "attempts": len(checks) / len(kept)}


def seen_scores(seen: Scene, truth: Scene) -> Scores:
    """How well the eyes did: "recall", "precision" and "f1" at an IoU of a half, "mask iou" (the mean over true things
    of the best), "label" (share of the matched that are called what they are)."""
    true_masks = _masks(truth)
    seen_masks = _masks(seen)
    matched = matched_objects(seen_masks, true_masks)
    best = [max((mask.iou(other) for other in seen_masks.values()), default=0.0) for mask in true_masks.values()]
    recall = len(matched) / len(true_masks) if true_masks else float("nan")
    precision = len(matched) / len(seen_masks) if seen_masks else 0.0
    named = [_same_label(seen[name].label, truth[other].label) for name, other in matched.items()]
    return {
        "recall": recall,
        "precision": precision,
        "f1": 2 * recall * precision / (recall + precision) if recall + precision else 0.0,
        "mask iou": float(np.mean(best)) if best else float("nan"),
        "label": float(np.mean(named)) if named else float("nan"),
    }


def judged_plan(course: Course, case: Case, truth: Scene | None) -> tuple[bool | None, str]:
    """(whether the plan is right, why not); None where the truth is not known.

    A plan on a perceived scene is read with each seen thing called by the true one that it is, at an IoU of a half.
    """
    if case.asks:
        wrong = "" if course.plan is None else "It should have asked, and planned."
        return course.outcome in ("asked", "refused"), wrong
    if not case.do and not case.targets:
        return None, ""
    if course.plan is None:
        return False, course.detail
    plan = course.plan
    if truth is not None and course.scene is not None and course.scene is not truth:
        plan = in_true_names(plan, course.scene, truth)
    if case.do:
        wrong = misfit(plan, case.do)
        return not wrong, wrong
    meant = {name for action in plan.actions for name in action.objects}
    if meant == set(case.targets):
        return True, ""
    return False, f"It is about {', '.join(sorted(meant)) or 'nothing'} and not {', '.join(case.targets)}."


def in_true_names(plan: Plan, seen: Scene, truth: Scene) -> Plan:
    """The plan with true ids; a seen thing that is none of the true ones becomes "unseen_ID"."""
    matched = matched_objects(_masks(seen), _masks(truth))
    return with_names(plan, {name: matched.get(name, f"unseen_{name}") for name in seen.ids})


def region_scores(course: Course, case: Case, dataset: Dataset, truth: Scene | None) -> Scores:
    """ "region iou" with what was to be edited; "covered": its share inside the regions; "spilled": the regions' share
    on other true things; "after iou" where the true mask after the edit is known."""
    scores: Scores = {}
    values = dataset.mask_values(case)
    if course.regions and values is not None:
        wanted = Mask.from_array(values >= 128)
        whole = Mask.union([region.support for region in course.regions], wanted.height, wanted.width)
        scores |= {"region iou": whole.iou(wanted)}
        if wanted.area:
            scores["covered"] = (whole & wanted).area / wanted.area
        if truth is not None:
            strangers = (t for t in truth.objects if t.id not in case.targets and t.effect_of is None)
            others = Mask.union([thing.mask for thing in strangers], wanted.height, wanted.width)
            scores["spilled"] = (whole & (others - wanted)).area / max(whole.area, 1)
    if case.mask_after and course.plan is not None and course.scene is not None:
        goal = Mask.from_array(grey(dataset.root / case.mask_after) >= 128)
        after = course.scene
        for action in course.plan.actions:
            after = action.after(after)
        names = {name for action in course.plan.actions for name in action.objects}
        moved = [thing.mask for thing in after.objects if thing.id in names]
        scores["after iou"] = Mask.union(moved, goal.height, goal.width).iou(goal)
    return scores


def picture_scores(
    before: np.ndarray, after: np.ndarray, case: Case, dataset: Dataset, networks: Networks, mode: Mode
) -> Scores:
    """The protocols' columns of an edited picture, as far as there are a mask, a true picture and texts.

    Where the true picture is known, what it changes (the thing and its shadow) counts as the region too, and "psnr
    inside" says how near the edit came to it there.
    """
    truth = dataset.picture(case.truth) if case.truth else None
    values = dataset.mask_values(case)
    scores: Scores = {}
    if truth is not None and dataset.protocol != "magicbrush" and truth.shape == before.shape:
        changes = (truth != before).any(axis=2).astype(np.uint8) * 255
        values = changes if values is None else np.maximum(values, changes)
    if values is not None:
        scores |= outside_and_inside(before, after, values, case.text, networks, mode)
    if truth is not None:
        scores |= against_truth(after, truth, case.caption, networks, mode)
        if values is not None and after.shape == truth.shape == before.shape:
            scores["psnr inside"] = psnr(after, truth, values >= 128)
    return scores


def _masks(scene: Scene) -> dict[str, Mask]:
    """Of the things, without what they cast."""
    return {thing.id: thing.mask for thing in scene.objects if thing.effect_of is None and thing.label != "shadow"}


def _same_label(seen: str, true: str) -> bool:
    """Whether the words of the true label are in the other."""
    return set(true.lower().split()) <= set(seen.lower().split())
