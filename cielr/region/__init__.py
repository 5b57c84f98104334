"""From actions to regions: a plan and a scene become the pixels that each action may change.

Every region is computed against the scene as the earlier actions leave it: what was moved is at its new place, what
was removed is gone.

In: a plan and a scene. Out: `Region`s: support, crop, softness, prompt and seed. Open `regions.py` first.
"""

from ..actions.draft import Paste
from ..core.things import CONTEXT, CONTEXT_LEAST
from .region import Region, hole_region, seeded, with_context_by, with_support
from .regions import alpha_left, regions, scene_after
from .stretches import Stretch, stretches

__all__ = [
    "CONTEXT",
    "CONTEXT_LEAST",
    "Paste",
    "Region",
    "Stretch",
    "alpha_left",
    "hole_region",
    "regions",
    "scene_after",
    "seeded",
    "stretches",
    "with_context_by",
    "with_support",
]
