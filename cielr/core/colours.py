"""Names of colours: from a name to sRGB, and from a colour to the nearest name that people use.

The values are those of the W3C's CSS Color Module Level 4 (named colours).
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from .oklab import oklab, oklab_rgb

TONES = {"dark": -0.45, "deep": -0.45, "light": 0.5, "pale": 0.65, "pastel": 0.6, "bright": 0.0, "vivid": 0.0}
"""Words before a name: the share of black (below zero) or white that is mixed in; bright and vivid saturate."""

PAINTS = {
    "red": "#b3262b",
    "orange": "#d9711f",
    "brown": "#74492a",
    "light brown": "#b08a63",
    "yellow": "#e3b52a",
    "green": "#2f7d43",
    "blue": "#2c60ae",
    "purple": "#78469e",
    "violet": "#7d55a8",
    "magenta": "#b3337f",
    "pink": "#e4a0b3",
    "turquoise": "#2fa09c",
    "cyan": "#2b9fb8",
    "teal": "#1f6f70",
    "navy": "#22335c",
    "lime": "#86b336",
    "gold": "#c99a36",
    "silver": "#b4b7ba",
    "white": "#f3f1ec",
    "black": "#202124",
    "gray": "#85878a",
}
"""Basic names as paint, cloth and plastic have them; a screen's own red, green and blue are lights, not surfaces."""
MOST_PAINT = 0.19
"""OKLab chroma that a surface has at most; a colour by its number may have more."""

MIXTURES = {
    "sage green": "#9caf88",
    "emerald green": "#2f9e62",
    "mint green": "#98dfb6",
    "bottle green": "#0f4c36",
    "olive green": "#6b7a2f",
    "apple green": "#84b033",
    "moss green": "#6f7f3a",
    "jade green": "#2f9d75",
    "racing green": "#0d4a2f",
    "pea green": "#8aa83c",
    "baby blue": "#a9cfee",
    "duck egg blue": "#b9d6cf",
    "electric blue": "#1f63f0",
    "cobalt blue": "#1e47a8",
    "sapphire blue": "#1c4a9c",
    "ice blue": "#cfe6f0",
    "petrol blue": "#1f5a68",
    "denim blue": "#46648c",
    "ocean blue": "#1f5f8b",
    "cherry red": "#b01f34",
    "ruby red": "#9b1637",
    "blood red": "#7f1016",
    "wine red": "#6c1f34",
    "brick red": "#a1473a",
    "rust red": "#9c4327",
    "fire engine red": "#c8202a",
    "burgundy red": "#6c1f34",
    "burnt orange": "#bf5a22",
    "mustard yellow": "#d2a52c",
    "lemon yellow": "#f0dc50",
    "canary yellow": "#f3dc3c",
    "baby pink": "#f1c3cd",
    "dusty pink": "#cf9aa0",
    "rose pink": "#e08aa0",
    "salmon pink": "#ee9186",
    "jet black": "#101113",
    "coal black": "#1a1a1c",
    "snow white": "#f8f8f6",
    "off white": "#f0ece0",
    "ivory white": "#f6f1e0",
    "cream white": "#f4ecd6",
    "charcoal gray": "#3c4147",
    "ash gray": "#b2b5b0",
    "chestnut brown": "#74402a",
    "coffee brown": "#553a2b",
    "rose gold": "#c58b7c",
}
"""What people call colours after things, beside CSS's own names."""

NAMES: dict[str, tuple[str, ...]] = {
    "black": ("black",),
    "dark grey": ("#404040",),
    "grey": ("dimgray", "gray", "darkgray"),
    "light grey": ("silver", "lightgray", "gainsboro"),
    "white": ("white", "whitesmoke"),
    "red": ("red", "crimson", "firebrick", "brown"),
    "dark red": ("darkred", "maroon"),
    "orange": ("orange", "darkorange", "tomato", "orangered"),
    "brown": ("saddlebrown", "sienna", "chocolate"),
    "dark brown": ("#3d2314",),
    "light brown": ("peru", "rosybrown"),
    "beige": ("beige", "tan", "wheat", "burlywood", "antiquewhite"),
    "yellow": ("yellow", "gold", "khaki"),
    "dark yellow": ("darkgoldenrod", "goldenrod"),
    "olive": ("olive", "darkolivegreen", "olivedrab"),
    "green": ("green", "forestgreen", "limegreen", "lime", "mediumseagreen"),
    "dark green": ("darkgreen", "#023020"),
    "light green": ("lightgreen", "palegreen", "greenyellow", "yellowgreen", "darkseagreen"),
    "turquoise": ("turquoise", "cyan", "lightseagreen", "mediumaquamarine"),
    "teal": ("teal", "darkslategray"),
    "light blue": ("lightblue", "skyblue", "lightsteelblue", "powderblue"),
    "blue": ("blue", "royalblue", "dodgerblue", "steelblue", "cornflowerblue"),
    "dark blue": ("darkblue", "navy", "midnightblue"),
    "purple": ("purple", "rebeccapurple", "darkorchid", "indigo", "blueviolet"),
    "violet": ("violet", "mediumpurple", "orchid", "plum"),
    "magenta": ("magenta", "mediumvioletred"),
    "pink": ("pink", "hotpink", "lightpink", "palevioletred"),
    "salmon": ("salmon", "lightsalmon", "coral", "lightcoral"),
}
"""Everyday name -> the CSS colours (a few hex values between them) that it stands for; CSS's brown is a red."""


