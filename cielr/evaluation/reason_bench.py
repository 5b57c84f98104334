"""A measuring stick for reasoners: puts cases to one, judges its plans, keeps a record.

report = run_bench(chat_from("ollama/qwen3:8b"), "run")
print(report.table())
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..core.serial import Frozen
from ..errors import CielrError, ClarificationNeeded, LLMError, NotUnderstood
from ..reasoning.chats.held import HeldChat
from ..reasoning.chats.protocol import Chat, IsCancelled
from ..telling.trace import Trace
from .reason_cases import ALL_GROUPS, Bench, Case, load_cases, misfit
from .runs.ledger import Ledger, Line, Outcome, read_seconds
from .text_runs import columns, opened, reason_settings

BROKEN = 3
"""So many failures of the server in a row end the run; it can be resumed."""


# ------------------------------------------------------------------------------------------------------------- results


class Result(Frozen):
    """How one case went.

    Attributes:
        outcome: "right", "wrong", "asked" (a question where none was due), "refused" (the built-in reasoner would have
            to guess), "unusable" (no usable answer of the model), "failed" (no answer at all; tried again on resume).
        detail: why it is wrong, or what was asked or said.
        rounds: answers of the model; tokens: of prompts and answers.
    """

    case: str
    group: str
    model: str
    outcome: str
    detail: str = ""
    plan: dict[str, Any] | None = None
    rounds: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0

    def as_line(self) -> Line:
        """For the ledger, which knows how far a case came and whether that is right."""
        how: dict[str, Outcome] = {"asked": "asked", "refused": "refused", "unusable": "failed", "failed": "failed"}
        counts = {"rounds": self.rounds, "prompt tokens": self.prompt_tokens, "answer tokens": self.answer_tokens}
        asked = self.outcome == "right" and self.plan is None
        return Line(
            case=self.case,
            group=self.group,
            outcome="asked" if asked else how.get(self.outcome, "done"),
            right=self.outcome == "right",
            detail=self.detail,
            scores={name: float(count) for name, count in counts.items() if self.rounds},
            plan=self.plan,
        )

    @classmethod
    def of_line(cls, line: Line, model: str, seconds: float) -> Result:
        """What a ledger's line says."""
        outcome = "right" if line.right else {"done": "wrong", "failed": "unusable"}.get(line.outcome, line.outcome)
        counts: dict[str, Any] = {name.replace(" ", "_"): int(float(value)) for name, value in line.scores.items()}
        kept = line.model_dump(include={"case", "group", "detail", "plan"})
        return cls(model=model, outcome=outcome, seconds=seconds, **kept, **counts)


