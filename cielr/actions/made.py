"""Names of things that an action makes, so that later actions of the plan can speak of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..core.ids import UsedIds
from ..core.scene import Scene

if TYPE_CHECKING:
    from .action import ActionBase

_ARTICLE = re.compile(r"^(?:an?|the|some|another|one)\s+", re.IGNORECASE)
_HEAD_ENDS = re.compile(r"\s+(?:with|of|in|on|at|that|which|who|wearing|holding|made|from|for|and)\s|[,;:.(]")


def label_of(words: str) -> str:
    """What a detector would call the thing that some words describe: "a brown goat with a bell" -> "brown goat"."""
    bare = _ARTICLE.sub("", " ".join(words.split()))
    head = _HEAD_ENDS.split(bare, maxsplit=1)[0].strip()
    return head or bare or words


def labels_by_id(scene: Scene) -> dict[str, str]:
    """Id -> label of every object."""
    return {thing.id: thing.label for thing in scene.objects}


class Names:
    """Labels of what is there by id, and the ids that are taken, from action to action of a plan."""

    def __init__(self, scene: Scene) -> None:
        self.labels = labels_by_id(scene)
        self.used = UsedIds(scene.used_ids)

    def made_by(self, action: ActionBase) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(ids, labels) of what an action makes: as it names them, or else the next free number of each label."""
        labels = action.makes_labels(self.labels)
        return getattr(action, "makes", ()) or self.used.free(labels), labels

    def take(self, action: ActionBase) -> tuple[str, ...]:
        """The ids of what an action makes, which are there from now on."""
        ids, labels = self.made_by(action)
        self.labels |= dict(zip(ids, labels, strict=False))
        self.used.add(ids)
        return ids


def made_things(action: ActionBase, scene: Scene) -> list[tuple[str, str]]:
    """(id, label) of each thing that an action makes in a scene."""
    return list(zip(*Names(scene).made_by(action), strict=True))
