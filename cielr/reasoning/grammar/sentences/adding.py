"""Sentences with something new in them, and where it goes: "add a dog next to the bench", "give the man a hat"."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from ....core.inflection import singular
from ..nouns.phrases import Phrase, Selection
from ..words.doings import STATES
from ..words.synonyms import BEASTS, CLOTHES, PEOPLE
from ..words.tokens import Clause, refusal
from ..words.vocabulary import BIGGER, COMPARED, RELATIONS, SMALLER, word_set
from .all_over import WEATHER, WHOLES, AllOver
from .becoming import BODY_PARTS
from .texts import colour_text, head_place, is_style
from .transforming import TINTS
from .wishes import Goal, Misread, Wish

_IN_PLACE_OF = (("in", "place", "of"), ("in", "the", "place", "of"), ("in", "lieu", "of"))
_ODD = word_set("except excluding instead vice until nothing removing replacing replaces")
"""Words that say more than what is to be added."""
_NO_NAMES = (("another",), ("another", "one"), ("one",), ("one", "more"), ("two",), ("three",), ("some",))
"""What names no thing, and is said of one that was named before."""
_STANDS = word_set("is are was were stands stand stood sits sit sat lies lie lay hangs hang hung")
_LAID = word_set(
    """blanket tablecloth sheet towel cloth rug tarp cover net curtain scarf shawl tape ribbon collar rope chain band
    bandage wreath belt bow garland lei bandana"""
)
"""What lies on that which it is over, around or beside."""
_COMING = word_set(
    """coming growing hanging hang peeking emerging rising dripping flowing pouring leaking sticking shining jumping
    leaping"""
)
"""What something does that is where it comes from."""
_UNTOUCHED = tuple(
    f"without {verb} " for verb in ("changing", "touching", "altering", "affecting", "moving", "editing")
)
_POINTING = frozenset({"here", "there", "where"})
_ALL_AROUND = word_set("sky air water sea ocean lake pond river grass field lawn snow sand")
"""Where something is that stands by something else there."""
_NEAR = frozenset({"above", "below", "behind", "in_front_of", "left_of", "right_of"})
_LIES = word_set("standing lying hanging sitting leaning resting running")
"""What a place does, too: the rug lying by the door."""
_BUILT_IN = word_set(
    "frame roof wheel door window handle wall floor fur mane skin scale feather petal leaf hull chimney"
)
"""What a thing has that is no addition to it."""
_LOOKS = TINTS | word_set(
    """nose mouth lips chin eyebrows eyelashes ears cheeks muscles abs
    hair expression look smile eyes pattern texture finish appearance glow shine tan outline background sheen hue
    feel vibe mood atmosphere haircut hairstyle shave contrast brightness saturation"""
)
"""What somebody is given without something being put on him."""


class Adding(AllOver):
    """ "add a dog next to the bench", "a star above the cake and a moon below it", "give the man a hat"."""

    def _add(self, start: int) -> list[Wish]:
        """What is new is the painter's own text, up to where it goes."""
        first = self.np.phrase(start, self.end)
        if first is not None and first[0].special == "pronoun":
            raise Misread(start)
        if first is not None and first[0].special == "picture" and self.words[start] != "a":
            # "add the whole image to a billboard"
            raise refusal(f"'{first[0].words}' cannot be put into itself")
        if self.words[start] in ("that", "those") and first is not None and first[0].has_noun:
            raise refusal(f"'{first[0].words}' is there already; say 'move' or 'copy'")
        if self.words[start - 1] in ("build", "construct") and self.words[start] == "the":
            raise Misread(start)
        if read := self._in_place_of(start) or self._pointing(start):
            return read
        self._check_new(start)
        goal, begin, after = self._place_of(start)
        if begin == start + 1 and self.words[start] in ("a", "an", "the"):
            raise refusal("What is to be added is not said")
        if spread := self._all_over(start, begin, goal, after):
            return spread
        rest = self._said_besides(after)
        if others := self._other_anchors(goal, after):
            return self._put_on_each(Selection((*goal.anchors, *others), words=goal.words), (start, begin))
        more = self._more_of(start, begin, after)
        rest = "" if more else rest
        wishes = []
        for first, last in self._new_things(start, begin):
            said = self.clause.raw(first, last)
            if not said:
                raise Misread(first if first < self.end else None)
            if self.words[first:last] in _NO_NAMES or ("and", "the") in pairwise(self.words[first:last]):
                raise refusal(f"What '{said}' is was not understood in '{self.clause.spelled()}'")
            text = f"{said}, {rest}" if rest else said
            free = ((first, last), (after, self.end)) if after < self.end else ((first, last),)
            free += ((begin, after),) if goal.kind == "instead" else ()
            wishes.append(self._wish("add", paints=True, free=free, text=text, new=self._new(first, last), goal=goal))
        return [*wishes, *more]

    def _place_of(self, start: int) -> tuple[Goal, int, int]:
        """(where something new goes, where its own words end, where the place ends)."""
        goal, begin, after = self.goals.of_new(start)
        if goal.kind == "somewhere" and (source := self._coming_from(start)) is not None:
            goal = source
        head = singular(self.words[head_place(self.clause, start, begin)])
        if (head in _LAID and goal.relation in ("above", "next_to")) or self._is_over(head, goal):
            # "a blanket over the bed", "a scarf around her neck", "an apron over his shirt"
            goal = replace(goal, relation="on")
        one = self.words[head_place(self.clause, start, self.end)] in ("one", "ones")
        if one and self.words[start] in ("a", "some") and goal.kind == "somewhere" and begin > start + 2:
            # "remove the sofa and put in a new one"
            goal = Goal("instead", words=self.clause.spelled(start, self.end))
        return self._placed_alone(goal, begin, after)

    def _placed_alone(self, goal: Goal, begin: int, after: int) -> tuple[Goal, int, int]:
        """The place without what is said of the new thing behind it: "in the garden with a red scarf", "in grey"."""
        if goal.kind != "relation" or len(goal.anchors) != 1:
            return goal, begin, after
        anchor = goal.anchors[0]
        if goal.relation == "in_" and not anchor.noun and not anchor.special and anchor.looks:
            # "a new sofa in grey"
            return Goal("somewhere"), after, after
        post = anchor.posts[-1] if anchor.posts and anchor.owner is None and not anchor.special else None
        if post is None or anchor.head in PEOPLE | BEASTS:
            return goal, begin, after
        first = post.words.split()[0]
        said = next((k for k in range(begin + 1, after) if self.words[k] == first), after)
        apart = self.words[said - 1] == ","
        near = post.relation in _NEAR or (apart and post.relation == "next_to")
        beside = post.anchors[0] if post.anchors and near else None
        around = anchor.head in _ALL_AROUND or apart
        if around and beside is not None and not (beside.is_indefinite or beside.is_plural):
            # "in the sky above the castle"
            return Goal("relation", post.relation, anchors=post.anchors[:1], words=post.words), begin, after
        new = not any("the" in named.determiners or named.owner for named in post.anchors)
        has = post.relation == "with_" and bool(post.anchors) and new
        does = post.kind == "remark" and first in STATES - _LIES
        if not (has or does):
            return goal, begin, after
        said -= apart
        alone = replace(anchor, posts=anchor.posts[:-1], words=self.clause.spelled(begin + 1, said))
        return replace(goal, anchors=(alone,)), begin, said

    @staticmethod
    def _is_over(head: str, goal: Goal) -> bool:
        """Whether something lies on what it is over: an apron over a shirt, fog over a lake; nothing that is above."""
        if goal.relation != "above" or not goal.words.startswith("over "):
            return False
        if goal.anchors[0].head in ("face", "eye", "mouth", "nose", "chest", "body", "shoulder"):
            return True
        return head in WEATHER or (head in CLOTHES and goal.anchors[0].head in CLOTHES)

    def _said_besides(self, place: int) -> str:
        """What is said of something new after its place; nothing where it says that all else stays as it is."""
        rest = self.clause.raw(place, self.end).lstrip(", ")
        return "" if rest.startswith(_UNTOUCHED) else rest

    def _coming_from(self, start: int) -> Goal | None:
        """Where "smoke coming out of the oven" is; None for other texts."""
        for place in range(start + 2, self.end - 2):
            out = self.words[place : place + 2] == ("out", "of")
            if not out and self.words[place] not in ("from", "off"):
                continue
            source = self.np.phrase(place + 1 + out, self.end)
            # "laser beams from her eyes"
            of_body = source is not None and singular(source[0].head) in BODY_PARTS and source[0].owner is not None
            comes = self.words[place - 1] in _COMING or of_body
            if not comes:
                continue
            spot = self.np.spot_words(place + 1 + out, self.end)
            if spot is not None and spot[2] >= self.end:
                # "coming from the left"
                return Goal("spot", sides=spot[0], words=self.clause.spelled(place, self.end))
            there = source is not None and (source[0].determiners & {"the", "this", "that"} or source[0].owner)
            if source is not None and there and not source[0].special:
                return Goal("relation", "on", anchors=(source[0],), words=self.clause.spelled(place, source[1]))
        return None

    def _pointing(self, start: int) -> list[Wish]:
        """ "an arrow pointing to the dog" stands beside it; nothing for other texts."""
        points = next((k for k in range(start + 1, self.end - 2) if self.words[k] in ("pointing", "points")), None)
        at = None if points is None or self.words[points + 1] not in ("to", "at") else self._whole(points + 2, self.end)
        if points is None or at is None:
            return []
        goal, text = Goal("relation", "next_to", anchors=at.items[:1], words=at.words), (start, self.end)
        new = self._new(start, points)
        return [self._painted("add", text, text=self.clause.raw(*text), new=new, goal=goal)]

    def _other_anchors(self, goal: Goal, place: int) -> tuple[Phrase, ...]:
        """The woman of "add a hat to the man and the woman"; nothing for other texts.

        Raises:
            NotUnderstood: where one thing may be meant beside them all.
        """
        if goal.kind != "relation" or place + 1 >= self.end or self.words[place] not in ("and", ","):
            return ()
        others = self._whole(place + 1 + (self.words[place + 1] == "and"), self.end)
        if others is None or not all(item.determiners & {"the"} or item.owner is not None for item in others.items):
            return ()
        if goal.relation not in ("on", "on_top"):
            raise refusal(f"Whether each of '{goal.words} and {others.words}' is to have one is not said")
        return others.items

    def _more_of(self, start: int, begin: int, after: int) -> list[Wish]:
        """What "and a cat on the rug" and "and on the roofs" add as well, after the place of what is new.

        Raises:
            NotUnderstood: where it is not said what is added there.
        """
        if after + 2 >= self.end or self.words[after] not in ("and", ","):
            return []
        place = after + 1 + (self.words[after] == "," and self.words[after + 1] == "and")
        also = self.words[place - 1] == "and"
        if also and self.words[place] == "one":
            raise refusal(f"'{self.clause.raw(place, self.end)}' is another wish; say it in a sentence of its own")
        bare = self.np.phrase(place, self.end, frozenset({"on", "in", "at", "to"}))
        many = bare is not None and not bare[0].determiners and bool(bare[0].noun) and not bare[0].special
        many = many and not self.words[place].endswith("ing")
        if also and (many or self.words[place] in ("a", "an", "another", "two", "three", "four", "five")):
            if self.goals.of_new(place)[0].kind != "somewhere":
                named = self.words[head_place(self.clause, start, begin)]
                return [_called(wish, named) for wish in self._add(place)]
            on = self.goals.of_new(start)[0]
            worn = on.relation == "on" and self._whole(place, self.end) is not None
            return [self._new_on(on, (place, self.end))] if worn else []
        if self.words[place] in ("a", "an") and _is_at_a_thing(self.goals.of_new(place)[0]):
            # "a dog on the sofa, a bird on the tv and a mouse under the table"
            return self._add(place)
        again = self.goals.new_at(place)
        more = self._more_of(start, begin, again[1]) if again is not None and again[1] < self.end else []
        # a comma alone goes on with the same place: "in the foreground, near the middle"
        if again is None or ((again[1] < self.end or not also) and not more):
            return []
        said = self.clause.raw(start, begin)
        new = self._new(start, begin)
        return [self._wish("add", paints=True, free=((start, begin),), text=said, new=new, goal=again[0]), *more]

    def _new_on(self, goal: Goal, span: tuple[int, int]) -> Wish:
        """What is put on the same thing besides: "a crown on the frog, and a cape"."""
        text = self.clause.raw(*span)
        return self._wish("add", paints=True, free=(span,), text=text, new=self._new(*span), goal=goal)

    def _check_new(self, start: int) -> None:
        """That a new thing and a place in the picture are spoken of.

        Raises:
            NotUnderstood: for "here" and "where I point", and for sums.
        """
        pointed = "where" if "where" in self.words[start:] else self.words[-1]
        if pointed in _POINTING and not (pointed == "there" and not self.clause.is_all):
            raise refusal(f"Where '{pointed}' is was not understood")
        words = self.words
        for place in range(start + 1, self.end - 2):
            joins = words[place] in (",", "and") and words[place + 1] in ("one", "another")
            if joins and RELATIONS.at(words, place + 2, self.end) is not None:
                rest = self.clause.raw(place + 1, self.end)
                raise refusal(f"'{rest}' is another wish; say it in a sentence of its own")
        here = next((k for k in range(start, self.end) if self.words[k] == "here"), self.end - 1)
        written = self.clause.raw(here, here + 1).istitle()
        if self.words[here] == "here" and not written and RELATIONS.at(words, here + 1, self.end) is None:
            raise refusal("Where 'here' is was not understood")
        odd = next((word for word in self.words[start:] if word in _ODD), None)
        if odd is not None and self.words[self.end - 1] != "instead" and not self.clause.tokens[start].is_letters:
            raise refusal(f"What '{odd}' says in '{self.clause.spelled()}' was not understood")
        if self.words[start] in ("something", "anything", "stuff"):
            raise refusal(f"What '{self.words[start]}' is in '{self.clause.spelled()}' is not said")
        if (",", "no") in pairwise(self.words[start:]):
            raise refusal(f"What 'no' says in '{self.clause.spelled()}' was not understood")
        if self.clause.tokens[start].kind == "number" and self.words[start + 1 : start + 2] == ("to",):
            raise refusal(f"'{self.clause.raw(start, self.end)}' is a sum, and what it comes to is not said")

    def _in_place_of(self, start: int) -> list[Wish]:
        """ "put a robot in the place of the lady", "a bench where the bicycle is"."""
        for place in range(start + 1, self.end - 2):
            size = next((len(words) for words in _IN_PLACE_OF if self.words[place : place + len(words)] == words), 0)
            lies = self.words[self.end - 2] in _STANDS and self.words[self.end - 1].endswith("ing")
            stands = int(self.words[self.end - 1] in _STANDS) or 2 * lies if self.words[place] == "where" else 0
            old = self._whole(place + (size or 1), self.end - stands) if size or stands else None
            if old is not None:
                new = (start, place)
                said = self.clause.raw(*new)
                return [self._painted("replace", new, targets=old, text=said, new=self._new(*new))]
        return []

    def _create(self, start: int) -> list[Wish]:
        """ "create an image in the style of …" is about the whole picture, "create a bench by the door" is not."""
        goal, begin, _ = self.goals.of_new(start)
        end = next((k for k in range(start, begin) if self._is_said_of(k)), begin)
        placed = goal.kind == "between" or (goal.kind == "relation" and goal.relation not in ("in_", "inside"))
        anchored = goal.kind == "spot" or (placed and not goal.anchors[0].special)
        if not anchored and any(word in WHOLES for word in self.words[start:end]):
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        if self.words[start] == "the":
            raise Misread(start)
        return self._add(start)

    def _is_said_of(self, place: int) -> bool:
        """Whether what follows is said of a noun before it."""
        word = self.words[place]
        return word in ("of", "that", "using", "reminiscent") or RELATIONS.at(self.words, place, self.end) is not None

    def _new_things(self, start: int, end: int) -> list[tuple[int, int]]:
        """ "a cup and a plate" are two; "a vase with a rose and a lily" is one."""
        spans, begin = [], start
        for place in range(start, end):
            if self.words[place] in ("with", "of", "wearing", "holding", "between"):
                break
            joins = self.words[place] in ("and", ",") and begin <= place < end - 1
            if joins and self.words[place + 1] in ("a", "an", "another"):
                spans.append((begin, place))
                begin = place + 1
            elif self.words[place : place + 3] in ((",", "and", "a"), (",", "and", "an")):
                spans.append((begin, place))
                begin = place + 2
        return [*spans, (begin, end)]

    def _give(self, start: int) -> list[Wish]:
        """ "give the man a hat", "give the picture a sepia look", "provide the dog with a collar"."""
        if self.words[start] in ("me", "us"):
            raise Misread(start)
        to = next((k for k in range(start + 1, self.end - 1) if self.words[k] == "to"), None)
        if to is not None and self.words[to + 1] in STATES and start + 2 < to == self.end - 2:
            # "give her a skirt to wear"
            given = type(self)(Clause(self.clause.text, self.clause.tokens[:to]), self.np.labels)._give(start)
            return [replace(wish, clause=self.clause, free=(*wish.free, (to, self.end))) for wish in given]
        if to is not None and (owner := self._whole(to + 1, self.end)) is not None:
            given = self._whole(start, to)
            if given is not None and all(
                item.special == "pronoun" or "the" in item.determiners for item in given.items
            ):
                # "give the umbrella to the man"
                goal = Goal("relation", "on", anchors=owner.items[:1], words=owner.words)
                return [self._wish("move", targets=given, goal=goal)]
            # "give wings to the elephant"
            return self._put_on_each(owner, (start, to))
        begins = [self.words[k] in ("a", "an", "some", "with", "the", "two", "three") for k in range(self.end)]
        # "give the man's left hand a glove": where no article stands between, what is given is short
        places = [k for k in range(start + 1, self.end) if begins[k]]
        for place in places or range(max(start + 1, self.end - 3), self.end):
            owner = self._whole(start, place)
            if owner is None:
                continue
            text = (place + (self.words[place] == "with"), self.end)
            if text[0] >= text[1]:
                break
            return self._given(owner, text)
        raise Misread(None)

    def _given(self, owner: Selection, text: tuple[int, int]) -> list[Wish]:
        """What somebody is to have: a hat is put on him, red hair is a look of his.

        Raises:
            NotUnderstood: where somebody else is to have something, too.
        """
        others = ("the", "him", "her", "them", "his", "their", "its", "my")
        joint = next((k for k in range(*text) if self.words[k] in ("and", ",") and self.words[k + 1] in others), None)
        if "instead" in self.words[text[0] : text[1]]:
            raise refusal(f"What 'instead' says in '{self.clause.spelled()}' was not understood")
        if self.words[text[0] : text[1]] in (("a",), ("an",), ("the",), ("some",)):
            raise Misread(None)
        if self.words[text[0]] in ("something", "anything"):
            raise refusal(f"What '{self.words[text[0]]}' is in '{self.clause.spelled()}' is not said")
        if joint is not None:
            raise refusal(f"'{self.clause.raw(joint + 1, text[1])}' is another wish; say it in a sentence of its own")
        there = self._whole(*text) if self.words[text[0]] in ("the", "his", "her", "their") else None
        if there is not None and all(item.has_noun for item in there.items) and owner.only is not None:
            if any(item.noun and singular(item.noun[0]) in BODY_PARTS for item in there.items):
                raise refusal(f"'{there.words}' cannot be given to '{owner.words}'; say what it is to look like")
            # "give the man the woman's hat"
            goal = Goal("relation", "on", anchors=owner.items, words=owner.words)
            return [self._wish("move", targets=there, goal=goal)]
        head = self.words[head_place(self.clause, *text)]
        only = owner.only
        if only is not None and (only.special in ("picture", "background") or is_style(self.clause, *text)):
            return [self._modified(owner, text)]
        said = set(self.words[text[0] + 1 : text[1]][:1])
        grown = self.words[text[0]] in ("a", "an") and bool(said & (COMPARED | BIGGER | SMALLER))
        if grown and singular(head) in BODY_PARTS:
            # "a longer beard" than the one he has
            return [self._modified(owner, text, "free", f"with {self.clause.raw(*text)}")]
        if head in TINTS and (colour := colour_text(self.clause, *text)):
            return [self._wish("look", targets=owner, text=colour)]
        if head in _LOOKS:
            return [self._modified(owner, text, "free")]
        if self._is_built_in(owner, head, text):
            # "give the bike a turquoise frame"
            return [self._modified(owner, text, "free", f"with {self.clause.raw(*text)}")]
        return self._put_on_each(owner, text)

    def _is_built_in(self, owner: Selection, head: str, text: tuple[int, int]) -> bool:
        """Whether what is given is how a part of it is to be: "give the bike a turquoise frame", not "a wheel"."""
        given = self.np.phrase(*text)
        if given is None or singular(head) not in _BUILT_IN or any(item.head in PEOPLE for item in owner.items):
            return False
        return bool(given[0].looks) and "the" not in given[0].determiners and given[0].owner is None

    def _put_on_each(self, owner: Selection, text: tuple[int, int]) -> list[Wish]:
        """What is new, on each of the things that are named."""
        goals = [Goal("relation", "on", anchors=(item,), words=owner.words) for item in owner.items]
        spans = self._new_things(*text)
        return [
            self._painted("add", text, text=self.clause.raw(*span), new=self._new(*span), goal=goal)
            for goal in goals
            for span in spans
        ]

    def _put_on(self, start: int) -> list[Wish]:
        return self._add(start)


def _called(wish: Wish, noun: str) -> Wish:
    """ "a brown one" as a brown horse, beside a white horse."""
    if wish.new is None or wish.new.has_noun:
        return wish
    new = replace(wish.new, noun=(noun,), words=f"a {noun}", raw=noun)
    return replace(wish, text=re.sub(r"\bone\b", noun, wish.text, count=1), new=new)


def _is_at_a_thing(goal: Goal) -> bool:
    """Whether a place is at something that is there: on the tv, not in his hands."""
    return goal.kind == "relation" and "the" in goal.anchors[0].determiners and goal.anchors[0].owner is None
