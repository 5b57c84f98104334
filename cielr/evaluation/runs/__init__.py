"""Runs of a benchmark: every case through the pipeline, scored, and written down so that nothing is lost.

In: a dataset and models. Out: a folder with `results.jsonl`, pictures and traces. Open `run.py` first.
"""

from .ledger import Ledger, Line, Settings
from .run import run_benchmark
from .stages import Models, Stage

__all__ = ["Ledger", "Line", "Models", "Settings", "Stage", "run_benchmark"]
