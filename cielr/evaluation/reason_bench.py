"""A measuring stick for reasoners: puts cases to one, judges its plans, keeps a record.

report = run_bench(chat_from("ollama/qwen3:8b"), "record.jsonl")
print(report.table())
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..core.serial import Frozen, canonical
from ..errors import CielrError, ClarificationNeeded, LLMError, NotUnderstood
from ..reasoning.chats.held import HeldChat
from ..reasoning.chats.protocol import Chat, IsCancelled
from ..telling.trace import Trace
from .reason_cases import GROUPS, Bench, Case, load_cases, misfit

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
    stick: str
    outcome: str
    detail: str = ""
    plan: dict[str, Any] | None = None
    rounds: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class BenchReport:
    """All results, in the order of the cases."""

    model: str
    results: tuple[Result, ...]

    def accuracy(self, group: str | None = None) -> float:
        """Share of right ones, in [0, 1]; NaN where there are no cases."""
        found = [result for result in self.results if group in (None, result.group)]
        return sum(result.outcome == "right" for result in found) / len(found) if found else float("nan")

    def rows(self) -> list[tuple[str, ...]]:
        """Heading, one row a group, and the whole; rounds, tokens and seconds are means of a case."""
        head = ("group", "cases", "right", "wrong", "no plan", "accuracy", "rounds", "tokens", "seconds")
        named = [(group, [one for one in self.results if one.group == group]) for group in GROUPS]
        return [head, *(_row(name, found) for name, found in [*named, ("all", list(self.results))] if found)]

    def table(self) -> str:
        """The rows as text, in columns."""
        rows = self.rows()
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([f"{self.model}: {len(self.results)} cases", *lines])


def _row(name: str, found: list[Result]) -> tuple[str, ...]:
    right = sum(one.outcome == "right" for one in found)
    wrong = sum(one.outcome == "wrong" for one in found)

    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(found)

    return (
        name,
        str(len(found)),
        str(right),
        str(wrong),
        str(len(found) - right - wrong),
        f"{100 * right / len(found):.0f} %",
        f"{mean(one.rounds for one in found):.1f}",
        f"{mean(one.prompt_tokens + one.answer_tokens for one in found):.0f}",
        f"{mean(one.seconds for one in found):.1f}",
    )


def run_bench(
    chat: Chat | None,
    out_jsonl: str | Path | None = None,
    resume: bool = True,
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
        out_jsonl: record, one line a case, written as the cases are done; None keeps none.
        resume: skips what the record holds of the same model, prompts and case.
        groups: only these.
        seconds: at most for one case.
        prompt: how a language model is asked; see `reason_with_llm`.
        on_result: told (done, total, result) after each case; what it raises ends the run.

    Raises:
        CielrError: where cases or record cannot be read or written; LLMError: where the server fails again and again
            (what is done is recorded); Cancelled.
    """
    bench = cases or load_cases()
    unknown = [name for name in groups or () if name not in GROUPS]
    if unknown:
        raise CielrError(f"There is no group of cases '{unknown[0]}'; there are {', '.join(GROUPS)}.")
    chosen = [case for case in bench.cases if groups is None or case.group in groups]
    model = chat.name if chat is not None else "builtin"
    path = Path(out_jsonl) if out_jsonl is not None else None
    done = _recorded(path, model) if path is not None and resume else {}
    held = _Blind(chat) if chat is not None else None
    results: list[Result] = []
    broken = 0
    try:
        for number, case in enumerate(chosen, start=1):
            stick = _stick(bench, case, prompt if chat is not None else "")
            result = done.get((case.id, stick))
            if result is None:
                result, failure = _try(bench, case, held, model, stick, seconds, prompt, cancelled)
                broken = broken + 1 if failure is not None else 0
                if path is not None:
                    _append(path, result)
                if failure is not None and broken >= BROKEN:
                    raise failure
            results.append(result)
            if on_result is not None:
                on_result(number, len(chosen), result)
    finally:
        if chat is not None:
            chat.release()
    return BenchReport(model, tuple(results))


def _try(
    bench: Bench,
    case: Case,
    chat: Chat | None,
    model: str,
    stick: str,
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
                from ..reasoning.grammar.reader import plan_explicit

                plan = plan_explicit(scene, case.instruction)
            else:
                from ..reasoning.loop import reason_with_llm
                from ..reasoning.options import ReasonOptions

                eyes = bench.eyes(case.scene)
                _, plan = reason_with_llm(
                    scene,
                    case.instruction,
                    chat,
                    eyes,
                    options=ReasonOptions(seconds=seconds, prompt=prompt),
                    step=step,
                    cancelled=cancelled,
                )
        detail = misfit(plan, case)
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
        stick=stick,
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


# ------------------------------------------------------------------------------------------------------------- records


def _stick(bench: Bench, case: Case, prompt: str) -> str:
    """Names what was measured with: the case, its scene, and the prompts; a change of any makes a result stale."""
    parts = [case.model_dump(mode="json"), bench.scenes[case.scene], _prompts(prompt) if prompt else ""]
    return sha256(canonical(parts).encode("utf-8")).hexdigest()[:16]


@cache
def _prompts(prompt: str) -> str:
    from ..reasoning.prompts import system_text, text

    # "auto" was "full" before there was another
    return system_text() if prompt == "auto" else f"{prompt} {system_text() if prompt == 'full' else text('brief')}"


def _recorded(path: Path, model: str) -> dict[tuple[str, str], Result]:
    """Results of a record; a last line that a crash cut off is left out."""
    if not path.exists():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CielrError(f"The record {path} cannot be read: {getattr(error, 'strerror', error)}.") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            result = Result.model_validate(json.loads(line))
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                continue
            raise CielrError(f"Line {number} of {path} is not a result of this measurement.") from error
        if result.model == model and result.outcome != "failed":
            found[result.case, result.stick] = result
    return found


def _append(path: Path, result: Result) -> None:
    line = canonical(result.model_dump(mode="json"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # a line that a crash cut off is closed first
        cut = path.exists() and not re.search(rb"(\n|^)\Z", _tail(path))
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * cut + line + "\n")
    except OSError as error:
        raise CielrError(f"The record {path} cannot be written: {error.strerror or error}.") from error


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read()


__all__ = ["GROUPS", "Bench", "BenchReport", "Case", "Result", "load_cases", "misfit", "run_bench"]
