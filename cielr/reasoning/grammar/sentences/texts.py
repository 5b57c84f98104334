"""What a painter's own text is about: a colour, a look, a setting, a style, or a thing."""

from __future__ import annotations

import re

from ....core.colours import colour_rgb
from ....core.inflection import singular
from ..nouns.before import COLOUR_THINGS
from ..words.doings import NOUNS_IN_ED, NOUNS_IN_ING, STATES
from ..words.tokens import Clause, colour_size, spelled
from ..words.vocabulary import (
    ARTICLES,
    BACKGROUND_WORDS,
    BIGGER,
    COLOUR_NOUNS,
    COLOURED,
    COMPARATIVES,
    COMPARED,
    DEGREES,
    DIRECTIONS,
    GREYSCALE,
    LIGHTS,
    MEASURES,
    NUMBERS,
    PICTURES,
    PRAISE,
    RELATIONS,
    SIDES,
    SMALLER,
    SUPERLATIVES,
    TONES,
    word_set,
)

SETTINGS = word_set(
    """background backdrop setting environment landscape cityscape seascape scenery surroundings skyline scene
    countryside wilderness location venue backdrops settings environments landscapes atmosphere studio"""
)
"""Words that speak of all that is around."""
SCENERY = SETTINGS | word_set(
    """beach desert forest jungle woods woodland meadow field mountains city street park garden backyard lawn
    underwater space nature snow rainforest savanna prairie canyon valley interior indoors outdoors wallpaper lake
    ocean sea seaside"""
)
"""Places that something can be put in."""
NATURE = word_set(
    """hill hills mountain trees grass greenery foliage vegetation road water sand cliff cliffs tracks racetrack floor
    ground wall walls skyline sky rocks terrain path leaves bushes plants buildings houses room"""
)
"""What is around things, and changes with the setting where a setting is asked for."""
MANNERS = word_set("theme genre artist medium vibe mood era")
"""What a picture is made in, where no thing is called so."""
PATCHES = word_set("lake street park garden backyard lawn wallpaper")
"""Scenery that may be a thing in a picture as well."""
TIMES = word_set(
    "day night daytime nighttime summer winter autumn spring fall morning evening dusk dawn season weather time"
)
"""What is said of the whole picture, where no thing is called so."""
STYLE_WORDS = frozenset({"style", "aesthetic", "filter", "look", "effect", "rendering", "artwork", "theme", "vibe"})
STYLES = word_set(
    """anime cartoon sketch watercolor watercolour painting drawing comic illustration mosaic cyberpunk ghibli pixar
    impressionism cubism pixel-art origami claymation steampunk ukiyo-e pop-art sepia vintage retro render"""
)
ADJECTIVES = word_set(
    """wooden metallic metal glass leather plastic golden silver gold bronze copper stone marble brick concrete fabric
    cotton silk wool velvet denim lace fur rubber paper ceramic porcelain crystal steel iron rusty rusty dirty dusty
    muddy hairy fuzzy sandy stony grassy mossy leafy frosty misty hazy spooky scary creamy crispy bushy messy tidy
    bumpy scaly feathery silky velvety woolly leathery rubbery greasy stripy sparkly glittery wrinkly ceramic
    plastic metallic golden wooden woolen sleepy chubby muscular curvy frilly lacy starry bloody juicy crunchy
    transparent opaque shiny glossy matte smooth rough curly straight wavy blonde blond bald long short striped
    dotted checkered plaid floral patterned plain spotted furry fluffy wet dry dirty clean old young new empty full
    open closed lit burning snowy icy foggy cloudy sunny rainy stormy colorful colourful bright dark light pale
    vivid neon happy sad angry smiling surprised serious bold italic calm round square flat thick thin broken
    cracked folded sliced asleep awake visible invisible warm cold cool warmer cooler sharper softer clearer taller
    shorter longer wider thinner thicker rounder fatter slimmer older younger happier sadder smoother rougher fuller
    darker lighter red-hot on off up down tall fat slim strong naked ripe rotten green frozen melted stained
    translucent reflective holographic iridescent pastel monochromatic realistic high low hot naked alive dead
    peeled cooked raw obese overweight skinny slender pregnant elderly ornate elaborate intricate rustic ancient
    medieval gothic sleek bare rigid sparse sturdy hollow blunt dull multi sepia barefoot messy tidy cement clay
    bamboo cardboard straw plaster asphalt tiled multicoloured multicolored vanilla vegan decorative cylindrical
    spherical clear crisp brass chrome titanium aluminium huge tiny gigantic massive polka terracotta thatched overcast
    matt satin platinum khaki tinted stripey polka-dotted"""
)
"""Adjectives of look and material that people give things."""
FINISHES = word_set(
    """plain solid pure matte matt glossy metallic neon platinum ash satin shiny pearlescent fluorescent translucent
    frosted"""
)
"""What a surface is like beside its colour: a matte black is no plain one."""
_SUFFIX = re.compile(r".{2,}(ous|ful|less|ical|ed|ive|able|ible|shaped|colou?red)$")
_NO_ADJECTIVE = word_set(
    """kitten chicken garden children lady baby city body berry cherry puppy bunny pony toy boy key monkey donkey
    butterfly party candy penny jersey family building painting ring wing king string ceiling clothing earring bed
    shed sled seed elephant plant tent student president restaurant music fabric robot garment tree ivory library
    gallery cemetery kitchen oven pen curtain linen women men hen raven maiden mitten screen teddy jelly belly sky
    spy fly turkey honey lily daisy pastry bakery battery factory trolley valley alley chimney property canary
    military cookie parent accent event pendant giant ant restaurant magic comic picnic ethnic topic"""
)
_PATTERN_ENDS = frozenset(
    {"pattern", "patterns", "texture", "material", "finish", "shade", "print", "design", "surface"}
)


