"""From actions to regions: a plan and a scene become the pixels that each action may change.

Every region is computed against the scene as the earlier actions leave it: what was moved is at its new place, what
was removed is gone.

In: a plan and a scene. Out: `Region`s: support, crop, softness, prompt and seed. Open `region.py` first.
"""

from ..core.things import CONTEXT, CONTEXT_LEAST
from .after import scene_after
from .recipes import regions
from .region import Paste, Region, hole_region, seeded, with_support

__all__ = [
    "CONTEXT",
    "CONTEXT_LEAST",
    "Paste",
    "Region",
    "hole_region",
    "regions",
    "scene_after",
    "seeded",
    "with_support",
]
