"""The published protocols, in two modes.

`official` follows each one's own code to the letter, traps included, so that numbers stand beside the published ones:
SmartEdit's test/metrics_evaluation.py (Reason-Edit) and MagicBrush's evaluation/image_eval.py. `fixed` mends the traps:
masks are thresholded, PSNR and SSIM count background pixels alone and at full resolution, the mask's box keeps its last
row and column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from PIL import Image

from .networks import Networks
from .pixels import l1, l2, psnr, ssim

Mode = Literal["official", "fixed"]
SIDE = 256
"""At which SmartEdit measures."""
Scores = dict[str, float]
"""By column; a column whose network is missing is not there, `Networks.missing` says why."""


def outside_and_inside(
    original: np.ndarray, edited: np.ndarray, mask: np.ndarray, text: str, networks: Networks, mode: Mode = "fixed"
) -> Scores:
    """Reason-Edit's columns: "psnr", "ssim", "lpips" and "mse" outside the mask, "clip" (100 x cosine) inside.

    Args:
        original, edited: uint8[H, W, 3]; an edited one of another size is resized to the original's.
        mask: uint8[H, W] of the same size as the original, 255 inside what was to be edited.
        text: what the region is to show; "" leaves "clip" out.
    """
    if mode == "official":
        return _official_outside(original, edited, mask, text, networks)
    edited = resized(edited, (original.shape[1], original.shape[0]))
    inside = mask >= 128
    outside = ~inside
    # inside as before, so that windows across the edge see only what changed outside
    pasted = np.where(inside[..., None], original, edited)
    scores = {
        "psnr": psnr(original, edited, outside),
        "ssim": ssim(original, pasted, outside),
        "mse": l2(original, edited, outside),
        "changed outside": float((original != edited).any(axis=2)[outside].sum()),
    }
    scores |= _known({"lpips": networks.lpips(original, pasted)})
    if text and inside.any():
        rows, columns = np.nonzero(inside)
        crop = edited[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        scores |= _clip_score(crop, text, networks)
    return scores


def against_truth(
    edited: np.ndarray, truth: np.ndarray, caption: str, networks: Networks, mode: Mode = "fixed"
) -> Scores:
    """MagicBrush's columns against the true picture after the edit: "l1", "l2", "clip-i", "dino", "clip-t".

    Args:
        edited, truth: uint8[H, W, 3]; the edited one is resized to the truth's size for "l1" and "l2".
        caption: of the true picture; "" leaves "clip-t" out.
        mode: the two differ only in that `fixed` also embeds the resized picture, so that all columns see the same.
    """
    fitted = resized(edited, (truth.shape[1], truth.shape[0]))
    shown = edited if mode == "official" else fitted
    scores = {"l1": l1(fitted, truth), "l2": l2(fitted, truth)}
    scores |= _known({"clip-i": networks.clip_image("clip_base", shown, truth), "dino": networks.dino(shown, truth)})
    if caption:
        scores |= _known({"clip-t": networks.clip_text("clip_base", shown, caption)})
    return scores


def resized(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """uint8: the picture at (width, height), by Pillow's bicubic; itself where it has that size."""
    if (image.shape[1], image.shape[0]) == size:
        return image
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def _official_outside(
    original: np.ndarray, edited: np.ndarray, mask: np.ndarray, text: str, networks: Networks
) -> Scores:
    before, after = (resized(image, (SIDE, SIDE)) for image in (original, edited))
    small = np.asarray(Image.fromarray(mask).resize((SIDE, SIDE), Image.Resampling.NEAREST))
    # soft values of a JPEG mask stay soft, and what is inside becomes black in both
    weight = (1 - small / 255).astype(np.float32)[..., None]
    grounds = [image.astype(np.float32) / np.float32(255) * weight for image in (before, after)]
    scores = {"psnr": psnr(*grounds), "ssim": ssim(*grounds), "mse": l2(*grounds)}
    scores |= _known({"lpips": networks.lpips(*grounds)})
    rows, columns = np.nonzero(small)
    if text and rows.size:
        # the last row and column are left out there
        crop = after[rows.min() : rows.max(), columns.min() : columns.max()]
        if crop.size:
            scores |= _clip_score(crop, text, networks)
    return scores


def _clip_score(crop: np.ndarray, text: str, networks: Networks) -> Scores:
    cosine = networks.clip_text("clip_large", crop, text)
    return {} if cosine is None else {"clip": max(100 * cosine, 0.0)}


def _known(scores: Mapping[str, float | None]) -> Scores:
    return {name: value for name, value in scores.items() if value is not None}