_MATTER = frozenset(
    {
        "cement",
        "clay",
        "wax",
        "bamboo",
        "cardboard",
        "straw",
        "plaster",
        "asphalt",
        "tile",
        "glass",
        "silver",
        "stone",
        "paper",
        "rubber",
        "fur",
        "iron",
        "brick",
        "lace",
    }
)


_BEFORE_COLOURS = PRAISE | {"colour", "color", "solid", "single", "soft"}
_COLOUR_ENDS = frozenset({"colour", "color", "shade", "tone", "hue", "tint", "instead", "one", "ones"})


def colour_text(clause: Clause, start: int, end: int) -> str:
    """ "colour dark red" for "a dark red", "the colour dark red", "dark red colour", "a light brown shade", "a shade of
    red", "deep blue"; "" for anything else."""
    words = clause.words
    while start < end and (words[start] in ARTICLES or words[start] in _BEFORE_COLOURS):
        start += 1
    if words[start : start + 2] in (("shade", "of"), ("tone", "of"), ("hue", "of")):
        start += 2
    while end > start and words[end - 1] in _COLOUR_ENDS:
        end -= 1
    if start >= end:
        return ""
    if clause.tokens[start].kind == "hex" and end == start + 1:
        return f"colour {words[start]}"
    if words[start] in COLOURED and end == start + 1:
        return f"colour {COLOURED[words[start]]}"
    name = spelled(words[start:end])
    return f"colour {name}" if colour_size(words, start, end) == end - start else ""


def colour_at(clause: Clause, start: int, end: int) -> tuple[str, int] | None:
    """An exact colour that begins there, as (text of the change, where it ends)."""
    words = clause.words
    if start >= end or (words[start] == "light" and start and words[start - 1] in LIGHTS):
        return None
    if clause.tokens[start].kind == "hex":
        return f"colour {words[start]}", start + 1
    if words[start] in COLOURED:
        return f"colour {COLOURED[words[start]]}", start + 1
    if not (size := colour_size(words, start, end)):
        return None
    after = start + size
    name = spelled(words[start:after])
    if after < end and words[after] in COLOUR_NOUNS:
        after += 1
    elif words[after : after + 2] in (("in", "colour"), ("in", "color")):
        after += 2
    return f"colour {name}", after


def head_place(clause: Clause, start: int, end: int) -> int:
    """The token of the noun that a text is about: the last before a preposition, a comma or a relative clause."""
    words = clause.words
    place = start
    while place < end and (words[place] in ARTICLES or words[place] in ("its", "his", "her", "their")):
        place += 1
    first = place
    while place < end:
        word = words[place]
        stops = word in (
            ",",
            "that",
            "which",
            "who",
            "where",
            "and",
            "while",
            "so",
            "(",
            ".",
            "'s",
            "to",
            "for",
            "into",
            "saying",
        )
        if place > first and clause.tokens[place].kind == "quoted" != clause.tokens[first].kind:
            break
        joins = word in ("and", ",") and first < place < end - 2 and is_adjective(words[place - 1])
        if joins and (is_adjective(words[place + 1]) or words[place + 1 : place + 2] == ("and",)):
            # "a dark blue and green globe", "a large, round table"
            place += 1
            continue
        looks = all(is_adjective(said) or said in ("and", ",") for said in words[first:place])
        if looks and first < place < end - 1 and is_doing(clause, place, end):
            # "a pink and white moving bus"
            place += 1
            continue
        if place > first and (stops or word == "of" or RELATIONS.at(words, place, end) or is_doing(clause, place, end)):
            break
        place += 1
    if place < end and words[place] == "of" and singular(words[place - 1]) in MEASURES:
        return head_place(clause, place + 1, end) if place + 1 < end else place - 1
    return max(start, place - 1)


