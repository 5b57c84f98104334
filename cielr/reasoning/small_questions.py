"""A plan by small questions: code reads the instruction, and the model is asked only what words mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..actions import Plan
from ..core.scene import DescribeRequest, DetectRequest, Scene
from ..errors import ClarificationNeeded, LLMError, PlanError
from .budgets import Budget
from .chats.protocol import AGAIN, Chat, Message, Reply, at_temperature
from .chats.recording import exchange_key
from .exchange import NoteTaker, ask, cost, note
from .lookups import Lookups
from .options import ReasonOptions


class SmallQuestions:
    """Puts questions to the model and the eyes within their budget, as `brief.reasoner.Partner` says."""

    def __init__(self, chat: Chat, lookups: Lookups, budget: Budget, step: NoteTaker | None) -> None:
        self.chat = chat
        self.lookups = lookups
        self.budget = budget
        self.step = step
        self.asked: set[str] = set()

    def plan(self, instruction: str, options: ReasonOptions) -> tuple[Scene, Plan]:
        """The scene, with what was looked for, and the plan.

        Raises:
            ClarificationNeeded: where only the user can tell; LLMError: where the model gives no plan that fits;
            Cancelled.
        """
        from .brief.reasoner import plan_briefly

        self.lookups.open()
        if options.answer:
            instruction = f"{instruction} ({options.answer})"
        try:
            scene, plan = plan_briefly(self.lookups.scene, instruction, self, options.assume)
        except ClarificationNeeded as error:
            note(self.step, "question", error.question, reason="", choices=list(error.choices))
            raise
        except PlanError as error:
            raise LLMError(
                f"The language model '{self.chat.name}' gave no plan that fits: {error}", problems=error.problems
            ) from None
        note(self.step, "plan", plan.summary, plan=plan)
        self.budget.tell(plan.summary or "The plan is ready", 1.0)
        return scene, plan

    def put(self, messages: Sequence[Message], schema: dict[str, Any] | None) -> str:
        """The model's answer to a small question; to one that was put before, perhaps another answer than then."""
        budget = self.budget
        budget.check_tokens()
        budget.tell("The language model is reading")
        question = exchange_key(messages)
        with at_temperature(self.chat, AGAIN if question in self.asked else None):
            said = ask(self.chat, messages, schema, None, budget.hear, budget.stop, self.step, round=budget.rounds)
        self.asked.add(question)
        budget.spend(messages, said)
        return said

    def weigh(self, messages: Sequence[Message]) -> Reply | None:
        """The first token of the answer with its probabilities; None where the chat does not tell them."""
        weigh = getattr(self.chat, "weigh", None)
        if not callable(weigh):
            return None
        self.budget.check_tokens()
        self.budget.tell("The language model is weighing")
        reply = weigh(messages, self.budget.stop)
        if not isinstance(reply, Reply):
            return None
        self.budget.spend(messages, reply.text)
        likely = {token: round(share, 3) for token, share in (reply.first or {}).items() if share > 0.01}
        asked = messages[-1]["content"]
        note(self.step, "weighed", f"{asked}\n{likely or reply.text}", **cost(self.chat, messages, reply.text))
        return reply

    def find(self, request: DetectRequest) -> Scene:
        """The scene with what the eyes find."""
        if request.kind in self.lookups.kinds:
            words, _ = self.lookups.answer(request)
            note(self.step, "missing", words)
        return self.lookups.scene

    def look(self, request: DescribeRequest) -> str:
        """What the eyes say about an object; "" where they say nothing."""
        return self.lookups.look(request)

    def tell(self, kind: str, words: str) -> None:
        """Takes a note."""
        note(self.step, kind, words)


__all__ = ["SmallQuestions"]
