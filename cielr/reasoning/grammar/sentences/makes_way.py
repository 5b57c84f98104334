"""A background that makes way for another: "remove the background and make it blue" asks for a blue one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..words.clauses import clauses_of
from ..words.tokens import HUES, Clause, Token, colour_size
from ..words.vocabulary import ARTICLES, BACKGROUND_WORDS, PICTURE_WORDS, POSSESSIVES, RELATIONS, VERBS, word_set
from .texts import SCENERY

_SAID_OF_IT = (
    HUES | ARTICLES | POSSESSIVES | PICTURE_WORDS | word_set("of in from all whole entire current existing old")
)
_FILLED = frozenset({"make", "recolour", "change", "fill", "replace"})
_NEW = frozenset({"add", "put", "create", "apply", "use"})
_LINKS = frozenset({"with", "by", "to", "into"})


def wishes_apart(instruction: str) -> list[Clause]:
    """The clauses of an instruction, without those that only take away the background which the next one makes anew.

    Raises:
        NotUnderstood: as `clauses_of`.
    """
    kept: list[Clause] = []
    cleared: Clause | None = None
    for clause in _copies_together(clauses_of(instruction)):
        anew = None if cleared is None else _made_anew(clause, cleared)
        if cleared is not None and anew is None:
            kept.append(cleared)
        cleared = clause if _clears(clause) else None
        if cleared is None:
            kept.append(anew or clause)
    return kept if cleared is None else [*kept, cleared]


def _copies_together(clauses: Sequence[Clause]) -> list[Clause]:
    """ "copy the tree" and "paste it next to the house" as one."""
    together: list[Clause] = []
    for clause in clauses:
        verb = VERBS.at(together[-1].words, 0) if together else None
        if verb is not None and verb[0] == "duplicate" and clause.words[:2] == ("paste", "it"):
            together[-1] = replace(clause, tokens=(*together[-1].tokens, *clause.tokens[2:]))
        else:
            together.append(clause)
    return together


def _clears(clause: Clause) -> bool:
    """Whether a clause says "remove the background", and nothing else."""
    verb = VERBS.at(clause.words, 0)
    rest = [word for word in clause.words[verb[1] :] if word not in _SAID_OF_IT] if verb is not None else []
    return verb is not None and verb[0] == "remove" and len(rest) == 1 and rest[0] in BACKGROUND_WORDS


def _made_anew(clause: Clause, cleared: Clause) -> Clause | None:
    """What a clause makes of the background that was cleared, said of the background; None where it makes none."""
    words = clause.words
    verb = VERBS.at(words, 0)
    if verb is None or verb[1] >= len(words):
        return None
    if verb[0] in _NEW:
        if _is_a_setting(words[verb[1] :]):
            # "add a beach"
            to = replace(clause.tokens[0], word="to"), *clause.tokens[verb[1] :]
            verb_token = replace(clause.tokens[0], word="change")
            return replace(clause, tokens=(verb_token, *_background(cleared), *to))
        placed = any(RELATIONS.at(words, place) is not None for place in range(verb[1], len(words)))
        behind = words[-1] in BACKGROUND_WORDS and not placed and not {"to", "into"} & set(words)
        return clause if behind else None
    place = verb[1]
    if verb[0] not in _FILLED:
        return None
    named = next((k for k in (place, place + 1) if words[k : k + 1] and words[k] in BACKGROUND_WORDS), None)
    if named is not None:
        after = words[named + 1 : named + 2]
        anew = after == () or after[0] in _LINKS | ARTICLES or colour_size(words, named + 1) > 0
        return clause if anew else None
    if words[place] == "it":
        # "make it smile" is about somebody
        new = [word for word in words[place + 1 :] if word not in _LINKS]
        ground = new and (colour_size(new, 0) == len(new) or new[-1] in SCENERY or new[-1] == "one")
        said = ground or verb[0] == "replace"
        return _about_it(clause, cleared, place, place + 1) if said else None
    return _about_it(clause, cleared, place, place) if words[place] in _LINKS else None


def _is_a_setting(words: Sequence[str]) -> bool:
    """Whether words name nothing but somewhere to be: "a beach", "a snowy forest"."""
    setting = words[0] in ("a", "an", "some") and words[-1] in SCENERY - BACKGROUND_WORDS
    return setting and not any(RELATIONS.at(words, place) for place in range(len(words)))


def _about_it(clause: Clause, cleared: Clause, start: int, end: int) -> Clause:
    """A clause with "the background", as it was named before, between two places."""
    return replace(clause, tokens=(*clause.tokens[:start], *_background(cleared), *clause.tokens[end:]))


def _background(cleared: Clause) -> tuple[Token, Token]:
    """ "the background", as it was named where it was to go."""
    named = next(token for token in cleared.tokens if token.word in BACKGROUND_WORDS)
    return Token("the", "word", named.start, named.start), replace(named, word="background")
