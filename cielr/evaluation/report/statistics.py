"""Means with intervals, and whether two runs differ, case by case. By resampling: scores follow no bell curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

RESAMPLES = 2000
FLIPS = 10_000
LEVEL = 0.95


@dataclass(frozen=True)
class Summary:
    """Of one column: mean of the finite values with its interval, median of all, how many are infinite, how many there
    are. NaN where there are none."""

    mean: float
    low: float
    high: float
    median: float
    infinite: int
    count: int


@dataclass(frozen=True)
class Comparison:
    """Attributes: count of cases that both runs have; difference of the means (second minus first) with its interval;
    p: chance of a difference at least as large were the two alike."""

    count: int
    difference: float
    low: float
    high: float
    p: float


def summary(values: Sequence[float]) -> Summary:
    """Of values that may hold inf."""
    array = np.asarray(values, dtype=np.float64)
    if not array.size:
        return Summary(np.nan, np.nan, np.nan, np.nan, 0, 0)
    finite = array[np.isfinite(array)]
    low, high = interval(finite)
    mean = float(finite.mean()) if finite.size else float("inf")
    return Summary(mean, low, high, float(np.median(array)), int(array.size - finite.size), int(array.size))


def interval(values: np.ndarray) -> tuple[float, float]:
    """Percentile bootstrap of the mean, at LEVEL; NaN for none. Seeded: equal values give equal intervals."""
    if not values.size:
        return float("nan"), float("nan")
    picks = np.random.default_rng(0).integers(0, values.size, (RESAMPLES, values.size))
    means = values[picks].mean(axis=1)
    edge = 50 * (1 - LEVEL)
    return float(np.percentile(means, edge)), float(np.percentile(means, 100 - edge))


def paired(first: Mapping[str, float], second: Mapping[str, float]) -> Comparison:
    """Two runs' values by case: McNemar's exact test where all are 0 or 1, else flips of the differences' signs."""
    names = [name for name in first if name in second]
    pairs = np.array([(first[name], second[name]) for name in names], dtype=np.float64).reshape(-1, 2)
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    if not len(pairs):
        return Comparison(0, np.nan, np.nan, np.nan, np.nan)
    difference = pairs[:, 1] - pairs[:, 0]
    low, high = interval(difference)
    binary = bool(np.isin(pairs, (0, 1)).all())
    p = mcnemar(int((difference > 0).sum()), int((difference < 0).sum())) if binary else sign_flips(difference)
    return Comparison(len(pairs), float(difference.mean()), low, high, p)


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p of so many cases won and lost."""
    count = gained + lost
    tail = sum(comb(count, k) for k in range(min(gained, lost) + 1)) / 2**count
    return min(1.0, 2 * tail)


def sign_flips(difference: np.ndarray) -> float:
    """Two-sided p of a mean that far from 0, were each difference as likely of the other sign."""
    if not difference.any():
        return 1.0
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (FLIPS, difference.size))
    # a hair's breadth for sums that differ by their order only
    beyond = np.abs(signs @ difference) >= abs(difference.sum()) * (1 - 1e-12)
    return float((beyond.sum() + 1) / (FLIPS + 1))
