"""What belongs to what: parts to their wholes, shadows and reflections to what casts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scene import SceneObject


def owners_of(objects: Iterable[SceneObject], name: str) -> set[str]:
    """Ids of all that a thing belongs to: its whole, what casts it, and what these belong to."""
    things = {thing.id: thing for thing in objects}
    owners: set[str] = set()
    waiting = [name]
    while waiting:
        for owner in _owners(things.get(waiting.pop())):
            if owner not in owners:
                owners.add(owner)
                waiting.append(owner)
    return owners


def circle_words(objects: Iterable[SceneObject]) -> str:
    """Which things belong to themselves by way of each other: "'a' is part of 'b', 'b' is part of 'a'"; or ""."""
    things = {thing.id: thing for thing in objects if _owners(thing)}
    circle = _circle(things)
    links = []
    for name, owner in zip(circle, (*circle[1:], *circle[:1]), strict=True):
        link = "part of" if things[name].part_of == owner else "an effect of"
        links.append(f"'{name}' is {link} '{owner}'")
    return ", ".join(links[:4]) + (", and so on" if len(links) > 4 else "")


def _circle(things: Mapping[str, SceneObject]) -> Sequence[str]:
    harmless: set[str] = set()
    for start in things:
        way: dict[str, list[str]] = {start: _owners(things[start])}
        while way:
            name, left = next(reversed(way.items()))
            owner = left.pop() if left else ""
            if owner in way:
                steps = list(way)
                return steps[steps.index(owner) :]
            if owner in things and owner not in harmless:
                way[owner] = _owners(things[owner])
            elif not owner:
                harmless.add(name)
                way.popitem()
    return ()


def _owners(thing: SceneObject | None) -> list[str]:
    return [] if thing is None else [name for name in (thing.part_of, thing.effect_of) if name]
