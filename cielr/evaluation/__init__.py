"""Measuring: how often the engine does what was asked, and how well.

In: cases with known answers, or pairs of images. Out: numbers and tables. Open `reason_bench.py` first.
"""
