"""The closed classes of English that take an instruction apart: verbs of editing, prepositions, places, ranks, amounts.

Words of open classes (what things are called) are in no list: a noun phrase is what is left between these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from ....core.inflection import word_set

V = TypeVar("V")


class PhraseTable(Generic[V]):
    """Phrases of one or more words, each with a value; the longest that begins at a place is found in constant time."""

    def __init__(self, entries: Mapping[str, V]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase, value in entries.items():
            words = tuple(phrase.split())
            self._by_first.setdefault(words[0], []).append((words, value))
        for options in self._by_first.values():
            options.sort(key=lambda option: -len(option[0]))

    def at(self, words: Sequence[str], start: int, end: int | None = None) -> tuple[V, int] | None:
        """(value, number of words) of the longest phrase there."""
        end = len(words) if end is None else end
        if start >= end:
            return None
        for phrase, value in self._by_first.get(words[start], ()):
            size = len(phrase)
            if size == 1 or (start + size <= end and tuple(words[start : start + size]) == phrase):
                return value, size
        return None

    def words(self) -> Iterator[str]:
        for options in self._by_first.values():
            for phrase, _ in options:
                yield from phrase


def table(**groups: str) -> PhraseTable[str]:
    """A table from groups of phrases, separated by "|"; each phrase has its group's name as value."""
    return PhraseTable({phrase.strip(): name for name, text in groups.items() for phrase in text.split("|")})


# ------------------------------------------------------------------------------------------------------------- verbs

VERBS = table(
    remove="remove|delete|erase|get rid of|take away|take out|take down|clear away|clear|eliminate|wipe out|wipe away"
    "|drop|lose|throw out|throw away|discard|edit out|crop out|rub out|do away with|dispose of|hide|omit|exclude"
    "|eradicate|expunge|obliterate|take off|wipe off|scrub out|scrub away|strip away|strip off|banish|dispel|expel"
    "|ditch|scrap|photoshop out|abolish|annihilate|exterminate|terminate|dissolve|dissipate",
    free_of="rid|cleanse|purge|strip|free",
    take="take|wipe|scrape|scrub|brush",
    get="get",
    cut_out="cut out",
    keep="keep|leave",
    only_keep="only keep|just keep",
    recolour="recolour|recolor|paint|dye|tint|colour|color|colourize|colorize|colourise|repaint|tinge|stain",
    change="change|turn|transform|convert|alter|modify|transfer|switch|set|render|edit|update|morph|recast"
    "|redesign|restyle|revise|adapt|fashion|reshape|reform|mold|mould|sculpt|rework|revamp|customize|customise|remodel",
    adjust="adjust|tweak|fine-tune",
    make="make|have|let",
    replace="replace|substitute",
    swap="swap|exchange|interchange|trade",
    swap_out="swap out|switch out",
    brighten="brighten up|illuminate|brighten|lighten up|lighten",
    darken="darken up|darken|dim",
    blur="blur out|blur|defocus|soften|censor|anonymise|anonymize",
    saturate="saturate|oversaturate",
    warm="warm up|warm|cool down|cool off|cool",
    desaturate="desaturate|grey out|gray out|greyout|grayout"
    "|grayscale|greyscale|decolour|decolor|decolourise|decolorize|decolourize",
    sharpen="sharpen",
    more="increase|bump up|bump|raise|boost|intensify|enhance|heighten|elevate|amplify|up the|turn up|crank up",
    less="reduce|decrease|diminish|lower|lessen|tone down|turn down",
    enlarge="enlarge|grow|magnify|blow up|upscale|expand",
    shrink="shrink|minimize|minimise|downscale|downsize|minify",
    scale="scale up|scale down|scale|resize|rescale",
    double="double",
    triple="triple",
    halve="halve",
    move="move|shift|slide|push|relocate|bring|reposition|drag|nudge",
    put="put|paste|park|toss|throw|place|seat|position|set down|lay|lay down|nestle|perch|tuck|situate|rest"
    "|sprinkle|scatter|arrange|stick|pin|drape|hang|attach|install|mount",
    steep="immerse|infuse|bathe|imbue|drench|steep",
    add="add|insert|draw|include|introduce|append|overlay|sketch in|paint in|plant"
    "|build|construct|erect|set up|envision|imagine"
    "|pretend|suppose|spawn|incorporate|integrate|embed|affix|superimpose|throw in|photoshop in|put in|bring in"
    "|add in|edit in",
    create="create|generate|craft|produce",
    remake="rebuild|reconstruct|refashion|remake",
    give="give|equip|provide",
    apply="apply",
    center="center|centre",
    use="use|choose|opt for",
    put_on="put on",
    assure="blend|ensure|make sure",
    extract="crop out just|crop out only|cut out just|cut out only"
    "|extract|isolate|cut-out|segment|segment out|separate",
    duplicate="duplicate|copy|clone|replicate|make a copy of|make a duplicate of|add a copy of|make another",
    rotate="rotate|spin|tilt",
    flip="flip|mirror|invert horizontally",
    restyle_as="reimagine|redraw|reinterpret|recreate|depict|portray|present|show",
    dress="dress",
    open="wake up|wake|awake|cook|fry|bake|grill|tie|untie|button|unbutton|tear|rip|wet|empty"
    "|sink|dent|crumple"
    "|turn off|turn on|switch off|switch on|open|close|fold|straighten|bend|cross|lift|turn around|shave|cut|trim"
    "|style|clean up|clean|polish|age|wrinkle|wash|repair|mend|complete|light|slice|peel|toast|flood|melt|freeze|burn"
    "|put out|blow out|extinguish|unfold|unwrap|zip up|unzip|roll up|untie|crack|break|smash|comb|braid|inflate"
    "|reorient|orient|neaten|broaden|smooth out"
    "|whiten|smooth|smoothen|stretch|lengthen|shorten|slim down|slim|thin out|thicken|roll down|stick out|curl|loosen"
    "|widen|deepen",
    write="write|print|engrave",
    embolden="embolden|bold|unbold|italicize|italicise|underline|capitalize|capitalise|pixelate",
    translate="translate",
    pour="pour",
    cartoon="cartoonize|cartoonise|cartoonify",
    fill="fill|cover|decorate|wrap|coat|adorn|top",
    surround="surround|encircle",
    frame="crop|uncrop|zoom in on|zoom out of|zoom into|zoom in|zoom out|zoom",
    distort="distort|warp",
)
"""Verbs with which a wish begins."""


