"""What to look for where nobody says: everyday things, the nouns of an instruction, and which parts belong to what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.inflection import singular, word_set
from ..core.scene import Parser

_EVERYDAY = """
person, face, dog, cat, bird, horse, cow, sheep, fish, car, truck, bus, bicycle, motorcycle, train, boat, airplane,
traffic light, sign, stop sign, parking meter, fire hydrant, bench, tree, flower, plant, potted plant, grass,
mountain, cloud, house, building, window, door, fence, street lamp, table, dining table, chair, sofa, bed, cabinet,
shelf, lamp, mirror, picture frame, curtain, carpet, pillow, clock, vase, candle, book, newspaper, pen, scissors,
laptop, monitor, keyboard, computer mouse, mobile phone, camera, remote control, television, headphones, cable, bag,
backpack, suitcase, umbrella, hat, glasses, watch, shoe, shirt, jacket, dress, trousers, tie, ball, toy, teddy bear,
kite, skateboard, guitar, sports ball, baseball bat, baseball glove, tennis racket, bottle, glass, wine glass, cup,
mug, plate, bowl, fork, knife, spoon, pan, pot, kettle, oven, refrigerator, sink, toilet, bathtub, towel, box, basket,
coin, key, tool, apple, banana, orange, lemon, kiwi, strawberry, grapes, tomato, carrot, potato, broccoli, egg, bread,
sandwich, hot dog, pizza, cake, donut, cheese, meat, salad
"""
EVERYDAY: tuple[str, ...] = tuple(" ".join(_EVERYDAY.split()).split(", "))
"""Names of everyday things, one word each where there is one; detectors know them all."""

PARTS: dict[str, tuple[str, ...]] = {
    "wheel": ("car", "truck", "bus", "bicycle", "motorcycle", "train", "skateboard", "suitcase"),
    "tyre": ("wheel", "car", "truck", "bus", "bicycle", "motorcycle"),
    "headlight": ("car", "truck", "bus", "motorcycle"),
    "license plate": ("car", "truck", "bus", "motorcycle"),
    "handle": ("cup", "mug", "door", "bag", "suitcase", "pan", "pot", "kettle", "knife", "umbrella", "basket"),
    "lid": ("pot", "kettle", "box", "bottle", "jar"),
    "cap": ("bottle", "pen"),
    "label": ("bottle", "jar", "box", "can"),
    "leg": ("table", "chair", "sofa", "bed", "person", "dog", "cat", "horse", "cow", "sheep"),
    "window": ("house", "building", "car", "bus", "train", "truck"),
    "door": ("house", "building", "car", "bus", "train", "truck", "refrigerator", "cabinet", "oven"),
    "roof": ("house", "building", "car"),
    "face": ("person",),
    "head": ("person", "dog", "cat", "bird", "horse", "cow", "sheep"),
    "hand": ("person",),
    "hair": ("person",),
    "eye": ("face", "head", "person", "dog", "cat"),
    "ear": ("head", "dog", "cat", "horse"),
    "tail": ("dog", "cat", "horse", "cow", "bird", "airplane"),
    "wing": ("bird", "airplane"),
    "screen": ("laptop", "monitor", "television", "mobile phone"),
    "keyboard": ("laptop",),
    "leaf": ("tree", "plant", "potted plant", "flower"),
    "stem": ("flower", "plant", "apple"),
}
"""Part -> the wholes that have it. A part on its own is a thing of its own."""

LIVING = word_set("person man woman child boy girl baby dog cat horse player worker cook rider skier surfer")
"""Whatever can hold or wear something."""
EFFECTS: tuple[str, ...] = ("shadow", "reflection")
"""What a thing casts."""
CARRIED: tuple[str, ...] = ("hat", "glasses", "bag", "backpack", "umbrella", "leash", "collar", "mobile phone")
"""What the living hold and wear."""

_IDLE = """
a an the this that these those my your his her its our their some any all every each both one two three four  five
six seven eight nine ten first second third fourth fifth last next other another of in on at to from by  with
without into onto over under above below beside between behind front near against along around across  left right
top bottom middle centre center corner side edge row column leftmost rightmost topmost bottommost  nearest closest
farthest biggest largest smallest tallest big large small tall tiny huge more most less least  much many very and or
but not no so as if then than also only just too please can could should would i me you  it he she we they is are
was were be been being has have had do does did who what which where when why how  remove delete erase take away get
rid replace swap exchange change turn make paint colour color recolour  recolor add put place insert draw move shift
bring resize scale enlarge shrink double halve brighten darken  blur desaturate sharpen keep leave let give show
find cover fill cut out off up down there here background  image photo picture scene style look looks looking like
brighter darker lighter bigger smaller larger pixel  pixels px percent bit little same thing things object objects
something everything containing contains  contain holding wearing sitting standing lying red green blue yellow
orange-coloured white black grey gray  brown pink purple violet turquoise teal beige dark light pale bright vivid
round oval square rectangular long
"""
_STOP = word_set(_IDLE)
_ABBREVIATIONS = word_set("dr mr mrs ms st jr sr no nr vs")
"""Words whose full stop ends no label."""
_PHRASE_WORDS = 3
"""Words of the longest name that an instruction's neighbouring words are taken for."""


