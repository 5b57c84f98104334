"""From the words of a clause to what it asks for: one method a family of verbs, one pass over the words."""

from __future__ import annotations

from dataclasses import replace

from . import amounts
from .attributes import attribute_of
from .goals import Goals
from .noun_phrases import NounPhrases
from .phrases import Phrase, Selection
from .texts import (
    NATURE,
    SCENERY,
    STATES,
    TIMES,
    colour_at,
    colour_text,
    head_place,
    is_adjectival,
    is_lettering,
    is_setting,
    is_style,
    states,
)
from .tokens import Clause, refusal
from .vocabulary import DEGREES, GREYSCALE, PART_NOUNS, VERBS, PhraseTable, word_set
from .wishes import Goal, Misread, Wish

_EXACT = {"brighten": "brighten", "darken": "darken", "desaturate": "desaturate"}
_TAILS = word_set(
    """making ensuring keeping leaving preserving maintaining including focusing blending revealing creating giving
    letting allowing filling restoring showing while so separating isolating capturing highlighting without"""
)
_PURPOSES = word_set("make create restore match blend give achieve show let reveal keep get have allow")
"""Verbs that say what for: "to create a bokeh effect"."""
_CARRIERS = word_set("plate sign signs billboard banner label screen display board poster logo badge sticker letters")
"""What carries a text, so that new letters change it and do not replace it."""
_MARKS = word_set("text title words lettering letters caption pattern texture stripes spots inscription")
"""What is on a thing and is none itself."""
_PLACED = (("set", "in"), ("placed", "in"), ("located", "in"), ("set", "against"))
_OPENERS = frozenset({"into", "look", "looks", "appear", "more", "less", "out", "as", "to", "a", "an", "in"})
_PERSISTS = frozenset({"to", "into", "as", "for"})
CANDIDATES = 8
"""Places at which "make the …" may go on to what it is to become, that are tried."""


