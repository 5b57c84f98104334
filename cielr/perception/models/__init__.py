"""Eyes with weights: detectors, segmenters and depth estimators, where their files lie and how they come here.

In: a folder or a name of the catalogue. Out: something of `perception/protocols.py`. Open `loaders.py` first.
"""
