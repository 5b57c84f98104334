"""Which objects a phrase means: its parts evaluated against the scene, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lark import Token, Tree

from ...core import geometry
from ...core.scene import Scene, SceneObject
from ...errors import NothingMatches
from .choice import Chosen, ambiguous, check_some
from .lexicon import ORDERS, RELATIONS, SIDES
from .nouns import has_look, named, of_number
from .places import in_line, least, on_side, pick_row
from .ranks import ranked
from .tokens import Phrase, refusal
from .trees import (
    PLACES,
    head_and_posts,
    is_bare,
    is_line,
    is_spot,
    noun_of,
    number_of,
    place_posts,
    ranks_in_a_place,
    spelled,
    words_of,
)

COUNTED = ("counted", "counted_rank")
"""Said after a noun: in which order it is counted."""


@dataclass(frozen=True)
class Selector:
    """Evaluates phrases against one scene; `last` is what "it" and "them" mean."""

    scene: Scene
    last: tuple[str, ...] = ()

    # ------------------------------------------------------------------------------------------------- lists of items

    def targets(self, tree: Phrase) -> Chosen:
        """The objects of a `targets` tree.

        Raises:
            NotUnderstood, NothingMatches, Ambiguous: as their names say.
        """
        if len(tree.children) == 1:
            return self._selection(tree.children[0])
        # "all but the largest coin", "all coins but the largest": the noun is said once
        noun = noun_of(tree.children[-1])
        chosen = self._selection(tree.children[0], noun, several=True)
        spared = self._selection(tree.children[-1], noun_of(tree.children[0]))
        left = tuple(thing for thing in chosen.things if thing.id not in spared.ids)
        places = [post for post in noun.children[1:] if post.data in PLACES] if noun else []
        if places and any(head_and_posts(item) for item in tree.children[0].children) and not noun_of(tree.children[0]):
            there = self._posts(places, chosen.things, True, "thing")
            if len(there) < len(chosen.things) and any(thing.id not in spared.ids for thing in there):
                raise ambiguous(chosen.things, f"Whether all are meant or those {words_of(places)} is open")
        if not left:
            raise NothingMatches(
                f"Nothing is left of {chosen.how} without {spared.how}; for all else say 'everything except …'."
            )
        return Chosen(left, f"{chosen.how} except {spared.how}")

    def targets_of(self, selection: Phrase) -> Chosen:
        """The objects of one side of an exception."""
        return self._selection(selection)

    def _selection(self, tree: Phrase, borrowed: Phrase | None = None, several: bool = False) -> Chosen:
        things: dict[str, SceneObject] = {}
        how = []
        items = [child for child in tree.children if isinstance(child, Tree)]
        places = place_posts(items[-1])
        for number, item in enumerate(items):
            if number and is_line(item) and ranks_in_a_place(items[number - 1]):
                raise refusal(
                    f"Whether the whole of '{words_of([item])}' is meant, or as much of it as before, is not said"
                )
            if number and (follower := self._next_number(items[:number], item)) is not None:
                things[follower.id] = follower
                how.append(follower.id)
                continue
            # "the first and the last coin": what has no noun takes the next one's, with all that is said of it
            lent = next((found for later in items[number + 1 :] if (found := noun_of(later)) is not None), borrowed)
            chosen = self._item(item, lent, several)
            if number < len(items) - 1 and is_bare(item):
                self._check_reach(chosen, places)
            things |= {thing.id: thing for thing in chosen.things}
            how.append(chosen.how)
        return Chosen(tuple(things.values()), " and ".join(how))

    def _check_reach(self, chosen: Chosen, places: Sequence[Phrase]) -> None:
        """ "the cars and the trees on the right": are the cars on the left meant?

        Raises:
            Ambiguous: where it makes a difference.
        """
        narrowed = self._posts(places, chosen.things, True, "thing") if places else []
        if 0 < len(narrowed) < len(chosen.things):
            raise ambiguous(chosen.things, f"Whether '{words_of(places)}' is said of these too is open")

    def _next_number(self, before: Sequence[Phrase], item: Phrase) -> SceneObject | None:
        """ "coins 3, 4 and 5": a bare number after a numbered thing is the thing of that number."""
        numbered = next(before[0].find_data("numbered"), None)
        tokens = list(item.scan_values(lambda value: isinstance(value, Token)))
        if numbered is None or [token.type for token in tokens] != ["NUMBER"]:
            return None
        return of_number(self.scene, numbered.children[-2], tokens[0])

    def _item(self, tree: Phrase, borrowed: Phrase | None, several: bool) -> Chosen:
        first = tree.children[0]
        if isinstance(first, Tree) and first.data == "line":
            rows, row = in_line(first.children, self.scene.objects)
            return Chosen(tuple(row), f"one of {len(rows)} rows")
        if isinstance(first, Tree):
            return self.phrase(first, borrowed, several)
        if first.type == "PRONOUN":
            if not self.last:
                raise refusal(f"'{first}' stands for nothing that was named before")
            there = tuple(thing for name in self.last if (thing := self.scene.get(name)) is not None)
            if not there:
                raise NothingMatches(f"'{first}' is {', '.join(self.last)}, which is no longer there.")
            return Chosen(there, f"named before ('{first}')")
        if first.type == "EVERYTHING":
            chosen = self._posts(tree.children[1:], self.scene.objects, plural=True, noun="thing")
            check_some(chosen, self.scene, "thing")
            return Chosen(tuple(chosen), str(first))
        raise refusal(f"'{first}' is no object")

    # ---------------------------------------------------------------------------------------------------- one phrase

    def phrase(self, tree: Phrase, borrowed: Phrase | None = None, several: bool = False) -> Chosen:
        """The objects of a `phrase` tree; one where one is meant."""
        head, posts = tree.children[0], tree.children[1:]
        if head.data == "partitive":
            return self._partitive(head)
        if head.data == "numbered":
            return self._numbered(head)
        nouns = [child for child in head.children if child.data == "noun"]
        lent = not nouns and borrowed is not None
        if lent and borrowed is not None:
            # of "all but the first coin in the top row" the noun alone: `targets` looks after the rest
            posts = [*posts, *([] if several else borrowed.children[1:])]
            nouns = [child for child in borrowed.children[0].children if child.data == "noun"]
        words = [token for noun in nouns for token in noun.children]
        determiners = {child.children[0].type for child in head.children if child.data == "determiner"}
        modifiers = [child.children[0] for child in head.children if child.data == "modifier"]
        if not words and not modifiers and not several:
            raise refusal("It is not said which objects are meant")
        every = bool({"ALL", "EVERY", "BOTH"} & determiners) or several
        candidates, plural = named(self.scene, words, every)
        # a noun that was lent says nothing about how many are meant
        plural = every if lent else plural
        label = spelled(words) or "thing"
        looks = [token for token in modifiers if token.type in ("COLOUR", "TONE", "SHAPE", "SIZEWORD")]
        found = [thing for thing in candidates if all(has_look(thing, look) for look in looks)]
        label = " ".join([*map(str, looks), label])
        check_some(found, self.scene, label, candidates)
        ranks = [token for token in modifiers if token not in looks]
        order, order_words = None, []
        left = []
        for post in posts:
            if post.data in COUNTED:
                side = next(
                    token
                    for token in post.children
                    if token.type in ("LEFT", "RIGHT", "TOP", "BOTTOM", "FRONT", "BACK")
                )
                order, order_words = SIDES[str(side)], [f"from the {side}"]
                ranks += [token for token in post.children if token.type == "ORDINAL"]
            else:
                left.append(post)
        everywhere = found
        found = self._posts(left, found, plural or bool(ranks), label)
        where = spelled([label, *(words_of([post]) for post in left)])
        check_some(found, self.scene, where, everywhere)
        return ranked(self.scene, found, ranks, determiners, plural, where, order, order_words, _nearer(left))

    # ---------------------------------------------------------------------------------------- what is said of it

    def _posts(self, posts, found, plural, noun) -> list[SceneObject]:
        found = list(found)
        # rows are rows of all that is named, not of what else is said of it
        for post in sorted(posts, key=lambda post: not str(post.data).startswith("in_row")):
            found = self._post(post, found, plural, noun)
        return found

    def _post(self, post: Phrase, found, plural, noun) -> list[SceneObject]:
        kind = post.data
        if kind == "whole":
            return found
        if kind == "in_row":
            return in_line(post.children, found)[1]
        if kind == "in_row_number":
            rows = geometry.rows(found)
            number = number_of(next(token for token in post.children if token.type == "NUMBER"))
            return pick_row(rows, number - 1, f"row {number}")
        if kind == "is_between":
            a, b = self.pair(post)
            return [t for t in found if t.id not in (a.id, b.id) and geometry.between(t, a, b)]
        if kind == "closest":
            rank = next(token for token in post.children if isinstance(token, Token) and token.type == "SUPERLATIVE")
            if ORDERS[str(rank)] is not geometry.near_to_far:
                raise refusal(f"'{rank} to' is not known")
            anchor = self.one(post.children[-1])
            others = [t for t in found if t.id != anchor.id]
            return least(others, lambda t: geometry.gap(t, anchor), f"{rank} to {anchor.id}")
        if kind == "quality":
            return [t for t in found if has_look(t, post.children[-1])]
        if kind == "on_side":
            return on_side(self.scene, post, found, plural, noun)
        relation: Phrase = next(
            child for child in post.children if isinstance(child, Tree) and child.data == "relation"
        )
        if relation.children[0].type in ("IN", "ON") and is_spot(post.children[-1]):
            # a place in the picture, which another reading takes it for
            return []
        anchors = self.phrase(post.children[-1])
        holds = RELATIONS[relation.children[0].type]
        fitting = [t for t in found if t.id not in anchors.ids and all(holds(t, anchor) for anchor in anchors.things)]
        directly = any(isinstance(child, Token) and child.type == "DIRECTLY" for child in post.children)
        if directly and fitting:
            what = f"directly {relation.children[0]}"
            return least(fitting, lambda t: min(geometry.gap(t, anchor) for anchor in anchors.things), what)
        return fitting

    def _partitive(self, head: Phrase) -> Chosen:
        """ "the largest of the coins", "two of the cups"."""
        whole = self.phrase(head.children[-1], several=True)
        before: list[Phrase] = [child for child in head.children[:-1] if isinstance(child, Tree)]
        determiners = {child.children[0].type for child in before if child.data == "determiner"}
        ranks = [child.children[0] for child in before if child.data == "modifier"]
        plural = bool({"ALL", "EVERY", "BOTH"} & determiners)
        label = words_of([head.children[-1]])
        return ranked(self.scene, whole.things, ranks, determiners, plural, label)

    def _numbered(self, head: Phrase) -> Chosen:
        """ "coin 3" is coin_3."""
        thing = of_number(self.scene, *head.children[-2:])
        return Chosen((thing,), thing.id)

    # ------------------------------------------------------------------------------------------- one or two objects

    def pair(self, tree: Phrase) -> tuple[SceneObject, SceneObject]:
        """The two objects of "between the first and the third coin in the top row": the noun is said once."""
        first, second = (child for child in tree.children if isinstance(child, Tree))
        return self.one(first, second), self.one(second)

    def one(self, tree: Phrase, borrowed: Phrase | None = None) -> SceneObject:
        """The one object of a phrase; where it has no noun, of the borrowed one's.

        Raises:
            Ambiguous: where it means several.
        """
        chosen = self.phrase(tree, borrowed)
        first, *others = chosen.things
        if others:
            raise ambiguous(chosen.things, f"{len(chosen.things)} things are meant where one is needed")
        return first


def _nearer(posts: Sequence[Phrase]) -> str:
    """What to say where several things are in a relation to another and one is meant."""
    related = [post for post in posts if post.data == "related"]
    if len(related) != 1 or any(getattr(child, "type", "") == "DIRECTLY" for child in related[0].children):
        return "Say which."
    return f"Say which; 'directly {words_of(related)}' is the nearest of them."
