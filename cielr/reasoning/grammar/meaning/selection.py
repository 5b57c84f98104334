"""Which objects a phrase means: its parts evaluated against the scene, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ....core.geometry import relations as geometry
from ....core.inflection import singular
from ....core.scene import Scene, SceneObject
from ....errors import Ambiguous, NothingMatches, NotUnderstood
from ..nouns.phrases import Phrase, Post, Rank, Selection, is_bare, noun_of, ranks_in_a_place
from ..words.synonyms import PEOPLE
from ..words.tokens import refusal, spelled
from ..words.vocabulary import EFFECT_NOUNS, PERSONAL
from .choice import Chosen, ambiguous, check_some, listed
from .naming import has_look, label_words, named, numbered, with_looks
from .places import in_line, is_elsewhere, least, on_side
from .ranks import Wanted, check_counted_from, middle_of, ranked
from .relations import OPPOSITES, RELATIONS, belongs, wearers


@dataclass(frozen=True)
class Selector:
    """Evaluates phrases against one scene.

    Attributes:
        last: ids that "it" and "them" mean. mentioned: ids of all that was spoken of before.
        made: ids of what the plan makes, which the text speaks of as "the goat".
        looked: whether eyes have looked for what the text names: what they did not find need not hold up the rest.
    """

    scene: Scene
    last: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    looked: bool = False

    # ---------------------------------------------------------------------------------------------- lists of phrases

    def targets(self, selection: Selection) -> Chosen:
        """The objects of a selection.

        Raises:
            NotUnderstood, NothingMatches, Ambiguous: as their names say.
        """
        if selection.spared is None:
            return self._items(selection.items)
        # "all but the largest coin", "all coins but the largest": the noun is said once
        noun = noun_of(selection.spared.items)
        chosen = self._items(selection.items, noun, several=True)
        spared = self._items(selection.spared.items, noun_of(selection.items))
        left = tuple(thing for thing in chosen.things if thing.id not in spared.ids)
        places = tuple(post for post in noun.posts if post.is_place) if noun else ()
        if places and any(not item.special for item in selection.items) and noun_of(selection.items) is None:
            there = self._posts(places, chosen.things, True, "thing")
            if len(there) < len(chosen.things) and any(thing.id not in spared.ids for thing in there):
                raise ambiguous(chosen.things, f"Whether all are meant or those {_words(places)} is open")
        if not left:
            raise NothingMatches(
                f"Nothing is left of {chosen.how} without {spared.how}; for all else say 'everything except …'."
            )
        return Chosen(left, f"{chosen.how} except {spared.how}")

    def _items(self, items: Sequence[Phrase], borrowed: Phrase | None = None, several: bool = False) -> Chosen:
        things: dict[str, SceneObject] = {}
        how = []
        places = [post for post in items[-1].posts if post.is_place] if not items[-1].special else []
        for number, item in enumerate(items):
            if number and item.special == "line" and ranks_in_a_place(items[number - 1]):
                raise refusal(f"Whether the whole of '{item.words}' is meant, or as much of it as before, is not said")
            # "the first and the last coin": what has no noun takes the next one's, with all that is said of it
            lent = noun_of(items[number + 1 :]) or borrowed
            if item.noun == ("ones",) and item.of is None:
                raise refusal(f"What '{item.words}' are was not said before")
            within = item.special == "everything" and not self.last and bool(things)
            # "the table and everything on it"
            selector = replace(self, last=tuple(things)) if within else self
            chosen = selector.phrase(item, lent, several)
            if number < len(items) - 1 and is_bare(item):
                self._check_reach(chosen, places)
            things |= {thing.id: thing for thing in chosen.things}
            how.append(chosen.how)
        return Chosen(tuple(things.values()), " and ".join(how))

    def _check_reach(self, chosen: Chosen, places: Sequence[Post]) -> None:
        """ "the cars and the trees on the right": are the cars on the left meant?

        Raises:
            Ambiguous: where it makes a difference.
        """
        narrowed = self._posts(places, chosen.things, True, "thing") if places else []
        if 0 < len(narrowed) < len(chosen.things):
            raise ambiguous(chosen.things, f"Whether '{_words(places)}' is said of these too is open")

    # ---------------------------------------------------------------------------------------------------- one phrase

    def phrase(self, phrase: Phrase, borrowed: Phrase | None = None, several: bool = False) -> Chosen:
        """The objects of a phrase; one where one is meant.

        A spot at its very end may be said of the phrase or of what it refers to last; both are read.
        """
        other = phrase.without_last_spot() if phrase.posts and phrase.posts[-1].kind != "spot" else None
        if other is None:
            return self._phrase(phrase, borrowed, several)
        apart = replace(other[0], posts=(*other[0].posts, other[1]))
        readings: list[Chosen] = []
        failures: list[NotUnderstood] = []
        for reading in (phrase, apart):
            try:
                readings.append(self._phrase(reading, borrowed, several))
            except NotUnderstood as error:
                failures.append(error)
        if not readings:
            raise min(failures, key=lambda error: 0 if isinstance(error, Ambiguous) else 1)
        if len({chosen.ids for chosen in readings}) > 1:
            things = {thing.id: thing for chosen in readings for thing in chosen.things}
            raise ambiguous(tuple(things.values()), f"'{phrase.words}' can mean different things")
        return readings[0]

    def _phrase(self, phrase: Phrase, borrowed: Phrase | None, several: bool) -> Chosen:
        if phrase.special:
            return self._special(phrase)
        if phrase.of is not None:
            return self._partitive(phrase)
        if phrase.number is not None:
            thing = numbered(self.scene, phrase)
            return Chosen((thing,), thing.id)
        lent = not phrase.has_noun and borrowed is not None
        if lent and borrowed is not None:
            # of "all but the first coin in the top row" the noun alone: `targets` looks after the rest
            posts = phrase.posts if several else (*phrase.posts, *borrowed.posts)
            phrase = replace(phrase, noun=borrowed.noun, posts=posts, owner=phrase.owner or borrowed.owner)
        if not (phrase.noun or phrase.ranks or phrase.looks or several or "other" in phrase.determiners):
            raise refusal("It is not said which objects are meant")
        return self._plain(phrase, lent, several)

    def _plain(self, phrase: Phrase, lent: bool, several: bool) -> Chosen:
        every = bool({"all", "every", "both"} & phrase.determiners) or several
        if phrase.head in EFFECT_NOUNS and phrase.owner is not None and not self.looked:
            self._check_effects(phrase)
        names = named(self.scene, phrase, every)
        # a noun that was lent says nothing about how many are meant
        plural = every if lent else names.plural
        owned = self._owned(phrase, names.things)
        candidates = with_looks(owned, phrase.looks)
        label = " ".join([*(look.word for look in phrase.looks), spelled(phrase.noun) or "thing"])
        check_some(candidates, self.scene, label if phrase.has_noun or phrase.looks else "thing", owned)
        candidates = self._by_mention(phrase, candidates, plural)
        counted = [post for post in phrase.posts if post.kind == "counted"]
        ranks = (*phrase.ranks, *(rank for post in counted for rank in post.ranks))
        places = [post for post in phrase.posts if post.kind != "counted"]
        if any(rank.kind == "number" and int(rank.value) > 1 for rank in ranks):
            # "the two chairs in the middle" are the two middle chairs
            middle = [post for post in places if post.kind == "spot" and post.sides == ("middle",)]
            places = [post for post in places if post not in middle]
            ranks += tuple(Rank("side", "middle", "middle") for _ in middle)
        there = self._posts(places, candidates, plural or bool(ranks), label)
        where = spelled([label, *(post.words for post in places)])
        check_some(there, self.scene, where, candidates)
        side = counted[0].sides[0] if counted else ""
        wanted = Wanted(ranks, phrase.determiners, plural, where, side, _nearer(places))
        chosen = ranked(self.scene, there, wanted)
        flank = _flank(places)
        if flank and not side and wanted.of("ordinal", "last"):
            check_counted_from(self.scene, candidates, wanted, flank, chosen)
        return chosen

    def _by_mention(self, phrase: Phrase, candidates: Sequence[SceneObject], plural: bool) -> Sequence[SceneObject]:
        """Without what was spoken of before for "the other"; what the plan makes for "the goat", where it makes one."""
        if "other" in phrase.determiners:
            rest = [thing for thing in candidates if thing.id not in self.mentioned]
            if len(rest) == len(candidates) and len(candidates) != 1 and not self._is_one_gone(phrase):
                raise ambiguous(candidates, "'other' stands for nothing, as none of them was named before")
            return rest
        exact = [thing for thing in candidates if label_words(thing) == phrase.name]
        if self.looked and len(exact) == 1 < len(candidates) and not plural and not phrase.ranks and not phrase.posts:
            # the text speaks of a man and of a person: they are told apart by their names
            return exact
        made = [thing for thing in candidates if thing.id in self.made]
        return made if len(made) == 1 and not plural and not phrase.ranks else candidates

    def _is_one_gone(self, phrase: Phrase) -> bool:
        """Whether something of that name was spoken of and is there no more: "remove the left cup, and blur the
        others"."""
        gone = [name.rsplit("_", 1)[0] for name in self.mentioned if self.scene.get(name) is None]
        return any(label.split("_")[-1] == phrase.head for label in gone)

    def _owned(self, phrase: Phrase, things: Sequence[SceneObject]) -> Sequence[SceneObject]:
        """Those of the things that belong to the phrase's owner.

        Raises:
            NothingMatches: where none does.
        """
        if phrase.owner is None or phrase.owner.special in ("picture", "background"):
            return things
        try:
            owners = self.phrase(phrase.owner).things
        except NothingMatches:
            if self.looked and len(things) == 1:
                return things
            raise
        fitting = [thing for thing in things if any(belongs(thing, owner) for owner in owners)]
        if not fitting and len(things) == 1 and things[0].part_of is None and things[0].effect_of is None:
            return things
        if not fitting:
            names = ", ".join(owner.id for owner in owners[:4])
            raise NothingMatches(f"The scene has no {spelled(phrase.noun)} of {names}.")
        return fitting

    def _check_effects(self, phrase: Phrase) -> None:
        """Raises NotUnderstood where the scene has no shadow or reflection of that name."""
        if not any(thing.effect_of or singular(thing.label.lower()) == phrase.head for thing in self.scene.objects):
            raise refusal(f"'{phrase.words}' speaks of what belongs to something, which the scene does not say")

    def _special(self, phrase: Phrase) -> Chosen:
        if phrase.special == "id":
            thing = self.scene.get(phrase.words)
            if thing is None:
                raise NothingMatches(f"The scene has no '{phrase.words}'; it has {listed(self.scene)}.")
            return Chosen((thing,), thing.id)
        if phrase.special == "line":
            rows, row = in_line(phrase.posts[0], self.scene.objects)
            chosen = self._posts(phrase.posts[1:], row, True, "thing")
            check_some(chosen, self.scene, phrase.words)
            return Chosen(tuple(chosen), f"one of {len(rows)} rows")
        if phrase.special == "pronoun":
            return self._named_before(phrase)
        if phrase.special == "everything":
            near = next((a for post in phrase.posts for a in post.anchors if a.special == "pronoun"), None)
            if near is not None and not self.last:
                raise refusal(f"'{near.words}' stands for nothing that was named before")
            chosen = self._posts(phrase.posts, self.scene.objects, True, "thing")
            for post in phrase.posts:
                chosen = self._held(post, chosen) if post.relation in _HOLDING else chosen
            check_some(chosen, self.scene, "thing")
            return Chosen(tuple(chosen), phrase.words)
        if phrase.special == "picture":
            # a picture on the wall, where the scene has one
            things = named(self.scene, replace(phrase, special=""), False).things
            return Chosen(things, "the only picture") if len(things) == 1 else self._no_object(phrase)
        return self._no_object(phrase)

    def _held(self, post: Post, things: Sequence[SceneObject]) -> list[SceneObject]:
        """Of what is on or in something what that can hold: the floor is not in the bowl that stands on it."""
        holders = [anchor for phrase in post.anchors for anchor in self.phrase(phrase, several=True).things]

        def lies(thing: SceneObject, holder: SceneObject) -> bool:
            return geometry.on(thing, holder) or geometry.inside(thing, holder)

        return [t for t in things if any(t.box.area < holder.box.area and lies(t, holder) for holder in holders)]

    @staticmethod
    def _no_object(phrase: Phrase) -> Chosen:
        raise refusal(f"'{phrase.words}' is not an object")

    def _named_before(self, phrase: Phrase) -> Chosen:
        pronoun = phrase.words
        if not self.last:
            raise refusal(f"'{pronoun}' stands for nothing that was named before")
        there = tuple(thing for name in self.last if (thing := self.scene.get(name)) is not None)
        if not there and phrase.noun in (PERSONAL["him"], PERSONAL["her"]):
            # "remove the man's hat and give him a cap"
            somebody = [thing for thing in self.scene.objects if PEOPLE & set(label_words(thing))]
            if len(somebody) == 1:
                return Chosen(tuple(somebody), f"the only one whom '{pronoun}' may mean")
        if not there:
            raise NothingMatches(f"'{pronoun}' is {', '.join(self.last)}, which is no longer there.")
        return Chosen(there, f"named before ('{pronoun}')")

    def _partitive(self, phrase: Phrase) -> Chosen:
        """ "the largest of the coins", "two of the cups", "the second of the coins from the right": what is said of the
        order is said of the pick, wherever it stands."""
        inner = phrase.of
        assert inner is not None
        counted = [post for post in (*inner.posts, *phrase.posts) if post.kind == "counted"]
        # the side is said again where a refusal names what is asked for
        words = spelled(inner.noun) if counted and inner.noun else inner.words
        inner = replace(inner, posts=tuple(post for post in inner.posts if post.kind != "counted"))
        own = [post for post in phrase.posts if post.kind != "counted"]
        whole = self.phrase(inner, several=True).things
        candidates = self._posts(own, whole, True, inner.words)
        check_some(candidates, self.scene, inner.words, whole)
        plural = bool({"all", "every", "both"} & phrase.determiners) or (not phrase.ranks and not counted)
        ranks = (*phrase.ranks, *(rank for post in counted for rank in post.ranks))
        side = counted[0].sides[0] if counted else ""
        return ranked(self.scene, candidates, Wanted(ranks, phrase.determiners, plural, words, side))

    # ---------------------------------------------------------------------------------------- what is said of it

    def _posts(self, posts: Sequence[Post], named: Sequence[SceneObject], plural: bool, noun: str) -> list[SceneObject]:
        fitting = list(named)
        # rows are rows of all that is named, not of what else is said of it, and a spot may pick the last one
        order = {"row": 0, "relation": 1, "between": 1, "look": 1, "closest": 3, "spot": 4, "remark": 5, "aside": 5}
        for post in sorted(posts, key=lambda post: order.get(post.kind, 2)):
            fitting = self._post(post, fitting, plural, noun)
        return fitting

    def _post(self, post: Post, candidates: list[SceneObject], plural: bool, noun: str) -> list[SceneObject]:
        if post.kind == "row":
            return in_line(post, candidates)[1]
        if post.kind == "look":
            assert post.look is not None
            return list(with_looks(candidates, (post.look,)))
        if post.kind == "spot":
            return self._on_side(post, candidates, plural, noun)
        if post.kind == "between":
            a, b = self.pair(post)
            return [thing for thing in candidates if thing.id not in (a.id, b.id) and geometry.between(thing, a, b)]
        if post.kind == "closest":
            return self._closest(post, candidates)
        if post.kind == "relation":
            return self._related(post, candidates)
        if post.kind == "remark" and len(candidates) > 1:
            raise refusal(f"'{post.words}' is nothing that the scene says of any {noun}")
        return candidates

    def _on_side(self, post: Post, candidates: list[SceneObject], plural: bool, noun: str) -> list[SceneObject]:
        if len(candidates) == 1:
            return [] if is_elsewhere(self.scene, candidates[0], post.sides) else candidates
        return on_side(self.scene, post.sides, candidates, plural, noun)

    def _closest(self, post: Post, candidates: Sequence[SceneObject]) -> list[SceneObject]:
        rank: Rank = post.ranks[0]
        if rank.value != "near":
            raise refusal(f"'{rank.word} to' is not known")
        anchor = self.one(post.anchors[0])
        others = [thing for thing in candidates if thing.id != anchor.id]
        return least(others, lambda thing: geometry.gap(thing, anchor), f"{rank.word} to {anchor.id}")

    def _related(self, post: Post, candidates: list[SceneObject]) -> list[SceneObject]:
        fitting = candidates
        for anchor in post.anchors:
            fitting = self._related_to(post, anchor, fitting)
        return fitting

    def _related_to(self, post: Post, phrase: Phrase, candidates: list[SceneObject]) -> list[SceneObject]:
        """Those that stand in the relation to one of the anchors. What is the only one of its name need not be seen to
        do so, as long as the contrary is not seen."""
        if phrase.special in ("background", "picture"):
            sides = ("back",) if phrase.special == "background" else ()
            return on_side(self.scene, sides, candidates, True, phrase.words) if len(candidates) > 1 else candidates
        if phrase.special == "line" and post.relation in ("in_", "inside"):
            row = in_line(phrase.posts[0], candidates)[1]
            return [middle_of(row, phrase.words)] if "middle" in post.words or "cent" in post.words else row
        if phrase.special == "pronoun" and not self.last:
            # "the yacht and the water surrounding it": it is in the same breath
            return candidates
        if post.relation == "in_" and phrase.looks and not phrase.has_noun and not phrase.posts:
            # "the woman in red": she may be called red herself, or wear what is
            looking = [thing for thing in candidates if all(has_look(thing, look) for look in phrase.looks)]
            if looking and len(looking) < len(candidates):
                return looking
        worn = post.relation in ("with_", "in_")
        try:
            # "the man in the blue shirt" may be one of two shirts: the man tells which
            anchors = self.phrase(phrase, several=worn and not phrase.ranks).things
        except NothingMatches:
            if len(candidates) == 1 and self.looked:
                return candidates
            raise
        holds, opposite = RELATIONS[post.relation], RELATIONS.get(OPPOSITES.get(post.relation, ""))
        others = [thing for thing in candidates if all(thing.id != anchor.id for anchor in anchors)]
        fitting = [thing for thing in others if any(holds(thing, anchor) for anchor in anchors)]
        if worn and len(fitting) > 1:
            fitting = wearers(fitting, anchors)
        if not fitting and len(others) == 1 == len(candidates):
            contrary = opposite is not None and any(opposite(others[0], anchor) for anchor in anchors)
            return [] if contrary else others
        if not fitting and self.looked and opposite is None and others:
            # boxes say nothing of who stands on what; what else is said must tell them apart
            return others
        if post.directly and fitting:
            what = f"directly {post.relation.replace('_', ' ')}"
            return least(fitting, lambda thing: min(geometry.gap(thing, anchor) for anchor in anchors), what)
        return fitting

    # ------------------------------------------------------------------------------------------- one or two objects

    def pair(self, post: Post) -> tuple[SceneObject, SceneObject]:
        """The two objects of "between the first and the third coin in the top row": the noun is said once."""
        if len(post.anchors) == 1:
            things = self.phrase(post.anchors[0]).things
            if len(things) != 2:
                raise ambiguous(things, f"'{post.words}' needs two things, and {len(things)} fit")
            return things[0], things[1]
        first, second = post.anchors
        return self.one(first, second), self.one(second)

    def one(self, phrase: Phrase, borrowed: Phrase | None = None) -> SceneObject:
        """The one object of a phrase; where it has no noun, of the borrowed one's.

        Raises:
            Ambiguous: where it means several.
        """
        chosen = self.phrase(phrase, borrowed)
        first, *others = chosen.things
        if others:
            raise ambiguous(chosen.things, f"{len(chosen.things)} things are meant where one is needed")
        return first


_HOLDING = frozenset({"from_", "in_", "inside", "on", "on_top"})
"""Relations to what holds something."""


def _words(posts: Sequence[Post]) -> str:
    return spelled([post.words for post in posts])


def _flank(places: Sequence[Post]) -> str:
    """The side of the picture that is all that is said of a place, or ""."""
    alone = len(places) == 1 and places[0].kind == "spot" and len(places[0].sides) == 1
    return places[0].sides[0] if alone and places[0].sides[0] in ("left", "right", "top", "bottom") else ""


def _nearer(posts: Sequence[Post]) -> str:
    """What to say where several things are in a relation to another and one is meant."""
    related = [post for post in posts if post.kind == "relation"]
    if len(related) != 1 or related[0].directly or related[0].relation in ("with_", "in_"):
        return "Say which."
    return f"Say which; 'directly {related[0].words}' is the nearest of them."
