"""A run's tables: a row a group and one for all, a row for the untouched picture, published rows below."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import CielrError
from ..judge.run import read_judgements
from ..runs.ledger import Line, Settings, read_lines, read_seconds, read_settings
from .published import PUBLISHED
from .statistics import Comparison, Summary, paired, summary

WORDS = {
    "right": "Plan right",
    "checks": "Checks passed",
    "attempts": "Attempts an action",
    "f1": "Eyes F1",
    "recall": "Eyes recall",
    "precision": "Eyes precision",
    "label": "Label right",
    "mask iou": "Mask IoU",
    "region iou": "Region IoU",
    "covered": "Target covered",
    "spilled": "Spilled on others",
    "after iou": "IoU after",
    "psnr": "PSNR outside",
    "ssim": "SSIM outside",
    "lpips": "LPIPS outside",
    "mse": "MSE outside",
    "clip": "CLIP inside",
    "changed outside": "Pixels changed outside the truth",
    "changed outside regions": "Pixels changed outside regions",
    "psnr inside": "PSNR inside, to the truth",
    "l1": "L1",
    "l2": "L2",
    "clip-i": "CLIP-I",
    "dino": "DINO",
    "clip-t": "CLIP-T",
}
"""Columns in the order in which they stand; others follow."""
SHARES = frozenset({"right", "checks", "f1", "recall", "precision", "label", "covered", "spilled"})
"""Columns in percent."""


@dataclass(frozen=True)
class Run:
    """A run's folder, read. Attributes: seconds: by case."""

    folder: Path
    settings: Settings
    lines: tuple[Line, ...]
    seconds: dict[str, float]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.group for line in self.lines))

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that have any value, those of WORDS first."""
        there = {name for line in self.lines for name in line.scores}
        if any(line.right is not None for line in self.lines):
            there.add("right")
        return (*(name for name in WORDS if name in there), *sorted(there - set(WORDS)))

    def values(self, column: str, group: str | None = None, idle: bool = False) -> dict[str, float]:
        """By case; of the untouched picture with `idle`."""
        values = {}
        for line in self.lines:
            if group is not None and line.group != group:
                continue
            if column == "right":
                value = None if idle or line.right is None else float(line.right)
            else:
                value = (line.idle if idle else line.scores).get(column)
            if value is not None:
                values[line.case] = float(value)
        return values


def read_run(folder: str | Path) -> Run:
    """A run's folder, finished or not.

    Raises:
        CielrError: where it holds none.
    """
    folder = Path(folder)
    settings = read_settings(folder)
    lines = read_lines(folder / "results.jsonl")
    if not lines:
        raise CielrError(f"The run in {folder} has no results yet.")
    # of several judges the last one's word stands
    judged = {(judgement.case, judgement.rubric): judgement.scores for judgement in read_judgements(folder)}
    for position, line in enumerate(lines):
        for (case, _), scores in judged.items():
            if case == line.case:
                lines[position] = lines[position].model_copy(update={"scores": lines[position].scores | scores})
    return Run(folder, settings, tuple(lines), read_seconds(folder))


Table = list[list[str]]
"""Rows of cells; the first is the heading."""


def group_table(run: Run) -> Table:
    """A row a group, all, the untouched picture, and what others published, with 95 % intervals."""
    columns = run.columns
    rows = [["", "cases", *(WORDS.get(name, name) for name in columns)]]
    for group in [*run.groups, None]:
        cases = [line for line in run.lines if group in (None, line.group)]
        cells = [cell(name, summary(list(run.values(name, group).values()))) for name in columns]
        rows.append([group or "all", str(len(cases)), *cells])
    if any(line.idle for line in run.lines):
        cells = [cell(name, summary(list(run.values(name, idle=True).values()))) for name in columns]
        rows.append(["no edit", str(len(run.lines)), *cells])
    for row in PUBLISHED.get(run.settings.dataset, ()):
        scores = [f"{row.scores[name]:g}" if name in row.scores else "" for name in columns]
        if any(scores) or not columns:
            rows.append([f"{row.method}{f' ({row.group})' if row.group else ''}", "", *scores])
    return rows


def outcome_table(run: Run) -> Table:
    """How many cases ended how, a row a group; ways in which none ended are left out."""
    there = {line.outcome for line in run.lines}
    kinds = [kind for kind in ("done", "asked", "refused", "failed", "no picture") if kind in there]
    rows = [["", *kinds]]
    for group in [*run.groups, None]:
        lines = [line for line in run.lines if group in (None, line.group)]
        rows.append([group or "all", *(str(sum(line.outcome == kind for line in lines)) for kind in kinds)])
    return rows


def sources(run: Run) -> list[str]:
    """Where the published rows are from."""
    return list(dict.fromkeys(row.source for row in PUBLISHED.get(run.settings.dataset, ())))


def comparison_table(first: Run, second: Run) -> Table:
    """Two runs case by case, a row a column.

    Raises:
        CielrError: where they are not about the same cases.
    """
    if first.settings.fingerprint != second.settings.fingerprint:
        raise CielrError(f"{first.folder} and {second.folder} ran other cases; only runs of the same set compare.")
    rows = [["", "cases", first.name, second.name, "difference", "95 %", "p"]]
    for name in first.columns:
        values, others = first.values(name), second.values(name)
        result = paired(values, others)
        if not result.count:
            continue
        shared = [case for case in values if case in others]
        means = [summary([each[case] for case in shared]) for each in (values, others)]
        rows.append(
            [
                WORDS.get(name, name),
                str(result.count),
                *(number(name, mean.mean) for mean in means),
                *_told(name, result),
            ]
        )
    return rows


def _told(name: str, result: Comparison) -> list[str]:
    sign = "+" if result.difference > 0 else ""
    spread = f"{number(name, result.low)} … {number(name, result.high)}"
    return [f"{sign}{number(name, result.difference)}", spread, f"{result.p:.3f}" if result.p >= 0.001 else "< 0.001"]


def cell(name: str, values: Summary) -> str:
    """ "31.2 (30.1 … 32.4), median 31, 3 infinite"; "" for none."""
    if not values.count:
        return ""
    if values.infinite == values.count:
        return f"all {values.count} infinite"
    text = number(name, values.mean)
    if values.low != values.high:
        text += f" ({number(name, values.low)} … {number(name, values.high)})"
    if (
        name not in SHARES
        and values.median == values.median
        and abs(values.median - values.mean) > 0.1 * abs(values.mean)
    ):
        text += f", median {number(name, values.median)}"
    return text + (f", {values.infinite} infinite" if values.infinite else "")


def number(name: str, value: float) -> str:
    """As its column shows it."""
    if value != value:
        return ""
    if value in (float("inf"), float("-inf")):
        return "infinite"
    if name in SHARES or name.startswith("judge: ") or name.endswith(": solved"):
        return f"{100 * value:.0f} %"
    if name.startswith("changed"):
        return f"{value:.0f}"
    return (
        f"{value:.2f}"
        if abs(value) >= 10
        else f"{value:.4f}"
        if name in ("l1", "l2", "mse", "lpips")
        else f"{value:.3f}"
    )


def markdown(table: Table) -> str:
    """The table as Markdown."""
    head, *rows = [[text.replace("|", "\\|") for text in row] for row in table]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def csv_text(table: Table) -> str:
    """The table as CSV."""
    memory = io.StringIO()
    csv.writer(memory, lineterminator="\n").writerows(table)
    return memory.getvalue()


def badness(line: Line) -> tuple[float, ...]:
    """Sorts the worst cases first: failed, wrong, then by how far the picture is from what it should be."""
    trouble = {"failed": 3.0, "no picture": 0.5}.get(line.outcome, 0.0) + (2.0 if line.right is False else 0.0)
    inside = line.scores.get("psnr inside")
    far = 0.0 if inside is None or inside == "inf" else 100 - float(inside)
    return (trouble, 1.0 if line.outcome == "refused" else 0.0, far, float(line.scores.get("l1", 0.0)))


def worst_first(lines: Sequence[Line]) -> list[Line]:
    """Lines by `badness`; equals stay in their order."""
    return sorted(lines, key=badness, reverse=True)
