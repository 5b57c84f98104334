"""What an edit is worth in numbers: pixels, networks that look, masks, and the published protocols made of them.

In: images and masks as arrays. Out: floats and dicts of floats. Open `protocols.py` first.
"""

from .masks import matched_objects
from .networks import Networks
from .protocols import Mode, against_truth, outside_and_inside

__all__ = [
    "Mode",
    "Networks",
    "against_truth",
    "matched_objects",
    "outside_and_inside",
]
