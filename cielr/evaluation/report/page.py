"""A run as one HTML page that needs no network, with Markdown and CSV beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from ...actions import Plan
from ...core.serial import write_text
from ...errors import CielrError
from ...photos.photo import read_photo
from ...telling.page_pictures import picture_url
from ...telling.wording import plan_words
from ..datasets.case import Case, Dataset
from ..runs.ledger import Line
from . import tables
from .tables import Run, Table

SHOWN = 40
"""Cases with pictures, the worst first; the others are one line each."""
WIDE = 262
"""Of a picture on the page, in pixels."""
STYLE = """
:root { --ink: #1d232b; --soft: #5a6472; --line: #dfe3e8; --ground: #ffffff; --card: #f6f7f9; --good: #12734a;
  --bad: #b3261e; --warm: #8a5a00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a2abb6; --line: #343a42; --ground: #15181c;
  --card: #1e2329; --good: #5bd19a; --bad: #ff8a80; --warm: #f0b95a } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto;
  max-width: 1180px; padding: 28px 24px 60px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 19px; margin: 36px 0 10px }
.soft, figcaption { color: var(--soft) } .wide { overflow-x: auto }
.facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0 }
.fact { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 16px }
.fact b { display: block; font-size: 22px; font-weight: 650 }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid var(--line); padding: 6px 12px 6px 0; text-align: left; vertical-align: top;
  white-space: nowrap }
td small { display: block; color: var(--soft); font-size: 11.5px }
th { color: var(--soft); font-weight: 600 } tr.all td { font-weight: 650 } tr.aside td { color: var(--soft) }
.case { border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; margin: 14px 0;
  background: var(--card) }
.case h3 { margin: 0; font-size: 16px } .case p { margin: 4px 0 }
.mark { font-size: 12px; font-weight: 650; border-radius: 20px; padding: 2px 10px; border: 1px solid; margin-left: 8px }
.good { color: var(--good) } .bad { color: var(--bad) } .warm { color: var(--warm) }
.pictures { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 10px }
figure { margin: 0 } figure img { max-width: 100%; border-radius: 6px; display: block }
figcaption { font-size: 12px; margin-top: 3px } details summary { cursor: pointer; color: var(--soft) }
"""


def write_report(run: Run, dataset: Dataset, against: Run | None = None) -> Path:
    """Writes `report.html`, `report.md` and `report.csv` into the run's folder; returns the page's path.

    Args:
        against: a run on the same cases to compare with.

    Raises:
        CielrError: where it cannot be written, or the two runs are about other cases.
    """
    folder, table = run.folder, tables.group_table(run)
    parts = [("Results", table), ("How the cases ended", tables.outcome_table(run))]
    if against is not None:
        parts.append((f"{against.name} and {run.name}, case by case", tables.comparison_table(against, run)))
    try:
        write_text(folder / "report.html", page(run, dataset, parts))
        write_text(folder / "report.md", _markdown(run, dataset, parts))
        write_text(folder / "report.csv", tables.csv_text(table))
    except OSError as error:
        raise CielrError(f"The report cannot be written to {folder}: {error.strerror or error}.") from error
    return folder / "report.html"


def page(run: Run, dataset: Dataset, parts: Sequence[tuple[str, Table]]) -> str:
    """The page's text."""
    settings = run.settings
    sections = [f"<h2>{escape(title)}</h2>{_table(table)}" for title, table in parts]
    notes = [*_notes(run), *dataset.remarks]
    worst = tables.worst_first(run.lines)
    cases = {case.id: case for case in dataset.cases}
    shown = [_case(line, cases[line.case], run, dataset) for line in worst[:SHOWN] if line.case in cases]
    rest = [
        f"<tr><td>{escape(line.case)}</td><td>{escape(cases[line.case].instruction[:120])}</td><td>{_mark(line)}</td></tr>"
        for line in worst[SHOWN:]
        if line.case in cases
    ]
    more = f"<details><summary>{len(rest)} more cases</summary><table>{''.join(rest)}</table></details>" if rest else ""
    facts = "".join(f'<div class="fact"><b>{escape(value)}</b>{escape(name)}</div>' for name, value in _facts(run))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(run.name)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<h1>{escape(dataset.name)}: {escape(run.name)}</h1>"
        f'<div class="soft">{escape(_settings_words(run))}</div><div class="facts">{facts}</div>'
        f"{''.join(sections)}{''.join(f'<p class=soft>{escape(note)}</p>' for note in notes)}"
        f"<h2>Cases, the worst first</h2>{''.join(shown)}{more}"
        f'<p class="soft">cielr {escape(settings.version)}, cases {escape(settings.fingerprint)}</p></html>\n'
    )


def _facts(run: Run) -> list[tuple[str, str]]:
    lines = run.lines
    facts = [("cases", f"{len(lines)} of {run.settings.cases}")]
    known = [line.right for line in lines if line.right is not None]
    if known:
        facts.append(("plans right", f"{100 * sum(known) / len(known):.0f} %"))
    edited = [line for line in lines if "changed outside regions" in line.scores]
    if edited:
        outside = sum(float(line.scores["changed outside regions"]) for line in edited)
        facts.append(("pixels changed outside the regions", f"{outside:.0f}"))
        facts.append(("edited", str(len(edited))))
    if "f1" in run.columns:
        facts.append(("eyes F1", f"{100 * float(np.mean(list(run.values('f1').values()))):.0f} %"))
    if run.seconds:
        median = float(np.median(list(run.seconds.values())))
        facts.append(("a case, median", f"{median:.1f} s" if median >= 0.1 else f"{1000 * median:.0f} ms"))
    return facts


