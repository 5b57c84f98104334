"""Small scenes of the rendered benchmark, for tests that want exact masks and shadows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np

from cielr.evaluation.datasets import read_dataset
from cielr.evaluation.scenes import make
from cielr.evaluation.scenes.layout import Stage, staged


def small_stage(number: int) -> Stage:
    """The scene of a number, to be drawn at 176 x 132."""
    return make.seen_well(replace(staged(number, np.random.default_rng([5, number])), width=176, height=132))


@contextmanager
def small_pictures(width: int = 128, height: int = 96):
    """`make_scenes` draws pictures of this size within."""
    with mock.patch.object(make, "staged", lambda *which: replace(staged(*which), width=width, height=height)):
        yield


def small_set(folder, cases: int, seed: int = 3):
    """A rendered benchmark of small pictures, read."""
    with small_pictures():
        make.make_scenes(folder, cases, seed)
    return read_dataset(folder)
