"""What goes into an edit and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..actions import Plan
from ..core.scene import Parser, Scene
from ..errors import PlanError, SceneError
from ..reasoning.options import ReasonOptions
from ..region import Region
from ..telling.trace import Trace

if TYPE_CHECKING:
    from ..editing.executor import Change
    from ..editing.painters import Filler, Inpainter
    from ..editing.verify import Check
    from ..reasoning.chats.protocol import Chat

Source = Any
"""A path, a file's bytes, a PIL image, an array uint8 or float32 [H, W, 3 or 4], or a `photos.photo.Photo`."""
Masks = Mapping[str, Any] | str | Path
"""{label: mask, or a list of masks} or the path of their folder or file, as `scene_of_masks` takes them."""


@dataclass(frozen=True)
class EditResult:
    """What an edit gives.

    Attributes:
        image: uint8 or float32 [H, W, 3], as the input was; bit-identical to it outside the regions.
        scene, plan, regions: how it came about; trace: with what inputs and in what time.
        changes: what was measured of each region, in their order.
        alpha: the photo's transparency, uint8 or float32 [H, W], edited with its pixels; None where it has none.
        checks: what was found out about each attempt at each action, where `attempts` asked for it.
        notices: sentences that the user should read: what did nothing, what was not found again, what was left out.
        seeds: of the variants that were painted, which `choice` takes.
        variants: where several were asked for, an edit for each, of which this one is the first; else none.
    """

    image: np.ndarray
    scene: Scene
    plan: Plan
    regions: tuple[Region, ...]
    trace: Trace
    changes: tuple[Change, ...] = ()
    alpha: np.ndarray | None = None
    checks: tuple[Check, ...] = ()
    notices: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    variants: tuple[EditResult, ...] = ()

    def __repr__(self) -> str:
        return f"EditResult({self.plan!r}, {len(self.regions)} regions)"


@dataclass(frozen=True)
class EditRequest:
    """All that an edit takes besides the photo: the same object from Python, the command line and the nodes.

    Attributes:
        instruction: what is to change.
        labels: what to look for, as for `perceive`; None leaves it to the parser, which is told what the instruction
            speaks of, and what the language model sees, where it takes pictures.
        perception: None is the built-in parser, chat: None the built-in grammar, inpainter: None the built-in fill;
            none of them needs weights.
        fill: who fills holes, before an inpainter draws over them; None is the built-in fill.
        seed: equal seeds give equal bytes.
        colour_match: undo the shift in colour that a diffusion model gives to what it should have left alone.
        attempts: how often an action is painted at most, until code and eyes find that it did what it should; 1 paints
            once and checks nothing.
        options: how the instruction is to be understood.
        plan: is carried out in place of an instruction.
        scene: what is in the photo, which is not searched then.
        masks: the same as masks by their labels; `labels` is then one name, for those that have none.
        variants: so many edits, up to 12, in which every region is painted by another seed.
        choice: the seeds of variants that are kept, a text or numbers, in one edit: of each region the one that is
            named here, else the first.
    """

    instruction: str = ""
    labels: str | Sequence[str] | None = None
    perception: Parser | None = None
    chat: Chat | None = None
    inpainter: Inpainter | Filler | None = None
    fill: Filler | None = None
    seed: int = 0
    colour_match: bool = True
    attempts: int = 1
    options: ReasonOptions = field(default_factory=ReasonOptions)
    plan: Plan | None = None
    scene: Scene | None = None
    masks: Masks | None = None
    variants: int = 1
    choice: str | Sequence[int] = ""

    @property
    def can_draw(self) -> bool:
        """Whether there is a painter that draws what words say; a filler does not."""
        return hasattr(self.inpainter, "inpaint")

    def check(self) -> None:
        """Raises PlanError, SceneError or EditError where it says one thing in two ways, or what nobody can do."""
        if self.plan is not None and self.instruction.strip():
            raise PlanError(
                "Both an instruction and a plan are given; the plan says all that is to be done: leave the other out."
            )
        if self.scene is not None and self.masks is not None:
            raise SceneError("Both a scene and masks are given; each says what is in the photo: leave one out.")
        if self.scene is not None and self.labels is not None:
            raise SceneError("Labels say what to look for, and nobody looks where a scene is given; leave them out.")
        from ..editing.variants import check_variants

        check_variants(self.variants, self.choice)


@dataclass(frozen=True)
class Draft:
    """What an edit would do, before it is done: `regions` are as far as geometry can tell, where something that is yet
    to be drawn is referred to."""

    scene: Scene
    plan: Plan
    regions: tuple[Region, ...]
    trace: Trace
