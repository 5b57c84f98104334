"""Which model lies in a folder or a file, from its config.json or its name alone: lists of many folders stay quick."""

from __future__ import annotations

import json
from pathlib import Path

KINDS: dict[str, tuple[str, str]] = {
    "owlv2": ("detector", "Owlv2ForObjectDetection"),
    "grounding-dino": ("detector", "GroundingDinoForObjectDetection"),
    "sam": ("segmenter", "SamModel"),
    "sam2": ("segmenter", "Sam2Model"),
    "sam2_video": ("segmenter", "Sam2Model"),
    "sam3_tracker": ("segmenter", "Sam3TrackerModel"),
    "sam3_video": ("segmenter", "Sam3TrackerModel"),
    "depth_anything": ("depth", "DepthAnythingForDepthEstimation"),
}
"""`model_type` of a config.json -> what it is to us, and transformers' class."""


def kind_of(path: str | Path) -> str | None:
    """ "detector", "segmenter" or "depth": what a folder or file of weights is to us; None where it is nothing."""
    path = Path(path)
    if path.is_file():
        return "segmenter" if path.suffix == ".pth" and path.name.startswith("sam_vit_") else None
    try:
        return KINDS.get(model_type(path), (None, ""))[0]
    except ValueError:
        return None


def model_type(folder: Path) -> str:
    """What config.json says that the model is.

    Raises:
        ValueError: where it does not say.
    """
    try:
        return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / 'config.json'} does not say which model this is.") from error
