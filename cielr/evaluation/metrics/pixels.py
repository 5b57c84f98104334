"""Distances between two pictures, pixel by pixel. Pictures are uint8 [0, 255] or float [0, 1], [H, W, 3]; all sums are
made in float64, so that they agree with closed forms."""

from __future__ import annotations

import numpy as np

from ...errors import CielrError

SSIM_RADIUS = 5
"""Of the Gaussian window of Wang et al. (2004): sigma 1.5, cut at 11 pixels."""
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2
"""Its constants for pictures in [0, 1]."""


def unit(image: np.ndarray) -> np.ndarray:
    """float64[H, W, 3] in [0, 1]."""
    return image / 255.0 if image.dtype == np.uint8 else image.astype(np.float64)


def l1(a: np.ndarray, b: np.ndarray, where: np.ndarray | None = None) -> float:
    """Mean absolute difference on [0, 1]; `where`, bool[H, W], picks the pixels. NaN where it picks none."""
    return _mean(np.abs(_difference(a, b)), where)


def l2(a: np.ndarray, b: np.ndarray, where: np.ndarray | None = None) -> float:
    """Mean squared difference on [0, 1], as `l1`."""
    return _mean(_difference(a, b) ** 2, where)


def psnr(a: np.ndarray, b: np.ndarray, where: np.ndarray | None = None) -> float:
    """Peak signal to noise ratio in dB for a peak of 1; inf where the pixels are equal, NaN where there are none."""
    error = l2(a, b, where)
    return float("inf") if error == 0 else float(-10 * np.log10(error))


def ssim(a: np.ndarray, b: np.ndarray, where: np.ndarray | None = None) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window, sigma 1.5), the mean over pixels and channels.

    The picture is mirrored at its border and every window counts, as torchmetrics has it; skimage leaves those out.

    Args:
        where: bool[H, W], the windows' centres that count; all of them for None. NaN where it picks none.

    Raises:
        CielrError: for pictures smaller than one window, or of two sizes.
    """
    _difference(a, b)
    side = 2 * SSIM_RADIUS + 1
    if min(a.shape[:2]) < side:
        raise CielrError(f"SSIM takes pictures of {side} x {side} pixels at least, not {a.shape[1]} x {a.shape[0]}.")
    first, second = unit(a), unit(b)
    mean_a, mean_b = _blurred(first), _blurred(second)
    # rounding can make a variance of nothing negative
    spread_a = np.maximum(_blurred(first**2) - mean_a**2, 0)
    spread_b = np.maximum(_blurred(second**2) - mean_b**2, 0)
    common = _blurred(first * second) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + SSIM_C1) / (mean_a**2 + mean_b**2 + SSIM_C1)
    return _mean(luminance * (2 * common + SSIM_C2) / (spread_a + spread_b + SSIM_C2), where)


def _blurred(values: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(values, sigma=1.5, mode="mirror", radius=SSIM_RADIUS, axes=(0, 1))


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.shape != b.shape:
        sizes = " and ".join(f"{image.shape[1]} x {image.shape[0]}" for image in (a, b))
        raise CielrError(f"Pictures of {sizes} pixels cannot be compared.")
    return unit(a) - unit(b)


def _mean(values: np.ndarray, where: np.ndarray | None) -> float:
    picked = values if where is None else values[where]
    return float(picked.mean()) if picked.size else float("nan")
