"""What a clause asks for, also where one verb is said for two things: "make the man older and the woman younger"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ....errors import NotUnderstood
from ..nouns.parser import NounPhrases
from ..words.clauses import clauses_of
from ..words.tokens import Clause
from ..words.vocabulary import VERBS, PhraseTable, word_set
from .by_verb import Sentences
from .second_wish import second_wish
from .staying import may_keep, stays_from, with_remark
from .unsure import check_targets
from .wishes import Misread, Wish

_THE_OTHER = word_set("the his her him them its their my our this that these those")
"""Words with which the second thing begins."""
_SIGNALS = frozenset({"stoplight", "semaphore"})
_SIGNAL_LIGHTS = frozenset((what, "light") for what in ("traffic", "stop", "signal", "crossing"))
_SHOWN = frozenset({"red", "green", "yellow", "amber", "orange"})
_LOOKS = frozenset({"look", "modify", "resize", "replace", "background"})


def wishes_of(clause: Clause, labels: PhraseTable[str]) -> list[Wish]:
    """What a clause asks for; of two things under one verb each wish has a clause of its own.

    Raises:
        Misread: where it is no sentence of the grammar; NotUnderstood: where an amount is out of range.
    """
    wishes = _with_what_stays(clause, labels) or _as_said(clause, labels)
    for wish in wishes:
        check_targets(wish, labels)
    return [_signalling(wish) for wish in wishes]


def _as_said(clause: Clause, labels: PhraseTable[str]) -> list[Wish]:
    """What a clause asks for, the verb said once more where it stands for two things.

    Raises:
        Misread, NotUnderstood: as `wishes_of`.
    """
    verb = VERBS.at(clause.words, 0)
    matches = next((k for k in range(3, len(clause) - 2) if clause.words[k : k + 2] == ("to", "match")), None)
    model = NounPhrases(clause, labels).selection(matches + 2, len(clause)) if matches is not None else None
    alone = model is not None and model[1] == len(clause) and model[0].only is not None
    if matches is not None and alone and verb is not None and verb[0] in ("make", "recolour"):
        # "make her eyebrows blonde to match her hair": what it matches says nothing more
        try:
            before = Sentences(Clause(clause.text, clause.tokens[:matches]), labels).wishes()
            return [replace(wish, clause=clause, free=(*wish.free, (matches, len(clause)))) for wish in before]
        except (Misread, NotUnderstood):
            pass
    try:
        wishes = Sentences(clause, labels).wishes()
    except (Misread, NotUnderstood):
        if apart := _apart(clause, labels):
            return apart
        raise
    if any(second_wish(clause, wish, labels) for wish in wishes):
        wishes = _apart(clause, labels) or wishes
    return wishes


def _signalling(wish: Wish) -> Wish:
    """A traffic light that is to be green shows it, and is not painted so."""
    only = wish.targets.only if wish.targets is not None else None
    colour = wish.text.removeprefix("colour ")
    signals = only is not None and (only.head in _SIGNALS or tuple(only.name[-2:]) in _SIGNAL_LIGHTS)
    painted = VERBS.at(wish.clause.words, 0)
    if wish.kind != "look" or colour not in _SHOWN or not signals or (painted and painted[0] == "recolour"):
        return wish
    return replace(
        wish,
        kind="modify",
        paints=True,
        text=f"showing {'an' if colour[0] in 'ao' else 'a'} {colour} light",
        outline="keep",
    )


def _with_what_stays(clause: Clause, labels: PhraseTable[str]) -> list[Wish]:
    """What is asked for before a remark on what stays as it is; none where there is no such remark."""
    read = stays_from(clause, labels)
    if read is None:
        return []
    try:
        wishes = wishes_of(Clause(clause.text, clause.tokens[: read[0]]), labels)
    except (Misread, NotUnderstood):
        return []
    return [with_remark(wish, clause, *read) for wish in wishes] if all(map(may_keep, wishes)) else []


def _apart(clause: Clause, labels: PhraseTable[str]) -> list[Wish]:
    """The wishes of both halves, where each is whole with the verb; none where that is not so."""
    for left, right in _halves(clause):
        try:
            first, more = Sentences(left, labels).wishes(), wishes_of(right, labels)
        except (Misread, NotUnderstood):
            continue
        if (
            first
            and more
            and not any(second_wish(left, wish, labels) for wish in first)
            and _are_alike(first[-1], more[0])
        ):
            return [*first, *more]
    return []


def _halves(clause: Clause) -> Iterator[tuple[Clause, Clause]]:
    """Ways to cut a clause in two, each with the verb."""
    words = clause.words
    verb = VERBS.at(words, 0)
    if verb is None or "(" in words or verb[0] in ("add", "put", "create", "write"):
        return
    for place in range(verb[1] + 2, len(words) - 2):
        begin = place + 1 + (words[place] == "," and words[place + 1] in ("and", "but"))
        if words[place] not in ("and", ",", "but") or words[begin] not in _THE_OTHER:
            continue
        second = f"{clause.raw(0, verb[1])} {clause.raw(begin, len(words))}"
        try:
            (right,) = clauses_of(second)
        except (NotUnderstood, ValueError):
            continue
        yield Clause(clause.text, clause.tokens[:place]), right


def _are_alike(first: Wish, second: Wish) -> bool:
    """Whether the verb does the same kind of thing in both."""
    both = {first.kind, second.kind}
    if first.kind == second.kind == "add":
        # "give the woman an umbrella and the man a hat"; whom "him" means may have changed
        return second.goal is not None and not any(anchor.special for anchor in second.goal.anchors)
    return bool(first.targets and second.targets) and (len(both) == 1 or both <= _LOOKS)
