"""Several paintings of a region, each by a seed of its own, of which one is kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import EditError

if TYPE_CHECKING:
    from ..region import Region

MOST = 12
"""Variants of one region."""


@dataclass(frozen=True)
class Choice:
    """Which variants are kept; of a region that it does not name, the first.

    Attributes:
        kept: their seeds, each as "SEED", or as "IMAGE:SEED" for one image of a batch alone, counted from 1.
    """

    kept: frozenset[str] = frozenset()

    @classmethod
    def of(cls, seeds: str | Sequence[int]) -> Choice:
        """From a text of seeds with spaces or commas between them, or from the seeds themselves.

        Raises:
            EditError: where one of them is no seed.
        """
        text = seeds if isinstance(seeds, str) else " ".join(map(str, seeds))
        words = [word for word in re.split(r"[\s,]+", text) if word]
        for word in words:
            if not re.fullmatch(r"(\d+:)?\d+", word):
                raise EditError(
                    f"'choice' holds '{word}', which is not a seed: it lists the seeds of the variants that are kept, "
                    "as they were reported, in a batch with 'IMAGE:' before one that is for that image alone."
                )
        return cls(frozenset(words))

    def number_of(self, region: Region, image: int = 1) -> int:
        """The number of the region's variant that is kept, from 0.

        Args:
            image: its number in the batch, from 1.
        """
        seeds = [str(variant_seed(region.seed, number)) for number in range(MOST)]
        return next((k for k, seed in enumerate(seeds) if self.kept & {seed, f"{image}:{seed}"}), 0)

    def keeping(self, regions: Sequence[Region], by_action: bool, image: int = 1) -> list[Region]:
        """The regions, in their order, as the variants that are kept.

        Args:
            by_action: the regions of an action belong together, and the first of them decides.
        """
        firsts: dict[int, int] = {}
        kept = []
        for region in regions:
            number = self.number_of(region, image)
            number = firsts.setdefault(region.index, number) if by_action else number
            kept.append(variant_of(region, number))
        return kept

    def idle_words(self, seeds: Sequence[int]) -> list[str]:
        """A sentence for each seed here that is none of those that were kept in the end."""
        known = set(map(str, seeds))
        idle = sorted(word for word in self.kept if word.split(":")[-1] not in known)
        return [f"No region has a variant with the seed {word}, so nothing was chosen by it." for word in idle]


def check_variants(count: int, choice: str | Sequence[int]) -> None:
    """Raises EditError where there cannot be so many, or a choice goes with several or is none."""
    Choice.of(choice)
    if not 1 <= count <= MOST:
        raise EditError(f"There can be 1 to {MOST} variants of an edit, not {count}.")
    if count > 1 and choice:
        raise EditError("Both variants and a choice are given; a choice keeps one of each region: leave the other out.")


def variant_seed(seed: int, number: int) -> int:
    """The seed of a region's variant, from 0; the first is the region's own."""
    if number == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}|variant {number}".encode()).digest()[:6], "big")


def variant_of(region: Region, number: int) -> Region:
    """The region by the seed of a variant, from 0; what code carries out comes out the same each time, and stays."""
    if number == 0 or not has_variants(region):
        return region
    return region.model_copy(update={"seed": variant_seed(region.seed, number)})


def has_variants(region: Region) -> bool:
    """Whether another seed gives another picture."""
    return region.action.needs != "code"
