"""What can be read of one step without knowing what is meant in it: "replace ⟨…⟩ with an orange".

A frame is what the grammar, or a few patterns for what the grammar leaves to painters, understand around the words
that only knowledge can resolve.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...actions import Action, Add, Background, Global, Modify, Place, Replace
from ...core.place_relations import Relation
from ...core.scene import Scene
from ...errors import CielrError, NotUnderstood
from ..grammar.reader import plan_explicit
from ..grammar.words.known import verbs

MEANT = "⟨…⟩"
HEAD, TAIL = 4, 8
"""Words before and after what is meant that are tried."""
_POLITE = re.compile(
    r"^(?:(?:please|kindly|now|and|then|also|just|hey|ok|okay)\b[, ]*|(?:can|could|would|will) you (?:please )?"
    r"|i(?:'d| would) like (?:you )?to |i want (?:you )?to |let'?s )+|[, ]*\bplease\b[.! ]*$|[.!]+$",
    re.IGNORECASE,
)
_VERBS = (
    (r"(?:hide|lose|drop|clear(?: away)?|eliminate|scrap|ditch|wipe out|throw (?:out|away)|do away with)", "remove"),
    (r"(?:swap out|switch)", "replace"),
)
"""Verbs that the grammar does not take for its own, as people use them about pictures."""
_GONE = re.compile(
    r"^(?P<what>.+?) (?:should|must|has to|have to|needs? to|can|may) "
    r"(?:go|be (?:removed|deleted|gone)|disappear|vanish)(?: away)?$"
)
_REPLACE = re.compile(
    r"^(?:replace|swap|exchange|substitute|trade|turn|change|transform) (?P<what>.+) (?:with|for|by|into) "
    r"(?P<with>(?:an?|the|some|two|three|several) .+)$"
)
_RELATIONS: dict[str, Relation] = {
    "to the left of": "left_of",
    "left of": "left_of",
    "to the right of": "right_of",
    "right of": "right_of",
    "in front of": "in_front_of",
    "on top of": "on",
    "next to": "next_to",
    "beside": "next_to",
    "near": "next_to",
    "above": "above",
    "over": "above",
    "below": "below",
    "under": "below",
    "behind": "behind",
    "inside": "inside",
    "into": "inside",
    "onto": "on",
    "on": "on",
    "in": "inside",
}
_ADD = re.compile(
    rf"^(?:add|put|place|draw|insert|set) (?P<new>(?:an?|some|another|two|three) .+?) "
    rf"(?P<relation>{'|'.join(_RELATIONS)}) (?P<what>.+)$"
)
_BACKGROUND = re.compile(
    r"^(?:put|place|set|show) (?:him|her|them|everyone|us|me) (?:in front of|at|on|in) "
    r"(?P<to>(?!the (?:left|right|middle|cent|top|bottom|corner|back|front)).+)$"
    r"|^(?:change|replace|turn|swap) the background (?:to|with|for|into|by) (?P<instead>.+)$"
)
_GLOBAL = re.compile(
    r"^give (?:the |this )?(?:whole |entire )?(?:photo|picture|image|scene|it all) (?P<style>an? .+)$"
    r"|^(?:make|turn) (?:the |this )?(?:whole |entire )?(?:photo|picture|image|scene) "
    r"(?:look like |into |look )(?P<like>.+)$"
)
_NO_END = frozenset(
    (
        *("the", "a", "an", "in", "on", "of", "to", "for", "with", "at", "by", "from", "that", "which", "who", "and"),
        *("or", "but", "your", "my", "his", "her", "its", "their", "i", "you", "we", "they", "it", "is", "are", "was"),
        *("were", "when", "what", "as", "than"),
    )
)
"""Words with which what is meant cannot end."""
_JOINS = ("and", "or", "between")
_JOINED = (["and"], ["or"])
"""Half of what is joined is not what is meant."""
_SEPARATOR = re.compile(r"\s*(?:[,;.] *(?:and )?then |[,;] *and |[,;] |\. | then | and then | and )\s*")


_OTHER_VERBS = (
    "add|put|place|draw|insert|set|give|swap|exchange|substitute|trade|turn|change|transform|show|hide|lose|drop|clear"
    "|eliminate|scrap|ditch|wipe out|throw|switch|let|paint|colou?r|tint|dye|blur|keep|crop"
)
_BEGINS = re.compile(rf"^(?:{'|'.join(sorted(verbs(), key=len, reverse=True))}|{_OTHER_VERBS})\b")
_SWAPPED = re.compile(r"^(?:swap|exchange|switch) the colou?rs of (?P<what>.+)$")


@dataclass(frozen=True)
class Frame:
    """A step with one blank.

    Attributes:
        what: the words that stand for what is meant.
        shown: the step with the blank in their place, for people.
        filled: the actions, once the ids for the blank are known.
    """

    what: str
    shown: str
    filled: Callable[[Scene, tuple[str, ...]], tuple[Action, ...]]


def plain_words(instruction: str) -> str:
    """An instruction without politeness around it, on one line, without capitals."""
    words = " ".join(instruction.replace("’", "'").split()).lower()
    before = None
    while words != before:
        before, words = words, _POLITE.sub("", words).strip(" ,.!")
    return words


def steps_in(words: str) -> list[str]:
    """The steps of an instruction: it is cut at "then", commas and "and", where a verb follows."""
    steps: list[str] = []
    last = place = 0
    for mark in [*_SEPARATOR.finditer(words), None]:
        piece = words[place : mark.start() if mark else len(words)]
        begins = _BEGINS.match(plain_words(piece)) or " should " in piece
        if steps and not begins:
            steps[-1] += words[last : place + len(piece)]
        elif piece.strip():
            steps.append(piece)
        if mark:
            last, place = mark.start(), mark.end()
    return [plain for plain in map(plain_words, steps) if plain]


def whole_frame(step: str) -> tuple[Action, ...]:
    """The actions of a step that is about the picture as a whole, or none."""
    if match := _BACKGROUND.match(step):
        return (Background(to=match["to"] or match["instead"]),)
    if match := _GLOBAL.match(step):
        return (Global(style=match["style"] or match["like"]),)
    return ()


def frame_of(scene: Scene, step: str) -> Frame | None:
    """The frame of a step, with what the grammar understands of it; None where nothing is."""
    step = _plain_verb(step)
    if match := _ADD.match(step):
        return _adding(match["new"], match["relation"], match["what"])
    if (match := _REPLACE.match(step)) and not (step.startswith(("turn", "change")) and _is_look(scene, match["with"])):
        return _replacing(match["what"], match["with"])
    if match := _SWAPPED.match(step):
        return Frame(match["what"], f"swap the colours of {MEANT}", _with_colours_swapped)
    if match := _GONE.match(step):
        return _by_grammar(f"remove {MEANT}", match["what"])
    return _longest_frame(scene, step)


def _plain_verb(step: str) -> str:
    for verb, plain in _VERBS:
        step = re.sub(rf"^{verb}\b(?! ?_)", plain, step)
    return re.sub(r"^remove (.+) (?:away|out|off)$", r"remove \1", step)


def _adding(new: str, relation: str, anchor: str) -> Frame:
    def filled(scene: Scene, ids: tuple[str, ...]) -> tuple[Action, ...]:
        return (Add(what=new, where=Place(relation=_RELATIONS[relation], anchors=ids[:1])),)

    return Frame(anchor, f"add {new} {relation} {MEANT}", filled)


def _replacing(what: str, new: str) -> Frame:
    def filled(scene: Scene, ids: tuple[str, ...]) -> tuple[Action, ...]:
        return (Replace(targets=ids, with_=new),)

    return Frame(what, f"replace {MEANT} with {new}", filled)


def _with_colours_swapped(scene: Scene, ids: tuple[str, ...]) -> tuple[Action, ...]:
    """Raises: NotUnderstood, where they are not two, or the colour of one is not known."""
    colours = [scene[name].attributes.get("colour", "") for name in ids]
    if len(ids) != 2 or not all(colours):
        raise NotUnderstood("Colours can be swapped between two things whose colours are known.")
    return tuple(
        Modify(targets=(name,), change=f"colour {colour}") for name, colour in zip(ids, reversed(colours), strict=True)
    )


def _by_grammar(template: str, what: str) -> Frame:
    def filled(scene: Scene, ids: tuple[str, ...]) -> tuple[Action, ...]:
        return plan_explicit(scene, template.replace(MEANT, listed(ids)), painter=True).actions

    return Frame(what, template, filled)


def _longest_frame(scene: Scene, step: str) -> Frame | None:
    """The frame of which the grammar understands most words: the fewer are left for the model, the better."""
    stand_in = next((thing.id for thing in scene.objects if thing.id not in step), None)
    if stand_in is None:
        return None
    for head, what, tail in _splits(step.split()):
        template = " ".join(filter(None, (head, MEANT, tail)))
        try:
            plan_explicit(scene, template.replace(MEANT, stand_in), painter=True)
        except CielrError:
            continue
        return _by_grammar(template, what)
    return None


def _splits(words: list[str]) -> Iterator[tuple[str, str, str]]:
    """(before, what is meant, after), the shortest middle first."""
    count = len(words)
    middles = [
        (start, end)
        for start in range(1, min(HEAD, count - 1) + 1)
        for end in range(max(start + 1, count - TAIL), count + 1)
        if (words[end - 1] not in _NO_END or end == count)
        and words[start - 1] not in _JOINS
        and words[end : end + 1] not in _JOINED
        and (start == 1 or words[start - 1] not in ("that", "which", "who", "what"))
    ]
    for start, end in sorted(middles, key=lambda middle: (middle[1] - middle[0], middle[0])):
        yield " ".join(words[:start]), " ".join(words[start:end]), " ".join(words[end:])


def _is_look(scene: Scene, words: str) -> bool:
    """Whether "change it into …" names a look that the grammar can carry out, and no thing."""
    if not scene.objects:
        return False
    try:
        plan_explicit(scene, f"make {scene.objects[0].id} {words}")
    except CielrError:
        return False
    return True


def listed(ids: tuple[str, ...]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"


__all__ = ["MEANT", "Frame", "frame_of", "listed", "plain_words", "steps_in", "whole_frame"]
