"""Small scenes of the rendered benchmark, for tests that want exact masks and shadows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cielr.evaluation.scenes import make
from cielr.evaluation.scenes.layout import Stage, staged


def small_stage(number: int) -> Stage:
    """The scene of a number, to be drawn at 176 x 132."""
    return make.seen_well(replace(staged(number, np.random.default_rng([5, number])), width=176, height=132))
