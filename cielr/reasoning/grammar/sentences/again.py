"""Sentences that ask for the same once more: "do the same to the plate", "the plate too"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..nouns.parser import NounPhrases
from ..words.clauses import words_again
from ..words.tokens import Clause, refusal
from ..words.vocabulary import PhraseTable
from .wishes import Wish, with_nouns


def same_again(clause: Clause, before: Sequence[Wish], labels: PhraseTable[str]) -> list[Wish] | None:
    """What was asked for before, of other things; None where that is not what a clause says.

    Raises:
        NotUnderstood: where nothing was asked for that could be done to other things.
    """
    span = None if clause.is_wanted else words_again(clause.words)
    read = span and NounPhrases(clause, labels).selection(*span)
    if not span or not read or read[1] != span[1]:
        return None
    targets = read[0]
    if not before or any(wish.targets is None or wish.other is not None for wish in before):
        raise refusal(f"What is to be done to '{targets.words}' is not said")
    # "the blue one" is one of those that were spoken of, and not of what they became
    spoken = before[-1].targets
    return with_nouns([replace(wish, targets=targets) for wish in before], spoken and spoken.items[-1])[0]
