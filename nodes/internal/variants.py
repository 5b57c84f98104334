"""Several paintings of one region, each by a seed of its own, of which one is kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...cielr.region import Region
    from .expand import Chain

MOST = 12
"""Variants of one region."""


@dataclass(frozen=True)
class Variants:
    """How many there are, and which are kept.

    Attributes:
        count: from 1; kept: "SEED", or "IMAGE:SEED" for one image of a batch alone, counted from 1.
    """

    count: int
    kept: frozenset[str]

    @classmethod
    def of(cls, count: int, choice: str) -> Variants:
        """From the values of the node's inputs.

        Raises:
            ValueError: where the choice is no list of seeds.
        """
        words = re.split(r"[\s,]+", choice.strip()) if choice.strip() else []
        for word in words:
            if not re.fullmatch(r"(\d+:)?\d+", word):
                raise ValueError(
                    f"'choice' holds '{word}', which is no seed: it lists the seeds of the variants that are kept, as "
                    "the node tells them, each with 'IMAGE:' before it where it is for one image of a batch."
                )
        return cls(count, frozenset(words))

    def chosen(self, region: Region, image: int) -> int:
        """The number of the region's variant that is kept, from 0, the first; image from 1."""
        seeds = [str(seed_of(region.seed, number)) for number in range(MOST)]
        return next((k for k, seed in enumerate(seeds) if self.kept & {seed, f"{image}:{seed}"}), 0)

    def keeping(self, regions: Sequence[Region], image: int) -> list[Region]:
        """The regions with the seeds of the variants that are kept."""
        return [varied(region, self.chosen(region, image)) for region in regions]

    def spread(self, regions: Sequence[Region], image: int, inpainter: Any) -> list[Chain]:
        """The regions, as they are seeded, as pieces of the Executor's graph with all that is to be painted."""
        return [self._chain(region, image, inpainter) for region in regions]

    def _chain(self, region: Region, image: int, inpainter: Any) -> Chain:
        # loaded with the first edit: ComfyUI starts without it
        from .choice import chain_of

        kept = self.chosen(region, image)
        if region.action.needs == "code":
            return chain_of(region, inpainter)
        # one that was kept while there were more of them is still there
        numbers = sorted({*range(self.count), kept})
        chains = tuple(chain_of(varied(region, number), inpainter) for number in numbers)
        box = region.crop
        look = {
            "image": image,
            "action": region.index + 1,
            "part": region.part + 1,
            "seeds": [str(seed_of(region.seed, number)) for number in numbers],
            "kept": numbers.index(kept),
            "box": [box.x0, box.y0, box.x1, box.y1],
        }
        return replace(chains[numbers.index(kept)], variants=chains, kept=numbers.index(kept), look=json.dumps(look))


def seed_of(seed: int, number: int) -> int:
    """The seed of a region's variant; the first is the region's own."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}|variant {number}".encode()).digest()[:6], "big")


def varied(region: Region, number: int) -> Region:
    return region.model_copy(update={"seed": seed_of(region.seed, number)}) if number else region


def variants_told(looks: Sequence[dict[str, Any]], batch: bool) -> list[str]:
    """Which variant of each region is kept, and the seeds of all, as lines."""
    lines = []
    for look in looks:
        place = f"Image {look['image']}, action" if batch else "Action"
        kept = f"variant {look['kept'] + 1} of {len(look['seeds'])} is kept"
        lines.append(f"{place} {look['action']}: {kept}; their seeds are {', '.join(look['seeds'])}.")
    return lines
