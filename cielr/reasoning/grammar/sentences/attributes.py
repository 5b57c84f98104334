"""What of a thing is to change: its colour, its pattern, its pose, the text on it."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.phrases import Phrase, Selection
from ..words.vocabulary import BACKGROUND_WORDS, COLOUR_NOUNS, PICTURES, word_set
from .texts import is_adjective

_GROUPS = {
    "colour": "colour color colours colors hue tone shade coloring colouring colour-scheme tint",
    "brightness": "brightness lightness exposure lighting illumination light luminosity luminance radiance brilliance",
    "size": "size scale height width thickness",
    "text": """text texts word words letter letters lettering writing inscription number numbers wording caption message
    slogan title digits digit numeral numerals label-text name destination initials""",
    "surface": """material texture pattern patterns design print content contents surface finish fabric time display
    details detail image graphic graphics motif logo logos emblem topping
    toppings drawing decoration picture quality flavor flavour type kind breed species brand
    model style font fonts typeface opacity transparency alignment capitalization""",
    "shape": """pose posture expression expressions gesture gestures action hairstyle haircut hairdo emotion mood gaze
    stance shape form length position orientation direction movement facial-expression outfit attire state appearance
    age angle layout arrangement placement location spacing motion density visibility prominence presence emphasis focus
    vibrancy intensity richness fullness""",
    "picture": """contrast saturation sharpness warmth temperature vibrance vividness clarity weather season atmosphere
    climate ambiance ambience perspective resolution noise grain era time-of-day""",
}
ATTRIBUTES = {word: group for group, words in _GROUPS.items() for word in words.split()}
"""Word -> what kind of thing it says of something; "picture" is said of the whole."""
_VIEWS = frozenset({"angle", "view", "viewpoint", "framing", "composition", "crop", "focus", "layout", "emphasis"})
"""What is said of the whole picture, where it is said of no thing in it."""
_CAMERAS = frozenset({"camera", "image", "picture", "photo", "scene", "viewing", "shot", "overall", "main", "visual"})
_ARRANGED = word_set("arrangement layout spacing presence emphasis fullness location placement")
"""What is no attribute of the noun before it: a flower arrangement."""
_OF_THE_WHOLE = frozenset({"picture", "brightness", "colour"})
PLACES = frozenset({"position", "location", "placement"})
"""Attributes that say where a thing is."""
_LIGHT = frozenset({"luminosity", "luminance", "radiance", "brilliance", "illumination"})
FONTS = frozenset({"font", "fonts", "typeface"})
"""Attributes that letters alone have."""
_LETTERING = frozenset({"text", "word", "words", "letter", "letters", "number", "title", "caption"})
_OF_ITSELF = {
    "colour": (("surface",), ("body",)),
    "surface": (("surface",), ("skin",)),
    "shape": (("facial",), ("body",), ("hair",), ("hand",)),
}
"""Words before an attribute that say nothing of whose it is: facial expression, body posture, surface texture."""
_MATTER_TOO = word_set(
    """glass paper iron stone brick fur fabric leather plastic gold silver bronze copper marble concrete cotton silk
    wool velvet denim lace rubber ceramic porcelain crystal steel"""
)
"""Words that say what something is made of and name a thing as well."""
ALWAYS_OF_SOMETHING = word_set(
    """colour color colours colors hue brightness size material texture pattern pose posture expression content
    contents style text contrast saturation sharpness weather season lighting hairstyle gesture finish exposure font
    fonts typeface opacity"""
)
"""Attributes that are no thing by themselves, also where nothing is said of whose they are."""


def attribute_of(phrase: Phrase) -> tuple[str, str, Selection | None] | None:
    """(kind of attribute, its word, what it is an attribute of; None where that is not said); None for a plain thing.

    It reads "the colour of the car", "the car's colour", "the car colour" and "the text on the sign".
    """
    if phrase.special or not phrase.noun or phrase.number is not None or phrase.written:
        return None
    time = _time_of(phrase)
    return _attribute(phrase) if time is None else ("picture", time, None)


def _attribute(phrase: Phrase) -> tuple[str, str, Selection | None] | None:
    word = phrase.noun[-1] if "of" not in phrase.noun else phrase.noun[phrase.noun.index("of") - 1]
    if word in _VIEWS and _is_of_the_view(phrase):
        return "picture", word, None
    group = ATTRIBUTES.get(word)
    first = phrase.noun[0]
    named = group is None and first in _LETTERING and len(phrase.noun) > 1
    if named:
        # 'the text "hot" on the oven'
        group, word = "text", first
        phrase = replace(phrase, noun=phrase.noun[:1])
    lamp = phrase.owner is not None and word == "shade" and phrase.owner.head in ("lamp", "light")
    lamp = lamp or (word == "shade" and phrase.owner is not None and phrase.owner.special == "pronoun")
    if group is None or lamp:
        return None
    if "of" in phrase.noun:
        rest = phrase.noun[phrase.noun.index("of") + 1 :]
        return group, word, _only(replace(phrase, noun=rest, owner=None, words=" ".join(rest)))
    before = tuple(noun for noun in phrase.noun[:-1] if noun not in ("total", "overall"))
    if before and is_adjective(before[-1]) and before[-1] not in _MATTER_TOO:
        # "the hat's floral pattern", "the plain surface"
        before = ()
    if before in _OF_ITSELF.get(group, ()):
        before = ()
    if before and (group in ("colour", "surface", "shape", "size", "brightness", "text")):
        if word in ("light", "picture", "image", "time", "name", "model", "print") or word in _ARRANGED:
            return None
        owner = replace(phrase, noun=before, words=" ".join([*(look.word for look in phrase.looks), *before]))
        return group, word, _only(owner)
    if phrase.owner is not None:
        owner = phrase.owner
        if phrase.posts:
            owner = replace(owner, posts=(*owner.posts, *phrase.posts))
        return (group, word, _only(owner)) if word not in ("picture", "image", "light") else None
    anchors = [post for post in phrase.posts if post.kind == "relation" and post.relation in ("on", "in_", "inside")]
    if anchors and word not in ("light", "picture", "image", "name", "display", "graphic", "design", "print", "label"):
        return group, word, _only(anchors[0].anchors[0])
    spots = [post for post in phrase.posts if post.kind == "spot" and group in _OF_THE_WHOLE]
    behind = any(post.words.split()[-1] in BACKGROUND_WORDS for post in spots)
    if behind or any(rank.word in BACKGROUND_WORDS for rank in phrase.ranks):
        return group, word, _only(Phrase(words="the background", noun=("background",)))
    if named or word in ALWAYS_OF_SOMETHING or word in COLOUR_NOUNS or group == "picture" or word in _LIGHT:
        return group, word, None
    return None


def attributes_of(selection: Selection) -> tuple[str, str, Selection | None] | None:
    """Several attributes of one thing, or of the picture, as one: "the fish's position and orientation"; None for
    anything else."""
    found = [attribute_of(item) or _bare_attribute(item) for item in selection.items]
    known = [attribute for attribute in found if attribute is not None]
    if len(known) < 2 or len(known) < len(found) or selection.spared is not None:
        return None
    groups, owners = {group for group, _, _ in known}, [owner for _, _, owner in known if owner is not None]
    if groups & {"text", "size"} or groups == {"colour"} or len(owners) > 1:
        return None
    if not owners and not groups <= _OF_THE_WHOLE:
        return None
    group = "picture" if not owners else next(iter(groups)) if len(groups) == 1 else "shape"
    return group, " and ".join(word for _, word, _ in known), owners[0] if owners else None


def _bare_attribute(phrase: Phrase) -> tuple[str, str, Selection | None] | None:
    """ "orientation" where whose it is is said of another word."""
    alone = len(phrase.noun) == 1 and not (phrase.special or phrase.posts or phrase.owner or phrase.looks)
    group = ATTRIBUTES.get(phrase.noun[0]) if alone else None
    return None if group is None else (group, phrase.noun[0], None)


def _is_of_the_view(phrase: Phrase) -> bool:
    """Whether an angle, a view or a focus is that of the picture: "the camera angle", "the focus"; not "the angle of
    the globe" and "the view through the window"."""
    before = phrase.noun[: phrase.noun.index("of") - 1] if "of" in phrase.noun else phrase.noun[:-1]
    after = phrase.noun[phrase.noun.index("of") + 1 :] if "of" in phrase.noun else ()
    if phrase.owner is not None:
        return phrase.owner.special == "picture" or phrase.owner.head in _CAMERAS
    if before and set(before) <= _CAMERAS:
        return True
    if after:
        return not before and after[-1] in PICTURES
    said = before or phrase.looks or any(post.kind != "whole" for post in phrase.posts)
    whole = bool(phrase.posts) and not said
    return whole or (not said and phrase.noun[-1] not in ("view", "layout", "crop"))


def _time_of(phrase: Phrase) -> str | None:
    """The time of day or year, which is the whole picture's."""
    if phrase.noun == ("depth",) and phrase.owner is not None and phrase.owner.noun == ("field",):
        return "depth of field"
    owned = phrase.noun == ("time",) and phrase.owner is not None and phrase.owner.head in ("day", "year")
    return f"time of {phrase.owner.head}" if owned and phrase.owner is not None else None


def _only(phrase: Phrase) -> Selection:
    if len(phrase.noun) == 1 and not phrase.posts and phrase.owner is None:
        kind = "background" if phrase.noun[0] in BACKGROUND_WORDS else "picture" if phrase.noun[0] in PICTURES else ""
        phrase = replace(phrase, special=kind)
    return Selection((phrase,), words=phrase.words)