def verb_of(word: str, ending: str) -> str | None:
    """The family of verbs that a word in -ing or -ed is of: "add" of adding and of added; None for other words."""
    if not word.endswith(ending) or len(word) < len(ending) + 3:
        return None
    stem = word.removesuffix(ending)
    doubled = stem[:-1] if stem[-1] == stem[-2] else stem
    for base in (stem, f"{stem}e", doubled):
        verb = VERBS.at((base,), 0)
        if verb is not None and verb[1] == 1:
            return verb[0]
    return None


DRAWING = frozenset({"add", "draw", "insert", "create", "generate", "replacing", "wearing", "hold", "holding"})
"""Words that ask for something new, which only a painter can do."""

TELLING = frozenset({"say", "says", "saying", "write", "text", "caption", "letters", "word", "words", "reads", "read"})
"""Words after which letters may follow."""

# --------------------------------------------------------------------------------------------- words that are refused

NEGATIONS = frozenset({"not", "don't", "dont", "never", "no", "without", "avoid", "n't", "cannot", "isn't", "aren't"})
CONDITIONS = word_set("or nor either neither if unless until while when because than instead whether except-for")
TASTE = word_set(
    """nicer better beautiful prettier cooler improve enhance fix retouch professional artistic interesting more less
    most least best worst nice cool pretty attractive appealing ugly ugliest healthiest oldest youngest cutest
    valuable happiest fanciest perfect elegant-looking good stunning amazing awesome epic wow"""
)
"""Words of taste or knowledge: no rule says what they pick."""
WHY_REFUSED = {
    "negation": "says what not to do, and only what is to be done can be done by rule",
    "drawing": "asks for something new to be drawn",
    "condition": "makes a condition, a choice or a comparison, which no rule here can follow",
    "knowledge": "stands for something that only knowledge can name",
    "taste": "is a matter of taste or of knowledge, not of what the picture shows",
}

# ----------------------------------------------------------------------------------------------- said for politeness

