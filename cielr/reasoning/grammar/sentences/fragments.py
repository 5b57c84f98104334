"""Texts that are no whole sentences: "as a watercolour", "replace with a beach", "enliven it by adding a dog"."""

from __future__ import annotations

import re
from dataclasses import replace

from ....core.inflection import is_plural
from ..nouns.phrases import Phrase, Selection
from ..words.synonyms import PEOPLE
from ..words.tokens import Clause, colour_size, refusal
from ..words.vocabulary import (
    ARTICLES,
    BACKGROUND_WORDS,
    BIGGER,
    COMPARED,
    EXCEPTIONS,
    GREYSCALE,
    NEGATIONS,
    POSSESSIVES,
    RELATIONS,
    SMALLER,
    VERBS,
    verb_of,
    word_set,
)
from .attributes import ATTRIBUTES, attribute_of
from .newcomers import MODALS
from .statements import Statements
from .texts import STYLE_WORDS, STYLES, TIMES, colour_at, colour_text, is_style
from .transforming import MADE_OF, it, picture
from .wishes import Misread, Wish

_BY_HAND = word_set("by painted drawn sketched photographed filmed shot taken made painting drawing photo photograph")
_LIGHTS = frozenset({"sunset", "sunrise", "twilight", "noon", "midnight", "daylight", "moonlight"})
_LOOKS_OF_ALL = frozenset({"warmer", "cooler", "sharper", "softer", "moodier", "vivid"})
_COLOURING = {"blacken": "black", "whiten": "white", "redden": "red"}


_VERBAL = frozenset({"is", "are", "was", "were", "has", "have", "had", "can", "may", "would"})
_OTHERS = frozenset({"fewer", "less", "different", "other", "same", "smile", "grin", "frown"})
"""Words of what is no new thing."""
_MEDIA = word_set(
    "oil pixel art pop 3d line comic book pencil film noir studio disney low poly digital fantasy cinematic ink"
)
"""Words before a style that belong to it."""
_HAVING = word_set("hold holding wear wearing ride riding carry carrying eat eating drink drinking use using")
_OFFERED = re.compile(r"\b(how about|what about|let'?s see|maybe|perhaps|(like|love|want) to see|we need|we want)\s*$")
"""Before what somebody would like to have."""
_AT_TIMES = word_set("nighttime daytime night sunset sunrise dusk dawn winter snowy rainy foggy sunny cloudy stormy")