def is_doing(clause: Clause, place: int, end: int) -> bool:
    """Whether a word after a noun says what it does: a lion standing, a dog that runs, trees spaced evenly."""
    word = clause.words[place]
    after = clause.words[place + 1] if place + 1 < end else ""
    follows_on = after.endswith("ly") or after in ("as", "like", "by") or RELATIONS.at(clause.words, place + 1, end)
    if word.endswith("ed") and word not in NOUNS_IN_ED and follows_on:
        return True
    if word.endswith("ing") and word in STATES:
        return True
    if not word.endswith("ing") or place + 1 >= end or word in NOUNS_IN_ING:
        return False
    follows = clause.words[place + 1]
    return follows in ARTICLES or RELATIONS.at(clause.words, place + 1, end) is not None


def is_setting(clause: Clause, start: int, end: int) -> bool:
    """Whether a text is about all that is around, and not about a thing: "a snowy mountain landscape"."""
    return clause.words[head_place(clause, start, end)] in SETTINGS


def is_style(clause: Clause, start: int, end: int) -> bool:
    """Whether a text names a style: "comic book style", "a watercolour painting"."""
    words = clause.words[start:end]
    return any(word in STYLE_WORDS or word in STYLES for word in words)


def is_adjective(word: str) -> bool:
    """Whether a word is one that says how something looks or what it is made of."""
    if word in ADJECTIVES | FINISHES or word in COMPARED or word in TONES or colour_rgb(word) is not None:
        return True
    return _SUFFIX.fullmatch(word) is not None and word not in _NO_ADJECTIVE and "-" not in word[-2:]


_WORKED = word_set("wrought stainless corrugated polished brushed hammered stained tempered frosted cast")


def _is_worked(word: str) -> bool:
    """Whether a word says how a material was worked: wrought iron, stained glass."""
    return word in _WORKED


_COLOURED = frozenset({"colored", "coloured", "toned", "themed", "shaped", "styled"})
"""What makes an adjective of the word before it."""


def is_adjectival(clause: Clause, start: int, end: int) -> bool:
    """Whether a text says how something looks and names no thing: "wooden", "red and white striped", "very shiny"."""
    words = clause.words
    if start >= end or words[start] in ARTICLES:
        return False
    if GREYSCALE.at(words, start, end) is not None:
        return True if GREYSCALE.at(words, start, end) == ("grey", end - start) else is_adjective(words[end - 1])
    if words[end - 1] in _PATTERN_ENDS:
        return True
    content = [
        word for word in words[start:end] if word not in ("and", ",", "very", "more", "less", "slightly", "a", "bit")
    ]
    content = [word for k, word in enumerate(content) if not _COLOURED & set(content[k + 1 : k + 2])]
    worked = len(content) > 1 and content[-1] in _MATTER and all(map(_is_worked, content[:-1]))
    finished = len(content) > 1 and content[-1] in COLOUR_THINGS and set(content[:-1]) <= FINISHES
    if worked or finished:
        return True
    if not content or content[-1] in COLOUR_THINGS or (len(content) > 1 and content[-1] in _MATTER):
        # "a red glass" and "bright orange" are things
        return False
    return is_adjective(content[-1]) and all(is_adjective(word) or word.endswith("ly") for word in content)


def is_lettering(said: str) -> bool:
    """Whether a text is letters to be written, and names nothing: SLOW, B234, "Hello"."""
    if said.startswith('"') or any(letter.isdigit() for letter in said):
        return len(said.split()) <= 6
    return len(said) > 1 and said.isupper()


_TRANSITIVE = word_set(
    """be being have having wear wearing hold holding look looking appear seem show showing carry carrying become get
    raise raising lift lifting lower lowering wave waving ride riding eat eating drink drinking read reading"""
)
_AFTER_STATES = word_set(
    "and , his her its their to while as at like straight back forward still alone up out off around"
)


GROWING = word_set(
    """square round circular oval triangular rectangular hexagonal broken closed open shut taller shorter longer wider
    thicker thinner bigger larger smaller fatter slimmer skinnier fat skinny slim tall obese chubby muscular thin
    huge tiny giant enormous longer-haired"""
)
"""What changes the outline of a thing."""