FILLERS = table(
    filler="please to|please|pls|plz|kindly|could you|can you|would you|will you|i want you to|i would like you to"
    "|i'd like you to|i'd like to|i would like to|i want to|i need you to|you should|i want|i'd like|i would like"
    "|i need|let's|let us|now|just|simply"
    "|thanks in advance|thank you in advance|thank you so much in advance|thank you so much|thank you very much"
    "|thanks so much|thanks a lot|many thanks|if possible|if you can|if that's possible|asap|lol|haha"
    "|thanks|thank you|go ahead and|for me|completely|entirely|fully|exactly|first of all|currently"
    "|also|we should|we need to|we can|we could|can we|could we|may we|can i|could i|can u|could u|would u"
    "|what if|how about|i'd love it if|i would love it if|i'd like it if|i would like it if|i'd prefer it if"
    "|it would be nice if|it'd be nice if|it would be great if|it'd be great if|i wish"
    "|could someone|can someone|would someone|could somebody|can somebody|could anyone|can anyone|can anybody"
    "|is it possible to|would it be possible to|i was wondering if you could|i was hoping you could|would you mind"
    "|you need to|you must|kind of|help me|try to|you can|the following|actually|maybe|perhaps|digitally"
    "|seamlessly|carefully|what about|why not|why don't you|why don't we|let's see|lets see|we need|we want"
    "|we could use|i want to see|i'd love to see|i would love to see|i'd like to see|i would like to see"
    "|cleanly|naturally|instead ,",
    greeting="i wanna see|wanna see|i wanna|wanna|id like to|id like"
    "|id love|na|id|i'd|i would|on this one|select the entire image and|select the whole image and"
    "|select the image and|ok now|okay now|ok so|okay so|ok|okay|alright|great ,|perfect ,|nice ,|awesome ,|great , but"
    "|not bad , but|hey siri|hey google|alexa|hey guys|hi all|hi everyone|hello everyone|dear team|hey|hi|hello"
    "|hi there|hello there|hey there|good morning|good evening",
)
CONNECTIVES = table(
    then="and then|then|after that|and after that|afterwards|and afterwards|next ,|and next|finally|and finally|also"
    "|and also|additionally|in addition|lastly|secondly|thirdly|furthermore|moreover|subsequently|as well as then|first"
    " ,|firstly|plus then"
)

# ------------------------------------------------------------------------------------------------------- noun phrases

