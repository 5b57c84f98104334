"""Sentences with places: what is moved, recoloured, dressed, filled or opened."""

from __future__ import annotations

from dataclasses import replace

from ....errors import NotUnderstood
from ..nouns.phrases import Phrase, Post, Selection
from ..words.doings import STATES
from ..words.synonyms import CLOTHES
from ..words.tokens import Clause, refusal
from ..words.vocabulary import BACKGROUND_WORDS, RELATIONS, SIDE_NOUNS, word_set
from .all_over import UNNAMED
from .attributes import attribute_of
from .goals import PURPOSES, Goals
from .newcomers import Newcomers
from .parts import is_all
from .texts import SCENERY, colour_text, is_style
from .wishes import Goal, Misread, Wish

_NAMED = frozenset({"letter", "name", "number", "date"})
_TEXTS = word_set("words word text letters letter phrase slogan message sentence quote name number date initials")
_DEFINITE = frozenset({"the", "these", "those", "my", "your", "our", "all", "every", "both"})
_LEGGED = frozenset(
    {"clock", "watch", "lamb", "chicken", "turkey", "mannequin", "crane", "machine", "piano", "easel", "tripod"}
)
"""What has legs, arms or hands, and strikes no pose."""
_CARRIERS = word_set(
    """surfboard skateboard snowboard sled sleigh bike bicycle motorcycle motorbike scooter unicycle leash pedestal
    podium throne raft swing cloud board tray platter pillow cushion stage trampoline"""
)
"""What carries somebody and comes with him, where it is "a" one."""
_SIDEWAYS = (" to the left", " to the right")
_AIMS = frozenset({"focus", "capture", "emphasize", "display", "form", "represent", "reflect", "simulate", "suggest"})
_LIMBS = frozenset({"arm", "hand", "leg", "foot", "paw", "elbow", "knee", "finger"})
SURFACES = word_set(
    """table shelf desk counter countertop floor bed sofa couch chair bench plate tray roof ground grass wall windowsill
    mat rug carpet stove ledge nightstand dresser cupboard stool"""
)
"""What "to the shelf" is on."""
_ANYWHERE = frozenset({"new", "different", "another", "better", "other", "positions", "spots", "locations"})
_HOLDERS = word_set("bowl basket box cup bucket drawer fridge bag pot vase jar sink bin crate pool cage")
"""What "to the basket" is in, and not beside."""


