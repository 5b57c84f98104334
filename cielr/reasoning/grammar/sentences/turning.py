"""Sentences that turn, mirror, extract and copy things."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.phrases import Selection
from ..words import amounts
from ..words.synonyms import BEASTS, PEOPLE
from ..words.tokens import refusal
from ..words.vocabulary import PART_NOUNS
from .parts import SentenceParts
from .texts import (
    colour_at,
)
from .wishes import Wish

_SENSES_OF = {
    "clockwise": 1,
    "counterclockwise": -1,
    "counter-clockwise": -1,
    "anticlockwise": -1,
    "anti-clockwise": -1,
}
_SENSES = frozenset(_SENSES_OF)
_TOWARDS = frozenset({"to", "towards", "toward", "slightly", "more", "further", "a"})
_POSED = frozenset({"head", "face", "chin", "body", "shoulder", "neck", "torso"})
"""Parts of somebody that are posed anew, and not turned in the plane of the picture."""


class Turning(SentenceParts):
    """ "rotate the sign by 15 degrees", "extract the cat", "copy the lily"."""

    # ------------------------------------------------------------------------------ extract, duplicate, turn and flip

    def _extract(self, start: int) -> list[Wish]:
        end = next((place for place in range(start + 1, self.end) if self._ground(place)[1] == self.end), self.end)
        selection, place = self._selection(start, end, stops=frozenset({"from", "onto", "put", "place", "paste"}))
        place = self._past_source(place)
        if self.words[place : place + 1] == ("and",) and self.words[place + 2 : place + 3] in (("it",), ("them",)):
            # "cut out the cat and put it on a white ground"
            place += 3
        ground, place = self._ground(place)
        return self._finished(self._past_source(place), [self._wish("extract", targets=selection, ground=ground)])

    def _past_source(self, place: int) -> int:
        """Past "from the picture", "from its background", "out of the snowy scene"."""
        while place < self.end and self.words[place] in ("from", "out", "in", "of"):
            read = self.np.phrase(place + 1, self.end)
            if read is None:
                return place
            place = read[1]
        return place

    def _ground(self, place: int) -> tuple[str, int]:
        """ "on a white background" as ("white", where it ends)."""
        if place >= self.end or self.words[place] not in ("on", "onto", "with", "to", "against"):
            return "transparent", place
        after = place + 1
        while after < self.end and self.words[after] in ("a", "an", "the", "plain", "solid", "clean", "pure"):
            after += 1
        colour = colour_at(self.clause, after, self.end)
        if colour is not None:
            name, after = colour[0].removeprefix("colour "), colour[1]
        elif after < self.end and self.words[after] == "transparent":
            name, after = "transparent", after + 1
        else:
            return "transparent", place
        while after < self.end and self.words[after] in ("background", "ground", "backdrop"):
            after += 1
        return name, after

    def _duplicate(self, start: int) -> list[Wish]:
        count, start = self._copies(start)
        selection, goal, place = self.goals.of_move(start, needed=False)
        times = amounts.amount_at(self.clause, place, self.end) if goal is None and not count else None
        if times is not None and times[0].unit == "times" and times[0].value.is_integer():
            count, place = int(times[0].value), times[1]
        return self._finished(place, [self._wish("duplicate", targets=selection, goal=goal, value=float(count))])

    def _copies(self, start: int) -> tuple[int, int]:
        """ "three copies of" as (3, where it ends)."""
        number = amounts.number_at(self.clause, start, self.end)
        if number is None or self.words[number[1] : number[1] + 2] not in (("copies", "of"), ("duplicates", "of")):
            return 0, start
        return int(number[0]), number[1] + 2

    def _turned(self, start: int) -> list[Wish] | None:
        """ "turn the sign upside down", "turn it by 90 degrees"; None where "turn" means to become."""
        if self.words[start - 1] != "turn":
            return None
        words = set(self.words[start:])
        if self.words[-1] in ("around", "round") and (things := self._whole(start, self.end - 1)) is not None:
            return [self._modified(things, (self.end - 1, self.end), "free", "turned around")]
        to_a_side = self.words[-1] in ("left", "right") and not any(
            colour_at(self.clause, k, self.end) for k in range(start, self.end)
        )
        if to_a_side and not any(token.kind == "number" for token in self.clause.tokens[start:]):
            to = next((k for k in range(start + 1, self.end) if self.words[k] in _TOWARDS), self.end - 1)
            part = self.np.phrase(start, to)
            if part is not None and part[1] == to and part[0].head in PART_NOUNS:
                # "turn her head to the left"
                said = Selection((part[0],), words=part[0].words)
                return [
                    self._modified(said, (part[1], self.end), "free", f"turned {self.clause.raw(part[1], self.end)}")
                ]
        faces = next((k for k in range(start + 1, self.end - 1) if self.words[k] in ("to", "towards", "toward")), None)
        face = self._whole(start, faces) if faces is not None and self.words[faces + 1] == "the" else None
        if faces is not None and face is not None and face.only is not None and face.only.head in _POSED:
            # "turn his face to the camera"
            return [self._modified(face, (faces, self.end), "free", f"turned {self.clause.raw(faces, self.end)}")]
        if words & {"upside", "upside-down", "clockwise", "counterclockwise", "anticlockwise", "degrees"} or to_a_side:
            return self._rotate(start)
        return None

    def _rotate(self, start: int) -> list[Wish]:
        selection, place = self._selection(
            start, stops=frozenset({"by", "upside", "upside-down", "counterclockwise"}) | _SENSES
        )
        if place < self.end and self.words[place] in ("upside", "upside-down"):
            place += 1 + (self.words[place] == "upside")
            return self._finished(place, [self._wish("turn", targets=selection, flip="upside_down")])
        only = selection.only
        whose = only.owner if only is not None else None
        somebody = whose is not None and (whose.special == "pronoun" or whose.head in PEOPLE | BEASTS)
        plainly = any(self.words[k] in _SENSES for k in range(place, self.end)) or self._angle_follows(place)
        if only is not None and somebody and only.head in _POSED and not plainly:
            # "tilt her head slightly to the right"
            wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
            return [replace(wish, free=((0, 1), (place, self.end)))]
        degrees, place = self._degrees(place)
        return self._finished(place, [self._wish("turn", targets=selection, value=degrees)])

    def _angle_follows(self, place: int) -> bool:
        return any(self.clause.tokens[k].kind == "number" for k in range(place, self.end))

    def _degrees(self, place: int) -> tuple[float, int]:
        """Degrees clockwise.

        Raises:
            NotUnderstood: where no angle is said.
        """
        sense, place = self._sense(place)
        place += place < self.end and self.words[place] == "by"
        number = amounts.number_at(self.clause, place, self.end)
        if number is None and self.words[place : place + 3] == ("a", "quarter", "turn"):
            number = (90.0, place + 3)
        if number is None and self.words[place : place + 2] == ("half", "a"):
            number = (180.0, min(place + 3, self.end))
        if (
            number is None
            and sense
            and place >= self.end
            and self.words[place - 1] in _SENSES
            and self.words[0] != "tilt"
        ):
            # as every editor's "rotate clockwise" does
            number = (90.0, place)
        if number is None:
            raise refusal("How far to turn it is not said (such as 'by 90 degrees clockwise')")
        degrees, place = number
        if place < self.end and self.words[place] in ("degrees", "degree", "°"):
            place += 1
        if not sense:
            sense, place = self._sense(place)
        return (degrees if sense >= 0 else -degrees), place

    def _sense(self, place: int) -> tuple[int, int]:
        """(1 for clockwise, -1 for the other way, 0 where not said; where it ends)."""
        if place < self.end and self.words[place] in _SENSES:
            return _SENSES_OF[self.words[place]], place + 1
        read = amounts.direction_at(self.clause, place, self.end)
        if read is not None and read[0] in ("left", "right"):
            return (1 if read[0] == "right" else -1), read[1]
        return 0, place

    def _flip(self, start: int) -> list[Wish]:
        stops = frozenset({"horizontally", "vertically", "upside", "upside-down", "left", "over"})
        selection, place = self._selection(start, stops=stops)
        flip = "left_right" if self.words[start - 1] == "mirror" or "horizontally" in self.words[:start] else ""
        rest = self.words[place:]
        if rest[:1] == ("horizontally",):
            flip, place = "left_right", place + 1
        elif rest[:1] == ("vertically",):
            flip, place = "upside_down", place + 1
        elif rest[:2] == ("upside", "down") or rest[:1] == ("upside-down",):
            flip, place = "upside_down", place + 1 + (rest[0] == "upside")
        elif rest[:3] in (("left", "to", "right"), ("left", "and", "right")):
            flip, place = "left_right", place + 3
        if not flip:
            raise refusal(f"Whether '{selection.words}' is to be flipped left to right or upside down is not said")
        return self._finished(place, [self._wish("turn", targets=selection, flip=flip)])
