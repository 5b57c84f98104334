"""Depth through transformers: Depth Anything V2 (Yang et al., arXiv 2406.09414), turned to 0 nearest … 1 farthest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.scene import OnStep
from .devices import Networked, as_bytes, import_torch, processed, widened

FLAT = 1e-3
"""Spread of a prediction, as a share of its size, below which there is no depth in it but noise."""
TAIL = 0.1
"""Percent of the pixels at either end that may lie beyond the range: single hot pixels do not squeeze the rest."""


class DepthAnything(Networked):
    """A `DepthEstimator`.

    Args:
        module: `DepthAnythingForDepthEstimation`; image_processor: its own.
        placement: device, dtype, offload, cache of `Network`.
    """

    def __init__(self, module: Any, image_processor: Any, name: str = "depth-anything", **placement: Any) -> None:
        super().__init__(module, name, **placement)
        self.image_processor = image_processor
        self.metric = getattr(module.config, "depth_estimation_type", "relative") == "metric"

    def depth(self, image: np.ndarray, on_step: OnStep | None = None) -> np.ndarray:
        """float32 [H, W], 0 nearest … 1 farthest; all 0 where the picture is flat.

        Raises:
            ModelError: where it does not fit into memory.
        """
        torch = import_torch()
        pixels = as_bytes(image)
        small = self.network.run(
            lambda: self.network.encoded(pixels, lambda: self._predicted(pixels), key="depth"), on_step
        )
        raised = torch.nn.functional.interpolate(
            small.float().cpu()[:, None], pixels.shape[:2], mode="bicubic", align_corners=False
        )
        return far_from(raised[0, 0].numpy(), metric=self.metric)

    def _predicted(self, pixels: np.ndarray) -> Any:
        size = self.image_processor.size
        patch = getattr(self.image_processor, "ensure_multiple_of", None) or 1
        whole = widened(pixels, patch / min(size["height"], size["width"]))
        values = processed(self.image_processor, whole)["pixel_values"]
        output = self.network.module(values.to(self.network.place, self.network.dtype))
        return output.predicted_depth.float()


def far_from(prediction: np.ndarray, metric: bool = False) -> np.ndarray:
    """A prediction float [H, W] as distance in [0, 1], float32, 0 nearest.

    The relative models predict nearness (disparity, larger is nearer), the metric ones metres (larger is farther).
    What is no number is farthest; where the spread is no more than noise all is 0.
    """
    values = np.asarray(prediction, dtype=np.float32)
    values = np.where(np.isfinite(values), values, np.float32(np.nan))
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.zeros(values.shape, dtype=np.float32)
    low, high = np.percentile(known, [TAIL, 100 - TAIL])
    if high - low <= FLAT * max(abs(float(low)), abs(float(high)), 1e-6):
        return np.zeros(values.shape, dtype=np.float32)
    share = np.clip((values - low) / (high - low), 0, 1)
    far = share if metric else 1 - share
    return np.nan_to_num(far, nan=1.0).astype(np.float32)
