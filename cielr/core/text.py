"""Words in a row for people, and text that is safe to print."""

from __future__ import annotations

from collections.abc import Sequence

NAMED = 6
"""So many things are named one by one; of more, the rest is counted."""


def plain(text: str) -> str:
    """One line without control characters: labels come from files and models, and must not steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; past some six, "… and 12 more"."""
    names = [plain(name) for name in names]
    if len(names) > NAMED:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def counted(number: int, thing: str) -> str:
    """ "1 region", "3 regions"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
