"""What is removed, and how things and the whole picture are to look."""

from __future__ import annotations

from ....actions import Background, Extract, Global, Modify, Remove
from ....errors import NothingMatches
from ..nouns.phrases import Selection
from ..sentences.wishes import Wish
from ..words.tokens import refusal
from .state import State, Step, whole_of


class Looks(State):
    """What is removed, and how things and the whole picture are to look."""

    def _remove(self, wish: Wish) -> list[Step]:
        if self._is_the_background(wish):
            return self._alone()
        chosen = self._targets(wish)
        return [(Remove(targets=chosen.ids, reason=chosen.how), ())]

    def _keep(self, wish: Wish) -> list[Step]:
        chosen = self._targets(wish)
        rest = tuple(thing.id for thing in self.now.objects if thing.id not in chosen.ids)
        if not rest:
            raise NothingMatches("There is nothing else in the scene that could be removed.")
        return [(Remove(targets=rest, reason=f"all but {chosen.how}"), ())]

    def _look(self, wish: Wish) -> list[Step]:
        assert wish.targets is not None
        whole = whole_of(wish.targets)
        if self._is_of_the_picture(wish) and not wish.text.startswith("colour"):
            # "make it brighter"
            return [(Global(style=wish.text, reason="the whole picture"), ())]
        if whole is not None and whole.special == "background":
            return [(Background(to=wish.text, reason="the background"), ())]
        if whole is not None:
            return [(Global(style=wish.text, reason="the whole picture"), ())]
        first = wish.targets.items[0]
        if len(wish.targets.items) == 1 and first.special == "everything" and not first.posts:
            return self._all_but(wish.targets, wish.text)
        chosen = self._targets(wish)
        change = self._of_part(wish, chosen.ids) or wish.text
        return [(Modify(targets=chosen.ids, change=change, reason=chosen.how), ())]

    def _all_but(self, selection: Selection, change: str) -> list[Step]:
        """ "everything" is the whole picture, and "everything except the coins" is the background and all else."""
        if selection.spared is None:
            return [(Global(style=change, reason="everything"), ())]
        spared = self.selector.targets(selection.spared)
        rest = tuple(thing.id for thing in self.now.objects if thing.id not in spared.ids)
        how = f"everything except {spared.how}"
        others: list[Step] = [(Modify(targets=rest, change=change, reason=how), ())] if rest else []
        return [(Background(to=change, reason=how), ()), *others]

    def _modify(self, wish: Wish) -> list[Step]:
        last = self.actions[-1] if self.actions else None
        if _is_clear(wish.text) and last is not None and last.kind == "extract" and last.objects == self.last:
            # "remove the background and make it transparent" says it twice
            return []
        if self._is_of_the_picture(wish):
            if wish.prompt:
                raise refusal(f"What is to carry {wish.text} is not said")
            return self._style(wish)
        chosen = self._targets(wish)
        change = self._of_part(wish, chosen.ids) or wish.text
        return [
            (Modify(targets=chosen.ids, change=change, outline=wish.outline, prompt=wish.prompt, reason=chosen.how), ())
        ]

    def _background(self, wish: Wish) -> list[Step]:
        if _is_clear(wish.text):
            return self._alone()
        return [(Background(to=wish.text, reason="the background"), ())]

    def _style(self, wish: Wish) -> list[Step]:
        if _is_clear(wish.text):
            # "give it a transparent background"
            return self._alone()
        return [(Global(style=wish.text, reason="the whole picture"), ())]

    def _alone(self) -> list[Step]:
        """All things that are known, on nothing: what is left without the background.

        Raises:
            NotUnderstood: where no thing is known.
        """
        things = tuple(thing.id for thing in self.now.objects)
        if not things:
            raise refusal("What is to be kept is not said, as no thing in the picture is known: say 'extract the dog'")
        return [(Extract(targets=things, ground="transparent", reason="all but the background"), ())]

    def _is_the_background(self, wish: Wish) -> bool:
        only = wish.targets.only if wish.targets is not None else None
        return only is not None and only.special == "background" and not self._is_a_thing(only)


def _is_clear(text: str) -> bool:
    """Whether nothing is to be there: "transparent", "a transparent one", "transparency"."""
    words = set(text.lower().replace("-", " ").split()) - {"a", "an", "one", "fully", "completely", "background", "be"}
    return words in ({"transparent"}, {"transparency"}, {"see", "through"})
