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


def made_ids(action: ActionBase, scene: Scene) -> tuple[str, ...]:
    """The ids of what an action makes: as it names them, or else the next free number of each label."""
    named: tuple[str, ...] = getattr(action, "makes", ())
    return named or UsedIds(scene.used_ids).free(action.makes_labels(labels_by_id(scene)))