class Placing(Newcomers):
    """ "put the spoon on the plate", "move the cat to the shelf", "fill the bowl with fruit"."""

    def _move(self, start: int) -> list[Wish]:
        if self.words[start - 1] == "bring" and (read := self.np.phrase(start, self.end)) and _is_new(read[0]):
            return self._add(start)
        if both := self._limb(start) or self._moves(start):
            return both
        start, whole = self._past_place_of(start), start
        selection, goal, place = self.goals.of_move(start)
        only = selection.only
        if goal is not None and start != whole and goal.words.split()[0] in ("in", "on", "at"):
            # "shift the position of the clouds in the sky" says where they are
            raise refusal("Where to move is not said")
        if only is not None and not self._is_in_scene(only) and (about := attribute_of(only)) and about[0] == "picture":
            raise refusal(f"'{only.words}' is nothing that could be moved")
        freely = only is not None and only.special == "pronoun"
        if (
            goal is None
            and place + 1 < self.end
            and self.words[place] == "to"
            and self._is_elsewhere(place + 1, freely)
        ):
            # "move the garden to outer space"
            return [self._painted("background", (place + 1, self.end), text=self.clause.raw(place + 1, self.end))]
        if goal is None and (beside := self._beside_what(selection, place)):
            return beside
        if goal is not None and goal.words.startswith(("on ", "in ")) and goal.words.endswith(_SIDEWAYS):
            # "the man on the skateboard to the left"
            raise refusal("How far to move is not said (such as '50 pixels to the left', or 'to the left edge')")
        if goal is None and set(self.words[place:]) & SIDE_NOUNS and set(self.words[place:]) & _ANYWHERE:
            raise refusal("Where to move is not said")
        if goal is None:
            raise self.goals.no_goal(selection, place)
        return self._finished(place, [self._wish("move", targets=selection, goal=goal)])

    def _limb(self, start: int) -> list[Wish]:
        """ "put his arm around her": somebody takes another pose; nothing for what can be moved."""
        read = self.np.phrase(start, self.end)
        if read is None or read[0].head not in _LIMBS or len(read[0].noun) > 1:
            return []
        exactly = "edge" in self.words or any(token.kind == "number" for token in self.clause.tokens)
        if exactly or self.words[0] in ("shift", "nudge", "relocate", "drag", "slide", "attach"):
            return []
        owner = read[0].owner
        if owner is None and "both" not in read[0].determiners:
            return []
        if owner is not None and owner.head in SURFACES | _LEGGED:
            # "the leg of the table"
            return []
        somebody = owner or replace(read[0], posts=())
        posed = Selection((somebody,), words=somebody.words)
        wish = self._modified(posed, (0, self.end), "free", self.clause.raw(0, self.end))
        return [replace(wish, free=((0, self.end),))]

    def _beside_what(self, selection: Selection, place: int) -> list[Wish]:
        """ "to the shelf" is on it, "to the basket" in it, "to the man" beside him; nothing for other words."""
        at = self.np.phrase(place + 1, self.end) if place + 1 < self.end and self.words[place] == "to" else None
        if at is None or at[1] < self.end or at[0].is_indefinite or at[0].special in ("picture", "background"):
            return []
        # "to the parking spot", but not "to the left position"
        side = at[0].head in SIDE_NOUNS and not (at[0].head == "spot" and len(at[0].noun) > 1)
        if side or self.words[place + 1] in STATES | PURPOSES | _AIMS:
            # "to show movement" is no place
            return []
        only = selection.only
        if only is not None and only.posts and only.posts[-1].relation == "from_":
            selection = replace(selection, items=(replace(only, posts=only.posts[:-1]),))
        relation = "on" if at[0].head in SURFACES else "in_" if at[0].head in _HOLDERS else "next_to"
        goal = Goal("relation", relation, anchors=(at[0],), words=self.clause.spelled(place, self.end))
        return [self._wish("move", targets=selection, goal=goal)]

    def _moves(self, start: int) -> list[Wish]:
        """ "put the vase on the rug and the cat on the table" is two moves; nothing where it is one."""
        for joint in range(start + 3, self.end - 3):
            if self.words[joint] != "and" or self.words[joint + 1] not in ("the", "his", "her", "its", "their", "my"):
                continue
            read = self.np.phrase(joint + 1, self.end)
            one = Goals(Clause(self.clause.text, self.clause.tokens[:joint]), self.np).of_move(start)
            rest = self.goals.of_move(joint + 1) if read is not None else None
            comma = self.words[joint - 1] == ","
            if rest is None or rest[1] is None or rest[2] < self.end or one[1] is None or one[2] < joint - comma:
                continue
            return [self._wish("move", targets=things, goal=goal) for things, goal, _ in (one, rest)]
        return []

    def _is_elsewhere(self, start: int, freely: bool = False) -> bool:
        """Whether a place is none in this picture: outer space, a beach, Las Vegas; freely: "a film" is one, too."""
        read = self.np.phrase(start, self.end)
        if read is None or read[1] < self.end or read[0].special:
            return False
        if freely and read[0].is_indefinite:
            return True
        named = not read[0].determiners and self.clause.raw(start, self.end)[:1].isupper()
        bare = not read[0].determiners and read[0].head in SCENERY
        return named or _is_new_setting(read[0]) or bare

    def _put(self, start: int) -> list[Wish]:
        """What is there is moved, what is new is added, and what is put into a setting gets another background."""
        if self.words[start : start + 2] in (("half", "a"), ("half", "an")):
            return self._add(start)
        read = self.np.phrase(start, self.end)
        if read is None and self.words[start] in ("a", "an"):
            # 'a sign saying "Stop"'
            return self._add(start)
        if read is None:
            raise Misread(start)
        phrase = read[0]
        new = _is_new(phrase)
        bare = not (phrase.determiners or phrase.special or phrase.owner or phrase.ranks)
        if both := self._limb(start) or self._moves(start):
            return both
        selection, goal, place = self._covering(start)
        if goal is not None and any("other" in anchor.determiners and not anchor.noun for anchor in goal.anchors):
            # "one shoe inside the other" is there already
            new = bare = False
        strewn = self.words[start - 1] in ("scatter", "sprinkle", "drape") and (new or bare)
        if strewn and not self._is_in_scene(phrase) and goal is not None and goal.relation == "above":
            anchored = replace(goal, relation="on")
            said = (start, self.goals.of_new(start)[1])
            new_thing = self._new(*said)
            return [self._painted("add", said, text=self.clause.raw(*said), new=new_thing, goal=anchored)]
        first = phrase.noun[0] if phrase.noun else ""
        # "the name Lucy", but "the name tag"
        words = first in _TEXTS and (first not in _NAMED or not phrase.raw.split()[-1].islower())
        words = words and len(phrase.noun) > 1
        if new or ((bare or words) and not self._is_in_scene(phrase)):
            # "put the words happy birthday at the top"
            return self._add(start)
        anchor = self.goals.last_place
        if goal is not None and goal.kind == "relation" and (behind := self._new_background(goal, anchor)):
            return behind
        within = goal is not None and goal.kind == "relation" and goal.relation in ("in_", "inside", "at", "on")
        freely = phrase.special == "pronoun" and self.clause.is_all and goal is not None and goal.relation != "on"
        freely = freely and goal is not None and not (goal.anchors and goal.anchors[0].head in SURFACES)
        worn = goal is not None and goal.relation in ("in_", "inside") and goal.anchors[0].head in CLOTHES
        if worn and goal is not None and "the" not in goal.anchors[0].determiners and goal.anchors[0].owner is None:
            # "put the man in a suit"
            return [self._modified(selection, (anchor, self.end), "free", f"in {self.clause.raw(anchor, self.end)}")]
        anywhere = goal.anchors[0] if goal is not None and goal.relation in ("in_", "inside") else None
        if (
            goal is not None
            and goal.relation in ("on", "on_top")
            and goal.anchors[0].noun
            and goal.anchors[0].head in _CARRIERS
        ):
            # "put the dog on a surfboard"
            anywhere = goal.anchors[0]
        new_place = anywhere is not None and anywhere.is_indefinite and not self._is_in_scene(anywhere)
        named = not phrase.special or (phrase.special == "pronoun" and not self.clause.is_all)
        if new_place and anywhere is not None and anywhere.head not in SCENERY and named and not freely:
            # "put the bird in a cage": there is none yet
            sizes = ((k, RELATIONS.at(self.words, k)) for k in range(max(anchor - 5, start), anchor))
            begin = next((k for k, at in sizes if at is not None and k + at[1] == anchor), anchor - 1)
            return [self._modified(selection, (begin, self.end), "free")]
        if within and goal is not None and (_is_new_setting(goal.anchors[0]) or self._is_elsewhere(anchor, freely)):
            return [self._painted("background", (anchor, self.end), text=self.clause.raw(anchor, self.end))]
        if goal is None:
            raise self.goals.no_goal(selection, place)
        return self._finished(place, [self._wish("move", targets=selection, goal=goal)])

    def _new_background(self, goal: Goal, anchor: int) -> list[Wish]:
        """ "in front of a Star Wars background", "into the new ice lake background"; nothing for what is there.

        Raises:
            NotUnderstood: where it is not said what the background is to be.
        """
        behind = goal.anchors[0]
        named = behind.head in BACKGROUND_WORDS and not self._is_in_scene(behind)
        anew = behind.is_indefinite or bool({"new", "different", "another"} & set(self.words[anchor : self.end]))
        if not named or not anew or goal.relation not in ("in_", "inside", "in_front_of", "on", "on_top"):
            return []
        if set(behind.noun[:-1]) <= {"different", "other"} and not behind.looks and not behind.posts:
            raise refusal("What the background is to become is not said")
        return [self._painted("background", (anchor, self.end), text=self.clause.raw(anchor, self.end))]

    def _covering(self, start: int) -> tuple[Selection, Goal | None, int]:
        """As `of_move`; what is put over a face is on it."""
        selection, goal, place = self.goals.of_move(start)
        over = goal is not None and goal.anchors and self._is_over(selection.items[0].head, goal)
        return selection, replace(goal, relation="on") if goal is not None and over else goal, place

    def _steep(self, start: int) -> list[Wish]:
        """ "immerse the picture in a neon glow"."""
        selection, place = self._selection(start, stops=frozenset({"in", "with", "into"}))
        if place >= self.end or self.words[place] not in ("in", "with", "into", "to"):
            raise Misread(place if place < self.end else None)
        return [self._modified(selection, (place, self.end))]

    def _apply(self, start: int) -> list[Wish]:
        """ "apply a sepia filter to the picture", "apply red paint to the door"."""
        place = next((k for k in range(self.end - 1, start, -1) if self.words[k] in ("to", "on")), None)
        if self.words[start:place] in UNNAMED:
            raise refusal(f"What '{self.clause.raw(start, place or self.end)}' is to look like is not said")
        if place is None:
            return [self._painted("style", (start, self.end), text=self.clause.raw(start, self.end))]
        target = self._whole(place + 1, self.end)
        if target is None:
            raise Misread(place)
        return [self._modified(target, (start, place))]

    def _recolour(self, start: int) -> list[Wish]:
        read = self.np.selection(start, self.end, frozenset({"in", "with"}))
        if read is not None and read[1] + 1 < self.end and self.words[read[1]] in ("to", "in", "with", "into", "as"):
            selection, text = read[0], (read[1] + 1, self.end)
            if colour := colour_text(self.clause, *text):
                return [self._wish("look", targets=selection, text=colour)]
            if selection.only is None or not selection.only.is_indefinite:
                stained = f"stained with {self.clause.raw(*text)}" if self.words[start - 1] == "stain" else ""
                return [self._modified(selection, text, "keep", stained)]
        if made := self._made(start, self.end):
            return made
        if read is not None and is_all(read[0]) and self._ends_at(read[1]) and self.words[0].startswith("colo"):
            return self._finished(read[1], [self._painted("style", (0, 1), text="in natural colours")])
        if read is not None and read[0].items[0].is_indefinite:
            return self._add(start)
        return self._adjectives(start)

    def _center(self, start: int) -> list[Wish]:
        """ "centre the logo"."""
        selection, place = self._selection(start)
        goal = Goal("spot", sides=("middle",), words="in the middle")
        return self._finished(place, [self._wish("move", targets=selection, goal=goal)])

    def _dress(self, start: int) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"in", "as", "with"}))
        if place >= self.end:
            raise Misread(None)
        return [self._modified(selection, (place, self.end), "free", f"dressed {self.clause.raw(place, self.end)}")]

    def _fill(self, start: int) -> list[Wish]:
        """ "cover the wall with ivy", "fill the bowl with fruit"."""
        selection, place = self._selection(start, stops=frozenset({"with", "in"}))
        if (place >= self.end or self.words[place] not in ("with", "in")) and (made := self._made(start, self.end)):
            return made
        if place < self.end and is_all(selection) and not is_style(self.clause, place, self.end):
            # "decorate the picture with two birds"
            return self._add(place + 1)
        if place >= self.end or self.words[place] not in ("with", "in"):
            raise Misread(place if place < self.end else None)
        if self.words[0] == "top":
            # "top the cupcake with a strawberry"
            new = (place + 1, self.end)
            goals = [Goal("relation", "on_top", anchors=(item,), words=selection.words) for item in selection.items]
            said = self.clause.raw(*new)
            return [self._painted("add", new, text=said, new=self._new(*new), goal=goal) for goal in goals]
        verb = {"fill": "filled", "cover": "covered", "wrap": "wrapped", "coat": "coated"}.get(
            self.words[0], "decorated"
        )
        return [self._modified(selection, (place, self.end), "free", f"{verb} {self.clause.raw(place, self.end)}")]

    def _surround(self, start: int) -> list[Wish]:
        """ "surround the fountain with tulips": they stand around it.

        Raises:
            Misread: where it is not said with what.
        """
        selection, place = self._selection(start, stops=frozenset({"with", "by"}))
        if place + 1 >= self.end or self.words[place] not in ("with", "by"):
            raise Misread(place if place < self.end else None)
        if is_all(selection):
            # "surround the photo with a white border"
            return [
                self._modified(selection, (place, self.end), "free", f"surrounded {self.clause.raw(place, self.end)}")
            ]
        new = (place + 1, self.end)
        goals = [Goal("relation", "next_to", anchors=(item,), words=selection.words) for item in selection.items]
        said = f"{self.clause.raw(*new)} all around"
        added = [self._painted("add", new, text=said, new=self._new(*new), goal=goal) for goal in goals]
        # "and paint it red" speaks of what is surrounded
        return [*added, self._wish("mention", targets=selection)]

    def _pour(self, start: int) -> list[Wish]:
        """ "pour coffee into the cup"."""
        into = next(
            (k for k in range(start + 1, self.end - 1) if self.words[k] in ("into", "in", "onto", "on", "over")), None
        )
        vessel = self._whole(into + 1, self.end) if into is not None else None
        if into is None or vessel is None:
            raise Misread(into)
        done = "filled" if self.words[into] in ("into", "in") else "covered"
        return [self._modified(vessel, (start, into), "free", f"{done} with {self.clause.raw(start, into)}")]

    def _cartoon(self, start: int) -> list[Wish]:
        selection, place = self._selection(start)
        return self._finished(place, [self._modified(selection, (place, place), "keep", "in cartoon style")])

    def _open(self, start: int) -> list[Wish]:
        """ "open the door", "cut the cake": the whole clause says how it is to be."""
        if (removed := self._freed(start)) is not None:
            return removed
        selection, place = self._selection(start)
        about = attribute_of(selection.only) if selection.only is not None else None
        selection = about[2] if about is not None and about[2] is not None else selection
        if is_all(selection):
            raise Misread(place if place < self.end else None)
        if selection.only is not None and selection.only.special == "background":
            white = self.words[0] == "whiten"
            if white:
                return self._finished(place, [self._wish("look", targets=selection, text="colour white")])
        if self.words[0] == "straighten" and selection.only is not None and selection.only.head == "horizon":
            raise NotUnderstood("The whole picture is never turned: straighten the horizon in another program.")
        new = self.words[start] in ("a", "an", "some", "more") and not self._is_in_scene(selection.items[0])
        if new and self.words[0] in ("tie", "bake", "cook", "tear") and self.goals.of_new(start)[0].kind != "somewhere":
            # "tie a ribbon around its neck"
            return self._add(start)
        if self.words[0] == "cut" and any(_is_left(post) for item in selection.items for post in item.posts):
            # "cut the cat out of the picture"
            return self._finished(place, [self._wish("remove", targets=selection)])
        wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
        return [replace(wish, free=((0, 1), (place, self.end)))]

    def _distort(self, start: int) -> list[Wish]:
        """ "distort the face"; the whole picture keeps its frame."""
        selection, place = self._selection(start)
        if is_all(selection):
            return self._frame(start)
        wish = self._modified(selection, (0, self.end), "free", self.clause.raw(0, self.end))
        return self._finished(place, [replace(wish, free=((0, 1), (place, self.end)))])

    def _restyle_as(self, start: int) -> list[Wish]:
        selection, place = self._selection(start, stops=frozenset({"as", "in", "with"}))
        if place >= self.end or self.words[place] not in ("as", "in", "to", "into", "with"):
            raise Misread(place if place < self.end else None)
        if self.words[place] == "with" and self.words[start - 1] in ("show", "depict", "portray", "present"):
            return [self._modified(selection, (place, self.end), "free")]
        return self._to_text(selection, place + (self.words[place] != "in"))


def _is_left(post: Post) -> bool:
    """Whether it is "out of the picture"."""
    return post.relation == "from_" and post.anchors[0].special == "picture"


def _is_new(phrase: Phrase) -> bool:
    """Whether it speaks of something that is not there yet: a cup, two cups; not the two cups."""
    counted = any(rank.kind == "number" for rank in phrase.ranks) and not phrase.determiners & _DEFINITE
    return phrase.is_indefinite or counted


def _is_new_setting(phrase: Phrase) -> bool:
    """Whether a place is one that is not there yet: "a sandy beach"."""
    return phrase.is_indefinite and (phrase.head in SCENERY or not phrase.noun)
