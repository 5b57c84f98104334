"""Why a clause is no sentence of the grammar: the word to blame, and what to say instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ...core.inflection import singular
from ...core.scene import Scene
from ...errors import NotUnderstood
from .nouns.parser import NounPhrases, label_table
from .nouns.phrases import Phrase
from .sentences.second_wish import second_wish
from .sentences.texts import ADJECTIVES
from .sentences.wishes import Wish
from .words.known import closed_words, lexical_words, scene_words, verbs
from .words.spelling import likely_words
from .words.tokens import LLM, PAINTER, Clause, refusal
from .words.vocabulary import (
    ANYTHING,
    ARTICLES,
    CONDITIONS,
    DEGREES,
    DRAWING,
    EVERYTHING,
    NEGATIONS,
    PART_NOUNS,
    RELATIONS,
    SUPERLATIVES,
    TASTE,
    VERBS,
    WHY_REFUSED,
    PhraseTable,
    verb_of,
    word_set,
)

Reads = Callable[[str], bool]
"""Whether a text is a sentence of the grammar, painter and all."""
_COMMON = word_set(
    """for who what were here there her his our your had has have was are with the and all that this from would could
    should can may might will lighting tea"""
)
"""Words that are spelt well, though the grammar does not know them."""
_KNOWLEDGE = frozenset({"what", "whatever", "whichever", "why", "how"})
_ASKING = _KNOWLEDGE | {"who", "where", "which", "whose"}
_ANSWERS = frozenset({"correct", "answer", "suitable", "appropriate"})
_EST = word_set(
    """forest chest guest harvest nest vest breast crest request contest west rest priest test quest armrest headrest
    footrest backrest everest protest tempest conquest bequest inquest interest"""
)
_WHOLE_TASTE = TASTE - {"more", "less", "most", "least", "fix", "good", "perfect", "cool"}
_TAKING = frozenset(
    {"remove", "take", "move", "enlarge", "shrink", "brighten", "darken", "blur", "desaturate", "extract"}
)
_JUDGES = re.compile(r".{2,}(ous|ful|less|ive|able|ible|ical)$")
"""Endings of adjectives that judge, where they are said of a thing that has no name."""
_KEEPING = word_set(
    """leaving keeping preserving maintaining retaining without letting allowing revealing showing focusing blending
    highlighting isolating separating ensuring"""
)
"""Verbs of remarks that say what stays as it is."""
_WHAT_FOR = word_set(
    "highlight enhance improve emphasize balance match blend show reveal complete create reduce increase"
)
"""Verbs that say what a wish is good for, whatever they name."""
_SPARED = frozenset({"except", "excluding", "leaving", "keeping", "including"})
_SPARING = word_set("leaving keeping preserving retaining without")
_TELLING = NEGATIONS | word_set("but except only all both stay stays remain remains")
"""Words in brackets that say which things are not meant."""
_COMPARING = ("more", "less", "most", "least")
_NEW = ("replace", "make", "change", "recolour", "swap", "swap_out", "adjust")


def refused_word(
    clause: Clause, scene: Scene, wishes: Sequence[Wish] = (), painter: bool = False
) -> NotUnderstood | None:
    """The refusal for a word that no rule can follow ("not", "nicer", "or"); None where there is none.

    What is the painter's own text may say what it likes.
    """
    free = {place for wish in wishes for start, end in wish.free for place in range(start, end)} if painter else set()
    free |= _in_brackets(clause) if painter else set()
    for place in _outside_labels(clause, scene):
        kind = _kind_refused(clause.words, place, painter, bool(wishes))
        if kind == "taste" and wishes and not place and VERBS.at(clause.words, 0) is not None:
            # "enhance the brightness"
            continue
        # where it reads in spite of the word, it would be dropped
        is_read = bool(wishes) and (painter or not any(wish.paints for wish in wishes))
        if kind and place not in free and (is_read or not _is_misspelt_after(clause, place, scene)):
            cure = PAINTER if kind == "drawing" else LLM
            return refusal(f"'{_named(clause, place)}' {WHY_REFUSED[kind]}", cure)
    table = label_table(thing.label for thing in scene.objects)
    if painter and (more := next(filter(None, (second_wish(clause, wish, table) for wish in wishes)), "")):
        return refusal(f"'{more}' is another wish; say it in a sentence of its own", LLM)
    if dropped := next(filter(None, (_dropped(clause, wish, table) for wish in wishes)), ""):
        return refusal(f"'{dropped}' is another wish; say it in a sentence of its own")
    if wishes and (bracket := _telling_bracket(clause, any(wish.kind == "add" for wish in wishes))):
        return refusal(f"'{bracket}' stands in brackets; say it in the sentence itself")
    if (place := _asked_within(clause, wishes)) is not None:
        word = clause.words[place]
        why = "negation" if word == "not" else "condition" if word == "or" or word in _SPARED else "knowledge"
        return refusal(f"'{clause.words[place]}' {WHY_REFUSED[why]}")
    for wish in wishes:
        if (known := next((phrase for phrase in wish.phrases() if _needs_knowledge(phrase)), None)) is not None:
            return refusal(f"'{known.name[-2]}' {WHY_REFUSED['taste']}")
    for wish in wishes if painter else ():
        if wish.kind in ("modify", "style", "background") and wish.free:
            said = {token.word for token in clause.tokens[slice(*wish.free[0])] if token.kind != "quoted"}
            # "make the colors cooler" is no matter of taste
            taste = _WHOLE_TASTE - {"cooler"} if wish.kind == "style" else _WHOLE_TASTE
            if len(said) <= 4 and (word := next(iter(sorted(said & taste)), None)):
                return refusal(f"'{word}' {WHY_REFUSED['taste']}")
    return None


def _dropped(clause: Clause, wish: Wish, labels: PhraseTable[str]) -> str:
    """A remark that asks for more than how something is done: ", making the cup red", "leaving only the black one"."""
    if not wish.tail or wish.stays is not None:
        return ""
    start, end = wish.free[-1]
    words = [word for word in clause.words[start:end] if word not in (",", "and", "while")]
    taken = {phrase.head for phrase in wish.phrases()}
    singulars = [singular(word) for word in clause.words]
    labels_there = (labels.at(singulars, place) for place in range(start, end))
    named = {singular(label[0].split()[-1]) for label in labels_there if label is not None}
    if words[0] in _KEEPING:
        # "leaving only the black one"
        asks = words[0] in _SPARING and bool({"one", "ones"} & set(words) or named & taken)
        asks = asks or (words[0] == "leaving" and bool({"a", "an"} & set(words[1:4])))
        # where the whole picture is drawn anew, nothing in it stays
        asks = asks or (wish.kind == "style" and bool(named))
    elif words[0] == "including":
        listed = words[1:2] == ["the"] or ", and the " in clause.spelled(start, end)
        asks = wish.kind == "remove" and listed and bool(named - taken - PART_NOUNS)
    elif words[0] == "to" and words[1:2] and words[1] in _WHAT_FOR:
        asks = False
    elif words[0] == "so":
        asks = bool((named or {"one", "ones"} & set(words)) and {"is", "are"} & set(words))
    else:
        doing = verb_of(words[0], "ing")
        asks = bool(named - taken) or doing in ("add", "remove", "replace", "put", "recolour")
    return clause.raw(start, end).lstrip(", ") if asks else ""


def _telling_bracket(clause: Clause, is_new: bool) -> str:
    """What stands in brackets and says which things are meant, or what else is to be done; "" for a mere aside."""
    inside = sorted(_in_brackets(clause))
    words = [clause.words[place] for place in inside]
    placed = is_new and any(word in ARTICLES or RELATIONS.at(words, k) is not None for k, word in enumerate(words))
    return clause.raw(inside[0], inside[-1] + 1) if placed or words[1:2] == ["and"] or _TELLING & set(words) else ""


def _asked_within(clause: Clause, wishes: Sequence[Wish]) -> int | None:
    """Where a painter's own text is a question or a choice: "draw what it will look like", "the correct answer", "a cup
    or a mug"; None where it is neither."""
    for wish in wishes:
        for start, end in wish.free[:1]:
            words = [token.word if token.kind != "quoted" else "" for token in clause.tokens[start:end]]
            negated = next((k for k in range(len(words) - 1) if words[k : k + 2] == ["but", "not"]), None)
            if negated is not None:
                return start + negated + 1
            spared = next((k for k, word in enumerate(words) if word in ("except", "excluding")), None)
            if spared is not None and wish.paints:
                return start + spared
            kept = next((k for k, word in enumerate(words) if word in ("leaving", "keeping", "including")), len(words))
            if "one" in words[kept:] or (wish.paints and "only" in words[kept:]):
                return start + kept
            if words and words[0] in _ASKING:
                return start
            for place in range(len(words) - 1):
                if words[place] == "or" and words[place + 1] in ("a", "an") and wish.kind in ("add", "replace"):
                    return start + place
            if wish.kind in ("add", "replace") and (asked := next((w for w in words if w in _ANSWERS), None)):
                return start + words.index(asked)
    return None


