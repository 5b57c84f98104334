"""Sentences about what a whole picture suffers from: blur, noise, haze. No thing in it is meant."""

from __future__ import annotations

from ..words.vocabulary import ARTICLES, PICTURE_WORDS, VERBS, word_set

_SHARP, _CLEAN, _CLEAR = "sharper, in crisp focus", "clean, without noise or grain", "clear air, without haze"
FLAWS = {
    **dict.fromkeys(("blur", "blurs", "blurriness", "fuzziness", "softness", "blurring", "smearing"), _SHARP),
    **dict.fromkeys(("noise", "grain", "graininess"), _CLEAN),
    **dict.fromkeys(("filter", "filters"), "in natural colours, without a filter"),
    **dict.fromkeys(("tint", "colorcast"), "neutral colours, without a tint"),
    **dict.fromkeys(("haze", "haziness", "mistiness", "fogginess", "smog"), _CLEAR),
}
"""What a whole picture suffers from and no thing in it, and how it looks without."""
_VIRTUES = dict.fromkeys(
    word_set("sharpness focus definition crispness clarity resolution acuity details detail"), _SHARP
)
_AGED = word_set("old vintage antique damaged torn faded scratched creased ripped")
_UNDONE = {"deblur": _SHARP, "denoise": _CLEAN, "degrain": _CLEAN, "dehaze": _CLEAR, "defog": _CLEAR}
_IMPROVING = word_set(
    """enhance improve refine restore upgrade clarify polish correct fix reduce increase boost sharpen raise clean
    recover lessen lower"""
)
_RAISING = _IMPROVING - {"reduce", "lessen", "lower"}
_SAID_OF = (
    PICTURE_WORDS
    | ARTICLES
    | word_set(
        """of in from by to for and any its 's up visual effect effects issues issue overall quality sharp crisp clear
    better improved more view"""
    )
)
"""Words beside them that say nothing else."""


def restored(words: tuple[str, ...]) -> str:
    """How a picture is to look by "dehaze the photo", "improve the sharpness of the image", "fix the blur"; "" where
    a word says anything else."""
    content = [word for word in words if word not in _SAID_OF]
    if not content:
        return ""
    if words[0] in ("restore", "repair") and set(content[1:]) <= _AGED and set(words) & PICTURE_WORDS:
        return "restored, without scratches, stains or fading"
    first, rest = _base(words[0]), [word for word in content if word != words[0]]
    known = {**FLAWS, **_VIRTUES, **_UNDONE}
    if any(_base(word) not in known and not _clears(word) for word in rest):
        return ""
    if first in _UNDONE:
        return _UNDONE[first]
    flaws = [known[_base(word)] for word in rest if _base(word) in known and _base(word) not in _VIRTUES]
    virtues = [_VIRTUES[_base(word)] for word in rest if _base(word) in _VIRTUES]
    # "increase the blur" and "reduce the sharpness" ask for the contrary
    if (virtues and first not in _RAISING) or (flaws and not any(_lowers(word) for word in words)):
        return ""
    return (*flaws, *virtues, "")[0]


def _lowers(word: str) -> bool:
    """Whether a word says that a flaw is to go."""
    return _base(word) in _UNDONE or (_clears(word) and _base(word) not in ("increase", "boost", "raise", "enhance"))


def _clears(word: str) -> bool:
    """Whether a word says that something is to go or to be better."""
    verb = VERBS.at((_base(word),), 0)
    return _base(word) in _IMPROVING or (verb is not None and verb[0] in ("remove", "free_of", "less"))


def _base(word: str) -> str:
    """The verb of a word in -ing: deblur of deblurring, reduce of reducing; other words as they are."""
    if word in FLAWS or not word.endswith("ing"):
        return word
    stem = word.removesuffix("ing")
    doubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem
    known = (*_UNDONE, *_IMPROVING)
    return next((base for base in (stem, f"{stem}e", doubled) if base in known or VERBS.at((base,), 0)), word)
