"""What an edit is worth in numbers: pixels, networks that look, masks, and the published protocols made of them.

In: images and masks as arrays. Out: floats and dicts of floats. Open `protocols.py` first.
"""

from .masks import matched_objects, right_targets
from .networks import Networks
from .pixels import l1, l2, psnr, ssim
from .protocols import Mode, against_truth, outside_and_inside

__all__ = [
    "Mode",
    "Networks",
    "against_truth",
    "l1",
    "l2",
    "matched_objects",
    "outside_and_inside",
    "psnr",
    "right_targets",
    "ssim",
]
