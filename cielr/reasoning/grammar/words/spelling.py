"""Which known words a misspelt one may be meant for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches


def likely_words(word: str, known: Iterable[str]) -> list[str]:
    """Known words of which a word is likely a misspelling, the likeliest first."""
    known = sorted(set(known) - {word})
    if len(word) < 3:
        return []
    close = [other for other in known if sorted(other) == sorted(word)]
    if close:
        return close
    near = get_close_matches(word, known, n=2, cutoff=0.8)
    alike = {other: SequenceMatcher(None, word, other).ratio() for other in near}
    return [other for other in near if alike[other] == max(alike.values())]


def likely(word: str, known: Iterable[str]) -> str:
    """ "Did you mean 'biggest'?" where a word is likely a misspelling of a known one, or ""."""
    close = likely_words(word, known)
    return f"Did you mean {' or '.join(repr(other) for other in close[:2])}?" if close else ""