def states(clause: Clause, start: int, end: int) -> bool:
    """Whether a text begins with what somebody does or has on: "smiling", "wearing a hat", "be seated"."""
    words = clause.words
    while start < end and words[start].endswith("ly"):
        start += 1
    if start >= end or words[start] not in STATES:
        return False
    # "a sitting corgi" and "an open book" are things
    follows = words[start + 1] if start + 1 < end else ""
    known = follows in ARTICLES or follows in DIRECTIONS or RELATIONS.at(words, start + 1, end) is not None
    return words[start] in _TRANSITIVE or not follows or known or follows.endswith("ly") or follows in _AFTER_STATES


_WHOLES = word_set(
    """sunset sunrise postcard poster portrait self-portrait photograph photo polaroid daguerreotype headshot
    collage cover magazine book fresco mural tapestry engraving woodcut etching print caricature blueprint
    diagram meme gif video film movie documentary comedy musical story tale manga play advertisement card game
    party festival storm tornado dream linocut lithograph screenprint gouache silhouette doodle hologram stencil
    puzzle pastel charcoal crayon selfie snapshot panorama close-up thumbnail flyer banner invitation icon emoji"""
)
"""What a whole picture may be."""
_WHEREABOUTS = word_set(
    """wonderland zoo battlefield place nightmare masterpiece fairytale paradise cave castle church chapel temple
    palace mansion dungeon tavern diner shop store cafe restaurant bar office kitchen bedroom bathroom classroom
    school library museum theatre theater gym hospital spaceship market village town metropolis harbour harbor
    airport station depot stadium arena ruin circus campsite resort cemetery monastery alley maze pasture farm
    volcano waterfall island planet pond swamp"""
)
"""What a picture may show all around."""


_OTHERWISE = word_set("shot scene print play book game card cover party storm school shop market office farm")
"""Words that speak of a whole picture where they are what a text is about: "shot glasses" are none."""


def names_what_is_in_it(clause: Clause, start: int, end: int) -> bool:
    """Whether a text names a thing in a picture, and not a whole picture: "a black sheep", but "an oil painting"."""
    words, head = clause.words, singular(clause.words[head_place(clause, start, end)])
    begins = words[start] in ("a", "an", "just", "only", "some", *NUMBERS)
    around = SCENERY | NATURE | MANNERS | TIMES | BACKGROUND_WORDS | _WHEREABOUTS
    pictures = STYLES | STYLE_WORDS | PICTURES | _WHOLES
    if clause.raw(start, end).split()[-1].istitle():
        # "make it a Picasso"
        return False
    named = {singular(word) for word in words[start:end]} - (_OTHERWISE - {head})
    return begins and head not in around and not pictures & named


_NO_THING = word_set(
    """as say says read reads there here somewhere elsewhere away up down than not to into same closer further farther
    around upside upside-down together apart alone back half moved turned rotated mirrored doubled flipped swapped
    somehow again twice just only be get become appear"""
)
"""Words with which nothing begins that could stand in the place of a thing."""


_DOING = word_set("move grow cut sit stand lie hang float fly put take turn go come")


def names_thing(clause: Clause, start: int, end: int) -> bool:
    """Whether a text names something that could stand in the place of a thing: "a red mug", "brick", "the Eiffel
    Tower"; not "smaller and black", "on the rug", "as tall as the lamp", "the left", "the girl's"."""
    words = clause.words[start:end]
    if any(token.kind == "quoted" for token in clause.tokens[start:end]):
        return True
    first = words[0]
    if first in _NO_THING or first in COMPARED | BIGGER | SMALLER or first in COMPARATIVES or first in DIRECTIONS:
        return False
    if RELATIONS.at(words, 0) is not None or DEGREES.at(words, 0) is not None or words[-1] in ("'s", "versa"):
        return False
    if (
        first in ("the", "a", "an")
        and len(words) > 1
        and (words[1] in SIDES or words[1] in SUPERLATIVES or words[1] == "same")
    ):
        return first != "the"
    places = [RELATIONS.at(words, k + 1) for k in range(1, len(words) - 1) if words[k] == "and"]
    if any(place is not None and place[0] != "with_" for place in places) or {"where", "not"} & set(words):
        # "grey and on the fence"
        return False
    if first == "without" or words[:2] == ("the", "only") or (len(words) > 1 and first in _DOING):
        return False
    if len(words) > 1 and words[1] == "like" and is_adjective(first):
        return False
    # what is new is spoken of for the first time
    return not any(words[k] in ("and", ",") and words[k + 1] in _KNOWN for k in range(1, len(words) - 1))


_KNOWN = frozenset({"the", "his", "her", "him", "them", "it", "they", "he", "she"})
