"""What code can put right in a model's answer before anybody is asked again: form, spelling of ids, doubles.

Nothing here changes what is meant; each change is told as a note.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from ..core.scene import Scene


def tidy_turn(value: dict[str, Any], turns: Collection[str]) -> dict[str, Any]:
    """An answer in the outer form of a turn, where it holds one in another: wrapped, flat, or as text in a text.

    Args:
        turns: the kinds of turns that there are.
    """
    for _ in range(3):
        if "turn" in value or value.get("kind") in turns or len(value) != 1:
            break
        (inner,) = value.values()
        if not isinstance(inner, dict):
            break
        # {"response": {…}}
        value = inner
    check = {"check": value["check"]} if "check" in value else {}
    if "turn" not in value and value.get("kind") in turns:
        reason = value.get("reason")
        value = {
            "reason": reason,
            "turn": {name: item for name, item in value.items() if name not in ("reason", "check")},
        }
    turn = value.get("turn")
    if isinstance(turn, str):
        try:
            turn = json.loads(turn, strict=False)
        except ValueError:
            return value
    reason = value.get("reason")
    return {**check, "reason": reason if isinstance(reason, str) else "", "turn": turn}


def tidy_action(raw: dict[str, Any], scene: Scene) -> tuple[dict[str, Any], list[str]]:
    """An action with its ids as the scene spells them, each once, and nothing kept that it changes; with notes on what
    was put right."""
    action, notes = dict(raw), []
    for name in ("targets", "keep"):
        if isinstance(action.get(name), list) and all(isinstance(item, str) for item in action[name]):
            action[name] = list(dict.fromkeys(_spelled(action[name], scene)))
    for name in ("to", "where"):
        place = action.get(name)
        if isinstance(place, dict) and isinstance(place.get("anchors"), list):
            action[name] = {**place, "anchors": _spelled(place["anchors"], scene)}
    targets, keep = action.get("targets"), action.get("keep")
    if isinstance(targets, list) and isinstance(keep, list):
        both = [name for name in keep if name in targets]
        if both:
            action["keep"] = [name for name in keep if name not in targets]
            notes.append(f"{', '.join(map(str, both))} cannot be kept by what changes it, and is not.")
    return action, notes


def _spelled(names: Iterable[Any], scene: Scene) -> list[Any]:
    """Ids as the scene has them: "Cup_3" and "cup 3" are cup_3, where nothing else is."""
    known = {_plain(name): name for name in scene.ids}
    return [
        name if not isinstance(name, str) or scene.get(name) is not None else known.get(_plain(name), name)
        for name in names
    ]


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


__all__ = ["tidy_action", "tidy_turn"]
