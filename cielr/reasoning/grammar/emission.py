"""From what was read to actions of a plan: the one module that knows their classes and fields."""

from __future__ import annotations

from typing import Any

from ... import actions as kinds
from ...actions import Action, Add, Background, Global, Modify, Move, Place, Remove, Replace, Resize
from ...actions.draft import NowhereToGo
from ...core.scene import Scene
from ...errors import NotUnderstood
from ...region import scene_after
from .words.tokens import refusal


def remove(targets: tuple[str, ...], reason: str) -> Action:
    return Remove(targets=targets, reason=reason)


def look(targets: tuple[str, ...], change: str, reason: str) -> Action:
    return Modify(targets=targets, change=change, reason=reason)


def modify(targets: tuple[str, ...], change: str, outline: str, prompt: str, reason: str) -> Action:
    known: dict[str, Any] = {"outline": outline} if "outline" in Modify.model_fields else {}
    return Modify(targets=targets, change=change, prompt=prompt, reason=reason, **known)


def background(to: str, reason: str) -> Action:
    return Background(to=to, reason=reason)


def style(text: str, reason: str) -> Action:
    return Global(style=text, reason=reason)


def resize(targets: tuple[str, ...], scale: float, reason: str) -> Action:
    return Resize(targets=targets, scale=round(scale, 4), reason=reason)


def move(targets: tuple[str, ...], to: Place, reason: str) -> Action:
    return Move(targets=targets, to=to, reason=reason)


def replace(targets: tuple[str, ...], text: str, makes: tuple[str, ...], reason: str) -> Action:
    return Replace.model_validate({"targets": targets, "with": text, "makes": makes, "reason": reason})


def add(what: str, where: Place, makes: tuple[str, ...], reason: str) -> Action:
    return Add(what=what, where=where, makes=makes, reason=reason)


def extract(targets: tuple[str, ...], ground: str, reason: str) -> Action:
    return _of_kind("Extract", "cutting something out", targets=targets, ground=ground, reason=reason)


def duplicate(targets: tuple[str, ...], to: Place, reason: str) -> Action:
    return _of_kind("Duplicate", "copying", targets=targets, to=to, reason=reason)


def swap(targets: tuple[str, ...], reason: str) -> Action:
    return _of_kind("Swap", "two moves at once", targets=targets, reason=reason)


def turn(targets: tuple[str, ...], degrees: float, flip: str, reason: str) -> Action:
    return _of_kind("Turn", "turning or mirroring", targets=targets, degrees=degrees, flip=flip or None, reason=reason)


def after(scene: Scene, action: Action, makes: tuple[tuple[str, str], ...] = ()) -> Scene:
    """The scene as an action leaves it; what it makes is called as the text calls it.

    Args:
        makes: (id, label) of each thing that is made.
    """
    try:
        left = scene_after(scene, action)
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


def _of_kind(name: str, what: str, **fields: Any) -> Any:
    kind = getattr(kinds, name, None)
    if kind is None:
        raise NotUnderstood(
            f"The instruction asks for {what}, which no action does: things can be removed, replaced, moved, resized "
            "and changed in look."
        )
    return kind(**fields)
