"""The loop of the paper: the model reads the scene, asks for what it lacks, and ends with simple explicit actions.

Messages are only ever appended, and each round sends only what is new. What the model says is untrusted: it is parsed
by `turns`, held against the scene by `Plan.check`, repaired by asking again with the errors, and then refused.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..actions import Plan
from ..core.scene import Perception, Scene
from ..errors import ClarificationNeeded, LLMError, NotUnderstood, PlanError
from ..telling.trace import Event
from .budgets import Budget
from .chats.protocol import AGAIN, Chat, IsCancelled, at_temperature, billions_of
from .exchange import NoteTaker, ask, note
from .lookups import Lookups
from .options import PROMPTS, ReasonOptions
from .prompts import CODES, answers_message, first_message, forced_message, repair_message, scene_code, system_text
from .small_questions import SmallQuestions
from .turn_schema import TURNS, turn_schema
from .turns import CheckError, ImpossibleTurn, PlanTurn, QuestionTurn, RequestsTurn, Turn, TurnError, parse_turn

BRIEF_BELOW = 7.9
"""Billions of parameters below which a model is asked small questions."""
REPAIRS = 2
"""How often an answer that cannot be used goes back."""
STALLED = 1
"""Rounds without anything new after which a plan is demanded."""
LONGEST_INSTRUCTION = 4000
CHECKS = 1
"""How often an answer goes back that does not show that the whole prompt was read."""
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
        NotUnderstood: for an empty or endless instruction, and for one that is no edit or that no action can do;
            ClarificationNeeded: where only the user can tell; LLMError: where the model cannot be used or gives no
            usable plan; Cancelled.
    """
    if not instruction.strip():
        raise NotUnderstood("The instruction is empty; say what is to be changed.")
    if len(instruction) > LONGEST_INSTRUCTION:
        raise NotUnderstood(f"The instruction is longer than {LONGEST_INSTRUCTION} characters; say it shorter.")
    options = options or ReasonOptions()
    if options.prompt not in PROMPTS:
        raise LLMError(f"'{options.prompt}' is not a prompt; there are {', '.join(PROMPTS)}.")
    if options.auto and not options.answer:
        read = _explicit(scene, instruction, perception, options.painter)
        if read is not None:
            note(step, "plan", f"Understood without a language model: {read[1].summary}", plan=read[1])
            return read
    budget = Budget(chat, options, on_event, cancelled)
    lookups = Lookups(scene, chat, perception, image, budget, step, instruction)
    try:
        if _is_brief(chat, options.prompt, budget):
            return SmallQuestions(chat, lookups, budget, step).plan(instruction, options)
        return _Conversation(chat, lookups, budget, step, options).plan(instruction)
    finally:
        # the diffusion model gets the memory, however this ended
        chat.release()


def _is_brief(chat: Chat, prompt: str, budget: Budget) -> bool:
    """Whether the model is asked small questions.

    Raises:
        LLMError: where its server cannot be reached; Cancelled.
    """
    if prompt != "auto":
        return prompt == "brief"
    size = billions_of(chat, budget.stop)
    return size is not None and size < BRIEF_BELOW


def _explicit(
    scene: Scene, instruction: str, perception: Perception | None, painter: bool
) -> tuple[Scene, Plan] | None:
    """What the grammar makes of it, looking for what the instruction names; None where it is for the model."""
    from .grammar.reader import plan_with_eyes

    try:
        seen, plan = plan_with_eyes(scene, instruction, perception, painter)
        plan.check(seen)
    except (NotUnderstood, PlanError):
        return None
    return seen, plan


