"""Texts from files, models and servers made harmless where they are shown."""

from __future__ import annotations


def plain(text: str) -> str:
    """One line without control characters: labels come from files and models, and must not steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
