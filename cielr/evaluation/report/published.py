"""Rows that others published, with their sources. Only figures that can be looked up stand here; a figure that was read
off a summary and not off the source is marked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """Attributes: method; scores by column; source; group: of the dataset that the row is about, or "" for all."""

    method: str
    scores: dict[str, float] = field(default_factory=dict)
    source: str = ""
    group: str = ""


SMARTEDIT = "SmartEdit, arXiv 2312.06739, table 1 (from memory, to be checked)"
MAGICBRUSH = "MagicBrush, arXiv 2306.10012; GenArtist, arXiv 2407.05600"
RISE = "RISEBench README and arXiv 2504.02826"
CIELR = "arXiv 2510.27335: 9.955 dB over SmartEdit-13B; the sum is ours"


def _reason_edit(method: str, *scores: float) -> Row:
    names = ("psnr", "ssim", "lpips", "clip")
    return Row(method, dict(zip(names, scores, strict=True)), SMARTEDIT, "6-Reasoning")


def _magicbrush(method: str, *scores: float) -> Row:
    names = ("l1", "l2", "clip-i", "dino")
    return Row(method, dict(zip(names, scores, strict=True)), MAGICBRUSH)


def _rise(method: str, *shares: float) -> tuple[Row, ...]:
    groups = ("temporal", "causal", "spatial", "logical", "")
    return tuple(Row(method, {"accuracy": share}, RISE, group) for group, share in zip(groups, shares, strict=True))


PUBLISHED: dict[str, tuple[Row, ...]] = {
    "Reason-Edit": (
        _reason_edit("InstructPix2Pix", 24.234, 0.707, 0.083, 19.413),
        _reason_edit("MagicBrush", 22.101, 0.694, 0.113, 19.755),
        _reason_edit("InstructDiffusion", 21.453, 0.666, 0.117, 19.523),
        _reason_edit("SmartEdit-7B", 25.258, 0.742, 0.055, 20.950),
        _reason_edit("SmartEdit-13B", 25.757, 0.747, 0.051, 20.777),
        Row("CIELR (the paper)", {"psnr": 35.712}, CIELR, "6-Reasoning"),
    ),
    "MagicBrush": (
        _magicbrush("InstructPix2Pix", 0.1122, 0.0371, 0.8524, 0.7428),
        _magicbrush("InstructPix2Pix + MagicBrush", 0.0625, 0.0203, 0.9332, 0.8987),
        _magicbrush("GenArtist", 0.0536, 0.0147, 0.9403, 0.9131),
    ),
    "RISEBench": (
        *_rise("GPT-4o-Image", 34.1, 32.2, 37.0, 10.6, 28.9),
        *_rise("Gemini 2.0 Flash exp", 8.2, 15.5, 23.0, 4.7, 13.3),
        *_rise("BAGEL", 2.4, 5.6, 14.0, 1.2, 6.1),
        *_rise("Step1X-Edit", 0.0, 2.2, 2.0, 3.5, 1.9),
    ),
}
"""By the dataset's name."""
