"""What a text names and a scene lacks, so that the eyes can look for it: things, and parts of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.inflection import singular
from ...core.scene import Scene
from ...errors import NotUnderstood
from .meaning.naming import ALIENATING, called, label_words, with_looks
from .meaning.relations import belongs
from .meaning.selection import Selector
from .nouns.phrases import Phrase
from .sentences.wishes import Wish
from .words.synonyms import KINDS
from .words.vocabulary import ANYTHING, CONTAINERS, EFFECT_NOUNS, MEASURES, PART_NOUNS

MOST = 24
"""Labels that are looked for in one round; a text that names more is no instruction."""


@dataclass(frozen=True)
class Lacking:
    """Labels to look for in the whole picture, owners with the parts to look for in each, and owners of shadows and
    reflections."""

    labels: tuple[str, ...] = ()
    parts: tuple[tuple[Phrase, tuple[str, ...]], ...] = ()
    effects: tuple[Phrase, ...] = ()


def lacking(scene: Scene, wishes: Sequence[Wish]) -> Lacking:
    """What the wishes speak of and neither the scene holds nor an earlier wish makes."""
    labels: list[str] = []
    parts: dict[str, tuple[Phrase, list[str]]] = {}
    effects: list[Phrase] = []
    made: list[Phrase] = []
    for wish in wishes:
        for phrase in wish.phrases():
            if _is_made(phrase, made) or not _is_lacking(scene, phrase):
                continue
            if phrase.head in EFFECT_NOUNS and phrase.owner is not None and not phrase.owner.special:
                effects.append(phrase.owner)
            elif phrase.owner is not None and not phrase.owner.special and not _is_made(phrase.owner, made):
                parts.setdefault(phrase.owner.words, (phrase.owner, []))[1].extend(names_of(phrase))
            elif phrase.owner is None or phrase.owner.special in ("background", "picture"):
                labels += [] if any(_answers(label, phrase) for label in labels) else names_of(phrase)
        if wish.new is not None:
            made.append(wish.new)
    unique = tuple(dict.fromkeys(labels))[:MOST]
    asked = tuple((owner, tuple(dict.fromkeys(names))) for owner, names in parts.values())
    return Lacking(unique, asked, tuple(effects))


def names_of(phrase: Phrase) -> list[str]:
    """The names to look for: the noun phrase as it stands. Colours are left out: code tells them apart better."""
    return [" ".join(phrase.name)]


def head_of(name: str) -> str:
    """The head alone, where a name of several words is not found: "bed" of "wooden bunk bed"; "" for none."""
    words = name.split()
    head = words[-1] if "of" not in words else words[words.index("of") - 1]
    return head if len(words) > 1 and singular(head) not in MEASURES | CONTAINERS else ""


def lacks(scene: Scene, owner: Phrase) -> bool:
    """Whether a scene has nothing of an owner's name."""
    return bool(owner.noun) and not owner.special and not called(scene, owner.name)


def _is_made(phrase: Phrase, made: Sequence[Phrase]) -> bool:
    return bool(phrase.noun) and any(phrase.head == new.head for new in made)


def _answers(label: str, phrase: Phrase) -> bool:
    """Whether what is found by a label is what the phrase speaks of, too: "the sign" after "the stop sign"."""
    words, name = label.split(), list(phrase.name)
    if len(name) > 1 or (words[-1] in ALIENATING or set(words[:-1]) & ALIENATING):
        return words == name
    return words[-1] == name[0] or words[-1] in KINDS.get(name[0], ())


def _is_lacking(scene: Scene, phrase: Phrase) -> bool:
    if phrase.special or not phrase.noun or phrase.noun in (("one",), ("ones",)) or phrase.number is not None:
        return False
    if phrase.head in ANYTHING:
        return len(phrase.name) > 1 or not scene.objects
    things = called(scene, phrase.name)
    if not things and singular(phrase.noun[phrase.head_place]) == "glasses":
        things = called(scene, ("glass",))
    things = with_looks(things, phrase.looks)
    if not things:
        return True
    if phrase.owner is not None and phrase.head in PART_NOUNS and not phrase.owner.special:
        try:
            owners = Selector(scene).phrase(phrase.owner).things
        except NotUnderstood:
            return False
        return not any(belongs(thing, owner) for thing in things for owner in owners)
    if len(phrase.name) == 1 or any(label_words(thing) == phrase.name for thing in things):
        return False
    # the scene has beds, and nothing says which of them is the bunk bed
    said = {word for thing in things for word in " ".join([thing.label, *thing.attributes.values()]).lower().split()}
    return not all(word in said for word in phrase.name[:-1])
