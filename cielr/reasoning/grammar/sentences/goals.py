"""Where something goes: "to the left of the cup", "into the top left corner", "20 px up"."""

from __future__ import annotations

from dataclasses import replace

from ....core.inflection import singular
from ..nouns.parser import NounPhrases
from ..nouns.phrases import Phrase, Selection
from ..words import amounts
from ..words.doings import DOING_TO, PARTICIPLES, STATES
from ..words.synonyms import CLOTHES, PEOPLE
from ..words.tokens import Clause, refusal
from ..words.vocabulary import ARTICLES, DEGREES, PERSONAL, POSSESSIVES, QUANTIFIERS, RELATIONS, table, word_set
from .texts import NATURE, SCENERY
from .wishes import Goal, Misread

NUDGE = 0.05
"""How far "a little" is, as a share of the picture's width or height."""
DETERMINERS = ARTICLES | POSSESSIVES
QUANTIFYING = frozenset(QUANTIFIERS.words())
_INSTEAD = table(
    instead="there instead|in its place|in their place|in his place|in her place|in place|in place of it|instead"
    "|in its stead|there"
)
_WAYS = frozenset(
    {"road", "street", "path", "track", "river", "pond", "lake", "field", "bed", "sofa", "table", "beach"}
)
_WAYS |= {"sidewalk", "pavement", "highway", "pool", "trail", "railway", "court"}
"""What has sides that something is beside, and none that it is on."""
_LEDGES = frozenset({"windowsill", "sill", "ledge", "shelf", "mantel", "mantelpiece", "railing", "rail"})
"""Along which something stands on it."""
_GROUNDS = (
    _WAYS | SCENERY | NATURE | frozenset({"base", "stage", "platform", "lawn", "water", "shore", "dock", "runway"})
)
"""Where somebody is who does something, and what does nothing itself."""
_DONE = STATES | PARTICIPLES | DOING_TO | {"heading"}
_LOADED = frozenset({"truck", "pickup", "van", "car", "bus", "boat", "cart", "trailer", "wagon", "jeep"})
"""What has a back that something is put in."""
PURPOSES = word_set(
    """make create restore match blend give achieve show let reveal keep get have allow enhance improve emphasize reduce
    increase add highlight complete balance"""
)
"""Verbs that say what for: "to create a bokeh effect"."""
_HOLD_THINGS = word_set("bag hat boot shoe glove sock helmet backpack cap mask")
"""What somebody has on, and what something may be put in."""
_GARMENTS = frozenset(
    {"jacket", "shirt", "dress", "coat", "cardigan", "sweater", "vest", "hoodie", "apron", "blouse", "suit"}
)
_ALL_AROUND = frozenset({"environment", "surroundings", "surrounding", "setting", "scenery", "atmosphere", "viewpoint"})
_VAGUELY = word_set(
    """forward backward forwards backwards further farther closer nearer slightly back aside apart together away higher
    lower"""
)
_ORDERS = frozenset({"row", "line", "pair", "group", "circle", "cluster", "pile", "column", "formation", "order"})
_SPOT_WORDS = frozenset({"in", "on", "at", "to", "into", "towards", "toward", "near", "across", "along"})


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
                if _is_worn(goal[0], self.words[place]) and any(map(self._may_begin, range(place + 1, self.end))):
                    # "the person in the black shirt closer to the bridge"
                    continue
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
            or (
                word == "right" and place + 1 < self.end and self.words[place + 1] in ("next", "behind", "in", "beside")
            )
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
        if self.words[place : self.end] and self.words[-1] in ("corner", "edge", "side") and place + 2 <= self.end:
            said = self.clause.raw(place, self.end)
            return refusal(f"Which {self.words[-1]} is meant by '{said}' is not said")
        vague = place < self.end and self.words[place] in _VAGUELY
        return refusal("Where to move is not said") if place >= self.end or vague else Misread(place)

    def goal_at(self, place: int) -> tuple[Goal, int] | None:
        """The place that begins there, and where it ends."""
        if place >= self.end:
            return None
        offset = self._offsets(place) or self._nudge(place)
        if offset is not None:
            return offset
        beside = RELATIONS.at(self.words, place + 1, self.end)
        if self.words[place] == "right" and beside is not None and beside[0] in ("next_to", "behind", "in_front_of"):
            # "right next to the sofa"
            place += 1
        degree = DEGREES.at(self.words, place, self.end)
        if degree is not None and self.words[place + degree[1] : place + degree[1] + 1] in (("closer",), ("nearer",)):
            # "a little closer to the woman"
            place += degree[1]
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
            after = side + 1 + (self.words[side + 1 : side + 2] == ("side",))
            after = side + 3 if self.words[side + 1 : side + 3] == ("hand", "side") else after
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
        if relation is None or relation[0] in ("with_", "from_", "belongs") or self.words[place] == "from":
            return None
        self.last_place = place + relation[1]
        on_it = self.words[place : self.end] == ("on", "top") and not self.clause.is_all
        if on_it:
            # "put a piano there, then a metronome on top"
            it = Phrase(special="pronoun", words="it", raw="it")
            return Goal("relation", "on_top", anchors=(it,), words="on top"), self.end
        spot = self._spot(place)
        if spot is not None and (relation[0] in ("in_", "on", "at") or self.words[place] in ("near", "by", "along")):
            return spot
        anchor = self._anchor(place + relation[1])
        if (
            anchor is None
            or anchor[0].head == "viewpoint"
            or (anchor[0].head in _ORDERS and not anchor[0].determiners and self.words[place] == "in")
        ):
            # "in rows" is how they stand
            return None
        if (
            anchor[0].head in ("viewer", "camera")
            and self.words[place].startswith(("close", "near"))
            and (self.np.labels.at((anchor[0].head,), 0) is None)
        ):
            words = self.clause.spelled(place, anchor[1])
            raise refusal(f"'{words}' is no place in the picture; say how much larger it is to be")
        if self.np.labels.at(("frame",), 0) is None:
            anchor = _of_the_picture(anchor[0], self.words[place + relation[1] - 1]), anchor[1]
        if spot is not None and anchor[0].special == "picture":
            # "on the left side of the image"
            return spot
        words = self.clause.spelled(place, anchor[1])
        kind = self._kind_of(relation[0], place, anchor[0])
        if anchor[0].special == "picture" and "edge" in self.words[place : place + relation[1]]:
            raise refusal(f"Which edge '{words}' means is not said; say left, right, top or bottom")
        if anchor[0].head == "side" and "other" in anchor[0].determiners:
            raise refusal(f"Which side '{words}' is was not understood; say left, right, in front or behind")
        return Goal("relation", kind, anchors=(anchor[0],), words=words), anchor[1]

    def _kind_of(self, relation: str, place: int, anchor: Phrase) -> str:
        """How something stands to what a place refers to, by what that is."""
        begins = self.words[place : place + 4]
        if begins == ("in", "the", "back", "of") and anchor.head in _LOADED:
            return "inside"
        if begins[0] == "along" and anchor.head in _LEDGES:
            return "on"
        if begins == ("on", "the", "side", "of") and anchor.head not in _WAYS | PEOPLE and not anchor.special:
            # on its wall, and not beside it
            return "on"
        if begins[1:] == ("the", "front", "of") and begins[0] in ("to", "on") and anchor.head in _GARMENTS:
            return "on"
        return "left_of" if anchor.written and begins[0] == "before" else relation

    def _anchor(self, place: int) -> tuple[Phrase, int] | None:
        """What a place refers to; "on the ground spraying water" speaks of the ground alone, as that does nothing."""
        anchor = self.np.phrase(place, self._before_remark(place))
        if anchor is None:
            return None
        within = next((k for k in range(place + 1, anchor[1]) if self.words[k] == "with"), None)
        its = within is not None and self.words[within + 1] in POSSESSIVES
        new = within is not None and self.words[within + 1] != "the" and self.words[anchor[1] - 1] in ("it", "them")
        if within is not None and (its or new):
            # "a pond in the garden with fish in it": they are in the pond
            return self.np.phrase(place, within)
        if anchor[0].head not in _GROUNDS:
            return anchor
        done = (k for k in range(place + 1, anchor[1]) if self.words[k].endswith("ing") and self.words[k] in _DONE)
        doing = next((k for k in done if singular(self.words[k - 1]) == anchor[0].head), None)
        return anchor if doing is None else self.np.phrase(place, doing)

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
            if self.words[place] == "to" and place + 1 < self.end and self.words[place + 1] in PURPOSES:
                # "to add to the mood"
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
        if _is_worn(goal[0], word) and not goal[0].anchors[0].determiners:
            # "a child in pink clothing"
            return None
        return goal if all(_is_there(anchor) for anchor in goal[0].anchors) else None

    def _is_purpose(self, place: int) -> bool:
        """Whether a bare word stands there before a determiner, so that it is a verb: "to accompany the man"."""
        words = self.words
        if place + 1 < self.end and words[place] in PURPOSES and words[place] not in ("match", "balance", "highlight"):
            return True
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
        if read[0].head in _ALL_AROUND and len(read[0].noun) == 1:
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


def _is_worn(goal: Goal, word: str) -> bool:
    """Whether "in …" says what somebody has on, and no place."""
    if word != "in" or goal.kind != "relation":
        return False
    return goal.anchors[0].owner is None and goal.anchors[0].head in CLOTHES - _HOLD_THINGS


def _of_the_picture(anchor: Phrase, before: str) -> Phrase:
    """The picture for the frame in "the center of the frame"; other phrases as they are."""
    plain = anchor.noun == ("frame",) and not (anchor.looks or anchor.ranks or anchor.posts or anchor.owner)
    return replace(anchor, special="picture", noun=("picture",)) if plain and before == "of" else anchor


def _is_there(anchor: Phrase) -> bool:
    """Whether a phrase speaks of what is there already, and not of more that is new."""
    return not anchor.is_indefinite or bool(anchor.owner and not anchor.owner.is_indefinite)
