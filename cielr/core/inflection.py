"""The singular of an English noun, once for labels, instructions and ids."""

from __future__ import annotations

import re
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_ALWAYS_PLURAL = word_set(
    """scissors trousers glasses sunglasses eyeglasses jeans pants shorts tights leggings pyjamas pajamas goggles
    pliers tongs tweezers binoculars headphones earphones clothes grapes stairs overalls dungarees suspenders
    headquarters surroundings fireworks groceries bangs"""
)
"""Words for one thing, or a pair, that have no singular of that meaning."""
_SINGULAR = word_set(
    """lens canvas gas christmas atlas news series species always texas swiss chassis pegasus as was has this is us
    his its less across cos"""
)
"""Words that end like a plural and are none; those in -ss, -us and -is need no mention."""
_F = word_set(
    """shelf wolf half calf elf self loaf leaf thief sheaf hoof scarf wharf dwarf bookshelf werewolf knife wife life
    penknife midwife housewife"""
)
"""Words in -f and -fe whose plural is in -ves; of others such as glove and stove only the s goes."""
_IE = word_set(
    """tie pie lie die cookie brownie hoodie selfie smoothie movie zombie calorie genie pixie rookie birdie bowtie
    doggie magpie prairie eerie necktie veggie"""
)
_IRREGULAR = {
    "people": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "geese": "goose",
    "oxen": "ox",
    "dice": "die",
    "cacti": "cactus",
    "fungi": "fungus",
    "lenses": "lens",
    "canvases": "canvas",
    "gases": "gas",
    "atlases": "atlas",
    "quizzes": "quiz",
    "axes": "axe",
    "shoes": "shoe",
    "horseshoes": "horseshoe",
    "toes": "toe",
    "canoes": "canoe",
    "hoes": "hoe",
    "oboes": "oboe",
    "yachtsmen": "yachtsman",
}


@lru_cache(maxsize=4096)
def singular(word: str) -> str:
    """ "coins" -> "coin", "shelves" -> "shelf", "women" -> "woman"; what is no plural stays. Takes lower case.

    Written out, as the libraries for it were tried and failed on everyday words: `inflect` makes "bu" of bus and "len"
    of lens, `inflection` makes "glofe" of gloves.
    """
    stem, dash, last = word.rpartition("-")
    if dash and last:
        return f"{stem}-{singular(last)}"
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if re.fullmatch(r"[a-z]{2,}(wo)?men", word) and word[:-3].endswith(("s", "e", "r", "n", "wo", "t", "d", "k")):
        # firemen, policewomen; but not specimen
        return word[:-2] + "an"
    if word in _ALWAYS_PLURAL or word in _SINGULAR or len(word) < 3 or not re.fullmatch(r"[^\W\d_]+", word):
        return word
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return _without_s(word)


def _without_s(word: str) -> str:
    stem = word[:-1]
    if word.endswith("ves"):
        return next((base for base in (word[:-3] + "f", word[:-3] + "fe") if base in _F), stem)
    if word.endswith("ies"):
        return stem if stem in _IE or len(word) < 5 else word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh|zz|tz|[^aeo]us|[^aeiou]o)es$", word):
        return word[:-2]
    return stem


def present_participle(verb: str) -> str:
    """ "sit" -> "sitting", "chase" -> "chasing", "lie" -> "lying". Takes a verb as it stands in "to sit"."""
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) and verb != "be":
        return f"{verb[:-1]}ing"
    doubles = re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", verb.replace("qu", "q"))
    return f"{verb}{verb[-1]}ing" if doubles or verb in ("begin", "forget", "admit", "equip") else f"{verb}ing"


def is_plural(word: str) -> bool:
    """Whether it says more than one, or a pair."""
    return word in _ALWAYS_PLURAL or singular(word) != word


def with_article(noun: str) -> str:
    """ "a horse", "an orange", "a unicorn"."""
    vowel = noun[:1].lower() in "aeio" or re.match(r"u(?!ni|se|su|k)", noun.lower()) is not None
    return f"{'an' if vowel and not noun.lower().startswith(('eu', 'one')) else 'a'} {noun}"