class _Conversation:
    """One conversation with the model, in rounds."""

    def __init__(
        self, chat: Chat, lookups: Lookups, budget: Budget, step: NoteTaker | None, options: ReasonOptions
    ) -> None:
        self.chat = chat
        self.lookups = lookups
        self.budget = budget
        self.step = step
        self.options = options
        self.stalled = 0
        self.unusable = 0
        self.misfits = 0
        self.images: dict[str, bytes] = {}
        self.messages: list[dict[str, str]] = []
        self.noted = 0
        self.allow: tuple[str, ...] = ()
        self.kinds: tuple[str, ...] = ()
        self.check = ""
        self.said = ""
        self.stuck = False
        self.unread = 0

    def plan(self, instruction: str) -> tuple[Scene, Plan]:
        """The scene with what was looked up, and the plan.

        Raises:
            ClarificationNeeded: where only the user can tell; NotUnderstood: where nothing can be done; LLMError: where
            no usable plan comes; Cancelled.
        """
        self._open(instruction)
        while True:
            said = self._ask()
            try:
                turn = parse_turn(said, self.lookups.scene, self.check)
                self._must_fit(turn)
            except CheckError as error:
                self.unread += 1
                self._ask_for_check(said, str(error))
                continue
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
                plan = _with_reason(turn)
                note(self.step, "plan", turn.reason or plan.summary, plan=plan)
                self.budget.tell(plan.summary or "The plan is ready", 1.0)
                return self.lookups.scene, plan
            if isinstance(turn, QuestionTurn):
                note(self.step, "question", turn.question, reason=turn.reason, choices=list(turn.choices))
                raise ClarificationNeeded(turn.question, turn.choices)
            if isinstance(turn, ImpossibleTurn):
                note(self.step, "impossible", turn.why, reason=turn.reason)
                raise NotUnderstood(turn.why)
            self.unusable = 0
            self._look_up(said, turn)

    def _open(self, instruction: str) -> None:
        options, lookups = self.options, self.lookups
        lookups.open()
        if self.budget.max_rounds > 1:
            self.kinds = lookups.kinds
        self.allow = tuple(kind for kind in TURNS if self.kinds or kind != "requests")
        if options.assume:
            self.allow = tuple(kind for kind in self.allow if kind != "question")
        self.check = CODES[scene_code(lookups.scene)]
        if lookups.sees and lookups.image is not None and lookups.scene.objects:
            from .vision import marked_image

            self.images = {"the photo with its objects marked": marked_image(lookups.image, lookups.scene)}
        first = first_message(
            lookups.scene,
            instruction,
            self.kinds,
            options.answer,
            options.assume,
            bool(self.images),
            options.max_objects,
        )
        self.messages = [{"role": "system", "content": system_text()}, {"role": "user", "content": first}]

    def _ask(self) -> str:
        """The model's next answer."""
        self.budget.heard = 0
        self.budget.tell("The language model is reading")
        schema = turn_schema(self.lookups.scene, self.allow, self.kinds)
        known, self.noted = self.noted, len(self.messages)
        hear, stop, number = self.budget.hear, self.budget.stop, self.budget.rounds
        # a model that repeats itself to the byte would do so for ever
        with at_temperature(self.chat, AGAIN if self.stuck else None):
            said = ask(self.chat, self.messages, schema, self.images, hear, stop, self.step, known, round=number)
        self.stuck, self.said = said == self.said, said
        self.budget.spend(self.messages, said)
        return said

    def _must_fit(self, turn: Turn) -> None:
        """Holds a turn against what is allowed now, and a plan against the scene."""
        if turn.kind not in self.allow:
            named = " or ".join(self.allow)
            raise TurnError(f"A turn of the kind '{turn.kind}' is not possible now; answer with {named}.")
        if isinstance(turn, PlanTurn):
            turn.plan.check(self.lookups.scene)

    def _ask_for_check(self, said: str, problem: str) -> None:
        """Asks once more for the number that shows that the whole prompt was read, or gives up."""
        if self.unread > CHECKS:
            raise LLMError(
                f"The language model '{self.chat.name}' does not know what the beginning of its prompt says, so its "
                "server seems to leave out part of it; give the model a longer context there, look for fewer labels, "
                "or take another model.",
                last_answer=said[:KEPT_OF_FAILURE],
                problems=(problem,),
            )
        self._again(said, (problem,), 1)

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
        if self.budget.used > self.budget.tokens:
            raise self.budget.too_many_tokens()

    def _append(self, said: str, message: str) -> None:
        said = said[:KEPT_OF_FAILURE]
        # servers refuse an empty message
        self.messages.append({"role": "assistant", "content": said or "(nothing)"})
        self.messages.append({"role": "user", "content": message})

    def _look_up(self, said: str, turn: RequestsTurn) -> None:
        """Answers requests, and decides what may come next."""
        note(self.step, "missing", turn.reason or "Something is missing.", round=self.budget.rounds)
        answers, news = [], False
        max_requests = max(1, self.options.max_requests)
        for request in turn.requests[:max_requests]:
            self.budget.stop()
            words, new = self.lookups.answer(request)
            answers.append(words)
            news = news or new
        if len(turn.requests) > max_requests:
            left_out = len(turn.requests) - max_requests
            answers.append(f"{left_out} more requests were not looked up: at most {max_requests} a round.")
        self.stalled = 0 if news else self.stalled + 1
        self.budget.rounds += 1
        why = self._why_force()
        if why:
            note(self.step, "forced", why)
            self.allow = tuple(kind for kind in self.allow if kind != "requests")
            self._append(said, forced_message(answers, why, self.options.assume))
        else:
            self._append(said, answers_message(answers, self.budget.max_rounds - self.budget.rounds + 1))

    def _why_force(self) -> str:
        if self.budget.rounds >= self.budget.max_rounds:
            return "This is the last round."
        if self.stalled >= STALLED:
            return "The last rounds brought nothing new."
        if self.budget.used > self.budget.tokens / 2:
            return "The conversation has become long."
        return ""


def _with_reason(turn: PlanTurn) -> Plan:
    """The plan, whose only action says why."""
    if len(turn.plan.actions) != 1 or turn.plan.actions[0].reason:
        return turn.plan
    (action,) = turn.plan.actions
    return turn.plan.model_copy(update={"actions": (action.model_copy(update={"reason": turn.reason}),)})


__all__ = ["reason_with_llm"]
