"""Several paintings of one region, each by a seed of its own, of which one is kept: as the Executor offers them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...cielr.editing.variants import Choice, has_variants, variant_of, variant_seed

if TYPE_CHECKING:
    from ...cielr.region import Region
    from .expand import Chain, Checked
    from .turns import Setting, Turn


@dataclass(frozen=True)
class Variants:
    """How many there are of each region, from 1, and which are kept."""

    count: int
    choice: Choice

    @classmethod
    def of(cls, count: int, choice: str) -> Variants:
        """From the values of the node's inputs.

        Raises:
            EditError: where the choice is no list of seeds.
        """
        return cls(count, Choice.of(choice))

    def offer(self, region: Region, image: int) -> Offer:
        """What there is to choose from where a region is painted, or an action whose first region it is."""
        kept = self.choice.number_of(region, image)
        if self.count == 1 or not has_variants(region):
            return Offer((kept,), 0)
        # one that was kept while there were more of them is still there
        numbers = sorted({*range(self.count), kept})
        return Offer(tuple(numbers), numbers.index(kept))

    def pieces(
        self, regions: Sequence[Region], setting: Setting | None, attempts: int, inpainter: Any, image: int
    ) -> list[Chain | Checked]:
        """The regions, as they are seeded, as pieces of the Executor's graph: one by one, or by actions that are looked
        at when they are painted; with all that is to be painted of each."""
        if attempts <= 1 or setting is None:
            return [self._chain(region, image, inpainter) for region in regions]
        return [self._checked(turn, image, inpainter) for turn in setting.turns(regions, attempts)]

    def _chain(self, region: Region, image: int, inpainter: Any) -> Chain:
        # loaded with the first edit: ComfyUI starts without it
        from .choice import chain_of

        offer = self.offer(region, image)
        chains = [chain_of(variant_of(region, number), inpainter) for number in offer.numbers]
        if not offer.is_choice:
            return chains[0]
        look = offer.look(region, image, [region])
        return replace(chains[offer.kept], variants=tuple(chains), kept=offer.kept, look=json.dumps(look))

    def _checked(self, turn: Turn, image: int, inpainter: Any) -> Checked:
        from .choice import chain_of
        from .expand import Checked

        first = turn.regions[0]
        offer = self.offer(first, image)
        made = []
        for varied in turn_variants(turn, offer):
            chains = tuple(chain_of(region, inpainter) for region in varied.regions)
            made.append(Checked(chains, varied.text()))
        if not offer.is_choice:
            return made[0]
        look = offer.look(first, image, reach(turn))
        return replace(made[offer.kept], variants=tuple(made), kept=offer.kept, look=json.dumps(look))


@dataclass(frozen=True)
class Offer:
    """The numbers of a region's variants that are painted, from 0, and the place of the one that is kept among them."""

    numbers: tuple[int, ...]
    kept: int

    @property
    def is_choice(self) -> bool:
        return len(self.numbers) > 1

    def look(self, region: Region, image: int, shown: Sequence[Region]) -> dict[str, Any]:
        """What is told of it; `shown`: the regions whose part of the image is shown."""
        boxes = [region.crop for region in shown]
        return {
            "image": image,
            "action": region.index + 1,
            "part": region.part + 1,
            "seeds": [str(variant_seed(region.seed, number)) for number in self.numbers],
            "kept": self.kept,
            "box": [
                min(box.x0 for box in boxes),
                min(box.y0 for box in boxes),
                max(box.x1 for box in boxes),
                max(box.y1 for box in boxes),
            ],
        }


def turn_variants(turn: Turn, offer: Offer) -> list[Turn]:
    """An action with the regions of each variant."""
    return [
        replace(turn, regions=tuple(variant_of(region, number) for region in turn.regions)) for number in offer.numbers
    ]


def reach(turn: Turn) -> list[Region]:
    """The regions of an action as wide as any attempt may make them: from the third on they have more room."""
    return [*turn.regions, *(turn.tried(3) if turn.attempts > 2 else ())]


def variants_told(looks: Sequence[dict[str, Any]], batch: bool) -> list[str]:
    """Which variant of each region is kept, and the seeds of all, as lines."""
    lines = []
    for look in looks:
        place = f"Image {look['image']}, action" if batch else "Action"
        kept = f"variant {look['kept'] + 1} of {len(look['seeds'])} is kept"
        lines.append(f"{place} {look['action']}: {kept}; their seeds are {', '.join(look['seeds'])}.")
    return lines
