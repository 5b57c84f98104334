"""Eyes without weights: things are cut out by colour and texture, and named by their look.

In: an image. Out: a scene. Open `parser.py` first.
"""
