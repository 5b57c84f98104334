"""Whether a painter's own text holds another wish, which must not be dropped into the first one's region."""

from __future__ import annotations

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase
from ..words.tokens import Clause, colour_size
from ..words.vocabulary import BIGGER, DARKER, LIGHTER, RELATIONS, SMALLER, PhraseTable
from .texts import is_adjective
from .wishes import Wish

_LINKS = frozenset({"to", "into", "with"})
_DEMANDS = frozenset({"should", "must", "becomes", "become", "needs"})
_COMPARED = BIGGER | SMALLER | LIGHTER | DARKER
_STARTS = frozenset({"the", "its", "his", "her", "their", "my", "all", "both", "those", "these"})


def second_wish(clause: Clause, wish: Wish, labels: PhraseTable[str]) -> str:
    """The words with which another wish begins within the text of one; "" where there is none.

    "replace the tv with a fireplace and the painting with a mirror", "make the dog a cat and the cake bigger".
    """
    if not wish.free or not wish.paints:
        return ""
    start, end = wish.free[0]
    np = NounPhrases(clause, labels)
    link = clause.words[start - 1] if start and clause.words[start - 1] in _LINKS else ""
    for place in range(start, end - 2):
        if clause.words[place] not in ("and", ",", "but") or clause.tokens[place].kind == "quoted":
            continue
        begin = place + 1 + (clause.words[place] == "," and clause.words[place + 1] == "and")
        if begin >= end - 1:
            continue
        read = np.phrase(begin, end, frozenset({"with", "to", "into"}))
        if read is None or read[1] >= end:
            continue
        if _begins_wish(clause, read[0], begin, read[1], end, link):
            return clause.raw(begin, end)
    return ""


def _begins_wish(clause: Clause, phrase: Phrase, begin: int, place: int, end: int, link: str) -> bool:
    """Whether a phrase and what follows it say what is to become of another thing."""
    words = clause.words
    follows = words[place]
    if words[begin] in _STARTS and phrase.has_noun:
        if link and follows == link:
            return True
        look = colour_size(words, place, end) == end - place or (place + 1 == end and is_adjective(follows))
        look = look or follows in ("a", "an")
        return look or follows in _DEMANDS or (follows in _COMPARED and place + 1 == end)
    return words[begin] == "one" and RELATIONS.at(words, place, end) is not None
