"""Names of things that an action makes, so that later actions of the plan can speak of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..core.scene import new_id

if TYPE_CHECKING:
    from .action import ActionBase

_ARTICLE = re.compile(r"^(?:an?|the|some|another|one)\s+", re.IGNORECASE)
_HEAD_ENDS = re.compile(r"\s+(?:with|of|in|on|at|that|which|who|wearing|holding|made|from|for|and)\s|[,;:.(]")


def label_of(words: str) -> str:
    """What a detector would call the thing that some words describe: "a brown goat with a bell" -> "brown goat"."""
    bare = _ARTICLE.sub("", " ".join(words.split()))
    head = _HEAD_ENDS.split(bare, maxsplit=1)[0].strip()
    return head or bare or words


def made_ids(action: ActionBase, taken: Iterable[str]) -> tuple[str, ...]:
    """The ids of what an action makes: as it names them, or else the next free number of each label."""
    named = getattr(action, "makes", ())
    labels = action.makes_labels
    if named:
        return named
    used = set(taken)
    ids: list[str] = []
    for label in labels:
        ids.append(new_id(label, used))
        used.add(ids[-1])
    return tuple(ids)
