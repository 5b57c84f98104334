"""What to look for where nobody says: everyday things, the nouns of an instruction, and which parts belong to what."""

from __future__ import annotations

import re

from ..core.inflection import singular

_EVERYDAY = """
person, face, dog, cat, bird, horse, cow, sheep, fish, car, truck, bus, bicycle, motorcycle, train, boat, airplane,
traffic light, sign, bench, tree, flower, plant, potted plant, grass, mountain, cloud, house, building, window,
door, fence, street lamp, table, chair, sofa, bed, cabinet, shelf, lamp, mirror, picture frame, curtain, carpet,
pillow, clock, vase, candle, book, newspaper, pen, scissors, laptop, monitor, keyboard, computer mouse, mobile
phone, camera, remote control, television, headphones, cable, bag, backpack, suitcase, umbrella, hat, glasses,
watch, shoe, shirt, jacket, dress, trousers, tie, ball, toy, teddy bear, kite, skateboard, guitar, bottle, glass,
cup, mug, plate, bowl, fork, knife, spoon, pan, pot, kettle, oven, refrigerator, sink, toilet, bathtub, towel, box,
basket, coin, key, tool, apple, banana, orange, lemon, kiwi, strawberry, grapes, tomato, carrot, potato, broccoli,
egg, bread, sandwich, pizza, cake, donut, cheese, meat, salad
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

LIVING = frozenset(
    (
        "person",
        "man",
        "woman",
        "child",
        "boy",
        "girl",
        "baby",
        "dog",
        "cat",
        "horse",
        "player",
        "worker",
        "cook",
        "rider",
        "skier",
        "surfer",
    )
)
"""Whatever can hold or wear something."""
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
_STOP = frozenset(_IDLE.split())


def nouns(instruction: str) -> tuple[str, ...]:
    """What an instruction speaks of, as labels to look for: names of two words that are known, and single words.

    A word list decides, no grammar: a verb or an adjective that the list does not hold comes out too, and costs one
    label that is not found. Colour and size words are left out: detectors choose among them badly, code does it well.
    """
    words = [singular(word) for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", instruction.lower())]
    known = {label for label in (*EVERYDAY, *PARTS) if " " in label}
    found: list[str] = []
    k = 0
    while k < len(words):
        pair = " ".join(words[k : k + 2])
        if pair in known:
            found.append(pair)
            k += 2
            continue
        if words[k] not in _STOP and len(words[k]) > 2:
            found.append(words[k])
        k += 1
    return tuple(dict.fromkeys(found))


def whole_of(label: str) -> tuple[str, ...]:
    """The wholes that a label may be a part of: "handle" -> "cup", …; "wheel of the car" -> "car"."""
    text = label.lower().strip()
    if match := re.fullmatch(r".+? of (?:the |a |an )?(.+)", text):
        return (match[1],)
    return PARTS.get(singular(text), ())
