"""What a noun phrase is made of: its determiners, ranks, looks, noun, owner, and what is said of where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ....core.inflection import is_plural, singular
from ..words.vocabulary import MEASURES


@dataclass(frozen=True)
class Rank:
    """A word that picks by order: kind "number", "ordinal", "last", "superlative", "comparative" or "side"."""

    kind: str
    word: str
    value: str | int = ""


@dataclass(frozen=True)
class Look:
    """A word that says a colour, a tone, a shape or a size, of that kind."""

    kind: str
    word: str


@dataclass(frozen=True)
class Post:
    """What is said of a thing after its noun.

    Attributes:
        kind: "relation", "between", "row", "spot", "counted", "closest", "look", "remark", "whole".
        relation: of RELATIONS. directly: whether the nearest is meant.
        anchors: the phrases that it refers to.
        sides: of the picture or of a row; ranks: an ordinal, a superlative or the number of a row.
        across: whether columns are meant, and not rows.
        look: of "which is red". words: as they were said.
    """

    kind: str
    words: str = ""
    relation: str = ""
    directly: bool = False
    anchors: tuple[Phrase, ...] = ()
    sides: tuple[str, ...] = ()
    ranks: tuple[Rank, ...] = ()
    across: bool = False
    look: Look | None = None

    @property
    def is_place(self) -> bool:
        """Whether it says where a thing is, and not in which order things are counted."""
        return self.kind in ("relation", "between", "row", "spot", "closest")


@dataclass(frozen=True)
class Phrase:
    """One noun phrase.

    Attributes:
        special: "background", "picture", "everything", "pronoun", "line" (a whole row), "id" or "" for a plain one.
        determiners: "the", "a", "all", "every", "both", "other", "his", ….
        noun: its open words, the head as a rule last; may hold "of": cup of coffee. raw: as they were typed.
        owner: whose part it is; of: "two of the cups" picks of these.
        number: 3 for "coin 3". written: whether its words are letters in the picture: the word "SALE".
        words: all of it, for sentences.
    """

    words: str = ""
    special: str = ""
    determiners: frozenset[str] = frozenset()
    ranks: tuple[Rank, ...] = ()
    looks: tuple[Look, ...] = ()
    noun: tuple[str, ...] = ()
    owner: Phrase | None = None
    of: Phrase | None = None
    number: int | None = None
    posts: tuple[Post, ...] = ()
    raw: str = ""
    written: bool = False

    @property
    def has_noun(self) -> bool:
        """Whether it has a noun of its own; "the red one" takes that of another."""
        return bool(self.noun) and self.noun not in (("one",), ("ones",))

    @cached_property
    def head(self) -> str:
        """The noun that says what it is, in the singular: "coffee" of a pinch of coffee, "cup" of a cup of coffee."""
        return singular(self.noun[self.head_place]) if self.noun else ""

    @cached_property
    def head_place(self) -> int:
        if "of" not in self.noun:
            return len(self.noun) - 1
        split = self.noun.index("of")
        return len(self.noun) - 1 if singular(self.noun[split - 1]) in MEASURES else split - 1

    @property
    def is_plural(self) -> bool:
        """Whether its noun stands for several."""
        return bool(self.noun) and is_plural(self.noun[self.head_place])

    @cached_property
    def name(self) -> tuple[str, ...]:
        """The noun's words with the head in the singular; a measure before "of" is left out."""
        words = list(self.noun)
        if words:
            words[self.head_place] = singular(words[self.head_place])
            if "of" in words and self.head_place == len(words) - 1:
                words = words[words.index("of") + 1 :]
        return tuple(words)

    @property
    def is_indefinite(self) -> bool:
        """Whether it speaks of something that need not be there yet: a dog, some flowers."""
        return bool(self.determiners & {"a", "an", "another", "some"}) and not self.of

    def definite(self) -> Phrase:
        """The phrase of something that is there: "a stain" as the stain."""
        return replace(self, determiners=self.determiners - {"a", "an", "some", "another"})

    def walk(self) -> Iterator[Phrase]:
        """This phrase and all that it refers to."""
        yield self
        for other in (self.owner, self.of, *(anchor for post in self.posts for anchor in post.anchors)):
            if other is not None:
                yield from other.walk()

    def without_last_spot(self) -> tuple[Phrase, Post] | None:
        """(the phrase, the spot) where the innermost anchor at its end ends in a spot: "the car behind the bus on the
        left" may speak of a bus or of a car on the left."""
        if not self.posts:
            return None
        last = self.posts[-1]
        if last.kind == "spot":
            return replace(self, posts=self.posts[:-1]), last
        if last.kind not in ("relation", "between") or not last.anchors:
            return None
        inner = last.anchors[-1].without_last_spot()
        if inner is None:
            return None
        anchors = (*last.anchors[:-1], inner[0])
        return replace(self, posts=(*self.posts[:-1], replace(last, anchors=anchors))), inner[1]


@dataclass(frozen=True)
class Selection:
    """Phrases joined by "and", without those that an exception spares."""

    items: tuple[Phrase, ...]
    spared: Selection | None = None
    words: str = ""
    keep: tuple[str, ...] = field(default=())

    @property
    def only(self) -> Phrase | None:
        """The phrase, where it is one and nothing is spared."""
        return self.items[0] if len(self.items) == 1 and self.spared is None else None

    def walk(self) -> Iterator[Phrase]:
        for item in self.items:
            yield from item.walk()
        if self.spared is not None:
            yield from self.spared.walk()


def noun_of(items: Sequence[Phrase]) -> Phrase | None:
    """The first phrase that has a noun of its own, which others may borrow."""
    return next((item for item in items if item.has_noun and not item.special and item.number is None), None)


def is_bare(item: Phrase) -> bool:
    return bool(item.noun) and not item.posts and not item.special and item.number is None


def ranks_in_a_place(item: Phrase) -> bool:
    """Whether it is like "the two largest coins in the top row"."""
    ranked_by = any(rank.kind in ("ordinal", "last", "superlative", "number") for rank in item.ranks)
    return ranked_by and any(post.is_place for post in item.posts)
