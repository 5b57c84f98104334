"""What is added and is no thing beside others: a background, weather, an effect, a pattern or a text on a thing."""

from __future__ import annotations

from ..nouns.phrases import Selection
from ..words.tokens import refusal
from ..words.vocabulary import BACKGROUND_WORDS, PICTURES, RELATIONS, SIDES, word_set
from .exchanging import Exchanging
from .texts import SETTINGS, head_place
from .transforming import it
from .whole_picture import PLAIN
from .wishes import Goal, Wish

_MARKS = word_set(
    """text title words lettering letters caption pattern texture stripes spots inscription smile grin frown expression
    sharpness contrast makeup blush freckles wrinkles color colors colour colours shading"""
)
"""What is on a thing and is none itself."""
WEATHER = word_set("rain rainfall snowfall snow fog mist haze sunlight sunshine moonlight")
WHOLES = PICTURES | word_set(
    """composition narrative version effect impact contrast statement sense atmosphere mood animation artwork rendition
    definition rendering style look aesthetic vibe feel ambience ambiance filter view viewpoint vignette border grain
    bokeh warmth flare"""
)
"""What is no thing in the picture but the whole of it."""
_DEFINITE = word_set("the this that these those his her its their my your our")
_NO_BACKGROUND = word_set("more a an the new different another other some type kind of background backdrop")
"""Words that say nothing of how a background is to be."""
_LETTERS = word_set("text words caption title lettering letters")
_SPOKEN = frozenset((word,) for word in ("that", "which", "saying", "reading", ":", "says", "reads"))
"""Words with which letters begin that were named before their place."""
_SHADES = word_set("color colors colour colours shading sharpness contrast")
"""What is on a thing only where it is said to be on it."""
_FILTERS = frozenset({"filter", "effect"})
_PURPOSES = (
    "that says",
    "that say",
    "that reads",
    "saying",
    "reading",
    "so it",
    "so that it",
    "so they",
    "to make it look",
)
"""What follows the place of letters or of a pattern and is said of them."""
_TINTING = word_set("and , a an of tint tone hue")
"""Words beside the colours that a thing is to have."""
_TOUCHING = frozenset({"on", "in_", "inside", "on_top"})
_BESIDE = frozenset({"above", "below", "left_of", "right_of"})
_SAYS_MORE = frozenset({"with", "to", "'s", "that", "a", "an", "the"})
"""Words after which more is said of a background than how it looks."""
_JOINTS = frozenset({",", "and", "'s", "to", "with"})
"""Words before which something else was named than a background."""
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
            NotUnderstood: for a background, an effect or a text of which nothing is said.
        """
        if ground := self._new_ground(start, begin, goal, after):
            return ground
        head = self.words[head_place(self.clause, start, begin)] if start < begin else ""
        if head in _LETTERS and goal.kind != "relation" and self.words[after : after + 1] in _SPOKEN:
            # 'text at the top that says "MENU"'
            text = f"{self.clause.raw(start, begin)} {self.clause.raw(after, self.end)}"
            return [self._painted("add", (start, self.end), text=text, new=self._new(start, begin), goal=goal)]
        of_picture = goal.kind != "relation" or goal.anchors[0].special == "picture"
        beside = head in _LETTERS and goal.relation not in _TOUCHING
        if self.words[start:begin] in UNNAMED and after >= self.end and (of_picture or beside):
            about = "say" if head in _LETTERS else "look like"
            raise refusal(f"What '{self.clause.raw(start, begin)}' is to {about} is not said")
        on_a_thing = self._on_a_thing(head, start, begin, goal, after)
        return on_a_thing or self._over_the_picture(head, start, begin, goal, after)

    def _new_ground(self, start: int, begin: int, goal: Goal, after: int) -> list[Wish]:
        """ "a background of clouds", "a bright sky", "a café setting"; nothing for other things."""
        about = self.words[head_place(self.clause, start, self.end)]
        indefinite = self.words[start] in ("a", "an")
        looks = range(start + 1, self.end - 1)
        plain = not any(self.words[k] in _SAYS_MORE or RELATIONS.at(self.words, k, self.end) for k in looks)
        if indefinite and plain and self.words[self.end - 1] in BACKGROUND_WORDS:
            # "a simple, clean background"
            about = self.words[self.end - 1]
        if about in BACKGROUND_WORDS:
            last = self._last_of_background(start)
            on = goal.relation == "on" and not goal.anchors[0].special and last == self.end
            if on and indefinite:
                # "a red background to the sign"
                return [self._marked(start, begin, goal, after)]
            alone = last < self.end or self.words[last - 1] in BACKGROUND_WORDS
            new = indefinite or (self._is_bare(start) and alone)
            if set(self.words[start:last]) <= _NO_BACKGROUND and (new or last == self.end):
                # "the new background"
                raise refusal("What the background is to become is not said")
            if new:
                return [self._painted("background", (start, last), text=self.clause.raw(start, last))]
        others = SIDES.keys() | {"table", "place", "and", ","}
        if self._is_a_ground(about, goal) and not others & set(self.words[start:begin]):
            return [self._painted("background", (start, begin), text=self.clause.raw(start, begin))]
        return []

    def _on_a_thing(self, head: str, start: int, begin: int, goal: Goal, after: int) -> list[Wish]:
        """A text, a pattern or a tint, which is on the thing and not a thing beside it; nothing for other things."""
        if goal.kind != "relation" or goal.anchors[0].special not in ("", "pronoun"):
            return []
        touches = goal.relation in _TOUCHING
        beside = goal.relation in _BESIDE or goal.words.startswith(("next to", "beside", "near"))
        if head in _LETTERS and beside:
            # "text above the dog" is beside it
            return []
        if (head in _MARKS and (touches or head not in _SHADES)) or (head in _FILTERS and goal.relation == "on"):
            return [self._marked(start, begin, goal, after)]
        more = self.words[start] in ("more", "some", "a")
        said = self.words[start + more : begin]
        last = said[-1] if said else ""
        # an article makes a thing of a colour, but for a tint
        tints = self.words[start] not in ("a", "an") or last in ("tint", "tone", "hue")
        shades = {"shade", "shades"} if "of" in said else set()
        hues = {word for word in said if word not in _TINTING | shades} - {"dark", "light", "pale", "deep"}
        tints = tints and bool(hues) and last != "light" and hues - {"orange"} <= PLAIN
        if tints and touches and len(goal.anchors) == 1 and after >= self.end:
            # "add blue to the shirt", "add red and orange to the face"
            tinted = Selection(goal.anchors, words=goal.anchors[0].words)
            text = f"with {'' if more else 'some '}{self.clause.raw(start, begin)}"
            return [self._modified(tinted, (start, begin), "keep", text)]
        return []

    def _over_the_picture(self, head: str, start: int, begin: int, goal: Goal, after: int) -> list[Wish]:
        """Weather, a pattern, a frame or an effect that is all over the picture; nothing for other things."""
        said = self.clause.raw(start, begin)
        if head in WEATHER and goal.kind == "somewhere":
            return [self._painted("style", (start, begin), text=f"with {said}")]
        if head in ("pattern", "texture", "stripes") and goal.kind == "somewhere":
            return [self._modified(it(), (start, begin), "keep", f"with {said}")]
        around = self._whole(begin + 1, self.end) if self.words[begin : begin + 1] == ("around",) else None
        if self.words[begin : self.end] == ("around", "the", "edges"):
            text = said if head in WHOLES else f"with {said} around the edges"
            return [self._painted("style", (start, begin), text=text)]
        if around is not None and around.only is not None and around.only.special == "picture":
            # "a picture frame around the image"
            return [self._painted("style", (start, begin), text=f"with {said} around the edges")]
        named = start + (self.words[start] in _DEFINITE | {"a"})
        if set(self.words[named : named + 1]) & (_LETTERS | {"word"}):
            return []
        rest = self.clause.raw(after, self.end)
        said = f"{said} {rest}" if rest.startswith(("that makes", "which makes", "to make")) else said
        whole = goal.kind == "somewhere" or bool(goal.anchors and goal.anchors[0].special in ("picture", "everything"))
        return [self._painted("style", (start, begin), text=said)] if head in WHOLES - PICTURES and whole else []

    def _marked(self, start: int, begin: int, goal: Goal, after: int) -> Wish:
        """A thing with a text or a pattern on it."""
        anchor = Selection(goal.anchors, words=goal.anchors[0].words)
        rest = self.clause.raw(after, self.end).lstrip(", ")
        purpose = f" {rest}" if rest.startswith(_PURPOSES) else ""
        said = f"with {self.clause.raw(start, begin)}{purpose}"
        return self._modified(anchor, (start, self.end if purpose else begin), "keep", said)

    def _is_bare(self, start: int) -> bool:
        """Whether a background is named, and nothing before it: "black background", not "a dog in the background"."""
        named = next((k for k in range(start, self.end) if self.words[k] in BACKGROUND_WORDS), self.end)
        named_at_once = self.words[start] not in _DEFINITE or named == start + 1
        before = range(start, named)
        joined = any(RELATIONS.at(self.words, k, self.end) or self.words[k] in _JOINTS for k in before)
        return named_at_once and not joined

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
