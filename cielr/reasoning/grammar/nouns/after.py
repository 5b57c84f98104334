"""What is said of a thing after its noun: places, rows, relations, and in which order it is counted."""

from __future__ import annotations

from dataclasses import replace

from ..words.synonyms import CLOTHES
from ..words.vocabulary import (
    ARTICLES,
    DIRECTLY,
    NUMBERS,
    ORDINALS,
    PICTURE_WORDS,
    RELATIONS,
    ROWS,
    SIDE_NOUNS,
    SIDES,
    SUPERLATIVES,
    WHICH,
)
from .before import FLANKS, IDLE, NounWords
from .phrases import Phrase, Post, Rank

_HOLDING = frozenset({"holding", "wearing", "carrying", "using", "eating", "riding", "pushing", "pulling", "reading"})
_OF_PICTURE = frozenset({"of", "in", "from", "within", "inside", "on", "across", "throughout", "at"})


class NounPosts(NounWords):
    """Reads what follows a noun; what it refers to is a phrase again."""

    def phrase(self, start: int, end: int, stops: frozenset[str] = frozenset()) -> tuple[Phrase, int] | None:
        """(the noun phrase, where it ends); None where none begins there."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------------ after the noun

    def _post(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """What is said of the thing at a place, and where that ends."""
        if self.words[place] in stops:
            return None
        if self.clause.tokens[place].kind == "quoted":
            close = next((k for k in range(place, end) if self.clause.tokens[k].kind != "quoted"), end)
            return Post("aside", self.clause.spelled(place, close)), close
        if self.words[place] == "(":
            close = next((k for k in range(place, end) if self.words[k] == ")"), None)
            return None if close is None else (Post("aside", self.clause.spelled(place, close + 1)), close + 1)
        if size := self._picture_size(place, end):
            return Post("whole", self.clause.spelled(place, place + size)), place + size
        for read in (self._row, self._spot, self._counted, self._held):
            post = read(place, end)
            if post is not None:
                words = self.clause.spelled(place, post[1])
                return replace(post[0], words=post[0].words or words), post[1]
        post = self._related(place, end, stops)
        if post is None:
            return None
        return replace(post[0], words=post[0].words or self.clause.spelled(place, post[1])), post[1]

    def _past_which(self, place: int, end: int) -> int:
        which = WHICH.at(self.words, place, end)
        if which is not None:
            return place + which[1]
        # "that leans against the barn": what it does there says nothing of where
        does = self._is(place, end, "that", "which", "who") and place + 2 < end and self.words[place + 1].endswith("s")
        return place + 2 if does and RELATIONS.at(self.words, place + 2, end) is not None else place

    def _past_participles(self, place: int, end: int) -> int:
        """Past "is sitting", "standing still", "prominently placed"."""
        while place < end and self._is_participle(place, end):
            self.steps += 1
            place += 1
        return place

    def _picture_size(self, place: int, end: int, to: bool = False) -> int:
        """How many words "in the picture", "of the whole image" take there, or "to the picture"; 0 where none are."""
        if place >= end or (self.words[place] not in _OF_PICTURE and not (to and self.words[place] == "to")):
            return 0
        after = place + 1
        while after < end and (self.words[after] in ("the", "this", "my", "whole", "entire", "your")):
            after += 1
        if after >= end or self.words[after] not in PICTURE_WORDS:
            return 0
        if self.labels.at(self.singulars, after, end) is not None or not self._is_end(after + 1, end):
            return 0
        # "the frame of the picture", "the man in the picture on the wall" speak of a thing; "in picture" of all
        return after + 1 - place

    def past_picture(self, place: int, end: int, to: bool = False) -> int:
        return place + self._picture_size(place, end, to)

    def _past_articles(self, place: int, end: int) -> int:
        while place < end and (self.words[place] in ARTICLES or self.words[place] in IDLE):
            place += 1
        return place

    def _row(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "in the top row", "of the last row from the left", "in row 3"."""
        place = self._past_which(place, end)
        if place >= end or self.words[place] not in ("in", "of", "from", "on"):
            return None
        if self._is(place + 1, end, "row", "rows", "column"):
            across = self.words[place + 1] == "column"
            if place + 2 < end and (self.words[place + 2].isdigit() or self.words[place + 2] in NUMBERS):
                word = self.words[place + 2]
                number = int(word) if word.isdigit() else NUMBERS[word]
                return Post("row", ranks=(Rank("number", word, number),), across=across), place + 3
            return None
        row = self._row_words(self._past_articles(place + 1, end), end)
        if row is None:
            return None
        sides, ranks, across, after = row
        if ranks and (side := self._from_side(after, end)) is not None:
            far = {"top", "bottom"} if not across else {"left", "right"}
            if side[0] in far:
                sides, after = (side[0],), side[1]
        return Post("row", sides=sides, ranks=ranks, across=across), after

    def _from_side(self, place: int, end: int) -> tuple[str, int] | None:
        """ "from the left side" as (left, where it ends)."""
        if not self._is(place, end, "from"):
            return None
        after = self._past_articles(place + 1, end)
        if after >= end or self.words[after] not in SIDES or SIDES[self.words[after]] == "middle":
            return None
        if self.words[after] in ("background", "foreground"):
            return None
        side = SIDES[self.words[after]]
        after += 1
        counted = any(word in ORDINALS or word in SUPERLATIVES for word in self.words[:place])
        if (
            side in ("top", "bottom")
            and self._is(after, end, "of")
            and not counted
            and not self._picture_size(after, end)
        ):
            # "the books from the top of the shelf"
            return None
        if self._is(after, end, *SIDE_NOUNS):
            after += 1
            if self._is(after, end, "of") and not counted and not self._picture_size(after, end):
                # "from the right side of the head"
                return None
        if not self._is_end(after, end):
            return None
        return side, after

    def _counted(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "from the left", "second from the right"."""
        place = self._past_which(place, end)
        after = self._past_articles(place, end)
        ranks: tuple[Rank, ...] = ()
        if after < end and (rank := self._ordinal(after)) is not None:
            if after + 1 < end and self.words[after + 1] in ("one", "thing"):
                after += 1
            ranks, place = (rank,), after + 1
        if (side := self._from_side(place, end)) is None:
            return None
        return Post("counted", f"from the {side[0]}", sides=(side[0],), ranks=ranks), self.past_picture(side[1], end)

    def _spot(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "on the left", "in the top right hand corner of the picture", "in the background"."""
        place = self._past_participles(self._past_which(place, end), end)
        if place >= end or self.words[place] not in ("in", "on", "at", "to", "near", "toward", "towards", "from", "by"):
            return None
        read = self.spot_words(place + 1, end)
        grounds = self.words[read[2] - 1] in ("background", "foreground") if read is not None else False
        if read is None:
            return None
        sides, noun, after = read
        lies = (noun or self._picture_size(after, end) > 0) and not self._counts(place)
        if self.words[place] == "from" and len(sides) < 2 and not grounds and not lies:
            return None
        if self.words[place] == "to" and not (noun or self._picture_size(after, end)) and not set(sides) <= FLANKS:
            return None
        size = self._picture_size(after, end)
        if not size and (not self._is_end(after, end) or self._is(after, end, "of", "'s")):
            return None
        return Post("spot", sides=sides), after + size

    def spot_words(self, place: int, end: int) -> tuple[tuple[str, ...], bool, int] | None:
        """ "the far top right hand corner" as (its sides, whether a corner or side is named, where it ends)."""
        after = self._past_articles(place, end)
        after += after < end and self.words[after] in ("far", "very", "distant")
        sides: list[str] = []
        noun = False
        while after < end and len(sides) < 4:
            self.steps += 1
            # "the bottom left, foreground", "the center-left"
            parts = self.words[after].split("-")
            if self.words[after] in SIDES or (len(parts) == 2 and all(part in SIDES for part in parts)):
                sides += [SIDES[part] for part in ([self.words[after]] if self.words[after] in SIDES else parts)]
            elif sides and self.words[after] in SIDE_NOUNS:
                noun = True
            elif not (sides and self._is_more_spot(after, end)):
                break
            after += 1
        if not sides:
            return None
        return tuple(sides), noun, after

    def _counts(self, place: int) -> bool:
        """Whether something is counted before a place: "the second car" of "… from the left side"."""
        return any(word in ORDINALS or word in SUPERLATIVES or word in NUMBERS for word in self.words[:place])

    def _is_more_spot(self, place: int, end: int) -> bool:
        """Whether a comma there only parts two sides: "in the foreground, lower right"."""
        return (
            self.words[place] == ","
            and place + 1 < end
            and self.words[place + 1] in SIDES
            and self._is_end(place + 2, end)
        )

    def _related(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """Relations, "between", "closest to", "which is red", and what somebody does there."""
        began = place
        if self._is(place, end, "whose"):
            return self._whose(place, end, stops)
        place = self._past_which(place, end)
        which = place > began
        after = self._past_participles(place, end)
        doing = after > place
        if doing and (post := self._relation(after, end, stops)) is not None:
            return post
        if not doing and (post := self._relation(place, end, stops)) is not None:
            return post
        if doing:
            spot = self._spot(after, end)
            if (
                spot is None
                and self.words[after - 1].endswith("ing")
                and (done := self._done_to(place, after, end, stops))
            ):
                return done
            return spot if spot is not None else (Post("remark", self.clause.spelled(began, after)), after)
        if which and place < end and (look := self._look(place, end)) is not None:
            return Post("look", look=look[0]), place + look[1]
        return None

    def _held(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "the toy the child is holding": it is held by the child."""
        if not self._is(place, end, "the", "he", "she", "his", "her", "my"):
            return None
        who = self.phrase(place, end, frozenset({"is", "are", "was"}))
        if who is None or not self._is(who[1], end, "is", "are", "was") or not self._is(who[1] + 1, end, *_HOLDING):
            return None
        return Post("relation", self.clause.spelled(place, who[1] + 2), "belongs", anchors=(who[0],)), who[1] + 2

    def _whose(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """ "whose shirt is green": somebody with a green shirt."""
        worn = self.phrase(place + 1, end, stops | {"is", "are"})
        if worn is None or not self._is(worn[1], end, "is", "are") or worn[1] + 1 >= end:
            return None
        look = self._look(worn[1] + 1, end)
        if look is None:
            return None
        after = worn[1] + 1 + look[1]
        anchor = replace(worn[0], looks=(*worn[0].looks, look[0]))
        return Post("relation", self.clause.spelled(place, after), "with_", anchors=(anchor,)), after

    def _done_to(self, place: int, after: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        """ "riding the horse": somebody is with what it is done to."""
        anchor = self.phrase(after, end, stops) if after < end else None
        if anchor is None:
            return None
        anchors, after = self._had(anchor, end, stops) if self.words[place] == "wearing" else ((anchor[0],), anchor[1])
        return Post("relation", self.clause.spelled(place, after), "with_", anchors=anchors), after

    def _relation(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        if place >= end or self.words[place] in stops:
            return None
        directly = (
            self.words[place] in DIRECTLY
            and place + 1 < end
            and (self.words[place] != "right" or RELATIONS.at(self.words, place + 1, end) is not None)
        )
        directly = directly and (RELATIONS.at(self.words, place, end) is None or self.words[place] != "right")
        place += directly
        if self._is(place, end, "between") or self.words[place : place + 2] == ("in", "between"):
            return self._between(place + 1 + (self.words[place] == "in"), end, stops)
        if (outermost := self._furthest_to_a_side(place, end)) is not None:
            return outermost
        if size := self.is_nearest(place, end):
            rank = Rank("superlative", self.words[place], SUPERLATIVES[self.words[place]])
            anchor = self.phrase(place + size, end, stops)
            return None if anchor is None else (Post("closest", ranks=(rank,), anchors=(anchor[0],)), anchor[1])
        relation = RELATIONS.at(self.words, place, end)
        if relation is None or (relation[0] == "from_" and "from" in stops):
            return None
        anchor = self.phrase(place + relation[1], end, stops)
        if anchor is None and relation[0] == "behind" and self._is_end(place + 1, end):
            return Post("spot", sides=("back",)), place + 1
        if anchor is None:
            return None
        words = self.clause.spelled(place, anchor[1])
        # "in a suit and hat", but not "in a suit and a dog"
        some = anchor[0].is_indefinite or (anchor[0].head in CLOTHES and not anchor[0].determiners)
        worn = relation[0] == "in_" and some and self._is(anchor[1], end, "and")
        worn = worn and self._is_bare(anchor[1] + 1, end)
        anchors = (anchor[0],)
        anchors, after = self._had(anchor, end, stops) if relation[0] == "with_" or worn else (anchors, anchor[1])
        if relation[0] == "with_" and self._is(after, end, "on") and self._is_end(after + 1, end):
            # "with the green shirt on"
            after += 1
        return Post("relation", words, relation[0], directly, anchors), after

    def _is_bare(self, place: int, end: int) -> bool:
        """Whether something more that is worn stands there: "hat", "a light blue shirt"; nothing that is known."""
        read = self.phrase(place, end) if place < end and self.words[place] != "the" else None
        if read is None or read[0].head not in CLOTHES:
            return False
        plain = not (read[0].determiners - {"a", "an"} or read[0].special or read[0].owner or read[0].ranks)
        elsewhere = bool(read[0].posts) or "of" in read[0].noun
        return plain and bool(read[0].noun) and not read[0].number and not elsewhere

    def _had(self, first: tuple[Phrase, int], end: int, stops: frozenset[str]) -> tuple[tuple[Phrase, ...], int]:
        """All that somebody has: "with armrests and checkered upholstery", but not "with a lid and the lamp"."""
        anchors, after = [first[0]], first[1]
        while (begin := self._more_with(after, end, len(anchors) > 1)) > after:
            begin += len(anchors) > 0 and self._is(begin, end, "wearing", "holding", "carrying") and begin + 1 < end
            if self.words[begin] in ARTICLES - {"a", "an"} or self._is_verb_like(begin):
                break
            more = self.phrase(begin, end, stops)
            if more is None or not more[0].noun:
                break
            if self.words[after] == "," and not (more[0].is_indefinite or more[0].head in CLOTHES):
                break
            anchors.append(more[0])
            after = more[1]
        return tuple(anchors), after

    def _more_with(self, place: int, end: int, listed: bool) -> int:
        """Where what somebody has goes on: after "and", or a comma of a list; listed: whether it is one by now."""
        after = place
        if after < end and self.words[after] == ",":
            last = next((k for k in range(after + 1, min(after + 8, end)) if self.words[k] == "and"), after)
            plain = all(RELATIONS.at(self.words, k, end) is None for k in range(after + 1, last))
            after += last > after + 1 - listed and plain
        after += after < end and self.words[after] == "and"
        return after if after < end else place

    def _furthest_to_a_side(self, place: int, end: int) -> tuple[Post, int] | None:
        """ "furthest to the left", "farthest right": the first as one counts from there."""
        if self.words[place] not in ("furthest", "farthest"):
            return None
        after = place + 1 + self._is(place + 1, end, "to", "toward", "towards", "on", "at")
        read = self.spot_words(after, end)
        if read is None or len(read[0]) != 1 or read[0][0] in ("middle", "front", "back"):
            return None
        after = self.past_picture(read[2], end)
        side = read[0][0]
        return (Post("counted", f"from the {side}", sides=(side,)), after) if self._is_end(after, end) else None

    def _is_verb_like(self, place: int) -> bool:
        from ..words.clauses import begins_wish

        return begins_wish(self.words, place)

    def _between(self, place: int, end: int, stops: frozenset[str]) -> tuple[Post, int] | None:
        first = self.phrase(place, end, stops)
        if first is None:
            return None
        if not self._is(first[1], end, "and", "&"):
            # "between the two cups"
            return Post("between", anchors=(first[0],)), first[1]
        second = self.phrase(first[1] + 1, end, stops)
        if second is None:
            return None
        return Post("between", anchors=(first[0], second[0])), second[1]

    def _row_words(self, place: int, end: int) -> tuple[tuple[str, ...], tuple[Rank, ...], bool, int] | None:
        """ "top row", "second column", "last row" as (sides, ranks, whether columns, where it ends)."""
        if place + 1 >= end or self.words[place + 1] not in ROWS:
            return None
        word, across = self.words[place], self.words[place + 1].startswith("col")
        if word in SIDES:
            return (SIDES[word],), (), across, place + 2
        rank = self._ordinal(place)
        return None if rank is None else ((), (rank,), across, place + 2)
