"""Where something goes: `Place`, as a plan says it."""

from __future__ import annotations

from pydantic import Field, model_validator

from ..core.place_relations import ANCHORS, Relation
from ..core.serial import Frozen
from ..core.text import listed


class Place(Frozen):
    """Where something goes.

    Attributes:
        relation: "by" an offset, "at" a point of the image, or in a relation to the anchors.
        anchors: ids of the objects that the relation names: two for "between", none for "by" and "at".
        x, y: for "by" pixels to the right and down; for "at" the centre's place, each in [0, 1] of the image.
    """

    relation: Relation
    anchors: tuple[str, ...] = ()
    x: float = Field(default=0.0, allow_inf_nan=False)
    y: float = Field(default=0.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _complete(self) -> Place:
        wanted = ANCHORS.get(self.relation, 1)
        if len(self.anchors) != wanted:
            anchors = "1 anchor" if wanted == 1 else f"{wanted} anchors"
            raise ValueError(f"'{self.relation}' takes {anchors}, not {len(self.anchors)}.")
        if self.relation == "at" and not (0 <= self.x <= 1 and 0 <= self.y <= 1):
            raise ValueError("'at' takes x and y between 0 and 1.")
        return self

    def words(self) -> str:
        """ "left of plate_1", "by 20 px to the right", for people."""
        if self.relation == "by":
            sideways = f"{abs(self.x):g} px to the {'right' if self.x > 0 else 'left'}" if self.x else ""
            upright = f"{abs(self.y):g} px {'down' if self.y > 0 else 'up'}" if self.y else ""
            return "by " + (" and ".join(part for part in (sideways, upright) if part) or "nothing")
        if self.relation == "at":
            return f"at {self.x * 100:.0f} % from the left and {self.y * 100:.0f} % from the top"
        return f"{self.relation.replace('_', ' ')} {listed(self.anchors)}"
