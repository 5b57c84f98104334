"""The regions of a plan: what its actions drafted, cut out of the picture one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..actions import Action, Plan
from ..actions.change import Clear
from ..actions.draft import Draft, NowhereToGo
from ..actions.travel import Travelling
from ..core.geometry import Box, Mask
from ..core.scene import Scene
from ..errors import CielrError, EditError
from .region import Region, crop_around, with_support

KEPT = "Keep everything else, the framing and the light exactly as they are."
"""What ends every instruction to a painter that redraws the whole crop."""
MOST_COVERED = 0.5
"""Share of a thing that something put over it may hide before the thing cannot be carried on from there."""


def regions(
    plan: Plan, scene: Scene, only: Mask | None = None, never: Mask | None = None, first: int = 0
) -> list[Region]:
    """The regions of a plan, in the order in which they are to be carried out.

    `only` and `never` are painted by hand: nothing outside `only` and nothing inside `never` changes. A region of which
    nothing is left is left out. Each action sees the scene as the earlier ones leave it. `first` is the number of the
    plan's first action, where it is the rest of a longer one.

    Raises:
        PlanError: where the plan does not fit the scene.
        EditError: where an action has nowhere to go.
    """
    plan.check(scene)
    cut_out: list[Region] = []
    put_down = _PutDown()
    for index, action in enumerate(plan.actions, start=first):
        part = 0
        for draft in _drafts(action, scene, index):
            support = draft.support
            support = support & only if only is not None else support
            support = support - never if never is not None else support
            if support.is_empty:
                continue
            region = _region(action, draft, index, scene)
            cut_out.append(with_support(region, support).model_copy(update={"part": part}))
            part += 1
        put_down.check(action, [region for region in cut_out if region.index == index])
        scene = action.after(scene)
    return cut_out


def check_put_down(plan: Plan, scene: Scene) -> None:
    """Holds what is put elsewhere against what was put down before it, in a plan of which only parts can be worked out.

    What has to be drawn first, and so is not known yet, is left out.

    Raises:
        EditError: where an action would carry away what an earlier one put over its target.
    """
    put_down, unknown = _PutDown(), set[str]()
    for index, action in enumerate(plan.named(scene).actions):
        if isinstance(action, Travelling) and not unknown & {*action.objects, *action.anchors}:
            put_down.check(action, _regions_known(action, scene, index))
        if action.needs == "draw":
            unknown |= set(getattr(action, "makes", ()))
        try:
            scene = action.after(scene)
        except CielrError:
            # told where its stretch is worked out
            return


def _regions_known(action: Action, scene: Scene, index: int) -> list[Region]:
    try:
        return [_region(action, draft, index, scene) for draft in _drafts(action, scene, index)]
    except CielrError:
        return []


class _PutDown:
    """Where actions have put things down so far: what they cover cannot be carried on from there."""

    def __init__(self) -> None:
        self.covered: list[tuple[int, set[str], Mask]] = []

    def check(self, action: Action, cut: Sequence[Region]) -> None:
        """Holds an action's regions against those before it.

        Raises:
            EditError: where it would carry away what an earlier action put over its target.
        """
        for region in cut:
            for paste in region.pastes:
                for index, names, mask in self.covered:
                    over = (mask & paste.source).area
                    if not names & set(action.objects) and over > MOST_COVERED * paste.source.area:
                        raise EditError(
                            f"Action {region.index + 1} ({action.kind}) would carry away what action {index + 1} put "
                            f"over {', '.join(action.objects)}; let two things change places with one swap."
                        )
        new = [(region.index, set(action.objects), paste.goal) for region in cut for paste in region.pastes]
        # what was put down and moved on is no longer there, and what lies on top now was put down last
        staying = [(index, names, mask) for index, names, mask in self.covered if not names & set(action.objects)]
        for _, _, goal in new:
            staying = [(index, names, mask - goal) for index, names, mask in staying]
        self.covered = staying + new


def alpha_left(regions: Sequence[Region], height: int, width: int) -> np.ndarray | None:
    """float32 [height, width] in [0, 1]: how opaque the picture is after its regions; None where all of it is."""
    clear = [region for region in regions if isinstance(region.action.exact, Clear)]
    if not clear:
        return None
    alpha = np.ones((height, width), dtype=np.float32)
    for region in clear:
        part = alpha[region.crop.slices]
        np.minimum(part, 1 - region.alpha(), out=part)
    return alpha


def _drafts(action: Action, scene: Scene, index: int) -> list[Draft]:
    try:
        return action.drafts(scene)
    except NowhereToGo as error:
        raise EditError(f"Action {index + 1} ({action.kind}) {error}.") from error


def _instruction(action: Action, draft: Draft) -> str:
    """What a painter that follows instructions is told; such painters redraw all that they are not asked to keep."""
    if not draft.order:
        return ""
    wish = f" The result shows {action.prompt.rstrip('.')}." if action.prompt else ""
    return f"{draft.order[0].upper()}{draft.order[1:].rstrip('.')}.{wish} {KEPT}"


def _region(action: Action, draft: Draft, index: int, scene: Scene) -> Region:
    region = Region(
        index=index,
        action=action,
        support=draft.support,
        feather=draft.feather,
        core=draft.core,
        crop=Box(0, 0, scene.width, scene.height),
        strength=draft.strength,
        prompt=action.prompt or draft.prompt,
        negative_prompt=action.negative_prompt or draft.negative,
        instruction=_instruction(action, draft),
        hole=draft.hole,
        pastes=draft.pastes,
    )
    crop = crop_around(draft.support, region)
    near = draft.avoid & Mask.from_box(crop, scene.height, scene.width) if draft.avoid is not None else None
    return region.model_copy(update={"crop": crop, "avoid": near if near is not None and not near.is_empty else None})
