"""Whether a painter's own text holds another wish, which must not be dropped into the first one's region."""

from __future__ import annotations

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase
from ..words.doings import STATES
from ..words.tokens import Clause, colour_size
from ..words.vocabulary import BIGGER, COMPARED, DEGREES, RELATIONS, SIZES, SMALLER, PhraseTable
from .texts import is_adjective
from .wishes import Wish

_LINKS = frozenset({"to", "into", "with", "by", "for"})
_DEMANDS = frozenset({"should", "must", "becomes", "become", "needs"})
_STATES = frozenset({"clear", "visible", "clean", "closed", "shut"})
_STARTS = frozenset({"the", "its", "his", "her", "their", "my", "all", "both", "those", "these"})


def second_wish(clause: Clause, wish: Wish, labels: PhraseTable[str]) -> str:
    """The words with which another wish begins within the text of one; "" where there is none.

    "replace the tv with a fireplace and the painting with a mirror", "make the dog a cat and the cake bigger".
    """
    if not wish.free or not wish.paints:
        return ""
    start, end = wish.free[0]
    np = NounPhrases(clause, labels)
    link = next((word for word in clause.words[max(start - 1, 0) : start + 1] if word in _LINKS), "")
    for place in range(start, end - 2):
        if clause.words[place] not in ("and", ",", "but") or clause.tokens[place].kind == "quoted":
            continue
        begin = place + 1 + (clause.words[place] == "," and clause.words[place + 1] == "and")
        if begin >= end - 1:
            continue
        if clause.words[begin] in _STARTS and _does(clause, np, begin, end):
            return clause.raw(begin, end)
        read = np.phrase(begin, end, _LINKS | {"'s"})
        if (
            clause.words[begin] in _STARTS
            and clause.words[end - 1] in _STATES
            and np.phrase(begin, end - 1) is not None
        ):
            # "and their faces clear"
            return clause.raw(begin, end)
        if read is None or read[1] >= end:
            continue
        if _begins_wish(clause, read[0], begin, read[1], end, link):
            return clause.raw(begin, end)
    return ""


def _does(clause: Clause, np: NounPhrases, begin: int, end: int) -> bool:
    """Whether it is said there what something else is to do: "and the woman frown"."""
    for place in range(begin + 2, end):
        doing = clause.words[place] in STATES and (place + 1 == end or not clause.words[place].endswith("ing"))
        read = np.phrase(begin, place) if doing else None
        if read is not None and read[1] == place and read[0].has_noun:
            return True
    return False


def _begins_wish(clause: Clause, phrase: Phrase, begin: int, place: int, end: int, link: str) -> bool:
    """Whether a phrase and what follows it say what is to become of another thing."""
    words = clause.words
    follows = words[place]
    if follows == "'s":
        # "and the girl's to pink"
        return words[begin] in _STARTS and link != "" and link in words[place + 1 : place + 2]
    if words[begin] in _STARTS and (phrase.has_noun or phrase.ranks or phrase.looks):
        if link and follows == link:
            return True
        degree = DEGREES.at(words, place, end)
        said = place if degree is None else place + degree[1]
        look = colour_size(words, place, end) == end - place
        look = look or (said + 1 == end and (is_adjective(words[said]) or words[said] in SIZES | _STATES))
        look = look or follows in ("a", "an")
        return look or follows in _DEMANDS or (follows in COMPARED | BIGGER | SMALLER and place + 1 == end)
    return words[begin] == "one" and RELATIONS.at(words, place, end) is not None
