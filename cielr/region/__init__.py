"""From actions to regions: a plan and a scene become the pixels that each action may change.

Every region is computed against the scene as the earlier actions leave it: what was moved is at its new place, what
was removed is gone.

In: a plan and a scene. Out: `Region`s: support, crop, softness, prompt and seed. Open `regions.py` first.
"""

from ..actions.draft import Paste
from .region import Region, hole_region, seeded, with_context_by, with_support
from .regions import alpha_left, regions
from .stretches import Stretch, stretches

__all__ = [
    "Paste",
    "Region",
    "Stretch",
    "alpha_left",
    "hole_region",
    "regions",
    "seeded",
    "stretches",
    "with_context_by",
    "with_support",
]
