"""A plan from a small model: what the grammar reads costs no question, and what it cannot read becomes small ones."""

from __future__ import annotations

import re
from typing import Protocol

from ...actions import Action, Plan
from ...core.scene import DetectRequest, Scene
from ...errors import Ambiguous, CielrError, ClarificationNeeded, NothingMatches, NotUnderstood, PlanError
from ..grammar.reader import plan_explicit
from .frames import frame_of, plain_words, steps_in, whole_frame
from .meaning import Asker, Meaning, asks_which, is_plain, thing_named
from .steps import plan_by_vote

_WHICH_COLOUR = re.compile(r"^(?:change|alter) the colou?rs? of [\w ]+$|^(?:recolou?r|repaint|colou?r|paint) [\w ]+$")
"""A step that changes a colour and, since nothing has understood it, names none."""


class Partner(Asker, Protocol):
    """An `Asker` that can also look for things, and takes notes."""

    def find(self, request: DetectRequest) -> Scene:
        """The scene with what was looked for; the same one where nobody can look."""
        ...

    def tell(self, kind: str, words: str) -> None:
        """Takes a note."""
        ...


def plan_briefly(scene: Scene, instruction: str, partner: Partner, assume: bool = False) -> tuple[Scene, Plan]:
    """The scene, with what was looked for, and the plan.

    Args:
        assume: the user is asked nothing.

    Raises:
        ClarificationNeeded: where only the user can tell; LLMError: where the model gives nothing that can be used.
    """
    reading = _Reading(scene, partner, assume)
    actions = reading.of(instruction)
    plan = Plan(actions=actions, summary=" ".join(action.reason for action in actions if action.reason))
    plan.check(reading.seen)
    return reading.seen, plan


class _Reading:
    """One instruction, read step by step.

    Attributes:
        seen: the scene as it is, with what was looked for; now: as the steps so far leave it.
    """

    def __init__(self, scene: Scene, partner: Partner, assume: bool) -> None:
        self.seen = self.now = scene
        self.partner = partner
        self.assume = assume

    def of(self, instruction: str) -> tuple[Action, ...]:
        whole = self._explicit(instruction)
        if whole is not None:
            return whole
        actions: list[Action] = []
        for step in steps_in(plain_words(instruction)):
            read = self._step(step)
            if read is None:
                if _WHICH_COLOUR.match(step) and not self.assume:
                    raise ClarificationNeeded(f"Which colour is meant in '{step}'?")
                # what is not understood in part is not done in part
                self.partner.tell("unread", f"'{step}' is left to the language model.")
                return plan_by_vote(self.seen, instruction, self.partner, self.assume).actions
            for action in read:
                actions.append(action)
                self.now = action.after(self.now)
        return tuple(actions)

    def _step(self, step: str) -> tuple[Action, ...] | None:
        """The actions of one step; None where its form is not understood.

        Raises:
            ClarificationNeeded.
        """
        explicit = self._explicit(step) or whole_frame(step)
        if explicit:
            return explicit
        frame = frame_of(self.now, step)
        if frame is None:
            return None
        self.partner.tell("understood", f"'{step}' is understood as: {frame.shown}")
        try:
            meant = Meaning(self.now, self.partner, self.assume).of(frame.what)
            actions = frame.filled(self.now, meant.ids)
            Plan(actions=actions).check(self.now)
        except Ambiguous as error:
            raise asks_which(error, self.now) from None
        except (NotUnderstood, PlanError):
            return None
        return tuple(action.model_copy(update={"reason": meant.how}) for action in actions)

    def _explicit(self, words: str) -> tuple[Action, ...] | None:
        """What the grammar reads, after a look for what the scene lacks; None where it does not understand.

        Raises:
            ClarificationNeeded: where it understands and several things fit, or nothing does.
        """
        try:
            return plan_explicit(self.now, words, painter=True).actions
        except Ambiguous as error:
            if self.assume:
                return None
            raise asks_which(error, self.now) from None
        except NothingMatches as error:
            if self._look_for(words):
                try:
                    return plan_explicit(self.now, words, painter=True).actions
                except CielrError:
                    return None
            frame = frame_of(self.now, plain_words(words))
            if frame is not None and is_plain(frame.what) and not self.assume:
                raise ClarificationNeeded(str(error)) from None
            return None
        except NotUnderstood:
            return None

    def _look_for(self, words: str) -> bool:
        """Whether the eyes find something that an instruction names and the scene lacks."""
        known = {label.lower() for label in (*self.seen.absent, *(thing.label for thing in self.seen.objects))}
        frame = frame_of(self.now, plain_words(words))
        named = thing_named(frame.what) if frame is not None and is_plain(frame.what) else ""
        wanted = (named,) if named and named not in known else ()
        if not wanted:
            return False
        before = self.seen
        self.seen = self.partner.find(DetectRequest(labels=wanted))
        if self.seen.ids == before.ids:
            return False
        added = [thing for thing in self.seen.objects if before.get(thing.id) is None]
        self.now = self.now.model_copy(update={"objects": (*self.now.objects, *added)})
        return True


__all__ = ["Partner", "plan_briefly"]
