"""Weights of models as files: where they lie on this machine.

In: a kind of models. Out: their folders. Open `folders.py` first.
"""
