"""Sentences with amounts: light, blur, size."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.phrases import Phrase, Selection
from ..words import amounts
from ..words.tokens import refusal
from ..words.vocabulary import DEGREES, PART_NOUNS, TASTE
from .attributes import ATTRIBUTES, attribute_of, attributes_of
from .becoming import Becoming
from .texts import SETTINGS, TIMES
from .transforming import picture
from .wishes import Misread, Wish

_ALL_AROUND = frozenset({"environment", "surroundings", "surrounding", "atmosphere"})
_COLOURS = tuple((word,) for word in ("color", "colors", "colour", "colours", "tone", "tones"))
_COUNTS = (("number",), ("amount",), ("quantity",), ("count",))


class Measuring(Becoming):
    """ "darken the cup by 20 %", "double the size of the coin"."""

    # -------------------------------------------------------------------------------------------------- light, blur

    def _lit(self, verb: str, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"by", "half"}))
        about = attribute_of(selection.only) if selection.only is not None else None
        if about is not None and about[0] in ("colour", "brightness") and about[2] is not None:
            # "lighten the sun's colour"
            selection = about[2]
        if about is not None and about[0] == "picture" and about[2] is None:
            # "lighten contrast"
            raise refusal(f"Whether there is to be more or less {about[1]} is not said")
        only = selection.only
        plain = only is not None and len(only.noun) == 1 and not (only.posts or only.owner)
        if plain and only is not None and only.head in _ALL_AROUND and not self._is_in_scene(only):
            selection = picture()
        if (
            place + 1 < self.end
            and not self._ends_at(place)
            and self.words[place] == "to"
            and amounts.number_at(self.clause, place + 1, self.end) is None
        ):
            # "darken the curtain to wine red", "darken the sky to nighttime"
            if self.words[-1] in TIMES:
                return [self._modified(selection, (place + 1, self.end))]
            return self._to_text(selection, place + 1)
        if place < self.end and self.words[place] == ("up" if verb == "brighten" else "down"):
            # "lighten the image up slightly"
            place += 1
        amount, place = self._amount(place)
        if not degree:
            degree, place = amounts.degree_at(self.clause, place, self.end)
        default = amounts.DESATURATE if verb == "desaturate" else amounts.BRIGHTEN
        text = f"{verb} {amounts.share(amount, default, degree)}%"
        return self._finished(place, [self._wish("look", targets=selection, text=text)])

    def _amount(self, place: int) -> tuple[amounts.Amount | None, int]:
        read = amounts.amount_at(self.clause, place, self.end)
        return (None, place) if read is None else read

    def _brighten(self, start: int, degree: str) -> list[Wish]:
        return self._lit("brighten", start, degree)

    def _darken(self, start: int, degree: str) -> list[Wish]:
        return self._lit("darken", start, degree)

    def _desaturate(self, start: int, degree: str) -> list[Wish]:
        return self._lit("desaturate", start, degree)

    def _blur(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"by", "half"}))
        amount, place = self._amount(place)
        if not degree:
            degree, place = amounts.degree_at(self.clause, place, self.end)
        return self._finished(
            place, [self._wish("look", targets=selection, text=f"blur {amounts.reach(amount, degree)}px")]
        )

    def _saturate(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        return self._finished(place, [self._modified(selection, (place, place), "keep", "more vivid colours")])

    def _warm(self, start: int) -> list[Wish]:
        """ "warm up the colours", "cool down the photo"."""
        word = "cooler" if "cool" in self.words[:start] else "warmer"
        selection, place = self._selection(start)
        if (degree := DEGREES.at(self.words, place, self.end)) is not None:
            place += degree[1]
        elif self.words[place : self.end] == ("a", "touch"):
            place = self.end
        whole = self._of_the_whole(selection)
        if whole:
            return self._finished(place, [self._painted("style", (start, place), text=f"{whole}: {word}")])
        return self._finished(place, [self._modified(selection, (place, place), "keep", f"{word} tones")])

    def _sharpen(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(start)
        return self._finished(place, [self._modified(selection, (place, place), "keep", "sharper, in crisp focus")])

    def _more(self, start: int, degree: str) -> list[Wish]:
        return self._measured(start, degree, True)

    def _less(self, start: int, degree: str) -> list[Wish]:
        return self._measured(start, degree, False)

    def _measured(self, start: int, degree: str, more: bool) -> list[Wish]:
        """ "increase the brightness of the spoon by 10 %", "reduce the size of …", "raise her arm"."""
        selection, place = self._selection(start, stops=frozenset({"by"}))
        _check_size(selection)
        attribute = attribute_of(selection.only) if selection.only is not None else attributes_of(selection)
        if attribute is None and selection.only is None:
            attribute = _of_all(selection)
        if attribute is None and selection.only is not None and selection.only.written:
            return self._sized(selection, place, degree, more)
        if attribute is None:
            return self._posed(start, selection, place)
        group, word, owner = attribute
        of_colours = owner is not None and owner.only is not None and owner.only.noun[-1:] in _COLOURS
        owner = None if of_colours else owner
        owner = owner or Selection((Phrase(words="the picture", special="picture"),), words="the picture")
        if group in ("size", "text"):
            # "reduce the text" is about how large it is
            return self._sized(owner if group == "size" else selection, place, degree, more)
        amount, place = self._amount(place)
        if not degree:
            degree, place = amounts.degree_at(self.clause, place, self.end)
        if group == "brightness":
            text = f"{'brighten' if more else 'darken'} {amounts.share(amount, amounts.BRIGHTEN, degree)}%"
            return self._finished(place, [self._wish("look", targets=owner, text=text)])
        if word == "saturation" and not more:
            text = f"desaturate {amounts.share(amount, amounts.BRIGHTEN, degree)}%"
            return self._finished(place, [self._wish("look", targets=owner, text=text)])
        text = f"{'more' if more else 'less'} {'vivid colours' if group == 'colour' else word}"
        return self._finished(place, [self._modified(owner, (place, place), "keep", text)])

    def _posed(self, start: int, selection: Selection, place: int) -> list[Wish]:
        """ "raise the man's arm": the whole clause says how it is to be."""
        if self.words[0] in TASTE:
            raise Misread(0)
        apart = len(selection.items) > 1 and selection.items[0].noun[:1] and selection.items[0].noun[0] in ATTRIBUTES
        if apart or not any(item.owner is not None or item.head in PART_NOUNS for item in selection.items):
            raise refusal("What is to be increased or reduced is not said")
        rest = self._past_direction(place)
        wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
        return self._finished(rest, [replace(wish, free=((0, 1), (place, self.end)))])

    def _past_direction(self, place: int) -> int:
        read = amounts.direction_at(self.clause, place, self.end) if place < self.end else None
        place = place if read is None else read[1]
        degree = DEGREES.at(self.words, place, self.end)
        return place if degree is None else place + degree[1]

    # ---------------------------------------------------------------------------------------------------------- size

    def _enlarge(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(self._past_size_of(start), stops=frozenset({"by"}))
        only = selection.only
        if (
            only is not None
            and not self._is_in_scene(only)
            and (only.head in SETTINGS | {"view"} and only.noun[0] not in ("table", "place"))
        ):
            raise refusal(
                f"'{only.words}' is no thing that could be larger; what is outside the picture is not painted"
            )
        return self._sized(selection, place, degree, True)

    def _shrink(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(self._past_size_of(start), stops=frozenset({"by"}))
        return self._sized(selection, place, degree, False)

    def _adjust(self, start: int) -> list[Wish]:
        return self._sized_like(start) or super()._adjust(start)

    def _sized_like(self, start: int) -> list[Wish]:
        """ "adjust the pear to the size of the plum", "resize the pear to match the plum's size"; else nothing."""
        place = self._past_size_of(start)
        read = self.np.selection(place, self.end)
        if read is None or read[1] >= self.end or self.words[read[1]] not in ("to", "as"):
            return []
        owner = self._owner_of_size(read[0])
        after = read[1] + 1
        matches = after < self.end and self.words[after] in ("match", "fit", "equal", "be")
        after += matches
        that = self.words[after : after + 2] == ("that", "of")
        model = self._whole(after + 2 * that, self.end) if after < self.end else None
        if model is None or model.only is None:
            return []
        like = model if that else self._owner_of_size(model)
        if like is None or (that and owner is None and place == start):
            return []
        return [self._wish("resize", targets=owner or read[0], other=like)]

    @staticmethod
    def _owner_of_size(selection: Selection) -> Selection | None:
        """The pear of "the size of the pear" and "the pear's height"; None for anything else."""
        attribute = attribute_of(selection.only) if selection.only is not None else None
        return attribute[2] if attribute is not None and attribute[0] == "size" else None

    def _past_size_of(self, start: int) -> int:
        place = start + (self.words[start] == "the")
        return place + 2 if self.words[place : place + 2] == ("size", "of") else start

    def _sized(self, selection: Selection, place: int, degree: str, grows: bool) -> list[Wish]:
        _check_size(selection)
        scale = amounts.scale_at(self.clause, place, self.end, grows)
        if scale is None:
            if not degree:
                degree, place = amounts.degree_at(self.clause, place, self.end)
            factor = amounts.factor(None, grows, degree)
        else:
            factor, place = scale
        return self._finished(place, [self._wish("resize", targets=selection, value=factor)])

    def _scale(self, start: int) -> list[Wish]:
        if like := self._sized_like(start):
            return like
        down = self.words[start - 1] == "down"
        selection, place = self._selection(start, stops=frozenset({"by"}))
        if place < self.end and self.words[place] in ("up", "down"):
            down, place = self.words[place] == "down", place + 1
        if place < self.end and self.words[place] == "to":
            after = place + 1 + (place + 1 < self.end and self.words[place + 1] == "be")
            change = self._exact_change(after, self.end)
            if change is not None and change[0] == "resize":
                return [self._exact(selection, change)]
        scale = amounts.scale_at(self.clause, place, self.end, not down)
        if scale is None and self.words[start - 1] not in ("up", "down"):
            raise Misread(place if place < self.end else None)
        factor, place = scale or (amounts.factor(None, not down, ""), place)
        return self._finished(place, [self._wish("resize", targets=selection, value=factor)])

    def _multiplied(self, start: int, factor: float) -> list[Wish]:
        selection, place = self._selection(self._past_size_of(start))
        _check_size(selection)
        return self._finished(place, [self._wish("resize", targets=selection, value=factor)])

    def _double(self, start: int) -> list[Wish]:
        return self._multiplied(start, 2.0)

    def _triple(self, start: int) -> list[Wish]:
        return self._multiplied(start, 3.0)

    def _halve(self, start: int) -> list[Wish]:
        return self._multiplied(start, 0.5)


def _of_all(selection: Selection) -> tuple[str, str, Selection | None] | None:
    """The visibility of all in "the visibility of the container and the bag"; None for other selections."""
    first = attribute_of(selection.items[0])
    if first is None or first[2] is None or any(attribute_of(item) is not None for item in selection.items[1:]):
        return None
    return first[0], first[1], Selection((*first[2].items, *selection.items[1:]), words=selection.words)


def _check_size(selection: Selection) -> None:
    """That something has a size.

    Raises:
        NotUnderstood: for the number of things.
    """
    if any(item.noun[:1] in _COUNTS and (item.owner or "of" in item.noun) for item in selection.items):
        raise refusal(f"'{selection.words}' is how many there are, and no size; say what is to be added or copied")
