"""Weights of models as files: what there is, where it lies on this machine, whether it is whole, how it comes here.

In: a name of the catalogue. Out: a folder with its files. Open `catalogue.py` first.
"""
