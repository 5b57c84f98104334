"""The loop of the paper: the model reads the scene, asks for what it lacks, and ends with simple explicit actions.

Messages are only ever appended, and each round sends only what is new. What the model says is untrusted: it is parsed
by `turns`, held against the scene by `Plan.check`, repaired by asking again with the errors, and then refused.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..actions import Plan
from ..core.inflection import singular
from ..core.scene import DescribeRequest, DetectRequest, Perception, RelateRequest, Scene, SceneUpdate
from ..core.serial import canonical
from ..errors import Cancelled, CielrError, ClarificationNeeded, LLMError, NotUnderstood, PlanError
from ..telling.trace import Event
from .chats.protocol import Chat, IsCancelled, Message, Reply, billions_of
from .exchange import NoteTaker, ask, cost, note
from .options import PROMPTS, ReasonOptions
from .prompts import (
    answers_message,
    first_message,
    forced_message,
    repair_message,
    request_words,
    system_text,
    update_words,
)
from .scene_text import pairs_text
from .turns import REQUESTS, PlanTurn, QuestionTurn, RequestsTurn, Turn, TurnError, parse_turn, turn_schema

BRIEF_BELOW = 7.9
"""Billions of parameters below which a model is asked small questions."""
REPAIRS = 2
"""How often an answer that cannot be used goes back."""
STALLED = 1
"""Rounds without anything new after which a plan is demanded."""
LONGEST_INSTRUCTION = 4000
KEPT_OF_FAILURE = 4000
"""Characters of an unusable answer that stay in the conversation."""


def reason_with_llm(
    scene: Scene,
    instruction: str,
    chat: Chat,
    perception: Perception | None = None,
    image: np.ndarray | None = None,
    options: ReasonOptions | None = None,
    *,
    step: NoteTaker | None = None,
    on_event: Callable[[Event], None] | None = None,
    cancelled: IsCancelled | None = None,
) -> tuple[Scene, Plan]:
    """The scene as reasoning extended it, and a plan that fits it.

    Args:
        perception: eyes on the photo; None leaves the model with what the scene says.
        image: uint8 or float32 [H, W, 3] of the scene's size, shown to models that take pictures.
        options: None are those of `ReasonOptions()`.
        step: told every word that was said (see `talk.ask`), and what was asked, found and decided, as notes of the
            kinds "missing", "request", "update", "repair", "forced", "question", "plan".
        on_event: told about progress, also while the model is silent; what it raises cancels.
        cancelled: asked at least every 0.3 s while the model answers.

    Raises:
        NotUnderstood: for an empty or endless instruction; ClarificationNeeded: where only the user can tell; LLMError:
            where the model cannot be used or gives no usable plan; Cancelled.
    """
    if not instruction.strip():
        raise NotUnderstood("The instruction is empty; say what is to be changed.")
    if len(instruction) > LONGEST_INSTRUCTION:
        raise NotUnderstood(f"The instruction is longer than {LONGEST_INSTRUCTION} characters; say it shorter.")
    options = options or ReasonOptions()
    if options.prompt not in PROMPTS:
        raise LLMError(f"'{options.prompt}' is no prompt; there are {', '.join(PROMPTS)}.")
    if options.auto and not options.answer:
        read = _explicit(scene, instruction, perception, options.painter)
        if read is not None:
            note(step, "plan", f"Understood without a language model: {read[1].summary}", plan=read[1])
            return read
    loop = _Loop(scene, chat, perception, image, step, on_event, cancelled)
    loop.max_rounds, loop.max_requests = max(1, options.max_rounds), max(1, options.max_requests)
    loop.assume, loop.seconds, loop.tokens = options.assume, options.seconds, options.tokens
    try:
        if loop.is_brief(options.prompt):
            return loop.run_briefly(instruction, options.answer, options.painter)
        return loop.run(instruction, options.answer, options.max_objects)
    finally:
        # the diffusion model gets the memory, however this ended
        chat.release()


def _explicit(
    scene: Scene, instruction: str, perception: Perception | None, painter: bool
) -> tuple[Scene, Plan] | None:
    """What the grammar makes of it, looking for what the instruction names; None where it is for the model."""
    from .grammar.reader import plan_with_eyes

    try:
        found, plan = plan_with_eyes(scene, instruction, perception, painter)
        plan.check(found)
    except (NotUnderstood, PlanError):
        return None
    return found, plan


class _Loop:
    """One conversation."""

    max_rounds = 4
    max_requests = 6
    seconds = 900.0
    tokens = 120_000
    assume = False

    def __init__(
        self,
        scene: Scene,
        chat: Chat,
        perception: Perception | None,
        image: np.ndarray | None,
        step: NoteTaker | None,
        on_event: Callable[[Event], None] | None,
        cancelled: IsCancelled | None,
    ) -> None:
        self.scene = scene
        self.chat = chat
        self.perception = perception
        self.image = image
        self.step = step
        self.on_event = on_event
        self.cancelled = cancelled
        self.started = time.monotonic()
        self.rounds = 1
        self.stalled = 0
        self.used = 0
        self.unusable = 0
        self.misfits = 0
        self.heard = 0
        self.told = 0.0
        self.sees = False
        self.images: dict[str, bytes] = {}
        self.messages: list[dict[str, str]] = []
        self.noted = 0
        self.allow: tuple[str, ...] = ()
        self.kinds: tuple[str, ...] = ()
        self.known: set[str] = set()

    def run(self, instruction: str, answer: str | None, max_objects: int) -> tuple[Scene, Plan]:
        self._open(instruction, answer, max_objects)
        while True:
            said = self._ask()
            try:
                turn = parse_turn(said, self.scene)
                self._must_fit(turn)
            except TurnError as error:
                self.unusable += 1
                self._again(said, (str(error),), self.unusable)
                continue
            except PlanError as error:
                self.misfits += 1
                self._again(said, error.problems, self.misfits)
                continue
            if isinstance(turn, PlanTurn):
                for words in turn.tidied:
                    note(self.step, "tidied", words)
                note(self.step, "plan", turn.reason or turn.plan.summary, plan=turn.plan)
                self._tell(turn.plan.summary or "The plan is ready", 1.0)
                return self.scene, turn.plan
            if isinstance(turn, QuestionTurn):
                note(self.step, "question", turn.question, reason=turn.reason, choices=list(turn.choices))
                raise ClarificationNeeded(turn.question, turn.choices)
            self.unusable = 0
            self._look_up(said, turn)

    # ------------------------------------------------------------------------------------------- small questions

    def is_brief(self, prompt: str) -> bool:
        """Whether the model is asked small questions.

        Raises:
            LLMError: where its server cannot be reached; Cancelled.
        """
        if prompt != "auto":
            return prompt == "brief"
        size = billions_of(self.chat, self._stop)
        return size is not None and size < BRIEF_BELOW

    def run_briefly(self, instruction: str, answer: str | None, painter: bool) -> tuple[Scene, Plan]:
        """The scene and the plan, by small questions."""
        from .brief.reasoner import plan_briefly

        if answer:
            instruction = f"{instruction} ({answer})"

        self._stop()
        self.sees = self.image is not None and self.chat.sees(self._stop)
        self.kinds = self._answerable()
        try:
            self.scene, plan = plan_briefly(self.scene, instruction, self, self.assume)
        except ClarificationNeeded as error:
            note(self.step, "question", error.question, reason="", choices=list(error.choices))
            raise
        except PlanError as error:
            raise LLMError(
                f"The language model '{self.chat.name}' gave no plan that fits: {error}", problems=error.problems
            ) from None
        note(self.step, "plan", plan.summary, plan=plan)
        self._tell(plan.summary or "The plan is ready", 1.0)
        return self.scene, plan

    def put(self, messages: Sequence[Message], schema: dict[str, Any] | None) -> str:
        """The model's answer to a small question."""
        self._check_tokens()
        self._tell("The language model is reading", self._fraction())
        said = ask(self.chat, messages, schema, None, self._hear, self._stop, self.step, round=self.rounds)
        self._spend(messages, said)
        return said

    def weigh(self, messages: Sequence[Message]) -> Reply | None:
        """The first token of the answer with its probabilities; None where the chat does not tell them."""
        weigh = getattr(self.chat, "weigh", None)
        if not callable(weigh):
            return None
        self._check_tokens()
        self._tell("The language model is weighing", self._fraction())
        reply = weigh(messages, self._stop)
        if not isinstance(reply, Reply):
            return None
        self._spend(messages, reply.text)
        likely = {token: round(share, 3) for token, share in (reply.first or {}).items() if share > 0.01}
        asked = messages[-1]["content"]
        note(self.step, "weighed", f"{asked}\n{likely or reply.text}", **cost(self.chat, messages, reply.text))
        return reply

    def find(self, request: DetectRequest) -> Scene:
        """The scene with what the eyes find."""
        if request.kind in self.kinds:
            words, _ = self._answer(request)
            note(self.step, "missing", words)
        return self.scene

    def look(self, request: DescribeRequest) -> str:
        """What the eyes say about an object; "" where they say nothing."""
        if request.kind not in self.kinds or self._fresh(request) is None:
            return ""
        self._tell(f"Looking up: {request_words(request)}", self._fraction())
        try:
            update = self._see(request)
        except Cancelled:
            raise
        except CielrError:
            return ""
        self.scene = self.scene.apply(update if update.request else update.model_copy(update={"request": request}))
        note(self.step, "update", f"{request_words(request)}: {update.answer}", source=update.source)
        return update.answer

    def tell(self, kind: str, words: str) -> None:
        """Takes a note."""
        note(self.step, kind, words)

    def _check_tokens(self) -> None:
        if self.used > self.tokens:
            raise LLMError(
                f"The language model used more than {self.tokens} tokens without a usable plan.",
                problems=("It used too many tokens.",),
            )

    # -------------------------------------------------------------------------------------------------- the talk

    def _open(self, instruction: str, answer: str | None, max_objects: int) -> None:
        self._stop()
        self.sees = self.image is not None and self.chat.sees(self._stop)
        if self.max_rounds > 1:
            self.kinds = self._answerable()
        self.allow = ("requests", "plan", "question") if self.kinds else ("plan", "question")
        if self.assume:
            self.allow = tuple(kind for kind in self.allow if kind != "question")
        if self.sees and self.image is not None and self.scene.objects:
            from .vision import marked_image

            self.images = {"the photo with its objects marked": marked_image(self.image, self.scene)}
        first = first_message(self.scene, instruction, self.kinds, answer, self.assume, bool(self.images), max_objects)
        self.messages = [{"role": "system", "content": system_text()}, {"role": "user", "content": first}]

    def _answerable(self) -> tuple[str, ...]:
        """Kinds of requests that somebody can answer."""
        kinds = set(REQUESTS) if self.perception is not None else set()
        if self.sees:
            kinds.add("describe")
        if len(self.scene.objects) > 1:
            kinds.add("relate")
        return tuple(kind for kind in REQUESTS if kind in kinds)

    def _ask(self) -> str:
        """The model's next answer."""
        self.heard = 0
        self._tell("The language model is reading", self._fraction())
        schema = turn_schema(self.scene, self.allow, self.kinds)
        known, self.noted = self.noted, len(self.messages)
        heard, stop = self._hear, self._stop
        said = ask(self.chat, self.messages, schema, self.images, heard, stop, self.step, known, round=self.rounds)
        self._spend(self.messages, said)
        return said

    def _must_fit(self, turn: Turn) -> None:
        """Holds a turn against what is allowed now, and a plan against the scene."""
        if turn.kind not in self.allow:
            named = " or ".join(self.allow)
            raise TurnError(f"A turn of the kind '{turn.kind}' is not possible now; answer with {named}.")
        if isinstance(turn, PlanTurn):
            turn.plan.check(self.scene)

    def _again(self, said: str, problems: tuple[str, ...], count: int) -> None:
        """Sends an unusable answer back, or gives up."""
        if count > REPAIRS:
            shown = " ".join(said.split())
            shown = shown if len(shown) <= 300 else shown[:299] + "…"
            raise LLMError(
                f"The language model '{self.chat.name}' gave no usable answer in {count} tries: "
                f"{' '.join(problems)[:600]} Its last answer was: {shown or '(nothing)'}",
                last_answer=said[:KEPT_OF_FAILURE],
                problems=problems,
            )
        note(self.step, "repair", " ".join(problems)[:2000], attempt=count)
        self._append(said, repair_message(problems))
        if self.used > self.tokens:
            raise LLMError(f"The language model used more than {self.tokens} tokens without a usable plan.")

    def _append(self, said: str, message: str) -> None:
        said = said[:KEPT_OF_FAILURE]
        # servers refuse an empty message
        self.messages.append({"role": "assistant", "content": said or "(nothing)"})
        self.messages.append({"role": "user", "content": message})

    # ------------------------------------------------------------------------------------------------ the look-ups

    def _look_up(self, said: str, turn: RequestsTurn) -> None:
        """Answers requests, and decides what may come next."""
        note(self.step, "missing", turn.reason or "Something is missing.", round=self.rounds)
        answers, news = [], False
        for request in turn.requests[: self.max_requests]:
            self._stop()
            words, new = self._answer(request)
            answers.append(words)
            news = news or new
        if len(turn.requests) > self.max_requests:
            left_out = len(turn.requests) - self.max_requests
            answers.append(f"{left_out} more requests were not looked up: at most {self.max_requests} a round.")
        self.stalled = 0 if news else self.stalled + 1
        self.rounds += 1
        why = self._why_force()
        if why:
            note(self.step, "forced", why)
            self.allow = ("plan",) if self.assume else ("plan", "question")
            self._append(said, forced_message(answers, why, self.assume))
        else:
            self._append(said, answers_message(answers, self.max_rounds - self.rounds + 1))

    def _why_force(self) -> str:
        if self.rounds >= self.max_rounds:
            return "This is the last round."
        if self.stalled >= STALLED:
            return "The last rounds brought nothing new."
        if self.used > self.tokens / 2:
            return "The conversation has become long."
        return ""

    def _answer(self, request: Any) -> tuple[str, bool]:
        """What a request found out, in words for the model, and whether that is news."""
        listed = self._listed(request)
        fresh = self._fresh(request)
        if fresh is not None and listed:
            rest = tuple(label for label in fresh.labels if label.lower() not in listed)
            fresh = fresh.model_copy(update={"labels": rest}) if rest else None
        if fresh is None:
            ids = ", ".join(name for names in listed.values() for name in names[:12])
            known = f"already listed: {ids}" if listed else "was answered before; nothing new"
            return f"{request_words(request)}: {known}.", False
        if fresh.kind not in self.kinds:
            return f"{request_words(fresh)}: cannot be looked up here.", False
        self._tell(f"Looking up: {request_words(fresh)}", self._fraction())
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

            update = describe(self.chat, self.image, self.scene, request, self._stop, self.step)
            self._spend((), update.answer)
            return update
        if self.perception is None:
            raise LLMError("There are no eyes on the photo.")
        return self.perception.answer(self.scene, request)

    def _listed(self, request: Any) -> dict[str, list[str]]:
        """Labels that a request looks for in the whole photo and the scene lists, with their ids."""
        if not isinstance(request, DetectRequest) or request.within is not None:
            return {}
        found: dict[str, list[str]] = {}
        for label in request.labels:
            ids = [thing.id for thing in self.scene.objects if _alike(thing.label, label)]
            if ids:
                found[label.lower()] = ids
        return found

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
        new = key not in self.known
        self.known.add(key)
        return new

    # ------------------------------------------------------------------------------------------ budgets and progress

    def _stop(self) -> bool:
        """Asked by the chat while it waits: breaks off by raising, and keeps the progress alive.

        Raises:
            Cancelled: by the user; LLMError: where the time is used up.
        """
        if self.cancelled is not None and self.cancelled():
            raise Cancelled("The work was cancelled while the language model was at it.")
        if self._late():
            raise self._too_late()
        now = time.monotonic()
        if self.on_event is not None and now - self.told >= 0.3:
            waited = f"{now - self.started:.0f} s"
            read = getattr(self.chat, "reading", None)
            reading = f"{read[0]:,} of {read[1]:,} tokens read, {waited}" if read and read[0] < read[1] else waited
            heard = f"{self.heard} characters, {waited}" if self.heard else reading
            self._tell(f"The language model is at work ({heard})", self._fraction())
        return False

    def _late(self) -> bool:
        return time.monotonic() - self.started > self.seconds

    def _too_late(self) -> LLMError:
        message = f"Reasoning with '{self.chat.name}' took longer than {self.seconds:g} s; take a faster model."
        return LLMError(message, problems=("It took too long.",))

    def _hear(self, piece: str) -> None:
        self.heard += len(piece)

    def _spend(self, messages: Sequence[Message], said: str) -> None:
        """Adds an answer's tokens to what was used."""
        spent = cost(self.chat, messages, said)
        self.used += spent["prompt_tokens"] + spent["answer_tokens"]

    def _fraction(self) -> float:
        return min(0.95, (self.rounds - 1) / self.max_rounds)

    def _tell(self, message: str, fraction: float) -> None:
        self.told = time.monotonic()
        if self.on_event is not None:
            self.on_event(Event("reason", message, fraction))


def _alike(a: str, b: str) -> bool:
    """Whether two labels are the same word, whatever their number."""
    a, b = a.lower().split(), b.lower().split()
    return bool(a and b) and [*a[:-1], singular(a[-1])] == [*b[:-1], singular(b[-1])]


__all__ = ["reason_with_llm"]
