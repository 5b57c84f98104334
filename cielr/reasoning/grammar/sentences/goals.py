"""Where something goes: "to the left of the cup", "into the top left corner", "20 px up"."""

from __future__ import annotations

from dataclasses import replace

from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words import amounts
from ..words.synonyms import PEOPLE
from ..words.tokens import Clause, refusal
from ..words.vocabulary import ARTICLES, PERSONAL, POSSESSIVES, QUANTIFIERS, RELATIONS, table
from .texts import STATES
from .wishes import Goal, Misread

NUDGE = 0.05
"""How far "a little" is, as a share of the picture's width or height."""
DETERMINERS = ARTICLES | POSSESSIVES
QUANTIFYING = frozenset(QUANTIFIERS.words())
_INSTEAD = table(
    instead="in its place|in their place|in his place|in her place|in place|in place of it|instead|in its stead|there"
)
_WAYS = frozenset(
    {"road", "street", "path", "track", "river", "pond", "lake", "field", "bed", "sofa", "table", "beach"}
)
_WAYS |= {"sidewalk", "pavement", "highway", "pool", "trail", "railway", "court"}
"""What has sides that something is beside, and none that it is on."""
_LOADED = frozenset({"truck", "pickup", "van", "car", "bus", "boat", "cart", "trailer", "wagon", "jeep"})
"""What has a back that something is put in."""
_SPOT_WORDS = frozenset({"in", "on", "at", "to", "into", "towards", "toward", "near"})