def colour_rgb(name: str) -> tuple[int, int, int] | None:
    """sRGB bytes of a colour's name, or None: CSS names, "dark red", "light sea green", "#ff8800", "#f80".

    "grey" and "gray" are one; a tone word before any known name mixes in black or white.
    """
    text = re.sub(r"\s+", " ", name.strip().lower()).replace("grey", "gray")
    if match := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", text):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    named = _css().get(text.replace(" ", "").replace("-", ""))
    if named is None and (mixed := MIXTURES.get(text.replace("-", " "))):
        return colour_rgb(mixed)
    # CSS calls #808080 gray and the lighter #a9a9a9 darkgray: nobody else does
    if named is not None and text not in ("dark gray", "darkgray"):
        return named
    tone, _, rest = text.partition(" ")
    base = colour_rgb(rest) if rest else None
    if base is None:
        return None
    # "navy blue", "lime green": the first word is the narrower one
    return _toned(base, tone) if tone in TONES else _css().get(tone)


def paint_rgb(name: str) -> tuple[int, int, int] | None:
    """sRGB bytes of a colour as a painted surface has it, or None where `colour_rgb` knows none.

    Colours by number, and those that are said to be bright or vivid, are taken as they are.
    """
    rgb = colour_rgb(name)
    text = re.sub(r"\s+", " ", name.strip().lower()).replace("grey", "gray")
    tone, _, rest = text.partition(" ")
    if rgb is None or text.startswith("#") or (tone in ("bright", "vivid") and rest):
        return rgb
    if text in PAINTS:
        return colour_rgb(PAINTS[text])
    if tone in TONES and rest in PAINTS:
        base = colour_rgb(PAINTS[rest])
        assert base is not None
        return _toned(base, tone)
    return _muted(rgb)


def _muted(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """The colour with no more chroma than paint has."""
    lab = oklab(np.array(rgb) / 255)
    lab[1:] *= min(1.0, MOST_PAINT / max(float(np.hypot(lab[1], lab[2])), 1e-6))
    red, green, blue = (round(255 * float(value)) for value in oklab_rgb(lab))
    return red, green, blue


def colour_names(lab: np.ndarray) -> list[str]:
    """The everyday names nearest to CIELAB colours [n, 3], by CIEDE2000."""
    from skimage.color import deltaE_ciede2000

    names, table = _lab_table()
    apart = deltaE_ciede2000(np.asarray(lab, dtype=float)[:, None], table[None])
    return [names[k] for k in np.argmin(apart, axis=1)]


def _toned(rgb: tuple[int, int, int], tone: str) -> tuple[int, int, int]:
    share = TONES[tone]
    values = np.array(rgb, dtype=float)
    if share < 0:
        values *= 1 + share
    elif share > 0:
        values += (255 - values) * share
    else:
        # saturate: the least channel goes to nought, the greatest to full
        low, high = values.min(), values.max()
        values = (values - low) / (high - low) * 255 if high > low else values
    red, green, blue = (round(value) for value in values)
    return red, green, blue


@lru_cache(maxsize=1)
def _css() -> dict[str, tuple[int, int, int]]:
    from PIL import ImageColor

    return {name: ImageColor.getrgb(name)[:3] for name in ImageColor.colormap}


@lru_cache(maxsize=1)
def _lab_table() -> tuple[list[str], np.ndarray]:
    from PIL import ImageColor
    from skimage.color import rgb2lab

    pairs = [(name, ImageColor.getrgb(value)[:3]) for name, values in NAMES.items() for value in values]
    return [name for name, _ in pairs], rgb2lab(np.array([[rgb for _, rgb in pairs]], dtype=np.uint8))[0]