def as_labels(labels: str | Sequence[str] | None) -> list[str] | None:
    """The labels that somebody wrote, in their order, or None where there are none.

    A text is one label or several: with commas, semicolons or new lines between, or as GroundingDINO's examples have
    it, "a coin . a cup ." (also "coin. cup."). An article before a label is no part of it. Of a list each text is
    taken so.
    """
    texts = [labels] if isinstance(labels, str) else labels or ()
    names = []
    for text in texts:
        for part in re.split(r"[,;\n]", str(text)):
            for name in _by_full_stops(part):
                name = re.sub(r"^(?:an?|the)\s+(?=\S)", "", " ".join(name.split()), flags=re.IGNORECASE)
                if name:
                    names.append(name)
    return names or None


def _by_full_stops(text: str) -> list[str]:
    """The text cut at full stops, but not at those of numbers (2.5) and abbreviations (St. Bernard, U.S. flag)."""
    parts, start = [], 0
    for match in re.finditer(r"\.", text):
        before = re.search(r"(\w+)$", text[start : match.start()])
        word = before[1].lower() if before else ""
        follows = text[match.end() : match.end() + 1]
        if word and (len(word) == 1 or word in _ABBREVIATIONS) and text[match.end() :].strip(" ."):
            continue
        if word.isdigit() and follows.isdigit():
            continue
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def nouns(instruction: str) -> tuple[str, ...]:
    """What an instruction speaks of, as labels to look for: whole names first ("stop sign"), then their words.

    A word list decides, no grammar: a verb or an adjective that the list does not hold comes out too, and costs a
    label that is not found. Neighbouring words may be one name, as "stop sign" is, or not: both are looked for, but for
    names of two words that are known. Colour and size words are left out: detectors choose among them badly, code does
    it well.
    """
    phrases: list[str] = []
    words: list[str] = []
    for run in _runs(instruction):
        names = [" ".join(run[k : k + 2]) for k in range(len(run) - 1)]
        known = [k for k, name in enumerate(names) if name in _PAIRS]
        taken = {place for k in known for place in (k, k + 1)}
        whole = [" ".join(run)] if 2 < len(run) <= _PHRASE_WORDS else []
        phrases += [*whole, *(name for k, name in enumerate(names) if k in known or not taken & {k, k + 1})]
        words += [word for k, word in enumerate(run) if k not in taken]
    return tuple(dict.fromkeys((*phrases, *words)))


_PAIRS = frozenset(label for label in (*EVERYDAY, *PARTS) if " " in label)


def _runs(instruction: str) -> list[list[str]]:
    """Words that follow each other in a text and may name something, in the singular."""
    runs: list[list[str]] = []
    for clause in re.split(r"[^\w\s'’-]+", instruction.lower()):
        run: list[str] = []
        words = [singular(word) for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", clause)]
        for k, word in enumerate(words):
            pair = {" ".join(words[max(k - 1, 0) : k + 1]), " ".join(words[k : k + 2])}
            if pair & _PAIRS or (word not in _STOP and len(word) > 2):
                run.append(word)
                continue
            runs.append(run)
            run = []
        runs.append(run)
    return [run for run in runs if run]


def whole_of(label: str) -> tuple[str, ...]:
    """The wholes that a label may be a part of: "handle" -> "cup", …; "wheel of the car" -> "car"."""
    text = label.lower().strip()
    if match := re.fullmatch(r".+? of (?:the |a |an )?(.+)", text):
        return (match[1],)
    return PARTS.get(singular(text), ())


def why_not_asked(parser: Parser, labels: Sequence[str] | None) -> str:
    """A sentence on why nobody needs to propose labels to a parser; "" where it does need some."""
    if labels:
        return "The labels are given, so the language model was not asked for any."
    if getattr(parser, "about", None) is None or getattr(parser, "detector", parser) is None:
        return "Without a detector nothing is looked for by name, so the language model was not asked for labels."
    if getattr(parser, "proposer", None) is not None:
        return "The parser has labels proposed to it already, so the language model was not asked for any."
    return ""


def attentive(parser: Parser, instruction: str = "", proposed: Sequence[str] = ()) -> Parser:
    """The parser as it looks where nobody gives labels: one that looks for names looks for the instruction's too, and
    for what was proposed."""
    about = getattr(parser, "about", None)
    if about is None:
        return parser
    return about(instruction, (lambda image: proposed) if proposed else None)