class Goals:
    """Reads the places of one clause; `last_place` is the token where the last place's anchor began."""

    def __init__(self, clause: Clause, np: NounPhrases) -> None:
        self.clause, self.words, self.np = clause, clause.words, np
        self.end = len(clause)
        self.last_place = 0

    # ---------------------------------------------------------------------------------------- of what is there

    def of_move(self, start: int, needed: bool = True) -> tuple[Selection, Goal | None, int]:
        """(what is moved, where to, where that ends): the shortest selection that a place follows.

        Raises:
            Misread: where there is no selection.
        """
        whole = self.np.selection(start, self.end)
        if whole is None:
            raise Misread(start)
        goal = self.goal_at(whole[1])
        if goal is not None:
            return whole[0], goal[0], goal[1]
        for place in range(start + 1, whole[1]):
            # "put the spoon on the plate": a place that was taken for one of the spoon's
            # "move the bench in the picture" says nothing of where to
            if not self._may_begin(place) or self.np.past_picture(place, self.end) > place:
                continue
            before = self.np.selection(start, place)
            goal = self.goal_at(place) if before is not None and before[1] == place else None
            if before is not None and goal is not None and goal[1] >= whole[1]:
                return before[0], goal[0], goal[1]
        return whole[0], None, whole[1]

    def _is_after(self, place: int) -> bool:
        """Whether something is to follow letters, which stand in a line."""
        return self.words[place] == "after" and place + 1 < self.end and self.clause.tokens[place + 1].is_letters

    def _may_begin(self, place: int) -> bool:
        word = self.words[place]
        return (
            self._is_after(place)
            or word in _SPOT_WORDS
            or word in ("between", "by")
            or RELATIONS.at(self.words, place, self.end) is not None
        )

    def no_goal(self, selection: Selection, place: int) -> Exception:
        """Why nothing can be moved there, to be raised."""
        only = selection.only
        if only is not None and only.special in ("background", "picture"):
            return refusal(f"'{only.words}' cannot be moved")
        direction = amounts.direction_at(self.clause, place, self.end) if place < self.end else None
        if direction is not None and direction[1] >= self.end:
            return refusal("How far to move is not said (such as '50 pixels to the left', or 'to the left edge')")
        return refusal("Where to move is not said") if place >= self.end else Misread(place)

    def goal_at(self, place: int) -> tuple[Goal, int] | None:
        """The place that begins there, and where it ends."""
        if place >= self.end:
            return None
        offset = self._offsets(place) or self._nudge(place)
        if offset is not None:
            return offset
        place += self.words[place] in ("so", "over") and self.words[place + 1 : place + 2] == ("to",)
        for read in (self._flank, self._between, self._relation, self._spot):
            goal = read(place)
            if goal is not None:
                return goal
        return None

    def _offsets(self, place: int) -> tuple[Goal, int] | None:
        dx = dy = 0.0
        after, count = place, 0
        while after < self.end:
            begin = after + (count > 0 and self.words[after] in ("and", ","))
            read = amounts.offset_at(self.clause, begin, self.end)
            if read is None:
                break
            dx, dy, after, count = dx + read[0], dy + read[1], read[2], count + 1
        if not count:
            return None
        return Goal("by", dx=dx, dy=dy, words=self.clause.spelled(place, after)), after

    def _nudge(self, place: int) -> tuple[Goal, int] | None:
        """ "a little to the left", "up slightly": a share of the picture's width or height."""
        degree, after = amounts.degree_at(self.clause, place, self.end)
        direction = amounts.direction_at(self.clause, after, self.end) if after < self.end else None
        if direction is None:
            return None
        after = direction[1]
        if not degree:
            degree, after = amounts.degree_at(self.clause, after, self.end)
        if degree != "weak" and self.words[0] != "nudge":
            return None
        dx, dy = amounts.towards(direction[0], NUDGE)
        return Goal("nudge", dx=dx, dy=dy, words=self.clause.spelled(place, after)), after

    def _between(self, place: int) -> tuple[Goal, int] | None:
        place += self.words[place] == "to"
        place += place < self.end and self.words[place] == "in" and self.words[place + 1 : place + 2] == ("between",)
        if place >= self.end or self.words[place] != "between":
            return None
        post = self.np._between(place + 1, self.end, frozenset())
        if post is None:
            return None
        return Goal("between", anchors=post[0].anchors, words=self.clause.spelled(place, post[1])), post[1]

    def _flank(self, place: int) -> tuple[Goal, int] | None:
        """ "to his left", "on the pond's right side"."""
        if self.words[place] not in ("to", "on", "at", "by"):
            return None
        for side in range(place + 2, min(place + 8, self.end)):
            if self.words[side] not in ("left", "right") or self.words[side - 1] not in ("'s", *POSSESSIVES):
                continue
            word, owned = self.words[side - 1], side - (self.words[side - 1] == "'s")
            if word == "'s":
                anchor = self.np.phrase(place + 1, owned)
            else:
                anchor = Phrase(special="pronoun", words=word, noun=PERSONAL.get(word, ()), raw=word), owned
            after = side + 1 + (self.words[side + 1 : side + 2] in (("side",), ("hand",)))
            if anchor is None or anchor[1] != owned or not (after >= self.end or self.np._is_end(after, self.end)):
                return None
            words = self.clause.spelled(place, after)
            return Goal("relation", f"{self.words[side]}_of", anchors=(anchor[0],), words=words), after
        return None

    def _relation(self, place: int) -> tuple[Goal, int] | None:
        relation = RELATIONS.at(self.words, place, self.end) or (("right_of", 1) if self._is_after(place) else None)
        if relation is None and self.words[place] == "to":
            place += 1
            relation = RELATIONS.at(self.words, place, self.end)
        if relation is None and place < self.end and self.words[place] in ("directly", "right", "just", "immediately"):
            place += 1
            relation = RELATIONS.at(self.words, place, self.end)
        if relation is None or relation[0] in ("with_", "from_", "belongs"):
            return None
        self.last_place = place + relation[1]
        spot = self._spot(place)
        if spot is not None and (relation[0] in ("in_", "on", "at") or self.words[place] in ("near", "by")):
            return spot
        anchor = self.np.phrase(place + relation[1], self._before_remark(place + relation[1]))
        if anchor is None:
            return None
        words = self.clause.spelled(place, anchor[1])
        if self.words[place : place + 4] == ("in", "the", "back", "of") and anchor[0].head in _LOADED:
            return Goal("relation", "inside", anchors=(anchor[0],), words=words), anchor[1]
        sided = self.words[place : place + 4] == ("on", "the", "side", "of")
        if sided and anchor[0].head not in _WAYS | PEOPLE and not anchor[0].special:
            # on its wall, and not beside it
            return Goal("relation", "on", anchors=(anchor[0],), words=words), anchor[1]
        if anchor[0].written and self.words[place] == "before":
            return Goal("relation", "left_of", anchors=(anchor[0],), words=words), anchor[1]
        if anchor[0].special == "picture" and "edge" in self.words[place : place + relation[1]]:
            raise refusal(f"Which edge '{words}' means is not said; say left, right, top or bottom")
        if anchor[0].head == "side" and "other" in anchor[0].determiners:
            raise refusal(f"Which side '{words}' is was not understood; say left, right, in front or behind")
        return Goal("relation", relation[0], anchors=(anchor[0],), words=words), anchor[1]

    def _before_remark(self, place: int) -> int:
        """Where what a place refers to ends at the latest: ", looking inside" is said of what is put there."""
        doing = (k for k in range(place + 1, self.end - 1) if self.words[k] == "," and self.words[k + 1] in STATES)
        return next((k for k in doing if self.words[k + 1].endswith("ing")), self.end)

    def _spot(self, place: int) -> tuple[Goal, int] | None:
        if place >= self.end or self.words[place] not in _SPOT_WORDS:
            return None
        read = self.np.spot_words(place + 1, self.end)
        if read is None:
            return None
        sides, noun, after = read
        size = self.np._picture_size(after, self.end)
        if (
            not size
            and after < self.end
            and (self.words[after] in ("of", "'s") or not self.np._is_end(after, self.end))
        ):
            return None
        named = noun or bool(size) or not set(sides) <= {"left", "right"}
        if self.words[place] in ("in", "on", "at") and not named and self.words[place] != "to":
            named = False
        after += size
        return Goal("spot", sides=sides, named=named, words=self.clause.spelled(place, after)), after

    # ------------------------------------------------------------------------------------------------ of what is new

    def of_new(self, start: int) -> tuple[Goal, int, int]:
        """(where something new goes, where its own words end, where the place ends): the first place that speaks of
        what is there already. "a man in a red coat" holds none."""
        place = start + 1
        best: tuple[Goal, int, int] | None = None
        whole: tuple[int, int] | None = None
        while place < self.end:
            if self.clause.tokens[place].kind == "quoted":
                place += 1
                continue
            after = self.np.past_picture(place, self.end, to=True)
            if after > place and self.words[after : after + 1] != ("of",) and self.words[after - 1] != "frame":
                # "to the picture" says nothing of where
                whole = whole or (self._before_doing(start, place), after)
                place = after
                continue
            if (
                best is not None
                and self.words[place] == "and"
                and self.words[place + 1 : place + 2] in (("a",), ("an",))
            ):
                # "a dog on the left and a cat on the right"
                break
            read = self._place_of_new(place)
            if read is None:
                place += 1
                continue
            goal, after = read
            begin = best[1] if best is not None else self._before_doing(start, place)
            begin = whole[0] if best is None and whole is not None and begin <= whole[1] else begin
            if goal.kind != "spot":
                return goal, begin, after
            # "in the foreground, near the fence": what is named says more than a side
            # "in the foreground on the left" is one place
            if best is None or best[2] == place:
                sides = goal.sides if best is None else (*best[0].sides, *goal.sides)
                best = (replace(goal, sides=sides), begin, after)
            place = after
        return best or (Goal("somewhere"), *(whole or (self.end, self.end)))

    def _before_doing(self, start: int, place: int) -> int:
        """Where the words of a new thing end before a place."""
        while place - 1 > start and self.words[place - 1] in (",", "and"):
            place -= 1
        return place

    def new_at(self, place: int) -> tuple[Goal, int] | None:
        """Where something new goes by the words there, such as "to the dog", and where they end."""
        return self._place_of_new(place) if place < self.end else None

    def _place_of_new(self, place: int) -> tuple[Goal, int] | None:
        word = self.words[place]
        if (size := _INSTEAD.at(self.words, place, self.end)) is not None and place + size[1] >= self.end:
            return Goal("instead", words=self.clause.spelled(place, self.end)), self.end
        if word in ("to", "for") and self._is_purpose(place + 1):
            return None
        if (flank := self._flank(place)) is not None:
            return flank
        if word == "to" or word == "for":
            if spot := self._spot(place):
                return spot
            if relation := self._relation(place):
                return relation
            return self._on(place + 1)
        if not self._may_begin(place):
            return None
        relation = RELATIONS.at(self.words, place, self.end)
        if relation is not None and relation[0] in ("with_", "belongs", "from_"):
            return None
        goal = self.goal_at(place)
        if goal is None or goal[0].kind == "by":
            return self._front_of(place)
        return goal if all(_is_there(anchor) for anchor in goal[0].anchors) else None

    def _is_purpose(self, place: int) -> bool:
        """Whether a bare word stands there before a determiner, so that it is a verb: "to accompany the man"."""
        words = self.words
        if place + 1 >= self.end or words[place] in DETERMINERS or words[place + 1] not in DETERMINERS:
            return False
        return RELATIONS.at(words, place, self.end) is None and words[place] not in QUANTIFYING

    def _on(self, place: int) -> tuple[Goal, int] | None:
        """ "a collar to the dog"."""
        if place < self.end and self.words[place] in STATES and self.words[place] not in ("face",):
            return None
        read = self.np.phrase(place, self.end)
        if read is None or not _is_there(read[0]) or read[0].special == "picture":
            return None
        return Goal("relation", "on", anchors=(read[0],), words=self.clause.spelled(place, read[1])), read[1]

    def _front_of(self, place: int) -> tuple[Goal, int] | None:
        """ "front of the bear", where "in" is forgotten."""
        if self.words[place : place + 2] != ("front", "of"):
            return None
        read = self.np.phrase(place + 2, self.end)
        if read is None:
            return None
        return Goal("relation", "in_front_of", anchors=(read[0],), words=self.clause.spelled(place, read[1])), read[1]


def _is_there(anchor: Phrase) -> bool:
    """Whether a phrase speaks of what is there already, and not of more that is new."""
    return not anchor.is_indefinite or bool(anchor.owner and not anchor.owner.is_indefinite)
