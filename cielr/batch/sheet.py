"""The contact sheet: the first photos of a batch before and after, with their masks, and what failed and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..core.serial import write_text
from ..core.text import counted, plain
from ..telling.template import filled_page
from .outcome import Outcome

MOST_FAILURES = 500
"""That the page lists; the ledger has all of them."""


def write_sheet(path: Path, outcomes: Iterable[Outcome], made_with: Mapping[str, Any], results: str) -> None:
    """Writes the page.

    Args:
        outcomes: of the whole batch, in its order; one is held at a time.
        results: what leads from the page's folder to the results, or "" where no link can.

    Raises:
        OSError: as the file system says.
    """
    photos: list[str] = []
    failures: list[str] = []
    done = failed = 0
    for outcome in outcomes:
        if outcome.status == "done":
            done += 1
            if outcome.thumbnail:
                photos.append(_photo(outcome, results))
            continue
        failed += 1
        if len(failures) < MOST_FAILURES:
            failures.append(_failure(outcome))
    facts = [f"{counted(done, 'photo')} edited", f"{failed:,} failed"]
    facts += [f"the first {len(photos):,} are shown"] if len(photos) < done else []
    title = str(made_with.get("instruction") or "A batch")
    page = filled_page(
        "cielr.batch",
        "sheet.html",
        {
            "title": escape(plain(title)),
            "facts": escape(" · ".join(facts)),
            "photos": "\n".join(photos),
            "failures": _failures(failures, failed),
        },
    )
    write_text(path, page)


def _photo(outcome: Outcome, results: str) -> str:
    name = escape(plain(outcome.output))
    if results:
        # a name may begin as an address does: the path before it says that it is none
        name = f'<a href="{escape(quote(f"{results}/{outcome.output}"))}">{name}</a>'
    words = " ".join([*outcome.plan, f"{outcome.changed:,} pixels in {counted(outcome.regions, 'region')}."])
    notices = "".join(f'<p class="soft">{escape(plain(notice))}</p>' for notice in outcome.notices)
    label = escape(f"{plain(outcome.image)}: before, after and mask")
    return (
        '<li><div class="heads"><span>before</span><span>after</span><span>mask</span></div>'
        f'<img src="thumbnails/{escape(quote(outcome.thumbnail))}" alt="{label}" loading="lazy">'
        f'<p class="name">{name}</p><p>{escape(plain(words))}</p>{notices}</li>'
    )


def _failure(outcome: Outcome) -> str:
    return f"<tr><td>{escape(plain(outcome.image))}</td><td>{escape(plain(outcome.reason))}</td></tr>"


def _failures(rows: list[str], failed: int) -> str:
    if not rows:
        return ""
    rest = f'<p class="soft">and {failed - len(rows):,} more, in results.jsonl</p>' if failed > len(rows) else ""
    return (
        f"<h2>Failed</h2>\n<div class='table'><table><thead><tr><th>photo</th><th>why</th></tr></thead><tbody>"
        f"{''.join(rows)}</tbody></table></div>{rest}"
    )
