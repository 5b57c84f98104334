"""Filling holes from what is around them, without words.

In: an image and a hole. Out: the image with the hole filled. Open `exemplar.py` first; `patches.py` searches for it.
"""
