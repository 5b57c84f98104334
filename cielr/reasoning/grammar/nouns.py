"""Which objects a noun names and which have a look: labels, synonyms, shapes, colours and sizes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lark import Token

from ...core.scene import Scene, SceneObject
from ...errors import NothingMatches, NotUnderstood
from .choice import likely, listed, nothing
from .lexicon import ANYTHING, COLOURED, KINDS, SHAPES, SYNONYMS, singular
from .tokens import refusal, vocabulary
from .trees import number_of


def named(scene: Scene, words: Sequence[Token], every: bool) -> tuple[list[SceneObject], bool]:
    """(things of that name, whether several are meant).

    Raises:
        NotUnderstood, NothingMatches: as their names say.
    """
    if len(words) == 1 and words[0].type == "ID":
        thing = scene.get(str(words[0]))
        if thing is None:
            raise NothingMatches(f"The scene has no '{words[0]}'; it has {listed(scene)}.")
        return [thing], False
    names = [str(word) for word in words]
    if names and not any(re.search(r"\w", name) for name in names):
        raise refusal(f"'{''.join(names)}' was not understood")
    if not names or (len(names) == 1 and words[0].type == "ONES"):
        return list(scene.objects), every or names == ["ones"]
    single = [*names[:-1], singular(names[-1])]
    plural = every or (names[-1] != single[-1] and not any(_label_words(t)[-1:] == names[-1:] for t in scene.objects))
    if single[-1] in ANYTHING:
        things = list(scene.objects)
    else:
        things = _called(scene, {single[-1]})
        if not things:
            things = _called(scene, next((group for group in SYNONYMS if single[-1] in group), set()))
        if not things and single[-1] in SHAPES:
            shape = SHAPES[single[-1]]
            things = [t for t in scene.objects if t.attributes.get("shape") == shape]
    if not things:
        # of "the cup's handle" the handle is what may be looked for
        raise nothing(scene, " ".join(names), " ".join(single).split("'s ")[-1])
    for word in single[:-1]:
        alike = {word, COLOURED.get(word, word)}
        fitting = [t for t in things if alike & {*_label_words(t), *" ".join(t.attributes.values()).split()}]
        if not fitting:
            why = f"'{word}' is nothing that the scene says of any {single[-1]}"
            if meant := likely(word, vocabulary()):
                raise NotUnderstood(f"{why}. {meant}")
            raise refusal(why)
        things = fitting
    return things, plural


def of_number(scene: Scene, word: Token, number: Token) -> SceneObject:
    """ "coin 3" is coin_3."""
    thing = scene.get(f"{singular(str(word))}_{number_of(number)}")
    if thing is None:
        raise NothingMatches(f"The scene has no {word} {number}; it has {listed(scene)}.")
    return thing


def has_look(thing: SceneObject, look: Token) -> bool:
    """Whether the scene says that colour, shape or size of the thing."""
    words = " ".join(
        [thing.label.lower(), *(thing.attributes.get(key, "").lower() for key in ("colour", "color", "shape", "size"))]
    )
    wanted = str(look).replace("gray", "grey")
    if look.type == "COLOUR":
        return re.search(rf"(^|[^\w]){re.escape(wanted)}($|[^\w])", words.replace("gray", "grey")) is not None
    alike = {"circular": "round", "big": "large", "huge": "large", "tiny": "small", "little": "small"}
    return alike.get(wanted, wanted) in words.split()


def known_words(scene: Scene) -> set[str]:
    """The words that name something here, or say how something looks."""
    said = {word for t in scene.objects for word in [*_label_words(t), *" ".join(t.attributes.values()).split()]}
    lexicon = {*SHAPES, *ANYTHING, *KINDS, *(word for group in SYNONYMS for word in group)}
    return {word.lower() for word in said} | lexicon


def _called(scene: Scene, nouns: set[str]) -> list[SceneObject]:
    """What has one of these names, or one of what they take in."""
    nouns = nouns.union(*(KINDS.get(noun, ()) for noun in nouns))
    return [thing for thing in scene.objects if any(_is_called(thing, noun) for noun in nouns)]


def _is_called(thing: SceneObject, noun: str) -> bool:
    """Whether the label's head, its last word, is the noun."""
    words = _label_words(thing)
    return bool(words) and (words[-1] == noun or singular(words[-1]) == noun)


def _label_words(thing: SceneObject) -> list[str]:
    return re.findall(r"[^\W_]+", thing.label.lower())