def _needs_knowledge(phrase: Phrase) -> bool:
    """Whether a thing is called by what nobody sees: the dangerous thing, the valuable object."""
    if phrase.special or phrase.head not in ANYTHING or len(phrase.name) < 2:
        return False
    return _JUDGES.search(phrase.name[-2]) is not None and phrase.name[-2] not in ADJECTIVES


def _named(clause: Clause, place: int) -> str:
    """What to blame: "less ugly" rather than "less"."""
    tokens = clause.tokens[place : place + 2]
    is_phrase = tokens[0].word in _COMPARING and len(tokens) == 2 and tokens[1].kind == "word"
    return " ".join(token.word for token in tokens) if is_phrase else tokens[0].word


def _is_misspelt_after(clause: Clause, place: int, scene: Scene) -> bool:
    """Whether it is the next word that no rule follows, as it is misspelt: "less brihgt"."""
    if clause.words[place] not in _COMPARING or place + 1 not in _unknown(clause, scene):
        return False
    return bool(likely_words(clause.words[place + 1], closed_words() | lexical_words() | scene_words(scene)))


def _in_brackets(clause: Clause) -> set[int]:
    bracketed, depth = set(), 0
    for place, word in enumerate(clause.words):
        depth += word == "("
        if depth > 0:
            bracketed.add(place)
        depth -= word == ")"
    return bracketed


