"""`Region`: where one action changes the image and how; and regions made from regions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from pydantic import Field, field_validator

from ..actions import Action, Remove
from ..actions.draft import Paste
from ..core.geometry import Box, Mask, depths
from ..core.serial import JsonModel, canonical
from ..core.things import with_context
from ..errors import PlanError


class Region(JsonModel):
    """Where one action (or one part of it) changes the image, and how.

    Attributes:
        index: the action's position in the plan; part: which of its separate regions this is.
        action: what is to be done, without its reason.
        support: the only pixels that may change.
        feather: pixels inside the support over which the change fades in.
        core: pixels that change fully whatever the feather says, so that no rim of a removed thing stays; or None.
        crop: what the painter sees: the support's box and its context, inside the image.
        strength: denoise strength in (0, 1].
        hole: what must be filled before anything is put down, or None.
        pastes: pixels that are taken from the picture before and put down again, in this order.
        avoid: pixels that a fill must not copy from (other things), or None.
        prompt, negative_prompt: for a model that is told what the region looks like afterwards.
        instruction: for a model that is told what to do.
        seed: of this region alone; equal actions have equal seeds whatever comes before them.
    """

    noun = "region"
    refusal = PlanError

    index: int = Field(ge=0)
    part: int = Field(default=0, ge=0)
    action: Action
    support: Mask
    feather: int = Field(default=0, ge=0)
    core: Mask | None = None
    crop: Box
    strength: float = Field(default=1.0, gt=0, le=1)
    hole: Mask | None = None
    pastes: tuple[Paste, ...] = ()
    avoid: Mask | None = None
    prompt: str = ""
    negative_prompt: str = ""
    instruction: str = ""
    seed: int = 0

    @field_validator("action")
    @classmethod
    def _without_reason(cls, action: Action) -> Action:
        # a reason is told to people; it must not move a cache key
        return action.model_copy(update={"reason": ""}) if action.reason else action

    @property
    def moved(self) -> Mask | None:
        """All pixels that are taken and put down again, where they are before; None where there are none."""
        return (
            Mask.union([paste.source for paste in self.pastes], self.support.height, self.support.width)
            if self.pastes
            else None
        )

    def inside(self, mask: Mask | None) -> np.ndarray:
        """bool[crop.height, crop.width]: the crop of a mask; all False for None."""
        if mask is None:
            return np.zeros((self.crop.height, self.crop.width), dtype=bool)
        return mask.to_array(self.crop)

    def alpha(self) -> np.ndarray:
        """float32[crop.height, crop.width]: how much of the change shows, 0 outside the support, 1 deep inside.

        It rises by 1 / (feather + 1) a pixel from the support's edge, and is 1 in the core; the image's border is no
        edge.
        """
        inside = self.inside(self.support)
        if self.feather == 0 or inside.all():
            return inside.astype(np.float32)
        # only the support's box and one pixel around it can matter
        box = self.support.box.grow(1).intersect(self.crop).shift(-self.crop.x0, -self.crop.y0)
        alpha = np.zeros(inside.shape, dtype=np.float32)
        shown = alpha[box.slices]
        for rows, distance in depths(inside[box.slices], self.feather + 1):
            shown[rows] = distance / (self.feather + 1)
        alpha[self.inside(self.core) & inside] = 1
        return alpha

    def to_json(self) -> str:
        """Canonical, compact JSON: equal regions give equal bytes, which ComfyUI's cache relies on."""
        return canonical(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    def __repr__(self) -> str:
        return f"Region({self.index}.{self.part} {self.action.kind}, {self.support.area} px)"


def with_support(region: Region, support: Mask) -> Region:
    """The region with a support corrected by hand, which must not be empty; its crop follows."""
    changed = region.model_copy(update={"support": support})
    return changed.model_copy(update={"crop": crop_around(support, changed)})


def seeded(regions: Sequence[Region], seed: int) -> list[Region]:
    """The regions with a seed each, made from `seed` and the action's content: other actions do not move it."""
    return [
        region.model_copy(
            update={
                "seed": int.from_bytes(
                    hashlib.sha256(f"{seed}|{region.action.content()}|{region.part}".encode()).digest()[:6], "big"
                )
            }
        )
        for region in regions
    ]


def hole_region(region: Region) -> Region:
    """What a moved or resized thing leaves behind, as a region of its own: a model draws it, then the thing is pasted.

    Raises:
        ValueError: where the region is of another kind.
    """
    if region.hole is None:
        raise ValueError(f"{region!r} leaves no hole.")
    support = region.hole & region.support
    update = {
        "action": Remove(targets=region.action.objects),
        "support": support,
        "core": region.moved,
        "feather": 1,
        "hole": None,
        "pastes": (),
    }
    hole = region.model_copy(update=update)
    # its own crop: that of a long journey would leave the hole few of a model's pixels
    return hole if support.is_empty else hole.model_copy(update={"crop": crop_around(support, hole)})


def with_context_by(region: Region, factor: float) -> Region:
    """The region with `factor` times as much of the picture around it for its painter to see."""
    return region.model_copy(update={"crop": crop_around(region.support, region, factor)})


def crop_around(support: Mask, region: Region, factor: float = 1.0) -> Box:
    """The support's box (and what is moved) with its context, inside the image."""
    box = support.box
    for mask in (region.moved, region.hole):
        box = box.union(mask.box) if mask is not None else box
    return with_context(box, factor).clip(support.width, support.height)
