"""All kinds of actions. A new kind is a file of its own and its line here."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from .action import ActionBase
from .add import Add
from .background import Background
from .duplicate import Duplicate
from .extract import Extract
from .modify import Modify
from .move import Move
from .remove import Remove
from .replace import Replace
from .resize import Resize
from .swap import Swap
from .turn import Turn
from .whole import Global

Action = Annotated[
    Remove | Replace | Modify | Add | Background | Move | Resize | Turn | Swap | Duplicate | Extract | Global,
    Field(discriminator="kind"),
]

KINDS: dict[str, type[ActionBase]] = {
    str(kind.model_fields["kind"].default): kind for kind in get_args(get_args(Action)[0])
}
"""The word that JSON says -> the class, in the order in which they are told to people and models."""
