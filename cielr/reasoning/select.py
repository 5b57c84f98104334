"""Which objects a phrase means: labels, looks, ranks, rows and relations, evaluated by code against the scene."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lark import Token, Tree

from .. import geometry
from ..errors import Ambiguous, NothingMatches
from ..scene import Scene, SceneObject
from .lexicon import ANYTHING, KINDS, NUMBERS, ORDERS, RELATIONS, SHAPES, SIDES, SYNONYMS, singular
from .words import Phrase, refusal

COUNTED = ("counted", "counted_rank")
PLACES = ("related", "is_between", "in_row", "in_row_number", "on_side", "closest")
"""What is said after a noun: in which order it is counted, and where it is."""


@dataclass(frozen=True)
class Chosen:
    """The objects that a phrase means, and how they were found, in words."""

    things: tuple[SceneObject, ...]
    how: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(thing.id for thing in self.things)


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
        noun = _noun_of(tree.children[-1])
        chosen = self._selection(tree.children[0], noun, several=True)
        spared = self._selection(tree.children[-1], _noun_of(tree.children[0]))
        left = tuple(thing for thing in chosen.things if thing.id not in spared.ids)
        places = [post for post in noun.children[1:] if post.data in PLACES] if noun else []
        if places and any(_described(item) for item in tree.children[0].children) and not _noun_of(tree.children[0]):
            there = self._posts(places, chosen.things, True, "thing")
            if len(there) < len(chosen.things) and any(thing.id not in spared.ids for thing in there):
                raise self._ambiguous(chosen.things, f"Whether all are meant or those {_words(places)} is open")
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
        places = _place_posts(items[-1])
        for number, item in enumerate(items):
            if number and _is_line(item) and _ranks_in_a_place(items[number - 1]):
                raise refusal(
                    f"Whether the whole of '{_words([item])}' is meant, or as much of it as before, is not said"
                )
            if number and (follower := self._next_number(items[:number], item)) is not None:
                things[follower.id] = follower
                how.append(follower.id)
                continue
            # "the first and the last coin": what has no noun takes the next one's, with all that is said of it
            lent = next((found for later in items[number + 1 :] if (found := _noun_of(later)) is not None), borrowed)
            chosen = self._item(item, lent, several)
            if number < len(items) - 1 and _is_bare(item):
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
            raise self._ambiguous(chosen.things, f"Whether '{_words(places)}' is said of these too is open")

    def _next_number(self, before: Sequence[Phrase], item: Phrase) -> SceneObject | None:
        """ "coins 3, 4 and 5": a bare number after a numbered thing is the thing of that number."""
        numbered = next(before[0].find_data("numbered"), None)
        tokens = list(item.scan_values(lambda value: isinstance(value, Token)))
        if numbered is None or [token.type for token in tokens] != ["NUMBER"]:
            return None
        return self._of_number(numbered.children[-2], tokens[0])

    def _item(self, tree: Phrase, borrowed: Phrase | None, several: bool) -> Chosen:
        first = tree.children[0]
        if isinstance(first, Tree) and first.data == "line":
            rows, row = self._line(first.children, self.scene.objects)
            return Chosen(tuple(row), f"one of {len(rows)} rows")
        if isinstance(first, Tree):
            return self.phrase(first, borrowed, several)
        if first.type == "PRONOUN":
            if not self.last:
                raise refusal(f"'{first}' stands for nothing that was named before")
            return Chosen(tuple(self.scene[name] for name in self.last if self.scene.get(name)), f"'{first}'")
        if first.type == "EVERYTHING":
            chosen = self._posts(tree.children[1:], self.scene.objects, plural=True, noun="thing")
            return self._some(Chosen(tuple(chosen), str(first)), "thing")
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
        named, plural = self._named(words, every)
        # a noun that was lent says nothing about how many are meant
        plural = every if lent else plural
        label = _spelled(words) or "thing"
        looks = [token for token in modifiers if token.type in ("COLOUR", "TONE", "SHAPE", "SIZEWORD")]
        found = [thing for thing in named if all(_has_look(thing, look) for look in looks)]
        label = " ".join([*map(str, looks), label])
        self._some(Chosen(tuple(found), ""), label)
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
        found = self._posts(left, found, plural or bool(ranks), label)
        self._some(Chosen(tuple(found), ""), f"{label} in that place")
        return self._ranked(found, ranks, determiners, plural, order, order_words, label)

    def _named(self, words: Sequence[Token], every: bool) -> tuple[list[SceneObject], bool]:
        """(things of that name, whether several are meant)."""
        if len(words) == 1 and words[0].type == "ID":
            thing = self.scene.get(str(words[0]))
            if thing is None:
                raise NothingMatches(f"The scene has no '{words[0]}'; it has {self._listed()}.")
            return [thing], False
        names = [str(word) for word in words]
        if names and not any(re.search(r"\w", name) for name in names):
            raise refusal(f"'{''.join(names)}' was not understood")
        if not names or (len(names) == 1 and words[0].type == "ONES"):
            return list(self.scene.objects), every or names == ["ones"]
        single = [*names[:-1], singular(names[-1])]
        plural = every or (
            names[-1] != single[-1] and not any(_label_words(t)[-1:] == names[-1:] for t in self.scene.objects)
        )
        if single[-1] in ANYTHING:
            things = list(self.scene.objects)
        else:
            things = self._called({single[-1]})
            if not things:
                things = self._called(next((group for group in SYNONYMS if single[-1] in group), set()))
            if not things and single[-1] in SHAPES:
                shape = SHAPES[single[-1]]
                things = [t for t in self.scene.objects if t.attributes.get("shape") == shape]
        if not things:
            raise NothingMatches(f"The scene has no {' '.join(names)}; it has {self._listed()}.")
        for word in single[:-1]:
            fitting = [t for t in things if word in _label_words(t) or word in " ".join(t.attributes.values()).split()]
            if not fitting:
                raise refusal(f"'{word}' is nothing that the scene says of any {single[-1]}")
            things = fitting
        return things, plural

    def _called(self, nouns: set[str]) -> list[SceneObject]:
        """What has one of these names, or one of what they take in."""
        nouns = nouns.union(*(KINDS.get(noun, ()) for noun in nouns))
        return [thing for thing in self.scene.objects if any(_is_called(thing, noun) for noun in nouns)]

    def _ranked(self, found, ranks, determiners, plural, order, order_words, label) -> Chosen:
        """Those of the found things that ordinals, superlatives and counts pick."""
        count = next((_number(token) for token in ranks if token.type == "NUMBER"), None)
        picks = [token for token in ranks if token.type in ("ORDINAL", "LAST")]
        best = [token for token in ranks if token.type == "SUPERLATIVE"]
        sides = [token for token in ranks if token.type in ("LEFT", "RIGHT", "TOP", "BOTTOM", "MIDDLE")]
        if "EVERY" in determiners and picks:
            raise refusal("Picking every so-many-th thing is not known")
        spot = [str(token) for token in sides]
        if len(sides) == 2 and not picks and not best and count is None and not plural and _is_corner(spot):
            return Chosen((self._nearest_to_corner(found, spot),), f"{' '.join(spot)} {label}, of {len(found)}")
        if len(picks) > 1 or len(best) + len(sides) > 1:
            raise refusal(f"'{' '.join(map(str, ranks))}' says more than one rank at a time")
        how = " ".join([*map(str, ranks), label, *order_words])
        if order is not None and plural and not (picks or best) and count is None:
            raise refusal(f"How many of the {len(found)} {label} {order_words[0]} are meant is not said")
        if best and order is not None:
            raise refusal(f"'{best[0]}' and '{order_words[0]}' are two orders at a time")
        if best:
            order = ORDERS[str(best[0])]
            if order in (geometry.near_to_far, geometry.far_to_near) and any(t.depth is None for t in found):
                raise refusal(f"How far away things are is not known in this scene, so '{best[0]}' cannot be read")
        if sides and sides[0].type == "MIDDLE":
            return Chosen((self._middle(found, label),), f"{how} of {len(found)}")
        if sides:
            order = SIDES[str(sides[0])]
        if order is None and picks:
            order = geometry.reading_order
        if order is None:
            return self._unranked(found, count, determiners, plural, label)
        ordered = order(found)
        start, size = 0, count or 1
        rivals = self._rivals(found, order)
        if picks and picks[0].type == "LAST":
            start = len(ordered) - size
        elif picks:
            start = _number(picks[0]) - 1
        if start < 0 or start + size > len(ordered):
            there = "There are no" if size > 1 else "There is no"
            raise NothingMatches(f"{there} {how}: the scene has {len(ordered)}.")
        if plural and count is None and (sides or best) and not picks:
            # "the left coins", "the largest coins": where the cut lies is a guess
            raise refusal(f"How many of the {len(ordered)} {label} are meant by '{how}' is not said")
        chosen = ordered[start : start + size]
        for why, rival in rivals:
            also = [thing for thing in rival[start : start + size] if thing not in chosen]
            if also:
                raise self._ambiguous([*chosen, *also], f"'{how}' {why}")
        return Chosen(tuple(chosen), f"{how}, of {len(ordered)}")

    def _rivals(self, found, order) -> list[tuple[str, list[SceneObject]]]:
        """Other orders that are as good, each with how it comes about."""
        if order is not geometry.reading_order:
            # sorting keeps equals as they came: what comes out otherwise from behind is a tie
            return [("fits several alike", order(found[::-1]))]
        scattered = len(geometry.rows(found)) == len(found) and len(geometry.columns(found)) > 1
        return [("can be counted from the left or from the top", geometry.left_to_right(found))] if scattered else []

    def _unranked(self, found, count, determiners, plural, label) -> Chosen:
        if "BOTH" in determiners and len(found) != 2:
            raise self._ambiguous(found, f"'both' means two, and {len(found)} fit '{label}'")
        if count is not None and count != len(found):
            if count > len(found):
                raise NothingMatches(f"There are not {count} {label}: the scene has {len(found)}.")
            meant = "one is" if count == 1 else f"{count} are"
            raise self._ambiguous(found, f"{len(found)} things fit '{label}', and {meant} meant")
        if count is None and not plural and len(found) > 1:
            raise self._ambiguous(found, f"{len(found)} things fit '{label}', and one is meant")
        how = f"the only {label}" if len(found) == 1 else f"all {len(found)} that fit '{label}'"
        return Chosen(tuple(found), how)

    def _middle(self, found, label) -> SceneObject:
        if len(found) % 2 == 0:
            raise self._ambiguous(found, f"Of {len(found)} that fit '{label}' none is the middle one")
        across = geometry.left_to_right(found)[len(found) // 2]
        if len(geometry.rows(found)) > 1 and geometry.top_to_bottom(found)[len(found) // 2] is not across:
            why = f"The {len(found)} that fit '{label}' stand in several rows, so none is the middle one"
            raise self._ambiguous(found, why)
        return across

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
            return self._line(post.children, found)[1]
        if kind == "in_row_number":
            rows = geometry.rows(found)
            number = _number(next(token for token in post.children if token.type == "NUMBER"))
            return self._pick_row(rows, number - 1, f"row {number}")
        if kind == "is_between":
            a, b = self.pair(post)
            return [t for t in found if t.id not in (a.id, b.id) and geometry.between(t, a, b)]
        if kind == "closest":
            rank = next(token for token in post.children if isinstance(token, Token) and token.type == "SUPERLATIVE")
            if ORDERS[str(rank)] is not geometry.near_to_far:
                raise refusal(f"'{rank} to' is not known")
            anchor = self.one(post.children[-1])
            others = [t for t in found if t.id != anchor.id]
            return self._least(others, lambda t: geometry.gap(t, anchor), f"{rank} to {anchor.id}")
        if kind == "quality":
            return [t for t in found if _has_look(t, post.children[-1])]
        if kind == "on_side":
            return self._on_side(post, found, plural, noun)
        relation: Phrase = next(
            child for child in post.children if isinstance(child, Tree) and child.data == "relation"
        )
        anchors = self.phrase(post.children[-1])
        holds = RELATIONS[relation.children[0].type]
        fitting = [t for t in found if t.id not in anchors.ids and all(holds(t, anchor) for anchor in anchors.things)]
        directly = any(isinstance(child, Token) and child.type == "DIRECTLY" for child in post.children)
        if directly and fitting:
            what = f"directly {relation.children[0]}"
            return self._least(fitting, lambda t: min(geometry.gap(t, anchor) for anchor in anchors.things), what)
        return fitting

    def _least(self, things, measure: Callable[[SceneObject], float], what: str) -> list[SceneObject]:
        """The one thing of the least measure, none of none.

        Raises:
            Ambiguous: where several share it.
        """
        measured = [(measure(thing), thing) for thing in things]
        least = [thing for value, thing in measured if value == min(value for value, _ in measured)]
        if len(least) > 1:
            raise self._ambiguous(least, f"{len(least)} things are {what} alike")
        return least

    def _on_side(self, post: Phrase, found, plural, noun) -> list[SceneObject]:
        """Several: those in that half of the picture; one: the furthest to that side."""
        spot = [str(token) for child in post.children if isinstance(child, Tree) for token in child.children]
        width, height = self.scene.width, self.scene.height

        def is_there(thing: SceneObject) -> bool:
            x, y = thing.box.center
            tests = {
                "left": x < width / 2,
                "right": x > width / 2,
                "top": y < height / 2,
                "upper": y < height / 2,
                "bottom": y > height / 2,
                "lower": y > height / 2,
            }
            central = width / 3 <= x <= 2 * width / 3 and height / 3 <= y <= 2 * height / 3
            return all(tests.get(word, central) for word in spot)

        there = [thing for thing in found if is_there(thing)]
        if plural or len(there) <= 1:
            return there
        if len(spot) == 1 and spot[0] in SIDES:
            return [SIDES[spot[0]](there)[0]]
        if _is_corner(spot):
            return [self._nearest_to_corner(there, spot)]
        raise self._ambiguous(there, f"{len(there)} {noun} are there, and one is meant")

    def _nearest_to_corner(self, found, spot: Sequence[str]) -> SceneObject:
        x = 0 if "left" in spot else self.scene.width
        y = 0 if set(spot) & {"top", "upper"} else self.scene.height
        return min(found, key=lambda thing: (thing.box.center[0] - x) ** 2 + (thing.box.center[1] - y) ** 2)

    def _line(self, children, found) -> tuple[list, list[SceneObject]]:
        """(all rows or columns, the one that is meant)."""
        word = str(next(child for child in children if isinstance(child, Token) and child.type == "ROW"))
        rows = geometry.columns(found) if word.startswith("col") else geometry.rows(found)
        sides = [
            str(t) for child in children if isinstance(child, Tree) and child.data == "side" for t in child.children
        ]
        rank = next(
            (child for child in children if isinstance(child, Token) and child.type in ("ORDINAL", "LAST")), None
        )
        if rank is not None and sides and sides[-1] in ("bottom", "lower", "right"):
            rows = rows[::-1]
        if rank is not None:
            number = len(rows) - 1 if rank.type == "LAST" else _number(rank) - 1
            return rows, self._pick_row(rows, number, f"{rank} {word}")
        side = sides[0]
        across = word.startswith("col")
        if side in ("middle", "center", "centre", "central"):
            if len(rows) % 2 == 0:
                raise NothingMatches(f"Of {len(rows)} {word}s none is the middle one.")
            return rows, rows[len(rows) // 2]
        if (side in ("left", "right")) != across:
            raise refusal(f"'{side} {word}' is no {word}")
        return rows, self._pick_row(rows, 0 if side in ("left", "top", "upper") else len(rows) - 1, f"{side} {word}")

    def _pick_row(self, rows, number: int, name: str) -> list[SceneObject]:
        if not 0 <= number < len(rows):
            raise NothingMatches(f"There is no {name}: the things stand in {len(rows)}.")
        return rows[number]

    def _partitive(self, head: Phrase) -> Chosen:
        """ "the largest of the coins", "two of the cups"."""
        whole = self.phrase(head.children[-1], several=True)
        before: list[Phrase] = [child for child in head.children[:-1] if isinstance(child, Tree)]
        determiners = {child.children[0].type for child in before if child.data == "determiner"}
        ranks = [child.children[0] for child in before if child.data == "modifier"]
        plural = bool({"ALL", "EVERY", "BOTH"} & determiners)
        label = _spelled(list(head.children[-1].scan_values(lambda value: isinstance(value, Token))))
        return self._ranked(list(whole.things), ranks, determiners, plural, None, [], label)

    def _numbered(self, head: Phrase) -> Chosen:
        """ "coin 3" is coin_3."""
        thing = self._of_number(*head.children[-2:])
        return Chosen((thing,), thing.id)

    def _of_number(self, word: Token, number: Token) -> SceneObject:
        thing = self.scene.get(f"{singular(str(word))}_{_number(number)}")
        if thing is None:
            raise NothingMatches(f"The scene has no {word} {number}; it has {self._listed()}.")
        return thing

    # --------------------------------------------------------------------------------------------------- helpers

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
            raise self._ambiguous(chosen.things, f"{len(chosen.things)} things are meant where one is needed")
        return first

    def _some(self, chosen: Chosen, label: str) -> Chosen:
        if not chosen.things:
            raise NothingMatches(f"The scene has no {label}; it has {self._listed()}.")
        return chosen

    def _listed(self) -> str:
        counts: dict[str, int] = {}
        for thing in self.scene.objects:
            counts[thing.label] = counts.get(thing.label, 0) + 1
        named = [label if n == 1 else f"{n} x {label}" for label, n in list(counts.items())[:8]]
        more = len(counts) - len(named)
        return (", ".join(named) + (f" and {more} more" if more > 0 else "")) or "no objects"

    def _ambiguous(self, things, why: str) -> Ambiguous:
        shown = [f"{t.id} ({t.attributes['position']})" if "position" in t.attributes else t.id for t in things[:6]]
        more = f" and {len(things) - 6} more" if len(things) > 6 else ""
        return Ambiguous(f"{why}: {', '.join(shown)}{more}. Say which.", tuple(t.id for t in things))


def _words(trees: Sequence[Phrase]) -> str:
    return _spelled([token for tree in trees for token in tree.scan_values(lambda value: isinstance(value, Token))])


def _is_line(item: Phrase) -> bool:
    return isinstance(item.children[0], Tree) and item.children[0].data == "line"


def _described(item: Any) -> tuple[Phrase, list[Phrase]] | None:
    """(head, posts) of an item that is a plain phrase."""
    phrase: Any = item.children[0] if isinstance(item, Tree) else None
    if not isinstance(phrase, Tree) or phrase.data != "phrase":
        return None
    head: Any = phrase.children[0]
    return (head, list(phrase.children[1:])) if head.data == "described" else None


def _place_posts(item: Phrase) -> list[Phrase]:
    described = _described(item)
    return [post for post in described[1] if post.data in PLACES] if described else []


def _is_bare(item: Phrase) -> bool:
    """Whether an item has a noun, and nothing after it."""
    described = _described(item)
    return bool(described) and not described[1] and any(child.data == "noun" for child in described[0].children)


def _ranks_in_a_place(item: Phrase) -> bool:
    """ "the two largest coins in the top row"."""
    described = _described(item)
    kinds = ("ORDINAL", "LAST", "SUPERLATIVE", "NUMBER")
    ranked = bool(described) and any(
        child.data == "modifier" and child.children[0].type in kinds for child in described[0].children
    )
    return ranked and bool(_place_posts(item))


def _is_corner(spot: Sequence[str]) -> bool:
    across, down = {"left", "right"}, {"top", "upper", "bottom", "lower"}
    return len(spot) == 2 and len(across & set(spot)) == 1 and len(down & set(spot)) == 1


def _noun_of(item: Phrase) -> Phrase | None:
    """The phrase of an item that has a noun of its own, which others may borrow."""
    for phrase in item.find_data("phrase"):
        head = phrase.children[0]
        if head.data == "described" and any(child.data == "noun" for child in head.children):
            return phrase
    return None


def _number(token: Token) -> int:
    digits = re.sub(r"\D.*", "", str(token))
    return int(digits) if digits else NUMBERS[str(token)]


def _spelled(words: Sequence[Token]) -> str:
    return " ".join(str(word) for word in words)


def _label_words(thing: SceneObject) -> list[str]:
    return re.findall(r"[^\W_]+", thing.label.lower())


def _is_called(thing: SceneObject, noun: str) -> bool:
    """Whether the label's head, its last word, is the noun."""
    words = _label_words(thing)
    return bool(words) and (words[-1] == noun or singular(words[-1]) == noun)


def _has_look(thing: SceneObject, look: Token) -> bool:
    words = " ".join(
        [thing.label.lower(), *(thing.attributes.get(key, "").lower() for key in ("colour", "color", "shape", "size"))]
    )
    wanted = str(look).replace("gray", "grey")
    if look.type == "COLOUR":
        return re.search(rf"(^|[^\w]){re.escape(wanted)}($|[^\w])", words.replace("gray", "grey")) is not None
    alike = {"circular": "round", "big": "large", "huge": "large", "tiny": "small", "little": "small"}
    return alike.get(wanted, wanted) in words.split()
