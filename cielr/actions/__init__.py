"""What can be done to a picture, one file a kind, and the plan that strings actions together.

In: a scene. Out: `Plan` and its actions, each of which knows its own region, words and form. Open `action.py` first.
"""

from .add import Add
from .background import Background
from .change import exact_change
from .duplicate import Duplicate
from .extract import Extract
from .kinds import KINDS, Action
from .modify import Modify
from .move import Move
from .place import Place
from .plan import Plan
from .remove import Remove
from .replace import Replace
from .resize import Resize
from .swap import Swap
from .turn import Turn
from .whole import Global

__all__ = [
    "KINDS",
    "Action",
    "Add",
    "Background",
    "Duplicate",
    "Extract",
    "Global",
    "Modify",
    "Move",
    "Place",
    "Plan",
    "Remove",
    "Replace",
    "Resize",
    "Swap",
    "Turn",
    "exact_change",
]
