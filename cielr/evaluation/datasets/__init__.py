"""Benchmarks, each read into the same cases; one file a benchmark.

In: the folder or file that a benchmark was downloaded as. Out: `Case`s. Open `case.py` first.
"""