def _outside_labels(clause: Clause, scene: Scene) -> Iterator[int]:
    """The places of words that are no part of what the scene calls something."""
    labels = label_table(thing.label for thing in scene.objects)
    singulars = [singular(word) for word in clause.words]
    place = 0
    while place < len(clause):
        label = labels.at(singulars, place)
        if label is not None:
            place += label[1]
            continue
        if clause.tokens[place].kind != "quoted":
            yield place
        place += 1


def _kind_refused(words: Sequence[str], place: int, painter: bool, is_read: bool) -> str:
    word = words[place]
    if word in NEGATIONS:
        return "negation"
    if word in DRAWING and not painter and not _says_who(words, place):
        return "drawing"
    if word in CONDITIONS:
        return "condition"
    if word in _KNOWLEDGE:
        # "remove what is on the table"
        said = EVERYTHING.at(words, place)
        where = RELATIONS.at(words, place + said[1]) if said is not None else None
        # "what is left of the pear" is no place
        left = said is not None and tuple(words[place + said[1] :][:1]) == ("left",)
        return "knowledge" if where is None or left else ""
    if word in TASTE and not (painter and is_read and word in ("more", "less")):
        return "taste"
    if word.endswith("est") and len(word) > 5 and word not in SUPERLATIVES and word not in _EST:
        return "" if likely_words(word, SUPERLATIVES) else "taste"
    return ""


def _says_who(words: Sequence[str], place: int) -> bool:
    """Whether "wearing" and "holding" only say who is meant: "remove the man wearing a hat"."""
    verb = VERBS.at(words, 0)
    return words[place] in ("wearing", "holding") and verb is not None and verb[0] in _TAKING


