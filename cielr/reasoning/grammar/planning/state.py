"""What was planned so far, and what a phrase means then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....actions import Action
from ....core.inflection import is_plural
from ....core.scene import Scene
from ....errors import NothingMatches
from ..meaning.choice import Chosen
from ..meaning.naming import label_words
from ..meaning.selection import Selector
from ..nouns.phrases import Phrase, Selection
from ..sentences.attributes import ATTRIBUTES
from ..sentences.wishes import Wish
from ..words.tokens import refusal, spelled
from ..words.vocabulary import RELATIONS

Step = tuple[Action, tuple[tuple[str, str], ...]]
"""An action, and (id, label) of what it makes."""

_OF_WHOLES = {"remove": "removed", "look": "changed by itself", "resize": "resized by itself"}
"""What is done to whole things alone."""


@dataclass(frozen=True)
class State:
    """What was planned so far.

    Attributes:
        now: the scene as the actions leave it. last: ids that "it" means.
        mentioned: all that was a target. made: what the actions make. copies: what the last copying made.
        looked: whether eyes have looked for what the text names.
        before: the planner before the last wish, and what that asked for.
    """

    now: Scene
    looked: bool = False
    last: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    before: tuple[Any, Wish] | None = None

    @property
    def selector(self) -> Selector:
        return Selector(self.now, self.last, self.mentioned, self.made, self.looked)

    def _targets(self, wish: Wish) -> Chosen:
        assert wish.targets is not None
        whole = whole_of(wish.targets)
        if whole is not None and not (whole.special == "picture" and self._is_a_thing(whole)):
            verb = {
                "turn": "turned or mirrored as a whole",
                "resize": "resized by itself",
                "move": "moved",
                "remove": "removed by itself",
            }
            raise refusal(f"'{whole.words}' cannot be {verb.get(wish.kind, 'taken for a thing')}")
        try:
            chosen = self.selector.targets(wish.targets)
            if wish.kind in _OF_WHOLES and (part := _part_said(wish.targets)) and len(chosen.ids) == 1:
                raise refusal(
                    f"'{part}' is a part of {chosen.ids[0]}, and no thing that could be {_OF_WHOLES[wish.kind]}"
                )
            self._check_apart(wish.targets, chosen)
            return chosen
        except NothingMatches:
            part = self._part_of_made(wish.targets)
            if part is None or wish.kind in ("remove", "extract", "move", "duplicate"):
                raise
            return part

    def _check_apart(self, selection: Selection, chosen: Chosen) -> None:
        """That no single one is picked of several that are painted together: of "three lanterns" the middle one.

        Raises:
            NotUnderstood: where one is.
        """
        picks = [item for item in selection.items if item.of or any(rank.kind != "number" for rank in item.ranks)]
        painted = {name: action for action in self.actions if action.kind == "add" for name in action.makes}
        together = next((name for name in chosen.ids if name in painted), None)
        if picks and together is not None and is_plural(head_noun(painted[together].what)):
            raise refusal(f"'{painted[together].what}' are painted together; say there how each of them is to be")

    def _is_a_thing(self, phrase: Phrase) -> bool:
        words = set(phrase.noun)
        return any(set(thing.label.lower().split()) & words for thing in self.now.objects)

    def _part_of_made(self, selection: Selection) -> Chosen | None:
        """What a part belongs to, where the plan makes that: nobody can look for the parts of what is not there yet."""
        only = selection.only
        if only is None or only.owner is None:
            return None
        try:
            owners = self.selector.phrase(only.owner)
        except NothingMatches:
            return None
        return owners if all(name in self.made for name in owners.ids) else None

    def _of_part(self, wish: Wish, ids: tuple[str, ...]) -> str:
        """ "eyes: orange" where a part of what the plan makes is to change, and not all of it; "" elsewhere."""
        only = wish.targets.only if wish.targets is not None else None
        if only is None or only.owner is None or not only.noun or not all(name in self.made for name in ids):
            return ""
        made = {label_words(thing)[-1] for name in ids if (thing := self.now.get(name)) is not None}
        if only.head in made or (only.noun[-1] in ATTRIBUTES and only.noun[-1] != "shade"):
            return ""
        how = wish.text.removeprefix("colour ")
        if wish.kind == "resize":
            how = "larger" if wish.value > 1 else "smaller"
        return f"{spelled(only.noun)}: {how}"

    def _is_of_the_picture(self, wish: Wish) -> bool:
        """Whether "it" is the picture: "make it a cave", said before anything in it was named."""
        only = wish.targets.only if wish.targets is not None else None
        named = only is None or only.special != "pronoun" or only.words not in ("it", "this") or only.noun
        return not named and not self.last


def head_noun(text: str) -> str:
    """The last word before a preposition or a comma of a painter's text: lanterns of "three lanterns with candles"."""
    words = text.replace(",", " ,").split()
    ends = (k for k in range(1, len(words)) if words[k] == "," or RELATIONS.at(words, k) is not None)
    return words[next(ends, len(words)) - 1] if words else ""


def _part_said(selection: Selection) -> str:
    """ "the middle of the rug", where a side of one thing is named; "" for anything else."""
    only = selection.only
    sides = only is not None and only.of is not None and only.ranks and all(r.kind == "side" for r in only.ranks)
    one = only is not None and only.of is not None and only.of.noun and not is_plural(only.of.noun[-1])
    return only.words if sides and one and only is not None else ""


def whole_of(selection: Selection) -> Phrase | None:
    """The background or the picture where that is all that is named.

    Raises:
        NotUnderstood: where other things are named beside it.
    """
    wholes = [item for item in selection.items if item.special in ("background", "picture")]
    if wholes and len(selection.items) > 1:
        raise refusal(f"'{wholes[0].words}' and other things take a step each")
    return wholes[0] if wholes else None
