"""Eyes with weights: detectors, segmenters and depth estimators.

In: a folder or a name of the catalogue. Out: something of `perception/protocols.py`. Open `loaders.py` first.
"""