@dataclass(frozen=True)
class BenchReport:
    """All results, in the order of the cases."""

    model: str
    results: tuple[Result, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """Heading, one row a group, and the whole; rounds, tokens and seconds are means of a case."""
        head = ("group", "cases", "right", "wrong", "no plan", "accuracy", "rounds", "tokens", "seconds")
        named = [(group, [result for result in self.results if result.group == group]) for group in ALL_GROUPS]
        return [head, *(_row(name, results) for name, results in [*named, ("all", list(self.results))] if results)]

    def table(self) -> str:
        """The rows as text, in columns."""
        return "\n".join([f"{self.model}: {len(self.results)} cases", *columns(self.rows())])


def _row(name: str, results: list[Result]) -> tuple[str, ...]:
    right = sum(result.outcome == "right" for result in results)
    wrong = sum(result.outcome == "wrong" for result in results)

    def mean(*names: str) -> float:
        return sum(getattr(result, name) for result in results for name in names) / len(results)

    return (
        name,
        str(len(results)),
        str(right),
        str(wrong),
        str(len(results) - right - wrong),
        f"{100 * right / len(results):.0f} %",
        f"{mean('rounds'):.1f}",
        f"{mean('prompt_tokens', 'answer_tokens'):.0f}",
        f"{mean('seconds'):.1f}",
    )


def run_bench(
    chat: Chat | None,
    folder: str | Path | None = None,
    *,
    cases: Bench | None = None,
    groups: Sequence[str] | None = None,
    seconds: float = 300.0,
    prompt: str = "auto",
    on_result: Callable[[int, int, Result], None] | None = None,
    cancelled: IsCancelled | None = None,
) -> BenchReport:
    """Puts every case to a reasoner and judges what it plans.

    Args:
        chat: the language model; None is the built-in reasoner.
        folder: a run's folder, as `runs.ledger` has it; a run that was cut off goes on there. None keeps nothing.
        groups: only these.
        seconds: at most for one case.
        prompt: how a language model is asked; see `reason_with_llm`.
        on_result: told (done, total, result) after each case; what it raises ends the run.

    Raises:
        CielrError: where the cases cannot be read, or the folder cannot be written, or is a run with other settings;
            LLMError: where the server fails again and again (what is done is kept); Cancelled.
    """
    bench = cases or load_cases()
    unknown = [name for name in groups or () if name not in ALL_GROUPS]
    if unknown:
        raise CielrError(f"There is no group of cases '{unknown[0]}'; there are {', '.join(ALL_GROUPS)}.")
    chosen = [case for case in bench.cases if groups is None or case.group in groups]
    model = chat.name if chat is not None else "builtin"
    asked = (_prompts(prompt), prompt) if chat is not None else ("", "")
    ledger = None if folder is None else Ledger(folder, reason_settings(bench, chosen, model, *asked))
    held = _Blind(chat) if chat is not None else None
    try:
        with opened(ledger) as done:
            results = _run_cases(bench, chosen, held, model, ledger, done, (seconds, prompt), on_result, cancelled)
    finally:
        if chat is not None:
            chat.release()
    return BenchReport(model, tuple(results))


def _run_cases(
    bench: Bench,
    chosen: Sequence[Case],
    chat: Chat | None,
    model: str,
    ledger: Ledger | None,
    done: dict[str, Line],
    asked: tuple[float, str],
    on_result: Callable[[int, int, Result], None] | None,
    cancelled: IsCancelled | None,
) -> list[Result]:
    """The results of all cases; those that the ledger holds are taken from there.

    Args:
        asked: seconds for one case, and how a language model is asked.
    """
    took = read_seconds(ledger.folder) if ledger is not None else {}
    results: list[Result] = []
    broken = 0
    for number, case in enumerate(chosen, start=1):
        if case.id in done:
            result = Result.of_line(done[case.id], model, took.get(case.id, 0.0))
        else:
            result, failure = _try(bench, case, chat, model, *asked, cancelled)
            broken = broken + 1 if failure is not None else 0
            if failure is not None and broken >= BROKEN:
                raise failure
            # what the server failed at is tried again on resume
            if ledger is not None and failure is None:
                ledger.write(result.as_line(), result.seconds)
        results.append(result)
        if on_result is not None:
            on_result(number, len(chosen), result)
    return results


def _try(
    bench: Bench,
    case: Case,
    chat: Chat | None,
    model: str,
    seconds: float,
    prompt: str,
    cancelled: IsCancelled | None,
) -> tuple[Result, LLMError | None]:
    """How a case goes, and the error where the server is at fault and not the model."""
    step = Trace().step("reason")
    began = time.perf_counter()
    outcome, detail, plan, failure = "right", "", None, None
    try:
        with step:
            scene = bench.scene(case.scene)
            if chat is None:
                from ..reasoning.grammar.reader import plan_with_eyes

                eyes = bench.eyes(case.scene) if case.painted else None
                scene, plan = plan_with_eyes(scene, case.instruction, eyes, case.painted, step)
            else:
                from ..reasoning.loop import reason_with_llm
                from ..reasoning.options import ReasonOptions

                eyes = bench.eyes(case.scene)
                scene, plan = reason_with_llm(
                    scene,
                    case.instruction,
                    chat,
                    eyes,
                    options=ReasonOptions(auto=False, seconds=seconds, prompt=prompt, painter=case.painted),
                    step=step,
                    cancelled=cancelled,
                )
        detail = misfit(plan.named(scene), case.do)
        outcome = "wrong" if detail else "right"
    except ClarificationNeeded as error:
        outcome, detail = ("asked" if case.do else "right"), str(error)
    except NotUnderstood as error:
        outcome, detail = ("refused" if case.do else "right"), str(error)
    except LLMError as error:
        failure = None if error.problems else error
        outcome, detail = ("failed" if failure else "unusable"), str(error)
    replies = [note.data for note in step.notes if note.kind in ("reply", "weighed")]
    result = Result(
        case=case.id,
        group=case.group,
        model=model,
        outcome=outcome,
        detail=detail[:1000],
        plan=json.loads(plan.to_json()) if plan is not None else None,
        rounds=len(replies),
        prompt_tokens=sum(data["prompt_tokens"] for data in replies),
        answer_tokens=sum(data["answer_tokens"] for data in replies),
        seconds=round(time.perf_counter() - began, 3),
    )
    return result, failure


class _Blind(HeldChat):
    """The chat without its eyes: the cases have no pictures. The model stays in memory from case to case."""

    def sees(self, cancelled: IsCancelled | None = None) -> bool:
        return False


@cache
def _prompts(prompt: str) -> str:
    from ..reasoning.prompts import system_text, text

    # "auto" asks one way or the other, by the model's size
    prompts = (text("brief") if prompt != "full" else "") + (system_text() if prompt != "brief" else "")
    return sha256(prompts.encode("utf-8")).hexdigest()[:16]
