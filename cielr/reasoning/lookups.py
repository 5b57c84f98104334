"""What a language model asks for and gets: by geometry, from the eyes, or from its own look at the photo."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.inflection import singular
from ..core.scene import DescribeRequest, DetectRequest, Perception, RelateRequest, Scene, SceneUpdate
from ..core.serial import canonical
from ..errors import Cancelled, CielrError, LLMError
from .budgets import Budget
from .chats.protocol import Chat
from .exchange import NoteTaker, note
from .prompts import request_words, update_words
from .scene_text import pairs_text
from .to_be_made import is_to_be_made
from .turn_schema import REQUESTS


class Lookups:
    """Answers requests about one photo, each once.

    Args:
        perception: eyes on the photo, or None.
        image: uint8 or float32 [H, W, 3] of the scene's size, or None.
        instruction: what it only speaks of because it is to be made is not looked for.

    Attributes:
        scene: with all that was found so far.
        sees: whether the model is shown pictures. kinds: of requests that somebody can answer. Both are known after
            `open`.
    """

    def __init__(
        self,
        scene: Scene,
        chat: Chat,
        perception: Perception | None,
        image: np.ndarray | None,
        budget: Budget,
        step: NoteTaker | None,
        instruction: str = "",
    ) -> None:
        self.scene = scene
        self.chat = chat
        self.perception = perception
        self.image = image
        self.budget = budget
        self.step = step
        self.instruction = instruction
        self.sees = False
        self.kinds: tuple[str, ...] = ()
        self._known: set[str] = set()

    def open(self) -> None:
        """Finds out who can answer what.

        Raises:
            LLMError: where the model's server cannot be reached; Cancelled.
        """
        self.budget.stop()
        self.sees = self.image is not None and self.chat.sees(self.budget.stop)
        self.kinds = self._answerable()

    def look(self, request: DescribeRequest) -> str:
        """What the eyes say about an object; "" where they say nothing."""
        if request.kind not in self.kinds or self._fresh(request) is None:
            return ""
        self.budget.tell(f"Looking up: {request_words(request)}")
        try:
            update = self._see(request)
        except Cancelled:
            raise
        except CielrError:
            return ""
        self.scene = self.scene.apply(update if update.request else update.model_copy(update={"request": request}))
        note(self.step, "update", f"{request_words(request)}: {update.answer}", source=update.source)
        return update.answer

    def answer(self, request: Any) -> tuple[str, bool]:
        """What a request found out, in words for the model, and whether that is news."""
        listed, to_come = self._listed(request), self._to_come(request)
        fresh = self._fresh(request)
        if fresh is not None and (listed or to_come):
            rest = tuple(label for label in fresh.labels if label.lower() not in (*listed, *to_come))
            fresh = fresh.model_copy(update={"labels": rest}) if rest else None
        if fresh is None:
            ids = ", ".join(name for names in listed.values() for name in names[:12])
            known = [f"already listed: {ids}"] if listed else []
            known += [f"{label} is to be made, so it need not be there" for label in to_come]
            return f"{request_words(request)}: {'; '.join(known) or 'was answered before; nothing new'}.", False
        if fresh.kind not in self.kinds:
            return f"{request_words(fresh)}: cannot be looked up here.", False
        self.budget.tell(f"Looking up: {request_words(fresh)}")
        note(self.step, "request", request_words(fresh), request=fresh)
        if isinstance(fresh, RelateRequest):
            things = [self.scene[name] for name in dict.fromkeys(fresh.objects)][:12]
            words = f"{request_words(fresh)}:\n{pairs_text(self.scene, things)}"
            self.scene = self.scene.apply(SceneUpdate(request=fresh, answer=words[:2000], source="geometry"))
            note(self.step, "update", words)
            return words, True
        try:
            update = self._see(fresh)
        except Cancelled:
            raise
        except CielrError as error:
            note(self.step, "update", f"{request_words(fresh)}: {error}", failed=True)
            return f"{request_words(fresh)}: could not be looked up.", False
        update = update if update.request is not None else update.model_copy(update={"request": fresh})
        self.scene = self.scene.apply(update)
        words = update_words(self.scene, update)
        note(self.step, "update", words, source=update.source)
        return words, bool(update.added or update.changed or update.absent or update.answer)

    def _see(self, request: Any) -> SceneUpdate:
        if isinstance(request, DescribeRequest) and self.sees and self.image is not None:
            from .vision import describe

            update = describe(self.chat, self.image, self.scene, request, self.budget.stop, self.step)
            self.budget.spend((), update.answer)
            return update
        if self.perception is None:
            raise LLMError("The photo is not at hand, so that nothing can be looked up in it; give it, too (--image).")
        return self.perception.answer(self.scene, request)

    def _listed(self, request: Any) -> dict[str, list[str]]:
        """Labels that a request looks for in the whole photo and the scene lists, with their ids."""
        if not isinstance(request, DetectRequest) or request.within is not None:
            return {}
        known: dict[str, list[str]] = {}
        for label in request.labels:
            ids = [thing.id for thing in self.scene.objects if _alike(thing.label, label)]
            if ids:
                known[label.lower()] = ids
        return known

    def _to_come(self, request: Any) -> list[str]:
        """Labels that a request looks for in the whole photo and the instruction wants to be made."""
        if not isinstance(request, DetectRequest) or request.within is not None:
            return []
        return [label.lower() for label in request.labels if is_to_be_made(label, self.instruction)]

    def _fresh(self, request: Any) -> Any:
        """The request without what was asked before; None where nothing is left of it."""
        labels = getattr(request, "labels", None)
        base = {"kind": request.kind, "within": getattr(request, "within", None)}
        base |= {"object": getattr(request, "object", None), "objects": sorted(getattr(request, "objects", ()))}
        base |= {"question": " ".join(getattr(request, "question", "").lower().split())}
        if labels is None:
            return request if self._first_time(canonical(base)) else None
        wanted = tuple(
            label for label in dict.fromkeys(labels) if self._first_time(canonical({**base, "label": label.lower()}))
        )
        return request.model_copy(update={"labels": wanted}) if wanted else None

    def _first_time(self, key: str) -> bool:
        new = key not in self._known
        self._known.add(key)
        return new

    def _answerable(self) -> tuple[str, ...]:
        """Kinds of requests that somebody can answer."""
        kinds = set(REQUESTS) if self.perception is not None else set()
        if self.sees:
            kinds.add("describe")
        if len(self.scene.objects) > 1:
            kinds.add("relate")
        return tuple(kind for kind in REQUESTS if kind in kinds)


def _alike(a: str, b: str) -> bool:
    """Whether two labels are the same word, whatever their number."""
    first, second = a.lower().split(), b.lower().split()
    if not first or not second:
        return False
    return [*first[:-1], singular(first[-1])] == [*second[:-1], singular(second[-1])]


__all__ = ["Lookups"]
