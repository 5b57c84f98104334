"""Changes that code carries out exactly, without a model, and the canonical words that name them.

"colour dark red" (or "colour #7a1f1f"; "colour all dark red" for more than the main colour; "colour dark red 50%" for
half of it), "brighten 30%", "darken 30%", "desaturate 100%", "blur 8px"; anything else is free text for a painter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..core.colours import colour_rgb, paint_rgb


@dataclass(frozen=True)
class ExactChange:
    """What code can do to pixels by itself.

    Attributes:
        words: language -> how people say it; {about} is what it is done to, {amount} how much.
        amount: as people say it: "dark red", "30".
    """

    words: ClassVar[Mapping[str, str]]
    amount: str

    def undoes(self, other: ExactChange) -> bool:
        """Whether one of the two would make the other pointless on the same object."""
        return False


@dataclass(frozen=True)
class Recolour(ExactChange):
    """Another colour under the same light.

    Attributes:
        rgb, paint: its sRGB bytes, as a screen shows it and as a surface has it.
        whole: not only what carries the thing's dominant colour; strength: in [0, 1], how much of it shows.
    """

    words = {"en": "Colour {about} {amount}", "zh": "把 {about} 染成 {amount}"}
    rgb: tuple[int, int, int]
    paint: tuple[int, int, int]
    whole: bool = False
    strength: float = 1.0

    def undoes(self, other: ExactChange) -> bool:
        return isinstance(other, Recolour) and other != self


@dataclass(frozen=True)
class Flat(ExactChange):
    """One flat colour, without light or texture; `rgb` is its sRGB bytes."""

    words = {"en": "Make {about} {amount}", "zh": "把{about}变成 {amount}"}
    rgb: tuple[int, int, int]


@dataclass(frozen=True)
class Brighten(ExactChange):
    """Lighter by `percent`, 0 to 1000."""

    words = {"en": "Brighten {about} by {amount} %", "zh": "把 {about} 提亮 {amount} %"}
    percent: float

    def undoes(self, other: ExactChange) -> bool:
        return isinstance(other, Darken)


@dataclass(frozen=True)
class Darken(ExactChange):
    """Darker by `percent`, 0 to 100."""

    words = {"en": "Darken {about} by {amount} %", "zh": "把 {about} 调暗 {amount} %"}
    percent: float

    def undoes(self, other: ExactChange) -> bool:
        return isinstance(other, Brighten)


@dataclass(frozen=True)
class Desaturate(ExactChange):
    """Less colourful by `percent`, 0 to 100."""

    words = {"en": "Desaturate {about} by {amount} %", "zh": "把 {about} 的饱和度降低 {amount} %"}
    percent: float


@dataclass(frozen=True)
class Blur(ExactChange):
    """Blurred over `pixels`: two sigmas of a Gaussian."""

    words = {"en": "Blur {about} by {amount} px", "zh": "把 {about} 模糊 {amount} 像素"}
    pixels: float


@dataclass(frozen=True)
class Clear(ExactChange):
    """Transparent: the pixels stay as they are, and nobody sees them."""

    words = {"en": "Make {about} {amount}", "zh": "把{about}变为透明"}


CHANGES = {"colour": Recolour, "brighten": Brighten, "darken": Darken, "desaturate": Desaturate, "blur": Blur}
"""First word of the canonical text -> the change."""


def exact_change(text: str) -> ExactChange | None:
    """The change that a canonical text names, or None where it needs a painter."""
    if match := re.fullmatch(r"(brighten|darken|desaturate) (\d+(?:\.\d+)?)%", text):
        most = 1000.0 if match[1] == "brighten" else 100.0
        return CHANGES[match[1]](match[2], min(float(match[2]), most))
    if match := re.fullmatch(r"blur (\d+(?:\.\d+)?)px", text):
        return Blur(match[1], float(match[1]))
    return _recolour(text)


def _recolour(text: str) -> Recolour | None:
    match = re.fullmatch(r"colour (all )?(.+?)( \d+(?:\.\d+)?%)?", text)
    rgb, paint = (colour_rgb(match[2]), paint_rgb(match[2])) if match else (None, None)
    if match is None or rgb is None or paint is None:
        return None
    strength = min(float(match[3].strip(" %")), 100.0) / 100 if match[3] else 1.0
    return Recolour(text.removeprefix("colour "), rgb, paint, match[1] is not None, strength)