def _settings_words(run: Run) -> str:
    settings = run.settings
    eyes = "true scenes given" if settings.scenes == "given" else f"eyes: {settings.perception}"
    words = [
        f"as far as {settings.stage}",
        eyes,
        f"reasoner: {'grammar, then ' if settings.auto else ''}{settings.llm}",
    ]
    if settings.stage == "edit":
        words += [f"painter: {settings.inpainter}", f"fill: {settings.fill}", f"metrics: {settings.mode}"]
        words += [f"attempts: {settings.attempts}"] if settings.attempts > 1 else []
    return " · ".join([*words, f"seed {settings.seed}"])


def _notes(run: Run) -> list[str]:
    notes = [
        "Intervals: 95 %, bootstrap over cases. A refused case leaves the picture as it was and is scored as that."
    ]
    if run.settings.stage == "edit":
        notes.append('"no edit" is the untouched picture: outside the region nothing beats it.')
    published = tables.sources(run)
    if published:
        notes.append(f"Published rows: {'; '.join(published)}. They were measured by others, by the official protocol.")
    missing = [name for name in ("lpips", "clip", "clip-i", "dino", "clip-t") if name not in run.columns]
    if run.settings.stage == "edit" and missing:
        notes.append(
            f"Not measured here, for want of weights or texts: {', '.join(tables.WORDS[name] for name in missing)}."
        )
    return notes


def _markdown(run: Run, dataset: Dataset, parts: Sequence[tuple[str, Table]]) -> str:
    sections = [f"## {title}\n\n{tables.markdown(table)}" for title, table in parts]
    notes = "\n".join(f"- {note}" for note in [*_notes(run), *dataset.remarks])
    return f"# {dataset.name}: {run.name}\n\n{_settings_words(run)}\n\n" + "\n".join(sections) + f"\n{notes}\n"


def _table(table: Table) -> str:
    head, *rows = table
    groups = {"all": "all", "no edit": "aside"}
    lines = ["<tr>" + "".join(f"<th>{escape(text)}</th>" for text in head) + "</tr>"]
    seen_all = False
    for row in rows:
        kind = groups.get(row[0], "aside" if seen_all else "")
        seen_all = seen_all or row[0] == "all"
        lines.append(f'<tr class="{kind}">' + "".join(f"<td>{_spread(text)}</td>" for text in row) + "</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _spread(text: str) -> str:
    """A cell with its interval below the mean."""
    mean, bracket, rest = text.partition(" (")
    return f"{escape(mean)}<small>({escape(rest)}</small>" if bracket and "…" in rest else escape(text)


def _mark(line: Line) -> str:
    if line.right is None:
        kind = {"done": "good", "asked": "warm", "refused": "warm"}.get(line.outcome, "bad")
        return f'<span class="mark {kind}">{line.outcome}</span>'
    words = ("right" if line.right else "wrong") if line.outcome == "done" else line.outcome
    return (
        f'<span class="mark {"good" if line.right else "warm" if line.outcome == "refused" else "bad"}">{words}</span>'
    )


def _case(line: Line, case: Case, run: Run, dataset: Dataset) -> str:
    detail = f"<p>{escape(line.detail)}</p>" if line.detail else ""
    if line.plan is not None:
        words = "; ".join(plan_words(Plan.model_validate(line.plan)))
        detail += f'<p class="soft">Plan: {escape(words)}</p>'
    scores = " · ".join(
        f"{tables.WORDS.get(name, name)} {tables.number(name, float(line.scores[name]))}"
        for name in run.columns
        if name in line.scores
    )
    return (
        f'<div class="case"><h3>{escape(case.instruction)}{_mark(line)}</h3>'
        f'<p class="soft">{escape(case.id)} · {escape(case.group)}</p>{detail}<p class="soft">{escape(scores)}</p>'
        f'<div class="pictures">{"".join(_pictures(line, case, run, dataset))}</div></div>'
    )


def _pictures(line: Line, case: Case, run: Run, dataset: Dataset) -> list[str]:
    if not case.image:
        return []
    before = dataset.picture(case.image)
    figures = [_figure(_outlined(before, case, dataset), "before, with what is meant")]
    if line.picture and (run.folder / line.picture).exists():
        after = read_photo(run.folder / line.picture).pixels
        figures.append(_figure(after, "after"))
        if after.shape == before.shape:
            figures.append(_figure(_difference(before, after), "what changed"))
    if case.truth:
        figures.append(_figure(dataset.picture(case.truth), "as it should be"))
    return figures


def _outlined(image: np.ndarray, case: Case, dataset: Dataset) -> np.ndarray:
    """The picture, what is meant as it is and all else paler."""
    values = dataset.mask_values(case)
    if values is None or values.shape != image.shape[:2]:
        return image
    from scipy import ndimage

    inside = np.asarray(values >= 128, dtype=bool)
    grown = np.asarray(ndimage.binary_dilation(inside, iterations=max(2, max(image.shape) // 250)), dtype=bool)
    rim = grown & ~inside
    paler = np.where(inside[..., None], image, (0.55 * image + 0.45 * 255).astype(np.uint8))
    paler[rim] = (214, 60, 40)
    return paler


def _difference(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Grey where nothing changed, the change's size in light."""
    change = np.abs(after.astype(np.int16) - before).max(axis=2)
    shown = np.clip(40 + 2 * change, 0, 255).astype(np.uint8)
    return np.repeat(shown[..., None], 3, axis=2)


def _figure(image: np.ndarray, words: str) -> str:
    return (
        f'<figure><img src="{picture_url(image, WIDE)}" alt="{escape(words)}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )
