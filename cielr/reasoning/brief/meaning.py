"""Which objects words mean, where only knowledge can tell: asked of the model thing by thing, decided by code."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...core.inflection import singular
from ...core.scene import DescribeRequest, Scene, SceneObject
from ...errors import Ambiguous, ClarificationNeeded, LLMError, NothingMatches, NotUnderstood
from ..chats.protocol import Message, Reply
from ..grammar.reader import plan_explicit
from .questions import choice_question, fits_question

MOST_KINDS = 24
"""Kinds of things that are gone through one by one; of more, the model is to choose from the list."""
CLEAR = 0.45
"""By so much the log odds of the likeliest thing exceed those of the next, or the question is put in other ways."""
CLOSE_ONES = 4
"""Things that are asked about again where they are close."""
LIKELY = 0.9
"""Probability from which another thing may be meant too, where several are asked for."""
LOOKED_AT = 8
"""Things of one kind that are looked at closely, to tell them apart."""
_MANY = re.compile(r"^(?:all|every|everything|both|each|any|anything|whatever|things|those|these)\b")
_RELATIVE = re.compile(
    r"\b(?:that|which|who|whose|what|whatever|whoever|something|somebody|someone|thing|things|stuff|with|for|of|from|in|on|i|you|we|they|one|people|he|she|it|to|is|are|can|when|where)\b"
)
_NOT = re.compile(
    r"^(?:the |all |all the |any |every )?(?P<noun>[\w ]+?) (?:that|which|who) (?:(?:are|is|do|does) not|aren't|isn't)"
    r" (?P<rest>.+)$"
)
_PLACED = re.compile(
    r"\b(?:between|left of|right of|above|below|behind|beside|next to|in front of|under|on top of|(?:left|right)most)\b"
)
_LIES = re.compile(
    r"^(?:what|whatever|the one|the thing|the object) (?:that )?(?:lies|is|stands|sits|hangs)?\s*"
    r"(?=(?:between|left|right|above|below|behind|beside|next|in front|under|on top)\b)"
)
_PLAIN = re.compile(r"^(?:the |a |an |my |his |her |their |this |that )?[\w-]+(?: [\w-]+){0,2}$")

_DETERMINERS = ("the", "a", "an", "my", "his", "her", "their", "this", "that", "all", "both", "every")


class Asker(Protocol):
    """Who puts questions to the model and to the eyes, within their limits."""

    def put(self, messages: Sequence[Message], schema: dict | None) -> str:
        """The model's answer."""
        ...

    def weigh(self, messages: Sequence[Message]) -> Reply | None:
        """The first word of the answer, with the probabilities of its tokens where the server tells them."""
        ...

    def look(self, request: DescribeRequest) -> str:
        """What the eyes say; "" where they say nothing."""
        ...


@dataclass(frozen=True)
class Meant:
    """Ids that words mean, and how that was found, for people."""

    ids: tuple[str, ...]
    how: str


class Meaning:
    """Finds out what words mean in a scene.

    Args:
        assume: decides where it would ask the user.
    """

    def __init__(self, scene: Scene, asker: Asker, assume: bool = False) -> None:
        self.scene = scene
        self.asker = asker
        self.assume = assume

    def of(self, words: str) -> Meant:
        """The objects that words mean.

        Raises:
            ClarificationNeeded: where several fit and the words do not tell them apart, or none does; LLMError.
        """
        try:
            return Meant(self._all_but(words) or self._read(words), f"'{words}' can be read off the scene")
        except Ambiguous as error:
            if not self.assume:
                raise asks_which(error, self.scene) from None
        except NothingMatches as error:
            if is_plain(words) and not self.assume:
                raise ClarificationNeeded(str(error)) from None
        except NotUnderstood:
            if parts := _joined(words):
                meanings = [self.of(part) for part in parts]
                ids = dict.fromkeys(name for meant in meanings for name in meant.ids)
                return Meant(tuple(ids), "; ".join(meant.how for meant in meanings))
        if _PLACED.search(words):
            # where things are is not a matter of knowledge
            raise NotUnderstood(f"Where '{words}' is was not understood.")
        kinds = list(dict.fromkeys(thing.label for thing in self.scene.objects))
        if not kinds:
            raise NothingMatches("The scene holds no objects; look for some first.")
        many = is_many(words)
        noun = head_noun(words)
        named = [kind for kind in kinds if noun and kind.lower().split()[-1] == noun]
        kind = self._kind(words, named or kinds, many)
        things = [thing for thing in self.scene.objects if thing.label == kind]
        if len(things) > 1 and (named or not many):
            things = self._some_of(words, things) if many else [self._one_of(words, things)]
        return Meant(tuple(thing.id for thing in things), f"'{words}' means: {kind}")

    def _all_but(self, words: str) -> tuple[str, ...]:
        """What "apples that are not in the bowl" means: the apples without those in the bowl; () for other words.

        Raises:
            NotUnderstood.
        """
        match = _NOT.match(words)
        if match is None:
            return ()
        noun, rest = match["noun"], match["rest"]
        everything = self._read(f"all {noun}")
        for said in (f"all {noun} {rest}", f"all {rest} {noun}"):
            try:
                excluded = self._read(said)
            except NothingMatches:
                continue
            except NotUnderstood:
                excluded = ()
            if excluded:
                return tuple(name for name in everything if name not in excluded)
        return ()

    def _read(self, words: str) -> tuple[str, ...]:
        """The targets that the grammar finds for a noun phrase.

        Raises:
            NotUnderstood.
        """
        (action,) = plan_explicit(self.scene, f"remove {_LIES.sub('the thing ', words)}", painter=True).actions
        return action.objects

    # ------------------------------------------------------------------------------------------------- which kind

    def _kind(self, words: str, kinds: Sequence[str], many: bool) -> str:
        """The label of what is meant."""
        if len(kinds) == 1:
            return kinds[0]
        ranked = self._ranked(words, kinds) if len(kinds) <= MOST_KINDS else []
        if ranked:
            (first, best), (_, next_best) = ranked[:2]
            if many and _probability(next_best) >= LIKELY and not self.assume:
                also = [name for name, odds in ranked if _probability(odds) >= LIKELY]
                raise ClarificationNeeded(f"What does '{words}' take in?", (*also[:6], "all of them"))
            return first if best - next_best >= CLEAR else self._asked_again(words, ranked)
        return self._by_vote(words, kinds)

    def _ranked(self, words: str, things: Sequence[str], other_way: bool = False) -> list[tuple[str, float]]:
        """Things with the log odds that words mean them, the likeliest first; none where the server does not tell."""
        weighed = []
        for thing in things:
            reply = self.asker.weigh(fits_question(words, thing, other_way))
            odds = _log_odds(reply.first) if reply is not None else None
            if odds is None:
                return []
            weighed.append((thing, odds))
        return sorted(weighed, key=lambda pair: -pair[1])

    def _asked_again(self, words: str, ranked: list[tuple[str, float]]) -> str:
        """The likeliest of some close ones, after they are asked about in other words.

        Raises:
            ClarificationNeeded: where they stay close.
        """
        close = [name for name, odds in ranked if ranked[0][1] - odds < 2 * CLEAR][:CLOSE_ONES]
        again = dict(self._ranked(words, close, other_way=True))
        both = sorted(((odds + again.get(name, 0.0), name) for name, odds in ranked if name in close), reverse=True)
        if both[0][0] - both[1][0] >= CLEAR or self.assume:
            return both[0][1]
        raise ClarificationNeeded(f"What is meant by '{words}'?", tuple(name for _, name in both))

    def _by_vote(self, words: str, names: Sequence[str]) -> str:
        """What the model chooses in two of three orders of the list: a small one likes the first or the last best.

        Raises:
            ClarificationNeeded: where each order gives another answer.
        """
        half = len(names) // 2
        orders = [list(names), list(reversed(names)), [*names[half:], *names[:half]]]
        votes: list[str] = []
        for order in orders:
            votes.append(self._chosen(words, order))
            if votes.count(votes[-1]) == 2:
                return votes[-1]
        if self.assume:
            return votes[0]
        raise ClarificationNeeded(f"What is meant by '{words}'?", tuple(dict.fromkeys(votes)))

    def _chosen(self, words: str, names: Sequence[str]) -> str:
        messages, schema = choice_question(words, names)
        for _ in range(2):
            said = self.asker.put(messages, schema)
            name = chosen_name(said, names)
            if name is not None:
                return name
        raise LLMError(
            f"The language model chose none of {len(names)} things for '{words}'.",
            last_answer=said[:400],
            problems=("The answer names nothing of the list.",),
        )

    # ------------------------------------------------------------------------------------------ which one of a kind

    def _one_of(self, words: str, things: Sequence[SceneObject]) -> SceneObject:
        """The one among things of one kind that words mean, by their looks or by a closer look."""
        for looks in (self._looks, self._close_looks):
            named = looks(words, things)
            if len(set(named.values())) == len(things):
                names = list(named.values())
                name = self._kind(words, names, many=False)
                return next(thing for thing in things if named[thing.id] == name)
        ids = ", ".join(thing.id for thing in things[:6])
        raise asks_which(Ambiguous(f"{len(things)} things fit '{words}': {ids}. Say which.", ()), self.scene, things)

    def _some_of(self, words: str, things: Sequence[SceneObject]) -> list[SceneObject]:
        """Those among things of one kind that words mean, by their looks.

        Raises:
            ClarificationNeeded: where the model does not tell them clearly apart.
        """
        named = self._looks(words, things)
        ranked = self._ranked(words, list(dict.fromkeys(named.values())))
        meant = {name for name, odds in ranked if odds > 0}
        gap = min((odds for _, odds in ranked if odds > 0), default=0.0) - max(
            (odds for _, odds in ranked if odds <= 0), default=0.0
        )
        if not meant or len(meant) == len(ranked) or gap < CLEAR:
            raise asks_which(
                Ambiguous(f"Which of the {len(things)} are '{words}' is not clear. Say which.", ()), self.scene, things
            )
        return [thing for thing in things if named[thing.id] in meant]

    def _looks(self, words: str, things: Sequence[SceneObject]) -> dict[str, str]:
        return {thing.id: look_words(thing) for thing in things}

    def _close_looks(self, words: str, things: Sequence[SceneObject]) -> dict[str, str]:
        """What the eyes see on each."""
        looks = {}
        for thing in things[:LOOKED_AT]:
            seen = self.asker.look(DescribeRequest(object=thing.id, question="What is it, and what is in or on it?"))
            looks[thing.id] = f"{thing.label}: {seen}" if seen else thing.label
        return looks


