"""Things that are put elsewhere with their own pixels: what move, resize, turn, swap and duplicate share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.geometry import Mask
from ..core.scene import Scene, SceneUpdate
from ..core.things import family_of, free_mask, mask_of, mask_to_avoid
from .action import EMPTY, Needs, TargetedAction, the_labels_of
from .draft import Draft, NowhereToGo, Paste
from .place import Place
from .placement import moved_mask, place_box

GROW_PASTE = 0.03
"""The hole that a moved thing leaves: its blurred edge goes with the ground."""


@dataclass(frozen=True)
class Journey:
    """Things that travel together, with their parts and effects, and the way of their pixels."""

    names: tuple[str, ...]
    paste: Paste


def journey(scene: Scene, names: tuple[str, ...], **way: Any) -> Journey:
    """The journey of some things; `way` is what a `Paste` is made of besides their pixels.

    Raises:
        NowhereToGo: where none of them would stay in the picture.
    """
    paste = Paste(source=mask_of(scene, names), **way)
    if paste.goal.is_empty:
        raise NowhereToGo(f"would take {', '.join(names)} out of the picture")
    return Journey(names, paste)


def journey_to(scene: Scene, targets: Sequence[str], to: Place) -> Journey:
    """The journey of some things, all together, to a place; errors as those of `journey`."""
    box = mask_of(scene, targets).box
    goal = place_box((box.width, box.height), to, scene, start=box)
    return journey(scene, family_of(scene, targets), dx=goal.x0 - box.x0, dy=goal.y0 - box.y0)


class Travelling(TargetedAction):
    """An action that takes its targets to another place, size or angle; the hole is filled."""

    follows_outline = True

    def journeys(self, scene: Scene) -> list[list[Journey]]:
        """Who goes where: one list for each region, of what is taken up before any of it is put down."""
        raise NotImplementedError

    def hidden(self, scene: Scene) -> Mask | None:
        """Pixels at the goal behind which the things go, or None."""
        return None

    @property
    def needs(self) -> Needs:
        return "fill"

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, journeys) for journeys in self.journeys(scene)]

    def _draft(self, scene: Scene, journeys: Sequence[Journey]) -> Draft:
        pastes = tuple(journey.paste for journey in journeys)
        names = tuple(name for journey in journeys for name in journey.names)
        hole = Mask.union(
            [free_mask(scene, self.keep, journey.names, GROW_PASTE) for journey in journeys], scene.height, scene.width
        )
        goal = Mask.union([paste.goal for paste in pastes], scene.height, scene.width)
        hidden = self.hidden(scene)
        goal = goal - hidden if hidden is not None else goal
        return Draft(
            # the hole's and the thing's edges are softened when they are painted, each by its own mask
            (hole | goal) - mask_of(scene, self.keep),
            EMPTY,
            negative=", ".join(scene[name].label for name in names),
            avoid=mask_to_avoid(scene, names),
            hole=hole,
            pastes=pastes,
            # a painter draws the hole alone; the things are put down by code
            order=f"remove {the_labels_of(scene, names)}",
        )

    def after(self, scene: Scene) -> Scene:
        changed = []
        for travelling in (travelling for journeys in self.journeys(scene) for travelling in journeys):
            # parts and effects keep their places within the whole
            for name in travelling.names:
                mask = moved_mask(scene[name].mask, travelling.paste.transform)
                changed.append(scene[name].model_copy(update={"mask": mask, "box": mask.box}))
        return scene.apply(SceneUpdate(changed=tuple(changed)))