class Fragments(Statements):
    """Reads what lacks a verb, or what the verb is about."""

    def _fragment(self, start: int) -> list[Wish]:
        """What a text without a verb that is known asks for; nothing where it is none of these."""
        read = self._of_style(start) or self._instead_of(start) or self._coloured(start) or self._by_doing(start)
        return read or self._named_alone(start)

    def _named_alone(self, start: int) -> list[Wish]:
        """ "a waterfall behind the elephants", "more trees", "oil painting": what is wanted, and no verb."""
        said = set(self.words[start:])
        says = said & (_VERBAL | NEGATIONS | MODALS - {"to"}) or any(word.endswith("n't") for word in said)
        if not self.clause.is_all or says or said & (COMPARED | BIGGER | SMALLER | _OTHERS):
            return []
        style = self.words[self.end - 1] in STYLES | STYLE_WORDS | _AT_TIMES
        if style and set(self.words[start : self.end - 1]) <= STYLES | STYLE_WORDS | _MEDIA:
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        offered = _OFFERED.search(self.clause.text[: self.clause.tokens[0].start].lower()) is not None
        first = self.np.phrase(start, self.end)
        if first is None or first[0].special or not first[0].noun or self._is_in_scene(first[0]):
            return []
        if self.words[start] == "more" and first[1] >= self.end and is_plural(first[0].noun[-1]):
            whole = first[0].head in ATTRIBUTES
            return [self._painted("style", (start, self.end), text=self._said(start))] if whole else self._add(start)
        if not (first[0].is_indefinite or (offered and not first[0].determiners & {"the"})):
            return []
        goal, _, after = self.goals.of_new(start)
        placed = goal.kind == "relation" and all(a.determiners & {"the"} or a.owner for a in goal.anchors)
        return self._add(start) if (placed and after >= self.end) or (offered and goal.kind == "somewhere") else []

    def _of_style(self, start: int) -> list[Wish]:
        """ "as a pencil sketch", "in the style of Monet", "as if painted by a child", "with a red hat"."""
        words, text = self.words, (start + 1, self.end)
        if terse := self._terse(start):
            return terse
        if text[0] >= self.end:
            return []
        if words[start] == "as" and words[start + 1] in ("if", "though"):
            if made := self._as_if_made(start + 2):
                return made
            if set(words) & _BY_HAND or is_style(self.clause, *text):
                return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
            return []
        if words[start] in ("as", "in", "like") and is_style(self.clause, *text):
            said = self.clause.raw(start + (words[start] != "in"), self.end)
            return [self._painted("style", (start, self.end), text=said)]
        named = words[text[0]] in ("a", "an", "the") or self.clause.raw(*text)[:1].isupper()
        if words[start] == "as" and named and self._whole(*text) is not None:
            # "as a fresco", said of the picture
            return [self._painted("style", (start, self.end), text=self.clause.raw(*text))]
        if words[start] == "by" and self.clause.raw(*text)[:1].isupper():
            # "by Gustav Klimt"
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        if words[start : start + 2] == ("more", "like") and start + 2 < self.end:
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        if words[start] == "in" and GREYSCALE.at(words, *text) == ("grey", self.end - text[0]):
            return [self._wish("look", targets=picture(), text="desaturate 100%")]
        coloured = colour_at(self.clause, *text) is not None
        goal = self.goals.goal_at(start) if words[start] in ("in", "at") and not coloured else None
        if goal is not None and goal[0].relation in ("in_", "inside", "at") and self._whole(*text) is not None:
            kind = "style" if goal[0].anchors[0].head in TIMES | _LIGHTS else "background"
            return [self._painted(kind, text, text=self.clause.raw(*text))]
        if words[start] in ("a", "an") and is_style(self.clause, *text) and self._whole(start, self.end) is not None:
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        more = start + 1 + (words[start + 1 : start + 2] == ("more",))
        if (
            words[start] in ("no", "without")
            and self.clause.is_all
            and (gone := self._whole(more, self.end)) is not None
        ):
            # "no people, please", "no more pigeons on the statue"
            return [self._wish("remove", targets=gone, free=((start, more),))]
        return self._with(start)

    def _as_if_made(self, start: int) -> list[Wish]:
        """ "as if the elephant was made of balloons"; nothing for other texts."""
        was = next((k for k in range(start + 1, self.end - 2) if self.words[k] in ("was", "were", "is")), None)
        thing = self._whole(start, was) if was is not None and self.words[was + 1 : was + 3] in MADE_OF else None
        if was is None or thing is None:
            return []
        wish = self._modified(thing, (was + 1, self.end))
        return [replace(wish, free=(*wish.free, (start - 2, start)))]

    def _terse(self, start: int) -> list[Wish]:
        """ "black and white", "sepia", "brighter", "more contrast", said of the picture; "the umbrella red"."""
        words = list(self.words[start : self.end])
        if len(words) > 1 and words[-1] in BACKGROUND_WORDS:
            ground = Selection((Phrase(special="background", words="the background"),), words="the background")
            if words[-2] == "transparent":
                return [self._wish("background", targets=ground, text="transparent")]
            if colour := colour_text(self.clause, start, self.end - 1):
                return [self._wish("look", targets=ground, text=colour)]
        change = self._exact_change(start, self.end)
        if change is not None and change[0] == "look" and not str(change[1]).startswith("colour"):
            return [self._wish("look", targets=picture(), text=str(change[1]))]
        if all(word in STYLES | STYLE_WORDS for word in words) or (len(words) == 1 and words[0] in _LOOKS_OF_ALL):
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        if words[0] in ("more", "less") and len(words) == 2 and ATTRIBUTES.get(words[1]) in ("picture", "brightness"):
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        return self._made(start, self.end) if self.clause.is_all else []

    def _with(self, start: int) -> list[Wish]:
        """ "with dinosaurs", "with a white background"."""
        if self.words[start] != "with":
            return []
        if self.words[self.end - 1] in BACKGROUND_WORDS:
            return [self._painted("background", (start, self.end), text=self.clause.raw(start + 1, self.end))]
        new = self.np.phrase(start + 1, self.end)
        if new is None or not (new[0].is_indefinite or is_plural(new[0].noun[-1] if new[0].noun else "")):
            return []
        return [] if new[0].special or new[0].head in ATTRIBUTES else self._add(start + 1)

    def _instead_of(self, start: int) -> list[Wish]:
        """ "instead of a ballerina, have an astronaut"."""
        if self.words[start : start + 2] != ("instead", "of") or start + 2 >= self.end:
            return []
        place = next((k for k in range(start + 3, self.end) if self.words[k] == ","), None)
        old = self._whole(start + 2, place) if place is not None else None
        if place is None or old is None:
            return []
        place += 1
        verb = VERBS.at(self.words, place, self.end)
        place += verb[1] if verb is not None else 0
        place += place + 1 < self.end and self.words[place] in ("it", "them", "him", "her")
        if place >= self.end:
            return []
        wishes = self._to_text(_there(old), place)
        return [replace(wish, free=(*wish.free, (start, place))) for wish in wishes]

    def _rather_than(self) -> list[Wish]:
        """ "dye the bear white instead of brown" without what it is not to be; "add a cat instead of the dog" puts it
        in the place of the dog."""
        place = next((k for k in range(2, self.end - 2) if self.words[k : k + 2] == ("instead", "of")), None)
        if place is None:
            return []
        rest = (place, self.end)
        old, verb = self._whole(place + 2, self.end), VERBS.at(self.words, 0)
        if verb is not None and verb[0] in ("add", "put", "create") and old is not None:
            new = (verb[1], place)
            if verb[0] == "put" and (moved := self._put_elsewhere(*new)) is not None:
                if not moved:
                    said = type(self)(Clause(self.clause.text, self.clause.tokens[:place]), self.np.labels).wishes()
                    return [replace(wish, clause=self.clause, free=(*wish.free, rest)) for wish in said]
                new = moved
            wish = self._painted("replace", new, targets=_there(old), text=self.clause.raw(*new), new=self._new(*new))
            return [replace(wish, free=(*wish.free, rest))]
        if verb is not None and self.words[verb[1]] == "it" and verb[1] + 1 < place and old is not None:
            # "make it a slice of pizza instead of the sandwich"
            said = type(self)(Clause(self.clause.text, self.clause.tokens[:place]), self.np.labels)
            after = verb[1] + 1 + (self.words[verb[1] + 1] in ("with", "for", "to", "into"))
            return [
                replace(wish, clause=self.clause, free=(*wish.free, rest)) for wish in said._to_text(_there(old), after)
            ]
        doing = next((k for k in range(2, place - 1) if self.words[k] in _HAVING), None)
        somebody = old is not None and any(item.head in PEOPLE | {"dog", "cat", "horse"} for item in old.items)
        if doing is not None and old is not None and not somebody and self.words[doing + 1] in ("a", "an", "some"):
            # "let the man hold an umbrella instead of the phone"
            new = (doing + 1, place)
            wish = self._painted("replace", new, targets=_there(old), text=self.clause.raw(*new), new=self._new(*new))
            return [replace(wish, free=(*wish.free, (0, doing + 1), rest))]
        if colour_at(self.clause, place + 2, self.end) is None:
            whose = old is not None and old.only is not None and (old.only.owner or "the" in old.only.determiners)
            if whose and (verb is None or verb[0] == "give"):
                raise refusal(f"What '{self.clause.raw(place, self.end)}' says was not understood")
            if old is None:
                return []
        said = type(self)(Clause(self.clause.text, self.clause.tokens[:place]), self.np.labels).wishes()
        return [replace(wish, clause=self.clause, free=(*wish.free, rest)) for wish in said]

    def _put_elsewhere(self, start: int, end: int) -> tuple[()] | tuple[int, int] | None:
        """Where "put the rabbit on a rock instead of the trunk" names what is new, a rock; (), where nothing is; None
        where it is the thing put that is new."""
        thing = self.np.phrase(start, end)
        if thing is None or not (thing[0].determiners & {"the", "this", "that"} or thing[0].special or thing[0].owner):
            return None
        place = next((k for k in range(start + 1, end) if RELATIONS.at(self.words, k, end) is not None), None)
        relation = RELATIONS.at(self.words, place, end) if place is not None else None
        if place is None or relation is None:
            return None
        begin = place + relation[1]
        return (begin, end) if begin < end and self.words[begin] in ("a", "an", "some") else ()

    def _but_for(self) -> list[Wish]:
        """ "make everything grey except the umbrella": what is spared is said last."""
        place = next((k for k in range(3, self.end - 1) if EXCEPTIONS.at(self.words, k, self.end)), None)
        verb = VERBS.at(self.words, 0)
        if place is None or verb is None or verb[0] not in ("make", "change", "recolour"):
            return []
        exception = EXCEPTIONS.at(self.words, place, self.end)
        spared = self._whole(place + exception[1], self.end) if exception is not None else None
        if spared is None:
            return []
        end = place - (self.words[place - 1] == ",")
        try:
            said = type(self)(Clause(self.clause.text, self.clause.tokens[:end]), self.np.labels).wishes()
        except Misread:
            return []
        if len(said) != 1 or said[0].targets is None or said[0].targets.spared is not None or said[0].kind != "look":
            return []
        items = tuple(
            replace(item, special="everything") if item.special == "picture" else item for item in said[0].targets.items
        )
        targets = replace(said[0].targets, items=items, spared=spared)
        return [replace(said[0], clause=self.clause, targets=targets)]

    def wishes(self) -> list[Wish]:
        """What the clause asks for."""
        raise NotImplementedError

    def _coloured(self, start: int) -> list[Wish]:
        """ "blacken the horse", "green the fields"."""
        named = _COLOURING.get(self.words[start])
        size = 1 if named is not None else colour_size(self.words, start, self.end)
        after = start + size
        if (
            not size
            or after >= self.end
            or (named is None and self.words[after] not in (ARTICLES - {"a", "an"}) | POSSESSIVES)
        ):
            return []
        name = named or self.clause.spelled(start, after)
        things, place = self._selection(after)
        return self._finished(place, [self._wish("look", targets=_of_colour(things), text=f"colour {name}")])

    def _by_doing(self, start: int) -> list[Wish]:
        """ "enrich the picture by adding two boats" is the second half of it."""
        for place in range(start + 2, self.end - 2):
            if self.words[place] != "by" or (verb := verb_of(self.words[place + 1], "ing")) is None:
                continue
            about = any(self._whole(k, place) is not None for k in range(start + 1, min(start + 4, place)))
            if not about or verb not in ("add", "remove", "replace", "put", "more", "less"):
                return []
            wishes = self._doing(verb, place + 2)
            return [replace(wish, free=(*wish.free, (start, place))) for wish in wishes]
        return []

    def _use(self, start: int) -> list[Wish]:
        """ "use a purple tone for the flowers", "use watercolour"."""
        to = next((k for k in range(start + 1, self.end - 1) if self.words[k] == "for"), None)
        things = self._whole(to + 1, self.end) if to is not None else None
        if to is not None and things is not None and (colour := colour_text(self.clause, start, to)):
            return [self._wish("look", targets=_of_colour(things), text=colour)]
        if to is None and is_style(self.clause, start, self.end):
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        if placed := self._in_place_of(start):
            # "use a laptop in place of the typewriter"
            return placed
        raise Misread(0)

    def _make(self, start: int) -> list[Wish]:
        if self.words[-1] in ("places", "positions") and self.words[-2] in ("swap", "switch", "trade", "change"):
            # "make the two dogs swap places"
            return [self._wish("swap", targets=self._all_of(start, self.end - 2))]
        if self._copies(start)[0]:
            return self._duplicate(start)
        if self.words[start - 1] == "have" and (comer := self._newcomer(start)):
            return comer
        read = self.np.phrase(start, self.end) if self.words[start - 1] == "have" else None
        new = read is not None and (read[0].is_indefinite or not (read[0].determiners or read[0].owner))
        if read is not None and new and not read[0].special and read[1] >= self.end and self.clause.is_all:
            if read[0].noun[-1:] and read[0].noun[-1] in TIMES:
                # "have a warm summer day"
                return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
            return self._add(start)
        return super()._make(start)

    # --------------------------------------------------------------------------------- where nobody says to what

    def _change(self, start: int) -> list[Wish]:
        if self.words[start] in ("to", "into") and not self._is_direction(start + 1):
            # "turn into a castle"
            return self._to_text(it(), start + 1)
        if self.words[start - 1] == "set" and self.words[-2:] == ("on", "fire") and self.end - start > 2:
            return [self._modified(self._all_of(start, self.end - 2), (self.end - 2, self.end), "free", "on fire")]
        if self.words[start - 1] == "set" and self._is_laid(start):
            return self._put(start)
        return super()._change(start)

    def _is_direction(self, place: int) -> bool:
        return self._whole(place, self.end) is None and self.goals.goal_at(place - 1) is not None

    def _is_laid(self, start: int) -> bool:
        """Whether "set the lamp on the table" puts it there; "set the text in bold" does not."""
        read = self.np.phrase(start, self.end)
        if read is None or self.goals.of_move(start)[1] is None:
            return False
        goal = self.goals.of_move(start)[1]
        return goal is not None and goal.kind == "relation" and goal.relation not in ("in_", "by", "at")

    def _replace(self, start: int) -> list[Wish]:
        if self.words[start] in ("with", "by"):
            return self._to_text(it(), start + 1)
        return super()._replace(start)

    def _swap(self, start: int) -> list[Wish]:
        return self._to_text(it(), start + 1) if self.words[start] in ("with", "for") else super()._swap(start)

    _swap_out = _swap

    def _move(self, start: int) -> list[Wish]:
        if self.words[start] == "to" and self.goals.goal_at(start) is None:
            # "move to Mars"
            return [self._painted("background", (start + 1, self.end), text=self._said(start + 1))]
        return super()._move(start)

    def _said(self, start: int) -> str:
        if start >= self.end:
            raise Misread(None)
        return self.clause.raw(start, self.end)


def _there(things: Selection) -> Selection:
    """ "instead of a dog" speaks of one that is there."""
    return replace(things, items=tuple(item.definite() for item in things.items))


def _of_colour(things: Selection) -> Selection:
    """The ground of "the ground's colour": what is to get a colour."""
    attribute = attribute_of(things.only) if things.only is not None else None
    return attribute[2] if attribute is not None and attribute[0] == "colour" and attribute[2] is not None else things