def look_words(thing: SceneObject) -> str:
    """ "mug (red, small)"."""
    looks = ", ".join(thing.attributes.values())
    return f"{thing.label} ({looks})" if looks else thing.label


def asks_which(error: Ambiguous, scene: Scene, things: Sequence[SceneObject] | None = None) -> ClarificationNeeded:
    """The question to the user that takes the place of an ambiguity, with what fits as choices."""
    fitting = list(things or (scene[name] for name in error.candidates))
    return ClarificationNeeded(str(error), tuple(thing.id for thing in fitting[:8]))


def is_many(words: str) -> bool:
    """Whether words ask for all that fits: "everything that …", "the birds that …"; "what …" is one thing."""
    if _MANY.match(words) and not words.startswith("whatever"):
        return True
    noun = _last_of_head(words)
    return noun.isalpha() and singular(noun) != noun


def head_noun(words: str) -> str:
    """What a noun phrase is about, in the singular: "jar" for "the jars with what bees make"; or ""."""
    noun = _last_of_head(words)
    return singular(noun) if noun.isalpha() else ""


def _last_of_head(words: str) -> str:
    """The last word before what qualifies the noun."""
    head = re.split(_RELATIVE, words, maxsplit=1)[0].split()
    return head[-1].strip(",") if head and "'" not in head[-1] else ""


def is_plain(words: str) -> bool:
    """Whether words only name a thing, so that no knowledge can find it where nothing has that name."""
    return _PLAIN.match(words) is not None and _RELATIVE.search(words) is None


def _joined(words: str) -> list[str]:
    """ "both trees" and "all cars except the red one", where words join two phrases that stand for themselves."""
    parts = re.split(r",? and (?=(?:the|all|both|every|each|my|his|her)\b)", words)
    return parts if len(parts) > 1 and "between" not in words else []


def thing_named(words: str) -> str:
    """What a detector looks for: "parking meter" for "the parking meters"."""
    names = [word for word in words.split() if word not in _DETERMINERS]
    return " ".join([*names[:-1], singular(names[-1])]) if names else ""


def chosen_name(said: str, names: Sequence[str]) -> str | None:
    """The name that an answer {"is": name} chooses; None where it chooses none of the list."""
    try:
        name = json.loads(said, strict=False)["is"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return name if isinstance(name, str) and name in names else None


def _log_odds(first: Mapping[str, float] | None) -> float | None:
    """Log odds of "yes" against "no" as the first token; None where neither is among the likely ones."""
    if not first:
        return None
    yes, no = (sum(share for token, share in first.items() if _is(token, word)) for word in ("yes", "no"))
    if yes + no < 0.05:
        return None
    return math.log((yes + 1e-6) / (no + 1e-6))


def _is(token: str, word: str) -> bool:
    return token.strip(" \"'▁Ġ").lower() == word


def _probability(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


__all__ = ["Asker", "Meaning", "Meant", "asks_which", "is_many", "is_plain", "look_words", "thing_named"]
