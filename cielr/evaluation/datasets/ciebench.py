"""CIEBench (arXiv 2510.27335): 86 pictures. Its own layout is not public, so it is read from a documented manifest:
`ciebench.jsonl` (or .csv) with image, instruction, optional mask and text (what the region is to show)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .case import Dataset
from .manifest import read as read_manifest

SAMPLES = 86


def read(root: Path) -> Dataset:
    """The cases of `ciebench.jsonl` or `ciebench.csv`, with a remark where they are not 86."""
    dataset = read_manifest(root, "ciebench", "ciebench", "outside")
    if len(dataset.cases) == SAMPLES:
        return dataset
    remark = f"The paper's CIEBench has {SAMPLES} samples, this one {len(dataset.cases)}."
    return replace(dataset, remarks=(*dataset.remarks, remark))