def misread(clause: Clause, place: int | None, scene: Scene, reads: Reads, painter: bool) -> NotUnderstood:
    """The refusal for a clause that does not parse, or that only a painter could do, to be raised.

    Args:
        place: the token where the parser gave up; None at the end.
        scene: what its things are called is no unknown word.
    """
    text, words = clause.spelled(), clause.words
    verb = VERBS.at(words, 0)
    begins = verb is not None or DEGREES.at(words, 0) is not None or words[0] == "only"
    new = next((n for n, word in enumerate(words) if n > 1 and word in ("a", "an")), len(words))
    unknown = list(_unknown(clause, scene))
    # what is to be drawn may be anything; without a verb that is known nothing else is worth a guess
    for at in (n for n in unknown if n < (new if begins else 1)):
        options = verbs() if at == 0 else closed_words() | scene_words(scene)
        if meant := _suggestion(clause, at, options, reads):
            return NotUnderstood(f"'{words[at]}' was not understood in '{text}'. {meant}")
    family = verb[0] if verb is not None else ""
    if not painter and family in _NEW:
        if new < len(words):
            return refusal(f"'{text}' asks for something new to be drawn", PAINTER)
        if family in ("replace", "swap", "swap_out") or "to" in words or "into" in words:
            return refusal(f"'{text}' asks for something new to be drawn, or for a colour that is not known", PAINTER)
    if not begins and {"is", "are", "was", "were"} & set(words):
        return refusal(f"'{text}' says how something is, and not what is to be done")
    if not begins:
        return refusal(f"'{text}' begins with no English verb that is known, such as remove, make, move or blur")
    return _unsaid(clause, scene) or _blamed(clause, place, unknown)


def _unsaid(clause: Clause, scene: Scene) -> NotUnderstood | None:
    """The refusal of "change the sky", which says of a thing only that it is to be another; None for other texts."""
    verb = VERBS.at(clause.words, 0)
    if verb is None or verb[0] not in ("change", "replace", "recolour") or verb[1] >= len(clause):
        return None
    read = NounPhrases(clause, label_table(thing.label for thing in scene.objects)).selection(verb[1], len(clause))
    if read is None or read[1] < len(clause) or any(item.posts for item in read[0].items):
        return None
    return refusal(f"What '{clause.raw(verb[1], len(clause))}' is to become is not said")


def _blamed(clause: Clause, place: int | None, unknown: Sequence[int]) -> NotUnderstood:
    text, words = clause.spelled(), clause.words
    if place is None or place >= len(words):
        if unknown:
            return refusal(f"'{words[unknown[-1]]}' was not understood in '{text}'")
        return refusal(f"'{text}' is not a whole instruction")
    if words[place] in ("by", "to") and place + 1 < len(words):
        place += 1
    blamed = next((n for n in reversed(unknown) if n <= place), place)
    return refusal(f"'{words[blamed]}' was not understood in '{text}'")


def needs_painter(clause: Clause, wish: Wish, scene: Scene, reads: Reads) -> NotUnderstood:
    """The refusal for what only a painter can do, where there is none, to be raised."""
    if wish.kind == "modify":
        start, end = wish.free[0] if wish.free else (0, 0)
        return misread(clause, max(start, end - 1), scene, reads, False)
    said = misread(clause, None, scene, reads, False)
    if "drawn" in str(said) or "Did you mean" in str(said):
        return said
    return refusal(f"'{clause.spelled()}' asks for something new to be drawn", PAINTER)


def _unknown(clause: Clause, scene: Scene) -> Iterator[int]:
    """Places of words that nobody here has heard of."""
    known = closed_words() | lexical_words() | scene_words(scene) | verbs() | _COMMON
    for place, token in enumerate(clause.tokens):
        word = token.word
        if (
            token.kind == "word"
            and word.isalpha()
            and len(word) > 2
            and word not in known
            and singular(word) not in known
        ):
            yield place


def _suggestion(clause: Clause, place: int, options: frozenset[str] | set[str], reads: Reads) -> str:
    """ "Did you mean 'biggest'?" for words that would make a sentence of it; "" for none."""
    token = clause.tokens[place]
    first, last = clause.tokens[0].start, clause.tokens[-1].end
    fitting = [
        word
        for word in likely_words(token.word, options)
        if reads(clause.text[first : token.start] + word + clause.text[token.end : last])
    ]
    return f"Did you mean {' or '.join(repr(word) for word in fitting[:2])}?" if fitting else ""
