"""From an image to a scene, and from a question to what can be seen.

In: pixels, and labels or a request. Out: `Scene` and `SceneUpdate`. Open `parser.py` first.
"""
