"""What is added and is no thing beside others: a background, weather, an effect, a pattern or a text on a thing."""

from __future__ import annotations

from ..nouns.phrases import Selection
from ..words.tokens import refusal
from ..words.vocabulary import BACKGROUND_WORDS, PICTURES, RELATIONS, SIDES, word_set
from .exchanging import Exchanging
from .texts import SETTINGS, head_place
from .transforming import it
from .wishes import Goal, Wish

_MARKS = word_set(
    """text title words lettering letters caption pattern texture stripes spots inscription smile grin frown expression
    sharpness contrast makeup blush freckles wrinkles color colors colour colours shading"""
)
"""What is on a thing and is none itself."""
WEATHER = word_set("rain rainfall snowfall snow fog mist haze sunlight sunshine moonlight")
WHOLES = PICTURES | word_set(
    """composition narrative version effect impact contrast statement sense atmosphere mood animation artwork rendition
    rendering style look aesthetic vibe feel ambience ambiance filter view viewpoint vignette border grain bokeh
    warmth flare"""
)
"""What is no thing in the picture but the whole of it."""
_DEFINITE = word_set("the this that these those his her its their my your our")
_NO_BACKGROUND = word_set("a an the new different another other some type kind of background backdrop")
"""Words that say nothing of how a background is to be."""
_JOINTS = frozenset({",", "and", "'s", "to", "with"})
UNNAMED = frozenset(
    (*article, noun)
    for article in (("the",), ("an",), ("a",), ("some",), (), ("a", "new"), ("a", "different"), ("different",))
    for noun in ("effect", "effects", "filter", "filters", "style", "text", "words", "caption")
)
"""Effects and texts of which nothing is said."""


class AllOver(Exchanging):
    """ "add a background of clouds", "add rain", "add a vintage filter", "put stripes on the shirt"."""

    def _all_over(self, start: int, begin: int, goal: Goal, after: int) -> list[Wish]:
        """What is new, where it is all over the picture or a thing; nothing for what is a thing itself.

        Args:
            begin: where its own words end. goal: where it goes. after: where that ends.

        Raises:
            NotUnderstood: for an effect of which nothing is said.
        """
        about = self.words[head_place(self.clause, start, self.end)]
        bare = self.words[start] not in _DEFINITE - {"the"} and self._is_bare(start)
        bare = bare and (self.words[start] != "the" or self.words[start + 1 :][:1] == (about,))
        if about in BACKGROUND_WORDS and (bare or self.words[start] in ("a", "an")):
            # "add a background of clouds", but not "around the ellipse"
            last = self._last_of_background(start)
            if set(self.words[start:last]) <= _NO_BACKGROUND:
                raise refusal("What the background is to become is not said")
            return [self._painted("background", (start, last), text=self.clause.raw(start, last))]
        said = self.clause.raw(start, begin)
        others = SIDES.keys() | {"table", "place", "and", ","}
        if self._is_a_ground(about, goal) and not others & set(self.words[start:begin]):
            # "add a bright sky", "a café setting"
            return [self._painted("background", (start, begin), text=said)]
        head = self.words[head_place(self.clause, start, begin)] if start < begin else ""
        if self.words[start:begin] in UNNAMED:
            about = "say" if head in _MARKS else "look like"
            raise refusal(f"What '{said}' is to {about} is not said")
        if head in _MARKS and goal.kind == "relation" and not goal.anchors[0].special:
            return [self._marked(start, begin, goal, after)]
        if head in WEATHER and goal.kind == "somewhere":
            return [self._painted("style", (start, begin), text=f"with {said}")]
        if head in ("pattern", "texture", "stripes") and goal.kind == "somewhere":
            return [self._modified(it(), (start, begin), "keep", f"with {said}")]
        around = self.words[begin : begin + 1] == ("around",) and self._whole(begin + 1, self.end)
        if around and around.only is not None and around.only.special == "picture":
            # "a picture frame around the image"
            return [self._painted("style", (start, begin), text=f"with {said} around the edges")]
        whole = goal.kind == "somewhere" or bool(goal.anchors and goal.anchors[0].special in ("picture", "everything"))
        return [self._painted("style", (start, begin), text=said)] if head in WHOLES - PICTURES and whole else []

    def _marked(self, start: int, begin: int, goal: Goal, after: int) -> Wish:
        """A text or a pattern, which is on the thing, and not a thing beside it."""
        anchor = Selection(goal.anchors, words=goal.anchors[0].words)
        rest = self.clause.raw(after, self.end).lstrip(", ")
        purpose = f" {rest}" if rest.startswith(("so it", "so that it", "so they", "to make it look")) else ""
        said = f"with {self.clause.raw(start, begin)}{purpose}"
        return self._modified(anchor, (start, self.end if purpose else begin), "keep", said)

    def _is_bare(self, start: int) -> bool:
        """Whether a background is named, and nothing before it: "black background", not "a dog in the background"."""
        named = next((k for k in range(start, self.end) if self.words[k] in BACKGROUND_WORDS), self.end)
        return not any(RELATIONS.at(self.words, k, self.end) or self.words[k] in _JOINTS for k in range(start, named))

    def _last_of_background(self, start: int) -> int:
        """Where what is said of a new background ends, before "to the whole image" and "around the ellipse"."""
        named = next(k for k in range(start, self.end) if self.words[k] in BACKGROUND_WORDS) + 1
        link = RELATIONS.at(self.words, named, self.end)
        whole = self.np.past_picture(named, self.end, True) >= self.end
        around = link is not None and link[0] in ("next_to", "behind")
        around = around and self._whole(named + (link[1] if link else 0), self.end) is not None
        return named if whole or around else self.end

    @staticmethod
    def _is_a_ground(about: str, goal: Goal) -> bool:
        """Whether what is new is all that is behind: a sky, a setting."""
        anywhere = goal.kind == "somewhere" or (goal.kind == "spot" and goal.sides == ("back",))
        return anywhere and (about == "sky" or (about in SETTINGS and goal.kind == "somewhere"))