ARTICLES = frozenset({"the", "this", "that", "these", "those", "a", "an", "my", "your", "our", "some"})
POSSESSIVES = frozenset({"his", "her", "its", "their"})
QUANTIFIERS = table(all="all of|all|any|any of", every="every|each|each of|every one of", both="both|both of")
PRONOUNS = frozenset({"me", "us", "it", "them", "they", "him", "he", "she", "this", "these"})
PERSONAL: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("him", "he", "his"), ("man",)),
    **dict.fromkeys(("her", "she"), ("woman",)),
    **dict.fromkeys(("them", "they", "their", "us"), ("people",)),
    "me": ("person",),
}
"""Whom a pronoun speaks of where nobody was named before."""
PRAISE = frozenset({"nice", "lovely", "beautiful", "pretty", "gorgeous", "good", "great"})
"""Words before a colour that say nothing of it."""
EVERYBODY = frozenset({"everyone", "everybody", "anyone", "anybody"})
EVERYTHING = table(
    everything="what is|whatever is|what's|whatever's|everything else|everything"
    "|all objects|all things|all the objects|all the things|the whole thing|anything"
)
PICTURE_WORDS = frozenset({"picture", "image", "photo", "photograph", "frame", "scene", "photos", "shot"})
PICTURES = frozenset({"picture", "image", "photo", "photograph", "scene", "shot"})
BACKGROUND_WORDS = frozenset({"background", "backdrop"})
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
ORDINALS = {word: number for number, word in enumerate(_ORDINALS.split(), start=1)}
LAST = frozenset({"last", "final"})
NUMBERS = {word: number for number, word in enumerate(_NUMBERS.split(), start=1)}
NUMBER_OF_TIMES = {"twice": 2.0, "thrice": 3.0, "double": 2.0, "triple": 3.0, "half": 0.5}
SUPERLATIVES = {
    "largest": "large",
    "biggest": "large",
    "smallest": "small",
    "tiniest": "small",
    "leftmost": "left",
    "left-most": "left",
    "rightmost": "right",
    "right-most": "right",
    "topmost": "top",
    "top-most": "top",
    "uppermost": "top",
    "highest": "top",
    "bottommost": "bottom",
    "bottom-most": "bottom",
    "lowest": "bottom",
    "lowermost": "bottom",
    "nearest": "near",
    "closest": "near",
    "foremost": "near",
    "frontmost": "near",
    "farthest": "far",
    "furthest": "far",
    "backmost": "far",
    "rearmost": "far",
    "tallest": "tall",
    "shortest": "short",
    "widest": "wide",
    "narrowest": "narrow",
}
COMPARATIVES = {
    "larger": "large",
    "bigger": "large",
    "smaller": "small",
    "taller": "tall",
    "shorter": "short",
    "wider": "wide",
    "narrower": "narrow",
    "nearer": "near",
    "closer": "near",
    "farther": "far",
    "further": "far",
    "higher": "top",
    "upper": "top",
    "lower": "bottom",
}
"""Of two things the one that has more of it."""
SIZES = frozenset({"big", "large", "small", "tiny", "little", "huge"})
SHAPES = frozenset({"round", "circular", "oval", "square", "rectangular", "triangular", "long", "irregular"})
TONES = frozenset({"dark", "light", "pale", "bright", "deep", "vivid"})
LIGHTS = word_set("traffic stop street brake night signal warning strobe pilot indicator fairy christmas flash")
"""What kind a light may be, where it is no tone of a colour: "turn the traffic light green"."""
COLOURED = {"golden": "gold", "gilded": "gold", "silvery": "silver"}
"""Words that say a colour and may be part of a name, too: a golden retriever."""
SIDES = {
    "left": "left",
    "left-hand": "left",
    "lefthand": "left",
    "right": "right",
    "right-hand": "right",
    "righthand": "right",
    "top": "top",
    "upper": "top",
    "bottom": "bottom",
    "lower": "bottom",
    "distance": "back",
    "middle": "middle",
    "center": "middle",
    "centre": "middle",
    "central": "middle",
    "front": "front",
    "foreground": "front",
    "back": "back",
    "rear": "back",
    "background": "back",
}
SIDE_NOUNS = frozenset(
    {"side", "edge", "end", "corner", "half", "part", "hand", "portion", "section", "area", "border", "position"}
    | {"spot", "region", "zone", "location"}
)
ROWS = frozenset({"row", "rows", "column", "columns"})
ANYTHING = frozenset({"object", "thing", "item"})
RELATIONS = table(
    left_of="to the left of|to the left side of|on the left of"
    "|closer to the left of|on the left side of|at the left of|at the left side of"
    "|left of|left from|left side of|in the left of|on the left-hand side of|to left of",
    right_of="to the right of|to the right side of|on the right of"
    "|closer to the right of|on the right side of|at the right of"
    "|at the right side of|right of|right from|right side of|in the right of|on the right-hand side of|to right of",
    above="above|over|up above|from above|from over",
    below="below|under|underneath|beneath|at the bottom of|on the bottom of|from under|from underneath|from beneath"
    "|from below",
    next_to="next to|beside|near|near to|close to|alongside|adjacent to|at the side of|by the side of|on the side of"
    "|around|along|beside of|closer to|nearer to|not far from|surrounding|bordering|facing"
    "|from next to|from beside|from near|from around",
    outside="outside|outside of",
    by="by",
    on="on|onto|upon|atop|across|on the surface of|on the edge of|along the edge of|at the edge of|on the end of"
    "|at the end of|to the edge of|onto the edge of|near the edge of|near the end of",
    on_top="on top of|on the top of|at the top of|to the top of",
    in_="in|into|amid|amidst|among|amongst|throughout|through",
    inside="inside|inside of|within|to the middle of|to the center of|to the centre of|in the inside of"
    "|in the middle of|in the center of|in the centre of"
    "|at the center of|at the centre of",
    in_front_of="in front of|against|ahead of|from in front of|in the front of|at the front of|to the front of|before",
    behind="behind|from behind|in back of|at the back of|in the back of",
    touching="touching",
    overlapping="overlapping",
    at="at",
    with_="with|dressed in|clad in|wearing|holding|carrying|that has|that have|who has|who have|which has|having"
    "|featuring",
    from_="from|off|off of|out of|from the top of|from on top of|from the surface of|from the side of"
    "|from the right side of"
    "|from the left side of|from the bottom of|from the middle of|from the center of|from the centre of|from inside"
    "|from within|from the edge of|from the back of|from the front of",
    belongs="worn by|held by|carried by|belonging to",
)
"""Words between a thing and what it stands in a relation to."""
DIRECTLY = frozenset({"directly", "immediately", "right", "just"})
WHICH = table(
    which="which is|which are|that is|that are|that stands|that stand|that lies|that lie|who is|who are|that's|who's"
    "|that sits|that sit|that may be|that might be|which may be"
    "|which lies|which stands|who stands|who sits|that was|that were"
)
EXCEPTIONS = table(except_="except for|except|excluding|apart from|other than|but|save for|aside from")
MEASURES = word_set(
    """pair piece slice group couple set bunch flock herd crowd pack pile stack row lot number kind type sort variety
    body area areas patch trio cluster collection load bit string"""
)
"""Before "of" and a bare noun: the noun is what it is about."""
CONTAINERS = word_set(
    """cup glass bowl plate bottle can box jar basket bag mug vase bucket tray jug pot pan bouquet sheet tank tin
    carton statue picture photo painting drawing image sculpture model poster map stick loaf ball pool field jug
    sack crate portrait figurine piece slab block hot hill heap blade strand shot sea wall bust flag book"""
)
PART_NOUNS = word_set(
    """clothes clothing shirt t-shirt tshirt top coat jacket sweater dress skirt trousers pants shorts jeans shoes
    shoe hat cap scarf tie hair beard face head neck eye eyes nose mouth ear ears arm arms hand hands leg legs
    foot feet finger fur feathers skin tail wing wings wheel wheels door doors window windows roof handle lid
    screen surface body hull facade wall walls collar leash leaf leaves branch branches seat seats cushion cover
    frame strap sleeve sleeves backrest headboard side front back edge base lens shade shell beak horn horns hoof
    mane saddle paw paws petals stem label logo sign text number plate license bumper hood bonnet windshield
    headlights keyboard button buttons chest shoulder shoulders back lap waist wrist bracelet necklace glasses
    belt bag backpack socks boots gloves outfit suit uniform costume center centre middle bottom interior inside
    outside exterior shadow reflection"""
)
EFFECT_NOUNS = frozenset({"shadow", "reflection", "shadows", "reflections"})

