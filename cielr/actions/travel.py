"""Things that are carried elsewhere with their own pixels: what moving and resizing share."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.geometry import Flip, Mask
from ..core.scene import Scene, SceneUpdate
from ..core.things import free_mask, mask_of, mask_of_others
from .action import EMPTY, Needs, TargetedAction
from .draft import Draft, NowhereToGo, Paste
from .placement import moved_mask

GROW_PASTE = 0.03
"""The hole that a moved thing leaves: its blurred edge goes with the ground."""


@dataclass(frozen=True)
class Journey:
    """Things that travel together, with their parts and effects: see `Paste` for the meaning of each field."""

    names: tuple[str, ...]
    scale: float = 1.0
    dx: int = 0
    dy: int = 0
    degrees: float = 0.0
    flip: Flip | None = None

    def paste(self, source: Mask) -> Paste:
        """The journey of some pixels of theirs."""
        return Paste(source=source, scale=self.scale, dx=self.dx, dy=self.dy, degrees=self.degrees, flip=self.flip)


class Travelling(TargetedAction):
    """An action that takes its targets to another place or size; the hole is filled."""

    def journeys(self, scene: Scene) -> list[Journey]:
        """Who goes where."""
        raise NotImplementedError

    def hidden(self, scene: Scene) -> Mask | None:
        """Pixels at the goal behind which the things go, or None."""
        return None

    @property
    def needs(self) -> Needs:
        return "fill"

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, journey) for journey in self.journeys(scene)]

    def _draft(self, scene: Scene, journey: Journey) -> Draft:
        paste = journey.paste(mask_of(scene, journey.names))
        goal = paste.goal
        if goal.is_empty:
            raise NowhereToGo(f"would take {', '.join(journey.names)} out of the picture")
        hole = free_mask(scene, self.keep, journey.names, GROW_PASTE)
        hidden = self.hidden(scene)
        goal = goal - hidden if hidden is not None else goal
        return Draft(
            # the hole's and the thing's edges are softened when they are painted, each by its own mask
            (hole | goal) - mask_of(scene, self.keep),
            EMPTY,
            negative=", ".join(scene[name].label for name in journey.names),
            avoid=mask_of_others(scene, journey.names),
            hole=hole,
            pastes=(paste,),
        )

    def after(self, scene: Scene) -> Scene:
        changed = []
        for journey in self.journeys(scene):
            # parts and effects keep their places within the whole
            whole = journey.paste(mask_of(scene, journey.names)).transform
            for name in journey.names:
                mask = moved_mask(scene[name].mask, whole)
                changed.append(scene[name].model_copy(update={"mask": mask, "box": mask.box}))
        return scene.apply(SceneUpdate(changed=tuple(changed)))
