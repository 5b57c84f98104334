"""The scene as an action leaves it, with what is new called as the text calls it."""

from __future__ import annotations

from ....actions import Action
from ....actions.draft import NowhereToGo
from ....core.scene import Scene
from ..words.tokens import refusal


def after(scene: Scene, action: Action, makes: tuple[tuple[str, str], ...] = ()) -> Scene:
    """The scene as an action leaves it; what it makes is called as the text calls it.

    Args:
        makes: (id, label) of each thing that is made.
    """
    try:
        left = action.after(scene)
    except NowhereToGo as error:
        raise refusal(f"'{action.sentence()}' {error}") from None
    new = [thing for thing in left.objects if thing.id not in scene.used_ids]
    if not makes or len(new) != len(makes):
        return left
    named = {
        thing.id: thing.model_copy(update={"id": name, "label": label})
        for thing, (name, label) in zip(new, makes, strict=True)
    }
    return left.model_copy(update={"objects": tuple(named.get(thing.id, thing) for thing in left.objects)})