# ------------------------------------------------------------------------------------------- what is said of a change

DEGREES = table(
    weak="slightly|a bit|a little|a little bit|a tiny bit|a tad|somewhat|subtly|gently|a-bit",
    strong="much|a lot|very|far|strongly|really|heavily|way|considerably|significantly|greatly|quite|extremely|even",
)
LIGHTER = frozenset({"brighter", "lighter"})
DARKER = frozenset({"darker", "dimmer"})
BIGGER = frozenset({"bigger", "larger"})
SMALLER = frozenset({"smaller", "tinier"})
COMPARED = (
    LIGHTER
    | DARKER
    | BIGGER
    | SMALLER
    | word_set(
        """greener redder bluer whiter blacker yellower pinker browner greyer grayer paler taller shorter longer wider
    thicker thinner slimmer fatter older younger curlier straighter fluffier shinier dirtier cleaner softer harder
    warmer colder wetter drier smoother rougher rustier fresher happier sadder angrier calmer stormier cloudier
    sunnier foggier snowier busier emptier fuller richer deeper higher lower steeper flatter rounder sharper"""
    )
)
"""How something is to look more than it does."""
BLURRY = table(blurry="blurry|blurred|out of focus|blurrier|out-of-focus|soft focus")
GREYSCALE = table(
    grey="grayscale|greyscale|gray scale|grey scale|gray-scale|grey-scale|black and white|black-and-white|monochrome"
    "|colourless|colorless|b&w|b & w|black & white"
)
AS_BIG = table(
    big="as big|as large|as big as it is|as large as it is|as big as before|as large as before|as big as now"
    "|as tall|as wide|as high|as long|as tall as it is|as wide as it is|as tall as now"
    "|the size|the original size|the current size|its size|their size|its original size|their original size"
    "|its current size|the size it is|of its size|of the original size|of its original size|size"
)
DIRECTIONS = {
    "left": "left",
    "right": "right",
    "up": "up",
    "upward": "up",
    "upwards": "up",
    "down": "down",
    "downward": "down",
    "downwards": "down",
    "leftward": "left",
    "leftwards": "left",
    "rightward": "right",
    "rightwards": "right",
}
PERCENT = table(percent="%|percent|per cent")
PIXELS = frozenset({"px", "pixel", "pixels"})
TIMES = frozenset({"times", "x", "fold", "-fold"})
COLOUR_NOUNS = frozenset({"colour", "color", "colours", "colors", "hue", "tone"})