class Sentences:
    """Reads one clause; `labels` are what the scene calls its things."""

    def __init__(self, clause: Clause, labels: PhraseTable[str]) -> None:
        self.clause = clause
        self.words = clause.words
        self.np = NounPhrases(clause, labels)
        self.goals = Goals(clause, self.np)
        self.end = len(clause)

    # ---------------------------------------------------------------------------------------------------- the clause

    def wishes(self) -> list[Wish]:
        """What the clause asks for.

        Raises:
            Misread: where it is no sentence of the grammar; NotUnderstood: where an amount is out of range.
        """
        degree, place = amounts.degree_at(self.clause, 0, self.end)
        verb = VERBS.at(self.words, place, self.end)
        if verb is None:
            return self._should(place)
        start = place + verb[1]
        if start >= self.end:
            raise Misread(None)
        read = getattr(self, f"_{verb[0]}")
        return read(start, degree) if verb[0] in _WITH_DEGREE else read(start)

    def _wish(self, kind, **fields) -> Wish:
        return Wish(kind=kind, clause=self.clause, **fields)

    def _selection(
        self, start: int, end: int | None = None, stops: frozenset[str] = frozenset()
    ) -> tuple[Selection, int]:
        end = self.end if end is None else end
        read = self.np.selection(start, end, stops)
        if read is None:
            raise Misread(start if start < end else None)
        return read

    def _whole(self, start: int, end: int) -> Selection | None:
        """The selection that takes all the words, or None."""
        read = self.np.selection(start, end) if start < end else None
        return read[0] if read is not None and read[1] == end else None

    def _finished(self, place: int, wishes: list[Wish]) -> list[Wish]:
        """The wishes, where nothing is left but a remark on how to do it.

        Raises:
            Misread: where words are left.
        """
        if place >= self.end:
            return wishes
        if self._is_tail(place):
            return [replace(wish, tail=True, free=(*wish.free, (place, self.end))) for wish in wishes]
        raise Misread(place)

    def _is_tail(self, place: int) -> bool:
        """Whether a remark begins there: ", leaving only the grass", "while keeping the rest", "so that …"."""
        after = place + 1 if self.words[place] in (",", "and") else place
        if after >= self.end:
            return False
        purpose = self.words[after] == "to" and after + 1 < self.end and self.words[after + 1] in _PURPOSES
        if purpose or self.words[after] in _TAILS:
            return True
        return self.words[place] == "," and self.words[after].endswith("ing") and self.words[after] not in STATES

    def _should(self, start: int) -> list[Wish]:
        """ "the background should be a beach", "the car to be blue": no verb but that it is to be so.

        Raises:
            Misread: where it says nothing of the kind.
        """
        stops = frozenset({"should", "must", "needs", "need", "has", "ought", "to"})
        read = self.np.selection(start, self.end, stops)
        if read is None:
            raise Misread(start)
        selection, place = read
        modal = place < self.end and self.words[place] in stops
        after = place + 1 if modal and self.words[place] != "to" else place
        after += after < self.end and self.words[after] == "to"
        if not modal or after + 1 >= self.end or self.words[after] not in ("be", "become", "look", "have", "wear"):
            raise Misread(start)
        if self.words[after : after + 2] in (("be", "removed"), ("be", "gone"), ("be", "deleted")):
            return self._finished(after + 2, [self._wish("remove", targets=selection)])
        return self._to_text(selection, after)

    # ------------------------------------------------------------------------------------------------------- removal

    def _remove(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        only = selection.only
        if only is not None and only.noun in (("colour",), ("color",), ("colours",), ("colors",)):
            whole = next((post.anchors[0] for post in only.posts if post.relation == "from_"), only.owner)
            if whole is not None:
                drained = Selection((whole,), words=whole.words)
                return self._finished(place, [self._wish("look", targets=drained, text="desaturate 100%")])
        return self._finished(place, [self._wish("remove", targets=_without_effects(selection))])

    def _take(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        if place < self.end and self.words[place] in ("away", "out", "off"):
            place += 1
        elif not any(post.relation == "from_" for item in selection.items for post in item.posts):
            raise Misread(place if place < self.end else None)
        place = self._past_picture(place)
        return self._finished(place, [self._wish("remove", targets=selection)])

    def _past_picture(self, place: int) -> int:
        if place < self.end and self.words[place] == "of":
            return self.np._past_picture(place, self.end)
        return self.np._past_picture(place, self.end)

    def _keep(self, start: int) -> list[Wish]:
        only = self.words[start] == "only"
        selection, place = self._selection(start + only)
        if place < self.end and self.words[place] == "only":
            only, place = True, place + 1
        if not only:
            raise Misread(place if place < self.end else None)
        return self._finished(place, [self._wish("keep", targets=selection)])

    def _only_keep(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        return self._finished(place, [self._wish("keep", targets=selection)])

    # ---------------------------------------------------------------------------------------------------------- look

    def _recolour(self, start: int) -> list[Wish]:
        read = self.np.selection(start, self.end, frozenset({"in", "with"}))
        if read is not None and read[1] < self.end and self.words[read[1]] in ("to", "in", "with", "into", "as"):
            selection, text = read[0], (read[1] + 1, self.end)
            if colour := colour_text(self.clause, *text):
                return [self._wish("look", targets=selection, text=colour)]
            if selection.only is None or not selection.only.is_indefinite:
                return [self._modified(selection, text)]
        if made := self._made(start, self.end):
            return made
        if read is not None and read[1] == self.end and _is_all(read[0]) and self.words[0].startswith("colo"):
            return [self._painted("style", (0, 1), text="in natural colours")]
        if read is not None and read[0].items[0].is_indefinite:
            return self._add(start)
        return self._adjectives(start)

    def _adjectives(self, start: int) -> list[Wish]:
        """ "make the table wooden", "turn the man's hair curly".

        Raises:
            Misread: where no look is said.
        """
        for place in self._openings(start, adjectives=True):
            selection = self._whole(start, place)
            if selection is not None:
                return self._become(selection, place)
        selection, place = self._selection(start)
        raise Misread(place if place < self.end else None)

    def _make(self, start: int) -> list[Wish]:
        if self._is_vanishing():
            selection, place = self._selection(start, self.end - self._vanishing_size())
            if place == self.end - self._vanishing_size():
                return [self._wish("remove", targets=selection)]
        if made := self._of_attribute(start):
            return made
        return self._made(start, self.end) or self._adjectives(start)

    def _is_vanishing(self) -> bool:
        return self._vanishing_size() > 0

    def _vanishing_size(self) -> int:
        if self.words[-1] in ("disappear", "vanish", "invisible"):
            return 1
        return 2 if self.words[-2:] == ("go", "away") else 0

    def _of_attribute(self, start: int) -> list[Wish]:
        """ "make the colour of the spoon red"; nothing where no attribute is named."""
        read = self.np.selection(start, self.end)
        if read is None or read[0].only is None:
            return []
        for place in range(max(start + 1, self.end - 4), self.end):
            selection = self._whole(start, place)
            attribute = attribute_of(selection.only) if selection is not None and selection.only is not None else None
            if attribute is not None and attribute[2] is not None:
                text = (place + (self.words[place] == "to"), self.end)
                if attribute[0] == "colour" and (colour := colour_text(self.clause, *text)):
                    return [self._wish("look", targets=attribute[2], text=colour)]
        return []

    def _made(self, start: int, end: int) -> list[Wish]:
        """ "the red cup blue and the blue cup red", "the spoon bigger and golden": exact changes; else []."""
        wishes: list[Wish] = []
        first, current = start, None
        for begin, close in self._segments(start, end):
            change = self._exact_change(begin, close)
            if change is not None and current is not None and first == begin:
                wishes.append(self._exact(current, change))
                first = self._next_segment(close, end)
                continue
            read = self._changed_things(first, begin, close)
            if read is None:
                continue
            current = read[0]
            wishes.append(self._exact(current, read[1]))
            first = self._next_segment(close, end)
        return wishes if first >= end else []

    def _segments(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts between "and"s and commas begin and end; "black and white" is one."""
        found, begin, place = [], start, start
        while place < end:
            grey = GREYSCALE.at(self.words, place, end)
            if grey is not None:
                place += grey[1]
                continue
            if self.words[place] in ("and", ",", "&"):
                found.append((begin, place))
                begin = place + 1
                if begin < end and self.words[begin] in ("and", "&"):
                    begin += 1
                place = begin
                continue
            place += 1
        return [pair for pair in [*found, (begin, end)] if pair[0] < pair[1]]

    def _next_segment(self, close: int, end: int) -> int:
        place = close
        while place < end and self.words[place] in ("and", ",", "&"):
            place += 1
        return place

    def _exact_change(self, start: int, end: int) -> tuple[str, float | str] | None:
        """A colour, light, size or sharpness that takes all the words."""
        colour = colour_at(self.clause, start, end)
        if colour is not None and colour[1] == end:
            return "look", colour[0]
        change = amounts.change_at(self.clause, start, end)
        return change[0] if change is not None and change[1] == end else None

    def _changed_things(self, first: int, begin: int, close: int) -> tuple[Selection, tuple[str, float | str]] | None:
        for place in range(max(begin, first + 1, close - 7), close):
            change = self._exact_change(place, close)
            if change is None:
                continue
            before = place - 1 if place > first + 1 and self.words[place - 1] == "to" else place
            selection = self._whole(first, before)
            if selection is not None:
                return selection, change
        return None

    def _exact(self, selection: Selection, change: tuple[str, float | str]) -> Wish:
        if change[0] == "resize":
            return self._wish("resize", targets=selection, value=float(change[1]))
        return self._wish("look", targets=selection, text=str(change[1]))

    # ------------------------------------------------------------------------------------- becoming something else

    def _openings(self, start: int, adjectives: bool = False) -> list[int]:
        """Places at which what something is to become may begin."""
        found = []
        for place in range(start + 1, self.end):
            word = self.words[place]
            opens = word in _OPENERS or word in STATES
            if opens or (adjectives and place >= self.end - 5 and is_adjectival(self.clause, place, self.end)):
                found.append(place)
        return found[:CANDIDATES]

    def _become(self, selection: Selection, place: int) -> list[Wish]:
        """What "make the cat …" goes on with: into a dog, a dog, look like a tiger, smile, wooden."""
        word = self.words[place]
        if word in ("into", "to", "a", "an", "as"):
            return self._to_text(selection, place + (word in ("into", "to", "as")))
        if word == "in" and not is_style(self.clause, place, self.end):
            return [self._modified(selection, (place, self.end), "free")]
        outline = "free" if word in STATES and word not in ("look", "appear", "get", "become") else "keep"
        return [self._modified(selection, (place, self.end), outline)]

    def _change(self, start: int) -> list[Wish]:
        if (turned := self._turned(start)) is not None:
            return turned
        read = self.np.selection(start, self.end)
        if read is not None:
            selection, place = read
            place = self._past_from(place)
            selection, setting = _without_from(selection)
            if setting and place < self.end and self.words[place] in _PERSISTS:
                return [self._painted("background", (place + 1, self.end), text=self.clause.raw(place + 1, self.end))]
            if place < self.end and (
                self.words[place] in _PERSISTS or (self.words[place] == "in" and _is_all(selection))
            ):
                return self._to_text(selection, place + 1)
        split = self.np.selection(start, self.end, frozenset({"with", "by"}))
        if split is not None and split[1] < self.end and self.words[split[1]] in ("with", "by"):
            return self._to_text(split[0], split[1] + 1)
        return self._made(start, self.end) or self._adjectives(start)

    _adjust = _change

    def _past_from(self, place: int) -> int:
        """Past "from the snow", which says what it is now."""
        if place < self.end and self.words[place] == "from":
            read = self.np.selection(place + 1, self.end)
            return place if read is None else read[1]
        return place

    def _to_text(self, selection: Selection, start: int) -> list[Wish]:
        """What becomes of a selection by the text from a token on.

        Raises:
            Misread: where there is no text.
        """
        if start >= self.end:
            raise Misread(None)
        text = (start, self.end)
        if self.words[start] in ("be", "become") and start + 1 < self.end:
            text = (start + 1, self.end)
        if self.words[text[0] : text[0] + 2] in _PLACED:
            text = (min(text[0] + 2, self.end - 1), self.end)
        only = selection.only
        attribute = attribute_of(selection.items[0])
        if attribute is not None and (only is not None or attribute[2] is not None):
            if attribute[2] is not None and only is None:
                # "the colour of the car and the bike" is said of both
                attribute = (*attribute[:2], replace(selection, items=(*attribute[2].items, *selection.items[1:])))
            return self._attribute(selection, attribute, text)
        if only is not None and only.special == "background" and (colour := colour_text(self.clause, *text)):
            return [self._wish("look", targets=selection, text=colour)]
        exact = self._exact_text(selection, text)
        return exact if exact else [self._transformed(selection, text)]

    def _exact_text(self, selection: Selection, text: tuple[int, int]) -> list[Wish]:
        if colour := colour_text(self.clause, *text):
            return [self._wish("look", targets=selection, text=colour)]
        change = self._exact_change(*text)
        return [self._exact(selection, change)] if change is not None else []

    def _attribute(
        self, selection: Selection, attribute: tuple[str, str, Selection | None], text: tuple[int, int]
    ) -> list[Wish]:
        """ "the colour of the car to red", "the pose of the cat to lying down", "the text of the sign to SLOW"."""
        group, word, owner = attribute
        if owner is None:
            owner = _it() if group in ("colour", "surface", "shape", "text", "size") and word != "style" else None
        if owner is None or (owner.only is not None and owner.only.special == "picture"):
            return [self._of_the_picture(word, text)]
        if group in ("colour", "size", "brightness") and (exact := self._exact_text(owner, text)):
            return exact
        if group == "brightness":
            return [self._relit(owner, text)]
        said = self.clause.raw(*text)
        if group == "text":
            quoted = said if said.startswith('"') else f'"{said}"'
            return [
                self._painted("modify", text, targets=owner, text=f"the {word} {quoted}", prompt=f"the text {quoted}")
            ]
        if word == "style" and owner.only is not None and owner.only.special == "background":
            return [self._painted("background", text, targets=owner, text=said)]
        change = said if word in ("content", "contents", "pose", "action", "state") else f"{word}: {said}"
        return [self._modified(owner, text, "free" if group == "shape" else "keep", change)]

    def _relit(self, owner: Selection, text: tuple[int, int]) -> Wish:
        """ "the brightness of the background to make it lighter"."""
        words = set(self.words[text[0] : text[1]])
        if words & {"lighter", "brighter", "brighten", "increase", "higher", "sunnier", "lighten"}:
            return self._wish("look", targets=owner, text=f"brighten {amounts.plain(amounts.BRIGHTEN)}%", free=(text,))
        if words & {"darker", "dimmer", "darken", "decrease", "lower", "dim"}:
            return self._wish("look", targets=owner, text=f"darken {amounts.plain(amounts.BRIGHTEN)}%", free=(text,))
        return self._modified(owner, text, "keep", f"lighting: {self.clause.raw(*text)}")

    def _of_the_picture(self, word: str, text: tuple[int, int]) -> Wish:
        said = self.clause.raw(*text)
        style = (
            said
            if word == "style" and "style" in said.split()
            else f"{said} {word}"
            if word == "style"
            else f"{word}: {said}"
        )
        return self._painted("style", text, text=style)

    def _transformed(self, selection: Selection, text: tuple[int, int]) -> Wish:
        """Something else in its place, another setting, another style, or another look: what the text is about says."""
        only = selection.only
        said = self.clause.raw(*text)
        timed = only is not None and only.head in TIMES and not self._is_in_scene(only)
        if only is not None and (only.special == "picture" or timed or only.noun in (("style",),)):
            return self._painted("style", text, text=said)
        if any(item.special == "background" or self._is_scenery(item, text) for item in selection.items):
            return self._painted("background", text, targets=None, text=said)
        if only is not None and only.noun and only.noun[-1] in _CARRIERS and is_lettering(said):
            quoted = said if said.startswith('"') else f'"{said}"'
            return self._painted(
                "modify", text, targets=selection, text=f"the text {quoted}", prompt=f"the text {quoted}"
            )
        if only is not None and only.special in ("everything",) and is_style(self.clause, *text):
            return self._painted("style", text, text=said)
        if states(self.clause, *text):
            return self._modified(selection, text, "free")
        if is_adjectival(self.clause, *text):
            return self._modified(selection, text)
        return self._painted("replace", text, targets=selection, text=said, new=self._new(*text))

    def _is_scenery(self, phrase: Phrase, text: tuple[int, int]) -> bool:
        """Whether a change is about what is all around: of the forest, of the background's trees, or to a setting."""
        if is_setting(self.clause, *text):
            return True
        if self._is_in_scene(phrase) or not phrase.noun:
            return False
        goal = self.words[head_place(self.clause, *text)]
        if phrase.head in SCENERY or (phrase.head in NATURE and goal in SCENERY):
            return True
        deep = any(post.kind == "spot" and post.sides == ("back",) for post in phrase.posts)
        return deep and goal in SCENERY | {"mountains", "trees", "countertop", "wall", "sky", "design", "fabric"}

    def _is_in_scene(self, phrase: Phrase) -> bool:
        return bool(phrase.noun) and self.np.labels.at(phrase.name, 0) is not None

    def _modified(self, selection: Selection, text: tuple[int, int], outline="keep", change: str = "") -> Wish:
        """A change of look that needs a painter; of the background or the picture as a whole, those."""
        said = change or self.clause.raw(*text)
        only = selection.only
        if only is not None and only.special == "picture":
            return self._painted("style", text, text=said)
        if only is not None and only.special == "background":
            return self._painted("background", text, text=said)
        return self._painted("modify", text, targets=selection, text=said, outline=outline)

    def _painted(self, kind, span: tuple[int, int], **fields) -> Wish:
        return self._wish(kind, paints=True, free=(span,), **fields)

    def _new(self, start: int, end: int) -> Phrase | None:
        """What a text makes, as a phrase that later words may speak of."""
        read = self.np.phrase(start, head_place(self.clause, start, end) + 1)
        return None if read is None else read[0]

    # ------------------------------------------------------------------------------------------------- replacing

    def _replace(self, start: int) -> list[Wish]:
        if self.words[start - 1] == "substitute" and (read := self._for(start)) is not None:
            return read
        selection, place = self._selection(start, stops=frozenset({"with", "by"}))
        if place < self.end and self.words[place] in ("with", "by", "to", "for", "into"):
            return self._to_text(selection, place + 1)
        raise Misread(place if place < self.end else None)

    def _for(self, start: int) -> list[Wish] | None:
        """ "substitute a bell for the spoon": what is new comes first."""
        place = next((k for k in range(start, self.end) if self.words[k] == "for"), None)
        if place is None:
            return None
        old = self._whole(place + 1, self.end)
        if old is None:
            return None
        text = (start, place)
        return [self._painted("replace", text, targets=old, text=self.clause.raw(*text), new=self._new(*text))]

    _swap_out = _replace

    def _swap(self, start: int) -> list[Wish]:
        """Two things change places; "swap the cup for a glass" is a replacement."""
        read = self.np.selection(start, self.end, frozenset({"with", "for", "by", "and"}))
        if read is None:
            raise Misread(start)
        first, place = read
        if first.only is not None and attribute_of(first.only) is not None:
            raise refusal(f"'{self.clause.spelled()}' swaps looks and not things, which takes a step for each of them")
        if place < self.end and self.words[place] == "out":
            place += 1
        if place >= self.end:
            return [self._wish("swap", targets=first)]
        if self.words[place] in ("with", "for", "by", "to"):
            second = self._whole(place + 1, self.end)
            plain = second is None or second.only is None or second.only.is_indefinite or not _is_definite(second.only)
            if plain or self.words[place] in ("for", "by", "to"):
                return self._to_text(first, place + 1)
            return [self._wish("swap", targets=first, other=second)]
        if self.words[place] in ("and", "&", ","):
            second = self._whole(place + 1, self.end)
            if second is not None:
                return [self._wish("swap", targets=first, other=second)]
        raise Misread(place)

    # -------------------------------------------------------------------------------------------------- light, blur

    def _lit(self, verb: str, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"by", "half"}))
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
        attribute = attribute_of(selection.only) if selection.only is not None else None
        if attribute is None:
            return self._posed(start, selection, place)
        group, word, owner = attribute
        owner = owner or Selection((Phrase(words="the picture", special="picture"),), words="the picture")
        if group == "size":
            return self._sized(owner, place, degree, more)
        amount, place = self._amount(place)
        if word in ("brightness", "lightness", "exposure", "lighting", "light", "illumination"):
            text = f"{'brighten' if more else 'darken'} {amounts.share(amount, amounts.BRIGHTEN, degree)}%"
            return self._finished(place, [self._wish("look", targets=owner, text=text)])
        if word == "saturation" and not more:
            text = f"desaturate {amounts.share(amount, amounts.BRIGHTEN, degree)}%"
            return self._finished(place, [self._wish("look", targets=owner, text=text)])
        text = f"{'more' if more else 'less'} {word}"
        return self._finished(place, [self._modified(owner, (place, place), "keep", text)])

    def _posed(self, start: int, selection: Selection, place: int) -> list[Wish]:
        """ "raise the man's arm": the whole clause says how it is to be."""
        if not any(item.owner is not None or item.head in PART_NOUNS for item in selection.items):
            raise refusal("What is to be increased or reduced is not said")
        rest = self._past_direction(place)
        wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
        return self._finished(rest, [replace(wish, free=((0, 1), (place, self.end)))])

    def _past_direction(self, place: int) -> int:
        read = amounts.direction_at(self.clause, place, self.end) if place < self.end else None
        place = place if read is None else read[1]
        found = DEGREES.at(self.words, place, self.end)
        return place if found is None else place + found[1]

    # ---------------------------------------------------------------------------------------------------------- size

    def _enlarge(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(self._past_size_of(start), stops=frozenset({"by"}))
        return self._sized(selection, place, degree, True)

    def _shrink(self, start: int, degree: str) -> list[Wish]:
        selection, place = self._selection(self._past_size_of(start), stops=frozenset({"by"}))
        return self._sized(selection, place, degree, False)

    def _past_size_of(self, start: int) -> int:
        place = start + (self.words[start] == "the")
        return place + 2 if self.words[place : place + 2] == ("size", "of") else start

    def _sized(self, selection: Selection, place: int, degree: str, grows: bool) -> list[Wish]:
        scale = amounts.scale_at(self.clause, place, self.end, grows)
        if scale is None:
            if not degree:
                degree, place = amounts.degree_at(self.clause, place, self.end)
            factor = amounts.factor(None, grows, degree)
        else:
            factor, place = scale
        return self._finished(place, [self._wish("resize", targets=selection, value=factor)])

    def _scale(self, start: int) -> list[Wish]:
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
        return self._finished(place, [self._wish("resize", targets=selection, value=factor)])

    def _double(self, start: int) -> list[Wish]:
        return self._multiplied(start, 2.0)

    def _triple(self, start: int) -> list[Wish]:
        return self._multiplied(start, 3.0)

    def _halve(self, start: int) -> list[Wish]:
        return self._multiplied(start, 0.5)

    # --------------------------------------------------------------------------------------------- place, new things

    def _move(self, start: int) -> list[Wish]:
        selection, goal, place = self.goals.of_move(start)
        if goal is None:
            raise self.goals.no_goal(selection, place)
        return self._finished(place, [self._wish("move", targets=selection, goal=goal)])

    def _put(self, start: int) -> list[Wish]:
        """What is there is moved, what is new is added, and what is put into a setting gets another background."""
        read = self.np.phrase(start, self.end)
        if read is None:
            raise Misread(start)
        phrase = read[0]
        new = phrase.is_indefinite or any(rank.kind == "number" for rank in phrase.ranks)
        bare = not (phrase.determiners or phrase.special or phrase.owner or phrase.ranks)
        if new or (bare and not self._is_in_scene(phrase)):
            return self._add(start)
        selection, goal, place = self.goals.of_move(start)
        if goal is not None and goal.kind == "relation" and _is_new_setting(goal.anchors[0]):
            anchor = self.goals.last_place
            return [self._painted("background", (anchor, self.end), text=self.clause.raw(anchor, self.end))]
        if goal is None:
            raise self.goals.no_goal(selection, place)
        return self._finished(place, [self._wish("move", targets=selection, goal=goal)])

    def _add(self, start: int) -> list[Wish]:
        """What is new is the painter's own text, up to where it goes."""
        goal, begin, after = self.goals.of_new(start)
        rest = self.clause.raw(after, self.end).lstrip(", ")
        head = self.words[head_place(self.clause, start, begin)] if start < begin else ""
        if head in _MARKS and goal.kind == "relation" and not goal.anchors[0].special:
            # a text or a pattern is on the thing, and not a thing beside it
            anchor = Selection(goal.anchors, words=goal.anchors[0].words)
            return [self._modified(anchor, (start, begin), "keep", f"with {self.clause.raw(start, begin)}")]
        wishes = []
        for first, last in self._new_things(start, begin):
            said = self.clause.raw(first, last)
            if not said:
                raise Misread(first if first < self.end else None)
            text = f"{said}, {rest}" if rest else said
            free = ((first, last), (after, self.end)) if after < self.end else ((first, last),)
            wishes.append(self._wish("add", paints=True, free=free, text=text, new=self._new(first, last), goal=goal))
        return wishes

    def _new_things(self, start: int, end: int) -> list[tuple[int, int]]:
        """ "a cup and a plate" are two; "a vase with a rose and a lily" is one."""
        found, begin = [], start
        for place in range(start, end):
            if self.words[place] in ("with", "of", "wearing", "holding", "between"):
                break
            if self.words[place] == "and" and place + 1 < end and self.words[place + 1] in ("a", "an", "another"):
                found.append((begin, place))
                begin = place + 1
        return [*found, (begin, end)]

    def _give(self, start: int) -> list[Wish]:
        """ "give the man a hat", "give the picture a sepia look", "provide the dog with a collar"."""
        for place in range(start + 1, self.end):
            if self.words[place] not in ("a", "an", "some", "with", "the", "two", "three") and place < self.end - 3:
                continue
            owner = self._whole(start, place)
            if owner is None:
                continue
            text = (place + (self.words[place] == "with"), self.end)
            if text[0] >= text[1]:
                break
            head = self.words[head_place(self.clause, *text)]
            only = owner.only
            if only is not None and (only.special in ("picture", "background") or is_style(self.clause, *text)):
                return [self._modified(owner, text)]
            if head in (
                "hair",
                "expression",
                "look",
                "smile",
                "eyes",
                "colour",
                "color",
                "pattern",
                "texture",
                "finish",
            ):
                return [self._modified(owner, text, "free")]
            goal = Goal("relation", "on", anchors=owner.items[:1], words=owner.words)
            said = self.clause.raw(*text)
            return [self._painted("add", text, text=said, new=self._new(*text), goal=goal)]
        raise Misread(None)

    def _apply(self, start: int) -> list[Wish]:
        """ "apply a sepia filter to the picture", "apply red paint to the door"."""
        place = next((k for k in range(self.end - 1, start, -1) if self.words[k] in ("to", "on")), None)
        if place is None:
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        target = self._whole(place + 1, self.end)
        if target is None:
            raise Misread(place)
        return [self._modified(target, (start, place))]

    def _put_on(self, start: int) -> list[Wish]:
        return self._add(start)

    def _dress(self, start: int) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"in", "as", "with"}))
        if place >= self.end:
            raise Misread(None)
        return [self._modified(selection, (place, self.end), "free", f"dressed {self.clause.raw(place, self.end)}")]

    def _fill(self, start: int) -> list[Wish]:
        """ "cover the wall with ivy", "fill the bowl with fruit"."""
        selection, place = self._selection(start, stops=frozenset({"with", "in"}))
        if place >= self.end or self.words[place] not in ("with", "in"):
            raise Misread(place if place < self.end else None)
        verb = {"fill": "filled", "cover": "covered", "wrap": "wrapped", "coat": "coated"}.get(
            self.words[0], "decorated"
        )
        return [self._modified(selection, (place, self.end), "free", f"{verb} {self.clause.raw(place, self.end)}")]

    def _write(self, start: int) -> list[Wish]:
        """'write "HELLO" on the wall': what carries the text is changed."""
        place = next((k for k in range(self.end - 1, start, -1) if self.words[k] in ("on", "onto", "across")), None)
        target = self._whole(place + 1, self.end) if place is not None else None
        if place is None or target is None:
            raise Misread(place)
        said = self.clause.raw(start, place)
        quoted = said if said.startswith('"') else f'"{said}"'
        return [
            self._painted(
                "modify", (start, place), targets=target, text=f"the text {quoted}", prompt=f"the text {quoted}"
            )
        ]

    def _open(self, start: int) -> list[Wish]:
        """ "open the door", "cut the cake": the whole clause says how it is to be."""
        selection, place = self._selection(start)
        wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
        return [replace(wish, free=((0, 1), (place, self.end)))]

    def _restyle_as(self, start: int) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"as", "in"}))
        if place >= self.end or self.words[place] not in ("as", "in", "to", "into"):
            raise Misread(place if place < self.end else None)
        return self._to_text(selection, place + (self.words[place] != "in"))

    # ------------------------------------------------------------------------------ extract, duplicate, turn and flip

    def _extract(self, start: int) -> list[Wish]:
        end = next((place for place in range(start + 1, self.end) if self._ground(place)[1] == self.end), self.end)
        selection, place = self._selection(start, end, stops=frozenset({"from", "onto"}))
        place = self._past_source(place)
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

    def _assure(self, start: int) -> list[Wish]:
        """How well something is to be done, which is always done as well as can be."""
        return []

    def _duplicate(self, start: int) -> list[Wish]:
        selection, goal, place = self.goals.of_move(start, needed=False)
        return self._finished(place, [self._wish("duplicate", targets=selection, goal=goal)])

    def _turned(self, start: int) -> list[Wish] | None:
        """ "turn the sign upside down", "turn it by 90 degrees"; None where "turn" means to become."""
        if self.words[start - 1] != "turn":
            return None
        words = set(self.words[start:])
        to_a_side = self.words[-1] in ("left", "right") and not any(
            colour_at(self.clause, k, self.end) for k in range(start, self.end)
        )
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
        degrees, place = self._degrees(place)
        return self._finished(place, [self._wish("turn", targets=selection, value=degrees)])

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


