"""Meaning: which objects of a scene a phrase names.

In: a phrase and a scene. Out: the objects, or why there are none or too many. Open `selection.py` first.
"""
