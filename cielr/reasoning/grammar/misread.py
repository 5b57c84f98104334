"""Why a step is no sentence of the grammar: the word to blame, and what to say instead."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from ...core.scene import Scene
from ...errors import NotUnderstood
from .choice import likely
from .nouns import known_words
from .tokens import VERBS, refusal, vocabulary
from .trees import spelled

TURNING = {"rotate", "flip", "mirror", "tilt", "spin"}
TURNED = TURNING | {"upside", "upside-down", "clockwise", "degrees", "around"}
COMMON = {
    "for",
    "who",
    "what",
    "were",
    "here",
    "there",
    "her",
    "his",
    "our",
    "your",
    "had",
    "has",
    "have",
    "was",
    "are",
}
"""Words that are spelt well, though the grammar does not know them."""
SWAPPED = {"swap", "exchange", "switch"}


def not_read(step: Sequence[Token], token: Token | None, scene: Scene) -> NotUnderstood:
    """The refusal for a step that does not parse, to be raised.

    Args:
        token: where the parser gave up; None at the end.
        scene: what its things are called is no unknown word.
    """
    text = spelled(step)
    known = known_words(scene)
    unknown = [one for one in step if one.type == "WORD" and one.isalpha() and not _is_known(one, known | COMMON)]
    words = {str(one) for one in step}
    to_a_side = step[-1].type in ("LEFT", "RIGHT") and all(one.type != "COLOUR" for one in step)
    if str(step[0]) in TURNING or (str(step[0]) == "turn" and (words & TURNED or to_a_side)):
        return NotUnderstood(
            f"'{text}' asks for turning or mirroring, which no action does: things can be removed, replaced, moved, "
            "resized and changed in look."
        )
    new = next((n for n, one in enumerate(step) if n > 1 and one in ("a", "an")), len(step))
    is_new = new < len(step)
    of_two = words & {"and", "with"} or (str(step[0]) == "swap" and "out" not in words)
    if str(step[0]) in SWAPPED and of_two and not is_new:
        why = f"'{text}' is two moves at once, each to where the other stands; one after the other can be read"
        return refusal(why)
    begins = step[0].type in VERBS or step[0].type in ("DEGREE", "ONLY")
    # what is to be drawn may be anything; without a verb that is known nothing else is worth a guess
    for word in (one for one in step[: new if begins else 1] if any(one is other for other in unknown)):
        if str(word) in SWAPPED:
            continue
        if meant := likely(word, vocabulary(verbs=True) if word is step[0] else vocabulary() | known):
            return NotUnderstood(f"'{word}' was not understood in '{text}'. {meant}")
    if is_new and step[0].type in ("REPLACE", "MAKE", "RECOLOUR"):
        return refusal(f"'{text}' asks for something new to be drawn")
    if step[0].type == "REPLACE" or (step[0].type in ("MAKE", "RECOLOUR") and any(one.type == "TO" for one in step)):
        return refusal(f"'{text}' asks for something new to be drawn, or for a colour that is not known")
    if not begins:
        return refusal(f"'{text}' begins with no English verb that is known, such as remove, make, move or blur")
    if token is None or not str(token):
        if unknown:
            return refusal(f"'{unknown[-1]}' was not understood in '{text}'")
        return refusal(f"'{text}' is not a whole instruction")
    place = next((n for n, one in enumerate(step) if one is token), 0)
    if {"OF", "WORD"} <= {one.type for one in step[:place]}:
        return refusal(f"'{text}' speaks of what belongs to something, which cannot be read by rule")
    blamed = next((one for one in unknown if any(one is other for other in step[: place + 1])), token)
    return refusal(f"'{blamed}' was not understood in '{text}'")


def _is_known(word: Token, known: set[str]) -> bool:
    return str(word) in known or word.rstrip("s") in known
