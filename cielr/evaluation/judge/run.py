"""Judges the pictures of a run: a line a case in the run's `judgements.jsonl`, on the disk before the next begins."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.journal import append_line, close_cut_line, whole_lines
from ...core.serial import Frozen
from ...errors import CielrError
from ...photos.photo import read_photo
from ..datasets.case import Case, Dataset
from ..runs.ledger import read_lines
from .difference import check_difference
from .rubrics import RUBRICS, give_marks

if TYPE_CHECKING:
    from ...reasoning.chats.protocol import Chat

FILE = "judgements.jsonl"
RUBRIC_NAMES = ("difference", *RUBRICS)


class Judged(Frozen):
    """One line. Attributes: scores: by column of the report; words: what the judge said."""

    case: str
    rubric: str
    model: str
    scores: dict[str, float]
    words: str = ""


def judge_run(
    folder: Path,
    dataset: Dataset,
    chat: Chat,
    rubric: str = "difference",
    repeats: int = 2,
    on_case: Callable[[int, int], None] | None = None,
) -> list[Judged]:
    """Judges every picture of the run that this model has not judged by this rubric; the lines of all.

    Args:
        rubric: of RUBRIC_NAMES; repeats: of each order, for "difference".

    Raises:
        CielrError: where the run has no pictures; LLMError: where the model cannot be used.
    """
    if rubric not in RUBRIC_NAMES:
        raise CielrError(f"There is no rubric '{rubric}'; there are {', '.join(RUBRIC_NAMES)}.")
    pictures = {line.case: line.picture for line in read_lines(folder / "results.jsonl") if line.picture}
    cases = [case for case in dataset.cases if case.id in pictures]
    if not cases:
        raise CielrError(f"The run in {folder} has no pictures of these cases; only --stage edit makes some.")
    close_cut_line(folder / FILE)
    done = {(judgement.case, judgement.rubric, judgement.model): judgement for judgement in read_judgements(folder)}
    judged = []
    for number, case in enumerate(cases, start=1):
        judgement = done.get((case.id, rubric, chat.name))
        if judgement is None:
            before, after = dataset.picture(case.image), folder / pictures[case.id]
            judgement = _judged(case, dataset, before, after, chat, rubric, repeats)
            append_line(folder / FILE, judgement.model_dump(mode="json"))
        judged.append(judgement)
        if on_case is not None:
            on_case(number, len(cases))
    return judged


def read_judgements(folder: Path) -> list[Judged]:
    """The lines of a run's judgements; none where nobody judged it."""
    return [Judged.model_validate(json.loads(text)) for _, _, text in whole_lines(folder / FILE)]


def _judged(
    case: Case, dataset: Dataset, before: np.ndarray, after_path: Path, chat: Chat, rubric: str, repeats: int
) -> Judged:
    after = read_photo(after_path).pixels
    if rubric == "difference":
        result = check_difference(chat, before, after, case.instruction, repeats)
        scores = {
            "judge: done": result.done,
            "judge: nothing else": result.nothing_else,
            "judge: passed": result.passed,
            "judge: agreement": result.agreement,
        }
        words = "; ".join(verdict.reason for _, verdict in result.verdicts if verdict.reason)
        return Judged(case=case.id, rubric=rubric, model=chat.name, scores=scores, words=words[:600])
    picture = dataset.picture(case.reference_image) if case.reference_image else None
    marks = give_marks(chat, rubric, before, after, case.instruction, case.reference, picture)
    scores = {f"{rubric}: {name}": float(mark) for name, mark in marks.marks.items()}
    scores[f"{rubric}: solved"] = float(marks.solved)
    return Judged(case=case.id, rubric=rubric, model=chat.name, scores=scores, words=marks.reason[:600])
