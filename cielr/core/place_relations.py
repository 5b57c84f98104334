"""The relations in which something can be put to something else.

Apart from `actions/place.py`, because ComfyUI lists them at its start, when nothing of the engine is loaded.
"""

from __future__ import annotations

from typing import Literal, get_args

Relation = Literal[
    "by",
    "at",
    "left_of",
    "right_of",
    "above",
    "below",
    "next_to",
    "on",
    "inside",
    "between",
    "in_front_of",
    "behind",
]
RELATIONS: tuple[Relation, ...] = get_args(Relation)

ANCHORS: dict[str, int] = {"by": 0, "at": 0, "between": 2}
"""How many anchors a relation takes; 1 where not named."""
