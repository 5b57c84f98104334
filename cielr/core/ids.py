"""Ids of things: "cup_2", the last word of a label and a number that no other cup has."""

from __future__ import annotations

import re
from collections.abc import Iterable


class UsedIds:
    """Ids that name something already, and the highest number of each word: a free one is known at once."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._highest: dict[str, int] = {}
        self.add(names)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, names: Iterable[str]) -> None:
        """Takes these, too."""
        for name in names:
            self._names.add(name)
            stem, _, number = name.rpartition("_")
            if stem and number.isdecimal():
                self._highest[stem] = max(self._highest.get(stem, 0), int(number))

    def free(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The next free id of each label, in order: "dark red cup" -> "cup_2" where cup_1 is taken."""
        highest: dict[str, int] = {}
        ids: list[str] = []
        for label in labels:
            words = re.findall(r"[a-z0-9]+", label.lower())
            stem = (words[-1] if words else "object")[:40]
            highest[stem] = highest.get(stem, self._highest.get(stem, 0)) + 1
            ids.append(f"{stem}_{highest[stem]}")
        return tuple(ids)


def new_id(label: str, taken: Iterable[str]) -> str:
    """A free id for a label."""
    return UsedIds(taken).free([label])[0]
