"""Regions as files for other programs: masks, crops, and a list that says what is to become of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..core.serial import canonical, why_not_written, write_together
from ..errors import ImageError
from ..photos.photo import Photo
from ..photos.write import photo_bytes
from ..region import Region

LIST = "regions.json"


def region_stems(regions: Sequence[Region]) -> list[str]:
    """A file's name for each region, in their order: "01-remove-coin_2", "02-move-cup_1-2" for its second part."""
    stems: list[str] = []
    for region in regions:
        parts = [f"{region.index + 1:02d}", region.action.kind, *region.action.objects[:1]]
        if region.part:
            parts.append(str(region.part + 1))
        stems.append("-".join(parts))
    return stems


def region_records(regions: Sequence[Region], crops: bool = False) -> list[dict[str, Any]]:
    """What `regions.json` says of each region: its action, prompts, boxes and files.

    Args:
        crops: whether the photo's crops are among the files.
    """
    return [
        {
            "action": region.index + 1,
            "part": region.part + 1,
            "kind": region.action.kind,
            "targets": list(region.action.objects),
            "sentence": region.action.sentence(),
            "needs": region.action.needs,
            "prompt": region.prompt,
            "negative_prompt": region.negative_prompt,
            "strength": region.strength,
            "seed": region.seed,
            "pixels": region.support.area,
            "box": list(region.support.box.corners),
            "crop_box": list(region.crop.corners),
            "mask": f"{stem}.mask.png",
            "crop_mask": f"{stem}.crop-mask.png",
            "crop": f"{stem}.crop.png" if crops else None,
        }
        for region, stem in zip(regions, region_stems(regions), strict=True)
    ]


def region_files(regions: Sequence[Region], image: np.ndarray | None = None) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every picture, one after the other, so that a long plan takes the memory of one region.

    Args:
        image: uint8 or float32 [H, W, 3], of which the crops are; None leaves them out.
    """
    for region, stem in zip(regions, region_stems(regions), strict=True):
        yield f"{stem}.mask.png", _grey_png(region.support.to_array().astype(np.uint8) * 255)
        yield f"{stem}.crop-mask.png", _grey_png(np.rint(region.alpha() * 255).astype(np.uint8))
        if image is not None:
            yield f"{stem}.crop.png", photo_bytes("crop.png", np.ascontiguousarray(image[region.crop.slices]))


def save_regions(regions: Sequence[Region], folder: Path, image: np.ndarray | None = None) -> list[Path]:
    """Writes the files of regions into a folder (made where it is missing), `regions.json` last.

    Raises:
        ImageError: where they cannot be written.
    """
    records = canonical(region_records(regions, image is not None), indent=1) + "\n"
    try:
        return write_together(folder, chain(region_files(regions, image), [(LIST, records.encode("utf-8"))]))
    except OSError as error:
        raise ImageError(f"The regions cannot be written to {folder}: {why_not_written(error)}.") from error


def region_names(regions: Sequence[Region], crops: bool) -> list[str]:
    """The names of all files that `save_regions` writes."""
    keys = ("mask", "crop_mask", "crop")
    return [*(record[key] for record in region_records(regions, crops) for key in keys if record[key]), LIST]


def _grey_png(values: np.ndarray) -> bytes:
    pixels = np.repeat(values[..., None], 3, axis=2)
    return photo_bytes("mask.png", pixels, Photo(pixels, grey=True))
