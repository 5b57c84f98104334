"""A benchmark of rendered scenes whose truth is known to the pixel.

In: a seed and a number. Out: photos, scenes and instructions with their right answers. Open `make.py` first.
"""
