"""A plan in stretches: what can be worked out at once, and what has to wait until something is painted."""

from __future__ import annotations

from dataclasses import dataclass

from ..actions import Action, Plan
from ..core.scene import Scene
from .regions import check_put_down


@dataclass(frozen=True)
class Stretch:
    """Actions none of which refers to what another of them draws.

    Attributes:
        first: the position of its first action in the plan, from 0.
        actions: in their order.
        waits_for: ids of what earlier stretches draw and this one refers to: looked at again before it is worked out.
    """

    first: int
    actions: tuple[Action, ...]
    waits_for: tuple[str, ...] = ()


def stretches(plan: Plan, scene: Scene) -> list[Stretch]:
    """The plan, cut before each action that refers to what an action since the last cut draws.

    Raises:
        PlanError: where the plan does not fit the scene.
        EditError: where things would trade places by two moves in different stretches.
    """
    plan = plan.named(scene)
    cut: list[Stretch] = []
    drawn: set[str] = set()
    fresh: set[str] = set()
    for index, action in enumerate(plan.actions):
        needed = {*action.objects, *action.anchors, *action.keep}
        if not cut or needed & fresh:
            cut.append(Stretch(index, ()))
            fresh = set()
        waits = (*cut[-1].waits_for, *(name for name in sorted(needed & drawn) if name not in cut[-1].waits_for))
        cut[-1] = Stretch(cut[-1].first, (*cut[-1].actions, action), waits)
        if action.needs == "draw":
            made = set(getattr(action, "makes", ()))
            fresh |= made
            drawn |= made
    if len(cut) > 1:
        # each stretch is held against itself when it is worked out; before anything is painted, all against each other
        check_put_down(plan, scene)
    return cut
