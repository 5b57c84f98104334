"""Which objects a noun names and which have a look: labels, synonyms, shapes, colours and sizes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ....core.colours import NAMES, colour_rgb
from ....core.inflection import is_plural, singular
from ....core.scene import Scene, SceneObject
from ....errors import NothingMatches, NotUnderstood
from ..nouns.phrases import Look, Phrase
from ..words.known import known_words
from ..words.spelling import likely
from ..words.synonyms import KINDS, SHAPE_NOUNS, SYNONYMS
from ..words.tokens import refusal, spelled
from ..words.vocabulary import ANYTHING, COLOURED
from .choice import listed, nothing

ALIENATING = frozenset({"hot", "teddy", "toy", "stuffed", "fake", "computer", "sea", "model", "miniature", "statue"})
"""Words before a noun that make another thing of it: a hot dog is no dog, and a teddy bear no bear."""
_ALIKE = {"circular": "round", "big": "large", "huge": "large", "tiny": "small", "little": "small"}


@dataclass(frozen=True)
class Named:
    """Things of a name; `plural` says whether several are meant, `unsaid` what was said that the scene does not say."""

    things: tuple[SceneObject, ...]
    plural: bool
    unsaid: tuple[str, ...] = ()


def named(scene: Scene, phrase: Phrase, every: bool) -> Named:
    """The things that a phrase's noun names.

    Raises:
        NotUnderstood, NothingMatches: as their names say.
    """
    noun = phrase.noun
    counts = any(rank.kind == "ordinal" for rank in phrase.ranks) and not phrase.looks
    if not noun and counts and len({label_words(thing) for thing in scene.objects}) > 1:
        raise refusal(f"What '{phrase.words}' counts is not said")
    if not noun or noun in (("one",), ("ones",)):
        return Named(scene.objects, every or noun == ("ones",))
    name = phrase.name
    if name[-1] in ANYTHING:
        # "the transport object": what the eyes found by that name, or else whatever there is
        things = tuple(thing for thing in scene.objects if label_words(thing) == name) or scene.objects
        plural = every or noun[-1] != name[-1]
    else:
        things, name, plural = _called_or_alike(scene, phrase)
        plural = plural or every
    if not things:
        raise nothing(scene, spelled(noun), " ".join(name))
    exact = tuple(thing for thing in things if label_words(thing) == tuple(name))
    if len(name) > 1 and exact:
        return Named(exact, plural)
    unsaid = []
    for word in _other_words(name):
        fitting = tuple(thing for thing in things if _says(thing, word))
        if fitting:
            things = fitting
        elif any(_head(label_words(thing)) == word for thing in scene.objects if label_words(thing)):
            raise refusal(f"Whether '{spelled(noun)}' is one thing or several is not clear; put commas between them")
        elif phrase.written and len(things) == 1 and len(label_words(things[0])) > 1:
            # it is known to say something else
            raise nothing(scene, spelled(noun), " ".join(name))
        elif len(things) > 1 and phrase.written:
            raise refusal(
                f"Which of the {len(things)} says {phrase.raw or spelled(noun)} is not known; name it by its id"
            )
        elif len(things) > 1 or word in ALIENATING:
            raise _unsaid(scene, word, name)
        else:
            unsaid.append(word)
    return Named(things, plural, tuple(unsaid))


def _called_or_alike(scene: Scene, phrase: Phrase) -> tuple[tuple[SceneObject, ...], tuple[str, ...], bool]:
    """(things of that name or of one like it, the name in the singular, whether several are meant)."""
    name = phrase.name
    word = phrase.noun[phrase.head_place]
    plural = is_plural(word) and not any(_last_word(thing) == word for thing in scene.objects)
    things = called(scene, name)
    if not things and word == "glasses":
        # spectacles have no singular, and those to drink from do
        name = (*name[:-1], "glass")
        return called(scene, name), name, True
    if word == name[-1]:
        plural = False
    if not things and name[-1] in SHAPE_NOUNS:
        shape = SHAPE_NOUNS[name[-1]]
        things = tuple(thing for thing in scene.objects if thing.attributes.get("shape") == shape)
    return things, name, plural


def called(scene: Scene, name: Sequence[str]) -> tuple[SceneObject, ...]:
    """What has that name, or that head; where nothing has, what has a synonym of it."""
    whole, head = " ".join(name), name[-1] if name else ""
    if "of" in name:
        head = name[name.index("of") - 1]
    things = _with_head(scene, {head}, whole)
    for word in dict.fromkeys((whole, head)):
        if not things:
            alike = {other for group in SYNONYMS if word in group for other in group}
            things = _with_head(scene, alike, whole)
    return things


def _with_head(scene: Scene, nouns: set[str], whole: str) -> tuple[SceneObject, ...]:
    nouns = nouns.union(*(KINDS.get(noun, ()) for noun in nouns))
    fitting = []
    for thing in scene.objects:
        label = label_words(thing)
        if not label:
            continue
        alien = set(label[:-1]) & ALIENATING and " ".join(label) != whole and not set(label[:-1]) & set(whole.split())
        if " ".join(label) in nouns | {whole} or (not alien and (label[-1] in nouns or _head(label) in nouns)):
            fitting.append(thing)
    return tuple(fitting)


def _head(label: Sequence[str]) -> str:
    return label[label.index("of") - 1] if "of" in label[1:] else label[-1]


def _other_words(name: Sequence[str]) -> list[str]:
    """The words of a name beside its head."""
    if "of" in name:
        split = list(name).index("of")
        return list(name[: split - 1])
    return list(name[:-1])


def _says(thing: SceneObject, word: str) -> bool:
    """Whether label or attributes say the word of the thing."""
    said = {*label_words(thing), *_attribute_words(thing)}
    return bool({word, singular(word), COLOURED.get(word, word)} & said)


def _unsaid(scene: Scene, word: str, name: Sequence[str]) -> NotUnderstood:
    why = f"'{word}' is nothing that the scene says of any {name[-1]}"
    if meant := likely(word, known_words(scene)):
        return NotUnderstood(f"{why}. {meant}")
    return refusal(why)


def numbered(scene: Scene, phrase: Phrase) -> SceneObject:
    """ "coin 3" is coin_3."""
    thing = scene.get(f"{phrase.head}_{phrase.number}")
    if thing is None:
        raise NothingMatches(f"The scene has no {spelled(phrase.noun)} {phrase.number}; it has {listed(scene)}.")
    return thing


# -------------------------------------------------------------------------------------------------------------- looks


def with_looks(things: Sequence[SceneObject], looks: Sequence[Look]) -> tuple[SceneObject, ...]:
    """Those that look as was said. What is the only one of its name may be called large, round or dark as one likes,
    and any colour where none is known of it."""
    fitting = list(things)
    for look in looks:
        narrowed = [thing for thing in fitting if has_look(thing, look)]
        if not narrowed and look.kind == "colour":
            narrowed = [thing for thing in fitting if _is_like(thing, look.word)]
        if not narrowed and len(things) == 1 and (look.kind != "colour" or not _has_colour(things[0])):
            narrowed = fitting
        fitting = narrowed
    return tuple(fitting)


def has_look(thing: SceneObject, look: Look) -> bool:
    """Whether the scene says that colour, shape or size of the thing."""
    words = " ".join([thing.label.lower(), *_look_values(thing)]).replace("gray", "grey")
    wanted = look.word.replace("gray", "grey")
    if look.kind == "colour":
        return re.search(rf"(^|[^\w]){re.escape(wanted)}($|[^\w])", words) is not None
    return _ALIKE.get(wanted, wanted) in words.split()


def _is_like(thing: SceneObject, colour: str) -> bool:
    """Whether a colour belongs to the everyday colour that the scene says: silver is grey, crimson is red."""
    everyday = next((name for name, css in NAMES.items() if colour.replace(" ", "").replace("grey", "gray") in css), "")
    said = [value.split()[-1] for value in (thing.attributes.get("colour"), thing.attributes.get("color")) if value]
    return bool(everyday) and everyday.split()[-1] in said


def _has_colour(thing: SceneObject) -> bool:
    return any(key in thing.attributes for key in ("colour", "color")) or any(
        colour_rgb(word) is not None for word in label_words(thing)[:-1]
    )


def _look_values(thing: SceneObject) -> Iterable[str]:
    return (thing.attributes.get(key, "").lower() for key in ("colour", "color", "shape", "size"))


def _attribute_words(thing: SceneObject) -> list[str]:
    return " ".join(thing.attributes.values()).lower().split()


# ------------------------------------------------------------------------------------------------------------- labels


def label_words(thing: SceneObject) -> tuple[str, ...]:
    """The label's words, the last in the singular."""
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", thing.label.lower())
    return (*words[:-1], singular(words[-1])) if words else ()


def _last_word(thing: SceneObject) -> str:
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", thing.label.lower())
    return words[-1] if words else ""


def kin_of(scene: Scene) -> str | None:
    """The one name that several things in sight have; "" where no name is had twice, None where more than one is."""
    names = Counter(" ".join(label_words(thing)) for thing in scene.objects)
    several = [name for name, count in names.items() if count > 1]
    return None if len(several) > 1 else several[0] if several and len(names) == 1 else ""