_SENSES_OF = {
    "clockwise": 1,
    "counterclockwise": -1,
    "counter-clockwise": -1,
    "anticlockwise": -1,
    "anti-clockwise": -1,
}
_SENSES = frozenset(_SENSES_OF)
_WITH_DEGREE = frozenset({"brighten", "darken", "desaturate", "blur", "sharpen", "more", "less", "enlarge", "shrink"})


def _without_from(selection: Selection) -> tuple[Selection, bool]:
    """The selection without "from the forest", which says what it is now; and whether that is a setting."""
    only = selection.only
    if only is None:
        return selection, False
    before = [post for post in only.posts if post.kind == "relation" and post.relation == "from_"]
    if not before:
        return selection, False
    kept = replace(only, posts=tuple(post for post in only.posts if post not in before))
    return replace(selection, items=(kept,)), any(anchor.head in SCENERY for post in before for anchor in post.anchors)


def _is_all(selection: Selection) -> bool:
    return selection.only is not None and selection.only.special in ("picture", "everything")


def _is_definite(phrase: Phrase) -> bool:
    return bool(phrase.special or phrase.owner or phrase.determiners or phrase.ranks or phrase.number)


def _is_new_setting(phrase: Phrase) -> bool:
    """Whether a place is one that is not there yet: "a sandy beach"."""
    return phrase.is_indefinite and (phrase.head in SCENERY or not phrase.noun)


def _it() -> Selection:
    pronoun = Phrase(words="it", special="pronoun", raw="it")
    return Selection((pronoun,), words="it")


def _without_effects(selection: Selection) -> Selection:
    """Without "and its shadow": what a thing casts goes with it."""
    from .vocabulary import EFFECT_NOUNS

    def is_effect(item: Phrase) -> bool:
        return item.head in EFFECT_NOUNS and item.owner is not None and item.owner.special == "pronoun"

    items = tuple(item for item in selection.items if not is_effect(item))
    return replace(selection, items=items) if items else selection
