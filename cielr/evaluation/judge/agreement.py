"""How far a judge can be trusted: pairs of pictures whose labels are known, put to it, and counted.

Of rendered sets, four kinds are made of each removal: the true result; the untouched picture; the true result of
another instruction on the same scene; the true result with a stain elsewhere. A dozen edits of two photos, right and
wrong ones, were labelled by eye (`pairs/labels.jsonl`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...photos.photo import read_photo
from ..datasets.case import Dataset
from .difference import check_difference

if TYPE_CHECKING:
    from ...reasoning.chats.protocol import Chat


@dataclass(frozen=True)
class Pair:
    """Attributes: done, nothing_else: the right verdict."""

    kind: str
    before: np.ndarray
    after: np.ndarray
    instruction: str
    done: bool
    nothing_else: bool


@dataclass(frozen=True)
class Agreement:
    """Attributes: pairs; done, nothing_else, both: shares of pairs that the judge's majority has right; kappa: Cohen's,
    on whether an edit passes."""

    pairs: int
    done: float
    nothing_else: float
    both: float
    kappa: float


def labelled_pairs(dataset: Dataset, most: int = 20) -> Iterator[Pair]:
    """Pairs made of a rendered set's removals, at most so many."""
    made = 0
    removals = [case for case in dataset.cases if case.truth and case.kinds == ("remove",)]
    for case in removals:
        assert case.truth is not None
        before, after = dataset.picture(case.image), dataset.picture(case.truth)
        others = [
            other for other in removals if other.image == case.image and not set(other.targets) & set(case.targets)
        ]
        pairs = [
            Pair("right", before, after, case.instruction, True, True),
            Pair("untouched", before, before, case.instruction, False, True),
            Pair("stained", before, _stained(before, after), case.instruction, True, False),
        ]
        if others and others[0].truth:
            other = dataset.picture(others[0].truth)
            pairs.append(Pair("another", before, other, case.instruction, False, False))
        for pair in pairs:
            if made == most:
                return
            made += 1
            yield pair


def pairs_labelled_by_eye() -> Iterator[Pair]:
    """Edits of photos that somebody looked at; what the edit was meant to be says nothing, what is seen does."""
    folder = Path(__file__).with_name("pairs")
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        before, after = (np.asarray(read_photo(folder / label[name]).pixels) for name in ("before", "after"))
        yield Pair("by eye", before, after, label["instruction"], label["done"], label["nothing_else"])


def measure_agreement(chat: Chat, pairs: Iterable[Pair]) -> Agreement:
    """How often a judge says what the labels say.

    Raises:
        LLMError: as for `check_difference`.
    """
    rows = []
    for pair in pairs:
        judged = check_difference(chat, pair.before, pair.after, pair.instruction, repeats=1)
        rows.append((pair.done, pair.nothing_else, judged.done > 0.5, judged.nothing_else > 0.5))
    table = np.array(rows, dtype=bool).reshape(-1, 4)
    done, only = table[:, 0] == table[:, 2], table[:, 1] == table[:, 3]
    passes = table[:, 0] & table[:, 1], table[:, 2] & table[:, 3]
    return Agreement(len(rows), float(done.mean()), float(only.mean()), float((done & only).mean()), kappa(*passes))


def kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa of two raters, bool[N]; 1 where both say the same of all."""
    observed = float((first == second).mean())
    chance = float(first.mean() * second.mean() + (1 - first.mean()) * (1 - second.mean()))
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def _stained(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The picture after, with a disc where the edit did not reach."""
    height, width = after.shape[:2]
    rows, columns = np.ogrid[:height, :width]
    radius = max(6, min(height, width) // 14)
    corners = [(y, x) for y in (2 * radius, height - 2 * radius) for x in (2 * radius, width - 2 * radius)]
    changed = (before != after).any(axis=2)
    discs = [(rows - y) ** 2 + (columns - x) ** 2 <= radius**2 for y, x in corners]
    disc = min(discs, key=lambda disc: int(changed[disc].sum()))
    stained = after.copy()
    stained[disc] = (200, 30, 160)
    return stained
